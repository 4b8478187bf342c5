"""The flow: stages as bars, customers as ribbons; ways ahead above, ways back below, ends drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.errors import TableError
from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import BAD, DARK, FAINT, MUTED, mix
from cjmlab.maps.fitting import fit_text
from cjmlab.maps.metrics import text_width
from cjmlab.maps.moves import LEAVE, OPEN, START, Moves, count_moves
from cjmlab.maps.reading import read_view
from cjmlab.maps.source import open_source
from cjmlab.maps.text_safety import plotly_text
from cjmlab.maps.titles import EDGE, draw_title, start_canvas
from cjmlab.maps.twin import pack
from cjmlab.maps.view import WITHHELD_BELOW, MapView

if TYPE_CHECKING:
    import plotly.graph_objects as go

_TALL, _BAR = 150.0, 16.0


def journey_flow(
    journeys: pd.DataFrame, *, segment: str | None = None, language: str = "en", width: int = 1680
) -> go.Figure:
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

    Returns
    -------
    plotly.graph_objects.Figure
        Bars are customers at a stage, the n of the map. Ribbons are customers who went that way at least once; ways of
        fewer than five customers are not drawn. ``map_table`` gives one row a way.

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

    return go.Figure(flow_spec(journeys, segment=segment, language=language, width=width))


def flow_spec(
    journeys: pd.DataFrame, *, segment: str | None = None, language: str = "en", width: int = 1680
) -> dict[str, Any]:
    """Return what ``journey_flow`` draws as plain data, unvalidated."""
    view = read_view(journeys, segment=segment, language=language)
    source = open_source(journeys, language=language)
    whole = view.is_overall and len(source.segments) > 1
    moves = count_moves(source, None if whole else view.head.segment, [stage.id for stage in view.stages])
    if not moves.links:
        raise TableError("there are no events to draw a flow from", where="table 'journeys'",
                         remedy="Derive the journeys from a study with events.")  # fmt: skip
    return draw_flow(view, moves, width=width)[1]


def draw_flow(view: MapView, moves: Moves, *, width: int) -> tuple[Canvas, dict[str, Any]]:
    """Draw the moves; return the canvas and the plain figure."""
    words = view.words
    canvas = start_canvas(width, words.language)
    total = sum(n for (start, _), n in moves.links.items() if start == START)
    note = words.say("note_flow", n=words.count("customers", total))
    top = draw_title(canvas, f"{words.say('title_flow')} · {view.head.label}", note)
    drawing = _Flow(canvas, view, moves, top)
    drawing.draw()
    rows = [[view.head.segment, a, b, n if n >= WITHHELD_BELOW else None] for (a, b), n in moves.links.items()]
    table = pack(("segment", "from", "to", "customers"), rows)
    meta = {"kind": "journey_flow", "segment": view.head.segment, "language": words.language, "table": table}
    return canvas, canvas.spec(drawing.bottom, meta=meta)


class _Flow:
    """One drawing of a flow: where bars stand, and how much of each side of a bar is used already."""

    def __init__(self, canvas: Canvas, view: MapView, moves: Moves, top: float) -> None:
        self.canvas, self.view, self.moves = canvas, view, moves
        self.ids = [stage.id for stage in view.stages]
        shown = {way: n for way, n in moves.links.items() if n >= WITHHELD_BELOW}
        place = {stage: i for i, stage in enumerate(self.ids)}
        inner = [(way, n) for way, n in shown.items() if way[0] in place and way[1] in place]
        self.next = [(place[a], place[b], n) for (a, b), n in inner if place[b] == place[a] + 1]
        self.ahead = sorted(((place[a], place[b], n) for (a, b), n in inner if place[b] > place[a] + 1),
                            key=lambda way: (way[0] - way[1], way[0]))  # fmt: skip
        self.back = sorted(((place[a], place[b], n) for (a, b), n in inner if place[b] < place[a]),
                           key=lambda way: (way[0] - way[1], way[0]))  # fmt: skip
        self.starts = {place[b]: n for (a, b), n in shown.items() if a == START}
        self.ends = {kind: {place[a]: n for (a, b), n in shown.items() if b == kind} for kind in (LEAVE, OPEN)}
        sides = [max(self._side(i, 1), self._side(i, 0), moves.customers.get(s, 0)) for i, s in enumerate(self.ids)]
        self.unit = _TALL / max(sides)
        self.heights = [max(3.0, side * self.unit) for side in sides]
        over = max((n for *_, n in self.ahead), default=0) * self.unit
        self.middle = (
            top + 64 + (34 + over / 2 + 13 * len({b - a for a, b, _ in self.ahead}) if self.ahead else 0) + _TALL / 2
        )
        self.room = (canvas.width - 2 * EDGE) / len(self.ids)
        self.top, self.bottom = top, 0.0
        self.used = {(i, side): 0.0 for i in range(len(self.ids)) for side in (0, 1)}

    def _side(self, i: int, side: int) -> int:
        ways = [*self.next, *self.ahead, *self.back]
        inner = sum(n for a, b, n in ways if (a if side else b) == i)
        return inner + (sum(kind.get(i, 0) for kind in self.ends.values()) if side else self.starts.get(i, 0))

    def draw(self) -> None:
        """Draw ribbons from top to bottom of the bars, then the bars and words."""
        colour = self.view.colour
        for a, b, n in self.ahead:
            self._arc(a, b, n, mix("#FFFFFF", colour, 0.38), up=True, name="ahead")
        for i, n in sorted(self.starts.items()):
            y, thick = self._take(i, 0, n)
            self._ribbon(self._x(i) - 34, y, self._x(i), y, thick, mix("#FFFFFF", FAINT, 0.5), "start")
        for a, b, n in self.next:
            (y0, thick), (y1, _) = self._take(a, 1, n), self._take(b, 0, n)
            self._ribbon(self._x(a) + _BAR, y0, self._x(b), y1, thick, mix("#FFFFFF", colour, 0.38), "next")
        for a, b, n in self.back:
            self._arc(a, b, n, mix("#FFFFFF", colour, 0.2), up=False, name="back")
        below = 60 + 13 * len({a - b for a, b, _ in self.back}) + max((n for *_, n in self.back), default=0) * self.unit
        floor = self.middle + _TALL / 2 + below
        self._draw_ends(floor)
        self._draw_bars()
        self.bottom = floor + 62

    def _x(self, i: int) -> float:
        return EDGE + self.room * (i + 0.5) - _BAR / 2

    def _take(self, i: int, side: int, n: int) -> tuple[float, float]:
        """Take the next part of a side of a bar; return its middle and thickness."""
        thick = n * self.unit
        y = self.middle - self.heights[i] / 2 + self.used[i, side] + thick / 2
        self.used[i, side] += thick
        return y, thick

    def _ribbon(self, x0: float, y0: float, x1: float, y1: float, thick: float, colour: str, name: str) -> None:
        bend, half = (x1 - x0) / 2, thick / 2
        self.canvas.path(
            f"M{x0:.1f},{y0 - half:.1f}C{x0 + bend:.1f},{y0 - half:.1f},{x1 - bend:.1f},{y1 - half:.1f},{x1:.1f},{y1 - half:.1f}"
            f"L{x1:.1f},{y1 + half:.1f}C{x1 - bend:.1f},{y1 + half:.1f},{x0 + bend:.1f},{y0 + half:.1f},{x0:.1f},{y0 + half:.1f}Z",
            fill=colour, name=name,
        )  # fmt: skip

    def _arc(self, a: int, b: int, n: int, colour: str, *, up: bool, name: str) -> None:
        (y0, thick), (y1, _) = self._take(a, 1, n), self._take(b, 0, n)
        x0, x1 = self._x(a) + _BAR, self._x(b)
        sign = -1 if up else 1
        level = self.middle + sign * (_TALL / 2 + 22 + 13 * (abs(b - a) - 1) + (0 if up else 10))
        step = min(46.0, self.room * 0.3)
        if up:
            turn = f"C{x0 + step:.1f},{y0:.1f},{x0 + step * 0.6:.1f},{level:.1f},{x0 + step * 1.6:.1f},{level:.1f}" \
                   f"L{x1 - step * 1.6:.1f},{level:.1f}C{x1 - step * 0.6:.1f},{level:.1f},{x1 - step:.1f},{y1:.1f},{x1:.1f},{y1:.1f}"  # fmt: skip
        else:
            turn = f"C{x0 + step:.1f},{y0:.1f},{x0 + step:.1f},{level:.1f},{x0 - 4:.1f},{level:.1f}" \
                   f"L{x1 + 4:.1f},{level:.1f}C{x1 - step:.1f},{level:.1f},{x1 - step:.1f},{y1:.1f},{x1:.1f},{y1:.1f}"  # fmt: skip
        self.canvas.path(
            f"M{x0:.1f},{y0:.1f}{turn}", line=colour, stroke=round(max(1.0, thick), 1), name=f"{name} {a} {b}"
        )
        self._count((x0 + x1) / 2, level, n, self._tip(self.ids[a], self.ids[b], n))

    def _tip(self, a: str, b: str, n: int) -> list[str]:
        labels = {stage.id: stage.label for stage in self.view.stages}
        words = self.view.words
        ends = [labels.get(end) or words.say(end) for end in (a, b)]
        lines = f"<b>{plotly_text(' → '.join(ends))}</b><br>{plotly_text(words.count('customers', n))}"
        return [
            plotly_text(b if b in labels else a),
            lines,
            "",
            "way",
            plotly_text(a),
            plotly_text(self.view.head.segment),
        ]

    def _count(self, x: float, y: float, n: int, tip: list[str]) -> None:
        words = self.view.words.number(n)
        wide = text_width(words, 10.5) + 12
        pill = Box(x - wide / 2, y - 8, wide, 16)
        self.canvas.rectangle(pill, radius=8, fill="#FFFFFF", line=FAINT, stroke=1, name="count")
        self.canvas.text(x, y, words, middle=True, size=10.5, align="center", role="count", room=pill)
        self.canvas.points([x], [y], name="ways", size=18, opacity=0, data=[tip])

    def _draw_ends(self, floor: float) -> None:
        """Draw who leaves at every stage, and whose journey is still open, as a ribbon down to the floor."""
        words = self.view.words
        for kind, colour, across in (
            (LEAVE, mix("#FFFFFF", BAD, 0.45), 0.3),
            (OPEN, mix("#FFFFFF", FAINT, 0.55), 0.42),
        ):
            for i, n in sorted(self.ends[kind].items()):
                y, thick = self._take(i, 1, n)
                x0, x1 = self._x(i) + _BAR, self._x(i) + _BAR / 2 + self.room * across
                self.canvas.path(f"M{x0:.1f},{y:.1f}C{x1:.1f},{y:.1f},{x1:.1f},{y + 20:.1f},{x1:.1f},{floor:.1f}", line=colour,
                                 stroke=round(max(1.0, thick), 1), name=kind)  # fmt: skip
                if kind == LEAVE:
                    room = Box(x1 - self.room * 0.45, floor + 4, self.room * 0.9, 40)
                    said = f"{words.say('leave')} {words.number(n)}"
                    count = self.moves.customers.get(self.ids[i], 0)
                    if count:
                        said += f" ({words.percent(n / count)})"
                    fitted = fit_text(said, room.width, size=11, lines=2)
                    self.canvas.text(x1, floor + 8, fitted, colour=BAD, align="center", role="leave", room=room)
                    self.canvas.points(
                        [x1], [floor], name="ways", size=18, opacity=0, data=[self._tip(self.ids[i], LEAVE, n)]
                    )

    def _draw_bars(self) -> None:
        words = self.view.words
        for i, stage in enumerate(self.view.stages):
            bar = Box(self._x(i), self.middle - self.heights[i] / 2, _BAR, self.heights[i])
            self.canvas.rectangle(bar, radius=3, fill=DARK, name="stage")
            room = Box(EDGE + self.room * i + 4, self.top, self.room - 8, 44)
            label = fit_text(stage.label, room.width, size=13, lines=2, bold=True)
            centre = room.left + room.width / 2
            box = self.canvas.text(centre, self.top + 4, label, align="center", role="stage", room=room)
            n = words.say("n", n=words.number(self.moves.customers.get(stage.id, 0)))
            self.canvas.text(centre, box.bottom + 1, n, size=11.5, colour=MUTED, align="center", role="n",
                             room=Box(room.left, room.top, room.width, 64))  # fmt: skip
