"""A folder with nothing but study.toml and clean files becomes a study; what is missing makes it smaller."""

from pathlib import Path

import pandas as pd
import pytest

from cjmlab.errors import CjmError
from cjmlab.study import check_study, load_study
from cjmlab.tables import about, check_table

TOML = """
[study]
title = {en = "Corner shop", ru = "Лавка"}
goal = {en = "Dinner on the table by seven"}
stage_model = "fiveA"
languages = ["en", "ru"]
touchpoints = ["social_ad", "checkout", "delivery"]

[owners]
logistics = "Wang Fang"

[customers]
file = "people.csv"
customer_id = "Client No"
active = ["income", "band"]
ordinal = ["band"]
[customers.labels]
band = {en = "Price band", ru = "Ценовая группа"}
[[customers.names]]
column = "income"
value = "high"
label = {en = "Big baskets", ru = "Большие корзины"}
goal = {en = "Everything in one trip"}

[[survey]]
file = "survey.csv"
customer_id = "who"
time = "when"
language_column = "lang"
wave = "2026-Q1"
[[survey.questions]]
column = "q1"
touchpoint = "delivery"
scale = "1-5"
[[survey.questions]]
column = "q2"
touchpoint = "Checkout"
asks = "expectation"
scale = "7-1"
[[survey.questions]]
column = "nps"
outcome = "recommend"
scale = "0-10"
[[survey.questions]]
column = "why"

[[interviews]]
folder = "talks"
language = "en"

[[events]]
file = "log.csv"
customer_id = "who"
time = "ts"
event = "what"
[events.map]
view_ad = "social_ad"

[[outcomes]]
file = "kept.csv"
customer_id = "who"
[outcomes.columns]
repurchase = "0-1"
"""
FILES = {
    "people.csv": "Client No,income,band\n001,10.5,low\n002,20,high\n003,30,high\n",
    "survey.csv": (
        "who,when,lang,q1,q2,nps,why\n"
        "001,2026-01-02 10:00,en,5,7,9,Quick and friendly\n"
        "002,2026-01-03 10:00,русский,1,1,2,Курьер опоздал\n"
        "009,2026-01-03 11:00,en,8,4,10,n/a\n"
    ),
    "talks/001.txt": "I: How did it go?\n001: The ad was nice.\nI waited, though.\nI: And then?\n001: It came 🙂 late.\n",
    "log.csv": "who,ts,what\n001,2026-01-01T10:00:00+03:00,view_ad\n001,2026-01-01 06:00,open_app\n",
    "kept.csv": "who,repurchase\n001,1\n002,0\n",
}


def write(folder: Path, toml: str = TOML, **changed: str) -> Path:
    for name, text in {**FILES, **changed}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    return folder


def test_the_tables_of_a_whole_study(tmp_path):
    study = load_study(write(tmp_path))
    assert study.customers.customer_id.tolist() == ["001", "002", "003"]
    roles = about(study.customers)
    assert roles.active == ("income", "band")
    assert roles.names[0][:2] == ("income", "high")
    assert roles.goals["Big baskets"].text("en") == "Everything in one trip"
    for name in ("customers", "feedback", "events", "outcomes"):
        check_table(name, getattr(study, name))
    assert len(study.feedback) == 3 + 3 + 3 + 4
    assert sorted(zip(study.outcomes.customer_id, study.outcomes.outcome, study.outcomes.value, strict=True)) == [
        ("001", "recommend", 9), ("001", "repurchase", 1), ("002", "recommend", 2), ("002", "repurchase", 0),
        ("009", "recommend", 10),
    ]  # fmt: skip
    assert study.charter.owners == {"logistics": "Wang Fang"}


def test_ratings_stand_on_one_line_with_their_direction_and_stage(tmp_path):
    rated = load_study(write(tmp_path)).feedback.query("scale.notna()").set_index(["question", "customer_id"])
    assert rated.loc[("q1", "001"), "rating"] == 1
    assert rated.loc[("q2", "001"), "rating"] == -1
    assert rated.loc[("q2", "002"), "rating"] == 1
    assert pd.isna(rated.loc[("q1", "009"), "rating"])
    assert rated.loc[("q1", "009"), "answer"] == "8"
    assert rated.loc[("q2", "001"), ["asks", "touchpoint", "stage"]].tolist() == ["expectation", "checkout", "act"]
    assert rated.loc[("q1", "002"), "language"] == "ru"


def test_utterances_keep_their_place_in_the_document(tmp_path):
    said = load_study(write(tmp_path)).feedback.query("source_type == 'interview'")
    document = (tmp_path / "talks/001.txt").read_text("utf-8")
    assert said.role.tolist() == ["interviewer", "customer", "interviewer", "customer"]
    for row in said.itertuples():
        assert document[row.document_start : row.document_end] == row.text
    assert said.text.iloc[1] == "The ad was nice.\nI waited, though."
    assert said.customer_id.unique().tolist() == ["001"]


