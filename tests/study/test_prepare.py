"""Before anything is drawn: the inventory of touchpoints, and what a careful colleague would ask of the charter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import cjmlab as cjm
from cjmlab.study import Study

CHARTER = """
[study]
title = "Bank"
goal = "A flat of our own"
segment_scope = "Families"
scenario = "Mortgage"
kpi = "Share that recommends"
{stages}

[owners]
service = "Ann"
product = "Bo"
store = "Cy"

{points}

[[survey]]
file = "survey.csv"
customer_id = "id"

[[survey.questions]]
column = "q1"
touchpoint = "{rated}"
scale = "1-5"

[[survey.questions]]
column = "q2"
touchpoint = "{rated}"
asks = "expectation"
scale = "1-5"

[[survey.questions]]
column = "why"
asks = "open"
"""

POINTS = """
[[touchpoints]]
id = "talk"
label = {en = "Talk with an adviser", ru = "Разговор с консультантом"}
stage = "choose"
owner = "service"

[[touchpoints]]
id = "form"
label = {en = "The form"}
stage = "choose"
owner = "product"

[[touchpoints]]
id = "keys"
label = {en = "Getting the keys"}
stage = "live"
owner = "store"
"""

STAGES = """
[[study.stages]]
id = "choose"
label = {en = "Choose"}
span = [0.0, 1.5]
[[study.stages]]
id = "live"
label = {en = "Live there"}
span = [1.5, 3.0]
"""


def _study(folder: Path, *, stages: str = STAGES, points: str = POINTS, rated: str = "talk") -> Study:
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(CHARTER.format(stages=stages, points=points, rated=rated), "utf-8")
    (folder / "survey.csv").write_text("id,q1,q2,why\na,5,4,fine\nb,1,,the form again and again\n", "utf-8")
    return cjm.load_study(folder)


def test_every_touchpoint_is_listed_with_the_state_of_its_data(tmp_path: Path) -> None:
    study = _study(tmp_path)
    inventory = cjm.list_inventory(study).set_index("touchpoint")
    assert inventory.index.tolist() == ["talk", "form", "keys"]
    assert inventory.loc["talk", ["ratings", "expectations", "customers", "sources"]].tolist() == [2, 1, 2, 1]
    assert inventory.loc["talk", ["status", "function", "owner"]].tolist() == ["rated", "service", "Ann"]
    assert inventory.loc["keys", "status"] == "silent"


def test_coded_words_and_events_count_and_strangers_are_shown(tmp_path: Path) -> None:
    study = _study(tmp_path)
    coded = study.feedback.assign(touchpoint=study.feedback.touchpoint.where(study.feedback.text.isna(), "form"))
    before = coded.copy()
    events = pd.DataFrame({"customer_id": ["c", "c"], "touchpoint": ["keys", "garage"], "source": "log"})
    inventory = cjm.list_inventory(replace(study, events=events), coded).set_index("touchpoint")
    assert inventory.status.to_dict() == {"talk": "rated", "form": "heard", "keys": "seen", "garage": "unknown"}
    assert set(inventory.index) == {p.id for p in study.touchpoints} | {"garage"}
    assert inventory.loc["form", "verbatims"] == 2
    pd.testing.assert_frame_equal(coded, before)


def test_a_ready_study_raises_no_question(tmp_path: Path) -> None:
    assert cjm.review_study(_study(tmp_path)).empty


@pytest.mark.parametrize(
    ("label", "word"),
    [
        ('{en = "Submit to approval"}', "Submit to approval"),
        ('{ru = "Согласование в отделе"}', "Согласование"),
        ('{zh-Hans = "等待审批"}', "审批"),
        ('{zh-Hant = "等待審批"}', "審批"),
        ('{en = "CRM lead nurturing"}', "CRM"),
    ],
)
def test_names_from_the_desk_are_found_in_every_language(tmp_path: Path, label: str, word: str) -> None:
    points = POINTS.replace('{en = "The form"}', label)
    found = cjm.review_study(_study(tmp_path, points=points))
    assert found["finding"].tolist() == ["named in the company's words, not the customer's"]
    assert word in found["example"].iloc[0]
    assert found["level"].tolist() == ["note"]


def test_words_inside_other_words_are_left_alone(tmp_path: Path) -> None:
    points = POINTS.replace('"The form"', '"A leading question in the departure hall"')
    assert cjm.review_study(_study(tmp_path, points=points)).empty


def test_a_map_of_one_department_or_one_phase_is_said(tmp_path: Path) -> None:
    points = POINTS.replace('owner = "service"', "").replace('owner = "store"', "")
    stages = STAGES.replace("[0.0, 1.5]", "[1.0, 1.5]").replace("[1.5, 3.0]", "[1.5, 2.0]")
    found = cjm.review_study(_study(tmp_path, stages=stages, points=points)).set_index("finding")
    assert found.loc["touchpoints have nobody who answers for them", "count"] == 2
    assert found.loc["fewer than 3 functions of the company take part", "count"] == 1
    assert "no stage lies before the purchase" in found.index
    assert "no stage lies after the purchase" in found.index


def test_check_asks_these_questions_too(tmp_path: Path) -> None:
    _study(tmp_path, points=POINTS.replace('owner = "service"', ""))
    found = cjm.check_study(tmp_path)
    assert "touchpoints have nobody who answers for them" in set(found["finding"])


@pytest.mark.parametrize("kind", ["day_in_life", "current"])
def test_a_kind_of_map_that_the_data_cannot_carry(tmp_path: Path, kind: str) -> None:
    study = _study(tmp_path)
    feedback = study.feedback if kind == "day_in_life" else study.feedback.iloc[:0]
    changed = replace(study, charter=replace(study.charter, map_kind=kind), feedback=feedback)
    assert cjm.review_study(changed)["example"].tolist() == [f"map_kind = {kind!r}"]
