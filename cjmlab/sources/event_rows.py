"""Rows of events as a store keeps them: instants in UTC, words, numbers; what is none of it is set aside with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import SourceError, did_you_mean
from cjmlab.sources.event_batches import Batch
from cjmlab.sources.times import Clock, read_times
from cjmlab.sources.values import read_numbers

STEPS = ("touchpoint", "stage", "channel", "event")
WORDS = (*STEPS, "segment", "event_id", "item", "person", "tool", "wave", "source")
NUMBERS = ("sentiment", "money")
LEFT_OUT = ("line", "reason", "text")


@dataclass(frozen=True)
class EventRows:
    """How the rows of one source become rows of a store.

    Parameters
    ----------
    columns : mapping
        Name in the store → column of the source, for all columns that are kept.
    label : str
        What to call the source in messages.
    clock : Clock, optional
        The zone of times without one, and the order of day and month.
    """

    columns: Mapping[str, str]
    label: str
    clock: Clock | None = None

    @classmethod
    def of(cls, names: list[str], columns: Mapping[str, str], label: str, clock: Clock | None) -> EventRows:
        """Return the rows of a source with these columns; the ones that are not declared keep their names."""
        for role, column in columns.items():
            if column not in names:
                remedy = did_you_mean(column, names)
                raise SourceError(f"the column {column!r} of {role!r} is missing", where=label, remedy=remedy)
        kept = {name: name for name in names if name not in columns and name not in columns.values()} | dict(columns)
        for need in ("customer_id", "time"):
            if need not in kept:
                remedy = f'Say which column it is: columns={{"{need}": "…"}}.'
                raise SourceError(f"the column {need!r} is missing", where=label, remedy=remedy)
        if not any(step in kept for step in STEPS):
            remedy = 'Say which column says what was done: columns={"touchpoint": "…"}.'
            raise SourceError("no column says what was done", where=label, remedy=remedy)
        return cls(kept, label, clock)

    def clean(self, batch: Batch) -> tuple[Any, Any]:
        """Return the events of a batch, and the rows that are none: line, reason, text."""
        import pyarrow as pa

        table, lines = batch.table, batch.lines
        found = {name: self._read(name, table[column], lines) for name, column in self.columns.items()}
        events = pa.table(found)
        reasons = np.full(len(lines), "", dtype=object)
        step = np.any([events[name].is_valid().to_numpy() for name in STEPS if name in found], axis=0)
        reasons[~step] = "no touchpoint, stage, channel or event"
        reasons[~events["time"].is_valid().to_numpy()] = "no time that can be read"
        reasons[~events["customer_id"].is_valid().to_numpy()] = "no customer id"
        lost = np.flatnonzero(reasons != "")
        texts = [", ".join("" if cell is None else str(cell) for cell in row.values())
                 for row in table.take(lost).to_pylist()]  # fmt: skip
        lists = ([*lines[lost].tolist(), *(f.line for f in batch.faults)],
                 [*reasons[lost].tolist(), *(f.reason for f in batch.faults)], [*texts, *(f.text for f in batch.faults)])  # fmt: skip
        types = (pa.int64(), pa.string(), pa.string())
        left = pa.table({name: pa.array(v, t) for name, v, t in zip(LEFT_OUT, lists, types, strict=True)})
        return (events.filter(pa.array(reasons == "")) if len(lost) else events), left

    def _read(self, name: str, values: Any, lines: Any) -> Any:
        import pyarrow as pa

        try:
            return self._column(name, values, lines)
        except pa.ArrowException as problem:
            where = f"{self.label}, column {self.columns[name]!r}"
            what = f"it cannot be read as {name!r}: {problem}".splitlines()[0]
            raise SourceError(what, where=where, remedy="Name another column, or write it as text.") from None

    def _column(self, name: str, values: Any, lines: Any) -> Any:
        import pyarrow as pa
        import pyarrow.compute as pc

        where = f"{self.label}, column {self.columns[name]!r}"
        kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
        text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
        if name == "time":
            return self._times(values, kind, where, lines)
        if name in NUMBERS:
            if text:
                numbers = read_numbers(values.cast(pa.string()).to_pandas().astype("str"), where, lines)[0]
                return pa.array(numbers, pa.float64(), from_pandas=True)
            return values.cast(pa.float64())
        if name == "customer_id" and pa.types.is_floating(kind):  # whole numbers, some of them missing
            values, kind = pc.if_else(pc.is_nan(values), None, values).cast(pa.int64()), pa.int64()
        if text or pa.types.is_null(kind) or (name in WORDS and not pa.types.is_integer(kind)):
            words = pc.utf8_trim_whitespace(values.cast(pa.string()))
            return pc.if_else(pc.equal(words, ""), None, words)
        return values.cast(pa.int64()) if pa.types.is_integer(kind) else values

    def _times(self, values: Any, kind: Any, where: str, lines: Any) -> Any:
        import pyarrow as pa

        instant = pa.timestamp("us", "UTC")
        if pa.types.is_integer(kind):
            return values.cast(pa.int64()).cast(instant)
        if not pa.types.is_temporal(kind):
            return pa.array(read_times(values.cast(pa.string()).to_pandas(), where, lines, self.clock)[0], instant)
        zone = self.clock.zone if self.clock else None
        times = values.cast(pa.timestamp("us", kind.tz if pa.types.is_timestamp(kind) else None), safe=False)
        if zone and not times.type.tz:
            local = pd.Series(times.to_pandas()).dt.tz_localize(zone, ambiguous=False, nonexistent="shift_forward")
            return pa.array(local.dt.tz_convert("UTC"), instant)
        return times.cast(instant)
