"""The emotion lane: curve, interval, neutral band, reference, quotes, moments of truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import BAD, GOLD, GOOD, INK, MUTED, see_through
from cjmlab.maps.emotion_chart import EmotionChart, Spot
from cjmlab.maps.fitting import fit_evenly
from cjmlab.maps.geometry import MARGIN, Columns
from cjmlab.maps.hover import describe_moment, hover_row
from cjmlab.maps.lanes.base import draw_name, draw_separators
from cjmlab.maps.metrics import text_width
from cjmlab.maps.placement import Crowd, spots_around
from cjmlab.maps.sayings import write_quote
from cjmlab.maps.view import MapView

_STAR = 21.0


@dataclass(frozen=True)
class EmotionLane:
    """Experience along the journey, on a scale that all segments of the journeys share.

    Parameters
    ----------
    tall : float
        Height in pixels.
    neutral : tuple of float, optional
        The neutral band; the one that the journeys were computed with when None.
    quotes : bool
        Whether the highest and the lowest point speak.
    """

    name: str = "emotion"
    tall: float = 262.0
    neutral: tuple[float, float] | None = None
    quotes: bool = True

    def height(self, view: MapView, columns: Columns) -> float:
        """Return the height, 0 when no touchpoint can be shown."""
        return self.tall if any(point.shown for point in view.touchpoints) else 0.0

    def stretched(self, spare: float, *, least: float = 0.8) -> EmotionLane:
        """Return the lane with the spare height, or less of its own, from a share of it to twice as much."""
        return replace(self, tall=round(self.tall + max(-self.tall * (1 - least), min(spare, self.tall))))

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw everything from the back to the front."""
        panel = Box(MARGIN, top, columns.right - MARGIN + 2, self.tall)
        canvas.rectangle(panel, radius=6, fill="#FBFBFC", name="panel")
        low, high = self.neutral or view.provenance.get("neutral") or (-0.1, 0.1)
        spots = [
            spot
            for i, stage in enumerate(view.stages)
            for spot in zip(columns.spots[i], stage.touchpoints, strict=True)
        ]
        box = Box(columns.left, top + 8, columns.right - columns.left, self.tall - 16)
        chart = EmotionChart(canvas, view, box, spots, view.limit, (float(low), float(high)))
        chart.draw_zones(MARGIN, size=12.0 if columns.wide else 11.0)
        draw_name(canvas, columns, top + 12, view.words.say("emotion"))
        draw_separators(canvas, columns, top, self.tall, dash="dot")
        chart.draw_interval()
        chart.draw_reference()
        chart.draw_curve()
        chart.draw_points()
        crowd = chart.crowd()
        self._stars(chart, crowd)
        self._values(chart, crowd)
        if self.quotes:
            self._callouts(chart, crowd)

    def _stars(self, chart: EmotionChart, crowd: Crowd) -> None:
        truths = {truth.touchpoint: truth for truth in reversed(chart.view.truths)}
        xs, ys, data = [], [], []
        room = _STAR + 3
        for x, point in chart.shown:
            if point.id not in truths:
                continue
            up, y = (point.experience or 0) >= 0, chart.y(point.experience)
            end = point.high if up else point.low
            edge = abs(chart.y(end if end is not None else point.experience) - y)
            away = [edge + 5 + k for k in range(0, 60, 4)] + [11.0, 15.0]
            spots = [(x - room / 2, y - d - room if up else y + d, d - edge if d > edge else 14.0) for d in away]
            spots += [(x - room / 2, y + d if up else y - d - room, d + 40) for d in away]
            spots += [(x + side * 26 - room / 2, y - room / 2, 60.0) for side in (1, -1)]
            box = crowd.place(room, room, spots)
            xs.append(box.left + room / 2)
            ys.append(box.top + room / 2)
            lines = describe_moment(chart.view, truths[point.id])
            data.append(hover_row(chart.view, "moment_of_truth", point.id, point.stage, lines, point.quote))
        if xs:
            chart.canvas.points(xs, ys, name="moment of truth", size=_STAR, symbol="star", fill=GOLD, line="#FFFFFF",
                                stroke=1.2, data=data)  # fmt: skip

    def _callouts(self, chart: EmotionChart, crowd: Crowd) -> None:
        said = replace(chart, spots=[spot for spot in chart.shown if spot[1].quote is not None]).ends()
        if said is None:
            return
        for spot, up in zip(said, (True, False), strict=True):
            if (spot[1].experience or 0) * (1 if up else -1) > 0:
                self._callout(chart, crowd, spot, up=up)

    def _callout(self, chart: EmotionChart, crowd: Crowd, at: Spot, *, up: bool) -> None:
        x, point = at
        if point.quote is None:
            return
        fitted = fit_evenly(write_quote(chart.view.words, point.quote), 236, size=12, lines=2)
        width, height = round(fitted.width + 22, 1), round(fitted.height + 9, 1)
        y = chart.y(point.experience)
        box = crowd.place(width, height, spots_around(x, y, width, height, up=up, gap=12))
        colour = GOOD if up else BAD
        near = min(max(x, box.left), box.right)
        end = box.bottom if box.bottom < y else box.top if box.top > y else y
        if abs(end - y) > 38 or abs(near - x) > 22:
            chart.canvas.line(x, y, near, end, line=see_through(colour, 0.6), stroke=1, name="quote line")
        chart.canvas.rectangle(box, radius=6, fill="#FFFFFF", line=colour, stroke=1.3, name="quote box")
        chart.canvas.text(box.left + 11, box.top + height / 2, fitted, middle=True, colour=INK, role="quote callout", room=box,
                          key=point.quote.unit_id)  # fmt: skip

    def _values(self, chart: EmotionChart, crowd: Crowd) -> None:
        """Write the experience of the highest and the lowest point beside them."""
        ends = chart.ends()
        if ends is None:
            return
        for (x, point), up in dict(zip(ends, (True, False), strict=True)).items():
            words = chart.view.words.signed(point.experience or 0)
            width = round(text_width(words, 12, bold=True) + 4, 1)
            y = chart.y(point.experience)
            box = crowd.place(width, 14, spots_around(x, y, width, 14, up=up, gap=8))
            chart.canvas.text(box.left + width / 2, box.top + 7, words, middle=True, size=12, bold=True, align="center",
                              colour=_ink(point.experience or 0), role="value", room=box)  # fmt: skip


def _ink(value: float) -> str:
    """Return the ink of a value: muted where it is written as 0."""
    return MUTED if round(value, 2) == 0 else GOOD if value > 0 else BAD
