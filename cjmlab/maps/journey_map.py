"""The journey map: one figure, drawn lane by lane from the numbers of one segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.errors import VocabularyError, did_you_mean
from cjmlab.maps.canvas import Canvas
from cjmlab.maps.geometry import Columns, lay_columns
from cjmlab.maps.lanes import LANES, MORE_LANES, EmotionLane, Lane, PainsLane
from cjmlab.maps.lanes.touchpoints import stage_need, touchpoint_need
from cjmlab.maps.reading import read_view
from cjmlab.maps.twin import pack_cells, pack_parts
from cjmlab.maps.view import MapView

if TYPE_CHECKING:
    import plotly.graph_objects as go

NARROW = 1100
"""Width in pixels that suits a notebook column."""
SHEET = 1188
"""Height that makes a map of 1680 pixels one A3 page; the emotion lane gives and takes to come near it."""
_GAP = 8.0
_LEAST = 640


def journey_map(
    journeys: pd.DataFrame,
    moments: pd.DataFrame | None = None,
    *,
    segment: str | None = None,
    language: str = "en",
    lanes: Sequence[Lane | str] | None = None,
    width: int = 1680,
    quotes: bool = True,
) -> go.Figure:
    """Draw the journey map of one segment.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``; a plain DataFrame with the columns of ``describe_table("journeys")`` gives a smaller
        map whose labels are the ids.
    moments : DataFrame, optional
        From ``rank_moments``: pains, opportunities, moments of truth.
    segment : str, optional
        Name of the segment in any language, or "All customers"; the largest one when None.
    language : str
        Language of everything that is not a verbatim.
    lanes : sequence of Lane or str, optional
        Which lanes, in which order: objects with ``height`` and ``draw``, or names of the shipped ones: header, stage,
        reach, emotion, touchpoints, behaviour, motivation, expectation, pains, opportunities, footer; and on request
        trigger, brand, arc, owner, kpi. Lanes without data are left out; the figure is as tall as what is left.
    width : int
        Pixels: 1680 for A3 and slides, ``NARROW`` (1100) for a notebook column.
    quotes : bool
        Whether verbatims are drawn and carried. Without them there are no callouts and no lanes of sayings.

    Returns
    -------
    plotly.graph_objects.Figure
        Its ``layout.meta`` names segment and language; ``map_table`` gives its numbers as a table.

    Raises
    ------
    CjmError
        When a table does not fit its schema, or segment, language or lane is not known.

    Examples
    --------
    >>> journeys = pd.DataFrame({"segment": "Families", "stage": ["buy", "use"], "touchpoint": ["checkout", "app"],
    ...     "position": [0, 1], "n": [40, 52], "customers": [40, 50], "experience": [-0.4, 0.3], "low": [-0.5, 0.2],
    ...     "high": [-0.3, 0.4], "evidence": "single source"})
    >>> figure = journey_map(journeys, language="ru")
    >>> figure.layout.width, figure.layout.meta["segment"]
    (1680, 'Families')
    """
    import plotly.graph_objects as go

    spec = map_spec(journeys, moments, segment=segment, language=language, lanes=lanes, width=width, quotes=quotes)
    return go.Figure(spec)


def map_spec(
    journeys: pd.DataFrame,
    moments: pd.DataFrame | None = None,
    *,
    segment: str | None = None,
    language: str = "en",
    lanes: Sequence[Lane | str] | None = None,
    width: int = 1680,
    quotes: bool = True,
) -> dict[str, Any]:
    """Return what ``journey_map`` draws as plain data (``data``, ``layout``), without Plotly's validation.

    The same parameters and errors as ``journey_map``.
    """
    view = read_view(journeys, moments, segment=segment, language=language, quotes=quotes)
    return draw_view(view, lanes=lanes, width=width)[1]


def draw_view(
    view: MapView, *, lanes: Sequence[Lane | str] | None = None, width: int = 1680
) -> tuple[Canvas, dict[str, Any]]:
    """Draw a view; return the canvas (which knows where every text stands) and the plain figure."""
    if width < _LEAST:
        raise VocabularyError(f"a map of {width} pixels is too narrow", where="width", remedy=f"Take {_LEAST} or more.")
    needs = [[touchpoint_need(view, point) for point in stage.touchpoints] for stage in view.stages]
    columns = lay_columns(needs, width=width, names=[stage_need(stage) for stage in view.stages])
    canvas = Canvas(width, view.words.language)
    y = 22.0 if columns.wide else 14.0
    picked: list[Lane] = [lane for lane in pick_lanes(lanes) if lane.height(view, columns) > 0]
    gap = _GAP
    if columns.wide:
        picked, gap = _fit_sheet(picked, view, columns, SHEET - y - 6)
    bands: dict[str, list[float]] = {}
    for lane in picked:
        lane.draw(canvas, view, columns, y)
        bands[lane.name] = [round(y, 1), round(y + lane.height(view, columns), 1)]
        y = bands[lane.name][1] + gap
    meta = {
        "kind": "journey_map", "segment": view.head.segment, "language": view.words.language, "lanes": bands,
        "table": pack_cells([view]), "parts": pack_parts(view),
    }  # fmt: skip
    height = SHEET if columns.wide and abs(y + 6 - SHEET) < 2 else y + 6
    return canvas, canvas.spec(height, meta=meta)


def _fit_sheet(lanes: list[Lane], view: MapView, columns: Columns, room: float) -> tuple[list[Lane], float]:
    """Bring the lanes to the height of a sheet: the emotion lane gives or takes, then gaps and quotes get shorter.

    What cannot be brought to it keeps its full words, and the figure is taller.
    """
    roomy: list[Lane] | None = None
    for gap, quote_lines, least in ((_GAP, 3, 0.8), (5.0, 2, 0.8), (5.0, 2, 0.68)):
        picked = [replace(lane, quote_lines=quote_lines) if isinstance(lane, PainsLane) else lane for lane in lanes]
        spare = room - sum(lane.height(view, columns) + gap for lane in picked)
        picked = [lane.stretched(spare, least=least) if isinstance(lane, EmotionLane) else lane for lane in picked]
        roomy = roomy or picked
        if sum(lane.height(view, columns) + gap for lane in picked) <= room + 1:
            return picked, gap
    return roomy or lanes, _GAP


def pick_lanes(lanes: Sequence[Lane | str] | None) -> list[Lane]:
    """Return lane objects for names and objects; the usual ones for None.

    Raises
    ------
    VocabularyError
        When a name is not a shipped lane.
    """
    if lanes is None:
        return list(LANES)
    shipped = {lane.name: lane for lane in (*LANES, *MORE_LANES)}
    picked = []
    for lane in lanes:
        if not isinstance(lane, str):
            picked.append(lane)
        elif lane in shipped:
            picked.append(shipped[lane])
        else:
            raise VocabularyError(f"{lane!r} is not a lane", where="lanes", remedy=did_you_mean(lane, shipped))
    return picked
