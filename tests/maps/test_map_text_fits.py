"""In Chromium, with the network cut, every text of every picture stays in its box, in four languages."""

from __future__ import annotations

import html
import random

import pytest

from cjmlab.maps.compare import draw_comparison
from cjmlab.maps.heatmap import draw_heatmap
from cjmlab.maps.journey_map import draw_view
from cjmlab.maps.lanes import LANES, MORE_LANES
from cjmlab.maps.metrics import font_stack, text_width
from cjmlab.maps.reading import read_view, read_views
from cjmlab.maps.wordings import wordings
from cjmlab.vocabulary import stage_model, touchpoints

pytestmark = pytest.mark.browser
LANGUAGES = ("en", "zh-Hans", "zh-Hant", "ru")
SEVEN, NINE, SKEW, THREE = (2, 3, 2, 2, 2, 3, 2), (3, 3, 3, 2, 3, 3, 3, 3, 2), (9, 1, 1, 1), (1, 2, 1)
FULL_THREE, FULL_FIVE, FOUR = (9, 8, 8), (5, 5, 5, 5, 5), (1, 1, 1, 1)
CASES = [*((SEVEN, 1680, language) for language in LANGUAGES), *((SEVEN, 1100, language) for language in LANGUAGES),
         (NINE, 1680, "en"), (NINE, 1680, "ru"), (NINE, 1100, "zh-Hans"), (SKEW, 1680, "ru"), (THREE, 1100, "zh-Hant"),
         (FULL_THREE, 1680, "ru"), (FULL_FIVE, 1680, "zh-Hant"), (FULL_FIVE, 1100, "en"), (FOUR, 1680, "zh-Hans")]  # fmt: skip


def measure(offline_browser, figure_page, hold_texts, canvas, spec, name):
    """Open a figure and hold every text against the box that Python computed for it."""
    page = offline_browser.open(figure_page(spec, name), width=int(spec["layout"]["width"]), height=800)
    page.wait_for_selector("body[data-ready]")
    hold_texts(page, canvas, spec["layout"])
    page.close()
    assert not offline_browser.complaints
    assert not offline_browser.foreign


@pytest.mark.parametrize(("counts", "width", "language"), CASES)
def test_every_text_of_the_map_stays_in_its_box(
    offline_browser, figure_page, hold_texts, imitate, counts, width, language
):
    journeys, moments = imitate(counts)
    canvas, spec = draw_view(read_view(journeys, moments, language=language), width=width)
    measure(offline_browser, figure_page, hold_texts, canvas, spec, f"map-{width}-{language}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_comparison_and_heatmap_stays_in_its_box(
    offline_browser, figure_page, hold_texts, imitate, language
):
    views = read_views(imitate(SEVEN)[0], language=language)
    measure(offline_browser, figure_page, hold_texts, *draw_comparison(views, width=1100), f"compare-{language}")
    measure(offline_browser, figure_page, hold_texts, *draw_heatmap(views, least=5, width=1100), f"heatmap-{language}")


@pytest.mark.parametrize(("counts", "language"), [(SEVEN, "ru"), (NINE, "zh-Hans"), (THREE, "en")])
def test_names_of_eighty_letters_stay_in_their_boxes_with_every_lane(
    offline_browser, figure_page, hold_texts, imitate, counts, language
):
    def wordy(text):
        return (text * 12)[:40] if any(ord(c) > 0x2E7F for c in text) else " ".join([text] * 12)[:80]

    journeys, moments = imitate(counts, segments=2, wordy=wordy)
    lanes = [lane.name for lane in (*LANES, *MORE_LANES)]
    canvas, spec = draw_view(read_view(journeys, moments, language=language), lanes=lanes)
    measure(offline_browser, figure_page, hold_texts, canvas, spec, f"long-{language}")


def test_widths_reckoned_without_a_browser_are_never_too_small_and_seldom_much_too_large(offline_browser, tmp_path):
    rng = random.Random(4)
    labels = [text for point in touchpoints(None, stage_model("hema7")) for text in point.label.texts.values()]
    labels += [word for code in LANGUAGES for word in wordings(code).raw["say"].values() if "{" not in word]
    lines = [(" ".join(rng.sample(labels, rng.randint(1, 3))), rng.choice((9, 10.5, 12, 13, 15)), rng.random() < 0.4)
             for _ in range(600)]  # fmt: skip
    drawn = "".join(
        f"<text y=20 font-size='{size}px' font-weight={700 if bold else 400}>{html.escape(text)}</text>"
        for text, size, bold in lines
    )
    path = tmp_path / "widths.html"
    stack = html.escape(font_stack("zh-Hans"))
    path.write_text(f'<!doctype html><meta charset=utf-8><svg font-family="{stack}">{drawn}</svg>', "utf-8")
    page = offline_browser.open(path, width=800, height=200)
    found = page.evaluate("[...document.querySelectorAll('text')].map(t => t.getComputedTextLength())")
    page.close()
    ratios = [wide / text_width(text, size, bold=bold) for wide, (text, size, bold) in zip(found, lines, strict=True)]
    assert max(ratios) <= 1.005
    assert sum(ratios) / len(ratios) > 0.85
