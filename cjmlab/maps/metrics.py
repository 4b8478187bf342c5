"""How wide words are, in pixels, without a browser: width tables by character, calibrated in Chromium."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib import resources

_LATIN = "Inter, 'Segoe UI', 'Helvetica Neue', 'Noto Sans', Arial, 'Liberation Sans'"
_CHINESE = {
    "zh-Hans": "'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei'",
    "zh-Hant": "'Noto Sans CJK TC', 'PingFang TC', 'Microsoft JhengHei'",
}


def font_stack(language: str) -> str:
    """Return the CSS font stack for a language.

    Latin and Cyrillic come from a Latin face, whose quotation marks and points are narrow; Chinese from the faces of
    Taiwan and Hong Kong for Traditional Chinese and of the mainland otherwise.

    Examples
    --------
    >>> "CJK TC" in font_stack("zh-Hant"), "CJK SC" in font_stack("ru")
    (True, True)
    """
    return f"{_LATIN}, {_CHINESE.get(language, _CHINESE['zh-Hans'])}, sans-serif"


@cache
def _table(weight: str) -> dict[str, float]:
    raw = tomllib.loads((resources.files("cjmlab.maps") / "data" / "widths.toml").read_text("utf-8"))[weight]
    return {character: int(width) / 100 for width, characters in raw.items() for character in characters}


@lru_cache(maxsize=20_000)
def is_cjk(character: str) -> bool:
    """Tell whether a character is set on the Chinese grid (one em, breakable on either side).

    Examples
    --------
    >>> [is_cjk(c) for c in "a购，я"]
    [False, True, True, False]
    """
    return unicodedata.east_asian_width(character) in "WF" and not unicodedata.category(character).startswith("S")


@cache
def _character(character: str, weight: str) -> float:
    table = _table(weight)
    character = " " if character in "\u00a0\u202f" else character
    if character in table:
        return table[character]
    if unicodedata.combining(character) or unicodedata.category(character) in {"Cf", "Mn", "Me"}:
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.37 if unicodedata.category(character) == "So" else 1.0
    base = unicodedata.normalize("NFD", character)[0]
    if base in table:
        return table[base] + 0.02
    return 1.05 if unicodedata.category(character).startswith("S") else 0.8


@lru_cache(maxsize=50_000)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of one line of text.

    The widest of the fonts that a reader may have (Inter, Noto Sans, Arial and its equals, Noto Sans CJK) counts, so
    a text that fits here fits in each of them.

    Parameters
    ----------
    text : str
        One line, not escaped.
    size : float
        Font size in pixels.
    bold : bool
        Whether it is set in bold.

    Returns
    -------
    float
        Pixels.

    Examples
    --------
    >>> text_width("购买", 12), round(text_width("Checkout", 12), 1)
    (24.0, 56.4)
    """
    weight = "bold" if bold else "regular"
    return size * sum(_character(character, weight) for character in text)
