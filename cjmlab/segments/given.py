"""Segments that come from outside: a column of the customer table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.segments.columns import plan_columns
from cjmlab.segments.count import Count
from cjmlab.segments.features import FeatureSpace
from cjmlab.segments.models import describe_partition
from cjmlab.segments.naming import segment_key
from cjmlab.segments.reading import read_levels
from cjmlab.segments.segmentation import Segmentation
from cjmlab.study.charter import ColumnRoles
from cjmlab.tables import about, check_table
from cjmlab.vocabulary import Label


def segments_from_column(customers: pd.DataFrame, column: str) -> Segmentation:
    """Return segments given by a column; customers without a value are one segment of their own.

    Raises
    ------
    TableError
        When the column is not there or empty.
    """
    check_table("customers", customers)
    if column not in customers.columns:
        raise TableError(
            f"{column!r} is not a column of the customer table", where="from_column",
            remedy=did_you_mean(column, map(str, customers.columns)),
        )  # fmt: skip
    roles = about(customers)
    roles = roles if isinstance(roles, ColumnRoles) else ColumnRoles()
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
    labels = {}
    for text in kept:
        label = declared.get(text) or Label.of(text, language=roles.language)
        labels[segment_key(label, roles)] = label
    plans = tuple(plan for plan in plan_columns(customers, roles=roles) if plan.column != column)
    posterior = np.zeros((len(codes), len(kept)))
    posterior[np.arange(len(codes)), assigned] = 1.0
    count = Count(len(kept), pd.DataFrame({"n_segments": [len(kept)]}), {}, tested=False)
    space = FeatureSpace(plans)
    mixture = describe_partition(space.mixed(space.raw(customers)), assigned, len(kept)) if space.active else None
    return Segmentation(customers, space, roles, assigned, posterior, labels, mixture, count, "given")
