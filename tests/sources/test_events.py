"""Event logs: one order whatever the order of the rows, channels by one name, missing links counted."""

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import SourceError
from cjmlab.sources import EventColumns, read_events
from cjmlab.sources.channels import channel_id
from cjmlab.sources.links import missing_links
from cjmlab.sources.times import Clock
from cjmlab.vocabulary import stage_model, touchpoints

MODEL = stage_model("lv3")
POINTS = touchpoints(["social_ad", "checkout", "delivery"], MODEL)
LOG = """who,ts,what,where,item,staff,tool,money
1,2024-01-02 10:00,pay,小程序,fish,,gate,"12,50"
1,2024-01-02 10:00,view,App,,,,
2,2024年1月3日 9:05,pay,магазин,milk,Li,,7
2,01.02.2024 08:00,get,企业微信,milk,,,oops
3,2024-01-05T10:00:00+03:00,view,tea room,,,,
,2024-01-05,view,App,,,,
3,,view,App,,,,
3,2024-01-05,,App,,,,
3,never,view,App,,,,
1,2024-01-02 10:00,view,App,,,,
"""
COLUMNS = EventColumns("who", "ts", "what", channel="where", item="item", person="staff", tool="tool", money="money")


def read(tmp_path, text=LOG, name="log.csv", **options):
    (tmp_path / name).write_text(text, encoding="utf-8")
    options = {"columns": COLUMNS, "stage_model": MODEL, "touchpoints": POINTS, "clock": Clock("UTC"), **options}
    return read_events(tmp_path / name, meanings={"view": "social_ad", "pay": "checkout", "get": "delivery"}, **options)


def test_every_event_is_loaded_or_listed(tmp_path):
    report = read(tmp_path).report
    assert (report.rows_in_file, report.rows_loaded) == (10, 6)
    assert [(row.line, row.reason) for row in report.rejected] == [
        (7, "no customer id"), (8, "no time that can be read"), (9, "no event name"), (10, "no time that can be read"),
    ]  # fmt: skip


def test_ties_stand_in_the_order_of_the_stages(tmp_path):
    table = read(tmp_path).table
    assert table[table.customer_id == "1"].event.tolist() == ["view", "view", "pay"]
    told = {f.finding.split(";")[0]: f.count for f in read(tmp_path).report.findings}
    assert told["events repeat another one exactly"] == 1
    assert told["events of a customer share their instant"] == 1


def test_the_order_of_the_rows_changes_nothing(tmp_path):
    head, *rows = LOG.splitlines()
    first = read(tmp_path).table.drop(columns="line")
    for seed in range(3):
        shuffled = [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
        other = read(tmp_path, "\n".join([head, *shuffled])).table.drop(columns="line")
        pd.testing.assert_frame_equal(first, other)


def test_channels_have_one_name_and_strange_ones_are_said(tmp_path):
    reading = read(tmp_path)
    assert set(reading.table.channel) == {"mini_program", "app", "store", "wecom", "tea room"}
    assert any("tea room" in f.finding and f.level == "note" for f in reading.report.findings)


def test_every_channel_of_the_shipped_touchpoints_is_known():
    points = touchpoints(None, MODEL)
    assert {point.channel for point in points if channel_id(point.channel) is None} <= {""}


def test_open_journeys_are_marked(tmp_path):
    rows = [f"{who},2024-01-{day:02d},{what}" for who, day, what in
            [("a", 1, "view"), ("a", 3, "pay"), ("b", 2, "view"), ("b", 29, "view"), ("c", 28, "pay"), ("c", 30, "get"), ("d", 30, "view")]]  # fmt: skip
    model = stage_model({"id": "own", "stages": ["before", "buy", "after"]})
    points = touchpoints(
        [
            {"id": "social_ad", "stage": "before"},
            {"id": "checkout", "stage": "buy"},
            {"id": "delivery", "stage": "after"},
        ],
        model,
    )
    table = read(
        tmp_path,
        "who,ts,what\n" + "\n".join(rows),
        columns=EventColumns("who", "ts", "what"),
        stage_model=model,
        touchpoints=points,
    ).table
    assert table.groupby("customer_id").open.first().to_dict() == {"a": False, "b": True, "c": False, "d": True}


def test_missing_links_are_counted_by_stage(tmp_path):
    links = missing_links(read(tmp_path).table).set_index(["stage", "link"])
    assert links.loc[("purchase", "item"), ["n", "missing"]].tolist() == [3, 0]
    assert links.loc[("purchase", "person"), "missing"] == 2
    assert links.loc[("purchase", "tool"), "missing"] == 2
    assert links.loc[("purchase", "money"), "missing"] == 1
    assert links.loc[("prepurchase", "item"), "share"] == 1


def test_an_ambiguous_date_is_a_question_and_a_declared_one_is_not(tmp_path):
    text = "who,ts,what\n1,03/04/2024,view\n"
    with pytest.raises(SourceError, match="dates can be read in two ways"):
        read(tmp_path, text, columns=EventColumns("who", "ts", "what"))
    table = read(tmp_path, text, columns=EventColumns("who", "ts", "what"), clock=Clock("Europe/Moscow", "mdy")).table
    assert str(table.time[0]) == "2024-03-03 21:00:00+00:00"


def test_xes_and_parquet_are_logs_like_any_other(tmp_path):
    xes = (
        '<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/"><trace><string key="concept:name" value="007"/><event>'
        '<string key="concept:name" value="view"/><date key="time:timestamp" value="2024-01-02T10:00:00+08:00"/></event></trace></log>'
    )
    table = read(tmp_path, xes, "log.xes", columns=None).table
    assert table[["customer_id", "event", "touchpoint", "stage"]].to_numpy().tolist() == [
        ["007", "view", "social_ad", "prepurchase"]
    ]
    assert str(table.time[0]) == "2024-01-02 02:00:00+00:00"
    pd.DataFrame(
        {"customer_id": ["007"], "time": pd.to_datetime(["2024-01-02T02:00:00Z"]), "event": ["view"]}
    ).to_parquet(tmp_path / "a.parquet")
    other = read_events(tmp_path / "a.parquet").table
    assert (other.customer_id[0], other.time[0]) == ("007", table.time[0])


def test_event_ids_stay_unique(tmp_path):
    text = "id,who,ts,what\ne1,1,2024-01-01,view\ne1,1,2024-01-02,view\n"
    reading = read(tmp_path, text, columns=EventColumns("who", "ts", "what", event_id="id"))
    assert reading.table.event_id.tolist() == ["e1"]
    assert reading.report.rejected[0].reason == "its event id came before"
