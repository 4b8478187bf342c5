"""What leaves in a file says nothing of the machine it was made on, and names nobody; whatever stops it, the old one stays."""

from __future__ import annotations

import base64
import getpass
import gzip
import json
import os
import re
import resource
import signal
import socket
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from cjmlab.share import ShareError, export, share_page

PLANTED = "Q7ZX"
"""Stands in every id that is planted."""
SAID = ("Ask anna.petrova.q7zx@mail.test about it", "call me on +7 912 345 67 89", "my card is 4111 1111 1111 1111")
WRITTEN = ("xlsx", "pptx", "csv", "md")
DRAWN = ("pdf", "png", "svg")


@pytest.fixture(scope="module")
def planted_world(small_world):
    """The small world again, with ids and words by which people could be found."""
    from cjmlab.journeys import derive_journeys
    from cjmlab.moments import rank_moments

    context = small_world()[0].about
    rows = context.scored.drop(columns="segment")
    told = {name: f"{PLANTED}-" + rows[name].astype(str) for name in ("customer_id", "unit_id", "feedback_id")}
    texts = [f"{text}, {SAID[place % 3]}" for place, text in enumerate(rows["text"])]
    members = context.members[["customer_id", "segment"]]
    members = members.assign(customer_id=f"{PLANTED}-" + members["customer_id"].astype(str))
    journeys = derive_journeys(rows.assign(**told, text=texts), members, context.study)
    return journeys, rank_moments(journeys, None, resamples=50)


def write(world, path: Path, **options) -> Path:
    """Export; of a page only a few states."""
    if path.suffix != ".html":
        return export(*world, path, **options)
    return share_page(
        *world, path, most_states=3, **{name: options[name] for name in ("quotes", "language") if name in options}
    )


def contents(path: Path) -> str:
    """Everything a file holds: the members of an archive, the streams of a PDF, the chunks of a PNG, the data of a page."""
    raw = path.read_bytes()
    parts = [raw]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as box:
            parts = [*(box.read(name) for name in box.namelist()), *map(str.encode, box.namelist())]
            for name in box.namelist():
                if name.endswith((".xlsx", ".docx")):
                    inner = path.parent / "inner.zip"
                    inner.write_bytes(box.read(name))
                    parts.append(contents(inner).encode())
                    inner.unlink()
    elif raw.startswith(b"%PDF"):
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", raw, re.S):
            try:
                parts.append(zlib.decompress(stream))
            except zlib.error:
                continue
    elif path.suffix == ".html":
        blobs = re.findall(rb'<script type="text/plain" id="cjm-data-\d+">(.*?)</script>', raw, re.S)
        shell = re.sub(rb'<script type="text/plain".*?</script>', b"", raw, flags=re.S)
        parts = [shell, *(gzip.decompress(base64.b64decode(blob)) for blob in blobs)]
    return b"\n".join(parts).decode("utf-8", "replace")


def places() -> list[str]:
    """Names of this machine, its user and its folders that no file may hold."""
    told = {socket.gethostname(), getpass.getuser(), str(Path.home()), str(Path.cwd()), os.environ.get("USER", "")}
    return [name for name in told if len(name) > 4]


def gives_away(text: str, folder: Path) -> list[str]:
    wanted = [PLANTED, PLANTED.lower(), "912 345", "4111 11", "anna.petrova", *places(), str(folder)]
    return [name for name in wanted if name in text]


@pytest.mark.parametrize("quotes", [False, True])
@pytest.mark.parametrize("kind", [*WRITTEN, "html"])
def test_no_file_names_a_customer_or_the_machine(planted_world, tmp_path: Path, kind: str, quotes: bool) -> None:
    path = write(planted_world, tmp_path / f"map.{kind}", quotes=quotes, table="moments")
    text = contents(path)
    assert gives_away(text, tmp_path) == []
    said = ("late again", "friendly and quick", "晚了两个小时", "一次就修好了", "опять опоздал", "с первого раза")
    assert any(words in text for words in said) == quotes, "the quotes travel only when asked for"


