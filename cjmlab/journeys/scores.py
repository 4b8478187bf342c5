"""From touchpoints to the whole journey: mean, worst, end, peak and peak–end of every customer and segment."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.journeys.context import context_of


def score_journeys(journeys: pd.DataFrame, *, by: str = "segment") -> pd.DataFrame:
    """Score whole journeys.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    by : str
        ``segment`` for means over customers with n and standard error of the mean, or ``customer``.

    Returns
    -------
    DataFrame
        By customer: ``customer``, ``segment``, ``touchpoints`` (how many were rated), ``mean``, ``worst``, ``end`` (the
        last touchpoint in the order of the journey), ``peak`` (the one farthest from neutral), ``peak_end`` (their
        mean), ``consistency`` (1 minus the standard deviation). By segment: the means of these and ``customers``.

    Raises
    ------
    CjmError
        When ``by`` is neither.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": "a", "stage": ["see", "buy", "use"], "touchpoint": ["ad", "shop", "app"],
    ...     "rating": [0.5, -0.5, 1.0]})
    >>> journeys = cjm.derive_journeys(said, stage_model=["see", "buy", "use"])
    >>> cjm.score_journeys(journeys)[["mean", "worst", "end", "peak"]].round(2).values.tolist()
    [[0.33, -0.5, 1.0, 1.0]]
    """
    if by not in ("segment", "customer"):
        raise CjmError(f"journeys cannot be scored by {by!r}", remedy="By segment or by customer.")
    context = context_of(journeys)
    order = context.overall.set_index("touchpoint")["position"]
    voices = context.voices[context.voices["touchpoint"].isin(order.index)]
    voices = voices.assign(position=voices["touchpoint"].map(order)).sort_values(["customer", "position"])
    scores = summarise(voices)
    members = context.members.set_index("customer_id")["segment"]
    scores.insert(1, "segment", scores["customer"].map(members))
    if by == "customer":
        return scores
    numbers = ["mean", "worst", "end", "peak", "peak_end", "consistency"]
    table = scores[scores["segment"].notna()].groupby("segment")[numbers].mean()
    table.insert(0, "customers", scores.groupby("segment")["customer"].size())
    table = table.reindex([name for name in dict.fromkeys(journeys["segment"]) if name in table.index])
    return table.round(10).reset_index()


def summarise(voices: pd.DataFrame) -> pd.DataFrame:
    """Summarise the scores of each customer, which stand in the order of the journey.

    Examples
    --------
    >>> told = pd.DataFrame({"customer": ["a"] * 3, "score": [0.4, -0.8, 0.6]})
    >>> summarise(told)[["mean", "worst", "end", "peak", "peak_end"]].round(2).values.tolist()
    [[0.07, -0.8, 0.6, -0.8, -0.1]]
    """
    groups = voices.groupby("customer", sort=True)["score"]
    table = groups.agg(touchpoints="size", mean="mean", worst="min", end="last", best="max").reset_index()
    table["peak"] = np.where(-table["worst"] >= table["best"], table["worst"], table["best"])
    table["peak_end"] = (table["peak"] + table["end"]) / 2
    table["consistency"] = 1 - groups.std(ddof=0).to_numpy()
    return table.drop(columns="best")
