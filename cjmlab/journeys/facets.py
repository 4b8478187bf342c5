"""When, where and how customers act, and how their scores are spread behind a mean."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.journeys.context import context_of
from cjmlab.journeys.flags import are_polarised, is_extreme

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOURS = ("night", "morning", "afternoon", "evening")
_BINS = ("very low", "low", "middle", "high", "very high")
_EDGES = (-0.6, -0.2, 0.2, 0.6)


def count_facets(journeys: pd.DataFrame, *, by: str = "stage") -> pd.DataFrame:
    """Count events by when (part of the day, day of the week), where (channel) and how (tool).

    The day is that of the log's own clock: night is 0–6, morning 6–12, afternoon 12–18, evening 18–24. What is not
    recorded is counted as ``not recorded``, so that the counts of every facet add up to all events.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, with events.
    by : str
        ``stage`` or ``touchpoint``.

    Returns
    -------
    DataFrame
        ``segment``, ``by``, ``facet`` (part of day, weekday, where, how), ``value``, ``n``, ``share``. Empty without
        events.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> log = pd.DataFrame({"customer_id": list("ab"), "stage": "buy", "touchpoint": "shop", "channel": ["web",
    ...     "store"],
    ...     "time": pd.to_datetime(["2026-01-05 09:00", "2026-01-05 20:00"])})
    >>> said = pd.DataFrame({"customer_id": list("ab"), "stage": "buy", "touchpoint": "shop", "rating": [0.5, 1.0]})
    >>> facets = cjm.count_facets(cjm.derive_journeys(said, events=log))
    >>> facets[facets["facet"] == "part of day"][["stage", "value", "n", "share"]].values.tolist()
    [['buy', 'evening', 1, 0.5], ['buy', 'morning', 1, 0.5]]
    """
    context = context_of(journeys)
    columns = ["segment", by, "facet", "value", "n", "share"]
    events = context.events
    if by not in ("stage", "touchpoint"):
        raise TableError(f"{by!r} cannot be counted by", remedy=did_you_mean(by, ("stage", "touchpoint")))
    if events.empty:
        return pd.DataFrame({name: [] for name in columns})
    member = events["customer_id"].astype(str).map(context.members.set_index("customer_id")["segment"])
    time = pd.to_datetime(events["time"], utc=True)
    facets = {"part of day": np.array(_HOURS, dtype=object)[time.dt.hour // 6],
              "weekday": np.array(DAYS, dtype=object)[time.dt.day_of_week],
              "where": events.get("channel"), "how": events.get("tool")}  # fmt: skip
    own = pd.DataFrame({"segment": member, by: events[by].fillna("not recorded").astype(str)})
    parts = [own.assign(facet=name, value=pd.Series(values, events.index).fillna("not recorded").astype(str)
                        if values is not None else "not recorded") for name, values in facets.items()]  # fmt: skip
    table = pd.concat(parts, ignore_index=True).dropna(subset=["segment"])
    counts = table.groupby(["segment", by, "facet", "value"], as_index=False).size().rename(columns={"size": "n"})
    counts["share"] = counts["n"] / counts.groupby(["segment", by, "facet"])["n"].transform("sum")
    return counts[columns]


def score_distribution(journeys: pd.DataFrame, *, by: str = "stage") -> pd.DataFrame:
    """Return how the customers' scores are spread behind the mean of a stage or touchpoint, and which are polarised.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    by : str
        ``stage`` (a customer's mean over its touchpoints) or ``touchpoint``.

    Returns
    -------
    DataFrame
        ``segment``, ``by``, ``customers``, ``mean``, ``sd``, ``q10``, ``q25``, ``median``, ``q75``, ``q90``, shares of
        five equal parts of the scale (``very low`` … ``very high``, they add up to 1), ``polarised``.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": list("abcd"), "stage": "use", "touchpoint": "app",
    ...     "rating": [-1.0, -1.0, 1.0, 1.0]})
    >>> cjm.score_distribution(cjm.derive_journeys(said))[["mean", "very low", "middle", "very high"]].values.tolist()
    [[0.0, 0.5, 0.0, 0.5]]
    """
    if by not in ("stage", "touchpoint"):
        raise TableError(f"{by!r} cannot be spread by", remedy=did_you_mean(by, ("stage", "touchpoint")))
    context = context_of(journeys)
    voices = context.voices.assign(
        segment=context.voices["customer"].map(context.members.set_index("customer_id")["segment"])
    )
    if by == "stage":
        voices["stage"] = voices["touchpoint"].map(context.overall.set_index("touchpoint")["stage"])
    each = voices.dropna(subset=["segment", by]).groupby(["segment", by, "customer"], as_index=False)["score"].mean()
    low, high = is_extreme(each["score"].to_numpy(dtype=float))
    each = each.assign(lower=low, upper=high, bin=np.searchsorted(_EDGES, each["score"].to_numpy(dtype=float), "right"))
    groups = each.groupby(["segment", by])
    table = groups.agg(customers=("score", "size"), mean=("score", "mean"), sd=("score", "std"), lower=("lower", "mean"),
                       upper=("upper", "mean"))  # fmt: skip
    for name, part in {"q10": 0.1, "q25": 0.25, "median": 0.5, "q75": 0.75, "q90": 0.9}.items():
        table[name] = groups["score"].quantile(part)
    for i, name in enumerate(_BINS):
        table[name] = each["bin"].eq(i).groupby([each["segment"], each[by]]).mean()
    table["polarised"] = are_polarised(table["lower"], table["upper"], table["customers"])
    place = {name: i for i, name in enumerate(dict.fromkeys(context.overall.sort_values("position")[by]))}
    order = {name: i for i, name in enumerate(dict.fromkeys(journeys["segment"]))}
    table = table.drop(columns=["lower", "upper"]).reset_index()
    ranks = table["segment"].map(order), table[by].map(place)
    return pd.DataFrame(table.iloc[np.lexsort(ranks[::-1])]).reset_index(drop=True)
