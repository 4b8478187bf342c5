"""Who belongs to which segment, as weights: one-hot for named groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.errors import TableError
from cjmlab.journeys.context import ALL_CUSTOMERS
from cjmlab.tables import check_table


@dataclass(frozen=True)
class Membership:
    """The segments in order, and the weight of each customer in each (rows: customers, columns: segments)."""

    names: tuple[str, ...]
    customers: pd.Index
    weights: NDArray[np.float64]
    modal: pd.Series
    method: str

    def of(self, customers: pd.Series) -> NDArray[np.float64]:
        """Return the weights of customers, zero for those without a segment."""
        places = self.customers.get_indexer(pd.Index(customers.astype(str)))
        return np.where(places[:, None] >= 0, self.weights[places], 0.0)


def read_members(segments: Any, customers: pd.Series, *, language: str = "en") -> Membership:
    """Read the segments from a segmentation, a table of members, or None (one segment of all customers).

    Parameters
    ----------
    segments : Segmentation, DataFrame or None
        Anything with ``.members``, or the table itself.
    customers : Series of str
        Every customer that speaks or acts, used when there are no segments.
    language : str
        Language of the name of the one segment.

    Examples
    --------
    >>> read_members(None, pd.Series(["b", "a", "b"])).names
    ('All customers',)
    """
    if segments is None:
        ids = pd.Index(sorted(set(customers.astype(str))))
        name = ALL_CUSTOMERS.text(language)
        return Membership((name,), ids, np.ones((len(ids), 1)), pd.Series(name, ids), "one group")
    table = segments if isinstance(segments, pd.DataFrame) else getattr(segments, "members", None)
    if not isinstance(table, pd.DataFrame):
        raise TableError(
            f"segments are a Segmentation, a table of members or None, not {type(segments).__name__}",
            remedy="Pass what segment_customers returned.",
        )
    check_table("members", table, where="the members of the segments")
    table = table[table["segment"].notna()]
    if table.empty:
        raise TableError("no customer has a segment", where="the members of the segments", remedy="Pass None instead.")
    modal = table.assign(customer_id=table["customer_id"].astype(str)).set_index("customer_id")["segment"].sort_index()
    names = _order(modal, segments)
    weights = (modal.to_numpy()[:, None] == np.array(names, dtype=object)[None, :]).astype(float)
    return Membership(names, modal.index, weights, modal, "as named")


def _order(modal: pd.Series, segments: Any) -> tuple[str, ...]:
    sizes = modal.value_counts()
    listed = [name for name in (getattr(segments, "labels", None) or {}) if name in sizes.index]
    rest = sorted((name for name in sizes.index if name not in listed), key=lambda name: (-sizes[name], str(name)))
    return (*listed, *rest)
