"""Planted worlds: customers whose segments, experience and moments of truth are known, as raw tables with their truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.study.episodes import Episode, answer, live
from cjmlab.study.paths import START, WAVE_DAYS, walk
from cjmlab.study.plan import WorldPlan
from cjmlab.study.population import Population, describe_customers, draw_population
from cjmlab.study.transcripts import Transcript, hold_interviews
from cjmlab.study.truth import tell_truth
from cjmlab.study.verbatims import Clause, comment, read_pack


@dataclass(frozen=True, eq=False)
class World:
    """A planted world: its plan, its raw tables as files would hold them, and its truth.

    Parameters
    ----------
    plan : WorldPlan
        What was planted.
    customers : DataFrame
        One row a customer: attitude items, numbers, categories.
    surveys : mapping
        Wave → wide answers, one row a respondent.
    interviews : mapping
        File name → transcript.
    events : DataFrame
        The log.
    outcomes : DataFrame
        What customers did afterwards, one row a respondent and wave.
    truth : mapping
        All that was planted and drawn, ready for JSON.
    """

    plan: WorldPlan
    customers: pd.DataFrame
    surveys: Mapping[str, pd.DataFrame]
    interviews: Mapping[str, str]
    events: pd.DataFrame
    outcomes: pd.DataFrame
    truth: Mapping[str, Any]


def build_world(plan: WorldPlan, *, customers: int, seed: int = 0, text: bool = True, interviews: int = 0) -> World:
    """Draw a world from its plan.

    Parameters
    ----------
    plan : WorldPlan
        What is true in it.
    customers : int
        How many live in it.
    seed : int
        The same seed gives the same world.
    text : bool
        Whether respondents write comments. Numbers are the same with and without.
    interviews : int
        How many customers are interviewed.
    """
    population = draw_population(plan, customers, seed)
    episodes = live(plan, population, seed)
    surveys: dict[str, pd.DataFrame] = {}
    clauses: dict[str, dict[str, list[Clause]]] = {}
    logs, paths = [], {}
    for episode in episodes:
        surveys[episode.wave], clauses[episode.wave] = _survey(plan, population, episode, seed, text)
        log, paths[episode.wave] = walk(plan, episode, population, seed)
        logs.append(log)
    transcripts = hold_interviews(plan, population, episodes, interviews, seed) if interviews else ()
    return World(
        plan=plan,
        customers=describe_customers(plan, population, seed),
        surveys=surveys,
        interviews={each.document: each.text for each in transcripts},
        events=_events(plan, logs),
        outcomes=_outcomes(plan, population, episodes),
        truth=tell_truth(plan, population, episodes, paths, clauses, transcripts, seed),
    )


def header(plan: WorldPlan, kind: str, touchpoint: str = "") -> str:
    """Return the name of a survey column: kind is experience, expectation, recommend, comment and so on."""
    pattern = plan.headers[kind]
    if not touchpoint:
        return pattern
    point = next(each for each in plan.touchpoints if each.id == touchpoint)
    names = {language: point.label.text(language) for language in ("en", "zh-Hans", "zh-Hant", "ru")}
    number = plan.points.index(touchpoint) + 1
    for key, value in {"id": touchpoint, "i": f"{number:02d}", **names}.items():
        pattern = pattern.replace("{" + key + "}", value)
    return pattern


def _survey(
    plan: WorldPlan, population: Population, episode: Episode, seed: int, text: bool
) -> tuple[pd.DataFrame, dict[str, list[Clause]]]:
    """Ask the respondents of a wave: experience where met, expectation, recommendation, a comment."""
    rng = np.random.default_rng([seed, 5, plan.waves.index(episode.wave)])
    n = len(episode.people)
    wave_start = START + pd.Timedelta(days=WAVE_DAYS * plan.waves.index(episode.wave) + 70)
    columns: dict[str, object] = {
        plan.headers["respondent"]: [population.ids[person] for person in episode.people],
        plan.headers["submitted"]: [
            (wave_start + pd.Timedelta(minutes=int(minute))).strftime("%Y-%m-%d %H:%M")
            for minute in rng.integers(0, 60 * 24 * 14, size=n)
        ],
        plan.headers["survey_language"]: [population.language[person] for person in episode.people],
    }
    gap = np.array([[each.gap.get(point, 0.1) for point in plan.points] for each in plan.segments])
    means = np.array([plan.means(each, plan.waves[0]) for each in plan.segments])
    hoped = (means + gap)[population.segment[episode.people]]
    for t, point in enumerate(plan.points):
        scale = plan.scales[point]
        given = episode.met[:, t] & (rng.random(n) >= plan.missing)
        columns[header(plan, "experience", point)] = _answers(answer(episode.lived[:, t], scale), given)
        if point in plan.expected:
            wish = answer(hoped[:, t] + rng.normal(size=n) * 0.3, scale)
            columns[header(plan, "expectation", point)] = _answers(wish, rng.random(n) >= plan.missing)
    columns[plan.headers["recommend"]] = _answers(episode.recommend, rng.random(n) >= 0.02)
    clauses: dict[str, list[Clause]] = {}
    if text:
        columns[plan.headers["comment"]] = _comments(plan, population, episode, seed, clauses)
    return pd.DataFrame(columns), clauses


def _comments(
    plan: WorldPlan, population: Population, episode: Episode, seed: int, clauses: dict[str, list[Clause]]
) -> list[str | None]:
    rng = np.random.default_rng([seed, 7, plan.waves.index(episode.wave)])
    labels = {point.id: point.label for point in plan.touchpoints}
    texts: list[str | None] = []
    for row, person in enumerate(episode.people):
        if rng.random() >= plan.talkative:
            texts.append(None)
            continue
        lived = {point: float(episode.lived[row, t]) for t, point in enumerate(plan.points) if episode.met[row, t]}
        written, parts = comment(rng, read_pack(plan.pack, population.language[person]), lived, labels)
        texts.append(written)
        clauses[population.ids[person]] = parts
    return texts


def _answers(values: np.ndarray, given: np.ndarray) -> pd.Series:
    return pd.Series(np.where(given, values, -1)).where(pd.Series(given)).astype("Int64")


def _events(plan: WorldPlan, logs: list[pd.DataFrame]) -> pd.DataFrame:
    log = pd.concat(logs, ignore_index=True).sort_values(["time", "customer"], kind="stable", ignore_index=True)
    return pd.DataFrame(
        {
            "event_id": [f"E{i + 1:06d}" for i in range(len(log))],
            "customer": log["customer"],
            "ts": log["time"].map(lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ")),
            "event": log["touchpoint"],
            "stage": log["stage"],
            "channel": log["channel"],
            "amount": log["money"],
        }
    )


def _outcomes(plan: WorldPlan, population: Population, episodes: tuple[Episode, ...]) -> pd.DataFrame:
    return pd.concat(
        [
            pd.DataFrame(
                {
                    plan.headers["customer_id"]: [population.ids[person] for person in episode.people],
                    "wave": episode.wave,
                    plan.headers["repurchase"]: episode.repurchase,
                }
            )
            for episode in episodes
        ],
        ignore_index=True,
    )


__all__ = ["Transcript", "World", "build_world", "header"]
