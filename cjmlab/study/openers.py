"""From an entry of ``study.toml`` to the reader that it asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.errors import CjmError, StudyError, did_you_mean
from cjmlab.sources.customers import read_customers
from cjmlab.sources.events import EventColumns, read_events, unmapped_events
from cjmlab.sources.files import read_table
from cjmlab.sources.interviews import read_interviews
from cjmlab.sources.outcomes import read_outcomes
from cjmlab.sources.people import people_of
from cjmlab.sources.privacy import mask_text
from cjmlab.sources.report import Finding, Problems, Reading
from cjmlab.sources.scales import Scale
from cjmlab.sources.survey import Question, SurveyColumns, read_survey
from cjmlab.sources.times import Clock
from cjmlab.study.charter import ColumnRoles
from cjmlab.study.roles import column_roles, named_columns
from cjmlab.study.settings import Settings, inside
from cjmlab.tables import ASKS, SOURCE_TYPES
from cjmlab.vocabulary import DIMENSIONS, Label, language_code


def name_of(entry: Mapping[str, Any]) -> str:
    """Return the name of a source: the one given, else its file's stem."""
    return str(entry.get("name") or Path(str(entry.get("file") or entry.get("folder") or "source")).stem)


def open_customers(settings: Settings, entry: Mapping[str, Any]) -> tuple[Reading, ColumnRoles]:
    """Read the customer table, and say what its columns are for."""
    roles = column_roles(entry, settings.language)
    needed = named_columns(roles)
    reading = read_customers(
        _file(settings, entry, "study.toml, [customers]"),
        customer_id=str(entry.get("customer_id", "customer_id")),
        numeric=roles.numeric,
        text=roles.nominal,
        needed=needed,
        rename=settings.rename,
        options=_options(entry),
    )
    kept = {*needed, *roles.numeric, *roles.nominal, *settings.privacy.keep}
    dropped = [c for c in reading.identifiers if c not in kept and c in reading.table.columns and c != "customer_id"]
    if dropped:
        text = f"columns that point at a person, left out: {', '.join(dropped)}"
        remedy = "Name them in [privacy] keep to have them."
        note = Finding(reading.report.source, reading.report.source, text, len(dropped), dropped[0], remedy, "note")
        reading = reading.replace(table=reading.table.drop(columns=dropped), report=reading.report.with_more([note]))
    return reading, roles


def open_survey(settings: Settings, entry: Mapping[str, Any], problems: Problems) -> Reading:
    """Read a survey, a file of reviews or of tickets."""
    where = f"study.toml, [[survey]] {name_of(entry)!r}"
    kind = str(entry.get("source_type", "survey"))
    if kind not in SOURCE_TYPES:
        raise StudyError(f"{kind!r} is not a kind of source", where=where, remedy=did_you_mean(kind, SOURCE_TYPES))
    questions = []
    for given in entry.get("questions", ()):
        with problems.caught():
            questions.append(_question(settings, given, f"{where}, question {given.get('column')!r}"))
    meanings = _meanings(settings, entry, where, problems)
    path = _file(settings, entry, where)
    if not questions and entry.get("questions"):
        return Reading(pd.DataFrame(), read_table(path, **_options(entry)).report)
    reading = read_survey(
        path,
        questions,
        name=name_of(entry),
        columns=SurveyColumns(
            customer_id=entry.get("customer_id"),
            time=entry.get("time"),
            wave=entry.get("wave_column"),
            language=entry.get("language_column"),
            touchpoint=entry.get("touchpoint_column"),
            stage=entry.get("stage_column"),
            channel=entry.get("channel_column"),
        ),
        source_type=kind,
        wave=entry.get("wave"),
        language=_language(settings, entry, where),
        stage_model=settings.stage_model,
        touchpoints=settings.touchpoints,
        meanings=meanings,
        clock=_clock(settings, entry, where),
        rename=settings.rename,
        options=_options(entry),
    )
    reading = reading.replace(report=reading.report.with_more(_placeless(questions, entry)))
    return _masked(settings, reading)


