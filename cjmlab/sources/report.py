"""What reading a file came to: rows in, rows loaded, rows rejected with line and reason, guesses and findings."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from cjmlab.errors import CjmError

LEVELS = ("error", "warning", "note")
FINDING_COLUMNS = ["source", "level", "where", "finding", "count", "example", "remedy"]


@dataclass(frozen=True)
class Finding:
    """One thing that a person should know of a source.

    ``level`` is ``error`` (this part cannot be used), ``warning`` (rows or answers need a look) or ``note`` (a choice
    that was made for you).
    """

    source: str
    where: str
    finding: str
    count: int = 1
    example: str = ""
    remedy: str = ""
    level: str = "warning"

    @classmethod
    def of_error(cls, error: CjmError, source: str) -> Finding:
        """Return a refusal as a finding."""
        return cls(source, error.where or "", error.what, 1, error.example or "", error.remedy or "", "error")


@dataclass(frozen=True)
class Rejected:
    """A row that was not loaded: its first line in the file (from 1), why, and its text."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True)
class Report:
    """The account of one file: ``rows_in_file`` = ``rows_loaded`` + ``len(rejected)``.

    Examples
    --------
    >>> Report("a.csv", 2, 1, (Rejected(3, "2 cells where the header has 3", "x,y"),)).to_dict()["rejected"]
    [{'line': 3, 'reason': '2 cells where the header has 3', 'text': 'x,y'}]
    """

    source: str
    rows_in_file: int = 0
    rows_loaded: int = 0
    rejected: tuple[Rejected, ...] = ()
    guesses: tuple[Finding, ...] = ()
    findings: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the account as plain data, ready for JSON."""
        return {
            "source": self.source,
            "rows_in_file": self.rows_in_file,
            "rows_loaded": self.rows_loaded,
            "rejected": [{"line": r.line, "reason": r.reason, "text": r.text} for r in self.rejected],
            "guesses": [{"about": g.where, "choice": g.finding, "reason": g.remedy} for g in self.guesses],
            "findings": [
                {"where": f.where, "finding": f.finding, "count": f.count, "example": f.example, "remedy": f.remedy}
                for f in self.findings
            ],
        }

    def with_more(self, findings: Iterable[Finding], rejected: Iterable[Rejected] = ()) -> Report:
        """Return the account with further findings, and with loaded rows that were rejected afterwards."""
        later = tuple(rejected)
        return replace(
            self,
            findings=(*self.findings, *findings),
            rejected=tuple(sorted((*self.rejected, *later), key=lambda row: row.line)),
            rows_loaded=self.rows_loaded - len(later),
        )

    def with_examples(self, change: Callable[[str], str]) -> Report:
        """Return the account with its examples and rejected texts changed, as by ``mask_text``."""
        return replace(
            self,
            rejected=tuple(replace(row, text=change(row.text)) for row in self.rejected),
            findings=tuple(replace(found, example=change(found.example)) for found in self.findings),
            guesses=tuple(replace(found, example=change(found.example)) for found in self.guesses),
        )

    def to_findings(self) -> list[Finding]:
        """Return everything worth a look as findings: rejected rows by reason, findings, guesses."""
        found: list[Finding] = []
        for reason in dict.fromkeys(row.reason for row in self.rejected):
            rows = [row for row in self.rejected if row.reason == reason]
            first = f"line {rows[0].line}, {shorten(rows[0].text)!r}"
            remedy = "Correct the row in the file, or leave it out."
            found.append(Finding(self.source, self.source, f"not loaded: {reason}", len(rows), first, remedy))
        return [*found, *self.findings, *self.guesses]

    def to_frame(self) -> pd.DataFrame:
        """Return the account as a short table: ``item``, ``count``, ``detail``."""
        rows: list[tuple[str, int, str]] = [
            ("rows in the file", self.rows_in_file, ""),
            ("rows loaded", self.rows_loaded, ""),
            ("rows rejected", len(self.rejected), ""),
        ]
        for f in self.to_findings():
            first = f"first: {f.example}" if f.example else ""
            rows.append((f"{f.where}: {f.finding}", f.count, " ".join(part for part in (first, f.remedy) if part)))
        return pd.DataFrame(rows, columns=["item", "count", "detail"])

    def __str__(self) -> str:
        return f"{self.source}\n{self.to_frame().to_string(index=False)}"

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><td>{html.escape(str(item))}</td><td>{count}</td><td>{html.escape(str(detail))}</td></tr>"
            for item, count, detail in self.to_frame().itertuples(index=False)
        )
        head = "<tr><th>item</th><th>count</th><th>detail</th></tr>"
        return f"<table><caption>{html.escape(self.source)}</caption>{head}{cells}</table>"


@dataclass(frozen=True, eq=False, repr=False)
class Reading:
    """What a reader gives: the table, the account of it, and the line of the file that each row begins on.

    Parameters
    ----------
    table : DataFrame
        What was read.
    report : Report
        The account of it.
    lines : sequence of int
        The line (or row, or item) of the file on which each row begins, from 1.
    outcomes : DataFrame
        The answers to outcome questions of a survey.
    wordings : mapping
        Column → question, where the file says it.
    identifiers : tuple of str
        Columns that point at a person: e-mail, phone, IP, token, name.
    layout : str
        The survey platform whose export it is, or ``""``.
    separator : str
        The sign between several choices in one cell, or ``""``.
    people : tuple of str
        Names of people that the file holds, which are masked in what leaves.
    """

    table: pd.DataFrame
    report: Report
    lines: Sequence[int] = ()
    outcomes: pd.DataFrame = field(default_factory=pd.DataFrame)
    wordings: Mapping[str, str] = field(default_factory=dict)
    identifiers: tuple[str, ...] = ()
    layout: str = ""
    separator: str = ""
    people: tuple[str, ...] = ()

    def replace(self, **changes: Any) -> Reading:
        """Return the reading with other fields."""
        return replace(self, **changes)

    def __repr__(self) -> str:
        report = self.report
        return f"<Reading of {report.source}: {report.rows_loaded} of {report.rows_in_file} rows>"

    def _repr_html_(self) -> str:
        return self.report._repr_html_()


def shorten(text: object, length: int = 60) -> str:
    """Return a text on one line, cut with an ellipsis when it is long."""
    line = " ".join(str(text).split())
    return line if len(line) <= length else line[: length - 1] + "…"


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a table, one row each."""
    rows = [(f.source, f.level, f.where, f.finding, f.count, f.example, f.remedy) for f in findings]
    return pd.DataFrame(rows, columns=FINDING_COLUMNS)


class Problems:
    """Collects refusals so that all of them can be told at once."""

    def __init__(self) -> None:
        self.errors: list[CjmError] = []

    def __iter__(self) -> Iterator[CjmError]:
        return iter(self.errors)

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Note a refusal that happens inside the block and go on after it."""
        try:
            yield
        except CjmError as error:
            self.errors.append(error)
