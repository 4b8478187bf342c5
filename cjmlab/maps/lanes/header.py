"""The header card: who, how many, what they want, what they have more of."""

from __future__ import annotations

from dataclasses import dataclass

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import INK, MUTED, mix
from cjmlab.maps.fitting import Fitted, fit_evenly, fit_line, fit_text
from cjmlab.maps.geometry import MARGIN, Columns
from cjmlab.maps.metrics import text_width
from cjmlab.maps.view import MapView


@dataclass(frozen=True)
class HeaderLane:
    """Segment, size, goal and traits on a card tinted by the segment's colour."""

    name: str = "header"

    def height(self, view: MapView, columns: Columns) -> float:
        """Return the height of the card."""
        extra = len(self._title(view, columns).lines) - 1
        rows = (view.head.customers is not None) + bool(view.head.other_names)
        least = (66, 88, 110)[rows] if not (view.head.traits or view.head.goal) else 110
        return least + extra * 30

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw the card."""
        height = self.height(view, columns)
        card = Box(MARGIN, top, columns.right - MARGIN + 2, height)
        canvas.rectangle(card, radius=10, fill=mix("#FFFFFF", view.colour, 0.075), name="header")
        canvas.rectangle(Box(MARGIN, top, 7, height), radius=3, fill=view.colour, name="header edge")
        self._draw_who(canvas, view, columns, top)
        if view.head.goal:
            self._draw_goal(canvas, view, columns, top, height)
        if view.head.traits:
            self._draw_traits(canvas, view, columns, top)

    def _parts(self, view: MapView, columns: Columns) -> tuple[float, float, float]:
        """Return where the goal and the traits begin, and where the card ends."""
        left, right = MARGIN + 27, columns.right - 18
        span = right - left
        goal = left + span * (0.31 if view.head.goal else 0.33)
        traits = left + span * ((0.58 if view.head.goal else 0.36) if view.head.traits else 1.0)
        return goal if view.head.goal else traits, traits, right

    def _title(self, view: MapView, columns: Columns) -> Fitted:
        room = self._parts(view, columns)[0] - MARGIN - 27 - 24
        return fit_text(view.head.label, room, size=24 if columns.width >= 1400 else 20, lines=2, bold=True)

    def _draw_who(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        head, words, x = view.head, view.words, MARGIN + 27
        room = Box(x, top, self._parts(view, columns)[0] - x - 24, self.height(view, columns))
        small = words.say("segment")
        if head.title:
            small = fit_line(f"{small} · {head.title}", room.width, size=11, bold=True)
        canvas.text(x, top + 12, small, size=11, bold=True, colour=view.colour, role="header small", room=room)
        title = self._title(view, columns)
        canvas.text(x, top + 29, title, role="segment", room=room)
        y = top + 30 + title.height
        others = fit_line(" · ".join(head.other_names), room.width, size=13)
        if others:
            canvas.text(x, y, others, size=13, colour=MUTED, role="other names", room=room)
            y += 18
        if head.customers is None:
            return
        size = words.count("customers", head.customers)
        if head.share is not None:
            size += " · " + words.percent(head.share)
        box = canvas.text(x, y + 3, size, size=13, bold=True, role="segment size", room=room)
        bar = Box(box.right + 20, y + 5, min(150, room.right - box.right - 20), 7)
        if head.share is not None and bar.width > 40:
            canvas.rectangle(bar, radius=3.5, fill=mix("#FFFFFF", INK, 0.16), name="share track")
            filled = Box(bar.left, bar.top, max(7, bar.width * head.share), 7)
            canvas.rectangle(filled, radius=3.5, fill=view.colour, name="share")

    def _draw_goal(self, canvas: Canvas, view: MapView, columns: Columns, top: float, height: float) -> None:
        start, end, _ = self._parts(view, columns)
        room = Box(start + 18, top, end - start - 44, height)
        canvas.rectangle(Box(start, top + 20, 3, height - 40), radius=1.5, fill=mix("#FFFFFF", view.colour, 0.45),
                         name="goal edge")  # fmt: skip
        canvas.text(room.left, top + 14, view.words.say("goal"), size=10.5, colour=MUTED, role="small", room=room)
        size = 16.0 if columns.width >= 1400 else 13.5
        goal = view.head.goal
        fitted = fit_evenly(goal, room.width, size=size, lines=3)
        canvas.text(room.left, top + 31, fitted, italic=True, role="goal", room=room)

    def _draw_traits(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        _, start, right = self._parts(view, columns)
        cell = (right - start) / 3
        size = 14.0 if columns.width >= 1400 else 12.0
        for i, (label, value) in enumerate(view.head.traits[:5]):
            x, y = start + (i % 3) * cell, top + 14 + (i // 3) * 47
            room = Box(x, y, cell - 14, 46)
            small = _fit_label(label, room.width)
            canvas.text(x, y, small, colour=MUTED, role="small", room=room)
            fits = text_width(value, size, bold=True) <= room.width
            shown = value if fits else fit_line(value, room.width, size=size - 1.5, bold=True)
            at = y + 16 if len(small.lines) < 2 else y + 27
            canvas.text(x, at, shown, size=size if fits else size - 1.5, bold=True, role="trait", room=room)


def _fit_label(label: str, width: float) -> Fitted:
    """Fit the name of a trait: one line, smaller if need be, else two."""
    for size in (10.5, 9.5):
        fitted = fit_text(label, width, size=size, lines=1)
        if not fitted.cut:
            return fitted
    return fit_text(label, width, size=9.5, lines=2)
