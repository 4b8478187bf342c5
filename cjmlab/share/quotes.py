"""Quotes: verbatims leave the house only when somebody asks for it, and masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_QUOTE_PLACE = 2
"""Where the quote stands in the hover data of a map's point."""


def without_quotes(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure without its verbatims: what is named "quote …" is dropped, and quotes leave the hover boxes.

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
    for part in ("annotations", "shapes"):
        if part in layout:
            layout[part] = [each for each in layout[part] or () if not _quoting(each)]
    data = [_blank_trace(trace) for trace in figure.get("data", ()) if not _quoting(trace)]
    return {**figure, "data": data, "layout": layout}


def payload_without_quotes(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return an explorer's payload without verbatims: in its figures, its cells and its list of texts.

    Examples
    --------
    >>> pool = [{"name": "quote", "text": ["Late!"]}, {"name": "curve"}, {"data": [0, 1], "shapes": []}]
    >>> payload_without_quotes({"pool": pool, "states": {}, "verbatims": [{"text": "Late!"}]})["pool"]
    [None, {'name': 'curve'}, {'data': [1], 'shapes': []}]
    """
    said = {place for place, value in enumerate(payload["pool"]) if isinstance(value, dict) and _quoting(value)}
    pool = [None if place in said else _blank_part(value, said) for place, value in enumerate(payload["pool"])]
    return {**payload, "pool": pool, "verbatims": []}


def _blank_part(value: Any, said: set[int]) -> Any:
    if isinstance(value, list):
        return [_blank_cell(cell) for cell in value]
    if not isinstance(value, dict):
        return value
    if "data" in value and "shapes" in value:  # a figure: numbers of its parts
        parts = ("data", "shapes", "annotations", "images")
        return {**value, **{part: [n for n in value[part] if n not in said] for part in parts if part in value}}
    return _blank_trace(value) if "customdata" in value else value


def _quoting(part: Mapping[str, Any]) -> bool:
    return str(part.get("name") or "").startswith("quote")


def _blank_trace(trace: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(trace)
    if isinstance(kept.get("customdata"), list):
        kept["customdata"] = [
            [*row[:_QUOTE_PLACE], "", *row[_QUOTE_PLACE + 1 :]]
            if isinstance(row, list) and len(row) > _QUOTE_PLACE
            else row
            for row in kept["customdata"]
        ]
    return kept


def _blank_cell(cell: Any) -> Any:
    if not isinstance(cell, dict) or "quotes" not in cell:
        return cell
    cards = [{name: value for name, value in card.items() if name != "quote"} for card in cell.get("cards", ())]
    return {**cell, "quotes": [], "cards": cards}
