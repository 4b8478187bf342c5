"""Transcripts of three formats: who speaks, what, and exactly where it stands."""

import zipfile

import pytest

from cjmlab.errors import SourceError
from cjmlab.sources import read_interviews, split_turns
from cjmlab.sources.documents import read_document
from cjmlab.sources.privacy import Pseudonyms

TALK = """Interview 7 · 2026

访谈员：您好🙂，这次买菜怎么样？
受访者：配送很快。
不过鱼不太新鲜……
[00:01:02] 访谈员：还有吗？
[00:01:10] 受访者：没有了。
"""
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word(path, body, head=""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml", f'<?xml version="1.0"?>{head}<w:document {W}><w:body>{body}</w:body></w:document>'
        )


def paragraph(*runs):
    return "<w:p>" + "".join(f"<w:r><w:t>{r}</w:t></w:r>" if not r.startswith("<") else r for r in runs) + "</w:p>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_offsets_count_code_points_of_the_document(tmp_path, encoding, end):
    (tmp_path / "C1.txt").write_bytes(TALK.replace("\n", end).encode(encoding))
    table = read_interviews(tmp_path / "C1.txt").table
    text = read_document(tmp_path / "C1.txt").text
    assert table.role.tolist() == ["interviewer", "customer", "interviewer", "customer"]
    assert table.text.tolist()[1:] == [f"配送很快。{end}不过鱼不太新鲜……", "还有吗？", "没有了。"]
    for row in table.itertuples():
        assert text[row.document_start : row.document_end] == row.text
    assert table.customer_id.unique().tolist() == ["C1"]


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("Q: How?\nA: Well: it was late.\nQ: Why?\nA: No idea.", ["Q", "A", "Q", "A"]),
        ("Anna Petrova: Hello\nBob: Hi\nAnna Petrova: So\nBob: Note: this is one thing\n", ["Anna Petrova", "Bob", "Anna Petrova", "Bob"]),
        ("Интервьюер: Как прошло?\nМария: Курьер сказал: ждите. И я ждала.", ["Интервьюер", "Мария"]),
        ("Anna 00:00:01\nHello there.\n\nBob 00:00:05\nHi.\n\nAnna 00:00:09\nBye.\nBob 0:12\nBye.", ["Anna", "Bob", "Anna", "Bob"]),
        ("P1 (00:01): one\nP2 (00:02): two\nI: three", ["P1", "P2", "I"]),
        ("One paragraph.\n\nAnother: with a colon.", ["", ""]),
        ("", []),
    ],
)  # fmt: skip
def test_speakers_are_told_from_what_looks_like_one(text, speakers):
    assert [turn.speaker for turn in split_turns(text)][: len(speakers)] == speakers


def test_a_name_that_comes_once_belongs_to_what_is_said():
    turns = split_turns("I: And?\nP: He said.\nWarning: wait an hour.\nI: Then?\nP: I waited.")
    assert [turn.text for turn in turns] == ["And?", "He said.\nWarning: wait an hour.", "Then?", "I waited."]


def test_tracked_changes_are_settled(tmp_path):
    body = (
        paragraph("Interviewer: How was ", '<w:ins w:id="1"><w:r><w:t>the delivery</w:t></w:r></w:ins>',
                  '<w:del w:id="2"><w:r><w:delText>it</w:delText></w:r></w:del>', "?")
        + paragraph("Participant: Late", "<w:r><w:tab/><w:t>and</w:t><w:br/><w:t>cold 🥶</w:t></w:r>")
        + '<w:p><w:moveFrom w:id="3"><w:r><w:t>gone</w:t></w:r></w:moveFrom></w:p>'
        + "<w:tbl><w:tr><w:tc>" + paragraph("Interviewer: Thanks") + "</w:tc></w:tr></w:tbl>"
    )  # fmt: skip
    word(tmp_path / "C2.docx", body)
    table = read_interviews(tmp_path / "C2.docx").table
    assert table.text.tolist() == ["How was the delivery?", "Late\tand\ncold 🥶", "Thanks"]
    text = read_document(tmp_path / "C2.docx").text
    assert [text[r.document_start : r.document_end] for r in table.itertuples()] == table.text.tolist()


