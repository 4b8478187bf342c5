"""Studies that are small, flat, nameless or strange: every verb answers with a smaller result, or with one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from frames_journeys import rating, survey, words
from hypothesis import given, settings
from hypothesis import strategies as st

import cjmlab as cjm
from cjmlab.errors import CjmError

OUTCOME = ["customer_id", "outcome", "value", "scale", "wave"]


def place(who: str | None, stage: str, point: str, value: float, **more: object) -> dict[str, object]:
    """A rated row anywhere."""
    row = rating(who, "checkout", value)
    identity = f"{who}-{point}"
    return {**row, "unit_id": identity, "feedback_id": identity, "stage": stage, "touchpoint": point, **more}


def crowd(n: int, points: dict[str, str], value: Callable[[int, str], float]) -> list[dict[str, object]]:
    return [place(f"c{i:03d}", stage, point, value(i, point)) for i in range(n) for point, stage in points.items()]


def noise(i: int, point: str) -> float:
    return float(np.clip(np.round(2 * np.random.default_rng(abs(hash((i, len(point)))) % 2**32).normal()) / 2, -1, 1))


def outcome(n: int, value: Callable[[int], float] = lambda i: float(i % 11)) -> pd.DataFrame:
    return pd.DataFrame([(f"c{i:03d}", "recommend", value(i), "0-10", "1") for i in range(n)], columns=OUTCOME)


def model(stages: int) -> cjm.StageModel:
    return cjm.stage_model({"id": "own", "label": "Own", "stages": [f"step_{i}" for i in range(stages)]})


NINE = {f"point_{i:02d}": f"step_{i % 9}" for i in range(25)}
TONGUES = {"доставка_на_дом": "step_0", "退货": "step_1", "結帳": "step_2", "Ёлки": "step_0"}
CASES: dict[str, tuple[list[dict[str, object]], pd.DataFrame | None, int]] = {
    "one answer": ([place("c000", "step_0", "door", 0.5)], outcome(1), 3),
    "one touchpoint": (crowd(120, {"door": "step_0"}, noise), outcome(120), 3),
    "no outcome": (crowd(40, {"door": "step_0", "till": "step_1"}, noise), None, 3),
    "all answers equal": (crowd(90, {"door": "step_0", "till": "step_1"}, lambda i, p: 0.5), outcome(90), 3),
    "an outcome that never varies": (crowd(90, {"door": "step_0", "till": "step_1"}, noise), outcome(90, lambda i: 7.0), 3),
    "nobody in particular": ([place(None, "step_0", "door", noise(i, "door"), feedback_id=f"f{i}", unit_id=f"u{i}")
                              for i in range(30)], outcome(3), 3),
    "nine stages, twenty-five touchpoints": (crowd(60, NINE, noise), outcome(60), 9),
    "ids in other scripts": (crowd(60, TONGUES, noise), outcome(60), 3),
    "outcomes of strangers": (crowd(60, {"door": "step_0"}, noise), outcome(60).assign(customer_id="nobody"), 3),
}  # fmt: skip
VERBS: dict[str, Callable[[pd.DataFrame, pd.Series], Any]] = {
    "narrate": lambda j, y: cjm.narrate(j),
    "coherence": lambda j, y: cjm.coherence(j),
    "loops": lambda j, y: cjm.measure_loops(j),
    "repeats": lambda j, y: cjm.measure_repeats(j),
    "triggers": lambda j, y: cjm.measure_triggers(j),
    "hand-offs": lambda j, y: cjm.hand_offs(j),
    "fragmentation": lambda j, y: cjm.fragmentation(j),
    "digital": lambda j, y: cjm.digital_share(j),
    "blocked": lambda j, y: cjm.blocked_intent(j),
    "hollow": lambda j, y: cjm.hollow_success(j),
    "promises": lambda j, y: cjm.broken_promises(j),
    "scores": lambda j, y: cjm.score_journeys(j),
    "cues": lambda j, y: cjm.count_cues(j),
    "purchases": lambda j, y: cjm.split_purchases(j),
    "channels": lambda j, y: cjm.channel_value(j),
    "retention": lambda j, y: cjm.retention_curve(j),
    "figures": lambda j, y: cjm.measure_kpis(j),
    "facets": lambda j, y: cjm.count_facets(j),
    "distribution": lambda j, y: cjm.score_distribution(j),
    "contest": lambda j, y: cjm.contest_scores(j, y),
    "difficulty": lambda j, y: cjm.stage_difficulty(j, y),
    "surface": lambda j, y: cjm.response_surface(j, y),
    "questions": lambda j, y: cjm.ask_questions(j),
    "help": lambda j, y: cjm.later_experience(j, j["touchpoint"].iloc[0]),
    "what if": lambda j, y: cjm.simulate_change(j, y, {j["touchpoint"].iloc[0]: 0.5}, resamples=20),
    "waves": lambda j, y: cjm.compare_waves(j),
    "brands": lambda j, y: cjm.compare_brands(j, {"us": []}, own="us"),
}


def answer(verb: Callable[[pd.DataFrame, pd.Series], Any], journeys: pd.DataFrame, y: pd.Series) -> Any:
    """The table, or the sentence that says why there is none."""
    try:
        return verb(journeys, y)
    except CjmError as refusal:
        return str(refusal)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("case", list(CASES))
def test_every_verb_answers_or_says_why_not(case: str) -> None:
    rows, outcomes, stages = CASES[case]
    journeys = cjm.derive_journeys(pd.DataFrame(rows), stage_model=model(stages), resamples=20)
    heard = journeys[journeys["n"] > 0]
    assert heard["experience"].between(-1, 1).all()
    assert ((heard["low"] <= heard["high"]) | heard["low"].isna()).all()
    moments = cjm.rank_moments(journeys, outcomes, resamples=20)
    if outcomes is None:
        assert not moments["kind"].isin(["moment_of_truth", "candidate", "opportunity"]).any()
    y = pd.Series(dtype=float) if outcomes is None else outcomes.groupby("customer_id")["value"].mean()
    for name, verb in VERBS.items():
        found = answer(verb, journeys, y)
        assert isinstance(found, pd.DataFrame) or found.strip(), name


def test_all_answers_equal_are_no_certainty() -> None:
    journeys = cjm.derive_journeys(pd.DataFrame(CASES["all answers equal"][0]), stage_model=model(3))
    assert journeys["experience"].tolist() == [0.5, 0.5]
    moments = cjm.rank_moments(journeys, outcome(90))
    assert not moments["kind"].isin(["moment_of_truth", "candidate"]).any()


def test_names_in_other_scripts_survive() -> None:
    journeys = cjm.derive_journeys(pd.DataFrame(CASES["ids in other scripts"][0]), stage_model=model(3))
    assert set(journeys["touchpoint"]) == set(TONGUES)


@pytest.fixture(scope="module")
def planted() -> tuple[pd.DataFrame, pd.DataFrame]:
    rows, members, _ = survey(120, seed=5)
    more = [words(f"c{i:04d}", "delivery", -0.6, f"It came late, {i} days", number=1) for i in range(40)]
    return pd.concat([rows, pd.DataFrame(more)], ignore_index=True), members


def widths(journeys: pd.DataFrame) -> pd.Series:
    return (journeys["high"] - journeys["low"]).set_axis(pd.MultiIndex.from_frame(journeys[["segment", "touchpoint"]]))


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), share=st.floats(0.1, 1.0))
def test_repeating_splitting_and_shuffling_narrow_no_interval(
    planted: tuple[pd.DataFrame, pd.DataFrame], seed: int, share: float
) -> None:
    rows, members = planted
    rng = np.random.default_rng(seed)
    before = cjm.derive_journeys(rows, members, resamples=0)
    again = rows[rows["customer_id"].isin(rng.choice(rows["customer_id"].unique(), int(share * 120), replace=False))]
    twice = pd.concat([rows, again.assign(unit_id=again["unit_id"] + "+", feedback_id=again["feedback_id"] + "+")])
    files = rows.assign(source=np.where(rng.random(len(rows)) < 0.5, "first.csv", "second.csv"))
    for other in (twice, files, rows.sample(frac=1, random_state=seed)):
        after = cjm.derive_journeys(other, members, resamples=0)
        assert (widths(after) >= widths(before) - 1e-9).all()
        np.testing.assert_allclose(after["experience"], before["experience"], atol=0.02 if other is twice else 1e-9)
