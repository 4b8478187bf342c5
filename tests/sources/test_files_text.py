"""Delimited text of every kind: the right words, the right cells, every row in the account."""

import pytest

from cjmlab.errors import SourceError
from cjmlab.sources import read_table

ZH = ["编号,评论", "1,配送员态度很好，东西也新鲜", "2,结账排队太久了", "3,𠮷野家的饭不错"]
ZH_HANT = ["編號,評論", "1,許功蓋說：餐點很好", "2,結帳排隊太久了"]
RU = ["ид;отзыв", "1;Курьер опоздал на час", "2;Очень довольна, спасибо"]


def table_of(tmp_path, data, name="a.csv", **options):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    reading = read_table(path, **options)
    report = reading.report
    assert report.rows_in_file == report.rows_loaded + len(report.rejected)
    assert report.rows_loaded == len(reading.table) == len(reading.lines)
    return reading


@pytest.mark.parametrize(
    ("lines", "encoding"),
    [
        (ZH, "utf-8"), (ZH, "utf-8-sig"), (ZH, "gb18030"), (ZH, "utf-16"), (ZH, "utf-16-le"), (ZH_HANT, "big5"),
        (ZH_HANT, "utf-16-be"), (RU, "cp1251"), (RU, "koi8-r"), (RU, "utf-8"), (RU, "utf-16"),
    ],
)  # fmt: skip
def test_the_text_is_exact_in_every_encoding(tmp_path, lines, encoding):
    data = "\r\n".join(lines).encode(encoding)
    if encoding == "utf-16-le":
        data = b"\xff\xfe" + data
    if encoding == "utf-16-be":
        data = b"\xfe\xff" + data
    table = table_of(tmp_path, data).table
    sign = ";" if ";" in lines[0] else ","
    assert [list(table.columns), *table.to_numpy().tolist()] == [line.split(sign) for line in lines]


@pytest.mark.parametrize("rows", [1, 2, 3, 10, 100])
@pytest.mark.parametrize(
    ("lines", "encoding"), [(ZH[:3], "gb18030"), (ZH_HANT, "big5"), (RU, "cp1251"), (RU, "koi8-r")]
)
def test_few_rows_are_enough(tmp_path, rows, lines, encoding):
    text = "\n".join([lines[0], *(lines[1 + i % 2] for i in range(rows))])
    reading = table_of(tmp_path, text.encode(encoding))
    assert reading.table.iloc[0, 1] == lines[1].split(";" if ";" in lines[0] else ",")[1]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_found(tmp_path, encoding):
    table = table_of(tmp_path, "id,name\n1,Anna\n2,Курьер\n".encode(encoding)).table
    assert table.name.tolist() == ["Anna", "Курьер"]


def test_a_missing_header_is_said(tmp_path):
    reading = table_of(tmp_path, "2024-01-02,100234,fine\n2024-01-03,100235,late\n")
    assert "is the row of names missing" in reading.report.findings[0].finding


def test_an_uncertain_encoding_is_a_question_with_a_preview(tmp_path):
    (tmp_path / "a.csv").write_bytes("c\nДа".encode("cp1251"))
    with pytest.raises(SourceError, match=r"is not certain: .*cp1251 \('Да'\).*Say which: encoding = ") as caught:
        read_table(tmp_path / "a.csv")
    assert "\ufffd" not in str(caught.value)
    assert read_table(tmp_path / "a.csv", encoding="cp1251").table.c.tolist() == ["Да"]
    with pytest.raises(SourceError, match="cannot be read as utf-8"):
        read_table(tmp_path / "a.csv", encoding="utf-8")


def test_chinese_that_comes_late_is_not_lost(tmp_path):
    lines = ["id,comment", *(f"{i},fine" for i in range(30_000)), "30000,最后一条评论：很好"]
    assert table_of(tmp_path, "\n".join(lines).encode("gb18030")).table.comment.iloc[-1] == "最后一条评论：很好"


