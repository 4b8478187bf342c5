"""Names of people are masked where the words or the files show that they are names, and words that look alike stay."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import cjmlab as cjm
from cjmlab.explore.sayings import mask_sayings
from cjmlab.journeys.context import context_of
from cjmlab.sources.people import People, find_people
from cjmlab.sources.privacy import mask_text

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "privacy.py"


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, float]]:
    spec = importlib.util.spec_from_file_location("privacy_benchmark", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.measure_names(seed=3)


@pytest.mark.parametrize("way", ["introduced", "behind a title", "of the files"])
def test_names_that_show_themselves_are_found(measured: dict[str, dict[str, float]], way: str) -> None:
    assert measured[f"name {way}"]["recall"] >= 0.97


def test_words_that_look_like_names_stay(measured: dict[str, dict[str, float]]) -> None:
    assert measured["no names"]["recall"] <= 0.05


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Анна Сергеевна Петрова помогла", "[name] помогла"), ("Сидоров П.П. хам", "[name] хам"), ("Мария Ивановна вежлива", "[name] вежлива"),
        ("我叫王伟，电话13812345678", "我叫[name],电话[phone]"), ("歐陽先生很親切", "[name]先生很親切"),
        ("My name is Jane Prescott-Hall and I wait", "My name is [name] and I wait"), ("my name is wrong here", "my name is wrong here"),
    ],
)  # fmt: skip
def test_what_shows_a_name(text: str, masked: str) -> None:
    assert mask_text(text) == masked


def test_known_names_are_found_in_any_order_and_case_and_nowhere_inside_words() -> None:
    people = People(["Петрова Анна Сергеевна", "Ольга", "王小明", "Will", "x", "42"])
    said = "Спасибо Анне Петровой и Ольге, не Ольховой; 王小明說; I will wait, Will did not; willing"
    assert [said[a:b] for a, b in find_people(said, people)] == ["王小明", "Анне Петровой", "Ольге", "Will"]


def test_names_of_the_files_are_masked_in_what_leaves_and_stay_inside(tmp_path: Path) -> None:
    people = pd.DataFrame(
        {"id": list("abcdef"), "First name": "Greta", "Last name": ["Lund", "Berg", "Dahl", "Holm", "Moe", "Ek"]}
    )
    people.to_csv(tmp_path / "people.csv", index=False)
    said = pd.DataFrame({"id": list("abcdef"), "why": ["The delivery was late, says Greta Lund"] * 6})
    said.to_csv(tmp_path / "poll.csv", index=False)
    talk = "I: How was the delivery?\nTorvald: Late, the delivery! Torvald waits.\nI: And then?\nTorvald: Nothing."
    (tmp_path / "a.txt").write_text(talk, encoding="utf-8")
    toml = '[study]\ntitle = "T"\nlanguages = ["en"]\n[customers]\nfile = "people.csv"\ncustomer_id = "id"\n'
    toml += '[[survey]]\nfile = "poll.csv"\ncustomer_id = "id"\n[[survey.questions]]\ncolumn = "why"\n[[interviews]]\nfile = "a.txt"\n'
    (tmp_path / "study.toml").write_text(toml, encoding="utf-8")
    study = cjm.load_study(tmp_path)
    assert {"Greta Lund", "Torvald"} <= set(study.people)
    assert study.feedback["text"].str.contains("Greta Lund").sum() == 6
    scored = study.feedback.pipe(cjm.code_feedback, study.codebook).pipe(cjm.score_feedback)
    journeys = cjm.derive_journeys(scored, None, study)
    shown, found = mask_sayings(journeys, cjm.rank_moments(journeys))
    words = " ".join([*context_of(shown).scored["text"].dropna(), *found["quote"].dropna()])
    assert "[name]" in words
    assert "Lund" not in words
    assert "Torvald" not in words
