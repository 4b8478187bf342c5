"""The ways of a planted world: the order in which a respondent goes through stages, with loops, as a log of events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.study.episodes import Episode, Flags
from cjmlab.study.plan import SegmentPlan, WorldPlan
from cjmlab.study.population import Population
from cjmlab.vocabulary import Loop, StageModel

BAD = -0.05
"""Mean experience after the purchase under which a customer may start over."""

START = datetime(2026, 1, 5, 8, 0)
WAVE_DAYS = 182
WAKING = (7, 22)
COLUMNS = ("customer", "time", "event", "touchpoint", "stage", "channel", "person", "item", "tool", "money", "reason")


@dataclass(frozen=True)
class Step:
    """One visit of a stage; ``lap`` is 0 on the first way and counts the loops after it."""

    stage: int
    lap: int


def loops(model: StageModel) -> tuple[Loop, ...]:
    """Return the ways back of a model; from the last stage to the first after a bad experience where it has none.

    Examples
    --------
    >>> from cjmlab.vocabulary import stage_model
    >>> [(loop.start, loop.end, loop.after) for loop in loops(stage_model("ru_loop"))]
    [('experience', 'awareness', 'bad'), ('trigger', 'deal', 'good')]
    """
    ids = model.ids
    back = tuple(loop for loop in model.loops if ids.index(loop.start) > ids.index(loop.end))
    if any(loop.after == "bad" for loop in back):
        return back
    return (*back, Loop(ids[-1], ids[0], "bad"))


def judged_stage(model: StageModel) -> str:
    """Return the stage whose experience decides which way a customer turns: where the way back after a bad one starts."""
    return next(loop.start for loop in loops(model) if loop.after == "bad")


def went_badly(plan: WorldPlan, episode: Episode) -> Flags:
    """Tell for every respondent whether what was met at the judged stage was bad on average (no where nothing was)."""
    stage = judged_stage(plan.model)
    here = np.array([plan.stage_of(point) == stage for point in plan.points])
    met = episode.met & here
    mean = np.where(met, episode.lived, 0.0).sum(axis=1) / np.maximum(met.sum(axis=1), 1)
    return np.asarray(met.any(axis=1) & (mean < BAD))


def walk(plan: WorldPlan, episode: Episode, population: Population, seed: int) -> tuple[pd.DataFrame, list[list[Step]]]:
    """Walk every respondent of a wave through the stages reached and log what happens.

    Returns
    -------
    DataFrame
        The log, columns ``COLUMNS``, in local time.
    list of list of Step
        The stages of every respondent in the order walked.
    """
    rng = np.random.default_rng([seed, 4, plan.waves.index(episode.wave)])
    first = START + timedelta(days=WAVE_DAYS * plan.waves.index(episode.wave))
    bad = went_badly(plan, episode)
    home = np.array([plan.model.ids.index(plan.stage_of(point)) for point in plan.points])
    rows: list[dict[str, Any]] = []
    paths = []
    for row, person in enumerate(episode.people):
        segment = plan.segments[population.segment[person]]
        met = [np.flatnonzero((home == stage) & episode.met[row]).tolist() for stage in range(len(plan.model))]
        path = _path(rng, plan, segment, met, bool(bad[row]), bool(episode.hollow[row]))
        paths.append(path)
        time = first + timedelta(hours=int(rng.integers(0, 24 * 60)))
        base = {"customer": population.ids[person]}
        rows += _log(rng, plan, episode, row, base, time, path, met, segment)
    return pd.DataFrame(rows, columns=list(COLUMNS)), paths


def transitions(plan: WorldPlan, paths: list[list[Step]]) -> dict[str, dict[str, float]]:
    """Return the share of each next stage after each stage; ``end`` is where paths stop."""
    names = [*plan.model.ids, "end"]
    counts = np.zeros((len(plan.model), len(names)))
    for path in paths:
        stages = [step.stage for step in path]
        for here, there in zip(stages, [*stages[1:], len(plan.model)], strict=False):
            counts[here, there] += 1
    return {
        start: {end: round(float(c / max(1.0, row.sum())), 4) for end, c in zip(names, row, strict=True) if c}
        for start, row in zip(plan.model.ids, counts, strict=True)
    }


def _path(
    rng: np.random.Generator, plan: WorldPlan, segment: SegmentPlan, met: list[list[int]], bad: bool, hollow: bool
) -> list[Step]:
    """Return the way of one respondent: forward through the stages where something was met, with up to three loops.

    A loop is an insertion: afterwards the customer goes on to what comes later. So loops change how often a stage
    is seen and in which order, never who sees it.
    """
    ids = plan.model.ids
    seen = [stage for stage in range(len(ids)) if met[stage]]
    path = [Step(stage, 0) for stage in seen]
    deal = ids.index(plan.purchase_stage)
    for lap in (1, 2, 3):
        for loop in loops(plan.model):
            start, end = ids.index(loop.start), ids.index(loop.end)
            chance = segment.returns if loop.after == "bad" else segment.repeats * (plan.hollow if hollow else 1.0)
            fits = start in seen and (loop.after == "any" or (loop.after == "bad") == bad)
            if not fits or rng.random() >= chance:
                continue
            last = start if loop.after != "bad" or rng.random() < 0.4 else min(start, deal - 1)
            place = max(i for i, step in enumerate(path) if step.stage == start) + 1
            path[place:place] = [Step(stage, lap) for stage in seen if end <= stage <= last]
            break
        else:
            break
    return path


def _log(
    rng: np.random.Generator,
    plan: WorldPlan,
    episode: Episode,
    row: int,
    base: Mapping[str, Any],
    time: datetime,
    path: list[Step],
    met: list[list[int]],
    segment: SegmentPlan,
) -> list[dict[str, Any]]:
    """Log one respondent's way: an event a touchpoint met, the purchase, or why it could not be."""
    ids, deal = plan.model.ids, plan.model.ids.index(plan.purchase_stage)
    item = ""
    rows = []
    for step in path:
        place = {**base, "stage": ids[step.stage]}
        cells = [t for t in met[step.stage] if not step.lap or rng.random() < 0.6] or met[step.stage][:1]
        for t in cells:
            time = _next(rng, time, 20 * 60)
            rows.append({**place, "time": time, **_meeting(rng, plan, t)})
            if plan.points[t] in plan.closings:
                time += timedelta(minutes=_resolution(rng, plan, episode, row, t, segment))
                closing = {"event": plan.closings[plan.points[t]], "touchpoint": plan.points[t]}
                rows.append({**place, "time": time, **closing})
        if step.stage == deal and episode.bought[row]:
            item = _choose(rng, plan, item)
            money = round(float(plan.price * np.exp(0.5 * rng.normal())), 2)
            paid = next((each for each in rows[-len(cells) :] if each["touchpoint"] == plan.paid_at), None)
            if paid is None:
                time = _next(rng, time, 9)
                paid = {**place, "time": time, "event": plan.event_of("purchase"), "touchpoint": plan.paid_at}
                rows.append(paid)
            paid |= {"item": item, "money": money}
        elif step.stage == deal and episode.blocked[row]:
            time = _next(rng, time, 9)
            reason, event = episode.blocked[row], plan.event_of("blocked")
            rows.append({**place, "time": time, "event": event, "item": _choose(rng, plan, ""), "reason": reason})
    return rows


