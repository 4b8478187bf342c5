"""Triggers: what reminds people, how many buy after it, and how long they wait."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.journeys.context import context_of
from cjmlab.journeys.intervals import Z95, wilson
from cjmlab.journeys.loops import purchases

KINDS = ("instrumental", "product", "random")
_OWN = {"mail", "social", "phone", "app", "chat", "mini_program", "official_account", "wecom", "web", "sms", "push"}


def trigger_kind(channel: str, party: str = "brand", dimension: str = "") -> str:
    """Say what kind of trigger a touchpoint is: the company reminds, the product reminds, or life does.

    Examples
    --------
    >>> trigger_kind("mail"), trigger_kind("product", dimension="product"), trigger_kind("people", "customer")
    ('instrumental', 'product', 'random')
    """
    if party == "customer" or channel in ("people", "life"):
        return "random"
    if channel == "product" or (dimension == "product" and channel not in _OWN):
        return "product"
    return "instrumental"


def measure_triggers(
    journeys: pd.DataFrame, *, stage: str | None = None, kinds: dict[str, str] | None = None,
    window: pd.Timedelta | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Compare buying again after a trigger with buying again at the same point of a journey without one.

    Every trigger after a purchase is matched with customers of the same segment who had bought as long before, for the
    first time or again as this one, and had no trigger since. Both are followed for the same ``window``. The difference is an
    association: who is reminded was not drawn by lot.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, with events.
    stage : str, optional
        The stage of triggers; the one named ``trigger``, else the last, when None.
    kinds : mapping, optional
        Touchpoint → ``instrumental``, ``product`` or ``random``; by channel, party and dimension when None.
    window : Timedelta, optional
        How long to follow; the median time from a trigger to the next purchase, doubled, when None.

    Returns
    -------
    DataFrame
        ``kind``, ``touchpoints`` (list), ``triggers``, ``bought``, ``share``, ``low``, ``high``, ``matched``,
        ``matched_share``, ``difference``, ``difference_low``, ``difference_high``, ``interval`` (median days from a
        trigger to the next purchase), ``wording`` (a sentence that does not claim a cause). Empty without triggers.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> days = ["2026-01-01", "2026-01-10", "2026-01-12", "2026-01-01", "2026-01-30", "2026-02-20"]
    >>> log = pd.DataFrame({"customer_id": list("aaabbb"), "stage": ["buy", "trigger", "buy", "buy", "buy", "buy"],
    ...     "touchpoint": ["shop", "mail", "shop", "shop", "shop", "shop"], "money": [9.0, None, 9.0, 9.0, 9.0, 9.0],
    ...     "time": pd.to_datetime(days)})
    >>> said = pd.DataFrame({"customer_id": list("ab"), "stage": "buy", "touchpoint": "shop", "rating": [0.5, 0.5]})
    >>> journeys = cjm.derive_journeys(said, events=log, stage_model=["buy", "trigger"])
    >>> found = cjm.measure_triggers(journeys, kinds={"mail": "instrumental"})
    >>> found[["kind", "triggers", "bought", "matched", "matched_share", "interval"]].values.tolist()
    [['instrumental', 1, 1, 1, 0.0, 2.0]]
    """
    context = context_of(journeys)
    columns = ["kind", "touchpoints", "triggers", "bought", "share", "low", "high", "matched", "matched_share",
               "difference", "difference_low", "difference_high", "interval", "wording"]  # fmt: skip
    stages = list(dict.fromkeys(context.stages.sort_values("position")["stage"]))
    where = stage or ("trigger" if "trigger" in stages else (stages[-1] if stages else ""))
    events = context.events[context.events["stage"].eq(where)] if len(context.events) else context.events
    bought = purchases(context)
    if events.empty or bought.empty:
        return pd.DataFrame({name: [] for name in columns})
    points = {} if context.study is None else {point.id: point for point in context.study.touchpoints}
    known = kinds or {name: trigger_kind(p.channel, p.party, p.dimension) for name, p in points.items()}
    table = pd.DataFrame({"customer": events["customer_id"].astype(str), "touchpoint": events["touchpoint"],
                          "time": pd.to_datetime(events["time"], utc=True)})  # fmt: skip
    table["kind"] = [known.get(point, "instrumental") for point in table["touchpoint"]]
    table = table.sort_values(["customer", "time", "touchpoint"], kind="stable")
    table["since"] = _last_purchase(table, bought)
    table = table[table["since"].notna()].drop_duplicates(["customer", "kind", "since"])
    wait = _next_purchase(table["customer"], table["time"], bought) - table["time"]
    follow = window if window is not None else 2 * wait.median()
    if table.empty or not isinstance(follow, pd.Timedelta) or pd.isna(follow):
        return pd.DataFrame({name: [] for name in columns})
    controls = _controls(table, bought, context.members.set_index("customer_id")["segment"], follow)
    table = table.assign(wait=wait, hit=wait.le(follow), control=controls)
    return pd.DataFrame([_row(str(kind), part) for kind, part in table.groupby("kind")], columns=columns)


