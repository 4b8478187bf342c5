"""Experience of each segment at each touchpoint: mean of customers, pooled, with an interval that holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.journeys.members import Membership
from cjmlab.journeys.pooling import pool_cells

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_PRIOR_CUSTOMERS = 10.0
_TEXTS = ("segment", "touchpoint")
_COLUMNS = (*_TEXTS, "raw", "spread", "effective", "experience", "se", "low", "high")


def measure_cells(voices: pd.DataFrame, members: Membership, *, pooling: bool = True) -> pd.DataFrame:
    """Measure the experience of every segment × touchpoint that somebody speaks of.

    A customer counts once a touchpoint. The variance within a cell leans on the variance within all cells with the
    weight of ten customers, so that three equal answers are not taken for certainty.

    Parameters
    ----------
    voices : DataFrame
        From ``gather_voices``.
    members : Membership
        Weights of customers in segments.
    pooling : bool
        Whether small cells lean on their segment and touchpoint (see ``pool_cells``).

    Returns
    -------
    DataFrame
        ``segment``, ``touchpoint``, ``raw`` (mean), ``spread`` (standard deviation between customers), ``effective``
        (customers that the weights amount to), ``experience``, ``se``, ``low``, ``high`` (95 %, within −1 … 1).
    """
    if voices.empty:
        return pd.DataFrame({name: np.array([], dtype=object if name in _TEXTS else float) for name in _COLUMNS})
    touchpoints = np.array(sorted(voices["touchpoint"].unique()), dtype=object)
    column = np.searchsorted(touchpoints.astype(str), voices["touchpoint"].to_numpy(dtype=str))
    W = members.of(voices["customer"]) * voices["weight"].to_numpy()[:, None]
    score = voices["score"].to_numpy()[:, None]
    total, squared, first = (_sum(part, column, len(touchpoints)) for part in (W, W**2, W * score))
    centre = np.divide(first, total, out=np.zeros_like(first), where=_used(total, squared))
    apart = _sum(W**2 * (score - centre.T[column]) ** 2, column, len(touchpoints))
    sums = CellSums(members.names, touchpoints, total, squared, centre, apart)
    return settle_cells(sums, pooling=pooling)


@dataclass(frozen=True, eq=False)
class CellSums:
    """What the cells are settled from; every array is (segments, touchpoints).

    ``total`` and ``squared`` sum the weights of voices and their squares, ``centre`` is the weighted mean, ``apart``
    sums the squared weighted deviations from it.
    """

    names: tuple[str, ...]
    touchpoints: NDArray[np.object_]
    total: Floats
    squared: Floats
    centre: Floats
    apart: Floats


def settle_cells(sums: CellSums, *, pooling: bool = True) -> pd.DataFrame:
    """Turn the sums over voices into means with intervals; see ``measure_cells`` for what it returns."""
    total, squared = sums.total, sums.squared
    used = _used(total, squared)
    rows, columns = np.nonzero(used)
    raw = sums.centre[used].clip(-1, 1)
    effective = total[used] ** 2 / squared[used]
    within = sums.apart[used] / squared[used] * effective
    pooled = within.sum() / max(float((effective - 1).clip(0).sum()), 1.0)
    variance = (within + _PRIOR_CUSTOMERS * pooled) / np.maximum(effective - 1 + _PRIOR_CUSTOMERS, 1.0)
    error = variance / effective
    known = float((effective - 1).clip(0).sum()) > 0
    result = pd.DataFrame({"segment": np.array(sums.names, dtype=object)[rows], "touchpoint": sums.touchpoints[columns],
                           "raw": raw, "spread": np.sqrt(variance), "effective": effective})  # fmt: skip
    if pooling and known:
        cells = pool_cells(raw, error, rows, columns)
        result["experience"], result["se"] = cells.mean, cells.se
    else:
        result["experience"] = raw
        result["se"] = np.sqrt(error) if known else np.nan
    result["experience"] = result["experience"].clip(-1, 1)
    result["low"] = (result["experience"] - 1.959964 * result["se"]).clip(-1, 1)
    result["high"] = (result["experience"] + 1.959964 * result["se"]).clip(-1, 1)
    return result


def _used(total: Floats, squared: Floats) -> Flags:
    """Tell which cells anybody speaks of."""
    return np.asarray((total > 1e-6) & (squared > 0))


def _sum(weights: Floats, column: NDArray[np.int64], count: int) -> Floats:
    """Sum weights (voices, segments) by touchpoint into (segments, touchpoints)."""
    return np.stack([np.bincount(column, part, minlength=count) for part in weights.T])


def zone(low: pd.Series, high: pd.Series, band: tuple[float, float]) -> pd.Series:
    """Say where an interval lies: below or above the neutral band, inside it, or not distinguishable.

    Examples
    --------
    >>> zone(pd.Series([-.5, .2, -.05, -.3]), pd.Series([-.2, .4, .05, .3]), (-.1, .1)).tolist()
    ['below', 'above', 'neutral', 'unclear']
    """
    result = pd.Series("unclear", index=low.index, dtype=object)
    result[(low >= band[0]) & (high <= band[1])] = "neutral"
    result[high < band[0]] = "below"
    result[low > band[1]] = "above"
    return result.where(low.notna() & high.notna(), "unclear")
