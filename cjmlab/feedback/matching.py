"""Find the keywords of a codebook in a clause, with their places.

How a keyword is read:

- English and Russian words are found in every form that has the same stem ("deliver" finds "delivered", "касса" finds
  "кассе"); ``*`` behind a word lets it go on in any way ("упаков*" finds "упаковка" and "упаковали"). Several words stand
  next to each other; an article or a possessive may stand between ("place order" finds "place my order"), and two Russian
  words may change places.
- Chinese letters are found anywhere, in either script.
- ``…`` inside stands for some words ("took … to arrive" finds "took three days to arrive").
- ``~`` in front: a weak word ("late", "form"). It speaks for a touchpoint, but less loudly.
- ``!`` in front: not meant ("!in order to"): a keyword of the same code inside these very words is not counted.
- ``re:`` in front: a regular expression, letter case aside.

The name of a touchpoint is a keyword too. A keyword inside a longer one that was found is not counted.
A word from a short list says more than one from a long list, so that the few words of a study's own touchpoint prevail.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from cjmlab.errors import VocabularyError
from cjmlab.feedback.stems import WORD, fold, stem, words_of
from cjmlab.vocabulary import Code

_HAN = re.compile(r"[\u3400-\u9fff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_BETWEEN = frozenset(
    "a an the my our your his her its their this that these those мой моя мое мои наш наша наши".split()
)
_GAP_WORDS, _GAP_LETTERS = 4, 6
_REMEMBERED = 100_000
_FREE = 6  # Russian stems of so many letters go on in any way: most words of a family share their beginning
_NONE, _WEAK, _PLAIN, _LONG, _NAME = 0.0, 0.4, 1.0, 1.15, 2.0


@dataclass(frozen=True)
class Hit:
    """One keyword found: the code, its place in the clause, and how much it says."""

    code: str
    start: int
    end: int
    weight: float
    weak: bool


class _Word(NamedTuple):
    """One word of a text, with its stem and place."""

    text: str
    stem: str
    start: int
    end: int


@dataclass(frozen=True)
class _Part:
    """One word of a keyword: what it begins with, in which forms it is found, and how many words may stand before it."""

    known: str
    forms: str
    gap: int = 0

    def fits(self, word: _Word) -> bool:
        if self.forms == "any" and word.text.startswith(self.known):
            return True
        return (word.text if self.forms == "exact" else word.stem) == self.known


@dataclass(frozen=True)
class _Entry:
    code: str
    first: _Part
    rest: tuple[_Part, ...]
    weight: float
    weak: bool

    @property
    def second(self) -> str:
        """What the text must hold beside the first word, where it can be looked up."""
        return self.rest[0].known if self.rest and self.rest[0].forms != "any" else ""


class _Sieve(dict[str, frozenset[int]]):
    """Which parts of keywords each word fits, by number: a text that lacks a part of each keyword holds none."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[_Part, int] = {}
        self._parts: dict[str, set[_Part]] = defaultdict(set)
        self._keywords: dict[int, set[frozenset[int]]] = defaultdict(set)

    def add(self, parts: Iterable[_Part]) -> None:
        """Take a keyword in; it is looked up by its longest part."""
        bare = sorted((replace(part, gap=0) for part in parts), key=lambda part: len(part.known))
        for part in bare:
            self._numbers.setdefault(part, len(self._numbers))
            self._parts[part.known].add(part)
        self._keywords[self._numbers[bare[-1]]].add(frozenset(self._numbers[part] for part in bare))

    def __missing__(self, text: str) -> frozenset[int]:
        word = _Word(text, stem(text), 0, 0)
        near = {word.stem, *(text[:size] for size in range(1, len(text) + 1))}
        fitting = (part for form in near for part in self._parts.get(form, ()) if part.fits(word))
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = frozenset(self._numbers[part] for part in fitting)
        return self[text]

    def passes(self, words: Iterable[str]) -> bool:
        """Tell whether all parts of some keyword are among the words, in whatever order."""
        there = frozenset().union(*map(self.__getitem__, words))
        return any(needed <= there for part in self._keywords.keys() & there for needed in self._keywords[part])


