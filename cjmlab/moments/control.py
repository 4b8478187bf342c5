"""Watching a key figure over many waves: a p-chart for shares, an EWMA chart for scores, and how small a change shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.errors import CjmError, TableError
from cjmlab.journeys.context import ALL_CUSTOMERS, context_of
from cjmlab.journeys.voices import gather_voices, list_answers
from cjmlab.tables import need_columns

Floats = NDArray[np.float64]
LEAST = 8
_P_LIMIT = 3.0
_POWER = 2.802  # 1.960 + .842: what four of five studies find
_NPS_VARIANCE = 0.75


def p_chart(waves: pd.DataFrame, *, limit: float = _P_LIMIT, overdispersed: bool | None = None) -> pd.DataFrame:
    """Watch a share over waves (Shewhart's p-chart; Laney's p′ where waves differ by more than chance).

    Parameters
    ----------
    waves : DataFrame
        One row a wave, in order: ``hits`` and ``n``; ``wave`` is carried along.
    limit : float
        Width of the limits in standard errors.
    overdispersed : bool, optional
        Whether limits widen by the spread between waves; when None, where the moving ranges show more spread than
        chance gives in 19 of 20 studies.

    Returns
    -------
    DataFrame
        ``wave``, ``value``, ``n``, ``center``, ``low``, ``high``, ``signal`` (outside the limits).

    Raises
    ------
    TableError
        When a column is missing, or there are fewer than eight waves: compare two of them instead.

    Examples
    --------
    >>> waves = pd.DataFrame({"hits": [12, 11, 8, 10, 9, 7, 12, 29], "n": 50})
    >>> p_chart(waves)["signal"].tolist()
    [False, False, False, False, False, False, False, True]
    """
    need_columns("waves", waves, "hits", "n")
    _enough(len(waves))
    hits, n = (waves[name].to_numpy(dtype=float) for name in ("hits", "n"))
    center = float(hits.sum() / n.sum())
    se = np.sqrt(max(center * (1 - center), 1e-12) / n)
    z = (hits / n - center) / se
    between = float(np.abs(np.diff(z)).mean() / 1.128)  # the mean moving range of two, in standard deviations
    chance = 1 + 1.645 * 0.91 / np.sqrt(len(z) - 1)
    wide = between > chance if overdispersed is None else overdispersed
    half = limit * se * (max(between, 1.0) if wide else 1.0)
    low, high = np.maximum(center - half, 0.0), np.minimum(center + half, 1.0)
    return _chart(waves, hits / n, n, np.full(len(n), center), low, high, hits / n)


def ewma_chart(
    waves: pd.DataFrame, *, weight: float = 0.2, limit: float = 2.86, target: float | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Watch a mean over waves by its exponentially weighted moving average (Roberts 1959), which sees small lasting shifts.

    Parameters
    ----------
    waves : DataFrame
        One row a wave, in order: ``mean``, ``sd`` (of single answers) and ``n``; ``wave`` is carried along.
    weight : float
        Weight of the newest wave.
    limit : float
        Width of the limits in standard errors.
    target : float, optional
        Where the mean should be; the mean of the first eight waves when None.

    Returns
    -------
    DataFrame
        ``wave``, ``value``, ``n``, ``average`` (the weighted one), ``center``, ``low``, ``high``, ``signal``.

    Raises
    ------
    TableError
        When a column is missing, or there are fewer than eight waves: compare two of them instead.

    Examples
    --------
    >>> weeks = pd.DataFrame({"mean": [0.5] * 8 + [0.2] * 4, "sd": 0.8, "n": 60})
    >>> ewma_chart(weeks)["signal"].tolist()[-4:]
    [False, True, True, True]
    """
    need_columns("waves", waves, "mean", "sd", "n")
    _enough(len(waves))
    value, sd, n = (waves[name].to_numpy(dtype=float) for name in ("mean", "sd", "n"))
    first = slice(0, LEAST)
    center = float(np.average(value[first], weights=n[first])) if target is None else target
    spread = float(np.sqrt(np.average(sd[first] ** 2, weights=np.maximum(n[first] - 1, 1))))
    average, variance, rows = center, 0.0, []
    for x, size in zip(value, n, strict=True):
        average = weight * x + (1 - weight) * average
        variance = weight**2 * spread**2 / size + (1 - weight) ** 2 * variance
        half = limit * np.sqrt(variance)
        rows.append((average, center - half, center + half))
    smooth, low, high = np.array(rows).T
    return _chart(waves, value, n, np.full(len(n), center), low, high, smooth).assign(average=smooth)


