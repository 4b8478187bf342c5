"""One drawing of a flow: bars, ribbons, arcs ahead above and back below, ends at the floor."""

from __future__ import annotations

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import BAD, DARK, FAINT, MUTED, mix
from cjmlab.maps.fitting import fit_text
from cjmlab.maps.metrics import text_width
from cjmlab.maps.moves import LEAVE, OPEN, START, Moves
from cjmlab.maps.text_safety import plotly_text
from cjmlab.maps.titles import EDGE
from cjmlab.maps.view import MapView

_TALL, _BAR = 150.0, 16.0
Way = tuple[int, int, int]


class FlowDrawing:
    """Where bars stand, how much of each side of a bar is used, how far arcs reach."""

    def __init__(self, canvas: Canvas, view: MapView, moves: Moves, top: float, smallest: int) -> None:
        self.canvas, self.view, self.top = canvas, view, top
        self.ids = [stage.id for stage in view.stages]
        place = {stage: i for i, stage in enumerate(self.ids)}
        self.smallest = smallest
        self.customers = {stage: n for stage, n in moves.customers.items() if n >= smallest}
        shown, self.rounded = moves.shown(smallest), moves.rounded(smallest)
        inner = [(place[a], place[b], n) for (a, b), n in shown.items() if a in place and b in place]
        self.next: list[Way] = [way for way in inner if way[1] == way[0] + 1]
        self.ahead = sorted((way for way in inner if way[1] > way[0] + 1), key=lambda w: (w[1] - w[0], w[0]))
        self.back = sorted((way for way in inner if way[1] < way[0]), key=lambda w: (w[0] - w[1], w[0]))
        self.starts = {place[b]: n for (a, b), n in shown.items() if a == START}
        self.ends = {kind: {place[a]: n for (a, b), n in shown.items() if b == kind} for kind in (LEAVE, OPEN)}
        sides = [max(self._side(i, 1), self._side(i, 0), self.customers.get(s, 0)) for i, s in enumerate(self.ids)]
        self.unit = _TALL / max(1, *sides)
        self.heights = [max(3.0, side * self.unit) for side in sides]
        self.room = (canvas.width - 2 * EDGE) / len(self.ids)
        self.up, self.over = self._stack(self.ahead)
        self.down, self.under = self._stack(self.back)
        self.middle = top + 66 + self.over + _TALL / 2
        self.floor = self.middle + _TALL / 2 + self.under + 34
        self.bottom = self.floor + 62
        self.used = {(i, side): 0.0 for i in range(len(self.ids)) for side in (0, 1)}
        self.counts: list[tuple[float, float, str, list[str]]] = []

    def _side(self, i: int, side: int) -> int:
        ways = [*self.next, *self.ahead, *self.back]
        inner = sum(n for a, b, n in ways if (a if side else b) == i)
        return inner + (sum(kind.get(i, 0) for kind in self.ends.values()) if side else self.starts.get(i, 0))

    def _stack(self, ways: list[Way]) -> tuple[dict[tuple[int, int], float], float]:
        """Give every arc a distance from the bars so that arcs over the same stages lie beside each other."""
        placed: list[tuple[int, int, float]] = []
        levels = {}
        for a, b, n in ways:
            low, high, thick = min(a, b), max(a, b), n * self.unit
            inner = max((edge for lo, hi, edge in placed if lo < high and low < hi), default=8.0)
            levels[a, b] = inner + 7 + thick / 2
            placed.append((low, high, inner + 7 + thick))
        return levels, max((edge for *_, edge in placed), default=0.0)

    def draw(self) -> None:
        """Draw ribbons from the top of the bars to their foot, then bars, counts and words."""
        colour = self.view.colour
        for a, b, n in reversed(self.ahead):
            self._arc(a, b, n, mix("#FFFFFF", colour, 0.38), up=True)
        for i, n in sorted(self.starts.items()):
            y, thick = self._take(i, 0, n)
            self._ribbon(self._x(i) - 30, y, self._x(i), y, thick, mix("#FFFFFF", FAINT, 0.5), "start")
        for a, b, n in self.next:
            (y0, thick), (y1, _) = self._take(a, 1, n), self._take(b, 0, n)
            self._ribbon(self._x(a) + _BAR, y0, self._x(b), y1, thick, mix("#FFFFFF", colour, 0.38), "next")
            self.counts.append(
                (
                    (self._x(a) + self._x(b) + _BAR) / 2,
                    (y0 + y1) / 2,
                    self._number(self.ids[a], self.ids[b], n),
                    self._tip(self.ids[a], self.ids[b], n),
                )
            )
        self._draw_ends()
        for a, b, n in reversed(self.back):
            self._arc(a, b, n, mix("#FFFFFF", colour, 0.2), up=False)
        self._draw_bars()
        for x, y, words, tip in self.counts:
            self._count(x, y, words, tip)

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

    def _arc(self, a: int, b: int, n: int, colour: str, *, up: bool) -> None:
        (y0, thick), (y1, _) = self._take(a, 1, n), self._take(b, 0, n)
        x0, x1 = self._x(a) + _BAR, self._x(b)
        level = self.middle - _TALL / 2 - self.up[a, b] if up else self.middle + _TALL / 2 + self.down[a, b]
        step = min(46.0, self.room * 0.3)
        if up:
            turn = f"C{x0 + step:.1f},{y0:.1f},{x0 + step * 0.6:.1f},{level:.1f},{x0 + step * 1.6:.1f},{level:.1f}" \
                   f"L{x1 - step * 1.6:.1f},{level:.1f}C{x1 - step * 0.6:.1f},{level:.1f},{x1 - step:.1f},{y1:.1f},{x1:.1f},{y1:.1f}"  # fmt: skip
        else:
            wide = step * 0.5 + thick / 2
            turn = f"C{x0 + wide:.1f},{y0:.1f},{x0 + wide:.1f},{level:.1f},{x0 - 4:.1f},{level:.1f}" \
                   f"L{x1 + 4:.1f},{level:.1f}C{x1 - wide:.1f},{level:.1f},{x1 - wide:.1f},{y1:.1f},{x1:.1f},{y1:.1f}"  # fmt: skip
        self.canvas.path(f"M{x0:.1f},{y0:.1f}{turn}", line=colour, stroke=round(max(1.0, thick), 1),
                         name=f"{'ahead' if up else 'back'} {a} {b}")  # fmt: skip
        self.counts.append(
            ((x0 + x1) / 2, level, self._number(self.ids[a], self.ids[b], n), self._tip(self.ids[a], self.ids[b], n))
        )

    def _tip(self, a: str, b: str, n: int) -> list[str]:
        labels = {stage.id: stage.label for stage in self.view.stages}
        words = self.view.words
        ends = [labels.get(end) or words.say(end) for end in (a, b)]
        lines = f"<b>{plotly_text(' → '.join(ends))}</b><br>{plotly_text(words.count('customers', n))}"
        return ["", lines, "", "way", plotly_text(a), plotly_text(self.view.head.segment)]

    def _number(self, a: str, b: str, n: int) -> str:
        return ("≈" if (a, b) in self.rounded else "") + self.view.words.number(n)

    def _count(self, x: float, y: float, words: str, tip: list[str]) -> None:
        wide = text_width(words, 10.5) + 12
        pill = Box(x - wide / 2, y - 8, wide, 16)
        self.canvas.rectangle(pill, radius=8, fill="#FFFFFF", line=FAINT, stroke=1, name="count")
        self.canvas.text(x, y, words, middle=True, size=10.5, align="center", role="count", room=pill)
        self.canvas.points([x], [y], name="ways", size=18, opacity=0, data=[tip])

    def _draw_ends(self) -> None:
        """Draw who leaves at every stage, and whose journey is still open, as a ribbon down to the floor."""
        words, last = self.view.words, len(self.ids) - 1
        for kind, across in ((LEAVE, 0.3), (OPEN, 0.42)):
            for i, n in sorted(self.ends[kind].items()):
                early = kind == LEAVE and i < last
                y, thick = self._take(i, 1, n)
                x0, x1 = self._x(i) + _BAR, self._x(i) + _BAR / 2 + self.room * across
                self.canvas.path(
                    f"M{x0:.1f},{y:.1f}C{x1:.1f},{y:.1f},{x1:.1f},{y + 20:.1f},{x1:.1f},{self.floor:.1f}",
                    line=mix("#FFFFFF", BAD, 0.45) if early else mix("#FFFFFF", FAINT, 0.55),
                    stroke=round(max(1.0, thick), 1), name=f"{kind} {i}",
                )  # fmt: skip
                if kind == OPEN:
                    continue
                room = Box(x1 - self.room * 0.45, self.floor + 4, self.room * 0.9, 40)
                count = self.customers.get(self.ids[i], 0)
                share = f" ({words.percent(n / count)})" if count else ""
                said = f"{words.say('leave' if early else 'end')} {self._number(self.ids[i], LEAVE, n)}{share}"
                over = max(0.0, room.right - self.canvas.width + 8)
                fitted = fit_text(said, room.width - 2 * over, size=11, lines=2)
                self.canvas.text(x1, self.floor + 8, fitted, colour=BAD if early else MUTED, align="center", role="leave",
                                 room=room)  # fmt: skip
                self.canvas.points(
                    [x1], [self.floor], name="ways", size=18, opacity=0, data=[self._tip(self.ids[i], LEAVE, n)]
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
            known = self.customers.get(stage.id)
            n = words.say("n", n=words.number(known)) if known else words.say("withheld", n=self.smallest)
            self.canvas.text(centre, box.bottom + 1, n, size=11.5, colour=MUTED, align="center", role="n",
                             room=Box(room.left, room.top, room.width, 64))  # fmt: skip
