"""How much of an outcome each touchpoint explains: Johnson's relative weights and LMG shares."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from cjmlab.errors import CjmError

Floats = NDArray[np.float64]
LMG_MOST = 12


def johnson_weights(R: Floats, r: Floats) -> Floats:
    """Return Johnson's relative weights (Johnson 2000): shares of the explained variance that add up to R².

    Parameters
    ----------
    R : array (..., p, p)
        Correlations of the drivers. Leading axes are resamples.
    r : array (..., p)
        Correlations of the drivers with the outcome.

    Returns
    -------
    array (..., p)

    Examples
    --------
    >>> johnson_weights(np.eye(2), np.array([0.6, 0.3])).round(2).tolist()
    [0.36, 0.09]
    """
    values, vectors = np.linalg.eigh(R)
    roots = np.sqrt(np.maximum(values, 1e-10))
    loadings = np.einsum("...ij,...j,...kj->...ik", vectors, roots, vectors)
    inverse = np.einsum("...ij,...j,...kj->...ik", vectors, 1 / roots, vectors)
    slopes = np.einsum("...ij,...j->...i", inverse, r)
    return np.asarray(np.einsum("...ij,...j->...i", loadings**2, slopes**2))


def lmg_shares(R: Floats, r: Floats) -> Floats:
    """Return LMG shares (Lindeman, Merenda and Gold 1980): the gain in R² averaged over all orders of entry.

    Parameters
    ----------
    R : array (p, p)
        Correlations of the drivers, p at most 12.
    r : array (p,)
        Correlations with the outcome.

    Raises
    ------
    CjmError
        For more than 12 drivers: use ``johnson_weights``, which agrees to the second decimal.

    Examples
    --------
    >>> lmg_shares(np.eye(2), np.array([0.6, 0.3])).round(2).tolist()
    [0.36, 0.09]
    """
    p = len(r)
    if p > LMG_MOST:
        raise CjmError(f"LMG needs all subsets of {p} drivers", remedy=f"Use johnson_weights above {LMG_MOST}.")
    explained = np.zeros(1 << p)
    for size in range(1, p + 1):
        sets = np.array(list(combinations(range(p), size)))
        inner = R[sets[:, :, None], sets[:, None, :]]
        right = r[sets]
        slopes = np.linalg.solve(inner + 1e-12 * np.eye(size), right[..., None])[..., 0]
        explained[(1 << sets).sum(axis=1)] = (slopes * right).sum(axis=1)
    codes = np.arange(1 << p)
    sizes = np.bitwise_count(codes).astype(int)
    factorial = np.cumprod([1.0, *range(1, p + 1)])
    share = factorial[sizes] * factorial[np.maximum(p - 1 - sizes, 0)] / factorial[p]
    gains = [np.flatnonzero((codes >> i) & 1 == 0) for i in range(p)]
    return np.array([float((share[without] * (explained[without | (1 << i)] - explained[without])).sum())
                     for i, without in enumerate(gains)])  # fmt: skip
