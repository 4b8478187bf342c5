"""Events laid out by customer in temporary files, so that a log that lies in any order need not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cjmlab.journeys.ordering import Columns
from cjmlab.journeys.words import number_people

_ROW = np.dtype([("customer", "i8"), ("time", "i8"), ("score", "f8"), ("touchpoint", "i2"), ("stage", "i2"),
                 ("segment", "i2"), ("", "i2")])  # fmt: skip
_FIELDS = ("customer", "time", "touchpoint", "stage", "segment", "score")


def spill(columns: Columns, parts: int, folder: Path) -> None:
    """Add events to the files of a folder: every customer's events end up in one file."""
    rows = np.empty(len(columns.time), dtype=_ROW)
    for name in _FIELDS:
        rows[name] = getattr(columns, name)
    home = rows["customer"].view(np.uint64) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(40)
    home = (home % np.uint64(parts)).astype(np.min_scalar_type(parts))
    rows = rows.take(np.argsort(home, kind="stable"))
    ends = np.cumsum(np.bincount(home, minlength=parts))
    for part, theirs in enumerate(np.split(rows, ends[:-1])):
        if len(theirs):
            with (folder / f"{part:05d}").open("ab") as file:
                theirs.tofile(file)


def read_spilled(folder: Path, sizes: tuple[int, int, int]) -> Iterator[Columns]:
    """Yield the events of each file, and remove it."""
    for file in sorted(folder.iterdir()):
        rows = np.fromfile(file, dtype=_ROW)
        file.unlink()
        customer, *others = (np.ascontiguousarray(rows[name]) for name in _FIELDS)
        del rows
        time, touchpoint, stage, segment, score = others
        yield Columns(number_people(customer), time, touchpoint, stage, segment, score, sizes)
