"""The chart of experience along the journey, shared by the emotion lane and the comparison of segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import BAD, DELIGHTED, FAINT, FRUSTRATED, GOOD, MUTED, experience_colour, see_through
from cjmlab.maps.curves import Point, band_path, height_at, smooth_path
from cjmlab.maps.fitting import fit_line
from cjmlab.maps.hover import describe_point, hover_row
from cjmlab.maps.placement import Crowd
from cjmlab.maps.view import MapView, TouchpointCell

Spot = tuple[float, TouchpointCell]
REFERENCE = "#8793A0"


@dataclass(frozen=True)
class EmotionChart:
    """Experience in a box of the canvas.

    Parameters
    ----------
    canvas : Canvas
        What is drawn on.
    view : MapView
        The segment.
    box : Box
        Where, in pixels.
    spots : sequence
        x and cell of every touchpoint.
    limit : float
        The end of the scale, 1 or less.
    neutral : tuple of float
        The neutral band.
    """

    canvas: Canvas
    view: MapView
    box: Box
    spots: Sequence[Spot]
    limit: float
    neutral: tuple[float, float]

    @property
    def shown(self) -> list[Spot]:
        """The touchpoints with enough people behind them."""
        return [(x, point) for x, point in self.spots if point.shown and point.experience is not None]

    def y(self, value: float | None) -> float:
        """Return the y of an experience."""
        share = max(-1.0, min(1.0, (value or 0.0) / self.limit))
        return self.box.top + self.box.height / 2 - share * (self.box.height / 2 - 18)

    def draw_zones(self, left: float, *, size: float, names: bool = True) -> None:
        """Draw the zones, the neutral line, their names and the ends of the scale left of the box."""
        box, canvas, words = self.box, self.canvas, self.view.words
        upper, lower, zero = self.y(self.neutral[1]), self.y(self.neutral[0]), self.y(0)
        canvas.rectangle(Box(box.left, box.top, box.width, upper - box.top), fill=DELIGHTED, name="delighted")
        canvas.rectangle(Box(box.left, lower, box.width, box.bottom - lower), fill=FRUSTRATED, name="frustrated")
        canvas.line(box.left, zero, box.right, zero, line=FAINT, stroke=1.2, dash="9px,7px", name="neutral line")
        if not names:
            return
        for key, y, colour in (("delighted", (box.top + upper) / 2, GOOD), ("neutral", zero, MUTED),
                               ("frustrated", (box.bottom + lower) / 2, BAD)):  # fmt: skip
            room = Box(left, y - 9, box.left - left - 8, 18)
            said = fit_line(words.say(key), room.width, size=size)
            canvas.text(
                room.right, y, said, middle=True, size=size, colour=colour, align="right", role="zone", room=room
            )
        for value in (self.limit, -self.limit):
            y = self.y(value)
            canvas.line(box.left - 5, y, box.left, y, line=FAINT, stroke=1, name="tick")
            room = Box(left, y - 7, box.left - left - 8, 14)
            canvas.text(room.right, y, words.signed(value, 1), middle=True, size=10, colour=MUTED, align="right",
                        role="tick", room=room)  # fmt: skip

    def draw_reference(self) -> None:
        """Draw the dotted line of all customers."""
        points = [(x, self.y(p.overall)) for x, p in self.spots if p.overall is not None and p.overall_n >= 5]
        if not self.view.is_overall and len(points) > 1:
            self.canvas.path(smooth_path(points), line=REFERENCE, stroke=1.5, dash="3px,3px", name="all customers")

    def draw_interval(self) -> None:
        """Draw the band of the 95 % intervals, broken where a touchpoint is withheld."""
        for run in self.runs():
            banded = [(x, p) for x, p in run if p.low is not None and p.high is not None]
            if len(banded) > 1:
                upper = [(x, self.y(p.high)) for x, p in banded]
                lower = [(x, self.y(p.low)) for x, p in banded]
                self.canvas.path(band_path(upper, lower), fill=see_through(self.view.colour, 0.17), name="interval")

    def draw_curve(self) -> None:
        """Draw the curve, and a thin dotted line over touchpoints without evidence."""
        points = [(x, self.y(p.experience)) for x, p in self.shown]
        known = {x for x, _ in points}
        for a, b in pairwise(points):
            if any(a[0] < x < b[0] and x not in known for x, _ in self.spots):
                self.canvas.line(*a, *b, line=see_through(self.view.colour, 0.45), stroke=1.5, dash="2px,5px",
                                 name="no evidence between")  # fmt: skip
        for run in self.runs():
            if len(run) > 1:
                path = smooth_path([(x, self.y(p.experience)) for x, p in run])
                self.canvas.path(path, line=self.view.colour, stroke=3, name="experience")

    def draw_points(self, *, size: float = 13.0) -> None:
        """Draw the points: filled with their experience, hollow below thirty, a diamond where split, a cross where withheld."""
        hollow = [spot for spot in self.shown if spot[1].few]
        for name, some, wide in (("experience", [s for s in self.shown if not s[1].few], size),
                                 ("experience, few answers", hollow, size - 2)):  # fmt: skip
            fills = ["#FFFFFF" if some is hollow else experience_colour(p.experience or 0) for _, p in some]
            if some:
                shapes = ["diamond" if p.polarised else "circle" for _, p in some]
                self.canvas.points([x for x, _ in some], [self.y(p.experience) for _, p in some], name=name, size=wide,
                                   symbol=shapes if "diamond" in shapes else "circle", fill=fills, line=self.view.colour, stroke=2, data=self._rows(some))  # fmt: skip
        hidden = [(x, p) for x, p in self.spots if not p.shown]
        if hidden:
            self.canvas.points([x for x, _ in hidden], [self.y(0)] * len(hidden), name="withheld", size=8, symbol="x-thin",
                               fill=FAINT, line=FAINT, stroke=1.5, data=self._rows(hidden))  # fmt: skip

    def _rows(self, spots: Sequence[Spot]) -> list[list[str]]:
        return [
            hover_row(self.view, "point", p.id, p.stage, describe_point(self.view, p), p.quote if p.shown else None)
            for _, p in spots
        ]

    def runs(self) -> list[list[Spot]]:
        """Cut the journey where a touchpoint is withheld."""
        runs: list[list[Spot]] = [[]]
        for x, point in self.spots:
            if point.shown:
                runs[-1].append((x, point))
            elif runs[-1]:
                runs.append([])
        return [run for run in runs if run]

    def crowd(self) -> Crowd:
        """Note where points, curve and interval are, so that nothing is put on them."""
        box = self.box
        crowd = Crowd(Box(box.left + 3, box.top + 3, box.width - 6, box.height - 6))
        points: list[Point] = [(x, self.y(p.experience)) for x, p in self.shown]
        for x, y in points:
            crowd.add(Box(x - 10, y - 10, 20, 20), 3.0)
        for (x0, _), (x1, _) in pairwise(points):
            steps = max(2, int((x1 - x0) // 8))
            for k in range(steps + 1):
                x = x0 + (x1 - x0) * k / steps
                curve = height_at(points, x)
                if curve is not None:
                    crowd.add(Box(x - 5, curve - 6, 10, 12))
        for x, point in self.shown:
            if point.low is not None and point.high is not None:
                top = self.y(point.high)
                crowd.add(Box(x - 12, top, 24, self.y(point.low) - top), 0.25)
        for x, point in self.spots:
            if not point.shown:
                crowd.add(Box(x - 6, self.y(0) - 6, 12, 12))
        return crowd

    def ends(self) -> tuple[Spot, Spot] | None:
        """Return the highest and the lowest point, None when nothing is shown."""
        if not self.shown:
            return None
        return (max(self.shown, key=lambda s: (s[1].experience or 0, -s[0])),
                min(self.shown, key=lambda s: (s[1].experience or 0, s[0])))  # fmt: skip
