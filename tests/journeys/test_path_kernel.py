"""The kernel: any partition of customers, any order of merging, the same tables; and a second opinion by narwhals."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cjmlab.errors import SourceError, TableError
from cjmlab.journeys.kernel import merge, partial
from cjmlab.journeys.logs import encode, run_kernel
from cjmlab.journeys.ordering import Columns
from cjmlab.journeys.path_tables import finish
from cjmlab.journeys.paths import trace_paths, transitions
from cjmlab.journeys.store import EventStore

STAGES = [f"s{i}" for i in range(4)]


def make_log(seed: int, customers: int = 40, events: int = 400, *, ties: bool = True) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    point = rng.integers(0, 9, events)
    minutes = rng.integers(0, 50 if ties else 10**6, events)
    if not ties:
        minutes = rng.permutation(events)
    return pd.DataFrame(
        {"customer_id": [f"c{i:03d}" for i in rng.integers(0, customers, events)],
         "time": pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(minutes, unit="min"),
         "touchpoint": [f"t{i}" for i in point], "stage": [STAGES[i % 4] for i in point],
         "sentiment": np.where(rng.random(events) < 0.3, np.nan, rng.uniform(-1, 1, events))}
    )  # fmt: skip


def members(log: pd.DataFrame) -> pd.Series:
    ids = sorted(log["customer_id"].unique())
    return pd.Series(["even" if i % 2 else "odd" for i in range(len(ids))], ids)


def tables(state: object, names: object) -> list[pd.DataFrame]:
    found = finish(state, names)  # type: ignore[arg-type]
    return [found.transitions, found.reach, found.dwell, found.variants, found.experience]


def part_of(columns: Columns, mine: np.ndarray) -> Columns:
    return Columns(columns.customer[mine], columns.time[mine], columns.touchpoint[mine], columns.stage[mine],
                   columns.segment[mine], columns.score[mine], columns.sizes, columns.open_since)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), parts=st.integers(1, 7), data=st.data())
def test_any_partition_by_customer_and_any_order_of_merging(seed: int, parts: int, data: st.DataObject) -> None:
    log = make_log(seed)
    columns, names, people = encode(log, stages=STAGES, segments=members(log))
    whole = tables(partial(columns), names)
    home = np.array(data.draw(st.lists(st.integers(0, parts - 1), min_size=len(people), max_size=len(people))))
    states = [
        partial(part_of(columns, home[columns.customer] == part)) for part in data.draw(st.permutations(range(parts)))
    ]
    while len(states) > 2:  # merge in a tree, not only all at once
        states = [merge(states[:2]), *states[2:]]
    for first, second in zip(whole, tables(merge(states), names), strict=True):
        pd.testing.assert_frame_equal(first, second, rtol=1e-9, atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_order_of_rows_changes_nothing_even_at_the_same_instant(seed: int) -> None:
    log = make_log(seed)
    for first, second in zip(*(tables(run_kernel(c), n) for c, n, _ in (
        encode(rows, stages=STAGES) for rows in (log, log.sample(frac=1, random_state=seed)))), strict=True):  # fmt: skip
        pd.testing.assert_frame_equal(first, second)


def test_blocks_give_the_same_as_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    log = make_log(3, customers=50, events=3000)
    columns, names, _ = encode(log, stages=STAGES, segments=members(log))
    whole = tables(partial(columns), names)
    monkeypatch.setattr("cjmlab.journeys.blocks._BLOCK", 200)
    for first, second in zip(whole, tables(partial(columns), names), strict=True):
        pd.testing.assert_frame_equal(first, second, rtol=1e-9)


def oracle(log: pd.DataFrame, segment: pd.Series) -> dict[str, pd.DataFrame]:
    """The same numbers as a narwhals plan, which shares no line with the kernel."""
    frame = nw.from_native(log.assign(segment=log["customer_id"].map(segment))).sort(
        "customer_id", "time", "touchpoint"
    )
    step = frame.with_columns(to=nw.col("touchpoint").shift(-1).over("customer_id", order_by=["time", "touchpoint"]),
                              first=nw.col("touchpoint").shift(1).over("customer_id", order_by=["time", "touchpoint"]))  # fmt: skip
    direct = step.filter(~nw.col("to").is_null()).group_by("segment", "touchpoint", "to").agg(n=nw.len())
    reach = frame.unique(["segment", "customer_id", "stage"]).group_by("segment", "stage").agg(customers=nw.len())
    mean = frame.filter(~nw.col("sentiment").is_null()).group_by("segment", "touchpoint", "customer_id").agg(
        nw.col("sentiment").mean(), rows=nw.len()
    ).group_by("segment", "touchpoint").agg(nw.col("sentiment").mean(), n=nw.col("rows").sum(), customers=nw.len())  # fmt: skip
    begin = step.filter(nw.col("first").is_null()).group_by("segment", "touchpoint").agg(n=nw.len())
    enter = frame.with_columns(before=nw.col("stage").shift(1).over("customer_id", order_by=["time", "touchpoint"]))
    enter = enter.filter(nw.col("before").is_null() | (nw.col("before") != nw.col("stage")))
    wait = enter.with_columns(
        to=nw.col("stage").shift(-1).over("customer_id", order_by=["time", "touchpoint"]),
        wait=nw.col("time").shift(-1).over("customer_id", order_by=["time", "touchpoint"]) - nw.col("time"),
    ).filter(~nw.col("to").is_null()).with_columns(seconds=nw.col("wait").dt.total_seconds())  # fmt: skip
    dwell = wait.group_by("segment", "stage", "to").agg(nw.col("seconds").median(), n=nw.len())
    return {name: part.to_native() for name, part in
            {"direct": direct, "begin": begin, "reach": reach, "mean": mean, "dwell": dwell}.items()}  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_a_narwhals_plan_agrees(seed: int) -> None:
    log = make_log(seed, ties=False)
    segment = members(log)
    columns, names, _ = encode(log, stages=STAGES, segments=segment)
    found, wanted = finish(run_kernel(columns, partitions=3), names), oracle(log, segment)
    direct = found.transitions[~found.transitions["from"].eq("start") & ~found.transitions["to"].eq("end")]
    assert _same(direct, ["segment", "from", "to"], "n", wanted["direct"], ["segment", "touchpoint", "to"], "n")
    begin = found.transitions[found.transitions["from"].eq("start")]
    assert _same(begin, ["segment", "to"], "n", wanted["begin"], ["segment", "touchpoint"], "n")
    assert _same(found.reach, ["segment", "stage"], "customers", wanted["reach"], ["segment", "stage"], "customers")
    for column in ("sentiment", "n", "customers"):
        ours = "experience" if column == "sentiment" else column
        assert _same(
            found.experience, ["segment", "touchpoint"], ours, wanted["mean"], ["segment", "touchpoint"], column
        )
    assert _same(
        found.dwell, ["segment", "from", "to"], "median", wanted["dwell"], ["segment", "stage", "to"], "seconds"
    )


def _same(a: pd.DataFrame, by_a: list[str], of_a: str, b: pd.DataFrame, by_b: list[str], of_b: str) -> bool:
    first, second = a.set_index(by_a)[of_a].sort_index(), b.set_index(by_b)[of_b].sort_index()
    return len(first) == len(second) and np.allclose(first.to_numpy(float), second.to_numpy(float))


def test_every_customer_starts_and_ends_once_and_shares_add_up() -> None:
    log = make_log(11)
    columns, names, people = encode(log)
    found = finish(run_kernel(columns), names).transitions
    assert found.loc[found["from"].eq("start"), "n"].sum() == len(people)
    assert found.loc[found["to"].eq("end"), "n"].sum() == len(people)
    np.testing.assert_allclose(found.groupby("from")["share"].sum(), 1.0)
    variants = finish(run_kernel(columns), names).variants
    assert variants["n"].sum() == len(people)
    assert variants["coverage"].iloc[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("numbers", [False, True])
def test_a_store_read_or_streamed_gives_the_same_as_the_frame(tmp_path, numbers, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    log, file = make_log(5, customers=60, events=2000), tmp_path / "events.parquet"
    if numbers:
        log["customer_id"] = log["customer_id"].str[1:].astype(int) * 10**12  # far apart, as real ids are
    home = members(log).rename(str)
    log.loc[::50, "touchpoint"] = None
    log.loc[7::50, "stage"] = None
    log.assign(sentiment=log["sentiment"].astype("float32")).to_parquet(file)
    columns, names, _ = encode(log, segments=home)
    monkeypatch.setattr("cjmlab.journeys.store._BATCH", 300)
    monkeypatch.setattr("cjmlab.journeys.store._HOLD", 500)
    store = EventStore(file, segments=home)
    whole, again = store.read()
    streamed, third = store.stream()
    assert names == again == third
    wanted = tables(partial(columns), names)
    for found in (tables(partial(whole), names), tables(streamed, names)):
        for i, (first, second) in enumerate(zip(wanted, found, strict=True)):
            if i != 1:  # a stream does not know which journeys are open
                pd.testing.assert_frame_equal(first, second, rtol=1e-6, atol=1e-6)
    pd.testing.assert_frame_equal(trace_paths(file, segments=home, level="stage"),
                                  trace_paths(log, segments=home, level="stage"))  # fmt: skip


def test_a_store_brings_its_own_segments_or_none(tmp_path) -> None:  # type: ignore[no-untyped-def]
    log, file = make_log(6), tmp_path / "events.parquet"
    log.assign(segment=log["customer_id"].map(members(log))).to_parquet(file)
    assert set(transitions(file)["segment"]) == {"even", "odd"}
    log.head(0).to_parquet(file)
    assert trace_paths(file).empty
    log.drop(columns="stage").to_parquet(file)
    assert set(trace_paths(str(file))["segment"]) == {"All customers"}


def test_a_store_that_cannot_be_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "no.parquet").write_bytes(b"not parquet")
    with pytest.raises(SourceError, match="it cannot be read as Parquet"):
        EventStore(tmp_path / "no.parquet").read()
    make_log(1).rename(columns={"time": "when"}).to_parquet(tmp_path / "no.parquet")
    with pytest.raises(SourceError, match="the column 'time' is missing"):
        trace_paths(tmp_path / "no.parquet")


def test_no_events_and_no_table() -> None:
    log = make_log(1).head(0)
    columns, names, _ = encode(log)
    found = finish(run_kernel(columns), names)
    assert len(found.transitions) == len(found.variants) == len(found.dwell) == 0
    with pytest.raises(TableError, match="events are a table, not int"):
        encode(3)
    with pytest.raises(TableError, match="the column 'touchpoint' is missing"):
        encode(make_log(1).drop(columns="touchpoint"))
