"""Quotes: verbatims leave the house only when somebody asks for it, and masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_QUOTE_PLACE = 2
"""Where the quote stands in the hover data of a map's point."""


def without_quotes(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure without its verbatims: the texts of traces named "quote …" and the quotes of hover boxes.

    Parameters
    ----------
    figure : mapping
        A figure as plain data.

    Examples
    --------
    >>> without_quotes({"data": [{"name": "quote pains", "text": ["Late!"], "ids": ["f1#0"]}], "layout": {}})["data"]
    [{'name': 'quote pains', 'text': ['']}]
    """
    layout = dict(figure.get("layout", {}))
    if "annotations" in layout:
        layout["annotations"] = [
            {**note, "text": ""} if _quoting(note) else note for note in layout.get("annotations") or ()
        ]
    return {**figure, "data": [_blank_trace(trace) for trace in figure.get("data", ())], "layout": layout}


def payload_without_quotes(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return an explorer's payload without verbatims: in its figures, its cells and its list of texts."""
    pool = []
    for value in payload["pool"]:
        if isinstance(value, list):
            value = [_blank_cell(cell) for cell in value]
        elif isinstance(value, dict) and (_quoting(value) or "customdata" in value):
            value = {**value, "text": ""} if "type" not in value else _blank_trace(value)
        pool.append(value)
    return {**payload, "pool": pool, "verbatims": []}


def _quoting(part: Mapping[str, Any]) -> bool:
    return str(part.get("name") or "").startswith("quote")


def _blank_trace(trace: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(trace)
    if _quoting(kept):
        kept.pop("ids", None)
        text = kept.get("text")
        kept["text"] = [""] * len(text) if isinstance(text, list) else ""
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
