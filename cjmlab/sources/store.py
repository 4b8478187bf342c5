"""Stores of events: Parquet in the order of the journey, so that a log of any size is read from front to back once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.errors import SourceError
from cjmlab.sources.event_batches import EventSource
from cjmlab.sources.event_rows import EventRows
from cjmlab.sources.store_parts import (
    count_customers,
    put_in_order,
    read_lot,
    span_times,
    whole_part,
    write_lots,
)
from cjmlab.sources.times import Clock

MANIFEST = "_store.json"
_LAID = "_laid_out"
_LEFT = "_left_out.parquet"
_PART_EVENTS = 1 << 20
_FORMAT = 1
_SUMMARY = ["kind", "file", "events", "customers", "first", "last", "reason"]


def store_events(
    source: Any, folder: str | Path, *, columns: Mapping[str, str] | None = None, clock: Clock | None = None,
    encoding: str | None = None, partitions: int | None = None, replace: bool = False, progress: bool | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Write a store of events: a folder of Parquet files that paths and funnels are read from in bounded memory.

    All events of a customer lie in one file, together and in the order of time; words are dictionary-coded, times are
    microseconds in UTC. A file is there whole or not at all. What was interrupted goes on where it stopped when it is
    called again with the same source; a store that is finished stays as it is.

    Parameters
    ----------
    source : path or table
        A Parquet file or a folder of them, text with delimiters, any other file that ``read_table`` reads, or a table
        of any make (pandas, polars, pyarrow, a relation of duckdb).
    folder : path
        Where the store lies. It is made.
    columns : mapping, optional
        Name in the store (``customer_id``, ``time``, ``touchpoint``, ``stage``, ``segment``, ``channel``, ``event``,
        ``sentiment``, …) → column of the source, where they differ. All other columns are kept as they are.
    clock : Clock, optional
        The zone of times without one (UTC when None) and the order of day and month. Whole numbers are microseconds
        since 1970.
    encoding : str, optional
        Of text, where it is known; found out otherwise.
    partitions : int, optional
        How many files; one a million events when None.
    replace : bool
        Whether a store of another source in this folder may be written over.
    progress : bool, optional
        Whether to show a progress bar; for more than a million events when None.

    Returns
    -------
    DataFrame
        ``kind`` (``part`` or ``left out``), ``file``, ``events``, ``customers``, ``first``, ``last``, ``reason``. Rows
        without a customer, a time or a step, and lines that cannot be cut into cells, are not lost: they lie in
        ``_left_out.parquet`` with line, reason and text. ``events`` adds up to the rows of the source.

    Raises
    ------
    SourceError
        When a column is missing, the source cannot be read, or the folder holds something else.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "events"
    >>> log = pd.DataFrame({"customer_id": ["b", "a", None, "a"], "time": pd.to_datetime(["2026-01-03", "2026-01-02",
    ...     "2026-01-02", "2026-01-01"]), "touchpoint": ["search", "checkout", "search", "search"]})
    >>> store_events(log, folder)[["kind", "file", "events", "reason"]].values.tolist()
    [['part', 'part-00000.parquet', 3, ''], ['left out', '_left_out.parquet', 1, 'no customer id']]
    >>> pd.read_parquet(folder / "part-00000.parquet")[["customer_id", "touchpoint"]].values.tolist()
    [['a', 'search'], ['a', 'checkout'], ['b', 'search']]
    """
    events = EventSource(source, encoding)
    rows = events.rows()
    count = partitions or (64 if rows is None else max(1, -(-rows // _PART_EVENTS)))
    asked = {"columns": dict(columns or {}), "clock": None if clock is None else [clock.zone, clock.order],
             "encoding": encoding, "partitions": count, "source": events.fingerprint(), "format": _FORMAT}  # fmt: skip
    store = _Store.open(Path(folder), asked, replace=replace)
    bar = progress if progress is not None else (rows or 0) > _PART_EVENTS
    if not store.state["laid_out"]:
        store.lay_out(events, dict(columns or {}), clock, bar)
    store.finish(bar)
    return store.summary()


@dataclass
class _Store:
    """A store that is being written: what was asked for, how far it is, and the parts that are whole."""

    folder: Path
    asked: dict[str, Any]
    state: dict[str, Any] = field(default_factory=lambda: {"laid_out": False, "parts": {}, "left_out": {}})

    @classmethod
    def open(cls, folder: Path, asked: dict[str, Any], *, replace: bool) -> _Store:
        """Go on with the store in a folder, or begin one."""
        if folder.is_file():
            raise SourceError("this is a file, not a folder", where=str(folder), remedy="Name another folder.")
        found = read_manifest(folder)
        if found is None and folder.is_dir() and any(folder.iterdir()):
            remedy = "Name an empty or a new folder."
            raise SourceError("the folder holds other files", where=str(folder), remedy=remedy)
        if found is not None and found["asked"] == asked and asked["source"] is not None:
            return cls(folder, asked, found["state"])
        if found is not None and found["state"].get("complete") and not replace:
            remedy = "Name another folder, or write over it with replace=True."
            raise SourceError("the folder holds the events of another source", where=str(folder), remedy=remedy)
        for old in folder.glob("*") if found is not None else ():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        store = cls(folder, asked)
        store.note()
        return store

    def note(self) -> None:
        """Write down how far it is."""
        with whole_part(self.folder / MANIFEST) as part:
            part.write_text(json.dumps({"asked": self.asked, "state": self.state}, indent=1), encoding="utf-8")

    def lay_out(self, source: EventSource, columns: Mapping[str, str], clock: Clock | None, bar: bool) -> None:
        """Clean the rows a batch at a time and lay them out by customer; a batch that is there is passed over."""
        import pyarrow as pa

        laid = self.folder / _LAID
        laid.mkdir(exist_ok=True)
        rules = None
        for number, batch in enumerate(_watched(source.batches(), "laying out", "batch", bar)):
            rules = rules or EventRows.of(batch.table.column_names, columns, source.label, clock)
            place = laid / f"{number:06d}.arrow"
            if not place.exists():
                events, lost = rules.clean(batch)
                write_lots(place.with_suffix(".lost"), lost, None, 1)
                write_lots(place, events, "customer_id", self.asked["partitions"])
        if rules is None:
            raise SourceError("there are no events", where=source.label, remedy="Export it again.")
        left = [read_lot(file, 0) for file in sorted(laid.glob("*.lost"))]
        lost = pa.concat_tables(left).sort_by("line")
        self._keep(_LEFT, lost)
        counts = pd.Series(lost["reason"].to_pylist(), dtype=object).value_counts().sort_index()
        self.state |= {"laid_out": True, "left_out": {str(reason): int(n) for reason, n in counts.items()}}
        self.note()

    def finish(self, bar: bool) -> None:
        """Write the parts that are not there yet, each in order."""
        import pyarrow as pa

        laid = self.folder / _LAID
        missing = [part for part in range(self.asked["partitions"]) if _name(part) not in self.state["parts"]]
        for part in _watched(iter(missing), "storing", "part", bar, len(missing)):
            batches = [read_lot(file, part) for file in sorted(laid.glob("*.arrow"))]
            table = put_in_order(pa.concat_tables(batches, promote_options="default"))
            if table.num_rows:
                self._keep(_name(part), table)
            self.state["parts"][_name(part)] = [table.num_rows, count_customers(table), *span_times(table)]
            self.note()
        self.state["complete"] = True
        self.note()
        shutil.rmtree(laid, ignore_errors=True)

    def _keep(self, name: str, table: Any) -> None:
        import pyarrow.parquet as pq

        with whole_part(self.folder / name) as part:
            pq.write_table(table, part, compression="zstd", row_group_size=1 << 18)

    def summary(self) -> pd.DataFrame:
        """Return what lies where."""
        rows = [("part", name, *said, "") for name, said in self.state["parts"].items() if said[0]]
        rows += [("left out", _LEFT, n, None, None, None, reason) for reason, n in self.state["left_out"].items()]
        table = pd.DataFrame(rows, columns=_SUMMARY)
        times = {name: pd.to_datetime(table[name], unit="us", utc=True) for name in ("first", "last")}
        return table.assign(customers=table["customers"].astype("Int64"), **times)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return what a store says of itself; None where there is no store."""
    try:
        return dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as problem:
        raise SourceError(f"the store cannot be read: {problem}", where=str(folder / MANIFEST)) from None


def _watched(items: Iterator[Any], what: str, unit: str, shown: bool, total: int | None = None) -> Iterator[Any]:
    from tqdm.auto import tqdm

    return iter(tqdm(items, desc=what, unit=unit, total=total, disable=not shown))


def _name(part: int) -> str:
    return f"part-{part:05d}.parquet"
