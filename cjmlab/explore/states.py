"""States: every choice of filters that travels with an explorer, drawn once and stored without repetition."""

from __future__ import annotations

import gzip
import itertools
import json
import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.explore.details import Details
from cjmlab.explore.filters import Filters
from cjmlab.explore.shown import ShownTables
from cjmlab.explore.views import Draw
from cjmlab.explore.withholding import SMALLEST_CELL

MOST_STATES = 200
CROSSED = ("segment", "wave", "source")

POOLED = ("shapes", "annotations", "images")


class Pool:
    """Values that many figures share, each stored once under a number."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[str, int] = {}

    def put(self, value: Any) -> int:
        """Store a value, or find it, and return its number."""
        key = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if key not in self._numbers:
            self._numbers[key] = len(self.values)
            self.values.append(value)
        return self._numbers[key]

    def figure(self, figure: Mapping[str, Any]) -> int:
        """Store a figure in parts and return its number; of ``meta`` only the places of the lanes travel."""
        layout = {name: part for name, part in figure.get("layout", {}).items() if name != "meta"}
        if lanes := (figure.get("layout", {}).get("meta") or {}).get("lanes"):
            layout["meta"] = {"lanes": lanes}
        parts = {name: [self.put(item) for item in layout.pop(name, None) or ()] for name in POOLED}
        return self.put(
            {"data": [self.put(trace) for trace in figure.get("data", ())], **parts, "rest": self.put(layout)}
        )

    def shelve(self, states: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        """Return states and values with like beside like, which makes the file smaller by two fifths."""
        order = sorted(range(len(self.values)), key=lambda number: (_kind(self.values[number]), number))
        new = {old: place for place, old in enumerate(order)}
        values = [_renumbered(self.values[old], new) for old in order]
        moved = {
            key: {**state, "views": {name: new[n] for name, n in state["views"].items()}, "cells": new[state["cells"]]}
            for key, state in states.items()
        }
        return moved, values


def is_figure(value: Any) -> bool:
    """Tell whether a value of the pool is a figure, that is, the numbers of its parts."""
    return isinstance(value, dict) and "data" in value and "rest" in value


def _kind(value: Any) -> tuple[str, ...]:
    return tuple(str(value.get(name, "")) for name in ("type", "mode", "name")) if isinstance(value, dict) else ("~",)


def _renumbered(value: Any, new: Mapping[int, int]) -> Any:
    if not is_figure(value):
        return value
    parts = {name: [new[n] for n in value[name]] for name in ("data", *POOLED)}
    return {**parts, "rest": new[value["rest"]]}


class States:
    """Draws choices of filters, one after another, into one payload.

    Parameters
    ----------
    journeys, moments : DataFrame
        The tables as computed without filters.
    draws : mapping of str to callable
        View → how to draw it.
    language : str
        Language of everything that is written.
    smallest : int
        Cells of fewer people are withheld.
    quotes : bool
        Whether verbatims, masked, are drawn and listed.
    """

    def __init__(
        self,
        journeys: pd.DataFrame,
        moments: pd.DataFrame | None,
        *,
        draws: Mapping[str, Draw],
        language: str = "en",
        smallest: int = SMALLEST_CELL,
        quotes: bool = False,
    ) -> None:
        self.journeys, self.quotes = journeys, quotes
        self.draws, self.language, self.smallest = dict(draws), language, smallest
        self.shown = ShownTables(journeys, moments, smallest=smallest, quotes=quotes)
        self.options = self.shown.options

    def tables(self, filters: Filters) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return journeys and moments as they are shown under some filters."""
        return self.shown.of(filters)

    def _figure(
        self, name: str, filters: Filters, tables: Callable[[Filters], tuple[pd.DataFrame, pd.DataFrame]]
    ) -> dict[str, Any] | None:
        """Draw one view; None where these filters leave it nothing to show."""
        if "segment" in self.ignored(name):
            filters = Filters.of({**filters.chosen(), "segment": self.options["segment"][0]})
        journeys, moments = tables(filters)
        try:
            return plain(
                self.draws[name](
                    journeys, moments, segment=filters.segment, language=self.language, quotes=self.quotes,
                    filters=filters, shown=self.shown, smallest=self.smallest, whole=tables == self.shown.of,
                )
            )  # fmt: skip
        except CjmError:
            return None

    def ignored(self, view: str) -> tuple[str, ...]:
        """Return the filters that do not change a view."""
        return tuple(name for name in ignored_filters(view, len(self.options.get("wave", ()))) if name in self.options)

    def verbatims(self, filters: Filters, touchpoint: str) -> list[dict[str, Any]]:
        """Return what was said in one cell, masked; nothing where the cell is withheld."""
        shown, _ = self.tables(filters)
        here = (shown["segment"] == filters.segment) & (shown["touchpoint"] == touchpoint)
        if not here.any() or shown.loc[here, "withheld"].any():
            return []
        journeys, moments = self.shown.spoken(filters)
        details = Details(journeys, self.language)
        mine = journeys[(journeys["segment"] == filters.segment) & (journeys["touchpoint"] == touchpoint)]
        details.cells(mine, moments[moments["touchpoint"] == touchpoint], str(filters.segment))
        return details.verbatims

    def key(self, filters: Filters) -> str:
        """Return the key of a state: the place of each value in its filter, 0 for everything."""
        places = []
        for name, values in self.options.items():
            value = getattr(filters, name)
            places.append(values.index(value) + 1 if value in values else 0)
        return ".".join(map(str, places))

    def payload(
        self, chosen: list[Filters], *, views: Collection[str] | None = None, glance: bool = False
    ) -> dict[str, Any]:
        """Draw some states and return them as one plain structure: ``states``, ``pool``, ``verbatims``.

        Parameters
        ----------
        chosen : list of Filters
            The states; the first segment where none is chosen.
        views : collection of str, optional
            Which views to draw; all when None.
        glance : bool
            Draw what can be said at once (see ``ShownTables.glance``); such a state is marked ``partial``.
        """
        tables = self.shown.glance if glance else self.shown.of
        pool, details = Pool(), Details(self.tables(Filters())[0], self.language)
        states: dict[str, Any] = {}
        drawn: dict[tuple[str, Filters], int | None] = {}
        for filters in chosen:
            filters = filters if filters.segment else replace(filters, segment=self.options["segment"][0])
            found: dict[str, int] = {}
            for name in self.draws if views is None else [name for name in self.draws if name in views]:
                heeded = Filters.of({k: v for k, v in filters.chosen().items() if k not in self.ignored(name)})
                place = (name, heeded)
                if place not in drawn:
                    figure = self._figure(name, heeded, tables)
                    drawn[place] = None if figure is None else pool.figure(figure)
                number = drawn[place]
                if number is not None:
                    found[name] = number
            cells = pool.put(details.cells(*tables(filters), str(filters.segment)))
            states[self.key(filters)] = {"views": found, "cells": cells, **({"partial": 1} if glance else {})}
        states, values = pool.shelve(states)
        return {"states": states, "pool": values, "verbatims": details.verbatims}