def test_hostile_word_files_are_refused(tmp_path):
    word(tmp_path / "a.docx", paragraph("&e;"), '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>')
    with pytest.raises(SourceError, match="declares a document type"):
        read_document(tmp_path / "a.docx")
    word(tmp_path / "b.docx", paragraph("a" * 60_000_000))
    with pytest.raises(SourceError, match="inflates"):
        read_document(tmp_path / "b.docx")
    with zipfile.ZipFile(tmp_path / "c.docx", "w") as archive:
        archive.writestr("x.xml", "<a/>")
    with pytest.raises(SourceError, match="is no Word document"):
        read_document(tmp_path / "c.docx")


VTT = """WEBVTT

NOTE made by hand

1
00:00:01.000 --> 00:00:03.000
<v Interviewer>How was <i>it</i>?

00:00:03.500 --> 00:00:05.000
<v Анна>Курьер опоздал

00:00:05.000 --> 00:00:07.000
<v Анна>на час &amp; не извинился.
"""
SRT = "1\n00:00:01,000 --> 00:00:02,000\n访谈员: 怎么样?\n\n2\n00:00:02,000 --> 00:00:04,000\n受访者: 很快,\n\n3\n00:00:04,000 --> 00:00:05,000\n就是贵。\n"


def test_captions_are_turns_with_their_place(tmp_path):
    (tmp_path / "a.vtt").write_text(VTT, encoding="utf-8")
    table = read_interviews(tmp_path / "a.vtt").table
    assert table.text.tolist() == ["How was it?", "Курьер опоздал на час & не извинился."]
    assert table.role.tolist() == ["interviewer", "customer"]
    part = VTT[int(table.document_start[1]) : int(table.document_end[1])]
    assert part.startswith("Курьер опоздал")
    assert part.endswith("не извинился.")
    (tmp_path / "b.srt").write_text(SRT.replace("\n", "\r\n"), encoding="utf-8")
    table = read_interviews(tmp_path / "b.srt").table
    assert table.text.tolist() == ["怎么样?", "很快,就是贵。"]
    assert (
        read_document(tmp_path / "b.srt").text[int(table.document_start[0]) : int(table.document_end[0])] == "怎么样?"
    )


def test_a_folder_says_whose_words_they_are(tmp_path):
    folder = tmp_path / "talks"
    (folder / "north").mkdir(parents=True)
    (folder / "2026_C-07_north.txt").write_text("I: a\nP: b", encoding="utf-8")
    (folder / "north" / "2026_C-08.txt").write_text("I: a\nP: b\nP2: c", encoding="utf-8")
    (folder / "notes.pdf").write_bytes(b"%PDF")
    (folder / "zz.docx").write_bytes(b"PK\x03\x04broken")
    reading = read_interviews(folder, customer_id=r"(C-\d+)")
    assert reading.table.customer_id.unique().tolist() == ["C-07", "C-08"]
    assert reading.table.document.unique().tolist() == ["2026_C-07_north.txt", "north/2026_C-08.txt"]
    assert [row.text for row in reading.report.rejected] == ["zz.docx"]
    told = [finding.finding for finding in reading.report.findings]
    assert any("2 speakers count as one customer: P, P2" in text for text in told)
    assert any("no transcripts" in text for text in told)
    by_speaker = read_interviews(folder, customer_id="speaker").table.query("role == 'customer'")
    assert by_speaker.customer_id.tolist() == ["P", "P", "P2"]
    mapped = read_interviews(folder, customer_id={"2026_C-08": "X"})
    assert mapped.table.customer_id.dropna().unique().tolist() == ["X"]


def test_pseudonyms_reach_ids_and_documents(tmp_path):
    (tmp_path / "13800138000.txt").write_text("I: a\nP: b", encoding="utf-8")
    table = read_interviews(tmp_path / "13800138000.txt", name="talks", rename=Pseudonyms(b"k" * 32)).table
    assert "13800138000" not in table.to_csv()
    assert table.customer_id.notna().all()


def test_nothing_to_read_is_one_sentence(tmp_path):
    with pytest.raises(SourceError, match="no such file or folder"):
        read_interviews(tmp_path / "no")
    with pytest.raises(SourceError, match="no transcript in the folder"):
        read_interviews(tmp_path)
    (tmp_path / "a.docx").write_bytes(b"PK\x03\x04broken")
    with pytest.raises(SourceError, match="damaged"):
        read_interviews(tmp_path)