def _resolution(
    rng: np.random.Generator, plan: WorldPlan, episode: Episode, row: int, t: int, segment: SegmentPlan
) -> int:
    """Return the minutes until something is closed: around the segment's median, longer where it went badly."""
    surprise = float(episode.lived[row, t]) - segment.experience[plan.points[t]]
    return max(5, round(60 * segment.resolution * float(np.exp(0.5 * rng.normal() - 0.8 * surprise))))


def _next(rng: np.random.Generator, time: datetime, minutes: int) -> datetime:
    """Return a later moment, in waking hours."""
    later = time + timedelta(minutes=int(rng.integers(2, minutes)))
    if later.hour < WAKING[0] or later.hour >= WAKING[1]:
        later += timedelta(hours=WAKING[0] + 24 - WAKING[1])
    return later


def _meeting(rng: np.random.Generator, plan: WorldPlan, t: int) -> dict[str, Any]:
    point = plan.touchpoints[t]
    people = plan.staff.get(point.id)
    return {
        "event": plan.event_of("purchase" if point.id == plan.paid_at else point.id),
        "touchpoint": point.id,
        "channel": point.channel,
        "tool": point.tool,
        "person": people[int(rng.integers(len(people)))] if people else "",
    }


def _choose(rng: np.random.Generator, plan: WorldPlan, before: str) -> str:
    """Choose what is bought: the same again with the planted probability, else something different."""
    if before and rng.random() < plan.same_item:
        return before
    others = [item for item in plan.goods if item != before]
    return others[int(rng.integers(len(others)))]
