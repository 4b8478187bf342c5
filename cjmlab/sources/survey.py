"""Surveys, reviews and tickets: one row a person in, one row an answer out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.sources.columns import Resolver
from cjmlab.sources.files import read_table
from cjmlab.sources.identifiers import names_of_people
from cjmlab.sources.report import Reading
from cjmlab.sources.times import Clock
from cjmlab.sources.wide import Question, SurveyColumns, WideAnswers
from cjmlab.tables import ANONYMOUS
from cjmlab.vocabulary import StageModel, Touchpoint

__all__ = ["FEEDBACK_COLUMNS", "OUTCOME_COLUMNS", "Question", "SurveyColumns", "read_survey"]

FEEDBACK_COLUMNS = (
    "feedback_id", "customer_id", "source", "source_type", "wave", "time", "language", "stage", "touchpoint",
    "channel", "dimension", "question", "asks", "text", "rating", "rating_raw", "scale", "role", "document",
    "document_start", "document_end", "answer", "line",
)  # fmt: skip
OUTCOME_COLUMNS = ("customer_id", "outcome", "value", "scale", "wave", "source")


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
    meanings: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    rename: Callable[[str], str] | None = None,
    options: Mapping[str, Any] | None = None,
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
    meanings : mapping, optional
        Word of the touchpoint column → touchpoint id, for the categories of a ticket system.
    clock : Clock, optional
        The zone of times without one and the order of day and month.
    rename : callable, optional
        Gives each customer id another one, such as ``Pseudonyms(key)``.
    options : mapping, optional
        Further arguments of ``read_table``: ``encoding``, ``delimiter``, ``sheet``, ``layout``.

    Returns
    -------
    Reading
        ``table`` is feedback (see ``cjmlab.tables``) with two more columns, ``answer`` (as given) and ``line``;
        ``outcomes`` holds the answers to outcome questions; a row that names no customer counts as one of its own,
        called ``anonymous:`` with its source and line, as the journeys call them. An answer that is not on its scale
        stays as a row without a rating.

    Raises
    ------
    SourceError
        When the file or a column is missing, or a column is empty.

    Examples
    --------
    >>> import tempfile
    >>> from cjmlab.sources.scales import Scale
    >>> path = Path(tempfile.mkdtemp()) / "poll.csv"
    >>> pd.DataFrame({"id": ["a", "b"], "q1": [5, 9], "why": ["Too slow", "n/a"]}).to_csv(path, index=False)
    >>> questions = [Question("q1", touchpoint="delivery", scale=Scale.of("1-5")), Question("why", asks="open")]
    >>> reading = read_survey(path, questions, columns=SurveyColumns(customer_id="id"))
    >>> reading.table[["customer_id", "rating", "answer"]].values.tolist()
    [['a', 1.0, '5'], ['b', nan, '9'], ['a', nan, 'Too slow'], ['b', nan, 'n/a']]
    >>> reading.report.findings[0].finding, reading.report.findings[0].example
    ('answers outside the scale 1-5, kept without a rating', "line 3, '9'")
    """
    raw = read_table(path, **(options or {}))
    resolver = Resolver(stage_model, touchpoints, meanings)
    reader = WideAnswers(raw, name or Path(path).stem, columns or SurveyColumns(), resolver, clock, rename)
    reader.check(questions)
    reader.drop_repeats()
    reader.place_rows(source_type, wave, language)
    feedback, outcomes = [], []
    for question in questions:
        rows = reader.answers(question)
        if question.asks == "outcome":
            outcomes.append(_outcomes(rows, question))
        else:
            feedback.append(rows)
    table = _stack(feedback, FEEDBACK_COLUMNS)
    report = raw.report.with_more(reader.findings, reader.rejected)
    people = names_of_people(raw.table)
    return Reading(table, report, reader.lines, _stack(outcomes, OUTCOME_COLUMNS), people=people)


def _outcomes(rows: pd.DataFrame, question: Question) -> pd.DataFrame:
    scale = question.scale
    rows = rows[rows["rating"].notna()]
    nobody = ANONYMOUS + rows["source"].astype(str) + " line " + rows["line"].astype(str)
    customers = rows["customer_id"].astype(object).where(rows["customer_id"].notna(), nobody)
    value = rows["rating_raw"]
    if scale and scale.best < scale.worst:
        value = scale.worst + scale.best - value
    shown = f"{min(scale.worst, scale.best):g}-{max(scale.worst, scale.best):g}" if scale else None
    return rows.assign(customer_id=customers, outcome=question.outcome or question.column, value=value, scale=shown)


def _stack(tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    full = [table.dropna(axis=1, how="all") for table in tables if len(table)]
    if not full:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(full, ignore_index=True).reindex(columns=list(columns))
