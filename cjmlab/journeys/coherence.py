"""Coherence: where journeys go backwards, stall, jump between channels, repeat themselves, skip, or lose the customer."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from cjmlab.journeys.context import JourneyContext, context_of
from cjmlab.journeys.intervals import Z95
from cjmlab.journeys.loops import stage_scores

BREAKS = ("back", "repeat", "stall", "channel", "skip")
_STALL = 3.0


def coherence(journeys: pd.DataFrame, *, stall: float = _STALL) -> pd.DataFrame:
    """Measure how smoothly each segment moves on from each stage.

    Every step from one event to the next belongs to the stage that it leaves. It is broken when it goes back to an
    earlier stage, repeats the same touchpoint, takes more than ``stall`` times the usual wait of that step, or changes
    channel or skips a stage where most customers on the same step do not. Coherence is the share of unbroken steps; its interval has the customer as its unit.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, with events.
    stall : float
        Times the median wait of the same step (stage to stage, all customers).

    Returns
    -------
    DataFrame
        ``segment``, ``stage``, ``steps``, ``customers``, ``coherence``, ``low``, ``high``, the share of steps with each
        break (``back``, ``repeat``, ``stall``, ``channel``, ``skip``), ``score_drop`` with ``score_drop_low`` and
        ``score_drop_high`` (experience of the next stage minus this one, within customers), ``drop_off`` and ``rank``
        (1 is the least coherent stage of the segment). Empty without events.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> log = pd.DataFrame({"customer_id": list("aaabbb"), "stage": ["see", "buy", "use", "see", "buy", "see"],
    ...     "touchpoint": ["ad", "shop", "app", "ad", "shop", "ad"],
    ...     "time": pd.date_range("2026-01-01", periods=6, freq="h")})
    >>> said = pd.DataFrame({"customer_id": list("ab"), "stage": "buy", "touchpoint": "shop", "rating": [0.5, -0.5]})
    >>> journeys = cjm.derive_journeys(said, events=log, stage_model=["see", "buy", "use"])
    >>> cjm.coherence(journeys)[["stage", "steps", "coherence", "back", "rank"]].values.tolist()
    [['see', 2, 1.0, 0.0, 2], ['buy', 2, 0.5, 0.5, 1]]
    """
    context = context_of(journeys)
    steps = list_steps(context, stall=stall)
    if steps.empty:
        columns = ["segment", "stage", "steps", "customers", "coherence", "low", "high", *BREAKS, "score_drop", "rank"]
        return pd.DataFrame({name: [] for name in columns})
    steps["broken"] = steps[list(BREAKS)].any(axis=1).astype(float)
    by = ["segment", "stage"]
    table = steps.groupby(by).agg(steps=("broken", "size"), customers=("customer", "nunique"),
                                  **{name: (name, "mean") for name in BREAKS}).reset_index()  # fmt: skip
    table = table.merge(_clustered(steps), on=by).merge(_score_drops(context), on=by, how="left")
    drops = context.stages[["segment", "stage", "position", "drop_off"]]
    table = table.merge(drops, on=by, how="left").sort_values(["segment", "position"], kind="stable")
    table["rank"] = table.groupby("segment")["coherence"].rank(method="first").astype(int)
    return table.drop(columns="position").reset_index(drop=True)


def list_steps(context: JourneyContext, *, stall: float = _STALL) -> pd.DataFrame:
    """Return every step from one event to the next with what is wrong with it."""
    if context.events.empty:
        return pd.DataFrame()
    events = context.events[context.events["stage"].notna()]
    order = {name: i for i, name in enumerate(dict.fromkeys(context.stages.sort_values("position")["stage"]))}
    table = pd.DataFrame(
        {"customer": events["customer_id"].astype(str), "time": pd.to_datetime(events["time"], utc=True),
         "stage": events["stage"].astype(str), "touchpoint": events["touchpoint"],
         "channel": events.get("channel")}
    )  # fmt: skip
    table["place"] = table["stage"].map(order).astype(float)
    table = table[table["place"].notna()].sort_values(["customer", "time", "place", "touchpoint"], kind="stable")
    following = table.groupby("customer")[["time", "place", "touchpoint", "channel"]].shift(-1)
    table = table.assign(**{f"next_{name}": following[name] for name in following})[following["time"].notna()]
    wait = (table["next_time"] - table["time"]).dt.total_seconds()
    usual = wait.groupby([table["place"], table["next_place"]]).transform("median")
    table["back"] = (table["next_place"] < table["place"]) & ~_wanted(table, context, order)
    table["repeat"] = table["touchpoint"].notna() & table["touchpoint"].eq(table["next_touchpoint"])
    table["stall"] = (wait > stall * usual) & (usual > 0)
    both = table["channel"].notna() & table["next_channel"].notna()
    table["switch"] = both & table["channel"].ne(table["next_channel"])
    table["channel"] = table["switch"] & ~_usual(table, "switch", ["place", "next_place"])
    table["skip"] = table["next_place"] > table["place"] + 1
    table["skip"] &= ~_usual(table, "skip", ["place"])
    table["segment"] = table["customer"].map(context.members.set_index("customer_id")["segment"])
    return table[table["segment"].notna()].reset_index(drop=True)


def _wanted(table: pd.DataFrame, context: JourneyContext, order: dict[str, int]) -> pd.Series:
    """Tell which steps the stage model means to happen, such as buying again after a reminder."""
    loops = context.study.stage_model.loops if context.study is not None else ()
    meant = {
        (order[loop.start], order[loop.end])
        for loop in loops
        if loop.after != "bad" and {loop.start, loop.end} <= set(order)
    }
    steps = zip(table["place"], table["next_place"], strict=True)
    return pd.Series([step in meant for step in steps], index=table.index, dtype=bool)


def _usual(table: pd.DataFrame, what: str, by: list[str]) -> pd.Series:
    return table[what].groupby([table[name] for name in by]).transform("mean").ge(0.5)


def _clustered(steps: pd.DataFrame) -> pd.DataFrame:
    """Mean of unbroken steps with the linearised error of a ratio over customers."""
    sums = steps.groupby(["segment", "stage", "customer"])["broken"].agg(["sum", "size"]).reset_index()
    rows = []
    for (segment, stage), group in sums.groupby(["segment", "stage"]):
        n = float(group["size"].sum())
        broken = float(group["sum"].sum()) / n
        rest = group["sum"] - broken * group["size"]
        people = len(group)
        se = np.sqrt((rest**2).sum() * people / max(people - 1, 1)) / n if people > 1 else np.nan
        mean = 1 - broken
        rows.append((segment, stage, mean, max(mean - Z95 * se, 0.0), min(mean + Z95 * se, 1.0)))
    return pd.DataFrame(rows, columns=["segment", "stage", "coherence", "low", "high"])


def _score_drops(context: JourneyContext) -> pd.DataFrame:
    """Paired within customers: experience of the next stage that they speak of, minus this one."""
    order = list(dict.fromkeys(context.stages.sort_values("position")["stage"]))
    wide = stage_scores(context).reset_index().pivot_table(index="customer", columns="stage", values="score")
    member = wide.index.to_series().map(context.members.set_index("customer_id")["segment"])
    heard = [stage for stage in order if stage in wide]
    rows = []
    for here, there in pairwise(heard):
        change = (wide[there] - wide[here]).dropna()
        for segment, values in change.groupby(member):
            half = Z95 * values.std() / np.sqrt(len(values)) if len(values) > 1 else np.nan
            rows.append((segment, here, values.mean(), values.mean() - half, values.mean() + half))
    return pd.DataFrame(rows, columns=["segment", "stage", "score_drop", "score_drop_low", "score_drop_high"])
