"""From the kernel's state to tables: transitions, reach and drop-off, dwell times, variants, experience."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.journeys.intervals import Z95, wilson_bounds
from cjmlab.journeys.kernel import State

START, END = "start", "end"


@dataclass(frozen=True)
class Alphabet:
    """The names behind the codes, in order."""

    segments: tuple[str, ...]
    touchpoints: tuple[str, ...]
    stages: tuple[str, ...]

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Numbers of segments, touchpoints and stages."""
        return len(self.segments), len(self.touchpoints), len(self.stages)


@dataclass(frozen=True)
class PathTables:
    """What events say of paths.

    ``transitions``: segment, from, to, n, share (of all that leaves ``from``), low, high; journeys begin at ``start``
    and finish at ``end``. ``reach``: segment, stage, position, customers, reach, drop_off, low, high, ended.
    ``dwell``: segment, from, to, n, median (seconds from entering one stage to entering the next). ``variants``:
    segment, rank, path, n, share, low, high, coverage. ``experience``: segment, touchpoint, n, customers, experience,
    low, high.
    """

    transitions: pd.DataFrame
    reach: pd.DataFrame
    dwell: pd.DataFrame
    variants: pd.DataFrame
    experience: pd.DataFrame


def finish(state: State, names: Alphabet, *, top: int | None = None) -> PathTables:
    """Turn a state into tables.

    Parameters
    ----------
    state : State
        From ``partial`` or ``merge``.
    names : Alphabet
        The names behind the codes.
    top : int, optional
        Only so many variants a segment; all when None.
    """
    return PathTables(
        transitions=_transitions(state, names), reach=_reach(state, names), dwell=_dwell(state, names),
        variants=_variants(state, names, top), experience=_experience(state, names),
    )  # fmt: skip


def _named(names: Sequence[str], codes: NDArray[Any]) -> Any:
    """Return the names of codes as a column of words; a few names become words once, not once a row."""
    return pd.Series(list(names), dtype="str" if names else object).array.take(codes)


def _transitions(state: State, names: Alphabet) -> pd.DataFrame:
    nodes = (*names.touchpoints, START, END)
    segment, start, end = np.nonzero(state.follows)
    n = state.follows[segment, start, end]
    total = state.follows.sum(axis=2)[segment, start]
    low, high = wilson_bounds(n, total)
    return pd.DataFrame({"segment": _named(names.segments, segment), "from": _named(nodes, start),
                         "to": _named(nodes, end), "n": n, "share": n / total, "low": low, "high": high})  # fmt: skip


def _reach(state: State, names: Alphabet) -> pd.DataFrame:
    segments, _, stages = state.sizes
    key, count = state.masks
    segment, still, mask = key >> (stages + 1), (key >> stages) & 1, key & ((1 << stages) - 1)
    there, ended, gone = (np.zeros((segments, stages)) for _ in range(3))
    for stage in range(stages):
        seen = np.where((mask >> stage) & 1, count, 0)
        closed = np.where(still == 0, seen, 0)
        for table, who in ((there, seen), (ended, closed), (gone, np.where(mask >> (stage + 1) == 0, closed, 0))):
            table[:, stage] = np.bincount(segment, who, minlength=segments)
    everyone = np.repeat(np.bincount(segment, count, minlength=segments), stages)
    position = np.tile(np.arange(stages), segments)
    n, of, lost = there.ravel(), ended.ravel(), gone.ravel()
    last = position == stages - 1
    low, high = (np.where(last, np.nan, bound) for bound in wilson_bounds(lost, of))
    return pd.DataFrame({"segment": _named(names.segments, np.repeat(np.arange(segments), stages)),
                         "stage": _named(names.stages, position), "position": position, "customers": n.astype(int),
                         "reach": _share(n, everyone), "drop_off": np.where(last, np.nan, _share(lost, of)),
                         "low": low, "high": high, "ended": of.astype(int)})  # fmt: skip


