"""Answers that are missing because nobody was there: means and covariances by EM, never by dropping people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Completed:
    """A matrix with gaps, completed: moments, expected values, and what stays unknown of each row.

    ``values`` (n, p) holds observed values and conditional means; ``unknown`` (n, p, p) the conditional covariance of
    the missing ones; ``mean`` (p,) and ``covariance`` (p, p) the estimates.
    """

    mean: Floats
    covariance: Floats
    values: Floats
    unknown: Floats


def complete(X: Floats, *, steps: int = 40, tolerance: float = 5e-4) -> Completed:
    """Estimate mean and covariance of data with gaps by the EM algorithm for a normal model.

    Parameters
    ----------
    X : array (n, p)
        NaN where there is no answer. A column with no answer at all is refused by the caller.
    steps : int
        Most iterations.
    tolerance : float
        Largest change of a covariance, in units of the variances, at which it stops.

    Examples
    --------
    >>> X = np.array([[1.0, 2.0], [2.0, 4.1], [3.0, np.nan], [4.0, 7.9]] * 20)
    >>> complete(X).values[2, 1].round(1)
    np.float64(5.9)
    """
    n, p = X.shape
    seen = ~np.isnan(X)
    mean = np.nanmean(X, axis=0)
    spread = np.nanvar(X, axis=0) + 1e-9
    values, unknown = np.where(seen, X, mean), np.zeros((n, p, p))
    covariance = _pairwise(X, mean, spread)
    if seen.all():
        return Completed(mean, np.cov(X.T, bias=True).reshape(p, p), values, unknown)
    patterns, which = np.unique(seen, axis=0, return_inverse=True)
    both = patterns[:, :, None] & patterns[:, None, :]
    for _ in range(steps):
        known = np.where(both, covariance, 0.0)
        known[:, np.arange(p), np.arange(p)] += ~patterns + 1e-9 * spread
        gain = np.linalg.solve(known, np.where(patterns[:, :, None], covariance, 0.0))
        left = covariance - gain.transpose(0, 2, 1) @ np.where(patterns[:, :, None], covariance, 0.0)
        left *= ~patterns[:, :, None] & ~patterns[:, None, :]
        centred = np.where(seen, X - mean, 0.0)
        guess = mean + (centred[:, None, :] @ gain[which])[:, 0]
        values = np.where(seen, X, guess)
        mean = values.mean(axis=0)
        rest = values - mean
        updated = (rest.T @ rest + np.tensordot(np.bincount(which).astype(float), left, 1)) / n
        # A weak prior of a few people with independent answers keeps rarely met pairs from running away.
        updated = (n * updated + 3.0 * np.diag(spread)) / (n + 3.0)
        change = float(np.abs((updated - covariance) / np.sqrt(np.outer(spread, spread))).max())
        covariance, unknown = updated, left[which]
        if change < tolerance:
            break
    return Completed(mean, covariance, values, unknown)


def _pairwise(X: Floats, mean: Floats, spread: Floats) -> Floats:
    """Return where the iterations start: covariances of those who have both, drawn a little to independence."""
    seen = (~np.isnan(X)).astype(float)
    centred = np.where(seen > 0, X - mean, 0.0)
    both = seen.T @ seen
    covariance = np.where(both > 2, centred.T @ centred / np.maximum(both, 1), 0.0)
    values, vectors = np.linalg.eigh(covariance / np.sqrt(np.outer(spread, spread)))
    repaired = (vectors * np.maximum(values, 0.05)) @ vectors.T
    return np.asarray(0.9 * repaired * np.sqrt(np.outer(spread, spread)) + 0.1 * np.diag(spread))
