"""The wordings of the explorer, of the shared page and of the panel that tunes segments, in four languages."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from cjmlab.errors import VocabularyError, did_you_mean
from cjmlab.vocabulary import Label


@cache
def wordings(book: str = "words") -> dict[str, Label]:
    """Return every wording of the explorer by its name, or of another book (``"tuner"``).

    Examples
    --------
    >>> wordings()["segment"].text("ru")
    'Сегмент'
    """
    raw = tomllib.loads((resources.files(__package__) / "data" / f"{book}.toml").read_text(encoding="utf-8"))
    return {name: Label.of(texts) for name, texts in raw.items()}


def word(name: str, language: str = "en", *, book: str = "words", **fill: object) -> str:
    """Return one wording, its places filled in.

    Parameters
    ----------
    name : str
        A table of the book.
    language : str
        Any spelling of one of the four languages.
    book : str
        ``words`` or ``tuner``.
    **fill
        What to put for the names in braces.

    Raises
    ------
    VocabularyError
        When there is no such wording.

    Examples
    --------
    >>> word("withheld", "zh-Hans", k=5)
    '不显示：少于 5 人'
    """
    known = wordings(book)
    if name not in known:
        raise VocabularyError(f"{name!r} is not a wording of the explorer", remedy=did_you_mean(name, known))
    text = known[name].text(language)
    for place, value in fill.items():
        text = text.replace("{" + place + "}", str(value))
    return text
