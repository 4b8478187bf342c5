"""Discrete feelings beside valence: satisfied, disappointed, excited, angry, confused, relieved.

A feeling is named only where its words are; a clause without them has none, whatever its valence.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources

from cjmlab.feedback.language import readable_language
from cjmlab.feedback.matching import Hit, KeywordMatcher
from cjmlab.feedback.stems import fold
from cjmlab.vocabulary import Code, Label

FEELINGS = ("satisfied", "disappointed", "excited", "angry", "confused", "relieved")
_NEGATED = {
    "en": re.compile(r"(?:\b(?:not|never|no|hardly|nothing|without|cannot)|n't)(?:\W+\w+){0,2}\W*$"),
    "zh": re.compile(
        r"(?:不是|不太|不怎么|并不|没有|从不|毫不|不|没|别|谈不上)(?:很|太|特别|那么|多|感到|觉得|让我|令人)*$"
    ),
    "ru": re.compile(r"\b(?:не|ни|без|нет|нельзя)(?:\W+\w+)?\W*$"),
}
_GLAD = frozenset({"satisfied", "excited", "relieved"})
_CLEAR = 0.5


@cache
def _beginnings(language: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return how the longest word of each keyword begins, with how its other words begin.

    A text without them names no feeling; by the longest word "dancing" is not found in "dance".
    """
    raw = tomllib.loads((resources.files("cjmlab.feedback") / "data" / "feelings.toml").read_text("utf-8"))
    found: dict[str, set[tuple[str, ...]]] = {}
    for keyword in (word for name in FEELINGS for word in raw[name][language]):
        *short, longest = sorted(fold(keyword).split(), key=len)
        others = tuple(word[: 3 if len(word) > 3 else 2] for word in short if word.isalpha())
        found.setdefault(longest[: max(4, min(6, len(longest) - 2))], set()).add(others)
    return {longest: tuple(sorted(others)) for longest, others in sorted(found.items())}


def _may_name(plain: str, language: str) -> bool:
    """Tell whether the beginnings of all words of some keyword stand in a text."""
    known = _beginnings(language)
    return any(
        all(map(plain.__contains__, others)) for longest in known if longest in plain for others in known[longest]
    )


@cache
def _matcher(language: str) -> tuple[KeywordMatcher, dict[str, str]]:
    raw = tomllib.loads((resources.files("cjmlab.feedback") / "data" / "feelings.toml").read_text("utf-8"))
    key = "zh-Hans" if language == "zh" else language
    codes = [Code(name, "cue", Label.of(name), keywords={key: tuple(raw[name][language])}) for name in FEELINGS]
    return KeywordMatcher(codes, language), {name: str(raw[name]["negated"]) for name in FEELINGS}


def find_feelings(
    texts: Sequence[object], language: str | Sequence[object] | None = None, sentiment: Sequence[float] | None = None
) -> list[str | None]:
    """Return the feeling that each text names, or None.

    Parameters
    ----------
    texts : sequence
        Clauses.
    language : str or sequence, optional
        Found in each text when None.
    sentiment : sequence of float, optional
        Valence of each text, −1 … 1; a feeling that contradicts a clear one is not named.

    Returns
    -------
    list of str or None
        Each one of ``FEELINGS`` or None. The feeling with most words wins, the earlier in the text among equals.

    Examples
    --------
    >>> find_feelings(["I am so angry", "не доволен доставкой", "总算放心了", "It is blue"])
    ['angry', 'disappointed', 'relieved', None]
    """
    values = list(texts)
    codes = readable_language(values, language)
    valence = [float("nan")] * len(values) if sentiment is None else [float(value) for value in sentiment]
    return [
        _feeling(str(text), code, value) if code else None
        for text, code, value in zip(values, codes, valence, strict=True)
    ]


def _feeling(text: str, language: str, valence: float) -> str | None:
    plain, votes = fold(text), dict[str, float]()
    if not _may_name(plain, language):
        return None
    matcher, turned = _matcher(language)
    for hit in matcher.find(text):
        name = turned[hit.code] if _is_negated(plain, hit, language) else hit.code
        if name and not _contradicts(name, valence):
            votes[name] = votes.get(name, 0.0) + hit.weight
    return max(votes, key=lambda name: votes[name]) if votes else None


def _is_negated(plain: str, hit: Hit, language: str) -> bool:
    return bool(_NEGATED[language].search(plain[max(0, hit.start - 30) : hit.start]))


def _contradicts(name: str, valence: float) -> bool:
    return valence < -_CLEAR if name in _GLAD else valence > _CLEAR  # NaN contradicts nothing
