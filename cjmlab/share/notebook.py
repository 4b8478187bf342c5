"""The notebook as a page: the exporter behind ``render`` and behind JupyterLab's *Save and Export Notebook As*."""

from __future__ import annotations

import html
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import traitlets
from nbconvert.exporters import Exporter

from cjmlab.explore.explorer import MIME
from cjmlab.explore.words import word
from cjmlab.share.images import write_image
from cjmlab.share.markup import clean_markup, markdown_markup
from cjmlab.share.page import Page
from cjmlab.share.whole_file import ShareError, write_whole
from cjmlab.vocabulary import language_code

_PLOTLY = "application/vnd.plotly.v1+json"
_WIDGET = "application/vnd.jupyter.widget-view+json"
_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")


class OfflinePage(Exporter):
    """nbconvert exporter: an executed notebook → one HTML file without kernel and network."""

    export_from_notebook = "Offline page (cjmlab)"
    file_extension = ".html"
    output_mimetype = "text/html"

    show_code = traitlets.Bool(False, help="show the code cells").tag(config=True)
    quotes = traitlets.Bool(False, help="let masked verbatims travel").tag(config=True)
    redact = traitlets.Bool(False, help="leave out every output that cjmlab did not draw").tag(config=True)
    slim = traitlets.Bool(False, help="leave out the drawing library").tag(config=True)
    language = traitlets.Unicode("", help="language of the page; the notebook's own when empty").tag(config=True)

    def from_notebook_node(  # type: ignore[override]
        self, nb: Any, resources: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page and nbconvert's resources; ``dead_widgets`` there names what needs a kernel."""
        nb, told = super().from_notebook_node(nb, resources, **kwargs)
        name = str((told.get("metadata") or {}).get("name") or "notebook")
        page = Page(_title(nb, name), language_code(self.language or _language(nb)), self.quotes, self.slim)
        if not _has_heading(nb):
            page.markup(f'<header class="page-head"><h1>{html.escape(page.title)}</h1></header>')
        for cell in nb.cells:
            self._cell(page, cell)
        told["dead_widgets"], told["pictures"] = list(page.dead), list(page.pictures)
        return page.html(), told

    def _cell(self, page: Page, cell: Any) -> None:
        if cell.cell_type == "markdown":
            page.markup(f'<div class="words">{markdown_markup(cell.source)}</div>')
        elif cell.cell_type == "code":
            if self.show_code and cell.source.strip():
                page.markup(f'<pre class="code">{html.escape(cell.source)}</pre>')
            for output in cell.get("outputs", ()):
                self._output(page, output)

    def _output(self, page: Page, output: Any) -> None:
        kind = output.get("output_type")
        if kind == "error":
            page.note(f"{output.get('ename')}: {output.get('evalue')}", failure=True)
        elif kind == "stream":
            if output.get("name") == "stdout":
                self._foreign(page, _plain_text(str(output.get("text", ""))))
        elif kind in ("execute_result", "display_data"):
            self._shown(page, dict(output.get("data", {})))

    def _shown(self, page: Page, data: dict[str, Any]) -> None:
        if MIME in data:
            page.explorer(data[MIME])
        elif _PLOTLY in data:
            page.figure(data[_PLOTLY])
        elif _WIDGET in data:
            page.dead_widget(_widget_name(data))
        elif picture := next((mime for mime in _PICTURES if mime in data), None):
            self._foreign(page, _picture(picture, data[picture]))
        elif "text/html" in data:
            self._foreign(page, f'<div class="frame">{clean_markup(_joined(data["text/html"]))}</div>')
        elif "text/markdown" in data:
            self._foreign(page, f'<div class="words">{markdown_markup(_joined(data["text/markdown"]))}</div>')
        elif "text/plain" in data:
            self._foreign(page, _plain_text(_joined(data["text/plain"])))

    def _foreign(self, page: Page, markup: str) -> None:
        if self.redact and markup:
            page.note(word("redacted", page.language))
        else:
            page.markup(markup)


def render(
    notebook: str | Path,
    output: str | Path | None = None,
    *,
    show_code: bool = False,
    quotes: bool = False,
    redact: bool = False,
    slim: bool = False,
    pictures: Sequence[str] = (),
    execute: bool = False,
    language: str | None = None,
    timeout: float = 600,
) -> Path:
    """Turn a notebook into one HTML file whose filters live without a kernel and without a network.

    Parameters
    ----------
    notebook : str or Path
        An ``.ipynb`` file. One without any output is run first, in its own folder; the file itself is not changed.
    output : str or Path, optional
        The page; the notebook's name with ``.html`` when None.
    show_code : bool
        Show the code cells as well.
    quotes : bool
        Let verbatims travel, masked. They stay at home by default.
    redact : bool
        Leave out every output that is not a map or an explorer of cjmlab, such as tables of raw rows.
    slim : bool
        Leave out the drawing library (2 MB): the filters live, only saving a picture by a button is gone.
    pictures : sequence of str
        ``"png"``, ``"pdf"`` (one A3 page) or ``"svg"``: also write every picture of the notebook, and the one that each
        explorer opens with, beside the page. They are named after it, with a number where there are several.
    execute : bool
        Run the notebook first even when it has outputs.
    language : str, optional
        Language of the page's own words; that of the notebook's explorer when None.
    timeout : float
        Seconds that one cell may take when the notebook is run.

    Returns
    -------
    Path
        The file. A widget that needs a kernel is replaced by a note, listed in the page and named in a warning.

    Raises
    ------
    ShareError
        When the notebook cannot be read or run, or the page cannot be written; an old page is then untouched.
    """
    looks = {"show_code": show_code, "quotes": quotes, "redact": redact, "slim": slim, "language": language or ""}
    return render_files(notebook, output, pictures=pictures, execute=execute, timeout=timeout, **looks)[0]


def render_files(
    notebook: str | Path,
    output: str | Path | None = None,
    *,
    pictures: Sequence[str] = (),
    execute: bool = False,
    timeout: float = 600,
    **looks: Any,
) -> list[Path]:
    """Do what ``render`` does and return every file that was written, the page first."""
    source = Path(notebook)
    node = _read(source)
    code = [cell for cell in node.cells if cell.cell_type == "code" and cell.source.strip()]
    if execute or (code and not any(cell.get("outputs") for cell in code)):
        node = _run(node, source, timeout)
    exporter = OfflinePage(**looks)  # type: ignore[no-untyped-call]
    text, told = exporter.from_notebook_node(node, {"metadata": {"name": source.stem}})
    if told["dead_widgets"]:
        warnings.warn(
            f"{source.name}: left out, because they need a kernel: {', '.join(told['dead_widgets'])}", stacklevel=3
        )
    page = write_whole(output or source.with_suffix(".html"), text)
    return [page, *(write_image(figure, place) for figure, place in place_pictures(page, told["pictures"], pictures))]


def place_pictures(
    page: Path, figures: Sequence[dict[str, Any]], kinds: Sequence[str]
) -> list[tuple[dict[str, Any], Path]]:
    """Return which picture goes where, for the kinds of files that are wanted."""
    numbers = [f"-{place}" if len(figures) > 1 else "" for place in range(1, len(figures) + 1)]
    return [
        (figure, page.with_name(f"{page.stem}{number}.{kind}"))
        for kind in dict.fromkeys(kinds)
        for number, figure in zip(numbers, figures, strict=True)
    ]


def _read(source: Path) -> Any:
    import nbformat

    try:
        return nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
    except FileNotFoundError:
        raise ShareError("the notebook is not there", where=str(source), remedy="Check the path.") from None
    except Exception as error:
        raise ShareError("this is not a Jupyter notebook", where=str(source), example=str(error)[:80]) from None


def _run(node: Any, source: Path, timeout: float) -> Any:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    client = NotebookClient(node, timeout=timeout, resources={"metadata": {"path": str(source.parent.resolve())}})
    try:
        client.execute()
    except CellExecutionError as error:
        raise ShareError(
            f"a cell fails: {error.ename}: {error.evalue}", where=str(source), remedy="Open the notebook and run it."
        ) from None
    except CellTimeoutError:
        raise ShareError(
            f"a cell takes longer than {timeout:.0f} s", where=str(source), remedy="Raise timeout."
        ) from None
    return node


def _has_heading(nb: Any) -> bool:
    return any(cell.cell_type == "markdown" and re.search(r"^# \S", cell.source, re.M) for cell in nb.cells)


def _title(nb: Any, name: str) -> str:
    own = nb.metadata.get("title")
    if isinstance(own, str) and own.strip():
        return own.strip()
    for cell in nb.cells:
        found = re.search(r"^# +(.+?)\s*#*$", cell.source, re.M) if cell.cell_type == "markdown" else None
        if found:
            return str(re.sub(r"[*_`]", "", found[1]))
    return name


def _language(nb: Any) -> str:
    for cell in nb.cells:
        for output in cell.get("outputs", ()):
            portable = output.get("data", {}).get(MIME)
            if portable:
                return str(portable.get("language", "en"))
    return "en"


def _widget_name(data: Mapping[str, Any]) -> str:
    text = _joined(data.get("text/plain", "widget")).strip()
    return re.split(r"[(\s]", text.lstrip("<"))[0][:60] or "widget"


def _joined(value: Any) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _plain_text(text: str) -> str:
    bare = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text).strip("\n")
    return f'<pre class="text">{html.escape(bare)}</pre>' if bare.strip() else ""


def _picture(mime: str, data: Any) -> str:
    import base64

    raw = _joined(data)
    packed = base64.b64encode(raw.encode()).decode("ascii") if mime == "image/svg+xml" else re.sub(r"\s", "", raw)
    if not re.fullmatch(r"[A-Za-z0-9+/=]*", packed):
        return ""
    return f'<p class="block"><img alt="" src="data:{mime};base64,{packed}"></p>'
