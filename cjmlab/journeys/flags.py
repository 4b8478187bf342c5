"""What stands out on a curve: polarised touchpoints, peaks and troughs, and how sure the lowest point is."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.journeys.intervals import customer_resamples, wilson
from cjmlab.journeys.members import Membership

Floats = NDArray[np.float64]
_MIDDLE = 0.34
_EXTREME_SHARE = 0.25
_LEAST = 20
_STAND_OUT = 0.2


def flag_polarised(voices: pd.DataFrame, members: Membership) -> pd.DataFrame:
    """Flag cells in which customers fall into two camps and few stand between.

    A cell of at least 20 customers is polarised when a quarter or more are in the lower third of the scale, a quarter
    or more in the upper third, and the middle is surely (Wilson, 95 %) emptier than either.

    Returns
    -------
    DataFrame
        ``segment``, ``touchpoint``, ``polarised``.
    """
    table = voices.assign(segment=voices["customer"].map(members.modal))
    table = table[table["segment"].notna()]
    by = ["segment", "touchpoint"]
    low, high = is_extreme(table["score"].to_numpy(dtype=float))
    shares = table.assign(low=low, high=high).groupby(by)
    found = shares.agg(low=("low", "mean"), high=("high", "mean"), n=("score", "size")).reset_index()
    found["polarised"] = are_polarised(found["low"], found["high"], found["n"])
    return found[[*by, "polarised"]]


def are_polarised(low: pd.Series, high: pd.Series, n: pd.Series) -> pd.Series:
    """Tell which cells are polarised from the shares of their voices in the lower and the upper third, and their n."""
    least = pd.concat([low, high], axis=1).min(axis=1)
    middle = (1 - low - high).clip(lower=0)
    most = [wilson(share * size, size)[1] for share, size in zip(middle, n, strict=True)]
    return n.ge(_LEAST) & least.ge(_EXTREME_SHARE) & (np.array(most) < least)


def is_extreme(score: Floats) -> tuple[Floats, Floats]:
    """Tell which scores lie in the lower and in the upper third of the scale, as 0 and 1."""
    return (score < -_MIDDLE).astype(float), (score > _MIDDLE).astype(float)


def lowest_shares(
    voices: pd.DataFrame, members: Membership, *, resamples: int = 200, worst: bool = True
) -> pd.DataFrame:
    """Say how often each touchpoint is the lowest of its segment when customers are drawn anew.

    Returns
    -------
    DataFrame
        ``segment``, ``touchpoint``, ``lowest`` (share of resamples, adds up to 1 in a segment).
    """
    parts: list[pd.DataFrame] = []
    for name, weight in zip(members.names, members.of(voices["customer"]).T, strict=True) if resamples else ():
        inside = voices.assign(weight=voices["weight"] * weight)[weight > 0]
        if inside.empty:
            continue
        inside = inside.assign(product=inside["score"] * inside["weight"])
        sums, totals = (
            inside.pivot_table(index="customer", columns="touchpoint", values=value, aggfunc="sum", fill_value=0.0)
            for value in ("product", "weight")
        )
        draws = customer_resamples(len(sums), resamples)
        with np.errstate(invalid="ignore", divide="ignore"):
            means = (draws @ sums.to_numpy(dtype=float)) / (draws @ totals.to_numpy(dtype=float))
        means = np.where(np.isnan(means), np.inf, means if worst else -means).round(12)
        share = np.bincount(means.argmin(axis=1), minlength=sums.shape[1]) / resamples
        parts.append(pd.DataFrame({"segment": name, "touchpoint": sums.columns, "lowest": share}))
    if not parts:
        return pd.DataFrame({"segment": [], "touchpoint": [], "lowest": []}).astype(
            {"segment": object, "touchpoint": object}
        )
    return pd.concat(parts, ignore_index=True)


def stand_out(table: pd.DataFrame) -> pd.Series:
    """Mark peaks and troughs: beyond the segment's mean by a fifth of a standard deviation with probability over .95.

    Parameters
    ----------
    table : DataFrame
        ``segment``, ``experience``, ``se``, ``spread``.

    Returns
    -------
    Series of str
        ``peak``, ``trough`` or an empty text.
    """
    from scipy.stats import norm

    middle = table.groupby("segment")["experience"].transform("mean")
    margin = _STAND_OUT * table["spread"]
    se = table["se"].clip(lower=1e-9)
    result = pd.Series("", index=table.index, dtype=object)
    result[norm.cdf((middle - margin - table["experience"]) / se) > 0.95] = "trough"
    result[norm.cdf((table["experience"] - middle - margin) / se) > 0.95] = "peak"
    return result.where(table["experience"].notna(), "")
