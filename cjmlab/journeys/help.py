"""What follows from help: the later experience of customers who were shown how, against those who were not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.errors import VocabularyError, did_you_mean
from cjmlab.journeys.context import context_of
from cjmlab.journeys.intervals import customer_resamples

_COLUMNS = ["segment", "helped", "others", "after_help", "without", "difference", "low", "high", "wording"]
_FEW = 5


def later_experience(journeys: pd.DataFrame, touchpoint: str, *, resamples: int = 400) -> pd.DataFrame:
    """Compare what customers live in later stages after a touchpoint (onboarding, help) with those who never met it.

    Later are the touchpoints of later stages. The difference is taken within each of them, so that it does not come
    from helped customers going elsewhere; customers are resampled. It is an association: who takes help was not drawn
    by lot, and often needs it more.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, with events.
    touchpoint : str
        The one that helps.

    Returns
    -------
    DataFrame
        ``segment``, ``helped``, ``others`` (customers), ``after_help``, ``without`` (means), ``difference``, ``low``,
        ``high`` (95 %), ``wording``. Empty where fewer than five are on either side.

    Raises
    ------
    VocabularyError
        For a touchpoint that the journeys do not have.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> log = pd.DataFrame({"customer_id": [f"c{i}" for i in range(5)], "stage": "start", "touchpoint": "guide",
    ...     "time": pd.date_range("2026-01-01", periods=5, freq="h")})
    >>> said = pd.DataFrame({"customer_id": [f"c{i}" for i in range(10)], "stage": "use", "touchpoint": "app",
    ...     "rating": [0.5, 1.0, 0.5, 1.0, 0.5, 0.0, 0.5, 0.0, -0.5, 0.0]})
    >>> journeys = cjm.derive_journeys(said, events=log, stage_model=["start", "use"])
    >>> found = cjm.later_experience(journeys, "guide", resamples=50)
    >>> found[["helped", "others", "difference"]].round(2).values.tolist()
    [[5.0, 5.0, 0.7]]
    """
    context = context_of(journeys)
    places = context.overall.drop_duplicates("touchpoint").set_index("touchpoint")
    if touchpoint not in places.index:
        remedy = did_you_mean(touchpoint, list(places.index))
        raise VocabularyError(f"{touchpoint!r} is not a touchpoint of these journeys", remedy=remedy)
    order = {name: i for i, name in enumerate(dict.fromkeys(context.stages.sort_values("position")["stage"]))}
    rank = places["stage"].map(order)
    later = set(rank.index[rank > rank[touchpoint]])
    events = context.events
    met = set(events.loc[events["touchpoint"].eq(touchpoint), "customer_id"].astype(str)) if len(events) else set()
    met |= set(context.voices.loc[context.voices["touchpoint"].eq(touchpoint), "customer"])
    felt = context.voices[context.voices["touchpoint"].isin(later)]
    felt = felt.assign(segment=felt["customer"].map(context.members.set_index("customer_id")["segment"]),
                       helped=felt["customer"].isin(met).astype(float))  # fmt: skip
    rows = []
    for segment in dict.fromkeys(journeys["segment"]):
        mine = felt[felt["segment"].eq(segment)]
        sides = mine.groupby("helped")["customer"].nunique()
        if sides.get(0.0, 0) >= _FEW and sides.get(1.0, 0) >= _FEW:
            rows.append((segment, *_contrast(mine, resamples)))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _contrast(mine: pd.DataFrame, resamples: int) -> tuple[object, ...]:
    groups = mine.groupby("touchpoint")
    d = mine["helped"] - groups["helped"].transform("mean")
    y = mine["score"] - groups["score"].transform("mean")
    sums = pd.DataFrame({"dy": d * y, "dd": d * d}).groupby(mine["customer"]).sum().to_numpy()
    draws = np.vstack([np.ones(len(sums)), customer_resamples(len(sums), resamples)]) @ sums
    found = draws[:, 0] / np.maximum(draws[:, 1], 1e-9)
    low, high = np.quantile(found[1:], [0.025, 0.975])
    on = mine["helped"].eq(1)
    text = "This goes together with the help; it does not show that the help did it."
    return (mine.loc[on, "customer"].nunique(), mine.loc[~on, "customer"].nunique(), mine.loc[on, "score"].mean(),
            mine.loc[~on, "score"].mean(), found[0], low, high, text)  # fmt: skip
