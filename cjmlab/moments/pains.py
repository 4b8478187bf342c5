"""Pains and delights: where a segment is surely below, or surely above, neutral, and how many feel it."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

REACH = 0.1
WITHHELD = 5
SURE = 0.9
_DEVIATIONS = NormalDist().inv_cdf(SURE)


def find_pains(journeys: pd.DataFrame, *, delight: bool = False) -> pd.DataFrame:
    """Find the pains (or delights) of each segment, the most severe first.

    A touchpoint is a pain when its experience is below neutral with a probability of at least .9, at least five customers
    speak of it, and at least a tenth of the segment gets there. Severity is how far below neutral × reach × share of
    negative answers. Where nothing records who gets there, reach is the share who speak of the touchpoint, of those who
    speak of the segment's most spoken of. Delights mirror this.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    delight : bool
        Look for the good side.

    Returns
    -------
    DataFrame
        The cells that were found, with ``depth``, ``certainty`` (probability of being beyond neutral), ``severity``
        (0 to 1) and ``rank`` (1 is the most severe of its segment).
    """
    from scipy.stats import norm

    sign, often = (-1.0, "share_positive") if delight else (1.0, "share_negative")
    table = pd.DataFrame(journeys).assign(depth=-sign * journeys["experience"])
    table["certainty"] = norm.cdf(table["depth"] / table["se"].clip(lower=1e-9))
    beyond: pd.Series = is_beyond(table["depth"], table["se"])
    spoken = table["customers"] / table.groupby("segment")["customers"].transform("max").clip(lower=1)
    reach = table["reach"].fillna(spoken)
    table["severity"] = (table["depth"].clip(lower=0) * reach * table[often]).round(10)
    found = table[beyond & table["customers"].ge(WITHHELD) & reach.ge(REACH)]
    found = found.sort_values(["segment", "severity", "depth", "touchpoint"], ascending=[True, False, False, True])
    return found.assign(rank=rank_within(found, ["segment"])).reset_index(drop=True)


def is_beyond(depth: Any, se: Any) -> Any:
    """Tell whether an experience is beyond neutral with a probability of at least .9.

    Parameters
    ----------
    depth : float or Series
        How far below neutral (for pains) or above it (for delights).
    se : float or Series
        Its standard error.

    Examples
    --------
    >>> bool(is_beyond(0.2, 0.15)), bool(is_beyond(0.2, 0.16))
    (True, False)
    """
    return depth >= _DEVIATIONS * np.maximum(se, 1e-9)


def rank_within(table: pd.DataFrame, by: list[str]) -> list[int]:
    """Return the number of each row in its group, from 1 in the order given; no rows give no numbers."""
    return (table.groupby(by).cumcount() + 1).tolist() if len(table) else []
