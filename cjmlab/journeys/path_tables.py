"""From the kernel's state to tables: transitions, reach and drop-off, dwell times, variants, experience."""

from __future__ import annotations

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


def _transitions(state: State, names: Alphabet) -> pd.DataFrame:
    nodes = np.array([*names.touchpoints, START, END], dtype=object)
    segment, start, end = np.nonzero(state.follows)
    n = state.follows[segment, start, end]
    total = state.follows.sum(axis=2)[segment, start]
    low, high = wilson_bounds(n, total)
    return pd.DataFrame({"segment": np.array(names.segments, dtype=object)[segment], "from": nodes[start],
                         "to": nodes[end], "n": n, "share": n / total, "low": low, "high": high})  # fmt: skip


def _reach(state: State, names: Alphabet) -> pd.DataFrame:
    segments, _, stages = state.sizes
    key, count = state.masks
    segment, still, mask = key >> (stages + 1), (key >> stages) & 1, key & ((1 << stages) - 1)
    customers = np.bincount(segment, count, minlength=segments)
    rows = []
    for code in range(segments):
        for stage in range(stages):
            there = (segment == code) & ((mask >> stage) & 1 == 1)
            ended = there & (still == 0)
            stopped = ended & ((mask >> (stage + 1)) == 0)
            n, of, gone = (float(count[part].sum()) for part in (there, ended, stopped))
            rows.append((names.segments[code], names.stages[stage], stage, int(n), customers[code], of, gone))
    table = pd.DataFrame(rows, columns=["segment", "stage", "position", "customers", "all", "ended", "gone"])
    table["reach"] = table["customers"] / table["all"].where(table["all"] > 0)
    last = table["position"].eq(stages - 1)
    table["drop_off"] = (table["gone"] / table["ended"].where(table["ended"] > 0)).where(~last)
    low, high = wilson_bounds(table["gone"].to_numpy(), table["ended"].to_numpy())
    table["low"], table["high"] = pd.Series(low).where(~last), pd.Series(high).where(~last)
    table["ended"] = table["ended"].astype(int)
    return table[["segment", "stage", "position", "customers", "reach", "drop_off", "low", "high", "ended"]]


def _dwell(state: State, names: Alphabet) -> pd.DataFrame:
    _, _, stages = state.sizes
    counts = np.bincount(state.dwell_key)
    keys = np.flatnonzero(counts)
    waits, n = _by_key(state.dwell_key, state.dwell), counts[keys]
    begin = np.cumsum(n) - n
    median = (waits[begin + (n - 1) // 2] + waits[begin + n // 2]) / 2
    labels = np.array(names.stages, dtype=object)
    pair = keys % (stages * stages)
    return pd.DataFrame({"segment": np.array(names.segments, dtype=object)[keys // (stages * stages)],
                         "from": labels[pair // stages], "to": labels[pair % stages], "n": n, "median": median / 1e6})  # fmt: skip


def _by_key(key: NDArray[Any], wait: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return waits sorted within their keys: as one number each where key and wait fit together."""
    if not len(wait):
        return wait
    span = int(wait.max()).bit_length()
    if span + int(key.max()).bit_length() > 63:
        return wait[np.lexsort((wait, key))]
    both = key.astype(np.int64)
    both <<= span
    both |= wait
    both.sort()
    both &= (1 << span) - 1
    return both


def _variants(state: State, names: Alphabet, top: int | None) -> pd.DataFrame:
    segment = state.variant_segment
    total = np.bincount(segment, state.variant_count, minlength=len(names.segments))
    order = np.lexsort((state.variant_key, -state.variant_count, segment))
    place = np.arange(len(order)) - np.searchsorted(segment[order], segment[order])
    keep = slice(None) if top is None else place < top
    order, place = order[keep], place[keep]
    letters = np.array(names.touchpoints, dtype=object)
    begins, ends = state.variant_start[order], state.variant_start[order] + state.variant_length[order]
    paths = [tuple(letters[state.variant_path[a:b]]) for a, b in zip(begins, ends, strict=True)]
    n, of = state.variant_count[order], total[segment[order]]
    low, high = wilson_bounds(n, of)
    table = pd.DataFrame({"segment": np.array(names.segments, dtype=object)[segment[order]], "rank": place + 1,
                          "path": pd.Series(paths, dtype=object), "n": n, "share": n / of, "low": low, "high": high})  # fmt: skip
    if len(table):  # equal counts stand in the order of their names, not of their hashes
        table = table.sort_values(["segment", "n", "path"], ascending=[True, False, True], kind="stable")
        table["rank"] = table.groupby("segment").cumcount() + 1
    table["coverage"] = table.groupby("segment")["share"].cumsum()
    return table.reset_index(drop=True)


def _experience(state: State, names: Alphabet) -> pd.DataFrame:
    segment, point = np.nonzero(state.cells[:, :, 1])
    n, customers, total, squares = state.cells[segment, point].T
    mean = total / customers
    variance = np.maximum(squares - customers * mean**2, 0) / np.maximum(customers - 1, 1)
    half = np.where(customers > 1, Z95 * np.sqrt(variance / customers), np.nan)
    return pd.DataFrame({"segment": np.array(names.segments, dtype=object)[segment],
                         "touchpoint": np.array(names.touchpoints, dtype=object)[point], "n": n.astype(int),
                         "customers": customers.astype(int), "experience": mean.round(12),
                         "low": (mean - half).round(12), "high": (mean + half).round(12)})  # fmt: skip
