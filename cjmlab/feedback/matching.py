"""Find the keywords of a codebook in a clause, with their places.

The rules, in the order in which they are read off a keyword:

- ``re:`` in front: a regular expression, letter case aside.
- ``~`` in front: a weak word ("app", "shop"); it counts only where no other touchpoint is named.
- Chinese letters: found anywhere, in either script.
- Latin and Cyrillic letters: from the start of a word. A keyword of five letters or more may go on in any way
  ("deliver" finds "delivery", "доставка" finds "доставкой"); a shorter one only takes an ending ("cart" finds "carts"
  but not "cartoon", "банк" finds "банка" but not "банкет"). Several words stand next to each other.

The name of a touchpoint is a keyword too. A keyword inside a longer keyword that was found is not counted.
A word from a short list says more than one from a long list, so that the few words of a study's own touchpoint prevail.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from cjmlab.errors import VocabularyError
from cjmlab.feedback.chinese import simplify
from cjmlab.vocabulary import Code

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_HAN = re.compile(r"[\u3400-\u9fff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_FREE_ENDING = 5
_RU_TAIL = re.compile(r"(?:ами|ями|ого|его|ому|ему|ыми|ими|[аеиоуыэюяьй]{1,2})$")
_RU_ENDINGS = frozenset(
    "а я о е у ю ы и й ь ой ей ый ий ая яя ое ее ые ие ую юю ом ем ам ям ах ях ами ями ов ев ого его ому ему ым им ых их "
    "ою ею л ла ло ли ть т ет ит ют ят ешь ишь на но ны н ться лся лась лось лись тся шь м".split()
) | {""}
_WEAK, _PLAIN, _LONG = 0.4, 1.0, 1.5


@dataclass(frozen=True)
class Hit:
    """One keyword found: the code, its place in the clause, and how much it says."""

    code: str
    start: int
    end: int
    weight: float
    weak: bool


@dataclass(frozen=True)
class _Entry:
    code: str
    rest: tuple[str, ...]
    weight: float
    weak: bool


@dataclass
class KeywordMatcher:
    """The keywords of some codes in one language, ready to be searched.

    Examples
    --------
    >>> from cjmlab.vocabulary import Label
    >>> code = Code("cart", "touchpoint", Label.of("Cart"), keywords={"en": ("cart", "shopping bag")})
    >>> matcher = KeywordMatcher([code], "en")
    >>> [hit.start for hit in matcher.find("My carts, the cartoon and two shopping bags")]
    [3, 30]
    """

    codes: Iterable[Code]
    language: str
    _by_word: dict[str, list[_Entry]] = field(default_factory=lambda: defaultdict(list), repr=False)
    _by_letter: dict[str, list[tuple[str, _Entry]]] = field(default_factory=lambda: defaultdict(list), repr=False)
    _patterns: list[tuple[re.Pattern[str], _Entry]] = field(default_factory=list, repr=False)
    _seen: dict[str, tuple[_Entry, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        languages = ("zh-Hans", "zh-Hant") if self.language == "zh" else (self.language,)
        for code in self.codes:
            for language in languages:
                words = (*code.keywords.get(language, ()), *self._name_of(code, language))
                for keyword in words:
                    self._add(code.id, keyword, 1 + 1 / len(words))

    @staticmethod
    def _name_of(code: Code, language: str) -> tuple[str, ...]:
        """Return the name of a touchpoint, which is a keyword like those that somebody wrote."""
        name = code.label.texts.get(language)
        return (name,) if name and code.kind == "touchpoint" else ()

    def _add(self, code: str, keyword: str, rarity: float) -> None:
        weak, word = keyword.startswith("~"), keyword.removeprefix("~")
        if word.startswith("re:"):
            try:
                pattern = re.compile(word.removeprefix("re:"), re.IGNORECASE)
            except re.error as problem:
                raise VocabularyError(
                    f"the keyword {keyword!r} is not a regular expression ({problem})", where=f"codebook, code {code!r}"
                ) from None
            self._patterns.append((pattern, _Entry(code, (), (_WEAK if weak else _LONG) * rarity, weak)))
            return
        word = fold(word)
        tokens = tuple(_stem(token) for token in _TOKEN.findall(word))
        if _HAN.search(word):
            weight = _LONG if len(word) >= 4 else _PLAIN
            self._by_letter[word[0]].append((word, _Entry(code, (), (_WEAK if weak else weight) * rarity, weak)))
        elif tokens:
            weight = _WEAK if weak else _LONG if len(tokens) > 1 else _PLAIN
            self._by_word[tokens[0]].append(_Entry(code, tokens[1:], weight * rarity, weak))

    def find(self, text: str) -> list[Hit]:
        """Return the keywords found, from left to right, without those inside longer ones."""
        plain = fold(text)
        hits = self._words(plain) if self._by_word else []
        for place, letter in enumerate(plain) if self._by_letter else ():
            for word, entry in self._by_letter.get(letter, ()):
                if plain.startswith(word, place):
                    hits.append(Hit(entry.code, place, place + len(word), entry.weight, entry.weak))
        for pattern, entry in self._patterns:
            hits += [Hit(entry.code, *match.span(), entry.weight, entry.weak) for match in pattern.finditer(plain)]
        best: dict[tuple[str, int, int], Hit] = {}
        for hit in hits:  # "photo" and "photos" find the same word: it counts once
            spot = (hit.code, hit.start, hit.end)
            if spot not in best or hit.weight > best[spot].weight:
                best[spot] = hit
        ordered = sorted(best.values(), key=lambda hit: (hit.start, -hit.end, hit.code))
        return [hit for hit in ordered if not any(_inside(hit, other) for other in ordered)]

    def _words(self, plain: str) -> list[Hit]:
        tokens = [(match.group(), *match.span()) for match in _TOKEN.finditer(plain)]
        hits = []
        for i, (token, start, end) in enumerate(tokens):
            for entry in self._starting(token):
                last = i + len(entry.rest)
                if last < len(tokens) and all(_fits(part, tokens[i + 1 + k][0]) for k, part in enumerate(entry.rest)):
                    hits.append(
                        Hit(entry.code, start, tokens[last][2] if entry.rest else end, entry.weight, entry.weak)
                    )
        return hits

    def _starting(self, token: str) -> tuple[_Entry, ...]:
        if token not in self._seen:
            stems = {_stem(token), *(token[:size] for size in range(2, len(token) + 1))}
            entries = [self._by_word[stem] for stem in sorted(stems) if stem in self._by_word and _fits(stem, token)]
            self._seen[token] = tuple(entry for group in entries for entry in group)
        return self._seen[token]


def fold(text: str) -> str:
    """Return a text in lower case, Simplified and with one spelling of ё, letter for letter."""
    lowered = (
        "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
        if not text.isascii()
        else text.lower()
    )
    return simplify(lowered).replace("ё", "е").replace("’", "'")


def _stem(token: str) -> str:
    if _CYRILLIC.search(token):
        bare = _RU_TAIL.sub("", token) if len(token) > 3 else token
        return bare if len(bare) >= 3 else token
    word = token.removesuffix("'s")
    for ending, put in (("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word.removesuffix(ending) + put
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


def _fits(stem: str, token: str) -> bool:
    if not token.startswith(stem):
        return _stem(token) == stem
    if len(stem) >= _FREE_ENDING or len(stem) == len(token):
        return True
    tail = token[len(stem) :]
    return tail in _RU_ENDINGS if _CYRILLIC.search(stem) else _stem(token) == stem


def _inside(hit: Hit, other: Hit) -> bool:
    wider = other.start <= hit.start and other.end >= hit.end and (other.end - other.start) > (hit.end - hit.start)
    return wider and not (other.weak and not hit.weak)
