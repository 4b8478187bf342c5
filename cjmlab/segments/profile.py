"""What each segment has more or less of: shares, means and effect sizes; p-values on passive columns only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cjmlab.segments.columns import ColumnPlan
from cjmlab.segments.features import encode_column
from cjmlab.segments.models import Labels
from cjmlab.segments.reading import Floats, read_numbers

COLUMNS = (
    "segment", "column", "level", "kind", "role", "n", "here", "overall", "lift", "effect", "p", "q", "p_column",
    "q_column",
)  # fmt: skip


def profile_segments(
    customers: pd.DataFrame, labels: Labels, names: Sequence[str], plans: Sequence[ColumnPlan]
) -> pd.DataFrame:
    """Describe segments by every active and passive column.

    Parameters
    ----------
    customers : DataFrame
        One row a customer, in the order of ``labels``.
    labels : ndarray (n,)
        Segment number of each customer.
    names : sequence of str
        Name of each segment.
    plans : sequence of ColumnPlan
        What the columns are.

    Returns
    -------
    DataFrame
        One row a segment, column and level. ``here`` and ``overall`` are shares (0 to 1) of a level or medians
        (means for ordinal columns); ``effect`` is Cohen's h for a level and the standardised difference to all other
        customers for a number. ``p`` and ``q`` (Benjamini–Hochberg) are given for passive columns only: a column that
        made the segments always differs between them.
    """
    rows: list[dict[str, object]] = []
    for plan in plans:
        if plan.role == "left out":
            continue
        describe = _nominal_rows if plan.kind == "nominal" else _numeric_rows
        rows += describe(customers[plan.column], labels, names, plan)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return _adjust(table)


def _nominal_rows(series: pd.Series, labels: Labels, names: Sequence[str], plan: ColumnPlan) -> list[dict[str, object]]:
    codes = encode_column(plan, series.to_frame(plan.column))
    known = np.isfinite(codes)
    cells = labels[known] * len(plan.levels) + codes[known].astype(np.int64)
    counts = np.bincount(cells, minlength=len(names) * len(plan.levels)).reshape(len(names), -1).astype(float)
    size = counts.sum(axis=1)
    p_column = _chi_square(counts) if plan.role == "passive" else np.nan
    rows = []
    for s, name in enumerate(names):
        rest = counts.sum(axis=0) - counts[s]
        for i, level in enumerate(plan.levels):
            here, other = counts[s, i] / max(size[s], 1), rest[i] / max(rest.sum(), 1)
            overall = counts[:, i].sum() / max(counts.sum(), 1)
            alone = len(names) == 1
            p = np.nan
            if plan.role == "passive" and not alone:
                p = _chi_square(np.array([[counts[s, i], size[s] - counts[s, i]], [rest[i], rest.sum() - rest[i]]]))
            rows.append(
                dict(zip(COLUMNS, (
                    name, plan.column, level, plan.kind, plan.role, int(size[s]), here, overall,
                    here / overall if overall else np.nan,
                    0.0 if alone else 2 * np.arcsin(np.sqrt(here)) - 2 * np.arcsin(np.sqrt(other)),
                    p, np.nan, p_column, np.nan,
                ), strict=True))
            )  # fmt: skip
    return rows


def _numeric_rows(series: pd.Series, labels: Labels, names: Sequence[str], plan: ColumnPlan) -> list[dict[str, object]]:
    values = read_numbers(series)
    known = np.isfinite(values)
    work = np.clip(np.log1p(np.maximum(values, 0)) if plan.logged else values, plan.low, plan.high)
    groups = [values[known & (labels == s)] for s in range(len(names))]
    p_column = _rank_test(groups) if plan.role == "passive" else np.nan
    middle = np.mean if plan.kind == "ordinal" else np.median
    overall = float(middle(values[known]))
    rows = []
    for s, name in enumerate(names):
        inside, outside = known & (labels == s), known & (labels != s)
        here = float(middle(values[inside])) if inside.any() else np.nan
        effect = _standardised_difference(work[inside], work[outside])
        p = _rank_test([values[inside], values[outside]]) if plan.role == "passive" else np.nan
        rows.append(
            dict(zip(COLUMNS, (
                name, plan.column, "", plan.kind, plan.role, int(inside.sum()), here, overall,
                here / overall if overall > 0 else np.nan, effect, p, np.nan, p_column, np.nan,
            ), strict=True))
        )  # fmt: skip
    return rows


def _standardised_difference(inside: Floats, outside: Floats) -> float:
    if len(inside) < 2 or len(outside) < 2:
        return 0.0
    n, m = len(inside), len(outside)
    pooled = np.sqrt(((n - 1) * inside.var(ddof=1) + (m - 1) * outside.var(ddof=1)) / (n + m - 2))
    return float((inside.mean() - outside.mean()) / pooled) if pooled > 0 else 0.0


def _chi_square(counts: Floats) -> float:
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(counts.shape) < 2:
        return float("nan")
    from scipy.stats import chi2_contingency

    return float(chi2_contingency(counts, correction=False).pvalue)


def _rank_test(groups: list[Floats]) -> float:
    groups = [group for group in groups if len(group)]
    if len(groups) < 2 or np.ptp(np.concatenate(groups)) == 0:
        return float("nan")
    from scipy.stats import kruskal

    return float(kruskal(*groups).pvalue)


def _adjust(table: pd.DataFrame) -> pd.DataFrame:
    """Benjamini–Hochberg over all cells, and over columns."""
    table["q"] = _benjamini_hochberg(table["p"].to_numpy(dtype=float))
    columns = table.drop_duplicates("column")
    q = pd.Series(_benjamini_hochberg(columns["p_column"].to_numpy(dtype=float)), index=columns["column"])
    table["q_column"] = table["column"].map(q).astype(float)
    return table


def _benjamini_hochberg(p: Floats) -> Floats:
    out = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    if len(known):
        from scipy.stats import false_discovery_control

        out[known] = false_discovery_control(p[known])
    return out


def shares_with_interval(labels: Labels, names: Sequence[str]) -> pd.DataFrame:
    """Return size and share of each segment with a 95 % Wilson interval.

    Examples
    --------
    >>> shares_with_interval(np.array([0, 0, 0, 1]), ["A", "B"]).round(2).to_dict("records")[0]
    {'segment': 'A', 'n': 3, 'share': 0.75, 'low': 0.3, 'high': 0.95}
    """
    total = len(labels)
    sizes = np.bincount(labels, minlength=len(names))
    share, z = sizes / total, 1.959963984540054
    centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2)) / (1 + z**2 / total)
    low, high = np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
    return pd.DataFrame({"segment": list(names), "n": sizes, "share": share, "low": low, "high": high})
