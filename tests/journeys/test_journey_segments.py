"""Segments from journeys: planted chains come back as a segmentation, one kind of journey stays one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cjmlab as cjm
from cjmlab.errors import TableError
from cjmlab.journeys.typed import segment_by_journeys
from cjmlab.segments.stability import adjusted_rand

STEPS = np.array(["search", "social_ad", "checkout", "delivery"], dtype=object)
CHAINS = np.array(
    [
        [[0.1, 0.7, 0.1, 0.1], [0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7], [0.1, 0.1, 0.7, 0.1]],
        [[0.1, 0.1, 0.7, 0.1], [0.1, 0.1, 0.1, 0.7], [0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1]],
        [[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1], [0.1, 0.1, 0.7, 0.1], [0.1, 0.1, 0.1, 0.7]],
    ]
)


def log_of(n: int, length: int, kinds: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    kind = np.arange(n) % kinds
    state = rng.integers(0, 4, n)
    path = [state]
    for _ in range(length - 1):
        draw = rng.random(n)[:, None] > CHAINS[kind, state].cumsum(axis=1)
        state = np.minimum(draw.sum(axis=1), 3)
        path.append(state)
    events = pd.DataFrame(
        {
            "customer_id": np.repeat([f"c{i:04d}" for i in range(n)], length),
            "time": pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(np.tile(np.arange(length), n), unit="h"),
            "touchpoint": STEPS[np.column_stack(path).ravel()],
        }
    )
    return events, kind


@pytest.fixture(scope="module")
def planted() -> tuple[pd.DataFrame, np.ndarray]:
    return log_of(300, 12, 3)


def test_planted_chains_become_segments(planted: tuple[pd.DataFrame, np.ndarray]) -> None:
    events, kind = planted
    found = segment_by_journeys(events, level="touchpoint", n_boot=6)
    assert found.n_segments == 3
    place = found.members["customer_id"].str[1:].astype(int).to_numpy()
    assert adjusted_rand(found.assigned, kind[place]) >= 0.7
    assert found.stability["jaccard"].min() > 0.75
    assert found.verdict.startswith("3 types of journey")
    assert "Jaccard" in found.verdict
    assert found.members["posterior"].between(1 / 3, 1).all()
    assert found.count.votes == {"bic": 3}


def test_the_order_of_rows_changes_nothing(planted: tuple[pd.DataFrame, np.ndarray]) -> None:
    events, _ = planted
    once = segment_by_journeys(events, level="touchpoint", n_boot=0).members
    again = segment_by_journeys(events.sample(frac=1, random_state=3), level="touchpoint", n_boot=0).members
    pd.testing.assert_frame_equal(once, again)


def test_one_kind_of_journey_is_one_segment() -> None:
    events, _ = log_of(200, 10, 1)
    found = segment_by_journeys(events, level="touchpoint")
    assert found.names == ("All customers",)
    assert "no evidence of several types" in found.verdict


def test_short_and_few_journeys_are_said_to_be_uncertain() -> None:
    events, _ = log_of(200, 5, 3)
    found = segment_by_journeys(events, level="touchpoint", n_segments=3, n_boot=0)
    assert any("read the types, not single placements" in note for note in found.notes)


def test_customers_describe_the_segments_and_those_without_a_journey_are_counted(
    planted: tuple[pd.DataFrame, np.ndarray],
) -> None:
    events, kind = planted
    table = pd.DataFrame({"customer_id": [f"c{i:04d}" for i in range(303)], "plan": np.r_[kind, [0, 1, 2]] == 1})
    found = segment_by_journeys(events, customers=table, level="touchpoint", n_boot=3)
    assert len(found.members) == 300
    assert "3 of 303 customers have no journey: in no segment." in found.notes
    assert found.profile()["effect"].abs().max() > 1.0
    assert len(found.personas("ru")) == 3


def test_ids_that_never_meet_are_one_sentence(planted: tuple[pd.DataFrame, np.ndarray]) -> None:
    with pytest.raises(TableError, match="no customer of the table has a journey"):
        segment_by_journeys(planted[0], customers=pd.DataFrame({"customer_id": ["x"]}), level="touchpoint")


def test_the_segments_carry_into_journeys(planted: tuple[pd.DataFrame, np.ndarray]) -> None:
    events, _ = planted
    found = segment_by_journeys(events, level="touchpoint", n_boot=0)
    split = cjm.transitions(events, segments=found, level="touchpoint")
    assert set(split["segment"]) == set(found.names)
