"""The truth of a planted world, as one mapping that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cjmlab.study.episodes import Episode, planted_answer, weights
from cjmlab.study.paths import Step, judged_stage, transitions, went_badly
from cjmlab.study.plan import WorldPlan
from cjmlab.study.population import Population
from cjmlab.study.transcripts import Transcript
from cjmlab.study.verbatims import Clause


def tell_truth(
    plan: WorldPlan,
    population: Population,
    episodes: tuple[Episode, ...],
    paths: Mapping[str, list[list[Step]]],
    clauses: Mapping[str, Mapping[tuple[str, str], list[Clause]]],
    transcripts: tuple[Transcript, ...],
    seed: int,
) -> dict[str, Any]:
    """Gather what was planted and drawn. Segments are named by their English name, touchpoints and stages by id.

    Returns
    -------
    dict
        ``experience`` is the planted mean on −1 … 1 over the respondents of all waves, ``experience_answered`` the
        same as the answers can show it (rounded to the scale, cut at its ends), ``experience_by_wave`` each wave.
    """
    counts = _respondents(plan, population, episodes)
    names = [each.name for each in plan.segments]
    return {
        "name": plan.name,
        "seed": seed,
        "stage_model": plan.model.id,
        "stages": list(plan.model.ids),
        "touchpoints": {point.id: point.stage for point in plan.touchpoints},
        "scales": {point: list(plan.scales[point]) for point in plan.points},
        "segments": names,
        "segment_labels": {each.name: dict(each.label.texts) for each in plan.segments},
        "segment_of_customer": {
            identity: names[k] for identity, k in zip(population.ids, population.segment.tolist(), strict=True)
        },
        "mix": {
            wave: {name: round(float(row[k] / row.sum()), 4) for k, name in enumerate(names)}
            for wave, row in zip(plan.waves, counts, strict=True)
        },
        "experience": _cells(plan, counts),
        "experience_answered": _cells(plan, counts, answered=True),
        "experience_by_wave": {
            wave: {each.name: dict(zip(plan.points, plan.means(each, wave), strict=True)) for each in plan.segments}
            for wave in plan.waves
        },
        "worst": {each.name: each.worst for each in plan.segments},
        "moments_of_truth": {each.name: list(each.moments) for each in plan.segments},
        "asymmetry": {each.name: {"must_be": each.must_be, "delighter": each.delighter} for each in plan.segments},
        "polarised": {each.name: each.polarised for each in plan.segments},
        "weights": {each.name: dict(zip(plan.points, weights(plan, each), strict=True)) for each in plan.segments},
        "reach": {each.name: plan.reach(each) for each in plan.segments},
        "stage_reach": {each.name: dict(zip(plan.model.ids, each.survival, strict=True)) for each in plan.segments},
        "expectation_gap": {
            each.name: {point: each.gap.get(point, 0.1) for point in plan.points if point in plan.expected}
            for each in plan.segments
        },
        "changes": [
            {**vars(change), "segment": next(each.name for each in plan.segments if each.id == change.segment)}
            for change in plan.changes
        ],
        "loops": {
            each.name: {"returns_after_bad": each.returns, "repeats_after_good": each.repeats} for each in plan.segments
        },
        "judged_stage": judged_stage(plan.model),
        "after": _after(plan, population, episodes, paths),
        "blocked": {
            population.ids[person]: reason
            for each in episodes
            for person, reason in zip(each.people, each.blocked, strict=True)
            if reason
        },
        "hollow_success": {
            each.wave: [population.ids[person] for person in each.people[each.hollow]] for each in episodes
        },
        "transitions": _transitions(plan, population, episodes, paths),
        "clauses": _clauses(clauses),
        "interviews": {each.document: _interview(each) for each in transcripts},
    }


def _respondents(plan: WorldPlan, population: Population, episodes: tuple[Episode, ...]) -> np.ndarray:
    """Count the respondents of every wave and segment."""
    return np.array(
        [np.bincount(population.segment[each.people], minlength=len(plan.segments)) for each in episodes], dtype=float
    )


def _cells(plan: WorldPlan, counts: np.ndarray, *, answered: bool = False) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}
    for k, segment in enumerate(plan.segments):
        waves = [plan.means(segment, wave) for wave in plan.waves]
        if answered:
            waves = [
                tuple(planted_answer(plan, segment, point, m) for m, point in zip(means, plan.points, strict=True))
                for means in waves
            ]
        share = counts[:, k] / max(1.0, counts[:, k].sum())
        table[segment.name] = {
            point: round(sum(float(w) * means[t] for w, means in zip(share, waves, strict=True)), 4)
            for t, point in enumerate(plan.points)
        }
    return table


def _transitions(
    plan: WorldPlan,
    population: Population,
    episodes: tuple[Episode, ...],
    paths: Mapping[str, list[list[Step]]],
) -> dict[str, dict[str, dict[str, float]]]:
    result = {}
    for k, segment in enumerate(plan.segments):
        walked = [
            path
            for episode in episodes
            for person, path in zip(episode.people, paths[episode.wave], strict=True)
            if population.segment[person] == k
        ]
        result[segment.name] = transitions(plan, walked)
    return result


def _after(
    plan: WorldPlan, population: Population, episodes: tuple[Episode, ...], paths: Mapping[str, list[list[Step]]]
) -> dict[str, dict[str, dict[str, int]]]:
    """Count who went round again, by segment, after a bad and after a good experience at the judged stage."""
    judged = plan.model.ids.index(judged_stage(plan.model))
    table: dict[str, dict[str, dict[str, int]]] = {
        each.name: {how: {"customers": 0, "went_round": 0} for how in ("bad", "good")} for each in plan.segments
    }
    for episode in episodes:
        for person, bad, path in zip(episode.people, went_badly(plan, episode), paths[episode.wave], strict=True):
            if any(step.stage == judged for step in path):
                cell = table[plan.segments[population.segment[person]].name]["bad" if bad else "good"]
                cell["customers"] += 1
                cell["went_round"] += int(any(step.lap for step in path))
    return table


def _clauses(clauses: Mapping[str, Mapping[tuple[str, str], list[Clause]]]) -> list[dict[str, Any]]:
    return [
        {"wave": wave, "customer": customer, "question": question, **_clause(clause)}
        for wave, by in clauses.items()
        for (customer, question), parts in by.items()
        for clause in parts
    ]


def _interview(transcript: Transcript) -> dict[str, Any]:
    return {
        "customer": transcript.customer,
        "segment": transcript.segment,
        "language": transcript.language,
        "wave": transcript.wave,
        "told": list(transcript.told),
        "lived": list(transcript.lived),
        "omitted": list(transcript.omitted),
        "clauses": [_clause(clause) for clause in transcript.clauses],
    }


def _clause(clause: Clause) -> dict[str, Any]:
    return {key: value for key, value in vars(clause).items() if key != "reason" or value}
