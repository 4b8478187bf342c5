"""A first ``study.toml`` for files that nobody has described yet: every guess with its reason, ready to be corrected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from cjmlab.errors import CjmError, StudyError
from cjmlab.sources.documents import SUFFIXES
from cjmlab.sources.files import read_table
from cjmlab.sources.report import Reading
from cjmlab.study.drafts import (
    Sheet,
    comment,
    draft_customers,
    draft_events,
    draft_outcomes,
    draft_survey,
    draft_touchpoints,
    outcome_of,
    quoted,
)
from cjmlab.study.joins import customer_columns
from cjmlab.study.kinds import column_kinds, find_languages
from cjmlab.study.places import Places
from cjmlab.study.talks import draft_interviews, read_talks
from cjmlab.vocabulary import codebook, list_stage_models, stage_model, touchpoints

_MODEL = "lv3"
_TRAITS = 2


def propose_study(files: Iterable[str | Path], *, title: str | None = None) -> str:
    r"""Write a ``study.toml`` for files, from what stands in them.

    Parameters
    ----------
    files : iterable of str or Path
        Tables, transcripts, or folders of transcripts. The text names them by their last part: put it in the folder
        that holds them.
    title : str, optional
        Name of the study.

    Returns
    -------
    str
        TOML that ``load_study`` reads. Every guess has its reason behind a ``#``. Whether more is better on a scale
        is taken from a wording that names its ends; else the scale says that it waits to be checked. A question that
        names no shipped touchpoint becomes a touchpoint of the study's own.

    Raises
    ------
    StudyError
        When no file is given.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "people.csv"
    >>> _ = path.write_text("client id,city\n1,Perm\n2,Ufa\n", encoding="utf-8")
    >>> 'customer_id = "client id"' in propose_study([path])
    True
    """
    given = [Path(file) for file in files]
    if not given:
        raise StudyError("no files are given", remedy="Name the files that the study is made of.")
    model = stage_model(_MODEL)
    places = Places(codebook(touchpoints(None, model), model))
    words: list[str] = []
    talks = [path for path in given if path.is_dir() or path.suffix.lower() in SUFFIXES]
    heard = {path: read_talks(path) for path in talks}
    words += [document.text[:5000] for read, _ in heard.values() for document in list(read.values())[:1]]
    readings, unread = _read_all([path for path in given if path not in talks])
    sheets = [
        Sheet(name, reading, column_kinds(reading, customer))
        for (name, reading), customer in zip(readings.items(), customer_columns(list(readings.values())), strict=True)
    ]
    texts = [t for sheet in sheets for kind in sheet.of_kind("text") for t in _said(sheet, kind.column)]
    ids = {value for sheet in sheets for kind in sheet.of_kind("id") for value in _values(sheet, kind.column)}
    parts = [draft_interviews(path, *heard[path], ids) for path in talks]
    parts += unread + _sections(sheets, places)
    words += [*texts[:500], *(str(column) for sheet in sheets for column in sheet.kinds)]
    listed, own = draft_touchpoints(places, [*texts, *words[: len(talks)]])
    head = _head(title or "New study", find_languages(words), listed)
    return "\n".join([head, *([own] if own else []), *_apart(parts, [path.stem for path in given])])


def _read_all(paths: Sequence[Path]) -> tuple[dict[str, Reading], list[str]]:
    """Return the files that can be read, by name, and a line for each that cannot."""
    readings, unread = {}, []
    for path in paths:
        try:
            readings[path.name] = read_table(path)
        except CjmError as error:
            unread.append(f"# {path.name} is not in the study yet: {comment(str(error))}\n")
    return readings, unread


def _said(sheet: Sheet, column: str) -> list[str]:
    return [str(text) for text in sheet.reading.table[column].dropna().head(500)]


def _values(sheet: Sheet, column: str) -> list[str]:
    return sheet.reading.table[column].dropna().str.strip().tolist()


def _sections(sheets: Sequence[Sheet], places: Places) -> list[str]:
    """Write a section for each file, and one for the customers where only a survey describes them."""
    kinds = {sheet.name: _section(sheet) for sheet in sheets}
    people = [sheet for sheet in sheets if kinds[sheet.name] == "customers"]
    main = max(people, key=lambda sheet: len(sheet.of_kind("category", "number")), default=None)
    if main and main.questions() and "survey" not in kinds.values():
        main = None  # somebody has to answer
    kinds |= {sheet.name: "survey" for sheet in people if sheet is not main}
    surveys = [sheet for sheet in sheets if kinds[sheet.name] == "survey"]
    telling = [s for s in surveys if s.of_kind("id") and s.questions() and len(_traits(s)) >= _TRAITS]
    parts = []
    if main is None and telling:
        parts.append(draft_customers(max(telling, key=lambda sheet: len(sheet.reading.table))))
    waves = _waves(surveys)
    drafts = {sheet.name: draft_survey(sheet, places, waves.get(sheet.name)) for sheet in surveys}
    for sheet in sheets:  # after the surveys: events may name what questions name
        if kinds[sheet.name] == "events":
            drafts[sheet.name] = draft_events(sheet, places)
        elif kinds[sheet.name] != "survey":
            drafts[sheet.name] = {"customers": draft_customers, "outcomes": draft_outcomes}[kinds[sheet.name]](sheet)
    return [*parts, *(drafts[sheet.name] for sheet in sheets)]


def _traits(survey: Sheet) -> list[str]:
    return [kind.column for kind in survey.describes() if kind.kind != "rating"]


def _section(sheet: Sheet) -> str:
    """Tell what a file is: events, outcomes, customers, or a survey."""
    identity = next((kind.column for kind in sheet.of_kind("id")), None)
    repeats = identity is not None and bool(sheet.reading.table[identity].dropna().duplicated().any())
    answers, times = sheet.questions(), sheet.of_kind("time")
    if identity and times and sheet.of_kind("event"):
        return "events"
    if repeats and times and not answers and sheet.of_kind("category"):
        return "events"
    spoken = sheet.of_kind("text", "words")
    if identity and not spoken and not times and any(outcome_of(sheet, kind) for kind in sheet.kinds.values()):
        return "outcomes"
    if identity and not repeats and not spoken and not (times and answers):
        return "customers"
    return "survey"


def _waves(surveys: Sequence[Sheet]) -> dict[str, str]:
    """Return the wave of surveys that ask the same questions and whose file names differ in one part."""
    waves: dict[str, str] = {}
    for sheet in surveys:
        asked = [kind.column for kind in sheet.questions()]
        alike = [other for other in surveys if asked and [kind.column for kind in other.questions()] == asked]
        parts = [re.split(r"[_\s]+", Path(other.name).stem) for other in alike]
        if len(alike) < 2 or len({len(part) for part in parts}) > 1:
            continue
        differing = [place for place in range(len(parts[0])) if len({part[place] for part in parts}) > 1]
        if len(differing) == 1:
            waves[sheet.name] = parts[alike.index(sheet)][differing[0]]
    return waves


def _head(title: str, languages: list[str], listed: str) -> str:
    models = ", ".join(list_stage_models())
    return f"""# Proposed from the files; every line behind a # says why. Correct it, then run `cjmlab check`.
[study]
title = {quoted(title)}
# goal = "What the customer wants to get done, in the customer's words"
# segment_scope = "Whom the study covers"
# scenario = "In which situation"
stage_model = "{_MODEL}"  # shipped: {models}; or your own: stages = ["Discover", "Buy", "Use"]
languages = [{", ".join(map(quoted, languages))}]  # from the scripts in the texts; the first one names things in tables
{listed}"""


def _apart(parts: list[str], names: list[str]) -> list[str]:
    """Name sources apart whose files have the same stem."""
    twice = {name for name in names if names.count(name) > 1}
    for k, part in enumerate(parts):
        match = re.search(r"^(?:file|folder) = \"([^\"]+)\".*$", part, re.MULTILINE)
        if match and Path(match[1]).stem in twice and not part.startswith(("[customers]", "#")):
            parts[k] = part.replace(match[0], f"{match[0]}\nname = {quoted(match[1])}", 1)
    return parts
