"""Smooth lines that do not overshoot: monotone cubics (Fritsch and Carlson, 1980) as Bézier paths."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

Point = tuple[float, float]


def slopes(points: Sequence[Point]) -> list[float]:
    """Return the slope at every point: 0 at peaks and troughs, the weighted harmonic mean elsewhere.

    Examples
    --------
    >>> slopes([(0, 0), (1, 1), (2, 0)])
    [1.0, 0.0, -1.0]
    """
    if len(points) < 2:
        return [0.0] * len(points)
    steps = [b[0] - a[0] for a, b in itertools.pairwise(points)]
    rises = [(b[1] - a[1]) / h for (a, b), h in zip(itertools.pairwise(points), steps, strict=True)]
    inner = []
    for h0, h1, d0, d1 in zip(steps, steps[1:], rises, rises[1:], strict=False):
        if d0 * d1 <= 0:
            inner.append(0.0)
        else:
            w0, w1 = 2 * h1 + h0, h1 + 2 * h0
            inner.append((w0 + w1) / (w0 / d0 + w1 / d1))
    return [rises[0], *inner, rises[-1]]


def smooth_path(points: Sequence[Point], *, start: str = "M") -> str:
    """Return the SVG path of the smooth line through points.

    Examples
    --------
    >>> smooth_path([(0, 0), (30, 30)])
    'M0,0C10,10,20,20,30,30'
    """
    if not points:
        return ""
    tangents = slopes(points)
    path = f"{start}{_n(points[0][0])},{_n(points[0][1])}"
    for (a, b), (s, e) in zip(itertools.pairwise(points), itertools.pairwise(tangents), strict=True):
        third = (b[0] - a[0]) / 3
        numbers = (a[0] + third, a[1] + s * third, b[0] - third, b[1] - e * third, b[0], b[1])
        path += "C" + ",".join(str(_n(value)) for value in numbers)
    return path


def height_at(points: Sequence[Point], x: float) -> float | None:
    """Return the y of the smooth line at an x, None outside it."""
    tangents = slopes(points)
    for (a, b), (s, e) in zip(itertools.pairwise(points), itertools.pairwise(tangents), strict=True):
        if a[0] <= x <= b[0]:
            h = b[0] - a[0]
            t = (x - a[0]) / h
            return float(
                (2 * t**3 - 3 * t**2 + 1) * a[1] + (t**3 - 2 * t**2 + t) * h * s
                + (3 * t**2 - 2 * t**3) * b[1] + (t**3 - t**2) * h * e
            )  # fmt: skip
    return points[0][1] if len(points) == 1 and points[0][0] == x else None


def band_path(upper: Sequence[Point], lower: Sequence[Point]) -> str:
    """Return the closed path between two smooth lines."""
    backward = [(-x, y) for x, y in reversed(lower)]
    mirrored = smooth_path(backward, start="L")
    return smooth_path(upper) + _mirror(mirrored) + "Z"


def _mirror(path: str) -> str:
    import re

    numbers = iter(range(10**6))

    def flip(match: re.Match[str]) -> str:
        return str(_n(-float(match[0]))) if next(numbers) % 2 == 0 else match[0]

    return re.sub(r"-?\d+(?:\.\d+)?", flip, path)


def _n(value: float) -> float | int:
    rounded = round(float(value), 1)
    return int(rounded) if rounded == int(rounded) else rounded
