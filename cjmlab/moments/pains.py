"""Pains and delights: where a segment is surely below, or surely above, neutral, and how many feel it."""

from __future__ import annotations

import numpy as np
import pandas as pd

SURE = 0.9
TOLD = 0.15
REACH = 0.1
WITHHELD = 5


def find_pains(journeys: pd.DataFrame, told: pd.DataFrame, *, delight: bool = False) -> pd.DataFrame:
    """Find the pains (or delights) of each segment, the most severe first.

    A touchpoint is a pain when its experience is below neutral with probability of at least .9, or when at least 15 %
    of the customers who speak of it tell of a pain; and when at least a tenth of the segment gets there. Severity is
    how far below neutral × reach × share of negative answers. Delights mirror this.

    Parameters
    ----------
    journeys : DataFrame
        ``experience``, ``se``, ``reach``, ``share_negative``, ``n``, ``customers``.
    told : DataFrame
        From ``count_told``: ``segment``, ``touchpoint``, ``share`` of speakers who tell of one, ``tellers``.
    delight : bool
        Look for the good side.

    Returns
    -------
    DataFrame
        ``segment``, ``stage``, ``touchpoint``, ``n``, ``experience``, ``certainty`` (of being beyond neutral),
        ``share``, ``tellers``, ``reach``, ``severity`` (0 to 1), ``rank`` (1 is the most severe).
    """
    from scipy.stats import norm

    sign = -1.0 if delight else 1.0
    table = journeys[(journeys["n"] > 0) & (journeys["customers"] >= WITHHELD)].copy()
    table = table.merge(told, on=["segment", "touchpoint"], how="left")
    table[["share", "tellers", "speakers"]] = table[["share", "tellers", "speakers"]].fillna(0.0)
    table["depth"] = -sign * table["experience"]
    table["certainty"] = np.where(table["se"] > 0, norm.cdf(table["depth"] / table["se"].clip(lower=1e-9)),
                                  (table["depth"] > 0).astype(float))  # fmt: skip
    often = table["share_negative"] if not delight else table["share_positive"]
    reach = table["reach"].fillna(1.0)
    surely = table["certainty"].ge(SURE)
    often_told = table["share"].ge(TOLD) & table["tellers"].ge(WITHHELD) & table["speakers"].ge(30)
    table["severity"] = (table["depth"].clip(lower=0) * reach * often).round(10)
    found = table[(surely | (often_told & table["depth"].gt(0))) & reach.ge(REACH)].copy()
    found = found.sort_values(["segment", "severity", "depth", "touchpoint"], ascending=[True, False, False, True])
    return found.assign(rank=rank_within(found, ["segment"])).reset_index(drop=True)


def rank_within(table: pd.DataFrame, by: list[str]) -> list[int]:
    """Return the number of each row in its group, from 1 in the order given; no rows give no numbers."""
    return (table.groupby(by).cumcount() + 1).tolist() if len(table) else []


def count_told(rows: pd.DataFrame, *, lane: str, band: float) -> pd.DataFrame:
    """Count, by segment and touchpoint, the customers who speak in words and those who tell of a pain or a delight.

    Parameters
    ----------
    rows : DataFrame
        Scored rows with ``segment``.
    lane : str
        ``pain`` or ``delight``.
    band : float
        The edge of the neutral band beyond which words without a lane count.
    """
    empty = pd.DataFrame({"segment": [], "touchpoint": [], "share": [], "tellers": [], "speakers": []})
    empty = empty.astype({"segment": object, "touchpoint": object})
    if "text" not in rows:
        return empty
    said = rows[rows["text"].notna() & rows["touchpoint"].notna() & rows["segment"].notna() & rows["sentiment"].notna()]
    if said.empty:
        return empty
    beyond = said["sentiment"].lt(band) if lane == "pain" else said["sentiment"].gt(band)
    said = said.assign(
        hit=said["lane"].eq(lane) | (beyond & ~said["lane"].isin(["expectation", "idea", "trigger"])),
        who=said["customer_id"].astype(object).where(said["customer_id"].notna(), said["unit_id"]),
    )
    once = said.groupby(["segment", "touchpoint", "who"])["hit"].max()
    table = once.groupby(["segment", "touchpoint"]).agg(tellers="sum", speakers="size").reset_index()
    return table.assign(share=table["tellers"] / table["speakers"])
