"""Events in order: whatever the numbers, the order is the one that asking for it slowly gives; stores that lie in order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cjmlab.journeys.kernel import partial
from cjmlab.journeys.logs import encode
from cjmlab.journeys.ordering import Columns, order_events, sort_events
from cjmlab.journeys.path_tables import finish
from cjmlab.journeys.store import EventStore
from cjmlab.journeys.words import find_runs, number_people

WIDE = 2**62


def make_columns(seed: int, people: list[int], times: int, events: int = 60) -> Columns:
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 3, events)
    return Columns(np.array(people)[rng.integers(0, len(people), events)], rng.integers(-times, times, events), points,
                   points % 2, np.zeros(events, int), rng.random(events), (1, 3, 2))  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 999), people=st.lists(st.integers(-WIDE, WIDE), min_size=1, max_size=5),
       times=st.sampled_from([1, 4, 10**6, 2**44, 2**61]), sort=st.booleans())  # fmt: skip
def test_the_order_is_that_of_customer_time_touchpoint_and_stage(
    seed: int, people: list[int], times: int, sort: bool
) -> None:
    columns = make_columns(seed, people, times)
    if sort:
        columns = columns.only(np.lexsort((columns.stage, columns.touchpoint, columns.time, columns.customer)))
    wanted = columns.only(np.lexsort((columns.stage, columns.touchpoint, columns.time, columns.customer)))
    order, customer, time = sort_events(columns)
    np.testing.assert_array_equal(customer, wanted.customer)
    np.testing.assert_array_equal(time, wanted.time)
    np.testing.assert_array_equal(columns.touchpoint[order], wanted.touchpoint)
    assert (order_events(columns)[0] is None) == (sort or bool((order == np.arange(len(order))).all()))


def test_one_event_out_of_place_is_seen() -> None:
    n = 200_000
    columns = Columns(np.arange(n) // 10, np.arange(n), np.zeros(n, int), np.zeros(n, int), np.zeros(n, int),
                      np.full(n, np.nan), (1, 1, 1))  # fmt: skip
    assert order_events(columns)[0] is None
    for i in (65_536, n - 1):
        time = columns.time.copy()
        time[i], time[i - 1] = time[i - 1], time[i]
        assert order_events(replace(columns, time=time))[0] is not None


def test_customers_that_lie_together_are_numbered_as_they_come() -> None:
    far = np.array([5, 5, 2**60, 7, 7]) * 3
    assert find_runs(far).tolist() == [0, 2, 3]  # type: ignore[union-attr]
    assert number_people(far).tolist() == [0, 0, 1, 2, 2]
    assert find_runs(far[[0, 2, 1]]) is None
    assert number_people(far[[0, 2, 1]]).tolist() == [0, 1, 0]


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("order", ["together", "almost", "any"])
def test_a_file_streamed_in_batches_says_what_the_whole_file_says(
    tmp_path: Path, order: str, text: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(4)
    who = rng.integers(0, 70, 3000) * 10**15
    point = rng.integers(0, 6, len(who))
    log = pd.DataFrame({"customer_id": [f"k{n}" for n in who] if text else who, "sentiment": rng.random(len(who)),
                        "time": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 9999, len(who)), unit="s"),
                        "touchpoint": [f"t{i}" for i in point], "stage": [f"s{i // 2}" for i in point]})  # fmt: skip
    if order != "any":
        log = log.sort_values("customer_id", ignore_index=True)
    if order == "almost":
        log = pd.concat([log.iloc[1:], log.iloc[:1]])
    log.to_parquet(tmp_path / "log.parquet")
    store = EventStore(tmp_path / "log.parquet")
    whole, names = store.read()
    monkeypatch.setattr("cjmlab.journeys.store._BATCH", 250)
    monkeypatch.setattr("cjmlab.journeys.store._HOLD", 600)
    sorted_out = []
    monkeypatch.setattr(EventStore, "_sort_out", _noting(EventStore._sort_out, sorted_out))
    state, again = store.stream()
    assert again == names
    assert bool(sorted_out) == (order != "together")
    for one, other in zip(
        vars(finish(partial(whole), names)).values(), vars(finish(state, names)).values(), strict=True
    ):
        pd.testing.assert_frame_equal(one, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("points", [3, 900])
def test_experience_is_the_mean_of_customers_however_many_touchpoints(points: int) -> None:
    rng = np.random.default_rng(7)
    log = pd.DataFrame({"customer_id": rng.integers(0, 30, 400), "touchpoint": rng.integers(0, points, 400).astype(str),
                        "sentiment": np.where(rng.random(400) < 0.3, np.nan, rng.random(400)),
                        "time": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 9, 400), unit="h")})  # fmt: skip
    columns, names, _ = encode(log)
    found = finish(partial(columns), names).experience.set_index("touchpoint")["experience"]
    means = log.groupby(["touchpoint", "customer_id"])["sentiment"].mean()
    wanted = means.groupby("touchpoint").mean().dropna()
    pd.testing.assert_series_equal(found.sort_index(), wanted.sort_index(), check_names=False, check_index_type=False)


def _noting(method, calls):  # type: ignore[no-untyped-def]
    def noted(*arguments):  # type: ignore[no-untyped-def]
        calls.append(1)
        return method(*arguments)

    return noted
