"""What the respondents of a planted world live through: stages reached, touchpoints met, experience, outcomes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cjmlab.study.plan import SegmentPlan, WorldPlan
from cjmlab.study.population import Floats, Ints, Population

Flags = NDArray[np.bool_]

CAMPS = 0.6
"""How far the two camps of a polarised touchpoint stand from its mean."""

PRESSED = -0.3
"""Experience at the touchpoint of pressure under which a purchase is a hollow success."""


@dataclass(frozen=True, eq=False)
class Episode:
    """One wave as its respondents live it; rows are respondents, columns touchpoints in the order of the journey.

    Parameters
    ----------
    wave : str
        Name of the wave.
    people : array of int
        Positions of the respondents among the customers.
    reached : array of bool
        Respondents × stages: the stage was reached.
    met : array of bool
        Respondents × touchpoints: the touchpoint was met.
    lived : array of float
        Experience on about −1 … 1, also where the touchpoint was not met (what it would have been).
    bought, hollow : array of bool
        Whether the respondent bought, and whether that was under pressure to buy more.
    blocked : tuple of str
        Why somebody who wanted to buy could not; empty for everybody else.
    recommend, repurchase : array
        Answers from 0 to 10; 0 or 1.
    """

    wave: str
    people: Ints
    reached: Flags
    met: Flags
    lived: Floats
    bought: Flags
    hollow: Flags
    blocked: tuple[str, ...]
    recommend: Ints
    repurchase: Ints


def live(plan: WorldPlan, population: Population, seed: int) -> tuple[Episode, ...]:
    """Draw the episodes of all waves. A customer meets the same touchpoints in every wave; how they go differs."""
    rng = np.random.default_rng([seed, 3])
    n = len(population)
    stages = list(plan.model.ids)
    survival = np.array([each.survival for each in plan.segments])[population.segment]
    reached = rng.random(n)[:, None] < survival
    home = [stages.index(plan.stage_of(point)) for point in plan.points]
    use = np.array([[each.use[point] for point in plan.points] for each in plan.segments])[population.segment]
    met = (rng.random((n, len(plan.points))) < use) & reached[:, home]
    bought = _bought(plan, reached)
    if plan.paid_at:
        met[:, plan.points.index(plan.paid_at)] = bought
    mood = rng.normal(size=n)
    blocked = _blocked(rng, plan, population, reached[:, plan.model.ids.index(plan.purchase_stage)] & ~bought, met)
    life = _Life(reached, met, bought, mood, blocked)
    pairs = zip(plan.waves, population.waves, strict=True)
    return tuple(_live_wave(rng, plan, wave, people, population.segment[people], life) for wave, people in pairs)


@dataclass(frozen=True, eq=False)
class _Life:
    """What holds for a customer in every wave."""

    reached: Flags
    met: Flags
    bought: Flags
    mood: Floats
    blocked: list[str]


def _live_wave(
    rng: np.random.Generator, plan: WorldPlan, wave: str, people: Ints, segment: Ints, life: _Life
) -> Episode:
    """Draw how things go for the respondents of one wave, and what comes of it."""
    means = np.array([plan.means(each, wave) for each in plan.segments])[segment]
    before = np.array([[each.experience[point] for point in plan.points] for each in plan.segments])[segment]
    met, bought = life.met[people], life.bought[people]
    lived = means + plan.halo * life.mood[people][:, None] + _own(rng, plan, segment) - _handoffs(plan, met, segment)
    recommend, repurchase = _outcomes(rng, plan, lived - before, met, segment)
    pushed = np.zeros(len(people), dtype=bool)
    if plan.pressure:
        t = plan.points.index(plan.pressure)
        pushed = bought & met[:, t] & (lived[:, t] < PRESSED)
    return Episode(
        wave=wave,
        people=people,
        reached=life.reached[people],
        met=met,
        lived=lived,
        bought=bought,
        hollow=pushed,
        blocked=tuple(life.blocked[person] for person in people),
        recommend=recommend,
        repurchase=np.where(pushed & (rng.random(len(people)) > plan.hollow), 0, repurchase),
    )


def weights(plan: WorldPlan, segment: SegmentPlan) -> tuple[float, ...]:
    """Return the weight of every touchpoint on the outcomes of a segment, in standard deviations."""
    return tuple(plan.focus if point in segment.moments else plan.rest for point in plan.points)


def answer(lived: Floats, scale: tuple[int, int]) -> Ints:
    """Return the answer that an experience gives on a scale from its worst to its best value."""
    worst, best = scale
    span = best - worst
    return np.clip(np.rint(worst + (lived + 1) / 2 * span), min(scale), max(scale)).astype(np.int64)


def planted_answer(plan: WorldPlan, segment: SegmentPlan, point: str, mean: float) -> float:
    """Return the expected answer of a segment at a touchpoint whose planted mean is given, on −1 … 1."""
    scale = plan.scales[point]
    if point != segment.polarised:
        return mean_answer(mean, math.hypot(plan.spread, plan.halo), scale)
    sd = math.hypot(0.4 * plan.spread, plan.halo)
    return round((mean_answer(mean - CAMPS, sd, scale) + mean_answer(mean + CAMPS, sd, scale)) / 2, 4)


def mean_answer(mean: float, sd: float, scale: tuple[int, int]) -> float:
    """Return the expected answer for a normal experience, on −1 … 1: what rounding and the ends of a scale make of it.

    Examples
    --------
    >>> mean_answer(0.0, 0.4, (1, 5)), mean_answer(0.9, 0.4, (1, 5))
    (0.0, 0.796)
    """
    low, high = min(scale), max(scale)
    span = high - low
    total = 0.0
    for step in range(span):
        edge = -1 + 2 * (step + 0.5) / span
        total += 0.5 * math.erfc((edge - mean) / (sd * math.sqrt(2)))
    return round(-1 + 2 * total / span, 4) + 0.0


def _bought(plan: WorldPlan, reached: Flags) -> Flags:
    """Who went past the purchase stage; everybody who reached it where it is the last."""
    deal = plan.model.ids.index(plan.purchase_stage)
    return reached[:, min(deal + 1, reached.shape[1] - 1)]


def switches(plan: WorldPlan, met: Flags) -> Flags:
    """Tell where somebody came to a touchpoint from a touchpoint in another channel, on the first way through."""
    names = [point.channel for point in plan.touchpoints]
    codes = np.array([names.index(name) for name in names])
    last = np.full(len(met), -1)
    table = np.zeros(met.shape, dtype=bool)
    for t, code in enumerate(codes):
        table[:, t] = met[:, t] & (last >= 0) & (last != code)
        last = np.where(met[:, t], code, last)
    return table


def _handoffs(plan: WorldPlan, met: Flags, segment: Ints) -> Floats:
    """Return what a change of channel costs, around its mean in every segment and touchpoint, so that means stay."""
    cost = switches(plan, met) * plan.handoff
    for k in range(len(plan.segments)):
        mine = segment == k
        cost[mine] -= (cost[mine] * met[mine]).sum(axis=0) / np.maximum(met[mine].sum(axis=0), 1)
    return np.asarray(cost * met, dtype=np.float64)


def _own(rng: np.random.Generator, plan: WorldPlan, segment: Ints) -> Floats:
    """Draw how single experiences differ from the mean: normal, or one of two camps at a polarised touchpoint."""
    own = rng.normal(size=(len(segment), len(plan.points))) * plan.spread
    for k, each in enumerate(plan.segments):
        if each.polarised:
            cell = np.ix_(segment == k, [plan.points.index(each.polarised)])
            camp = np.where(rng.random(own[cell].shape) < 0.5, -CAMPS, CAMPS)
            own[cell] = camp + own[cell] * 0.4
    return np.asarray(own)


def _blocked(
    rng: np.random.Generator, plan: WorldPlan, population: Population, stopped: Flags, met: Flags
) -> list[str]:
    """Draw why those who stop at the purchase stop: a reason outside their will, or none. They met the checkout."""
    if "checkout" in plan.points:
        stopped = stopped & met[:, plan.points.index("checkout")]
    reasons = []
    for person, draw in enumerate(rng.random(len(population))):
        reason, edge = "", 0.0
        for name, share in plan.segments[population.segment[person]].blocked.items():
            if stopped[person] and edge <= draw < edge + share:
                reason = name
            edge += share
        reasons.append(reason)
    return reasons


def _outcomes(
    rng: np.random.Generator, plan: WorldPlan, surprise: Floats, met: Flags, segment: Ints
) -> tuple[Ints, Ints]:
    """Draw recommendation and repurchase from what went better or worse than usual at the touchpoints met."""
    weight = np.array([weights(plan, each) for each in plan.segments])[segment]
    for k, each in enumerate(plan.segments):
        for t, point in enumerate(plan.points):
            if point in (each.must_be, each.delighter):
                bound = np.minimum if point == each.must_be else np.maximum
                surprise[segment == k, t] = 1.6 * bound(surprise[segment == k, t], 0.0)
    sd = math.sqrt(plan.spread**2 + plan.halo**2)
    drive = (weight * surprise * met).sum(axis=1) / sd
    level = np.array([each.level for each in plan.segments])[segment]
    felt = drive + rng.normal(size=len(segment)) * plan.noise_sd
    recommend = np.clip(np.rint(level + 1.6 * felt), 0, 10).astype(np.int64)
    chance = 1 / (1 + np.exp(-(0.9 * (level - 6.0) + 1.3 * drive)))
    return recommend, (rng.random(len(segment)) < chance).astype(np.int64)
