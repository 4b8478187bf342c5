"""Files as teams have them, and what a first study.toml makes of them."""

import tomllib

import pandas as pd
import pytest

from cjmlab.errors import StudyError
from cjmlab.sources import read_table
from cjmlab.study import load_study, propose_study


def write(folder, name, frame, **options):
    frame.to_csv(folder / name, index=False, **options)
    return folder / name


def proposed(folder, *files):
    text = propose_study(files)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return tomllib.loads(text), load_study(folder)


def questions(raw, k=0):
    return {question["column"]: question for question in raw["survey"][k]["questions"]}


def test_the_scale_and_its_best_end_are_taken_from_the_wording_even_with_strays(tmp_path):
    easy = "Насколько сложно было оформить карту? (1 – очень легко, 7 – очень сложно)"
    staff = "Оцените отделение (1 – очень плохо, 7 – отлично)"
    rows = pd.DataFrame({"№ клиента": [f"{i:05d}" for i in range(60)], easy: [*range(1, 8)] * 8 + [1, 2, 99, 8]})
    rows[staff] = [1, 2, 3, 4, 5] * 12
    file = write(tmp_path, "опрос.csv", rows, sep=";", encoding="cp1251")
    raw, study = proposed(tmp_path, file)
    assert {column: q["scale"] for column, q in questions(raw).items()} == {easy: "7-1", staff: "1-7"}
    rated = study.feedback[(study.feedback.question == easy) & (study.feedback.rating_raw == 1)]
    assert (rated.rating == 1.0).all()
    assert len(rated)


def test_questions_on_nothing_shipped_become_touchpoints_and_expectations_join_them(tmp_path):
    rows = pd.DataFrame({
        "member no": [f"M{i}" for i in range(40)], "您對機上餐點的期望": [1, 5] * 20, "機上餐點": [2, 4] * 20,
        "机场停车（1-5）": [3, 4] * 20, "documentation": [1, 5] * 20,
    })  # fmt: skip
    raw, study = proposed(tmp_path, write(tmp_path, "s.csv", rows))
    asked = questions(raw)
    own = {entry["id"]: entry["label"] for entry in raw["touchpoints"]}
    assert own[asked["機上餐點"]["touchpoint"]] == "機上餐點"
    assert "Documentation" in own.values()
    assert asked["您對機上餐點的期望"]["touchpoint"] == asked["機上餐點"]["touchpoint"]
    assert asked["您對機上餐點的期望"]["asks"] == "expectation"
    assert study.feedback.touchpoint.notna().all()


def test_ids_are_found_by_the_values_that_files_share(tmp_path):
    ids = [f"{n:04d}7" for n in range(30)]
    accounts = pd.DataFrame({"account_id": ids, "plan": ["a", "b"] * 15, "signup": "2025-01-01"})
    log = pd.DataFrame({"who": ids * 2, "ts": "2026-01-02T10:00:00Z", "event": ["cart", "pay"] * 30})
    survey = pd.DataFrame({"ResponseId": [f"R_{n}" for n in range(30)], "ref": ids, "q": [1, 5] * 15})
    files = [
        write(tmp_path, "a.csv", accounts), write(tmp_path, "log.csv", log),
        write(tmp_path, "poll_w1.csv", survey), write(tmp_path, "poll_w2.csv", survey),
    ]  # fmt: skip
    raw, study = proposed(tmp_path, *files)
    assert raw["customers"]["customer_id"] == "account_id"
    assert raw["customers"]["nominal"] == ["plan"]
    assert raw["events"][0]["customer_id"] == "who"
    assert [(s["customer_id"], s["wave"]) for s in raw["survey"]] == [("ref", "w1"), ("ref", "w2")]
    assert set(study.feedback.customer_id) == set(study.customers.customer_id) == set(ids)


def test_a_survey_alone_describes_its_customers_and_counts_are_no_ratings(tmp_path):
    rows = pd.DataFrame({
        "會員": [f"C{i}" for i in range(60)], "同行人數": [0, 1, 2] * 20, "艙等": ["商務", "經濟", "經濟"] * 20,
        "座椅": [1, 5, 3] * 20, "意見": ["座椅太窄，睡不著覺", "無", "行李等了一個小時"] * 20,
    })  # fmt: skip
    raw, study = proposed(tmp_path, write(tmp_path, "s.csv", rows, encoding="big5hkscs"))
    assert raw["customers"]["active"] == ["艙等", "同行人數"]
    assert raw["customers"]["file"] == "s.csv"
    assert list(questions(raw)) == ["座椅", "意見"]
    assert len(study.customers) == 60
    assert study.feedback.text.notna().any()


