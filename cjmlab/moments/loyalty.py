"""Loyalty in numbers: NPS, CSAT and CES, each with an interval that holds at small n."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.journeys.intervals import Z95, wilson
from cjmlab.tables import open_table


def nps(answers: Iterable[float]) -> dict[str, float]:
    """Return the Net Promoter Score of answers from 0 to 10 with an adjusted-Wald interval.

    The interval adds three answers: three quarters of a promoter, three quarters of a detractor, the rest passive
    (Rocks 2016); it covers .93 to .97 from ten answers on.

    Returns
    -------
    dict
        ``nps``, ``low``, ``high`` (−100 to 100), ``promoters``, ``passives``, ``detractors`` (shares), ``n``.

    Raises
    ------
    CjmError
        When an answer is outside 0 to 10.

    Examples
    --------
    >>> result = nps([10, 9, 9, 8, 7, 6, 3, 10, 9, 10])
    >>> round(result["nps"]), round(result["low"]), round(result["high"])
    (40, -13, 74)
    """
    values = _clean(answers, 0, 10)
    n = len(values)
    if n == 0:
        return dict.fromkeys(("nps", "low", "high", "promoters", "passives", "detractors"), np.nan) | {"n": 0.0}
    up, down = float((values >= 9).sum()), float((values <= 6).sum())
    p, d = (up + 0.75) / (n + 3), (down + 0.75) / (n + 3)
    half = Z95 * np.sqrt(max(p + d - (p - d) ** 2, 0.0) / (n + 3))
    low, high = max(p - d - half, -1.0), min(p - d + half, 1.0)
    return {"nps": 100 * (up - down) / n, "low": float(100 * low), "high": float(100 * high), "promoters": up / n,
            "passives": (n - up - down) / n, "detractors": down / n, "n": float(n)}  # fmt: skip


def csat(
    answers: Iterable[float], *, scale: tuple[float, float] = (1, 5), satisfied: float | None = None
) -> dict[str, float]:
    """Return the share of satisfied answers (the top two of five) with its Wilson interval, and the mean.

    Examples
    --------
    >>> result = csat([5, 4, 4, 2, 1])
    >>> round(result["csat"], 2), round(result["low"], 2), round(result["high"], 2), result["mean"]
    (0.6, 0.23, 0.88, 3.2)
    """
    values = _clean(answers, *sorted(scale))
    cut = scale[0] + 0.75 * (scale[1] - scale[0]) if satisfied is None else satisfied
    hits = float((values >= cut - 1e-9).sum() if scale[0] < scale[1] else (values <= cut + 1e-9).sum())
    low, high = wilson(hits, len(values))
    mean = float(values.mean()) if len(values) else np.nan
    return {"csat": hits / len(values) if len(values) else np.nan, "low": low, "high": high, "mean": mean,
            "n": float(len(values))}  # fmt: skip


def ces(answers: Iterable[float], *, scale: tuple[float, float] = (1, 7)) -> dict[str, float]:
    """Return the customer effort score: the mean ease with a t interval. ``scale`` runs from hard to easy.

    Raises
    ------
    CjmError
        When an answer is outside the scale.

    Examples
    --------
    >>> result = ces([7, 6, 5, 6])
    >>> round(result["ces"], 2), round(result["low"], 2), round(result["high"], 2)
    (6.0, 4.7, 7)
    """
    from scipy.stats import t

    values = _clean(answers, *sorted(scale))
    n = len(values)
    mean = float(values.mean()) if n else np.nan
    half = float(t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    low, high = min(scale), max(scale)
    return {"ces": mean, "low": max(mean - half, low) if n > 1 else np.nan,
            "high": min(mean + half, high) if n > 1 else np.nan, "n": float(n)}  # fmt: skip


def measure_loyalty(outcomes: pd.DataFrame, segments: pd.Series | None = None) -> pd.DataFrame:
    """Return the loyalty metrics of every outcome that is one, by segment: NPS for 0–10, shares for 0–1, means else.

    Parameters
    ----------
    outcomes : DataFrame
        ``customer_id``, ``outcome``, ``value``, ``scale``; a customer counts once an outcome, with the latest wave.
    segments : Series, optional
        Segment by customer id.

    Returns
    -------
    DataFrame
        ``segment``, ``outcome``, ``metric``, ``value``, ``low``, ``high``, ``n``.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> answers = pd.DataFrame({"customer_id": list("abcd"), "recommend": [10, 9, 8, 3], "scale": "0-10"})
    >>> cjm.measure_loyalty(answers)[["outcome", "metric", "value", "n"]].values.tolist()
    [['recommend', 'NPS', 25.0, 4]]
    """
    outcomes = open_table("outcomes", outcomes)
    table = outcomes[outcomes["value"].notna()]
    if "wave" in table:
        table = table.sort_values("wave", kind="stable")
    table = table.drop_duplicates(["customer_id", "outcome"], keep="last")
    table["segment"] = table["customer_id"].map(segments) if segments is not None else "All customers"
    rows = []
    for (segment, outcome), group in table.groupby(["segment", "outcome"]):
        values = group["value"].to_numpy(dtype=float)
        scale = str(group["scale"].dropna().iloc[0]) if "scale" in group and group["scale"].notna().any() else ""
        if scale == "0-10":
            found = nps(values)
            rows.append((segment, outcome, "NPS", found["nps"], found["low"], found["high"], len(values)))
        elif scale == "0-1" or set(np.unique(values)) <= {0.0, 1.0}:
            rows.append((segment, outcome, "share", values.mean(), *wilson(values.sum(), len(values)), len(values)))
        else:
            half = Z95 * values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
            rows.append(
                (segment, outcome, "mean", values.mean(), values.mean() - half, values.mean() + half, len(values))
            )
    return pd.DataFrame(rows, columns=["segment", "outcome", "metric", "value", "low", "high", "n"])


def _clean(answers: Iterable[float], low: float, high: float) -> np.ndarray:
    values = np.asarray(pd.to_numeric(pd.Series(list(answers)), errors="coerce"), dtype=float)
    values = values[~np.isnan(values)]
    out = values[(values < low) | (values > high)]
    if len(out):
        raise CjmError(f"{len(out)} of {len(values)} answers are outside {low:g} to {high:g}", example=f"{out[0]:g}",
                       remedy="Check the scale.")  # fmt: skip
    return np.asarray(values)
