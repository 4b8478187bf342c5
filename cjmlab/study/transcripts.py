"""Interviews of a planted world: plain-text transcripts whose speakers jump back and leave stages out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cjmlab.study.episodes import Episode
from cjmlab.study.plan import WorldPlan
from cjmlab.study.population import Population
from cjmlab.study.verbatims import Clause, Pack, Statement, capital, judge, read_pack, recount

OMITTED = 0.25
"""Share of the stages lived that a narrator leaves out."""

FLASHBACK = 0.25
"""Share of the stages told that come later in the story than in life."""


@dataclass(frozen=True)
class Transcript:
    """One interview.

    Parameters
    ----------
    document : str
        File name.
    customer, segment, language, wave : str
        Who speaks, and when.
    text : str
        The whole file.
    clauses : tuple of Clause
        What the customer says, with code point offsets into the file.
    told, lived : tuple of str
        Stages in the order told, and the same stages in the order lived.
    omitted : tuple of str
        Stages lived and not told.
    """

    document: str
    customer: str
    segment: str
    language: str
    wave: str
    text: str
    clauses: tuple[Clause, ...]
    told: tuple[str, ...]
    lived: tuple[str, ...]
    omitted: tuple[str, ...]


def hold_interviews(
    plan: WorldPlan, population: Population, episodes: tuple[Episode, ...], count: int, seed: int
) -> tuple[Transcript, ...]:
    """Hold interviews with customers who reached far, the same number in every segment as near as can be."""
    rng = np.random.default_rng([seed, 6])
    transcripts = []
    for number, (episode, row) in enumerate(_guests(rng, plan, population, episodes, count), start=1):
        transcripts.append(_hold(rng, plan, population, episode, row, number))
    return tuple(transcripts)


def _guests(
    rng: np.random.Generator, plan: WorldPlan, population: Population, episodes: tuple[Episode, ...], count: int
) -> list[tuple[Episode, int]]:
    """Choose whom to interview: turn by turn one of each segment, who reached at least half of the stages."""
    episode = episodes[0]
    depth = episode.reached.sum(axis=1)
    queues = []
    for k in range(len(plan.segments)):
        rows = np.flatnonzero(population.segment[episode.people] == k)
        rows = rng.permutation(rows)
        queues.append([int(row) for row in rows[np.argsort(depth[rows] <= len(plan.model) / 2, kind="stable")]])
    guests: list[tuple[Episode, int]] = []
    while len(guests) < count and any(queues):
        guests += [(episode, queue.pop(0)) for queue in queues if queue]
    return guests[:count]


def _hold(
    rng: np.random.Generator, plan: WorldPlan, population: Population, episode: Episode, row: int, number: int
) -> Transcript:
    """Hold one interview: greeting, then one turn a touchpoint, stages in the order told, and a goodbye."""
    person = int(episode.people[row])
    language = population.language[person]
    pack = read_pack(plan.pack, language)
    told, omitted = _order(rng, plan, episode, row)
    ids = plan.model.ids
    colon = "：" if pack.chinese else ": "
    ask, reply = _pick(rng, pack, "interviewer") + colon, _pick(rng, pack, "customer") + colon
    text = f"{_header(plan, language, number)}{ask}{_pick(rng, pack, 'greeting')}\n\n{reply}"
    text += _pick(rng, pack, "warm") + ("" if pack.chinese else " ")
    clauses: list[Clause] = []
    latest = -1
    for stage in told:
        back = ids.index(stage) < latest
        latest = max(latest, ids.index(stage))
        for i, statements in enumerate(_turns(rng, plan, pack, episode, row, stage)):
            opening = ""
            if clauses:
                text += f"{ask}{_pick(rng, pack, 'probe')}\n\n{reply}"
                opening = "" if i else _pick(rng, pack, "flashback" if back else "next")
            text, said = _speak(pack, text + opening, statements, bool(opening))
            clauses += said
            text += "\n\n"
    text += f"{ask}{_pick(rng, pack, 'goodbye')}\n\n{reply}{_pick(rng, pack, 'last')}\n"
    return Transcript(
        document=f"{population.ids[person]}.txt",
        customer=population.ids[person],
        segment=plan.segments[population.segment[person]].name,
        language=language,
        wave=episode.wave,
        text=text,
        clauses=tuple(clauses),
        told=tuple(told),
        lived=tuple(sorted(told, key=ids.index)),
        omitted=tuple(omitted),
    )


def _turns(
    rng: np.random.Generator, plan: WorldPlan, pack: Pack, episode: Episode, row: int, stage: str
) -> list[list[Statement]]:
    """Return what a customer says of a stage: for up to three touchpoints what was done, why or hoped for, and how it went."""
    labels = {point.id: point.label for point in plan.touchpoints}
    met = [t for t, point in enumerate(plan.points) if plan.stage_of(point) == stage and episode.met[row, t]]
    turns = []
    for t in met[:3]:
        point = plan.points[t]
        statements = []
        for kind, chance in (("did", 0.75), ("why", 0.3), ("hoped", 0.3)):
            if rng.random() < chance and pack.can(point, kind):
                statements.append(recount(rng, pack, point, kind))
        statements.append(judge(rng, pack, point, float(episode.lived[row, t]), labels))
        turns.append(statements)
    return turns


def _speak(pack: Pack, text: str, statements: list[Statement], opened: bool) -> tuple[str, list[Clause]]:
    """Add statements to a text as sentences and return the clauses that they make."""
    clauses = []
    stop = "。" if pack.chinese else ". "
    for i, statement in enumerate(statements):
        if i or not opened:
            statement = replace(statement, words=capital(pack, statement.words))
        clauses.append(statement.at(len(text)))
        text += statement.words + stop
    return text.rstrip(), clauses


def _order(rng: np.random.Generator, plan: WorldPlan, episode: Episode, row: int) -> tuple[list[str], list[str]]:
    """Return the stages in the order told, and those left out: some come up late, as a flashback."""
    ids = plan.model.ids
    met = {plan.stage_of(point) for t, point in enumerate(plan.points) if episode.met[row, t]}
    lived = [stage for stage in ids if stage in met]
    kept = [stage for stage in lived if rng.random() >= OMITTED]
    if len(kept) < 2:
        kept = lived[:2]
    told = list(kept)
    for stage in kept[:-1]:
        if rng.random() < FLASHBACK:
            place = told.index(stage)
            told.insert(int(rng.integers(place + 1, len(told))), told.pop(place))
    return told, [stage for stage in lived if stage not in kept]


def _header(plan: WorldPlan, language: str, number: int) -> str:
    word = {"en": "Interview", "ru": "Интервью"}.get(language, "访谈" if language == "zh-Hans" else "訪談")
    return f"{word} {number:02d} · {plan.waves[0]}\n\n"


def _pick(rng: np.random.Generator, pack: Pack, key: str) -> str:
    texts = pack.words[key]
    return texts[int(rng.integers(len(texts)))]
