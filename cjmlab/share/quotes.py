"""Quotes: verbatims leave the house only when somebody asks for it, and masked; what they stood in is closed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cjmlab.explore.states import POOLED, Pool, is_figure

_QUOTE_PLACE = 2
"""Where the quote stands in the hover data of a map's point."""
_PAIRS = re.compile(r"(-?[\d.]+),(-?[\d.]+)")
_PLAIN_PATH = re.compile(r"[MLCQZ\d.,\s-]*")

Band = tuple[float, float]


def without_quotes(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure without its verbatims: what is named "quote …" goes, and so do the lanes that held nothing else.

    A text that says something else where no verbatims are shown (its own words are the second value of its
    ``customdata``) says that.

    Parameters
    ----------
    figure : mapping
        A figure as plain data.

    Examples
    --------
    >>> drawn = {"data": [{"name": "quote pains", "text": ["Late!"]}, {"name": "curve"}], "layout": {}}
    >>> without_quotes(drawn)["data"]
    [{'name': 'curve'}]
    """
    layout = dict(figure.get("layout", {}))
    bands = _emptied(figure)
    for part in ("annotations", "shapes"):
        if part in layout:
            layout[part] = [each for each in layout[part] or () if not _quoting(each)]
    data = [_silent(trace) for trace in figure.get("data", ())]
    silent = {**figure, "data": [trace for trace in data if trace is not None], "layout": layout}
    return close_bands(silent, bands) if bands else silent


def without_ids(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure whose verbatims do not say whose they are: the id of a quoted unit names its customer.

    Examples
    --------
    >>> without_ids({"data": [{"name": "quote pains", "customdata": [["survey:c7:why#0", "Late"]]}, {"name": "curve"}]})["data"]
    [{'name': 'quote pains', 'customdata': [['', 'Late']]}, {'name': 'curve'}]
    """
    return {**figure, "data": [_nameless(trace) for trace in figure.get("data", ())]}


def payload_without_ids(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return an explorer's payload whose verbatims do not say whose they are."""
    return {**payload, "pool": [_nameless(part) if isinstance(part, dict) else part for part in payload["pool"]]}


def payload_without_quotes(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return an explorer's payload without verbatims: in its figures, its cells and its list of texts.

    Examples
    --------
    >>> pool = [{"name": "quote", "text": ["Late!"]}, {"name": "curve"}, {},
    ...         {"data": [0, 1], "shapes": [], "annotations": [], "images": [], "rest": 2}, []]
    >>> told = {"pool": pool, "states": {"1": {"views": {"map": 3}, "cells": 4}}, "verbatims": [{"text": "Late!"}]}
    >>> payload_without_quotes(told)["pool"]
    [{}, {'data': [2], 'shapes': [], 'annotations': [], 'images': [], 'rest': 0}, {'name': 'curve'}, []]
    """
    old, pool = payload["pool"], Pool()
    moved: dict[int, int] = {}

    def move(number: int) -> int:
        if number not in moved:
            value = old[number]
            if is_figure(value):
                moved[number] = pool.figure(without_quotes(gather(old, value)))
            else:
                moved[number] = pool.put([_silent_cell(cell) for cell in value])
        return moved[number]

    states = {
        key: {**state, "views": {name: move(n) for name, n in state["views"].items()}, "cells": move(state["cells"])}
        for key, state in payload["states"].items()
    }
    states, values = pool.shelve(states)
    return {**payload, "states": states, "pool": values, "verbatims": []}


def gather(pool: list[Any], figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure of a pool in one piece."""
    layout = {**pool[figure["rest"]], **{name: [pool[n] for n in figure[name]] for name in POOLED if figure[name]}}
    return {"data": [pool[n] for n in figure["data"]], "layout": layout}


def _emptied(figure: Mapping[str, Any]) -> list[Band]:
    """Return the bands of lanes whose words are verbatims, each down to where the next lane begins."""
    layout = figure.get("layout", {})
    lanes = (layout.get("meta") or {}).get("lanes") or {}
    if not all(_PLAIN_PATH.fullmatch(str(shape.get("path", ""))) for shape in layout.get("shapes") or ()):
        return []
    told = {str(trace.get("name")).removeprefix("quote ") for trace in figure.get("data", ()) if _quoting(trace)}
    tops = sorted(top for top, _ in lanes.values())
    return [
        (top, next((other for other in tops if other > top), bottom))
        for name, (top, bottom) in lanes.items()
        if name in told and name not in _KEPT
    ]


_KEPT = ("header", "emotion", "pains", "opportunities")
"""Lanes that hold verbatims among other things."""


def close_bands(figure: Mapping[str, Any], bands: list[Band]) -> dict[str, Any]:
    """Return a figure without what stands in some bands across it; what is below moves up.

    Examples
    --------
    >>> drawn = {"data": [{"x": [5, 5], "y": [15, 40], "text": ["gone", "stays"]}],
    ...          "layout": {"height": 50, "yaxis": {"range": [50, 0]}, "shapes": [{"path": "M0,12L9,18M0,30L9,40"}]}}
    >>> close_bands(drawn, [(10, 20)])["layout"]
    {'height': 40, 'yaxis': {'range': [40, 0]}, 'shapes': [{'path': 'M0,20L9,30'}]}
    """

    def lifted(y: float) -> float:
        moved = y - sum(bottom - top for top, bottom in bands if y >= bottom)
        return round(moved, 1) if moved != int(moved) else int(moved)

    def inside(ys: list[float]) -> bool:
        return any(top - 0.5 <= min(ys) and max(ys) < bottom for top, bottom in bands)

    def path(drawn: str) -> str:
        parts = [part for part in re.split(r"(?=M)", drawn) if part]
        kept = [part for part in parts if not inside([float(y) for _, y in _PAIRS.findall(part)])]
        return "".join(_PAIRS.sub(lambda pair: f"{pair[1]},{lifted(float(pair[2]))}", part) for part in kept)

    layout = dict(figure["layout"])
    height = lifted(float(layout["height"]))
    shapes = [{**shape, "path": path(shape["path"])} for shape in layout.get("shapes") or ()]
    layout |= {"height": height, "shapes": [shape for shape in shapes if shape["path"]]}
    layout["yaxis"] = {**layout["yaxis"], "range": [height, 0]}
    traces = [_thinned(trace, [not inside([y]) for y in trace["y"]], lifted) for trace in figure["data"]]
    return {**figure, "data": [trace for trace in traces if trace["y"]], "layout": layout}


def _thinned(trace: Mapping[str, Any], keep: list[bool], lifted: Any) -> dict[str, Any]:
    """Return a trace with some of its points, lifted."""

    def some(value: Any) -> Any:
        if isinstance(value, list) and len(value) == len(keep):
            return [part for part, kept in zip(value, keep, strict=True) if kept]
        if isinstance(value, dict):
            return {name: some(part) for name, part in value.items()}
        return value

    thinned = {name: some(value) for name, value in trace.items()}
    return {**thinned, "y": [lifted(y) for y in thinned["y"]]}


def _quoting(part: Mapping[str, Any]) -> bool:
    return str(part.get("name") or "").startswith("quote")


def _silent(trace: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a trace without verbatims; None where nothing is left of it."""
    rows = trace.get("customdata")
    if _quoting(trace):
        said = [row[1] if isinstance(row, list) and len(row) > 1 else "" for row in rows or ()]
        if not any(said):
            return None
        keep = [bool(text) for text in said]
        spoken = {**trace, "name": str(trace["name"]).removeprefix("quote "), "text": said, "customdata": None}
        return {name: value for name, value in _thinned(spoken, keep, lambda y: y).items() if value is not None}
    if not isinstance(rows, list):
        return dict(trace)
    blank = [
        [*row[:_QUOTE_PLACE], "", *row[_QUOTE_PLACE + 1 :]]
        if isinstance(row, list) and len(row) > _QUOTE_PLACE
        else row
        for row in rows
    ]
    return {**trace, "customdata": blank}


def _nameless(trace: Mapping[str, Any]) -> dict[str, Any]:
    rows = trace.get("customdata")
    if not _quoting(trace) or not isinstance(rows, list):
        return dict(trace)
    return {**trace, "customdata": [["", *row[1:]] if isinstance(row, list) and row else row for row in rows]}


def _silent_cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    cards = [{name: value for name, value in card.items() if name != "quote"} for card in cell.get("cards", ())]
    return {**cell, "quotes": [], "cards": cards}
