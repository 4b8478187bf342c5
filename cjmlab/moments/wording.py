"""Sentences of the room, in four languages."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from cjmlab.vocabulary import Label
from cjmlab.vocabulary.figures import write_number, write_percent


@cache
def _sentences(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("cjmlab.moments") / "data" / f"{name}.toml").read_text("utf-8"))


def sentence(key: str, language: str, **values: str) -> str:
    """Return a sentence of the room in a language, with its values filled in.

    Examples
    --------
    >>> sentence("pooled", "zh-Hans")
    '该客群给出结果的客户太少：效应取自全部客户。'
    """
    return fill("sentences", key, language, values)


def fill(book: str, key: str, language: str, values: Mapping[str, str]) -> str:
    """Return a sentence of a book, its values looked up one by one as the sentence names them."""
    return Label.of(_sentences(book)[key]).text(language).format_map(values)


def outcome_name(outcome: str, language: str) -> str:
    """Return the name of an outcome in a language, or as given."""
    known = _sentences("sentences")["outcome"]
    return Label.of(known[outcome]).text(language) if outcome in known else outcome.replace("_", " ")


def written(
    row: Mapping[Any, Any], language: str, *, numbers: Iterable[str] = (), signed: Iterable[str] = (),
    counts: Iterable[str] = (), shares: Iterable[str] = (), tests: Iterable[str] = (),
) -> dict[str, str]:  # fmt: skip
    r"""Return values of a row as a sentence in a language writes them, by name.

    ``numbers`` and ``signed`` have two decimals, ``tests`` (p and q) three; ``shares``, 0 to 1, become per cent.

    Examples
    --------
    >>> written({"low": -0.256, "reach": 0.5, "n": 1200}, "ru", numbers=["low"], shares=["reach"], counts=["n"])
    {'low': '−0,26', 'n': '1\u202f200', 'reach': '50\xa0%'}
    """
    plain = ((numbers, 2, False), (signed, 2, True), (counts, 0, False), (tests, 3, False))
    found = {
        name: write_number(row[name], digits, language=language, signed=sign)
        for names, digits, sign in plain
        for name in names
    }
    return found | {name: write_percent(row[name], language=language) for name in shares}
