"""Asymmetry: touchpoints that punish more than they reward, and the other way round; and what sums up a journey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.errors import CjmError
from cjmlab.journeys.context import context_of
from cjmlab.journeys.scores import summarise
from cjmlab.moments.drivers import benjamini_hochberg, outcome_matrix
from cjmlab.moments.outcomes import pick_outcome

Floats = NDArray[np.float64]
LABEL_FROM = 800
SHOW_FROM = 300


def penalty_reward(X: pd.DataFrame, y: Floats, *, low: float = -0.25, high: float = 0.75) -> pd.DataFrame:
    """Contrast what a bad and what a very good experience go with (penalty–reward contrast, HC3, Benjamini–Hochberg).

    Each touchpoint enters twice: a dummy for answers at or below ``low`` and one for answers at or above ``high``; an
    experience that was not made is neither. A must-be punishes and does not reward, a delighter the reverse.

    Parameters
    ----------
    X : DataFrame (customers, touchpoints)
        Experience on −1 … 1, NaN where not made.
    y : array (customers,)
        Outcome.

    Returns
    -------
    DataFrame
        ``touchpoint``, ``penalty``, ``penalty_q``, ``reward``, ``reward_q``, ``asymmetry`` (reward minus size of the
        penalty), ``asymmetry_q``, ``kind`` (must-be, delighter, linear, indifferent, suppressed, or empty below 800
        customers, where the two effects are shown and not named).

    Raises
    ------
    CjmError
        Below 300 customers: draw the raw curves only.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> rng = np.random.default_rng(0)
    >>> felt = pd.DataFrame({"delivery": rng.choice([-1, -0.5, 0, 0.5, 1], 900)})
    >>> score = 7 - 3 * (felt["delivery"] < 0) + rng.normal(size=900)
    >>> cjm.penalty_reward(felt, score.to_numpy())[["touchpoint", "penalty", "reward", "kind"]].round(1).values.tolist()
    [['delivery', -3.0, -0.1, 'must-be']]
    """
    n = len(y)
    if n < SHOW_FROM:
        raise CjmError(
            f"{n} customers are too few to tell reward from penalty", remedy=f"At least {SHOW_FROM} are needed."
        )
    bad, good = (low >= X).to_numpy(dtype=float), (high <= X).to_numpy(dtype=float)
    missing = X.isna().to_numpy(dtype=float)
    use = missing.std(axis=0) > 1e-9
    design = np.hstack([np.ones((n, 1)), bad, good, missing[:, use]])
    slopes, covariance = hc3(design, y)
    p = X.shape[1]
    penalty, reward = slopes[1 : p + 1], slopes[p + 1 : 2 * p + 1]
    variance = np.diag(covariance)
    both = np.array([covariance[1 + i, p + 1 + i] for i in range(p)])
    asymmetry = reward + penalty
    se = np.sqrt(np.maximum(variance[1 : p + 1] + variance[p + 1 : 2 * p + 1] + 2 * both, 1e-18))
    q = [_q(part, error, n - design.shape[1]) for part, error in
         ((penalty, np.sqrt(variance[1 : p + 1])), (reward, np.sqrt(variance[p + 1 : 2 * p + 1])), (asymmetry, se))]  # fmt: skip
    table = pd.DataFrame({"touchpoint": X.columns, "penalty": penalty, "penalty_q": q[0], "reward": reward,
                          "reward_q": q[1], "asymmetry": asymmetry, "asymmetry_q": q[2]})  # fmt: skip
    return table.assign(kind=[_kind(row) if n >= LABEL_FROM else "" for row in table.to_dict("records")])


def hc3(X: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return least-squares slopes and their HC3 covariance (MacKinnon and White 1985)."""
    inverse = np.linalg.pinv(X.T @ X, hermitian=True)
    slopes = inverse @ (X.T @ y)
    leverage = np.einsum("ij,jk,ik->i", X, inverse, X)
    scaled = X * ((y - X @ slopes) / np.maximum(1 - leverage, 1e-6))[:, None]
    return slopes, inverse @ (scaled.T @ scaled) @ inverse


def _q(effect: Floats, se: Floats, freedom: int) -> Floats:
    from scipy.stats import t

    return benjamini_hochberg(2 * t.sf(np.abs(effect / np.maximum(se, 1e-12)), max(freedom, 1)))


def _kind(row: Mapping[Any, Any]) -> str:
    punishes, rewards = row["penalty_q"] <= 0.10, row["reward_q"] <= 0.10
    if (punishes and row["penalty"] > 0) or (rewards and row["reward"] < 0):
        return "suppressed"
    if not punishes and not rewards:
        return "indifferent"
    if row["asymmetry_q"] <= 0.10:
        return "delighter" if row["asymmetry"] > 0 else "must-be"
    return "linear"


