"""Records to a table: names for the columns, a place for every row, an account of the rest."""

from __future__ import annotations

import itertools
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd

from cjmlab.errors import SourceError
from cjmlab.sources.delimited import Record
from cjmlab.sources.identifiers import find_identifiers
from cjmlab.sources.platforms import Layout, find_layout
from cjmlab.sources.report import Finding, Reading, Rejected, Report, shorten

_CHUNK = 50_000
_VALUE = re.compile(r"-?\d+[.,]\d+|\d{4}-\d{2}-\d{2}.*|[^@\s]+@[^@\s]+\.\w+|\d{5,}")


@dataclass
class Rules:
    """How to treat rows: the layout, what to do with short rows, the lines whose bytes do not fit, the sign used."""

    layout: str = "auto"
    short_rows: str = "reject"
    odd_lines: frozenset[int] = frozenset()
    sign: str | None = None
    widen: bool = False
    findings: list[Finding] = field(default_factory=list)
    guesses: list[Finding] = field(default_factory=list)


def assemble(records: Iterable[Record], label: str, rules: Rules) -> Reading:
    """Make a table of records, the first of which is the header.

    Parameters
    ----------
    records : iterable of Record
        In the order of the file. Blank lines are skipped.
    label : str
        What to call the file in messages.
    rules : Rules
        How to treat rows. With ``widen`` cells beyond the header get columns of their own.

    Raises
    ------
    SourceError
        When there is nothing but blank lines.
    """
    rows = (record for record in records if record.fault or record.text.strip())
    head = list(itertools.islice(rows, 3))
    if not head:
        raise SourceError("the file is empty", where=label, remedy="Export it again.")
    if head[0].fault:
        raise SourceError(head[0].fault, where=f"{label}, line {head[0].line}", remedy="Correct the header.")
    layout = _layout([record.cells for record in head], label, rules)
    body = _Body(layout, label, rules)
    for record in itertools.chain(head[layout.header_rows :], rows):
        body.take(record)
    return body.close()


def _layout(heads: list[list[str]], label: str, rules: Rules) -> Layout:
    found = find_layout(heads)
    if rules.layout == "plain":
        names = [cell.strip() for cell in heads[0]]
        return Layout("plain", 1, names, names)
    if rules.layout not in {"auto", found.platform}:
        raise SourceError(
            f"the file is not laid out as {rules.layout}", where=label, remedy=f'Found: layout = "{found.platform}".'
        )
    if found.platform != "plain":
        rules.guesses.append(Finding(label, f"{label}, layout", found.platform, 1, "", found.reason, "note"))
    return found


