"""Answers made ready: every row as a few small numbers, sorted by person, so that a filter is a mask and some sums."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.explore.filters import ROW_COLUMNS, Filters
from cjmlab.journeys.context import context_of
from cjmlab.journeys.voices import list_answers

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Voices:
    """One score a person and touchpoint, as codes; see ``gather_voices`` for what they mean."""

    person: Ints
    point: Ints
    score: Floats
    weight: Floats
    rows: Ints


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers of some journeys, sorted by person, touchpoint and instrument.

    Parameters
    ----------
    people, points, sources : ndarray of str
        Names behind the codes; ``points`` are in alphabetical order.
    row : ndarray of int
        Place of each answer among the scored rows.
    key : ndarray of int
        Person, touchpoint and instrument as one number.
    source : ndarray of int
        Kind of source.
    score, linked : ndarray of float
        The score as given, and on the scale of the anchor.
    weights : ndarray of float
        Weight of each instrument.
    """

    people: NDArray[np.object_]
    points: NDArray[np.object_]
    sources: NDArray[np.object_]
    row: Ints
    key: Ints
    source: Ints
    score: Floats
    linked: Floats
    weights: Floats

    @classmethod
    def of(cls, journeys: pd.DataFrame) -> Answers:
        """Make the answers behind some journeys ready."""
        context = context_of(journeys)
        listed = list_answers(context.scored)
        listed = listed[listed["touchpoint"].isin(set(context.parts.places["touchpoint"]))]
        links = context.parts.linking.table.reset_index(drop=True)
        person, people = pd.factorize(listed["customer"], sort=True)
        point, points = pd.factorize(listed["touchpoint"], sort=True)
        source, sources = pd.factorize(listed["source_type"].astype(str), sort=True)
        instrument = pd.Index(links["instrument"]).get_indexer(listed["instrument"])
        place = pd.Index(context.scored.index).get_indexer(listed["row"])
        score = listed["score"].to_numpy(dtype=float)
        linked = (
            links["slope"].to_numpy(dtype=float)[instrument] * score + links["shift"].to_numpy(dtype=float)[instrument]
        )
        key = (person * len(points) + point) * len(links) + instrument
        order = np.argsort(key, kind="stable")
        return cls(
            np.asarray(people, dtype=object), np.asarray(points, dtype=object), np.asarray(sources, dtype=object),
            place[order], key[order], source[order], score[order], linked[order], links["weight"].to_numpy(dtype=float),
        )  # fmt: skip

    @cached_property
    def person(self) -> Ints:
        """Who answered."""
        return np.asarray(self.key // (len(self.weights) * max(len(self.points), 1)))

    @cached_property
    def point(self) -> Ints:
        """On which touchpoint."""
        return np.asarray(self.key // len(self.weights) % max(len(self.points), 1))

    def voices(self, keep: Flags) -> Voices:
        """Return one score a person and touchpoint from the answers that are kept."""
        key, linked = self.key[keep], self.linked[keep]
        if not len(key):
            none, nothing = np.array([], dtype=np.int64), np.array([], dtype=float)
            return Voices(none, none, nothing, nothing, none)
        first = run_starts(key)
        count = np.diff(np.append(first, len(key)))
        weight = self.weights[key[first] % len(self.weights)]
        product = np.add.reduceat(linked, first) / count * weight
        said = key[first] // len(self.weights)
        start = run_starts(said)
        score = np.add.reduceat(product, start) / np.add.reduceat(weight, start)
        return Voices(
            said[start] // len(self.points), said[start] % len(self.points), score.clip(-1.5, 1.5),
            np.maximum.reduceat(weight, start), np.add.reduceat(count, start),
        )  # fmt: skip


def run_starts(key: Ints) -> Ints:
    """Return where each run of equal numbers begins."""
    return np.flatnonzero(np.append(len(key) > 0, key[1:] != key[:-1]))


@dataclass(frozen=True, eq=False)
class RowCodes:
    """The values of every filter that chooses rows, as small codes, one a scored row."""

    codes: dict[str, NDArray[np.int16]]
    values: dict[str, dict[str, int]]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> RowCodes:
        """Code the columns that filters look at; a column that the rows lack filters nothing."""
        codes, values = {}, {}
        for name, column in ROW_COLUMNS.items():
            if column in rows.columns:
                found, names = pd.factorize(rows[column])
                codes[name] = found.astype(np.int16)
                values[name] = {str(value): place for place, value in enumerate(names)}
        return cls(codes, values)

    def keep(self, filters: Filters, size: int) -> Flags:
        """Tell which rows pass."""
        kept = np.ones(size, dtype=bool)
        for name, codes in self.codes.items():
            wanted = getattr(filters, name)
            if wanted:
                kept &= codes == self.values[name].get(wanted, -2)
        return kept
