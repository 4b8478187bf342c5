"""What if a touchpoint were better: the change of the outcome that goes with it, with its range and its warning."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.errors import CjmError, VocabularyError, did_you_mean
from cjmlab.journeys.context import context_of
from cjmlab.journeys.intervals import customer_resamples
from cjmlab.moments.asymmetry import matrix_of
from cjmlab.moments.loyalty import nps
from cjmlab.moments.missing import complete

Floats = NDArray[np.float64]
SHRINK = 0.6
LEAST = 30


def simulate_change(
    journeys: pd.DataFrame, outcomes: pd.DataFrame | pd.Series, changes: Mapping[str, float], *, segment: str | None = None,
    metric: str = "mean", resamples: int = 500, cap: bool = True, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Simulate a change of experience and return the change of the outcome that goes with it.

    The outcome is regressed on all touchpoints; customers who met a touchpoint get the change where they are at or
    below the middle of the scale, others keep theirs; for ``metric="nps"`` residuals are drawn, answers rounded and the
    score computed anew. Customers are resampled. It is an association: happy people rate everything higher, so the
    range goes from ``shrunk`` (six tenths) to ``change``.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    outcomes : DataFrame or Series
        The table of outcomes (``recommend``, else the commonest counts), or the outcome by customer id; 0 to 10 for ``metric="nps"``.
    changes : mapping
        Touchpoint → how much better, on −1 … 1 (.5 is one point of five).
    segment : str, optional
        One segment; all customers when None.
    metric : str
        ``mean`` or ``nps``.
    cap : bool
        Not above the 90th percentile that a segment already reaches at that touchpoint.

    Returns
    -------
    DataFrame
        One row: ``metric``, ``now``, ``then``, ``change``, ``low``, ``high`` (95 %), ``shrunk``, ``n``, ``warning``.

    Raises
    ------
    VocabularyError
        For a touchpoint that the journeys do not have.
    CjmError
        Below 30 customers.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> rng = np.random.default_rng(0)
    >>> who = [f"c{i:02d}" for i in range(60)]
    >>> felt = rng.choice([-1, -0.5, 0, 0.5, 1], 60)
    >>> said = pd.DataFrame({"customer_id": who, "stage": "use", "touchpoint": "app", "rating": felt})
    >>> found = cjm.simulate_change(cjm.derive_journeys(said), pd.Series(7 + 2 * felt, who), {"app": 0.5}, resamples=50)
    >>> found[["metric", "now", "then", "shrunk"]].round(2).values.tolist()
    [['mean', 7.07, 7.62, 0.33]]
    """
    X, y = matrix_of(journeys, outcomes, segment)
    for name in changes:
        if name not in X.columns:
            raise VocabularyError(
                f"{name!r} is not a touchpoint of these journeys", remedy=did_you_mean(name, X.columns)
            )
    if len(y) < LEAST:
        raise CjmError(f"{len(y)} customers have an experience and the outcome", where="simulate_change",
                       remedy=f"At least {LEAST} are needed.")  # fmt: skip
    heard = X.notna().sum().ge(10)
    X = X.loc[:, heard | X.columns.isin(list(changes))]
    done = complete(X.to_numpy(dtype=float))
    better = _improve(X, changes, _caps(journeys) if cap else {})
    moved = np.where(X.notna().to_numpy(), better - X.to_numpy(dtype=float), 0.0)
    design = np.column_stack([np.ones(len(y)), done.values])
    weights = np.vstack([np.ones(len(y)), customer_resamples(len(y), resamples, seed)])
    found = np.array([_change(design, y, moved, weight, metric, seed + i) for i, weight in enumerate(weights)])
    now = _score(y, metric)
    low, high = np.quantile(found[1:], [0.025, 0.975])
    warning = ("An association, not an effect: people who are happy in general rate everything higher. "
               "With the same customers in two waves, use estimate_panel.")  # fmt: skip
    return pd.DataFrame([{"metric": metric, "now": now, "then": now + found[0], "change": found[0], "low": low,
                          "high": high, "shrunk": SHRINK * found[0], "n": len(y), "warning": warning}])  # fmt: skip


