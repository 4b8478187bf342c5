"""Event stores: Parquet files of events straight into codes, whole or as a stream that never holds them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from cjmlab.errors import SourceError, did_you_mean
from cjmlab.journeys.kernel import State, merge, partial
from cjmlab.journeys.logs import collapse
from cjmlab.journeys.ordering import Codes, Columns
from cjmlab.journeys.path_tables import Alphabet
from cjmlab.journeys.runs import map_runs
from cjmlab.journeys.spill import read_spilled, spill
from cjmlab.journeys.words import Words, meet, name_codes, number_people, read_words
from cjmlab.sources.store import read_manifest

_BATCH = 1 << 18
"""Events that are decoded at a time."""
_HOLD = 1 << 20
"""Events that are held at a time."""
T = TypeVar("T")
_WORDS = ("touchpoint", "stage", "segment")


@dataclass(frozen=True, eq=False)
class EventStore:
    """A Parquet file of events, or a folder of them, and what its columns are.

    Parameters
    ----------
    path : path
        A Parquet file, a folder of them or a store that ``store_events`` wrote, with ``customer_id`` (whole numbers or text), ``time``, the level's column and, if there,
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
        When a file cannot be read, a column is missing or a store was not finished.
    """

    path: str | Path
    level: str = "touchpoint"
    segments: pd.Series | None = None
    stages: Sequence[str] = ()
    names: Alphabet | None = None

    @property
    def files(self) -> list[Path]:
        """The Parquet files: the one, or those of a folder."""
        place = Path(self.path)
        if not place.exists():
            raise SourceError("there is no such file or folder", where=str(place), remedy="Correct the path.")
        if place.is_file():
            return [place]
        said = read_manifest(place)
        if said is not None and not said["state"].get("complete"):
            remedy = "Call store_events again with the same source: it goes on where it stopped."
            raise SourceError("this store of events was not finished", where=str(place), remedy=remedy)
        found = sorted(place.glob("[!._]*.parquet"))
        if not found:
            raise SourceError("there is no Parquet file in this folder", where=str(place), remedy="Correct the path.")
        return found

    def read(self) -> tuple[Columns, Alphabet]:
        """Read everything at once; dictionary columns are never turned into text."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        there, texts = self._roles()
        try:
            parts = [pq.read_table(file, columns=_listed(there), read_dictionary=texts) for file in self.files]
            table = pa.concat_tables(parts, promote_options="permissive").unify_dictionaries()
        except (OSError, pa.ArrowException) as problem:
            raise self._unreadable(problem) from None
        words = _read_words(table, there)
        names = self.names or self._alphabet([words])
        found = self._columns(table, there, words, names)
        return replace(found, customer=number_people(found.customer)), names

    def stream(self, *, open_since: int | None = None) -> tuple[State, Alphabet]:
        """Run the kernel over events that need not fit into memory; the tables are those of all at once.

        Parameters
        ----------
        open_since : int, optional
            Journeys whose last event is at or after this time (µs) are open.
        """

        def summarise(columns: Columns, names: Alphabet) -> State:
            return partial(collapse(replace(columns, open_since=open_since), self.level))

        states, names = self.work(summarise)
        return merge(states), names

    def work(self, do: Callable[[Columns, Alphabet], T]) -> tuple[list[T], Alphabet]:
        """Do something with the events of some customers after the other, of all of whom all events are there.

        About a million events are read at once. Where each customer's events lie together, as in a store of events,
        more are read once, from front to back. Else one pass lays them out by customer in temporary files of about a
        million events, and a second one works through these. Memory is bounded by about a million events and by what
        is made of them.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        there, texts = self._roles()
        words = {key: name for key, name in there.items() if key in _WORDS}
        try:
            files = [pq.ParquetFile(file, read_dictionary=texts, pre_buffer=False) for file in self.files]
            if sum(file.metadata.num_rows for file in files) <= _HOLD:
                columns, names = self.read()
                return [do(columns, names)], names
            names = self.names or self._alphabet(_read_words(batch, words) for batch in _batches(files, _listed(words)))
            done = map_runs(self._encoded(files, there, names), lambda columns: do(columns, names))
            done = self._sort_out(files, there, names, do) if done is None else done
            return done or [do(Columns.nobody(names.sizes), names)], names
        except (OSError, pa.ArrowException) as problem:
            raise self._unreadable(problem) from None

    def _encoded(self, files: list[Any], there: dict[str, str], names: Alphabet) -> Iterator[Columns]:
        return (self.encode(batch, there, names) for batch in _batches(files, _listed(there)))

    def _sort_out(
        self, files: list[Any], there: dict[str, str], names: Alphabet, do: Callable[[Columns, Alphabet], T]
    ) -> list[T]:
        """Lay the events out by customer on the disk and work through one part after the other."""
        with TemporaryDirectory(prefix="cjmlab-") as name:
            folder, parts = Path(name), -(-sum(file.metadata.num_rows for file in files) // _HOLD)
            for columns in self._encoded(files, there, names):
                spill(columns, parts, folder)
            return [do(part, names) for part in read_spilled(folder, names.sizes)]

    def _roles(self) -> tuple[dict[str, str], list[str]]:
        """Return what is there (role → column) and which columns are words."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            schema = pq.read_schema(self.files[0])
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

    def _alphabet(self, batches: Iterable[dict[str, Words]]) -> Alphabet:
        """Return the names in the file: stages in order, touchpoints in the order of their first stage."""
        met: set[tuple[str, str]] = set()
        homes: set[str] = set() if self.segments is None else set(self.segments.dropna().astype(str))
        for words in batches:
            met |= meet(words["touchpoint"], words.get("stage"))
            if self.segments is None and "segment" in words:
                homes |= set(words["segment"].words)
        return name_codes(met, homes, self.stages, self.level)

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
        return self._columns(table, there, _read_words(table, there), names)

    def _columns(self, table: Any, there: dict[str, str], words: dict[str, Words], names: Alphabet) -> Columns:
        import pyarrow as pa

        def coded(key: str, known: Sequence[str], lacking: int) -> Codes:
            if key not in words:
                return np.full(table.num_rows, lacking, dtype=np.int8)
            return words[key].place(known)

        time, who, homes = table[there["time"]], table[there["customer_id"]], self.segments
        time = time if pa.types.is_integer(time.type) else time.cast(pa.timestamp("us"))
        whole = pa.types.is_integer(who.type)
        people = None if whole and homes is None else read_words(who)
        score = table[there["sentiment"]].cast(pa.float64()).to_numpy() if "sentiment" in there else None
        found = Columns(
            customer=people.number() if people and not whole else who.fill_null(0).cast(pa.int64()).to_numpy(),
            time=time.cast(pa.int64()).to_numpy(), stage=coded("stage", names.stages, -1),
            touchpoint=coded("touchpoint", names.touchpoints, -1),
            segment=coded("segment", names.segments, 0) if homes is None or people is None else people.look_up(
                lambda ids: pd.Categorical(homes.reindex(list(ids)).astype(object), names.segments).codes),
            sizes=names.sizes, score=np.full(table.num_rows, np.nan) if score is None else score,
        )  # fmt: skip
        known = (found.touchpoint >= 0) & (found.segment >= 0)
        known &= who.is_valid().to_numpy() if who.null_count else True
        return found if known.all() else found.only(known)


def _read_words(table: Any, there: dict[str, str]) -> dict[str, Words]:
    return {key: read_words(table[there[key]]) for key in _WORDS if key in there}


def _listed(roles: dict[str, str]) -> list[str]:
    return list(dict.fromkeys(roles.values()))


def _batches(files: list[Any], columns: list[str]) -> Iterator[Any]:
    import pyarrow as pa

    for file in files:
        for batch in file.iter_batches(batch_size=_BATCH, columns=columns, use_threads=False):
            yield pa.Table.from_batches([batch])
