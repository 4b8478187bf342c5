"""Events from anywhere a batch at a time: files that need not fit into memory, and tables of any make."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cjmlab.errors import SourceError
from cjmlab.sources.decoding import find_encoding, read_lines
from cjmlab.sources.delimited import Record, find_delimiter, read_records
from cjmlab.sources.files import read_table
from cjmlab.sources.report import Rejected

BATCH = 1 << 18
_PARQUET = b"PAR1"


@dataclass(frozen=True)
class Batch:
    """Some rows of a source as an Arrow table, the line of each (from 1), and the rows that are none."""

    table: Any
    lines: NDArray[np.int64]
    faults: tuple[Rejected, ...] = ()


@dataclass(frozen=True, eq=False)
class EventSource:
    """Where events come from: the path of a file or of a folder of Parquet files, or a table.

    Parameters
    ----------
    source : path or table
        Parquet, and text with delimiters, is read a batch at a time; every other file that ``read_table`` reads is
        read at once. A table is anything that hands out Arrow: pandas, polars, pyarrow, a relation of duckdb.
    encoding : str, optional
        Of text, where it is known.
    """

    source: Any
    encoding: str | None = None

    @property
    def files(self) -> list[Path]:
        """The files; none when it is a table."""
        if not isinstance(self.source, (str, Path)):
            return []
        place = Path(self.source)
        found = [place] if place.is_file() else sorted(place.glob("[!._]*.parquet"))
        if not found:
            what = "there is no Parquet file in this folder" if place.is_dir() else "there is no such file"
            raise SourceError(what, where=str(place), remedy="Correct the path or add the file.")
        return found

    @property
    def label(self) -> str:
        """What to call it in messages."""
        return Path(self.source).name if isinstance(self.source, (str, Path)) else "table 'events'"

    def fingerprint(self) -> list[Any] | None:
        """Return what tells this source from another one; None for a stream that can be read but once."""
        if self.files:
            stats = [(file.name, file.stat()) for file in self.files]
            return [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats]
        if _is_once(self.source):
            return None
        check = rows = 0
        for batch in _record_batches(self.source):
            check, rows = zlib.crc32(batch.serialize(), check), rows + batch.num_rows
        return ["table", rows, check]

    def rows(self) -> int | None:
        """Return how many rows there are, about, where that can be known beforehand."""
        import pyarrow.parquet as pq

        if not self.files:
            return len(self.source) if hasattr(self.source, "__len__") else None
        if all(map(_is_parquet, self.files)):
            return sum(int(pq.read_metadata(file).num_rows) for file in self.files)
        return sum(file.stat().st_size for file in self.files) // 60

    def batches(self) -> Iterator[Batch]:
        """Yield the rows."""
        if not self.files:
            yield from _numbered(_record_batches(self.source))
        for file in self.files:
            yield from _numbered(_parquet(file)) if _is_parquet(file) else _read_file(file, self.encoding)


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == _PARQUET


def _is_once(source: Any) -> bool:
    import pyarrow as pa

    return isinstance(source, pa.RecordBatchReader)


def _parquet(path: Path) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path, pre_buffer=False)
        names = [name for name in file.schema_arrow.names if not name.startswith("__index_level_")]
        yield from file.iter_batches(batch_size=BATCH, columns=names, use_threads=False)
    except (OSError, pa.ArrowException) as problem:
        raise SourceError(f"it cannot be read as Parquet: {problem}".splitlines()[0], where=str(path)) from None


def _record_batches(source: Any) -> Iterator[Any]:
    """Yield what a table hands out, in batches of at most ``BATCH`` rows."""
    import pandas as pd
    import pyarrow as pa

    if isinstance(source, pd.DataFrame):
        try:
            source = pa.Table.from_pandas(source, preserve_index=False)
        except pa.ArrowException:  # a column of numbers and words is one of words
            mixed = source.select_dtypes("object")
            words = {name: mixed[name].map(str, na_action="ignore") for name in mixed}
            source = pa.Table.from_pandas(source.assign(**words), preserve_index=False)
    elif not hasattr(source, "__arrow_c_stream__"):
        try:
            import narwhals as nw

            source = nw.from_native(source).lazy().collect(backend="pyarrow").to_native()
        except (ImportError, TypeError):
            remedy = "Pass the path of a file, or a pandas, polars or pyarrow table."
            raise SourceError(f"events are a table or a file, not {type(source).__name__}", remedy=remedy) from None
    for batch in pa.RecordBatchReader.from_stream(source):
        for start in range(0, batch.num_rows, BATCH):
            yield batch.slice(start, BATCH)


def _numbered(batches: Iterator[Any]) -> Iterator[Batch]:
    import pyarrow as pa

    line = 1
    for batch in batches:
        yield Batch(pa.Table.from_batches([batch]), np.arange(line, line + batch.num_rows))
        line += batch.num_rows


def _read_file(path: Path, declared: str | None) -> Iterator[Batch]:
    """Yield the rows of text with delimiters as they come, of any other file at once."""
    import pyarrow as pa

    head = path.open("rb").read(512)
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if (b"\x00" in head and not wide) or path.suffix.lower() not in {".csv", ".tsv", ".txt"}:
        reading = read_table(path, encoding=declared)
        table = pa.Table.from_pandas(reading.table, preserve_index=False)
        yield Batch(table, np.asarray(reading.lines, dtype=np.int64), reading.report.rejected)
        return
    encoding = find_encoding(path, path.name, declared)
    lines = read_lines(path, encoding)
    first = list(itertools.islice(lines, 200))
    sign, _, skipped = find_delimiter(first)
    records = read_records(itertools.chain(first[skipped:], lines), sign, skipped + 1)
    header = next((record.cells for record in records if any(cell.strip() for cell in record.cells)), None)
    if header is None:
        raise SourceError("the file is empty", where=path.name, remedy="Export it again.")
    while lot := list(itertools.islice(records, BATCH)):
        yield _text_batch(lot, [name.strip() for name in header])


def _text_batch(lot: Sequence[Record], header: list[str]) -> Batch:
    import pyarrow as pa

    rows, faults = [], []
    for record in lot:
        if not record.fault and not any(cell.strip() for cell in record.cells):
            continue
        reason = record.fault or (
            "" if len(record.cells) == len(header) else f"{len(record.cells)} cells where the header has {len(header)}"
        )
        faults += [Rejected(record.line, reason, record.text)] if reason else []
        rows += [] if reason else [record]
    cells = zip(*(record.cells for record in rows), strict=True) if rows else ([] for _ in header)
    table = pa.table({name: pa.array(values, pa.string()) for name, values in zip(header, cells, strict=True)})
    return Batch(table, np.array([record.line for record in rows], dtype=np.int64), tuple(faults))
