"""Customers on a plane: the first two components of the columns as the models read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cjmlab.tables import Table

if TYPE_CHECKING:
    from cjmlab.segments.segmentation import Segmentation


def lay_on_plane(segments: Segmentation, *, rows: int = 2000, random_state: int = 0) -> pd.DataFrame:
    """Return customer_id, segment, x and y of up to so many customers; ``about`` is the share of the variance shown.

    A picture, not evidence: segments that overlap on the plane may lie apart in further columns.
    """
    count = len(segments.assigned)
    chosen = np.arange(count)
    if count > rows:
        chosen = np.sort(np.random.default_rng(random_state).choice(count, rows, replace=False))
    members = segments.members.iloc[chosen].reset_index(drop=True)
    place, share = np.zeros((len(chosen), 2)), 0.0
    if segments.space.active:
        design = segments.space.design(segments.space.raw(segments.customers.iloc[chosen]))
        centred = design - design.mean(axis=0)
        values, vectors = np.linalg.eigh(centred.T @ centred)
        axes = vectors[:, ::-1][:, :2]
        axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1.0, 1.0)
        place[:, : axes.shape[1]] = centred @ axes
        share = float(values[::-1][:2].sum() / max(values.sum(), 1e-12))
    table = members[["customer_id", "segment"]].assign(x=np.round(place[:, 0], 9), y=np.round(place[:, 1], 9))
    return Table.of(table, share)
