"""In Chromium, with the network cut, every text of the map stays in its box, in four languages."""

from __future__ import annotations

import html
import json
from pathlib import Path

import plotly
import pytest

from cjmlab.maps import MAP_CONFIG
from cjmlab.maps.journey_map import draw_view
from cjmlab.maps.reading import read_view

pytestmark = pytest.mark.browser
LANGUAGES = ("en", "zh-Hans", "zh-Hant", "ru")
SHAPES = {"seven": (2, 3, 2, 2, 2, 3, 2), "three": (1, 2, 1), "nine": (3, 3, 3, 2, 3, 3, 3, 3, 2), "skew": (9, 1, 1, 1)}
MEASURE = """() => [...document.querySelectorAll('text')].filter(t => t.textContent.trim()).map(t => {
  const lines = [...t.querySelectorAll('tspan.line')];
  const parts = (lines.length ? lines : [t]).map(line => line.getBoundingClientRect());
  return {text: (lines.length ? lines : [t]).map(line => line.textContent), left: Math.min(...parts.map(p => p.left)),
          right: Math.max(...parts.map(p => p.right)), top: Math.min(...parts.map(p => p.top)),
          bottom: Math.max(...parts.map(p => p.bottom))};
})"""


def tidy(line: str) -> str:
    """Browsers tell no-break spaces as spaces."""
    return " ".join(line.split())


def page_of(spec: dict[str, object], folder: Path, name: str) -> Path:
    """A page with plotly.js inside and one figure."""
    script = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text("utf-8")
    data = json.dumps(spec, ensure_ascii=False).replace("<", "\\u003c")
    path = folder / f"{name}.html"
    path.write_text(
        f"<!doctype html><meta charset=utf-8><title>{html.escape(name)}</title><body style='margin:0'>"
        f"<script>{script}</script><div id=map></div><script>const figure = {data};"
        f"Plotly.newPlot('map', figure.data, figure.layout, {json.dumps(MAP_CONFIG)})"
        f".then(() => document.body.dataset.ready = 1)</script>",
        "utf-8",
    )
    return path


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("shape", "width"), [("seven", 1680), ("seven", 1100), ("nine", 1680), ("skew", 1680), ("three", 1100)]
)
def test_every_text_stays_in_its_box(offline_browser, imitate, tmp_path, language, shape, width):
    journeys, moments = imitate(SHAPES[shape])
    canvas, spec = draw_view(read_view(journeys, moments, language=language), width=width)
    page = offline_browser.open(page_of(spec, tmp_path, f"{shape}-{language}"), width=width, height=800)
    page.wait_for_selector("body[data-ready]")
    measured = {(tuple(map(tidy, t["text"])), round(t["left"]), round(t["top"])): t for t in page.evaluate(MEASURE)}
    assert not offline_browser.complaints
    assert not offline_browser.foreign
    drawn = {words for words, *_ in measured}
    wide = []
    for text in canvas.placed:
        said = tuple(map(tidy, text.words))
        assert said in drawn, f"{said} was not drawn"
        found = min(
            (t for (words, *_), t in measured.items() if words == said),
            key=lambda t: (
                abs((t["left"] + t["right"]) / 2 - text.box.left - text.box.width / 2) + abs(t["top"] - text.box.top)
            ),
        )
        if found["right"] - found["left"] > text.box.width + 1.5:
            wide.append((text.role, text.words, found["right"] - found["left"], text.box.width))
        if text.room is not None:
            assert found["left"] >= text.room.left - 1.5, (text.role, text.words)
            assert found["right"] <= text.room.right + 1.5, (text.role, text.words)
        assert found["left"] >= 0, text.words
        assert found["right"] <= width, text.words
        assert found["bottom"] <= spec["layout"]["height"] + 1, text.words
    assert not wide, wide[:5]