def _share(n: NDArray[Any], of: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(np.divide(n, of, out=np.full(len(n), np.nan), where=of > 0))


def _dwell(state: State, names: Alphabet) -> pd.DataFrame:
    segments, _, stages = state.sizes
    size = segments * stages * stages
    counts = np.stack([np.bincount(key, minlength=size) for key in state.dwell_key]).sum(axis=0)
    keys = np.flatnonzero(counts)
    waits, n = _by_key(state.dwell_key, state.dwell), counts[keys]
    begin = np.cumsum(n) - n
    median = (waits[begin + (n - 1) // 2] + waits[begin + n // 2]) / 2
    pair = keys % max(stages * stages, 1)
    return pd.DataFrame({"segment": _named(names.segments, keys // max(stages * stages, 1)),
                         "from": _named(names.stages, pair // max(stages, 1)),
                         "to": _named(names.stages, pair % max(stages, 1)), "n": n, "median": median / 1e6})  # fmt: skip


def _by_key(keys: Sequence[NDArray[Any]], waits: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return waits sorted within their keys: as one number each where key and wait fit together."""
    span = max((int(wait.max()) for wait in waits if len(wait)), default=0).bit_length()
    if span + max((int(key.max()) for key in keys if len(key)), default=0).bit_length() > 63:
        wait = np.concatenate(waits)
        return wait[np.lexsort((wait, np.concatenate(keys)))]
    both, at = np.empty(sum(map(len, waits)), dtype=np.int64), 0
    for key, wait in zip(keys, waits, strict=True):
        part = both[at : at + len(wait)]
        np.left_shift(key, span, out=part, dtype=np.int64)
        part |= wait
        at += len(wait)
    both.sort()
    both &= (1 << span) - 1
    return both


def _variants(state: State, names: Alphabet, top: int | None) -> pd.DataFrame:
    """List variants, commonest first; equal counts stand in the order of their names, not of their hashes."""
    total = np.bincount(state.variant_segment, state.variant_count, minlength=len(names.segments))
    rows = []
    for home, order in enumerate(_ranked(state, len(names.segments))):
        kept = order[:top]
        lots = (values[kept].tolist() for values in (state.variant_count, state.variant_start, state.variant_length))
        found = sorted(
            (-count, tuple(names.touchpoints[i] for i in state.variant_path[a : a + k].tolist()))
            for count, a, k in zip(*lots, strict=True)
        )
        rows += [(home, rank, path, -count) for rank, (count, path) in enumerate(found, 1)]
    table = pd.DataFrame(rows, columns=["segment", "rank", "path", "n"], dtype=object)
    table = table.astype({"segment": np.int64, "rank": np.int64, "n": np.int64})
    at, n = table["segment"].to_numpy(), table["n"].to_numpy()
    of = total[at]
    low, high = wilson_bounds(n, of)
    table = table.assign(segment=_named(names.segments, at), share=n / of, low=low, high=high)
    table["coverage"] = table["share"].groupby(at).cumsum()
    return table


def _ranked(state: State, segments: int) -> list[NDArray[np.int64]]:
    """Return the variants of each segment, the commonest first, then in the order of the state, which is that of keys."""
    n, most = len(state.variant_count), int(state.variant_count.max(initial=0)) + 1
    key = (state.variant_segment * most + most - state.variant_count) * n + np.arange(n)
    key.sort()
    return np.split(key % max(n, 1), np.searchsorted(key, np.arange(1, segments) * most * n))


def _experience(state: State, names: Alphabet) -> pd.DataFrame:
    segment, point = np.nonzero(state.cells[:, :, 1])
    n, customers, total, squares = state.cells[segment, point].T
    mean = total / customers
    variance = np.maximum(squares - customers * mean**2, 0) / np.maximum(customers - 1, 1)
    half = np.where(customers > 1, Z95 * np.sqrt(variance / customers), np.nan)
    return pd.DataFrame({"segment": _named(names.segments, segment),
                         "touchpoint": _named(names.touchpoints, point), "n": n.astype(int),
                         "customers": customers.astype(int), "experience": mean.round(12),
                         "low": (mean - half).round(12), "high": (mean + half).round(12)})  # fmt: skip
