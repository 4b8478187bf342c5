"""Spreadsheets to records: the sheet said, values as they are meant, cells counted before they cost anything."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from cjmlab.errors import SourceError, did_you_mean
from cjmlab.sources.assembly import Rules, assemble, text_records
from cjmlab.sources.containers import open_zip
from cjmlab.sources.report import Finding, Reading, shorten

BUDGET = 20_000_000
WIDEST = 5_000
_EXACT = 10**15
_ZEROS = re.compile(r"0{2,}")
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s+[^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")


@dataclass(frozen=True)
class Merge:
    """A merged range: first and last row, first and last column, from 1."""

    top: int
    left: int
    bottom: int
    right: int


def read_spreadsheet(path: Path, label: str, rules: Rules, sheet: str | None = None) -> Reading:
    """Read one sheet of an .xlsx file.

    Parameters
    ----------
    path : Path
        The file.
    label : str
        What to call it in messages.
    rules : Rules
        How to treat rows.
    sheet : str, optional
        The sheet's name. When None, the visible sheet with most filled cells, which the report says.

    Raises
    ------
    SourceError
        When the file is damaged or hostile, there is no such sheet, or it has more than 20 million cells.
    """
    import openpyxl

    open_zip(path, label).close()
    data = io.BytesIO(path.read_bytes())  # openpyxl judges a path by its ending
    book = None
    try:
        book = openpyxl.load_workbook(data, read_only=True, data_only=True)
        chosen = _choose(book, label, sheet, rules)
        where = f"{label}, sheet {chosen.title!r}"
        long: list[Any] = []
        rows = list(_rows(chosen, where, long))
        merges, formulas = _marks(path, chosen)
    except SourceError:
        raise
    except Exception as error:
        remedy = "Open it in a spreadsheet program and save it again."
        raise SourceError(f"the spreadsheet is damaged: {shorten(error, 100)}", where=label, remedy=remedy) from error
    finally:
        if book is not None:
            book.close()
    width = max((len(cells) for _, cells in rows), default=0)
    if width > WIDEST or width * len(rows) > BUDGET:
        limit = f"{WIDEST:,} columns" if width > WIDEST else f"{BUDGET:,} cells"
        text = f"the used range has {len(rows):,} rows × {width:,} columns, more than {limit}"
        raise SourceError(text, where=where, remedy="Delete what stands far outside the table, or save it as CSV.")
    if long:
        text = "numbers of more than 15 digits, of which a spreadsheet keeps 15; the rest is lost"
        example = f"{long[0].coordinate}, {_text(long[0])!r}"
        remedy = "If they are ids, export the column as text."
        rules.findings.append(Finding(where, where, text, len(long), example, remedy))
    if formulas:
        _say_formulas(rows, path, chosen.title, where, rules)
    rows = _header(rows, merges, where, rules)
    rules.widen, rules.short_rows = True, "pad"
    return assemble(text_records(iter(rows)), where, rules)


def _choose(book: Any, label: str, sheet: str | None, rules: Rules) -> Any:
    names = list(book.sheetnames)
    if sheet is not None:
        if sheet not in names:
            raise SourceError(f"there is no sheet {sheet!r}", where=label, remedy=did_you_mean(sheet, names))
        return book[sheet]
    visible = [s for s in book.worksheets if s.sheet_state == "visible"] or list(book.worksheets)
    if not visible:
        raise SourceError("the file has no sheet with cells", where=label)
    if len(names) == 1:
        return visible[0]
    filled = {
        s.title: sum(sum(map(bool, cells)) for _, cells in _rows(s, f"{label}, sheet {s.title!r}")) for s in visible
    }
    best = max(visible, key=lambda s: filled[s.title])
    hidden = [s.title for s in book.worksheets if s.sheet_state != "visible"]
    reason = f"It has most filled cells ({filled[best.title]:,}) of {', '.join(map(repr, filled))}."
    reason += f" Hidden, not considered: {', '.join(map(repr, hidden))}." if hidden else ""
    rules.guesses.append(Finding(label, f"{label}, sheet", best.title, 1, "", reason, "note"))
    return best


def _rows(sheet: Any, where: str, long: list[Any] | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield the filled rows of a sheet with their numbers; what lies beyond the last filled cell costs nothing."""
    sheet.reset_dimensions()
    count = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        if not row:
            continue
        count += len(row)
        if count > BUDGET:
            remedy = "Delete the empty rows and columns beyond the table, or save it as CSV."
            raise SourceError(f"the sheet has more than {BUDGET:,} cells", where=where, remedy=remedy)
        cells = [_text(cell) for cell in row]
        if long is not None:
            long += [c for c in row if isinstance(c.value, int | float) and abs(c.value) >= _EXACT]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        value = int(Decimal(repr(value)))
    if isinstance(value, int):
        zeros = _ZEROS.fullmatch(str(cell.number_format))
        return str(value).zfill(len(zeros[0])) if zeros else str(value)
    if isinstance(value, dt.datetime):
        value = value.replace(microsecond=round(value.microsecond, -3)) if value.microsecond < 999_500 else value
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, float):
        return repr(value)
    return str(value)


