"""Partial pooling: small cells lean on their segment and their touchpoint, as far as the data say they may."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cjmlab.journeys.intervals import Z95

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pooled:
    """Pooled means, their standard errors, the additive prior of each cell and the spread between cells."""

    mean: Floats
    se: Floats
    prior: Floats
    tau: float

    @property
    def low(self) -> Floats:
        """Lower end of the 95 % interval."""
        return self.mean - Z95 * self.se

    @property
    def high(self) -> Floats:
        """Upper end of the 95 % interval."""
        return self.mean + Z95 * self.se


def pool_cells(mean: Floats, variance: Floats, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Pooled:
    """Pool cell means towards an additive row + column prior, the spread between cells integrated on a grid.

    A cell's true mean is taken as normal around row effect + column effect with spread tau; the effects have a flat
    prior, and tau is integrated over a grid by its restricted likelihood, so that the interval also holds what is not
    known of tau (a plug-in estimate covers too little).

    Parameters
    ----------
    mean, variance : array (cells,)
        Raw mean of each cell and the variance of that mean.
    rows, columns : array of int (cells,)
        Segment and touchpoint of each cell, from 0.

    Returns
    -------
    Pooled
        Arrays of the same length as ``mean``.

    Examples
    --------
    >>> pooled = pool_cells(np.array([0.1, 0.2, 0.9, 1.0]), np.full(4, 0.04), np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]))
    >>> bool(pooled.se.max() < 0.2), pooled.mean.round(1).tolist()
    (True, [0.1, 0.2, 0.9, 1.0])
    """
    variance = np.maximum(variance, 1e-9)
    X = _additive(rows, columns)
    if len(mean) <= X.shape[1]:
        X = np.ones((len(mean), 1))
    if len(mean) < 3:
        return Pooled(mean.copy(), np.sqrt(variance), mean.copy(), float("nan"))
    top = 2.5 * float(np.std(mean)) + 1e-6
    grid = top * (np.linspace(0.0, 1.0, 61) ** 1.5)
    means, variances, priors = (np.empty((len(grid), len(mean))) for _ in range(3))
    weights = np.empty(len(grid))
    for i, tau in enumerate(grid):
        weights[i], means[i], variances[i], priors[i] = _given_tau(mean, variance, X, float(tau))
    widths = np.gradient(grid)
    weights = np.exp(weights - weights.max()) * widths
    weights /= weights.sum()
    centre = weights @ means
    spread = weights @ (variances + means**2) - centre**2
    return Pooled(centre, np.sqrt(np.maximum(spread, 0.0)), weights @ priors, float(weights @ grid))


def _additive(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Floats:
    first = (rows[:, None] == np.unique(rows)[None, :]).astype(float)
    second = (columns[:, None] == np.unique(columns)[None, :]).astype(float)
    if first.shape[1] == 1 or second.shape[1] == 1:
        return np.ones((len(rows), 1))
    return np.hstack([first, second[:, 1:]])


def _given_tau(mean: Floats, variance: Floats, X: Floats, tau: float) -> tuple[float, Floats, Floats, Floats]:
    total = variance + tau * tau
    scaled = X / total[:, None]
    values, vectors = np.linalg.eigh(X.T @ scaled)
    kept = values > values.max() * 1e-10
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    effects = inverse @ (scaled.T @ mean)
    prior = X @ effects
    rest = mean - prior
    determinant = float(np.log(values[kept]).sum())
    log = -0.5 * (float(np.log(total).sum()) + determinant + float((rest**2 / total).sum()))
    lean = variance / total
    leverage = ((X @ inverse) * X).sum(axis=1)
    return log, prior + (1 - lean) * rest, (1 - lean) * variance + lean**2 * leverage, prior