def _improve(X: pd.DataFrame, changes: Mapping[str, float], caps: Mapping[str, float]) -> Floats:
    better = X.to_numpy(dtype=float, copy=True)
    for name, step in changes.items():
        i = X.columns.get_loc(name)
        column = better[:, i]
        lifted = np.minimum(column + step, np.maximum(caps.get(name, 1.0), column))
        better[:, i] = np.where(column <= 1e-9, lifted, column)
    return better


def _caps(journeys: pd.DataFrame) -> dict[str, float]:
    """Return the 90th percentile of customers' scores in the segment that is best at each touchpoint."""
    context = context_of(journeys)
    table = context.voices.assign(
        segment=context.voices["customer"].map(context.members.set_index("customer_id")["segment"])
    )
    tops = table.groupby(["segment", "touchpoint"])["score"].quantile(0.9)
    return {str(name): float(value) for name, value in tops.groupby("touchpoint").max().items()}


def _change(design: Floats, y: Floats, moved: Floats, weight: Floats, metric: str, seed: int) -> float:
    scaled = design * weight[:, None]
    slopes = np.linalg.lstsq(scaled.T @ design, scaled.T @ y, rcond=None)[0]
    gain = moved @ slopes[1:]
    if metric == "mean":
        return float(weight @ gain / weight.sum())
    rows = np.repeat(np.arange(len(y)), weight.astype(int))
    fitted, rest = design[rows] @ slopes, y[rows] - design[rows] @ slopes
    noise = np.random.default_rng(seed).permutation(rest)
    before, after = (np.clip(np.round(fitted + noise + part), 0, 10) for part in (0.0, gain[rows]))
    return _score(after, "nps") - _score(before, "nps")


def _score(y: Floats, metric: str) -> float:
    return float(np.mean(y)) if metric == "mean" else nps(y)["nps"]


def estimate_panel(first: pd.DataFrame, second: pd.DataFrame, y_first: pd.Series, y_second: pd.Series) -> pd.DataFrame:
    """Estimate effects from changes of the same customers between two waves: what never changes in a person drops out.

    Parameters
    ----------
    first, second : DataFrame (customers, touchpoints)
        Experience in two waves, customers as index.
    y_first, y_second : Series
        The outcome in two waves.

    Returns
    -------
    DataFrame
        ``touchpoint``, ``effect`` (outcome points for one unit of experience), ``low``, ``high``, ``n`` (customers in
        both waves). Empty below 30.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> rng = np.random.default_rng(0)
    >>> first, second = (pd.DataFrame({"app": rng.normal(size=200), "call": rng.normal(size=200)}) for _ in range(2))
    >>> mood = rng.normal(size=200)
    >>> outcomes = [mood + 2 * wave["app"] for wave in (first, second)]
    >>> cjm.estimate_panel(first, second, *outcomes)[["touchpoint", "effect"]].round(6).values.tolist()
    [['app', 2.0], ['call', 0.0]]
    """
    both = (
        first.index.intersection(second.index)
        .intersection(y_first.dropna().index)
        .intersection(y_second.dropna().index)
    )
    both, columns = both.sort_values(), [name for name in first.columns if name in second.columns]
    change = second.loc[both, columns] - first.loc[both, columns]
    columns = [name for name in columns if change[name].notna().sum() >= 20 and change[name].std() > 1e-9]
    if len(both) < 30 or not columns:
        return pd.DataFrame({"touchpoint": [], "effect": [], "low": [], "high": [], "n": []})
    from cjmlab.moments.asymmetry import hc3

    done = complete(change[columns].to_numpy(dtype=float))
    y = (y_second.loc[both] - y_first.loc[both]).to_numpy(dtype=float)
    slopes, covariance = hc3(np.column_stack([np.ones(len(both)), done.values]), y)
    se = np.sqrt(np.diag(covariance))[1:]
    return pd.DataFrame({"touchpoint": columns, "effect": slopes[1:], "low": slopes[1:] - 1.96 * se,
                         "high": slopes[1:] + 1.96 * se, "n": len(both)})  # fmt: skip
