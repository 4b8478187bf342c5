"""Planted worlds: customers whose segments, experience and moments of truth are known, as raw tables with their truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from cjmlab.errors import StudyError, did_you_mean
from cjmlab.study.charter import Study
from cjmlab.study.episodes import Episode, live
from cjmlab.study.paths import walk
from cjmlab.study.plan import WorldPlan
from cjmlab.study.population import Population, describe_customers, draw_population
from cjmlab.study.questionnaire import ask
from cjmlab.study.random_plan import Dice, random_plan
from cjmlab.study.transcripts import hold_interviews
from cjmlab.study.truth import tell_truth
from cjmlab.study.verbatims import Clause
from cjmlab.vocabulary import StageModel
from cjmlab.vocabulary import stage_model as find_stage_model

LEVELS = ("style", "halo", "spread", "missing", "handoff", "focus", "rest", "noise_sd", "panel", "talkative")


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

    def study(self) -> Study:
        """Return the world as a study in memory, as ``load_study`` would from its files (interviews aside)."""
        from cjmlab.study.world_study import study_of

        return study_of(self)


def planted_world(
    *,
    seed: int = 0,
    customers: int = 600,
    segments: int = 4,
    overlap: str = "low",
    stage_model: str | Mapping[str, object] | StageModel = "hema7",
    touchpoints: Sequence[str | Mapping[str, object]] | int = 14,
    languages: Sequence[str] = ("en",),
    waves: int = 2,
    changes: int = 2,
    mix_shift: bool = True,
    noise: bool = False,
    kind: str = "types",
    drivers: str = "planted",
    asymmetry: bool = False,
    polarised: bool = False,
    domain: str = "general",
    text: bool = True,
    interviews: int = 0,
    **levels: float,
) -> World:
    """Plant a world by chance: segments, their curves, what drives them, and what changed, all known.

    Parameters
    ----------
    seed : int
        The same seed and settings give the same world, on any machine.
    customers : int
        How many customers.
    segments : int
        How many segments, 1 to 6.
    overlap : {"low", "mid", "high"}
        How much the attributes of segments overlap.
    stage_model : str, mapping or StageModel
        Any customer model, shipped or own (see ``cjmlab.vocabulary.stage_model``).
    touchpoints : sequence or int
        Touchpoints (shipped ids or own entries), or how many shipped ones.
    languages : sequence of str
        Languages that customers write in, equally often.
    waves, changes : int
        Waves, and true changes between them (a segment at a touchpoint).
    mix_shift : bool
        Whether the shares of segments move between the first and the last wave.
    noise : bool
        True for a world without segments: one population.
    kind : {"types", "level", "gradient"}
        Whether segments differ in what they think, only in how high they answer, or whether there are none but a
        gradient in one factor.
    drivers : {"planted", "equal", "none"}
        Two moments of truth a segment, equal weight of all touchpoints, or outcomes by chance.
    asymmetry : bool
        Whether of the two moments of truth the first only hurts (a must-be) and the second only delights.
    polarised : bool
        Whether every segment has a touchpoint that people either love or hate.
    domain : {"general", "grocer", "furniture"}
        Whose phrases people use; a touchpoint that the domain does not have is spoken of by its name.
    text : bool
        Whether respondents write comments; numbers are the same with and without.
    interviews : int
        How many interviews.
    **levels : float
        Further settings of ``WorldPlan``: ``halo``, ``style``, ``spread``, ``missing``, ``handoff``, ``focus``,
        ``rest``, ``noise_sd``, ``panel``, ``talkative``.

    Returns
    -------
    World
        Raw tables with their truth.

    Examples
    --------
    >>> world = planted_world(seed=1, customers=200, segments=3, text=False)
    >>> len(world.customers), len(world.truth["segments"]), len(world.truth["changes"])
    (200, 3, 2)
    """
    none = noise or kind == "gradient"
    dice = Dice(
        segments=1 if none else segments,
        overlap=overlap,
        kind=kind,
        drivers=drivers,
        waves=waves,
        changes=changes,
        mix_shift=mix_shift,
        languages=tuple(languages),
        domain=domain,
        asymmetry=asymmetry,
        polarised=polarised,
    )
    plan = random_plan(find_stage_model(stage_model), touchpoints, dice, seed)
    unknown = [name for name in levels if name not in LEVELS]
    if unknown:
        raise StudyError(f"{unknown[0]!r} is not a setting of a planted world", remedy=did_you_mean(unknown[0], LEVELS))
    plan = replace(plan, **levels)  # type: ignore[arg-type]
    return build_world(plan, customers=customers, seed=seed, text=text, interviews=interviews)


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
    clauses: dict[str, dict[tuple[str, str], list[Clause]]] = {}
    logs, paths = [], {}
    for episode in episodes:
        surveys[episode.wave], clauses[episode.wave] = ask(plan, population, episode, seed, text)
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


def _events(plan: WorldPlan, logs: list[pd.DataFrame]) -> pd.DataFrame:
    """Write the log as a file holds it: in the order of time, with what the plan's world logs."""
    log = pd.concat(logs, ignore_index=True).sort_values(["time", "customer"], kind="stable", ignore_index=True)
    columns = {
        "event_id": [f"E{i + 1:06d}" for i in range(len(log))],
        "customer": log["customer"],
        "ts": (log["time"] - pd.Timedelta(hours=plan.utc_offset)).dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "event": log["event"],
        "touchpoint": log["touchpoint"],
        "channel": log["channel"],
        "item": log["item"],
        "amount": log["money"],
        "staff": log["person"],
        "tool": log["tool"],
        "reason": log["reason"],
    }
    frame = pd.DataFrame(columns).replace("", None)
    if plan.event_names:
        frame = frame.drop(columns="touchpoint")
    return frame.dropna(axis=1, how="all")


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
