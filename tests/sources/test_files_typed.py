"""Spreadsheets, JSON Lines, Parquet, SPSS: values as exact as the file has them; hostile files refused in time."""

import datetime as dt
import json
import subprocess
import sys
import zipfile

import openpyxl
import pandas as pd
import pytest
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from cjmlab.errors import SourceError
from cjmlab.sources import read_table


def book(tmp_path, rows, name="a.xlsx", **cells):
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    for place, value in cells.items():
        workbook.active[place] = value
    workbook.save(tmp_path / name)
    return workbook


def rewrite(path, change):
    """Write a container again with the parts that ``change`` returns."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, change(name, data))
    return path


def test_values_of_a_sheet_are_exact(tmp_path):
    workbook = book(
        tmp_path,
        [["id", "code", "n", "share", "when", "day", "yes"],
         ["007", 7, 12, 0.1, dt.datetime(2024, 1, 2, 3, 4, 5), dt.date(2024, 1, 2), True],
         ["NA", 42, 1e6, 2.5, None, None, False]],
    )  # fmt: skip
    workbook.active["B2"].number_format = "0000"
    workbook.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx").table
    assert table.iloc[0].tolist() == ["007", "0007", "12", "0.1", "2024-01-02 03:04:05", "2024-01-02", "TRUE"]
    assert table.iloc[1, :4].tolist() == ["NA", "42", "1000000", "2.5"]
    assert table.when.isna().tolist() == [False, True]


def test_numbers_longer_than_a_spreadsheet_keeps_are_said(tmp_path):
    book(tmp_path, [["id", "n"], [123456789012345678, 1], ["123456789012345678", 2]])
    reading = read_table(tmp_path / "a.xlsx")
    assert reading.table.id.tolist()[1] == "123456789012345678"
    found = reading.report.findings[0]
    assert found.count == 1
    assert found.example.startswith("A2, '12345678901234")
    assert "keeps 15" in found.finding


def test_dates_that_count_from_1904(tmp_path):
    workbook = book(tmp_path, [["id", "when"]])
    workbook.epoch = CALENDAR_MAC_1904
    workbook.active.append(["1", dt.datetime(2024, 1, 2)])
    workbook.save(tmp_path / "a.xlsx")
    assert read_table(tmp_path / "a.xlsx").table.when.tolist() == ["2024-01-02"]


def test_merged_headers_are_folded_and_said(tmp_path):
    rows = [
        ["Our survey 2026"],
        ["id", "Delivery", None, "Why"],
        [None, "speed", "price", None],
        ["1", 5, 4, "ok"],
        ["2", 3, 2, "no"],
    ]
    workbook = book(tmp_path, rows)
    for place in ("A1:D1", "B2:C2", "A2:A3", "D2:D3"):
        workbook.active.merge_cells(place)
    workbook.save(tmp_path / "a.xlsx")
    reading = read_table(tmp_path / "a.xlsx")
    assert reading.table.columns.tolist() == ["id", "Delivery / speed", "Delivery / price", "Why"]
    assert reading.table.to_numpy().tolist() == [["1", "5", "4", "ok"], ["2", "3", "2", "no"]]
    assert list(reading.lines) == [4, 5]
    assert [guess["choice"] for guess in reading.report.to_dict()["guesses"]] == ["left out", "2 rows"]


def test_formulas_without_results_are_listed(tmp_path):
    book(tmp_path, [["id", "sum"], ["1", "=1+1"], ["2", 5]])
    reading = read_table(tmp_path / "a.xlsx")
    assert reading.table["sum"].isna().tolist() == [True, False]
    found = reading.report.findings[0]
    assert (found.count, found.example) == (1, "B2, '=1+1'")
    assert "not stored" in found.finding


def test_the_sheet_is_chosen_and_said(tmp_path):
    workbook = book(tmp_path, [["Read me first"]])
    data = workbook.create_sheet("Answers")
    for row in (["id", "score"], ["1", 5], ["2", 4]):
        data.append(row)
    hidden = workbook.create_sheet("Old")
    for i in range(50):
        hidden.append([i, i])
    hidden.sheet_state = "hidden"
    workbook.save(tmp_path / "a.xlsx")
    reading = read_table(tmp_path / "a.xlsx")
    assert reading.table.columns.tolist() == ["id", "score"]
    guess = reading.report.to_dict()["guesses"][0]
    assert guess["choice"] == "Answers"
    assert "Hidden, not considered: 'Old'" in guess["reason"]
    assert len(read_table(tmp_path / "a.xlsx", sheet="Old").table) == 49
    with pytest.raises(SourceError, match=r"there is no sheet 'Answer'\. Did you mean 'Answers'"):
        read_table(tmp_path / "a.xlsx", sheet="Answer")


@pytest.mark.parametrize("name", ["a.csv", "a.xls", "a"])
def test_a_wrong_extension_changes_nothing(tmp_path, name):
    book(tmp_path, [["id", "score"], ["007", 5]], name="a.xlsx")
    (tmp_path / "a.xlsx").rename(tmp_path / name)
    assert read_table(tmp_path / name).table.id.tolist() == ["007"]
    (tmp_path / "text.xlsx").write_text("id,score\n007,5\n")
    assert read_table(tmp_path / "text.xlsx").table.id.tolist() == ["007"]


def test_an_old_workbook_is_one_sentence(tmp_path):
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(SourceError, match=r"an old \.xls workbook or is locked with a password"):
        read_table(tmp_path / "a.xls")


LIMITED = """
import resource, sys, time
resource.setrlimit(resource.RLIMIT_DATA, (600_000_000, 600_000_000))
from cjmlab.errors import SourceError
from cjmlab.sources import read_table
import openpyxl, chardet
start = time.process_time()
try:
    print("read", read_table(sys.argv[1]).table.shape)
