"""Rating scales: declared with their direction, never guessed, and put on one line from −1 (worst) to 1 (best)."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from cjmlab.errors import SourceError, did_you_mean

_NUMBER = r"[-−]?\d+(?:[.,]\d+)?"
_SPAN = re.compile(rf"^\s*({_NUMBER})\s*(?:-|–|—|…|\.\.\.?|to|до|至|到)\s*({_NUMBER})\s*$")
_ANSWER = re.compile(rf"^({_NUMBER})(?:\s*$|\s*(?:[-–—:.)(=]|points?|stars?|分|星|балл\w*|звезд\w*|звёзд\w*)\s*\D*$)")
_STARS = re.compile(r"^([★⭐]+)\ufe0f?([☆]*)$")
_KNOWN = {"stars": (1.0, 5.0), "nps": (0.0, 10.0)}


@dataclass(frozen=True)
class Scale:
    """A rating scale: the worst and the best answer, and the number of each word if answers are words.

    Examples
    --------
    >>> Scale.of("1-5").score("4"), Scale.of("7-1").score("1"), Scale.of({"不满意": 1, "一般": 2, "满意": 3}).score("一般")
    (0.5, 1.0, 0.0)
    >>> Scale.of("satisfied").score("Очень доволен"), Scale.of("stars").score("★★★★☆")
    (1.0, 0.5)
    """

    worst: float
    best: float
    words: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, declared: object) -> Scale:
        """Build a scale.

        Parameters
        ----------
        declared : str, mapping or Scale
            ``"worst-best"`` (``"1-5"``, or ``"7-1"`` when 1 is best), ``"stars"`` (1 to 5), ``"nps"`` (0 to 10), the
            name of a shipped word scale (``"satisfied"``, ``"agree"``, ``"yes"``), or a table of words with their
            numbers, the best word with the largest.

        Raises
        ------
        SourceError
            When it is none of these, or worst and best are the same. The direction is never guessed: effort scores
            are asked both ways, so ``"ces"`` is refused.
        """
        if isinstance(declared, Scale):
            return declared
        if isinstance(declared, Mapping):
            return cls._of_words({fold(str(word)): float(value) for word, value in declared.items()})
        name = fold(str(declared))
        if name in _KNOWN:
            return cls(*_KNOWN[name])
        if name in _word_scales():
            return cls._of_words(_word_scales()[name])
        match = _SPAN.match(unicodedata.normalize("NFKC", str(declared)))
        if match and to_number(match[1]) != to_number(match[2]):
            return cls(to_number(match[1]), to_number(match[2]))
        remedy = 'Write it as "worst-best": "1-5" when 5 is best, "7-1" when 1 is best; or as a table of words.'
        if name in {"ces", "customer effort score"}:
            remedy = 'Effort is asked both ways: write "1-7" when 7 is the least effort, "7-1" when 1 is.'
        elif name.isalpha():
            remedy += " " + did_you_mean(name, [*_KNOWN, *_word_scales()])
        raise SourceError(f"{declared!r} is not a scale with a direction", remedy=remedy)

    @classmethod
    def _of_words(cls, words: Mapping[str, float]) -> Scale:
        if len(set(words.values())) < 2:
            remedy = 'Write scale = {"not satisfied" = 1, "satisfied" = 2}, the best word with the largest number.'
            raise SourceError("a word scale needs two words or more with different numbers", remedy=remedy)
        return cls(min(words.values()), max(words.values()), words)

    def read(self, answer: str) -> float | None:
        """Return the number that an answer gives, in or out of scale, or None when it is not one."""
        word = fold(answer)
        if word in self.words:
            return self.words[word]
        if stars := _STARS.match(word):
            return float(len(stars[1]))
        match = _ANSWER.match(word)
        return to_number(match[1]) if match else None

    def holds(self, value: float) -> bool:
        """Tell whether a number lies on the scale."""
        return min(self.worst, self.best) <= value <= max(self.worst, self.best)

    def place(self, value: float) -> float:
        """Return a number of the scale on the line from −1 (worst) to 1 (best)."""
        return round(2 * (value - self.worst) / (self.best - self.worst) - 1, 9)

    def score(self, answer: str) -> float | None:
        """Return the place of an answer from −1 to 1, or None when it is not on the scale."""
        value = self.read(answer)
        return self.place(value) if value is not None and self.holds(value) else None

    def ascending(self, value: float) -> float:
        """Return a number so that larger is better on the same range."""
        return value if self.best > self.worst else self.worst + self.best - value

    def __str__(self) -> str:
        return f"{self.worst:g}-{self.best:g}"


@cache
def _word_scales() -> dict[str, dict[str, float]]:
    text = (resources.files("cjmlab.sources") / "data" / "word_scales.toml").read_text("utf-8")
    return {
        name: {fold(word): float(number) for number, words in levels.items() for word in words}
        for name, levels in tomllib.loads(text).items()
    }


def fold(text: str) -> str:
    """Return a text for comparison: one width, one case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def to_number(text: str) -> float:
    """Return the number of a text with a decimal point or comma."""
    return float(text.strip().replace(",", ".").replace("−", "-"))
