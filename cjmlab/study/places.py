"""Touchpoints that words name: those of questions and events of files that nobody has described yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from cjmlab.study.wording import topic_of
from cjmlab.vocabulary import Codebook
from cjmlab.vocabulary.stages import slug

_VAGUE = frozenset({"daily_use", "public_review", "product_quality", "referral"})
"""Touchpoints whose words (use, rate, quality) stand in questions about anything: only their names count."""
_SPECIFIC = 5
_ENDING = 3
_LETTERS = "abcdefghijklmnopqrstuvwxyzабвгдеёжзийклмнопрстуфхцчшщъыьэюя"


@dataclass
class Places:
    """The touchpoints that questions and events speak of: shipped ones by their words, else ones of the study's own.

    ``own`` is id → topic, stage and why that stage; ``asked`` is touchpoint → the question that has it.
    """

    book: Codebook
    own: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    shipped: set[str] = field(default_factory=set)
    asked: dict[str, str] = field(default_factory=dict)
    last_stage: str = ""

    def of_rating(self, wording: str) -> tuple[str, str]:
        """Return the touchpoint of a rating and the reason; a shipped one is given to one question only."""
        found = touchpoint_in(wording, self.book)
        if found:
            self.last_stage = self.book.stage_of(found)
            if self.asked.setdefault(found, wording) == wording:
                self.shipped.add(found)
                return found, "named in the question"
        topic = topic_of(wording)
        identity = slug(topic) or f"question_{len(self.own) + 1}"
        if identity in {code.id for code in self.book.of_kind("touchpoint")}:
            identity = f"own_{identity}"
        alike = f"near {found}" if found else "as the question before" if self.last_stage else "not known"
        stages = self.book.stage_model.ids
        self.own.setdefault(identity, (topic, self.last_stage or stages[len(stages) // 2], alike))
        return identity, "a touchpoint of your own, above"

    def of_expectation(self, wording: str) -> tuple[str, str]:
        """Return the touchpoint of what was expected: one that a rating has, by the words that both share."""
        found = touchpoint_in(wording, self.book)
        if found in self.asked:
            self.shipped.add(str(found))
            return str(found), "named in the question"
        topics = {identity: topic for identity, (topic, _, _) in self.own.items()}
        near = max(topics, key=lambda identity: _in_common(topics[identity], wording), default="")
        if near and _in_common(topics[near], wording) >= (2 if _is_wide(topics[near]) else _SPECIFIC):
            return near, "shares its words"
        return self.of_rating(wording)

    def of_event(self, word: str) -> str | None:
        """Return the touchpoint that the name of an event names: one of the study's own, else a shipped one."""
        spoken = word.casefold().replace("_", " ")
        own = {identity: topic.casefold() for identity, (topic, _, _) in self.own.items()}
        found = next((identity for identity, topic in own.items() if _stands_in(topic, spoken)), None)
        if found:
            return found
        if found := touchpoint_in(word, self.book):
            self.shipped.add(found)
            return found
        return next((i for i, topic in own.items() if len(spoken) > 1 and _stands_in(spoken, topic)), None)

    def own_event(self, word: str, along: float) -> str:
        """Make a touchpoint of an event that names none, on the stage that lies as far along as it does (0 to 1)."""
        topic = topic_of(word.replace("_", " "))
        identity = slug(topic) or f"event_{len(self.own) + 1}"
        stages = self.book.stage_model.ids
        stage = stages[min(int(along * len(stages)), len(stages) - 1)]
        self.own.setdefault(identity, (topic, stage, f"it stands {along:.0%} along the rows of a customer"))
        return identity


def _in_common(topic: str, wording: str) -> int:
    """Return how many signs the longest run that two texts share has."""
    one, other = topic.casefold(), wording.casefold()
    return SequenceMatcher(None, one, other, autojunk=False).find_longest_match().size


def _is_wide(text: str) -> bool:
    return any(sign > "\u2e80" for sign in text)


def touchpoint_in(words: str, book: Codebook, *, named: bool = False) -> str | None:
    """Return the touchpoint that a text names: by id or label, else by a specific keyword (not with ``named``)."""
    folded = words.casefold().replace("_", " ")
    best: tuple[int, str] | None = None
    for code in book.of_kind("touchpoint"):
        labels = [code.id.replace("_", " "), *code.label.texts.values()]
        loose = [] if named or code.id in _VAGUE else [w for group in code.keywords.values() for w in group]
        for weight, group in ((100, labels), (1, loose)):
            for word in group:
                if (weight > 1 or _is_specific(word)) and _stands_in(word.casefold(), folded):
                    best = max(best or (0, ""), (weight + len(word), code.id))
    return best[1] if best else None


def _is_specific(word: str) -> bool:
    """Tell whether a keyword is long enough to mean one thing; a Chinese one of two signs is."""
    return not word.startswith(("re:", "~")) and (len(word) >= _SPECIFIC or (len(word) > 1 and word[0] > "\u2e80"))


def _stands_in(word: str, text: str) -> bool:
    """Tell whether a word stands in a text with at most a short ending; a Chinese one may stand anywhere."""
    at = text.find(word)
    while at >= 0 and not _is_wide(word[:1]):
        end = at + len(word)
        rest = len(text[end : end + _ENDING + 1]) - len(text[end : end + _ENDING + 1].lstrip(_LETTERS))
        if not (at and text[at - 1].isalnum()) and rest <= _ENDING:
            return True
        at = text.find(word, at + 1)
    return at >= 0


def spoken_of(texts: Sequence[str], book: Codebook) -> set[str]:
    """Return the touchpoints that at least two texts, and one in a hundred, name."""
    found = [touchpoint_in(text, book) for text in texts]
    least = max(2, 0.01 * len(texts))
    return {point for point in set(found) if point and found.count(point) >= least}
