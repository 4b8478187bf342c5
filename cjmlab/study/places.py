"""Touchpoints that words name: those of questions and events of files that nobody has described yet."""

from __future__ import annotations

import functools
import re
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
_MOST_SIGNS = 2000
_USUAL_EVENTS = tuple(
    (re.compile(words), point)
    for words, point in (
        (r"refund|\breturn|退货|退貨|退款|возврат", "returns"),
        (r"\bcart\b|加购|加購|购物车|購物車|корзин", "cart"),
        (r"\bpay(?:ment|s|ed)?\b|\bpaid\b|支付|付款|оплат", "payment"),
        (r"deliver|\bshipp|签收|簽收|配送|достав", "delivery"),
        (r"(?:view|show|open) (?:item|product|goods)|product view|商品详情|商品詳情|карточк\w+ товар", "product_page"),
        (r"(?:view|show|open|visit) home|home ?page|首页|首頁|главн\w+ страниц", "app_home"),
        (r"sign ?up|register|\blog ?in\b|注册|註冊|登录|登入|регистрац|авториз", "account"),
    )
)
_LETTERS = "abcdefghijklmnopqrstuvwxyzабвгдеёжзийклмнопрстуфхцчшщъыьэюя"


@dataclass
class Places:
    """The touchpoints that questions and events speak of: shipped ones by their words, else ones of the study's own.

    ``own`` is id → topic, stage and why that stage; ``renamed`` is the id of a shipped one
    that only a word of the question points to → the topic, by which people know it; ``asked`` is touchpoint → the
    question that has it.
    """

    book: Codebook
    own: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    shipped: set[str] = field(default_factory=set)
    asked: dict[str, str] = field(default_factory=dict)
    last_stage: str = ""

    @functools.cached_property
    def names(self) -> Names:
        """What the touchpoints of the book are known by."""
        return Names(self.book)

    def of_rating(self, wording: str) -> tuple[str, str]:
        """Return the touchpoint of a rating and the reason; a shipped one is given to one question only."""
        found = self.names.find(wording)
        if found:
            self.last_stage = self.book.stage_of(found)
            if self.asked.setdefault(found, wording) == wording:
                self.shipped.add(found)
                if self.names.find(wording, named=True) == found:
                    return found, "named in the question"
                self.renamed[found] = topic_of(wording)
                return found, "a word of the question points to it; it has your name above"
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
        found = self.names.find(wording)
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
        if found := self.names.find(word) or _usual_event(spoken):
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


def _usual_event(spoken: str) -> str | None:
    """Return the touchpoint of an event as web shops and apps usually call it."""
    return next((point for pattern, point in _USUAL_EVENTS if pattern.search(spoken)), None)


def _in_common(topic: str, wording: str) -> int:
    """Return how many signs the longest run that two texts share has."""
    one, other = topic.casefold(), wording.casefold()
    return SequenceMatcher(None, one, other, autojunk=False).find_longest_match().size


def _is_wide(text: str) -> bool:
    return any(sign > "\u2e80" for sign in text)


class Names:
    """What the touchpoints of a codebook are known by: their ids and labels, and their specific keywords."""

    def __init__(self, book: Codebook) -> None:
        labels, loose = set(), set()
        for code in book.of_kind("touchpoint"):
            words = [w for group in code.keywords.values() for w in group if code.id not in _VAGUE and _is_specific(w)]
            labels |= {(len(w), code.id, w.casefold()) for w in (code.id.replace("_", " "), *code.label.texts.values())}
            loose |= {(len(w), code.id, w.casefold()) for w in words}
        self._labels, self._loose = sorted(labels, reverse=True), sorted(loose, reverse=True)

    def find(self, text: str, *, named: bool = False) -> str | None:
        """Return the touchpoint that a text names: by id or label, else by a specific keyword (not with ``named``)."""
        folded = text[:_MOST_SIGNS].casefold().replace("_", " ")
        known = self._labels if named else (*self._labels, *self._loose)
        return next((point for _, point, word in known if _stands_in(word, folded)), None)


def _is_specific(word: str) -> bool:
    """Tell whether a keyword is long enough to mean one thing; a Chinese one of two signs is."""
    return not word.startswith(("re:", "~")) and (len(word) >= _SPECIFIC or (len(word) > 1 and word[0] > "\u2e80"))


def _stands_in(word: str, text: str) -> bool:
    """Tell whether a word stands in a text with at most a short ending; a Chinese one may stand anywhere."""
    at = text.find(word)
    while at >= 0 and not _is_wide(word[:1]):
        end = at + len(word)
        rest = len(text[end : end + _ENDING + 1]) - len(text[end : end + _ENDING + 1].lstrip(_LETTERS))
        if not (at and text[at - 1].isalnum()) and rest <= (_ENDING if len(word) >= _SPECIFIC else 1):
            return True
        at = text.find(word, at + 1)
    return at >= 0


def spoken_of(texts: Sequence[str], names: Names) -> set[str]:
    """Return the touchpoints that at least two texts, and one in a hundred, name."""
    found = [names.find(text) for text in texts]
    least = max(2, 0.01 * len(texts))
    return {point for point in set(found) if point and found.count(point) >= least}
