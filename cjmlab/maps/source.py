"""Journeys with what they carry, opened once: what maps of several segments and languages share is read once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import pandas as pd

from cjmlab.errors import TableError
from cjmlab.journeys.context import JourneyContext
from cjmlab.maps.view import WITHHELD_BELOW
from cjmlab.maps.wordings import Wordings, wordings
from cjmlab.tables import about, check_table

T = TypeVar("T")
_MEMOS: WeakKeyDictionary[Any, dict[Any, Any]] = WeakKeyDictionary()


def memo_of(owner: Any) -> dict[Any, Any]:
    """Return what was already read of an object, forgotten with it; a new dict where that is not possible."""
    if owner is None:
        return {}
    try:
        return _MEMOS.setdefault(owner, {})
    except TypeError:
        return {}


@dataclass(frozen=True)
class Source:
    """Journeys, their context (None for a plain DataFrame) and the words of one language."""

    journeys: pd.DataFrame
    context: JourneyContext | Any
    words: Wordings
    memo: dict[Any, Any] = field(default_factory=dict)

    @property
    def study(self) -> Any:
        """The study, or None."""
        return getattr(self.context, "study", None)

    @cached_property
    def all_segments(self) -> list[str]:
        """Every segment of the study, drawn or not, so that a filter changes no colour: as labelled, else by size."""
        stages = self.table("stages")
        names = list(getattr(getattr(self.context, "segments", None), "labels", None) or ())
        if not names and "segment" in stages:
            names = stages["segment"].tolist()
        sizes = {name: sum(row["n"] for row in rows if row["n"] == row["n"]) for name, rows in self.rows.items()}
        rest = sorted(sizes, key=lambda name: (-sizes[name], name))
        return list(dict.fromkeys([*map(str, names), *rest]))

    @cached_property
    def segments(self) -> list[str]:
        """The segments of the table, in the same order whatever the order of its rows."""
        return [name for name in self.all_segments if name in self.rows]

    @cached_property
    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """What a map reads of the rows of each segment, as plain values."""
        return by_segment(self.journeys)

    @property
    def overall_rows(self) -> list[dict[str, Any]]:
        """The same of all customers together."""
        return self.once("overall rows", lambda: [row for rows in by_segment(self.overall).values() for row in rows])

    @property
    def overall(self) -> pd.DataFrame:
        """The rows of all customers together; empty when unknown."""
        found = getattr(self.context, "overall", None)
        return found if isinstance(found, pd.DataFrame) else self.journeys.iloc[:0]

    @property
    def provenance(self) -> dict[str, Any]:
        """How it was computed."""
        return dict(getattr(self.context, "provenance", None) or {})

    @property
    def counts_events(self) -> bool:
        """Whether reach was counted from events rather than from who answered."""
        return bool(self.provenance.get("reach_basis", "events") == "events")

    @property
    def smallest(self) -> int:
        """Below this many customers or answers the numbers of a cell were withheld."""
        return int(self.provenance.get("smallest") or WITHHELD_BELOW)

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the context, empty when it has none."""
        found = getattr(self.context, name, None)
        return found if isinstance(found, pd.DataFrame) else pd.DataFrame()

    def once(self, key: Any, read: Callable[[], T]) -> T:
        """Read something once for all maps of these journeys."""
        if key not in self.memo:
            self.memo[key] = read()
        found: T = self.memo[key]
        return found


READ = frozenset(
    """segment stage touchpoint position n customers experience se low high gap expectation gap_high n_gap reach reach_n channel
    evidence dimension polarised share_negative quote_ids n_survey n_interview n_review n_ticket n_event""".split()
)
"""Columns of the journeys that a map reads."""


def by_segment(journeys: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every segment, with the columns that a map reads."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in records(journeys, READ):
        found.setdefault(str(row["segment"]), []).append(row)
    return found


def records(table: pd.DataFrame, only: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Return the rows of a table as mappings of plain values, of some columns or all.

    Examples
    --------
    >>> records(pd.DataFrame({"n": [3]}))
    [{'n': 3}]
    """
    names = [str(name) for name in table.columns if only is None or name in only]
    return [dict(zip(names, row, strict=True)) for row in zip(*(table[name].tolist() for name in names), strict=True)]


def open_source(journeys: pd.DataFrame, *, language: str) -> Source:
    """Check the table, unless a room of ours made it, and pair it with its context."""
    context = about(journeys)
    if not isinstance(context, JourneyContext):
        check_table("journeys", journeys)
    if journeys.empty:
        raise TableError("there are no journeys to draw", where="table 'journeys'", remedy="Loosen the filter.")
    return Source(journeys, context, wordings(language), memo_of(context))