def _placeless(questions: Sequence[Question], entry: Mapping[str, Any]) -> list[Finding]:
    """Return a finding for each rating that no point of the map can show."""
    if entry.get("touchpoint_column"):
        return []
    lost = [q for q in questions if q.scale and not q.rating and q.asks in {"experience", "expectation"}]
    name, remedy = name_of(entry), "Name its touchpoint; make one in [[touchpoints]] where none fits."
    return [
        Finding(name, f"{name}, column {q.column!r}", "the rating names no touchpoint: it is on no map", 1, "", remedy)
        for q in lost
        if not q.touchpoint
    ]


def _meanings(settings: Settings, entry: Mapping[str, Any], where: str, problems: Problems) -> dict[str, str]:
    meanings: dict[str, str] = {}
    for word, point in entry.get("map", {}).items():
        with problems.caught():
            meanings[str(word)] = _touchpoint(settings, point, f"{where}, map, {word!r}")
    return meanings


def _question(settings: Settings, given: Mapping[str, Any], where: str) -> Question:
    outcome, scale = given.get("outcome"), given.get("scale")
    rating = given.get("rating_column")
    usual = "outcome" if outcome else "experience" if scale is not None and not rating else "open"
    asks = str(given.get("asks") or usual)
    if asks not in ASKS:
        raise StudyError(f"{asks!r} is not what a question asks for", where=where, remedy=did_you_mean(asks, ASKS))
    if scale is None and (asks == "outcome" or rating):
        what = "an outcome" if asks == "outcome" else "a rating"
        remedy = 'Add scale = "worst-best", such as "0-10".'
        raise StudyError(f"{what} needs a scale with its direction", where=where, remedy=remedy)
    dimension = given.get("dimension")
    if dimension is not None and dimension not in DIMENSIONS:
        raise StudyError(f"{dimension!r} is no dimension", where=where, remedy=did_you_mean(dimension, DIMENSIONS))
    wording = Label.of(given["question"], language=settings.language) if given.get("question") else None
    return Question(
        column=str(given.get("column", "")),
        asks=asks,
        scale=_scale(scale, where) if scale is not None else None,
        touchpoint=_touchpoint(settings, given["touchpoint"], where) if given.get("touchpoint") else None,
        stage=_stage(settings, given["stage"], where) if given.get("stage") else None,
        outcome=str(outcome) if outcome else None,
        wording=wording.text(settings.language) if wording else None,
        dimension=dimension,
        rating=rating,
        separator=given.get("separator"),
    )


def _scale(declared: object, where: str) -> Scale:
    try:
        return Scale.of(declared)
    except CjmError as error:
        raise StudyError(error.what, where=where, remedy=error.remedy) from error
    except (TypeError, ValueError) as error:
        remedy = 'Write {"not satisfied" = 1, "satisfied" = 2}.'
        raise StudyError(f"the words of the scale need numbers: {declared!r}", where=where, remedy=remedy) from error


def _touchpoint(settings: Settings, word: object, where: str) -> str:
    for point in settings.touchpoints:
        if point.matches(str(word)):
            return point.id
    known = [point.id for point in settings.touchpoints]
    raise StudyError(f"{word!r} is not a touchpoint of the study", where=where, remedy=did_you_mean(word, known))


def _stage(settings: Settings, word: object, where: str) -> str:
    try:
        return settings.stage_model.find(str(word)).id
    except CjmError as error:
        remedy = did_you_mean(word, settings.stage_model.ids)
        raise StudyError(f"{word!r} is not a stage of the study", where=where, remedy=remedy) from error


def _language(settings: Settings, entry: Mapping[str, Any], where: str) -> str | None:
    if entry.get("language"):
        try:
            return language_code(entry["language"])
        except CjmError as error:
            raise StudyError(error.what, where=where, remedy=error.remedy) from error
    return settings.language if len(settings.charter.languages) == 1 else None


def _clock(settings: Settings, entry: Mapping[str, Any], where: str) -> Clock:
    try:
        return Clock(
            entry.get("time_zone") or settings.clock.zone,
            entry.get("date_order") or settings.clock.order,
        )
    except CjmError as error:
        raise StudyError(error.what, where=where, remedy=error.remedy) from error


def _options(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in ("encoding", "delimiter", "sheet", "layout") if entry.get(key)}


