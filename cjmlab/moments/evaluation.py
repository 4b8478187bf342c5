"""Before and after: what changed in an outcome for those who got something new, beside those who did not."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.errors import TableError, did_you_mean
from cjmlab.journeys.intervals import Z95
from cjmlab.moments.asymmetry import hc3
from cjmlab.tables import as_names, need_columns, open_table

Floats = NDArray[np.float64]
LEAST = 10
_WAVES = 4
_COLUMNS = ["group", "before", "after", "change", "low", "high", "n_before", "n_after", "both", "reason"]


def evaluate_change(
    outcomes: pd.DataFrame, treated: Iterable[object] | None = None, *, since: str, outcome: str | None = None
) -> pd.DataFrame:
    """Evaluate what an action did to an outcome: churn, repurchase, spending, satisfaction.

    With a control group it is the difference in differences: how much more the treated changed than the others, each
    customer's values before and after taken as a pair. It is the effect of the action if both groups would have
    changed alike without it. With everybody treated it is an interrupted series of waves: the step beside the trend,
    from four waves on either side. A change without either is refused: nobody knows what would have happened anyway.

    Parameters
    ----------
    outcomes : DataFrame
        The table of outcomes, with ``wave``.
    treated : iterable of customer ids, optional
        Who got it; everybody when None.
    since : str
        The first wave after the change; waves stand in the order of their names.
    outcome : str, optional
        Which outcome; it may be left out when there is one only.

    Returns
    -------
    DataFrame
        ``group`` (treated, control, effect; series without a control group), ``before``, ``after`` (means, or shares
        for outcomes of 0 and 1), ``change``, ``low``, ``high`` (95 %, customers as the unit), ``n_before``,
        ``n_after``, ``both`` (customers in both), ``reason`` (a sentence with n and interval).

    Raises
    ------
    TableError
        When there is no wave on one side, a group has fewer than ten customers, or there is no control group and too
        few waves.

    Examples
    --------
    >>> table = pd.DataFrame({"customer_id": [f"c{i:02d}" for i in range(40)] * 2, "outcome": "spend",
    ...     "wave": ["1"] * 40 + ["2"] * 40, "value": [10.0, 12.0] * 20 + [15.0, 17.0] * 10 + [11.0, 13.0] * 10})
    >>> found = evaluate_change(table, [f"c{i:02d}" for i in range(20)], since="2")
    >>> found[["group", "change", "n_after"]].values.tolist()
    [['treated', 5.0, 20], ['control', 1.0, 20], ['effect', 4.0, 40]]
    """
    rows, name = _rows(outcomes, outcome)
    waves = sorted(rows["wave"].unique())
    after = rows["wave"] >= since
    if not after.any() or after.all():
        raise TableError(f"there is no wave {'before' if after.all() else 'from'} {since!r}", where="table 'outcomes', column 'wave'",
                         remedy=did_you_mean(since, waves))  # fmt: skip
    each = rows.assign(after=after).pivot_table(index="customer_id", columns="after", values="value")
    ids = None if treated is None else set(as_names(pd.Series(list(treated), dtype=object)).dropna().astype(str))
    mine = pd.Series(True, each.index) if ids is None else each.index.to_series().isin(ids)
    if mine.all():
        return _series(rows, since, name)
    groups = {"treated": each[mine.to_numpy()], "control": each[~mine.to_numpy()]}
    found, changes = [], []
    for group, part in groups.items():
        few = int(part.notna().sum().min())
        if few < LEAST:
            raise TableError(f"the {group} group has {few} customers before or after", where="evaluate_change",
                             remedy=f"At least {LEAST} are needed on each side.")  # fmt: skip
        change, variance = _change(part)
        changes.append((change, variance))
        found.append(_row(group, part, change, variance, f"{name}, {group}"))
    effect, variance = changes[0][0] - changes[1][0], changes[0][1] + changes[1][1]
    row = _row("effect", each, effect, variance, f"{name}: the treated changed by so much more than the others")
    return pd.DataFrame([*found, {**row, "before": np.nan, "after": np.nan}], columns=_COLUMNS)


def _rows(outcomes: pd.DataFrame, outcome: str | None) -> tuple[pd.DataFrame, str]:
    table = open_table("outcomes", outcomes)
    need_columns("outcomes", table, "wave")
    table = table[table["value"].notna() & table["wave"].notna()]
    known = sorted(table["outcome"].unique())
    name = known[0] if outcome is None and len(known) == 1 else outcome
    if name is None or name not in known:
        raise TableError("say which outcome" if name is None else f"{name!r} is not an outcome of this table",
                         where="evaluate_change", remedy=did_you_mean(name, known))  # fmt: skip
    mine = table[table["outcome"].eq(name)]
    return mine.assign(value=mine["value"].astype(float), wave=mine["wave"].astype(str)), name


def _change(part: pd.DataFrame) -> tuple[float, float]:
    """Return the change of the means and its variance: a customer on both sides pulls both."""
    means, counts = part.mean(), part.notna().sum()
    pulls = (part - means) / counts * np.sqrt(counts / (counts - 1))
    both = pulls[True].fillna(0.0) - pulls[False].fillna(0.0)
    return float(means[True] - means[False]), float((both**2).sum())


def _row(group: str, part: pd.DataFrame, change: float, variance: float, what: str) -> dict[str, object]:
    half = Z95 * float(np.sqrt(variance))
    counts = part.notna().sum()
    text = f"{what}: {change:+.3g} (95 % {change - half:.3g} … {change + half:.3g}; {counts[False]} customers before, {counts[True]} after)."
    return {"group": group, "before": part[False].mean(), "after": part[True].mean(), "change": change, "low": change - half,
            "high": change + half, "n_before": int(counts[False]), "n_after": int(counts[True]),
            "both": int(part.notna().all(axis=1).sum()), "reason": text.replace("-", "\u2212")}  # fmt: skip


def _series(rows: pd.DataFrame, since: str, name: str) -> pd.DataFrame:
    """Everybody was treated: the step of an interrupted series of waves, its trend held (HC3, t)."""
    from scipy.stats import t as student

    waves = rows.groupby("wave")["value"].agg(["mean", "size"])
    later = np.asarray(waves.index >= since)
    if min(int(later.sum()), int((~later).sum())) < _WAVES:
        raise TableError("everybody was treated, and without a control group a change cannot be told from what would have "
                         "happened anyway", where="evaluate_change",
                         remedy=f"Name the treated customers, or bring {_WAVES} waves before and {_WAVES} after.")  # fmt: skip
    time = np.arange(len(waves), dtype=float)
    design = np.column_stack([np.ones(len(waves)), time, later.astype(float)])
    slopes, covariance = hc3(design, waves["mean"].to_numpy(dtype=float))
    half = float(student.ppf(0.975, len(waves) - 3) * np.sqrt(covariance[2, 2]))
    step = float(slopes[2])
    n = rows.assign(after=rows["wave"] >= since).groupby("after")["customer_id"].nunique()
    text = (f"{name}: a step of {step:+.3g} beside the trend of {len(waves)} waves (95 % {step - half:.3g} … {step + half:.3g}; "
            f"{n[False]} customers before, {n[True]} after). Without a control group anything else that happened then is in it.")  # fmt: skip
    means = waves["mean"].groupby(later).mean()
    row = ("series", means[False], means[True], step, step - half, step + half, int(n[False]), int(n[True]),
           int(rows.assign(after=rows["wave"] >= since).groupby("customer_id")["after"].nunique().eq(2).sum()),
           text.replace("-", "\u2212"))  # fmt: skip
    return pd.DataFrame([row], columns=_COLUMNS)