@pytest.mark.parametrize(("most", "few"), [("utf-8", "gb18030"), ("gb18030", "utf-8"), ("utf-8", "cp1251")])
def test_a_line_in_another_encoding_is_named(tmp_path, most, few):
    odd = "5,Курьер опоздал" if few == "cp1251" else "5,退货流程太麻烦了"
    lines = ["id,comment", "1,配送很快", "2,蔬菜新鲜", "3,价格合理", "4,排队太久"]
    data = "\n".join(lines).encode(most) + b"\n" + odd.encode(few) + b"\n" + "6,还会再来".encode(most)
    reading = table_of(tmp_path, data)
    assert reading.table.id.tolist() == ["1", "2", "3", "4", "6"]
    assert [row.line for row in reading.report.rejected] == [6]
    assert "bytes are not in the encoding" in reading.report.rejected[0].reason
    assert "\ufffd" not in reading.table.to_csv() + str(reading.report.to_dict())


@pytest.mark.parametrize(
    ("text", "shape", "first"),
    [
        ("id\tscore\n1\t5\n2\t4\n", (2, 2), ["1", "5"]),
        ("sep=;\nid;score\n1;5\n", (1, 2), ["1", "5"]),
        ('"sep=|"\nid|score\n1|5\n', (1, 2), ["1", "5"]),
        ("id;score;why\n1;4,5;good, quick\n2;3,5;slow\n", (2, 3), ["1", "4,5", "good, quick"]),
        ("id|score\n1|5\n", (1, 2), ["1", "5"]),
        ('id, why\n1, "x, y"\n2, z\n', (2, 2), ["1", "x, y"]),
        ("Our survey 2024\n\nid;score;why\n1;5;a\n2;4;b\n", (2, 3), ["1", "5", "a"]),
        ("comment\nGood, quick, cheap\nLate; cold\nFine | ok\n", (3, 1), ["Good, quick, cheap"]),
        ('id,why\n1,"two\nlines, and a ""quote"""\n', (1, 2), ["1", 'two\nlines, and a "quote"']),
        ('id,why\n1,5" pipe\n', (1, 2), ["1", '5" pipe']),
        ("id,why\r1,old mac\r2,line ends\r", (2, 2), ["1", "old mac"]),
        ("id,why\n1,a\u2028b\x0bc\x85d\n", (1, 2), ["1", "a\u2028b\x0bc\x85d"]),
        ("id,why\n1,nul\0here\n", (1, 2), ["1", "nul\0here"]),
        ("id,score,\n1,5,\n2,4,\n", (2, 3), ["1", "5", None]),
        ("id,score\n1,5,,\n2,4,,\n", (2, 2), ["1", "5"]),
    ],
)
def test_cells_are_cut_where_they_end(tmp_path, text, shape, first):
    table = table_of(tmp_path, text).table
    assert table.shape == shape
    assert table.astype(object).where(table.notna(), None).iloc[0].tolist() == first


def test_decimal_commas_become_numbers_when_declared(tmp_path):
    reading = table_of(tmp_path, "id;score;x\n1;4,5;1.234,5\n2;3,25;7\n", types={"score": "number", "x": "number"})
    assert reading.table.score.tolist() == [4.5, 3.25]
    assert reading.table.x.tolist() == [1234.5, 7]
    with pytest.raises(SourceError, match="'numbr' is not a type"):
        read_table(tmp_path / "a.csv", types={"score": "numbr"})


def test_thousands_are_said(tmp_path):
    reading = table_of(tmp_path, 'id;x\n1;"1,234"\n2;"12,500"\n3;7\n', types={"x": "number"})
    assert reading.table.x.tolist() == [1234, 12500, 7]
    assert "parting thousands" in reading.report.findings[0].finding


@pytest.mark.parametrize(
    "text",
    [
        'id,why\n1,"open\n2,fine\n3,"ok"\n4,last\n',
        'id,why\n1,"open\n2,fine\n3,ok\n4,last\n',
        'id,why\n1,"open\n2,"fine"\n3,"ok"\n4,"last"\n',
        'id,why\n1,"open" text\n2,fine\n3,ok\n4,last\n',
    ],
)
def test_an_unclosed_quote_costs_its_line_and_no_other(tmp_path, text):
    reading = table_of(tmp_path, text)
    assert reading.table.id.tolist() == ["2", "3", "4"]
    assert reading.table.why.tolist() == ["fine", "ok", "last"]
    assert [(row.line, row.text) for row in reading.report.rejected] == [(2, text.splitlines()[1])]


def test_a_quote_that_swallows_rows_is_said(tmp_path):
    reading = table_of(tmp_path, 'id,a,b\n1,x,"open\n2,y,fine\n3,z,ok"\n4,x,y\n')
    assert "look like rows" in reading.report.findings[0].finding
    assert reading.report.findings[0].example == "line 2"


