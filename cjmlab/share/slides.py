"""Slides: one for each segment, with a chart and texts that can be edited in PowerPoint."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.explore.frame import signed
from cjmlab.explore.words import word
from cjmlab.maps.wordings import wordings
from cjmlab.share.leaving import Leaving
from cjmlab.share.spreadsheet import clean
from cjmlab.share.whole_file import ShareError, whole_file
from cjmlab.vocabulary.figures import write_number, write_percent

_KINDS = ("pain", "moment_of_truth", "opportunity")
_MOST = 3
_WIDE, _HIGH = 13.333, 7.5
_INK, _SOFT = "1C2733", "5B6874"
_FACES = {"zh-Hans": "Microsoft YaHei", "zh-Hant": "Microsoft JhengHei"}


def write_pptx(leaving: Leaving, path: str | Path) -> Path:
    """Write a presentation: a slide for each segment.

    Raises
    ------
    ShareError
        When python-pptx is not installed, or the file cannot be written; the old one is then untouched.
    """
    try:
        from pptx import Presentation
        from pptx.util import Inches
    except ImportError:
        raise ShareError("slides need python-pptx", remedy="pip install 'cjmlab[export]'.") from None
    show = Presentation()
    show.slide_width, show.slide_height = Inches(_WIDE), Inches(_HIGH)
    about = show.core_properties
    about.title, about.author, about.last_modified_by = clean(leaving.title), "cjmlab", "cjmlab"
    about.created = about.modified = datetime(2000, 1, 1)
    about.comments = ""
    for segment in leaving.segments:
        _slide(show, leaving, segment)
    target = Path(path)
    with whole_file(target) as part:
        show.save(str(part))
    return target


def _slide(show: Any, leaving: Leaving, segment: str) -> None:
    slide = show.slides.add_slide(show.slide_layouts[6])
    writer = _Writer(slide, _FACES.get(leaving.language, "Segoe UI"))
    cells = leaving.tables["journeys"]
    mine = cells[cells["segment"].astype(str) == segment].reset_index(drop=True)
    writer.text(0.6, 0.3, 12.1, 0.7, [(segment, 28, True, _INK)])
    writer.text(0.6, 0.95, 12.1, 0.4, [(f"{leaving.title} · {_size(leaving, segment)}", 13, False, _SOFT)])
    _chart(slide, mine, leaving)
    found = leaving.tables["moments"]
    found = found[found["segment"].astype(str) == segment]
    for place, kind in enumerate(_KINDS):
        rows = found[found["kind"] == kind].sort_values("rank", kind="stable").head(_MOST)
        lines = [(word(kind, leaving.language), 14, True, _INK)]
        for row in rows.to_dict("records"):
            lines.append((_line(row, leaving.language), 12, False, _INK))
            if isinstance(row.get("quote"), str):
                lines.append((wordings(leaving.language).quoted(row["quote"]), 11, False, _SOFT))
        if rows.empty:
            lines.append(("–", 12, False, _SOFT))
        writer.text(0.6 + place * 4.1, 5.0, 3.9, 2.0, lines)
    told = leaving.tables["about"].set_index("what")["value"]
    foot = " · ".join(str(told[name]) for name in ("segments", "data until", "withheld") if name in told.index)
    writer.text(0.6, 7.05, 12.1, 0.35, [(f"cjmlab · {foot}", 9, False, _SOFT)])


class _Writer:
    """Puts texts on a slide: data are runs of text, never links."""

    def __init__(self, slide: Any, face: str) -> None:
        self.slide, self.face = slide, face

    def text(
        self, left: float, top: float, width: float, height: float, lines: list[tuple[str, int, bool, str]]
    ) -> None:
        from pptx.dml.color import RGBColor
        from pptx.util import Inches, Pt

        box = self.slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height))
        frame = box.text_frame
        frame.word_wrap = True
        for place, (words, size, bold, colour) in enumerate(lines):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            run = paragraph.add_run()
            run.text = clean(words).replace("\v", " ")
            run.font.size, run.font.bold, run.font.name = Pt(size), bold, self.face
            run.font.color.rgb = RGBColor.from_string(colour)  # type: ignore[no-untyped-call]


def _chart(slide: Any, mine: pd.DataFrame, leaving: Leaving) -> None:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE, XL_TICK_LABEL_POSITION
    from pptx.util import Inches, Pt

    if mine.empty:
        return
    data = CategoryChartData(number_format='+0.00;"−"0.00;0.00')  # type: ignore[no-untyped-call]
    data.categories = [clean(name) for name in mine["touchpoint"]]
    values = [None if pd.isna(value) else round(float(value), 3) for value in mine["experience"]]
    data.add_series(word("experience", leaving.language), values)  # type: ignore[no-untyped-call]
    place = (Inches(0.5), Inches(1.4), Inches(12.3), Inches(3.5))
    frame = slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *place, data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", _told(mine, leaving.language))
    chart = frame.chart
    chart.has_legend, chart.has_title = False, False
    chart.value_axis.minimum_scale, chart.value_axis.maximum_scale = -1, 1
    chart.value_axis.major_unit = 0.5
    chart.value_axis.tick_labels.font.size = chart.category_axis.tick_labels.font.size = Pt(10)
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    plot = chart.plots[0]
    plot.has_data_labels = True
    plot.data_labels.font.size = Pt(9)


def _told(cells: pd.DataFrame, language: str) -> str:
    """Say what a chart shows to those who do not see it: the segment, its highest and its lowest touchpoint."""
    words, known = wordings(language), cells.dropna(subset=["experience"]).sort_values("experience", kind="stable")
    ends = (("peak", known.tail(1)), ("low_point", known.head(1)))
    told = [f"{words.say(key)} {row.touchpoint} {signed(row.experience, language)}"
            for key, rows in ends for row in rows.itertuples()]  # fmt: skip
    return clean(". ".join([f"{cells['segment'].iloc[0]}: {words.say('experience')}", *told]))


def _size(leaving: Leaving, segment: str) -> str:
    sizes = leaving.tables["segments"]
    row = sizes[sizes["segment"].astype(str) == segment]
    if row.empty or pd.isna(row["customers"].iloc[0]):
        return ""
    people = word("customers", leaving.language)
    size = write_number(int(row["customers"].iloc[0]), language=leaving.language)
    return f"{size} {people} · {write_percent(float(row['share'].iloc[0]), language=leaving.language)}"


def _line(row: dict[Any, Any], language: str) -> str:
    parts = [
        f"{row['touchpoint']}",
        f"n = {write_number(int(row['n']), language=language)}" if not pd.isna(row.get("n")) else "",
    ]
    gain, low, high = (signed(row.get(name), language) for name in ("expected_gain", "gain_low", "gain_high"))
    if row["kind"] == "opportunity" and gain:
        parts.append(f"{gain} ({low} … {high})")
    elif row["kind"] == "pain" and not pd.isna(row.get("share")):
        parts.append(write_percent(float(row["share"]), language=language))
    return " · ".join(part for part in parts if part)
