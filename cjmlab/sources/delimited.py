"""Delimited text to records: which sign parts the cells, where a record ends, and which lines break the rules."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

DELIMITERS = (",", ";", "\t", "|")
_LONGEST = 1_000_000
csv.field_size_limit(_LONGEST)
_FAULTS = {
    "open": "a quote is opened and never closed",
    "broken": "text stands behind a closing quote",
    "long": f"a cell has more than {_LONGEST:,} characters",
}


class Record(NamedTuple):
    """One record: its first line in the file, its cells, its text, and why it cannot be used, if it cannot."""

    line: int
    cells: list[str]
    text: str
    fault: str = ""
    last: int = 0


def find_delimiter(head: list[str]) -> tuple[str | None, str, int]:
    """Return the delimiter of a file, why, and how many lines come before the header (0, or 1 for ``sep=``).

    The header decides: a sign that does not stand in it parts nothing, so that a file of one column of text stays
    one column. Among the signs of the header the one wins that cuts most records into as many cells as the header.
    """
    first = next((line for line in head if line.strip()), "")
    if first.strip().strip('"').lower().startswith("sep=") and len(first.strip().strip('"')) <= 5:
        sign = first.strip("\r\n").strip('"')[4:] or "\t"
        return sign, "the first line says so", head.index(first) + 1
    scores: list[tuple[float, int, str]] = []
    for sign in DELIMITERS:
        records = [r for r in read_records(head, sign) if not r.fault and any(c.strip() for c in r.cells)]
        width = len(records[0].cells) if records else 1
        if width < 2:
            continue
        same = sum(len(r.cells) == width for r in records[1:])
        scores.append((same / max(len(records) - 1, 1), width, sign))
    if not scores:
        return None, "no delimiter stands in the header", 0
    share, width, sign = max(scores, key=lambda score: (round(score[0], 2), score[1]))
    return sign, f"it cuts the header into {width} cells, and so {share:.0%} of the first rows", 0


def read_records(lines: Iterable[str], sign: str | None, start: int = 1, *, spaced: bool = False) -> Iterator[Record]:
    """Yield the records of delimited text.

    Parameters
    ----------
    lines : iterable of str
        Lines with their line ends.
    sign : str or None
        The delimiter; None for one column.
    start : int
        Number of the first line.
    spaced : bool
        Whether spaces behind a delimiter belong to it.

    Yields
    ------
    Record
        A quote that is never closed, or is followed by more text, makes its line faulty and nothing else: reading
        goes on with the next line.
    """
    source = _Lines(lines, start)
    parting = sign or "\x1f"
    for number, line in source:
        if '"' not in line:
            plain = line.rstrip("\r\n")
            cells = plain.split(parting)
            yield Record(number, [cell.lstrip(" ") for cell in cells] if spaced else cells, plain, "", number)
            continue
        yield _quoted(source, number, line, parting, spaced)


def _quoted(source: _Lines, number: int, line: str, sign: str, spaced: bool) -> Record:
    taken = [line]
    quotes, size = line.count('"'), len(line)
    cells, fault = _parse(line, sign, spaced)
    while cells is None and fault == "open" and size < _LONGEST and (more := source.until_quote()):
        taken += more
        quotes, size = quotes + more[-1].count('"'), size + sum(map(len, more))
        if quotes % 2 == 0:  # only an even number of quotes can close a cell
            cells, fault = _parse("".join(taken), sign, spaced)
    if cells is not None:
        return Record(number, cells, "".join(taken).rstrip("\r\n"), last=number + len(taken) - 1)
    source.give_back(taken[1:])
    return Record(number, [], line.rstrip("\r\n"), _FAULTS[fault], number)


def _parse(text: str, sign: str, spaced: bool) -> tuple[list[str] | None, str]:
    try:
        rows = list(csv.reader([text], delimiter=sign, strict=True, skipinitialspace=spaced))
    except csv.Error as error:
        return None, "open" if "unexpected end" in str(error) else "long" if "limit" in str(error) else "broken"
    return (rows[0] if rows else [""]), ""


class _Lines:
    """Lines that can be given back."""

    def __init__(self, lines: Iterable[str], start: int) -> None:
        self.lines, self.number = iter(lines), start - 1
        self.waiting: deque[str] = deque()

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while (line := self._next()) is not None:
            yield self.number, line

    def _next(self) -> str | None:
        line = self.waiting.popleft() if self.waiting else next(self.lines, None)
        self.number += line is not None
        return line

    def until_quote(self) -> list[str]:
        """Return the next lines up to one with a quote; nothing when none has one."""
        taken: list[str] = []
        size = 0
        while (line := self._next()) is not None:
            taken.append(line)
            size += len(line)
            if '"' in line:
                return taken
            if size > _LONGEST:
                break
        self.give_back(taken)
        return []

    def give_back(self, lines: list[str]) -> None:
        self.waiting.extendleft(reversed(lines))
        self.number -= len(lines)
