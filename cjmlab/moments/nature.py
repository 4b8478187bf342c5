"""What kind of moment of truth it is: critical, where good and bad do not weigh the same, or make-or-break."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.moments.asymmetry import LABEL_FROM, make_or_break, penalty_reward

Floats = NDArray[np.float64]
NATURE = ["asymmetry", "make_or_break", "after_bad", "after_good"]
_LEAST = 50


def detractor_cut(values: pd.Series, scale: object = None) -> float:
    """Return the outcome up to which a customer counts as lost: 6 of 10, else what lies below the middle of the scale.

    Examples
    --------
    >>> detractor_cut(pd.Series([3.0, 9.0]), "0-10"), round(detractor_cut(pd.Series([0.0, 1.0]), "0-1"), 3)
    (6.0, 0.5)
    """
    ends = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*[-–]\s*(-?\d+(?:\.\d+)?)\s*", str(scale))
    low, high = sorted(map(float, ends.groups())) if ends else (float(values.min()), float(values.max()))
    return 6.0 if (low, high) == (0.0, 10.0) else float(np.nextafter((low + high) / 2, -np.inf))


def name_nature(X: pd.DataFrame, y: Floats, cut: float) -> pd.DataFrame:
    """Say of each touchpoint whether it is critical and whether it makes or breaks.

    Critical is a touchpoint whose good and bad experiences do not weigh the same (penalty–reward contrast, q at most
    .10): a must-be or a delighter. It is told from 800 customers on. Make-or-break is one after which losing a customer
    is at least 25 points likelier if it was bad than if it was good, the interval of the difference above zero.

    Parameters
    ----------
    X : DataFrame (customers, touchpoints)
        Experience on −1 … 1, NaN where not made.
    y : array (customers,)
        Outcome.
    cut : float
        Outcome up to which a customer counts as lost.

    Returns
    -------
    DataFrame
        ``touchpoint``, ``asymmetry`` (must-be, delighter or an empty text), ``make_or_break``, ``after_bad`` and
        ``after_good`` (shares lost).
    """
    table = make_or_break(X, y, detractor=cut)
    use = [name for name in X.columns if X[name].notna().sum() >= _LEAST and X[name].std() > 1e-9]
    kinds: dict[str, str] = {}
    if len(y) >= LABEL_FROM and use and np.std(y) > 1e-12:
        found = penalty_reward(X[use], y)
        kinds = {name: kind for name, kind in zip(found["touchpoint"], found["kind"], strict=True)
                 if kind in ("must-be", "delighter")}  # fmt: skip
    return table.assign(asymmetry=[kinds.get(name, "") for name in table["touchpoint"]])[["touchpoint", *NATURE]]
