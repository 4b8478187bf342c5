"""Export: the same journeys as a workbook, slides, a picture, a page, a table or a text, by the suffix of the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.explore.withholding import SMALLEST_CELL
from cjmlab.share.leaving import Leaving, prepare_leaving
from cjmlab.share.whole_file import ShareError

SUFFIXES = (".xlsx", ".pptx", ".png", ".svg", ".pdf", ".csv", ".md", ".html")


def export(
    journeys: pd.DataFrame,
    moments: pd.DataFrame | None,
    path: str | Path,
    *,
    segment: str | None = None,
    language: str = "en",
    quotes: bool = False,
    table: str = "journeys",
    withhold_below: int = SMALLEST_CELL,
    scale: float = 2.0,
) -> Path:
    """Write journeys and moments to a file that others can use; it is written whole or not at all.

    Cells of few people are withheld, names and numbers in verbatims are masked, and only the columns that are listed in
    the *definitions* travel.

    Parameters
    ----------
    journeys, moments : DataFrame
        What ``derive_journeys`` and ``rank_moments`` returned.
    path : str or Path
        ``.xlsx`` a sheet for every table, charts and definitions; ``.pptx`` a slide for every segment; ``.png``,
        ``.svg`` or ``.pdf`` (one A3 page) the map of a segment; ``.csv`` one table; ``.md`` a text that diffs;
        ``.html`` the page with filters.
    segment : str, optional
        The segment of a picture; the largest when None.
    language : str
        Language of names and of the map.
    quotes : bool
        Let verbatims travel, masked. They stay at home by default.
    table : str
        Which table a CSV file holds: journeys, moments, segments, stages, definitions, about.
    withhold_below : int
        Cells of fewer people are withheld.
    scale : float
        Pixels per unit of a PNG.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ShareError
        When the suffix is not known, a library or a browser is missing, or the file cannot be written.
    TableError
        When there is no such table or segment.
    """
    target = Path(path)
    kind = target.suffix.lower()
    if kind not in SUFFIXES:
        raise ShareError(
            f"{kind or target.name!r} cannot be written", where=str(target), remedy=f"Use {', '.join(SUFFIXES)}."
        )
    if kind == ".html":
        from cjmlab.share.page import share_page

        return share_page(journeys, moments, target, language=language, segment=segment, quotes=quotes,
                          withhold_below=withhold_below)  # fmt: skip
    leaving = prepare_leaving(journeys, moments, language=language, quotes=quotes, withhold_below=withhold_below)
    if kind in (".png", ".svg", ".pdf"):
        return _picture(leaving, target, segment, scale, quotes)
    if kind == ".csv":
        return _csv(leaving, target, table)
    return _writer(kind)(leaving, target)


def _writer(kind: str) -> Callable[[Leaving, Path], Path]:
    if kind == ".xlsx":
        from cjmlab.share.spreadsheet import write_xlsx

        return write_xlsx
    if kind == ".pptx":
        from cjmlab.share.slides import write_pptx

        return write_pptx
    from cjmlab.share.text_form import write_text

    return write_text


def _picture(leaving: Leaving, target: Path, segment: str | None, scale: float, quotes: bool) -> Path:
    from cjmlab.explore.states import plain
    from cjmlab.maps import map_spec
    from cjmlab.share.images import write_image

    figure = plain(
        map_spec(leaving.journeys, leaving.moments, segment=segment, language=leaving.language, quotes=quotes)
    )
    return write_image(figure, target, scale=scale)


def _csv(leaving: Leaving, target: Path, table: str) -> Path:
    from cjmlab.share.plain_table import write_csv

    if table not in leaving.tables:
        raise TableError(f"{table!r} is not a table of an export", remedy=did_you_mean(table, leaving.tables))
    return write_csv(leaving.tables[table], target)
