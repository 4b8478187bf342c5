"""How far coders agree, human or machine: Krippendorff's alpha, MASI for several codes a unit, kappa a code."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.errors import TableError, VocabularyError, did_you_mean

METRICS = ("nominal", "ordinal", "interval", "ratio", "masi")
TENTATIVE, RELIABLE = 0.667, 0.8
"""Krippendorff's floors: below the first draw no conclusion, from the second on the codes are reliable."""

Floats = npt.NDArray[np.float64]


def measure_agreement(
    codes: pd.DataFrame, *, unit: str = "unit_id", coder: str = "coder", code: str = "touchpoint",
    metric: str = "nominal", resamples: int = 500, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Measure how far coders agree, with intervals from resampling units.

    Parameters
    ----------
    codes : DataFrame
        One row a unit, coder and code. With ``metric="masi"`` a coder may give a unit several codes.
    unit, coder, code : str
        Column names. Rows without a code are "not coded" and leave no pair.
    metric : str
        ``nominal``, ``ordinal``, ``interval``, ``ratio`` (Krippendorff 2011, "Computing Krippendorff's
        alpha-reliability") or ``masi`` (Passonneau 2006).
    resamples : int
        Bootstrap samples of units.
    seed : int
        Of the resampling.

    Returns
    -------
    DataFrame
        ``measure`` (alpha, then Cohen's kappa for each code in nominal and masi), ``code``, ``value``, ``low``,
        ``high`` (95 %), ``units``, ``coders``, ``reading``.

    Raises
    ------
    VocabularyError
        For an unknown metric.
    TableError
        When a column is missing or no unit was coded twice.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit_id": ["a", "a", "b", "b", "c", "c"], "coder": ["x", "y"] * 3,
    ...                       "touchpoint": ["cart", "cart", "cart", "delivery", "delivery", "delivery"]})
    >>> measure_agreement(frame)[["measure", "code", "value", "units"]].fillna("").values.tolist()
    [['alpha (nominal)', '', 0.4444, 3], ['kappa', 'cart', 0.4, 3], ['kappa', 'delivery', 0.4, 3]]
    """
    if metric not in METRICS:
        raise VocabularyError(f"{metric!r} is not a metric of agreement", remedy=did_you_mean(metric, METRICS))
    for name in (unit, coder, code):
        if name not in codes.columns:
            raise TableError(f"the column {name!r} is missing", where="codes", remedy=did_you_mean(name, codes.columns))
    said = codes.dropna(subset=[unit, coder, code]).astype({unit: str, coder: str})
    given = _one_answer(said, unit, coder, code, several=metric == "masi")
    counts, values = _counts(given)
    if not len(counts):
        raise TableError("no unit was coded by two coders", where="codes", remedy="Let two coders code the same units.")
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=resamples).astype(float)
    coders = int(given.index.get_level_values(1).nunique())
    distance = _distances(values, counts.sum(axis=0), metric)
    point = _alpha(counts, np.ones((1, len(counts))), distance)[0]
    spread = _alpha(counts, draws, distance)
    rows = [_row(f"alpha ({metric})", None, point, spread, len(counts), coders)]
    if metric in ("nominal", "masi"):
        rows += _kappas(given, draws)
    return pd.DataFrame(rows)


def _one_answer(said: pd.DataFrame, unit: str, coder: str, code: str, *, several: bool) -> pd.Series:
    """Return the answer of each coder to each unit that at least two coders answered."""
    grouped = said.groupby([unit, coder], sort=True)[code]
    if several:
        sets = {place: frozenset(codes) for place, codes in grouped}
        answers = pd.Series(
            list(sets.values()), index=pd.MultiIndex.from_tuples(sets, names=[unit, coder]), dtype=object
        )
    else:
        answers = grouped.min()
    coders = answers.groupby(level=0).transform("size")
    return answers[coders > 1]


def _counts(given: pd.Series) -> tuple[Floats, list[Any]]:
    """Return how often each value was given to each unit, and the values."""
    units = given.index.get_level_values(0)
    values = sorted(given.unique(), key=lambda value: sorted(value) if isinstance(value, frozenset) else value)
    place = {value: k for k, value in enumerate(values)}
    rows = {name: k for k, name in enumerate(dict.fromkeys(units))}
    counts = np.zeros((len(rows), len(values)))
    for name, value in zip(units, given, strict=True):
        counts[rows[name], place[value]] += 1
    return counts, values


def _distances(values: Sequence[Hashable], totals: Floats, metric: str) -> Floats:
    size = len(values)
    if metric == "ordinal":
        below = np.concatenate([[0], np.cumsum(totals)])
        middle = (below[:-1] + below[1:]) / 2
        return np.asarray((middle[:, None] - middle[None, :]) ** 2)
    if metric == "ratio":
        numbers = np.asarray(values, float)
        total = numbers[:, None] + numbers[None, :]
        return np.asarray(((numbers[:, None] - numbers[None, :]) / np.where(total == 0, 1, total)) ** 2)
    from nltk.metrics import distance as nltk_distance

    measure: Callable[[Any, Any], float] = {
        "nominal": nltk_distance.binary_distance,
        "interval": nltk_distance.interval_distance,
        "masi": nltk_distance.masi_distance,
    }[metric]
    return np.array([[measure(values[i], values[j]) for j in range(size)] for i in range(size)])


def _alpha(counts: Floats, weights: Floats, distance: Floats) -> Floats:
    """Return alpha for each row of unit weights: 1 − observed / expected disagreement."""
    raters = counts.sum(axis=1)
    apart = np.einsum("ui,ij,uj->u", counts, distance, counts) / (raters - 1)
    pairs, totals = weights @ raters, weights @ counts
    observed = (weights @ apart) / pairs
    expected = np.einsum("wi,ij,wj->w", totals, distance, totals) / (pairs * (pairs - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 0, 1 - observed / expected, 1.0)


def _kappas(given: pd.Series, draws: Floats) -> list[dict[str, Any]]:
    """Return Cohen's kappa of each code, the mean over pairs of coders."""
    wide = given.unstack()  # noqa: PD010 (pivot_table would aggregate sets)
    codes = sorted({code for value in given for code in (value if isinstance(value, frozenset) else {value})})
    rows = []
    for code in codes:
        holds = wide.map(lambda value, code=code: _holds(value, code)).to_numpy(float)
        values, spreads = [], []
        for first, second in combinations(range(holds.shape[1]), 2):
            both = ~np.isnan(holds[:, [first, second]]).any(axis=1)
            if both.any():
                a, b = np.nan_to_num(holds[:, first]), np.nan_to_num(holds[:, second])
                values.append(_kappa(a, b, both[None, :].astype(float))[0])
                spreads.append(_kappa(a, b, draws * both))
        known = [np.ma.masked_invalid(part) for part in (values, spreads)]
        point, spread = float(known[0].mean()), np.ma.filled(known[1].mean(axis=0), np.nan)
        rows.append(_row("kappa", code, point, spread, len(wide), wide.shape[1]))
    return rows


def _holds(value: Any, code: object) -> float:
    if isinstance(value, frozenset):
        return float(code in value)
    return np.nan if pd.isna(value) else float(value == code)


def _kappa(first: Floats, second: Floats, weights: Floats) -> Floats:
    total = np.maximum(weights.sum(axis=1), 1e-12)
    same = (weights @ (first == second).astype(float)) / total
    yes_first, yes_second = (weights @ first) / total, (weights @ second) / total
    chance = yes_first * yes_second + (1 - yes_first) * (1 - yes_second)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(chance < 1, (same - chance) / (1 - chance), np.nan)


def _row(measure: str, code: object, point: float, spread: Floats, units: int, coders: int) -> dict[str, Any]:
    finite = spread[np.isfinite(spread)]
    low, high = np.quantile(finite, [0.025, 0.975]) if len(finite) else (np.nan, np.nan)
    reading = "reliable" if point >= RELIABLE else "tentative" if point >= TENTATIVE else "not reliable"
    return {
        "measure": measure, "code": code, "value": round(float(point), 4), "low": round(float(low), 4),
        "high": round(float(high), 4), "units": units, "coders": coders, "reading": reading,
    }  # fmt: skip
