"""The page: one HTML file that opens anywhere, with living filters, no kernel and no network."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.explore.explorer import front_end
from cjmlab.explore.plotly_bundle import compressed_plotly
from cjmlab.explore.states import pack, unpack
from cjmlab.explore.withholding import SMALLEST_CELL
from cjmlab.explore.words import word
from cjmlab.maps.metrics import font_stack
from cjmlab.share.quotes import gather, payload_without_ids, payload_without_quotes, without_ids, without_quotes
from cjmlab.share.slim import is_house_picture, still_picture
from cjmlab.share.whole_file import write_whole
from cjmlab.vocabulary import Label, language_code

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"
)
"""What a page may do: run what is in it, show pictures that are in it, and nothing else."""


@dataclass
class Page:
    """Collects the blocks of a page and writes it as HTML.

    Parameters
    ----------
    title : str
        Title of the page.
    language : str
        Language of the page's own words.
    quotes : bool
        Whether verbatims travel.
    slim : bool
        Leave the drawing library out: the pictures of the house need none, others stand still.
    """

    title: str
    language: str = "en"
    quotes: bool = False
    slim: bool = False
    pictures: list[dict[str, Any]] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    _smallest: int = 0
    _blocks: list[str] = field(default_factory=list)
    _data: list[str] = field(default_factory=list)

    def markup(self, clean: str) -> None:
        """Add HTML that is already clean."""
        self._blocks.append(clean)

    def note(self, text: str, *, failure: bool = False) -> None:
        """Add a visible remark."""
        self._blocks.append(f'<p class="note{" failure" if failure else ""}">{html.escape(text)}</p>')

    def dead_widget(self, name: str) -> None:
        """Add a note where a widget stood that needs a kernel, and remember it for the foot of the page."""
        self.dead.append(name)
        self.note(word("kernel_widget", self.language, widget=name))

    def explorer(self, portable: Mapping[str, Any]) -> None:
        """Add an explorer from what it left in a notebook."""
        from cjmlab.share.markup import clean_markup

        payload = unpack(base64.b64decode(str(portable["payload"])))
        payload = payload_without_ids(payload) if self.quotes else payload_without_quotes(payload)
        self._smallest = max(self._smallest, int(payload.get("smallest", SMALLEST_CELL)))
        self.pictures += _first_picture(payload, portable.get("selection") or {})
        self._host("explorer", payload, clean_markup(str(portable.get("table", ""))), portable.get("selection") or {})

    def figure(self, figure: Mapping[str, Any]) -> None:
        """Add a Plotly figure."""
        plain = {"data": list(figure.get("data", ())), "layout": dict(figure.get("layout", {}))}
        shown = without_ids(plain) if self.quotes else without_quotes(plain)
        shown["layout"] = {name: part for name, part in dict(shown["layout"]).items() if name != "meta"}
        self.pictures.append(shown)
        if not self.slim or is_house_picture(shown):
            self._host("figure", shown, "", {})
        elif still := still_picture(shown):
            self.markup(still)
        else:
            self.note(word("slim_left_out", self.language))

    def _host(self, kind: str, data: Mapping[str, Any], fallback: str, selection: Mapping[str, Any]) -> None:
        name = f"cjm-data-{len(self._data) + 1}"
        packed = base64.b64encode(pack(data)).decode("ascii")
        self._data.append(f'<script type="text/plain" id="{name}">{packed}</script>')
        chosen = html.escape(json.dumps(selection, ensure_ascii=False), quote=True)
        hint = f'<p class="note late">{html.escape(word("no_scripts", self.language))}</p>'
        self._blocks.append(
            f'<div class="block cjm-host" data-kind="{kind}" data-blob="{name}" data-selection="{chosen}">'
            f'{hint}<div class="frame">{fallback}</div></div>'
        )

    def html(self) -> str:
        """Return the whole page."""
        title = html.escape(self.title)
        scripts = ""
        if self._data:
            scripts = "\n".join([*self._data, f'<script type="module">{_program()}</script>', *self._library()])
        return (
            f'<!DOCTYPE html>\n<html lang="{self.language}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="referrer" content="no-referrer">\n'
            f"<title>{title}</title>\n<style>{_style()}</style>\n</head>\n"
            f'<body style="font-family: {html.escape(font_stack(self.language))}">\n<div class="page">\n'
            + "\n".join(self._blocks)
            + f"\n{self._foot()}\n</div>\n{scripts}\n</body>\n</html>\n"
        )

    def _library(self) -> list[str]:
        """Return plotly.js, compressed once, behind all that can be drawn without it."""
        if self.slim:
            return []
        packed = base64.b64encode(compressed_plotly()).decode("ascii")
        return [f'<script type="text/plain" id="cjm-plotly">{packed}</script>']

    def _foot(self) -> str:
        lines = [word("quotes_masked" if self.quotes else "quotes_left_out", self.language)] if self._data else []
        if self._data and self._smallest > 1:
            lines.append(word("withheld_rule", self.language, k=self._smallest))
        lines.append(word("offline", self.language))
        if self.slim:
            lines.append(word("slim", self.language))
        if self.dead:
            lines.append(f"{word('kernel_widgets', self.language)}: {', '.join(self.dead)}")
        return '<footer class="page-foot">' + "".join(f"<p>{html.escape(line)}</p>" for line in lines) + "</footer>"


@cache
def _program() -> str:
    """Return the explorer's module, the same as in JupyterLab, and the script that hosts it here."""
    module = front_end()
    host = (resources.files("cjmlab.share") / "data" / "host.js").read_text(encoding="utf-8")
    module = module.replace("export default { render };", "const explorer = { render };")
    module = re.sub(r"^export (async|const)", r"\1", module, flags=re.M)
    return (module + host).replace("</script", "<\\/script")


