"""Which language a text is in, and whether it answers anything at all."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.errors import VocabularyError
from cjmlab.feedback.chinese import chinese_script, simplify
from cjmlab.vocabulary import language_code

READABLE = ("en", "zh", "ru")
"""The languages that can be scored; ``zh`` stands for both scripts."""

_KANA = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f]")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_OTHER = re.compile(r"[\u0370-\u03ff\u0530-\u06ff\u0900-\u0fff\u1780-\u17ff]")
_NOT_RUSSIAN = re.compile(r"[іїєґўјљњћђџѓќѕәғқңөұүһ]", re.IGNORECASE)
_CODE = re.compile(r"[a-z]{2,3}(?:[-_][a-z]{2,4})?")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LETTER = re.compile(r"[^\W\d_]")
_WORDY = 12  # words; no text of so many answers nothing


@cache
def _lists() -> dict[str, dict[str, frozenset[str]]]:
    raw = tomllib.loads((resources.files("cjmlab.feedback") / "data" / "languages.toml").read_text("utf-8"))
    return {
        kind: {code: frozenset(words.split()) for code, words in group.items()}
        for kind, group in raw.items()
        if kind != "silence"
    }


@cache
def _foreign_words() -> frozenset[str]:
    lists = _lists()
    return frozenset().union(*lists["foreign_latin"].values()) - lists["common"]["en"]


@cache
def _silence() -> frozenset[str]:
    raw = tomllib.loads((resources.files("cjmlab.feedback") / "data" / "languages.toml").read_text("utf-8"))
    return frozenset(phrase for phrases in raw["silence"].values() for phrase in phrases)


def is_answer(text: object) -> bool:
    """Tell whether a text says anything: not empty, not "n/a", "无", "не знаю", not marks alone.

    Examples
    --------
    >>> [is_answer(text) for text in ["Late again", "n/a", " 无。", "не знаю", "...", None]]
    [True, False, False, False, False, False]
    """
    if not isinstance(text, str):
        return False
    if len(text.split(maxsplit=_WORDY)) > _WORDY:
        return bool(_LETTER.search(text))
    bare = " ".join(re.sub(r"[^\w\s/]+", " ", text).split()).strip("/_ ").casefold()
    if not _LETTER.search(bare):
        return False
    return simplify(bare).replace("ё", "е") not in _silence()


def detect_language(text: object) -> str | None:
    """Return ``en``, ``zh-Hans``, ``zh-Hant`` or ``ru``, or None when the text is in none of them.

    Script decides first; Latin and Cyrillic letters are then told apart by their commonest words and by letters that
    English and Russian do not have.

    Examples
    --------
    >>> [detect_language(text) for text in ["Great!", "配送很快", "這個門市很棒", "Очень доволен", "C'est trop cher"]]
    ['en', 'zh-Hans', 'zh-Hant', 'ru', None]
    """
    if not isinstance(text, str) or not text.strip():
        return None
    return _detect(text[:2000])


@lru_cache(maxsize=65536)
def _detect(text: str) -> str | None:
    if text.isascii():
        return "en" if _LATIN.search(text) and _english(text) else None
    han, cyrillic, latin = (len(kind.findall(text)) for kind in (_HAN, _CYRILLIC, _LATIN))
    if (_KANA.search(text) and len(_KANA.findall(text)) * 10 > han) or len(_HANGUL.findall(text)) > 2 * han:
        return None
    if len(_OTHER.findall(text)) > han + cyrillic + latin:
        return None
    if han and han * 3 >= latin and han * 2 >= cyrillic:
        return chinese_script(text)
    if cyrillic and cyrillic >= latin * 0.4:
        return "ru" if _russian(text) else None
    return "en" if latin and _english(text) else None


def _russian(text: str) -> bool:
    words = [word.casefold().replace("ё", "е") for word in _WORD.findall(text)]
    known, lists = _lists()["common"], _lists()["foreign_cyrillic"]
    own = sum(word in known["ru"] for word in words)
    foreign = sum(word in other and word not in known["ru"] for other in lists.values() for word in words)
    return foreign + 2 * len(_NOT_RUSSIAN.findall(text)) <= own


def _english(text: str) -> bool:
    words = _WORD.findall(text.casefold().replace("’", "'"))
    known, lists = _lists()["common"]["en"], _lists()["foreign_latin"]
    marked = 0 if text.isascii() else sum(not word.isascii() and word not in known for word in words)
    if not marked and _foreign_words().isdisjoint(words):
        return True
    own = sum(word in known for word in words)
    foreign = max(sum(word in other and word not in known for word in words) for other in lists.values())
    return foreign + marked <= own if foreign + marked else True


def readable_language(
    texts: Sequence[object], language: str | Sequence[object] | None = None
) -> npt.NDArray[np.object_]:
    """Return ``en``, ``zh``, ``ru`` or None for each text; None also where nothing is answered.

    A declared language holds unless the script of the text says otherwise; a text that is declared to be in a language
    that cannot be scored ("fr", "uk") is missing.

    Raises
    ------
    VocabularyError
        When what is declared is no language at all.
    """
    declared: list[object] = (
        [language] * len(texts) if language is None or isinstance(language, str) else list(language)
    )
    found = np.full(len(texts), None, dtype=object)
    for i, (text, said) in enumerate(zip(texts, declared, strict=True)):
        if not is_answer(text):
            continue
        known = isinstance(said, str) or not (said is None or pd.isna(said))  # type: ignore[call-overload]
        code = _declared(str(said)) if known else None
        if code == "":
            continue
        found[i] = code if code and _fits(str(text), code) else (detect_language(text) or "")[:2] or None
    return found


@lru_cache(maxsize=256)
def _declared(said: str) -> str:
    """Return the readable language that was declared; empty for a language that cannot be scored."""
    try:
        return language_code(said)[:2]
    except VocabularyError:
        if _CODE.fullmatch(said.strip().casefold()):
            return ""
        raise


def _fits(text: str, code: str) -> bool:
    if text.isascii():
        return code == "en" or not _LATIN.search(text)
    pattern = {"en": _LATIN, "zh": _HAN, "ru": _CYRILLIC}[code]
    return len(pattern.findall(text)) * 2 >= sum(letter.isalpha() for letter in text) and not _KANA.search(text)
