"""Intervals that hold at small n: Wilson for shares, ratios of two shares, and resampling of customers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054


def wilson(successes: float, n: float, *, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a share (Wilson 1927).

    Parameters
    ----------
    successes, n : float
        How many of how many. ``n`` = 0 gives two missing values.

    Examples
    --------
    >>> low, high = wilson(8, 10)
    >>> round(low, 3), round(high, 3)
    (0.49, 0.943)
    """
    if n <= 0:
        return math.nan, math.nan
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def risk_ratio(hits: float, n: float, base_hits: float, base_n: float, *, z: float = Z95) -> tuple[float, float, float]:
    """Return the ratio of two shares with its interval on the log scale; half a case is added where one is zero.

    Examples
    --------
    >>> [round(value, 2) for value in risk_ratio(30, 100, 10, 100)]
    [3.0, 1.55, 5.8]
    """
    if n <= 0 or base_n <= 0:
        return math.nan, math.nan, math.nan
    if min(hits, base_hits) == 0 or hits == n or base_hits == base_n:
        hits, base_hits, n, base_n = hits + 0.5, base_hits + 0.5, n + 1, base_n + 1
    ratio = (hits / n) / (base_hits / base_n)
    se = math.sqrt(max(1 / hits - 1 / n + 1 / base_hits - 1 / base_n, 0.0))
    return ratio, ratio * math.exp(-z * se), ratio * math.exp(z * se)


def share_difference(hits: float, n: float, base_hits: float, base_n: float) -> tuple[float, float, float]:
    """Return the difference of two shares with Newcombe's interval (1998, method 10).

    Examples
    --------
    >>> [round(value, 3) for value in share_difference(56, 70, 48, 80)]
    [0.2, 0.052, 0.334]
    """
    if n <= 0 or base_n <= 0:
        return math.nan, math.nan, math.nan
    first, second = hits / n, base_hits / base_n
    (l1, u1), (l2, u2) = wilson(hits, n), wilson(base_hits, base_n)
    difference = first - second
    low = difference - math.hypot(first - l1, u2 - second)
    high = difference + math.hypot(u1 - first, second - l2)
    return difference, low, high


def customer_resamples(n: int, times: int, seed: int = 0) -> NDArray[np.float64]:
    """Return how often each of n customers is drawn in each resample: an array (times, n) of counts.

    Examples
    --------
    >>> customer_resamples(3, 2).sum(axis=1).tolist()
    [3.0, 3.0]
    """
    draws = np.random.default_rng(seed).integers(0, n, size=(times, n))
    offsets = np.arange(times)[:, None] * n
    return np.bincount((draws + offsets).ravel(), minlength=times * n).reshape(times, n).astype(float)


def wilson_bounds(successes: NDArray[Any], n: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the Wilson intervals of many shares at once; missing where ``n`` is 0.

    Examples
    --------
    >>> low, high = wilson_bounds(np.array([8, 0]), np.array([10, 0]))
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.49, nan], [0.94, nan])
    """
    n = np.where(np.asarray(n) > 0, n, np.nan).astype(float)
    share = np.asarray(successes, dtype=float) / n
    middle = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n)) / (1 + Z95**2 / n)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
