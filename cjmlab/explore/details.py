"""Details: what stands behind each touchpoint of a state, as numbers, cards and verbatims."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import pandas as pd

from cjmlab.journeys.context import context_of

_MOST_QUOTES = 5
_CELL = ("stage", "touchpoint", "n", "customers", "experience", "low", "high", "evidence", "withheld", "quote_ids")
_KINDS = ("pain", "moment_of_truth", "opportunity", "delight", "candidate")
_CARD = ("touchpoint", "kind", "rank", "n", "share", "expected_gain", "gain_low", "gain_high", "quote_id")


class Details:
    """Collects the cells of states; a verbatim that several states show is stored once.

    Parameters
    ----------
    journeys : DataFrame
        The unfiltered journeys, whose context holds the scored rows.
    language : str
        Language of touchpoint and stage names.
    """

    def __init__(self, journeys: pd.DataFrame, language: str) -> None:
        context = context_of(journeys)
        self.language = language
        self.verbatims: list[dict[str, Any]] = []
        self._numbers: dict[str, int] = {}
        self._scored = context.scored
        self._study = context.study

    @cached_property
    def _places(self) -> dict[str, int]:
        """Row of every unit; made when the first verbatim is asked for, as a million rows take a second."""
        return {str(unit): place for place, unit in enumerate(self._scored.get("unit_id", ()))}

    @cached_property
    def _told(self) -> dict[str, Any]:
        return {
            label: self._scored[label].to_numpy(dtype=object)
            for label in ("text", "sentiment", "source_type", "wave", "language")
            if label in self._scored.columns
        }

    def cells(self, journeys: pd.DataFrame, moments: pd.DataFrame, segment: str) -> list[dict[str, Any]]:
        """Return one entry a touchpoint of a segment, along the journey."""
        mine = journeys[journeys["segment"] == segment].sort_values("position", kind="stable")
        order = moments["kind"].map({kind: place for place, kind in enumerate(_KINDS)})
        cards = moments.assign(order=order)[moments["segment"] == segment].sort_values(["order", "rank"], kind="stable")
        found = cards[[label for label in _CARD if label in cards.columns]].to_dict("records")
        told = mine[[label for label in _CELL if label in mine.columns]].to_dict("records")
        return [self._cell(row, [card for card in found if card["touchpoint"] == row["touchpoint"]]) for row in told]

    def _cell(self, row: Mapping[Any, Any], cards: list[dict[Any, Any]]) -> dict[str, Any]:
        return {
            "id": str(row["touchpoint"]),
            "name": touchpoint_name(self._study, row["touchpoint"], self.language),
            "stage": stage_name(self._study, row["stage"], self.language),
            "n": int(number(row.get("n")) or 0),
            "people": int(number(row.get("customers")) or 0),
            "x": number(row.get("experience")),
            "low": number(row.get("low")),
            "high": number(row.get("high")),
            "grade": str(row.get("evidence") or ""),
            **({"withheld": 1} if row.get("withheld") else {}),
            "cards": [self._card(card) for card in cards],
            "quotes": self._quotes(_ids(row.get("quote_ids"))),
        }

    def _quotes(self, units: list[str]) -> list[int]:
        """Return the verbatims of a cell, those in the language of the page first."""
        places = [place for place in map(self._verbatim, units) if place is not None]
        return sorted(places, key=lambda place: self.verbatims[place]["language"] != self.language)

    def _card(self, card: Mapping[Any, Any]) -> dict[str, Any]:
        quote = card.get("quote_id")
        place = self._verbatim(quote) if isinstance(quote, str) else None
        return {
            "kind": str(card["kind"]),
            "rank": int(number(card.get("rank")) or 0),
            "n": int(number(card.get("n")) or 0),
            "share": number(card.get("share")),
            "gain": [number(card.get(part)) for part in ("expected_gain", "gain_low", "gain_high")],
            **({"quote": place} if place is not None else {}),
        }

    def _verbatim(self, unit: str) -> int | None:
        if unit not in self._numbers:
            if unit not in self._places:
                return None
            row = {label: values[self._places[unit]] for label, values in self._told.items()}
            text = row.get("text")
            if not isinstance(text, str) or not text.strip():
                return None
            self._numbers[unit] = len(self.verbatims)
            told = {label: _text(row.get(label)) for label in ("source_type", "wave", "language")}
            self.verbatims.append({"text": text.strip(), "x": number(row.get("sentiment")), **told})
        return self._numbers[unit]


def number(value: object) -> float | None:
    """Return a number rounded to three decimals, or None where there is none."""
    try:
        figure = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return round(figure, 3) if math.isfinite(figure) else None


def touchpoint_name(study: Any, touchpoint: str, language: str) -> str:
    """Return the name of a touchpoint, or its id where the study does not know it."""
    for candidate in study.touchpoints if study is not None else ():
        if candidate.id == touchpoint:
            return str(candidate.label.text(language))
    return str(touchpoint).replace("_", " ")


def stage_name(study: Any, stage: str, language: str) -> str:
    """Return the name of a stage, or its id where the study does not know it."""
    for candidate in study.stage_model if study is not None else ():
        if candidate.id == stage:
            return str(candidate.label.text(language))
    return str(stage).replace("_", " ")


def _ids(value: object) -> list[str]:
    if isinstance(value, str):
        return [part for part in value.split("|") if part][:_MOST_QUOTES]
    return [str(part) for part in value][:_MOST_QUOTES] if isinstance(value, (list, tuple)) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
