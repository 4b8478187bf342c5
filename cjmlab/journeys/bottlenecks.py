"""Bottlenecks: the stages in which customers lose time and in which they are lost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.journeys.context import context_of
from cjmlab.journeys.intervals import Z95, wilson
from cjmlab.journeys.loops import stage_visits

_COLUMNS = [
    "segment",
    "stage",
    "customers",
    "hours",
    "low",
    "high",
    "time_share",
    "drop_off",
    "drop_low",
    "drop_high",
    "rank",
]


def find_bottlenecks(journeys: pd.DataFrame) -> pd.DataFrame:
    """Rank the stages of every segment by the time that passes in them and by how many do not go on.

    Time in a stage runs from entering it to entering the next; of a last visit it is not known. The rank is the mean of
    two: by the share of the segment's time and by drop-off.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, with events.

    Returns
    -------
    DataFrame
        ``segment``, ``stage``, ``customers`` (who went on), ``hours`` (median a visit) with ``low`` and ``high`` (95 %, order
        statistics), ``time_share`` (of all hours of the segment), ``drop_off`` with Wilson bounds, ``rank`` (1 is the
        narrowest). Empty without events.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> log = pd.DataFrame({"customer_id": list("aaabbb"), "stage": ["see", "buy", "use"] * 2,
    ...     "touchpoint": ["ad", "shop", "app"] * 2, "time": pd.to_datetime(["2026-01-01 08:00", "2026-01-01 09:00",
    ...     "2026-01-03 09:00", "2026-01-01 10:00", "2026-01-01 12:00", "2026-01-02 12:00"])})
    >>> said = pd.DataFrame({"customer_id": list("ab"), "stage": "use", "touchpoint": "app", "rating": [0.5, 0.0]})
    >>> journeys = cjm.derive_journeys(said, events=log, stage_model=["see", "buy", "use"])
    >>> cjm.find_bottlenecks(journeys)[["stage", "hours", "rank"]].values.tolist()
    [['buy', 36.0, 1], ['see', 1.5, 2]]
    """
    context = context_of(journeys)
    visits = stage_visits(context)
    if visits.empty:
        return pd.DataFrame({name: [] for name in _COLUMNS})
    then = visits.groupby("customer")["time"].shift(-1)
    visits = visits.assign(hours=(then - visits["time"]).dt.total_seconds() / 3600,
                           segment=visits["customer"].map(context.members.set_index("customer_id")["segment"]))  # fmt: skip
    timed = visits.dropna(subset=["hours", "segment"])
    drops = {(str(row["segment"]), str(row["stage"])): (float(row["drop_off"]), int(row["ended"]))
             for row in context.stages.to_dict("records")}  # fmt: skip
    rows = []
    for key, part in timed.groupby(["segment", "stage"]):
        segment, stage = map(str, key)
        total = float(timed.loc[timed["segment"].eq(segment), "hours"].sum())
        share, ended = drops.get((segment, stage), (np.nan, 0))
        bounds = (np.nan, np.nan) if np.isnan(share) else wilson(round(share * ended), ended)
        rows.append((segment, stage, part["customer"].nunique(), *_median(part["hours"].to_numpy(dtype=float)),
                     part["hours"].sum() / total if total else np.nan, share, *bounds))  # fmt: skip
    table = pd.DataFrame(rows, columns=_COLUMNS[:-1])
    ranks = table.groupby("segment")[["time_share", "drop_off"]].rank(ascending=False, na_option="bottom")
    table["rank"] = ranks.mean(axis=1).groupby(table["segment"]).rank(method="first").astype(int)
    place = {name: i for i, name in enumerate(dict.fromkeys(journeys["segment"]))}
    return table.sort_values(["segment", "rank"], key=lambda c: c.map(place) if c.name == "segment" else c).reset_index(
        drop=True
    )


def _median(hours: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float, float]:
    """Return the median and its interval from order statistics."""
    ordered, n = np.sort(hours), len(hours)
    reach = Z95 * np.sqrt(n) / 2
    low, high = int(np.floor(n / 2 - reach)), int(np.ceil(n / 2 + reach))
    if low < 0 or high >= n:
        return float(np.median(ordered)), np.nan, np.nan
    return float(np.median(ordered)), float(ordered[low]), float(ordered[high])
