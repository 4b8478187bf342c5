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
_BLOCK = 40_000
_NONE = np.empty(0, dtype=np.int64)
_EMPTY = (np.empty((0, 4), dtype=np.int64), _NONE, _NONE, np.empty((0, 2), dtype=np.uint64), _NONE, _NONE)
_BASE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Columns:
    """Events as codes (any integer type), one an event, in any order; every customer's events are all here.

    ``segment`` is the code of the customer's segment, repeated on each event; ``stage`` may be −1; ``score`` is NaN
    where the event carries none. ``sizes`` are the numbers of segments, touchpoints and stages.
    """

    customer: Ints
    time: Ints
    touchpoint: Ints
    stage: Ints
    segment: Ints
    score: Floats
    sizes: tuple[int, int, int]
    open_since: int | None = None


@dataclass(frozen=True)
class State:
    """What is kept of events; see the module for how it merges."""

    follows: Ints
    """(segments, touchpoints + 2, touchpoints + 2): a directly followed by b; the last two rows are start and end."""
    masks: Ints
    """(m, 4): segment, open (0 or 1), bit mask of the stages seen, customers."""
    dwell_key: Ints
    dwell: Ints
    """Microseconds between entering one stage and entering the next; key is (segment, from, to)."""
    variant_key: NDArray[np.uint64]
    """(v, 2): segment and hash of the path."""
    variant_count: Ints
    variant_start: Ints
    variant_path: NDArray[np.int32]
    """Paths one after the other; ``variant_start`` (v + 1) says where each begins."""
    cells: Floats
    """(segments, touchpoints, 4): events with a score, customers, sum and sum of squares of the customers' means."""
    sizes: tuple[int, int, int]


def sort_events(columns: Columns) -> tuple[Ints, Ints, Ints]:
    """Return the order of events by customer, time and touchpoint, and the customers and times in that order."""
    if not len(columns.time):
        return columns.time, columns.customer, columns.time
    earliest = int(columns.time.min())
    span = (int(columns.time.max()) - earliest).bit_length()
    if span + int(columns.customer.max()).bit_length() > 62:
        order = np.lexsort((columns.touchpoint, columns.time, columns.customer))
        return order, columns.customer[order], columns.time[order]
    key = columns.customer << span
    key |= columns.time - earliest
    if (key[1:] > key[:-1]).all():
        return np.arange(len(key)), columns.customer, columns.time
    order = np.argsort(key)
    key = key[order]
    tied = np.flatnonzero(key[1:] == key[:-1])
    if len(tied):
        among = np.union1d(tied, tied + 1)
        order[among] = order[among][np.lexsort((columns.touchpoint[order[among]], key[among]))]
    customer = key >> span
    key &= (1 << span) - 1
    key += earliest
    return order, customer, key


def partial(columns: Columns) -> State:
    """Summarise the events of some customers, a block of customers at a time, so that a block stays in the cache."""
    segments, points, _ = columns.sizes
    order, customer, time = sort_events(columns)
    heads = np.flatnonzero(np.concatenate([[True], customer[1:] != customer[:-1]])) if len(customer) else order
    edges = np.append(heads, len(order))
    edges = edges[np.unique(np.searchsorted(edges, np.arange(0, len(order) + _BLOCK, _BLOCK)).clip(max=len(heads)))]
    sums = np.zeros(segments * (points + 2) ** 2, dtype=np.int64), np.zeros((segments * points, 4))
    parts = [_block(columns, order[a:b], customer[a:b], time[a:b], sums) for a, b in pairwise(edges)]
    joined: list[Any] = [np.concatenate([part[i] for part in parts]) if parts else _EMPTY[i] for i in range(6)]
    masks, dwell_key, dwell, keys, lengths, paths = joined
    at, counts = _unique(keys, np.ones(len(keys), dtype=np.int64))
    offsets, path = _gather(paths, np.concatenate([[0], np.cumsum(lengths)])[at], lengths[at])
    return State(
        follows=sums[0].reshape(segments, points + 2, points + 2), masks=_count(masks[:, :3], masks[:, 3]),
        dwell_key=dwell_key, dwell=dwell, variant_key=keys[at], variant_count=counts, variant_start=offsets,
        variant_path=path, cells=sums[1].reshape(segments, points, 4), sizes=columns.sizes,
    )  # fmt: skip


