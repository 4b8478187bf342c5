"""The files of a store of events: lots of rows by customer on the way in, parts in the order of the journey at the end."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cjmlab.errors import SourceError
from cjmlab.sources.event_rows import STEPS


@contextmanager
def whole_part(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` that takes its place in one step when the block ends well."""
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as problem:
        reason = (problem.strerror or str(problem)).lower()
        raise SourceError(
            f"it cannot be written ({reason})", where=str(path), remedy="Make room, and call again."
        ) from None
    finally:
        part.unlink(missing_ok=True)


def _home(customers: Any, partitions: int) -> NDArray[np.int64]:
    """Return the part of each customer: a hash that is the same on every machine."""
    import pyarrow as pa

    if pa.types.is_integer(customers.type):
        mixed = customers.to_numpy().astype(np.int64).view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        return np.asarray((mixed >> np.uint64(33)) % np.uint64(partitions), dtype=np.int64)
    coded = customers.combine_chunks().dictionary_encode()
    words = [hashlib.blake2b(word.encode(), digest_size=8).digest() for word in coded.dictionary.to_pylist()]
    hashes = np.frombuffer(b"".join(words), dtype="<u8") % np.uint64(partitions)
    return np.asarray(hashes.take(coded.indices.to_numpy()), dtype=np.int64)


def write_lots(path: Path, table: Any, by: str | None, partitions: int) -> None:
    """Write a table as so many lots, in their order: rows with the same value of a column are in the same lot."""
    import pyarrow as pa

    home = np.zeros(table.num_rows, dtype=np.int64) if by is None else _home(table[by], partitions)
    sorted_out = table.take(pa.array(np.argsort(home, kind="stable"))).combine_chunks()
    ends = np.searchsorted(np.sort(home), np.arange(partitions + 1))
    with whole_part(path) as part, pa.OSFile(str(part), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        for begin, end in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
            writer.write_batch(_one_batch(sorted_out.slice(begin, end - begin)))


def _one_batch(table: Any) -> Any:
    import pyarrow as pa

    return pa.RecordBatch.from_arrays(
        [
            pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
            for column in table.columns
        ],
        schema=table.schema,
    )


def read_lot(path: Path, lot: int) -> Any:
    """Read one of the lots of a file."""
    import pyarrow as pa

    with pa.OSFile(str(path), "rb") as file:
        return pa.Table.from_batches([pa.ipc.open_file(file).get_batch(lot)])


def put_in_order(table: Any) -> Any:
    """Sort events by customer, time and step, ties by all else: the order of the source leaves no trace. Code words."""
    import pyarrow as pa

    flat = [column.name for column in table.schema if not pa.types.is_nested(column.type)]
    keys = [name for name in ("customer_id", "time", *STEPS) if name in flat]
    table = table.sort_by([(name, "ascending") for name in dict.fromkeys([*keys, *sorted(flat)])])
    for i, column in enumerate(table.schema):
        if pa.types.is_string(column.type):
            table = table.set_column(i, column.name, table[column.name].combine_chunks().dictionary_encode())
    return table


def count_customers(table: Any) -> int:
    """Return how many customers a part has."""
    return len(table["customer_id"].unique())


def span_times(table: Any) -> tuple[int | None, int | None]:
    """Return the first and the last instant of a part, in microseconds since 1970."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ends = pc.min_max(table["time"].cast(pa.int64())).as_py()
    return ends["min"], ends["max"]