def _last_purchase(table: pd.DataFrame, bought: pd.DataFrame) -> pd.Series:
    left = table[["customer", "time"]].reset_index().sort_values("time", kind="stable")
    right = (
        bought[["customer", "time"]].rename(columns={"time": "since"}).assign(time=bought["time"]).sort_values("time")
    )
    found = pd.merge_asof(left, right, on="time", by="customer", allow_exact_matches=False)
    return found.set_index("index")["since"].reindex(table.index)


def _next_purchase(customer: pd.Series, time: pd.Series, bought: pd.DataFrame) -> pd.Series:
    left = pd.DataFrame({"customer": customer, "time": time}).reset_index().sort_values("time", kind="stable")
    right = bought[["customer", "time"]].assign(then=bought["time"]).sort_values("time")
    found = pd.merge_asof(left, right, on="time", by="customer", direction="forward", allow_exact_matches=False)
    return found.set_index("index")["then"].reindex(customer.index)


def _controls(table: pd.DataFrame, bought: pd.DataFrame, member: pd.Series, follow: pd.Timedelta) -> pd.Series:
    """Return the share that bought again without a trigger: same segment, same wait, first purchase against first."""
    order = bought.groupby("customer").cumcount().clip(upper=1)
    calm = bought.assign(
        next=bought.groupby("customer")["time"].shift(-1), segment=bought["customer"].map(member), order=order
    )
    orders = (
        pd.Series(order.to_numpy(), pd.MultiIndex.from_frame(bought[["customer", "time"]]))
        .groupby(level=[0, 1])
        .first()
    )
    marked = pd.MultiIndex.from_frame(table[["customer", "since"]])
    calm = calm[~pd.MultiIndex.from_frame(calm[["customer", "time"]]).isin(marked)]
    gap = (calm["next"] - calm["time"]).fillna(pd.Timedelta(days=36500))
    end = bought["time"].max()
    result = []
    for customer, time, since in zip(table["customer"], table["time"], table["since"], strict=True):
        waited = time - since
        alike = calm["segment"].eq(str(member.get(customer, ""))) & calm["order"].eq(orders.get((customer, since), 0))
        at_risk = alike & (gap > waited) & (calm["time"] + waited + follow <= end)
        result.append(float((gap[at_risk] <= waited + follow).mean()) if at_risk.any() else np.nan)
    return pd.Series(result, index=table.index)


def _row(kind: str, part: pd.DataFrame) -> tuple[object, ...]:
    n, hits = len(part), int(part["hit"].sum())
    matched = part[part["control"].notna()]
    base = float(matched["control"].mean()) if len(matched) else np.nan
    gain = matched["hit"].astype(float) - matched["control"]
    se = gain.std() / np.sqrt(len(gain)) if len(gain) > 1 else np.nan
    days = part["wait"].dropna().dt.total_seconds() / 86400
    text = (f"After {n} {kind} triggers {hits} customers bought again in time; at the same point without one the share is "
            f"{base:.2f}. This goes together; it does not show that the trigger did it.")  # fmt: skip
    return (kind, sorted(part["touchpoint"].dropna().unique()), n, hits, hits / n, *wilson(hits, n), len(matched), base,
            gain.mean(), gain.mean() - Z95 * se, gain.mean() + Z95 * se, days.median(), text)  # fmt: skip
