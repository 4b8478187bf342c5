"""The keys of ``study.toml``, each with the kind of value that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cjmlab.errors import StudyError, did_you_mean
from cjmlab.sources.report import Problems, shorten

_KINDS: dict[str, tuple[type, ...]] = {
    "text": (str,), "texts": (list,), "label": (str, dict), "table": (dict,), "tables": (list, dict),
    "flag": (bool,), "number": (int, float), "any": (object,),
    "labels": (dict,), "values": (dict,), "lists": (dict,), "names": (dict,),
}  # fmt: skip
_EXAMPLES = {
    "text": '"words in quotes"', "texts": '["one", "two"]', "label": '{en = "Purchase", ru = "Покупка"}',
    "labels": "a table of names", "values": "a table of tables of names", "lists": "a table of lists",
    "names": 'a table, such as {view_ad = "social_ad"}',
    "table": "a table", "tables": "[[…]] entries", "flag": "true or false", "number": "a number", "any": "a value",
}  # fmt: skip

TOP = {
    "study": "table", "owners": "names", "touchpoints": "tables", "codes": "tables", "customers": "table",
    "survey": "tables", "interviews": "tables", "events": "tables", "outcomes": "tables", "privacy": "table",
    "human_codes": "table",
}  # fmt: skip
_FILE = {"encoding": "text", "delimiter": "text", "sheet": "text", "layout": "text"}
SECTIONS: dict[str, dict[str, str]] = {
    "study": {
        "title": "label", "goal": "label", "segment_scope": "label", "scenario": "label", "kpi": "label",
        "map_kind": "text", "stage_model": "any", "stages": "texts", "loops": "texts", "languages": "texts",
        "touchpoints": "texts", "time_zone": "text", "date_order": "text", "id_digits": "number",
    },
    "human_codes": {"file": "text", **_FILE},
    "privacy": {"pseudonyms": "flag", "key_file": "text", "mask": "flag", "keep": "texts"},
    "touchpoints": {
        "id": "text", "label": "label", "stage": "text", "channel": "text", "owner": "text", "party": "text",
        "digital": "flag", "tool": "text", "dimension": "text", "at": "number",
    },
    "codes": {
        "id": "text", "kind": "text", "label": "label", "lane": "text", "definition": "label", "include": "text",
        "exclude": "text", "keywords": "lists", "examples": "lists", "like": "text",
    },
    "customers": {
        "file": "text", "customer_id": "text", "active": "texts", "passive": "texts", "nominal": "texts",
        "ordinal": "texts", "numeric": "texts", "batteries": "lists", "labels": "labels", "values": "values",
        "names": "tables", **_FILE,
    },
    "customers.names": {"column": "text", "value": "any", "label": "label", "goal": "label"},
    "survey": {
        "file": "text", "name": "text", "source_type": "text", "wave": "text", "wave_column": "text",
        "customer_id": "text", "time": "text", "language": "text", "language_column": "text",
        "touchpoint_column": "text", "stage_column": "text", "channel_column": "text", "questions": "tables", "map": "names",
        "time_zone": "text", "date_order": "text", **_FILE,
    },
    "survey.questions": {
        "column": "text", "touchpoint": "text", "stage": "text", "asks": "text", "scale": "any", "outcome": "text",
        "question": "label", "dimension": "text", "rating_column": "text", "separator": "text",
    },
    "interviews": {
        "folder": "text", "file": "text", "name": "text", "customer_id": "any", "interviewer": "texts",
        "wave": "text", "language": "text",
    },
    "events": {
        "file": "text", "name": "text", "wave": "text", "wave_column": "text", "event_id": "text",
        "customer_id": "text", "time": "text", "event": "text", "touchpoint": "text", "stage": "text",
        "channel": "text", "item": "text", "person": "text", "tool": "text", "money": "text", "map": "names",
        "time_zone": "text", "date_order": "text", **_FILE,
    },
    "outcomes": {
        "file": "text", "name": "text", "customer_id": "text", "wave": "text", "wave_column": "text",
        "columns": "table", **_FILE,
    },
}  # fmt: skip
NEEDED = {
    "customers": ("file",), "survey": ("file", "questions"), "survey.questions": ("column",), "events": ("file",),
    "outcomes": ("file", "columns"), "human_codes": ("file",), "customers.names": ("column", "label"), "codes": ("id",),
}  # fmt: skip


def check_keys(raw: Mapping[str, Any], problems: Problems) -> frozenset[str]:
    """Note every key that is not known, is of the wrong kind, or is not there though it is needed.

    Returns the sections that are not of the right shape, so that nothing should be read by them.
    """
    faulty = {key for key, value in raw.items() if key in TOP and not _fits(value, TOP[key])}
    _check(raw, TOP, (), "study.toml", problems)
    for section, keys in SECTIONS.items():
        parent, _, child = section.rpartition(".")
        entries = [e[child] for e in _entries(raw.get(parent)) if child in e] if parent else [raw.get(section)]
        for entry in [part for found in entries for part in _entries(found)]:
            name = f"[{section}]" if section in {"study", "customers", "privacy"} else f"[[{section}]]"
            if _check(entry, keys, NEEDED.get(section, ()), f"study.toml, {name}", problems):
                faulty.add(section.partition(".")[0])
    return frozenset(faulty)


def _entries(value: object) -> list[Mapping[str, Any]]:
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, Mapping)]


def _check(
    entry: Mapping[str, Any], keys: Mapping[str, str], needed: tuple[str, ...], where: str, problems: Problems
) -> bool:
    """Note what is wrong with an entry; return whether its shape is."""
    bad_shape = False
    for key, value in entry.items():
        with problems.caught():
            if key not in keys:
                raise StudyError(f"the key {key!r} is not known", where=where, remedy=did_you_mean(key, keys))
            if not _fits(value, keys[key]):
                bad_shape = True
                remedy = f"Write {key} = {_EXAMPLES[keys[key]]}."
                raise StudyError(f"{key} = {shorten(repr(value))} is of the wrong kind", where=where, remedy=remedy)
    for key in needed:
        with problems.caught():
            if key not in entry:
                bad_shape = True
                raise StudyError(f"the key {key!r} is missing", where=where, remedy=f"Add {key} = …")
    return bad_shape


def _fits(value: object, kind: str) -> bool:
    if not isinstance(value, _KINDS[kind]):
        return False
    inner = {"labels": (str, dict), "values": (dict,), "lists": (list,), "names": (str,)}.get(kind)
    if inner and isinstance(value, Mapping):
        if not all(isinstance(item, inner) for item in value.values()):
            return False
        if kind == "values":
            return all(isinstance(label, str | dict) for table in value.values() for label in table.values())
    if kind == "tables" and isinstance(value, list):
        return all(isinstance(item, Mapping) for item in value)
    return True
