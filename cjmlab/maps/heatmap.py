"""Segment by touchpoint: every experience in one table of colours, small cells withheld."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import DARK, EDGE, MUTED, experience_colour, ink_on
from cjmlab.maps.fitting import Fitted, fit_line, fit_text, fit_whole
from cjmlab.maps.hover import describe_point, hover_row
from cjmlab.maps.metrics import text_width
from cjmlab.maps.reading import read_views
from cjmlab.maps.source import open_source
from cjmlab.maps.titles import EDGE as MARGIN
from cjmlab.maps.titles import draw_title, start_canvas
from cjmlab.maps.twin import pack_cells
from cjmlab.maps.view import WITHHELD_BELOW, MapView, TouchpointCell

if TYPE_CHECKING:
    import plotly.graph_objects as go

_ROW = 62.0


def touchpoint_heatmap(
    journeys: pd.DataFrame, *, language: str = "en", segments: Sequence[str] | None = None, min_n: int = WITHHELD_BELOW,
    width: int = 1680,
) -> go.Figure:  # fmt: skip
    """Draw the experience of every segment at every touchpoint.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    language : str
        Language of the labels.
    segments : sequence of str, optional
        Which segments, in which order; all when None.
    min_n : int
        Cells with fewer answers or customers are withheld; never below five.
    width : int
        Pixels.

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
    >>> journeys = pd.DataFrame({"segment": ["A", "B"], "stage": "buy", "touchpoint": "checkout", "position": 0,
    ...     "n": [40, 3], "customers": [40, 3], "experience": [-0.4, 0.3], "low": [-0.5, -1.0], "high": [-0.3, 1.0],
    ...     "evidence": "single source"})
    >>> from cjmlab.maps import map_table
    >>> map_table(touchpoint_heatmap(journeys))[["segment", "n", "experience", "withheld"]].values.tolist()
    [['A', 40.0, -0.4, False], ['B', nan, nan, True]]
    """
    import plotly.graph_objects as go

    return go.Figure(heatmap_spec(journeys, language=language, segments=segments, min_n=min_n, width=width))


def heatmap_spec(
    journeys: pd.DataFrame, *, language: str = "en", segments: Sequence[str] | None = None, min_n: int = WITHHELD_BELOW,
    width: int = 1680,
) -> dict[str, Any]:  # fmt: skip
    """Return what ``touchpoint_heatmap`` draws as plain data, unvalidated."""
    least = max(open_source(journeys, language=language).smallest, min_n)
    views = read_views(journeys, language=language, segments=segments, min_n=least)
    return draw_heatmap(views, least=least, width=width)[1]


def draw_heatmap(views: Sequence[MapView], *, least: int, width: int) -> tuple[Canvas, dict[str, Any]]:
    """Draw the views; return the canvas and the plain figure."""
    words = views[0].words
    canvas = start_canvas(width, words.language)
    y = draw_title(canvas, words.say("title_heat"), words.say("note_heat", n=least))
    left = MARGIN + (220.0 if width >= 1400 else 140.0)
    cell = (width - left - 78) / max(1, len(views[0].touchpoints))
    top = _draw_stages(canvas, views[0], left, y, cell) + 7
    sizes = _type_sizes(views, cell - 7)
    for i, view in enumerate(views):
        _draw_row(canvas, view, Box(left, top + i * _ROW, cell, _ROW - 4), least, sizes)
    bottom = top + len(views) * _ROW
    bottom = _draw_names(canvas, views[0], left, bottom + 4, cell)
    _draw_scale(canvas, views[0], Box(width - 56, top, 12, len(views) * _ROW - 4))
    meta = {"kind": "touchpoint_heatmap", "language": words.language, "table": pack_cells(views)}
    return canvas, canvas.spec(bottom + 10, meta=meta)


def _draw_stages(canvas: Canvas, view: MapView, left: float, top: float, cell: float) -> float:
    """Write the stages above their cells, in two lines where one is too long for one; return where they end."""
    wide = [cell * len(stage.touchpoints) - 3 for stage in view.stages]
    labels = [_fit_stage(stage.label, room - 8) for stage, room in zip(view.stages, wide, strict=True)]
    height = 25.0 if all(len(label.lines) < 2 for label in labels) else 36.0
    x = left
    for label, room in zip(labels, wide, strict=True):
        box = Box(x, top, room, height)
        canvas.rectangle(box, radius=3, fill=DARK, name="stage")
        canvas.text(x + room / 2, top + height / 2, label, middle=True, colour="#FFFFFF", align="center", role="stage",
                    room=box)  # fmt: skip
        x += room + 3
    return top + height


def _fit_stage(label: str, room: float) -> Fitted:
    one = fit_whole(label, room, sizes=(12.0, 11.0), lines=1, bold=True)
    return one if not one.cut else fit_whole(label, room, sizes=(11.0, 10.0), lines=2, bold=True)


def _type_sizes(views: Sequence[MapView], room: float) -> tuple[float, float]:
    """Return the type sizes of the values and of the counts, the same in all cells; 0 for counts that do not fit."""
    words = views[0].words
    shown = [point for view in views for point in view.touchpoints if point.shown]
    widest = max((text_width(words.signed(p.experience or 0), 1, bold=True) for p in shown), default=1.0)
    longest = max((text_width(words.say("n", n=words.number(p.n)), 1) for p in shown), default=1.0)
    value = next((size for size in (13.5, 12.0, 10.5, 9.0) if widest * size <= room), 8.0)
    return value, next((size for size in (10.5, 9.5, 8.5, 8.0) if size <= value and longest * size <= room), 0.0)


def _draw_row(canvas: Canvas, view: MapView, first: Box, least: int, sizes: tuple[float, float]) -> None:
    room = Box(MARGIN, first.top, first.left - MARGIN - 12, first.height)
    name = fit_text(view.head.label, room.width, size=12.5, lines=2, bold=True)
    others = fit_text(" · ".join(view.head.other_names), room.width, size=10.5, lines=2 if len(name.lines) == 1 else 1)
    y = first.top + (first.height - name.height - others.height) / 2
    canvas.text(room.right, y, name, align="right", colour=view.colour, role="segment", room=room)
    canvas.text(room.right, y + name.height, others, colour=MUTED, align="right", role="other names", room=room)
    x, data = [], []
    for i, point in enumerate(view.touchpoints):
        box = Box(first.left + i * first.width, first.top, first.width - 3, first.height)
        _draw_cell(canvas, view, point, box, least, sizes)
        x.append(box.left + box.width / 2)
        data.append(
            hover_row(
                view, "cell", point.id, point.stage, describe_point(view, point), point.quote if point.shown else None
            )
        )
    canvas.points(
        x, [first.top + first.height / 2] * len(x), name="cells", size=36, symbol="square", opacity=0, data=data
    )


def _draw_cell(
    canvas: Canvas, view: MapView, point: TouchpointCell, box: Box, least: int, sizes: tuple[float, float]
) -> None:
    words, centre = view.words, box.left + box.width / 2
    if not point.shown or point.experience is None:
        canvas.rectangle(box, radius=3, fill="#F5F6F7", line=EDGE, stroke=1, dash="3px,3px", name="withheld")
        note = fit_line(words.say("withheld", n=least), box.width - 4, size=10)
        canvas.text(centre, box.top + box.height / 2, note, middle=True, size=10, colour=MUTED, align="center",
                    role="withheld", room=box)  # fmt: skip
        return
    colour = experience_colour(point.experience)
    canvas.rectangle(box, radius=3, fill=colour, name="cell")
    ink = ink_on(colour)
    middle = box.top + box.height / 2
    canvas.text(centre, middle - 9, words.signed(point.experience), middle=True, size=sizes[0], bold=True, colour=ink,
                align="center", role="experience", room=box)  # fmt: skip
    if sizes[1]:
        note = words.say("n", n=words.number(point.n))
        canvas.text(
            centre, middle + 10, note, middle=True, size=sizes[1], colour=ink, align="center", role="n", room=box
        )


def _draw_names(canvas: Canvas, view: MapView, left: float, top: float, cell: float) -> float:
    """Write the touchpoints below the cells, in two rows when the cells are narrow; return where they end."""
    rows, y = (2 if cell < 62 else 1), top
    for row in range(rows):
        bottom = y
        for i, point in enumerate(view.touchpoints):
            if i % rows != row:
                continue
            centre = left + i * cell + (cell - 3) / 2
            half = min(cell * rows / 2, centre - left + cell * 0.6 + 20) - 2
            room = Box(centre - half, y, 2 * half, 64)
            fitted = fit_whole(point.label, room.width, sizes=(11.0, 10.0, 9.0), lines=3)
            box = canvas.text(centre, y + 2, fitted, align="center", role="touchpoint", room=room)
            bottom = max(bottom, box.bottom)
        y = bottom + 4
    return y


def _draw_scale(canvas: Canvas, view: MapView, box: Box) -> None:
    step = box.height / 20
    for k in range(20):
        canvas.rectangle(Box(box.left, box.top + k * step, box.width, step + 0.4), fill=experience_colour(1 - 2 * (k + 0.5) / 20),
                         name="colour scale")  # fmt: skip
    for value, y in ((1, box.top), (0, box.top + box.height / 2), (-1, box.bottom)):
        canvas.text(box.right + 5, y, view.words.signed(value, 0), middle=True, size=10.5, colour=MUTED, role="tick")
