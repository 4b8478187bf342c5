"""Signs of the map: dimensions on chips, hatched assumptions, split opinions, sources, tables without evidence."""

from __future__ import annotations

import pandas as pd
import pytest

from cjmlab.maps import map_spec, map_table
from cjmlab.maps.wordings import wordings
from cjmlab.tables import Table


def with_columns(journeys, **columns):
    return Table.of(pd.DataFrame(journeys).assign(**columns), journeys.about)


def shapes(spec, name):
    return [shape for shape in spec["layout"]["shapes"] if shape["name"] == name]


def texts(spec, *roles):
    return [
        text for trace in spec["data"] if trace["mode"] == "text" and trace["name"] in roles for text in trace["text"]
    ]


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant", "ru"])
def test_dimensions_have_a_sign_on_the_chip_and_a_key(imitate, language):
    journeys, moments = imitate((2, 2, 2), segments=1)
    spec = map_spec(
        with_columns(journeys, dimension=["product", "environment", "emotion", "", "", ""]), moments, language=language
    )
    drawn = [trace["marker"]["symbol"] for trace in spec["data"] if trace["name"] == "dimension"]
    assert sorted(drawn[:3]) == ["circle", "square", "triangle-up"]
    names = wordings(language).raw["dimensions"]
    assert [text for text in texts(spec, "dimension key") if text in names.values()] == [
        names["product"], names["environment"], names["emotion"],
    ]  # fmt: skip


def test_assumptions_are_hatched_and_said_so(imitate):
    journeys, moments = imitate((2, 2, 2), segments=1)
    assert "assumption" in texts(map_spec(journeys, moments), "dimension key")
    sure = map_spec(with_columns(journeys, evidence="triangulated"), moments)
    assert shapes(map_spec(journeys, moments), "assumption")
    assert not shapes(sure, "assumption")
    assert "assumption" not in texts(sure, "dimension key")


def test_split_opinions_are_diamonds_with_a_legend_and_in_the_table(imitate):
    journeys, moments = imitate((2, 2, 2), segments=1)
    split = [True, False, False, False, False, False]
    spec = map_spec(with_columns(journeys, polarised=split), moments)
    curve = next(trace for trace in spec["data"] if trace["name"] == "experience" and trace["mode"] == "markers")
    assert curve["marker"]["symbol"][0] == "diamond"
    assert "opinions split" in texts(spec, "legend")
    assert map_table(spec)["polarised"].tolist().count(True) == 1
    assert "opinions split" not in texts(map_spec(journeys, moments), "legend")


def test_the_pointer_finds_the_sources_of_a_cell(imitate):
    journeys, moments = imitate((2, 2, 2), segments=1)
    spec = map_spec(with_columns(journeys, n_survey=40, n_interview=3, n_review=0), moments)
    said = [row[1] for trace in spec["data"] if trace["name"] == "touchpoints" and trace["mode"] == "markers"
            for row in trace["customdata"]]  # fmt: skip
    assert sum("survey 40 · interviews 3" in line for line in said) >= 4
    assert not any("reviews" in line for line in said)


def test_a_stage_that_the_log_does_not_record_has_no_count_and_no_pinch(imitate):
    from dataclasses import replace

    journeys, moments = imitate((2, 2, 2), segments=1)
    stages = journeys.about.stages.copy()
    unknown = stages["stage"].eq("s1")
    stages["customers"] = stages["customers"].astype(float).mask(unknown, 0)
    stages["reach"], stages["drop_off"] = stages["reach"].mask(unknown), stages["drop_off"].mask(unknown)
    spec = map_spec(Table.of(pd.DataFrame(journeys), replace(journeys.about, stages=stages)), moments)
    assert len(texts(spec, "reach")) == 2
    heights = {part.split(",")[1].split("C")[0] for part in shapes(spec, "reach")[0]["path"].strip("MZ").split("L")[:4]}
    assert len(heights) <= 3


def test_a_plain_table_without_evidence_is_drawn_without_signs():
    journeys = pd.DataFrame({"segment": "A", "stage": ["buy", "use"], "touchpoint": ["till", "app"], "position": [0, 1],
                             "n": [40, 3], "customers": [40, 3], "experience": [-0.4, 0.3], "low": [-0.5, 0.2],
                             "high": [-0.3, 0.4], "evidence": "single source"})  # fmt: skip
    spec = map_spec(journeys)
    assert map_table(spec)["withheld"].tolist() == [False, True]
    assert not texts(spec, "dimension key")
    assert map_table(spec, "cards").empty
