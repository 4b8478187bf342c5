"""Stage models: the stages of a journey, their order, their loops, and how models map on each other.

Every stage lies on one common line, the three phases of Lemon and Verhoef (2016, "Understanding customer
experience throughout the customer journey"): 0 to 1 before the purchase, 1 to 2 the purchase, 2 to 3 after it.
A stage's ``span`` on that line is what makes the crosswalk between any two models total and order-keeping.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.errors import VocabularyError, did_you_mean
from cjmlab.vocabulary.labels import Label

_MODELS = "stage_models"


@dataclass(frozen=True)
class Stage:
    """One stage of a journey: an id, a label, and its span on the line from 0 (unaware) to 3 (recommends)."""

    id: str
    label: Label
    span: tuple[float, float]
    description: Label | None = None
    aliases: tuple[str, ...] = ()

    @property
    def middle(self) -> float:
        """The middle of the span."""
        return (self.span[0] + self.span[1]) / 2

    def matches(self, word: str) -> bool:
        """Tell whether a word names this stage: id, alias, or label in any language."""
        folded = word.strip().casefold()
        return folded == self.id.casefold() or folded in map(str.casefold, self.aliases) or self.label.matches(word)


@dataclass(frozen=True)
class Loop:
    """A way back or around: from one stage to another, and when it is taken (``good``, ``bad`` or ``any``)."""

    start: str
    end: str
    after: str = "any"
    label: Label | None = None


@dataclass(frozen=True)
class StageModel:
    """The stages of a journey in order, with loops.

    Examples
    --------
    >>> model = stage_model("fiveA")
    >>> [stage.label.text("zh-Hans") for stage in model]
    ['认知', '吸引', '询问', '行动', '倡导']
    >>> model.find("购买", missing=None) is None, model.find("ASK").id
    (True, 'ask')
    """

    id: str
    label: Label
    stages: tuple[Stage, ...]
    loops: tuple[Loop, ...] = ()
    kind: str = "customer"
    source: str = ""
    note: str = field(default="", compare=False)

    def __iter__(self) -> Iterator[Stage]:
        return iter(self.stages)

    def __len__(self) -> int:
        return len(self.stages)

    @property
    def ids(self) -> tuple[str, ...]:
        """The stage ids in order."""
        return tuple(stage.id for stage in self.stages)

    def find(self, word: str, **missing: Any) -> Stage:
        """Return the stage that a word names, by id, alias or label in any language.

        Raises
        ------
        VocabularyError
            When no stage has that name and no ``missing=`` default is given.
        """
        for stage in self.stages:
            if stage.matches(str(word)):
                return stage
        if "missing" in missing:
            return missing["missing"]  # type: ignore[no-any-return]
        raise VocabularyError(f"{word!r} is not a stage of the model {self.id!r}", remedy=did_you_mean(word, self.ids))

    def at(self, position: float) -> Stage:
        """Return the stage whose span holds a position on the line from 0 to 3."""
        for stage in self.stages:
            if stage.span[0] <= position < stage.span[1]:
                return stage
        return min(self.stages, key=lambda stage: abs(stage.middle - position))


def crosswalk(start: StageModel, end: StageModel) -> pd.DataFrame:
    """Map every stage of one model on the stages of another.

    Parameters
    ----------
    start, end : StageModel
        Two customer models. A workflow model (such as ``mtaoo``) has no crosswalk.

    Returns
    -------
    DataFrame
        ``stage``, ``maps_to``, ``share`` (0 to 1, the part of the stage's span that falls in the other),
        ``primary`` (True once a stage: the one that holds the middle of the span).

    Examples
    --------
    >>> table = crosswalk(stage_model("hema7"), stage_model("fiveA"))
    >>> table.loc[table.primary, "maps_to"].tolist()
    ['aware', 'appeal', 'ask', 'act', 'act', 'act', 'advocate']
    """
    for model in (start, end):
        if model.kind != "customer":
            raise VocabularyError(f"the model {model.id!r} describes a {model.kind}, not a customer's stages")
    rows = []
    for stage in start:
        primary = end.at(stage.middle)
        length = stage.span[1] - stage.span[0]
        for other in end:
            overlap = max(0.0, min(stage.span[1], other.span[1]) - max(stage.span[0], other.span[0]))
            if other is primary or overlap / length >= 0.2:
                rows.append((stage.id, other.id, round(overlap / length, 3), other is primary))
    return pd.DataFrame(rows, columns=["stage", "maps_to", "share", "primary"])


def list_stage_models() -> list[str]:
    """Return the ids of the stage models that ship with cjmlab.

    Examples
    --------
    >>> "hema7" in list_stage_models()
    True
    """
    folder = resources.files("cjmlab.vocabulary") / "data" / _MODELS
    return sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))


def stage_model(source: str | Path | Sequence[Any] | Mapping[str, Any] | StageModel) -> StageModel:
    """Load a stage model: a shipped one by id, any TOML file by path, or the names of its stages in order.

    Parameters
    ----------
    source : str, Path, sequence, mapping or StageModel
        ``"hema7"``, ``"my_stages.toml"``, the parsed content of such a file, or ``["Discover", "Buy", "Use"]``. The
        shortest file is ``stages = ["Discover", "Buy", "Use"]``.

    Raises
    ------
    VocabularyError
        When the id is unknown, or the file has no stages, repeats one, or a loop names a stage that is not there.

    Examples
    --------
    >>> stage_model(["Discover", "Buy", "Use"]).ids
    ('discover', 'buy', 'use')
    """
    if isinstance(source, StageModel):
        return source
    if isinstance(source, Mapping):
        return _parse(source, name=str(source.get("id", "own")))
    if not isinstance(source, str | Path):
        return _parse({"stages": list(source)}, name="own")
    path = Path(source)
    if path.suffix == ".toml":
        if not path.is_file():
            raise VocabularyError("there is no such stage model file", where=str(path))
        try:
            return _parse(tomllib.loads(path.read_text("utf-8-sig")), name=path.stem)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise VocabularyError(f"cannot be read as TOML: {error}", where=str(path)) from error
    known = list_stage_models()
    if str(source) not in known:
        raise VocabularyError(f"{str(source)!r} is not a stage model", remedy=did_you_mean(source, known))
    text = (resources.files("cjmlab.vocabulary") / "data" / _MODELS / f"{source}.toml").read_text("utf-8")
    return _parse(tomllib.loads(text), name=str(source))


def slug(text: str) -> str:
    """Return a lower-case id for a name: letters and digits of any script, underscores between.

    Examples
    --------
    >>> slug("First set-up!"), slug("Сделка"), slug("购买")
    ('first_set_up', 'сделка', '购买')
    """
    return "_".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def _parse(raw: Mapping[str, Any], *, name: str) -> StageModel:
    where = f"stage model {name!r}"
    entries = [{"label": entry} if isinstance(entry, str) else dict(entry) for entry in raw.get("stages", [])]
    if not entries:
        raise VocabularyError("there are no stages", where=where, remedy='Write stages = ["Discover", "Buy", "Use"].')
    width = 3 / len(entries)
    stages = []
    for i, entry in enumerate(entries):
        label = Label.of(entry.get("label", entry.get("id")))
        span = entry.get("span", (round(i * width, 4), round((i + 1) * width, 4)))
        if len(span) != 2 or not float(span[0]) < float(span[1]):
            raise VocabularyError(f"stage {str(label)!r} has no rising span: {list(span)}", where=where)
        description = Label.of(entry["description"]) if entry.get("description") else None
        stages.append(
            Stage(
                id=str(entry.get("id") or slug(str(label))),
                label=label,
                span=(float(span[0]), float(span[1])),
                description=description,
                aliases=tuple(map(str, entry.get("aliases", ()))),
            )
        )
    ids = [stage.id for stage in stages]
    if twice := [i for i in dict.fromkeys(ids) if ids.count(i) > 1]:
        raise VocabularyError(f"{len(twice)} stage ids occur twice", where=where, example=twice[0])
    middles = [stage.middle for stage in stages]
    if middles != sorted(middles):
        raise VocabularyError("the spans do not rise with the order of the stages", where=where)
    loops = []
    for entry in raw.get("loops", ()):
        loop = Loop(entry["from"], entry["to"], entry.get("after", "any"), _label_or_none(entry.get("label")))
        for end in (loop.start, loop.end):
            if end not in ids:
                raise VocabularyError(f"a loop names {end!r}", where=where, remedy=did_you_mean(end, ids))
        loops.append(loop)
    return StageModel(
        id=str(raw.get("id", name)),
        label=Label.of(raw.get("label", raw.get("id", name))),
        stages=tuple(stages),
        loops=tuple(loops),
        kind=str(raw.get("kind", "customer")),
        source=str(raw.get("source", "")),
        note=str(raw.get("note", "")),
    )


def _label_or_none(value: object) -> Label | None:
    return None if value is None else Label.of(value)
