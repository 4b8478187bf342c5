"""The codebook: what people talk about, in words that a coder, human or machine, can apply."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from cjmlab.errors import VocabularyError, did_you_mean
from cjmlab.vocabulary.kinship import find_receivers, lend_words, namesake
from cjmlab.vocabulary.labels import Label, language_code
from cjmlab.vocabulary.stages import StageModel, stage_model
from cjmlab.vocabulary.touchpoints import Touchpoint, touchpoints

LANES = ("behaviour", "motivation", "expectation", "feeling", "pain", "delight", "idea", "trigger")


@dataclass(frozen=True)
class Code:
    """One code: a touchpoint or a cue, with its definition and its words per language.

    ``kind`` is ``"touchpoint"`` (``id`` is the touchpoint's id) or ``"cue"`` (``id`` names a kind of statement, such
    as ``expectation`` or ``blocked_intent``; ``lane`` says in which lane of the map it belongs).
    A keyword is found in every form of its stem (a Chinese one anywhere); ``*`` behind a word lets it go on, ``…`` stands
    for some words, ``~`` in front makes a keyword weak, ``!`` says what is not meant, and ``re:`` is a regular expression.
    ``own`` are those of the keywords that the study itself gave.
    """

    id: str
    kind: str
    label: Label
    lane: str = ""
    definition: Label | None = None
    include: str = ""
    exclude: str = ""
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Codebook:
    """The codes of a study with the touchpoints and the stage model that they speak of.

    ``stands_for`` says which touchpoint of the study has the words of a shipped one: that one itself, or an own one named
    after it; ``nearest`` which one a shipped touchpoint that the study has not is nearest to.
    """

    codes: tuple[Code, ...]
    touchpoints: tuple[Touchpoint, ...]
    stage_model: StageModel
    stands_for: Mapping[str, str] = field(default_factory=dict)
    nearest: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def of_kind(self, kind: str) -> tuple[Code, ...]:
        """Return the codes of a kind: ``"touchpoint"`` or ``"cue"``."""
        return tuple(code for code in self.codes if code.kind == kind)

    def stage_of(self, touchpoint: str) -> str:
        """Return the stage id of a touchpoint.

        Raises
        ------
        VocabularyError
            When the codebook has no such touchpoint.
        """
        for candidate in self.touchpoints:
            if candidate.matches(touchpoint):
                return candidate.stage
        known = [candidate.id for candidate in self.touchpoints]
        raise VocabularyError(f"{touchpoint!r} is not a touchpoint", remedy=did_you_mean(touchpoint, known))


def codebook(
    points: Iterable[Touchpoint], model: StageModel, own: Iterable[Mapping[str, Any]] | None = None
) -> Codebook:
    """Build the codebook of a study: the shipped codes of its touchpoints, the shipped cues, and its own codes.

    Parameters
    ----------
    points : iterable of Touchpoint
        The study's touchpoints.
    model : StageModel
        The study's stage model.
    own : iterable of mapping, optional
        Codes of the study, as in the files of ``data/codebook``. An own code whose id is a shipped one adds its words to
        it; ``like = "product_quality"`` starts an own code from the words of a shipped one. Without it, an own
        touchpoint whose name is made of the words of a shipped one ("Courier") has these words.

    The words of shipped touchpoints that the study has not are lent, as weak ones, to the nearest that it has
    (``near`` in the files): in a study without order tracking, where the order is belongs to delivery.

    Raises
    ------
    VocabularyError
        When an own code speaks of a touchpoint or a lane that is not there.

    Examples
    --------
    >>> from cjmlab.vocabulary import stage_model, touchpoints
    >>> model = stage_model("fiveA")
    >>> book = codebook(touchpoints(["checkout"], model), model)
    >>> book.of_kind("touchpoint")[0].id, book.stage_of("checkout")
    ('checkout', 'act')
    """
    listed = tuple(points)
    ids = [point.id for point in listed]
    given = [dict(code) for code in own or ()]
    shipped = {str(entry["id"]): entry for entry in _shipped()}
    entries = {name: dict(entry) for name, entry in shipped.items() if entry.get("kind") == "cue" or name in ids}
    modelled = {str(code.get("id", "")) for code in given if code.get("like")}
    named_after = {point.id: namesake(point, ids, shipped) for point in listed if point.id not in {*shipped, *modelled}}
    for identity, name in named_after.items():
        entries[identity] = {"id": identity, "kind": "touchpoint", **_model_of({"like": name})}
    for code in given:
        identity = str(code.get("id", ""))
        if code.get("kind", "touchpoint") == "touchpoint" and identity not in ids:
            raise VocabularyError(f"a code speaks of the touchpoint {identity!r}", remedy=did_you_mean(identity, ids))
        entries[identity] = _merge(_merge(entries.get(identity, {}), _model_of(code)), code)
        entries[identity]["own"] = _joined(entries[identity].get("own", {}), code.get("keywords", {}))
    labels = {point.id: point.label for point in listed}
    for point in listed:
        entries.setdefault(point.id, {"id": point.id, "kind": "touchpoint"})
    like = {str(code["id"]): str(code["like"]) for code in given if code.get("like") and code["like"] not in ids}
    held = {**named_after, **like}
    receivers = find_receivers(shipped, ids, held)
    for receiver, words in lend_words(shipped, ids, held, receivers).items():
        entries[receiver] = _merge(entries[receiver], {"keywords": words})
    codes = [_build({"label": labels.get(identity, identity), **entry}, labels) for identity, entry in entries.items()]
    same = {name: receiver for name, receiver in receivers.items() if name in ids or name in held.values()}
    near = {name: receiver for name, receiver in receivers.items() if name not in same}
    return Codebook(tuple(codes), listed, model, same, near)


def shipped_codebook(model: str = "lv3") -> Codebook:
    """Return the codebook of all shipped touchpoints, placed on a shipped stage model.

    Examples
    --------
    >>> shipped_codebook("hema7").stage_of("delivery")
    'deliver'
    """
    stages = stage_model(model)
    return codebook(touchpoints(None, stages), stages)


def _model_of(given: Mapping[str, Any]) -> dict[str, Any]:
    name = given.get("like")
    if not name:
        return {}
    shipped = {str(entry["id"]): entry for entry in _shipped()}
    if name not in shipped:
        raise VocabularyError(
            f"the code {given.get('id')!r} is to be like {name!r}, which is no shipped code",
            remedy=did_you_mean(name, shipped),
        )
    kept = ("definition", "include", "exclude", "keywords", "examples")
    return {key: value for key, value in shipped[name].items() if key in kept}


def _build(entry: Mapping[str, Any], labels: Mapping[str, Label]) -> Code:
    identity, lane = str(entry["id"]), str(entry.get("lane", ""))
    if lane and lane not in LANES:
        raise VocabularyError(f"code {identity!r}: {lane!r} is not a lane", remedy=did_you_mean(lane, LANES))
    kind = str(entry.get("kind", "touchpoint"))
    label = labels[identity] if kind == "touchpoint" and identity in labels else Label.of(entry["label"])
    return Code(
        id=identity,
        kind=kind,
        label=label,
        lane=lane,
        definition=Label.of(entry["definition"]) if entry.get("definition") else None,
        include=str(entry.get("include", "")),
        exclude=str(entry.get("exclude", "")),
        keywords=_words(entry.get("keywords", {})),
        examples=_words(entry.get("examples", {})),
        own=_words(entry.get("own", {})),
    )


def _words(raw: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {language_code(code): tuple(dict.fromkeys(map(str, words))) for code, words in raw.items()}


def _merge(shipped: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**shipped, **own}
    for key in ("keywords", "examples"):
        merged[key] = _joined(shipped.get(key, {}), own.get(key, {}))
    return merged


def _joined(first: Mapping[str, Iterable[str]], second: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    return {code: [*first.get(code, ()), *second.get(code, ())] for code in {**first, **second}}


@cache
def _shipped() -> tuple[dict[str, Any], ...]:
    folder = resources.files("cjmlab.vocabulary") / "data" / "codebook"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return tuple(code for entry in files for code in tomllib.loads(entry.read_text("utf-8"))["codes"])
