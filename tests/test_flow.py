"""The whole line: it recovers a planted truth, takes a folder it has never seen, and shrinks instead of failing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import cjmlab as cjm
from cjmlab.flow import StudyRun

SAMPLES = Path(__file__).parents[1] / "data" / "samples"


@pytest.fixture(scope="module", params=["grocer", "furniture"])
def planted(request: pytest.FixtureRequest) -> tuple[StudyRun, dict]:
    folder = SAMPLES / request.param
    return cjm.run_study(folder), json.loads((folder / "truth.json").read_text("utf-8"))


def planted_names(run: StudyRun, truth: dict) -> dict[str, str]:
    """Which found segment is which planted one, by the customers they share."""
    planted = pd.Series(truth["segment_of_customer"])
    found = run.segments.members.set_index("customer_id").segment
    table = pd.crosstab(found, planted.reindex(found.index))
    return table.idxmax(axis=1).to_dict()


def test_segments_are_the_planted_ones(planted: tuple[StudyRun, dict]) -> None:
    run, truth = planted
    members = run.segments.members.set_index("customer_id")
    planted_labels = pd.Series(truth["segment_of_customer"]).reindex(members.index)
    assert adjusted_rand_score(planted_labels, members.segment) >= 0.75


def test_curves_follow_the_planted_ones(planted: tuple[StudyRun, dict]) -> None:
    run, truth = planted
    names = planted_names(run, truth)
    for segment, cells in run.journeys.groupby("segment"):
        wanted = pd.Series(truth["experience"][names[segment]])
        found = cells.set_index("touchpoint").experience
        both = found.index.intersection(wanted.index)
        assert len(both) >= len(wanted) - 1
        assert np.corrcoef(found[both].astype(float), wanted[both])[0, 1] >= 0.88, segment


def test_the_worst_touchpoint_is_the_first_pain(planted: tuple[StudyRun, dict]) -> None:
    run, truth = planted
    names = planted_names(run, truth)
    first = run.moments[(run.moments["kind"] == "pain") & (run.moments["rank"] == 1)].set_index("segment").touchpoint
    assert {names[segment]: touchpoint for segment, touchpoint in first.items()} == truth["worst"]


def test_one_call_equals_the_ten_lines(planted: tuple[StudyRun, dict]) -> None:
    run, _ = planted
    study = cjm.load_study(run.study.folder)
    segments = cjm.segment_customers(study.customers)
    scored = study.feedback.pipe(cjm.code_feedback, study.codebook).pipe(cjm.score_feedback)
    journeys = cjm.derive_journeys(scored, segments, study)
    moments = cjm.rank_moments(journeys, study.outcomes)
    pd.testing.assert_frame_equal(pd.DataFrame(journeys), pd.DataFrame(run.journeys))
    pd.testing.assert_frame_equal(moments, run.moments)


# --- a folder it has never seen ---------------------------------------------------------------------------------

BANK = """
[study]
title = "Банк у дома"
stages = ["Выбор", "Открытие счёта", "Жизнь с картой", "Вопросы и споры"]
languages = ["ru"]

[[touchpoints]]
id = "tariffs"
label = "Тарифы на сайте"
stage = "Выбор"

[[touchpoints]]
id = "visit"
label = "Визит в отделение"
stage = "Открытие счёта"

[[touchpoints]]
id = "card"
label = "Карта"
stage = "Жизнь с картой"

[[touchpoints]]
id = "hotline"
label = "Горячая линия"
stage = "Вопросы и споры"

[customers]
file = "klienty.csv"
customer_id = "Номер"

[[survey]]
file = "opros.csv"
customer_id = "Кто"

[[survey.questions]]
column = "Тарифы понятны?"
touchpoint = "tariffs"
asks = "experience"
scale = "1-5"

[[survey.questions]]
column = "Визит"
touchpoint = "visit"
asks = "experience"
scale = "1-10"

[[survey.questions]]
column = "Линия, усилия"
touchpoint = "hotline"
asks = "experience"
scale = "7-1"

