"""Stores of events: nothing is lost, an interrupted one goes on, and paths read from it are those of the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import cjmlab as cjm
from cjmlab.sources import event_batches, store
from cjmlab.sources.store import store_events
from cjmlab.sources.times import Clock


def make_log(events: int = 600, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    point = rng.integers(0, 6, events)
    time = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 90, events), unit="h")
    return pd.DataFrame(
        {"customer_id": [f"k{i:02d}" for i in rng.integers(0, 40, events)], "time": time,
         "touchpoint": [f"t{i}" for i in point], "stage": [f"s{i // 2}" for i in point], "basket": rng.random(events),
         "sentiment": np.where(rng.random(events) < 0.3, np.nan, rng.uniform(-1, 1, events))}
    )  # fmt: skip


def everything(folder: Path) -> pd.DataFrame:
    parts = [pd.read_parquet(file) for file in sorted(folder.glob("part-*.parquet"))]
    words = ("customer_id", "touchpoint", "stage")
    return pd.concat([part.astype({name: str for name in words if name in part}) for part in parts], ignore_index=True)


@pytest.mark.parametrize("numbers", [False, True])
def test_paths_and_funnels_of_a_store_are_those_of_the_table(
    tmp_path: Path, numbers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = make_log(3000)
    if numbers:
        log["customer_id"] = log["customer_id"].str[1:].astype(int) * 10**13 - 10**14
    found = store_events(log, tmp_path / "store", partitions=5)
    assert found["events"].sum() == 3000
    assert found["customers"].sum() == 40
    monkeypatch.setattr("cjmlab.journeys.store._HOLD", 500)
    monkeypatch.setattr("cjmlab.journeys.store._BATCH", 200)
    monkeypatch.setattr("cjmlab.journeys.store.EventStore._sort_out", None)  # it is read from front to back
    for verb in (cjm.trace_paths, cjm.transitions, cjm.funnel):
        pd.testing.assert_frame_equal(verb(tmp_path / "store"), verb(log), rtol=1e-9)
    again = cjm.funnel(str(tmp_path / "store"), ["t1", "t4"], level="touchpoint")
    pd.testing.assert_frame_equal(again, cjm.funnel(log, ["t1", "t4"], level="touchpoint"), rtol=1e-9)


def test_all_columns_and_rows_come_back_whatever_their_order(tmp_path: Path) -> None:
    log = make_log()
    store_events(log, tmp_path / "one", partitions=3)
    store_events(log.sample(frac=1, random_state=3), tmp_path / "two", partitions=3)
    keys = ["customer_id", "time", "touchpoint", "stage", "basket"]
    first, second = everything(tmp_path / "one"), everything(tmp_path / "two")
    pd.testing.assert_frame_equal(first, second)
    found = first.sort_values(keys, ignore_index=True)[log.columns]
    pd.testing.assert_frame_equal(found, log.sort_values(keys, ignore_index=True), check_dtype=False)
    assert first.groupby("customer_id")["time"].apply(lambda times: times.is_monotonic_increasing).all()
    for file in (tmp_path / "one").glob("part-*.parquet"):
        assert "dictionary" in str(pa.parquet.read_schema(file).field("touchpoint").type)
        theirs = {str(who) for who in pd.read_parquet(file)["customer_id"]}
        other = {str(who) for who in pd.read_parquet(tmp_path / "two" / file.name)["customer_id"]}
        assert theirs == other


def test_dirty_rows_are_listed_not_lost(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "who;when;what;how much\n"
        "007;2026-01-02T10:00:00+08:00;search;1,5\n"
        ";2026-01-02;search;1\n"
        "a;soon;search;\n"
        " a ;2026-01-01;; \n"
        "b;2026-01-01\n"
        "\n"
        "a;2026-01-01;checkout;2,5\n",
        encoding="utf-8",
    )
    columns = {"customer_id": "who", "time": "when", "touchpoint": "what", "money": "how much"}
    found = store_events(tmp_path / "log.csv", tmp_path / "store", columns=columns)
    assert found.loc[found["kind"].eq("left out"), ["events", "reason"]].to_numpy().tolist() == [
        [1, "2 cells where the header has 4"], [1, "no customer id"], [1, "no time that can be read"],
        [1, "no touchpoint, stage, channel or event"]]  # fmt: skip
    left = pd.read_parquet(tmp_path / "store" / "_left_out.parquet")
    assert left["line"].tolist() == [3, 4, 5, 6]
    assert left["text"].tolist()[1] == "a, soon, search, "
    kept = everything(tmp_path / "store")
    assert kept["customer_id"].tolist() == ["007", "a"]
    assert kept["money"].tolist() == [1.5, 2.5]
    assert str(kept["time"].iloc[0]) == "2026-01-02 02:00:00+00:00"


def test_an_interrupted_store_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_log().to_parquet(tmp_path / "log.parquet")
    source, folder = tmp_path / "log.parquet", tmp_path / "store"
    monkeypatch.setattr(event_batches, "BATCH", 100)
    with monkeypatch.context() as patch:
        patch.setattr(store, "write_lots", _breaks(store.write_lots, after=5))
        with pytest.raises(KeyboardInterrupt):
            store_events(source, folder, partitions=4)
    laid = {file.name: file.stat().st_mtime_ns for file in (folder / "_laid_out").glob("*.arrow")}
    assert len(laid) == 2
    with monkeypatch.context() as patch:
        patch.setattr(store, "put_in_order", _breaks(store.put_in_order, after=2))
        with pytest.raises(KeyboardInterrupt):
            store_events(source, folder, partitions=4)
    now = {file.name: file.stat().st_mtime_ns for file in (folder / "_laid_out").glob("*.arrow")}
    assert laid.items() <= now.items()
    assert len(now) == 6
    with pytest.raises(cjm.SourceError, match="this store of events was not finished"):
        cjm.trace_paths(folder)
    parts = {file.name: file.stat().st_mtime_ns for file in folder.glob("part-*.parquet")}
    assert len(parts) == 2
    found = store_events(source, folder, partitions=4)
    assert found["events"].sum() == 600
    assert parts.items() <= {file.name: file.stat().st_mtime_ns for file in folder.glob("part-*.parquet")}.items()
    assert not (folder / "_laid_out").exists()
    whole = store_events(source, tmp_path / "whole", partitions=4)
    pd.testing.assert_frame_equal(found, whole)
    pd.testing.assert_frame_equal(everything(folder), everything(tmp_path / "whole"))


def _breaks(do: Any, after: int) -> Any:
    calls: list[int] = []

    def broken(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) > after:
            raise KeyboardInterrupt
        return do(*arguments)

    return broken


def test_a_finished_store_stays_and_another_source_is_refused(tmp_path: Path) -> None:
    log, folder = make_log(), tmp_path / "store"
    first = store_events(log, folder)
    written = (folder / "part-00000.parquet").stat().st_mtime_ns
    pd.testing.assert_frame_equal(store_events(log.copy(), folder), first)
    assert (folder / "part-00000.parquet").stat().st_mtime_ns == written
    with pytest.raises(cjm.SourceError, match="holds the events of another source"):
        store_events(log.head(10), folder)
    assert store_events(log.head(10), folder, replace=True)["events"].sum() == 10
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(cjm.SourceError, match="the folder holds other files"):
        store_events(log, tmp_path)
    assert (tmp_path / "mine.txt").exists()


def test_streams_whole_numbers_and_zones(tmp_path: Path) -> None:
    log = pd.DataFrame({"customer_id": [2.0, np.nan, 1.0], "time": [3 * 10**6, 1, 10**6], "event": ["b", "a", "a"]})
    reader = pa.Table.from_pandas(log).to_reader(max_chunksize=2)
    found = store_events(reader, tmp_path / "stream", partitions=1)
    assert found["reason"].tolist() == ["", "no customer id"]
    assert everything(tmp_path / "stream")["customer_id"].tolist() == ["1", "2"]
    log = log.dropna().assign(time=pd.to_datetime(["2026-01-01", "2026-06-01"]))
    store_events(log, tmp_path / "zone", clock=Clock("Asia/Shanghai"))
    assert str(everything(tmp_path / "zone")["time"].iloc[1]) == "2025-12-31 16:00:00+00:00"


def test_text_whose_encoding_is_not_certain_is_read_as_it_is_said_to_be(tmp_path: Path) -> None:
    log = pd.DataFrame(
        {"customer_id": ["张三", "Анна"], "time": ["2026年1月2日", "02.01.2026"], "event": ["浏览", "покупка"]}
    )
    log.to_csv(tmp_path / "log.tsv", index=False, sep="\t", encoding="gb18030")
    with pytest.raises(cjm.SourceError, match="the encoding is not certain"):
        store_events(tmp_path / "log.tsv", tmp_path / "store")
    found = store_events(tmp_path / "log.tsv", tmp_path / "store", encoding="gb18030")
    assert str(found["first"].iloc[0]) == "2026-01-02 00:00:00+00:00"
    assert cjm.trace_paths(tmp_path / "store", level="event")["path"].tolist() == [("покупка",), ("浏览",)]
    with pytest.raises(cjm.SourceError, match="there is no such file or folder"):
        cjm.trace_paths(tmp_path / "nothing")


def test_numbers_and_words_in_one_column_are_words(tmp_path: Path) -> None:
    log = make_log(3).astype({"customer_id": object, "stage": object}).assign(channel=None)
    log.loc[0, "customer_id"], log.loc[1, "customer_id"] = 7, "7"
    assert store_events(log, tmp_path / "store")["customers"].tolist() == [2]
    assert everything(tmp_path / "store")["channel"].isna().all()


def test_what_cannot_be_stored_is_said(tmp_path: Path) -> None:
    log = make_log(5)
    with pytest.raises(cjm.SourceError, match="the column 'when' of 'time' is missing"):
        store_events(log, tmp_path / "a", columns={"time": "when"})
    with pytest.raises(cjm.SourceError, match="no column says what was done"):
        store_events(log[["customer_id", "time"]], tmp_path / "b")
    with pytest.raises(cjm.SourceError, match="events are a table or a file, not int"):
        store_events(3, tmp_path / "c")
    with pytest.raises(cjm.SourceError, match="there is no such file"):
        store_events(tmp_path / "no.parquet", tmp_path / "d")
    with pytest.raises(cjm.SourceError, match="column 'basket': it cannot be read as 'customer_id'"):
        store_events(log, tmp_path / "g", columns={"customer_id": "basket"})
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / store.MANIFEST).write_text("{", encoding="utf-8")
    with pytest.raises(cjm.SourceError, match="the store cannot be read"):
        store_events(log, tmp_path / "e")
    with pytest.raises(cjm.SourceError, match="there are no events"):
        store_events(log.head(0), tmp_path / "f")
