"""Small multiples: where the journeys of the segments part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import BAD, EDGE, GOOD, MUTED
from cjmlab.maps.curves import smooth_path
from cjmlab.maps.emotion_chart import EmotionChart, Spot
from cjmlab.maps.fitting import fit_line, fit_text
from cjmlab.maps.metrics import text_width
from cjmlab.maps.placement import Crowd, spots_around
from cjmlab.maps.reading import read_views
from cjmlab.maps.titles import EDGE as MARGIN
from cjmlab.maps.titles import draw_title, start_canvas
from cjmlab.maps.twin import pack_cells
from cjmlab.maps.view import MapView

if TYPE_CHECKING:
    import plotly.graph_objects as go

_HEAD, _CHART, _FOOT = 34.0, 226.0, 40.0


def compare_maps(
    journeys: pd.DataFrame, *, language: str = "en", segments: Sequence[str] | None = None, width: int = 1680
) -> go.Figure:
    """Draw the emotion curve of every segment on one scale, the others in grey behind it.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    language : str
        Language of the labels.
    segments : sequence of str, optional
        Which segments, in which order; all when None.
    width : int
        Pixels; two panels beside each other from 1000 on.

    Returns
    -------
    plotly.graph_objects.Figure
        ``map_table`` gives its numbers.

    Raises
    ------
    CjmError
        When the table does not fit its schema, or a segment or language is not known.

    Examples
    --------
    >>> journeys = pd.DataFrame({"segment": ["A", "A", "B", "B"], "stage": "buy", "touchpoint": ["checkout", "payment"] * 2,
    ...     "position": [0, 1] * 2, "n": 40, "customers": 40, "experience": [-0.4, 0.3, 0.5, 0.1], "low": -0.5,
    ...     "high": 0.6, "evidence": "single source"})
    >>> compare_maps(journeys).layout.meta["kind"]
    'compare_maps'
    """
    import plotly.graph_objects as go

    return go.Figure(compare_spec(journeys, language=language, segments=segments, width=width))


def compare_spec(
    journeys: pd.DataFrame, *, language: str = "en", segments: Sequence[str] | None = None, width: int = 1680
) -> dict[str, Any]:
    """Return what ``compare_maps`` draws as plain data, unvalidated."""
    return draw_comparison(read_views(journeys, language=language, segments=segments), width=width)[1]


def draw_comparison(views: Sequence[MapView], *, width: int) -> tuple[Canvas, dict[str, Any]]:
    """Draw the views; return the canvas and the plain figure."""
    words = views[0].words
    canvas = start_canvas(width, words.language)
    top = draw_title(canvas, words.say("title_compare"), words.say("note_compare"))
    across = 2 if width >= 1000 and len(views) > 1 else 1
    gap = 34.0
    wide = (width - 2 * MARGIN - gap * (across - 1)) / across
    for i, view in enumerate(views):
        place = Box(MARGIN + (i % across) * (wide + gap), top + (i // across) * (_HEAD + _CHART + _FOOT), wide, _CHART)
        _draw_panel(canvas, view, [other for other in views if other is not view], place)
    rows = -(-len(views) // across)
    meta = {"kind": "compare_maps", "language": words.language, "table": pack_cells(views)}
    return canvas, canvas.spec(top + rows * (_HEAD + _CHART + _FOOT) + 4, meta=meta)


def _draw_panel(canvas: Canvas, view: MapView, others: Sequence[MapView], place: Box) -> None:
    _draw_head(canvas, view, place)
    axis = 84.0
    box = Box(place.left + axis, place.top + _HEAD, place.width - axis, _CHART)
    counts = [len(stage.touchpoints) for stage in view.stages]
    unit = box.width / (sum(counts) + 0.5 * len(counts))
    edges = [box.left]
    for count in counts:
        edges.append(edges[-1] + unit * (count + 0.5))
    xs = [edges[i] + unit * (0.75 + k) for i, count in enumerate(counts) for k in range(count)]
    low, high = view.provenance.get("neutral") or (-0.1, 0.1)
    chart = EmotionChart(canvas, view, box, _spots(xs, view), view.limit, (float(low), float(high)))
    chart.draw_zones(place.left, size=11)
    for edge in edges[1:-1]:
        canvas.line(edge, box.top, edge, box.bottom, line=EDGE, stroke=1, dash="dot", name="separator")
    for other in others:
        for run in replace(chart, view=other, spots=_spots(xs, other)).runs():
            if len(run) > 1:
                path = smooth_path([(x, chart.y(p.experience)) for x, p in run])
                canvas.path(path, line="#C9CFD6", stroke=1.2, name="other segments")
    chart.draw_interval()
    chart.draw_curve()
    chart.draw_points(size=11)
    _draw_ends(chart)
    for i, stage in enumerate(view.stages):
        room = Box(edges[i] + 2, box.bottom, edges[i + 1] - edges[i] - 4, 34)
        one = next((s for s in (11.5, 10.5) if text_width(stage.label, s) <= room.width), 0.0)
        label = fit_text(stage.label, room.width, size=one or 10, lines=1 if one else 2)
        canvas.text(
            room.left + room.width / 2, box.bottom + 7, label, colour=MUTED, align="center", role="stage", room=room
        )


def _spots(xs: Sequence[float], view: MapView) -> list[Spot]:
    return list(zip(xs, view.touchpoints, strict=True))


def _draw_head(canvas: Canvas, view: MapView, place: Box) -> None:
    canvas.rectangle(Box(place.left, place.top + 6, 12, 12), radius=2, fill=view.colour, name="segment mark")
    name = fit_line(view.head.label, place.width * 0.6, size=15, bold=True)
    box = canvas.text(place.left + 20, place.top + 12, name, middle=True, size=15, bold=True, colour=view.colour,
                      role="segment", room=place)  # fmt: skip
    words = view.words
    shown = [point for point in view.touchpoints if point.shown]
    parts = []
    if view.head.customers is not None:
        share = f" ({words.percent(view.head.share)})" if view.head.share is not None else ""
        parts.append(words.say("n", n=words.number(view.head.customers)) + share)
    total = sum(point.n for point in shown)
    if total:
        mean = sum((point.experience or 0.0) * point.n for point in shown) / total
        parts.append(words.say("mean", value=words.signed(mean)))
    parts += view.head.other_names
    note = fit_line(" · ".join(parts), place.right - box.right - 12, size=11.5)
    canvas.text(
        box.right + 10, place.top + 12.5, note, middle=True, size=11.5, colour=MUTED, role="segment note", room=place
    )


def _draw_ends(chart: EmotionChart) -> None:
    """Name the highest and the lowest touchpoint."""
    ends, crowd = chart.ends(), chart.crowd()
    if ends is None:
        return
    for (x, point), up in zip(ends, (True, False), strict=True):
        if up or point is not ends[0][1]:
            _draw_end(chart, crowd, x, point.label, point.experience or 0.0, up=up)


def _draw_end(chart: EmotionChart, crowd: Crowd, x: float, label: str, value: float, *, up: bool) -> None:
    number = chart.view.words.signed(value)
    bold = text_width(number, 11.5, bold=True)
    name = fit_line(label, 170, size=11.5)
    plain = text_width(name, 11.5)
    width = round(plain + bold + 7, 1)
    y = chart.y(value)
    box = crowd.place(width, 15, spots_around(x, y, width, 15, up=up, gap=9))
    colour, pivot = GOOD if value >= 0 else BAD, box.left + plain + 3
    chart.canvas.text(pivot - 2, box.top + 7.5, name, middle=True, size=11.5, colour=colour, align="right", role="end",
                      room=chart.box)  # fmt: skip
    chart.canvas.text(pivot + 2, box.top + 7.5, number, middle=True, size=11.5, bold=True, colour=colour,
                      role="end value", room=chart.box)  # fmt: skip
