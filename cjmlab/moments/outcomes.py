"""Outcomes as one value a customer: from the table of outcomes, or from a series by customer id."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.tables import as_names, open_table


@dataclass(frozen=True)
class Outcome:
    """One outcome: its name, its scale as declared (or None), and the mean of each customer's values."""

    name: str
    scale: str | None
    values: pd.Series


def pick_outcome(outcomes: pd.DataFrame | pd.Series, wanted: str | None = None) -> Outcome:
    """Pick an outcome: the one that is named, else ``recommend``, else the commonest.

    Parameters
    ----------
    outcomes : DataFrame or Series
        The table of outcomes, or values by customer id. Values that are missing or not finite are left out.
    wanted : str, optional
        Name of the outcome.

    Raises
    ------
    TableError
        When the table has no such outcome.

    Examples
    --------
    >>> table = pd.DataFrame({"customer_id": ["a", "b"], "recommend": [9, 3]})
    >>> pick_outcome(table).values.to_dict(), pick_outcome(pd.Series([1.0, np.nan], [7, 8])).values.to_dict()
    ({'a': 9.0, 'b': 3.0}, {'7': 1.0})
    """
    if isinstance(outcomes, pd.Series):
        given = pd.Series(pd.to_numeric(outcomes, errors="coerce").to_numpy(dtype=float), _ids(outcomes.index))
        return Outcome(str(outcomes.name or "outcome"), None, _means(given))
    outcomes = open_table("outcomes", outcomes)
    good = outcomes[outcomes["value"].notna()]
    counts = good.groupby("outcome")["customer_id"].nunique()
    if wanted is not None and wanted not in counts.index:
        raise TableError(f"{wanted!r} is not an outcome of this table", where="table 'outcomes', column 'outcome'",
                         remedy=did_you_mean(wanted, map(str, counts.index)))  # fmt: skip
    if counts.empty:
        return Outcome("", None, pd.Series(dtype=float))
    name = wanted or ("recommend" if "recommend" in counts.index else min(counts.index, key=lambda k: (-counts[k], k)))
    mine = good[good["outcome"].eq(name)]
    scales = mine["scale"].dropna() if "scale" in mine else mine["outcome"][:0]
    return Outcome(str(name), None if scales.empty else str(scales.iloc[0]),
                   _means(mine.set_index("customer_id")["value"].astype(float)))  # fmt: skip


def _ids(index: pd.Index) -> pd.Index:
    return pd.Index(as_names(index.to_series()).astype(str))


def _means(values: pd.Series) -> pd.Series:
    good = values[np.isfinite(values.to_numpy(dtype=float))]
    return pd.Series(good.groupby(level=0).mean(), name="outcome")
