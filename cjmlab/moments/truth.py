"""Moments of truth: touchpoints whose experience goes with the outcome, surely, strongly, and for enough people."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.moments.drivers import Drivers, measure_drivers, outcome_matrix
from cjmlab.moments.nature import NATURE, name_nature

Q_MOST = 0.10
CERTAIN = 0.95
REACH = 0.10
LEAST = 50
ALONE = 80
MOST = 5


def find_truth(
    journeys: pd.DataFrame,
    voices: pd.DataFrame,
    members: pd.Series,
    outcome: pd.Series,
    *,
    cut: float = 6.0,
    resamples: int = 400,
) -> tuple[pd.DataFrame, dict[str, Drivers], list[str]]:
    """Find moments of truth and candidates of every segment.

    A touchpoint is a moment of truth when (a) its effect given the others is positive with a Benjamini–Hochberg q of
    at most .10 (HC3), (b) its importance passes 1.5 times the even share in at least 95 % of resamples of customers,
    and (c) it reaches a tenth of the segment and 50 customers. With (c) and only one of (a) and (b) it is a candidate.
    A segment with fewer than 80 customers who gave the outcome borrows the effects of all customers, segment means
    removed; what it borrows can only be a candidate, and says so.

    Returns
    -------
    tuple
        The findings (``segment``, ``touchpoint``, ``kind``, ``effect``, ``low``, ``high``, ``q``, ``certainty``,
        ``share_explained``, ``n``, ``pooled``, and what ``name_nature`` says), the drivers of each segment, and notes as sentences.
    """
    touchpoints = list(dict.fromkeys(journeys.sort_values("position")["touchpoint"]))
    X, y = outcome_matrix(voices, outcome, touchpoints)
    segment = X.index.to_series().map(members)
    notes, found, drivers = [], [], {}
    together: list[Drivers | None] = []  # fitted once, and only when a segment is too small to stand alone
    for name in dict.fromkeys(journeys["segment"]):
        mine = (segment == name).to_numpy() if segment.notna().any() else np.ones(len(X), dtype=bool)
        own = measure_drivers(X[mine], y[mine], resamples=resamples) if mine.sum() >= ALONE else None
        if own is None and not together:
            together.append(_together(X, y, segment, resamples))
        used = own if own is not None else together[0]
        if used is None:
            notes.append(f"{name}: {int(mine.sum())} customers gave the outcome; at least {LEAST} are needed.")
            continue
        drivers[name] = used
        judged = _judge(used.table.assign(segment=name, pooled=own is None), journeys, X[mine])
        notes += _count(name, int(judged["kind"].eq("moment_of_truth").sum()))
        found.append(judged.merge(name_nature(X[mine], y[mine], cut), on="touchpoint", how="left"))
    columns = ["segment", "touchpoint", "kind", "effect", "low", "high", "q", "certainty", "share_explained", "n",
               "pooled", *NATURE]  # fmt: skip
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame({name: [] for name in columns})
    return table, drivers, notes


def _count(segment: str, moments: int) -> list[str]:
    if moments == 0:
        return [f"{segment}: no touchpoint passes both tests, so there is no moment of truth to name."]
    if moments > MOST:
        return [
            f"{segment}: {moments} touchpoints pass both tests; more than {MOST} moments are hardly moments of truth."
        ]
    return []


def _together(X: pd.DataFrame, y: np.ndarray, segment: pd.Series, resamples: int) -> Drivers | None:
    known = segment.notna().to_numpy()
    if not known.any():
        return measure_drivers(X, y, resamples=resamples)
    dummies = pd.get_dummies(segment[known]).to_numpy(dtype=float)
    return measure_drivers(X[known], y[known], groups=dummies, resamples=resamples)


def _judge(table: pd.DataFrame, journeys: pd.DataFrame, mine: pd.DataFrame) -> pd.DataFrame:
    cells = journeys.set_index(["segment", "touchpoint"])["reach"]
    reach = cells.reindex(pd.MultiIndex.from_frame(table[["segment", "touchpoint"]])).to_numpy()
    here = mine.notna().sum().reindex(table["touchpoint"]).to_numpy()
    enough = (np.nan_to_num(reach, nan=1.0) >= REACH) & (table["n"].to_numpy() >= LEAST) & (here >= 5)
    surely = (table["effect"] > 0) & (table["q"] <= Q_MOST)
    strongly = table["certainty"] >= CERTAIN
    kind = np.where(
        surely & strongly & enough, "moment_of_truth", np.where((surely | strongly) & enough, "candidate", "")
    )
    kind = np.where(table["effect"] > 0, kind, "")
    kind = np.where((kind != "") & table["pooled"], "candidate", kind)
    return table.rename(columns={"share": "share_explained"}).assign(kind=kind, n=here)
