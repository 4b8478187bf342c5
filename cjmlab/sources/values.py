"""Numbers and other declared kinds of columns, read from text without losing what could not be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from cjmlab.errors import SourceError, did_you_mean
from cjmlab.sources.answers import is_non_answer, is_placeholder
from cjmlab.sources.columns import need_columns
from cjmlab.sources.report import Finding, Reading, shorten
from cjmlab.sources.times import read_times

TYPES = ("text", "number", "time")
_THOUSANDS_COMMA = r"[-+]?\d{1,3}(?:,\d{3})+"
_THOUSANDS_POINT = r"[-+]?\d{1,3}(?:\.\d{3}){2,}"
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－−", "0123456789.,--")
_TRIM = re.compile(r"[\s\u00a0\u202f']|^[¥￥$€£₽]|[¥￥$€£₽元]$|(?:руб\.?|р\.)$")


def read_numbers(values: pd.Series, where: str, lines: Sequence[int]) -> tuple[pd.Series, list[Finding]]:
    """Return the numbers of a text column, and what a person should know of it.

    A decimal comma is read where some value of the column can only be one; where every comma could part thousands,
    they do, and that is said. Spaces between digits, currency signs and full-width digits are understood.

    Parameters
    ----------
    values : Series of str
        Numbers as written.
    where : str
        File and column for messages.
    lines : sequence of int
        Line of each value in the file.

    Examples
    --------
    >>> numbers, findings = read_numbers(pd.Series(["1 234,5", "7", "many", None]), "a.csv", [2, 3, 4, 5])
    >>> numbers.tolist(), findings[0].example
    ([1234.5, 7.0, nan, nan], "line 4, 'many'")
    """
    source = where.split(",")[0]
    plain = values.map(lambda v: _TRIM.sub("", str(v).translate(_FULL_WIDTH).strip()), na_action="ignore").astype("str")
    findings = []
    both = plain.str.contains(",", na=False) & plain.str.contains(".", regex=False, na=False)
    comma = plain.str.contains(",", na=False) & ~both
    point_last = both & (plain.str.rfind(".") > plain.str.rfind(","))
    plain = plain.mask(point_last, plain.str.replace(",", ""))
    swapped = plain.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    plain = plain.mask(both & ~point_last, swapped)
    if comma.any():
        if plain[comma].str.fullmatch(_THOUSANDS_COMMA).all() and not (both & ~point_last).any():
            first = int(comma.to_numpy().argmax())
            example = f"line {lines[first]}, {values.iloc[first]!r}"
            text = "commas are read as parting thousands; each could also be a decimal comma"
            findings.append(Finding(source, where, text, int(comma.sum()), example, "Check one of them.", "note"))
            plain = plain.mask(comma, plain.str.replace(",", ""))
        else:
            plain = plain.mask(comma, plain.str.replace(",", ".", regex=False))
    plain = plain.mask(plain.str.fullmatch(_THOUSANDS_POINT, na=False), plain.str.replace(".", "", regex=False))
    good = plain.str.fullmatch(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", na=False)
    numbers = pd.to_numeric(plain.where(good), errors="coerce").astype("float64")
    numbers = numbers.where(numbers.abs() < float("inf"))
    findings.extend(_say_bad(values, numbers, where, lines))
    return numbers, findings


def _say_bad(values: pd.Series, numbers: pd.Series, where: str, lines: Sequence[int]) -> list[Finding]:
    bad = [i for i, lost in enumerate(numbers.isna() & values.notna()) if lost]
    if not bad:
        return []
    hollow = sum(is_non_answer(str(values.iloc[i])) or is_placeholder(str(values.iloc[i])) for i in bad)
    text = "not numbers, taken as missing" + (f" ({hollow} of them are non-answers)" if hollow else "")
    example = f"line {lines[bad[0]]}, {shorten(values.iloc[bad[0]])!r}"
    level = "note" if hollow == len(bad) else "warning"
    remedy = "" if level == "note" else "Correct them, or declare the column as words."
    return [Finding(where.split(",")[0], where, text, len(bad), example, remedy, level)]


def convert_columns(reading: Reading, types: Mapping[str, str]) -> Reading:
    """Return a reading whose columns have the declared types; what cannot be read is missing, and listed.

    Raises
    ------
    SourceError
        For a column or a type that is not known.
    """
    need_columns(
        reading.table, {f"type {kind}, {column}": column for column, kind in types.items()}, reading.report.source
    )
    table, findings = reading.table.copy(), []
    for column, kind in types.items():
        where = f"{reading.report.source}, column {column!r}"
        if kind not in TYPES:
            raise SourceError(f"{kind!r} is not a type", where=where, remedy=did_you_mean(kind, TYPES))
        if kind == "number":
            table[column], found = read_numbers(table[column], where, reading.lines)
            findings.extend(found)
        elif kind == "time":
            table[column], found = read_times(table[column], where, reading.lines)
            findings.extend(found)
    return reading.replace(table=table, report=reading.report.with_more(findings))
