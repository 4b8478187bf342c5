"""Funnels in both bases: how many get through the steps, counted from events of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cjmlab.errors import VocabularyError, did_you_mean
from cjmlab.journeys.intervals import wilson_bounds
from cjmlab.journeys.kernel import State, merge, partial
from cjmlab.journeys.members import segment_of
from cjmlab.journeys.ordering import Columns, Ints, sort_events
from cjmlab.journeys.path_tables import Alphabet, finish
from cjmlab.journeys.paths import read_paths
from cjmlab.journeys.store import EventStore

if TYPE_CHECKING:
    from cjmlab.study.charter import Study


@dataclass(frozen=True)
class _Passed:
    """Who passed each step, of some customers: their segments, and their waits from the step before (µs)."""

    homes: list[Ints]
    waits: list[Ints]
    state: State


def funnel(
    events: Any, steps: Sequence[str] | None = None, *, segments: Any = None, study: Study | None = None,
    level: str = "stage", ordered: bool = True,
) -> pd.DataFrame:  # fmt: skip
    """Count how many customers get through the steps, against the first step and against the previous one.

    Parameters
    ----------
    events : table or path
        Events, or the path of a Parquet file or a store of them, which is streamed.
    steps : sequence of str, optional
        Names of steps, in order; the stages of the study, or all in the order of the data, when None.
    segments, study : optional
        As in ``trace_paths``.
    level : str
        What a step is.
    ordered : bool
        True: a step counts when it happens after the one before it. False: when it happens at all, to customers who
        made all steps before it.

    Returns
    -------
    DataFrame
        ``segment``, ``step``, ``position``, ``customers``, ``of_first``, ``of_first_low``, ``of_first_high``,
        ``of_previous``, ``of_previous_low``, ``of_previous_high``, ``median`` (seconds from the previous step; missing
        when unordered), ``experience`` (mean over customers at the step, where events carry a score).

    Raises
    ------
    VocabularyError
        For a step that no event has.

    Examples
    --------
    >>> log = pd.DataFrame({"customer_id": list("aab"), "time": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-01"]),
    ...     "touchpoint": ["search", "checkout", "search"]})
    >>> funnel(log, ["search", "checkout"], level="touchpoint")[["step", "customers", "of_first"]].values.tolist()
    [['search', 2, 1.0], ['checkout', 1, 0.5]]
    """
    chosen: list[str] = list(steps or ())

    def count(columns: Columns, names: Alphabet) -> _Passed:
        chosen[:] = names.touchpoints if steps is None else steps
        for step in chosen:
            if step not in names.touchpoints:
                remedy = did_you_mean(step, names.touchpoints)
                raise VocabularyError(f"{step!r} is not a {level} of these events", remedy=remedy)
        return _pass_steps(columns, [names.touchpoints.index(step) for step in chosen], ordered)

    if isinstance(events, (str, Path)):
        stages = study.stage_model.ids if study is not None else ()
        passed, names = EventStore(events, level, segment_of(segments), stages).work(count)
    else:
        columns, names, _ = read_paths(events, level, segments, study)
        passed = [count(columns, names)]
    rows = _count_rows(passed, chosen, names, ordered)
    return _both_bases(rows, finish(merge(part.state for part in passed), names, top=0).experience)


def _pass_steps(columns: Columns, steps: Sequence[int], ordered: bool) -> _Passed:
    """Follow customers through the steps, each the first time it counts."""
    order, customer, time = sort_events(columns)
    point = columns.touchpoint[order]
    people = int(customer.max(initial=-1)) + 1
    home = np.zeros(people, dtype=np.int64)
    home[customer] = columns.segment[order]
    reached, alive = np.full(people, -1, dtype=np.int64), np.ones(people, dtype=bool)
    homes, waits = [], []
    for position, step in enumerate(steps):
        at = np.flatnonzero(point == step)
        at = at[alive[customer[at]] & ((at > reached[customer[at]]) | (not ordered))]
        at = at[np.append(True, customer[at][1:] != customer[at][:-1])[: len(at)]]  # the first of each customer
        who = customer[at]
        homes.append(home[who])
        waits.append(time[at] - time[reached[who]] if ordered and position else at[:0])
        reached = np.full(people, -1, dtype=np.int64)
        reached[who] = at
        alive = reached >= 0
    return _Passed(homes, waits, partial(columns))


def _count_rows(
    passed: Sequence[_Passed], steps: Sequence[str], names: Alphabet, ordered: bool
) -> list[tuple[Any, ...]]:
    rows = []
    base = before = np.zeros(len(names.segments), dtype=np.int64)
    for position, step in enumerate(steps):
        home = np.concatenate([part.homes[position] for part in passed])
        counts = np.bincount(home, minlength=len(names.segments))
        base, before = (counts, counts) if position == 0 else (base, before)
        waited = np.concatenate([part.waits[position] for part in passed]) / 1e6
        for code, name in enumerate(names.segments):
            wait = waited[home == code] if ordered and position else waited[:0]
            middle = float(np.median(wait)) if len(wait) else np.nan
            rows.append((name, step, position, counts[code], base[code], before[code], middle))
        before = counts
    return rows


def _both_bases(rows: list[tuple[Any, ...]], felt: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["segment", "step", "position", "customers", "first", "previous", "median"])
    for base in ("first", "previous"):
        table[f"of_{base}"] = table["customers"] / table[base].where(table[base] > 0)
        low, high = wilson_bounds(table["customers"].to_numpy(), table[base].to_numpy())
        table[f"of_{base}_low"], table[f"of_{base}_high"] = low, high
    felt = felt.rename(columns={"touchpoint": "step"})[["segment", "step", "experience"]]
    table = table.merge(felt, on=["segment", "step"], how="left").sort_values(["segment", "position"], kind="stable")
    return table[["segment", "step", "position", "customers", "of_first", "of_first_low", "of_first_high", "of_previous",
                  "of_previous_low", "of_previous_high", "median", "experience"]].reset_index(drop=True)  # fmt: skip
