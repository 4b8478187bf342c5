"""The filter cube: n, sum and sum of squares of every combination, added up once, so that a filter costs no rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.explore.filters import ROW_COLUMNS, Filters, blank_cells, with_context
from cjmlab.journeys.context import context_of

_CELL = ("segment", "stage", "touchpoint")


@dataclass(frozen=True, eq=False)
class FilterCube:
    """Sums of the scores by segment × stage × touchpoint × wave × source × channel × language.

    Parameters
    ----------
    labels : dict of str to list
        Dimension → its values; the code of a value is its place.
    codes : ndarray of int, shape (combinations, dimensions)
        One row a combination that occurs; −1 where a value is missing.
    n, total, squares : ndarray of float, shape (combinations,)
        Rows, sum and sum of squares of their scores.
    """

    labels: dict[str, list[Any]]
    codes: np.ndarray
    n: np.ndarray
    total: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, scored: pd.DataFrame) -> FilterCube:
        """Add up scored rows; rows without a score, segment or touchpoint are left out.

        Examples
        --------
        >>> rows = pd.DataFrame({"segment": "A", "stage": "buy", "touchpoint": "checkout", "wave": ["1", "1", "2"],
        ...                      "sentiment": [0.5, 0.1, -0.2]})
        >>> FilterCube.of(rows).cells(Filters(wave="1")).round(2)[["touchpoint", "n", "experience"]]
          touchpoint  n  experience
        0   checkout  2         0.3
        """
        used = scored["sentiment"].notna() & scored["segment"].notna() & scored["touchpoint"].notna()
        rows = scored[used]
        names = [*_CELL, *(name for name, column in ROW_COLUMNS.items() if column in rows.columns)]
        labels: dict[str, list[Any]] = {}
        key = np.zeros(len(rows), dtype=np.int64)
        for name in names:
            codes, values = pd.factorize(rows[ROW_COLUMNS.get(name, name)], sort=True)
            labels[name] = list(values)
            key = key * (len(values) + 1) + codes + 1
        found, place = np.unique(key, return_inverse=True)
        score = rows["sentiment"].to_numpy(dtype=float)
        sums = [np.bincount(place, weights, len(found)) for weights in (None, score, score**2)]
        codes = np.empty((len(found), len(names)), dtype=np.int64)
        for at in range(len(names) - 1, -1, -1):
            size = len(labels[names[at]]) + 1
            codes[:, at] = found % size - 1
            found //= size
        return cls(labels, codes, sums[0].astype(float), sums[1], sums[2])

    def cells(self, filters: Filters) -> pd.DataFrame:
        """Return segment, stage, touchpoint, n, experience and its 95 % interval (rows as the unit) under filters."""
        keep = np.ones(len(self.n), dtype=bool)
        for at, (name, values) in enumerate(self.labels.items()):
            wanted = getattr(filters, name, None)
            if wanted:
                keep &= self.codes[:, at] == (values.index(wanted) if wanted in values else -2)
        sizes = [len(self.labels[name]) for name in _CELL]
        place = np.ravel_multi_index(tuple(self.codes[keep, : len(_CELL)].T), sizes)
        cell, row = np.unique(place, return_inverse=True)
        n, total, squares = (np.bincount(row, each[keep], len(cell)) for each in (self.n, self.total, self.squares))
        mean = total / n
        spread = np.sqrt(np.clip(squares - n * mean**2, 0, None) / np.maximum(n - 1, 1))
        half = np.where(n > 1, 1.959964 * spread / np.sqrt(n), np.nan)
        names = np.unravel_index(cell, sizes)
        table = {label: [self.labels[label][code] for code in codes] for label, codes in zip(_CELL, names, strict=True)}
        return pd.DataFrame(
            {**table, "n": n.astype(int), "experience": mean, "low": np.clip(mean - half, -1, 1),
             "high": np.clip(mean + half, -1, 1)}
        )  # fmt: skip


def filter_from_cube(cube: FilterCube, journeys: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """Return the journeys under filters with n, experience and interval from the cube; nothing is read row by row.

    What the cube does not hold (expectation, reach under the filter, verbatims) is left empty, and the provenance says
    that answers, not customers, are the unit of the interval.
    """
    found = cube.cells(row_filters(filters)).set_index(["segment", "touchpoint"])
    emptied = blank_cells(journeys, pd.Series(True, index=journeys.index))
    keys = pd.MultiIndex.from_frame(journeys[["segment", "touchpoint"]].astype(object))
    mine = found.reindex(keys)
    filled = emptied.assign(
        n=mine["n"].fillna(0).astype(int).to_numpy(),
        **{label: mine[label].to_numpy() for label in ("experience", "low", "high")},
        evidence=np.where(mine["n"].fillna(0) > 0, "single source", "none"),
    )
    told = {**context_of(journeys).provenance, "interval": "95 %, answers as the unit"}
    return with_context(filled, provenance=told)


def row_filters(filters: Filters) -> Filters:
    """Return the filters for every segment, without the ones that do not choose rows."""
    return Filters.of({name: value for name, value in filters.chosen().items() if name in ROW_COLUMNS})
