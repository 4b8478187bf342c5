"""The truth of a planted world, as one mapping that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cjmlab.study.episodes import Episode, planted_answer, weights
from cjmlab.study.paths import Step, judged_stage, loops, transitions, went_badly
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
    names = [each.name for each in plan.segments]
    counts = _respondents(plan, population, episodes)
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
        **_planted(plan, counts),
        **_happened(plan, population, episodes, paths),
        "clauses": _clauses(clauses),
        "interviews": {each.document: _interview(each) for each in transcripts},
    }


def _planted(plan: WorldPlan, counts: np.ndarray) -> dict[str, Any]:
    """Return what was planted, by segment."""
    segments = plan.segments
    return {
        "mix": {
            wave: {each.name: round(float(n / row.sum()), 4) for each, n in zip(segments, row, strict=True)}
            for wave, row in zip(plan.waves, counts, strict=True)
        },
        "experience": _cells(plan, counts),
        "experience_answered": _cells(plan, counts, answered=True),
        "experience_by_wave": {
            wave: {each.name: dict(zip(plan.points, plan.means(each, wave), strict=True)) for each in segments}
            for wave in plan.waves
        },
        "worst": {each.name: each.worst for each in segments},
        "moments_of_truth": {each.name: list(each.moments) for each in segments},
        "asymmetry": {each.name: {"must_be": each.must_be, "delighter": each.delighter} for each in segments},
        "polarised": {each.name: each.polarised for each in segments},
        "weights": {each.name: dict(zip(plan.points, weights(plan, each), strict=True)) for each in segments},
        "reach": {each.name: plan.reach(each) for each in segments},
        "stage_reach": {each.name: dict(zip(plan.model.ids, each.survival, strict=True)) for each in segments},
        "expectation_gap": {
            each.name: {point: each.gap.get(point, 0.1) for point in plan.expected} for each in segments
        },
        "changes": [
            {**vars(change), "segment": next(each.name for each in segments if each.id == change.segment)}
            for change in plan.changes
        ],
        "resolution_hours": {each.name: each.resolution for each in segments} if plan.closings else {},
        "handoff": plan.handoff,
        "loops": {
            each.name: {
                "after_bad": each.returns,
                "after_good": each.repeats,
                "after_good_under_pressure": round(each.repeats * plan.hollow, 4),
                "same_item": plan.same_item,
            }
            for each in segments
        },
    }


def _happened(
    plan: WorldPlan, population: Population, episodes: tuple[Episode, ...], paths: Mapping[str, list[list[Step]]]
) -> dict[str, Any]:
    """Return what was drawn: who went round again, who was blocked, who bought under pressure, which ways were taken."""
    return {
        "judged_stage": judged_stage(plan.model),
        "went_round": _rounds(plan, population, episodes, paths),
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


def _rounds(
    plan: WorldPlan, population: Population, episodes: tuple[Episode, ...], paths: Mapping[str, list[list[Step]]]
) -> dict[str, dict[str, list[int]]]:
    """Count, by segment, how many of those who could go round again did: ``[went round, could]``."""
    ids = plan.model.ids
    ways = ("after_bad", "after_good", "after_good_under_pressure")
    table: dict[str, dict[str, list[int]]] = {each.name: {way: [0, 0] for way in ways} for each in plan.segments}
    for episode in episodes:
        verdicts = zip(episode.people, went_badly(plan, episode), episode.hollow, paths[episode.wave], strict=True)
        for person, bad, hollow, path in verdicts:
            seen = {ids[step.stage] for step in path}
            fits = [loop for loop in loops(plan.model) if loop.after == ("bad" if bad else "good")]
            if any(loop.start in seen for loop in fits):
                way = ways[0] if bad else ways[2] if hollow else ways[1]
                cell = table[plan.segments[population.segment[person]].name][way]
                cell[0] += int(any(step.lap for step in path))
                cell[1] += 1
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
