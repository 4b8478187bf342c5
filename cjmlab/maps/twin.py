"""The table twin of a picture: the same numbers and the same n, carried in ``layout.meta``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.maps.lanes.expectation import asked_and_lived
from cjmlab.maps.scale import on_scale
from cjmlab.maps.view import MapView, MomentCell, StageCell, TouchpointCell

_CELL = ("segment", "stage", "touchpoint", "label", "n", "customers", "experience", "low", "high", "overall", "expectation",
         "gap", "n_gap", "share_negative", "polarised", "volume", "channel", "dimension", "owner", "sources",
         "evidence", "withheld")  # fmt: skip


PARTS = ("touchpoints", "stages", "cards", "sayings")


def map_table(figure: Any, part: str = "touchpoints") -> pd.DataFrame:
    """Return the numbers of a picture as a table.

    Every picture of this room carries its table in ``layout.meta["table"]``, so the twin stays with the figure when it
    is saved as JSON. What the picture withholds (fewer than five people) is missing in the table too.

    Parameters
    ----------
    figure : Figure or dict
        From ``journey_map``, ``compare_maps``, ``touchpoint_heatmap``, ``journey_flow`` or ``wave_map``; or its spec.
    part : str
        Of a map also ``stages``, ``cards`` (pains, complaints, opportunities, moments of truth; titles without words of
        customers) and ``sayings`` (how many clauses and people are behind each lane of sayings).

    Returns
    -------
    DataFrame
        For maps and heatmaps one row a segment and touchpoint; for flows one row a pair of stages; for waves one row
        a touchpoint.

    Raises
    ------
    TableError
        When the figure is not one of ours or has no such part.

    Examples
    --------
    >>> map_table({"layout": {"meta": {"table": {"columns": ["n"], "rows": [[3]]}}}})
       n
    0  3
    """
    layout = figure["layout"] if isinstance(figure, Mapping) else figure.layout
    meta = layout.get("meta") if isinstance(layout, Mapping) else layout.meta
    known = meta if isinstance(meta, Mapping) else {}
    table = known.get("table") if part == PARTS[0] else (known.get("parts") or {}).get(part)
    if not known.get("table"):
        raise TableError("the figure carries no table", remedy="Pass a picture that a verb of cjmlab drew.")
    if not table:
        have = [PARTS[0], *(known.get("parts") or {})]
        raise TableError(f"the figure carries no table {part!r}", remedy=did_you_mean(part, have))
    return pd.DataFrame([list(row) for row in table["rows"]], columns=list(table["columns"]))


def pack(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return a table as plain lists, numbers rounded to three decimals, missing as None."""
    return {"columns": list(columns), "rows": [[_plain(value) for value in row] for row in rows]}


def pack_cells(views: Sequence[MapView]) -> dict[str, Any]:
    """Return the touchpoints of views as a table."""
    return pack(_CELL, [_cell(view, point) for view in views for point in view.touchpoints])


def pack_parts(view: MapView) -> dict[str, dict[str, Any]]:
    """Return the stages, the cards and the counts of sayings of a map as tables."""
    cards = [(stage, card) for stage in view.stages for card in (stage.pain, stage.opportunity, *stage.truths) if card]
    told = [(stage, lane, said) for stage in view.stages for lane, said in sorted(stage.told.items())]
    return {
        "stages": pack(_STAGE, [_stage(view, stage) for stage in view.stages]),
        "cards": pack(_CARD, [_card(view, stage, card) for stage, card in cards]),
        "sayings": pack(_SAYING, [[view.head.segment, stage.id, lane, said.n, said.people, said.of_all]
                                  for stage, lane, said in told]),
    }  # fmt: skip


_STAGE = (
    "segment",
    "stage",
    "label",
    "touchpoints",
    "experience",
    "customers",
    "drop_off",
    "expected",
    "experienced",
    "n_gap",
)
_CARD = ("segment", "stage", "touchpoint", "kind", "rank", "title", "n", "share", "severity", "gain", "gain_low", "gain_high",
         "priority", "more")  # fmt: skip
_SAYING = ("segment", "stage", "lane", "n", "people", "all_customers")


def _stage(view: MapView, stage: StageCell) -> list[Any]:
    both = asked_and_lived(stage)
    expected, lived = (on_scale(value, view.scale) for value in both[:2]) if both else (None, None)
    return [view.head.segment, stage.id, stage.label, len(stage.touchpoints), stage.experience, stage.customers,
            stage.drop_off, expected, lived, both[2] if both else None]  # fmt: skip


def _card(view: MapView, stage: StageCell, card: MomentCell) -> list[Any]:
    gain = [card.gain, card.gain_low, card.gain_high, card.priority] if card.gain is not None else [None] * 4
    return [view.head.segment, stage.id, card.touchpoint, card.kind, card.rank, card.plain_title, card.n, card.share,
            card.severity, *gain, card.more]  # fmt: skip


def _cell(view: MapView, point: TouchpointCell) -> list[Any]:
    base = [view.head.segment, point.stage, point.id, point.label]
    if not point.shown:
        return [*base, *[None] * 12, point.channel, point.dimension, point.owner, "", point.evidence, True]
    gap = point.lived - point.expected if point.lived is not None and point.expected is not None else None
    sources = ", ".join(f"{kind} {n}" for kind, n in point.sources)
    return [*base, point.n, point.customers, point.experience, point.low, point.high, point.overall, point.expected, gap,
            point.n_gap if gap is not None else None, point.share_negative, point.polarised, point.volume, point.channel,
            point.dimension, point.owner, sources, point.evidence, False]  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, (bool, str)) or value is None:
        return value
    if pd.isna(value):
        return None
    number = round(float(value), 3)
    return int(number) if number == int(number) else number