def _masked(settings: Settings, reading: Reading) -> Reading:
    if not settings.privacy.mask:
        return reading
    table, people = reading.table.copy(), people_of(reading.people)
    for column in ("text", "answer"):
        table[column] = table[column].map(lambda text: mask_text(text, people=people), na_action="ignore")
    return reading.replace(table=table)


def _file(settings: Settings, entry: Mapping[str, Any], where: str, key: str = "file") -> Path:
    if not entry.get(key):
        raise StudyError(f"no {key} is named", where=where, remedy=f'Add {key} = "…".')
    path = inside(settings.folder, str(entry[key]))
    if not path.exists():
        present = sorted(str(p.relative_to(settings.folder)) for p in settings.folder.rglob("*") if p.is_file())
        remedy = did_you_mean(str(entry[key]), [name for name in present if name != "study.toml"])
        raise StudyError(f"there is no file {str(entry[key])!r} in the study's folder", where=where, remedy=remedy)
    return path


def open_interviews(settings: Settings, entry: Mapping[str, Any], problems: Problems) -> Reading:
    """Read a transcript or a folder of them."""
    where = f"study.toml, [[interviews]] {name_of(entry)!r}"
    rule: Any = entry.get("customer_id", "filename")
    if isinstance(rule, str) and rule.lower().endswith((".csv", ".xlsx", ".tsv")):
        rule = _customer_map(_file(settings, {"file": rule}, where))
    elif isinstance(rule, str) and rule not in {"filename", "speaker"}:
        try:
            re.compile(rule)
        except re.error as error:
            remedy = 'Write "filename", "speaker", a pattern, or the name of a CSV file.'
            raise StudyError(f"customer_id = {rule!r} is not a pattern: {error}", where=where, remedy=remedy) from error
    elif not isinstance(rule, str | Mapping):
        raise StudyError("customer_id is of the wrong kind", where=where, remedy='Write customer_id = "filename".')
    reading = read_interviews(
        _file(settings, entry, where, "folder" if entry.get("folder") else "file"),
        name=name_of(entry),
        customer_id=rule,
        interviewers=[str(name) for name in entry.get("interviewer", ())],
        wave=entry.get("wave"),
        language=_language(settings, entry, where),
        rename=settings.rename,
    )
    return _masked(settings, reading)


def _customer_map(path: Path) -> dict[str, str]:
    table = read_table(path).table
    if table.shape[1] < 2:
        raise StudyError("two columns are needed, file and customer", where=path.name)
    return {str(a): str(b) for a, b in zip(table.iloc[:, 0], table.iloc[:, 1], strict=True) if not pd.isna(b)}


def open_events(settings: Settings, entry: Mapping[str, Any], problems: Problems) -> Reading:
    """Read an event log."""
    where = f"study.toml, [[events]] {name_of(entry)!r}"
    meanings = _meanings(settings, entry, where, problems)
    columns: dict[str, Any] = {key: entry[key] for key in EventColumns.__dataclass_fields__ if key in entry}
    columns["wave"] = entry.get("wave_column")
    reading = read_events(
        _file(settings, entry, where),
        columns=EventColumns(**columns),
        meanings=meanings,
        name=name_of(entry),
        wave=entry.get("wave"),
        stage_model=settings.stage_model,
        touchpoints=settings.touchpoints,
        clock=_clock(settings, entry, where),
        rename=settings.rename,
        options=_options(entry),
    )
    more = unmapped_events(reading.table, name_of(entry))
    return reading.replace(report=reading.report.with_more(more))


def open_outcomes(settings: Settings, entry: Mapping[str, Any], problems: Problems) -> Reading:
    """Read a file of outcomes."""
    where = f"study.toml, [[outcomes]] {name_of(entry)!r}"
    scales: dict[str, Scale] = {}
    for column, declared in entry.get("columns", {}).items():
        with problems.caught():
            scales[str(column)] = _scale(declared, f"{where}, column {column!r}")
    path = _file(settings, entry, where)
    if not scales and entry.get("columns"):
        return Reading(pd.DataFrame(), read_table(path, **_options(entry)).report)
    return read_outcomes(
        path,
        scales,
        customer_id=str(entry.get("customer_id", "customer_id")),
        name=name_of(entry),
        wave=entry.get("wave"),
        wave_column=entry.get("wave_column"),
        rename=settings.rename,
        options=_options(entry),
    )
