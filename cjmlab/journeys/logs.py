"""Event logs as codes: from a DataFrame of any make, or a Parquet store, to what the kernel reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import TableError
from cjmlab.journeys.context import ALL_CUSTOMERS
from cjmlab.journeys.kernel import State, merge, partial
from cjmlab.journeys.ordering import Columns, sort_events
from cjmlab.journeys.path_tables import Alphabet
from cjmlab.journeys.reach import gap_threshold
from cjmlab.journeys.words import Words, meet, name_codes, read_series
from cjmlab.tables import fit_columns, need_columns, need_times

_NEEDED = ("customer_id", "time")


def as_pandas(frame: Any) -> pd.DataFrame:
    """Return a pandas frame from pandas, polars, pyarrow, duckdb or anything else that narwhals reads.

    Raises
    ------
    TableError
        When it is no table at all.
    """
    if isinstance(frame, pd.DataFrame):
        return frame
    try:
        import narwhals as nw

        return nw.from_native(frame).lazy().collect(backend="pyarrow").to_pandas()  # type: ignore[no-any-return]
    except (ImportError, TypeError):
        raise TableError(
            f"events are a table, not {type(frame).__name__}", remedy="Pass a pandas, polars or pyarrow table."
        ) from None


def encode(
    events: Any, *, level: str = "touchpoint", segments: pd.Series | None = None, names: Alphabet | None = None,
    stages: Sequence[str] | None = None, score: str = "sentiment", open_after: pd.Timedelta | None = None,
) -> tuple[Columns, Alphabet, pd.Index]:  # fmt: skip
    """Encode events for the kernel.

    Parameters
    ----------
    events : table
        ``customer_id``, ``time`` and ``level``; ``stage`` and a score where there are any. Rows without the level's
        name, a customer or a time are left out.
    level : str
        What a step is: ``touchpoint``, ``stage``, ``channel`` or ``event``.
    segments : Series, optional
        Segment by customer id; customers without one are left out. One segment when None.
    names : Alphabet, optional
        Names to use, so that states of several batches merge.
    stages : sequence of str, optional
        Stages in order.
    score : str
        Column of the experience of an event, when there is one.
    open_after : Timedelta, optional
        A journey whose last event is nearer than this to the end of the log is open; from the log when None.

    Returns
    -------
    tuple of Columns, Alphabet and Index
        The codes, the names, and the customers in the order of their codes.
    """
    table = as_pandas(events)
    need_columns("events", table, *_NEEDED, level)
    table = fit_columns("events", table)
    table = table.assign(time=need_times("events", table, "time"))
    known = table[level].notna() & table["customer_id"].notna() & table["time"].notna()
    table = table if known.all() else table[known]
    who = read_series(table["customer_id"])
    member = pd.Series(list(who.words), dtype=object)
    member = pd.Series(ALL_CUSTOMERS.text("en"), member.index) if segments is None else member.map(segments)
    inside = np.append(member.notna(), False)[who.rows]
    if not inside.all():
        table, who = table[inside], Words(who.words, who.rows[inside])
    found = {key: read_series(table[name]) for key, name in (("point", level), ("stage", "stage")) if name in table}
    people, code = np.unique(np.array(who.words, dtype=object), return_inverse=True)
    met = np.zeros(len(people), dtype=bool)
    met[code[who.rows]] = True
    customer = (np.cumsum(met) - 1)[code][who.rows]
    homes = read_series(member.where(met[code]))
    if names is None:
        names = name_codes(meet(found["point"], found.get("stage")), set(homes.words), stages or (), level)
    time = np.asarray(table["time"].dt.as_unit("us").astype("int64"), dtype=np.int64)
    columns = Columns(
        customer=customer, time=time, touchpoint=found["point"].place(names.touchpoints),
        stage=found["stage"].place(names.stages) if "stage" in found else np.full(len(table), -1, dtype=np.int8),
        segment=homes.place(names.segments)[who.rows],
        sizes=names.sizes, open_since=_open_since(customer, time, open_after),
        score=table[score].to_numpy(dtype=float) if score in table else np.full(len(table), np.nan),
    )  # fmt: skip
    return columns, names, pd.Index(people[met])


def _open_since(customer: Any, time: Any, after: pd.Timedelta | None) -> int | None:
    if not len(time):
        return None
    wait = after if after is not None else gap_threshold(customer, time)
    return None if wait is None else int(time.max() - int(wait.value // 1000))


def run_kernel(columns: Columns, *, partitions: int = 1) -> State:
    """Run the kernel, over partitions of the customers when memory is short; the tables are the same."""
    if partitions <= 1:
        return partial(columns)
    return merge(partial(part) for part in _split(columns, partitions))


def _split(columns: Columns, partitions: int) -> Iterator[Columns]:
    for part in range(partitions):
        mine = columns.customer % partitions == part
        if mine.any():
            yield columns.only(mine)


def collapse(columns: Columns, level: str) -> Columns:
    """Take steps that stay in one stage or channel as one step; a touchpoint or event met twice stays two."""
    if level not in ("stage", "channel") or not len(columns.time):
        return columns
    order, customer, _ = sort_events(columns)
    point = columns.touchpoint[order]
    return columns.only(order[np.append(True, (customer[1:] != customer[:-1]) | (point[1:] != point[:-1]))])
