"""Key figures of a segment with their intervals and benchmarks: conversion, repeat, online share, value."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cjmlab.journeys.channels import SCREENS
from cjmlab.journeys.context import context_of
from cjmlab.journeys.intervals import Z95, wilson
from cjmlab.journeys.loops import payments

_COLUMNS = ["segment", "kpi", "value", "low", "high", "n", "of", "benchmark", "against"]


def measure_kpis(
    journeys: pd.DataFrame, *, benchmarks: Mapping[str, float] | None = None, stage: str | None = None
) -> pd.DataFrame:
    """Measure what a segment does for the business, beside what it lives.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, with events.
    benchmarks : mapping, optional
        Key figure → what is aimed at, such as ``{"conversion": 0.35}``.
    stage : str, optional
        The stage of the deal, where no event has money.

    Returns
    -------
    DataFrame
        ``segment``, ``kpi``: ``conversion`` (customers who bought, of those in the log), ``repeat`` (of the buyers, who
        bought again), ``online`` (purchases through a screen, of those whose channel is known), ``value`` (money a
        customer in the log); ``value``, ``low``, ``high`` (95 %), ``n``, ``of``, ``benchmark``, ``against`` (above,
        below, not distinguishable, or an empty text without a benchmark). Empty without events.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> log = pd.DataFrame({"customer_id": list("aabc"), "stage": ["see", "buy", "see", "see"],
    ...     "touchpoint": ["ad", "shop", "ad", "ad"], "money": [None, 12.0, None, None],
    ...     "time": pd.date_range("2026-01-01", periods=4, freq="h")})
    >>> said = pd.DataFrame({"customer_id": list("abc"), "stage": "buy", "touchpoint": "shop",
    ...     "rating": [0.5, 0.0, 0.5]})
    >>> journeys = cjm.derive_journeys(said, events=log, stage_model=["see", "buy"])
    >>> found = cjm.measure_kpis(journeys, benchmarks={"conversion": 0.35})
    >>> found[["kpi", "value", "n", "of", "against"]].round(2).head(1).values.tolist()
    [['conversion', 0.33, 1, 3, 'not distinguishable']]
    """
    context = context_of(journeys)
    events = context.events
    if events.empty:
        return pd.DataFrame({name: [] for name in _COLUMNS})
    member = context.members.set_index("customer_id")["segment"]
    there = pd.Series(events["customer_id"].astype(str).unique())
    bought = payments(context, stage)
    bought = bought.assign(segment=bought["customer"].map(member))
    channel = events.assign(customer=events["customer_id"].astype(str), time=pd.to_datetime(events["time"], utc=True))
    channel = channel.drop_duplicates(["customer", "time"]).reindex(columns=["customer", "time", "channel"])
    bought = bought.merge(channel, on=["customer", "time"], how="left")
    rows: list[tuple[object, ...]] = []
    for segment in dict.fromkeys(journeys["segment"]):
        people, mine = there[there.map(member).eq(segment)], bought[bought["segment"].eq(segment)]
        times = mine.groupby("customer")["time"].nunique()
        known = mine["channel"].dropna()
        counts = {"conversion": (len(times), len(people)), "repeat": (int(times.gt(1).sum()), len(times)),
                  "online": (int(known.isin(SCREENS).sum()), len(known))}  # fmt: skip
        rows += [(segment, name, n / of, *wilson(n, of), n, of) for name, (n, of) in counts.items() if of]
        if mine["value"].notna().any():
            each = mine.groupby("customer")["value"].sum().reindex(people, fill_value=0.0)
            half = Z95 * float(each.std()) / np.sqrt(len(each)) if len(each) > 1 else np.nan
            mean = float(each.mean())
            rows.append((segment, "value", mean, mean - half, mean + half, len(times), len(people)))
    table = pd.DataFrame(rows, columns=_COLUMNS[:7])
    table["benchmark"] = table["kpi"].map(dict(benchmarks or {})).astype(float)
    verdict = np.select([table["low"] > table["benchmark"], table["high"] < table["benchmark"]], ["above", "below"],
                        "not distinguishable")  # fmt: skip
    table["against"] = np.where(table["benchmark"].isna(), "", verdict)
    return table
