"""A block of customers: few enough events that all that is counted of them stays in the processor's cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cjmlab.journeys.ordering import Codes, Columns, Floats, Ints

Hashes = NDArray[np.uint64]
_BLOCK = 16_000
_BASE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Block:
    """The events of some customers in order.

    ``who`` is the customer of each event, counted from 0; ``edges`` (customers + 1) says where each begins; ``home`` is
    the segment of each customer.
    """

    point: Ints
    stage: Codes
    time: Ints
    score: Floats
    who: Ints
    edges: Ints
    home: Ints

    def pair(self, points: int) -> Ints:
        """Return (segment, touchpoint, the next one) of each event; after the last one comes the end."""
        side = points + 2
        place = (self.home * side).take(self.who)
        place += self.point
        pair = place * side
        pair[:-1] += self.point[1:]
        last = self.edges[1:] - 1
        pair[last] = place[last] * side + points + 1
        return pair

    def see(self, stages: int) -> Ints:
        """Return the bit mask of the stages that each customer was in."""
        bits = np.append(1 << np.arange(stages, dtype=np.int64), 0)  # −1, no stage, is the last
        return np.bitwise_or.reduceat(bits.take(self.stage, mode="wrap"), self.edges[:-1])

    def hash(self, letters: Hashes, powers: tuple[Hashes, Hashes]) -> Hashes:
        """Hash each customer's segment and path to 64 bits: a polynomial, so that it can start anywhere."""
        path = letters.take(self.point)
        path *= powers[0][: len(path)]
        path = np.add.reduceat(path, self.edges[:-1]) * powers[1][self.edges[:-1]]
        return mix(path ^ mix(self.home.astype(np.uint64)))

    def wait(self, segments: int, stages: int) -> tuple[Codes, Ints]:
        """Return (segment, from, to) and the time from entering a stage to entering the next, of the same customer."""
        stage, who, time = self.stage.astype(np.int64), self.who, self.time
        if (stage < 0).any():
            staged = np.flatnonzero(stage >= 0)
            stage, who, time = stage.take(staged), who.take(staged), time.take(staged)
        move = (self.home * (stages * stages)).take(who)
        move[1:] += stage[:-1] * stages
        move += stage
        same = who[1:] == who[:-1]
        enter = np.ones(len(stage), dtype=bool)
        np.logical_or(stage[1:] != stage[:-1], ~same, out=enter[1:])
        at = np.flatnonzero(enter)
        time, at = np.diff(time.take(at)), at[1:]
        inside = np.flatnonzero(same.take(at - 1))
        return move.take(at.take(inside)).astype(np.min_scalar_type(segments * stages * stages)), time.take(inside)

    def add_scores(self, cells: Floats) -> None:
        """Add by segment × touchpoint: events with a score, customers, sum and sum of squares of customers' means."""
        _, segments, points = cells.shape
        key, cell, score = self.who * points, (self.home * points).take(self.who), self.score
        key += self.point
        cell += self.point
        said = ~np.isnan(score)
        if not said.all():
            key, cell, score = key[said], cell[said], score[said]
        if not len(score):
            return
        if len(self.home) * points > 16 * len(key):
            key = np.unique(key, return_inverse=True)[1]
        part = 1 / np.bincount(key).take(key)  # of a customer's answers at a touchpoint
        mean = np.bincount(key, score).take(key)
        mean *= part
        total = mean * part
        for i, weight in enumerate((None, part, total, total * mean)):
            cells[i] += np.bincount(cell, weight, segments * points).reshape(segments, points)


def cut_blocks(columns: Columns, order: Ints | None, edges: Ints) -> Iterator[tuple[slice, Block]]:
    """Cut events into blocks of whole customers; ``edges`` says where each customer begins in the order.

    Yields
    ------
    tuple of slice and Block
        Which customers, and their events.
    """
    begins = edges[:-1] if order is None else order[edges[:-1]]
    home = columns.segment[begins].astype(np.int64)
    score = np.asarray(columns.score, dtype=np.float64).view(np.int64)  # the bits, to lie beside the time
    wide, narrow = _beside(columns.time, score, order), _beside(columns.touchpoint, columns.stage, order)
    for a, b in pairwise(_cuts(edges)):
        part = slice(edges[a], edges[b])
        (time, bits), (point, stage) = wide(part), narrow(part)
        inside = edges[a : b + 1] - edges[a]
        who = np.repeat(np.arange(b - a), np.diff(inside))
        yield slice(a, b), Block(point.astype(np.int64), stage, time, bits.view(np.float64), who, inside, home[a:b])


def _beside(first: Codes, second: Codes, order: Ints | None) -> Callable[[slice], Iterable[Codes]]:
    """Return what fetches some events of two columns; they lie together, so that memory is asked half as often."""
    if order is None:
        return lambda part: (first[part], second[part])
    both = np.stack((first, second), axis=1)
    return lambda part: both.take(order[part], axis=0, mode="clip").T


def _cuts(edges: Ints) -> list[int]:
    events = int(edges[-1])
    cuts = np.searchsorted(edges, np.arange(0, events + _BLOCK, _BLOCK)).clip(max=len(edges) - 1)
    return [int(cut) for cut in np.unique(cuts)]


def longest(edges: Ints) -> int:
    """Return how many events the longest block has."""
    return int(np.diff(edges[_cuts(edges)]).max(initial=0))


def powers(n: int) -> tuple[Hashes, Hashes]:
    """Return the first n powers of the hash's base, and their inverses."""
    inverse = np.uint64(pow(int(_BASE), -1, 1 << 64))
    ahead, back = (np.append(np.uint64(1), np.full(n, base)) for base in (_BASE, inverse))
    return np.cumprod(ahead, dtype=np.uint64), np.cumprod(back, dtype=np.uint64)


def mix(x: Hashes) -> Hashes:
    """Mix the bits of 64-bit numbers."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)), dtype=np.uint64)