@dataclass(frozen=True)
class _Mark:
    """What stands in front of a keyword."""

    word: str
    weak: bool
    barred: bool

    @classmethod
    def of(cls, keyword: str) -> _Mark:
        barred, word = keyword.startswith("!"), keyword.removeprefix("!")
        return cls(word.removeprefix("~"), word.startswith("~"), barred)

    def weight(self, usual: float) -> float:
        return _NONE if self.barred else _WEAK if self.weak else usual


@dataclass
class KeywordMatcher:
    """The keywords of some codes in one language, ready to be searched.

    Examples
    --------
    >>> from cjmlab.vocabulary import Label
    >>> code = Code("cart", "touchpoint", Label.of("Cart"), keywords={"en": ("cart", "add … basket")})
    >>> matcher = KeywordMatcher([code], "en")
    >>> [(hit.start, hit.end) for hit in matcher.find("My carts, the cartoon, and I add two to the basket")]
    [(3, 8), (29, 50)]
    """

    codes: Iterable[Code]
    language: str
    _by_word: dict[str, list[_Entry]] = field(default_factory=lambda: defaultdict(list), repr=False)
    _chinese: dict[str, list[Hit]] = field(default_factory=lambda: defaultdict(list), repr=False)
    _sizes: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set), repr=False)
    _patterns: list[tuple[re.Pattern[str], Hit]] = field(default_factory=list, repr=False)
    _seen: dict[str, tuple[tuple[_Entry, str], ...]] = field(default_factory=dict, repr=False)
    _sieve: _Sieve = field(default_factory=_Sieve, repr=False)

    def __post_init__(self) -> None:
        languages = ("zh-Hans", "zh-Hant") if self.language == "zh" else (self.language,)
        for code in self.codes:
            for language in languages:
                words = code.keywords.get(language, ())
                for keyword in words:
                    self._add(code.id, keyword, 1 + 1 / len(words))
                for name in self._name_of(code, language):
                    self._add(code.id, name, 1.0, name=True)

    @staticmethod
    def _name_of(code: Code, language: str) -> tuple[str, ...]:
        """Return the name of a touchpoint, which is a keyword like those that somebody wrote."""
        name = code.label.texts.get(language)
        return (name,) if name and code.kind == "touchpoint" else ()

    def _add(self, code: str, keyword: str, rarity: float, name: bool = False) -> None:
        mark = _Mark.of(keyword)
        if mark.word.startswith("re:"):
            pattern = _compile(mark.word.removeprefix("re:"), keyword, code)
            self._patterns.append((pattern, Hit(code, 0, 0, mark.weight(_LONG) * rarity, mark.weak)))
            return
        word = fold(mark.word)
        if _HAN.search(word):
            weight = mark.weight(_NAME if name else _LONG if len(word) >= 4 else _PLAIN) * rarity
            hit = Hit(code, 0, 0, weight, mark.weak)
            if "…" in word:
                gap = f".{{0,{_GAP_LETTERS}}}"
                self._patterns.append((re.compile(gap.join(map(re.escape, word.split("…")))), hit))
            else:
                self._chinese[word].append(hit)
                self._sizes[word[0]].add(len(word))
        elif parts := _parts_of(word, exact=mark.barred):
            weight = mark.weight(_NAME if name else _LONG if len(parts) > 1 else _PLAIN) * rarity
            orders = [parts]
            if len(parts) == 2 and not parts[1].gap and _CYRILLIC.search(word):
                orders.append(parts[::-1])
            for first, *rest in orders:
                self._by_word[first.known].append(_Entry(code, first, tuple(rest), weight, mark.weak))
            self._sieve.add(parts)

    def find(self, text: str) -> list[Hit]:
        """Return the keywords found, from left to right, without those inside longer ones."""
        plain = fold(text)
        hits = self._words(plain) if self._by_word else []
        for place, letter in enumerate(plain) if self._chinese else ():
            for size in self._sizes.get(letter, ()):
                word = plain[place : place + size]
                for hit in self._chinese.get(word, ()) if len(word) == size else ():
                    hits.append(Hit(hit.code, place, place + size, hit.weight, hit.weak))
        for pattern, hit in self._patterns:
            hits += [Hit(hit.code, *match.span(), hit.weight, hit.weak) for match in pattern.finditer(plain)]
        best: dict[tuple[str, int, int], Hit] = {}
        for hit in hits:  # "photo" and "photos" find the same word: it counts once
            spot = (hit.code, hit.start, hit.end)
            if spot not in best or not hit.weight or (best[spot].weight and hit.weight > best[spot].weight):
                best[spot] = hit
        ordered = sorted(best.values(), key=lambda hit: (hit.start, -hit.end, hit.code))
        kept, around = [], list[Hit]()
        for hit in ordered:  # what holds a hit begins before it and has not ended there: a long text stays quick
            around = [other for other in around if other.end > hit.start]
            if hit.weight and not any(_inside(hit, other) for other in around):
                kept.append(hit)
            around.append(hit)
        return kept

    def _words(self, plain: str) -> list[Hit]:
        if not self._sieve.passes(WORD.findall(plain)):
            return []
        words = [_Word(text, stem(text), start, end) for text, start, end in words_of(plain)]
        there = {form for word in words for form in (word.text, word.stem)}
        hits = []
        for i, word in enumerate(words):
            for entry, second in self._starting(word):
                if second and second not in there:
                    continue
                last = _follow(entry.rest, words, i)
                if last is not None:
                    hits.append(Hit(entry.code, word.start, words[last].end, entry.weight, entry.weak))
        return hits

    def _starting(self, word: _Word) -> tuple[tuple[_Entry, str], ...]:
        if word.text not in self._seen:
            known = {word.stem, *(word.text[:size] for size in range(2, len(word.text) + 1))}
            near = (entry for form in sorted(known) for entry in self._by_word.get(form, ()))
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[word.text] = tuple((entry, entry.second) for entry in near if entry.first.fits(word))
        return self._seen[word.text]


