"""Would the same segments come out again: bootstrap agreement, clusterwise Jaccard, and the words for them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from cjmlab.segments.features import Mixed
from cjmlab.segments.models import Labels, fit_kmeans, fit_mixture
from cjmlab.segments.reading import Floats

WORDS = ((0.85, "highly stable"), (0.75, "valid"), (0.60, "pattern"), (0.0, "do not interpret"))
Refit = Callable[[Labels, int], Labels]


def adjusted_rand(first: Labels, second: Labels) -> float:
    """Return the adjusted Rand index of two partitions.

    Examples
    --------
    >>> adjusted_rand(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    1.0
    """
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(first, second))


def bootstrap_agreement(
    design: Floats, mixed: Mixed, n_segments: int, *, n_boot: int = 6, random_state: int = 0
) -> float:
    """Return the median ARI of pairs of latent class fits on bootstrap samples, both assigning all customers.

    Source: the logic of ``bootFlexclust`` (Dolnicar and Leisch 2010).
    """
    agreements = []
    for b in range(n_boot):
        rng = np.random.default_rng([random_state, 11, n_segments, b])
        first, second = (
            refit_rows(design, mixed, rng.integers(0, len(design), len(design)), n_segments, b) for _ in range(2)
        )
        agreements.append(adjusted_rand(first, second))
    return float(np.median(agreements)) if agreements else float("nan")


def refit_rows(design: Floats, mixed: Mixed, rows: Labels, n_segments: int, seed: int) -> Labels:
    """Fit the latent class model to some rows and return the segment of every row."""
    start = fit_kmeans(design[rows], n_segments, n_init=1, random_state=seed)
    model = fit_mixture(
        mixed.take(rows), n_segments, starts=[start], n_random=3, n_finish=1, random_state=seed, steps=60,
        tolerance=1e-4,
    )  # fmt: skip
    return np.asarray(model.posteriors(mixed).argmax(axis=1), dtype=np.int64)


def clusterwise_jaccard(
    labels: Labels, refit: Refit, *, n_boot: int = 20, random_state: int = 0, count: int | None = None
) -> tuple[pd.DataFrame, Floats]:
    """Return how well each segment is found again in bootstrap samples (Hennig 2007), and the ARI of each sample.

    Parameters
    ----------
    labels : ndarray (n,)
        The partition.
    refit : callable
        Takes row numbers of a bootstrap sample and a seed, returns the partition of all rows from that fit.
    n_boot : int
        Bootstrap samples.
    random_state : int
        Seed.
    count : int, optional
        How many segments there are, when some may be absent from these rows.
    """
    count = count or int(labels.max()) + 1
    jaccard, agreement = np.empty((n_boot, count)), np.empty(n_boot)
    for b in range(n_boot):
        rng = np.random.default_rng([random_state, 13, b])
        rows = rng.integers(0, len(labels), len(labels))
        found = refit(rows, b)
        drawn = np.unique(rows)
        shared = np.zeros((count, int(found.max()) + 1))
        np.add.at(shared, (labels[drawn], found[drawn]), 1)
        union = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
        jaccard[b] = (shared / np.maximum(union, 1)).max(axis=1)
        agreement[b] = adjusted_rand(labels, found)
    means = jaccard.mean(axis=0)
    table = pd.DataFrame({"jaccard": means, "word": [stability_word(value) for value in means]})
    return table, agreement


def stability_word(jaccard: float) -> str:
    """Return Hennig's word for a mean Jaccard.

    Examples
    --------
    >>> stability_word(0.9), stability_word(0.55)
    ('highly stable', 'do not interpret')
    """
    return next(word for cut, word in WORDS if jaccard >= cut or cut == 0.0)
