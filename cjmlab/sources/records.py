"""Typed files to tables of text: JSON Lines, Parquet and SPSS, each value as exact as the file has it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.errors import SourceError
from cjmlab.sources.assembly import name_columns
from cjmlab.sources.decoding import find_encoding, read_lines, read_text
from cjmlab.sources.identifiers import find_identifiers
from cjmlab.sources.report import Finding, Reading, Rejected, Report, shorten

BUDGET = 50_000_000
_DEEPEST = 50


def read_json(path: Path, label: str, encoding: str | None = None) -> Reading:
    """Read a file of one JSON object a line, or one array of objects.

    Whole numbers keep all their digits, and a line that is not an object is rejected with its reason. Nested objects
    become columns ``outer.inner``; lists stay as JSON text.
    """
    rows: list[dict[str, str | None]] = []
    lines: list[int] = []
    rejected: list[Rejected] = []
    guesses: tuple[Finding, ...] = ()
    for number, text, value in _items(path, label, encoding):
        try:
            row = _flatten(_parse(text) if value is None else value)
        except (ValueError, RecursionError) as error:
            reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
            rejected.append(Rejected(number, reason, shorten(text, 500)))
            continue
        rows.append(row)
        lines.append(number)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    data = {key: pd.array([row.get(key) for row in rows], dtype="str") for key in columns}
    table = pd.DataFrame(data, columns=columns)
    report = Report(label, len(rows) + len(rejected), len(rows), tuple(rejected), guesses)
    return Reading(table, report, lines, identifiers=tuple(find_identifiers(table)))


def _items(path: Path, label: str, encoding: str | None) -> Iterator[tuple[int, str, Any]]:
    found = find_encoding(path, label, encoding)
    lines = read_lines(path, found)
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip("\ufeff \t").startswith("["):
        yield from _array(path, label, encoding)
        return
    for number, line in enumerate(read_lines(path, found), 1):
        if not line.strip():
            continue
        bad = number in found.odd_lines
        yield number, line.rstrip("\r\n"), _Bad("its bytes are not in the encoding of the file") if bad else None


def _array(path: Path, label: str, encoding: str | None) -> Iterator[tuple[int, str, Any]]:
    text, _ = read_text(path, label, encoding)
    try:
        items = _parse(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"not valid JSON: {error}", where=label, remedy="Export it again, one object a line."
        ) from error
    for number, item in enumerate(items if isinstance(items, list) else [items], 1):
        yield number, json.dumps(item, ensure_ascii=False), item


class _Bad:
    def __init__(self, reason: str) -> None:
        self.reason = reason


def _parse(text: str) -> Any:
    def constant(word: str) -> str:
        return word

    try:
        return json.loads(text, parse_float=str, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"not valid JSON: {error.msg} at character {error.pos + 1}") from error


def _flatten(value: Any, prefix: str = "", depth: int = 0) -> dict[str, str | None]:
    if isinstance(value, _Bad):
        raise ValueError(value.reason)
    if not isinstance(value, dict):
        raise ValueError("not an object with names and values")
    if depth > _DEEPEST:
        raise RecursionError
    row: dict[str, str | None] = {}
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, dict) and item:
            row.update(_flatten(item, f"{name}.", depth + 1))
        else:
            row[name] = _text_of(item)
            (row[name] or "").encode("utf-8")
    return row


def _text_of(item: Any) -> str | None:
    if item is None or item == "":
        return None
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, int):
        return str(item)
    return item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)


def read_parquet(path: Path, label: str) -> Reading:
    """Read a Parquet file as text: whole numbers exact, times in ISO form.

    Raises
    ------
    SourceError
        When it is damaged, or has more than 50 million cells.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        cells = file.metadata.num_rows * file.metadata.num_columns
        if cells > BUDGET:
            raise SourceError(
                f"the file has {cells:,} cells, more than {BUDGET:,}", where=label, remedy="Keep fewer columns."
            )
        data = file.read()
        names, _ = name_columns([str(name) for name in data.column_names])
        table = pd.DataFrame({name: _arrow_text(data.column(i)) for i, name in enumerate(names)}, columns=names)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = shorten(error, 80)
        raise SourceError(f"the Parquet file is damaged: {reason}", where=label, remedy="Write it again.") from error
    report = Report(label, len(table), len(table))
    return Reading(table, report, range(1, len(table) + 1), identifiers=tuple(find_identifiers(table)))


def _arrow_text(column: Any) -> pd.Series:
    import pyarrow as pa

    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        values = column.to_pylist()
    else:
        values = [_plain(value) for value in column.to_pylist()]
    return pd.Series([value or None for value in values], dtype="str")


def _plain(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, float):
        return (
            None if math.isnan(value) else str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
        )
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)


def read_spss(path: Path, label: str) -> Reading:
    """Read an SPSS .sav file: the codes as given, question wordings and value labels beside them.

    Raises
    ------
    SourceError
        When it is damaged.
    """
    import pyreadstat

    try:
        data, meta = pyreadstat.read_sav(str(path))
    except Exception as error:
        reason = shorten(error, 80)
        raise SourceError(f"the SPSS file is damaged: {reason}", where=label, remedy="Save it again.") from error
    columns = {name: pd.Series([_cell(value) for value in data[name]], dtype="str") for name in data.columns}
    table = pd.DataFrame(columns, columns=list(data.columns))
    wordings = {name: text for name, text in meta.column_names_to_labels.items() if text}
    guesses = tuple(
        Finding(
            label, f"{label}, column {name!r}", "codes have labels in the file", len(labels),
            ", ".join(f"{_cell(code)} = {text}" for code, text in list(labels.items())[:7]),
            "They may serve as a table of words for the scale.", "note",
        )
        for name, labels in meta.variable_value_labels.items()
    )  # fmt: skip
    report = Report(label, len(table), len(table), (), guesses)
    identifiers = tuple(find_identifiers(table, wordings))
    return Reading(table, report, range(1, len(table) + 1), wordings=wordings, identifiers=identifiers)


def _cell(value: Any) -> str | None:
    if value is None or value is pd.NaT or (isinstance(value, str) and not value.strip()):
        return None
    return value if isinstance(value, str) else _plain(float(value) if hasattr(value, "dtype") else value)