def contest_scores(
    journeys: pd.DataFrame, outcomes: pd.DataFrame | pd.Series, *, folds: int = 10, seed: int = 0
) -> pd.DataFrame:
    """Let mean, worst, end, peak–end and worst with end compete: which one predicts this company's outcome best.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    outcomes : DataFrame or Series
        The table of outcomes (``recommend``, else the commonest counts), or the outcome by customer id.

    Returns
    -------
    DataFrame
        ``score``, ``r2`` (cross-validated share of variance explained), ``n``, ``wins`` (True for the best one); sorted,
        best first. Empty below 50 customers.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> rng = np.random.default_rng(0)
    >>> said = pd.DataFrame({"customer_id": [f"c{i:02d}" for i in range(60)] * 3,
    ...     "stage": ["see"] * 60 + ["buy"] * 60 + ["use"] * 60,
    ...     "touchpoint": ["ad"] * 60 + ["shop"] * 60 + ["app"] * 60, "rating": rng.choice([-1, -0.5, 0, 0.5, 1], 180)})
    >>> worst = 5 + 5 * said.groupby("customer_id")["rating"].min()
    >>> journeys = cjm.derive_journeys(said, stage_model=["see", "buy", "use"])
    >>> cjm.contest_scores(journeys, worst)["score"].iloc[0]
    'worst'
    """
    context = context_of(journeys)
    order = context.overall.set_index("touchpoint")["position"]
    voices = context.voices.assign(position=context.voices["touchpoint"].map(order)).sort_values(
        ["customer", "position"]
    )
    table = summarise(voices).set_index("customer")
    y = pick_outcome(outcomes).values.reindex(table.index)
    table, values = table[y.notna()], y.dropna().to_numpy(dtype=float)
    if len(values) < 50 or values.std() < 1e-12:
        return pd.DataFrame({"score": [], "r2": [], "n": [], "wins": []})
    fold = np.random.default_rng(seed).permutation(len(values)) % folds
    rivals = {"mean": ["mean"], "worst": ["worst"], "end": ["end"], "peak_end": ["peak_end"],
              "worst_and_end": ["worst", "end"]}  # fmt: skip
    rows = [(name, _explained(table[columns].to_numpy(dtype=float), values, fold)) for name, columns in rivals.items()]
    result = pd.DataFrame(rows, columns=["score", "r2"]).sort_values(["r2", "score"], ascending=[False, True])
    return result.assign(n=len(values), wins=[True] + [False] * (len(result) - 1)).reset_index(drop=True)


def _explained(X: Floats, y: Floats, fold: NDArray[np.int64]) -> float:
    rest, base = 0.0, 0.0
    for part in np.unique(fold):
        train, test = fold != part, fold == part
        A = np.column_stack([np.ones(train.sum()), X[train]])
        slopes = np.linalg.lstsq(A, y[train], rcond=None)[0]
        rest += float(((y[test] - np.column_stack([np.ones(test.sum()), X[test]]) @ slopes) ** 2).sum())
        base += float(((y[test] - y[train].mean()) ** 2).sum())
    return round(1 - rest / base, 10)


def make_or_break(X: pd.DataFrame, y: Floats, *, detractor: float = 6.0) -> pd.DataFrame:
    """Say how much likelier a detractor is after a bad than after a good experience, per touchpoint.

    Returns
    -------
    DataFrame
        ``touchpoint``, ``after_bad``, ``after_good`` (shares of detractors), ``difference``, ``low``, ``high``
        (Newcombe), ``make_or_break`` (difference of at least 25 points whose interval is above zero).

    Examples
    --------
    >>> import cjmlab as cjm
    >>> felt = pd.DataFrame({"delivery": [-1.0, -0.5, -1.0, -0.5, 0.5, 1.0, 0.5, 1.0] * 5})
    >>> lost = np.array([2.0, 3.0, 4.0, 9.0, 9.0, 10.0, 8.0, 9.0] * 5)
    >>> cjm.make_or_break(felt, lost)[["touchpoint", "after_bad", "after_good", "make_or_break"]].values.tolist()
    [['delivery', 0.75, 0.0, True]]
    """
    from cjmlab.journeys.intervals import share_difference

    against = y <= detractor
    rows = []
    for name in X.columns:
        bad, good = (X[name] < -0.1).to_numpy(), (X[name] > 0.1).to_numpy()
        hits = int(against[bad].sum()), int(against[good].sum())
        found = share_difference(hits[0], int(bad.sum()), hits[1], int(good.sum()))
        shares = [h / part.sum() if part.sum() else np.nan for h, part in zip(hits, (bad, good), strict=True)]
        rows.append((name, *shares, *found, bool(found[0] >= 0.25 and found[1] > 0)))
    columns = ["touchpoint", "after_bad", "after_good", "difference", "low", "high", "make_or_break"]
    return pd.DataFrame(rows, columns=columns)


def matrix_of(
    journeys: pd.DataFrame, outcomes: pd.DataFrame | pd.Series, segment: str | None = None
) -> tuple[pd.DataFrame, Floats]:
    """Return customers × touchpoints and the outcome of a segment, for the functions of this module."""
    context = context_of(journeys)
    X, y = outcome_matrix(
        context.voices, pick_outcome(outcomes).values, list(dict.fromkeys(context.overall["touchpoint"]))
    )
    if segment is None:
        return X, y
    mine = X.index.to_series().map(context.members.set_index("customer_id")["segment"]).eq(segment).to_numpy()
    return X[mine], y[mine]
