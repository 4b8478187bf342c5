"""The table twin of a picture: the same numbers and the same n, carried in ``layout.meta``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cjmlab.errors import TableError
from cjmlab.maps.view import MapView, TouchpointCell

_CELL = ("segment", "stage", "touchpoint", "label", "n", "customers", "experience", "low", "high", "overall", "expectation",
         "gap", "n_gap", "share_negative", "polarised", "volume", "channel", "dimension", "owner", "sources",
         "evidence", "withheld")  # fmt: skip


def map_table(figure: Any) -> pd.DataFrame:
    """Return the numbers of a picture as a table.

    Every picture of this room carries its table in ``layout.meta["table"]``, so the twin stays with the figure when it
    is saved as JSON. What the picture withholds (fewer than five people) is missing in the table too.

    Parameters
    ----------
    figure : Figure or dict
        From ``journey_map``, ``compare_maps``, ``touchpoint_heatmap``, ``journey_flow`` or ``wave_map``; or its spec.

    Returns
    -------
    DataFrame
        For maps and heatmaps one row a segment and touchpoint; for flows one row a pair of stages; for waves one row
        a touchpoint.

    Raises
    ------
    TableError
        When the figure is not one of ours.

    Examples
    --------
    >>> map_table({"layout": {"meta": {"table": {"columns": ["n"], "rows": [[3]]}}}})
       n
    0  3
    """
    layout = figure["layout"] if isinstance(figure, Mapping) else figure.layout
    meta = layout.get("meta") if isinstance(layout, Mapping) else layout.meta
    table = meta.get("table") if isinstance(meta, Mapping) else None
    if not table:
        raise TableError("the figure carries no table", remedy="Pass a picture that a verb of cjmlab drew.")
    return pd.DataFrame([list(row) for row in table["rows"]], columns=list(table["columns"]))


def pack(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return a table as plain lists, numbers rounded to three decimals, missing as None."""
    return {"columns": list(columns), "rows": [[_plain(value) for value in row] for row in rows]}


def pack_cells(views: Sequence[MapView]) -> dict[str, Any]:
    """Return the touchpoints of views as a table."""
    return pack(_CELL, [_cell(view, point) for view in views for point in view.touchpoints])


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
