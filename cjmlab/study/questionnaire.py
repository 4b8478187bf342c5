"""The questionnaire of a planted world: one wide row a respondent, with questions on several scales and a comment."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.study.episodes import Episode, answer
from cjmlab.study.paths import START, WAVE_DAYS
from cjmlab.study.plan import WorldPlan
from cjmlab.study.population import Population
from cjmlab.study.verbatims import Clause, comment, memory, read_pack


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


def ask(
    plan: WorldPlan, population: Population, episode: Episode, seed: int, text: bool
) -> tuple[pd.DataFrame, dict[tuple[str, str], list[Clause]]]:
    """Ask the respondents of a wave: experience where met, expectation, recommendation, a comment.

    Returns
    -------
    DataFrame
        The answers as a file holds them, one row a respondent.
    dict
        Customer and column → the clauses of what was written.
    """
    rng = np.random.default_rng([seed, 5, plan.waves.index(episode.wave)])
    n = len(episode.people)
    wave_start = START + pd.Timedelta(days=WAVE_DAYS * plan.waves.index(episode.wave) + 70)
    zone = f"{plan.utc_offset:+03d}:00" if plan.utc_offset else ""
    columns: dict[str, object] = {
        plan.headers["respondent"]: [population.ids[person] for person in episode.people],
        plan.headers["submitted"]: [
            (wave_start + pd.Timedelta(days=int(day), minutes=int(minute))).strftime("%Y-%m-%d %H:%M") + zone
            for day, minute in zip(rng.integers(0, 14, size=n), rng.integers(0, 60 * 14, size=n), strict=True)
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
    clauses = _write(plan, population, episode, seed, columns) if text else {}
    return pd.DataFrame(columns), clauses


def _write(
    plan: WorldPlan, population: Population, episode: Episode, seed: int, columns: dict[str, object]
) -> dict[tuple[str, str], list[Clause]]:
    """Add what respondents write: a comment, and the moment they remember most where that is asked."""
    rng = np.random.default_rng([seed, 7, plan.waves.index(episode.wave)])
    labels = {point.id: point.label for point in plan.touchpoints}
    asked = [kind for kind in ("comment", "memory") if kind in plan.headers]
    texts: dict[str, list[str | None]] = {kind: [None] * len(episode.people) for kind in asked}
    clauses = {}
    for row, person in enumerate(episode.people):
        lived = {point: float(episode.lived[row, t]) for t, point in enumerate(plan.points) if episode.met[row, t]}
        pack = read_pack(plan.pack, population.language[person])
        for kind in asked:
            if rng.random() >= plan.talkative:
                continue
            if kind == "comment":
                text, parts = comment(rng, pack, lived, labels, episode.blocked[row])
            else:
                text, parts = memory(rng, pack, lived, labels)
            texts[kind][row] = text
            clauses[population.ids[person], plan.headers[kind]] = parts
    columns.update({plan.headers[kind]: texts[kind] for kind in asked})
    return clauses


def _answers(values: np.ndarray, given: np.ndarray) -> pd.Series:
    return pd.Series(np.where(given, values, -1)).where(pd.Series(given)).astype("Int64")
