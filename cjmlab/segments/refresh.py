"""Segments over time: typing new customers, matching two segmentations, and saying when to segment again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.segments.models import Labels
from cjmlab.segments.reading import Floats
from cjmlab.segments.stability import adjusted_rand

if TYPE_CHECKING:
    from cjmlab.segments.segmentation import Segmentation

RESEGMENT = 0.7


def type_customers(segments: Segmentation, customers: pd.DataFrame) -> tuple[Labels, Floats]:
    """Return segment numbers and class probabilities of customers, missing answers left out of the likelihood.

    Raises
    ------
    CjmError
        When the segments were given without any active column, or the table has none of the active columns.
    """
    known = [plan.column for plan in segments.space.active if plan.column in customers.columns]
    if segments.mixture is None or not known:
        names = ", ".join(plan.column for plan in segments.space.active[:8]) or "no column"
        raise CjmError("these customers cannot be typed", where="predict",
                       remedy=f"The segments were formed by {names}.")  # fmt: skip
    posterior = segments.mixture.posteriors(segments.space.mixed(segments.space.raw(customers)))
    return np.asarray(posterior.argmax(axis=1), dtype=np.int64), posterior


def match_segments(table: Floats) -> list[tuple[int, int]]:
    """Match the rows to the columns of a table of counts, one to one, so that most customers stay together.

    Examples
    --------
    >>> match_segments(np.array([[1.0, 9.0], [8.0, 0.0]]))
    [(0, 1), (1, 0)]
    """
    from scipy.optimize import linear_sum_assignment

    union = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
    rows, columns = linear_sum_assignment(-table / np.maximum(union, 1))
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True)]


def _crossing(segments: Segmentation, other: Segmentation) -> tuple[Labels, Labels]:
    """Return both memberships of the customers they share, else of the other's customers, typed by ours."""
    mine = pd.Series(segments.assigned, index=segments.members["customer_id"])
    theirs = pd.Series(other.assigned, index=other.members["customer_id"])
    shared = theirs.index.intersection(mine.index)
    if len(shared) >= max(10, 0.5 * min(len(mine), len(theirs))):
        return mine.loc[shared].to_numpy(dtype=np.int64), theirs.loc[shared].to_numpy(dtype=np.int64)
    return type_customers(segments, other.customers)[0], other.assigned


def compare_segments(segments: Segmentation, other: Segmentation) -> pd.DataFrame:
    """Match two segmentations and return one row a segment of the first.

    Returns
    -------
    DataFrame
        segment, other (its match, missing when it has none), jaccard (of the members), share, other_share, change,
        and ari, the agreement of the two as a whole.
    """
    here, there = _crossing(segments, other)
    table = np.zeros((segments.n_segments, other.n_segments))
    np.add.at(table, (here, there), 1)
    match = dict(match_segments(table))
    shares, other_shares = segments.summary["share"].to_numpy(), other.summary["share"].to_numpy()
    ari = adjusted_rand(here, there)
    rows = []
    for place, name in enumerate(segments.names):
        to = match.get(place)
        union = table[place].sum() + table[:, to].sum() - table[place, to] if to is not None else 0.0
        rows.append({
            "segment": name, "other": other.names[to] if to is not None else None,
            "jaccard": table[place, to] / union if to is not None and union else np.nan, "share": shares[place],
            "other_share": other_shares[to] if to is not None else np.nan,
            "change": other_shares[to] - shares[place] if to is not None else np.nan, "ari": ari,
        })  # fmt: skip
    return pd.DataFrame(rows)


def named_like(segments: Segmentation, other: Segmentation) -> Segmentation:
    """Return the segments under the names of their matches in another segmentation."""
    pairs = compare_segments(segments, other).dropna(subset=["other"])
    chosen = dict(zip(pairs["segment"], pairs["other"], strict=True))
    labels = {}
    for name, label in segments.labels.items():
        key = chosen.get(name, name)
        while key in labels:
            key += " *"
        labels[key] = other.labels.get(key, label)
    return replace(segments, labels=labels)


@dataclass(frozen=True, eq=False)
class Drift:
    """How a later wave fits the segments of an earlier one.

    Parameters
    ----------
    table : DataFrame
        One row a segment: segment, share, new_share, change, low, high (95 %), p, q (Benjamini–Hochberg).
    certainty, new_certainty : float
        Mean posterior then and now.
    refit_ari : float
        Agreement of the typed segments with segments found anew in the new customers.
    verdict : str
        One sentence.
    """

    table: pd.DataFrame
    certainty: float
    new_certainty: float
    refit_ari: float
    verdict: str


def measure_drift(segments: Segmentation, customers: pd.DataFrame, *, random_state: int = 0) -> Drift:
    """Type new customers with the old segments, test the shares, and find the segments anew to see if they still hold."""
    from scipy.stats import false_discovery_control

    from cjmlab.segments.partition import fit_partition

    typed, posterior = type_customers(segments, customers)
    n, m, k = len(segments.assigned), len(typed), segments.n_segments
    before = np.bincount(segments.assigned, minlength=k) / n
    now = np.bincount(typed, minlength=k) / m
    pooled = (before * n + now * m) / (n + m)
    error = np.sqrt(before * (1 - before) / n + now * (1 - now) / m)
    p = _two_shares(before, now, pooled, n, m)
    table = pd.DataFrame({
        "segment": segments.names, "share": before, "new_share": now, "change": now - before,
        "low": now - before - 1.96 * error, "high": now - before + 1.96 * error, "p": p,
        "q": false_discovery_control(p),
    })  # fmt: skip
    again = fit_partition(segments.space, segments.space.raw(customers), k, random_state=random_state)
    ari = adjusted_rand(typed, again.assigned) if k > 1 else 1.0
    certainty = float(segments.posterior.max(axis=1).mean())
    new_certainty = float(posterior.max(axis=1).mean())
    moved = int((table["q"] <= 0.05).sum())
    verdict = (
        f"{moved} of {k} segments changed their share; mean certainty {certainty:.2f} then, {new_certainty:.2f} now; "
    )
    verdict += f"found anew, the segments agree with ARI {ari:.2f}: "
    verdict += "segment again." if ari < RESEGMENT else "the segments still hold."
    return Drift(table, certainty, new_certainty, ari, verdict)


def _two_shares(before: Floats, now: Floats, pooled: Floats, n: int, m: int) -> Floats:
    from scipy.special import ndtr

    error = np.sqrt(np.maximum(pooled * (1 - pooled) * (1 / n + 1 / m), 1e-12))
    return np.asarray(2 * ndtr(-np.abs(now - before) / error))
