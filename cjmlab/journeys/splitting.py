"""Splitting long logs into journeys, by what happens and not by silence alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cjmlab.journeys.reach import gap_threshold
from cjmlab.tables import need_columns, need_times


def split_journeys(
    events: pd.DataFrame, stages: Sequence[str], *, timeout: pd.Timedelta | None = None, entry: int | None = None
) -> pd.DataFrame:
    """Split each customer's log into journeys.

    A new journey begins where the customer steps back to an entry stage and either the journey had come past the
    middle of the stages, or the silence is longer than ``timeout``. A long wait inside a journey, such as that for a
    delivery, does not split it; nor does looking around again before buying.

    Parameters
    ----------
    events : DataFrame
        ``customer_id``, ``time``, ``stage``.
    stages : sequence of str
        Stages in order.
    timeout : Timedelta, optional
        Silence that ends a journey when an entry stage follows; the 95th percentile of the log's gaps when None.
    entry : int, optional
        How many of the first stages are entry stages; a third of them, at least one, when None.

    Returns
    -------
    DataFrame
        The events in order with ``journey`` (number within the customer, from 1) and ``journey_id``.

    Examples
    --------
    >>> log = pd.DataFrame({"customer_id": "a", "stage": ["see", "buy", "use", "see", "buy"],
    ...     "time": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-02-20", "2026-02-21", "2026-02-22"])})
    >>> split_journeys(log, ["see", "buy", "use"])["journey"].tolist()
    [1, 1, 1, 2, 2]
    """
    need_columns("events", events, "customer_id", "time", "stage")
    place = {stage: i for i, stage in enumerate(stages)}
    time = need_times("events", events, "time")
    table = events.assign(_time=time, _place=events["stage"].map(place), _who=events["customer_id"].astype(str))
    table = table.sort_values(["_who", "_time", "_place"], kind="stable").reset_index(drop=True)
    who, _ = pd.factorize(table["_who"])
    moments = table["_time"].dt.as_unit("us").astype("int64").to_numpy()
    wait = timeout if timeout is not None else gap_threshold(who, moments)
    limit = np.inf if wait is None else wait.value / 1000
    doors = max(1, len(stages) // 3) if entry is None else entry
    journey = _number(who, moments, table["_place"].to_numpy(dtype=float), limit, doors, len(stages) // 2)
    table = table.drop(columns=["_time", "_place", "_who"]).assign(journey=journey)
    return table.assign(journey_id=table["customer_id"].astype(str) + "/" + table["journey"].astype(str))


def _number(who: np.ndarray, time: np.ndarray, place: np.ndarray, limit: float, doors: int, middle: int) -> list[int]:
    numbers, number, far = [], 1, -1.0
    for i in range(len(who)):
        if i == 0 or who[i] != who[i - 1]:
            number, far = 1, -1.0
        elif place[i] < doors and place[i] < far and (far >= max(middle, doors) or time[i] - time[i - 1] > limit):
            number, far = number + 1, -1.0
        far = np.fmax(far, place[i])
        numbers.append(number)
    return numbers
