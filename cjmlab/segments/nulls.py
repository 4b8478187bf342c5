"""Customers without segments: a Gaussian copula with the same margins, rank correlations and gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cjmlab.segments.columns import Floats
from cjmlab.segments.features import FeatureSpace

CALIBRATION_ROWS = 4000


@dataclass(frozen=True)
class CopulaNull:
    """A population with one continuum and no segments, that looks like the customers column by column.

    Parameters
    ----------
    raw : ndarray (n, p)
        The cleaned rows that it imitates.
    ordered : ndarray (p,) of bool
        Columns with an order; the others are drawn on their own.
    root : ndarray
        Square root of the latent correlation of the ordered columns.
    """

    raw: Floats
    ordered: npt.NDArray[np.bool_]
    root: Floats

    def draw(self, rng: np.random.Generator) -> Floats:
        """Return as many rows as the customers, with the same gaps."""
        n, p = self.raw.shape
        out = np.empty((n, p))
        latent = rng.standard_normal((n, int(self.ordered.sum()))) @ self.root.T
        out[:, self.ordered] = _to_margins(latent, self.raw[:, self.ordered])
        for column in np.flatnonzero(~self.ordered):
            answers = self.raw[:, column][~np.isnan(self.raw[:, column])]
            out[:, column] = rng.permutation(np.resize(rng.permutation(answers), n))
        out[np.isnan(self.raw)] = np.nan
        return out


def copula_null(space: FeatureSpace, raw: Floats, *, random_state: int = 0) -> CopulaNull:
    """Fit the null population: rank correlations of the answers are met after the answers are cut to their margins.

    Source: the parametric bootstrap of Hennig and Lin (2015); the latent correlation is calibrated by simulation.
    """
    ordered = np.array([plan.kind != "nominal" or len(plan.levels) == 2 for plan in space.active])
    block = raw[:, ordered]
    target = _rank_correlation(block)
    rng = np.random.default_rng(random_state)
    noise = rng.standard_normal((CALIBRATION_ROWS, block.shape[1]))
    latent = 2 * np.sin(np.pi / 6 * target)
    for _ in range(3):
        reached = _rank_correlation(_to_margins(noise @ _root(latent).T, block))
        latent = np.clip(latent + (target - reached), -0.99, 0.99)
        np.fill_diagonal(latent, 1.0)
    return CopulaNull(raw, ordered, _root(latent))


def _rank_correlation(block: Floats) -> Floats:
    from scipy.stats import rankdata

    ranks = rankdata(block, axis=0, nan_policy="omit")
    known = ~np.isnan(block)
    z = np.where(known, ranks - np.nanmean(ranks, axis=0), 0.0) if block.size else ranks
    joint = z.T @ z
    squares = (z**2).T @ known.astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = joint / np.sqrt(squares * squares.T)
    correlation = np.nan_to_num(correlation)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation)


def _root(correlation: Floats) -> Floats:
    values, vectors = np.linalg.eigh((correlation + correlation.T) / 2)
    root = vectors * np.sqrt(np.maximum(values, 1e-6))
    return np.asarray(root / np.sqrt((root**2).sum(axis=1, keepdims=True)))


def _to_margins(latent: Floats, block: Floats) -> Floats:
    from scipy.special import ndtr

    out = np.empty_like(latent)
    for column in range(block.shape[1]):
        answers = np.sort(block[:, column][~np.isnan(block[:, column])])
        place = np.minimum((ndtr(latent[:, column]) * len(answers)).astype(int), len(answers) - 1)
        out[:, column] = answers[place]
    return out
