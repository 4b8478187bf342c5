"""One spelling for both Chinese scripts, character for character, so that offsets stay where they were."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_FAR = re.compile("[\u2e80-\U0010ffff]+")  # all that the tables move; a letter of an alphabet is passed over quickly
# Pairs that go both ways in real text and that a character table alone would keep apart.
_SAME = {"著": "着", "裏": "里", "裡": "里", "麽": "么", "麼": "么", "妳": "你", "祂": "他", "牠": "它", "乾": "干", "幹": "干",
         "榦": "干", "瞭": "了", "藉": "借", "徵": "征", "甚": "什", "裝": "装", "臺": "台", "檯": "台", "颱": "台", "覆": "复",
         "俱": "具", "彷": "仿", "揹": "背", "么": "么"}  # fmt: skip


@cache
def _tables() -> tuple[dict[int, str], frozenset[str], frozenset[str]]:
    folder = resources.files("opencc") / "dictionary"
    folded: dict[str, str] = {}
    for name in ("HKVariants.txt", "TWVariants.txt"):  # standard form → regional form, read backwards
        for line in (folder / name).read_text("utf-8").splitlines():
            standard, _, regional = line.partition("\t")
            for variant in regional.split():
                if len(standard) == len(variant) == 1 and standard != variant:
                    folded[variant] = standard
    simplified = {}
    for line in (folder / "TSCharacters.txt").read_text("utf-8").splitlines():
        traditional, _, simple = line.partition("\t")
        first = simple.split()[0] if simple.split() else ""
        if len(traditional) == len(first) == 1:
            simplified[traditional] = first
    merged = {variant: simplified.get(standard, standard) for variant, standard in folded.items()}
    merged.update(simplified)
    merged.update(_SAME)
    only_simple: set[str] = set()
    for line in (folder / "STCharacters.txt").read_text("utf-8").splitlines():
        simple, _, traditional = line.partition("\t")
        if len(simple) == 1 and simple not in traditional.split():
            only_simple.add(simple)
    only_traditional = {letter for letter, simple in simplified.items() if letter != simple} - only_simple
    moved = {ord(letter): simple for letter, simple in merged.items() if letter != simple and len(simple) == 1}
    return moved, frozenset(only_traditional), frozenset(only_simple)


def simplify(text: str) -> str:
    """Return a text in Simplified characters, one for one (OpenCC's character tables, Apache-2.0).

    Examples
    --------
    >>> simplify("配送太慢,包裝破損")
    '配送太慢,包装破损'
    """
    return text if text.isascii() else _FAR.sub(_simplified, text)


def _simplified(stretch: re.Match[str]) -> str:
    return stretch.group().translate(_tables()[0])


def chinese_script(text: str) -> str:
    """Return ``zh-Hant`` when the letters that only one script has are mostly Traditional, else ``zh-Hans``.

    Examples
    --------
    >>> chinese_script("這個門市很乾淨"), chinese_script("很好")
    ('zh-Hant', 'zh-Hans')
    """
    _, traditional, simple = _tables()
    more = sum((letter in traditional) - (letter in simple) for letter in text)
    return "zh-Hant" if more > 0 else "zh-Hans"
