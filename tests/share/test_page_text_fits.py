"""On the shared page, measured in Chromium, no text of the map leaves its box or lies on its neighbour's card."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from cjmlab.explore import Filters
from cjmlab.explore.shown import ShownTables
from cjmlab.flow import run_study
from cjmlab.maps.canvas import Box
from cjmlab.maps.journey_map import draw_view, map_spec
from cjmlab.maps.reading import read_view
from cjmlab.share import share_page

pytestmark = pytest.mark.browser
SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "furniture"
TOUCH = 2.0
"""Pixels by which two boxes may touch: the air that fonts keep above and below their letters."""


@pytest.fixture(scope="module")
def furniture():
    """The furniture shop's journeys and moments: many touchpoints and sayings in several languages."""
    run = run_study(SAMPLE)
    return run.journeys, run.moments


def lies_on(box: Box, other: Box) -> bool:
    """Tell whether two boxes share more than an edge."""
    wide = min(box.right, other.right) - max(box.left, other.left)
    high = min(box.bottom, other.bottom) - max(box.top, other.top)
    return wide > TOUCH and high > TOUCH


@pytest.mark.filterwarnings("ignore:More than 1 combinations")
@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant", "ru"])
def test_no_text_leaves_its_box_or_lies_on_another_card(
    furniture, hold_texts, offline_browser, tmp_path, language
) -> None:
    options = {"views": {"map": map_spec}, "most_states": 1}
    file = share_page(*furniture, tmp_path / "page.html", language=language, quotes=True, slim=True, **options)
    shown = ShownTables(*furniture, quotes=True)
    segment = shown.options["segment"][0]
    view = read_view(*shown.of(Filters(segment=segment)), segment=segment, language=language)
    canvas, spec = draw_view(view)

    pairs = hold_texts(offline_browser.open(file), canvas, spec["layout"])

    rooms = {text.room for text, _ in pairs if text.room is not None}
    assert len(pairs) > 60
    assert len(rooms) > 30
    boxes = [
        (text, Box(at["left"], at["top"], at["right"] - at["left"], at["bottom"] - at["top"])) for text, at in pairs
    ]
    for (text, box), (other, theirs) in combinations(boxes, 2):
        if text.words != other.words:
            assert not lies_on(box, theirs), f"{text.words} lies on {other.words}"
    for text, box in boxes:
        if text.room is not None:
            foreign = [room for room in rooms if not lies_on(room, text.room) and lies_on(room, box)]
            assert not foreign, f"{text.words} ({text.role}) lies on a neighbour's card"
