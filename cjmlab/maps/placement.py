"""Finding room for callouts and stars: the spot near its point that covers least, deterministically."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cjmlab.maps.canvas import Box

_OUTSIDE = 20.0
_AWAY = 0.9


@dataclass
class Crowd:
    """What is already there: boxes with a weight (how bad it is to cover them), inside bounds not to be left."""

    bounds: Box
    _boxes: list[tuple[float, float, float, float, float]] = field(default_factory=list)

    def add(self, box: Box, weight: float = 1.0) -> None:
        """Note that a box is taken."""
        self._boxes.append((box.left, box.top, box.right, box.bottom, weight))

    def covered(self, spots: NDArray[np.float64], width: float, height: float) -> NDArray[np.float64]:
        """Return, for every spot (left, top), the weighted square pixels that a box there would cover."""
        left, top = spots[:, :1], spots[:, 1:]
        taken = np.array(self._boxes or [(0.0, 0.0, 0.0, 0.0, 0.0)])
        wide = np.minimum(left + width, taken[:, 2]) - np.maximum(left, taken[:, 0])
        high = np.minimum(top + height, taken[:, 3]) - np.maximum(top, taken[:, 1])
        inner = (np.clip(wide, 0, None) * np.clip(high, 0, None) * taken[:, 4]).sum(axis=1)
        x, y, bounds = left[:, 0], top[:, 0], self.bounds
        within = np.clip(np.minimum(x + width, bounds.right) - np.maximum(x, bounds.left), 0, None) * np.clip(
            np.minimum(y + height, bounds.bottom) - np.maximum(y, bounds.top), 0, None)  # fmt: skip
        return np.asarray(inner + _OUTSIDE * (width * height - within))

    def place(self, width: float, height: float, spots: Sequence[tuple[float, float, float]]) -> Box:
        """Take the best of some spots (left, top, dislike) for a box: least covered, then least disliked."""
        table = np.round(np.array(spots, dtype=float), 1)
        cost = np.round(self.covered(table[:, :2], width, height) + _AWAY * table[:, 2], 2)
        best = int(np.argmin(cost))
        box = Box(float(table[best, 0]), float(table[best, 1]), width, height)
        self.add(box, 2.0)
        return box


def spots_around(
    x: float, y: float, width: float, height: float, *, up: bool, gap: float
) -> list[tuple[float, float, float]]:
    """Return where a callout may stand around a point, each with how far it is and whether it is on the wrong side.

    Examples
    --------
    >>> min(spots_around(100, 50, 80, 20, up=True, gap=12), key=lambda spot: spot[2])[:2]
    (60.0, 18.0)
    """
    sign = -1 if up else 1
    spots = []
    for down in np.arange(-8, 9):
        top = y - height / 2 + float(down) * (height / 2 + gap) / 3
        for across in np.arange(-16, 17):
            left = x - width / 2 + float(across) * (width / 2 + gap + 6) / 8
            dx = max(left - x, x - left - width, 0.0)
            dy = max(top - y, y - top - height, 0.0)
            if dx < gap and dy < gap:
                continue
            wrong = 60.0 if (top + height / 2 - y) * sign < -height else 0.0
            spots.append((left, top, 1.4 * dx + dy + abs(left + width / 2 - x) * 0.12 + wrong))
    return spots