def _marks(path: Path, sheet: Any) -> tuple[list[Merge], bool]:
    """Return the merged ranges of a sheet, and whether it holds formulas."""
    from openpyxl.utils import column_index_from_string

    with zipfile.ZipFile(path) as archive:
        part = archive.read(sheet._worksheet_path)
    merges = [
        Merge(int(top), column_index_from_string(left.decode()), int(bottom), column_index_from_string(right.decode()))
        for left, top, right, bottom in _MERGE.findall(part)
    ]
    return merges, bool(_FORMULA.search(part))


def _say_formulas(rows: list[tuple[int, list[str]]], path: Path, title: str, where: str, rules: Rules) -> None:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True)
    empty = []
    values = dict(rows)
    for number, cells in enumerate(book[title].iter_rows(), 1):
        for i, cell in enumerate(cells):
            row = values.get(number, [])
            if getattr(cell, "data_type", "") == "f" and (i >= len(row) or not row[i]):
                empty.append(f"{cell.coordinate}, {str(cell.value)!r}")
    book.close()
    if empty:
        text = "formulas whose results are not stored in the file; the cells are missing"
        remedy = "Open the file in a spreadsheet program, save it, and read it again."
        rules.findings.append(Finding(where, where, text, len(empty), empty[0], remedy))


def _header(
    rows: list[tuple[int, list[str]]], merges: list[Merge], where: str, rules: Rules
) -> list[tuple[int, list[str]]]:
    """Leave out title rows, and fold a header of merged cells into one row."""
    width = max((len(cells) for _, cells in rows), default=0)
    while len(rows) > 1 and width > 1:
        number, cells = rows[0]
        title = any(m.top == number and m.left == 1 and m.right >= width for m in merges)
        if not title and not (
            sum(map(bool, cells)) == 1 and cells[0] and _filled(rows[1][1]) >= max(2, width - 1) and width > 2
        ):
            break
        reason = f"It is a title: {cells[0]!r}."
        rules.guesses.append(Finding(where, f"{where}, row {number}", "left out", 1, "", reason, "note"))
        rows = rows[1:]
    if not rows:
        return rows
    top = rows[0][0]
    heads = [m for m in merges if m.top == top and m.right > m.left]
    if not heads or len(rows) < 2:
        return rows
    depth = max(m.bottom for m in merges if m.top == top) - top + 1
    depth = depth if depth > 1 else 2
    folded, rest = [r for r in rows if r[0] < top + depth], [r for r in rows if r[0] >= top + depth]
    levels = [_spread(number, cells, merges, width) for number, cells in folded]
    names = [" / ".join(dict.fromkeys(filter(None, parts))) for parts in zip(*levels, strict=True)]
    reason = "Cells are merged across columns in it."
    rules.guesses.append(Finding(where, f"{where}, header", f"{len(folded)} rows", 1, "", reason, "note"))
    return [(folded[-1][0], names), *rest]


def _filled(cells: list[str]) -> int:
    return sum(map(bool, cells))


def _spread(number: int, cells: list[str], merges: list[Merge], width: int) -> list[str]:
    spread = [*cells, *[""] * (width - len(cells))]
    for merge in merges:
        if merge.top == number:
            for column in range(merge.left, min(merge.right, width) + 1):
                spread[column - 1] = spread[merge.left - 1]
    return spread
