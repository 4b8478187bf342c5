"""The explorer: filters that drive everything on the page, live with a kernel and from stored states without one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import pandas as pd
import traitlets

from cjmlab.errors import CjmError
from cjmlab.explore.filters import DIMENSIONS, Filters
from cjmlab.explore.frame import page_frame, static_table
from cjmlab.explore.plotly_bundle import compressed_plotly
from cjmlab.explore.states import MOST_STATES, States, choose_states, pack
from cjmlab.explore.views import Draw, standard_views, taking_what_it_knows
from cjmlab.explore.withholding import SMALLEST_CELL
from cjmlab.journeys.context import context_of
from cjmlab.tables import check_table
from cjmlab.vocabulary import language_code

MIME = "application/vnd.cjmlab.explorer+json"
"""Under this name an explorer's states stand in a saved notebook, for ``render`` to find."""

_HERE = Path(__file__).parent


def front_end() -> str:
    """Return the one ES module of the page: the small pen, then the explorer."""
    return "".join((_HERE / name).read_text(encoding="utf-8") for name in ("sketch.js", "explorer.js"))


class Explorer(anywidget.AnyWidget):
    """The explorer. Made by ``explore``; its ``selection``, ``journeys`` and ``moments`` follow what is on the screen."""

    _esm = front_end()
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
            key, views = str(message.get("key")), message.get("views")
            try:
                filters = Filters.of(dict(message.get("filters") or {}))
                patch = self._states.payload([filters], views=views, glance=bool(message.get("glance")))
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
    draws = {name: taking_what_it_knows(draw) for name, draw in draws.items()}
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
