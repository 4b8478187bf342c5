"""In Chromium, with the network cut, every text of every picture stays in its box, in four languages."""

from __future__ import annotations

import pytest

from cjmlab.maps.compare import draw_comparison
from cjmlab.maps.heatmap import draw_heatmap
from cjmlab.maps.journey_map import draw_view
from cjmlab.maps.reading import read_view, read_views

pytestmark = pytest.mark.browser
LANGUAGES = ("en", "zh-Hans", "zh-Hant", "ru")
SEVEN, NINE, SKEW, THREE = (2, 3, 2, 2, 2, 3, 2), (3, 3, 3, 2, 3, 3, 3, 3, 2), (9, 1, 1, 1), (1, 2, 1)
CASES = [*((SEVEN, 1680, language) for language in LANGUAGES), *((SEVEN, 1100, language) for language in LANGUAGES),
         (NINE, 1680, "en"), (NINE, 1680, "ru"), (SKEW, 1680, "ru"), (THREE, 1100, "zh-Hant")]  # fmt: skip
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


def measure(offline_browser, figure_page, canvas, spec, name):
    """Open a figure and hold every text against the box that Python computed for it."""
    width, height = spec["layout"]["width"], spec["layout"]["height"]
    page = offline_browser.open(figure_page(spec, name), width=int(width), height=800)
    page.wait_for_selector("body[data-ready]")
    measured = [{**t, "text": tuple(map(tidy, t["text"]))} for t in page.evaluate(MEASURE)]
    page.close()
    assert not offline_browser.complaints
    assert not offline_browser.foreign
    for text in canvas.placed:
        said = tuple(map(tidy, text.words))
        same = [t for t in measured if t["text"] == said]
        assert same, f"{said} was not drawn"
        middle = text.box.left + text.box.width / 2
        found = min(same, key=lambda t: abs((t["left"] + t["right"]) / 2 - middle) + abs(t["top"] - text.box.top))
        assert found["right"] - found["left"] <= text.box.width + 1.5, (text.role, text.words)
        assert found["left"] >= 0, text.words
        assert found["right"] <= width, text.words
        assert found["bottom"] <= height + 1, text.words
        if text.room is not None:
            assert found["left"] >= text.room.left - 1.5, (text.role, text.words)
            assert found["right"] <= text.room.right + 1.5, (text.role, text.words)


@pytest.mark.parametrize(("counts", "width", "language"), CASES)
def test_every_text_of_the_map_stays_in_its_box(offline_browser, figure_page, imitate, counts, width, language):
    journeys, moments = imitate(counts)
    canvas, spec = draw_view(read_view(journeys, moments, language=language), width=width)
    measure(offline_browser, figure_page, canvas, spec, f"map-{width}-{language}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_comparison_and_heatmap_stays_in_its_box(offline_browser, figure_page, imitate, language):
    views = read_views(imitate(SEVEN)[0], language=language)
    measure(offline_browser, figure_page, *draw_comparison(views, width=1100), f"compare-{language}")
    measure(offline_browser, figure_page, *draw_heatmap(views, least=5, width=1100), f"heatmap-{language}")
