"""Loops: who goes back to the start after a bad experience, and who buys again after a good one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cjmlab.journeys.context import JourneyContext, context_of
from cjmlab.journeys.intervals import risk_ratio, wilson
from cjmlab.vocabulary import Loop

_COLUMNS = ["segment", "from", "to", "after", "n_bad", "back_bad", "share_bad", "bad_low", "bad_high", "n_good",
            "back_good", "share_good", "good_low", "good_high", "risk_ratio", "low", "high"]  # fmt: skip


def measure_loops(journeys: pd.DataFrame, *, pairs: list[tuple[str, str]] | None = None) -> pd.DataFrame:
    """Measure the loops of the stage model: how often they are taken after a bad and after a good experience.

    An occasion is a visit to the stage that the loop leaves; it is bad or good by what the customer says of that
    stage (below or above the neutral band); the loop is taken when the next other stage is the one it leads to, or the
    customer gets there before coming back to the first.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, with events.
    pairs : list of (from, to), optional
        Loops to measure instead of those of the stage model. Without loops in the model: from every stage back to the
        first one.

    Returns
    -------
    DataFrame
        ``segment``, ``from``, ``to``, ``after``, ``n_bad``, ``back_bad``, ``share_bad`` with Wilson bounds, the same
        for good, ``risk_ratio`` of bad against good with ``low`` and ``high``. Empty without events.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> log = pd.DataFrame({"customer_id": list("aaabbb"), "stage": ["see", "use", "see", "see", "use", "buy"],
    ...     "touchpoint": ["ad", "app", "ad", "ad", "app", "shop"],
    ...     "time": pd.date_range("2026-01-01", periods=6, freq="D")})
    >>> said = pd.DataFrame({"customer_id": list("ab"), "stage": "use", "touchpoint": "app", "rating": [-0.5, 0.5]})
    >>> journeys = cjm.derive_journeys(said, events=log, stage_model=["see", "buy", "use"])
    >>> found = cjm.measure_loops(journeys, pairs=[("use", "see")])
    >>> found[["n_bad", "back_bad", "n_good", "back_good"]].values.tolist()
    [[1, 1, 1, 0]]
    """
    context = context_of(journeys)
    visits = stage_visits(context)
    if visits.empty:
        return pd.DataFrame({name: [] for name in _COLUMNS})
    order = list(dict.fromkeys(context.stages.sort_values("position")["stage"]))
    model = context.study.stage_model if context.study is not None else None
    listed = list(model.loops) if model is not None else []
    if pairs is not None:
        listed = [Loop(start, end) for start, end in pairs]
    elif not listed:
        listed = [Loop(stage, order[0]) for stage in order[2:]]
    felt = stage_scores(context)
    low, high = context.provenance["neutral"]
    names = list(dict.fromkeys(journeys["segment"]))
    member = visits["customer"].map(context.members.set_index("customer_id")["segment"])
    rows = []
    for loop in listed:
        taken = _occasions(visits.assign(segment=member), loop.start, loop.end)
        score = felt.reindex(pd.MultiIndex.from_arrays([taken["customer"], [loop.start] * len(taken)])).to_numpy()
        for name in [*names, *([] if len(names) == 1 else [None])]:
            mine = taken["segment"].eq(name).to_numpy() if name else np.ones(len(taken), dtype=bool)
            bad, good = taken["back"][mine & (score < low)], taken["back"][mine & (score > high)]
            rows.append(_row(name or context.overall["segment"].iloc[0], loop, bad, good))
    return pd.DataFrame(rows, columns=_COLUMNS)


def stage_visits(context: JourneyContext) -> pd.DataFrame:
    """Return the visits to stages in order: ``customer``, ``stage``, ``time`` (entering), ``visit`` (number)."""
    events = context.events[context.events["stage"].notna()] if len(context.events) else context.events
    if events.empty:
        return pd.DataFrame({"customer": [], "stage": [], "time": [], "visit": []})
    table = pd.DataFrame({"customer": events["customer_id"].astype(str), "stage": events["stage"].astype(str),
                          "time": pd.to_datetime(events["time"], utc=True)})  # fmt: skip
    place = {name: i for i, name in enumerate(dict.fromkeys(context.stages.sort_values("position")["stage"]))}
    table = table.assign(place=table["stage"].map(place)).sort_values(["customer", "time", "place"], kind="stable")
    new = table["customer"].ne(table["customer"].shift()) | table["stage"].ne(table["stage"].shift())
    table = table[new].reset_index(drop=True)
    return table.assign(visit=table.groupby("customer").cumcount())


def stage_scores(context: JourneyContext) -> pd.Series:
    """Return what each customer says of each stage: the mean over its touchpoints, by (customer, stage)."""
    stage = context.voices["touchpoint"].map(context.overall.set_index("touchpoint")["stage"])
    return context.voices.assign(stage=stage).groupby(["customer", "stage"])["score"].mean()


def _occasions(visits: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """One row a visit to ``start`` that something follows or that ends the journey; whether ``end`` comes next."""
    table = visits[visits["stage"].isin([start, end])]
    following = table.groupby("customer")["stage"].shift(-1)
    return table.assign(back=following.eq(end))[table["stage"].eq(start)].reset_index(drop=True)


def _row(name: str, loop: Loop, bad: pd.Series, good: pd.Series) -> tuple[Any, ...]:
    b, n_b, g, n_g = int(bad.sum()), len(bad), int(good.sum()), len(good)
    share_b, share_g = (b / n_b if n_b else np.nan), (g / n_g if n_g else np.nan)
    return (name, loop.start, loop.end, loop.after, n_b, b, share_b, *wilson(b, n_b), n_g, g, share_g, *wilson(g, n_g),
            *risk_ratio(b, n_b, g, n_g))  # fmt: skip


def measure_repeats(journeys: pd.DataFrame, *, stage: str | None = None) -> pd.DataFrame:
    """Measure who buys again, the same thing or another one, after a bad, a middling and a good experience.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, with events. A purchase is an event with ``money``, or, where no event has any, a
        visit to ``stage``.
    stage : str, optional
        The stage of the deal; the one that holds the middle of the purchase phase when None.

    Returns
    -------
    DataFrame
        ``segment``, ``after`` (bad, neutral, good), ``customers``, ``again``, ``share``, ``low``, ``high``, ``same``,
        ``other`` (shares of customers whose next purchase has the same ``item``, another one; missing without items).

    Examples
    --------
    >>> import cjmlab as cjm
    >>> log = pd.DataFrame({"customer_id": list("aab"), "stage": "buy", "touchpoint": "shop", "money": 9.0,
    ...     "item": ["tea", "tea", "tea"], "time": pd.date_range("2026-01-01", periods=3, freq="D")})
    >>> said = pd.DataFrame({"customer_id": list("ab"), "stage": "buy", "touchpoint": "shop", "rating": [0.5, -0.5]})
    >>> found = cjm.measure_repeats(cjm.derive_journeys(said, events=log))
    >>> found[["after", "customers", "again", "same"]].values.tolist()
    [['bad', 1, 0, nan], ['good', 1, 1, 1.0]]
    """
    context = context_of(journeys)
    bought = purchases(context, stage)
    if bought.empty:
        return pd.DataFrame({"segment": [], "after": [], "customers": [], "again": [], "share": []})
    groups = bought.groupby("customer")
    table = groups.agg(n=("time", "size"), first=("item", "first")).reset_index()
    second = bought[groups.cumcount().eq(1)].set_index("customer")["item"]
    table["second"] = table["customer"].map(second)
    felt = context.voices.groupby("customer")["score"].mean()
    low, high = context.provenance["neutral"]
    score = table["customer"].map(felt)
    table["after"] = np.select([score < low, score > high, score.notna()], ["bad", "good", "neutral"], "unknown")
    table["segment"] = table["customer"].map(context.members.set_index("customer_id")["segment"])
    rows = []
    for (segment, after), group in table[table["after"].ne("unknown")].groupby(["segment", "after"]):
        n, again = len(group), int((group["n"] > 1).sum())
        known = group["first"].notna() & group["second"].notna()
        same = float((known & group["first"].eq(group["second"])).sum()) / n if known.any() else np.nan
        other = float((known & group["first"].ne(group["second"])).sum()) / n if known.any() else np.nan
        rows.append((segment, after, n, again, again / n, *wilson(again, n), same, other))
    columns = ["segment", "after", "customers", "again", "share", "low", "high", "same", "other"]
    return pd.DataFrame(rows, columns=columns)


def purchases(context: JourneyContext, stage: str | None = None) -> pd.DataFrame:
    """Return the purchases: ``customer``, ``time``, ``item``, in order."""
    table = payments(context, stage)[["customer", "time", "item"]]
    return table.drop_duplicates().reset_index(drop=True)


def payments(context: JourneyContext, stage: str | None = None) -> pd.DataFrame:
    """Return what was bought in order: ``customer``, ``time``, ``item``, ``value`` (missing where no event has money).

    A payment is an event with ``money``, or, where no event has any, an event of the stage of the deal.
    """
    events = context.events
    if events.empty:
        return pd.DataFrame({"customer": [], "time": [], "item": [], "value": []})
    money = pd.to_numeric(events["money"], errors="coerce") if "money" in events else pd.Series(np.nan, events.index)
    paid = money.gt(0) if money.gt(0).any() else events["stage"].eq(stage or deal_stage(context))
    found = events[paid]
    table = pd.DataFrame({"customer": found["customer_id"].astype(str), "time": pd.to_datetime(found["time"], utc=True),
                          "item": found.get("item"), "value": money[paid]})  # fmt: skip
    return table.sort_values(["customer", "time"], kind="stable").reset_index(drop=True)


def deal_stage(context: JourneyContext) -> str:
    """Return the stage in which people buy: the one over the middle of the purchase phase, else the middle one."""
    if context.study is not None:
        return context.study.stage_model.at(1.25).id
    order = list(dict.fromkeys(context.stages.sort_values("position")["stage"]))
    return order[len(order) // 2] if order else ""
