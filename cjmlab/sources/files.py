"""Bytes to table: one door for every file that holds rows, and nothing lost on the way in."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from cjmlab.errors import SourceError
from cjmlab.sources.report import Reading, Rejected, Report


def read_table(path: str | Path, *, name: str | None = None) -> Reading:
    r"""Read a file of rows as text, and account for every row.

    Parameters
    ----------
    path : str or Path
        A CSV file.
    name : str, optional
        What to call the file in messages; its name when None.

    Returns
    -------
    Reading
        ``table`` (all columns text, an empty cell is missing), ``report`` and ``lines``.

    Raises
    ------
    SourceError
        When there is no such file or nothing in it can be read.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_text("id,score\n007,5\n008\n", encoding="utf-8")
    >>> reading = read_table(path)
    >>> reading.table.id.tolist(), reading.report.rows_in_file, reading.report.rejected[0].line
    (['007'], 2, 3)
    """
    place = Path(path)
    label = name or place.name
    if not place.is_file():
        raise SourceError("there is no such file", where=str(place), remedy="Correct the path or add the file.")
    try:
        text = place.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"the file is not UTF-8 text ({error.reason})", where=label) from error
    if not text.strip():
        raise SourceError("the file is empty", where=label, remedy="Export it again.")
    return _read_delimited(text, label)


def _read_delimited(text: str, label: str) -> Reading:
    records = list(_records(text))
    header = [cell.strip() for cell in records[0][1]]
    rows, lines, rejected = [], [], []
    for line, cells in records[1:]:
        if len(cells) == len(header):
            rows.append(cells)
            lines.append(line)
        else:
            reason = f"{len(cells)} cells where the header has {len(header)}"
            rejected.append(Rejected(line, reason, ",".join(cells)))
    table = pd.DataFrame(rows, columns=header, dtype="str")
    table = table.mask(table == "")
    report = Report(label, len(rows) + len(rejected), len(rows), tuple(rejected))
    return Reading(table, report, tuple(lines))


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text.splitlines(keepends=True))
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1
