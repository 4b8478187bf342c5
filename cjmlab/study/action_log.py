"""A log of actions in a planted world: who got what, with which chance, and what came of it, every effect known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cjmlab.errors import StudyError
from cjmlab.study.world import World


@dataclass(frozen=True, eq=False)
class ActionLog:
    """Actions and their outcomes.

    Parameters
    ----------
    rows : DataFrame
        ``customer_id``, ``segment``, ``time``, ``action``, ``propensity`` (missing when assignment was not random),
        ``outcome`` (0 or 1).
    effects : mapping
        Segment → action → planted probability of the outcome for an average customer.
    best : mapping
        Segment → the action with the highest planted probability.
    values : mapping
        Planted value of policies over the customers of the log: each action for everybody, ``segment rule`` (the best
        action of the segment), ``by chance`` (all actions alike).
    """

    rows: pd.DataFrame
    effects: Mapping[str, Mapping[str, float]]
    best: Mapping[str, str]
    values: Mapping[str, float]


def log_actions(
    world: World,
    *,
    actions: Sequence[str] = ("nothing", "reminder", "call"),
    rows: int | None = None,
    gain: float = 0.15,
    confounded: bool = False,
    seed: int = 0,
) -> ActionLog:
    """Draw a log of actions on the customers of a world; in each segment another action works best.

    Parameters
    ----------
    world : World
        The world; its segments decide what works.
    actions : sequence of str
        At least two; the first is the one that has no effect anywhere.
    rows : int, optional
        How many rows; one a customer when None.
    gain : float
        Probability that the best action of a segment adds.
    confounded : bool
        When True, a hidden mood decides both who is chosen and what comes of it, and no propensity is logged.
    seed : int
        The same seed gives the same log.

    Returns
    -------
    ActionLog
        The log with its planted effects.

    Examples
    --------
    >>> from cjmlab.study.world import planted_world
    >>> log = log_actions(planted_world(seed=1, customers=200, segments=3, text=False))
    >>> log.values["segment rule"] > max(log.values["nothing"], log.values["by chance"])
    True
    """
    if len(actions) < 2 or len(set(actions)) < len(actions):
        raise StudyError("an action log needs at least two different actions", remedy='Give ("nothing", "call").')
    rng = np.random.default_rng([seed, 11])
    members = dict(world.truth["segment_of_customer"])
    effects = _effects(rng, list(world.truth["segments"]), actions, gain)
    people = sorted(members)
    who = np.arange(len(people)) if rows is None else rng.integers(0, len(people), size=rows)
    segment = [members[people[i]] for i in who]
    mood = rng.normal(size=len(people))[who]
    chances, logged = _chances(rng, len(actions), mood, confounded)
    chosen = (rng.random(len(who))[:, None] > np.cumsum(chances, axis=1)[:, :-1]).sum(axis=1)
    base = np.array([[effects[name][action] for action in actions] for name in segment])
    felt = np.clip(base[np.arange(len(who)), chosen] + 0.12 * mood, 0.01, 0.99)
    start = pd.Timestamp("2026-11-02T09:00", tz="UTC")
    table = pd.DataFrame(
        {
            "customer_id": [people[i] for i in who],
            "segment": segment,
            "time": start + pd.to_timedelta(rng.integers(0, 60 * 24 * 60, size=len(who)), unit="min"),
            "action": [actions[i] for i in chosen],
            "propensity": chances[np.arange(len(who)), chosen].round(6) if logged else np.nan,
            "outcome": (rng.random(len(who)) < felt).astype(int),
        }
    )
    best = {name: max(row, key=lambda action: row[action]) for name, row in effects.items()}
    values = {action: round(float(base[:, k].mean()), 6) for k, action in enumerate(actions)}
    values["by chance"] = round(float(base.mean()), 6)
    values["segment rule"] = round(float(np.mean([effects[name][best[name]] for name in segment])), 6)
    return ActionLog(table.sort_values(["time", "customer_id"], ignore_index=True), effects, best, values)


def _effects(
    rng: np.random.Generator, segments: Sequence[str], actions: Sequence[str], gain: float
) -> dict[str, dict[str, float]]:
    """Plant what works: in each segment one action adds ``gain``, the others little or less than nothing."""
    effects = {}
    for k, name in enumerate(segments):
        base = round(float(rng.uniform(0.25, 0.45)), 4)
        winner = actions[1 + k % (len(actions) - 1)]
        row = {action: round(base + float(rng.uniform(-0.05, 0.03)), 4) for action in actions}
        effects[name] = {**row, actions[0]: base, winner: round(base + gain, 4)}
    return effects


def _chances(rng: np.random.Generator, actions: int, mood: np.ndarray, confounded: bool) -> tuple[np.ndarray, bool]:
    """Return the chance of every action for every row, and whether it can be logged."""
    if confounded:
        pull = np.exp(np.outer(mood, np.linspace(-1.2, 1.2, actions)))
        return pull / pull.sum(axis=1, keepdims=True), False
    table = rng.dirichlet(np.full(actions, 6.0), size=len(mood))
    table = 0.1 + (1 - 0.1 * actions) * table if actions < 10 else table
    return table, True
