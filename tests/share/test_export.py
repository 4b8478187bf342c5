"""Exports: what leaves is whole, harmless, and no more than what is meant to leave."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjmlab.errors import CjmError
from cjmlab.share import ShareError, export, read_exported
from cjmlab.share.leaving import JOURNEYS, MOMENTS
from cjmlab.share.plain_table import write_csv

HOSTILE = '=HYPERLINK("http://evil.test","x")\x00\x0b'
SAID = ("late again", "晚了两个小时", "опять опоздал")


def nasty(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(text="+7 912 345 67 89 call =1+1 \x00" + rows["text"])


@pytest.fixture
def hostile_world(small_world):
    names = {"delivery": HOSTILE, "search": "-2+3", "chatbot": "@SUM(A1)"}
    return small_world((HOSTILE, "Seniors"), names=names, change=nasty)


def everything(path: Path) -> str:
    with zipfile.ZipFile(path) as box:
        return "\n".join(box.read(name).decode("utf-8", "replace") for name in box.namelist())


def test_a_workbook_holds_every_table_and_no_formula(hostile_world, tmp_path: Path) -> None:
    path = export(*hostile_world, tmp_path / "map.xlsx", quotes=True)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Journeys", "Moments", "Segments", "Stages", "Definitions", "About", "Charts"]
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
    assert "externalLink" not in everything(path)
    assert [cell.value for cell in book["Journeys"][1]] == [*JOURNEYS]
    assert len(book["Charts"]._charts) == 1
    assert all(row[2].value for row in book["Definitions"].iter_rows(min_row=2)), "every column is explained"


def test_the_same_data_make_the_same_workbook(small_world, tmp_path: Path) -> None:
    first, second = (export(*small_world(), tmp_path / name) for name in ("a.xlsx", "b.xlsx"))
    assert everything(first) == everything(second)


def test_quotes_and_numbers_of_people_stay_at_home(hostile_world, tmp_path: Path) -> None:
    for kind in ("xlsx", "pptx", "md", "csv"):
        path = export(*hostile_world, tmp_path / f"silent.{kind}", table="moments")
        text = everything(path) if kind in ("xlsx", "pptx") else path.read_text("utf-8")
        assert "912 345" not in text
        assert not any(said in text for said in SAID)
        path = export(*hostile_world, tmp_path / f"open.{kind}", table="moments", quotes=True)
        text = everything(path) if kind in ("xlsx", "pptx") else path.read_text("utf-8")
        assert "912 345" not in text
        assert any(said in text for said in SAID)


def test_only_the_listed_columns_leave(small_world, tmp_path: Path) -> None:
    read = read_exported(export(*small_world(), tmp_path / "a.csv"))
    assert set(read.columns) <= set(JOURNEYS)
    assert "customer_id" not in read.columns
    moments = read_exported(export(*small_world(), tmp_path / "b.csv", table="moments"))
    assert set(moments.columns) <= set(MOMENTS)


def test_small_cells_do_not_leave(small_world, tmp_path: Path) -> None:
    def few(rows: pd.DataFrame) -> pd.DataFrame:
        people = sorted(rows["customer_id"].unique())[::2][:4]
        return rows[
            (rows["touchpoint"] != "delivery")
            | (rows["segment"] if "segment" in rows else rows["customer_id"]).isin(
                [*people, *sorted(rows["customer_id"].unique())[1::2]]
            )
        ]

    journeys, moments = small_world(change=few)
    assert journeys.query("touchpoint == 'delivery' and segment == 'Families'").customers.iloc[0] == 4
    read = read_exported(export(journeys, moments, tmp_path / "a.csv"))
    cell = read.query("touchpoint == 'Delivery'")
    assert cell.withheld.all(), "the other segment would give it away"
    assert cell.experience.isna().all()
    assert (cell.n == 0).all()
    text = export(journeys, moments, tmp_path / "a.md").read_text("utf-8")
    assert "Delivery |  |  |" in text


def test_a_deck_has_a_slide_a_segment_with_editable_text_and_chart(hostile_world, tmp_path: Path) -> None:
    from pptx import Presentation

    show = Presentation(str(export(*hostile_world, tmp_path / "map.pptx")))
    assert len(show.slides) == 2
    for slide in show.slides:
        assert any(shape.has_chart for shape in slide.shapes)
        assert any("Pain point" in shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert not [rel for rel in slide.part.rels.values() if rel.is_external]
        assert not slide.has_notes_slide


def test_a_text_form_diffs(small_world, tmp_path: Path) -> None:
    text = export(*small_world(), tmp_path / "map.md", language="ru").read_text("utf-8")
    assert text.startswith("# Малый мир\n")
    assert text == export(*small_world(), tmp_path / "again.md", language="ru").read_text("utf-8")
    assert "## Families" in text
    assert "| Delivery | 60 | −0," in text


@given(
    st.lists(
        st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00\r"), min_size=1).filter(str.strip)
    )
)
def test_csv_comes_back_as_it_was(tmp_path_factory, texts: list[str]) -> None:
    table = pd.DataFrame({"=say": texts, "x": [-5.5] * len(texts)})
    path = write_csv(table, tmp_path_factory.getbasetemp() / "round.csv")
    if texts:
        back = read_exported(path)
        assert back["=say"].tolist() == texts
        assert back["x"].tolist() == [-5.5] * len(texts)


def test_no_cell_of_a_csv_starts_a_formula(hostile_world, tmp_path: Path) -> None:
    path = export(*hostile_world, tmp_path / "a.csv")
    raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    for label in ("segment", "touchpoint"):
        assert not raw[label].str.startswith(("=", "-", "@", "+")).any()
    assert HOSTILE in read_exported(path)["segment"].tolist()


def test_an_unknown_suffix_or_table_is_named(small_world, tmp_path: Path) -> None:
    with pytest.raises(ShareError, match=r"'.doc' cannot be written. Use .xlsx, .pptx"):
        export(*small_world(), tmp_path / "map.doc")
    with pytest.raises(CjmError, match=r"'moment' is not a table of an export. Did you mean 'moments'\?"):
        export(*small_world(), tmp_path / "map.csv", table="moment")


@pytest.mark.parametrize("kind", ["xlsx", "pptx", "csv", "md"])
def test_a_failing_export_leaves_the_old_file_and_no_litter(
    small_world, tmp_path: Path, kind: str, monkeypatch
) -> None:
    target = tmp_path / f"map.{kind}"
    target.write_text("old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(ShareError, match="the disk is full"):
        export(*small_world(), target)
    assert target.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == [target.name]


def test_without_a_browser_a_picture_says_what_to_install(small_world, tmp_path: Path, monkeypatch) -> None:
    import kaleido

    class ChromeNotFoundError(Exception):
        pass

    def none(*_: object, **__: object) -> bytes:
        raise ChromeNotFoundError("no chrome")

    monkeypatch.setattr(kaleido, "calc_fig_sync", none)
    with pytest.raises(ShareError, match=r"a picture needs Chrome or Chromium.*apt install chromium"):
        export(*small_world(), tmp_path / "map.png")


@pytest.mark.browser
def test_a_pdf_is_one_a3_page_and_a_picture_has_its_size(small_world, tmp_path: Path, chromium) -> None:
    import re
    import struct

    pdf = export(*small_world(), tmp_path / "map.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)
    assert box is not None
    width, height = (float(side) / 72 * 25.4 for side in box.groups())
    assert (width, height) == pytest.approx((420, 297), abs=1.5)
    png = export(*small_world(), tmp_path / "map.png", scale=1).read_bytes()
    assert struct.unpack(">I", png[16:20]) == (1680,)


def test_a_quote_of_fifty_thousand_signs_is_cut(small_world, tmp_path: Path) -> None:
    journeys, moments = small_world()
    told = moments.assign(quote="late " * 10_000)
    text = export(journeys, told, tmp_path / "map.md", quotes=True).read_text(encoding="utf-8")
    assert "late late" in text
    assert max(map(len, text.splitlines())) < 1000
