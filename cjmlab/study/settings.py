"""The settings of a study: ``study.toml`` read, every key known, every word of the vocabulary found."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from cjmlab.errors import CjmError, StudyError, did_you_mean
from cjmlab.sources.privacy import Pseudonyms
from cjmlab.sources.report import Problems
from cjmlab.sources.times import Clock
from cjmlab.study.charter import MAP_KINDS, Charter
from cjmlab.study.keys import check_keys
from cjmlab.vocabulary import Codebook, Label, StageModel, Touchpoint, codebook, language_code, stage_model, touchpoints


@dataclass(frozen=True)
class Privacy:
    """What happens to identifiers on loading.

    ``rename`` gives each customer id its pseudonym, ``mask`` masks identifiers in texts, ``keep`` lists the columns
    that stay though they point at a person.
    """

    rename: Callable[[str], str] | None = None
    mask: bool = False
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Settings:
    """What ``study.toml`` says: the charter, the vocabulary, and the sources with their columns."""

    folder: Path
    charter: Charter
    stage_model: StageModel
    touchpoints: tuple[Touchpoint, ...]
    codebook: Codebook
    customers: Mapping[str, Any] | None
    survey: tuple[Mapping[str, Any], ...]
    interviews: tuple[Mapping[str, Any], ...]
    events: tuple[Mapping[str, Any], ...]
    outcomes: tuple[Mapping[str, Any], ...]
    privacy: Privacy
    human_codes: Mapping[str, Any] | None = None

    clock: Clock = field(default_factory=Clock)
    id_digits: int = 0
    faulty: frozenset[str] = frozenset()

    @property
    def rename(self) -> Callable[[str], str] | None:
        """What happens to each customer id: zeros in front that a spreadsheet took away, then its pseudonym."""
        pseudonym = self.privacy.rename
        if not self.id_digits:
            return pseudonym

        def filled(identity: str) -> str:
            whole = identity.zfill(self.id_digits) if identity.isdecimal() else identity
            return pseudonym(whole) if pseudonym else whole

        return filled

    @property
    def language(self) -> str:
        """The language of names in tables."""
        return self.charter.languages[0]


def read_settings(folder: str | Path, problems: Problems) -> Settings | None:
    """Read ``study.toml``; what is wrong in it goes to ``problems``.

    Returns None when the vocabulary cannot be built, so that nothing else can be checked.

    Raises
    ------
    StudyError
        When there is no such folder or ``study.toml``, or it is not TOML.
    """
    place, raw = read_toml(folder)
    faulty = check_keys(raw, problems)
    if faulty & {"study", "owners", "touchpoints", "codes", "privacy"}:
        return None
    name = place.resolve().name or "study"
    charter, clock, privacy, id_digits = Charter(Label.of(name)), Clock(), Privacy(), 0
    with _named(problems, "study.toml, [study]"):
        charter = _charter(raw, name)
    with _named(problems, "study.toml, [study]"):
        study = raw.get("study", {})
        clock = Clock(study.get("time_zone"), study.get("date_order"))
        id_digits = _id_digits(study.get("id_digits", 0))
    with _named(problems, "study.toml, [privacy]"):
        privacy = read_privacy(raw.get("privacy", {}), place)
    words = _vocabulary(raw, place, problems)
    if words is None:
        return None
    raw = {key: value for key, value in raw.items() if key not in faulty}
    customers, human_codes = raw.get("customers"), raw.get("human_codes")
    return Settings(
        place,
        charter,
        *words,
        customers if isinstance(customers, Mapping) else None,
        _tables(raw, "survey"),
        _tables(raw, "interviews"),
        _tables(raw, "events"),
        _tables(raw, "outcomes"),
        privacy,
        human_codes if isinstance(human_codes, Mapping) else None,
        clock,
        id_digits,
        faulty,
    )


def _vocabulary(
    raw: Mapping[str, Any], place: Path, problems: Problems
) -> tuple[StageModel, tuple[Touchpoint, ...], Codebook] | None:
    """Return the stage model, the touchpoints and the codebook, or None when one of them cannot be built."""
    with _named(problems, "study.toml, stage_model"):
        model = _model(raw, place)
        with _named(problems, "study.toml, touchpoints"):
            points = _points(raw, model)
            with _named(problems, "study.toml, [[codes]]"):
                return model, points, codebook(points, model, _tables(raw, "codes"))
    return None


def study_template() -> str:
    """Return the annotated ``study.toml`` that ships with cjmlab: every key, what it means, what it may be.

    Examples
    --------
    >>> "[[survey.questions]]" in study_template()
    True
    """
    return (resources.files("cjmlab.study") / "data" / "study.toml").read_text("utf-8")


def read_toml(folder: str | Path) -> tuple[Path, dict[str, Any]]:
    """Return the folder of a study and the content of its ``study.toml``.

    Raises
    ------
    StudyError
        When there is no such folder or file, or it is not TOML.
    """
    place = Path(folder)
    if place.name == "study.toml":
        place = place.parent
    if not place.is_dir():
        raise StudyError("there is no such folder", where=str(place), remedy="Give the folder that holds study.toml.")
    file = place / "study.toml"
    if not file.is_file():
        remedy = "Make a new study with `cjmlab new`, or write study.toml."
        raise StudyError("there is no study.toml in the folder", where=str(place), remedy=remedy)
    try:
        return place, tomllib.loads(file.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise StudyError("the file is not UTF-8 text", where=str(file), remedy="Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"not valid TOML: {error}", where=str(file), remedy="Correct that line.") from error


class _named:  # noqa: N801
    """Note a refusal with the place in study.toml that it comes from."""

    def __init__(self, problems: Problems, where: str) -> None:
        self.problems, self.where = problems, where

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, CjmError):
            return False
        where = f"{self.where}, {error.where}" if error.where else self.where
        self.problems.errors.append(StudyError(error.what, where=where, example=error.example, remedy=error.remedy))
        return True


def _charter(raw: Mapping[str, Any], name: str) -> Charter:
    study = raw.get("study", {})
    languages = tuple(dict.fromkeys(language_code(code) for code in _list(study.get("languages", ["en"]))))
    kind = str(study.get("map_kind", "current"))
    if kind not in MAP_KINDS:
        raise StudyError(f"{kind!r} is not a kind of map", remedy=did_you_mean(kind, MAP_KINDS))
    first = languages[0] if languages else "en"
    return Charter(
        title=Label.of(study.get("title", name), language=first),
        goal=Label.of(study["goal"], language=first) if study.get("goal") else None,
        segment_scope=_words(study.get("segment_scope", ""), first),
        scenario=_words(study.get("scenario", ""), first),
        map_kind=kind,
        kpi=_words(study.get("kpi", ""), first),
        languages=languages or ("en",),
        owners={str(key): str(value) for key, value in raw.get("owners", {}).items()},
    )


def read_privacy(raw: Mapping[str, Any], folder: Path) -> Privacy:
    """Return what happens to identifiers.

    The key of the pseudonyms comes from ``key_file``, which must not lie in the study's folder, or from the
    environment variable ``CJMLAB_KEY``.

    Raises
    ------
    StudyError, SourceError
        When pseudonyms are asked for and there is no key.
    """
    rename: Callable[[str], str] | None = None
    if raw.get("pseudonyms"):
        if raw.get("key_file"):
            file = Path(str(raw["key_file"])).expanduser()
            if file.resolve().is_relative_to(folder.resolve()):
                remedy = "Move it elsewhere: who gets the folder must not get the key."
                raise StudyError("the key file lies in the study's folder", remedy=remedy)
            rename = Pseudonyms.from_file(file)
        elif os.environ.get("CJMLAB_KEY"):
            rename = Pseudonyms(os.environ["CJMLAB_KEY"].encode("utf-8"))
        else:
            remedy = 'Add key_file = "…" with a file outside of the folder, or set CJMLAB_KEY.'
            raise StudyError("pseudonyms need a key", remedy=remedy)
    return Privacy(rename, bool(raw.get("mask", False)), tuple(map(str, raw.get("keep", ()))))


def _id_digits(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value <= 64:
        remedy = "Write id_digits = 6 when every id has six digits."
        raise StudyError(f"id_digits = {value!r} is not a number of digits", remedy=remedy)
    return value


def _words(value: object, language: str) -> Label | str:
    return Label.of(value, language=language) if value else ""


def _model(raw: Mapping[str, Any], place: Path) -> StageModel:
    study = raw.get("study", {})
    if "stages" in study:
        own = {key: study[key] for key in ("stages", "loops") if key in study}
        return stage_model({"id": "own", **own})
    named = study.get("stage_model", "lv3")
    if isinstance(named, Mapping):
        return stage_model(named)
    if str(named).endswith(".toml"):
        return stage_model(inside(place, str(named)))
    return stage_model(str(named))


def _points(raw: Mapping[str, Any], model: StageModel) -> tuple[Touchpoint, ...]:
    listed = [str(identity) for identity in _list(raw.get("study", {}).get("touchpoints", []))]
    own = {str(entry.get("id", i)): entry for i, entry in enumerate(_tables(raw, "touchpoints"))}
    entries: list[Mapping[str, Any] | str] = [own.pop(identity, identity) for identity in listed]
    entries.extend(own.values())
    return touchpoints(entries or None, model)


def _tables(raw: Mapping[str, Any], key: str) -> tuple[Mapping[str, Any], ...]:
    value = raw.get(key, [])
    entries = [value] if isinstance(value, Mapping) else value if isinstance(value, list) else []
    return tuple(entry for entry in entries if isinstance(entry, Mapping))


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str | Mapping) else [value]


def inside(folder: Path, name: str) -> Path:
    """Return the path of a file that a study names, which must lie inside the study's folder.

    Raises
    ------
    StudyError
        When the name leads outside.
    """
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise StudyError(
            f"{name!r} lies outside the study's folder", where="study.toml", remedy="Copy the file into the folder."
        )
    return path
