"""The page as text: its promises that need no browser."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cjmlab.explore import explore
from cjmlab.share import OfflinePage, ShareError, render, share_page


def test_quotes_stay_at_home_unless_asked_for(small_world, small_portable) -> None:
    from cjmlab.share.page import Page

    portable = small_portable
    data = {}
    for quotes in (False, True):
        page = Page("t", quotes=quotes)
        page.explorer(portable)
        data[quotes] = unpacked(page.html())
    assert "two hours late" in data[True]
    assert "two hours late" not in data[False]
    assert "опоздал" not in data[False]
    names = set(small_world()[0].about.scored["unit_id"])
    assert names
    assert not [name for name in names if f'"{name}"' in data[True]], "a quote says whose it is"


def unpacked(html: str) -> str:
    """Everything that a page holds, its data inflated."""
    import base64
    import gzip

    blobs = re.findall(r'<script type="text/plain" id="cjm-data-\d+">(.*?)</script>', html, re.S)
    return html + "".join(gzip.decompress(base64.b64decode(blob)).decode() for blob in blobs)


def test_one_file_with_one_library_a_policy_and_no_address(small_world, tmp_path: Path) -> None:
    text = share_page(*small_world(), tmp_path / "map.html", title="Fish & <chips>").read_text()
    assert text.count('id="cjm-plotly"') == 1
    assert "default-src 'none'" in text
    assert "<title>Fish &amp; &lt;chips&gt;</title>" in text
    assert len(text) < 3_000_000
    shell = re.sub(r'<script type="text/plain".*?</script>', "", text, flags=re.S)
    assert not re.search(r"https?://(?!www\.w3\.org/)", shell)


def notebook(*outputs: dict, source: str = "cjm.explore(journeys)") -> nbformat.NotebookNode:
    cells = [new_markdown_cell("# A *fine* study\n\n<script>alert(1)</script>Words"), new_code_cell(source)]
    cells[1].outputs = [new_output("display_data", data=data) for data in outputs]
    return new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})


def write(folder: Path, node: nbformat.NotebookNode) -> Path:
    nbformat.write(node, folder / "a.ipynb")
    return folder / "a.ipynb"


def test_a_notebook_becomes_a_page_with_explorer_figure_table_and_note(small_world, tmp_path: Path) -> None:
    bundle, _ = explore(*small_world())._repr_mimebundle_()
    figure = {"application/vnd.plotly.v1+json": {"data": [{"y": [1, 2]}], "layout": {}}}
    slider = {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "IntSlider(value=3)"}
    table = {
        "text/html": '<table><tr><td onclick="x()">cell</td></tr></table><script>bad()</script>',
        "text/plain": "t",
    }
    path = write(tmp_path, notebook(bundle, figure, slider, table))
    with pytest.warns(UserWarning, match="a.ipynb: left out, because they need a kernel: IntSlider"):
        text = render(path).read_text()
    assert text.count("cjm-host") > 2
    assert text.count('id="cjm-plotly"') == 1
    assert "<td>cell</td>" in text
    assert "bad()" not in text
    assert "alert(1)" not in text
    assert "<title>A fine study</title>" in text
    assert "needs a running kernel: IntSlider" in text
    assert "cjm.explore(journeys)" not in text
    for foreign in ("require.js", "MathJax", "mermaid", "cdn"):
        assert foreign not in re.sub(r'<script type="text/plain".*?</script>', "", text, flags=re.S)


def test_code_is_shown_on_request_and_other_outputs_left_out_on_request(tmp_path: Path) -> None:
    path = write(tmp_path, notebook({"text/html": "<b>Anna, +7 912 345 67 89</b>", "text/plain": "x"}))
    assert "cjm.explore(journeys)" in render(path, show_code=True).read_text()
    redacted = render(path, redact=True).read_text()
    assert "Anna" not in redacted
    assert "left out of this page on request" in redacted


def test_a_notebook_without_outputs_is_run_first_and_not_changed(tmp_path: Path) -> None:
    path = write(tmp_path, notebook(source="print('forty' + '-two')"))
    before = path.read_bytes()
    assert "forty-two" in render(path).read_text()
    assert path.read_bytes() == before


def test_what_cannot_be_rendered_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ShareError, match=r"none.ipynb: the notebook is not there"):
        render(tmp_path / "none.ipynb")
    (tmp_path / "bad.ipynb").write_text("{")
    with pytest.raises(ShareError, match=r"bad.ipynb: this is not a Jupyter notebook"):
        render(tmp_path / "bad.ipynb")
    path = write(tmp_path, notebook(source="1 / 0"))
    with pytest.raises(ShareError, match="a cell fails: ZeroDivisionError: division by zero"):
        render(path)


def test_a_slim_page_holds_no_library_and_says_so(small_portable) -> None:
    from cjmlab.share.page import Page

    page = Page("t", slim=True)
    page.explorer({**small_portable, "payload": small_portable["payload"]})
    text = page.html()
    assert 'cjm-plotly"' not in text.split('<script type="module">')[0]
    assert "A slim page" in text
    assert len(text) < 600_000
    assert len(page.pictures) == 1


def test_a_chart_of_another_library_is_a_picture_in_a_slim_page_or_a_note(monkeypatch) -> None:
    from cjmlab.share import slim
    from cjmlab.share.page import Page

    bar = {"data": [{"type": "bar", "y": [1, 2]}], "layout": {"width": 300, "height": 200}}
    page = Page("t", slim=True)
    monkeypatch.setattr(slim, "draw_image", lambda *_: b"<svg/>")
    page.figure(bar)
    assert 'src="data:image/svg+xml;base64,' in page.html()

    def none(*_: object) -> bytes:
        raise ShareError("a picture needs Chrome")

    monkeypatch.setattr(slim, "draw_image", none)
    page.figure(bar)
    assert "drawing one needs Chrome or Chromium" in page.html()


def test_lanes_that_held_only_verbatims_are_closed(small_world) -> None:
    from cjmlab.explore.states import plain
    from cjmlab.maps import map_spec
    from cjmlab.share.quotes import without_quotes

    journeys, moments = small_world(change=telling)
    spoken = plain(map_spec(journeys, moments, segment="Families"))
    lanes = spoken["layout"]["meta"]["lanes"]
    assert "behaviour" in lanes, "the world tells of behaviour"
    silent = without_quotes(spoken)
    height = lanes["behaviour"][1] - lanes["behaviour"][0]
    assert silent["layout"]["height"] <= spoken["layout"]["height"] - height
    assert silent["layout"]["yaxis"]["range"] == [silent["layout"]["height"], 0]
    names = {text for trace in silent["data"] if trace["name"] == "lane name" for text in trace["text"]}
    assert "Behaviour" not in names
    assert "Stage" in names
    assert max(y for trace in silent["data"] for y in trace["y"]) < silent["layout"]["height"]


def telling(rows):
    """Half of the clauses tell what people do."""
    return rows.assign(lane=["behaviour" if place % 2 else lane for place, lane in enumerate(rows["lane"])])


@pytest.mark.browser
def test_pictures_are_written_beside_the_page(tmp_path: Path, chromium) -> None:
    from cjmlab.share.notebook import render_files

    figure = {"data": [{"type": "scatter", "x": [1], "y": [2]}], "layout": {"width": 1680, "height": 1188}}
    path = write(tmp_path, notebook({"application/vnd.plotly.v1+json": figure}))
    files = render_files(path, tmp_path / "map.html", pictures=["png", "pdf"])
    assert [file.name for file in files] == ["map.html", "map.png", "map.pdf"]
    assert files[1].read_bytes().startswith(b"\x89PNG")
    assert len(re.findall(rb"/Type\s*/Page\b", files[2].read_bytes())) == 1


def test_the_foot_says_how_many_people_a_cell_needs(small_world, tmp_path: Path) -> None:
    text = share_page(*small_world(), tmp_path / "map.html", withhold_below=12, most_states=3).read_text()
    assert "Cells with fewer than 12 people are withheld" in text


def test_the_exporter_has_a_name_for_jupyterlabs_menu() -> None:
    exporter = OfflinePage()
    assert exporter.export_from_notebook == "Offline page (cjmlab)"
    assert exporter.output_mimetype == "text/html"


def test_whom_a_study_covers_is_said_in_the_language_of_the_page(small_world, tmp_path: Path) -> None:
    from dataclasses import replace

    from cjmlab.tables import Table
    from cjmlab.vocabulary import Label

    journeys, moments = small_world()
    study = journeys.about.study
    scope = Label({"en": "Families in six cities", "ru": "Семьи из шести городов"})
    charter = replace(study.charter, segment_scope=scope, scenario="Weekly shop")
    context = replace(journeys.about, study=replace(study, charter=charter))
    table = Table.of(journeys, context)
    text = share_page(table, moments, tmp_path / "ru.html", language="ru").read_text("utf-8")
    assert "<p>Семьи из шести городов · Weekly shop</p>" in text
