"""Verbatims of a planted world: clauses said about a touchpoint with a polarity, joined the way people write."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from cjmlab.errors import StudyError, did_you_mean
from cjmlab.vocabulary import Label

POLARITY = {-1: "negative", 0: "neutral", 1: "positive"}
STORIES = {"did": "behaviour", "why": "motivation", "hoped": "expectation"}


@dataclass(frozen=True)
class Pack:
    """What customers of one domain say in one language.

    Parameters
    ----------
    language : str
        Language code.
    said : mapping
        Touchpoint → kind → clauses with slots in braces. Kinds are ``negative``, ``neutral``, ``positive`` and, where
        somebody wrote them, ``did``, ``why`` and ``hoped``. The touchpoint ``*`` is for any other: its clauses name the
        touchpoint by the slot ``{touchpoint}``.
    slots : mapping
        Slot → words that may stand in it.
    words : mapping
        The joints: ``but``, ``and``, ``opener``, ``closer``, ``non_answers``, and what interviews need.
    """

    language: str
    said: Mapping[str, Mapping[str, tuple[str, ...]]]
    slots: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[str, ...]]

    @property
    def templates(self) -> tuple[str, ...]:
        """All clauses with a judgement that people may make, slots unfilled."""
        own = {point: by for point, by in self.said.items() if point != "*"} or self.said
        return tuple(text for by in own.values() for key in POLARITY.values() for text in by[key])

    @property
    def chinese(self) -> bool:
        """Whether it is written in Chinese."""
        return self.language.startswith("zh")

    def can(self, touchpoint: str, kind: str) -> bool:
        """Tell whether somebody wrote clauses of a kind for a touchpoint."""
        return bool(self.said.get(touchpoint, {}).get(kind))


@dataclass(frozen=True)
class Clause:
    """One clause inside a text: where it stands, what it is about, and whether it is good or bad."""

    start: int
    end: int
    touchpoint: str
    polarity: int
    lane: str
    reason: str = ""


@dataclass(frozen=True)
class Statement:
    """Something that a customer means to say, in words."""

    words: str
    touchpoint: str
    polarity: int
    lane: str
    reason: str = ""

    def at(self, start: int) -> Clause:
        """Return the clause that the statement makes when it starts at a place."""
        return Clause(start, start + len(self.words), self.touchpoint, self.polarity, self.lane, self.reason)


def list_packs() -> list[str]:
    """Return the phrase packs that ship, as ``domain.language``."""
    return sorted(f.name.removesuffix(".toml") for f in _folder("phrases").iterdir() if f.name.endswith(".toml"))


@cache
def read_pack(domain: str, language: str) -> Pack:
    """Read what people say in a domain and language; Traditional Chinese is written from Simplified.

    Raises
    ------
    StudyError
        When nobody wrote phrases for that domain and language.
    """
    if language == "zh-Hant":
        return _traditional(read_pack(domain, "zh-Hans"))
    name = f"{domain}.{language}"
    if name not in list_packs():
        raise StudyError(f"there are no phrases {name!r}", remedy=did_you_mean(name, list_packs()))
    raw: dict[str, Any] = tomllib.loads((_folder("phrases") / f"{name}.toml").read_text("utf-8"))
    said: dict[str, Mapping[str, tuple[str, ...]]] = {
        point: {key: tuple(texts) for key, texts in value.items()}
        for point, value in raw.items()
        if isinstance(value, dict) and point not in {"slots", "interview", "blocked"}
    }
    stories = _folder("stories") / f"{name}.toml"
    if stories.is_file():
        for point, told in tomllib.loads(stories.read_text("utf-8")).items():
            said[point] = {**said[point], **{key: tuple(texts) for key, texts in told.items()}}
    if "*" not in said:
        said["*"] = read_pack("general", language).said["*"]
    words = {key: tuple(value) for key, value in raw.items() if isinstance(value, list)}
    words |= {key: tuple(value) for key, value in raw.get("interview", {}).items()}
    words |= {f"blocked:{reason}": tuple(value) for reason, value in raw.get("blocked", {}).items()}
    return Pack(language, said, {key: tuple(value) for key, value in raw["slots"].items()}, words)


def polarity(lived: float) -> int:
    """Return −1, 0 or 1 for an experience on −1 … 1."""
    return -1 if lived < -0.12 else 1 if lived > 0.12 else 0


def judge(
    rng: np.random.Generator, pack: Pack, touchpoint: str, lived: float, labels: Mapping[str, Label]
) -> Statement:
    """Say how it went at a touchpoint."""
    sign = polarity(lived)
    by = pack.said.get(touchpoint) or pack.said["*"]
    template = _pick(rng, by[POLARITY[sign]])
    words = _fill(rng, pack, template, labels[touchpoint].text(pack.language))
    return Statement(words, touchpoint, sign, {-1: "pain", 0: "behaviour", 1: "delight"}[sign])


def recount(rng: np.random.Generator, pack: Pack, touchpoint: str, kind: str) -> Statement:
    """Say what one did, why, or what one had hoped for at a touchpoint."""
    words = _fill(rng, pack, _pick(rng, pack.said[touchpoint][kind]), "")
    return Statement(words, touchpoint, 0, STORIES[kind])


def comment(
    rng: np.random.Generator, pack: Pack, lived: Mapping[str, float], labels: Mapping[str, Label], blocked: str = ""
) -> tuple[str, list[Clause]]:
    """Write one comment on what a customer lived: one to four touchpoints, or an answer that says nothing.

    Parameters
    ----------
    rng : Generator
        Source of chance.
    pack : Pack
        What people say.
    lived : mapping
        Touchpoint met → experience on −1 … 1.
    labels : mapping
        Touchpoint → its name.
    blocked : str
        Why the customer could not buy, if so; often the comment is about that.

    Returns
    -------
    str
        The text.
    list of Clause
        What each clause is about, with code point offsets into the text.
    """
    if not lived or rng.random() < 0.06:
        return _pick(rng, pack.words["non_answers"]), []
    statements = []
    if blocked and "checkout" in lived and f"blocked:{blocked}" in pack.words and rng.random() < 0.8:
        words = _fill(rng, pack, _pick(rng, pack.words[f"blocked:{blocked}"]), "")
        statements.append(Statement(words, "checkout", -1, "pain", blocked))
    for point in _salient(rng, lived, int(rng.choice([1, 2, 3, 4], p=[0.30, 0.36, 0.22, 0.12])) - len(statements)):
        statement = judge(rng, pack, point, lived[point], labels)
        if not statements and statement.polarity < 0 and pack.can(point, "hoped") and rng.random() < 0.16:
            statements.append(recount(rng, pack, point, "hoped"))
        statements.append(statement)
    return _join(rng, pack, statements)


def memory(
    rng: np.random.Generator, pack: Pack, lived: Mapping[str, float], labels: Mapping[str, Label]
) -> tuple[str, list[Clause]]:
    """Write the one moment that a customer remembers most: nearly always the touchpoint furthest from neutral."""
    if not lived or rng.random() < 0.08:
        return _pick(rng, pack.words["non_answers"]), []
    point = max(lived, key=lambda name: abs(lived[name]) + 0.2 * rng.random())
    statements = []
    if pack.can(point, "did") and rng.random() < 0.3:
        statements.append(recount(rng, pack, point, "did"))
    statements.append(judge(rng, pack, point, lived[point], labels))
    return _join(rng, pack, statements)


def capital(pack: Pack, words: str) -> str:
    """Return the words with a capital at the start, in scripts that have one."""
    return words if pack.chinese else words[:1].upper() + words[1:]


def _join(rng: np.random.Generator, pack: Pack, statements: list[Statement]) -> tuple[str, list[Clause]]:
    """Join statements the way people write: contrast where they disagree, careless with capitals and stops."""
    text = _pick(rng, pack.words["opener"]) if rng.random() < 0.16 else ""
    clauses = []
    before: Statement | None = None
    for statement in statements:
        if before:
            turns = before.lane == "expectation" or statement.polarity * before.polarity < 0
            up = "but_up" if statement.polarity > 0 and "but_up" in pack.words else "but"
            text += _pick(rng, pack.words[up if turns else "and"])
        if (not text or text.rstrip()[-1] in ".!") and rng.random() < 0.75:
            statement = replace(statement, words=capital(pack, statement.words))
        clauses.append(statement.at(len(text)))
        text += statement.words
        before = statement
    return _type(rng, pack, text + _ending(rng, pack)), clauses


def _type(rng: np.random.Generator, pack: Pack, text: str) -> str:
    """Type a text as carelessly as people do, keeping its length: no capitals, no dots on the Russian ё, shouting."""
    draw = rng.random()
    if pack.language == "ru" and draw < 0.6:
        text = text.replace("ё", "е").replace("Ё", "Е")
    if not pack.chinese and rng.random() < 0.12:
        text = text.lower()
    elif not pack.chinese and rng.random() < 0.02:
        text = text.upper()
    return text


def _salient(rng: np.random.Generator, lived: Mapping[str, float], count: int) -> list[str]:
    """Choose touchpoints to speak of: the further from neutral, the likelier; two that disagree are welcome."""
    points = list(lived)
    strength = np.array([abs(lived[point]) ** 1.5 + 0.03 for point in points])
    chosen: list[int] = []
    for _ in range(min(count, len(points))):
        left = strength.copy()
        left[chosen] = 0.0
        if chosen:
            last = polarity(lived[points[chosen[-1]]])
            left *= [2.0 if polarity(lived[point]) * last < 0 else 1.0 for point in points]
        steps = np.cumsum(left)
        chosen.append(int(np.searchsorted(steps, rng.random() * steps[-1], side="right")))
    return [points[i] for i in chosen]


def _ending(rng: np.random.Generator, pack: Pack) -> str:
    draw = rng.random()
    stop, shout = ("。", "！") if pack.chinese else (".", "!")
    if draw < 0.12:
        closer = _pick(rng, pack.words["closer"])
        return closer if closer[0] in "。，～！" else stop + closer
    return stop if draw < 0.62 else shout if draw < 0.68 else ""


def _fill(rng: np.random.Generator, pack: Pack, template: str, touchpoint: str) -> str:
    text = template
    for slot, words in pack.slots.items():
        if "{" + slot + "}" in text:
            text = text.replace("{" + slot + "}", _pick(rng, words))
    return text.replace("{touchpoint}", touchpoint)


def _pick(rng: np.random.Generator, texts: tuple[str, ...]) -> str:
    return texts[int(rng.integers(len(texts)))]


def _traditional(pack: Pack) -> Pack:
    """Write a pack in Traditional Chinese."""
    from opencc import OpenCC

    convert = OpenCC("s2twp").convert

    def all_of(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(convert(text).replace("賬", "帳") for text in texts)

    return Pack(
        "zh-Hant",
        {point: {key: all_of(texts) for key, texts in by.items()} for point, by in pack.said.items()},
        {slot: all_of(texts) for slot, texts in pack.slots.items()},
        {key: all_of(texts) for key, texts in pack.words.items()},
    )


def _folder(name: str) -> Any:
    return resources.files("cjmlab.study") / "data" / name
