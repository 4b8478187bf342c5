"""Codes of people: the file that a review table saved, or that somebody filled in by hand, checked against the study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cjmlab.errors import CjmError, SourceError, StudyError, did_you_mean
from cjmlab.sources.files import read_table
from cjmlab.sources.report import Finding, Problems, Reading, Report
from cjmlab.study.settings import Settings, inside
from cjmlab.tables import HUMAN_CODES

NONE_OF_THEM = frozenset({"", "-", "–", "—", "none", "无", "無", "нет"})


def open_human_codes(settings: Settings, entry: Mapping[str, Any], problems: Problems) -> Reading:
    """Read the codes of people; a file that is not there yet holds none.

    Touchpoints may be written by id or by name in any language; a code that is none of them is a problem that says
    how many rows have it. An empty cell, "none" or a dash means that the clause speaks of none of the touchpoints.
    """
    where = "study.toml, [human_codes]"
    path = inside(settings.folder, str(entry["file"]))
    name = path.name
    if not path.exists():
        note = Finding(name, where, "nobody has coded yet: the file is not there", 0, "",
                       "A review table that saves there makes it.", "note")  # fmt: skip
        return Reading(pd.DataFrame(columns=list(HUMAN_CODES)), Report(name)).replace(
            report=Report(name).with_more([note])
        )
    options = {key: entry[key] for key in ("encoding", "delimiter", "sheet", "layout") if entry.get(key)}
    reading = read_table(path, **options)
    table = reading.table.rename(columns=lambda column: str(column).strip().lower())
    for needed in ("unit_id", "touchpoint"):
        if needed not in table:
            remedy = did_you_mean(needed, table.columns)
            problems.errors.append(SourceError(f"the column {needed!r} is missing", where=name, remedy=remedy))
            return reading.replace(table=pd.DataFrame(columns=list(HUMAN_CODES)))
    nameless = table["unit_id"].isna()
    found = {word: _touchpoint(settings, word) for word in table["touchpoint"].dropna().unique()}
    for word, point in found.items():
        if point is None and str(word).strip().lower() not in NONE_OF_THEM:
            rows = int((table["touchpoint"] == word).sum())
            known = [each.id for each in settings.touchpoints]
            what = f"{word!r} is not a touchpoint of the study ({rows} {'row' if rows == 1 else 'rows'})"
            problems.errors.append(
                StudyError(what, where=f"{name}, column 'touchpoint'", remedy=did_you_mean(word, known))
            )
    kept = table[~nameless].assign(touchpoint=table["touchpoint"].map(found)).reset_index(drop=True)
    report = reading.report
    if nameless.any():
        first = int(nameless.to_numpy().argmax())
        example = " | ".join(str(value) for value in table.iloc[first].dropna())[:80]
        text = "rows without unit_id belong to no clause; they are left out"
        report = report.with_more([Finding(name, f"{name}, column 'unit_id'", text, int(nameless.sum()), example)])
    said = kept.assign(touchpoint=kept["touchpoint"].fillna("")).drop_duplicates(["unit_id", "touchpoint"])
    split = said["unit_id"][said["unit_id"].duplicated()].unique()
    if len(split):
        text = "clauses have several codes that differ; the last one holds"
        remedy = "measure_agreement says how far coders agree."
        more = Finding(name, f"{name}, column 'unit_id'", text, len(split), str(split[0]), remedy)
        report = report.with_more([more])
    columns = [column for column in HUMAN_CODES if column in kept]
    return reading.replace(table=kept[columns].astype("str"), report=report)


def _touchpoint(settings: Settings, word: object) -> str | None:
    try:
        return next((point.id for point in settings.touchpoints if point.matches(str(word).strip())), None)
    except CjmError:
        return None
