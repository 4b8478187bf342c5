"""Touchpoints: a bubble each (area is volume, colour is experience), its name, its channel."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import FAINT, INK, MUTED, RULE, experience_colour, ink_on
from cjmlab.maps.fitting import Fitted, fit_line, fit_text
from cjmlab.maps.geometry import Columns
from cjmlab.maps.lanes.base import describe_point, draw_panel, draw_separators, hover_row
from cjmlab.maps.metrics import text_width
from cjmlab.maps.view import MapView, TouchpointCell

_LINE = 16.0


@dataclass(frozen=True)
class TouchpointsLane:
    """Bubbles on a line, with names and channels below."""

    name: str = "touchpoints"

    def height(self, view: MapView, columns: Columns) -> float:
        """Return what the bubbles and the longest name need."""
        return self._below(view, columns) + self._names_height(view, columns) + (30 if self._channels(view) else 8)

    def radius(self, columns: Columns) -> float:
        """Return the radius of the biggest bubble."""
        slots = [columns.slot(i) for i in range(len(columns.spots)) if columns.spots[i]]
        return max(12.0, min(28.0, min(slots, default=56) / 2 - 2))

    def _below(self, view: MapView, columns: Columns) -> float:
        return 2 * self.radius(columns) + 28

    def _channels(self, view: MapView) -> bool:
        return any(point.channel for point in view.touchpoints)

    def _name(self, view: MapView, columns: Columns, stage: int, point: TouchpointCell) -> Fitted:
        room = columns.slot(stage) - 6
        for size, lines in ((12.5, 2), (11.5, 3), (10.5, 4)):
            fitted = fit_text(point.label, room, size=size, lines=lines)
            if not fitted.cut and not any(line.endswith("-") for line in fitted.lines):
                return fitted
        return fit_text(point.label, room, size=10.5, lines=4)

    def _names_height(self, view: MapView, columns: Columns) -> float:
        heights = [
            self._name(view, columns, i, point).height
            for i, stage in enumerate(view.stages)
            for point in stage.touchpoints
        ]
        return max(heights, default=0) + 8

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw line, bubbles, names and chips."""
        height = self.height(view, columns)
        draw_panel(canvas, columns, top, height, name=view.words.say("touchpoints"))
        draw_separators(canvas, columns, top, height, dash="dot")
        biggest = self.radius(columns)
        middle = top + 14 + biggest
        canvas.line(columns.left + 6, middle, columns.right - 8, middle, line=RULE, stroke=1.5, name="touchpoint line")
        most = max((point.volume for point in view.touchpoints), default=0) or 1
        x, radii, fills, edges, data = [], [], [], [], []
        for i, stage in enumerate(view.stages):
            for spot, point in zip(columns.spots[i], stage.touchpoints, strict=True):
                radius = max(9.0, biggest * sqrt(point.volume / most))
                known = point.shown and point.experience is not None
                x.append(spot)
                radii.append(round(2 * radius, 1))
                fills.append(experience_colour(point.experience or 0) if known else "#FFFFFF")
                edges.append("#FFFFFF" if known else FAINT)
                data.append(hover_row(view, "bubble", point.id, stage.id, describe_point(view, point), point.quote))
                self._write(canvas, view, columns, i, point, spot, middle, radius, top)
        canvas.points(
            x, [middle] * len(x), name="touchpoints", size=radii, fill=fills, line=edges, stroke=1.5, data=data
        )

    def _write(
        self, canvas: Canvas, view: MapView, columns: Columns, i: int, point: TouchpointCell, x: float, middle: float,
        radius: float, top: float,
    ) -> None:  # fmt: skip
        slot = columns.slot(i)
        if point.volume and point.shown:
            amount = view.words.number(point.volume)
            if text_width(amount, 11) > 2 * radius - 4:
                amount = view.words.compact(point.volume)
            size = next((s for s in (12, 11, 10, 9) if text_width(amount, s) <= 2 * radius - 2), 0)
            if size:
                ink = ink_on(experience_colour(point.experience or 0))
                room = Box(x - radius, middle - radius, 2 * radius, 2 * radius)
                canvas.text(
                    x, middle - size * 0.65, amount, size=size, colour=ink, align="center", role="volume", room=room
                )
        name = self._name(view, columns, i, point)
        y = top + self._below(view, columns)
        room = Box(x - slot / 2 + 1, y, slot - 2, self._names_height(view, columns))
        canvas.text(x, y, name, colour=INK if point.shown else MUTED, align="center", role="touchpoint", room=room)
        if point.channel:
            chip_top = y + self._names_height(view, columns)
            channel = fit_line(view.words.named("channels", point.channel), slot - 18, size=10.5)
            wide = text_width(channel, 10.5) + 14
            chip = Box(x - wide / 2, chip_top, wide, 18)
            canvas.rectangle(chip, radius=9, fill="#E7EAEE", name="channel")
            canvas.text(x, chip_top + 2.5, channel, size=10.5, colour=MUTED, align="center", role="channel", room=chip)
