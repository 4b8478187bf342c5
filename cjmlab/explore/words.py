"""The wordings of the explorer and of the shared page, in four languages."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from cjmlab.errors import VocabularyError, did_you_mean
from cjmlab.vocabulary import Label


@cache
def wordings() -> dict[str, Label]:
    """Return every wording of the explorer by its name.

    Examples
    --------
    >>> wordings()["segment"].text("ru")
    'Сегмент'
    """
    raw = tomllib.loads((resources.files(__package__) / "data" / "words.toml").read_text(encoding="utf-8"))
    return {name: Label.of(texts) for name, texts in raw.items()}


def word(name: str, language: str = "en", **fill: object) -> str:
    """Return one wording, its places filled in.

    Parameters
    ----------
    name : str
        A table of ``words.toml``.
    language : str
        Any spelling of one of the four languages.
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
    if name not in wordings():
        raise VocabularyError(f"{name!r} is not a wording of the explorer", remedy=did_you_mean(name, wordings()))
    text = wordings()[name].text(language)
    for place, value in fill.items():
        text = text.replace("{" + place + "}", str(value))
    return text