def _compile(pattern: str, keyword: str, code: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as problem:
        raise VocabularyError(
            f"the keyword {keyword!r} is not a regular expression ({problem})", where=f"codebook, code {code!r}"
        ) from None


def _parts_of(keyword: str, *, exact: bool) -> list[_Part]:
    """Read the words of an English or Russian keyword; exact ones are found as they stand."""
    parts: list[_Part] = []
    for piece in keyword.replace("...", "…").split("…"):
        for number, (word, _, end) in enumerate(words_of(piece)):
            gap = _GAP_WORDS if parts and number == 0 else 0
            if piece[end : end + 1] == "*":
                parts.append(_Part(word, "any", gap))
            elif exact:
                parts.append(_Part(word, "exact", gap))
            else:
                known = stem(word)
                family = len(known) >= _FREE and bool(_CYRILLIC.search(word))
                parts.append(_Part(known, "any" if family else "stem", gap))
    return parts


def _follow(parts: tuple[_Part, ...], words: list[_Word], at: int) -> int | None:
    """Return the place of the last word of a keyword whose first word stands at a place, or None."""
    for part in parts:
        reach = at + 1 + part.gap
        at += 1
        while at < len(words) and not part.fits(words[at]):
            if at >= reach and words[at].text not in _BETWEEN:
                return None
            at += 1
        if at >= len(words):
            return None
    return at


def _inside(hit: Hit, other: Hit) -> bool:
    """Tell whether a keyword lies inside a longer one that speaks in its place."""
    longer = other.end - other.start > hit.end - hit.start
    if not (longer and other.start <= hit.start and other.end >= hit.end):
        return False
    return other.code == hit.code or bool(other.weight and not (other.weak and not hit.weak))
