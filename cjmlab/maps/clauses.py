"""What was said where: the clauses behind every cell, opened once for all maps of the same journeys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

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
        blank: list[Any] = [None] * len(rows)
        self._columns = {name: rows[name].tolist() if name in rows else blank for name in _COLUMNS}
        self._read: dict[int, Clause] = {}
        self._languages: dict[str, list[tuple[str, str]]] = {}
        self._complaints: dict[str, list[tuple[str, str]]] = {}
        self._places = {str(unit): place for place, unit in reversed(list(enumerate(self._columns["unit_id"])))}
        self._cells: dict[tuple[str, str], list[int]] = {}
        self._points: dict[str, list[int]] = {}
        for place, (segment, touchpoint) in enumerate(
            zip(self._columns["segment"], self._columns["touchpoint"], strict=True)
        ):
            if isinstance(touchpoint, str):
                self._points.setdefault(touchpoint, []).append(place)
                self._cells.setdefault((str(segment), touchpoint), []).append(place)

    def at(self, segment: str, touchpoint: str) -> list[Clause]:
        """Return the clauses of a segment at a touchpoint."""
        return [self._clause(place) for place in self._cells.get((segment, touchpoint), ())]

    def everyone_at(self, touchpoint: str) -> list[Clause]:
        """Return the clauses of all customers at a touchpoint."""
        return [self._clause(place) for place in self._points.get(touchpoint, ())]

    def elsewhere(self, touchpoint: str, *, language: str, most: int) -> list[str]:
        """Return what is said in a language at other touchpoints, evenly drawn in the order of the ids, ``most`` of it."""
        others = [text for point, text in self._told_in(language) if point != touchpoint]
        return others[:: max(1, -(-len(others) // most))]

    def _told_in(self, language: str) -> list[tuple[str, str]]:
        """Return touchpoint and text of everything said in a language, in the order of the ids."""
        if language not in self._languages:
            units, texts, languages = (self._columns[name] for name in ("unit_id", "text", "language"))
            told = sorted((str(units[place]), point, str(texts[place])) for point, places in self._points.items()
                          for place in places if _far(_text(languages[place]), texts[place], language) == 0)  # fmt: skip
            self._languages[language] = [(point, text) for _, point, text in told]
        return self._languages[language]

    def complaints_elsewhere(self, touchpoint: str, *, language: str, most: int) -> list[str]:
        """Return what those who complain say in a language at other touchpoints, drawn as ``elsewhere``."""
        if language not in self._complaints:
            told = sorted((clause.said.unit_id, point, clause.said.text) for point in self._points
                          for clause in near(self.everyone_at(point), language) if clause.complains)  # fmt: skip
            self._complaints[language] = [(point, text) for _, point, text in told]
        others = [text for point, text in self._complaints[language] if point != touchpoint]
        return others[:: max(1, -(-len(others) // most))]

    def find(self, units: Iterable[Any]) -> list[Clause]:
        """Return the clauses with these unit ids, in their order; unknown ones are passed over."""
        return [self._clause(self._places[str(unit)]) for unit in units if str(unit) in self._places]

    def in_lanes(self, lanes: Iterable[str], *, sure: float) -> dict[tuple[str, str, str], list[Clause]]:
        """Return the clauses of every segment × stage × lane that were coded with at least this confidence.

        What speaks of alternatives counts as of the lane ``brand``.
        """
        found: dict[tuple[str, str, str], list[Clause]] = {}
        wanted, told = set(lanes), (self._columns[name] for name in ("lane", "cues", "segment", "stage"))
        for place, (lane, cues, segment, stage) in enumerate(zip(*told, strict=True)):
            name = "brand" if isinstance(cues, str) and "alternatives" in cues.split("|") else lane
            if name in wanted and isinstance(stage, str) and self._clause(place).sure >= sure:
                found.setdefault((_text(segment), stage, name), []).append(self._clause(place))
        return found

    def _clause(self, place: int) -> Clause:
        if place not in self._read:
            unit, text, language, who, lane, cues, felt, sure, *_ = (values[place] for values in self._columns.values())
            certain = _float(sure)
            self._read[place] = Clause(
                said=said_of(unit, text, language), who=_text(who) or str(unit), lane=_text(lane),
                cues=frozenset(cues.split("|")) if isinstance(cues, str) and cues else frozenset(),
                felt=_float(felt), sure=1.0 if certain != certain else certain,
            )  # fmt: skip
        return self._read[place]


_COLUMNS = (
    "unit_id", "text", "language", "customer_id", "lane", "cues", "sentiment", "coding_confidence", "segment", "stage",
    "touchpoint",
)  # fmt: skip


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
    return _far(said.language, said.text, language)


def _far(spoken: str, text: str, language: str) -> int:
    if spoken:
        return 0 if spoken == language else 1 if _SIBLINGS.get(spoken) == language else 2
    return 0 if script_of(text) == _SCRIPTS.get(language) else 2


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
    return value if isinstance(value, str) else "" if value is None or value != value or pd.isna(value) else str(value)


def _float(value: Any) -> float:
    return (
        float(value) if isinstance(value, float) else float("nan") if value is None or pd.isna(value) else float(value)
    )
