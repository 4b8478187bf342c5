"""What is wrong at a touchpoint, in a few words, from what those who complain have in common."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cjmlab.maps.clauses import Clause, near, read_by
from cjmlab.maps.phrases import shared_phrase, shared_words
from cjmlab.maps.sayings import SURE, read_clauses
from cjmlab.maps.view import TouchpointCell

if TYPE_CHECKING:
    from cjmlab.maps.source import Source

CUES = frozenset({"broken_promise", "upsell_pressure", "effort", "blocked_intent", "blocked_stock",
                  "blocked_technical", "blocked_screening"})  # fmt: skip
"""Cues that say what kind of trouble it is."""
_HEARD = 3
_REFERENCE = 800
_ENOUGH_FOR_WORDS = 10


@dataclass(frozen=True)
class Complaint:
    """What those who complain about a touchpoint share: a phrase, or some words, in the language of the map, or a cue.

    ``people`` is how many customers say it.
    """

    phrases: tuple[str, ...] = ()
    cue: str = ""
    people: int = 0


def find_complaint(source: Source, segment: str, cell: TouchpointCell, *, words: bool = True) -> Complaint | None:
    """Return what a segment complains about at a touchpoint; None when nothing prevails.

    Where the touchpoint as a whole is not surely below neutral, only clauses count that were coded as a pain with
    confidence and sound clearly negative: one misread clause in ten would otherwise make a complaint. Who is content
    with the touchpoint on the whole, by all that he or she says and rates there, does not complain.

    Parameters
    ----------
    source : Source
        The journeys, with the clauses behind them.
    segment : str
        Name of the segment; the clauses of all customers when the journeys have one segment only.
    cell : TouchpointCell
        The touchpoint.
    words : bool
        Whether a phrase of customers may be told; otherwise only a cue.
    """
    clauses = read_clauses(source)
    here = clauses.at(segment, cell.id) or (clauses.everyone_at(cell.id) if len(source.all_segments) == 1 else [])
    content = source.once("content", lambda: read_content(source)).get(cell.id, set())
    bad = [
        clause for clause in here if clause.complains and (cell.below or _certain(clause)) and clause.who not in content
    ]
    cue, people = prevailing_cue(bad)
    for language in read_by(source.words.language) if words else ():
        found = _find_words(source, cell, near(bad, language), language)
        if found is not None:
            return replace(found, cue=cue)
    return Complaint(cue=cue, people=people) if cue else None


def _find_words(source: Source, cell: TouchpointCell, bad: list[Clause], language: str) -> Complaint | None:
    everyone = len({clause.who for clause in bad})
    if everyone < _HEARD:
        return None
    clauses = read_clauses(source)
    calm = [clause.said.text for clause in near(clauses.everyone_at(cell.id), language) if not clause.complains]
    key = ("elsewhere", language, cell.id)
    elsewhere = source.once(key, lambda: clauses.elsewhere(cell.id, language=language, most=_REFERENCE))
    found = shared_phrase(bad, elsewhere, calm, name=cell.label)
    if found is not None:
        return Complaint((found.text,), people=found.people)
    if everyone < _ENOUGH_FOR_WORDS:
        return None
    others = clauses.complaints_elsewhere(cell.id, language=language, most=_REFERENCE)
    told = shared_words(bad, others, calm, name=cell.label)
    return Complaint(tuple(told), people=everyone) if told else None


def read_content(source: Source) -> dict[str, set[str]]:
    """Return, by touchpoint, the customers whose score there, ratings and words together, is above the neutral band."""
    voices = source.table("voices")
    found: dict[str, set[str]] = {}
    if {"customer", "touchpoint", "score"} <= set(voices):
        _, high = source.provenance.get("neutral") or (-0.1, 0.1)
        for touchpoint, who, score in zip(
            *(voices[name].tolist() for name in ("touchpoint", "customer", "score")), strict=True
        ):
            if score > high:
                found.setdefault(str(touchpoint), set()).add(str(who))
    return found


def _certain(clause: Clause) -> bool:
    return clause.lane == "pain" and clause.felt < -0.25 and clause.sure >= SURE


def prevailing_cue(complaints: list[Clause]) -> tuple[str, int]:
    """Return the cue that prevails among complaints and how many people voice it; an empty text when none does.

    It prevails when at least three people voice it and at least a third of the clauses carry it.
    """
    people: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    for clause in complaints:
        for cue in clause.cues & CUES:
            people.setdefault(cue, set()).add(clause.who)
            counts[cue] = counts.get(cue, 0) + 1
    best = min(counts, key=lambda name: (-counts[name], name), default="")
    if best and len(people[best]) >= _HEARD and counts[best] * 3 >= len(complaints):
        return best, len(people[best])
    return "", 0
