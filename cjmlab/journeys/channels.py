"""Channels: hand-offs against staying, the digital share of stages, and how fragmented journeys are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.journeys.coherence import list_steps
from cjmlab.journeys.context import context_of
from cjmlab.journeys.intervals import customer_resamples
from cjmlab.tables import need_columns

SCREENS = ("app", "web", "mini_program", "chat", "social")
"""Channels that are met through a screen."""


def hand_offs(journeys: pd.DataFrame, *, resamples: int = 400) -> pd.DataFrame:
    """Compare what follows a change of channel with what follows staying in it.

    Experience is what the customer says of the touchpoint that is entered. Lost means that the event after the step is
    the customer's last and the journey did not reach the last stage. The difference is taken within the touchpoint
    that is entered, because some touchpoints are only met after a change of channel; its interval resamples customers.

    Returns
    -------
    DataFrame
        ``segment``, ``measure`` (experience or lost), ``switch``, ``same`` (means), ``n_switch``, ``n_same`` (steps),
        ``difference``, ``low``, ``high``. Empty without events that name a channel.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> log = pd.DataFrame({"customer_id": list("aabbccdd"), "stage": ["see", "buy"] * 4,
    ...     "touchpoint": ["site", "till"] * 4, "channel": ["web", "store", "store", "store"] * 2,
    ...     "time": pd.date_range("2026-01-01", periods=8, freq="h")})
    >>> said = pd.DataFrame({"customer_id": list("abcd"), "stage": "buy", "touchpoint": "till",
    ...     "rating": [-0.5, 0.5, 0.0, 1.0]})
    >>> journeys = cjm.derive_journeys(said, events=log, stage_model=["see", "buy"])
    >>> cjm.hand_offs(journeys, resamples=50)[["measure", "switch", "same", "difference"]].head(1).values.tolist()
    [['experience', -0.25, 0.75, -1.0]]
    """
    context = context_of(journeys)
    steps = list_steps(context)
    columns = ["segment", "measure", "switch", "same", "n_switch", "n_same", "difference", "low", "high"]
    if steps.empty or steps["next_channel"].isna().all():
        return pd.DataFrame({name: [] for name in columns})
    felt = context.voices.set_index(["customer", "touchpoint"])["score"]
    key = pd.MultiIndex.from_frame(steps[["customer", "next_touchpoint"]].astype(object))
    last = steps["customer"].ne(steps["customer"].shift(-1))
    steps = steps.assign(experience=felt.reindex(key).to_numpy(),
                         lost=(last & steps["next_place"].lt(context.stages["position"].max())).astype(float))  # fmt: skip
    rows = []
    for segment, group in steps.groupby("segment", sort=False):
        for measure in ("experience", "lost"):
            found = _contrast(group[group[measure].notna()], measure, resamples)
            if found is not None:
                rows.append((segment, measure, *found))
    return pd.DataFrame(rows, columns=columns)


def _contrast(steps: pd.DataFrame, measure: str, resamples: int) -> tuple[float, ...] | None:
    switched, value = steps["switch"].astype(float), steps[measure].astype(float)
    there = steps["next_touchpoint"].fillna("")
    d = switched - switched.groupby(there).transform("mean")
    y = value - value.groupby(there).transform("mean")
    sums = pd.DataFrame({"dy": d * y, "dd": d * d}).groupby(steps["customer"]).sum().to_numpy()
    if sums[:, 1].sum() < 1e-9:
        return None
    draws = np.vstack([np.ones(len(sums)), customer_resamples(len(sums), resamples)]) @ sums
    difference = draws[:, 0] / np.maximum(draws[:, 1], 1e-9)
    low, high = np.quantile(difference[1:], [0.025, 0.975])
    on = switched.eq(1)
    return value[on].mean(), value[~on].mean(), int(on.sum()), int((~on).sum()), difference[0], low, high


def digital_share(journeys: pd.DataFrame) -> pd.DataFrame:
    """Return the digital share of touchpoints and of visits, by segment and stage.

    Returns
    -------
    DataFrame
        ``segment``, ``stage``, ``touchpoints``, ``digital`` (share of touchpoints that are met through a screen),
        ``visits``, ``digital_visits`` (the same, by customers who get there).

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": list("aab"), "stage": "buy", "touchpoint": ["app", "store", "store"],
    ...     "channel": ["app", "store", "store"], "rating": [0.5, 0.0, -0.5]})
    >>> found = cjm.digital_share(cjm.derive_journeys(said))
    >>> found[["touchpoints", "digital", "digital_visits"]].round(2).values.tolist()
    [[2.0, 0.5, 0.33]]
    """
    need_columns("journeys", journeys, "channel")
    table = pd.DataFrame(journeys)
    screens = table["channel"].isin(SCREENS)
    digital = table["digital"].where(table["digital"].notna(), screens).astype(bool) if "digital" in table else screens
    table = table.assign(digital=digital, there=table["reach_n"] * digital)
    used = table[table["n"].gt(0) | table["reach_n"].gt(0)]
    found = used.groupby(["segment", "stage"], sort=False).agg(
        touchpoints=("digital", "size"), digital=("digital", "mean"), visits=("reach_n", "sum"), there=("there", "sum")
    ).reset_index()  # fmt: skip
    found["digital_visits"] = found["there"] / found["visits"].where(found["visits"] > 0)
    return found.drop(columns="there")


def fragmentation(journeys: pd.DataFrame) -> pd.DataFrame:
    """Measure how broken up journeys are, by segment.

    Returns
    -------
    DataFrame
        ``segment``, ``customers``, ``channels`` (mean a journey), ``switches`` (mean a journey), ``switch_share`` (of
        steps between events that name a channel), ``asked_twice`` (share of customers who were asked the same question
        about the same touchpoint more than once in a wave).

    Examples
    --------
    >>> import cjmlab as cjm
    >>> log = pd.DataFrame({"customer_id": list("aaabb"), "stage": ["see", "buy", "buy", "see", "buy"],
    ...     "touchpoint": ["site", "till", "site", "site", "site"], "channel": ["web", "store", "web", "web", "web"],
    ...     "time": pd.date_range("2026-01-01", periods=5, freq="h")})
    >>> said = pd.DataFrame({"customer_id": ["a"], "stage": "buy", "touchpoint": "till", "rating": [0.5]})
    >>> journeys = cjm.derive_journeys(said, events=log, stage_model=["see", "buy"])
    >>> cjm.fragmentation(journeys)[["channels", "switches"]].values.tolist()
    [[1.5, 1.0]]
    """
    context = context_of(journeys)
    member = context.members.set_index("customer_id")["segment"]
    names = list(dict.fromkeys(journeys["segment"]))
    asked = context.scored[context.scored["scorer"].eq("rating")]
    key = [name for name in ("customer_id", "touchpoint", "asks", "wave", "question") if name in asked]
    twice = asked[asked.duplicated(key, keep="first")].groupby("segment")["customer_id"].nunique()
    table = pd.DataFrame({"segment": names, "customers": [int(member.eq(name).sum()) for name in names]})
    answered = asked.groupby("segment")["customer_id"].nunique()
    table["asked_twice"] = table["segment"].map(twice).fillna(0) / table["segment"].map(answered)
    steps = list_steps(context)
    if not steps.empty and context.events["channel"].notna().any():
        events = context.events[context.events["channel"].notna()]
        per = events.groupby(events["customer_id"].astype(str))["channel"].nunique()
        table["channels"] = table["segment"].map(per.groupby(member.reindex(per.index)).mean())
        table["switches"] = table["segment"].map(steps.groupby("segment")["switch"].sum()) / table["segment"].map(
            steps.groupby("segment")["customer"].nunique()
        )
        table["switch_share"] = table["segment"].map(steps.groupby("segment")["switch"].mean())
    wanted = ["segment", "customers", "channels", "switches", "switch_share", "asked_twice"]
    return table.reindex(columns=wanted)
