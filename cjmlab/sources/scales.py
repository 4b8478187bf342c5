"""Rating scales: declared with their direction, never guessed, and put on one line from −1 (worst) to 1 (best)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from cjmlab.errors import SourceError

_NUMBER = r"[-−]?\d+(?:[.,]\d+)?"
_SPAN = re.compile(rf"^\s*({_NUMBER})\s*(?:-|–|—|…|\.\.\.?|to|до|至|到)\s*({_NUMBER})\s*$")
_ANSWER = re.compile(rf"^({_NUMBER})(?:\s*$|\s*(?:[-–—:.)(=]|points?|stars?|分|星|балл\w*|звезд\w*|звёзд\w*)\s*\D*$)")
_STARS = re.compile(r"^([★⭐]+)([☆]*)$")


@dataclass(frozen=True)
class Scale:
    """A rating scale: the worst and the best answer, and the number of each word if answers are words.

    Examples
    --------
    >>> Scale.of("1-5").score("4"), Scale.of("7-1").score("1"), Scale.of({"不满意": 1, "一般": 2, "满意": 3}).score("一般")
    (0.5, 1.0, 0.0)
    """

    worst: float
    best: float
    words: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, declared: object) -> Scale:
        """Build a scale from ``"worst-best"``, from a table of words, or from a scale.

        Raises
        ------
        SourceError
            When it is neither, or worst and best are the same.
        """
        if isinstance(declared, Scale):
            return declared
        if isinstance(declared, Mapping):
            words = {fold(word): float(value) for word, value in declared.items()}
            if len(set(words.values())) < 2:
                raise SourceError(
                    "a word scale needs two words or more with different numbers",
                    remedy='Write scale = {"not satisfied" = 1, "satisfied" = 2}, the best word with the largest number.',
                )
            return cls(min(words.values()), max(words.values()), words)
        match = _SPAN.match(unicodedata.normalize("NFKC", str(declared)))
        if not match or to_number(match[1]) == to_number(match[2]):
            raise SourceError(
                f"{declared!r} is not a scale",
                remedy='Write it as "worst-best": "1-5" when 5 is best, "7-1" when 1 is best; or as a table of words.',
            )
        return cls(to_number(match[1]), to_number(match[2]))

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


def fold(text: str) -> str:
    """Return a text for comparison: one width, one case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def to_number(text: str) -> float:
    """Return the number of a text with a decimal point or comma."""
    return float(text.strip().replace(",", ".").replace("−", "-"))
