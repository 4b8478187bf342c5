"""What customers are worth: first and repeated purchases, value now and later, and what a channel brings for its money."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cjmlab.journeys.context import JourneyContext, context_of
from cjmlab.journeys.intervals import Z95, share_difference, wilson
from cjmlab.journeys.loops import payments

_SPLIT = ["segment", "kind", "purchases", "customers", "value", "share", "per_customer", "low", "high"]
_CHANNELS = ["segment", "channel", "customers", "conversions", "conversion", "low", "high", "lift", "lift_low",
             "lift_high", "value", "spend", "return_on_spend", "verdict"]  # fmt: skip


def split_purchases(journeys: pd.DataFrame, *, stage: str | None = None) -> pd.DataFrame:
    """Split purchases into each customer's first one and the repeated ones: value at the moment and over time.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, with events. A purchase is an event with ``money``; where no event has any, an event
        of the stage of the deal, and values are then counts.
    stage : str, optional
        The stage of the deal.

    Returns
    -------
    DataFrame
        ``segment``, ``kind`` (primary, repeat, all), ``purchases``, ``customers``, ``value`` (primary and repeat add up
        to all), ``share`` of the segment's value, ``per_customer`` (value for each customer who ever bought: primary is
        the short term, all the long term) with ``low`` and ``high`` (95 %). Empty without purchases.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> log = pd.DataFrame({"customer_id": list("aab"), "stage": "buy", "touchpoint": "shop",
    ...     "money": [10.0, 5.0, 10.0],
    ...     "time": pd.date_range("2026-01-01", periods=3, freq="D")})
    >>> said = pd.DataFrame({"customer_id": list("ab"), "stage": "buy", "touchpoint": "shop", "rating": [0.5, -0.5]})
    >>> found = cjm.split_purchases(cjm.derive_journeys(said, events=log))
    >>> found[["kind", "purchases", "value", "share"]].values.tolist()
    [['primary', 2, 20.0, 0.8], ['repeat', 1, 5.0, 0.2], ['all', 3, 25.0, 1.0]]
    """
    context = context_of(journeys)
    bought = _with_segment(payments(context, stage), context)
    if bought.empty:
        return pd.DataFrame({name: [] for name in _SPLIT})
    once = bought.groupby(["segment", "customer", "time"], as_index=False, sort=True)["value"].sum()
    first = once.groupby("customer").cumcount().eq(0)
    rows = []
    for segment, mine in once.groupby("segment", sort=False):
        buyers, total = mine["customer"].nunique(), float(mine["value"].sum())
        for kind, part in {"primary": mine[first[mine.index]], "repeat": mine[~first[mine.index]], "all": mine}.items():
            each = part.groupby("customer")["value"].sum().reindex(mine["customer"].unique(), fill_value=0.0)
            half = Z95 * float(each.std()) / np.sqrt(buyers) if buyers > 1 else np.nan
            value = float(part["value"].sum())
            rows.append((segment, kind, len(part), part["customer"].nunique(), value, value / total, each.mean(),
                         each.mean() - half, each.mean() + half))  # fmt: skip
    return _in_order(pd.DataFrame(rows, columns=_SPLIT), journeys)


def channel_value(
    journeys: pd.DataFrame, spend: Mapping[str, float] | None = None, *, stage: str | None = None
) -> pd.DataFrame:
    """Set what a channel costs against what goes with it, by segment.

    A conversion is a customer with a purchase after (or at) the first event in the channel. Lift is the share of
    buyers among those who met the channel minus that among the rest of the segment (Newcombe, 95 %): an association,
    for who meets a channel was not drawn by lot. Spend is split over segments by the customers it reached.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, with events that name their channel.
    spend : mapping, optional
        Channel → money spent.
    stage : str, optional
        The stage of the deal, where no event has money.

    Returns
    -------
    DataFrame
        ``segment``, ``channel``, ``customers``, ``conversions``, ``conversion``, ``low``, ``high``, ``lift``,
        ``lift_low``, ``lift_high``, ``value`` (of purchases after meeting it), ``spend``, ``return_on_spend``,
        ``verdict``: lift, no detectable lift, waste (money spent where no lift can be detected), or no comparison (the
        whole segment met it). Empty without channels.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> log = pd.DataFrame({"customer_id": list("aabc"), "stage": ["see", "buy", "see", "see"],
    ...     "touchpoint": ["site", "shop", "site", "ad"], "channel": ["web", "store", "web", "tv"],
    ...     "money": [None, 20.0, None, None], "time": pd.date_range("2026-01-01", periods=4, freq="h")})
    >>> said = pd.DataFrame({"customer_id": list("abc"), "stage": "buy", "touchpoint": "shop",
    ...     "rating": [0.5, 0.0, 0.5]})
    >>> journeys = cjm.derive_journeys(said, events=log, stage_model=["see", "buy"])
    >>> found = cjm.channel_value(journeys, {"tv": 10.0}).set_index("channel").loc[["web", "tv"]]
    >>> found[["customers", "conversions", "value", "verdict"]].values.tolist()
    [[2, 1, 20.0, 'no detectable lift'], [1, 0, 0.0, 'waste']]
    """
    context = context_of(journeys)
    events = context.events
    if events.empty or "channel" not in events or events["channel"].isna().all():
        return pd.DataFrame({name: [] for name in _CHANNELS})
    met = pd.DataFrame({"customer": events["customer_id"].astype(str), "channel": events["channel"],
                        "met": pd.to_datetime(events["time"], utc=True)}).dropna()  # fmt: skip
    met = _with_segment(met.groupby(["customer", "channel"]).agg(met=("met", "min")).reset_index(), context)
    bought = payments(context, stage)
    after = met.merge(bought, on="customer")
    after = after[after["time"] >= after["met"]].groupby(["customer", "channel"])["value"].agg(["size", "sum"])
    met = met.merge(after.reset_index(), on=["customer", "channel"], how="left").fillna({"size": 0, "sum": 0.0})
    people = _with_segment(pd.DataFrame({"customer": events["customer_id"].astype(str).unique()}), context)
    buyers = people["customer"].isin(bought["customer"])
    rows = []
    for key, group in met.groupby(["segment", "channel"], sort=True):
        segment, channel = map(str, key)
        rest = people[people["segment"].eq(segment) & ~people["customer"].isin(group["customer"])]
        n, hits = len(group), int(group["size"].gt(0).sum())
        lift = share_difference(hits, n, int(buyers[rest.index].sum()), len(rest))
        paid = np.nan if spend is None else spend.get(channel, 0.0) * n / met["channel"].eq(channel).sum()
        value = float(group["sum"].sum())
        verdict = "lift" if lift[1] > 0 else "waste" if paid > 0 else "no detectable lift"
        verdict = verdict if len(rest) else "no comparison"
        rows.append((segment, channel, n, hits, hits / n, *wilson(hits, n), *lift, value, paid,
                     value / paid if paid > 0 else np.nan, verdict))  # fmt: skip
    return _in_order(pd.DataFrame(rows, columns=_CHANNELS), journeys)


def _with_segment(table: pd.DataFrame, context: JourneyContext) -> pd.DataFrame:
    table = table.assign(segment=table["customer"].map(context.members.set_index("customer_id")["segment"]))
    if "value" in table:
        table["value"] = table["value"].fillna(1.0) if table["value"].isna().all() else table["value"].fillna(0.0)
    return table[table["segment"].notna()].reset_index(drop=True)


def _in_order(table: pd.DataFrame, journeys: pd.DataFrame) -> pd.DataFrame:
    place = {name: i for i, name in enumerate(dict.fromkeys(journeys["segment"]))}
    return table.sort_values("segment", key=lambda names: names.map(place), kind="stable").reset_index(drop=True)
