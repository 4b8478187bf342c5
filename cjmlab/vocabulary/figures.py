"""How numbers are written in each language: decimal mark, thousands, minus and per cent, the same in every room."""

from __future__ import annotations

from typing import NamedTuple

MINUS = "\u2212"
MISSING = "–"


class Marks(NamedTuple):
    """The marks of a language: before decimals, between thousands, before the sign of per cent."""

    decimal: str
    thousands: str
    before_percent: str


_ENGLISH = Marks(".", ",", "")
_MARKS = {"ru": Marks(",", "\u202f", "\u00a0")}


def marks(language: str) -> Marks:
    """Return the marks of a language: English and Chinese write 1,234.5 and 26%, Russian 1 234,5 and 26 %.

    Examples
    --------
    >>> marks("zh-Hant").decimal, marks("ru").decimal
    ('.', ',')
    """
    return _MARKS.get(language, _ENGLISH)


def write_number(value: float | None, digits: int = 0, *, language: str = "en", signed: bool = False) -> str:
    r"""Write a number with the marks of a language and a true minus sign; zero has no sign, missing is a dash.

    Examples
    --------
    >>> write_number(-0.256, 2), write_number(-0.256, 2, language="ru"), write_number(0.4, 1, signed=True)
    ('−0.26', '−0,26', '+0.4')
    >>> write_number(4218.0, language="ru"), write_number(float("nan")), write_number(-0.001, 2, signed=True)
    ('4\u202f218', '–', '0.00')
    """
    if value is None or value != value:
        return MISSING
    plain = f"{abs(value):,.{digits}f}"
    zero = not plain.strip("0.,")
    used = marks(language)
    text = plain.translate({ord(","): used.thousands, ord("."): used.decimal})
    return ("" if zero else MINUS if value < 0 else "+" if signed else "") + text


def write_percent(share: float | None, digits: int = 0, *, language: str = "en") -> str:
    r"""Write a share, 0 to 1, in per cent.

    Examples
    --------
    >>> write_percent(0.256), write_percent(-0.431, language="ru")
    ('26%', '−43\xa0%')
    """
    if share is None or share != share:
        return MISSING
    return f"{write_number(100 * share, digits, language=language)}{marks(language).before_percent}%"
