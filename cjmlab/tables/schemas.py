"""The tables that flow through the house, and the schema that each one is checked against at every door.

A table is a pandas DataFrame. ``Table`` is a DataFrame that also carries ``about``: what a later room needs to know
of where it came from (column roles of customers, the context of journeys). Filtering and copying keep it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from cjmlab.errors import TableError, did_you_mean

SOURCE_TYPES = ("survey", "interview", "review", "ticket", "event", "diary")
HUMAN_CODES = (
    "unit_id", "text", "start", "end", "touchpoint", "coder", "random",
    "machine_touchpoint", "machine_coder", "machine_confidence",
)  # fmt: skip
"""The columns of a file of human codes; only the unit and the touchpoint must be there."""

ANONYMOUS = "anonymous:"
"""How the name of somebody begins who answered without giving one: each line of a survey is a person of its own."""
ASKS = ("experience", "expectation", "outcome", "open")
GRADES = ("none", "assumption", "single source", "triangulated")
MOMENT_KINDS = ("pain", "delight", "moment_of_truth", "candidate", "opportunity")


class Table(pd.DataFrame):
    """A DataFrame that carries ``about``, an object that says where it came from and what its columns are."""

    _metadata: ClassVar[list[str]] = ["about"]

    @property
    def _constructor(self) -> Callable[..., Table]:
        return Table

    @classmethod
    def of(cls, frame: pd.DataFrame, about: Any) -> Table:
        """Wrap a frame (its data is shared, not copied) with what it is about."""
        table = cls(frame)
        object.__setattr__(table, "about", about)
        return table


def about(frame: pd.DataFrame) -> Any:
    """Return what a table says of itself, or None for a plain DataFrame.

    Examples
    --------
    >>> about(pd.DataFrame()) is None, about(Table.of(pd.DataFrame({"a": [1, 2]}), "roles").head(1))
    (True, 'roles')
    """
    return getattr(frame, "about", None) if isinstance(frame, Table) else None


@dataclass(frozen=True)
class Column:
    """One column of a schema: its kind, what it means, whether it must be there and may have gaps.

    ``kind`` is one of text, number, score (−1 to 1), share (0 to 1), count, time, flag, list.
    """

    kind: str
    meaning: str
    required: bool = True
    gaps: bool = True
    among: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schema:
    """The columns of one table and the columns that identify a row."""

    name: str
    meaning: str
    columns: dict[str, Column]
    key: tuple[str, ...] = ()


_PLACE = {
    "stage": Column("text", "stage id", required=False),
    "touchpoint": Column("text", "touchpoint id", required=False),
    "channel": Column("text", "channel", required=False),
}
_FEEDBACK = {
    "feedback_id": Column("text", "one answer, utterance or review", gaps=False),
    "customer_id": Column("text", "who said it; missing for anonymous rows"),
    "source": Column("text", "name of the source in study.toml", required=False),
    "source_type": Column("text", "kind of source", required=False, among=SOURCE_TYPES),
    "wave": Column("text", "wave of the study", required=False),
    "time": Column("time", "when, in UTC", required=False),
    "language": Column("text", "en, zh-Hans, zh-Hant or ru, where declared", required=False),
    **_PLACE,
    "dimension": Column("text", "product, environment or emotion", required=False),
    "question": Column("text", "wording of the question", required=False),
    "asks": Column("text", "what the question asks for", required=False, among=ASKS),
    "text": Column("text", "verbatim", required=False),
    "rating": Column("score", "answer on −1 … 1, better is higher", required=False),
    "rating_raw": Column("number", "answer as given", required=False),
    "scale": Column("text", "scale of the answer, such as 1-5", required=False),
    "role": Column("text", "speaker: customer or interviewer", required=False),
    "document": Column("text", "file the words stand in", required=False),
    "document_start": Column("number", "first character in the document", required=False),
    "document_end": Column("number", "character after the last in the document", required=False),
}
_CODED = {
    **_FEEDBACK,
    "unit_id": Column("text", "one clause of a feedback row", gaps=False),
    "start": Column("number", "first character in the feedback row's text"),
    "end": Column("number", "character after the last"),
    "lane": Column("text", "behaviour, motivation, expectation, feeling, pain, delight, idea or trigger"),
    "cues": Column("text", "kinds of statement found, joined by |", required=False),
    "coder": Column("text", "asked, keyword, model or human; missing where nobody coded it"),
}
_SCHEMAS = (
    Schema("customers", "who they are: one row a customer, any further columns",
           {"customer_id": Column("text", "customer", gaps=False)}, key=("customer_id",)),
    Schema("feedback", "what they say: one row an answer, utterance or review", _FEEDBACK, key=("feedback_id",)),
    Schema("coded", "feedback cut in clauses, each with its stage and touchpoint: one row a clause and code",
           {**_CODED, "confidence": Column("share", "of the coder", required=False)}),
    Schema("scored", "coded clauses with their sentiment",
           {**_CODED,
            "coding_confidence": Column("share", "of the coder", required=False),
            "negative": Column("share", "probability"), "neutral": Column("share", "probability"),
            "positive": Column("share", "probability"),
            "sentiment": Column("score", "positive minus negative"),
            "confidence": Column("share", "of the scorer", required=False),
            "scorer": Column("text", "which scorer; missing where nothing could be scored"),
            "feeling": Column("text", "satisfied, disappointed, excited, angry, confused, relieved", required=False)}),
    Schema("events", "what they did: one row an event",
           {"event_id": Column("text", "event", gaps=False), "customer_id": Column("text", "customer", gaps=False),
            "time": Column("time", "when, in UTC", gaps=False), "event": Column("text", "name as logged"),
            **_PLACE, "wave": Column("text", "wave of the study", required=False),
            "source": Column("text", "name of the source", required=False),
            "person": Column("text", "staff met", required=False), "item": Column("text", "product", required=False),
            "tool": Column("text", "digital tool used", required=False),
            "money": Column("number", "value in the study's currency", required=False)}, key=("event_id",)),
    Schema("outcomes", "what it led to: one row a customer and outcome",
           {"customer_id": Column("text", "customer", gaps=False), "outcome": Column("text", "name", gaps=False),
            "value": Column("number", "larger is better"), "scale": Column("text", "such as 0-10", required=False),
            "wave": Column("text", "wave of the study", required=False)}),
    Schema("members", "the segment of each customer",
           {"customer_id": Column("text", "customer", gaps=False), "segment": Column("text", "segment name"),
            "posterior": Column("share", "certainty of the membership", required=False)}, key=("customer_id",)),
    Schema("journeys", "what they live: one row a segment and touchpoint",
           {"segment": Column("text", "segment name", gaps=False), "stage": Column("text", "stage id", gaps=False),
            "touchpoint": Column("text", "touchpoint id", gaps=False),
            "position": Column("count", "place along the journey from 0"),
            "n": Column("count", "rows behind the experience"), "customers": Column("count", "customers behind it"),
            "experience": Column("score", "mean"), "low": Column("number", "95 % interval"),
            "high": Column("number", "95 % interval"),
            "share_negative": Column("share", "of the rows", required=False),
            "expectation": Column("score", "mean expected", required=False),
            "gap": Column("number", "experience minus expectation", required=False),
            "reach": Column("share", "of the segment's customers", required=False),
            "evidence": Column("text", "grade", among=GRADES),
            "quote_ids": Column("list", "unit ids of telling verbatims", required=False)},
           key=("segment", "touchpoint")),
    Schema("moments", "what matters: one row a pain, delight, moment of truth or opportunity",
           {"segment": Column("text", "segment name", gaps=False), "stage": Column("text", "stage id", gaps=False),
            "touchpoint": Column("text", "touchpoint id", gaps=False),
            "kind": Column("text", "kind", gaps=False, among=MOMENT_KINDS),
            "rank": Column("count", "1 is first, inside segment and kind"),
            "n": Column("count", "rows behind it"), "reason": Column("text", "why, as a sentence"),
            "severity": Column("number", "of a pain, 0 to 1", required=False),
            "effect": Column("number", "on the outcome", required=False),
            "low": Column("number", "95 % interval of the effect", required=False),
            "high": Column("number", "95 % interval of the effect", required=False),
            "q": Column("share", "Benjamini–Hochberg", required=False)}),
)  # fmt: skip
SCHEMAS: dict[str, Schema] = {schema.name: schema for schema in _SCHEMAS}


def describe_table(name: str) -> pd.DataFrame:
    """Return the schema of a table as a table: column, kind, required, gaps, among, meaning.

    Examples
    --------
    >>> describe_table("members").column.tolist()
    ['customer_id', 'segment', 'posterior']
    """
    if name not in SCHEMAS:
        raise TableError(f"{name!r} is not a table of cjmlab", remedy=did_you_mean(name, SCHEMAS))
    rows = [
        {
            "column": label,
            "kind": c.kind,
            "required": c.required,
            "gaps": c.gaps,
            "among": c.among,
            "meaning": c.meaning,
        }
        for label, c in SCHEMAS[name].columns.items()
    ]
    return pd.DataFrame(rows)
