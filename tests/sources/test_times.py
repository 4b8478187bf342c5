"""One instant however it is written; dates with two readings are a question."""

import pandas as pd
import pytest

from cjmlab.errors import SourceError
from cjmlab.sources.times import Clock, read_times


def read(*words, clock=None):
    times, findings = read_times(
        pd.Series(list(words), dtype="str"), "a.csv, column 't'", range(2, 2 + len(words)), clock
    )
    return [None if pd.isna(t) else t.strftime("%Y-%m-%dT%H:%M:%S") for t in times], findings


@pytest.mark.parametrize(
    "word",
    ["2024-01-02T03:04:05Z", "2024-01-02T11:04:05+08:00", "2024-01-02 06:04:05+0300", "2024-01-02 03:04:05", "2024/1/2 3:04:05",
     "2024年1月2日 3:04:05", "2024年1月2日3时4分5秒", "2024年1月2日 上午3:04:05", "02.01.2024 03:04:05", "2 января 2024 г. 03:04:05",
     "Jan 2, 2024 3:04:05 AM", "2 Jan 2024 03:04:05", "1704164645", "1704164645000", "２０２４-０１-０２ 03:04:05",
     "20240102 03:04:05", "02.01.2024 06:04:05 MSK", "2024-01-02T11:04:05.000+08:00", "02.01.24 03:04:05 UTC"],
)  # fmt: skip
def test_one_instant_has_many_spellings(word):
    assert read(word)[0] == ["2024-01-02T03:04:05"]


def test_spellings_may_be_mixed_in_a_column():
    times, findings = read(
        "2024-01-02T11:04:05+08:00", "2024年1月2日 3:04:05", "1704164645", "02.01.2024", "", "later", None
    )
    assert times == ["2024-01-02T03:04:05"] * 3 + ["2024-01-02T00:00:00", None, None, None]
    assert [(f.count, f.example) for f in findings] == [(1, "line 7, 'later'"), (2, "")]
    assert "though others of the column have one" in findings[1].finding


@pytest.mark.parametrize(
    ("words", "order", "days"),
    [(["03/04/2024", "13/04/2024"], None, ["2024-04-03", "2024-04-13"]), (["03/04/2024", "04/13/2024"], None, ["2024-03-04", "2024-04-13"]),
     (["03/04/2024"], "dmy", ["2024-04-03"]), (["03-04-24"], "mdy", ["2024-03-04"]), (["04/04/2024"], None, ["2024-04-04"])],
)  # fmt: skip
def test_the_order_of_day_and_month_is_proven_or_declared(words, order, days):
    assert [time[:10] for time in read(*words, clock=Clock(order=order))[0]] == days


def test_two_readings_are_a_question():
    with pytest.raises(
        SourceError,
        match=r"dates can be read in two ways \(first: line 3, '03/04/2024'\)\. Say which comes first: date_order",
    ):
        read("04/04/2024", "03/04/2024")
    with pytest.raises(SourceError, match="line 2, '13/01/2024' and line 3, '01/13/2024'"):
        read("13/01/2024", "01/13/2024")
    times, findings = read("13/01/2024", "01/13/2024", clock=Clock(order="dmy"))
    assert times == ["2024-01-13T00:00:00", None]
    assert findings[0].count == 1


def test_a_zone_is_declared_or_said():
    assert read("2024-01-02 11:04:05", clock=Clock("Asia/Shanghai"))[0] == ["2024-01-02T03:04:05"]
    assert read("2024-01-02 11:04:05")[1][0].finding == "times without a zone are read as UTC"
    assert read("2024-01-02T11:04:05+08:00")[1] == []
    with pytest.raises(SourceError, match="'Shanghai' is not a time zone"):
        Clock("Shanghai")
    with pytest.raises(SourceError, match="'ymd' is not an order"):
        Clock(order="ymd")


@pytest.mark.parametrize(
    "word", ["12", "2024", "45293", "99.99.2024", "2024-13-01", "hello 12:30", "31/02/2024", "1/2", "2024-02-30"]
)
def test_what_is_no_time_is_missing_and_counted(word):
    times, findings = read(word)
    assert times == [None]
    assert findings[0].count == 1
