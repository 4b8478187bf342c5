"""What first users bring: grids, chats, reviews, tickets, American dates; no guess that hides a touchpoint."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from cjmlab.study import load_study, propose_study
from cjmlab.study.wording import topic_of


def proposed(folder: Path, *files: Path) -> dict:
    text = propose_study(files)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return tomllib.loads(text)


def write(path: Path, frame: pd.DataFrame) -> Path:
    frame.to_csv(path, index=False)
    return path


def test_rows_of_a_grid_are_named_without_its_head(tmp_path: Path) -> None:
    grid = {f"How satisfied were you? / {row}": [1, 5, 3, 4] * 10 for row in ("Trapeze", "Tightrope", "Clowns")}
    raw = proposed(tmp_path, write(tmp_path / "s.csv", pd.DataFrame(grid)))
    assert [entry["label"] for entry in raw["touchpoints"]] == ["Trapeze", "Tightrope", "Clowns"]


@pytest.mark.parametrize(
    ("wording", "key"),
    [
        ("Оцените: Ожидание у кабинета", "experience"), ("Чего вы ожидали от кабинета", "expectation"),
        ("Кабинет: соответствовал ли он вашим ожиданиям", "expectation"),
    ],
)  # fmt: skip
def test_waiting_is_lived_and_only_hoping_is_expected(tmp_path: Path, wording: str, key: str) -> None:
    raw = proposed(tmp_path, write(tmp_path / "s.csv", pd.DataFrame({wording: [1, 5, 3, 4] * 10})))
    assert raw["survey"][0]["questions"][0].get("asks", "experience") == key


@pytest.mark.parametrize(
    ("wording", "outcome"),
    [
        ("首页推荐", None), ("您有多大可能把我们推荐给朋友？", "recommend"), ("推荐意愿", "recommend"), ("Recommendations on the home page", None),
        ("Would you recommend us?", "recommend"), ("Порекомендуете ли вы нас?", "recommend"), ("Рекомендации на главной", None),
    ],
)  # fmt: skip
def test_what_the_shop_recommends_is_no_recommendation_of_the_shop(
    tmp_path: Path, wording: str, outcome: str | None
) -> None:
    raw = proposed(tmp_path, write(tmp_path / "s.csv", pd.DataFrame({wording: [1, 5, 3, 4, 10] * 10})))
    assert raw["survey"][0]["questions"][0].get("outcome") == outcome


def test_dates_with_the_month_first_are_times(tmp_path: Path) -> None:
    rows = pd.DataFrame({"Start Date": [f"02/{day:02d}/2026 09:31:26 PM" for day in range(1, 29)], "score": 3})
    raw = proposed(tmp_path, write(tmp_path / "s.csv", rows))
    assert (raw["survey"][0]["time"], raw["survey"][0]["date_order"]) == ("Start Date", "mdy")
    assert load_study(tmp_path).feedback["time"].dt.month.eq(2).all()


@pytest.mark.parametrize(("name", "stars", "kind"), [("评价.csv", "星级", "review"), ("tickets.csv", "csat", "ticket")])
def test_the_one_rating_beside_words_belongs_to_them(tmp_path: Path, name: str, stars: str, kind: str) -> None:
    said = ["Checkout kept failing for me today", "Delivery was fast and friendly", "Nobody answers my messages"]
    rows = pd.DataFrame({"body of message": [f"{text} {n}" for n, text in enumerate(said * 20)], stars: [1, 5, 2] * 20})
    raw = proposed(tmp_path, write(tmp_path / name, rows))
    (question,) = raw["survey"][0]["questions"]
    assert (question["rating_column"], question["scale"], raw["survey"][0]["source_type"]) == (stars, "1-5", kind)
    assert load_study(tmp_path).feedback["rating"].notna().all()


def test_a_shipped_touchpoint_that_a_mere_word_points_to_keeps_the_name_of_the_question(tmp_path: Path) -> None:
    raw = proposed(
        tmp_path, write(tmp_path / "s.csv", pd.DataFrame({"方案頁": [1, 5, 3] * 20, "配送": [1, 5, 4] * 20}))
    )
    assert {entry["id"]: entry["label"] for entry in raw["touchpoints"]} == {"consultation": "方案頁"}
    labels = {point.id: point.label.text("zh-Hant") for point in load_study(tmp_path).touchpoints}
    assert labels["consultation"] == "方案頁"
    assert labels["delivery"] == "配送"


def test_chats_are_joined_by_the_ids_in_their_names_and_their_agent_is_no_customer(tmp_path: Path) -> None:
    people = write(tmp_path / "p.csv", pd.DataFrame({"phone id": [f"0912{n:03d}" for n in range(40)], "plan": "a"}))
    folder = tmp_path / "line"
    folder.mkdir()
    for n in range(4):
        talk = f"9:01\t小美\t您好\n9:02\t王{n}\t帳單又多收費用\n9:03\t小美\t已退費\n9:04\t王{n}\t謝謝"
        (folder / f"[LINE]0912{n:03d}.txt").write_text(talk, encoding="utf-8")
    raw = proposed(tmp_path, people, folder)
    assert raw["interviews"][0]["interviewer"] == ["小美"]
    study = load_study(tmp_path)
    assert set(study.feedback["customer_id"]) <= set(study.customers["customer_id"])
    assert study.feedback.groupby("role").size().to_dict() == {"customer": 8, "interviewer": 8}


def test_a_number_that_counts_files_is_no_customer(tmp_path: Path) -> None:
    poll = write(tmp_path / "s.csv", pd.DataFrame({"respondent": range(1, 41), "cart": [1, 5] * 20}))
    folder = tmp_path / "talks"
    folder.mkdir()
    for n in range(1, 5):
        (folder / f"Patient {n}.txt").write_text("I: How was it?\nP: Slow.", encoding="utf-8")
    assert proposed(tmp_path, poll, folder)["interviews"][0]["customer_id"] == "filename"


def test_events_as_shops_call_them_are_shipped_touchpoints(tmp_path: Path) -> None:
    steps = ["view_item", "view_home", "add_cart", "pay_success", "return_apply", "log_in"]
    log = pd.DataFrame({"user_id": [f"u{n:03d}" for n in range(30) for _ in steps], "event": steps * 30})
    raw = proposed(tmp_path, write(tmp_path / "log.csv", log.assign(time="2026-01-02 10:00:00")))
    points = ["product_page", "app_home", "cart", "payment", "returns", "account"]
    assert [raw["events"][0]["map"][step] for step in steps] == points


@pytest.mark.parametrize(
    ("wording", "topic"),
    [
        ("How was the waiting room", "Waiting room"),
        ("Overall, how was your experience with the mobile app?", "Mobile app"),
        ("How easy was it to book an appointment?", "Book an appointment"),
        ("請問您對外送服務滿意嗎", "外送服務"),
        ("请问，您对停车场的评价", "停车场"),
        ("請問停車場方便嗎", "停車場"),
        ("请问，停车场怎么样", "停车场"),
        ("总的来说，您对停车场的评价", "停车场"),
        ("Как вам раздевалка?", "Раздевалка"),
        ("How we met", "How we met"),
    ],
)
def test_a_touchpoint_is_not_named_by_its_whole_question(wording: str, topic: str) -> None:
    assert topic_of(wording) == topic


def test_codes_with_zeros_are_no_numbers_and_short_comments_are_comments(tmp_path: Path) -> None:
    said = "all good|too slow|nice staff|card refused|came late|fine thanks|loved it|never again|too dear|lost parcel"
    frame = pd.DataFrame(
        {
            "id": [f"c{k}" for k in range(80)],
            "branch": [f"{7 * k % 40:03d}" for k in range(80)],
            "paid": [*map(str, range(15, 94)), "007"],
            "delivery (1-5)": [f"0{1 + k % 5}" for k in range(80)],
            "comment": [said.split("|")[k % 10] for k in range(80)],
            "reason": [["too dear", "too far", "other reason"][k % 3] for k in range(80)],
        }
    )
    study = proposed(tmp_path, write(tmp_path / "poll.csv", frame))
    questions = {question["column"]: question for question in study["survey"][0]["questions"]}
    assert set(questions) == {"comment", "delivery (1-5)"}
    assert "scale" not in questions["comment"]
    assert questions["delivery (1-5)"]["scale"] == "1-5"
    text = (tmp_path / "study.toml").read_text("utf-8")
    assert "branch (codes with zeros in front, such as 000; 40 different values)" in text
    assert "paid (numbers from 7 to 93)" in text
    assert "reason (3 different values: too dear, too far, other reason)" in text
