"""The emotion lane: curve, interval, neutral band, reference, quotes, moments of truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import BAD, DELIGHTED, FAINT, FRUSTRATED, GOLD, GOOD, INK, MUTED, experience_colour, see_through
from cjmlab.maps.curves import Point, band_path, height_at, smooth_path
from cjmlab.maps.fitting import fit_line, fit_text
from cjmlab.maps.geometry import MARGIN, Columns
from cjmlab.maps.lanes.base import describe_moment, describe_point, draw_name, draw_separators, hover_row
from cjmlab.maps.placement import Crowd, spots_around
from cjmlab.maps.view import MapView, TouchpointCell

_STAR = 21.0


@dataclass(frozen=True)
class EmotionLane:
    """Experience from −1 to 1 along the journey.

    Parameters
    ----------
    tall : float
        Height in pixels.
    neutral : tuple of float, optional
        The neutral band; the one that the journeys were computed with when None.
    quotes : bool
        Whether the highest and the lowest point speak.
    limit : float
        The end of the scale; set from the journeys when the lane is drawn.
    """

    name: str = "emotion"
    tall: float = 262.0
    neutral: tuple[float, float] | None = None
    quotes: bool = True
    limit: float = 1.0

    def height(self, view: MapView, columns: Columns) -> float:
        """Return the height, 0 when no touchpoint can be shown."""
        return self.tall if any(point.shown for point in view.touchpoints) else 0.0

    def stretched(self, spare: float) -> EmotionLane:
        """Return the lane with the spare height, or less of its own, within a sixth less and a third more."""
        return replace(self, tall=round(self.tall + max(-self.tall / 6, min(spare, self.tall / 3))))

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw everything from the back to the front, on a scale that all segments of the journeys share."""
        replace(self, limit=view.limit)._draw(canvas, view, columns, top)

    def _draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        chart = Box(columns.left, top + 8, columns.right - columns.left, self.tall - 16)
        canvas.rectangle(
            Box(MARGIN, top, columns.right - MARGIN + 2, self.tall), radius=6, fill="#FBFBFC", name="panel"
        )
        self._zones(canvas, view, columns, chart)
        draw_name(canvas, columns, top + 12, view.words.say("emotion"))
        self._ticks(canvas, view, columns, chart)
        draw_separators(canvas, columns, top, self.tall, dash="dot")
        spots = [
            (x, point) for i, stage in enumerate(view.stages)
            for x, point in zip(columns.spots[i], stage.touchpoints, strict=True)
        ]  # fmt: skip
        shown = [(x, point) for x, point in spots if point.shown and point.experience is not None]
        self._curves(canvas, view, chart, spots, shown)
        crowd = self._crowd(chart, shown)
        self._points(canvas, view, chart, shown)
        self._withheld(canvas, view, chart, spots, crowd)
        self._stars(canvas, view, chart, shown, crowd)
        if self.quotes:
            self._callouts(canvas, view, chart, shown, crowd)

    def _y(self, chart: Box, value: float) -> float:
        share = max(-1.0, min(1.0, value / self.limit))
        return chart.top + chart.height / 2 - share * (chart.height / 2 - 18)

    def _band(self, view: MapView) -> tuple[float, float]:
        low, high = self.neutral or view.provenance.get("neutral") or (-0.1, 0.1)
        return float(low), float(high)

    def _zones(self, canvas: Canvas, view: MapView, columns: Columns, chart: Box) -> None:
        low, high = self._band(view)
        upper, lower, zero = self._y(chart, high), self._y(chart, low), self._y(chart, 0)
        canvas.rectangle(Box(chart.left, chart.top, chart.width, upper - chart.top), fill=DELIGHTED, name="delighted")
        canvas.rectangle(Box(chart.left, lower, chart.width, chart.bottom - lower), fill=FRUSTRATED, name="frustrated")
        canvas.line(chart.left, zero, chart.right, zero, line=FAINT, stroke=1.2, dash="9px,7px", name="neutral line")
        for key, y, colour in (("delighted", (chart.top + upper) / 2, GOOD), ("neutral", zero, MUTED),
                               ("frustrated", (chart.bottom + lower) / 2, BAD)):  # fmt: skip
            room = Box(MARGIN, y - 9, columns.left - MARGIN - 8, 18)
            size = 12.0 if columns.width >= 1400 else 11.0
            words = fit_line(view.words.say(key), room.width, size=size)
            canvas.text(columns.left - 9, y, words, middle=True, size=size, colour=colour, align="right", role="zone",
                        room=room)  # fmt: skip

    def _ticks(self, canvas: Canvas, view: MapView, columns: Columns, chart: Box) -> None:
        """Write the ends of the scale, so that a stretched scale is seen to be one."""
        for value in (self.limit, -self.limit):
            y = self._y(chart, value)
            canvas.line(columns.left - 5, y, columns.left, y, line=FAINT, stroke=1, name="tick")
            room = Box(MARGIN, y - 7, columns.left - MARGIN - 8, 14)
            canvas.text(columns.left - 9, y, view.words.signed(value, 1), middle=True, size=10, colour=MUTED, align="right",
                        role="tick", room=room)  # fmt: skip

    def _curves(
        self, canvas: Canvas, view: MapView, chart: Box, spots: Sequence[tuple[float, TouchpointCell]],
        shown: Sequence[tuple[float, TouchpointCell]],
    ) -> None:  # fmt: skip
        reference = [(x, self._y(chart, p.overall)) for x, p in spots if p.overall is not None and p.overall_n >= 5]
        for run in _runs(spots):
            banded = [(x, p) for x, p in run if p.low is not None and p.high is not None]
            if len(banded) > 1:
                upper = [(x, self._y(chart, p.high or 0)) for x, p in banded]
                lower = [(x, self._y(chart, p.low or 0)) for x, p in banded]
                canvas.path(band_path(upper, lower), fill=see_through(view.colour, 0.17), name="interval")
        if not view.is_overall and len(reference) > 1:
            canvas.path(smooth_path(reference), line="#8793A0", stroke=1.5, dash="3px,3px", name="all customers")
        points = [(x, self._y(chart, p.experience or 0)) for x, p in shown]
        whole = {x for x, _ in shown}
        for a, b in pairwise(points):
            if any(a[0] < x < b[0] and x not in whole for x, _ in spots):
                canvas.line(
                    *a, *b, line=see_through(view.colour, 0.45), stroke=1.5, dash="2px,5px", name="no evidence between"
                )
        for run in _runs(spots):
            path = [(x, self._y(chart, p.experience or 0)) for x, p in run]
            if len(path) > 1:
                canvas.path(smooth_path(path), line=view.colour, stroke=3, name="experience")

    def _points(self, canvas: Canvas, view: MapView, chart: Box, shown: Sequence[tuple[float, TouchpointCell]]) -> None:
        for name, some, size in (("experience", [s for s in shown if not s[1].few], 13.0),
                                 ("experience, few answers", [s for s in shown if s[1].few], 11.0)):  # fmt: skip
            if not some:
                continue
            few = name.endswith("answers")
            fills = ["#FFFFFF" if few else experience_colour(p.experience or 0) for _, p in some]
            canvas.points(
                [x for x, _ in some], [self._y(chart, p.experience or 0) for _, p in some], name=name, size=size,
                fill=fills, line=view.colour, stroke=2,
                data=[hover_row(view, "point", p.id, p.stage, describe_point(view, p), p.quote) for _, p in some],
            )  # fmt: skip

    def _withheld(
        self, canvas: Canvas, view: MapView, chart: Box, spots: Sequence[tuple[float, TouchpointCell]], crowd: Crowd
    ) -> None:
        hidden = [(x, p) for x, p in spots if not p.shown]
        if not hidden:
            return
        zero = self._y(chart, 0)
        canvas.points(
            [x for x, _ in hidden], [zero] * len(hidden), name="withheld", size=8, symbol="x-thin", fill=FAINT, line=FAINT,
            stroke=1.5, data=[hover_row(view, "point", p.id, p.stage, describe_point(view, p), None) for _, p in hidden],
        )  # fmt: skip
        for x, _ in hidden:
            crowd.add(Box(x - 6, zero - 6, 12, 12))

    def _crowd(self, chart: Box, shown: Sequence[tuple[float, TouchpointCell]]) -> Crowd:
        """Note where points, curve and interval are, so that nothing is put on them."""
        crowd = Crowd(Box(chart.left + 3, chart.top + 3, chart.width - 6, chart.height - 6))
        points: list[Point] = [(x, self._y(chart, p.experience or 0)) for x, p in shown]
        for x, y in points:
            crowd.add(Box(x - 10, y - 10, 20, 20), 3.0)
        for (x0, _), (x1, _) in pairwise(points):
            steps = max(2, int((x1 - x0) // 8))
            for k in range(steps + 1):
                x = x0 + (x1 - x0) * k / steps
                curve = height_at(points, x)
                if curve is not None:
                    crowd.add(Box(x - 5, curve - 6, 10, 12))
        for x, point in shown:
            if point.low is not None and point.high is not None:
                top = self._y(chart, point.high)
                crowd.add(Box(x - 12, top, 24, self._y(chart, point.low) - top), 0.25)
        return crowd

    def _stars(
        self, canvas: Canvas, view: MapView, chart: Box, shown: Sequence[tuple[float, TouchpointCell]], crowd: Crowd
    ) -> None:
        truths = {truth.touchpoint: truth for truth in reversed(view.truths)}
        xs, ys, data = [], [], []
        room = _STAR + 3
        for x, point in shown:
            if point.id not in truths:
                continue
            up = (point.experience or 0) >= 0
            y = self._y(chart, point.experience or 0)
            end = point.high if up else point.low
            edge = abs(self._y(chart, end if end is not None else point.experience or 0) - y)
            away = [edge + 5 + k for k in range(0, 60, 4)] + [11.0, 15.0]
            spots = [(x - room / 2, y - d - room if up else y + d, d - edge if d > edge else 14.0) for d in away]
            spots += [(x - room / 2, y + d if up else y - d - room, d + 40) for d in away]
            spots += [(x + side * 26 - room / 2, y - room / 2, 60.0) for side in (1, -1)]
            box = crowd.place(room, room, spots)
            xs.append(box.left + room / 2)
            ys.append(box.top + room / 2)
            lines = describe_moment(view, truths[point.id])
            data.append(hover_row(view, "moment_of_truth", point.id, point.stage, lines, point.quote))
        if xs:
            canvas.points(xs, ys, name="moment of truth", size=_STAR, symbol="star", fill=GOLD, line="#FFFFFF", stroke=1.2,
                          data=data)  # fmt: skip

    def _callouts(
        self, canvas: Canvas, view: MapView, chart: Box, shown: Sequence[tuple[float, TouchpointCell]], crowd: Crowd
    ) -> None:
        said = [(x, p) for x, p in shown if p.quote is not None]
        if not said:
            return
        best = max(said, key=lambda s: (s[1].experience or 0, -s[0]))
        worst = min(said, key=lambda s: (s[1].experience or 0, s[0]))
        if (best[1].experience or 0) > 0:
            self._callout(canvas, view, chart, best, crowd, up=True)
        if (worst[1].experience or 0) < 0:
            self._callout(canvas, view, chart, worst, crowd, up=False)

    def _callout(
        self, canvas: Canvas, view: MapView, chart: Box, at: tuple[float, TouchpointCell], crowd: Crowd, *, up: bool
    ) -> None:
        x, point = at
        if point.quote is None:
            return
        fitted = fit_text(view.words.quoted(point.quote.text), 236, size=12, lines=2)
        width, height = round(fitted.width + 22, 1), round(fitted.height + 9, 1)
        y = self._y(chart, point.experience or 0)
        box = crowd.place(width, height, spots_around(x, y, width, height, up=up, gap=12))
        colour = GOOD if up else BAD
        near = min(max(x, box.left), box.right)
        end = box.bottom if box.bottom < y else box.top if box.top > y else y
        if abs(end - y) > 20 or abs(near - x) > 22:
            canvas.line(x, y, near, end, line=see_through(colour, 0.6), stroke=1, name="callout line")
        canvas.rectangle(box, radius=6, fill="#FFFFFF", line=colour, stroke=1.3, name="callout")
        canvas.text(box.left + 11, box.top + height / 2, fitted, middle=True, colour=INK, role="quote callout", room=box,
                    key=point.quote.unit_id)  # fmt: skip


def _runs(spots: Sequence[tuple[float, TouchpointCell]]) -> list[list[tuple[float, TouchpointCell]]]:
    """Cut the journey where a touchpoint is withheld."""
    runs: list[list[tuple[float, TouchpointCell]]] = [[]]
    for x, point in spots:
        if point.shown:
            runs[-1].append((x, point))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
