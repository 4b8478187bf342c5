"""Projects of qualitative programs come and go with their positions, Chinese and emoji included."""

import zipfile

import pandas as pd
import pytest

from cjmlab.errors import SourceError
from cjmlab.sources.codings import qda_project, read_codings
from cjmlab.sources.refi import QdaProject, read_qdc, read_qdpx, write_qdc, write_qdpx

TEXT = "🙂🙂送货员迟到了。\r\nКурьер «опоздал» 👩‍👩‍👧 & ушёл <в дождь>.\r\n"
CODES = pd.DataFrame({
    "code": ["delivery", "delivery/late", "价格"], "parent": [None, "delivery", None], "description": ["By courier & van", None, "贵 <不贵>"],
    "color": ["#ff0000", None, None],
})  # fmt: skip


def project():
    late, why = TEXT.index("送货员迟到了"), TEXT.index("опоздал")
    rows = [
        ("谈话 1.txt", late, late + 6, "delivery/late", "Wang", TEXT[late : late + 6]),
        ("谈话 1.txt", why, why + 7, "delivery", None, "опоздал"),
    ]
    return QdaProject(
        {"谈话 1.txt": TEXT}, pd.DataFrame(rows, columns=["document", "start", "end", "code", "coder", "text"]), CODES
    )


def test_a_code_book_goes_out_and_comes_back(tmp_path):
    back = read_qdc(write_qdc(CODES, tmp_path / "a.qdc"))
    assert back.astype(object).where(back.notna(), None).fillna("").equals(CODES.astype(object).fillna(""))
    (tmp_path / "b.qdc").write_text('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><CodeBook/>')
    with pytest.raises(SourceError, match="document type"):
        read_qdc(tmp_path / "b.qdc")
    (tmp_path / "c.qdc").write_text("<note/>")
    with pytest.raises(SourceError, match="holds no code book"):
        read_qdc(tmp_path / "c.qdc")


def test_a_project_goes_out_and_comes_back_with_its_positions(tmp_path):
    back = read_qdpx(write_qdpx(project(), tmp_path / "a.qdpx"))
    text = back.documents["谈话 1.txt"]
    assert text == TEXT.replace("\r\n", "\n")
    assert [text[row.start : row.end] for row in back.codings.itertuples()] == ["送货员迟到了", "опоздал"]
    assert back.codings.code.tolist() == ["delivery/late", "delivery"]
    assert back.codings.coder.tolist() == ["Wang", "cjmlab"]
    assert back.codes.code.tolist() == CODES.code.tolist()
    assert write_qdpx(project(), tmp_path / "b.qdpx").read_bytes() == (tmp_path / "a.qdpx").read_bytes()


def changed(tmp_path, old, new, name="project.qde", extra=None):
    write_qdpx(project(), tmp_path / "a.qdpx")
    with zipfile.ZipFile(tmp_path / "a.qdpx") as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    parts[name] = parts[name].replace(old.encode(), new.encode())
    parts.update(extra or {})
    with zipfile.ZipFile(tmp_path / "b.qdpx", "w") as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
    return tmp_path / "b.qdpx"


def test_positions_in_utf16_units_are_put_right(tmp_path):
    back = read_qdpx(changed(tmp_path, 'startPosition="2" endPosition="8"', 'startPosition="4" endPosition="10"'))
    assert (back.codings.start[0], back.codings.text[0]) == (2, "送货员迟到了")
    assert "UTF-16" in back.findings[0].finding
    back = read_qdpx(changed(tmp_path, 'startPosition="2" endPosition="8"', 'startPosition="2" endPosition="8000"'))
    assert len(back.codings) == 1
    assert "outside of the text" in back.findings[0].finding


@pytest.mark.parametrize(
    "path",
    [
        "internal://../../secret.txt",
        "internal:///etc/passwd",
        "absolute:///etc/passwd",
        "relative://x.txt",
        "file:///etc/passwd",
    ],
)
def test_a_source_outside_of_the_container_is_refused(tmp_path, path):
    write_qdpx(project(), tmp_path / "a.qdpx")
    with zipfile.ZipFile(tmp_path / "a.qdpx") as archive:
        inner = next(name for name in archive.namelist() if name.startswith("sources/")).removeprefix("sources/")
    with pytest.raises(SourceError, match="outside of"):
        read_qdpx(changed(tmp_path, f"internal://{inner}", path))


def test_hostile_containers_are_refused(tmp_path):
    with pytest.raises(SourceError, match="document type"):
        read_qdpx(changed(tmp_path, "<Project", '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><Project'))
    with pytest.raises(SourceError, match="names a part outside of itself"):
        read_qdpx(changed(tmp_path, "x", "x", extra={"../../evil.txt": b"x"}))
    assert not (tmp_path.parent / "evil.txt").exists()
    (tmp_path / "c.qdpx").write_bytes(b"PK\x03\x04nothing")
    with pytest.raises(SourceError, match="damaged"):
        read_qdpx(tmp_path / "c.qdpx")
    with zipfile.ZipFile(tmp_path / "d.qdpx", "w") as archive:
        archive.writestr("x.txt", "")
    with pytest.raises(SourceError, match=r"no project\.qde"):
        read_qdpx(tmp_path / "d.qdpx")


def test_codings_of_taguette_and_qualcoder(tmp_path):
    (tmp_path / "t.csv").write_text(
        "id,document,tag,content\n1,a.txt,delivery,送货员迟到了\n2,a.txt,price,没有的话\n2,a.txt,x,🙂\n",
        encoding="utf-8",
    )
    reading = read_codings(tmp_path / "t.csv", {"a.txt": TEXT})
    assert reading.table.iloc[0].tolist()[:4] == ["a.txt", 2, 8, "delivery"]
    assert reading.report.findings[0].count == 2
    (tmp_path / "q.csv").write_text(
        "Codename;Filename;Coder;pos0;pos1;Coded text\nlate;a.txt;Li;2;8;送货员迟到了\n", encoding="utf-8"
    )
    assert read_codings(tmp_path / "q.csv").table.iloc[0].tolist() == ["a.txt", 2, 8, "late", "Li", "送货员迟到了"]
    (tmp_path / "n.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SourceError, match="no column of codes"):
        read_codings(tmp_path / "n.csv")


def test_a_coded_table_becomes_a_project(tmp_path):
    coded = pd.DataFrame({
        "feedback_id": ["i:1", "s:1", "s:2"], "unit_id": ["i:1#0", "s:1#0", "s:2#0"], "source": ["talks", "survey", "survey"],
        "document": ["谈话.txt", None, None], "document_start": [2, None, None], "start": [3, 0, 0], "end": [6, 3, 2],
        "text": ["迟到了", "很快！", "没说"], "touchpoint": ["delivery", "delivery", None], "coder": ["keyword", "keyword", None],
    })  # fmt: skip
    back = read_qdpx(write_qdpx(qda_project(coded, {"谈话.txt": TEXT}), tmp_path / "a.qdpx"))
    said = [back.documents[row.document][row.start : row.end] for row in back.codings.itertuples()]
    assert sorted(said) == ["很快！", "迟到了"]
