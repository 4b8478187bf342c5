"""Tallies: every answer as one number per question that a filter asks, so that counting under it is one pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cjmlab.explore.answers import Answers, Flags, Floats, Ints, RowCodes, run_starts
from cjmlab.journeys.members import Membership


class Grouping:
    """One way to group people, as codes: the class of everybody, and the weight of a class in each segment."""

    def __init__(self, members: Membership, people: pd.Index) -> None:
        self.members, self.names = members, members.names
        code = {name: place for place, name in enumerate(self.names)}
        self.classes = members.modal.reindex(people).map(code).fillna(len(code)).to_numpy(dtype=np.int64)
        modal = members.modal.map(code).to_numpy(dtype=np.int64)
        first = np.array([int(np.argmax(modal == place)) for place in range(len(code))])
        self.weights: Floats = members.weights[members.customers.get_indexer(members.modal.index[first])]

    def sums(self, cell: Ints, points: int, weights: Floats | None = None) -> Floats:
        """Sum by class and touchpoint, those without a class left out."""
        found = np.bincount(cell, weights, (len(self.names) + 1) * points)
        return found.reshape(len(self.names) + 1, points)[:-1].astype(float)


@dataclass(frozen=True, eq=False)
class Sides:
    """Where each answer is counted: its class, touchpoint, kind of source and side of the neutral band, as one number."""

    code: Ints
    shape: tuple[int, int, int, int]

    @classmethod
    def of(cls, answers: Answers, group: Grouping, neutral: tuple[float, float]) -> Sides:
        """Make ready what is counted for one grouping."""
        shape = (len(group.names) + 1, len(answers.points), max(len(answers.sources), 1), 3)
        side = (answers.score >= neutral[0]).astype(np.int64) + (answers.score > neutral[1])
        place = (group.classes[answers.person] * shape[1] + answers.point) * shape[2] + answers.source
        return cls(place * shape[3] + side, shape)

    def count(self, keep: Flags) -> Floats:
        """Count the answers that are kept: class, touchpoint, source, side (below, in, above the band)."""
        found = np.bincount(self.code[keep], minlength=int(np.prod(self.shape)))
        return found.reshape(self.shape)[:-1].astype(float)


@dataclass(frozen=True, eq=False)
class Crowd:
    """Who stands behind a cell, by the values of one filter.

    Parameters
    ----------
    order : ndarray of int
        Answers sorted by person, touchpoint and value; those without a value are left out.
    key, cell : ndarray of int
        In this order: person, touchpoint and value as one number; class, touchpoint and value as one number.
    values : list of str
        The values of the filter.
    """

    order: Ints
    key: Ints
    cell: Ints
    values: list[str]

    @classmethod
    def of(cls, answers: Answers, group: Grouping, codes: RowCodes, name: str) -> Crowd:
        """Make ready what is counted for one filter and grouping."""
        values = list(codes.values.get(name, {}))
        if not values:
            none: Ints = np.array([], dtype=np.int64)
            return cls(none, none, none, values)
        value = codes.codes[name][answers.row].astype(np.int64)
        key = (answers.person * len(answers.points) + answers.point) * len(values) + value
        order = np.argsort(key, kind="stable")
        order = order[value[order] >= 0]
        cell = (group.classes[answers.person] * len(answers.points) + answers.point) * len(values) + value
        return cls(order, key[order], cell[order], values)

    def count(self, keep: Flags, group: Grouping, points: np.ndarray) -> pd.DataFrame:
        """Count people by segment and touchpoint (rows) and value (columns) among the answers that are kept."""
        kept = keep[self.order]
        width = len(self.values)
        once = self.cell[kept][run_starts(self.key[kept])] if kept.any() else self.cell[:0]
        found = np.bincount(once, minlength=(len(group.names) + 1) * len(points) * width)
        index = pd.MultiIndex.from_product([group.names, points], names=["segment", "touchpoint"])
        return pd.DataFrame(found.reshape(-1, max(width, 1))[: len(index)], index, columns=self.values)
