"""Drivers: how the experience at each touchpoint goes with the outcome, given the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.journeys.intervals import Z95, customer_resamples
from cjmlab.moments.importance import johnson_weights
from cjmlab.moments.missing import Completed, complete

Floats = NDArray[np.float64]
LEAST = 50


@dataclass(frozen=True)
class Drivers:
    """The drivers of one group of customers.

    ``table`` has one row a touchpoint: ``touchpoint``, ``n`` (customers who were there and gave the outcome),
    ``effect`` (outcome points for one unit of experience on −1 … 1, the others held), ``se``, ``low``, ``high``,
    ``p``, ``q``, ``share`` (of the explained variance), ``certainty`` (share of resamples of customers in which the
    importance passes 1.5 times the even share), ``total`` (effect of the touchpoint alone).
    """

    table: pd.DataFrame
    customers: int
    explained: float
    completed: Completed
    outcome: Floats


def outcome_matrix(voices: pd.DataFrame, outcomes: pd.Series, touchpoints: list[str]) -> tuple[pd.DataFrame, Floats]:
    """Return customers × touchpoints (NaN: not experienced) and the outcome, for customers who have both.

    Where a touchpoint is rated, only its ratings count: words alone are too noisy to say what drives one person.
    """
    if "weight" in voices:
        rated = set(voices.loc[voices["weight"].eq(1), "touchpoint"])
        voices = voices[voices["weight"].eq(1) | ~voices["touchpoint"].isin(rated)]
    wide = voices.pivot_table(index="customer", columns="touchpoint", values="score", aggfunc="mean", observed=True)
    wide = wide.reindex(columns=touchpoints)
    wide = wide[wide.index.isin(outcomes.index) & wide.notna().any(axis=1)].sort_index()
    return wide, outcomes.reindex(wide.index).to_numpy(dtype=float)


def measure_drivers(
    X: pd.DataFrame, y: Floats, *, groups: Floats | None = None, resamples: int = 400
) -> Drivers | None:
    """Measure effect and importance of every touchpoint that at least 50 customers experienced.

    Effects are ordinary least squares with HC3 errors on completed data; importance is Johnson's relative weight.
    Touchpoints that a customer never met are completed by EM: these customers are not dropped.

    Parameters
    ----------
    X : DataFrame (customers, touchpoints)
        Experience, NaN where not experienced.
    y : array (customers,)
        Outcome, larger is better.
    groups : array (customers, segments), optional
        Segment dummies whose means are removed first, when segments are taken together.
    resamples : int
        Resamples of customers for ``certainty``.

    Returns
    -------
    Drivers or None
        None where there are too few customers or nothing varies.
    """
    counts = X.notna().sum()
    spread = X.std()
    X = X[[name for name in X.columns if counts[name] >= LEAST and spread[name] > 1e-9]]
    n, p = X.shape
    if p == 0 or n < max(LEAST, p + 10) or np.std(y) < 1e-12:
        return None
    data, y = X.to_numpy(dtype=float), y - y.mean()
    if groups is not None:
        data, y = _within(data, groups), _within(y[:, None], groups)[:, 0]
        if np.std(y) < 1e-12:  # the outcome is the same for everybody in a segment: nothing inside explains it
            return None
    done = complete(data)
    effect, se, explained = _hc3(done, y)
    from scipy.stats import t as student

    pvalue = 2 * student.sf(np.abs(effect / se), max(n - p - 1, 1))
    share, certainty = _importance(done, y, resamples)
    table = pd.DataFrame(
        {"touchpoint": X.columns, "n": counts[X.columns].to_numpy(), "effect": effect, "se": se,
         "low": effect - Z95 * se, "high": effect + Z95 * se, "p": pvalue, "q": benjamini_hochberg(pvalue),
         "share": share, "certainty": certainty, "total": _alone(data, y)}
    )  # fmt: skip
    return Drivers(table, n, explained, done, y)


def _within(data: Floats, groups: Floats) -> Floats:
    result = data.copy()
    for group in groups.T > 0.5:
        if group.any():
            seen = ~np.isnan(data[group]).all(axis=0)
            result[np.ix_(group, seen)] -= np.nanmean(data[np.ix_(group, seen)], axis=0)
    return result


def _hc3(done: Completed, y: Floats) -> tuple[Floats, Floats, float]:
    X = np.column_stack([np.ones(len(y)), done.values])
    gram = X.T @ X
    inverse = np.linalg.pinv(gram, hermitian=True)
    slopes = inverse @ (X.T @ y)
    rest = y - X @ slopes
    leverage = np.einsum("ij,jk,ik->i", X, inverse, X)
    meat = X * (rest / np.maximum(1 - leverage, 1e-6))[:, None]
    variance = inverse @ (meat.T @ meat) @ inverse
    explained = 1 - float(rest @ rest) / float(y @ y)
    return slopes[1:], np.sqrt(np.maximum(np.diag(variance)[1:], 1e-18)), explained


def _importance(done: Completed, y: Floats, resamples: int) -> tuple[Floats, Floats]:
    n, p = done.values.shape
    pieces = np.column_stack([
        (done.values[:, :, None] * done.values[:, None, :] + done.unknown).reshape(n, p * p),
        done.values, done.values * y[:, None], y, y * y,
    ])  # fmt: skip
    weights = np.vstack([np.ones(n), customer_resamples(n, resamples)])
    sums = weights @ pieces / n
    mean, y_mean = sums[:, p * p : p * p + p], sums[:, -2]
    covariance = sums[:, : p * p].reshape(-1, p, p) - mean[:, :, None] * mean[:, None, :]
    with_y = sums[:, p * p + p : p * p + 2 * p] - mean * y_mean[:, None]
    sd = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 1e-12))
    y_sd = np.sqrt(np.maximum(sums[:, -1] - y_mean**2, 1e-12))
    raw = johnson_weights(covariance / (sd[:, :, None] * sd[:, None, :]), with_y / (sd * y_sd[:, None]))
    shares = raw / np.maximum(raw.sum(axis=1, keepdims=True), 1e-12)
    return shares[0], (shares[1:] > 1.5 / p).mean(axis=0)


def _alone(data: Floats, y: Floats) -> Floats:
    seen = ~np.isnan(data)
    count = seen.sum(axis=0)
    x = np.where(seen, data, 0.0)
    mean, y_mean = x.sum(axis=0) / count, (seen * y[:, None]).sum(axis=0) / count
    centred = np.where(seen, data - mean, 0.0)
    return np.asarray((centred * (y[:, None] - y_mean)).sum(axis=0) / np.maximum((centred**2).sum(axis=0), 1e-12))


def benjamini_hochberg(p: Floats) -> Floats:
    """Return q-values (Benjamini and Hochberg 1995).

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.02, 0.5])).round(3).tolist()
    [0.03, 0.03, 0.5]
    """
    order = np.argsort(p)[::-1]
    ranked = p[order] * len(p) / np.arange(len(p), 0, -1)
    q = np.empty(len(p))
    q[order] = np.minimum.accumulate(ranked).clip(0, 1)
    return q
