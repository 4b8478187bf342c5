"""What was said where: the clauses behind every cell, opened once for all maps of the same journeys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cjmlab.maps.metrics import is_cjk
from cjmlab.maps.view import Said

_SIBLINGS = {"zh-Hans": "zh-Hant", "zh-Hant": "zh-Hans"}
_SCRIPTS = {"ru": "Cyrillic", "en": "Latin", "zh-Hans": "Chinese", "zh-Hant": "Chinese"}


class Clause(NamedTuple):
    """One clause of a customer with what the coder and the scorer found in it.

    ``felt`` is −1 … 1 (nan where nothing could be said) and ``sure`` the confidence of the coder, 0 … 1.
    """

    said: Said
    who: str
    lane: str
    cues: frozenset[str]
    felt: float
    sure: float

    @property
    def complains(self) -> bool:
        """Whether it sounds negative, or tells of a pain and does not sound positive."""
        return self.lane != "delight" and (self.felt < -0.1 or (self.lane == "pain" and not self.felt > 0.1))


class Clauses:
    """The clauses of scored rows, by cell and by unit; read only where they are asked for.

    Parameters
    ----------
    scored : DataFrame
        Scored rows; what has no words is passed over.
    """

    def __init__(self, scored: pd.DataFrame) -> None:
        rows = scored[scored["text"].notna()] if {"text", "unit_id"} <= set(scored) else scored.iloc[:0]
        self._rows = rows
        self._read: dict[int, Clause] = {}
        self._columns = {name: rows[name].to_numpy(dtype=object) for name in _COLUMNS if name in rows}
        self._places = {str(unit): place for place, unit in reversed(list(enumerate(self._columns.get("unit_id", ()))))}
        self._cells: dict[tuple[str, str], list[int]] = {}
        self._points: dict[str, list[int]] = {}
        if {"segment", "touchpoint"} <= set(rows):
            for place, (segment, touchpoint) in enumerate(zip(rows["segment"], rows["touchpoint"], strict=True)):
                if isinstance(touchpoint, str):
                    self._points.setdefault(touchpoint, []).append(place)
                    self._cells.setdefault((str(segment), touchpoint), []).append(place)

    def __len__(self) -> int:
        return len(self._rows)

    def at(self, segment: str, touchpoint: str) -> list[Clause]:
        """Return the clauses of a segment at a touchpoint."""
        return [self._clause(place) for place in self._cells.get((segment, touchpoint), ())]

    def everyone_at(self, touchpoint: str) -> list[Clause]:
        """Return the clauses of all customers at a touchpoint."""
        return [self._clause(place) for place in self._points.get(touchpoint, ())]

    def elsewhere(self, touchpoint: str, *, most: int) -> list[Clause]:
        """Return clauses of other touchpoints, evenly drawn in the order of their ids, ``most`` of them."""
        others = [place for point, places in self._points.items() if point != touchpoint for place in places]
        units = self._columns["unit_id"]
        others.sort(key=lambda place: (str(units[place]), place))
        step = max(1, -(-len(others) // most))
        return [self._clause(place) for place in others[::step]]

    def find(self, units: Iterable[Any]) -> list[Clause]:
        """Return the clauses with these unit ids, in their order; unknown ones are passed over."""
        return [self._clause(self._places[str(unit)]) for unit in units if str(unit) in self._places]

    def _clause(self, place: int) -> Clause:
        if place not in self._read:
            self._read[place] = self._open(place)
        return self._read[place]

    def _open(self, place: int) -> Clause:
        row = {name: values[place] for name, values in self._columns.items()}
        unit, sure = str(row["unit_id"]), _float(row.get("coding_confidence"))
        return Clause(
            said=said_of(unit, row["text"], row.get("language")),
            who=_text(row.get("customer_id")) or unit,
            lane=_text(row.get("lane")),
            cues=frozenset(filter(None, _text(row.get("cues")).split("|"))),
            felt=_float(row.get("sentiment")),
            sure=1.0 if np.isnan(sure) else sure,
        )


_COLUMNS = ("unit_id", "text", "language", "customer_id", "lane", "cues", "sentiment", "coding_confidence")


def said_of(identity: Any, text: Any, language: Any = None) -> Said:
    """Return a verbatim, its spaces tidied."""
    return Said(" ".join(str(text).split()), str(identity), _text(language))


def script_of(text: str) -> str:
    """Return the script of a text: Chinese, Cyrillic or Latin.

    Examples
    --------
    >>> [script_of(text) for text in ("App 不好用", "Всё OK", "late")]
    ['Chinese', 'Cyrillic', 'Latin']
    """
    if any(map(is_cjk, text)):
        return "Chinese"
    return "Cyrillic" if any("\u0400" <= c <= "\u04ff" for c in text) else "Latin"


def distance(said: Said, language: str) -> int:
    """Return how far a verbatim is from a reader: 0 own language, 1 the other script of Chinese, 2 another language.

    Examples
    --------
    >>> [distance(Said("送晚了", language=code), "zh-Hant") for code in ("zh-Hant", "zh-Hans", "")]
    [0, 1, 0]
    """
    if said.language:
        return 0 if said.language == language else 1 if _SIBLINGS.get(said.language) == language else 2
    return 0 if script_of(said.text) == _SCRIPTS.get(language) else 2


def read_by(language: str) -> tuple[str, ...]:
    """Return the languages that a reader of a map reads: its own, then the other script of Chinese.

    Examples
    --------
    >>> read_by("ru"), read_by("zh-Hant")
    (('ru',), ('zh-Hant', 'zh-Hans'))
    """
    return (language, _SIBLINGS[language]) if language in _SIBLINGS else (language,)


def near(clauses: Sequence[Clause], language: str) -> list[Clause]:
    """Return the clauses in a language."""
    return [clause for clause in clauses if distance(clause.said, language) == 0]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None or pd.isna(value) else str(value)


def _float(value: Any) -> float:
    return float("nan") if value is None or pd.isna(value) else float(value)
