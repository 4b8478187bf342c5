"""How long customers stay: a Kaplan–Meier curve, because most have not left when the log ends."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.journeys.context import context_of
from cjmlab.journeys.intervals import Z95
from cjmlab.journeys.reach import gap_threshold

Floats = NDArray[np.float64]
_COLUMNS = ["segment", "day", "at_risk", "left", "retained", "low", "high"]


def retention_curve(journeys: pd.DataFrame, *, silent: pd.Timedelta | None = None) -> pd.DataFrame:
    """Return the share of customers who are still there, by days since their first event (Kaplan and Meier 1958).

    A customer has left when nothing was heard of them for longer than ``silent`` before the log ends, on the day of the
    last event; the others are followed to their last event and then no more (censored).

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, with events.
    silent : Timedelta, optional
        Silence that counts as having left; the 95th percentile of the gaps between two events when None.

    Returns
    -------
    DataFrame
        ``segment``, ``day``, ``at_risk``, ``left``, ``retained``, ``low``, ``high`` (95 %, Greenwood on the log–log
        scale); one row a day on which somebody left. Empty without events.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> log = pd.DataFrame({"customer_id": list("aabbc"), "stage": "use", "touchpoint": "app",
    ...     "time": pd.to_datetime(["2026-01-01", "2026-01-03", "2026-01-01", "2026-03-01", "2026-03-01"])})
    >>> said = pd.DataFrame({"customer_id": list("ab"), "stage": "use", "touchpoint": "app", "rating": [-0.5, 0.5]})
    >>> journeys = cjm.derive_journeys(said, events=log)
    >>> found = cjm.retention_curve(journeys, silent=pd.Timedelta(days=30))
    >>> found[["day", "at_risk", "left", "retained"]].round(2).values.tolist()
    [[2.0, 2.0, 1.0, 0.5]]
    """
    context = context_of(journeys)
    events = context.events
    if events.empty:
        return pd.DataFrame({name: [] for name in _COLUMNS})
    time = pd.to_datetime(events["time"], utc=True)
    who = events["customer_id"].astype(str)
    codes = pd.factorize(who, sort=True)[0]
    wait = silent if silent is not None else gap_threshold(codes, time.dt.as_unit("us").astype("int64").to_numpy())
    spans = time.groupby(who).agg(["min", "max"])
    days = np.asarray((spans["max"] - spans["min"]).dt.total_seconds() // 86400, dtype=np.float64)
    gone = (time.max() - spans["max"] > wait).to_numpy() if wait is not None else np.zeros(len(spans), dtype=bool)
    home = spans.index.to_series().map(context.members.set_index("customer_id")["segment"])
    rows = []
    for segment in dict.fromkeys(journeys["segment"]):
        mine = home.eq(segment).to_numpy()
        rows += [(segment, *row) for row in kaplan_meier(days[mine], gone[mine])]
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"day": int, "at_risk": int, "left": int})


def kaplan_meier(days: Floats, gone: NDArray[np.bool_]) -> list[tuple[float, ...]]:
    """Return day, at risk, left, retained, low and high for every day on which somebody left.

    Examples
    --------
    >>> rows = kaplan_meier(np.array([1.0, 2, 2, 3, 4]), np.array([True, True, False, True, False]))
    >>> [(int(day), int(n), int(d), round(s, 3)) for day, n, d, s, _, _ in rows]
    [(1, 5, 1, 0.8), (2, 4, 1, 0.6), (3, 2, 1, 0.3)]
    """
    rows: list[tuple[float, ...]] = []
    stay, variance = 1.0, 0.0
    for day in np.unique(days[gone]):
        n, left = int((days >= day).sum()), int((gone & (days == day)).sum())
        stay *= 1 - left / n
        variance += left / (n * (n - left)) if n > left else 0.0
        low = high = np.nan
        if 0 < stay < 1:
            spread = np.exp(Z95 * np.sqrt(variance) / np.log(stay))
            low, high = sorted((stay**spread, stay ** (1 / spread)))
        rows.append((float(day), n, left, stay, low, high))
    return rows
