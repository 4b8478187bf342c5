"""Two quick linear readings of sparse features, for any number of classes at once: ridge regression and naive Bayes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float64]

STEPS, CLOSE, TINY = 60, 1e-4, 1e-12
"""Of the conjugate gradients: how many at most, how near is near enough, and what nothing is divided by."""


def ridge(features: Any, spoken: npt.NDArray[np.bool_], weight: Floats, penalty: float) -> Floats:
    """Return the weights of a ridge regression of all classes at once, by conjugate gradients (Hestenes & Stiefel 1952)."""
    root = np.sqrt(weight)
    weighed = (sparse.diags(root) @ features).astype(np.float32).tocsr()
    turned = weighed.T.tocsr()
    aim = np.asarray(turned @ ((spoken - spoken.mean(axis=0)) * root[:, None]).astype(np.float32))
    found, rest, step = np.zeros_like(aim), aim.copy(), aim.copy()
    left = start = (aim * aim).sum(axis=0)
    for _ in range(STEPS):
        pushed = turned @ (weighed @ step) + np.float32(penalty) * step
        by = left / np.maximum((step * pushed).sum(axis=0), TINY)
        found += by * step
        rest -= by * pushed
        now = (rest * rest).sum(axis=0)
        if (now <= CLOSE**2 * start).all():
            break
        step = rest + now / np.maximum(left, TINY) * step
        left = now
    return np.asarray(found, np.float64)


def naive_bayes(features: Any, spoken: Floats, smooth: float) -> Floats:
    """Return what multinomial naive Bayes says for each class by each n-gram, all classes spoken of equally often."""
    counts = np.asarray((features.T @ sparse.csr_matrix(spoken)).todense())
    total = counts.sum(axis=0)
    return np.asarray(np.log1p(counts / total * total.mean() / smooth))