@pytest.mark.browser
@pytest.mark.parametrize("kind", DRAWN)
def test_no_picture_names_a_customer_or_the_machine(
    planted_world, tmp_path: Path, kind: str, chromium, monkeypatch
) -> None:
    from cjmlab.share import images

    drawn, given = [], images.draw_image
    monkeypatch.setattr(images, "draw_image", lambda figure, *a, **k: drawn.append(figure) or given(figure, *a, **k))
    path = export(*planted_world, tmp_path / f"map.{kind}", quotes=True, scale=1)
    assert gives_away(contents(path), tmp_path) == []
    assert gives_away(json.dumps(drawn, ensure_ascii=False, default=str).replace(f"{PLANTED}-", PLANTED + "-"), tmp_path) in (
        [], [PLANTED]), "keys of quotes stay in the figure, its drawing holds none"  # fmt: skip
    if kind == "png":
        assert {name for name, _ in chunks(path)} <= {
            "IHDR",
            "PLTE",
            "sRGB",
            "gAMA",
            "pHYs",
            "IDAT",
            "IEND",
            "sBIT",
            "tRNS",
        }
    if kind == "pdf":
        assert not re.search(rb"/(Author|Subject|Keywords)\b", path.read_bytes())


def chunks(path: Path) -> list[tuple[str, bytes]]:
    """The chunks of a PNG."""
    raw, at, found = path.read_bytes(), 8, []
    while at < len(raw):
        (size,) = struct.unpack(">I", raw[at : at + 4])
        found.append((raw[at + 4 : at + 8].decode("ascii"), raw[at + 8 : at + 8 + size]))
        at += size + 12
    return found


def test_office_files_say_that_the_library_made_them_and_nothing_more(planted_world, tmp_path: Path) -> None:
    import openpyxl
    from pptx import Presentation

    book = openpyxl.load_workbook(export(*planted_world, tmp_path / "map.xlsx")).properties
    show = Presentation(str(export(*planted_world, tmp_path / "map.pptx"))).core_properties
    for about in (book, show):
        told = {name: getattr(about, name) for name in ("subject", "keywords", "category", "version", "identifier")}
        assert not any(told.values()), told
        assert about.title == "Small world"
    assert (book.creator, book.description, book.lastModifiedBy) == ("cjmlab", None, "cjmlab")
    assert (show.author, show.comments, show.last_modified_by) == ("cjmlab", "", "cjmlab")


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant", "ru"])
def test_the_charts_of_a_deck_are_told_to_those_who_do_not_see_them(
    planted_world, tmp_path: Path, language: str
) -> None:
    from pptx import Presentation

    show = Presentation(str(export(*planted_world, tmp_path / "map.pptx", language=language)))
    for slide, segment in zip(show.slides, ("Families", "Seniors"), strict=True):
        (chart,) = [shape for shape in slide.shapes if shape.has_chart]
        told = chart._element.nvGraphicFramePr.cNvPr.get("descr")
        assert segment in told
        assert re.search(r"[+−]\d[.,]\d\d", told), "the highest and the lowest touchpoint with their numbers"


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_killed_export_leaves_the_old_file_whatever_is_written(planted_world, tmp_path: Path, kind: str) -> None:
    """The writer is killed when everything is written and nothing is renamed yet: the worst moment."""
    target, (heard, says) = tmp_path / f"map.{kind}", os.pipe()
    target.write_text("old")
    writer = os.fork()
    if writer == 0:
        Path.replace = lambda *_: (os.write(says, b"."), time.sleep(60))
        try:
            write(planted_world, target)
        finally:
            os._exit(1)
    os.close(says)
    assert os.read(heard, 1) == b".", "the writer came to its end"
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    os.close(heard)
    assert target.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2
    assert write(planted_world, target).stat().st_size > 100
    assert [file.name for file in tmp_path.iterdir()] == [target.name], "the next writer sweeps"


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_full_disk_leaves_the_old_file_whatever_is_written(planted_world, tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"map.{kind}"
    target.write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, hard))
    try:
        with pytest.raises(ShareError, match="nothing was changed"):
            write(planted_world, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert target.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == [target.name]
