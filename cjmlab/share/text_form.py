"""The text form: a map as Markdown, made to be read in a diff."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cjmlab.explore.frame import signed
from cjmlab.explore.words import word
from cjmlab.maps.wordings import wordings
from cjmlab.share.leaving import Leaving
from cjmlab.share.whole_file import write_whole
from cjmlab.vocabulary.figures import write_number


def write_text(leaving: Leaving, path: str | Path) -> Path:
    """Write the maps as Markdown, whole; the same data give the same text.

    Raises
    ------
    ShareError
        When the file cannot be written; the old one is then untouched.
    """
    return write_whole(path, map_text(leaving))


def map_text(leaving: Leaving) -> str:
    """Return the maps of all segments as Markdown: one line a touchpoint, one line a moment."""
    language = leaving.language
    lines = [f"# {plain(leaving.title)}", ""]
    cells, moments = leaving.tables["journeys"], leaving.tables["moments"]
    heads = [word(name, language) for name in ("stage", "touchpoint", "n", "experience", "interval", "evidence")]
    for segment in leaving.segments:
        lines += [f"## {plain(segment)}", "", _row(heads), _row(["---"] * len(heads))]
        lines += [_cell(row, language) for row in cells[cells["segment"].astype(str) == segment].to_dict("records")]
        mine = moments[moments["segment"].astype(str) == segment].sort_values(["kind", "rank"], kind="stable")
        if len(mine):
            lines += ["", *(_moment(row, language) for row in mine.to_dict("records"))]
        lines.append("")
    lines += [f"- {plain(row.what)}: {plain(row.value)}" for row in leaving.tables["about"].itertuples()]
    return "\n".join(lines) + "\n"


def plain(value: object) -> str:
    r"""Return a text on one line that Markdown shows as it is.

    Examples
    --------
    >>> plain("a | <b>\nc")
    'a \\| &lt;b&gt; c'
    """
    text = " ".join(str(value).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "\\`*_[]|#":
        text = text.replace(mark, "\\" + mark)
    return text


def _row(parts: list[str]) -> str:
    return "| " + " | ".join(parts) + " |"


def _cell(row: dict[Any, Any], language: str) -> str:
    names = [plain(row["stage"]), plain(row["touchpoint"])]
    if row.get("withheld"):
        return _row([*names, "", "", "", word("withheld", language, k="").replace("  ", " ").strip()])
    mean, low, high = (signed(row[name], language) for name in ("experience", "low", "high"))
    interval = f"{low} … {high}" if low else ""
    return _row([*names, write_number(row["n"], language=language), mean, interval, plain(row.get("evidence", ""))])


def _moment(row: dict[Any, Any], language: str) -> str:
    text = f"- {word(str(row['kind']), language)} {int(row['rank'])}: {plain(row['touchpoint'])}"
    if isinstance(row.get("reason"), str):
        text += f". {plain(row['reason'])}"
    return text + (f" {wordings(language).quoted(plain(row['quote']))}" if isinstance(row.get("quote"), str) else "")
