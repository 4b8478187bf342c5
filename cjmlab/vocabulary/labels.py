"""Labels: one name in several languages, with a fallback that is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cjmlab.errors import VocabularyError, did_you_mean

LANGUAGES: tuple[str, ...] = ("en", "zh-Hans", "zh-Hant", "ru")
"""The languages of the house: English, Simplified Chinese, Traditional Chinese, Russian."""

_ALIASES = {
    "en": "en", "eng": "en", "english": "en", "en-us": "en", "en-gb": "en", "英语": "en", "английский": "en",
    "zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zh-hans": "zh-Hans", "zh-hans-cn": "zh-Hans",
    "chs": "zh-Hans", "中文": "zh-Hans", "简体": "zh-Hans", "简体中文": "zh-Hans", "chinese": "zh-Hans", "китайский": "zh-Hans",
    "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant", "zh-hant": "zh-Hant", "zh-hant-tw": "zh-Hant",
    "cht": "zh-Hant", "繁体": "zh-Hant", "繁體": "zh-Hant", "繁體中文": "zh-Hant",
    "ru": "ru", "rus": "ru", "ru-ru": "ru", "russian": "ru", "русский": "ru", "рус": "ru",
}  # fmt: skip

_FALLBACK = {
    "en": ("zh-Hans", "zh-Hant", "ru"),
    "zh-Hans": ("zh-Hant", "en", "ru"),
    "zh-Hant": ("zh-Hans", "en", "ru"),
    "ru": ("en", "zh-Hans", "zh-Hant"),
}


def language_code(name: object) -> str:
    """Return the code of a language from any common spelling of it.

    Parameters
    ----------
    name : object
        ``"zh"``, ``"zh_CN"``, ``"中文"``, ``"RU"``, ``"русский"`` …

    Returns
    -------
    str
        One of ``en``, ``zh-Hans``, ``zh-Hant``, ``ru``.

    Raises
    ------
    VocabularyError
        When the language is not one of the four.

    Examples
    --------
    >>> language_code("zh_TW"), language_code("Russian")
    ('zh-Hant', 'ru')
    """
    key = str(name).strip().replace("_", "-").casefold()
    if key in _ALIASES:
        return _ALIASES[key]
    raise VocabularyError(f"{name!r} is not a known language", remedy=did_you_mean(name, LANGUAGES))


@dataclass(frozen=True)
class Label:
    """One name in up to four languages.

    Parameters
    ----------
    texts : mapping of str to str
        Language code → text. At least one.

    Examples
    --------
    >>> stage = Label.of({"en": "Purchase", "zh": "购买"})
    >>> stage.text("zh-Hans"), stage.text("ru"), stage.language_shown("ru")
    ('购买', 'Purchase', 'en')
    """

    texts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: object, *, language: str = "en") -> Label:
        """Build a label from a string, a mapping of languages, or a label.

        Examples
        --------
        >>> Label.of("Delivery").text("ru")
        'Delivery'
        """
        if isinstance(value, Label):
            return value
        if isinstance(value, Mapping):
            texts = {language_code(code): str(text).strip() for code, text in value.items() if str(text).strip()}
            if texts:
                return cls(texts)
        elif value is not None and str(value).strip():
            return cls({language: str(value).strip()})
        raise VocabularyError("a label needs at least one text", remedy='Write {en = "Purchase", ru = "Покупка"}.')

    def language_shown(self, language: str) -> str:
        """Return the language that ``text`` will really use."""
        code = language_code(language)
        for candidate in (code, *_FALLBACK[code]):
            if candidate in self.texts:
                return candidate
        raise VocabularyError("a label without any text")

    def text(self, language: str = "en") -> str:
        """Return the text in a language, else in the nearest one that exists."""
        return self.texts[self.language_shown(language)]

    def matches(self, word: str) -> bool:
        """Tell whether a word is this label in any language, letter case aside."""
        folded = word.strip().casefold()
        return any(text.casefold() == folded for text in self.texts.values())

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts.values())

    def __str__(self) -> str:
        return self.text("en")
