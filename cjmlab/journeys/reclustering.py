"""Intervals that know that the segments themselves were found: the whole line from customers to means, drawn anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import TableError
from cjmlab.journeys.context import context_of
from cjmlab.journeys.intervals import Z95
from cjmlab.segments.refresh import match_segments


def recluster_journeys(
    journeys: pd.DataFrame, customers: pd.DataFrame, segmenter: Callable[[pd.DataFrame], Any], *,
    resamples: int = 100, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Draw customers anew, segment them anew, match the segments, and take the means anew.

    Hard segments such as those of k-means carry no probability of membership that could be corrected for. Their
    intervals come from the whole line instead: what moves when other customers of the same kind had been asked moves
    the segments too.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    customers : DataFrame
        The customers that were segmented, with ``customer_id``.
    segmenter : callable
        Customers → segmentation (anything with ``members``) or a table of members, such as
        ``lambda c: cjm.segment_customers(c, model=KMeans(n_init=10), n_segments=4)``.
    resamples : int
        How often; each costs one segmentation.
    seed : int
        The same seed gives the same intervals.

    Returns
    -------
    DataFrame
        ``segment``, ``touchpoint``, ``experience`` (as in ``journeys``), ``low``, ``high`` (95 %, at least as wide as
        in ``journeys``), ``fixed_low``, ``fixed_high`` (those of ``journeys``, which take the segments as given),
        ``resamples`` in which the cell was found.

    Raises
    ------
    TableError
        When the customers have no ``customer_id``.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> ids, ages = [f"c{i:02d}" for i in range(24)], [20 + i // 12 * 40 for i in range(24)]
    >>> customers = pd.DataFrame({"customer_id": ids, "age": ages})
    >>> def by_age(table):
    ...     return table[["customer_id"]].assign(segment=np.where(table["age"] > 40, "old", "young"))
    >>> said = pd.DataFrame({"customer_id": ids, "stage": "use", "touchpoint": "app",
    ...     "rating": [0.5, 1.0] * 6 + [-0.5, 0.0] * 6})
    >>> journeys = cjm.derive_journeys(said, by_age(customers))
    >>> found = cjm.recluster_journeys(journeys, customers, by_age, resamples=20)
    >>> found[["segment", "experience", "resamples"]].round(2).values.tolist()
    [['old', -0.25, 20], ['young', 0.75, 20]]
    """
    if "customer_id" not in customers:
        raise TableError("the column 'customer_id' is missing", where="table 'customers'")
    context = context_of(journeys)
    names = list(dict.fromkeys(journeys["segment"]))
    home = context.members.set_index("customer_id")["segment"]
    customers = customers.assign(customer_id=customers["customer_id"].astype(str))
    customers = customers.sort_values("customer_id", kind="stable").reset_index(drop=True)
    scores = context.voices.pivot_table(index="customer", columns="touchpoint", values="score")
    scores = scores.reindex(customers["customer_id"])
    points, values = list(scores.columns), scores.to_numpy(dtype=float)
    rng, found = np.random.default_rng(seed), np.full((resamples, len(names), len(points)), np.nan)
    for i in range(resamples):
        drawn = np.sort(rng.integers(0, len(customers), len(customers)))
        again = pd.Series(drawn).groupby(drawn).cumcount().astype(str).to_numpy()
        rows = customers.iloc[drawn].assign(customer_id=customers["customer_id"].to_numpy()[drawn] + "~" + again)
        made = segmenter(rows)
        members = made if isinstance(made, pd.DataFrame) else made.members
        label = members.assign(customer_id=members["customer_id"].astype(str)).set_index("customer_id")["segment"]
        new = label.reindex(rows["customer_id"]).to_numpy(dtype=object)
        old = home.reindex(customers["customer_id"].to_numpy()[drawn]).to_numpy(dtype=object)
        for name, other in _match(old, new, names):
            mine = values[drawn[new == other]]
            heard = (~np.isnan(mine)).sum(axis=0)
            found[i, names.index(name)] = np.where(heard > 0, np.nansum(mine, axis=0) / np.maximum(heard, 1), np.nan)
    return _widen(journeys, found, names, points)


def _match(old: Any, new: Any, names: list[str]) -> list[tuple[str, object]]:
    table = pd.crosstab(pd.Series(old), pd.Series(new)).reindex(names, fill_value=0)
    return [(names[a], table.columns[b]) for a, b in match_segments(table.to_numpy(dtype=float))]


def _widen(journeys: pd.DataFrame, found: Any, names: list[str], points: list[str]) -> pd.DataFrame:
    columns = ["segment", "touchpoint", "experience", "low", "high"]
    table = pd.DataFrame(journeys)[columns].rename(columns={"low": "fixed_low", "high": "fixed_high"})
    count = (~np.isnan(found)).sum(axis=0)
    centre = np.nansum(found, axis=0) / np.maximum(count, 1)
    spread = np.sqrt(np.nansum((found - centre) ** 2, axis=0) / np.maximum(count - 1, 1))
    index = pd.MultiIndex.from_product([names, points])
    at = pd.MultiIndex.from_frame(table[["segment", "touchpoint"]])
    se = pd.Series(np.where(count > 1, spread, np.nan).ravel(), index).reindex(at).to_numpy()
    fixed = (table["fixed_high"] - table["fixed_low"]) / 2
    half = np.fmax(Z95 * se, fixed.to_numpy())
    table["low"], table["high"] = (table["experience"] - half).clip(-1, 1), (table["experience"] + half).clip(-1, 1)
    table["resamples"] = pd.Series(count.ravel(), index).reindex(at).fillna(0).astype(int).to_numpy()
    return table[[*columns, "fixed_low", "fixed_high", "resamples"]]
