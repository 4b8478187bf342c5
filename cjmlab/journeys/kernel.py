"""The path kernel: events of whole customers in, a state that merges, tables out.

``partial(columns) → state``, ``merge(states) → state``, ``finish(state) → tables``. Any partition of the customers and
any order of merging gives the same tables, so the same code runs in memory, streamed over partitions, or inside a
cluster's map. Counts add; variants merge by a 64-bit hash of the path that is stored beside it; dwell times are kept,
so medians are exact; experience is kept as sums over customers, so a customer who is logged twice does not count twice.

Events of one customer at the same instant are taken in the order of the touchpoint codes, which is the order of the
journey: the rows' own order never matters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]
Codes = NDArray[Any]
MOST_STAGES = 48
"""Stages seen are kept as a bit mask beside the segment, in one 64-bit number."""
_BLOCK = 16_000
_BASE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Columns:
    """Events as codes (any integer type), one an event, in any order; every customer's events are all here.

    ``segment`` is the code of the customer's segment, repeated on each event; ``stage`` may be −1; ``score`` is NaN
    where the event carries none. ``sizes`` are the numbers of segments, touchpoints and stages.
    """

    customer: Ints
    time: Ints
    touchpoint: Codes
    stage: Codes
    segment: Codes
    score: Floats
    sizes: tuple[int, int, int]
    open_since: int | None = None

    def only(self, rows: NDArray[Any]) -> Columns:
        """Return the events of a mask or of positions."""
        return Columns(self.customer[rows], self.time[rows], self.touchpoint[rows], self.stage[rows],
                       self.segment[rows], self.score[rows], self.sizes, self.open_since)  # fmt: skip


@dataclass(frozen=True)
class State:
    """What is kept of events; see the module for how it merges."""

    follows: Ints
    """(segments, touchpoints + 2, touchpoints + 2): a directly followed by b; the last two rows are start and end."""
    masks: Ints
    """(2, m): the segment, whether the journey is open, and a bit mask of the stages seen, in one number; customers."""
    dwell_key: Ints
    dwell: Ints
    """Microseconds between entering one stage and entering the next; key is (segment, from, to)."""
    variant_key: Hashes
    """Hash of segment and path."""
    variant_segment: Ints
    variant_count: Ints
    variant_start: Ints
    variant_length: Ints
    variant_path: NDArray[Any]
    """Paths lie in here; ``variant_start`` and ``variant_length`` say where."""
    cells: Floats
    """(segments, touchpoints, 4): events with a score, customers, sum and sum of squares of the customers' means."""
    sizes: tuple[int, int, int]


def sort_events(columns: Columns) -> tuple[Ints, Ints, Ints]:
    """Return the order of events by customer, time and touchpoint, and the customers and times in that order."""
    n = len(columns.time)
    if not n:
        return columns.time, columns.customer, columns.time
    earliest = int(columns.time.min())
    span = (int(columns.time.max()) - earliest).bit_length()
    width = span + int(columns.customer.max()).bit_length()
    if width > 62:
        order = np.lexsort((columns.touchpoint, columns.time, columns.customer))
        return order, columns.customer[order], columns.time[order]
    exact = columns.customer.astype(np.int64) << span
    exact |= columns.time - earliest
    if (exact[1:] > exact[:-1]).all():
        return np.arange(n), columns.customer, columns.time
    order = _coarse_order(exact, width)
    exact = exact[order]
    unsure = np.flatnonzero(exact[1:] <= exact[:-1])
    if len(unsure):
        among = np.union1d(unsure, unsure + 1)
        order[among] = order[among][np.lexsort((columns.touchpoint[order[among]], exact[among]))]
        exact[among] = np.sort(exact[among])
    time = exact & ((1 << span) - 1)
    time += earliest
    exact >>= span
    return order, exact, time


def _coarse_order(exact: Ints, width: int) -> Ints:
    """Sort whole numbers that carry their own position: several times faster than asking numpy for the order.

    The position takes the place of the lowest bits, so what is equal above them is then sorted again.
    """
    places = len(exact).bit_length()
    drop = max(width + places - 63, 0)
    key = (exact >> drop) << places
    key |= np.arange(len(exact))
    key.sort()
    order = key & ((1 << places) - 1)
    key >>= places
    same = np.flatnonzero(key[1:] == key[:-1]) if drop else order[:0]
    if len(same):
        among = np.union1d(same, same + 1)
        order[among] = order[among][np.argsort(exact[order[among]])]
    return order