except SourceError as error:
    print("refused", error)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(time.process_time() - start, int(peak.split()[1]) / 1000)
"""


def limited(path):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    said, figures = done.stdout.strip().splitlines()
    seconds, megabytes = map(float, figures.split())
    assert seconds < 2
    assert megabytes < 300
    return said


def test_a_sheet_that_inflates_is_refused_before_it_is_read(tmp_path):
    book(tmp_path, [["id", "why"], ["1", "BOMB"]])
    path = rewrite(tmp_path / "a.xlsx", lambda _, data: data.replace(b"BOMB", b"A" * 60_000_000))
    assert path.stat().st_size < 100_000
    assert "inflates 1,0" in limited(path)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [("A1048576", "x", "read (2, 2)"), ("XFD1048576", "x", "refused a.xlsx, sheet 'Sheet': the used range has 3 rows"),
     ("A1048576", None, "read (1, 2)"), ("XFD1048576", None, "read (1, 2)")],
)  # fmt: skip
def test_one_far_cell_costs_nothing(tmp_path, place, value, said):
    workbook = book(tmp_path, [["id", "score"], ["007", 5]], **{place: value})
    workbook.active[place].font = Font(bold=True)
    workbook.save(tmp_path / "a.xlsx")
    assert said in limited(tmp_path / "a.xlsx")


def test_entities_are_refused(tmp_path):
    book(tmp_path, [["id", "why"], ["1", "MARK"]])
    doctype = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'

    def poison(name, data):
        return data.replace(b"<worksheet", doctype + b"<worksheet", 1) if "sheet1" in name else data

    with pytest.raises(SourceError, match="declares a document type, which can hide entities"):
        read_table(rewrite(tmp_path / "a.xlsx", poison))


def test_entities_are_refused_under_any_name(tmp_path):
    book(tmp_path, [["id"], ["1"]])
    with zipfile.ZipFile(tmp_path / "a.xlsx", "a") as archive:
        archive.writestr("xl/worksheets/sheet2.bin", '\ufeff <!DOCTYPE x [<!ENTITY e "e">]><worksheet/>')
    with pytest.raises(SourceError, match="declares a document type"):
        read_table(tmp_path / "a.xlsx")


@pytest.mark.parametrize("name", ["../../x.xml", "/etc/x.xml", "C:\\x.xml", "a\\..\\..\\x"])
def test_parts_that_climb_out_are_refused(tmp_path, name):
    book(tmp_path, [["id"], ["1"]])
    with zipfile.ZipFile(tmp_path / "a.xlsx", "a") as archive:
        archive.writestr(name, "x")
    with pytest.raises(SourceError, match="names a part outside of itself"):
        read_table(tmp_path / "a.xlsx")


@pytest.mark.parametrize("cut", [30, 300, 3000])
def test_a_damaged_spreadsheet_is_one_sentence(tmp_path, cut):
    book(tmp_path, [["id", "why"], ["1", "x"]])
    data = (tmp_path / "a.xlsx").read_bytes()
    (tmp_path / "a.xlsx").write_bytes(data[:cut])
    with pytest.raises(SourceError, match="damaged"):
        read_table(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    with pytest.raises(SourceError, match="the spreadsheet is damaged"):
        read_table(tmp_path / "a.xlsx")


def test_json_lines_are_exact_or_listed(tmp_path):
    lines = [
        '{"id": 9007199254740993, "x": 1.10, "who": {"name": "王", "tags": [1, 2]}, "ok": true, "no": null}',
        "not json", "[1, 2]", '{"id": "007"', "", '{"id": 1e400, "x": NaN, "t": "\\ud800"}',
        '{"id": ' + "[" * 100_000 + "]" * 100_000 + "}", '{"id": "NA", "new": "later"}',
    ]  # fmt: skip
    (tmp_path / "e.jsonl").write_text("\n".join(lines), encoding="utf-8")
    reading = read_table(tmp_path / "e.jsonl")
    assert reading.table.id.tolist() == ["9007199254740993", "NA"]
    assert reading.table.loc[0, ["x", "who.name", "who.tags", "ok"]].tolist() == ["1.10", "王", "[1, 2]", "true"]
    assert [row.line for row in reading.report.rejected] == [2, 3, 4, 6, 7]
    assert (reading.report.rows_in_file, reading.report.rows_loaded) == (7, 2)
    (tmp_path / "a.json").write_text(json.dumps([{"id": "1"}, 5, {"id": "2"}]))
    reading = read_table(tmp_path / "a.json")
    assert (reading.table.id.tolist(), [row.line for row in reading.report.rejected]) == (["1", "2"], [2])
    (tmp_path / "b.json").write_text('[{"id": 1}, ')
    with pytest.raises(SourceError, match="not valid JSON"):
        read_table(tmp_path / "b.json")


def test_parquet_is_exact_or_one_sentence(tmp_path):
    frame = pd.DataFrame({
        "id": ["007", "NA", None], "n": pd.array([2**53 + 1, None, 3], dtype="Int64"), "x": [0.1, 2.0, None],
        "t": pd.to_datetime(["2024-01-02 03:04:05", None, "2024-01-02 00:00:00"], utc=True),
    })  # fmt: skip
    frame.to_parquet(tmp_path / "a.parquet")
    table = read_table(tmp_path / "a.parquet").table
    assert table.n.tolist()[0] == "9007199254740993"
    assert table.x.tolist()[:2] == ["0.1", "2"]
    assert table.t.tolist()[0] == "2024-01-02 03:04:05+00:00"
    assert table.id.isna().tolist() == [False, False, True]
    data = (tmp_path / "a.parquet").read_bytes()
    for bad in (data[:-8], data[:100], b"PAR1" + b"x" * 50, b"nothing"):
        (tmp_path / "b.parquet").write_bytes(bad)
        with pytest.raises(SourceError, match="the Parquet file is damaged") as caught:
            read_table(tmp_path / "b.parquet")
        assert "\n" not in str(caught.value)


def test_spss_keeps_codes_wordings_and_labels(tmp_path):
    import pyreadstat

    frame = pd.DataFrame({"id": ["007", "008"], "q1": [5.0, None], "when": [dt.date(2024, 1, 2), dt.date(2024, 1, 3)]})
    pyreadstat.write_sav(
        frame, str(tmp_path / "a.sav"), column_labels={"q1": "Насколько вы довольны?"},
        variable_value_labels={"q1": {1.0: "не доволен", 5.0: "доволен"}},
    )  # fmt: skip
    reading = read_table(tmp_path / "a.sav")
    assert reading.table.id.tolist() == ["007", "008"]
    assert reading.table.q1.tolist()[0] == "5"
    assert reading.table.q1.isna().tolist() == [False, True]
    assert reading.wordings["q1"] == "Насколько вы довольны?"
    assert reading.report.guesses[0].example == "1 = не доволен, 5 = доволен"
    (tmp_path / "b.sav").write_bytes((tmp_path / "a.sav").read_bytes()[:200])
    with pytest.raises(SourceError, match="the SPSS file is damaged"):
        read_table(tmp_path / "b.sav")


XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <string key="concept:name" value="shop"/>
  <trace><string key="concept:name" value="C1"/>
    <event><string key="concept:name" value="看广告"/><date key="time:timestamp" value="2024-01-02T10:00:00+08:00"/></event>
    <event><string key="concept:name" value="buy"/><float key="cost" value="9.5"/></event>
    <event></event>
  </trace>
</log>"""


def test_xes_is_a_table_of_events(tmp_path):
    (tmp_path / "a.xes").write_text(XES, encoding="utf-8")
    reading = read_table(tmp_path / "a.xes")
    assert reading.table["case:concept:name"].tolist() == ["C1", "C1"]
    assert reading.table["concept:name"].tolist() == ["看广告", "buy"]
    assert (reading.report.rows_in_file, len(reading.report.rejected)) == (3, 1)
    for bad, said in ((XES[:-20], "not valid XML"), ("<?xml version='1.0'?><note/>", "no XES log"),
                      (XES.replace("<log", '<!DOCTYPE log [<!ENTITY a "b">]><log', 1), "document type")):  # fmt: skip
        (tmp_path / "b.xes").write_text(bad, encoding="utf-8")
        with pytest.raises(SourceError, match=said):
            read_table(tmp_path / "b.xes")
