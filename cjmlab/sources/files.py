"""Bytes to table: one door for every file that holds rows, and nothing lost on the way in."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from cjmlab.errors import SourceError, did_you_mean
from cjmlab.sources.assembly import Rules, assemble
from cjmlab.sources.decoding import Encoding, find_encoding, read_lines
from cjmlab.sources.delimited import find_delimiter, read_records
from cjmlab.sources.platforms import LAYOUTS
from cjmlab.sources.report import Finding, Reading
from cjmlab.sources.values import convert_columns

_BIG = 30_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_table(
    path: str | Path,
    *,
    name: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    layout: str = "auto",
    types: Mapping[str, str] | None = None,
    short_rows: str = "reject",
    progress: bool | None = None,
) -> Reading:
    r"""Read a file of rows as text, and account for every row.

    What the file is, is told by its content, not by its name: delimited text in any common encoding, XLSX, JSON
    Lines, Parquet, SPSS or XES. Every choice that was made is in the report.

    Parameters
    ----------
    path : str or Path
        The file.
    name : str, optional
        What to call the file in messages; its name when None.
    encoding, delimiter, sheet : str, optional
        Where they are known; found out and said otherwise.
    layout : str
        ``auto``, ``plain``, ``qualtrics``, ``surveymonkey``, ``wjx`` or ``limesurvey``.
    types : mapping, optional
        Column → ``text``, ``number`` or ``time``. All other columns stay text.
    short_rows : str
        ``reject`` lists rows with too few cells; ``pad`` fills them with missing ones.
    progress : bool, optional
        Whether to show a progress bar; for files over 30 MB when None.

    Returns
    -------
    Reading
        ``table`` (an empty cell is missing, ``NA`` and ``None`` are words like any other), ``report`` with
        ``rows_in_file`` = ``rows_loaded`` + the rejected rows, and ``lines``.

    Raises
    ------
    SourceError
        When there is no such file, nothing in it can be read, or a choice has to be made by a person.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_text("id;score\n007;4,5\n008\n", encoding="utf-8")
    >>> reading = read_table(path, types={"score": "number"})
    >>> reading.table.id.tolist(), reading.table.score.tolist()
    (['007'], [4.5])
    >>> reading.report.to_dict()["rejected"]
    [{'line': 3, 'reason': '1 cells where the header has 2', 'text': '008'}]
    """
    place = Path(path)
    label = name or place.name
    if not place.is_file():
        remedy = "Give a file, not a folder." if place.is_dir() else "Correct the path or add the file."
        raise SourceError("there is no such file", where=str(place), remedy=remedy)
    if layout not in {"auto", *LAYOUTS}:
        raise SourceError(f"{layout!r} is not a layout", where=label, remedy=did_you_mean(layout, ["auto", *LAYOUTS]))
    rules = Rules(layout, short_rows)
    kind = _kind_of(place, label)
    if kind == "xlsx":
        from cjmlab.sources.spreadsheet import read_spreadsheet

        reading = read_spreadsheet(place, label, rules, sheet)
    elif kind == "text":
        reading = _read_delimited(place, label, rules, encoding, delimiter, progress)
    else:
        reading = _read_typed(place, label, kind, encoding)
    return convert_columns(reading, types) if types else reading


def _kind_of(path: Path, label: str) -> str:
    """Tell what a file is by its first bytes."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"):
        raise SourceError("the file is empty", where=label, remedy="Export it again.")
    if head.startswith(b"PK"):
        return "xlsx"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"$FL2", b"$FL3")):
        return "sav"
    if head.startswith((b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"\xfd7zXZ")):
        raise SourceError("the file is compressed", where=label, remedy="Unpack it first.")
    if head.startswith(_OLE):
        remedy = "Open it in a spreadsheet program and save it as .xlsx without a password."
        raise SourceError("the file is an old .xls workbook or is locked with a password", where=label, remedy=remedy)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table")):
        raise SourceError("the file is a web page, not a table", where=label, remedy="Export it as CSV or .xlsx.")
    if start.startswith((b"<?xml", b"<log")):
        return "xes"
    if path.suffix.lower() in {".jsonl", ".ndjson", ".json"} or start.startswith((b'{"', b"[{")):
        return "json"
    if path.suffix.lower() == ".parquet":
        raise SourceError(
            "the Parquet file is damaged: it does not begin as one", where=label, remedy="Write it again."
        )
    return "text"


def _read_typed(path: Path, label: str, kind: str, encoding: str | None) -> Reading:
    from cjmlab.sources import records, xes

    if kind == "json":
        return records.read_json(path, label, encoding)
    if kind == "parquet":
        return records.read_parquet(path, label)
    if kind == "sav":
        return records.read_spss(path, label)
    return xes.read_xes(path, label)


def _read_delimited(
    path: Path, label: str, rules: Rules, encoding: str | None, delimiter: str | None, progress: bool | None
) -> Reading:
    found = find_encoding(path, label, encoding)
    if found.guess:
        (rules.guesses if found.guess.level == "note" else rules.findings).append(found.guess)
    lines = _watched(path, found, progress)
    head = list(itertools.islice(lines, 200))
    skipped = 0 if delimiter else _title_lines(head, label, rules)
    sign, reason, more = (delimiter, "", 0) if delimiter else find_delimiter(head[skipped:])
    skipped += more
    if not delimiter and sign != ",":
        shown = {"\t": "tab", None: "none: one column"}.get(sign, sign) or ""
        reason = reason[:1].upper() + reason[1:] + "."
        rules.guesses.append(Finding(label, f"{label}, delimiter", shown, 1, "", reason, "note"))
    rules.sign, rules.odd_lines = sign, found.odd_lines
    spaced = _is_spaced(head, sign)
    records = read_records(itertools.chain(head[skipped:], lines), sign, skipped + 1, spaced=spaced)
    return assemble(records, label, rules)


def _title_lines(head: list[str], label: str, rules: Rules) -> int:
    """Return how many lines are a title over the table: one line without a delimiter, then a blank one."""
    filled = [i for i, line in enumerate(head) if line.strip()]
    if len(filled) < 3 or filled[1] != filled[0] + 2 or find_delimiter([head[filled[0]]])[0] is not None:
        return 0
    sign, _, _ = find_delimiter(head[filled[1] :])
    rows = [record.cells for record in read_records([head[i] for i in filled[1:]], sign)]
    if sign is None or len({len(cells) for cells in rows}) > 1:
        return 0
    text = f"left out: {head[filled[0]].strip()!r}"
    reason = "A blank line parts it from the table."
    rules.guesses.append(Finding(label, f"{label}, line {filled[0] + 1}", text, 1, "", reason, "note"))
    return filled[1]


def _is_spaced(head: list[str], sign: str | None) -> bool:
    """Tell whether a space follows every delimiter before a quote."""
    text = "".join(head)
    return bool(sign) and f'{sign} "' in text and f'{sign}"' not in text


def _watched(path: Path, encoding: Encoding, progress: bool | None) -> Iterator[str]:
    size = path.stat().st_size
    if progress is False or (progress is None and size < _BIG):
        yield from read_lines(path, encoding)
        return
    from tqdm.auto import tqdm

    with tqdm(
        total=size, unit="B", unit_scale=True, desc=path.name, disable=bool(os.environ.get("CJMLAB_QUIET"))
    ) as bar:
        waiting = 0
        for line in read_lines(path, encoding):
            waiting += len(line) if line.isascii() else len(line.encode(errors="replace"))
            if waiting > 1_000_000:
                bar.update(waiting)
                waiting = 0
            yield line
        bar.update(waiting)
