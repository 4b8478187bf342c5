"""Effort: where customers are made to think. What they say of it, where they halt, repeat themselves, or ask for help."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.journeys.coherence import list_steps
from cjmlab.journeys.context import JourneyContext, context_of
from cjmlab.journeys.intervals import wilson

HELP = ("phone", "chat", "people")
"""Channels in which people look for somebody who helps."""
_COLUMNS = ["segment", "stage", "customers", "said", "hesitates", "repeats", "helped", "any", "low", "high", "unit_ids"]
_SIGNS = ["said", "hesitates", "repeats", "helped"]


def measure_effort(journeys: pd.DataFrame, *, help_at: tuple[str, ...] | None = None) -> pd.DataFrame:
    """Measure the effort of each stage by four signs, each the share of its customers who show it.

    ``said``: their words speak of effort. ``hesitates``: a step out of the stage took more than three times its usual
    wait. ``repeats``: they did the same thing twice in a row there. ``helped``: they turned to a person. Of a customer
    of whom only words or only events are known, the other signs are unknown, and the shares are of those who are known.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    help_at : tuple of str, optional
        Touchpoints where people look for help; those met by phone, chat or in person when None.

    Returns
    -------
    DataFrame
        ``segment``, ``stage``, ``customers`` (of whom any sign is known), the four shares, ``any`` (who show one or
        more) with ``low`` and ``high`` (Wilson), ``unit_ids`` (rows that say it).

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": list("ab"), "stage": "buy", "touchpoint": "shop", "sentiment": [-0.5, 0.5],
    ...     "text": ["It took me an hour to pay", "Lovely"], "cues": ["effort", ""]})
    >>> measure_effort(cjm.derive_journeys(said))[["stage", "customers", "said", "any"]].values.tolist()
    [['buy', 2, 0.5, 0.5]]
    """
    context = context_of(journeys)
    table = pd.concat([_said(context), *_done(context, help_at)], axis=1).reindex(columns=_SIGNS)
    table.index.names = ["customer", "stage"]
    known = table.reset_index().assign(any=table.max(axis=1).to_numpy())
    known["segment"] = known["customer"].map(context.members.set_index("customer_id")["segment"])
    rows = context.scored
    telling = rows[_speaks_of_effort(rows)] if "cues" in rows else rows.iloc[:0]
    place = {name: i for i, name in enumerate(dict.fromkeys(context.stages.sort_values("position")["stage"]))}
    order = {name: i for i, name in enumerate(dict.fromkeys(journeys["segment"]))}
    found = []
    for key, part in known.dropna(subset=["segment"]).groupby(["segment", "stage"]):
        segment, stage = map(str, key)
        n, hits = len(part), int(part["any"].sum())
        ids = telling.loc[telling["segment"].eq(segment) & telling["stage"].eq(stage), "unit_id"].tolist()
        found.append((segment, stage, n, *part[_SIGNS].mean(), hits / n, *wilson(hits, n), ids))
    result = pd.DataFrame(found, columns=_COLUMNS)
    ranks = np.lexsort((result["stage"].map(place), result["segment"].map(order)))
    return result.iloc[ranks].reset_index(drop=True)


def _speaks_of_effort(rows: pd.DataFrame) -> pd.Series:
    return rows["cues"].fillna("").astype(str).str.split("|").map(lambda cues: "effort" in cues).astype(bool)


def _said(context: JourneyContext) -> pd.Series:
    rows = context.scored
    if "cues" not in rows or "text" not in rows:
        return pd.Series(dtype=float, name="said", index=_nobody())
    rows = rows[rows["text"].notna() & rows["customer_id"].notna() & rows["stage"].notna()]
    hard = _speaks_of_effort(rows).astype(float)
    return hard.groupby([rows["customer_id"].astype(str), rows["stage"].astype(str)]).max().rename("said")


def _done(context: JourneyContext, help_at: tuple[str, ...] | None) -> list[pd.Series]:
    steps = list_steps(context)
    if steps.empty:
        return [pd.Series(dtype=float, name=name, index=_nobody()) for name in _SIGNS[1:]]
    by = [steps["customer"], steps["stage"]]
    signs = [steps[column].astype(float).groupby(by).max().rename(name)
             for name, column in (("hesitates", "stall"), ("repeats", "repeat"))]  # fmt: skip
    events = context.events[context.events["stage"].notna()]
    channel = events["channel"] if "channel" in events else pd.Series(None, events.index, dtype=object)
    asks = channel.isin(HELP) if help_at is None else events["touchpoint"].isin(help_at)
    where = [events["customer_id"].astype(str), events["stage"].astype(str)]
    return [*signs, asks.astype(float).groupby(where).max().rename("helped")]


def _nobody() -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([[], []])
