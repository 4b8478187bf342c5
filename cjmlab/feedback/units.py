"""Clauses: the units that are coded and scored, each with its place in the original text.

A text is cut into sentences at end marks and line breaks, and each sentence where polarity may turn: before contrast
words ("but", "но", "但是"). A clause is further cut at commas and linking words into fragments; coding joins fragments
again unless they speak of different touchpoints. Offsets count code points of the text as given.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from cjmlab.feedback.chinese import simplify

_END = re.compile(
    r"(?:[!?…。！？；;]+|\.{2,}|(?<!\d)\.(?=\s|$|[»”\"')\]]|[А-ЯЁA-Z][а-яёa-z])|(?<=\d)\.(?=\s+\D|$))[»”\"')\]）」』]*|[\r\n\u2028]+"
)
_SHORT = re.compile(
    r"(?:\b(?:e\.g|i\.e|mr|mrs|ms|dr|st|vs|no|approx|т\.е|т\.к|т\.д|т\.п|и\.о|г|ул|руб|тыс|мин|ч|стр|им|др|пр|см|etc))\.$",
    re.IGNORECASE,
)
_COMMA = re.compile(r"[,，、:：]|\s[-–—]+\s|——+")
_MARKS = r"[,，、;；:：(（«\"“—–-]"
_QUOTED = re.compile(r"«[^»]{8,}»|“[^”]{8,}”|「[^」]{4,}」|『[^』]{4,}』|\"[^\"]{8,}\"")


@dataclass(frozen=True)
class Unit:
    """One clause: where it stands, which sentence it belongs to, and how it is said."""

    start: int
    end: int
    sentence: int
    fragments: tuple[tuple[int, int], ...]
    contrast: bool = False
    question: bool = False
    reported: bool = False


@cache
def _patterns(language: str) -> dict[str, re.Pattern[str]]:
    raw: dict[str, Any] = tomllib.loads(
        (resources.files("cjmlab.feedback") / "data" / "clauses.toml").read_text("utf-8")
    )

    def either(words: list[str]) -> str:
        return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))

    contrast, free, link = (either(raw[kind][language]) for kind in ("contrast", "free", "link"))
    question, reported = either(raw["question"][language]), "|".join(raw["reported"][language])
    flags = re.IGNORECASE
    if language == "zh":
        turn = rf"(?<={_MARKS[:-1]}])\s*(?={contrast})|(?<=[^\s,，、])(?={free})(?!不过如此|不过分|不过关|但愿)"
        parts = {"turn": turn, "link": rf"(?<=[^\s])(?={link})(?=.{{5,}})", "contrast": rf"(?:{contrast})"}
        parts |= {"question": rf"(?:{question}|[?？]\s*$)", "reported": reported}
    else:
        turn = rf"(?<={_MARKS})\s*(?=(?:{contrast})\b)|(?<=\s)(?=(?:{free})\b)(?<!\bnot only )(?<!\bnothing )"
        parts = {"turn": turn, "link": rf"(?<=\s)(?=(?:{link})\b)", "contrast": rf"(?:{contrast})\b"}
        parts |= {"question": rf"[?？]\s*$|^\W*(?:{question})\b[^.!]*\?", "reported": rf"\b(?:{reported})"}
    return {name: re.compile(pattern, flags) for name, pattern in parts.items()}


def split_units(text: str, language: str = "en") -> list[Unit]:
    """Cut a text into clauses.

    Parameters
    ----------
    text : str
        The text as given.
    language : str
        ``en``, ``zh`` (either script) or ``ru``.

    Returns
    -------
    list of Unit
        In the order of the text. Blank stretches belong to no clause.

    Examples
    --------
    >>> text = "Delivery was quick, but the app kept crashing. Why?"
    >>> [(text[u.start:u.end], u.contrast, u.question) for u in split_units(text)]
    [('Delivery was quick', False, False), ('but the app kept crashing', True, False), ('Why?', False, True)]
    """
    patterns, plain = _patterns(language), simplify(text) if language == "zh" else text
    units = []
    for number, (start, end) in enumerate(_sentences(plain)):
        asked = bool(patterns["question"].search(plain[start:end]))
        for low, high in _cut(plain, start, end, patterns["turn"]):
            trimmed = _trim(plain, low, high)
            if not trimmed:
                continue
            clause = plain[trimmed[0] : trimmed[1]]
            units.append(
                Unit(
                    start=trimmed[0],
                    end=trimmed[1],
                    sentence=number,
                    fragments=_fragments(plain, *trimmed, patterns["link"]),
                    contrast=bool(patterns["contrast"].match(clause)),
                    question=asked,
                    reported=bool(patterns["reported"].search(clause)) or bool(_QUOTED.search(clause)),
                )
            )
    return units


def _sentences(text: str) -> list[tuple[int, int]]:
    found, start = [], 0
    for match in _END.finditer(text):
        if match.group().startswith(".") and _SHORT.search(text, max(start, match.start() - 8), match.start() + 1):
            continue
        if text[start : match.end()].strip():
            found.append((start, match.end()))
        start = match.end()
    if text[start:].strip():
        found.append((start, len(text)))
    return found


def _cut(text: str, start: int, end: int, turn: re.Pattern[str]) -> list[tuple[int, int]]:
    borders = [start, *(m.end() for m in turn.finditer(text, start + 1, end) if m.end() < end), end]
    return list(itertools.pairwise(borders))


def _fragments(text: str, start: int, end: int, link: re.Pattern[str]) -> tuple[tuple[int, int], ...]:
    borders = {m.end() for m in _COMMA.finditer(text, start, end)} | {m.end() for m in link.finditer(text, start, end)}
    ordered = sorted({start, end, *(b for b in borders if start < b < end)})
    trimmed = (_trim(text, low, high) for low, high in itertools.pairwise(ordered))
    return tuple(span for span in trimmed if span)


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and not (text[start].isalnum() or text[start] in "\"'«“「『($€£¥₽#👍👎😀😡"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ".,，、;；:：。—–-"):
        end -= 1
    return (start, end) if end > start and any(letter.isalnum() for letter in text[start:end]) else None
