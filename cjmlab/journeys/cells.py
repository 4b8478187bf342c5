"""Putting the cells of the journeys together: one row a segment and touchpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.journeys.evidence import SOURCES, count_sources, grade, pick_quotes
from cjmlab.journeys.expectation import measure_expectation
from cjmlab.journeys.experience import measure_cells, zone
from cjmlab.journeys.flags import flag_polarised, lowest_shares, stand_out
from cjmlab.journeys.members import ONE_GROUP, Membership
from cjmlab.journeys.reach import Reach, measure_reach, open_journeys
from cjmlab.journeys.voices import Linking


@dataclass(frozen=True, eq=False)
class Parts:
    """What stays the same when journeys are filtered: order, places, members, links between scales, settings."""

    order: dict[str, int]
    places: pd.DataFrame
    members: Membership
    everyone: Membership
    linking: Linking
    neutral: tuple[float, float]
    pooling: bool
    reach: Mapping[str, Reach] | None = None


def assemble(
    rows: pd.DataFrame, answers: pd.DataFrame, voices: pd.DataFrame, events: pd.DataFrame, members: Membership,
    parts: Parts, *, reach: Reach | None = None, resamples: int = 200,
) -> tuple[pd.DataFrame, Reach]:  # fmt: skip
    """Return the cells of all segments in order, and the reach that they were joined with."""
    by = ["segment", "touchpoint"]
    own = answers.assign(segment=answers["customer"].map(members.modal))
    own = own[own["segment"].notna()]
    if reach is None or reach.basis == "feedback":
        reach = count_reach(own, events, members, parts.places, parts.order)
    told = rows["customer_id"].map(members.modal) if members.method != ONE_GROUP else members.names[0]
    measured = (
        _counts(own, parts.neutral), measure_cells(voices, members, pooling=parts.pooling), reach.touchpoints,
        count_sources(own), measure_expectation(rows, own, members), pick_quotes(rows.assign(segment=told)),
        flag_polarised(voices, members), lowest_shares(voices, members, resamples=resamples),
    )  # fmt: skip
    happened = events.assign(segment=events["customer_id"].astype(str).map(members.modal)).groupby(by).size()
    heard = answers["touchpoint"].unique()
    return join_cells(measured, happened.to_dict(), heard, reach, members, parts), reach


def join_cells(
    measured: Iterable[pd.DataFrame], happened: Mapping[Any, int], heard: Iterable[str], reach: Reach,
    members: Membership, parts: Parts,
) -> pd.DataFrame:  # fmt: skip
    """Join what was measured into one row a segment and touchpoint.

    Parameters
    ----------
    measured : iterable of DataFrame
        Each with ``segment``, ``touchpoint`` and the columns of one measure.
    happened : mapping
        (segment, touchpoint) → number of events.
    heard : iterable of str
        Touchpoints that anybody answered on, in whatever segment.
    reach, members, parts
        As in ``assemble``.
    """
    by = ["segment", "touchpoint"]
    grid = pd.MultiIndex.from_product([members.names, parts.places["touchpoint"]], names=by)
    place = {cell: row for row, cell in enumerate(grid)}
    places = parts.places.set_index("touchpoint", drop=False).loc[grid.get_level_values(1)].reset_index(drop=True)
    aligned = [pd.DataFrame({"segment": grid.get_level_values(0)}), places]
    for part in measured:
        where = np.full(len(grid), -1)
        for row, cell in enumerate(zip(part["segment"], part["touchpoint"], strict=True)):
            if cell in place:
                where[place[cell]] = row
        aligned.append(part.drop(columns=by).reset_index(drop=True).reindex(where))
    for part in aligned:
        part.index = pd.RangeIndex(len(grid))
    table = pd.concat(aligned, axis=1)
    table["n_event"] = [happened.get(cell, np.nan) for cell in grid]
    table = _fill(table, heard, parts.neutral)
    drops = reach.stages.set_index(["segment", "stage"])["drop_off"].to_dict()
    table["drop_off"] = [drops.get(key, np.nan) for key in zip(table["segment"], table["stage"], strict=True)]
    return _tidy(table, members)


def _counts(own: pd.DataFrame, neutral: tuple[float, float]) -> pd.DataFrame:
    table = own.assign(bad=own["score"] < neutral[0], good=own["score"] > neutral[1])
    return table.groupby(["segment", "touchpoint"]).agg(
        n=("unit_id", "size"), customers=("customer", "nunique"), sources=("source_type", "nunique"),
        share_negative=("bad", "mean"), share_positive=("good", "mean"),
    ).reset_index()  # fmt: skip


def _fill(table: pd.DataFrame, heard: Iterable[str], neutral: tuple[float, float]) -> pd.DataFrame:
    numbers = ["n", "customers", "sources", "reach_n", *(f"n_{name}" for name in SOURCES)]
    table[numbers] = table[numbers].astype(float).fillna(0).astype(int)
    table.loc[table["n"].eq(0), ["experience", "se", "low", "high", "raw", "spread", "lowest"]] = np.nan
    seen = table["sources"].where(table["sources"] > 0, table["n_event"].gt(0).astype(int))
    table["evidence"] = grade(seen, table["touchpoint"].isin(list(heard)))
    table["zone"] = zone(table["low"], table["high"], neutral)
    table["polarised"] = table["polarised"].eq(True)
    table["stands_out"] = stand_out(table)
    table["quote_ids"] = table["quote_ids"].map(lambda ids: ids if isinstance(ids, list) else [])
    return table


def _tidy(table: pd.DataFrame, members: Membership) -> pd.DataFrame:
    first = ["segment", "stage", "touchpoint", "position", "channel", "dimension", "n", "customers", "experience",
             "low", "high", "zone", "share_negative", "share_positive", "polarised", "stands_out", "lowest", "expectation", "gap", "gap_low", "gap_high", "reach", "reach_n",
             "drop_off", "evidence", "quote_ids", "raw", "se", "spread", *(f"n_{name}" for name in SOURCES)]  # fmt: skip
    table = table[[*first, *(name for name in table.columns if name not in {*first, "sources", "effective"})]]
    place = {name: i for i, name in enumerate(members.names)}
    table = table.sort_values(["segment", "position"], key=lambda c: c.map(place) if c.name == "segment" else c)
    numbers = table.select_dtypes("float").columns
    return table.assign(**{name: table[name].round(10) for name in numbers}).reset_index(drop=True)


def count_reach(
    own: pd.DataFrame, events: pd.DataFrame, members: Membership, places: pd.DataFrame, order: dict[str, int]
) -> Reach:
    """Count reach from events where there are any, else from the answers of the segments (``own``)."""
    stage_of = places.set_index("touchpoint")["stage"]
    if len(events):
        visits = pd.DataFrame({"customer": events["customer_id"].astype(str), "touchpoint": events["touchpoint"],
                               "stage": events["stage"].where(events["stage"].notna(), events["touchpoint"].map(stage_of))})  # fmt: skip
        return measure_reach(visits, members, order, basis="events", open_customers=open_journeys(events))
    visits = own[["customer", "touchpoint"]].assign(stage=own["touchpoint"].map(stage_of))
    return measure_reach(visits, members, order, basis="feedback", open_customers=frozenset())


def stage_table(reach: Reach, table: pd.DataFrame) -> pd.DataFrame:
    """Return one row a segment and stage: reach, drop-off, experience weighted by volume, touchpoints."""
    heard = table[table["n"] > 0].assign(product=lambda t: t["experience"] * t["n"])
    sums = heard.groupby(["segment", "stage"]).agg(product=("product", "sum"), n=("n", "sum"))
    sums["experience"] = sums["product"] / sums["n"]
    sums["touchpoints"] = table[table["n"].gt(0) | table["reach_n"].gt(0)].groupby(["segment", "stage"]).size()
    stages = reach.stages.merge(sums[["experience", "n", "touchpoints"]], on=["segment", "stage"], how="left")
    stages[["n", "touchpoints"]] = stages[["n", "touchpoints"]].fillna(0).astype(int)
    return stages.assign(basis=reach.basis)
