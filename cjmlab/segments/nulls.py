"""Customers without segments: a Gaussian copula with the same margins, rank correlations and gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cjmlab.segments.features import FeatureSpace
from cjmlab.segments.reading import Floats

CALIBRATION_ROWS = 4000


@dataclass(frozen=True)
class CopulaNull:
    """A population with one continuum and no segments, that looks like the customers column by column.

    Parameters
    ----------
    places : ndarray (n, p)
        The cleaned rows that it imitates, the levels of nominal columns renumbered along the continuum.
    levels : tuple
        For each column the level numbers in that order; empty for columns that have an order of their own.
    root : ndarray (p, p)
        Square root of the latent correlation.
    """

    places: Floats
    levels: tuple[Floats, ...]
    root: Floats

    def draw(self, rng: np.random.Generator) -> Floats:
        """Return as many rows as the customers, with the same gaps."""
        latent = rng.standard_normal(self.places.shape) @ self.root.T
        out = _to_margins(latent, self.places)
        for column, levels in enumerate(self.levels):
            if len(levels):
                out[:, column] = levels[out[:, column].astype(int)]
        out[np.isnan(self.places)] = np.nan
        return out


def copula_null(space: FeatureSpace, raw: Floats, *, random_state: int = 0) -> CopulaNull:
    """Fit the null population: the rank correlations are met after the answers are cut to their margins.

    Levels of a nominal column stand in the order of their customers on the first common component, so that one
    continuum behind numbers and categories is still one continuum.

    Source: the parametric bootstrap of Hennig and Lin (2015); the latent correlation is calibrated by simulation.
    """
    nominal = np.array([plan.kind == "nominal" and len(plan.levels) > 2 for plan in space.active])
    places, levels = _order_levels(raw, nominal)
    target = _rank_correlation(places)
    rng = np.random.default_rng(random_state)
    noise = rng.standard_normal((CALIBRATION_ROWS, places.shape[1]))
    latent = 2 * np.sin(np.pi / 6 * target)
    for _ in range(3):
        reached = _rank_correlation(_to_margins(noise @ _root(latent).T, places))
        latent = np.clip(latent + (target - reached), -0.99, 0.99)
        np.fill_diagonal(latent, 1.0)
    return CopulaNull(places, levels, _root(latent))


def _order_levels(raw: Floats, nominal: npt.NDArray[np.bool_]) -> tuple[Floats, tuple[Floats, ...]]:
    component = _first_component(raw[:, ~nominal])
    places, levels = raw.copy(), [np.empty(0)] * raw.shape[1]
    for column in np.flatnonzero(nominal):
        values = raw[:, column]
        known = ~np.isnan(values)
        codes = values[known].astype(int)
        sums = np.bincount(codes, weights=component[known])
        means = sums / np.maximum(np.bincount(codes), 1)
        order = np.argsort(np.round(means, 9), kind="stable")
        rank = np.empty(len(order))
        rank[order] = np.arange(len(order))
        places[known, column] = rank[codes]
        levels[column] = order.astype(float)
    return places, tuple(levels)


def _first_component(block: Floats) -> Floats:
    if block.shape[1] == 0:
        return np.zeros(len(block))
    spread = np.nanstd(block, axis=0)
    z = np.nan_to_num((block - np.nanmean(block, axis=0)) / np.where(spread > 0, spread, 1.0))
    vector = np.linalg.eigh(z.T @ z)[1][:, -1]
    return np.asarray(z @ (vector * (1.0 if vector[np.abs(vector).argmax()] > 0 else -1.0)))


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
