"""Who belongs to which segment, as weights: one-hot for named groups, BCH weights for estimated segments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.errors import TableError
from cjmlab.journeys.calibration import honest_posterior
from cjmlab.journeys.context import ALL_CUSTOMERS
from cjmlab.segments import bch_weights
from cjmlab.tables import open_table

ONE_GROUP = "one group"
_AS_GOOD_AS_KNOWN = 0.995


@dataclass(frozen=True)
class Membership:
    """The segments in order, and the weight of each customer in each (rows: customers, columns: segments)."""

    names: tuple[str, ...]
    customers: pd.Index
    weights: NDArray[np.float64]
    modal: pd.Series
    method: str
    posterior: NDArray[np.float64] | None = None

    @property
    def corrected(self) -> bool:
        """Whether the weights correct for uncertain membership."""
        return self.method.startswith("BCH")

    def of(self, customers: pd.Series) -> NDArray[np.float64]:
        """Return the weights of customers, zero for those without a segment."""
        places = self.customers.get_indexer(pd.Index(customers.astype(str)))
        return np.where(places[:, None] >= 0, self.weights[places], 0.0)


def read_members(segments: Any, customers: pd.Series, *, language: str = "en") -> Membership:
    """Read the segments from a segmentation, a table of members, or None (one segment of all customers).

    Parameters
    ----------
    segments : Segmentation, DataFrame, Series or None
        Anything with ``.members``, the table itself, or the segment by customer id.
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
        return Membership((name,), ids, np.ones((len(ids), 1)), pd.Series(name, ids), ONE_GROUP)
    table = segments if isinstance(segments, pd.DataFrame) else getattr(segments, "members", None)
    if isinstance(segments, pd.Series):
        table = pd.DataFrame({"customer_id": segments.index, "segment": segments.to_numpy()})
    if not isinstance(table, pd.DataFrame):
        raise TableError(
            f"segments are a Segmentation, a table of members or None, not {type(segments).__name__}",
            remedy="Pass what segment_customers returned.",
        )
    table = open_table("members", table, where="the members of the segments")
    table = table[table["segment"].notna()]
    if table.empty:
        raise TableError("no customer has a segment", where="the members of the segments", remedy="Pass None instead.")
    modal = table.assign(customer_id=table["customer_id"].astype(str)).set_index("customer_id")["segment"].sort_index()
    names = _order(modal, segments)
    onehot = (modal.to_numpy()[:, None] == np.array(names, dtype=object)[None, :]).astype(float)
    certainty = _certainty(table, modal.index)
    if certainty is None or len(names) == 1:
        return Membership(names, modal.index, onehot, modal, "as named")
    posterior = _full_posterior(segments, modal.index, names)
    if posterior is None:
        posterior = spread_posterior(onehot, certainty)
    return _corrected(Membership(names, modal.index, onehot, modal, "as named"), posterior)


def _corrected(members: Membership, posterior: NDArray[np.float64]) -> Membership:
    put = members.modal.map({name: i for i, name in enumerate(members.names)}).to_numpy(dtype=np.int64)
    weights = bch_weights(posterior, np.asarray(put, dtype=np.int64))
    if weights is None:
        plain = np.eye(len(members.names))[put]
        return replace(members, weights=plain, method="modal: memberships are too uncertain to correct")
    return replace(members, weights=weights, posterior=posterior, method="BCH, corrected for uncertain membership")


def bear_out(members: Membership, voices: pd.DataFrame) -> Membership:
    """Correct for uncertain membership only as far as the experiences bear the claimed certainty out.

    Parameters
    ----------
    members : Membership
        As read; returned unchanged unless its weights correct for uncertain membership.
    voices : DataFrame
        From ``gather_voices``.
    """
    if members.posterior is None or voices.empty:
        return members
    wide = voices.pivot_table(index="customer", columns="touchpoint", values=["score", "weight"], aggfunc="mean")
    wide = wide.reindex(members.customers)
    honest = honest_posterior(members.posterior, *(wide[name].to_numpy(dtype=float) for name in ("score", "weight")))
    return _corrected(members, honest)


def segment_of(segments: Any) -> pd.Series | None:
    """Return the segment by customer id, from a segmentation, a table of members, a Series, or None."""
    if segments is None or isinstance(segments, pd.Series):
        return segments
    return read_members(segments, pd.Series([], dtype=object)).modal


def spread_posterior(onehot: NDArray[np.float64], certainty: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spread what is left of each customer's certainty over the other segments, by their size."""
    size = onehot.mean(axis=0)
    others = np.maximum(size[None, :] * (1 - onehot), 1e-12 * (1 - onehot))
    others = others / np.maximum(others.sum(axis=1, keepdims=True), 1e-12)
    return np.asarray(onehot * certainty[:, None] + others * (1 - certainty[:, None]))


def _full_posterior(segments: Any, ids: pd.Index, names: tuple[str, ...]) -> NDArray[np.float64] | None:
    table = getattr(segments, "posteriors", None)
    if not isinstance(table, pd.DataFrame) or not set(names) <= set(table.columns):
        return None
    found = table.set_axis(table.index.astype(str)).reindex(ids)[list(names)]
    return np.asarray(found.fillna(0.0), dtype=np.float64)


def _certainty(table: pd.DataFrame, ids: pd.Index) -> NDArray[np.float64] | None:
    if "posterior" not in table or table["posterior"].isna().all():
        return None
    given = table.assign(customer_id=table["customer_id"].astype(str)).set_index("customer_id")["posterior"]
    certainty = np.asarray(given.reindex(ids).astype(float).fillna(1.0), dtype=np.float64)
    return certainty if float(certainty.mean()) < _AS_GOOD_AS_KNOWN else None


def _order(modal: pd.Series, segments: Any) -> tuple[str, ...]:
    sizes = modal.value_counts()
    listed = [name for name in (getattr(segments, "labels", None) or {}) if name in sizes.index]
    rest = sorted((name for name in sizes.index if name not in listed), key=lambda name: (-sizes[name], str(name)))
    return (*listed, *rest)
