"""Sentences of the room, in four languages, with numbers written one way."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from cjmlab.vocabulary import Label

MINUS = "\u2212"


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


def number(value: float, digits: int = 2, *, signed: bool = False) -> str:
    """Write a number with a true minus sign.

    Examples
    --------
    >>> number(-0.256), number(0.4, 1, signed=True), number(float("nan"))
    ('−0.26', '+0.4', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    text = f"{abs(value):.{digits}f}"
    zero = float(text) == 0
    return (MINUS if value < 0 and not zero else "+" if signed and not zero else "") + text


def percent(value: float) -> str:
    """Write a share in per cent.

    Examples
    --------
    >>> percent(0.256)
    '26 %'
    """
    return "–" if value is None or math.isnan(value) else f"{100 * value:.0f} %"
