"""Importance against performance: the IPA quadrants and Ulwick's opportunity score, as views on the same numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError


def ulwick_opportunity(importance: float, satisfaction: float) -> float:
    """Return Ulwick's opportunity score: importance plus what it exceeds satisfaction by; both from 0 to 10.

    Examples
    --------
    >>> ulwick_opportunity(9, 3), ulwick_opportunity(5, 8)
    (15, 5)
    """
    for value in (importance, satisfaction):
        if not 0 <= value <= 10:
            raise CjmError(f"{value} is not between 0 and 10", remedy="Ulwick's scores are ten times a share.")
    return importance + max(importance - satisfaction, 0)


def ulwick_band(score: float) -> str:
    """Name the band of an opportunity score.

    Examples
    --------
    >>> [ulwick_band(score) for score in (16, 12.5, 11, 8)]
    ['extreme', 'high', 'solid', 'served']
    """
    return "extreme" if score >= 15 else "high" if score >= 12 else "solid" if score >= 10 else "served"


def importance_performance(drivers: pd.DataFrame, journeys: pd.DataFrame, *, segment: str) -> pd.DataFrame:
    """Set importance (derived) against performance, by touchpoint of a segment.

    Parameters
    ----------
    drivers : DataFrame
        ``touchpoint`` and ``share``: the table of one entry of ``rank_moments(…).about["drivers"]``. A column
        ``stated`` (0 to 10) is carried along, to plot stated against derived importance.
    journeys : DataFrame
        From ``derive_journeys``.

    Returns
    -------
    DataFrame
        ``touchpoint``, ``importance`` (share of the explained variance), ``experience``, ``quadrant`` (fix first, keep
        up, low priority, overkill; the lines are the means), ``opportunity`` (Ulwick, importance and satisfaction
        scaled to 0 … 10), ``band``.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": list("abab"), "stage": "use", "touchpoint": ["app", "app", "call", "call"],
    ...     "rating": [-0.5, -1.0, 0.5, 1.0]})
    >>> drivers = pd.DataFrame({"touchpoint": ["app", "call"], "share": [0.7, 0.3]})
    >>> found = cjm.importance_performance(drivers, cjm.derive_journeys(said), segment="All customers")
    >>> found[["touchpoint", "quadrant", "opportunity"]].round(1).values.tolist()
    [['app', 'fix first', 20.0], ['call', 'overkill', 4.3]]
    """
    cells = journeys[journeys["segment"].eq(segment) & journeys["n"].gt(0)]
    wanted = [name for name in ("touchpoint", "share", "stated") if name in drivers]
    table = drivers[wanted].merge(cells[["touchpoint", "experience", "share_positive"]], on="touchpoint")
    table = table.rename(columns={"share": "importance"})
    vital, good = table["importance"] >= table["importance"].mean(), table["experience"] >= table["experience"].mean()
    table["quadrant"] = np.select([vital & ~good, vital & good, ~vital & ~good], ["fix first", "keep up", "low priority"],
                                  "overkill")  # fmt: skip
    top = max(float(table["importance"].max()), 1e-12) if len(table) else 1.0
    scores = [ulwick_opportunity(10 * i / top, 10 * min(max(s, 0.0), 1.0))
              for i, s in zip(table["importance"], table["share_positive"].fillna(0.0), strict=True)]  # fmt: skip
    table["opportunity"], table["band"] = scores, [ulwick_band(score) for score in scores]
    return table.drop(columns="share_positive").sort_values("opportunity", ascending=False).reset_index(drop=True)
