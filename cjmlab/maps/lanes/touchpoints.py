"""Touchpoints: a bubble each (area is volume, colour is experience), its name, its channel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

from cjmlab.maps.canvas import Box, Canvas, polyline
from cjmlab.maps.colour import FAINT, INK, MUTED, RULE, experience_colour, ink_on
from cjmlab.maps.fitting import Fitted, fit_line, fit_text, fit_whole, longest_word
from cjmlab.maps.geometry import MARGIN, Columns
from cjmlab.maps.hover import describe_point, hover_row
from cjmlab.maps.lanes.base import draw_panel, draw_separators
from cjmlab.maps.metrics import text_width
from cjmlab.maps.view import ASSUMED, MapView, StageCell, TouchpointCell

_CHIP = 10.5
_GLYPH = 12.0
DIMENSIONS = {"product": "square", "environment": "triangle-up", "emotion": "circle"}
"""The sign of each dimension on the chip of a touchpoint."""


def touchpoint_need(view: MapView, point: TouchpointCell) -> float:
    """Return the room in pixels that the name and the channel of a touchpoint would like."""
    channel = text_width(view.words.named("channels", point.channel), _CHIP) + 20 if point.channel else 0.0
    channel += _GLYPH if point.dimension in DIMENSIONS else 0.0
    return max(58.0, longest_word(point.label, size=11.5) + 8, channel)


def stage_need(stage: StageCell) -> float:
    """Return the width in pixels that the name of a stage and the titles of its cards would like."""
    titles = [longest_word(point.label, size=13, bold=True) + 40 for point in stage.touchpoints]
    return max([longest_word(stage.label, size=13, bold=True) + 42, *titles])


@dataclass(frozen=True)
class TouchpointsLane:
    """Bubbles on a line, with names and channels below; names take two rows when there are many."""

    name: str = "touchpoints"

    def height(self, view: MapView, columns: Columns) -> float:
        """Return what the bubbles and the longest names need."""
        return self._row_top(view, columns, 2 if columns.crowded else 1) + 4

    def radius(self, columns: Columns) -> float:
        """Return the radius of the biggest bubble."""
        return max(11.0, min(28.0, columns.nearest() / 2 - 2))

    def _row_top(self, view: MapView, columns: Columns, row: int) -> float:
        """Return where a row of names begins, from the top of the lane."""
        chip = 26 if any(point.channel for point in view.touchpoints) else 6
        heights = [self._names_height(view, columns, k) + chip for k in range(row)]
        return 2 * self.radius(columns) + 28 + sum(heights)

    def _names(self, view: MapView, columns: Columns) -> list[tuple[TouchpointCell, float, float, float, int, Fitted]]:
        places = list(zip(view.touchpoints, columns.rooms(), strict=True))
        names = _fit_names(tuple((point.label, room) for point, (_, _, room, _) in places))
        return [(point, *place, name) for (point, place), name in zip(places, names, strict=True)]

    def _names_height(self, view: MapView, columns: Columns, row: int) -> float:
        heights = [fitted.height for *_, place, fitted in self._names(view, columns) if place == row]
        return max(heights, default=0.0) + 4

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw line, bubbles, names and chips."""
        height = self.height(view, columns)
        below = draw_panel(canvas, columns, top, height, name=view.words.say("touchpoints"))
        draw_separators(canvas, columns, top, height, dash="dot")
        biggest = self.radius(columns)
        middle = top + 14 + biggest
        self._draw_key(canvas, view, columns, below + 8, top + height)
        self._draw_assumed(canvas, view, columns, Box(0, top + 4, 0, 2 * biggest + 20))
        canvas.line(columns.left + 6, middle, columns.right - 8, middle, line=RULE, stroke=1.5, name="touchpoint line")
        most = max((point.volume for point in view.touchpoints), default=0) or 1
        tops = [top + self._row_top(view, columns, row) for row in (0, 1)]
        x, sizes, fills, edges, data = [], [], [], [], []
        for point, spot, centre, room, row, name in self._names(view, columns):
            radius = max(min(9.0, biggest), biggest * sqrt(point.volume / most))
            known = point.shown and point.experience is not None
            x.append(spot)
            sizes.append(round(2 * radius, 1))
            fills.append(experience_colour(point.experience or 0) if known else "#FFFFFF")
            edges.append("#FFFFFF" if known else FAINT)
            data.append(hover_row(view, "bubble", point.id, point.stage, describe_point(view, point), point.quote))
            if known and point.volume:
                _write_volume(
                    canvas,
                    view,
                    point,
                    Box(spot - radius, middle - radius, 2 * radius, 2 * radius),
                    columns.nearest() - 4,
                )
            if row:
                canvas.line(spot, middle + radius + 3, spot, tops[1] - 4, line=RULE, stroke=1, name="leader")
            box = Box(centre - room / 2, tops[row], room, self._names_height(view, columns, row))
            canvas.text(
                centre, box.top, name, colour=INK if known else MUTED, align="center", role="touchpoint", room=box
            )
            if point.channel:
                _write_channel(canvas, view, point, centre, box.bottom + 2, room)
        canvas.points(
            x, [middle] * len(x), name="touchpoints", size=sizes, fill=fills, line=edges, stroke=1.5, data=data
        )

    def _draw_key(self, canvas: Canvas, view: MapView, columns: Columns, top: float, bottom: float) -> None:
        """Say at the left what the signs on the chips and the hatching mean, as far as they occur and there is room."""
        left, y = MARGIN + 14, top + 6
        used = {point.dimension for point in view.touchpoints if point.channel}
        signs = [(view.words.named("dimensions", name), symbol) for name, symbol in DIMENSIONS.items() if name in used]
        if any(point.evidence == ASSUMED for point in view.touchpoints):
            signs.append((view.words.named("grades", ASSUMED), ""))
        for words, symbol in signs:
            if y + 8 > bottom:
                return
            if symbol:
                canvas.points([left + 4], [y], name="dimension key", size=7, symbol=symbol, fill=MUTED, line=MUTED)
            else:
                canvas.path(hatching(Box(left, y - 5, 10, 10), 3.5), line=FAINT, stroke=1, name="assumption key")
            room = Box(left + 15, y - 8, columns.label_width - 15, 16)
            canvas.text(room.left, y, fit_line(words, room.width, size=10.5), middle=True, size=10.5, colour=MUTED,
                        role="dimension key", room=room)  # fmt: skip
            y += 15

    def _draw_assumed(self, canvas: Canvas, view: MapView, columns: Columns, band: Box) -> None:
        """Hatch behind the touchpoints that nobody was asked about: they are assumptions."""
        for point, (x, _, slot, _) in zip(view.touchpoints, columns.rooms(), strict=True):
            if point.evidence == ASSUMED:
                wide = min(slot, columns.nearest(), 90.0)
                box = Box(x - wide / 2, band.top, wide, band.height)
                canvas.path(hatching(box, 7.0), line=RULE, stroke=1, name="assumption")


