"""Touchpoints: where customers meet the company, and who answers for it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from cjmlab.errors import VocabularyError, did_you_mean
from cjmlab.vocabulary.labels import Label
from cjmlab.vocabulary.stages import StageModel, slug

DIMENSIONS = ("product", "environment", "emotion")
SCREENS = ("app", "web", "mini_program", "chat", "social")
PARTIES = ("brand", "partner", "customer", "social")


@dataclass(frozen=True)
class Touchpoint:
    """One touchpoint of a journey.

    Parameters
    ----------
    id : str
        The name in tables, such as ``"checkout"``.
    label : Label
        The name people read.
    stage : str
        The id of the stage it belongs to in the study's stage model.
    channel : str, optional
        ``app``, ``web``, ``store``, ``phone``, ``chat``, ``mini_program``, ``courier``, ``mail`` …
    owner : str, optional
        The function in the company that answers for it.
    party : str
        Who owns it in the sense of Lemon and Verhoef (2016): brand, partner, customer or social.
    digital : bool
        Whether it is met through a screen.
    tool : str, optional
        The digital tool behind it (quality gate, smart guide, price rule …).
    dimension : str, optional
        What it is mostly about: product, environment or emotion.
    at : float, optional
        Its place on the line from 0 to 3 (see ``stages``), used when no stage is given.
    """

    id: str
    label: Label
    stage: str = ""
    channel: str = ""
    owner: str = ""
    party: str = "brand"
    digital: bool = False
    tool: str = ""
    dimension: str = ""
    at: float | None = None

    def matches(self, word: str) -> bool:
        """Tell whether a word names this touchpoint: its id or its label in any language."""
        return word.strip().casefold() == self.id.casefold() or self.label.matches(word)


def list_touchpoints() -> list[str]:
    """Return the ids of the touchpoints that ship with cjmlab.

    Examples
    --------
    >>> "checkout" in list_touchpoints()
    True
    """
    return [str(entry["id"]) for entry in _catalogue()]


def touchpoints(entries: Iterable[Mapping[str, Any] | str] | None, model: StageModel) -> tuple[Touchpoint, ...]:
    """Build the touchpoints of a study, each placed on a stage of its model.

    Parameters
    ----------
    entries : iterable of str or mapping, optional
        Ids of shipped touchpoints, own entries (``{id=…, label=…, stage=…}``), or both. An own entry whose id
        is a shipped one inherits what it does not say. All shipped ones when None.
    model : StageModel
        The stage model of the study.

    Returns
    -------
    tuple of Touchpoint
        In the order of the stages; inside a stage in the order given.

    Raises
    ------
    VocabularyError
        For an unknown id, an id given twice, or a stage that the model does not have.

    Examples
    --------
    >>> from cjmlab.vocabulary.stages import stage_model
    >>> [(t.id, t.stage) for t in touchpoints(["checkout", "social_ad"], stage_model("fiveA"))]
    [('social_ad', 'aware'), ('checkout', 'act')]
    """
    shipped = {str(entry["id"]): entry for entry in _catalogue()}
    found: dict[str, Touchpoint] = {}
    for given in shipped.values() if entries is None else entries:
        entry: dict[str, Any] = {"id": given} if isinstance(given, str) else dict(given)
        identity = str(entry.get("id") or slug(str(Label.of(entry.get("label")))))
        if isinstance(given, str) and given not in shipped:
            raise VocabularyError(f"{given!r} is not a touchpoint", remedy=did_you_mean(given, shipped))
        if identity in found:
            raise VocabularyError(f"the touchpoint {identity!r} is listed twice", remedy="Keep one of the two entries.")
        found[identity] = _build(identity, {**shipped.get(identity, {}), **entry}, model)
    order = {stage: i for i, stage in enumerate(model.ids)}
    return tuple(sorted(found.values(), key=lambda touchpoint: order[touchpoint.stage]))


def _build(identity: str, entry: Mapping[str, Any], model: StageModel) -> Touchpoint:
    at = entry.get("at")
    if entry.get("stage"):
        stage = model.find(str(entry["stage"]))
    elif at is not None:
        stage = model.at(float(at))
    else:
        raise VocabularyError(
            f"the touchpoint {identity!r} has no stage", remedy=f'Add stage = "{model.ids[0]}" (or another one) to it.'
        )
    built = Touchpoint(id=identity, label=Label.of(entry.get("label", identity.replace("_", " "))), stage=stage.id)
    words = {key: str(entry[key]) for key in ("channel", "owner", "party", "tool", "dimension") if entry.get(key)}
    for key, known in (("party", PARTIES), ("dimension", DIMENSIONS)):
        if key in words and words[key] not in known:
            raise VocabularyError(
                f"touchpoint {identity!r}: {words[key]!r} is not a {key}", remedy=did_you_mean(words[key], known)
            )
    return replace(
        built,
        **words,  # type: ignore[arg-type]
        digital=bool(entry.get("digital", entry.get("channel") in SCREENS)),
        at=None if at is None else float(at),
    )


def _catalogue() -> list[dict[str, Any]]:
    text = (resources.files("cjmlab.vocabulary") / "data" / "touchpoints.toml").read_text("utf-8")
    return list(tomllib.loads(text)["touchpoints"])
