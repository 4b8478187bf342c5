"""Becoming aware: who gets there, by which way they first came, who did not know, and who asks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources

import pandas as pd

from cjmlab.journeys.context import JourneyContext, context_of
from cjmlab.journeys.intervals import wilson

_COLUMNS = ["segment", "measure", "value", "n", "of", "share", "low", "high", "unit_ids"]


@cache
def _unaware() -> re.Pattern[str]:
    text = (resources.files("cjmlab.journeys") / "data" / "unaware.toml").read_text("utf-8")
    return re.compile("|".join(map(re.escape, tomllib.loads(text)["words"])))


def measure_awareness(journeys: pd.DataFrame) -> pd.DataFrame:
    """Measure how customers become aware: reach of the first stage, source of the first contact, not knowing, asking.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.

    Returns
    -------
    DataFrame
        ``segment``, ``measure``: ``reached`` (customers who were met in the first stage, of all who are known),
        ``source`` (by channel of the first event, ``value``, of those whose first event names one; by touchpoint
        where no event names a channel), ``did_not_know`` and ``asked`` (customers who say so in the first third of the
        stages, of those who speak of it); ``n``, ``of``, ``share``, ``low``, ``high`` (Wilson), ``unit_ids``.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": list("ab"), "stage": "see", "touchpoint": "ad", "sentiment": [-0.5, 0.5],
    ...     "text": ["I had no idea you deliver", "Saw your ad"]})
    >>> found = measure_awareness(cjm.derive_journeys(said, stage_model=["see", "buy", "use"]))
    >>> found[["measure", "n", "of"]].values.tolist()
    [['reached', 2, 2], ['did_not_know', 1, 2]]
    """
    context = context_of(journeys)
    order = list(dict.fromkeys(context.stages.sort_values("position")["stage"]))
    early = order[: max(1, len(order) // 3)]
    rows = [row for segment in dict.fromkeys(journeys["segment"]) for row in _measure(context, str(segment), early)]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _measure(context: JourneyContext, segment: str, early: list[str]) -> Iterator[tuple[object, ...]]:
    people = set(context.members.loc[context.members["segment"].eq(segment), "customer_id"])
    rows = context.scored[context.scored["segment"].eq(segment) & context.scored["stage"].isin(early)]
    events = context.events[context.events["customer_id"].isin(people)]
    spoke = rows.loc[rows["stage"].eq(early[0]), "customer_id"].dropna().astype(str)
    met = people & ({*spoke, *events.loc[events["stage"].eq(early[0]), "customer_id"]})
    yield _row(segment, "reached", "", len(met), len(people), [])
    column = "channel" if "channel" in events and events["channel"].notna().any() else "touchpoint"
    timed = events.assign(time=pd.to_datetime(events["time"], utc=True)).sort_values(
        ["time", "event_id"], kind="stable"
    )
    first = timed.drop_duplicates("customer_id")[column].dropna()
    for value, n in first.value_counts().sort_index().sort_values(ascending=False, kind="stable").items():
        yield _row(segment, "source", str(value), int(n), len(first), [])
    if "text" not in rows:
        return
    said = rows[rows["text"].notna()]
    who = said["customer_id"].astype(object).where(said["customer_id"].notna(), said["unit_id"])
    cues = said["cues"].fillna("").astype(str) if "cues" in said else pd.Series("", said.index)
    text = said["text"].astype(str).str.casefold().str.replace("’", "'", regex=False)
    tells = {"did_not_know": text.str.contains(_unaware()),
             "asked": cues.str.split("|").map(lambda found: "question" in found).astype(bool)}  # fmt: skip
    for measure, told in tells.items():
        if told.any():
            yield _row(segment, measure, "", who[told].nunique(), who.nunique(), said.loc[told, "unit_id"].tolist())


def _row(segment: str, measure: str, value: str, n: int, of: int, ids: list[str]) -> tuple[object, ...]:
    return segment, measure, value, n, of, n / of if of else float("nan"), *wilson(n, of), ids