def watch_waves(journeys: pd.DataFrame, *, segment: str | None = None, touchpoint: str | None = None) -> pd.DataFrame:
    """Watch the experience over eight or more waves: the EWMA chart of every touchpoint, or of one.

    Waves stand in the order of their names. The chart of a touchpoint runs on the means of its customers; its target is
    the mean of the first eight waves. For two to seven waves use ``compare_waves``.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, of rows that name their wave.
    segment : str, optional
        One segment; all customers when None.
    touchpoint : str, optional
        One touchpoint; all when None.

    Returns
    -------
    DataFrame
        ``segment``, ``touchpoint`` and the columns of ``ewma_chart``. A touchpoint that is not heard of in every wave
        by at least two customers is left out.

    Raises
    ------
    TableError
        Below eight waves.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": [f"c{i}" for i in range(240)], "stage": "use", "touchpoint": "app",
    ...     "wave": [f"w{i // 20:02d}" for i in range(240)], "rating": [0.0, 0.5] * 80 + [-0.5, 0.0] * 40})
    >>> found = watch_waves(cjm.derive_journeys(said))
    >>> found.loc[found["signal"], "wave"].iloc[0]
    'w08'
    """
    context = context_of(journeys)
    rows = context.scored
    known = sorted(rows["wave"].dropna().astype(str).unique()) if "wave" in rows else []
    _enough(len(known))
    member = context.members.set_index("customer_id")["segment"]
    parts = []
    for wave in known:
        answers = list_answers(rows[rows["wave"].astype(str).eq(wave)])
        parts.append(gather_voices(answers, context.parts.linking).assign(wave=wave))
    voices = pd.concat(parts, ignore_index=True)
    if segment is not None:
        voices = voices[voices["customer"].map(member).eq(segment)]
    found = []
    for point in [touchpoint] if touchpoint is not None else dict.fromkeys(context.overall["touchpoint"]):
        groups = voices[voices["touchpoint"].eq(point)].groupby("wave")["score"]
        table = groups.agg(mean="mean", sd="std", n="size").reindex(known)
        if table["sd"].notna().all():
            chart = ewma_chart(table.rename_axis("wave").reset_index())
            found.append(chart.assign(segment=segment or ALL_CUSTOMERS.text("en"), touchpoint=point))
    columns = ["segment", "touchpoint", "wave", "value", "n", "average", "center", "low", "high", "signal"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame({name: [] for name in columns})


def plan_nps(customers: list[int], *, variance: float = _NPS_VARIANCE, design: float = 1.0) -> pd.DataFrame:
    """Say how exact an NPS of so many answers is, and how large a change between two such waves has to be to show.

    Parameters
    ----------
    customers : list of int
        Answers a wave.
    variance : float
        Of single answers taken as 1, 0 and −1: promoters plus detractors minus the square of their difference.
    design : float
        Design effect of weights.

    Returns
    -------
    DataFrame
        ``n``, ``margin`` (half of the 95 % interval, in points), ``detectable`` (the change that four of five pairs of
        waves show).

    Raises
    ------
    CjmError
        When a number is below 2, or the variance is not between 0 and 1.

    Examples
    --------
    >>> plan_nps([100, 1000]).round(1).values.tolist()
    [[100.0, 17.0, 34.3], [1000.0, 5.4, 10.9]]
    """
    n = np.asarray(customers, dtype=float)
    if not len(n) or n.min() < 2 or not 0 < variance <= 1:
        raise CjmError("a plan needs two answers a wave or more, and a variance above 0 and up to 1", where="plan_nps")
    se = 100 * np.sqrt(design * variance / n)
    return pd.DataFrame({"n": n.astype(int), "margin": 1.96 * se, "detectable": _POWER * np.sqrt(2) * se})


def _enough(waves: int) -> None:
    if waves < LEAST:
        raise TableError(f"{waves} waves are too few for a chart", where="waves",
                         remedy=f"At least {LEAST} are needed; compare_waves tells two of them apart.")  # fmt: skip


def _chart(
    waves: pd.DataFrame, value: Floats, n: Floats, center: Floats, low: Floats, high: Floats, judged: Floats
) -> pd.DataFrame:
    names = waves["wave"].astype(str) if "wave" in waves else pd.Series([str(i + 1) for i in range(len(waves))])
    return pd.DataFrame({"wave": names.to_numpy(), "value": value, "n": n.astype(int), "center": center, "low": low,
                         "high": high, "signal": (judged < low - 1e-12) | (judged > high + 1e-12)})  # fmt: skip
