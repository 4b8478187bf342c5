"""The deal: customers who want to buy and cannot, and those who buy and wish they had not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.journeys.context import JourneyContext, context_of
from cjmlab.journeys.intervals import share_difference, wilson
from cjmlab.journeys.loops import deal_stage, purchases, stage_scores

REASONS = ("stock", "technical", "screening")


def blocked_intent(
    journeys: pd.DataFrame, *, stage: str | None = None, within: pd.Timedelta | None = None
) -> pd.DataFrame:
    """Find customers who wanted to buy and could not.

    In words: rows whose cues name it (``blocked_stock``, ``blocked_technical``, ``blocked_screening``, or
    ``blocked_intent`` for any other reason). In events: a customer came to the deal stage and no purchase followed
    ``within`` the time, in a journey that has ended; the reason is that of the customer's words, else ``other``.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    stage : str, optional
        The deal stage; the one over the middle of the purchase phase when None.
    within : Timedelta, optional
        How long a purchase may take; any time when None.

    Returns
    -------
    DataFrame
        One row a customer: ``customer``, ``segment``, ``reason`` (stock, technical, screening, other), ``told`` and
        ``seen`` (by words, by events), ``unit_ids`` (list).

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": list("ab"), "stage": "buy", "touchpoint": "shop", "sentiment": [-0.5, 0.5],
    ...     "text": ["It was sold out", "Bought it at once"], "cues": ["blocked_stock", ""]})
    >>> cjm.blocked_intent(cjm.derive_journeys(said))[["customer", "reason", "told", "seen"]].values.tolist()
    [['a', 'stock', True, False]]
    """
    context = context_of(journeys)
    told = _told(context)
    seen = _seen(context, stage or deal_stage(context), within)
    people = sorted(set(told.index) | seen)
    member = context.members.set_index("customer_id")["segment"]
    return pd.DataFrame(
        {"customer": people, "segment": [member.get(who) for who in people],
         "reason": [told["reason"].get(who, "other") for who in people], "told": [who in told.index for who in people],
         "seen": [who in seen for who in people],
         "unit_ids": [told["unit_ids"].get(who, []) for who in people]}
    )  # fmt: skip


def _told(context: JourneyContext) -> pd.DataFrame:
    rows = context.scored
    if "cues" not in rows:
        return pd.DataFrame({"reason": [], "unit_ids": []})
    cues = rows["cues"].fillna("").astype(str).str.split("|")
    hit = cues.map(lambda found: any(cue.startswith("blocked") for cue in found)) & rows["customer_id"].notna()
    rows = rows[hit].assign(reason=cues[hit].map(_reason))
    rank = {name: i for i, name in enumerate((*REASONS, "other"))}
    rows = rows.assign(rank=rows["reason"].map(rank), who=rows["customer_id"].astype(str)).sort_values(
        ["rank", "unit_id"]
    )
    return rows.groupby("who").agg(reason=("reason", "first"), unit_ids=("unit_id", list))


def _reason(cues: list[str]) -> str:
    return next((name for name in REASONS if f"blocked_{name}" in cues), "other")


def _seen(context: JourneyContext, stage: str, within: pd.Timedelta | None) -> set[str]:
    events, paid = context.events, purchases(context, stage)
    if events.empty or "money" not in events or paid.empty:
        return set()
    from cjmlab.journeys.reach import open_journeys

    wanted = events[events["stage"].eq(stage)]
    came = pd.to_datetime(wanted["time"], utc=True).groupby(wanted["customer_id"].astype(str)).min()
    bought = paid.groupby("customer")["time"].max().reindex(came.index)
    done = bought.ge(came) if within is None else bought.between(came, came + within)
    return set(came.index[~done.fillna(False)]) - open_journeys(events)


def hollow_success(journeys: pd.DataFrame, *, stage: str | None = None) -> pd.DataFrame:
    """Cross buying with how the deal felt, and say how many of each come back.

    A deal is negative when what the customer says of its stage is below the neutral band, or when the words tell of
    pressure to buy more.

    Returns
    -------
    DataFrame
        ``segment``, ``bought``, ``negative``, ``customers``, ``again`` (who bought once more), ``share``, ``low``,
        ``high``; for the row of bought and negative also ``difference`` with bounds: its share of coming back minus
        that of bought and not negative. The hollow successes are those bought and negative.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> log = pd.DataFrame({"customer_id": list("aabbc"), "stage": "buy", "touchpoint": "shop", "money": 10.0,
    ...     "time": pd.date_range("2026-01-01", periods=5, freq="D")})
    >>> said = pd.DataFrame({"customer_id": list("abc"), "stage": "buy", "touchpoint": "shop",
    ...     "rating": [0.5, 1.0, -0.5]})
    >>> journeys = cjm.derive_journeys(said, events=log)
    >>> cjm.hollow_success(journeys)[["bought", "negative", "customers", "again"]].values.tolist()
    [[True, False, 2, 2], [True, True, 1, 0]]
    """
    context = context_of(journeys)
    deal = stage or deal_stage(context)
    felt = stage_scores(context)
    score = felt[felt.index.get_level_values(1) == deal].droplevel(1)
    pressed = set()
    if "cues" in context.scored:
        pressing = context.scored["cues"].fillna("").astype(str).str.contains("upsell_pressure", regex=False)
        pressed = set(context.scored.loc[pressing, "customer_id"].dropna().astype(str))
    people = pd.Index(sorted(set(score.index) | pressed))
    times = purchases(context, deal).groupby("customer").size()
    table = pd.DataFrame({"customer": people, "times": times.reindex(people).fillna(0).to_numpy()})
    low = context.provenance["neutral"][0]
    table["negative"] = score.reindex(people).lt(low).to_numpy() | table["customer"].isin(pressed)
    table["bought"] = table["times"] > 0
    table["segment"] = table["customer"].map(context.members.set_index("customer_id")["segment"])
    rows = []
    for (segment, bought, negative), group in table.groupby(["segment", "bought", "negative"]):
        n, again = len(group), int((group["times"] > 1).sum())
        rows.append((segment, bought, negative, n, again, again / n, *wilson(again, n)))
    columns = ["segment", "bought", "negative", "customers", "again", "share", "low", "high"]
    return _compare(pd.DataFrame(rows, columns=columns))


def _compare(table: pd.DataFrame) -> pd.DataFrame:
    table[["difference", "difference_low", "difference_high"]] = np.nan
    for segment, group in table[table["bought"].eq(True)].groupby("segment"):
        bad, good = group[group["negative"]], group[~group["negative"]]
        if len(bad) and len(good):
            found = share_difference(*bad[["again", "customers"]].iloc[0], *good[["again", "customers"]].iloc[0])
            at = table.index[table["segment"].eq(segment) & table["bought"] & table["negative"]]
            table.loc[at, ["difference", "difference_low", "difference_high"]] = found
    return table
