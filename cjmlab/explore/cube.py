"""The cube: what a filter needs, made ready once, so that its journeys cost sums over codes instead of rows.

The numbers are those of ``journeys.filter_journeys`` to the tenth digit; a test holds them together.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.explore.answers import Answers, Flags, Ints, RowCodes, Voices
from cjmlab.explore.filters import ROW_COLUMNS, Filters
from cjmlab.explore.quote_order import QuoteOrder
from cjmlab.explore.tallies import Crowd, Grouping, Sides
from cjmlab.journeys.cells import Parts, count_reach, join_cells
from cjmlab.journeys.context import context_of
from cjmlab.journeys.evidence import SOURCES
from cjmlab.journeys.expectation import measure_expectation
from cjmlab.journeys.experience import CellSums, settle_cells
from cjmlab.journeys.flags import are_polarised, is_extreme
from cjmlab.journeys.journeys import carry
from cjmlab.journeys.members import Membership
from cjmlab.journeys.reach import Reach
from cjmlab.journeys.voices import list_answers
from cjmlab.tables import Table

_EVENT_COLUMNS = ("wave", "channel")


class FilterCube:
    """Journeys under any filter of rows.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, unfiltered.
    """

    def __init__(self, journeys: pd.DataFrame) -> None:
        from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

        self.context, self._threads = context_of(journeys), ThreadpoolController()
        self.parts = self.context.parts
        self.rows = RowCodes.of(self.context.scored)
        self.answers = Answers.of(journeys)
        people = pd.Index(self.answers.people)
        self.groups = {"overall": Grouping(self.parts.everyone, people)}
        if self.parts.members is not self.parts.everyone:
            self.groups["table"] = Grouping(self.parts.members, people)
        self.quotes = {name: QuoteOrder(self.context.scored, group.members) for name, group in self.groups.items()}
        self._sides = {name: Sides.of(self.answers, group, self.parts.neutral) for name, group in self.groups.items()}
        self._crowds = {
            (kind, name): Crowd.of(self.answers, group, self.rows, name)
            for kind, group in self.groups.items()
            for name in self.rows.codes
        }
        self._asked, self._lived = _expectation_rows(self.context.scored)
        self._happened = {
            name: table.set_index(["segment", "touchpoint"])["n_event"].to_dict()
            for name, table in (("overall", self.context.overall), ("table", journeys))
        }
        stage = self.parts.places.set_index("touchpoint")["stage"].map(self.parts.order)
        self._stage = stage.reindex(list(self.answers.points)).fillna(-1).to_numpy(dtype=np.int64)

    def journeys(self, filters: Filters, *, pooling: bool | None = None, rows: bool = True) -> Table:
        """Return the journeys under the filters that choose rows.

        Parameters
        ----------
        filters : Filters
            Segment, stage and least n are not looked at.
        pooling : bool, optional
            Whether small cells lean on others; as in the unfiltered journeys when None.
        rows : bool
            Whether the table carries its rows and voices; without, it carries only what its quotes point at, which is
            all that a picture needs and takes a fraction of the time.
        """
        with self._threads.limit(limits=1):  # on small matrices two threads wait for each other
            return self._journeys(
                filters, self.parts if pooling is None else replace(self.parts, pooling=pooling), rows
            )

    def _journeys(self, filters: Filters, parts: Parts, rows: bool) -> Table:
        kept = self.rows.keep(filters, len(self.context.scored))
        keep = kept[self.answers.row]
        voices = self.answers.voices(keep)
        events, same = self._events(filters)
        tables, reaches, told = {}, {}, []
        for name, group in self.groups.items():
            reach = (parts.reach or {}).get(name) if same else None
            if reach is None or reach.basis == "feedback":
                reach = self._reach(group, voices, events)
            happened = self._happened[name] if same else _count_events(events, group.members)
            measured, quoted = self._measure(name, group, keep, kept, voices, filters, parts.pooling)
            told.append(quoted)
            heard = self.answers.points[np.unique(voices.point)]
            tables[name] = join_cells([*measured, reach.touchpoints], happened, heard, reach, group.members, parts)
            reaches[name] = reach
        tables.setdefault("table", tables["overall"])
        reaches.setdefault("table", reaches["overall"])
        scored = self.context.scored
        carried = scored[kept] if rows else scored.iloc[np.unique(np.concatenate(told))]
        known = ~pd.Series(self.answers.people).str.startswith("anonymous:").to_numpy()
        anonymous = int((~known[self.answers.person[keep]]).sum()) if not known.all() else 0
        return carry(
            tables, reaches, carried, self._voices(voices, known, rows), events, parts, study=self.context.study,
            segments=self.context.segments, anonymous=anonymous,
        )  # fmt: skip

    def people(self, filters: Filters, name: str, *, whole: bool = False) -> pd.DataFrame:
        """Count people by segment and touchpoint (rows) and value of one filter (columns), under the other filters."""
        others = Filters.of({**filters.chosen(), name: None})
        keep = self.rows.keep(others, len(self.context.scored))[self.answers.row]
        kind = "overall" if whole or "table" not in self.groups else "table"
        group = self.groups[kind]
        crowd = self._crowds.get((kind, name)) or Crowd.of(self.answers, group, self.rows, name)
        return crowd.count(keep, group, self.answers.points)

    def _measure(
        self, name: str, group: Grouping, keep: Flags, kept: Flags, voices: Voices, filters: Filters, pooling: bool
    ) -> tuple[list[pd.DataFrame], Ints]:
        """Measure what ``assemble`` measures, in codes."""
        quotes, told = self.quotes[name].pick(kept)
        measured = [
            self._counts(name, keep, voices),
            _settle(group, voices, self.answers.points, pooling=pooling),
            self._expectation(group, filters),
            quotes,
        ]
        lowest = pd.DataFrame({"segment": [], "touchpoint": [], "lowest": []}).astype(
            {"segment": object, "touchpoint": object}
        )
        return [*measured, lowest], told

    def _counts(self, name: str, keep: Flags, voices: Voices) -> pd.DataFrame:
        answers, points, group = self.answers, len(self.answers.points), self.groups[name]
        found = self._sides[name].count(keep)
        by_source = found.sum(axis=3)
        n, bad, good = by_source.sum(axis=2), found[..., 0].sum(axis=2), found[..., 2].sum(axis=2)
        kinds = {str(kind): by_source[..., place] for place, kind in enumerate(answers.sources)}
        spoken = group.classes[voices.person] * points + voices.point
        people = group.sums(spoken, points)
        lower, upper = (group.sums(spoken, points, side) for side in is_extreme(voices.score))
        at = np.nonzero(n)
        table = pd.DataFrame(
            {"segment": np.array(group.names, dtype=object)[at[0]], "touchpoint": answers.points[at[1]], "n": n[at],
             "customers": people[at], "sources": np.sum([found > 0 for found in kinds.values()], axis=0)[at] if kinds else 0,
             "share_negative": bad[at] / n[at], "share_positive": good[at] / n[at],
             **{f"n_{kind}": kinds[kind][at] if kind in kinds else 0.0 for kind in SOURCES if kind != "event"}}
        )  # fmt: skip
        low_share, high_share = (pd.Series(part[at] / people[at]) for part in (lower, upper))
        return table.assign(polarised=are_polarised(low_share, high_share, pd.Series(people[at])))

    def _expectation(self, group: Grouping, filters: Filters) -> pd.DataFrame:
        asked, lived = filters.keep(self._asked), filters.keep(self._lived)
        own = lived.assign(segment=lived["customer"].map(group.members.modal))
        return measure_expectation(asked, own[own["segment"].notna()], group.members)

    def _events(self, filters: Filters) -> tuple[pd.DataFrame, bool]:
        """Return the events under the filters, and whether they are all events still."""
        events, same = self.context.events, True
        for name in _EVENT_COLUMNS:
            wanted, column = getattr(filters, name), ROW_COLUMNS[name]
            if wanted and column in events and column in self.context.scored and events[column].notna().any():
                events, same = events[events[column].isin([wanted])], False
        return events, same

    def _reach(self, group: Grouping, voices: Voices, events: pd.DataFrame) -> Reach:
        if len(events):
            return count_reach(pd.DataFrame(), events, group.members, self.parts.places, self.parts.order)
        return _feedback_reach(group, voices, self.answers.points, self._stage, self.parts.order)

    def _voices(self, voices: Voices, known: Flags, rows: bool) -> pd.DataFrame:
        """Return the voices as a table with names; an empty one where no rows are carried."""
        some = slice(None) if rows else slice(0)
        return pd.DataFrame(
            {"customer": self.answers.people[voices.person[some]], "known": known[voices.person[some]],
             "touchpoint": self.answers.points[voices.point[some]], "score": voices.score[some],
             "weight": voices.weight[some], "rows": voices.rows[some]}
        )  # fmt: skip


def _settle(group: Grouping, voices: Voices, names: Any, *, pooling: bool) -> pd.DataFrame:
    """Settle means and intervals from sums by class: a weight depends on nothing but the class of a person."""
    points, found = np.unique(voices.point, return_inverse=True)
    count = len(points)
    if not count:
        columns = ["raw", "spread", "effective", "experience", "se", "low", "high"]
        empty = {"segment": np.array([], dtype=object), "touchpoint": np.array([], dtype=object)}
        return pd.DataFrame({**empty, **{name: np.array([], dtype=float) for name in columns}})
    cell = group.classes[voices.person] * count + found
    w, x = voices.weight, voices.score
    w1, wx, w2, w2x, w2xx = (group.sums(cell, count, part) for part in (w, w * x, w**2, w**2 * x, w**2 * x**2))
    B = group.weights.T
    total, squared, first = B @ w1, B**2 @ w2, B @ wx
    used = (total > 1e-6) & (squared > 0)
    centre = np.divide(first, total, out=np.zeros_like(first), where=used)
    apart = (B**2 @ w2xx - 2 * centre * (B**2 @ w2x) + centre**2 * squared).clip(min=0)
    return settle_cells(CellSums(group.names, names[points], total, squared, centre, apart), pooling=pooling)


def _feedback_reach(group: Grouping, voices: Voices, names: Any, stage: Ints, order: dict[str, int]) -> Reach:
    """Count reach from who answered, as ``measure_reach`` does: nobody's journey is open."""
    points, size = len(names), len(group.names)
    reached = group.sums(group.classes[voices.person] * points + voices.point, points)
    start: Ints = np.flatnonzero(np.diff(voices.person, prepend=-1))
    there = np.where(stage[voices.point] >= 0, np.left_shift(1, stage[voices.point].clip(0)), 0)
    seen = np.bitwise_or.reduceat(there, start) if len(start) else there
    own = group.classes[voices.person[start]]
    base = np.bincount(own, minlength=size + 1)[:size]
    last = np.where(seen > 0, np.floor(np.log2(np.maximum(seen, 1))), -1)
    at = np.nonzero(reached)
    touchpoints = pd.DataFrame(
        {"segment": np.array(group.names, dtype=object)[at[0]], "touchpoint": names[at[1]],
         "reach_n": reached[at].astype(int), "reach": reached[at] / np.maximum(base[at[0]], 1)}
    )  # fmt: skip
    recorded = int(np.bitwise_or.reduce(seen[own < size], initial=0))
    rows = []
    for code, segment in enumerate(group.names):
        for name, place in order.items():
            inside = (own == code) & ((seen >> place) & 1).astype(bool)
            n, people = int(inside.sum()), int(base[code])
            drop = float((last[inside] <= place).mean()) if n and place < recorded.bit_length() - 1 else np.nan
            known = people and recorded >> place & 1
            rows.append((segment, name, place, n, n / people if known else np.nan, drop, n))
    columns = ["segment", "stage", "position", "customers", "reach", "drop_off", "ended"]
    return Reach(touchpoints, pd.DataFrame(rows, columns=columns), "feedback")


def _count_events(events: pd.DataFrame, members: Membership) -> dict[Any, int]:
    own = events.assign(segment=events["customer_id"].astype(str).map(members.modal))
    return {key: int(n) for key, n in own.groupby(["segment", "touchpoint"]).size().items()}


def _expectation_rows(scored: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows that ask for an expectation, and the answers of the same people on the same touchpoints."""
    asked = scored[scored["asks"].eq("expectation")] if "asks" in scored else scored.iloc[:0]
    answers = list_answers(scored) if len(asked) else list_answers(scored.iloc[:0])
    pairs = pd.MultiIndex.from_frame(asked[["customer_id", "touchpoint"]].astype("str"))
    mine = pd.MultiIndex.from_frame(answers[["customer", "touchpoint"]]).isin(pairs)
    lived = answers[mine]
    columns = [column for column in ROW_COLUMNS.values() if column in scored]
    told = scored.loc[lived["row"], columns].set_axis(lived.index).drop(columns="source_type", errors="ignore")
    kinds = scored.loc[lived["row"], "source_type"].set_axis(lived.index) if "source_type" in scored else None
    lived = lived.drop(columns="source_type").join(told)
    return asked, lived if kinds is None else lived.assign(source_type=kinds)
