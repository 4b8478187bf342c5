"""The map in Python: text boxes never overlap and stay inside, for any number of stages and touchpoints."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cjmlab.maps import journey_map, map_spec
from cjmlab.maps.journey_map import draw_view
from cjmlab.maps.reading import read_view

LANGUAGES = ("en", "zh-Hans", "zh-Hant", "ru")


def clashes(canvas):
    """Pairs of texts whose boxes overlap by more than a pixel in both directions."""
    boxes = [(text.role, text.words, text.box) for text in canvas.placed]
    found = []
    for i, (role, words, a) in enumerate(boxes):
        for other, others, b in boxes[i + 1 :]:
            wide = min(a.right, b.right) - max(a.left, b.left)
            ink = 0.25  # the last quarter of a line is leading
            high = min(a.bottom - ink * 12, b.bottom - ink * 12) - max(a.top, b.top)
            if wide > 1 and high > 1:
                found.append((role, words, other, others))
    return found


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    counts=st.lists(st.integers(1, 6), min_size=3, max_size=9).filter(lambda c: 4 <= sum(c) <= 25),
    language=st.sampled_from(LANGUAGES),
    width=st.sampled_from([1100, 1680]),
)
def test_no_two_texts_overlap(imitate, counts, language, width):
    journeys, moments = imitate(tuple(counts), segments=1)
    canvas, spec = draw_view(read_view(journeys, moments, language=language), width=width)
    assert clashes(canvas) == []
    for text in canvas.placed:
        if text.room is not None:
            assert text.box.left >= text.room.left - 0.6, (text.role, text.words)
            assert text.box.right <= text.room.right + 0.6, (text.role, text.words)
        assert text.box.bottom <= spec["layout"]["height"], text.words


@pytest.mark.parametrize("language", LANGUAGES)
def test_long_names_are_shortened_with_an_ellipsis_and_never_overlap(imitate, language):
    journeys, moments = imitate((2, 3, 2), segments=2, wordy=lambda text: " ".join([text] * 9))
    canvas, _ = draw_view(read_view(journeys, moments, language=language))
    assert clashes(canvas) == []
    cut = [line for text in canvas.placed for line in text.words if line.endswith("…")]
    assert len(cut) > 5


def test_lanes_without_data_leave_no_trace_and_the_figure_shrinks(imitate):
    journeys, moments = imitate()
    whole = map_spec(journeys, moments)
    plain = map_spec(journeys.drop(columns=["expectation", "gap"]), None)
    said = [
        text
        for trace in plain["data"]
        if trace["mode"] == "text" and trace["name"] == "lane name"
        for text in trace["text"]
    ]
    assert plain["layout"]["height"] < whole["layout"]["height"]
    assert "Pain points" not in " ".join(said)
    assert "Expectation" not in " ".join(said)


def test_a_plain_frame_gives_a_smaller_map_whose_labels_are_the_ids(imitate):
    import pandas as pd

    journeys, _ = imitate((1, 1, 2))
    figure = journey_map(pd.DataFrame(journeys), segment="Loyal enthusiasts")
    words = " ".join(text for trace in figure.data if trace.mode == "text" for text in trace.text)
    assert "Social media ad" not in words
    assert "Social ad" in words
    assert "S0" in words


def test_lanes_are_chosen_by_name_or_object_in_the_order_given(imitate):
    from cjmlab.maps.lanes import EmotionLane

    journeys, moments = imitate()
    spec = map_spec(journeys, moments, lanes=["emotion", "header"])
    names = [shape["name"] for shape in spec["layout"]["shapes"]]
    assert names.index("experience") < names.index("header edge")
    own = map_spec(journeys, moments, lanes=[EmotionLane(tall=400, quotes=False)])
    assert not any(str(trace["name"]).startswith("quote") for trace in own["data"])
    assert own["layout"]["height"] > 400


def test_a_lane_of_ones_own_is_an_object_with_height_and_draw(imitate):
    class Ruler:
        name = "ruler"

        def height(self, view, columns):
            return 20.0

        def draw(self, canvas, view, columns, top):
            canvas.text(columns.left, top, f"{len(view.stages)} stages", role="ruler")

    journeys, moments = imitate((1, 1, 2))
    spec = map_spec(journeys, moments, lanes=["stage", Ruler()])
    assert [t["text"] for t in spec["data"] if t["name"] == "ruler"] == [["3 stages"]]


def test_cells_below_five_are_withheld_and_below_thirty_hollow(imitate):
    journeys, moments = imitate((4, 4, 4), segments=1)
    spec = map_spec(journeys, moments)
    traces = {trace["name"]: trace for trace in spec["data"]}
    hidden = journeys[(journeys["n"] < 5) | (journeys["customers"] < 5)]["touchpoint"].tolist()
    assert [row[0] for row in traces["withheld"]["customdata"]] == hidden
    assert hidden
    for row in traces["withheld"]["customdata"]:
        assert "n &lt; 5" in row[1]
        assert row[2] == ""
    shown = [row[0] for name in ("experience", "experience, few answers") for row in traces[name]["customdata"]]
    assert not set(hidden) & set(shown)
    assert set(traces["experience, few answers"]["marker"]["color"]) == {"#FFFFFF"}
    bubbles = {row[0]: row[1] for row in traces["touchpoints"]["customdata"]}
    assert all("95" not in bubbles[touchpoint] for touchpoint in hidden)


def test_hover_carries_n_interval_grade_and_the_quote(imitate):
    journeys, moments = imitate(segments=1)
    row = next(t for t in map_spec(journeys, moments)["data"] if t["name"] == "experience")["customdata"][1]
    assert row[0] == "short_video"
    for part in ("95% interval", "answers", "customers", "evidence: triangulated"):
        assert part in row[1]
    assert "fitter" in row[2]
    assert row[3] == "point"


def test_the_figure_is_small_rounded_and_the_same_for_any_row_order(imitate):
    journeys, moments = imitate()
    spec = map_spec(journeys, moments, language="ru")
    text = json.dumps(spec, ensure_ascii=False)
    assert len(text.encode()) < 150_000
    shuffled = journeys.sample(frac=1, random_state=3)
    again = map_spec(shuffled, moments.sample(frac=1, random_state=4), language="ru", segment="Value-seeking families")
    assert json.dumps(again, ensure_ascii=False) == text
    numbers = [n for trace in spec["data"] for axis in ("x", "y") for n in trace[axis]]
    assert all(round(n, 1) == n for n in numbers)


def test_nothing_is_changed_in_the_tables(imitate):
    journeys, moments = imitate()
    before = journeys.copy(deep=True), moments.copy(deep=True)
    journey_map(journeys, moments, language="zh-Hant")
    assert journeys.equals(before[0])
    assert moments.equals(before[1])


def test_the_segment_is_found_in_any_language_and_the_largest_is_the_default(imitate):
    journeys, moments = imitate()
    assert map_spec(journeys, moments)["layout"]["meta"]["segment"] == "Value-seeking families"
    assert map_spec(journeys, moments, segment="忠诚爱好者")["layout"]["meta"]["segment"] == "Loyal enthusiasts"
    assert map_spec(journeys, moments, segment="Все клиенты")["layout"]["meta"]["segment"] == "All customers"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [1100, 1680])
def test_lanes_on_request_fit_too(imitate, language, width):
    from cjmlab.maps.lanes import KpiLane

    journeys, moments = imitate((2, 3, 2, 4))
    lanes = ["stage", "arc", "owner", "trigger", "brand", KpiLane(benchmark=0.7), "touchpoints"]
    canvas, spec = draw_view(read_view(journeys, moments, language=language), lanes=lanes, width=width)
    assert clashes(canvas) == []
    roles = {text.role for text in canvas.placed}
    assert {"arc", "owner", "kpi"} <= roles
    assert "quote trigger" not in roles  # four people only
    assert sum("benchmark" in shape["name"] for shape in spec["layout"]["shapes"]) == 1


def test_a_key_figure_follows_the_drop_off_and_marks_what_is_below_the_benchmark(imitate):
    from cjmlab.maps.lanes import KpiLane

    journeys, moments = imitate((1, 1, 1), segments=1)
    canvas, spec = draw_view(read_view(journeys, moments), lanes=[KpiLane(benchmark=0.7)])
    said = [text.words[0] for text in canvas.placed if text.role == "kpi"]
    assert said == ["78%", "57%"]
    names = [shape["name"] for shape in spec["layout"]["shapes"]]
    assert "kpi below" in names
    assert "kpi reached" in names


@pytest.mark.parametrize("counts", [(1, 1, 1), (1,) * 12, (5,) * 9, (25, 1, 1)])
def test_unusual_journeys_are_drawn_too(imitate, counts):
    journeys, moments = imitate(counts, segments=1)
    canvas, _ = draw_view(read_view(journeys, moments, language="ru"))
    assert [clash for clash in clashes(canvas) if "touchpoint" in clash] == []


def test_a_segment_of_which_nothing_may_be_shown_leaves_out_the_curve(imitate):
    journeys, moments = imitate((2, 2, 2), segments=1)
    hidden = journeys.assign(n=0, customers=0, experience=float("nan"), low=float("nan"), high=float("nan"))
    spec = map_spec(hidden, moments.head(0))
    names = {trace["name"] for trace in spec["data"]}
    assert "experience" not in names
    assert not any(name.startswith("quote callout") for name in names)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("counts", [(2, 3, 2, 2, 2, 3, 2), (2, 3, 4, 5, 4)])
def test_the_usual_wide_map_is_one_sheet(imitate, language, counts):
    journeys, moments = imitate(counts)
    layout = map_spec(journeys, moments, language=language)["layout"]
    assert (layout["width"], layout["height"]) == (1680, 1188)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cards_of_a_lane_write_their_ranges_alike(imitate, language):
    journeys, moments = imitate((3,) * 8)
    canvas, _ = draw_view(read_view(journeys, moments, language=language))
    said = [" ".join(text.words) for text in canvas.placed if text.role in ("gain", "gain range")]
    assert said
    forms = {"…" in words for words in said if "(" in words}
    assert len(forms) == 1, said