[[survey.questions]]
column = "Своими словами"
asks = "open"
"""


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    draw = np.random.default_rng(7)
    who = [f"К-{i:03d}" for i in range(120)]
    pd.DataFrame(
        {"Номер": who, "Возраст": draw.integers(18, 80, 120), "Доход": draw.lognormal(4, 1, 120).round(1)}
    ).to_csv(tmp_path / "klienty.csv", index=False)
    words = [
        "На горячей линии ждал полчаса, ужасно",
        "Карта отличная, очень удобно",
        "нет",
        "",
        "В отделении вежливые люди",
    ]
    pd.DataFrame(
        {
            "Кто": who,
            "Тарифы понятны?": draw.integers(3, 6, 120),
            "Визит": draw.integers(7, 11, 120),
            "Линия, усилия": draw.integers(5, 8, 120),
            "Своими словами": [words[i % 5] for i in range(120)],
        }
    ).to_csv(tmp_path / "opros.csv", index=False)
    (tmp_path / "study.toml").write_text(BANK, "utf-8")
    return tmp_path


def test_a_folder_it_has_never_seen_needs_only_its_study_file(bank: Path) -> None:
    run = cjm.run_study(bank)
    cells = run.journeys.set_index("touchpoint")
    assert set(cells.stage) <= set(run.study.stage_model.ids)
    experience = cells.groupby(level=0).experience.mean()
    assert experience["hotline"] < 0 < experience["visit"], "7-1 means that 7 is the worst"
    assert run.study.stage_model.find("Жизнь с картой").id == cells.loc[["card"], "stage"].iloc[0]
    figure = cjm.journey_map(run.journeys, run.moments, language="ru")
    assert "Горячая" in str(figure.to_dict())


@pytest.mark.parametrize(
    ("drop", "left"),
    [
        ("[customers]", {"hotline"}),
        ('[[survey.questions]]\ncolumn = "Своими словами"\nasks = "open"\n', {"hotline", "visit", "tariffs"}),
    ],
)
def test_less_data_is_a_smaller_map(bank: Path, drop: str, left: set[str]) -> None:
    text = (bank / "study.toml").read_text("utf-8")
    if drop == "[customers]":
        text = text.replace('[customers]\nfile = "klienty.csv"\ncustomer_id = "Номер"\n', "")
    (bank / "study.toml").write_text(text.replace(drop, ""), "utf-8")
    run = cjm.run_study(bank)
    assert left <= set(run.journeys.touchpoint)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('file = "opros.csv"', 'file = "oprosy.csv"', "oprosy.csv"),
        ('stage = "Выбор"', 'stage = "Выборы"', "Did you mean"),
        ('column = "Визит"', 'column = "Визиты"', "Did you mean 'Визит'?"),
        ('touchpoint = "visit"', 'touchpoint = "visits"', "Did you mean 'visit'?"),
        ('asks = "open"', 'asks = "opening"', "Did you mean 'open'?"),
        ('scale = "1-10"', 'scale = "high"', "scale"),
        ('title = "Банк у дома"', "title = ", "study.toml"),
    ],
)
def test_a_slip_in_the_study_file_is_one_sentence(bank: Path, old: str, new: str, sentence: str) -> None:
    text = (bank / "study.toml").read_text("utf-8")
    assert old in text
    (bank / "study.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(cjm.CjmError) as caught:
        cjm.run_study(bank)
    said = str(caught.value)
    assert sentence in said
    assert "\n" not in said


def test_an_empty_column_is_a_finding_and_a_smaller_map(bank: Path) -> None:
    answers = pd.read_csv(bank / "opros.csv", dtype=str)
    answers["Визит"] = ""
    answers.to_csv(bank / "opros.csv", index=False)
    run = cjm.run_study(bank)
    hotline = run.journeys[run.journeys.touchpoint == "hotline"]
    assert (hotline.n > 0).all()
    assert run.study.report.astype(str).apply(lambda row: row.str.contains("Визит").any(), axis=1).any()


def test_customers_without_a_usable_column_are_one_map(bank: Path) -> None:
    pd.DataFrame({"Номер": [f"К-{i:03d}" for i in range(120)], "Город": "Пермь"}).to_csv(
        bank / "klienty.csv", index=False
    )
    with pytest.warns(UserWarning, match="The map shows all customers together"):
        run = cjm.run_study(bank)
    assert run.segments is None
    assert len(set(run.journeys.segment)) == 1
    with pytest.raises(cjm.CjmError, match="no column is left"):
        cjm.run_study(bank, n_segments=3)


@pytest.mark.parametrize("missing", ["interviews", "survey", "events", "customers", "outcomes"])
def test_the_sample_without_one_source(missing: str, tmp_path: Path) -> None:
    """Any source may be absent: the map is smaller, never a traceback."""
    import tomlkit

    folder = tmp_path / "grocer"
    shutil.copytree(SAMPLES / "grocer", folder)
    document = tomlkit.parse((folder / "study.toml").read_text("utf-8"))
    if missing == "outcomes":
        for survey in document.get("survey", []):
            survey["questions"] = [q for q in survey["questions"] if q.get("asks") != "outcome"]
    document.pop(missing, None)
    (folder / "study.toml").write_text(tomlkit.dumps(document), "utf-8")
    run = cjm.run_study(folder, n_segments=2)
    assert len(run.journeys)
    cjm.journey_map(run.journeys, run.moments, language="zh-Hant")