@pytest.mark.parametrize("encoding", ["utf-8", "big5hkscs"])
def test_the_platform_is_known_in_traditional_characters_too(tmp_path, encoding):
    rows = pd.DataFrame({"序號": range(1, 41), "提交答卷時間": "2026/02/01 10:00:00", "來自IP": "118.1.2.3(香港)"})
    rows["1、座椅"] = ["(跳過)", "5"] * 20
    reading = read_table(write(tmp_path, "s.csv", rows, encoding=encoding))
    assert reading.layout == "wjx"
    assert reading.wordings["1、座椅"] == "座椅"
    assert reading.table["1、座椅"].isna().sum() == 20
    assert reading.identifiers == ("來自IP",)


def test_a_cell_that_is_too_long_is_called_so(tmp_path):
    (tmp_path / "a.csv").write_text('id,why\n1,"' + "late " * 250_000 + '"\n2,x\n', encoding="utf-8")
    rejected = read_table(tmp_path / "a.csv").report.rejected
    assert [row.reason for row in rejected] == ["a cell has more than 1,000,000 characters"]


def test_the_answers_of_one_anonymous_row_are_one_customer(tmp_path):
    from cjmlab.feedback import code_feedback, score_feedback
    from cjmlab.journeys import derive_journeys

    rows = pd.DataFrame({"cart": [1, 5] * 20, "delivery": [2, 4] * 20, "delivery (2)": [3, 4] * 20})
    _, study = proposed(tmp_path, write(tmp_path, "s.csv", rows))
    journeys = derive_journeys(study.feedback.pipe(code_feedback, study.codebook).pipe(score_feedback), None, study)
    assert journeys.customers.max() == 40


def test_a_log_of_nothing_shipped_becomes_touchpoints_in_the_order_of_its_rows(tmp_path):
    steps = ["Lodge form", "Weigh evidence", "Send verdict"]
    log = pd.DataFrame({"case": [f"k{n:03d}" for n in range(30) for _ in steps], "event": steps * 30})
    log["timestamp"] = [f"2026-01-{1 + k:02d} 10:00:00" for _ in range(30) for k in range(3)]
    raw, study = proposed(tmp_path, write(tmp_path, "log.csv", log.sample(frac=1, random_state=0)))
    stages = {entry["label"]: entry["stage"] for entry in raw["touchpoints"]}
    assert [stages[step] for step in steps] == ["prepurchase", "purchase", "postpurchase"]
    assert study.events.touchpoint.notna().all()


def test_numbers_are_no_words_of_a_scale(tmp_path):
    rows = pd.DataFrame({"customer_id": [f"c{n}" for n in range(60)], "Like": ["-3", "I love it!+5", "2"] * 20})
    rows["why"] = ["The fries are always cold here", "It is cheap and quick for me", "nothing"] * 20
    raw, _ = proposed(tmp_path, write(tmp_path, "s.csv", rows))
    assert list(questions(raw)) == ["why"]


def test_zeros_that_a_spreadsheet_took_away_come_back_when_the_study_says_so(tmp_path):
    ids = [f"{n:05d}" for n in range(30)]
    write(tmp_path, "people.csv", pd.DataFrame({"client": ids, "age": range(20, 50), "kind": ["a", "b"] * 15}))
    log = pd.DataFrame({"client": [str(int(i)) for i in ids], "time": "2026-01-02T10:00Z", "event": "pay"})
    write(tmp_path, "log.csv", log)
    _, study = proposed(tmp_path, tmp_path / "people.csv", tmp_path / "log.csv")
    (lost,) = study.report[study.report.finding.str.contains("not in the customer table")].to_dict("records")
    assert lost["remedy"].endswith("Write id_digits = 5 in [study] to have the zeros back.")
    text = (tmp_path / "study.toml").read_text("utf-8").replace("[study]", "[study]\nid_digits = 5", 1)
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    study = load_study(tmp_path)
    assert set(study.events.customer_id) == set(ids)
    assert not study.report.finding.str.contains("not in the customer table").any()
    (tmp_path / "study.toml").write_text(text.replace("= 5", "= 900", 1), encoding="utf-8")
    with pytest.raises(StudyError, match="id_digits = 900 is not a number of digits"):
        load_study(tmp_path)
