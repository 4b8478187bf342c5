"""How far a segmentation's own certainty can be believed, judged by what the customers live.

A model that was fitted to the customers' attributes is surer of who belongs where than it should be: items of one theme
hang together within a segment, and the model takes each for news. If its probabilities are honest, the mean experience
of customers is linear in them: who is half in two segments lives, on average, half of each. So the probabilities are
made flatter or sharper (p^(1/T), as in Guo et al. 2017) until the experiences, which the segmentation never saw, are
fitted best; and because T is not known exactly either, they are averaged over what the experiences say of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_GRID = np.exp(np.linspace(-0.4, 1.4, 19))
_PRIOR = 0.5
"""Without experiences that differ nothing is learned: T is then taken as 1, give or take this (log scale)."""


def honest_posterior(posterior: Floats, scores: Floats, weights: Floats | None = None) -> Floats:
    """Return probabilities of membership that the experiences bear out.

    Parameters
    ----------
    posterior : array (customers, segments)
        What the segmentation claims; rows add up to 1.
    scores : array (customers, touchpoints)
        Experience, NaN where there is none.
    weights : array (customers, touchpoints), optional
        Weight of each score.

    Returns
    -------
    array (customers, segments)
        As certain as is justified; the likeliest segment of each customer stays the same.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> true = rng.beta(1, 1, 4000)
    >>> home = (rng.random(4000) < true) * 1.0
    >>> scores = np.column_stack([home - 0.5, 0.5 - home]) + 0.3 * rng.normal(size=(4000, 2))
    >>> sharp = true**3 / (true**3 + (1 - true) ** 3)
    >>> honest = honest_posterior(np.column_stack([sharp, 1 - sharp]), scores)[:, 0]
    >>> bool(abs(honest - true).mean() < 0.03 < abs(sharp - true).mean())
    True
    """
    seen = ~np.isnan(scores)
    if not seen.any():
        return posterior
    W = seen * (1.0 if weights is None else np.nan_to_num(weights))
    Y = np.where(seen, scores, 0.0)
    tempered = [_temper(posterior, temperature) for temperature in _GRID]
    misfit = np.array([_misfit(P, Y, W) for P in tempered])
    log = -0.5 * _independent(tempered[int(misfit.argmin())], Y, W) * np.log(misfit)
    log -= 0.5 * (np.log(_GRID) / _PRIOR) ** 2
    share = np.exp(log - log.max())
    return np.asarray(np.tensordot(share / share.sum(), np.stack(tempered), 1))


def _temper(posterior: Floats, temperature: float) -> Floats:
    log = np.log(np.maximum(posterior, 1e-12)) / temperature
    raised = np.exp(log - log.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _residuals(P: Floats, Y: Floats, W: Floats) -> Floats:
    """Return what is left of the scores (times the root of their weights) when each touchpoint is linear in P."""
    gram = np.einsum("nt,nk,nl->tkl", W, P, P, optimize=True) + 1e-9 * np.eye(P.shape[1])
    means = np.linalg.solve(gram, (P.T @ (W * Y)).T[:, :, None])[:, :, 0]
    return np.asarray(np.sqrt(W) * (Y - P @ means.T))


def _misfit(P: Floats, Y: Floats, W: Floats) -> float:
    return max(float((_residuals(P, Y, W) ** 2).sum() / W.sum()), 1e-12)


def _independent(P: Floats, Y: Floats, W: Floats) -> float:
    """Return how many independent answers there are: those of one customer go together."""
    rest = _residuals(P, Y, W)
    together = float((rest.sum(axis=1) ** 2).sum() / max(float((rest**2).sum()), 1e-12))
    return float(W.sum()) / max(together, 1.0)
