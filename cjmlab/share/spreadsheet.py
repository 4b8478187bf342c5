"""The spreadsheet: a sheet for every table, charts, definitions; no formula and no link, whatever the data say."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.share.leaving import Leaving
from cjmlab.share.whole_file import ShareError, whole_file

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_LONGEST = 32_767
_SETTINGS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_SIGNED = {"experience", "low", "high", "expectation", "gap", "effect", "expected_gain", "gain_low", "gain_high"}
_SHARES = {"share", "share_negative", "reach", "drop_off"}
_WIDTHS = {
    "reason": 90,
    "meaning": 70,
    "value": 90,
    "quote": 60,
    "segment": 26,
    "touchpoint": 26,
    "stage": 18,
    "what": 16,
}


def write_xlsx(leaving: Leaving, path: str | Path) -> Path:
    """Write the tables of an export as a workbook.

    Raises
    ------
    ShareError
        When xlsxwriter is not installed, or the file cannot be written; the old one is then untouched.
    """
    try:
        import xlsxwriter
    except ImportError:
        raise ShareError("a spreadsheet needs xlsxwriter", remedy="pip install 'cjmlab[export]'.") from None
    target = Path(path)
    with whole_file(target) as part:
        try:
            book = xlsxwriter.Workbook(str(part), _SETTINGS)
            book.set_properties({"title": clean(leaving.title), "author": "cjmlab", "created": _date(leaving)})
            looks = _looks(book)
            for name, table in leaving.tables.items():
                _write_sheet(book.add_worksheet(name.capitalize()), table, looks)
            _write_chart(book, leaving, looks)
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise error.args[0] if error.args and isinstance(error.args[0], OSError) else CjmError(str(error)) from None
    return target


def clean(value: object) -> str:
    r"""Return a text that a spreadsheet can hold: control characters shown as U+FFFD, very long texts cut and said so.

    Examples
    --------
    >>> clean("a\x00b")
    'a�b'
    """
    text = _CONTROL.sub("\ufffd", str(value))
    if len(text) > _LONGEST:
        said = f" … [cut: {len(text):,} characters]"
        text = text[: _LONGEST - len(said)] + said
    return text


def _looks(book: Any) -> dict[str, Any]:
    return {
        "head": book.add_format({"bold": True, "bg_color": "#263241", "font_color": "#FFFFFF", "valign": "vcenter"}),
        "text": book.add_format({"valign": "top", "text_wrap": True}),
        "signed": book.add_format({"num_format": '+0.00;"−"0.00;0.00', "valign": "top"}),
        "share": book.add_format({"num_format": "0 %", "valign": "top"}),
        "count": book.add_format({"num_format": "#,##0", "valign": "top"}),
        "number": book.add_format({"num_format": "0.00", "valign": "top"}),
    }


def _write_sheet(sheet: Any, table: pd.DataFrame, looks: dict[str, Any]) -> None:
    for place, label in enumerate(table.columns):
        sheet.write_string(0, place, clean(label), looks["head"])
        sheet.set_column(place, place, _WIDTHS.get(str(label), max(10, len(str(label)) + 3)))
        look = _look(str(label), table[label], looks)
        for row, value in enumerate(table[label].tolist(), start=1):
            _write_cell(sheet, row, place, value, look, looks["text"])
    sheet.freeze_panes(1, 0)
    if len(table):
        sheet.autofilter(0, 0, len(table), len(table.columns) - 1)
        if "experience" in table.columns:
            place = list(table.columns).index("experience")
            scale = {"type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num", "min_value": -1,
                     "mid_value": 0, "max_value": 1, "min_color": "#C9641C", "mid_color": "#ECEBE8",
                     "max_color": "#3D86BF"}  # fmt: skip
            sheet.conditional_format(1, place, len(table), place, scale)


def _look(label: str, column: pd.Series, looks: dict[str, Any]) -> Any:
    if label in _SIGNED:
        return looks["signed"]
    if label in _SHARES:
        return looks["share"]
    return looks["count" if column.dtype.kind in "iu" or label in ("n", "customers", "rank") else "number"]


def _write_cell(sheet: Any, row: int, place: int, value: Any, look: Any, text: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, (int, float)):
        if value == value and abs(value) != float("inf"):
            sheet.write_number(row, place, value, look)
    elif value is not None and not pd.isna(value):
        sheet.write_string(row, place, clean(value), text)


def _write_chart(book: Any, leaving: Leaving, looks: dict[str, Any]) -> None:
    """Draw the experience of every segment along the journey, from a small sheet of its own."""
    cells = leaving.tables["journeys"]
    if cells.empty:
        return
    points = list(dict.fromkeys(leaving.journeys.sort_values("position", kind="stable")["touchpoint"]))
    names = dict(zip(leaving.journeys["touchpoint"], cells["touchpoint"], strict=True))
    sheet = book.add_worksheet("Charts")
    sheet.write_string(0, 0, "touchpoint", looks["head"])
    sheet.set_column(0, 0, 26)
    for row, point in enumerate(points, start=1):
        sheet.write_string(row, 0, clean(names[point]))
    chart = book.add_chart({"type": "line"})
    for place, segment in enumerate(leaving.segments, start=1):
        mine = leaving.journeys[leaving.journeys["segment"] == segment].set_index("touchpoint")["experience"]
        sheet.write_string(0, place, clean(segment), looks["head"])
        for row, point in enumerate(points, start=1):
            if point in mine.index:
                _write_cell(sheet, row, place, float(mine[point]), looks["signed"], looks["text"])
        chart.add_series({
            "name": ["Charts", 0, place], "categories": ["Charts", 1, 0, len(points), 0],
            "values": ["Charts", 1, place, len(points), place], "marker": {"type": "circle", "size": 6},
        })  # fmt: skip
    chart.set_y_axis({"min": -1, "max": 1, "num_format": '+0.0;"−"0.0;0', "major_gridlines": {"visible": True}})
    chart.set_x_axis({"label_position": "low"})
    chart.set_title({"name": clean(leaving.title), "name_font": {"size": 14}})
    chart.set_size({"width": 1180, "height": 480})
    chart.show_blanks_as("gap")
    sheet.insert_chart(len(points) + 2, 0, chart)


def _date(leaving: Leaving) -> datetime:
    about = leaving.tables["about"].set_index("what")["value"]
    try:
        return datetime.fromisoformat(str(about.get("data until", "2000-01-01"))).replace(tzinfo=UTC)
    except ValueError:
        return datetime(2000, 1, 1, tzinfo=UTC)
