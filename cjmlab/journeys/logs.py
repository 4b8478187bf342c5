"""Event logs as codes: from a DataFrame of any make, or a Parquet store, to what the kernel reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import SourceError, TableError, did_you_mean
from cjmlab.journeys.kernel import Columns, State, merge, partial
from cjmlab.journeys.path_tables import Alphabet
from cjmlab.journeys.reach import gap_threshold

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
        name are left out.
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
    for column in (*_NEEDED, level):
        if column not in table:
            remedy = did_you_mean(column, map(str, table.columns))
            raise TableError(f"the column {column!r} is missing", where="table 'events'", remedy=remedy)
    table = table[table[level].notna() & table["customer_id"].notna()]
    ids = table["customer_id"].astype(str)
    if segments is not None:
        member = ids.map(segments)
        table, ids = table[member.notna()], ids[member.notna()]
        member = member[member.notna()].astype(str)
    else:
        member = pd.Series("All customers", ids.index)
    if names is None:
        names = _alphabet(table, level, member, segments, stages)
    customer, people = pd.factorize(ids, sort=True)
    time = np.asarray(pd.to_datetime(table["time"], utc=True).dt.as_unit("us").astype("int64"), dtype=np.int64)
    stage = _codes(table["stage"], names.stages) if "stage" in table else np.full(len(table), -1, dtype=np.int64)
    columns = Columns(
        customer=customer.astype(np.int64), time=time, touchpoint=_codes(table[level], names.touchpoints), stage=stage,
        segment=_codes(member, names.segments), sizes=names.sizes, open_since=_open_since(customer, time, open_after),
        score=table[score].to_numpy(dtype=float) if score in table else np.full(len(table), np.nan),
    )  # fmt: skip
    return columns, names, pd.Index(people)


def _alphabet(
    table: pd.DataFrame, level: str, member: pd.Series, segments: pd.Series | None, stages: Sequence[str] | None
) -> Alphabet:
    found = sorted(table["stage"].dropna().astype(str).unique()) if "stage" in table else []
    ranked = [*(stages or ()), *(stage for stage in found if stage not in (stages or ()))]
    letters = sorted(table[level].astype(str).unique())
    if level == "stage":
        letters = [*ranked]
    elif "stage" in table:
        place = {stage: i for i, stage in enumerate(ranked)}
        first = table["stage"].map(place).groupby(table[level].astype(str)).min()
        letters = sorted(letters, key=lambda name: (first.get(name, np.inf), name))
    listed = list(dict.fromkeys(segments)) if segments is not None else []
    present = set(member)
    return Alphabet(tuple(str(name) for name in sorted(map(str, listed)) if str(name) in present) or tuple(sorted(present)),
                    tuple(letters), tuple(ranked))  # fmt: skip


def _codes(values: pd.Series, names: Sequence[str]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.asarray(pd.Categorical(values.astype(object), categories=list(names)).codes, dtype=np.int64)


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
            yield Columns(columns.customer[mine], columns.time[mine], columns.touchpoint[mine], columns.stage[mine],
                          columns.segment[mine], columns.score[mine], columns.sizes, columns.open_since)  # fmt: skip


def read_event_store(
    path: str | Path, *, names: Alphabet | None = None, columns: Sequence[str] = ()
) -> tuple[Columns, Alphabet]:
    """Read a Parquet file of events straight into codes; dictionary columns are never turned into text.

    Parameters
    ----------
    path : path
        A Parquet file with ``customer_id`` (whole numbers or text), ``time``, ``touchpoint`` and, if there, ``stage``,
        ``segment`` and ``sentiment``.
    names : Alphabet, optional
        Names to use; those of the file when None.
    columns : sequence of str
        The names of these six in the file, in this order, when they differ.

    Raises
    ------
    SourceError
        When the file cannot be read or a column is missing.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted = dict(zip(("customer_id", "time", "touchpoint", "stage", "segment", "sentiment"),
                      columns or ("customer_id", "time", "touchpoint", "stage", "segment", "sentiment"), strict=True))  # fmt: skip
    try:
        schema = pq.read_schema(path)
        there = {key: name for key, name in wanted.items() if name in schema.names}
        texts = [there[key] for key in ("customer_id", "touchpoint", "stage", "segment")
                 if key in there and not pa.types.is_integer(schema.field(there[key]).type)]  # fmt: skip
        table = pq.read_table(path, columns=list(there.values()), read_dictionary=texts).unify_dictionaries()
    except (OSError, pa.ArrowException) as problem:
        raise SourceError(f"it cannot be read as Parquet: {problem}".splitlines()[0], where=str(path)) from None
    for key in ("customer_id", "time", "touchpoint"):
        if key not in there:
            remedy = did_you_mean(wanted[key], schema.names)
            raise SourceError(f"the column {wanted[key]!r} is missing", where=str(path), remedy=remedy)
    return _from_arrow(table, there, names)


def _from_arrow(table: Any, there: dict[str, str], names: Alphabet | None) -> tuple[Columns, Alphabet]:
    import pyarrow as pa

    def coded(key: str) -> tuple[Any, list[str]]:
        column = table[there[key]].combine_chunks()
        column = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        words = [str(word) for word in column.dictionary.to_pylist()]
        listed = sorted(words) if names is None else list(getattr(names, f"{key}s"))
        place = np.array([listed.index(word) if word in listed else -1 for word in words] or [-1], dtype=np.int16)
        return place[column.indices.fill_null(0).to_numpy(zero_copy_only=False)], listed

    customer = table[there["customer_id"]].combine_chunks()
    if pa.types.is_dictionary(customer.type):
        customer = customer.indices
    n = table.num_rows
    time = (
        table[there["time"]].cast(pa.timestamp("us"))
        if not pa.types.is_integer(table[there["time"]].type)
        else table[there["time"]]
    )
    point, points = coded("touchpoint")
    stage, stages = coded("stage") if "stage" in there else (np.full(n, -1, dtype=np.int16), [])
    segment, segments = coded("segment") if "segment" in there else (np.zeros(n, dtype=np.int16), ["All customers"])
    score = table[there["sentiment"]].to_numpy().astype(float) if "sentiment" in there else np.full(n, np.nan)
    alphabet = names or Alphabet(tuple(segments), tuple(points), tuple(stages))
    numbers = customer.to_numpy(zero_copy_only=False).astype(np.int64)
    columns = Columns(numbers - (numbers.min() if n else 0), time.cast(pa.int64()).to_numpy(), point, stage, segment,
                      score, alphabet.sizes)  # fmt: skip
    return columns, alphabet