@cache
def _style() -> str:
    explorer = (resources.files("cjmlab.explore") / "explorer.css").read_text(encoding="utf-8")
    return (resources.files("cjmlab.share") / "data" / "page.css").read_text(encoding="utf-8") + explorer


def _first_picture(payload: Mapping[str, Any], selection: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the picture that an explorer opens with."""
    names = payload["filters"]
    places = []
    for name in names:
        values = [option["value"] for option in name["options"]]
        chosen = selection.get(name["key"])
        places.append(values.index(chosen) + 1 if chosen in values else 0)
    state = payload["states"].get(".".join(map(str, places)), next(iter(payload["states"].values())))
    view = next(iter(state["views"].values()), None)
    return [] if view is None else [gather(payload["pool"], payload["pool"][view])]


def share_page(
    journeys: pd.DataFrame,
    moments: pd.DataFrame | None,
    output: str | Path,
    *,
    title: str | None = None,
    language: str = "en",
    segment: str | None = None,
    quotes: bool = False,
    slim: bool = False,
    **options: Any,
) -> Path:
    """Write the explorer of some journeys as one HTML file.

    Parameters
    ----------
    journeys, moments : DataFrame
        What ``derive_journeys`` and ``rank_moments`` returned.
    output : str or Path
        The file to write; it is replaced in one step or left as it was.
    title : str, optional
        Title of the page; the study's own when None.
    language : str
        Language of the maps and of the page.
    segment : str, optional
        The segment to open with.
    quotes : bool
        Let verbatims travel, masked as far as names and numbers can be found. They stay at home by default.
    slim : bool
        Leave out the drawing library (2 MB): the filters live, only saving a picture by a button is gone.
    **options
        Further options of ``explore``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ShareError
        When the file cannot be written; the old one is then untouched.
    """
    from cjmlab.explore import explore
    from cjmlab.journeys.context import context_of

    language = language_code(language)
    study = context_of(journeys).study
    name = title or (study.charter.title.text(language) if study is not None else word("map", language))
    explorer = explore(journeys, moments, segment=segment, language=language, quotes=quotes, **options)
    page = Page(name, language, quotes, slim)
    page.markup(f'<header class="page-head"><h1>{html.escape(name)}</h1>{_subtitle(study, language)}</header>')
    page.explorer(explorer.portable())
    return write_whole(output, page.html())


def _subtitle(study: Any, language: str) -> str:
    parts = (study.charter.segment_scope, study.charter.scenario) if study is not None else ()
    scope = " · ".join(Label.of(part).text(language) for part in parts if part)
    return f"<p>{html.escape(scope)}</p>" if scope else ""