def _block(columns: Columns, order: Ints, customer: Ints, time: Ints, sums: tuple[Ints, Floats]) -> tuple[Any, ...]:
    """Add a block of whole customers to the sums; return what only merges by joining."""
    _, points, stages = columns.sizes
    point = columns.touchpoint[order].astype(np.int64)
    stage = columns.stage[order].astype(np.int64)
    segment = columns.segment[order].astype(np.int64)
    n = len(order)
    first = np.ones(n, dtype=bool)
    np.not_equal(customer[1:], customer[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    group = np.cumsum(first) - 1
    ends = np.append(starts[1:], n) - 1
    side = points + 2
    pairs = (segment[:-1] * side + point[:-1]) * side + point[1:]
    follows, cells = sums
    follows += np.bincount(pairs[~first[1:]], minlength=len(follows))
    follows += np.bincount((segment[starts] * side + points) * side + point[starts], minlength=len(follows))
    follows += np.bincount((segment[ends] * side + point[ends]) * side + points + 1, minlength=len(follows))
    cells += _cells(columns.score[order], point, segment, group, starts, columns.sizes)
    masks = _masks(stage, time, segment, starts, ends, columns.open_since)
    place = np.arange(n) - starts[group]
    keys = np.column_stack([segment[starts].astype(np.uint64), _hash(point, place, starts)])
    return masks, *_dwell(stage, time, segment, group, stages), keys, ends - starts + 1, point.astype(np.int16)


def _hash(point: Ints, place: Ints, starts: Ints) -> NDArray[np.uint64]:
    """Hash each customer's path to 64 bits."""
    powers = np.cumprod(np.concatenate([[np.uint64(1)], np.full(int(place.max()), _BASE)]), dtype=np.uint64)
    letters = _mix(np.arange(1, int(point.max()) + 2, dtype=np.uint64))
    return _mix(np.add.reduceat(letters[point] * powers[place], starts))


def _masks(stage: Ints, time: Ints, segment: Ints, starts: Ints, ends: Ints, open_since: int | None) -> Ints:
    bits = np.where(stage >= 0, np.left_shift(np.int64(1), np.maximum(stage, 0)), 0)
    mask = np.bitwise_or.reduceat(bits, starts)
    still = np.zeros(len(starts), dtype=np.int64) if open_since is None else (time[ends] >= open_since).astype(np.int64)
    return _count(np.column_stack([segment[starts], still, mask]), np.ones(len(starts), dtype=np.int64))


def _count(keys: Ints, counts: Ints) -> Ints:
    order = np.lexsort(keys.T[::-1])
    keys, counts = keys[order], counts[order]
    new = np.ones(len(keys), dtype=bool)
    new[1:] = (keys[1:] != keys[:-1]).any(axis=1)
    at = np.flatnonzero(new)
    return np.column_stack([keys[at], np.add.reduceat(counts, at)]) if len(at) else np.empty((0, 4), dtype=np.int64)


def _dwell(stage: Ints, time: Ints, segment: Ints, group: Ints, stages: int) -> tuple[Ints, Ints]:
    staged = np.flatnonzero(stage >= 0) if (stage < 0).any() else slice(None)
    stage, time, segment, group = stage[staged], time[staged], segment[staged], group[staged]
    enter = np.ones(len(stage), dtype=bool)
    enter[1:] = (stage[1:] != stage[:-1]) | (group[1:] != group[:-1])
    at = np.flatnonzero(enter)
    a, b = at[:-1], at[1:]
    same = group[a] == group[b]
    a, b = a[same], b[same]
    return (segment[a] * stages + stage[a]) * stages + stage[b], time[b] - time[a]


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)), dtype=np.uint64)


def _unique(keys: NDArray[np.uint64], counts: Ints) -> tuple[Ints, Ints]:
    """Return one position of each distinct key, in the order of the keys, and the summed counts."""
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    ordered = keys[order]
    new = np.ones(len(keys), dtype=bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    at = np.flatnonzero(new)
    return order[at], np.add.reduceat(counts[order], at) if len(at) else counts[:0]


def _gather(values: NDArray[Any], starts: Ints, lengths: Ints) -> tuple[Ints, NDArray[np.int32]]:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    index = np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])
    return offsets, np.asarray(values[index], dtype=np.int32)


def _cells(score: Floats, point: Ints, segment: Ints, group: Ints, starts: Ints, sizes: tuple[int, int, int]) -> Floats:
    """Return by segment × touchpoint: events with a score, customers, sum and sum of squares of customers' means."""
    segments, points, _ = sizes
    cells = np.zeros((segments * points, 4))
    said = ~np.isnan(score)
    if not said.any():
        return cells
    key = group * points + point
    if not said.all():
        key, score = key[said], score[said]
    if len(starts) * points <= 16 * len(key):
        n, total = np.bincount(key), np.bincount(key, score)
        at = np.flatnonzero(n)
        n, total = n[at], total[at]
    else:
        at, back = np.unique(key, return_inverse=True)
        n, total = np.bincount(back), np.bincount(back, score)
    mean = total / n
    cell = segment[starts][at // points] * points + at % points
    for i, weight in enumerate((n, None, mean, mean * mean)):
        cells[:, i] = np.bincount(cell, weight, minlength=len(cells))
    return cells


def merge(states: Iterable[State]) -> State:
    """Merge states of different customers into one; the order does not matter."""
    parts = list(states)
    if len(parts) == 1:
        return parts[0]
    keys = np.concatenate([part.variant_key for part in parts])
    lengths = np.concatenate([np.diff(part.variant_start) for part in parts])
    shift = np.cumsum([0, *(len(part.variant_path) for part in parts[:-1])])
    begins = np.concatenate([part.variant_start[:-1] + move for part, move in zip(parts, shift, strict=True)])
    paths = np.concatenate([part.variant_path for part in parts])
    at, counts = _unique(keys, np.concatenate([part.variant_count for part in parts]))
    offsets, path = _gather(paths, begins[at], lengths[at])
    masks = np.concatenate([part.masks for part in parts])
    return State(
        follows=np.sum([part.follows for part in parts], axis=0), masks=_count(masks[:, :3], masks[:, 3]),
        dwell_key=np.concatenate([part.dwell_key for part in parts]),
        dwell=np.concatenate([part.dwell for part in parts]), variant_key=keys[at], variant_count=counts,
        variant_start=offsets, variant_path=path, cells=np.sum([part.cells for part in parts], axis=0),
        sizes=parts[0].sizes,
    )  # fmt: skip