def ignored_filters(view: str, waves: int = 2) -> tuple[str, ...]:
    """Return the filters that do not change a view: those that show every segment do not heed the segment.

    Parameters
    ----------
    view : str
        Name of a view.
    waves : int
        How many waves there are: of two, the wave view always shows both.

    Examples
    --------
    >>> ignored_filters("heatmap"), ignored_filters("map"), ignored_filters("waves", 3)
    (('segment',), (), ())
    """
    if view in ("compare", "heatmap"):
        return ("segment",)
    if view == "flow":
        return ("source", "language", "stage", "minimum_n")
    return ("wave",) if view == "waves" and waves == 2 else ()


def choose_states(options: Mapping[str, tuple[Any, ...]], *, most: int = MOST_STATES) -> list[Filters]:
    """Choose the combinations that travel: segments × waves × sources, and every other filter by itself.

    Above ``most`` states fewer filters are crossed, the last one first, and a warning says which.

    Parameters
    ----------
    options : mapping
        What ``filter_options`` returned.
    most : int
        States to draw at most.

    Examples
    --------
    >>> [state.chosen() for state in choose_states({"segment": ("A", "B"), "stage": ("buy", "use")})][:3]
    [{'segment': 'A'}, {'segment': 'A', 'stage': 'buy'}, {'segment': 'A', 'stage': 'use'}]
    """
    crossed = [name for name in CROSSED if name in options]
    single = [name for name in options if name not in crossed]
    dropped: list[str] = []
    while (chosen := _combine(options, crossed, single)) and len(chosen) > most and len(crossed) + len(single) > 1:
        if single:
            dropped.append(single.pop())
        else:
            name = crossed.pop()
            (single if len(crossed) > 1 else dropped).append(name)
    if dropped:
        warnings.warn(
            f"More than {most} combinations of filters: {', '.join(reversed(dropped))} can be chosen only where a kernel "
            f"runs. {len(chosen)} combinations travel with the file. Merge rare values or raise most_states to keep more.",
            stacklevel=2,
        )
    return chosen


def _combine(options: Mapping[str, tuple[Any, ...]], crossed: list[str], single: list[str]) -> list[Filters]:
    axes = [
        [(name, value) for value in (options[name] if name == "segment" else (None, *options[name]))]
        for name in crossed
    ]
    rows = [Filters.of(dict(row)) for row in itertools.product(*axes)]
    for segment in options["segment"]:
        rows += [Filters.of({"segment": segment, name: value}) for name in single for value in options[name]]
    order = {filters: place for place, filters in enumerate(dict.fromkeys(rows))}
    names = list(options["segment"])
    return sorted(order, key=lambda filters: (names.index(filters.segment), order[filters]))


def plain(figure: Any) -> dict[str, Any]:
    """Return a figure as plain lists and numbers, without the trace of a template that says nothing."""
    from plotly.io.json import to_json_plotly

    raw = figure.to_plotly_json() if hasattr(figure, "to_plotly_json") else figure
    data: dict[str, Any] = json.loads(to_json_plotly(raw, engine="json"))
    return data


def pack(payload: Mapping[str, Any]) -> bytes:
    """Compress a payload; the same payload gives the same bytes.

    Examples
    --------
    >>> unpack(pack({"a": [1, 2]}))
    {'a': [1, 2]}
    """
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return gzip.compress(text.encode("utf-8", "replace"), compresslevel=9, mtime=0)


def unpack(packed: bytes) -> dict[str, Any]:
    """Return what ``pack`` compressed."""
    payload: dict[str, Any] = json.loads(gzip.decompress(packed))
    return payload
