"""The flow: stages as bars, customers as ribbons; ways ahead above, ways back below, ends drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.errors import TableError
from cjmlab.maps.canvas import Canvas
from cjmlab.maps.flow_drawing import FlowDrawing
from cjmlab.maps.moves import START, Moves, count_moves
from cjmlab.maps.reading import read_view
from cjmlab.maps.source import open_source
from cjmlab.maps.titles import draw_title, start_canvas
from cjmlab.maps.twin import pack
from cjmlab.maps.view import WITHHELD_BELOW, MapView

if TYPE_CHECKING:
    import plotly.graph_objects as go

_TALL, _BAR = 150.0, 16.0


def journey_flow(
    journeys: pd.DataFrame, *, segment: str | None = None, language: str = "en", width: int = 1680,
    smallest: int = WITHHELD_BELOW,
) -> go.Figure:  # fmt: skip
    """Draw how the customers of a segment move between stages, loops and leaving included.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``; the events are in what it carries.
    segment : str, optional
        Name in any language, or "All customers"; the largest segment when None.
    language : str
        Language of the labels.
    width : int
        Pixels.
    smallest : int
        Ways and stages of fewer customers are withheld. A way from which a withheld one could be reckoned is rounded to
        a multiple of this.

    Returns
    -------
    plotly.graph_objects.Figure
        Bars are customers at a stage, the n of the map. Ribbons are customers who went that way at least once; ways of
        fewer than ``smallest`` customers are not drawn. ``map_table`` gives one row a way.

    Raises
    ------
    CjmError
        When there are no events, or the segment or language is not known.

    Examples
    --------
    >>> journey_flow(pd.DataFrame({"segment": ["A"], "stage": ["buy"], "touchpoint": ["checkout"], "position": [0],
    ...     "n": [9], "customers": [9], "experience": [0.1], "low": [0.0], "high": [0.2], "evidence": ["assumption"]}))
    Traceback (most recent call last):
    ...
    cjmlab.errors.TableError: table 'journeys': there are no events to draw a flow from. Derive the journeys from a study with events.
    """
    import plotly.graph_objects as go

    return go.Figure(flow_spec(journeys, segment=segment, language=language, width=width, smallest=smallest))


def flow_spec(
    journeys: pd.DataFrame, *, segment: str | None = None, language: str = "en", width: int = 1680,
    smallest: int = WITHHELD_BELOW,
) -> dict[str, Any]:  # fmt: skip
    """Return what ``journey_flow`` draws as plain data, unvalidated."""
    view = read_view(journeys, segment=segment, language=language, quotes=False)
    source = open_source(journeys, language=language)
    whole = view.is_overall
    moves = count_moves(source, None if whole else view.head.segment, [stage.id for stage in view.stages])
    if not moves.links:
        raise TableError("there are no events to draw a flow from", where="table 'journeys'",
                         remedy="Derive the journeys from a study with events.")  # fmt: skip
    return draw_flow(view, moves, width=width, smallest=max(smallest, source.smallest))[1]


def draw_flow(
    view: MapView, moves: Moves, *, width: int, smallest: int = WITHHELD_BELOW
) -> tuple[Canvas, dict[str, Any]]:
    """Draw the moves; return the canvas and the plain figure."""
    words = view.words
    canvas = start_canvas(width, words.language)
    total = sum(n for (start, _), n in moves.links.items() if start == START)
    note = words.say("note_flow", n=words.count("customers", total))
    top = draw_title(canvas, f"{words.say('title_flow')} · {view.head.label}", note)
    drawing = FlowDrawing(canvas, view, moves, top, smallest)
    drawing.draw()
    shown, rounded = moves.shown(smallest), moves.rounded(smallest)
    rows = [[view.head.segment, a, b, shown.get((a, b)), (a, b) in rounded] for a, b in moves.links]
    table = pack(("segment", "from", "to", "customers", "rounded"), rows)
    meta = {"kind": "journey_flow", "segment": view.head.segment, "language": words.language, "table": table}
    return canvas, canvas.spec(drawing.bottom, meta=meta)
