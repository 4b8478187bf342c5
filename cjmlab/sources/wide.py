"""From wide to long: the rows of a survey, one row an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cjmlab.errors import SourceError
from cjmlab.sources.answers import is_non_answer, is_placeholder
from cjmlab.sources.channels import channel_id
from cjmlab.sources.columns import Resolver, find_rounded, need_columns
from cjmlab.sources.letters import own_words
from cjmlab.sources.report import Finding, Reading, Rejected, shorten
from cjmlab.sources.scales import Scale
from cjmlab.sources.times import Clock, read_times


@dataclass(frozen=True)
class Question:
    """One column of a survey that holds answers.

    Parameters
    ----------
    column : str
        Its name in the file.
    asks : str
        ``experience``, ``expectation``, ``outcome`` or ``open``.
    scale : Scale, optional
        A question with a scale gives ratings, one without gives text.
    touchpoint, stage, dimension : str, optional
        What it is about.
    outcome : str, optional
        Name of the outcome.
    wording : str, optional
        The question itself; else what the file says, else the column's name.
    rating : str, optional
        A column with the rating on ``scale`` that belongs to the text of this one, as in a review.
    separator : str, optional
        The sign between several choices in one cell; the platform's own when None.
    """

    column: str
    asks: str = "open"
    scale: Scale | None = None
    touchpoint: str | None = None
    stage: str | None = None
    outcome: str | None = None
    wording: str | None = None
    dimension: str | None = None
    rating: str | None = None
    separator: str | None = None


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


@dataclass
class _Odd:
    """Rows of a question whose answers need a word."""

    out: list[int] = field(default_factory=list)
    strange: list[int] = field(default_factory=list)
    hollow: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)


class WideAnswers:
    """The rows of one survey on their way from wide to long."""

    def __init__(
        self, raw: Reading, name: str, columns: SurveyColumns, resolver: Resolver,
        clock: Clock | None = None, rename: Callable[[str], str] | None = None,
    ) -> None:  # fmt: skip
        self.raw, self.table, self.lines, self.file = raw, raw.table, list(raw.lines), raw.report.source
        self.name, self.columns, self.resolver = name, columns, resolver
        self.clock, self.rename = clock, rename or (lambda identity: identity)
        self.findings: list[Finding] = []
        self.rejected: list[Rejected] = []
        self.base = pd.DataFrame()

    def check(self, questions: Sequence[Question]) -> None:
        """Refuse a survey that lacks a column, and note the questions that nobody answered."""
        if not questions:
            raise SourceError("no questions are declared", where=self.file, remedy="Add [[survey.questions]] entries.")
        columns = [question.column for question in questions]
        if twice := sorted({column for column in columns if columns.count(column) > 1}):
            remedy = "Keep one question for each column."
            raise SourceError(f"a question on the column {twice[0]!r} is listed twice", where=self.file, remedy=remedy)
        wanted: dict[str, str | None] = {f"the {key}": value for key, value in vars(self.columns).items()}
        need_columns(self.table, wanted, self.file)
        asked: dict[str, str | None] = {
            f"a question on {q.touchpoint or q.outcome or q.asks}, {q.column}": q.column for q in questions
        }
        asked.update({f"the rating of {q.column}": q.rating for q in questions})
        need_columns(self.table, asked, self.file, filled=False)
        for question in questions:
            if len(self.table) and self.table[question.column].isna().all():
                text, remedy = (
                    "the column is empty; the question gives nothing",
                    "Fill it, or take it out of study.toml.",
                )
                place = f"{self.file}, column {question.column!r}"
                self.findings.append(Finding(self.name, place, text, len(self.table), "", remedy))

    def drop_repeats(self) -> None:
        """Reject rows that repeat another row of a named customer word for word; count those of nobody in particular."""
        again = self.table.duplicated(keep="first")
        if not again.any():
            return
        column = self.columns.customer_id
        named = again & (self.table[column].notna() if column else False)
        if left := [i for i, hit in enumerate(again & ~named) if hit]:
            self._find("rows", "repeat another row word for word; kept, since they name nobody", left, level="note")
        first = {tuple(row): line for row, line in zip(*self._tuples(), strict=True)}
        for i in [i for i, hit in enumerate(named) if hit]:
            row = tuple(self.table.iloc[i].fillna("").astype(str))
            text = ", ".join(row)
            self.rejected.append(Rejected(self.lines[i], f"the same as line {first[row]}", text))
        self.lines = [line for line, hit in zip(self.lines, named, strict=True) if not hit]
        self.table = self.table[~named].reset_index(drop=True)

    def _tuples(self) -> tuple[list[tuple[str, ...]], list[int]]:
        rows = [tuple(row) for row in self.table.fillna("").astype(str).itertuples(index=False)]
        return rows[::-1], self.lines[::-1]

    def place_rows(self, source_type: str, wave: str | None, language: str | None) -> None:
        """Prepare what every answer of a row shares."""
        count, c = len(self.table), self.columns
        times = self._times(c.time)
        languages = self._ids(c.language, "language", language)
        touchpoints, stages = self._ids(c.touchpoint, "touchpoint", None), self._ids(c.stage, "stage", None)
        customers, waves, channels = self._words(c.customer_id), self._words(c.wave, wave), self._words(c.channel)
        if c.customer_id:
            place = f"{self.file}, column {c.customer_id!r}"
            self.findings.extend(find_rounded(self.table[c.customer_id], place, self.lines))
        customers = [customer and self.rename(customer) for customer in customers]
        keys = self._keys(customers, waves)
        self.base = pd.DataFrame({
            "key": pd.Series(keys, dtype=object), "customer_id": customers, "source": self.name,
            "source_type": source_type, "wave": waves, "time": times, "language": languages,
            "channel": [(channel_id(word) or word) if word else None for word in channels], "touchpoint": touchpoints,
            "stage": [s or self.resolver.stage_of(t) for s, t in zip(stages, touchpoints, strict=True)],
            "line": self.lines,
        }, index=range(count))  # fmt: skip
        if c.customer_id and (gaps := [i for i in range(count) if customers[i] is None]):
            self._find(f"column {c.customer_id!r}", "rows without a customer id, kept as anonymous", gaps)

    def answers(self, question: Question) -> pd.DataFrame:
        """Return one row for each answer to a question."""
        scale, rating, asked = question.scale, question.rating, self.table[question.column]
        kinds = asked.map({word: _kind(word) for word in asked.dropna().unique()})
        odd = _Odd(skipped=_places(kinds == "skipped"))
        given = self.base[(kinds == "said") | (kinds == "hollow")]
        words = asked[given.index].astype("str")
        frame = given.drop(columns="key").assign(
            feedback_id=[f"{self.name}:{key}:{question.column}" for key in given["key"]],
            answer=words, asks=question.asks, dimension=question.dimension, scale=str(scale) if scale else None,
            question=question.wording or self.raw.wordings.get(question.column) or question.column,
            rating=float("nan"), rating_raw=float("nan"), text=None,
        )  # fmt: skip
        if question.touchpoint:
            frame["touchpoint"] = question.touchpoint
        own = question.stage or self.resolver.stage_of(question.touchpoint)
        if own:
            frame["stage"] = own
        if scale is not None:
            marks = words if rating is None else self.table[rating][given.index].dropna()
            frame["rating_raw"], frame["rating"] = _rate(marks, scale, odd, given.index)
        if scale is None or rating is not None:
            odd.hollow = _places(kinds == "hollow")
            words = self._letters(words, question.column)
            separator = question.separator if question.separator is not None else self.raw.separator
            frame = _choices(frame.assign(text=words), separator)
        self._say(question, odd)
        return frame

    def _letters(self, words: pd.Series, column: str) -> pd.Series:
        """Take signatures and quoted letters out of the words of tickets; the answer itself stays as it was given."""
        if self.base["source_type"].ne("ticket").any():
            return words
        own = words.map({word: own_words(word) for word in words.unique()})
        cut = [int(i) for i in words.index[own != words]]
        self._find(f"column {column!r}", "signatures and quoted letters were left out", cut, column, level="note")
        return own

    def _say(self, question: Question, odd: _Odd) -> None:
        column, scale = question.rating or question.column, question.scale
        place = f"column {column!r}"
        self._find(place, f"answers outside the scale {scale}, kept without a rating", odd.out, column)
        self._find(place, f"answers that are no number of the scale {scale}", odd.strange, column)
        self._find(place, "non-answers", odd.hollow, column, level="note")
        self._find(place, "marks of questions that were not answered", odd.skipped, column, level="note")

    def _find(self, place: str, text: str, rows: list[int], column: str | None = None, level: str = "warning") -> None:
        if rows:
            example = f"line {self.lines[rows[0]]}"
            if column:
                example += f", {shorten(self.table[column].iloc[rows[0]])!r}"
            where = f"{self.file}, {place}"
            self.findings.append(Finding(self.name, where, text, len(rows), example, level=level))

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
        times, findings = read_times(self.table[column], f"{self.file}, column {column!r}", self.lines, self.clock)
        self.findings.extend(findings)
        return list(times)

    def _keys(self, customers: list[str | None], waves: list[str | None]) -> list[str]:
        seen: dict[str, int] = {}
        keys, again = [], []
        for i, (customer, wave) in enumerate(zip(customers, waves, strict=True)):
            if customer is None:
                keys.append(str(self.lines[i]))
                continue
            key = f"{customer}@{wave}" if self.columns.wave and wave else customer
            seen[key] = seen.get(key, 0) + 1
            again += [i] if seen[key] > 1 else []
            keys.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
        self._find(
            f"column {self.columns.customer_id!r}",
            "rows of customers who answered before; all are kept",
            again,
            level="note",
        )
        return keys


def _kind(word: str) -> str:
    """Tell whether an answer says something, says that there is nothing to say, or stands for no answer."""
    if not word.strip():
        return "empty"
    if is_placeholder(word):
        return "skipped"
    return "hollow" if is_non_answer(word) else "said"


def _places(mask: pd.Series) -> list[int]:
    return [int(i) for i in mask.index[mask]]


def _rate(marks: pd.Series, scale: Scale, odd: _Odd, index: pd.Index) -> tuple[pd.Series, pd.Series]:
    """Return the numbers of answers and their places on the line from −1 to 1; note those that have none."""
    read = {word: scale.read(word) for word in marks.unique()}
    raw = marks.map(read).astype("float64")
    hollow = marks.map({word: is_non_answer(word) for word in read}).astype(bool)
    odd.hollow += _places(raw.isna() & hollow)
    odd.strange += _places(raw.isna() & ~hollow)
    inside = raw.between(min(scale.worst, scale.best), max(scale.worst, scale.best))
    odd.out += _places(raw.notna() & ~inside)
    placed = (2 * (raw - scale.worst) / (scale.best - scale.worst) - 1).round(9).where(inside)
    return raw.reindex(index), placed.reindex(index)


def _choices(frame: pd.DataFrame, separator: str) -> pd.DataFrame:
    """Return a row for each choice of a cell; one row when nothing parts it."""
    if not separator or not frame["text"].str.contains(separator, regex=False).any():
        return frame
    parts = frame["text"].map(lambda text: [part.strip() for part in text.split(separator) if part.strip()] or [text])
    several = parts.map(len) > 1
    ids = [
        [f"{identity}.{k}" for k in range(1, len(words) + 1)] if many else [identity]
        for identity, words, many in zip(frame["feedback_id"], parts, several, strict=True)
    ]
    texts = [words if many else [text] for words, many, text in zip(parts, several, frame["text"], strict=True)]
    lists = {"text": pd.Series(texts, frame.index, object), "feedback_id": pd.Series(ids, frame.index, object)}
    return frame.assign(**lists).explode(["text", "feedback_id"], ignore_index=True)
