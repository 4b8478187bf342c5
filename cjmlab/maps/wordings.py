"""The words and numbers of the pictures in each language, from ``data/wordings/*.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from cjmlab.vocabulary.figures import write_number, write_percent
from cjmlab.vocabulary.labels import language_code

_FIRST, _LAST = '“„«「"', '”“»」"'
_MARKS = frozenset(_FIRST + _LAST)


@dataclass(frozen=True)
class Wordings:
    r"""What a picture says in one language.

    Examples
    --------
    >>> ru = wordings("ru")
    >>> ru.signed(-0.48), ru.percent(-0.43), ru.count("touchpoints", 3)
    ('−0,48', '−43\xa0%', '3 точки')
    >>> wordings("en").number(4218), wordings("en").compact(2140), wordings("zh").compact(21400)
    ('4,218', '2.1k', '2.1万')
    """

    language: str
    raw: Mapping[str, Any]

    def say(self, key: str, /, **values: object) -> str:
        """Return a phrase, its places filled."""
        return str(self.raw["say"][key]).format(**values)

    def named(self, kind: str, word: object) -> str:
        """Return the name of a channel, owner, grade, feeling or outcome; the word itself when it is not ours."""
        key = str(word).replace(" ", "_")
        return str(self.raw[kind].get(key, str(word).replace("_", " ")))

    def count(self, kind: str, n: float) -> str:
        """Return a counted noun in its plural form: ``3 точки``."""
        forms = self.raw["count"][kind]
        whole = round(n)
        form = "one" if whole == 1 else "other"
        if self.language == "ru":
            tens, ones = whole % 100, whole % 10
            form = "other" if 10 < tens < 20 else "one" if ones == 1 else "few" if 1 < ones < 5 else "other"
        return str(forms.get(form, forms["other"])).format(n=self.number(whole))

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with the marks of the language and a true minus sign."""
        return write_number(value, digits, language=self.language)

    def signed(self, value: float, digits: int = 2) -> str:
        """Return a number with its sign, zero without."""
        return write_number(value, digits, language=self.language, signed=True)

    def percent(self, share: float, digits: int = 0) -> str:
        """Return a share, 0 to 1, as percent."""
        return write_percent(share, digits, language=self.language)

    def compact(self, value: float) -> str:
        """Return a count in little room: 2.1k, 2.1万."""
        for step, form in sorted(((int(k), v) for k, v in self.raw["compact"].items()), reverse=True):
            if abs(value) >= step:
                scaled = value / step
                return str(form).format(n=self.number(scaled, 1 if scaled < 9.95 else 0))
        return self.number(value)

    def quoted(self, words: str) -> str:
        """Return words between the quotation marks of the language; marks inside become the inner ones."""
        (first, last), inside = self.raw["quotes"], self.raw["quotes_inside"]
        bare = words.strip()
        if bare[:1] in _FIRST and bare[-1:] in _LAST and not any(mark in _MARKS for mark in bare[1:-1]):
            bare = bare[1:-1]
        parts = [inside[_closes(bare, at)] if mark in _MARKS else mark for at, mark in enumerate(bare)]
        return f"{first}{''.join(parts)}{last}"

    def range(self, low: float | None, high: float | None, digits: int = 2, *, form: str = "gain_range") -> str:
        """Return an interval, in a short form too (``gain_short``); empty when an end is missing."""
        if low is None or high is None or pd.isna(low) or pd.isna(high):
            return ""
        return self.say(form, low=self.signed(low, digits), high=self.signed(high, digits))


def _closes(text: str, at: int) -> bool:
    """Tell whether the quotation mark at a place closes rather than opens, by its kind and what stands before it."""
    before = text[at - 1 : at]
    return text[at] in "”»」" or (text[at] in '"“' and bool(before) and (before.isalnum() or before in ".!?…,。！？，"))


@cache
def wordings(language: str) -> Wordings:
    """Return the wordings of a language, by any common name of it.

    Raises
    ------
    VocabularyError
        When the language is not one of the four.

    Examples
    --------
    >>> wordings("zh_TW").say("touchpoints")
    '接觸點'
    """
    code = language_code(language)
    text = (resources.files("cjmlab.maps") / "data" / "wordings" / f"{code}.toml").read_text("utf-8")
    return Wordings(code, tomllib.loads(text))
