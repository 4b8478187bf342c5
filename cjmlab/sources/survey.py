"""Surveys, reviews and tickets: one row a person in, one row an answer out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.sources.columns import Resolver
from cjmlab.sources.files import read_table
from cjmlab.sources.report import Reading
from cjmlab.sources.times import Clock
from cjmlab.sources.wide import Question, SurveyColumns, WideAnswers
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
        ``outcomes`` holds the answers to outcome questions of known customers. An answer that is not on its scale
        stays as a row without a rating.

    Raises
    ------
    SourceError
        When the file or a column is missing, or a column is empty.
    """
    raw = read_table(path, **(options or {}))
    resolver = Resolver(stage_model, touchpoints)
    reader = WideAnswers(raw, name or Path(path).stem, columns or SurveyColumns(), resolver, clock, rename)
    reader.check(questions)
    reader.drop_repeats()
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
    return Reading(table, raw.report.with_more(reader.findings, reader.rejected), reader.lines, outcome_table)


def _outcome(row: dict[str, Any], question: Question) -> dict[str, Any]:
    scale = question.scale
    value = scale.ascending(row["rating_raw"]) if scale else row["rating_raw"]
    low, high = (min(scale.worst, scale.best), max(scale.worst, scale.best)) if scale else (0, 0)
    shown = f"{low:g}-{high:g}" if scale else None
    name = question.outcome or question.column
    return {
        "customer_id": row["customer_id"],
        "outcome": name,
        "value": value,
        "scale": shown,
        "wave": row["wave"],
        "source": row["source"],
    }
