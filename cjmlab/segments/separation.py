"""How far apart segments lie: the statistics in which customers are held against customers without segments."""

from __future__ import annotations

import numpy as np

from cjmlab.segments.features import FeatureSpace
from cjmlab.segments.models import Labels, fit_kmeans, fit_mixture
from cjmlab.segments.reading import Floats

SILHOUETTE_ROWS = 1500


def separate(space: FeatureSpace, raw: Floats, numbers: list[int], random_state: int) -> tuple[Floats, float]:
    """Return what the homogeneity test compares, for rows or for a null data set, and the total sum of squares.

    One row a number of segments: log W and silhouette of k-means, likelihood gain of latent class over one class, and
    log W along the first component (len, 4).
    """
    design, mixed = space.design(raw), space.mixed(raw)
    partitions = [fit_kmeans(design, k, n_init=2, random_state=random_state) for k in numbers]
    line, out = _continuum(design), np.empty((len(numbers), 4))
    out[:, :2] = within_and_silhouette(design, partitions)
    base = fit_mixture(mixed, 1).loglik
    for i, (k, labels) in enumerate(zip(numbers, partitions, strict=True)):
        quick = fit_mixture(mixed, k, starts=[labels], n_random=1, n_finish=1, steps=40, tolerance=1e-4)
        out[i, 2] = quick.loglik - base
        out[i, 3] = np.log(max(within_on_line(line, k), 1e-12))
    return out, _within(design, np.zeros(len(design), dtype=np.int64))


def _continuum(design: Floats) -> Floats:
    """Return the standardised scores on the first principal component (n,), rising, where segments of level show."""
    centred = design - design.mean(axis=0)
    scores = centred @ np.linalg.eigh(centred.T @ centred)[1][:, -1]
    return np.sort(scores / max(float(scores.std()), 1e-12))


def within_on_line(values: Floats, count: int, *, steps: int = 100) -> float:
    """Return the within-cluster sum of squares of k-means on rising numbers, started from their quantiles.

    Examples
    --------
    >>> within_on_line(np.array([0.0, 1.0, 10.0, 11.0]), 2)
    1.0
    """
    sums = np.concatenate([[0.0], np.cumsum(values)])
    edges = np.round(np.linspace(0, len(values), count + 1)).astype(np.int64)
    for _ in range(steps):
        sizes = np.diff(edges)
        centres = np.diff(sums[edges]) / np.maximum(sizes, 1)
        centres = np.maximum.accumulate(np.where(sizes > 0, centres, -np.inf))
        inner = np.searchsorted(values, (centres[1:] + centres[:-1]) / 2)
        moved = np.concatenate([[0], inner, [len(values)]])
        if (moved == edges).all():
            break
        edges = moved
    sizes = np.diff(edges)
    return float((values**2).sum() - (np.diff(sums[edges]) ** 2 / np.maximum(sizes, 1)).sum())


def within_and_silhouette(design: Floats, partitions: list[Labels]) -> Floats:
    """Return log within-cluster sum of squares and mean silhouette of partitions (len, 2).

    The silhouette is taken on the first 1,500 rows; the rows stand in an order that does not depend on segments.
    """
    rows = _spread_rows(len(design))
    part = design[rows]
    squares = (part**2).sum(axis=1)
    distance = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2 * part @ part.T, 0.0))
    out = np.empty((len(partitions), 2))
    for i, labels in enumerate(partitions):
        out[i] = np.log(max(_within(design, labels), 1e-12)), _silhouette(distance, labels[rows])
    return out


def _spread_rows(n: int) -> Labels:
    if n <= SILHOUETTE_ROWS:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, SILHOUETTE_ROWS, replace=False))


def _within(design: Floats, labels: Labels) -> float:
    member = np.zeros((len(labels), int(labels.max()) + 1))
    member[np.arange(len(labels)), labels] = 1.0
    sums, sizes = member.T @ design, member.sum(axis=0)
    return float((design**2).sum() - (sums**2 / np.maximum(sizes, 1)[:, None]).sum())


def _silhouette(distance: Floats, labels: Labels) -> float:
    count = int(labels.max()) + 1
    member = np.zeros((len(labels), count))
    member[np.arange(len(labels)), labels] = 1.0
    sizes = member.sum(axis=0)
    if (sizes > 0).sum() < 2:
        return 0.0
    sums = distance @ member
    own = sums[np.arange(len(labels)), labels] / np.maximum(sizes[labels] - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.where(sizes > 0, sums / sizes, np.inf)
    means[np.arange(len(labels)), labels] = np.inf
    other = means.min(axis=1)
    score = np.where(sizes[labels] > 1, (other - own) / np.maximum(np.maximum(other, own), 1e-12), 0.0)
    return float(score.mean())
