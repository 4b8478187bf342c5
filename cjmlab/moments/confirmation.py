"""Expectation met or not, and what it does: a response surface, because a difference score hides both its parts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.journeys.context import context_of
from cjmlab.journeys.expectation import list_expectations
from cjmlab.journeys.intervals import Z95
from cjmlab.moments.asymmetry import hc3
from cjmlab.moments.outcomes import pick_outcome

LEAST = 300
_CONTRASTS = {"agreement_slope": (1, 1, 0, 0, 0), "agreement_curve": (0, 0, 1, 1, 1),
              "disagreement_slope": (1, -1, 0, 0, 0), "disagreement_curve": (0, 0, 1, -1, 1)}  # fmt: skip


def response_surface(
    journeys: pd.DataFrame, outcomes: pd.DataFrame | pd.Series, *, touchpoint: str | None = None
) -> pd.DataFrame:
    """Regress an outcome on experience, expectation, their squares and product (Edwards and Parry 1993).

    The gap between experience and expectation alone cannot say whether it is the experience, the expectation or their
    agreement that goes with the outcome. Along the line of agreement both rise together; along that of disagreement the
    experience rises as the expectation falls. A negative curve of disagreement says that any mismatch costs; a positive
    slope of disagreement says that exceeding pays.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, of rows in which expectations were asked.
    outcomes : DataFrame or Series
        The table of outcomes (``recommend``, else the commonest counts), or the outcome by customer id.
    touchpoint : str, optional
        One touchpoint; each customer's mean over all where both are known when None.

    Returns
    -------
    DataFrame
        ``term`` (experience, expectation, their squares and product, and the slope and curve of agreement and of
        disagreement), ``estimate``, ``low``, ``high`` (95 %, HC3), ``n``, ``r2``.

    Raises
    ------
    CjmError
        Below 300 customers who gave both and the outcome.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> rng = np.random.default_rng(0)
    >>> who = [f"c{i:03d}" for i in range(300)]
    >>> hoped, lived = rng.choice([-1, -0.5, 0, 0.5, 1], 300), rng.choice([-1, -0.5, 0, 0.5, 1], 300)
    >>> said = pd.DataFrame({"customer_id": who * 2, "stage": "use", "touchpoint": "app", "rating": [*hoped, *lived],
    ...     "asks": ["expectation"] * 300 + ["experience"] * 300})
    >>> outcome = pd.Series(7 + 2 * lived - hoped, who)
    >>> surface = cjm.response_surface(cjm.derive_journeys(said), outcome).set_index("term")
    >>> surface.loc[["experience", "expectation", "disagreement_slope"], "estimate"].round(6).tolist()
    [2.0, -1.0, 3.0]
    """
    context = context_of(journeys)
    expected = list_expectations(context.scored)
    both = expected.merge(context.voices[["customer", "touchpoint", "score"]], on=["customer", "touchpoint"])
    both = both if touchpoint is None else both[both["touchpoint"].eq(touchpoint)]
    means = both.groupby("customer")[["score", "expected"]].mean()
    y = pick_outcome(outcomes).values.reindex(means.index)
    means, y = means[y.notna()], y.dropna()
    if len(means) < LEAST:
        raise CjmError(f"{len(means)} customers gave an expectation, an experience and the outcome",
                       where="response_surface", remedy=f"At least {LEAST} are needed; show the gap and its interval.")  # fmt: skip
    P, E = (means[name].to_numpy(dtype=float) for name in ("score", "expected"))
    design = np.column_stack([np.ones(len(P)), P, E, P * P, P * E, E * E])
    values = y.to_numpy(dtype=float)
    slopes, covariance = hc3(design, values)
    rest = values - design @ slopes
    explained = 1 - float(rest @ rest) / max(float(((values - values.mean()) ** 2).sum()), 1e-12)
    names = ("experience", "expectation", "experience²", "experience × expectation", "expectation²")
    pulls = dict(zip(names, np.eye(5).tolist(), strict=True)) | {name: list(row) for name, row in _CONTRASTS.items()}
    rows = []
    for name, pull in pulls.items():
        weights = np.array([0.0, *pull])
        value, half = float(weights @ slopes), Z95 * float(np.sqrt(weights @ covariance @ weights))
        rows.append((name, value, value - half, value + half, len(P), explained))
    return pd.DataFrame(rows, columns=["term", "estimate", "low", "high", "n", "r2"])
