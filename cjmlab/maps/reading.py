"""Reading journeys and moments into what a map shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.journeys.context import ALL_CUSTOMERS
from cjmlab.maps.colour import segment_colour
from cjmlab.maps.heading import read_head, segment_label, segment_size
from cjmlab.maps.sayings import LANES_TOLD, choose_quote, read_clauses, read_told
from cjmlab.maps.scale import asked_scale
from cjmlab.maps.source import Source, open_source, records
from cjmlab.maps.telling import Teller
from cjmlab.maps.view import WITHHELD_BELOW, MapView, Said, StageCell, Told, TouchpointCell
from cjmlab.moments.pains import is_beyond

OVERALL_COLOUR = "#3F4D5A"
SOURCES = ("survey", "interview", "review", "ticket", "event")
"""Kinds of sources that the journeys count the rows of."""


def find_segment(source: Source, segment: str | None) -> str:
    """Return the segment that a name in any language means; None means the one with the most customers.

    Raises
    ------
    TableError
        When no segment has that name.
    """
    names = source.segments
    if segment is None:
        sizes = {name: segment_size(source, name)[0] or 0 for name in names}
        return max(names, key=lambda name: (sizes[name], -names.index(name)))
    for name in names:
        if name.casefold() == str(segment).strip().casefold() or segment_label(source, name).matches(str(segment)):
            return name
    if ALL_CUSTOMERS.matches(str(segment)) and not source.overall.empty:
        return str(source.overall["segment"].iloc[0])
    raise TableError(f"{segment!r} is not a segment", where="table 'journeys'", remedy=did_you_mean(segment, names))


def read_view(
    journeys: pd.DataFrame, moments: pd.DataFrame | None = None, *, segment: str | None = None, language: str = "en",
    quotes: bool = True,
) -> MapView:  # fmt: skip
    """Read everything that one map shows; without ``quotes`` no verbatim at all.

    Raises
    ------
    TableError
        When a table does not fit its schema, the journeys are empty, or there is no such segment.
    """
    source = open_source(journeys, language=language)
    return _view(source, find_segment(source, segment), moments, quotes=quotes)


def _view(source: Source, name: str, moments: pd.DataFrame | None = None, *, quotes: bool = True) -> MapView:
    is_overall = name not in source.rows
    rows = source.overall_rows if is_overall else source.rows[name]
    places = list_places(source)
    volume = "reach_n" if counts_people(source, rows) else "n"
    cells = read_cells(source, name, rows, places, volume=volume, quotes=quotes)
    told = moments if moments is not None and len(moments) else None
    teller = Teller(source, told, name, quotes) if told is not None else None
    stages = _stages(source, name, cells, teller, quotes=quotes)
    alone = is_overall or len(source.all_segments) == 1
    return MapView(
        head=read_head(source, name),
        stages=stages,
        words=source.words,
        colour=OVERALL_COLOUR if alone else segment_colour(source.all_segments.index(name)),
        is_overall=alone,
        volume_kind="customers" if volume == "reach_n" else "answers",
        scale=source.once("scale", lambda: asked_scale(source.table("scored"))),
        provenance=source.provenance,
        settings={"outcome": _outcome(told)},
        limit=source.once("limit", lambda: _limit(source.journeys)),
    )


def read_views(
    journeys: pd.DataFrame, *, language: str = "en", segments: Sequence[str] | None = None, min_n: int = WITHHELD_BELOW
) -> list[MapView]:
    """Read several segments, all when none is named; cells with fewer than ``min_n`` behind them lose their numbers.

    Raises
    ------
    TableError
        When the table does not fit its schema, the journeys are empty, or a segment is not known.
    """
    source = open_source(journeys, language=language)
    views = [_view(source, find_segment(source, name)) for name in segments or source.segments]

    def hide(point: TouchpointCell) -> TouchpointCell:
        return point if min(point.n, point.customers) >= min_n else replace(point, experience=None, quote=None)

    return [
        replace(view, stages=tuple(replace(s, touchpoints=tuple(map(hide, s.touchpoints))) for s in view.stages))
        for view in views
    ]


def counts_people(source: Source, rows: list[dict[str, Any]]) -> bool:
    """Tell whether bubbles may mean customers reached rather than answers."""
    return source.counts_events and any((number(row.get("reach_n")) or 0) > 0 for row in rows)


def list_places(source: Source) -> list[tuple[str, str]]:
    """Return every (stage, touchpoint) of the journeys, all segments, in the order of the journey."""
    places: dict[tuple[str, str], float] = {}
    first: dict[str, float] = {}
    for row in (row for rows in source.rows.values() for row in rows):
        stage, position = str(row["stage"]), float(row["position"])
        places.setdefault((stage, str(row["touchpoint"])), position)
        first[stage] = min(position, first.get(stage, position))
    model = getattr(source.study, "stage_model", None)
    order = {stage: i for i, stage in enumerate(model.ids)} if model is not None else {}
    keys = [(order.get(stage, len(order)), first[stage], position, stage, point)
            for (stage, point), position in places.items()]  # fmt: skip
    return [(stage, touchpoint) for *_, stage, touchpoint in sorted(keys)]


def stage_label(source: Source, stage: str) -> str:
    """Return the name of a stage in the language of the picture."""
    model = getattr(source.study, "stage_model", None)
    found = model.find(stage, missing=None) if model is not None else None
    return found.label.text(source.words.language) if found is not None else _plain(stage)


def touchpoint_label(source: Source, touchpoint: str) -> str:
    """Return the name of a touchpoint in the language of the picture."""
    found = touchpoint_of(source, touchpoint)
    return found.label.text(source.words.language) if found is not None else _plain(touchpoint)


def touchpoint_of(source: Source, touchpoint: str) -> Any:
    """Return the touchpoint of the study, or None."""
    points = getattr(source.study, "touchpoints", ())
    return next((point for point in points if point.id == touchpoint), None)


def read_cells(
    source: Source, segment: str, rows: list[dict[str, Any]], places: list[tuple[str, str]], *, volume: str = "n",
    quotes: bool = True,
) -> list[TouchpointCell]:  # fmt: skip
    """Return a cell for every place, empty where the segment has no row."""
    by_place = {str(row["touchpoint"]): row for row in rows}
    everyone = {str(row["touchpoint"]): row for row in source.overall_rows}
    cells = [_cell(source, stage, touchpoint, by_place.get(touchpoint, {}), everyone.get(touchpoint, {}), volume)
             for stage, touchpoint in places]  # fmt: skip
    if not quotes:
        return cells
    ids = {place: row.get("quote_ids") for place, row in by_place.items()}
    return [replace(cell, quote=_quote(source, segment, cell, ids.get(cell.id))) for cell in cells]


def _quote(source: Source, segment: str, cell: TouchpointCell, ids: Any) -> Said | None:
    if not isinstance(ids, (list, tuple)) or not ids or cell.n < WITHHELD_BELOW or cell.experience is None:
        return None
    clauses, language, sign = read_clauses(source), source.words.language, 1 if cell.experience >= 0 else -1
    key = ("quote", segment, cell.id, language, sign, tuple(ids))
    return source.once(
        key, lambda: choose_quote(clauses.find(ids), clauses.at(segment, cell.id), sign=sign, language=language)
    )


def _cell(
    source: Source, stage: str, touchpoint: str, row: Mapping[Any, Any], all_row: Mapping[Any, Any], volume: str,
) -> TouchpointCell:  # fmt: skip
    known = touchpoint_of(source, touchpoint)
    gap, expected, above = (number(row.get(name)) for name in ("gap", "expectation", "gap_high"))
    n = int(number(row.get("n")) or 0)
    return TouchpointCell(
        id=touchpoint, stage=stage, label=touchpoint_label(source, touchpoint), n=n,
        customers=int(number(row.get("customers")) or 0), experience=number(row.get("experience")),
        low=number(row.get("low")), high=number(row.get("high")), volume=number(row.get(volume)) or 0.0,
        channel=_word(row.get("channel")) or getattr(known, "channel", ""), owner=_owner(source, known),
        evidence=_word(row.get("evidence")), expected=expected if gap is not None else None,
        lived=expected + gap if expected is not None and gap is not None else None,
        n_gap=int(number(row.get("n_gap")) or (n if gap is not None else 0)),
        overall=number(all_row.get("experience")), overall_n=int(number(all_row.get("n")) or 0),
        dimension=_word(row.get("dimension")) or getattr(known, "dimension", ""),
        polarised=row.get("polarised") is not None and bool(number(row.get("polarised"))),
        misses=above is not None and above < 0, below=_is_below(row), share_negative=number(row.get("share_negative")),
        reach=number(row.get("reach")),
        sources=tuple((kind, int(number(row.get(f"n_{kind}")) or 0)) for kind in SOURCES if number(row.get(f"n_{kind}"))),
    )  # fmt: skip


def _is_below(row: Mapping[Any, Any]) -> bool:
    """Tell whether a cell is surely below neutral, by the rule of pains; from its interval where there is no error."""
    mean, se, low, high = (number(row.get(name)) for name in ("experience", "se", "low", "high"))
    if se is None and low is not None and high is not None:
        se = (high - low) / 2 / 1.959964
    return mean is not None and se is not None and bool(is_beyond(-mean, se))


def _owner(source: Source, known: Any) -> str:
    function = getattr(known, "owner", "")
    if not function:
        return ""
    owners = getattr(getattr(source.study, "charter", None), "owners", {}) or {}
    who, what = owners.get(function, ""), source.words.named("owners", function)
    return f"{who} ({what})" if who else what


def _stages(
    source: Source, segment: str, cells: list[TouchpointCell], teller: Teller | None, *, quotes: bool
) -> tuple[StageCell, ...]:
    moments = teller.tell(cells) if teller is not None else []
    table = source.once("stages", lambda: records(source.table("stages")))
    known = {str(row["stage"]): row for row in table if str(row["segment"]) == segment}
    told = source.once(("told", source.words.language), lambda: read_told(source)) if quotes else {}
    stages = []
    for stage in dict.fromkeys(cell.stage for cell in cells):
        row = known.get(stage, {}) if source.counts_events else {}
        points = tuple(cell for cell in cells if cell.stage == stage)
        own = {moment.kind: moment for moment in moments if moment.stage == stage}
        stages.append(
            StageCell(
                id=stage,
                label=stage_label(source, stage),
                touchpoints=points,
                experience=_weighted(points),
                customers=number(row.get("customers")) if number(row.get("reach", 0.0)) is not None else None,
                drop_off=number(row.get("drop_off")),
                pain=own.get("pain") or (teller.hear(points) if teller is not None else None),
                opportunity=own.get("opportunity"),
                truths=tuple(m for m in moments if m.stage == stage and m.kind == "moment_of_truth"),
                told=_told(told, segment, stage),
            )
        )
    return tuple(stages)


def _weighted(points: tuple[TouchpointCell, ...]) -> float | None:
    shown = [(point.experience or 0.0, point.n) for point in points if point.shown]
    total = sum(n for _, n in shown)
    return sum(value * n for value, n in shown) / total if total else None


def _told(told: Mapping[tuple[str, str, str], Told], segment: str, stage: str) -> dict[str, Told]:
    """Return what the segment says at a stage in each lane, else what everyone says."""
    found = {lane: told.get((segment, stage, lane)) or told.get(("", stage, lane)) for lane in LANES_TOLD}
    return {lane: said for lane, said in found.items() if said is not None}


def _limit(journeys: pd.DataFrame) -> float:
    """Return the end of the scale that all points and intervals of all segments fit on: .4, .6, .8 or 1."""
    enough = journeys[journeys["n"] >= WITHHELD_BELOW]
    most = enough[["experience", "low", "high"]].abs().max().max()
    return next((end for end in (0.4, 0.6, 0.8) if most <= end), 1.0)


def _outcome(moments: pd.DataFrame | None) -> str:
    if moments is None or "outcome" not in moments:
        return ""
    truths = moments[moments["kind"] == "moment_of_truth"]["outcome"].dropna()
    return str(truths.mode().iloc[0]) if len(truths) else ""


def number(value: Any) -> float | None:
    """Return a float, or None for what is missing."""
    if value is None or isinstance(value, (list, str)) or pd.isna(value):
        return None
    return float(value)


def _word(value: Any) -> str:
    return "" if value is None or (not isinstance(value, str) and pd.isna(value)) else str(value)


def _plain(identity: str) -> str:
    words = identity.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