def partial(columns: Columns) -> State:
    """Summarise the events of some customers, a block of customers at a time, so that a block stays in the cache."""
    segments, points, stages = columns.sizes
    order, customer, time = sort_events(columns)
    point = columns.touchpoint[order].astype(np.min_scalar_type(-points - 2))
    first = np.ones(len(order), dtype=bool)
    np.not_equal(customer[1:], customer[:-1], out=first[1:])
    starts = np.append(np.flatnonzero(first), len(order))
    home = columns.segment[order[starts[:-1]]].astype(np.int64)
    seen, path = np.empty(len(home), dtype=np.int64), np.empty(len(home), dtype=np.uint64)
    follows, cells = np.zeros(segments * (points + 2) ** 2, dtype=np.int64), np.zeros((4, segments, points))
    waits = [(np.empty(0, dtype=np.uint8), np.empty(0, dtype=np.int64))]
    cuts = np.unique(np.searchsorted(starts, np.arange(0, len(order) + _BLOCK, _BLOCK)).clip(max=len(home)))
    powers = _powers(int(np.diff(starts[cuts]).max(initial=0)))
    for a, b in pairwise(cuts):
        part = slice(starts[a], starts[b])
        edges, stage = starts[a : b + 1] - starts[a], columns.stage[order[part]]
        block = _Block(point[part].astype(np.int64), stage, edges, home[a:b])
        follows += block.follow(points, len(follows))
        block.add_scores(columns.score[order[part]], cells)
        seen[a:b], path[a:b] = block.see(stages), block.hash(powers)
        waits.append(block.wait(time[part], segments, stages))
    np.rint(cells[1], out=cells[1])  # a customer who answered thrice was counted as three thirds
    still = 0 if columns.open_since is None else time[starts[1:] - 1] >= columns.open_since
    at, counts = _unique(path, np.ones(len(path), dtype=np.int64))
    return State(
        follows=follows.reshape(segments, points + 2, points + 2), masks=_count((home * 2 + still) << stages | seen),
        dwell_key=np.concatenate([key for key, _ in waits]), dwell=np.concatenate([wait for _, wait in waits]),
        variant_key=path[at], variant_segment=home[at], variant_count=counts, variant_start=starts[at],
        variant_length=starts[at + 1] - starts[at], variant_path=point, cells=cells.transpose(1, 2, 0),
        sizes=columns.sizes,
    )  # fmt: skip


@dataclass(frozen=True)
class _Block:
    """The events of some customers in order: ``edges`` (customers + 1) says where each begins, ``home`` its segment."""

    point: Ints
    stage: Ints
    edges: Ints
    home: Ints

    @property
    def lengths(self) -> Ints:
        return np.diff(self.edges)

    def follow(self, points: int, size: int) -> Ints:
        """Count what follows what, with the start and the end of every journey."""
        side = points + 2
        pair = np.repeat(self.home * side * side, self.lengths)
        pair += self.point * side
        pair[:-1] += self.point[1:]
        last = self.edges[1:] - 1
        pair[last] = (self.home * side + self.point[last]) * side + points + 1
        begin = (self.home * side + points) * side + self.point[self.edges[:-1]]
        return np.bincount(np.concatenate([pair, begin]), minlength=size)

    def see(self, stages: int) -> Ints:
        """Return the bit mask of the stages that each customer was in."""
        bits = np.append(1 << np.arange(stages, dtype=np.int64), 0)  # −1, no stage, is the last
        return np.bitwise_or.reduceat(bits[self.stage], self.edges[:-1])

    def hash(self, powers: tuple[Hashes, Hashes]) -> Hashes:
        """Hash each customer's segment and path to 64 bits: a polynomial, so that it can start anywhere."""
        letters = _mix(np.arange(1, int(self.point.max()) + 2, dtype=np.uint64))[self.point]
        letters *= powers[0][: len(letters)]
        path = np.add.reduceat(letters, self.edges[:-1]) * powers[1][self.edges[:-1]]
        return _mix(path ^ _mix(self.home.astype(np.uint64)))

    def wait(self, time: Ints, segments: int, stages: int) -> tuple[NDArray[Any], Ints]:
        """Return (segment, from, to) and the time from entering a stage to entering the next, of the same customer."""
        stage, who = self.stage.astype(np.int64), np.repeat(np.arange(len(self.home)), self.lengths)
        if (stage < 0).any():
            who, time, stage = who[stage >= 0], time[stage >= 0], stage[stage >= 0]
        enter = np.ones(len(stage), dtype=bool)
        enter[1:] = (stage[1:] != stage[:-1]) | (who[1:] != who[:-1])
        at = np.flatnonzero(enter)
        stage, who, time = stage[at], who[at], time[at]
        key = (self.home * stages * stages)[who[1:]] + stage[:-1] * stages + stage[1:]
        same = who[1:] == who[:-1]
        return key.astype(np.min_scalar_type(segments * stages * stages))[same], np.diff(time)[same]

    def add_scores(self, score: Floats, cells: Floats) -> None:
        """Add by segment × touchpoint: events with a score, customers, sum and sum of squares of customers' means."""
        _, segments, points = cells.shape
        key = np.repeat(np.arange(len(self.home)) * points, self.lengths) + self.point
        cell = np.repeat(self.home * points, self.lengths) + self.point
        said = ~np.isnan(score)
        if not said.all():
            key, cell, score = key[said], cell[said], score[said]
        if len(self.home) * points > 16 * len(key):
            _, key = np.unique(key, return_inverse=True)
        part = 1 / np.bincount(key)[key]  # of a customer's answers at a touchpoint
        mean = np.bincount(key, score)[key] * part
        for i, weight in enumerate((None, part, mean * part, mean * mean * part)):
            cells[i] += np.bincount(cell, weight, segments * points).reshape(segments, points)


