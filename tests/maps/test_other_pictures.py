"""Comparison, heatmap, flow and waves: the same n as the map, texts that fit, a table that travels along."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import CjmError
from cjmlab.maps import (
    compare_maps,
    compare_spec,
    flow_spec,
    heatmap_spec,
    journey_flow,
    journey_map,
    map_spec,
    map_table,
    map_text,
    touchpoint_heatmap,
    wave_map,
    wave_spec,
)
from cjmlab.maps.compare import draw_comparison
from cjmlab.maps.flow import draw_flow
from cjmlab.maps.heatmap import draw_heatmap
from cjmlab.maps.moves import count_moves
from cjmlab.maps.reading import read_view, read_views
from cjmlab.maps.source import open_source
from cjmlab.maps.waves import draw_waves, read_wave
from cjmlab.moments import compare_waves
from cjmlab.study.charter import Charter, Study
from cjmlab.vocabulary import Label, codebook, stage_model
from cjmlab.vocabulary import touchpoints as place_touchpoints

LANGUAGES = ("en", "zh-Hans", "zh-Hant", "ru")


def clashes(canvas):
    found = []
    for i, a in enumerate(canvas.placed):
        for b in canvas.placed[i + 1 :]:
            wide = min(a.box.right, b.box.right) - max(a.box.left, b.box.left)
            high = min(a.box.bottom, b.box.bottom) - 3 - max(a.box.top, b.box.top)
            if wide > 1 and high > 1:
                found.append((a.role, a.words, b.role, b.words))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [1100, 1680])
@pytest.mark.parametrize("counts", [(2, 3, 2, 2, 2, 3, 2), (1, 2, 1), (3, 3, 3, 2, 3, 3, 3, 3, 2)])
def test_texts_of_comparison_and_heatmap_do_not_overlap(imitate, language, width, counts):
    journeys, _ = imitate(counts)
    views = read_views(journeys, language=language)
    assert clashes(draw_comparison(views, width=width)[0]) == []
    assert clashes(draw_heatmap(views, least=5, width=width)[0]) == []


def test_every_picture_shows_the_same_numbers_as_the_map(imitate):
    journeys, moments = imitate()
    maps = pd.concat(
        [map_table(journey_map(journeys, moments, segment=name)) for name in dict.fromkeys(journeys["segment"])]
    )
    for figure in (compare_maps(journeys), touchpoint_heatmap(journeys)):
        table = map_table(figure)
        columns = ["segment", "touchpoint", "n", "customers", "experience", "low", "high"]
        pd.testing.assert_frame_equal(table[columns], maps[columns].reset_index(drop=True))


def test_the_table_says_what_the_journeys_say_and_withholds_what_the_picture_withholds(imitate):
    journeys, _ = imitate((4, 4, 4), segments=1)
    table = map_table(journey_map(journeys)).set_index("touchpoint")
    for row in journeys.itertuples():
        if row.n < 5 or row.customers < 5:
            assert table.loc[row.touchpoint, "withheld"]
            assert table.loc[row.touchpoint, ["n", "experience", "low", "high", "volume"]].isna().all()
        else:
            assert table.loc[row.touchpoint, "n"] == row.n
            assert table.loc[row.touchpoint, "experience"] == pytest.approx(row.experience, abs=5e-4)


def test_the_heatmap_withholds_below_the_minimum_asked_for_and_never_shows_below_five(imitate):
    journeys, _ = imitate()
    for asked, least in ((100, 100), (1, 5)):
        table = map_table(heatmap_spec(journeys, min_n=asked))
        small = journeys[(journeys["n"] < least) | (journeys["customers"] < least)]
        assert int(table["withheld"].sum()) == len(small)


def test_a_figure_of_somebody_else_has_no_table():
    import plotly.graph_objects as go

    with pytest.raises(CjmError, match="the figure carries no table"):
        map_table(go.Figure())


def planted_moves():
    """Ten who go s0 → s1 → s2, six who turn back from s1 to s0 and stop, five who skip from s0 to s2; all long ago."""
    paths = [["s0", "s1", "s2"]] * 10 + [["s0", "s1", "s0"]] * 6 + [["s0", "s2"]] * 5 + [["s0", "s0", "s1"]] * 3
    rows = []
    for who, path in enumerate(paths):
        for step, stage in enumerate(path):
            time = pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(hours=step)
            rows.append({"event_id": f"{who}-{step}", "customer_id": f"c{who:02}", "time": time, "event": stage,
                         "touchpoint": f"t{stage}", "stage": stage})  # fmt: skip
    rows.append({"event_id": "z", "customer_id": "late", "time": pd.Timestamp("2026-06-01", tz="UTC"), "event": "x",
                 "touchpoint": "ts0", "stage": "s0"})  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def moving():
    """Journeys with events whose moves are known."""
    from cjmlab.journeys import derive_journeys

    model = stage_model({"id": "three", "stages": [{"id": f"s{i}", "label": f"Stage {i}"} for i in range(3)]})
    points = place_touchpoints(
        [{"id": f"ts{i}", "label": f"Touchpoint {i}", "stage": f"s{i}"} for i in range(3)], model
    )
    events, empty = planted_moves(), pd.DataFrame()
    study = Study(folder=Path(), charter=Charter(title=Label.of("Moves")), stage_model=model, touchpoints=points,
                  codebook=codebook(points, model), customers=empty, feedback=empty, events=events, outcomes=empty, report=empty)  # fmt: skip
    rng = np.random.default_rng(2)
    rows = []
    for who in sorted(set(events["customer_id"])):
        for i in range(3):
            for wave, lift in (("2026-Q1", 0.0), ("2026-Q2", 0.9 if i == 1 else 0.0)):
                value = float(np.clip(rng.normal(-0.4 + lift, 0.2), -1, 1))
                rows.append({"unit_id": f"{who}-{i}-{wave}", "feedback_id": f"{who}-{i}-{wave}", "customer_id": who,
                             "stage": f"s{i}", "touchpoint": f"ts{i}", "wave": wave, "asks": "experience", "scale": "1-5",
                             "text": None, "start": None, "end": None, "lane": None, "coder": "asked", "negative": None,
                             "neutral": None, "positive": None, "sentiment": value, "rating": value, "scorer": "rating",
                             "source_type": "survey"})  # fmt: skip
    return derive_journeys(pd.DataFrame(rows), None, study)


def test_moves_are_counted_by_hand(moving):
    moves = count_moves(open_source(moving, language="en"), None, ["s0", "s1", "s2"])
    assert moves.customers == {"s0": 25, "s1": 19, "s2": 15}
    assert moves.links == {("s0", "leave"): 6, ("s0", "open"): 1, ("s0", "s1"): 19, ("s0", "s2"): 5, ("s1", "leave"): 3,
                           ("s1", "s0"): 6, ("s1", "s2"): 10, ("s2", "leave"): 15, ("start", "s0"): 25}  # fmt: skip


def test_the_flow_draws_loops_and_ends_and_hides_ways_of_fewer_than_five(moving):
    spec = flow_spec(moving)
    names = {shape["name"] for shape in spec["layout"]["shapes"]}
    assert {"ahead 0 2", "back 1 0", "leave 0", "leave 2"} <= names
    assert "leave 1" not in names  # three people
    table = map_table(spec).set_index(["from", "to"])
    assert pd.isna(table.loc[("s1", "leave"), "customers"])
    assert table.loc[("s1", "s0")].tolist()[1:] == [5, True]  # six, from which three would follow: 19 less 10 less 6
    assert table.loc[("s1", "s2")].tolist()[1:] == [10, False]
    assert "≈5" in {text for trace in spec["data"] if trace["name"] == "count" for text in trace["text"]}
    assert "3 customers" not in json.dumps(spec)


def test_a_higher_threshold_withholds_more_ways_and_stages(moving):
    table = map_table(flow_spec(moving, smallest=18)).set_index(["from", "to"])["customers"]
    assert table.dropna().min() >= 18
    said = [text for trace in flow_spec(moving, smallest=18)["data"] if trace["name"] == "n" for text in trace["text"]]
    assert said == ["n=25", "n=19", "n &lt; 18"]


def test_flow_and_map_name_the_same_n_of_a_stage(moving):
    said = [text for trace in flow_spec(moving)["data"] if trace["name"] == "n" for text in trace["text"]]
    reach = [text for trace in map_spec(moving)["data"] if trace["name"] == "reach" for text in trace["text"]]
    assert [text.removeprefix("n=") for text in said] == reach == ["25", "19", "15"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [700, 1100, 1680])
def test_texts_of_the_flow_do_not_overlap(moving, language, width):
    view = read_view(moving, language=language)
    canvas, _ = draw_flow(
        view, count_moves(open_source(moving, language=language), None, ["s0", "s1", "s2"]), width=width
    )
    assert clashes([*canvas.placed] and canvas) == []


def test_the_planted_change_is_the_one_that_stands_out(moving):
    table = map_table(wave_map(moving)).set_index("touchpoint")
    assert table["clear"].to_dict() == {"ts0": False, "ts1": True, "ts2": False}
    row = table.loc["ts1"]
    assert row["low"] < 0.9 < row["high"]
    assert (row["before"], row["after"]) == ("2026-Q1", "2026-Q2")


def test_waves_draw_what_compare_waves_found_and_mark_only_what_holds(moving):
    found = compare_waves(moving).set_index("touchpoint")
    figure = wave_map(moving)
    table = map_table(figure).set_index("touchpoint")
    assert np.allclose(table["change"], found["change"].reindex(table.index), atol=5e-4)
    assert table["both"].tolist() == found["both"].reindex(table.index).tolist()
    assert table["clear"].tolist() == found["verdict"].isin(["better", "worse"]).reindex(table.index).tolist()
    arrows = [shape.path for shape in figure.layout.shapes if shape.name == "change arrow head"]
    assert "".join(arrows).count("M") == table["clear"].sum() == 1
    pair = ("2026-Q1", "2026-Q2")
    views = [read_wave(open_source(moving, language="en"), wave, "All customers") for wave in pair]
    without = draw_waves(*views, pair, None, width=1100)[1]
    assert not any(shape["name"].startswith("change ") for shape in without["layout"]["shapes"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [700, 1100, 1680])
def test_texts_of_the_waves_do_not_overlap(moving, language, width):
    source = open_source(moving, language=language)
    pair = ("2026-Q1", "2026-Q2")
    views = [read_wave(source, wave, "All customers") for wave in pair]
    canvas, _spec = draw_waves(*views, pair, compare_waves(moving, *pair), width=width)
    assert clashes(canvas) == []
    assert all(text.box.right <= width for text in canvas.placed)


def test_waves_the_other_way_round_change_sign(moving):
    there, back = (
        map_table(wave_spec(moving, waves=pair)) for pair in (("2026-Q1", "2026-Q2"), ("2026-Q2", "2026-Q1"))
    )
    assert np.allclose(there["change"], -back["change"])


def test_an_unknown_wave_is_said(moving):
    with pytest.raises(CjmError, match=r"'2020' is not a wave\. Known: '2026-Q1', '2026-Q2'\."):
        wave_map(moving, waves=("2020", "2026-Q1"))


def test_no_events_is_one_sentence(imitate):
    journeys, _ = imitate()
    with pytest.raises(CjmError, match="there are no events to draw a flow from"):
        journey_flow(journeys)


def test_the_text_form_is_stable_complete_and_safe(imitate):
    journeys, moments = imitate()
    text = map_text(journeys, moments, language="ru")
    assert text == map_text(journeys.sample(frac=1, random_state=1), moments.sample(frac=1, random_state=2),
                            segment="Value-seeking families", language="ru")  # fmt: skip
    shown = map_table(map_spec(journeys, moments, language="ru"))
    for row in shown[~shown["withheld"]].itertuples():
        assert f"n={int(row.n)}" in text
    assert "«Обещали" in text
    assert "«" not in map_text(journeys, moments, language="ru", quotes=False)
    hostile, theirs = imitate((1, 1, 1), wordy=lambda t: f"{t} <img src=x onerror=1> [a](http://x) `b`\n# c")
    written = map_text(hostile, theirs)
    assert "<img" not in written.replace("\\<img", "")
    assert "\n# c" not in written
    assert not re.search(r"(?<!\\)[\[\]`<]", written)


def test_comparison_is_the_same_for_any_row_order(imitate):
    journeys, _ = imitate()
    names = list(dict.fromkeys(journeys["segment"]))
    shuffled = journeys.sample(frac=1, random_state=9)
    assert json.dumps(compare_spec(journeys, segments=names[1:])) == json.dumps(
        compare_spec(shuffled, segments=names[1:])
    )


def test_a_filter_changes_no_colour(imitate):
    journeys, _ = imitate()
    last = list(dict.fromkeys(journeys["segment"]))[-1]
    views = {view.head.segment: view.colour for view in read_views(journeys)}
    alone = read_views(journeys[journeys["segment"] == last])[0]
    assert alone.colour == views[last]
    assert len(set(views.values())) == 3


@pytest.mark.parametrize("width", [1100, 1680])
def test_all_cells_of_a_heatmap_are_set_in_one_size(imitate, width):
    from cjmlab.maps.reading import read_views

    canvas, spec = draw_heatmap(read_views(imitate((3,) * 8)[0], language="ru"), least=5, width=width)
    for role in ("experience", "n"):
        sizes = {trace["textfont"]["size"] for trace in spec["data"] if trace["name"] == role}
        assert len(sizes) == 1, (role, sizes)
    assert not any("…" in line for text in canvas.placed if text.role == "stage" for line in text.words)


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_flow_and_waves_stays_in_its_box(moving, offline_browser, figure_page, hold_texts, language):
    source, pair = open_source(moving, language=language), ("2026-Q1", "2026-Q2")
    views = [read_wave(source, wave, "All customers") for wave in pair]
    view = read_view(moving, language=language)
    drawn = {
        "flow": draw_flow(view, count_moves(source, None, ["s0", "s1", "s2"]), width=1100),
        "waves": draw_waves(*views, pair, compare_waves(moving, *pair), width=1100),
    }
    for name, (canvas, spec) in drawn.items():
        page = offline_browser.open(figure_page(spec, f"{name}-{language}"), width=1100, height=800)
        page.wait_for_selector("body[data-ready]")
        hold_texts(page, canvas, spec["layout"])
        page.close()
    assert not offline_browser.complaints
