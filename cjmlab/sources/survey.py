"""Surveys, reviews and tickets: one row a person in, one row an answer out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.errors import SourceError
from cjmlab.sources.answers import is_non_answer, is_placeholder
from cjmlab.sources.columns import Resolver, need_columns
from cjmlab.sources.files import read_table
from cjmlab.sources.report import Finding, Reading, shorten
from cjmlab.sources.scales import Scale
from cjmlab.sources.times import read_times
from cjmlab.vocabulary import Label, StageModel, Touchpoint

FEEDBACK_COLUMNS = (
    "feedback_id", "customer_id", "source", "source_type", "wave", "time", "language", "stage", "touchpoint",
    "channel", "dimension", "question", "asks", "text", "rating", "rating_raw", "scale", "role", "document",
    "document_start", "document_end", "answer", "line",
)  # fmt: skip
OUTCOME_COLUMNS = ("customer_id", "outcome", "value", "scale", "wave")


@dataclass(frozen=True)
class Question:
    """One column of a survey that holds answers.

    ``asks`` is ``experience``, ``expectation``, ``outcome`` or ``open``. A question with a scale gives ratings, one
    without gives text.
    """

    column: str
    asks: str = "open"
    scale: Scale | None = None
    touchpoint: str | None = None
    stage: str | None = None
    outcome: str | None = None
    wording: Label | None = None
    dimension: str | None = None


@dataclass(frozen=True)
class SurveyColumns:
    """The columns of a survey that say who answered, when, and of what."""

    customer_id: str | None = None
    time: str | None = None
    wave: str | None = None
    language: str | None = None
    touchpoint: str | None = None
    stage: str | None = None
    channel: str | None = None


def read_survey(
    path: str | Path,
    questions: Sequence[Question],
    *,
    name: str | None = None,
    columns: SurveyColumns | None = None,
    source_type: str = "survey",
    wave: str | None = None,
    language: str | None = None,
    stage_model: StageModel | None = None,
    touchpoints: Iterable[Touchpoint] = (),
) -> Reading:
    """Read a wide file of answers into one row an answer.

    Parameters
    ----------
    path : str or Path
        Any file that ``read_table`` reads.
    questions : sequence of Question
        The columns that hold answers.
    name : str, optional
        Name of the source; the file's stem when None.
    columns : SurveyColumns, optional
        The columns that say who, when and where. Without ``customer_id`` the survey is anonymous.
    source_type : str
        ``survey``, ``review``, ``ticket`` or ``diary``.
    wave, language : str, optional
        The wave and the language of all rows, where no column says it.
    stage_model, touchpoints
        The study's vocabulary. A touchpoint gives its stage to the row.

    Returns
    -------
    Reading
        ``table`` is feedback (see ``cjmlab.tables``) with two more columns, ``answer`` (as given) and ``line``;
        ``outcomes`` holds the answers to outcome questions of known customers. An answer that is not on its scale
        stays as a row without a rating.

    Raises
    ------
    SourceError
        When the file or a column is missing, or a column is empty.
    """
    raw = read_table(path)
    reader = _Answers(raw, name or Path(path).stem, columns or SurveyColumns(), Resolver(stage_model, touchpoints))
    reader.check(questions)
    reader.place_rows(source_type, wave, language)
    feedback: list[dict[str, Any]] = []
    outcomes: list[dict[str, Any]] = []
    for question in questions:
        rows = reader.answers(question)
        if question.asks == "outcome" and reader.columns.customer_id:
            outcomes.extend(
                _outcome(row, question) for row in rows if not pd.isna(row["rating"]) and row["customer_id"]
            )
        else:
            feedback.extend(rows)
    table = pd.DataFrame(feedback, columns=list(FEEDBACK_COLUMNS))
    outcome_table = pd.DataFrame(outcomes, columns=list(OUTCOME_COLUMNS))
    return Reading(table, raw.report.with_more(reader.findings), raw.lines, outcome_table)


def _outcome(row: dict[str, Any], question: Question) -> dict[str, Any]:
    scale = question.scale
    value = scale.ascending(row["rating_raw"]) if scale else row["rating_raw"]
    low, high = (min(scale.worst, scale.best), max(scale.worst, scale.best)) if scale else (0, 0)
    shown = f"{low:g}-{high:g}" if scale else None
    name = question.outcome or question.column
    return {"customer_id": row["customer_id"], "outcome": name, "value": value, "scale": shown, "wave": row["wave"]}


class _Answers:
    """The rows of one survey on their way from wide to long."""

    def __init__(self, raw: Reading, name: str, columns: SurveyColumns, resolver: Resolver) -> None:
        self.table, self.lines, self.file = raw.table, raw.lines, raw.report.source
        self.name, self.columns, self.resolver = name, columns, resolver
        self.findings: list[Finding] = []
        self.rows: list[dict[str, Any]] = []

    def check(self, questions: Sequence[Question]) -> None:
        """Refuse a survey that lacks a column."""
        if not questions:
            raise SourceError("no questions are declared", where=self.file, remedy="Add [[survey.questions]] entries.")
        wanted: dict[str, str | None] = {f"the {key}": value for key, value in vars(self.columns).items()}
        need_columns(self.table, wanted, self.file)
        asked = {f"a question on {q.touchpoint or q.outcome or q.asks}, {q.column}": q.column for q in questions}
        need_columns(self.table, asked, self.file, filled=False)
        for question in questions:
            if len(self.table) and self.table[question.column].isna().all():
                text = "the column is empty; the question gives nothing"
                remedy = "Fill it, or take it out of study.toml."
                place = f"{self.file}, column {question.column!r}"
                self.findings.append(Finding(self.name, place, text, len(self.table), "", remedy))

    def place_rows(self, source_type: str, wave: str | None, language: str | None) -> None:
        """Prepare what every answer of a row shares."""
        count, c = len(self.table), self.columns
        times = self._times(c.time)
        languages = self._ids(c.language, "language", language)
        touchpoints, stages = self._ids(c.touchpoint, "touchpoint", None), self._ids(c.stage, "stage", None)
        customers, waves, channels = self._words(c.customer_id), self._words(c.wave, wave), self._words(c.channel)
        keys = self._keys(customers, waves)
        for i in range(count):
            self.rows.append({
                "key": keys[i], "customer_id": customers[i], "source": self.name, "source_type": source_type,
                "wave": waves[i], "time": times[i], "language": languages[i], "channel": channels[i],
                "touchpoint": touchpoints[i], "stage": stages[i] or self.resolver.stage_of(touchpoints[i]),
                "line": self.lines[i],
            })  # fmt: skip
        if c.customer_id and (gaps := [i for i in range(count) if customers[i] is None]):
            self._find(f"column {c.customer_id!r}", "rows without a customer id, kept as anonymous", gaps)

    def answers(self, question: Question) -> list[dict[str, Any]]:
        """Return one row for each answer to a question."""
        point, stage = question.touchpoint, question.stage
        shared = {
            "asks": question.asks, "dimension": question.dimension,
            "question": str(question.wording) if question.wording else question.column,
            "scale": str(question.scale) if question.scale else None,
        }  # fmt: skip
        found: list[dict[str, Any]] = []
        out: list[int] = []
        strange: list[int] = []
        hollow: list[int] = []
        skipped: list[int] = []
        for i, value in enumerate(self.table[question.column]):
            answer = "" if pd.isna(value) else str(value).strip()
            if not answer or is_placeholder(answer):
                skipped += [i] if answer else []
                continue
            row = {**self.rows[i], **shared, "answer": str(value), "rating": float("nan"), "rating_raw": float("nan")}
            row["feedback_id"] = f"{self.name}:{row.pop('key')}:{question.column}"
            row["touchpoint"] = point or row["touchpoint"]
            row["stage"] = stage or self.resolver.stage_of(point) or row["stage"]
            if question.scale is None:
                row["text"] = str(value)
                hollow += [i] if is_non_answer(answer) else []
            else:
                number = question.scale.read(answer)
                if number is None:
                    (hollow if is_non_answer(answer) else strange).append(i)
                else:
                    row["rating_raw"] = number
                    if question.scale.holds(number):
                        row["rating"] = question.scale.place(number)
                    else:
                        out.append(i)
            found.append(row)
        place = f"column {question.column!r}"
        self._find(place, f"answers outside the scale {question.scale}, kept without a rating", out, question.column)
        self._find(place, f"answers that are no number of the scale {question.scale}", strange, question.column)
        self._find(place, "non-answers", hollow, question.column)
        self._find(place, "placeholders of questions that were not answered", skipped, question.column)
        return found

    def _find(self, place: str, text: str, rows: list[int], column: str | None = None) -> None:
        if rows:
            example = f"line {self.lines[rows[0]]}"
            if column:
                example += f", {shorten(self.table[column].iloc[rows[0]])!r}"
            self.findings.append(Finding(self.name, f"{self.file}, {place}", text, len(rows), example))

    def _words(self, column: str | None, otherwise: str | None = None) -> list[str | None]:
        if column is None:
            return [otherwise] * len(self.table)
        return [None if pd.isna(v) or not str(v).strip() else str(v).strip() for v in self.table[column]]

    def _ids(self, column: str | None, kind: str, otherwise: str | None) -> list[str | None]:
        if column is None:
            return [otherwise] * len(self.table)
        ids, findings = self.resolver.resolve(self.table[column], kind, f"{self.file}, column {column!r}", self.lines)
        self.findings.extend(findings)
        return ids

    def _times(self, column: str | None) -> list[Any]:
        if column is None:
            return [pd.NaT] * len(self.table)
        times, findings = read_times(self.table[column], f"{self.file}, column {column!r}", self.lines)
        self.findings.extend(findings)
        return list(times)

    def _keys(self, customers: list[str | None], waves: list[str | None]) -> list[str]:
        seen: dict[str, int] = {}
        keys = []
        for i, (customer, wave) in enumerate(zip(customers, waves, strict=True)):
            if customer is None:
                keys.append(str(self.lines[i]))
                continue
            key = f"{customer}@{wave}" if self.columns.wave and wave else customer
            seen[key] = seen.get(key, 0) + 1
            keys.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
        return keys
