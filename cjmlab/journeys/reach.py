"""How many get there and how many stop: reach of touchpoints and stages, and drop-off between stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.journeys.members import Membership
from cjmlab.journeys.ordering import Columns, sort_events


@dataclass(frozen=True)
class Reach:
    """Reach by touchpoint and by stage, and what it was counted from (``events``, ``feedback`` or ``nothing``)."""

    touchpoints: pd.DataFrame
    stages: pd.DataFrame
    basis: str
    notes: tuple[str, ...] = ()


def measure_reach(
    visits: pd.DataFrame, members: Membership, order: dict[str, int], *, basis: str, open_customers: frozenset[str]
) -> Reach:
    """Count reach and drop-off per segment.

    Reach of a touchpoint or stage is the share of the segment's observed customers who were there. Drop-off of a stage
    is the share of those who were there, in a journey that has ended, who were in no later stage; a journey that is
    still open is not drop-off. A stage that is recorded of nobody has no reach, and behind the last recorded stage
    nobody is known to drop off.

    Parameters
    ----------
    visits : DataFrame
        ``customer``, ``touchpoint`` and ``stage``, one row or more a visit.
    members : Membership
        Weights of customers in segments.
    order : mapping
        Stage id → position.
    basis : str
        ``events`` or ``feedback``.
    open_customers : frozenset of str
        Customers whose journey is still open.
    """
    touchpoints, stages = [], []
    codes, people = pd.factorize(visits["customer"])  # numbers are counted several times faster than names
    visits = visits.assign(customer=codes)[codes >= 0].drop_duplicates(["customer", "touchpoint", "stage"])
    recorded = frozenset(visits["stage"].dropna())
    home = members.modal.reindex(people).to_numpy(dtype=object)[visits["customer"]]
    still_open = np.flatnonzero(pd.Index(people).isin(open_customers))
    for segment in members.names:
        inside = visits[home == segment]
        base = inside["customer"].nunique()
        counts = inside.groupby("touchpoint")["customer"].nunique()
        touchpoints.append(
            pd.DataFrame({"segment": segment, "touchpoint": counts.index, "reach_n": counts.to_numpy(),
                          "reach": counts.to_numpy() / max(base, 1)})
        )  # fmt: skip
        stages.append(_stage_rows(inside, segment, base, order, still_open, recorded))
    return Reach(pd.concat(touchpoints, ignore_index=True), pd.concat(stages, ignore_index=True), basis)


def _stage_rows(
    inside: pd.DataFrame, segment: str, base: int, order: dict[str, int], still_open: NDArray[Any],
    recorded: frozenset[str],
) -> pd.DataFrame:  # fmt: skip
    place = inside["stage"].map(order)
    table = inside.assign(place=place)[place.notna()]
    last = table.groupby("customer")["place"].max()
    closed = ~last.index.isin(still_open)
    last_recorded = max((position for stage, position in order.items() if stage in recorded), default=-1)
    rows = []
    for stage, position in order.items():
        there = pd.Index(table.loc[table["place"].eq(position), "customer"].unique())
        ended = last[closed & last.index.isin(there)]
        drop = float((ended <= position).mean()) if len(ended) and position < last_recorded else np.nan
        reach = len(there) / base if base and stage in recorded else np.nan
        rows.append((segment, stage, position, len(there), reach, drop, len(ended)))
    columns = ["segment", "stage", "position", "customers", "reach", "drop_off", "ended"]
    return pd.DataFrame(rows, columns=columns)


def open_journeys(events: pd.DataFrame, *, after: pd.Timedelta | None = None) -> frozenset[str]:
    """Return the customers whose journey may still go on when the log ends.

    A journey is open when the customer's last event lies within ``after`` of the end of the log. When ``after`` is
    None it is the 95th percentile of the gaps between two events of one customer in this log.
    """
    if events.empty:
        return frozenset()
    times = pd.to_datetime(events["time"], utc=True, format="mixed").dt.as_unit("us")
    codes, people = pd.factorize(events["customer_id"].astype(str), sort=True)
    if after is None:
        after = gap_threshold(codes, times.astype("int64").to_numpy())
    if after is None:
        return frozenset()
    last = times.groupby(people[codes]).max()
    return frozenset(last.index[(times.max() - last) < after])


def gap_threshold(customer: NDArray[Any], time: NDArray[Any]) -> pd.Timedelta | None:
    """Return the 95th percentile of the gaps between two events of one customer; None where nobody has two.

    Parameters
    ----------
    customer : array of int
        Codes of customers.
    time : array of int
        Microseconds.
    """
    nothing = np.zeros(len(time), dtype=np.int8)
    events = Columns(
        np.asarray(customer, dtype=np.int64), time, nothing, nothing, nothing, nothing.astype(float), (1, 1, 1)
    )
    _, who, moments = sort_events(events)
    gaps = np.diff(moments)[np.diff(who) == 0]
    return pd.Timedelta(int(np.quantile(gaps, 0.95)), unit="us") if len(gaps) else None