def _powers(n: int) -> tuple[Hashes, Hashes]:
    """Return the first n powers of the hash's base, and their inverses."""
    inverse = np.uint64(pow(int(_BASE), -1, 1 << 64))
    ahead, back = (np.append(np.uint64(1), np.full(n, base)) for base in (_BASE, inverse))
    return np.cumprod(ahead, dtype=np.uint64), np.cumprod(back, dtype=np.uint64)


def _mix(x: Hashes) -> Hashes:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)), dtype=np.uint64)


def _unique(keys: NDArray[Any], counts: Ints) -> tuple[Ints, Ints]:
    """Return one position of each distinct key, in the order of the keys, and the summed counts."""
    order = np.argsort(keys)
    ordered = keys[order]
    new = np.ones(len(keys), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    at = np.flatnonzero(new)
    return order[at], np.add.reduceat(counts[order], at) if len(at) else counts[:0]


def _count(keys: Ints, counts: Ints | None = None) -> Ints:
    at, summed = _unique(keys, np.ones(len(keys), dtype=np.int64) if counts is None else counts)
    return np.stack([keys[at], summed])


def merge(states: Iterable[State]) -> State:
    """Merge states of different customers into one; the order does not matter."""
    parts = list(states)
    if len(parts) == 1:
        return parts[0]

    def joined(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts], axis=-1)

    shift = np.cumsum([0, *(len(part.variant_path) for part in parts[:-1])])
    starts = np.concatenate([part.variant_start + move for part, move in zip(parts, shift, strict=True)])
    keys, masks = joined("variant_key"), joined("masks")
    at, counts = _unique(keys, joined("variant_count"))
    lengths = joined("variant_length")[at]
    path, starts = _compact(joined("variant_path"), starts[at], lengths)
    return State(
        follows=np.sum([part.follows for part in parts], axis=0), masks=_count(masks[0], masks[1]),
        dwell_key=joined("dwell_key"), dwell=joined("dwell"), variant_key=keys[at],
        variant_segment=joined("variant_segment")[at], variant_count=counts, variant_start=starts,
        variant_length=lengths, variant_path=path, cells=np.sum([part.cells for part in parts], axis=0),
        sizes=parts[0].sizes,
    )  # fmt: skip


def _compact(path: NDArray[Any], starts: Ints, lengths: Ints) -> tuple[NDArray[Any], Ints]:
    """Leave out what no variant points to, when that is more than half."""
    total = int(lengths.sum())
    if 2 * total > len(path):
        return path, starts
    begins = np.cumsum(lengths) - lengths
    return path[np.repeat(starts - begins, lengths) + np.arange(total)], begins
