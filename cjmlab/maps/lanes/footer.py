"""The footer: what colours, sizes and signs mean, and how the numbers were made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import floor, log10, sqrt

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import GOLD, INK, MUTED, experience_colour
from cjmlab.maps.fitting import fit_line
from cjmlab.maps.geometry import MARGIN, Columns
from cjmlab.maps.lanes.touchpoints import TouchpointsLane
from cjmlab.maps.metrics import text_width
from cjmlab.maps.view import FEW_BELOW, MapView

_ROW = 32.0
_SIZE = 11.5
Sign = tuple[float, Callable[[Canvas, float, float], None]]


@dataclass(frozen=True)
class FooterLane:
    """Legend in as many rows as it takes, then one line of provenance."""

    name: str = "footer"

    def height(self, view: MapView, columns: Columns) -> float:
        """Return the height of the rows."""
        return 6 + _ROW * len(self._rows(view, columns)[1]) + (18 if provenance_line(view) else 0)

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw the rows."""
        y = top + 4 + _ROW / 2
        gap, rows = self._rows(view, columns)
        for row in rows:
            x = MARGIN + 14
            for wide, draw in row:
                draw(canvas, x, y)
                x += wide + gap
            y += _ROW
        line = provenance_line(view)
        if line:
            room = Box(MARGIN + 14, y - _ROW / 2, columns.right - MARGIN - 14, 18)
            canvas.text(columns.right, room.top, fit_line(line, room.width, size=11), size=11, colour=MUTED, align="right",
                        role="provenance", room=room)  # fmt: skip

    def _rows(self, view: MapView, columns: Columns) -> tuple[float, list[list[Sign]]]:
        """Return the distance between signs and the signs row by row: one row if a smaller distance makes it fit."""
        room, signs = columns.right - MARGIN - 14, self._signs(view, columns)
        used = sum(wide for wide, _ in signs)
        gap = next((gap for gap in (22.0, 18.0, 14.0) if used + gap * (len(signs) - 1) <= room), 22.0)
        rows: list[list[Sign]] = [[]]
        for sign in signs:
            taken = sum(wide + gap for wide, _ in rows[-1])
            if rows[-1] and taken + sign[0] > room:
                rows.append([])
            rows[-1].append(sign)
        return gap, rows

    def _signs(self, view: MapView, columns: Columns) -> list[Sign]:
        words = view.words
        limit = 420.0 if columns.width >= 1400 else 300.0
        name = fit_line(view.head.label, limit / 2, size=_SIZE)
        signs = [_scale_sign(view), _size_sign(view, columns)]
        if any(point.shown for point in view.touchpoints):
            signs.append(_line_sign(words.say("curve", segment=name), view.colour, "solid"))
        if not view.is_overall and any(point.overall is not None for point in view.touchpoints):
            signs.append(_line_sign(words.say("all_customers"), "#8793A0", "3px,3px"))
        if view.truths:
            outcome = str(view.settings.get("outcome") or "")
            text = (
                words.say("moment", outcome=words.named("outcomes", outcome)) if outcome else words.say("moment_plain")
            )
            signs.append(_point_sign(fit_line(text, limit, size=_SIZE), "star", GOLD, GOLD, 12))
        if any(point.shown and point.few for point in view.touchpoints):
            signs.append(_point_sign(words.say("few", n=FEW_BELOW), "circle", "#FFFFFF", view.colour, 10))
        if any(point.shown and point.polarised for point in view.touchpoints):
            signs.append(_point_sign(words.say("divided"), "diamond", "#FFFFFF", view.colour, 10))
        if any(not point.shown for point in view.touchpoints):
            signs.append(_point_sign(words.say("withheld", n=view.smallest), "x-thin", MUTED, MUTED, 8))
        if any(point.lived is not None for point in view.touchpoints):
            expected = _point_sign(words.say("expected"), "circle", "#FFFFFF", INK, 10)
            lived = _point_sign(words.say("experienced", scale=view.scale[2]), "circle", MUTED, MUTED, 10)
            signs.append(_pair(expected, lived))
        return [sign for sign in signs if sign[0] > 0]


