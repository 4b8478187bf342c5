"""Event stores: Parquet files of events straight into codes, whole or as a stream that never holds them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.errors import SourceError, did_you_mean
from cjmlab.journeys.context import ALL_CUSTOMERS
from cjmlab.journeys.kernel import Columns, Ints, State, merge, partial
from cjmlab.journeys.logs import collapse
from cjmlab.journeys.path_tables import Alphabet

_BATCH = 1 << 20
_WORDS = ("touchpoint", "stage", "segment")
_SPILLED = {"customer": "i8", "time": "i8", "touchpoint": "i2", "stage": "i2", "segment": "i2", "score": "f8"}


@dataclass(frozen=True, eq=False)
class EventStore:
    """A Parquet file of events, and what its columns are.

    Parameters
    ----------
    path : path
        A Parquet file with ``customer_id`` (whole numbers or text), ``time``, the level's column and, if there,
        ``stage``, ``segment`` and ``sentiment``. Events without a customer or a step are left out.
    level : str
        What a step is: ``touchpoint``, ``stage``, ``channel`` or ``event``.
    segments : Series, optional
        Segment by customer id; the file's own column when None, else one segment of all customers.
    stages : sequence of str, optional
        Stages in order.
    names : Alphabet, optional
        Names to use; those of the file when None.

    Raises
    ------
    SourceError
        When the file cannot be read or a column is missing.
    """

    path: str | Path
    level: str = "touchpoint"
    segments: pd.Series | None = None
    stages: Sequence[str] = ()
    names: Alphabet | None = None

    def read(self) -> tuple[Columns, Alphabet]:
        """Read the whole file; dictionary columns are never turned into text."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        there, texts = self._roles()
        try:
            table = pq.read_table(self.path, columns=_listed(there), read_dictionary=texts).unify_dictionaries()
        except (OSError, pa.ArrowException) as problem:
            raise self._unreadable(problem) from None
        names = self.names or self._alphabet([table], there)
        found = self.encode(table, there, names)
        return replace(found, customer=_ranks(found.customer)), names

    def stream(self, *, open_since: int | None = None) -> tuple[State, Alphabet]:
        """Run the kernel over a file that need not fit into memory; the tables are those of the whole file.

        One pass lays events out by customer in temporary files of about a million events; a second one summarises each
        of these and merges. Memory is bounded by one of them and by what the state keeps.

        Parameters
        ----------
        open_since : int, optional
            Journeys whose last event is at or after this time (µs) are open.
        """
        with TemporaryDirectory(prefix="cjmlab-") as folder:
            names = self._lay_out(Path(folder))
            states = [partial(collapse(part, self.level)) for part in _parts(Path(folder), names, open_since)]
        empty = np.empty(0, dtype=np.int64)
        nobody = Columns(empty, empty, empty, empty, empty, empty.astype(float), names.sizes)
        return merge(states or [partial(nobody)]), names

    def _lay_out(self, folder: Path) -> Alphabet:
        """Lay the events out by customer in a folder, a batch at a time."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        there, texts = self._roles()
        try:
            file = pq.ParquetFile(self.path, read_dictionary=texts)
            words = {key: name for key, name in there.items() if key in _WORDS}
            names = self.names or self._alphabet(_batches(file, _listed(words)), there)
            parts = max(1, -(-file.metadata.num_rows // _BATCH))
            for batch in _batches(file, _listed(there)):
                _spill(self.encode(batch, there, names), parts, folder)
        except (OSError, pa.ArrowException) as problem:
            raise self._unreadable(problem) from None
        return names

    def _roles(self) -> tuple[dict[str, str], list[str]]:
        """Return what is there (role → column) and which columns are words."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            schema = pq.read_schema(self.path)
        except (OSError, pa.ArrowException) as problem:
            raise self._unreadable(problem) from None
        wanted = {name: name for name in ("customer_id", "time", "stage", "segment", "sentiment")}
        there = {key: name for key, name in {**wanted, "touchpoint": self.level}.items() if name in schema.names}
        for key in ("customer_id", "time", "touchpoint"):
            if key not in there:
                lacking = self.level if key == "touchpoint" else key
                remedy = did_you_mean(lacking, schema.names)
                raise SourceError(f"the column {lacking!r} is missing", where=str(self.path), remedy=remedy)
        words = _listed({key: there[key] for key in ("customer_id", *_WORDS) if key in there})
        return there, [name for name in words if not pa.types.is_integer(schema.field(name).type)]

    def _unreadable(self, problem: Exception) -> SourceError:
        return SourceError(f"it cannot be read as Parquet: {problem}".splitlines()[0], where=str(self.path))

    def _alphabet(self, tables: Iterable[Any], there: dict[str, str]) -> Alphabet:
        """Return the names in the file: stages in order, touchpoints in the order of their first stage."""
        met: set[tuple[str, str]] = set()
        homes: set[str] = set() if self.segments is None else set(self.segments.dropna().astype(str))
        for table in tables:
            met |= _pairs(table, there)
            if self.segments is None and "segment" in there:
                homes |= {str(word) for word in _dictionary(table[there["segment"]]).dictionary.to_pylist()}
        found = sorted({stage for _, stage in met if stage} - set(self.stages))
        stages = [*self.stages, *found]
        place = {stage: i for i, stage in enumerate(stages)}
        first: dict[str, int] = {}
        for point, stage in met:
            first[point] = min(first.get(point, len(stages)), place.get(stage, len(stages)))
        points = stages if self.level == "stage" else sorted(first, key=lambda name: (first[name], name))
        return Alphabet(tuple(sorted(homes or {ALL_CUSTOMERS.text("en")})), tuple(points), tuple(stages))

    def encode(self, table: Any, there: dict[str, str], names: Alphabet) -> Columns:
        """Return the events of an Arrow table as codes; customers as numbers that mean the same in every batch.

        Parameters
        ----------
        table : pyarrow.Table
            Some of the events.
        there : mapping
            Which column is what: ``customer_id``, ``time``, ``touchpoint``, ``stage``, ``segment``, ``sentiment``.
        names : Alphabet
            The names of all of them.
        """
        import pyarrow as pa

        def coded(key: str, words: Sequence[str], lacking: int) -> NDArray[np.int16]:
            if key not in there:
                return np.full(table.num_rows, lacking, dtype=np.int16)
            place = {name: i for i, name in enumerate(words)}
            return _look_up(table[there[key]], lambda listed: [place.get(word, -1) for word in listed])

        time, who = table[there["time"]], table[there["customer_id"]]
        time = time if pa.types.is_integer(time.type) else time.cast(pa.timestamp("us"))
        score = table[there["sentiment"]].cast(pa.float64()).to_numpy() if "sentiment" in there else None
        homes = self.segments
        found = Columns(
            customer=_numbers(who), time=time.cast(pa.int64()).to_numpy(),
            touchpoint=coded("touchpoint", names.touchpoints, -1), stage=coded("stage", names.stages, -1),
            segment=coded("segment", names.segments, 0) if homes is None else _look_up(
                who, lambda ids: pd.Categorical(homes.reindex(ids).astype(object), names.segments).codes),
            sizes=names.sizes, score=np.full(table.num_rows, np.nan) if score is None else score,
        )  # fmt: skip
        known = (found.touchpoint >= 0) & (found.segment >= 0)
        known &= who.is_valid().to_numpy() if who.null_count else True
        return found if known.all() else found.only(known)


