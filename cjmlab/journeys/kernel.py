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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cjmlab.journeys.blocks import Hashes, cut_blocks, longest, mix, powers
from cjmlab.journeys.ordering import Codes, Columns, Floats, Ints, order_events

MOST_STAGES = 48
"""Stages seen are kept as a bit mask beside the segment, in one 64-bit number."""


@dataclass(frozen=True)
class State:
    """What is kept of events; see the module for how it merges."""

    follows: Ints
    """(segments, touchpoints + 2, touchpoints + 2): a directly followed by b; the last two rows are start and end."""
    masks: Ints
    """(2, m): the segment, whether the journey is open, and a bit mask of the stages seen, in one number; customers."""
    dwell_key: tuple[Codes, ...]
    dwell: tuple[Ints, ...]
    """Microseconds between entering one stage and entering the next; key is (segment, from, to). Merging lists them."""
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


def partial(columns: Columns) -> State:
    """Summarise the events of some customers, a block of customers at a time, so that a block stays in the cache."""
    segments, points, stages = columns.sizes
    order, first = order_events(columns)
    edges = np.append(np.flatnonzero(first), len(first))
    people = len(edges) - 1
    home, seen, last = (np.empty(people, dtype=np.int64) for _ in range(3))
    hashes, path = np.empty(people, dtype=np.uint64), np.empty(len(first), dtype=np.min_scalar_type(-points - 2))
    side = points + 2
    pairs, cells = _Tally(segments * side * side), np.zeros((4, segments, points))
    letters, base = mix(np.arange(1, points + 1, dtype=np.uint64)), powers(longest(edges))
    waits = [(np.empty(0, dtype=np.uint8), np.empty(0, dtype=np.int64))]
    for who, block in cut_blocks(columns, order, edges):
        path[edges[who.start] : edges[who.stop]] = block.point
        home[who], seen[who], hashes[who] = block.home, block.see(stages), block.hash(letters, base)
        last[who] = block.time[block.edges[1:] - 1]
        pairs.add(block.pair(points))
        waits.append(block.wait(segments, stages))
        block.add_scores(cells)
    np.rint(cells[1], out=cells[1])  # a customer who answered thrice was counted as three thirds
    pairs.add((home * side + points) * side + path[edges[:-1]])
    still = 0 if columns.open_since is None else last >= columns.open_since
    at, counts = _unique(hashes, np.ones(people, dtype=np.int64))
    return State(
        follows=pairs.total().reshape(segments, side, side), masks=_count((home * 2 + still) << stages | seen),
        dwell_key=(np.concatenate([key for key, _ in waits]),), dwell=(np.concatenate([wait for _, wait in waits]),),
        variant_key=hashes[at], variant_segment=home[at], variant_count=counts, variant_start=edges[at],
        variant_length=edges[at + 1] - edges[at], variant_path=path, cells=cells.transpose(1, 2, 0), sizes=columns.sizes,
    )  # fmt: skip


class _Tally:
    """Counts of codes. Codes wait until they are as many as the counts: a wide table is not added up for every block."""

    def __init__(self, size: int) -> None:
        self._counts = np.zeros(size, dtype=np.int64)
        self._waiting: list[Ints] = []

    def add(self, codes: Ints) -> None:
        """Count codes, now or soon."""
        self._waiting.append(codes)
        if sum(map(len, self._waiting)) >= len(self._counts):
            self._settle()

    def total(self) -> Ints:
        """Return the counts of all codes that came."""
        self._settle()
        return self._counts

    def _settle(self) -> None:
        if self._waiting:
            self._counts += np.bincount(np.concatenate(self._waiting), minlength=len(self._counts))
            self._waiting.clear()


def _unique(keys: NDArray[Any], counts: Ints) -> tuple[Ints, Ints]:
    """Return one position of each distinct key, in the order of the keys, and the summed counts."""
    order = np.argsort(keys)
    ordered = keys[order]
    new = np.ones(len(keys), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    at = np.flatnonzero(new)
    return order[at], np.add.reduceat(counts[order], at) if len(at) else counts[:0]


def _count(keys: Ints, counts: Ints | None = None) -> Ints:
    """Return the distinct keys and how often each is there; few distinct ones are not sorted."""
    if len(keys) and int(keys.max()) <= 4 * len(keys):
        summed = np.bincount(keys, counts).astype(np.int64)
        at = np.flatnonzero(summed)
        return np.stack([at, summed[at]])
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
        dwell_key=tuple(key for part in parts for key in part.dwell_key),
        dwell=tuple(wait for part in parts for wait in part.dwell), variant_key=keys[at],
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
