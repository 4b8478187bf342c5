"""The explorer: filters that drive everything on the page, live with a kernel and from stored states without one."""

from __future__ import annotations

import html
from collections.abc import Mapping
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import anywidget
import pandas as pd
import traitlets

from cjmlab.errors import CjmError
from cjmlab.explore.details import number
from cjmlab.explore.filters import DIMENSIONS, Filters
from cjmlab.explore.plotly_bundle import compressed_plotly
from cjmlab.explore.states import MOST_STATES, Draw, States, choose_states, pack
from cjmlab.explore.withholding import SMALLEST_CELL
from cjmlab.explore.words import word, wordings
from cjmlab.journeys.context import context_of
from cjmlab.maps.metrics import font_stack
from cjmlab.tables import check_table
from cjmlab.vocabulary import language_code

MIME = "application/vnd.cjmlab.explorer+json"
"""Under this name an explorer's states stand in a saved notebook, for ``render`` to find."""

_HERE = Path(__file__).parent


class Explorer(anywidget.AnyWidget):
    """The explorer. Made by ``explore``; its ``selection``, ``journeys`` and ``moments`` follow what is on the screen."""

    _esm = _HERE / "explorer.js"
    _css = _HERE / "explorer.css"
    payload = traitlets.Bytes().tag(sync=True)
    live = traitlets.Bool(True).tag(sync=True)
    selection = traitlets.Dict().tag(sync=True)

    def __init__(self, states: States, packed: bytes, start: Filters) -> None:
        self._states = states
        super().__init__(payload=packed, selection=dict(start.chosen()))
        self.on_msg(self._answer)

    @property
    def filters(self) -> Filters:
        """What is chosen now."""
        return Filters.of({name: value for name, value in self.selection.items() if name in DIMENSIONS})

    @property
    def journeys(self) -> pd.DataFrame:
        """The journeys as they are shown: under the filters, for the chosen segment, small cells withheld."""
        journeys, _ = self._states.tables(self.filters)
        return self._mine(journeys)

    @property
    def moments(self) -> pd.DataFrame:
        """The moments as they are shown."""
        _, moments = self._states.tables(self.filters)
        return self._mine(moments)

    def _mine(self, table: pd.DataFrame) -> pd.DataFrame:
        segment = self.filters.segment
        kept = table[table["segment"] == segment] if segment else table
        touchpoint = self.selection.get("touchpoint")
        return kept[kept["touchpoint"] == touchpoint] if touchpoint else kept

    def state(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Compute one combination of filters, whether it was stored or not, and return it as the page takes it.

        Raises
        ------
        TableError
            When a name is not a filter.
        """
        return self._states.payload([Filters.of(values)])

    def verbatims(self, touchpoint: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return what customers said at a touchpoint under some filters (the chosen ones when None), masked."""
        filters = self.filters if values is None else Filters.of(values)
        return self._states.verbatims(filters, touchpoint)

    def _answer(self, _: Any, message: Any, __: Any) -> None:
        """Answer the page: the drawing library, or a combination that was not stored."""
        if not isinstance(message, dict):
            return
        if message.get("ask") == "plotly":
            self.send({"answer": "plotly"}, [compressed_plotly()])
        elif message.get("ask") == "state":
            key = str(message.get("key"))
            try:
                patch = self.state(dict(message.get("filters") or {}))
                self.send({"answer": "state", "key": key}, [pack(patch)])
            except CjmError as refusal:
                self.send({"answer": "refusal", "key": key, "text": str(refusal)})
        elif message.get("ask") == "verbatims":
            said = self.verbatims(str(message.get("touchpoint")), dict(message.get("filters") or {}))
            self.send({"answer": "verbatims", "key": str(message.get("key")), "verbatims": said})

    def __repr__(self) -> str:
        chosen = ", ".join(f"{name}={value!r}" for name, value in self.filters.chosen().items())
        return f"<Explorer: {chosen}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        made = super()._repr_mimebundle_(**kwargs)
        bundle, metadata = made if isinstance(made, tuple) else (made or {}, {})
        journeys, _ = self._states.tables(Filters())
        table = static_table(journeys, self._states)
        return {**bundle, "text/plain": repr(self), "text/html": table, MIME: self.portable()}, metadata

    def portable(self) -> dict[str, Any]:
        """Return what a file needs to show the explorer without a kernel, as plain JSON."""
        import base64

        journeys, _ = self._states.tables(Filters())
        return {
            "version": 1,
            "language": self._states.language,
            "payload": base64.b64encode(self.payload).decode("ascii"),
            "selection": self.selection,
            "table": static_table(journeys, self._states),
        }


def explore(
    journeys: pd.DataFrame,
    moments: pd.DataFrame | None = None,
    *,
    segment: str | None = None,
    language: str = "en",
    views: Mapping[str, Draw] | None = None,
    most_states: int = MOST_STATES,
    withhold_below: int = SMALLEST_CELL,
    quotes: bool = False,
) -> Explorer:
    """Show the journeys with filters for segment, wave, source, channel, language, stage and least n.

    Every combination of segment, wave and source, and every other filter by itself, is drawn beforehand and travels
    with the widget, so the filters work in a shared file; with a kernel any combination is computed by the same verbs.

    Parameters
    ----------
    journeys, moments : DataFrame
        What ``derive_journeys`` and ``rank_moments`` returned.
    segment : str, optional
        The segment to begin with; the first one when None.
    language : str
        Language of the maps and of the page.
    views : mapping of str to callable, optional
        View → ``draw(journeys, moments, segment=…, language=…)`` returning a figure. The map, the comparison, the
        heatmap and the flow when None.
    most_states : int
        Combinations to draw beforehand at most; above it a warning says which filters need a kernel.
    withhold_below : int
        Cells of fewer people than this are withheld; they do not travel with the widget.
    quotes : bool
        Draw verbatims on the map and let them travel with the widget, masked as far as names and numbers can be found.
        Without, they stay with the kernel: a click asks for them, and nothing of them is saved in the notebook.

    Returns
    -------
    Explorer
        A widget; ``.selection``, ``.journeys`` and ``.moments`` give back what is on the screen.

    Raises
    ------
    TableError
        When the journeys do not say where they came from, or the segment is not one of theirs.
    """
    check_table("journeys", journeys)
    if moments is not None:
        check_table("moments", moments)
    context_of(journeys)
    language = language_code(language)
    draws = dict(views) if views is not None else standard_views(journeys)
    draws = {name: _taking_what_it_knows(draw) for name, draw in draws.items()}
    states = States(journeys, moments, draws=draws, language=language, smallest=withhold_below, quotes=quotes)
    start = _start(states, segment)
    payload = {**page_frame(states), **states.payload(choose_states(states.options, most=most_states))}
    return Explorer(states, pack(payload), start)


def _start(states: States, segment: str | None) -> Filters:
    from cjmlab.errors import TableError, did_you_mean

    names = states.options["segment"]
    if not names:
        raise TableError("the table has no rows, so there is nothing to explore", where="table 'journeys'")
    if segment is not None and segment not in names:
        raise TableError(f"{segment!r} is not a segment of the journeys", remedy=did_you_mean(segment, names))
    return Filters(segment=segment or names[0])


def standard_views(journeys: pd.DataFrame) -> dict[str, Draw]:
    """Return the views that these journeys have something to show in."""
    from cjmlab.maps import compare_spec, flow_spec, heatmap_spec, map_spec

    several = len(set(journeys["segment"])) > 1
    found: dict[str, Draw] = {"map": map_spec, "heatmap": heatmap_spec}
    if several:
        found = {"map": map_spec, "compare": compare_spec, "heatmap": heatmap_spec}
    return {**found, "flow": flow_spec} if len(context_of(journeys).events) else found


def _taking_what_it_knows(draw: Draw) -> Draw:
    """Leave out the options that a view has no use for, such as the segment of a comparison."""
    asked = signature(draw).parameters
    if any(part.kind is Parameter.VAR_KEYWORD for part in asked.values()):
        return draw
    known = set(asked)

    def drawn(journeys: pd.DataFrame, moments: pd.DataFrame, **options: Any) -> Mapping[str, Any]:
        tables = (journeys, moments) if "moments" in known else (journeys,)
        return draw(*tables, **{name: value for name, value in options.items() if name in known})

    return drawn


def page_frame(states: States) -> dict[str, Any]:
    """Return what the page needs around the pictures: filters with their names, views, wordings."""
    language = states.language
    filters = [
        {
            "key": name,
            "label": word(name, language),
            "options": [{"value": value, "label": option_label(states, name, value)} for value in values],
        }
        for name, values in states.options.items()
    ]
    return {
        "language": language,
        "face": font_stack(language),
        "smallest": states.smallest,
        "filters": filters,
        "views": [{"key": name, "label": word(name, language)} for name in states.draws],
        "words": {name: label.text(language) for name, label in wordings().items()},
    }


def option_label(states: States, name: str, value: Any) -> str:
    """Return the name that people read for one value of a filter."""
    from cjmlab.explore.details import stage_name

    context, language = context_of(states.journeys), states.language
    if name == "segment":
        labels = getattr(context.segments, "labels", None) or {}
        return str(labels[value].text(language)) if value in labels else str(value)
    if name == "stage":
        return stage_name(context.study, value, language)
    if name == "minimum_n":
        return f"≥ {value}"
    if name == "source" and value in wordings():
        return word(value, language)
    return str(value).replace("_", " ") if name == "channel" else str(value)


def static_table(journeys: pd.DataFrame, states: States) -> str:
    """Return the numbers as an HTML table that needs no script: touchpoint × segment with n, experience, low, high."""
    from cjmlab.explore.details import stage_name, touchpoint_name

    study, language = context_of(states.journeys).study, states.language
    heads = [word(name, language) for name in ("segment", "stage", "touchpoint", "n", "experience", "low", "high")]
    lines = []
    for row in journeys.sort_values(["segment", "position"], kind="stable").to_dict("records"):
        names = [
            option_label(states, "segment", row["segment"]),
            stage_name(study, row["stage"], language),
            touchpoint_name(study, row["touchpoint"], language),
        ]
        if row.get("withheld"):
            numbers = [f"&lt; {states.smallest}", "", "", ""]
        else:
            numbers = [
                str(int(number(row["n"]) or 0)),
                *(signed(row[label]) for label in ("experience", "low", "high")),
            ]
        cells = "".join(f"<td>{html.escape(name)}</td>" for name in names)
        cells += "".join(f'<td style="text-align:right">{figure}</td>' for figure in numbers)
        lines.append(f"<tr>{cells}</tr>")
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in heads)
    return f'<table class="cjm-static"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def signed(value: object) -> str:
    """Return a number with its sign written out (U+2212), two decimals, or nothing.

    Examples
    --------
    >>> signed(-0.254), signed(0.1), signed(float("nan"))
    ('−0.25', '+0.10', '')
    """
    figure = number(value)
    if figure is None:
        return ""
    text = f"{abs(figure):.2f}"
    return text if float(text) == 0 else ("+" if figure > 0 else "−") + text
