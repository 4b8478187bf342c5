"""What people pin by hand beside what the data show, and what is said where nothing decides."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "journeys"))
from frames_journeys import survey

from cjmlab.errors import VocabularyError
from cjmlab.journeys import derive_journeys
from cjmlab.moments import rank_moments


@pytest.fixture(scope="module")
def study() -> tuple[pd.DataFrame, pd.DataFrame]:
    scored, members, _ = survey(300)
    wide = scored.pivot_table(index="customer_id", columns="touchpoint", values="sentiment").fillna(0)
    noise = np.random.default_rng(0).normal(0, 1, len(wide))
    value = np.clip(np.round(6 + 3 * wide["checkout"] + 2.5 * wide["delivery"] + noise), 0, 10)
    return derive_journeys(scored, members), pd.DataFrame({"customer_id": wide.index, "recommend": value.to_numpy()})


def test_a_pin_is_marked_and_stays_an_opinion(study: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    journeys, outcomes = study
    plain = rank_moments(journeys, outcomes)
    truth = plain[plain["kind"].eq("moment_of_truth")].iloc[0]
    taken = plain[plain["kind"].isin(["moment_of_truth", "candidate"]) & plain["segment"].eq(truth["segment"])]
    other = next(point for point in journeys["touchpoint"] if point not in set(taken["touchpoint"]))
    pins = [(truth["segment"], other), (truth["segment"], truth["touchpoint"])]
    found = rank_moments(journeys, outcomes, pins=pins, language="ru")
    pinned = found[found["nature"].fillna("").str.contains("pinned")].set_index("touchpoint")
    assert set(pinned.index) == {other, truth["touchpoint"]}
    assert pinned.loc[other, "kind"] == "candidate"
    assert np.isnan(pinned.loc[other, "effect"])
    assert "отмечено вручную" in pinned.loc[other, "reason"]
    assert pinned.loc[truth["touchpoint"], "effect"] == pytest.approx(truth["effect"])
    assert len(found) == len(plain) + 1
    assert rank_moments(journeys, pins=[(truth["segment"], other)])["kind"].eq("candidate").sum() == 1
    with pytest.raises(VocabularyError, match="'delivry' is not a touchpoint of these journeys"):
        rank_moments(journeys, outcomes, pins=[(truth["segment"], "delivry")])


def test_no_moment_of_truth_is_said(study: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    journeys = study[0]
    customers = journeys.about.members["customer_id"]
    chance = pd.DataFrame(
        {"customer_id": customers, "recommend": np.random.default_rng(3).integers(0, 11, len(customers))}
    )
    found = rank_moments(journeys, chance)
    without = set(found["segment"]) - set(found.loc[found["kind"].eq("moment_of_truth"), "segment"])
    assert without
    assert all(
        any(note.startswith(f"{name}: no touchpoint passes") for note in found.about["notes"]) for name in without
    )