def _listed(roles: dict[str, str]) -> list[str]:
    return list(dict.fromkeys(roles.values()))


def _batches(file: Any, columns: list[str]) -> Iterator[Any]:
    import pyarrow as pa

    for batch in file.iter_batches(batch_size=_BATCH, columns=columns, use_threads=False):
        yield pa.Table.from_batches([batch])


def _pairs(table: Any, there: dict[str, str]) -> set[tuple[str, str]]:
    """Return the pairs of touchpoint and stage that occur; the stage is empty where there is none."""
    point = _dictionary(table[there["touchpoint"]])
    words = [str(word) for word in point.dictionary.to_pylist()]
    if "stage" not in there:
        return {(word, "") for word in words}
    stage = _dictionary(table[there["stage"]])
    stages = [*(str(word) for word in stage.dictionary.to_pylist()), ""]
    a = point.indices.fill_null(len(words)).to_numpy(zero_copy_only=False).astype(np.int64)
    a *= len(stages)
    a += stage.indices.fill_null(len(stages) - 1).to_numpy(zero_copy_only=False)
    seen = np.flatnonzero(np.bincount(a)[: len(words) * len(stages)])
    return {(words[i // len(stages)], stages[i % len(stages)]) for i in seen}


def _dictionary(column: Any) -> Any:
    import pyarrow as pa

    found = column.combine_chunks()
    if not pa.types.is_dictionary(found.type):
        found = found.dictionary_encode()
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _look_up(column: Any, codes: Any) -> NDArray[np.int16]:
    """Return a code an event: ``codes`` says which for each distinct word; −1 where there is none."""
    coded = _dictionary(column)
    lookup = np.append(np.asarray(codes([str(word) for word in coded.dictionary.to_pylist()]), dtype=np.int16), -1)
    lookup = lookup.astype(np.int16)
    return np.asarray(lookup[coded.indices.fill_null(len(lookup) - 1).to_numpy(zero_copy_only=False)])


def _numbers(column: Any) -> Ints:
    """Return whole numbers as they are, and words as 64-bit hashes without the sign."""
    import pyarrow as pa

    if pa.types.is_integer(column.type):
        return np.asarray(column.fill_null(0).cast(pa.int64()).to_numpy())
    coded = _dictionary(column)
    words = np.array([*coded.dictionary.to_pylist(), ""], dtype=object)
    hashes = (pd.util.hash_array(words, categorize=False) >> np.uint64(1)).astype(np.int64)
    return np.asarray(hashes[coded.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)])


def _ranks(numbers: Ints) -> Ints:
    """Return numbers from 0 in the same order; counted through where they lie far apart."""
    if not len(numbers):
        return numbers
    least = numbers.min()
    if int(numbers.max()) - int(least) < 8 * len(numbers) + 1024:
        return np.asarray(numbers - least)
    return np.asarray(np.unique(numbers, return_inverse=True)[1])


def _spill(columns: Columns, parts: int, folder: Path) -> None:
    """Lay events out by customer: every customer's events end up in one file."""
    rows = np.empty(len(columns.time), dtype=list(_SPILLED.items()))
    for name in _SPILLED:
        rows[name] = getattr(columns, name)
    home = rows["customer"].view(np.uint64) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(40)
    home = (home % np.uint64(parts)).astype(np.int16)
    order = np.argsort(home, kind="stable")
    ends = np.cumsum(np.bincount(home, minlength=parts))
    for part, rows_of in enumerate(np.split(rows[order], ends[:-1])):
        if len(rows_of):
            with (folder / f"{part:05d}").open("ab") as file:
                rows_of.tofile(file)


def _parts(folder: Path, names: Alphabet, open_since: int | None) -> Iterator[Columns]:
    for file in sorted(folder.iterdir()):
        rows = np.fromfile(file, dtype=list(_SPILLED.items()))
        file.unlink()
        time, point, stage, segment, score = (np.ascontiguousarray(rows[name]) for name in list(_SPILLED)[1:])
        yield Columns(_ranks(rows["customer"]), time, point, stage, segment, score, names.sizes, open_since)
