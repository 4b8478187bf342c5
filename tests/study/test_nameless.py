"""A survey whose rows name nobody still has outcomes, and people."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import cjmlab as cjm
from cjmlab.cli import main
from cjmlab.journeys.context import context_of

STUDY = """
[study]
title = "Clinic"
stages = ["Book", "Visit"]
languages = ["en"]
[[touchpoints]]
id = "waiting_room"
stage = "Visit"
label = "Waiting room"
[[survey]]
file = "poll.csv"
[[survey.questions]]
column = "wait"
touchpoint = "waiting_room"
scale = "1-5"
[[survey.questions]]
column = "booking"
stage = "Book"
scale = "1-5"
[[survey.questions]]
column = "nps"
outcome = "recommend"
scale = "0-10"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    marks = pd.DataFrame({"wait": [1, 2, 1, 5, 4, 2], "booking": [5, 4, 5, 4, 5, 4], "nps": [10, 9, 2, 3, 8, None]})
    marks.to_csv(tmp_path / "poll.csv", index=False)
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    return tmp_path


def test_outcomes_of_nameless_people_count_and_meet_their_answers(folder: Path) -> None:
    study = cjm.load_study(folder)
    assert len(study.customers) == 0
    assert cjm.measure_loyalty(study.outcomes)[["metric", "value", "n"]].values.tolist() == [["NPS", 0.0, 5]]
    scored = study.feedback.pipe(cjm.code_feedback, study.codebook).pipe(cjm.score_feedback)
    people = set(context_of(cjm.derive_journeys(scored, None, study)).voices["customer"])
    assert len(people) == 6
    assert set(study.outcomes["customer_id"]) < people


def test_nameless_people_are_not_strangers_to_a_customer_table(folder: Path) -> None:
    (folder / "clients.csv").write_text("id,city\n1,Perm\n2,Ufa\n", encoding="utf-8")
    toml = folder / "study.toml"
    toml.write_text(STUDY + '[customers]\nfile = "clients.csv"\ncustomer_id = "id"\n', encoding="utf-8")
    assert not cjm.load_study(folder).report["finding"].str.contains("not in the customer table").any()


def test_a_rating_without_a_touchpoint_is_told(folder: Path) -> None:
    told = cjm.check_study(folder)
    found = told[told["finding"].str.contains("on no map")]
    assert found["where"].tolist() == ["poll, column 'booking'"]
    assert found["level"].tolist() == ["warning"]


def test_the_summary_counts_people_without_a_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(folder), "-o", str(folder / "map.html")]) == 0
    assert "0 customers and 6 people who gave no name, 12 feedback rows" in capsys.readouterr().out