def hatching(box: Box, step: float) -> str:
    """Return the SVG path of slanted lines that fill a box.

    Examples
    --------
    >>> hatching(Box(0, 0, 4, 4), 4)
    'M0,4L4,0'
    """
    lines, k = "", step
    while k < box.width + box.height:
        x0, y0 = (box.left, box.top + k) if k <= box.height else (box.left + k - box.height, box.bottom)
        x1, y1 = (box.left + k, box.top) if k <= box.width else (box.right, box.top + k - box.width)
        lines += polyline([(x0, y0), (x1, y1)])
        k += step
    return lines


@lru_cache(maxsize=200)
def _fit_names(labels: tuple[tuple[str, float], ...]) -> tuple[Fitted, ...]:
    """Fit names in their rooms: in one type size from 12.5 to 11 if all fit in three lines, else each for itself.

    A name that would leave a joining word alone on a line is set smaller.
    """
    for size in (12.5, 12.0, 11.5, 11.0):
        names = [fit_whole(label, room, sizes=(size, 10.5, 9.5), lines=3) for label, room in labels]
        if not any(name.cut or longest_word(label, size=size) > room
                   for name, (label, room) in zip(names, labels, strict=True)):  # fmt: skip
            return tuple(names)
    return tuple(_fit_name(label, room) for label, room in labels)


def _fit_name(label: str, room: float) -> Fitted:
    """Fit a name: the largest type in which no word is cut, up to four lines."""
    for lines, sizes in ((2, (12.5, 11.5)), (3, (11.5, 10.5)), (4, (9.5, 9.0))):
        fitted = fit_whole(label, room, sizes=sizes, lines=lines)
        if not fitted.cut and longest_word(label, size=fitted.size) <= room:
            return fitted
    return fit_text(label, room, size=10.5, lines=4)


def _write_volume(canvas: Canvas, view: MapView, point: TouchpointCell, bubble: Box, free: float) -> None:
    """Write the volume in the bubble, else above it where the neighbours leave room."""
    x, middle = bubble.left + bubble.width / 2, bubble.top + bubble.height / 2
    amount = view.words.number(point.volume)
    if text_width(amount, 11) > bubble.width - 4:
        amount = view.words.compact(point.volume)
    size = next((s for s in (12, 11, 10, 9) if text_width(amount, s) <= bubble.width - 2), 0)
    if size:
        ink = ink_on(experience_colour(point.experience or 0))
        canvas.text(x, middle, amount, middle=True, size=size, colour=ink, align="center", role="volume", room=bubble)
    elif text_width(amount, 10) <= free:
        canvas.text(x, bubble.top - 9, amount, middle=True, size=10, colour=MUTED, align="center", role="volume")


def _write_channel(canvas: Canvas, view: MapView, point: TouchpointCell, x: float, top: float, room: float) -> None:
    """Write the channel on a chip, led by the sign of the dimension where there is one."""
    named, symbol = view.words.named("channels", point.channel), DIMENSIONS.get(point.dimension, "")
    glyph = _GLYPH if symbol else 0.0
    size = next((s for s in (_CHIP, 9.5, 9.0) if text_width(named, s) + 10 + glyph <= room), 9.0)
    if symbol and text_width(named, size) + 8 > room - glyph:
        glyph = 0.0
    words = fit_line(named, room - 8 - glyph, size=size)
    wide = min(room, text_width(words, size) + 14 + glyph)
    chip = Box(x - wide / 2, top, wide, 18)
    canvas.rectangle(chip, radius=9, fill="#E7EAEE", name="channel")
    if glyph:
        canvas.points(
            [chip.left + 11], [top + 9], name="dimension", size=6.5, symbol=symbol, fill="#4E5965", line="#4E5965"
        )
    canvas.text(x + glyph / 2, top + 9, words, middle=True, size=size, colour="#4E5965", align="center", role="channel",
                room=chip)  # fmt: skip
