"""The four links of a purchase: person, item, tool and money, and where they are missing."""

from __future__ import annotations

import pandas as pd

from cjmlab.tables import need_columns

LINKS = ("person", "item", "tool", "money")


def missing_links(events: pd.DataFrame) -> pd.DataFrame:
    """Tell stage by stage which links of the purchase chain the events carry, and which are missing.

    Parameters
    ----------
    events : DataFrame
        ``stage`` and any of ``person`` (staff met), ``item`` (product), ``tool`` (digital tool), ``money`` (value).

    Returns
    -------
    DataFrame
        One row a stage and link: ``stage`` (missing for events of no stage), ``link``, ``n`` (events), ``missing``
        (events without it), ``share`` (missing of n, 0 to 1), ``first`` (id of the first event without it).

    Examples
    --------
    >>> log = pd.DataFrame({"event_id": ["1", "2"], "stage": ["buy", "buy"], "item": ["fish", None], "money": [9.5, 3.0]})
    >>> table = missing_links(log)
    >>> table.loc[table.missing > 0, ["link", "missing", "first"]].to_numpy().tolist()
    [['person', 2, '1'], ['item', 1, '2'], ['tool', 2, '1']]
    """
    need_columns("events", events, "stage")
    rows = []
    for stage, part in events.groupby("stage", sort=True, dropna=False):
        for link in LINKS:
            gone = part[link].isna() if link in part else pd.Series(True, index=part.index)
            first = part.loc[gone, "event_id"].iloc[0] if gone.any() and "event_id" in part else None
            rows.append((stage, link, len(part), int(gone.sum()), round(float(gone.mean()), 4), first))
    return pd.DataFrame(rows, columns=["stage", "link", "n", "missing", "share", "first"])