class _Body:
    """The rows under the header, on their way into columns."""

    def __init__(self, layout: Layout, label: str, rules: Rules) -> None:
        self.layout, self.label, self.rules = layout, label, rules
        self.width = len(layout.names)
        self.chunks: list[pd.DataFrame] = []
        self.rows: list[list[str]] = []
        self.lines = array("q")
        self.rejected: list[Rejected] = []
        self.trimmed: list[int] = []
        self.swallowing: list[int] = []

    def take(self, record: Record) -> None:
        cells, extra = record.cells, len(record.cells) - self.width
        if record.fault:
            return self._reject(record, record.fault)
        if self.rules.odd_lines and not self.rules.odd_lines.isdisjoint(range(record.line, record.last + 1)):
            return self._reject(record, "its bytes are not in the encoding of the file")
        if extra > 0 and not any(cells[self.width :]):
            self.trimmed.append(record.line)
            cells = cells[: self.width]
        elif extra > 0 and self.rules.widen:
            self._widen(len(cells))
        elif extra < 0 and self.rules.short_rows == "pad":
            cells = [*cells, *[""] * -extra]
        elif extra:
            return self._reject(record, f"{len(record.cells)} cells where the header has {self.width}")
        if not any(cells):
            return self._reject(record, "the row is empty")
        if record.last > record.line and self.width > 2 and self._swallows(record.text):
            self.swallowing.append(record.line)
        self.rows.append(cells)
        self.lines.append(record.line)
        if len(self.rows) >= _CHUNK:
            self._flush()
        return None

    def _reject(self, record: Record, reason: str) -> None:
        self.rejected.append(Rejected(record.line, reason, record.text))

    def _swallows(self, text: str) -> bool:
        return any(line.count(self.rules.sign or "\0") == self.width - 1 for line in text.splitlines()[1:-1])

    def _widen(self, width: int) -> None:
        self._flush()
        self.layout.names.extend([""] * (width - self.width))
        self.width = width

    def _flush(self) -> None:
        if self.rows:
            columns = enumerate(zip(*self.rows, strict=True))
            parts = {i: pd.array([cell or None for cell in column], dtype="str") for i, column in columns}
            self.chunks.append(pd.DataFrame(parts))
            self.rows = []

    def close(self) -> Reading:
        self._flush()
        names, odd = name_columns(self.layout.names)
        if self.chunks:
            table = pd.concat(self.chunks, ignore_index=True).reindex(columns=range(len(names)))
        else:
            table = pd.DataFrame({i: pd.array([], dtype="str") for i in range(len(names))})
        table.columns = pd.Index(names)
        self._say(odd)
        table = self._without_marks(table)
        wordings = dict(zip(names, self.layout.wordings, strict=False))
        identifiers = find_identifiers(table, wordings)
        if identifiers:
            text = f"columns that point at a person: {', '.join(identifiers)}"
            remedy = "They stay out of the study's tables."
            self.rules.guesses.append(Finding(self.label, self.label, text, len(identifiers), "", remedy, "note"))
        report = Report(
            self.label,
            len(table) + len(self.rejected),
            len(table),
            tuple(sorted(self.rejected, key=lambda row: row.line)),
            tuple(self.rules.guesses),
            tuple(self.rules.findings),
        )
        return Reading(
            table, report, self.lines,
            wordings={name: word for name, word in wordings.items() if word and word != name},
            identifiers=tuple(identifiers),
            layout="" if self.layout.platform == "plain" else self.layout.platform,
            separator=self.layout.separator,
        )  # fmt: skip

    def _say(self, odd_names: list[str]) -> None:
        say = self.rules.findings.append
        if alike := [name for name in self.layout.names if _VALUE.fullmatch(name.strip())]:
            text = "the header looks like a row of values; is the row of names missing?"
            remedy = "Write a first row with the names of the columns."
            say(Finding(self.label, f"{self.label}, header", text, len(alike), repr(alike[0]), remedy))
        if odd_names:
            text = f"the header has blank or repeated names, now {', '.join(odd_names)}"
            say(Finding(self.label, f"{self.label}, header", text, len(odd_names), odd_names[0], "Name them apart."))
        if self.trimmed:
            text = "rows end in more delimiters than the header; the empty cells were left out"
            say(Finding(self.label, self.label, text, len(self.trimmed), f"line {self.trimmed[0]}", "", "note"))
        if self.swallowing:
            text = "a quoted cell holds lines that look like rows of the table"
            remedy = "Look whether a quote is missing there."
            say(Finding(self.label, self.label, text, len(self.swallowing), f"line {self.swallowing[0]}", remedy))
        if not self.rejected and not self.lines:
            say(Finding(self.label, self.label, "there is a header and no row", 1, "", "Export the file again."))
        if self.rejected and not self.lines:
            first = f"line {self.rejected[0].line}, {shorten(self.rejected[0].text)!r}"
            text = f"no row could be loaded: {self.rejected[0].reason}"
            say(Finding(self.label, self.label, text, len(self.rejected), first, "Correct the file.", "error"))

    def _without_marks(self, table: pd.DataFrame) -> pd.DataFrame:
        """Take a platform's marks for unanswered questions, and the quote that guards formulas, out of the cells."""
        marks = list(self.layout.placeholders)
        if marks and len(table):
            hits = table.isin(marks)
            if count := int(hits.to_numpy().sum()):
                row, column = next(zip(*hits.to_numpy().nonzero(), strict=True))
                example = f"line {self.lines[int(row)]}, {table.iloc[int(row), int(column)]!r}"
                text = f"marks of {self.layout.platform} for a question without an answer, taken as missing"
                self.rules.findings.append(Finding(self.label, self.label, text, count, example, "", "note"))
                table = table.mask(hits)
        for column in table.columns:
            guarded = table[column].str.match(r"'[=+\-@\t\r]", na=False)
            if guarded.any():
                table[column] = table[column].mask(guarded, table[column].str[1:])
        return table


def name_columns(cells: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return one name a column, no two alike, and those that had to be made up.

    Examples
    --------
    >>> name_columns(["id", "score", "", "score"])
    (['id', 'score', 'column 3', 'score (2)'], ['column 3', 'score (2)'])
    """
    names: list[str] = []
    odd = []
    taken = {cell.strip() for cell in cells}
    for i, cell in enumerate(cells, 1):
        name = " ".join(cell.split()) or f"column {i}"
        if name in names or (not cell.strip() and name in taken):
            base = name
            name = next(n for k in itertools.count(2) if (n := f"{base} ({k})") not in names and n not in taken)
        if name != " ".join(cell.split()):
            odd.append(name)
        names.append(name)
    return names, odd


def text_records(rows: Iterator[tuple[int, list[str]]]) -> Iterator[Record]:
    """Yield records from rows of cells that come with their number."""
    for number, cells in rows:
        yield Record(number, cells, ", ".join(cells) if any(cells) else "", last=number)
