"""The ways of a planted world: the order in which a respondent goes through stages, with loops, as a log of events."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from cjmlab.study.episodes import Episode
from cjmlab.study.plan import WorldPlan
from cjmlab.study.population import Population
from cjmlab.vocabulary import Loop, StageModel

BAD = -0.05
"""Mean experience at the stage before a loop under which a customer starts over."""

START = datetime(2026, 1, 5, 8, 0)
WAVE_DAYS = 182


def loops(model: StageModel) -> tuple[Loop, ...]:
    """Return the ways back of a model; from the last stage to the first after a bad experience where it has none."""
    ids = model.ids
    back = tuple(loop for loop in model.loops if ids.index(loop.start) > ids.index(loop.end))
    if any(loop.after == "bad" for loop in back):
        return back
    return (*back, Loop(ids[-1], ids[0], "bad"))


def walk(plan: WorldPlan, episode: Episode, population: Population, seed: int) -> tuple[pd.DataFrame, list[list[str]]]:
    """Walk every respondent of a wave through the stages reached and log one event a touchpoint met.

    Returns
    -------
    DataFrame
        The log: ``customer``, ``time``, ``stage``, ``touchpoint``, ``channel``, ``round``, ``money``.
    list of list of str
        The stages of every respondent in the order walked.
    """
    rng = np.random.default_rng([seed, 4, plan.waves.index(episode.wave)])
    ids, points = plan.model.ids, plan.points
    home = [plan.stage_of(point) for point in points]
    channel = {point.id: point.channel for point in plan.touchpoints}
    ways = loops(plan.model)
    first = START + timedelta(days=WAVE_DAYS * plan.waves.index(episode.wave))
    rows: list[tuple[object, ...]] = []
    paths = []
    for row, person in enumerate(episode.people):
        segment = plan.segments[population.segment[person]]
        met = [[t for t in range(len(points)) if home[t] == stage and episode.met[row, t]] for stage in ids]
        path = _path(rng, plan, ways, episode, row, (segment.returns, segment.repeats), met)
        paths.append([ids[stage] for stage, _ in path])
        time = first + timedelta(hours=float(rng.integers(0, 24 * 60)))
        for stage, lap in path:
            for t in met[stage]:
                if lap and rng.random() < 0.4:
                    continue
                time += timedelta(minutes=int(rng.integers(3, 60 * 20)))
                money = _money(rng, ids[stage], points[t])
                rows.append((population.ids[person], time, ids[stage], points[t], channel[points[t]], lap, money))
    columns = ["customer", "time", "stage", "touchpoint", "channel", "round", "money"]
    return pd.DataFrame(rows, columns=columns), paths


def transitions(plan: WorldPlan, paths: list[list[str]]) -> dict[str, dict[str, float]]:
    """Return the share of each next stage after each stage; ``end`` is where paths stop."""
    ids = [*plan.model.ids, "end"]
    counts = {start: dict.fromkeys(ids, 0) for start in plan.model.ids}
    for path in paths:
        for here, there in zip(path, [*path[1:], "end"], strict=True):
            counts[here][there] += 1
    return {
        start: {end: round(count / max(1, sum(row.values())), 4) for end, count in row.items() if count}
        for start, row in counts.items()
    }


def went_badly(plan: WorldPlan, episode: Episode, stage: str) -> np.ndarray:
    """Tell for every respondent whether what was met at a stage was bad on average (False where nothing was met)."""
    here = np.array([plan.stage_of(point) == stage for point in plan.points])
    met = episode.met & here
    mean = np.where(met, episode.lived, 0.0).sum(axis=1) / np.maximum(met.sum(axis=1), 1)
    return np.asarray(met.any(axis=1) & (mean < BAD))


def _path(
    rng: np.random.Generator,
    plan: WorldPlan,
    ways: tuple[Loop, ...],
    episode: Episode,
    row: int,
    chances: tuple[float, float],
    met: list[list[int]],
) -> list[tuple[int, int]]:
    """Return (stage, round) in the order walked: forward through what was reached, then up to three loops."""
    ids = plan.model.ids
    seen = [k for k in range(len(ids)) if episode.reached[row, k] and (met[k] or k == 0)]
    path = [(k, 0) for k in seen]
    for lap in (1, 2, 3):
        options = [loop for loop in ways if ids.index(loop.start) in seen]
        taken = None
        for loop in options:
            cells = met[ids.index(loop.start)]
            mean = float(np.mean([episode.lived[row, t] for t in cells])) if cells else 0.0
            bad = bool(cells) and mean < BAD
            chance = chances[0] if loop.after == "bad" else chances[1]
            fits = loop.after == "any" or (loop.after == "bad") == bad
            if fits and taken is None and rng.random() < chance:
                taken = loop
        if taken is None:
            break
        start, end = ids.index(taken.start), ids.index(taken.end)
        path = path[: max(i for i, (stage, _) in enumerate(path) if stage == start) + 1]
        path += [(k, lap) for k in seen if end <= k <= start]
    return path


def _money(rng: np.random.Generator, stage: str, touchpoint: str) -> float | None:
    """Return what was paid, at touchpoints where money changes hands."""
    if touchpoint not in {"payment", "repeat_order", "booking"}:
        return None
    return round(float(rng.lognormal(4.6, 0.5)), 2)