def test_rows_longer_than_the_header_shift_nothing(tmp_path):
    reading = table_of(tmp_path, "id,why\n1,5,a\n2,4,b\n")
    assert len(reading.table) == 0
    assert [row.reason for row in reading.report.rejected] == ["3 cells where the header has 2"] * 2
    assert reading.report.findings[0].level == "error"


def test_ragged_rows_have_line_numbers_and_all_their_words(tmp_path):
    text = "a,b,c\n1,2,3\n4,5\n\n6,7,8,9\n,,\n10,11,12\n"
    reading = table_of(tmp_path, text)
    assert reading.table.a.tolist() == ["1", "10"]
    assert reading.lines[1] == 7
    assert [(row.line, row.text) for row in reading.report.rejected] == [(3, "4,5"), (5, "6,7,8,9"), (6, ",,")]
    padded = table_of(tmp_path, text, short_rows="pad")
    assert padded.table.a.tolist() == ["1", "4", "10"]


def test_bad_headers_keep_every_value_within_reach(tmp_path):
    reading = table_of(tmp_path, "id,score,,score, name \n1,2,3,4,5\n")
    assert reading.table.columns.tolist() == ["id", "score", "column 3", "score (2)", "name"]
    assert reading.table.iloc[0].tolist() == ["1", "2", "3", "4", "5"]
    assert "blank or repeated names" in reading.report.findings[0].finding


@pytest.mark.parametrize("text", ["", "\ufeff", "\n\n  \n"])
def test_an_empty_file_is_one_sentence(tmp_path, text):
    with pytest.raises(SourceError, match=r"^a.csv: the file is empty\. Export it again\.$"):
        table_of(tmp_path, text)


def test_ids_stay_as_they_are(tmp_path):
    ids = [
        "00123",
        "123",
        "007",
        "010",
        "1e5",
        "100000",
        "9007199254740993",
        "9007199254740992",
        "NA",
        "None",
        "nan",
        "0.10",
    ]
    table = table_of(tmp_path, "\n".join(["id,x", *(f"{i},1" for i in ids), ",2"])).table
    assert set(table.id.dropna()) == set(ids)
    assert table.id.isna().sum() == 1


def test_the_quote_that_guards_formulas_is_taken_off_again(tmp_path):
    table = table_of(tmp_path, "id,x\n1,'=SUM(A1)\n2,'tis\n3,-5\n").table
    assert table.x.tolist() == ["=SUM(A1)", "'tis", "-5"]


def test_the_report_is_a_table_that_runs_no_code(tmp_path):
    reading = table_of(tmp_path, "id,why\n1,<script>alert(1)</script>,x\n2,b\n", "<b>.csv")
    html = reading._repr_html_()
    assert "<script" not in html
    assert "<b>" not in html
    assert "rows rejected" in html
    assert repr(reading) == "<Reading of <b>.csv: 1 of 2 rows>"
    assert "3 cells where the header has 2" in str(reading.report)
    data = reading.report.to_dict()
    assert data["rejected"] == [
        {"line": 2, "reason": "3 cells where the header has 2", "text": "1,<script>alert(1)</script>,x"}
    ]
    assert (data["rows_in_file"], data["rows_loaded"]) == (2, 1)


def test_no_file_and_no_layout(tmp_path):
    with pytest.raises(SourceError, match="there is no such file"):
        read_table(tmp_path / "no.csv")
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SourceError, match=r"'qualtrix' is not a layout\. Did you mean 'qualtrics'"):
        read_table(tmp_path / "a.csv", layout="qualtrix")
    with pytest.raises(SourceError, match="is not laid out as wjx"):
        read_table(tmp_path / "a.csv", layout="wjx")
    (tmp_path / "z.csv.gz").write_bytes(b"\x1f\x8b\x08rest")
    with pytest.raises(SourceError, match="is compressed"):
        read_table(tmp_path / "z.csv.gz")
    (tmp_path / "p.csv").write_text("<html><table>")
    with pytest.raises(SourceError, match="is a web page"):
        read_table(tmp_path / "p.csv")


def test_a_progress_bar_can_be_shown(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("a,b\n" + "1,2\n" * 5000)
    read_table(tmp_path / "a.csv", progress=True)
    assert "a.csv" in capsys.readouterr().err
