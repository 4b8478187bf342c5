"""Words of a text with their places, and the stems by which forms of a word are the same (Snowball, of NLTK)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from cjmlab.feedback.chinese import simplify

WORD = re.compile(r"[^\W_\u3400-\u9fff]+(?:'[^\W_]+)?")
_SHORT = 4  # shorter words have no ending to lose ("ии", "ads")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")


def fold(text: str) -> str:
    """Return a text in lower case, Simplified and with one spelling of ё, letter for letter.

    Examples
    --------
    >>> fold("Ёлка, APP, 這個")
    'елка, app, 这个'
    """
    if text.isascii():
        return text.lower()
    lowered = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return simplify(lowered).replace("ё", "е").replace("’", "'")


def words_of(folded: str) -> list[tuple[str, int, int]]:
    """Return the words of a folded text, each with its start and end; Chinese letters are no words."""
    return [(match.group(), *match.span()) for match in WORD.finditer(folded)]


def stem(word: str) -> str:
    """Return what the forms of an English or Russian word have in common.

    Examples
    --------
    >>> stem("parcels"), stem("доставкой"), stem("sites") != stem("sits")
    ('parcel', 'доставк', True)
    """
    return _stem(word)


@cache
def _stemmer(language: str) -> Any:
    from nltk.stem.snowball import SnowballStemmer

    return SnowballStemmer(language)


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    if len(word) < _SHORT or word.isdigit():
        return word
    language = "russian" if _CYRILLIC.search(word) else "english" if word.isascii() else ""
    found = str(_stemmer(language).stem(word)) if language else word
    return found if len(found) >= _SHORT - 1 else word