def test_events_are_one_line_in_time(tmp_path):
    events = load_study(write(tmp_path)).events
    assert events.event.tolist() == ["open_app", "view_ad"]
    assert events.touchpoint.fillna("").tolist() == ["", "social_ad"]
    assert events.stage.fillna("").tolist() == ["", "aware"]


def test_the_report_counts_what_needs_a_look(tmp_path):
    report = load_study(write(tmp_path)).report
    found = {(row.where, row.finding): (row.count, row.example) for row in report.itertuples()}
    out = [key for key in found if "outside the scale 1-5" in key[1]]
    assert found[out[0]] == (1, "line 4, '8'")
    assert any("non-answers" in finding for _, finding in found)
    assert any("1 id is not in the customer table" in finding for _, finding in found)


@pytest.mark.parametrize("gone", ["[customers]", "[[survey]]", "[[interviews]]", "[[events]]", "[[outcomes]]"])
def test_a_study_without_a_source_is_a_smaller_study(tmp_path, gone):
    blocks = TOML.split("\n\n")
    kept = [block for block in blocks if not block.startswith(gone)]
    study = load_study(write(tmp_path, "\n\n".join(kept)))
    assert len(study.customers) >= 3 - (gone == "[customers]")
    for name in ("customers", "feedback", "events", "outcomes"):
        check_table(name, getattr(study, name))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('file = "survey.csv"', 'file = "survy.csv"', "there is no file 'survy.csv' in the study's folder. Did you mean 'survey.csv'?"),
        ('stage_model = "fiveA"', 'stage_model = "fiveB"', "'fiveB' is not a stage model. Did you mean 'fiveA'?"),
        ('touchpoint = "delivery"', 'touchpoint = "delivry"', "'delivry' is not a touchpoint of the study. Did you mean 'delivery'?"),
        ('touchpoint = "delivery"', 'stage = "ackt"', "'ackt' is not a stage of the study. Did you mean 'act'?"),
        ('column = "q1"', 'column = "q3"', "there is no column 'q3' (for a question on delivery, q3). Its columns: 'who', 'when', "),
        ('wave = "2026-Q1"', 'waves = "2026-Q1"', "the key 'waves' is not known. Did you mean 'wave'?"),
        ('scale = "1-5"', 'scale = "good"', "'good' is not a scale with a direction."),
        ('file = "people.csv"', 'file = "../people.csv"', "'../people.csv' lies outside the study's folder."),
        ('customer_id = "Client No"', 'customer_id = "Client"', "there is no column 'Client' (for customer_id). Did you mean 'Client No'?"),
        ('active = ["income", "band"]', 'active = "income"', "active = 'income' is of the wrong kind. Write active = [\"one\", \"two\"]."),
        ('view_ad = "social_ad"', 'view_ad = "socialad"', "'socialad' is not a touchpoint of the study. Did you mean 'social_ad'?"),
    ],
)  # fmt: skip
def test_one_mistake_is_one_sentence(tmp_path, old, new, sentence):
    folder = write(tmp_path, TOML.replace(old, new, 1))
    with pytest.raises(CjmError) as caught:
        load_study(folder)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    table = check_study(folder)
    assert table.level.iloc[0] == "error"


def test_an_empty_question_makes_the_study_smaller_and_is_said(tmp_path):
    folder = write(tmp_path, **{"survey.csv": "who,when,lang,q1,q2,nps,why\n001,2026-01-02,en,,1,9,Fine\n"})
    assert "q1" not in set(load_study(folder).feedback.question)
    report = check_study(folder).query("level == 'warning' and source == 'survey'")
    assert report["where"].tolist() == ["survey.csv, column 'q1'"]
    assert report.finding.tolist() == ["the column is empty; the question gives nothing"]


def test_an_empty_column_of_ids_is_refused(tmp_path):
    folder = write(tmp_path, **{"survey.csv": "who,when,lang,q1,q2,nps,why\n,2026-01-02,en,1,1,9,Fine\n"})
    with pytest.raises(CjmError, match=r"survey.csv, column 'who': the column is empty \(for the customer_id\)"):
        load_study(folder)


def test_check_lists_every_problem_at_once(tmp_path):
    toml = TOML.replace('"survey.csv"', '"nope.csv"').replace('"log.csv"', '"nolog.csv"').replace("goal", "gaol", 1)
    errors = check_study(write(tmp_path, toml)).query("level == 'error'")
    assert len(errors) == 3
    with pytest.raises(CjmError, match="2 more problems: see `cjmlab check`"):
        load_study(tmp_path)


def test_a_folder_without_a_study(tmp_path):
    with pytest.raises(CjmError, match=r"there is no study\.toml in the folder"):
        load_study(tmp_path)
    (tmp_path / "study.toml").write_text("[study\n")
    with pytest.raises(CjmError, match="not valid TOML"):
        load_study(tmp_path)