def provenance_line(view: MapView) -> str:
    """Return how the map was made, as far as it is known."""
    known, words = view.provenance, view.words
    parts = []
    if known.get("version"):
        parts.append(words.say("version", version=known["version"]))
    method = words.named("methods", known.get("method") or "")
    if method and known.get("k"):
        parts.append(words.say("clusters", method=method, k=known["k"]) if int(known["k"]) > 1 else method)
    if known.get("scorer"):
        parts.append(words.say("scorer", scorer=words.named("methods", known["scorer"])))
    points = view.touchpoints
    if points:
        share = sum(point.evidence in ("single source", "triangulated") for point in points) / len(points)
        if any(point.evidence for point in points):
            parts.append(words.say("evidence_share", share=words.percent(share)))
    if known.get("date"):
        parts.append(str(known["date"])[:10])
    return " · ".join(parts)


def _label(canvas: Canvas, x: float, y: float, text: str) -> None:
    canvas.text(
        x,
        y,
        text,
        middle=True,
        size=_SIZE,
        colour=MUTED,
        role="legend",
        room=Box(x, y - 10, text_width(text, _SIZE) + 1, 20),
    )


def _scale_sign(view: MapView) -> Sign:
    title = view.words.say("experience")
    start, step, count = text_width(title, _SIZE) + 10, 9.0, 16

    def draw(canvas: Canvas, x: float, y: float) -> None:
        _label(canvas, x, y, title)
        for k in range(count):
            box = Box(x + start + k * step, y - 9, step, 10)
            canvas.rectangle(box, fill=experience_colour(-1 + 2 * (k + 0.5) / count), name="colour scale")
        for value, at in ((-1.0, 0.0), (0.0, count / 2), (1.0, float(count))):
            canvas.text(x + start + at * step, y + 4, view.words.signed(value, 0), size=9.5, colour=MUTED, align="center",
                        role="legend tick")  # fmt: skip

    return start + step * count + 6, draw


def _size_sign(view: MapView, columns: Columns) -> Sign:
    most = max((point.volume for point in view.touchpoints), default=0.0)
    if most <= 0:
        return 0.0, lambda canvas, x, y: None
    biggest = TouchpointsLane().radius(columns)
    steps = sorted({_nice(most * share) for share in (0.1, 0.4, 0.9)})
    unit = view.words.say(f"size_{view.volume_kind}")
    radii = [max(3.0, biggest * sqrt(step / most)) * 0.55 for step in steps]
    texts = [view.words.number(step) for step in steps]
    wide = [2 * radius + 5 + text_width(text, _SIZE) + 10 for radius, text in zip(radii, texts, strict=True)]

    def draw(canvas: Canvas, x: float, y: float) -> None:
        at = x
        for radius, text, width in zip(radii, texts, wide, strict=True):
            canvas.points(
                [at + radius], [y], name="size legend", size=round(2 * radius, 1), fill="#C6CCD3", line="#C6CCD3"
            )
            _label(canvas, at + 2 * radius + 5, y, text)
            at += width
        _label(canvas, at - 4, y, unit)

    return sum(wide) + text_width(unit, _SIZE), draw


def _line_sign(text: str, colour: str, dash: str) -> Sign:
    def draw(canvas: Canvas, x: float, y: float) -> None:
        stroke = 3.0 if dash == "solid" else 1.5
        canvas.line(x, y, x + 26, y, line=colour, stroke=stroke, dash=dash, name="legend line")
        _label(canvas, x + 33, y, text)

    return 33 + text_width(text, _SIZE), draw


def _point_sign(text: str, symbol: str, fill: str, line: str, size: float) -> Sign:
    def draw(canvas: Canvas, x: float, y: float) -> None:
        canvas.points([x + 7], [y], name="legend point", size=size, symbol=symbol, fill=fill, line=line, stroke=1.5)
        _label(canvas, x + 20, y, text)

    return 20 + text_width(text, _SIZE), draw


def _pair(first: Sign, second: Sign) -> Sign:
    def draw(canvas: Canvas, x: float, y: float) -> None:
        first[1](canvas, x, y)
        second[1](canvas, x + first[0] + 8, y)

    return first[0] + 8 + second[0], draw


def _nice(value: float) -> float:
    """Return the nearest 1, 2 or 5 times a power of ten below a value, at least 1."""
    if value < 1:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return max(step * power for step in (1, 2, 5) if step * power <= value)
