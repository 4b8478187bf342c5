"""The customer's view: whether a study is ready, and told from the customer's place and not from the company's desk."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources

import pandas as pd

from cjmlab.sources.report import Finding, findings_frame
from cjmlab.study.charter import Study
from cjmlab.study.inventory import list_inventory
from cjmlab.vocabulary import Label, list_touchpoints

FUNCTIONS = 3
"""Fewer functions of the company than this make a map of one department."""

_BEFORE, _AFTER = 1.0, 2.0  # the purchase, on the line from 0 to 3 of the stage models


def review_study(study: Study) -> pd.DataFrame:
    """Say what a study still lacks before a map is drawn, as a careful colleague would.

    Nothing here keeps a study from running: a note is a question to answer, not a fault of the data.

    Parameters
    ----------
    study : Study
        As loaded.

    Returns
    -------
    DataFrame
        One row a finding, with the columns of ``check_study``. It asks whether the charter says whose goal, scope,
        scenario and figure are meant; whether the kind of map fits the data; whether stages begin before the purchase
        and go on after it; whether names of stages, touchpoints and the goal are the company's words; whether each
        touchpoint that the study names or has data of has an owner, in at least three functions.

    Examples
    --------
    >>> from cjmlab.study import load_study
    >>> review_study(load_study("data/samples/grocer")).finding.tolist()  # doctest: +SKIP
    """
    questions = (_charter, _kind, _span, _inside_words, _owners)
    return findings_frame(finding for question in questions for finding in question(study))


def _note(where: str, finding: str, count: int, example: str, remedy: str) -> Finding:
    return Finding("study.toml", f"study.toml, {where}", finding, count, example, remedy, "note")


def _charter(study: Study) -> Iterator[Finding]:
    charter = study.charter
    said = {
        "goal": charter.goal,
        "segment_scope": charter.segment_scope,
        "scenario": charter.scenario,
        "kpi": charter.kpi,
    }
    missing = [key for key, value in said.items() if not value]
    if missing:
        yield _note(
            "[study]",
            f"the charter does not say its {', '.join(missing)}",
            len(missing),
            missing[0],
            "Agree on it with those who will use the map: it decides whom the map is about and what it should move.",
        )


def _kind(study: Study) -> Iterator[Finding]:
    if study.charter.map_kind == "current" and not len(study.feedback):
        yield _note(
            "map_kind",
            "a map of the current state needs voices of customers, and the study has none",
            1,
            "map_kind = 'current'",
            "Add a survey, interviews or reviews; events alone say what people do, not how they live it.",
        )
    if study.charter.map_kind == "day_in_life" and not (study.feedback["source_type"] == "diary").any():
        yield _note(
            "map_kind",
            "a day in the life needs diaries, and no source is one",
            1,
            "map_kind = 'day_in_life'",
            "Give a source source_type = 'diary', or draw the current state.",
        )


def _span(study: Study) -> Iterator[Finding]:
    if study.stage_model.kind != "customer":
        return
    spans = [stage.span for stage in study.stage_model]
    if min(start for start, _ in spans) >= _BEFORE:
        yield _note("stages", "no stage lies before the purchase", 1, study.stage_model.ids[0], _BOTH_ENDS)
    if max(end for _, end in spans) <= _AFTER:
        yield _note("stages", "no stage lies after the purchase", 1, study.stage_model.ids[-1], _BOTH_ENDS)


_BOTH_ENDS = "Customers live more than the purchase: add a stage, or its place with at = (0 unaware … 3 recommends)."


def _inside_words(study: Study) -> Iterator[Finding]:
    named: list[tuple[str, str, Label]] = [("stages", stage.id, stage.label) for stage in study.stage_model]
    named += [("[[touchpoints]]", point.id, point.label) for point in study.touchpoints]
    if study.charter.goal is not None:
        named.append(("goal", "goal", study.charter.goal))
    for place in dict.fromkeys(where for where, _, _ in named):
        found = [(name, word) for where, _, label in named if where == place for name, word in _inside(label)]
        if found:
            name, word = found[0]
            yield _note(
                place,
                "named in the company's words, not the customer's",
                len(found),
                f"{name!r} ({word})",
                "Say what the customer does there: 'I compare offers' rather than 'lead nurturing'.",
            )


def _inside(label: Label) -> list[tuple[str, str]]:
    """Return the first text of a label that holds a word of the company's desk, with the word."""
    for language, text in label.texts.items():
        match = _pattern(language).search(text)
        if match:
            return [(text, match.group())]
    return []


@cache
def _pattern(language: str) -> re.Pattern[str]:
    data = (resources.files("cjmlab.study") / "data" / "customer_view.toml").read_text("utf-8")
    words = [re.escape(word).replace(r"\*", r"\w*") for word in tomllib.loads(data)["inside"][language]]
    alternatives = "|".join(words)
    return re.compile(alternatives if language.startswith("zh") else rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)


def _owners(study: Study) -> Iterator[Finding]:
    """Ask who answers for the touchpoints that the study names itself or has data of."""
    listed = list_inventory(study)
    asked = listed[(listed["status"] != "silent") | ~listed["touchpoint"].isin(list_touchpoints())]
    asked = asked[(asked["status"] != "unknown") & (asked["party"] != "customer")]
    without, functions = asked[asked["owner"] == ""], sorted(set(asked.loc[asked["owner"] != "", "function"]))
    if len(without):
        yield _note(
            "[owners]",
            "touchpoints have nobody who answers for them",
            len(without),
            str(without["touchpoint"].iloc[0]),
            'Name a function in [[touchpoints]] (owner = "logistics") and its person in [owners].',
        )
    if functions and len(functions) < FUNCTIONS:
        yield _note(
            "[owners]",
            f"fewer than {FUNCTIONS} functions of the company take part",
            len(functions),
            ", ".join(functions),
            "Bring in those who meet customers and those behind the scenes: product, service, sales, marketing, analysts.",
        )
