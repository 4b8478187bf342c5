"""Finding room for callouts and stars: the free spot nearest to its point, deterministically."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cjmlab.maps.canvas import Box


@dataclass
class Crowd:
    """What is already there: boxes that must not be covered, inside bounds that must not be left."""

    bounds: Box
    boxes: list[Box] = field(default_factory=list)

    def add(self, box: Box) -> None:
        """Note that a box is taken."""
        self.boxes.append(box)

    def covered(self, box: Box) -> float:
        """Return how many square pixels of other things a box would cover, leaving the bounds counted tenfold."""
        inside = self.bounds.overlap(box)
        return sum(box.overlap(other) for other in self.boxes) + 10 * max(0.0, box.width * box.height - inside)

    def place(
        self, width: float, height: float, spots: Iterable[tuple[float, float]],
        *, extra: Callable[[Box], float] | None = None,
    ) -> tuple[Box, float]:  # fmt: skip
        """Return the box at the first spot (left, top) that covers least, and how much it covers; it is then taken."""
        best: tuple[float, int, Box] | None = None
        for order, (left, top) in enumerate(spots):
            box = Box(round(left, 1), round(top, 1), width, height)
            cost = self.covered(box) + (extra(box) if extra else 0.0)
            if best is None or round(cost, 3) < best[0]:
                best = (round(cost, 3), order, box)
            if best[0] == 0:
                break
        if best is None:
            best = (0.0, 0, Box(self.bounds.left, self.bounds.top, width, height))
        self.add(best[2])
        return best[2], best[0]


def spots_around(x: float, y: float, width: float, height: float, *, up: bool, gap: float) -> list[tuple[float, float]]:
    """Return where a callout may stand around a point, the best first: beside and beyond it, then farther away.

    Examples
    --------
    >>> spots_around(100, 50, 80, 20, up=True, gap=12)[0]
    (60.0, 18)
    """
    sign = -1 if up else 1
    spots = []
    for far in range(0, 130, 13):
        above = y + sign * (gap + far) - (height if up else 0)
        for shift in (0, 0.28, -0.28, 0.5, -0.5, 0.75, -0.75, 1.1, -1.1):
            spots.append((x - width / 2 + shift * width, above))
        if far <= 52:
            for side in (x + gap + 8 + far, x - gap - 8 - far - width):
                spots.append((side, y - height / 2 + sign * far / 2))
    return spots
