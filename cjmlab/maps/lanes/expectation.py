"""Expectation and experience: a dumbbell a stage on the asked scale, with the signed gap."""

from __future__ import annotations

from dataclasses import dataclass

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import BAD, GOOD, INK, MUTED, RULE
from cjmlab.maps.geometry import Columns
from cjmlab.maps.lanes.base import draw_panel, draw_separators, stage_room
from cjmlab.maps.metrics import text_width
from cjmlab.maps.scale import on_scale
from cjmlab.maps.view import WITHHELD_BELOW, MapView, StageCell

_TALL = 74.0


@dataclass(frozen=True)
class ExpectationLane:
    """Where both were asked of at least five people: open circle expected, filled circle lived."""

    name: str = "expectation"

    def height(self, view: MapView, columns: Columns) -> float:
        """Return 74, or 0 where nowhere both were asked."""
        return _TALL if any(asked_and_lived(stage) for stage in view.stages) else 0.0

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw the dumbbells."""
        draw_panel(canvas, columns, top, _TALL, name=view.words.say("expectation"))
        draw_separators(canvas, columns, top, _TALL)
        for i, stage in enumerate(view.stages):
            both = asked_and_lived(stage)
            if both:
                self._draw_one(canvas, view, stage_room(columns, i, top, _TALL, inset=16), *both)

    def _draw_one(self, canvas: Canvas, view: MapView, room: Box, expected: float, lived: float, n: int) -> None:
        words, scale = view.words, view.scale
        low, high, _ = scale
        digits = 1 if high - low > 2 else 2
        asked, got = on_scale(expected, scale), on_scale(lived, scale)
        gap = round(got, digits) - round(asked, digits)
        colour = BAD if gap < 0 else GOOD if gap > 0 else MUTED
        middle, centre = room.top + 41, room.left + room.width / 2

        def place(value: float) -> float:
            return room.left + room.width * (value - low) / (high - low)

        canvas.line(room.left, middle, room.right, middle, line=RULE, stroke=2, name="scale")
        a, b = sorted((place(asked), place(got)))
        canvas.rectangle(Box(a, middle - 2.5, b - a, 5), fill=colour, name=f"gap {colour}")
        canvas.points([place(asked)], [middle], name="expected", size=12, fill="#FFFFFF", line=INK, stroke=2)
        canvas.points([place(got)], [middle], name="experienced", size=12, fill=colour, line=colour, stroke=1)
        canvas.text(centre, room.top + 10, words.signed(gap, digits), size=13, bold=True, colour=colour, align="center",
                    role="gap", room=room)  # fmt: skip
        both = f"{words.number(asked, digits)} → {words.number(got, digits)}"
        note = f"{both} · {words.say('n', n=words.number(n))}"
        ends = (words.number(low), words.number(high))
        free = room.width - 2 * max(text_width(end, 10.5) for end in ends) - 12
        fitting = [(t, size) for size in (11.0, 10.0, 9.0) for t in (note, both) if text_width(t, size) <= free]
        shown, size = fitting[0] if fitting else (both, 9.0 if text_width(both, 10) > room.width else 10.0)
        canvas.text(centre, middle + 12, shown, size=size, colour=MUTED, align="center", role="gap note", room=room)
        if fitting:
            for x, end, align in ((room.left, ends[0], "left"), (room.right, ends[1], "right")):
                canvas.text(x, middle + 12, end, size=10.5, colour=MUTED, align=align, role="scale end", room=room)


def asked_and_lived(stage: StageCell) -> tuple[float, float, int] | None:
    """Return expected and lived experience of a stage (weighted by people) and the people behind them."""
    asked = [
        (point.expected, point.lived, point.n_gap)
        for point in stage.touchpoints
        if point.expected is not None and point.lived is not None and point.n_gap >= WITHHELD_BELOW
    ]
    n = sum(weight for *_, weight in asked)
    if not n:
        return None
    return sum(e * w for e, _, w in asked) / n, sum(x * w for _, x, w in asked) / n, n
