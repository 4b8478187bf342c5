"""Segments that come from outside: a column of the customer table, or probabilities that another model gave."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.segments.columns import plan_columns
from cjmlab.segments.count import Count
from cjmlab.segments.features import FeatureSpace
from cjmlab.segments.models import Labels, describe_partition
from cjmlab.segments.naming import segment_key
from cjmlab.segments.partition import size_order
from cjmlab.segments.reading import Floats, open_customers, read_levels
from cjmlab.segments.segmentation import Segmentation
from cjmlab.study.charter import ColumnRoles
from cjmlab.tables import about
from cjmlab.vocabulary import Label


def segments_from_column(customers: pd.DataFrame, column: str) -> Segmentation:
    """Return segments given by a column; customers without a value are one segment of their own.

    Raises
    ------
    TableError
        When the column is not there or empty.
    """
    customers = open_customers(customers)
    if column not in customers.columns:
        raise TableError(
            f"{column!r} is not a column of the customer table", where="from_column",
            remedy=did_you_mean(column, map(str, customers.columns)),
        )  # fmt: skip
    roles = _roles_of(customers)
    codes, levels = read_levels(customers[column])
    if not len(levels):
        raise TableError(
            "the column has no value",
            where=f"from_column, column {column!r}",
            remedy="Name a column that holds the segment of each customer.",
        )
    texts = np.array([*levels, "(missing)"], dtype=object)
    sizes = np.bincount(np.where(codes < 0, len(levels), codes), minlength=len(texts))
    order = [
        place for place in sorted(range(len(texts)), key=lambda place: (-sizes[place], texts[place])) if sizes[place]
    ]
    rank = np.zeros(len(texts), dtype=np.int64)
    rank[order] = np.arange(len(order))
    kept, assigned = [str(texts[place]) for place in order], rank[codes]
    declared = roles.values.get(column, {})
    labels = [declared.get(text) or Label.of(text, language=roles.language) for text in kept]
    posterior = np.zeros((len(codes), len(kept)))
    posterior[np.arange(len(codes)), assigned] = 1.0
    return _given(customers, assigned, posterior, labels, roles, without=column)


def segments_from_posterior(
    customers: pd.DataFrame, posterior: pd.DataFrame, labels: Mapping[str, object] | None = None
) -> Segmentation:
    """Return segments given by probabilities: one row a customer id, one column a segment.

    Raises
    ------
    TableError
        When a customer has no row, or the rows are no probabilities.
    """
    customers = open_customers(customers)
    table = posterior.set_axis(posterior.index.astype(str))
    ids = customers["customer_id"].astype(str)
    absent = ids[~ids.isin(table.index)]
    if len(absent) or table.index.has_duplicates:
        raise TableError(f"{len(absent)} customers have no row of their own", where="from_posterior",
                         example=str(absent.iloc[0]) if len(absent) else "an id stands twice",
                         remedy="Give one row a customer.")  # fmt: skip
    values = table.loc[ids.tolist()].to_numpy(dtype=float)
    if values.shape[1] < 1 or not (
        np.isfinite(values).all() and (values >= 0).all() and (values.sum(axis=1) > 0).all()
    ):
        raise TableError("the rows are no probabilities", where="from_posterior", remedy="Give numbers from 0 to 1.")
    values = values / values.sum(axis=1, keepdims=True)
    order = size_order(values.argmax(axis=1).astype(np.int64), values.shape[1])
    roles = _roles_of(customers)
    names = [str(posterior.columns[place]) for place in order]
    said = labels or {}
    chosen = [Label.of(said.get(name, name), language=roles.language) for name in names]
    values = values[:, order]
    return _given(customers, np.asarray(values.argmax(axis=1), dtype=np.int64), values, chosen, roles)


def _roles_of(customers: pd.DataFrame) -> ColumnRoles:
    roles = about(customers)
    return roles if isinstance(roles, ColumnRoles) else ColumnRoles()


def _given(
    customers: pd.DataFrame,
    assigned: Labels,
    posterior: Floats,
    names: list[Label],
    roles: ColumnRoles,
    *,
    without: str = "",
) -> Segmentation:
    labels = {segment_key(label, roles): label for label in names}
    if len(labels) < len(names):
        raise TableError("two segments have the same name", where="labels", remedy="Give each its own name.")
    plans = tuple(plan for plan in plan_columns(customers, roles=roles) if plan.column != without)
    count = Count(len(names), pd.DataFrame({"n_segments": [len(names)]}), {}, tested=False)
    space = FeatureSpace(plans)
    mixture = describe_partition(space.mixed(space.raw(customers)), assigned, len(names)) if space.active else None
    return Segmentation(customers, space, roles, assigned, posterior, labels, mixture, count, "given")
