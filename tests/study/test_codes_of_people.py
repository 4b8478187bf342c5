"""Codes of people in the study: named in study.toml, read however they were saved, learned from by every run."""

from pathlib import Path

import pandas as pd
import pytest

import cjmlab as cjm
from cjmlab.errors import StudyError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = [f"the wagon man hooted on day {k}" for k in range(30)] + [f"my things vanish at {k}" for k in range(30)]
    frame = pd.DataFrame({"id": [f"c{k}" for k in range(60)], "said": texts})
    place = tmp_path / "shop"
    place.mkdir()
    frame.to_csv(place / "poll.csv", index=False)
    (place / "study.toml").write_text(
        '[study]\ntouchpoints = ["cart", "delivery", "payment"]\n\n[human_codes]\nfile = "codes.csv"\n\n'
        '[[survey]]\nfile = "poll.csv"\ncustomer_id = "id"\nlanguage = "en"\nquestions = [{column = "said", asks = "open"}]\n',
        "utf-8",
    )
    return place


def codes_of(folder: Path, places: list[int]) -> pd.DataFrame:
    study = cjm.load_study(folder)
    coded = cjm.code_feedback(study.feedback, study.codebook)
    part = coded[coded["customer_id"].isin([f"c{k}" for k in places])]
    said = ["Delivery" if int(who[1:]) < 30 else "cart" for who in part["customer_id"]]
    return pd.DataFrame({"unit_id": part["unit_id"], "text": part["text"], "touchpoint": said})


def test_a_file_that_is_not_there_yet_is_a_note(folder: Path) -> None:
    study = cjm.load_study(folder)
    assert study.human_codes.empty
    note = study.report[study.report["source"] == "codes.csv"].iloc[0]
    assert (note["level"], note["finding"]) == ("note", "nobody has coded yet: the file is not there")


@pytest.mark.parametrize("form", [{"sep": ";", "encoding": "utf-16"}, {"sep": ",", "encoding": "utf-8-sig"}])
def test_every_run_learns_from_the_file(folder: Path, tmp_path: Path, form: dict[str, str]) -> None:
    before = cjm.run_study(folder, keep=tmp_path / "run").scored.set_index("customer_id")["touchpoint"]
    assert before.isna().mean() > 0.5
    codes = codes_of(folder, [*range(12), *range(30, 42)])
    codes.iloc[0, 2] = "none"
    codes.to_csv(folder / "codes.csv", index=False, **form)
    run = cjm.run_study(folder, keep=tmp_path / "run")
    assert run.study.human_codes["touchpoint"].value_counts().to_dict() == {"cart": 12, "delivery": 11}
    rows = run.scored.set_index("customer_id")
    assert pd.isna(rows.loc["c0", "touchpoint"])
    assert (rows["coder"] == "human").sum() == 24
    unseen = rows.loc[[f"c{k}" for k in [*range(12, 30), *range(42, 60)]], "touchpoint"]
    assert (unseen == ["delivery"] * 18 + ["cart"] * 18).mean() > 0.9
    again = cjm.run_study(folder, keep=tmp_path / "run")
    assert "scored" in again.origin.kept
    pd.testing.assert_frame_equal(pd.DataFrame(again.scored), pd.DataFrame(run.scored))
    pd.testing.assert_frame_equal(cjm.open_run(tmp_path / "run").study.human_codes, run.study.human_codes)


def test_codes_as_the_file_holds_them_follow_clauses_that_are_cut_otherwise(folder: Path) -> None:
    """Every verb that takes codes takes them as the study has read them, as words."""
    codes = codes_of(folder, [*range(25), *range(30, 55)]).assign(start="0", random="True")
    codes["end"] = [str(len(text)) for text in codes["text"]]
    codes.to_csv(folder / "codes.csv", index=False)
    study = cjm.load_study(folder)
    coded = cjm.code_feedback(study.feedback, study.codebook)
    halves = []
    for place, (start, end) in enumerate([(0, 5), (6, 200)]):
        half = pd.DataFrame(coded).assign(text=coded["text"].str[start:end], start=start)
        half["end"] = half["start"] + half["text"].str.len()
        halves.append(half.assign(unit_id=half["unit_id"].str.replace("#0", f"#{place}")))
    cut = pd.concat(halves, ignore_index=True)
    applied = cjm.apply_codes(cut, study.human_codes, study.codebook)
    assert (applied["coder"] == "human").sum() == 100, "both parts of each of fifty clauses"
    assert cjm.learn_coder(cut, study.codebook, study.human_codes).labels == 100
    assert set(cjm.code_shares(applied, study.human_codes)["status"]) == {"audited"}


def test_codes_that_are_no_touchpoint_are_refused_with_their_number(folder: Path) -> None:
    codes = codes_of(folder, [0, 1, 2])
    codes["touchpoint"] = ["deliveri", "deliveri", "cart"]
    codes.to_csv(folder / "codes.csv", index=False)
    said = r"codes.csv, column 'touchpoint': 'deliveri' is not a touchpoint of the study \(2 rows\)\. Did you mean 'delivery'"
    with pytest.raises(StudyError, match=said):
        cjm.load_study(folder)


def test_rows_of_no_clause_and_missing_columns_are_told(folder: Path) -> None:
    codes = codes_of(folder, [0, 1, 2]).astype(object)
    codes.iloc[1, 0] = ""
    codes.to_csv(folder / "codes.csv", index=False)
    study = cjm.load_study(folder)
    assert len(study.human_codes) == 2
    told = study.report[study.report["where"] == "codes.csv, column 'unit_id'"].iloc[0]
    assert (told["count"], told["example"]) == (1, "the wagon man hooted on day 1 | Delivery")
    codes.drop(columns="unit_id").to_csv(folder / "codes.csv", index=False)
    with pytest.raises(cjm.CjmError, match=r"codes\.csv: the column 'unit_id' is missing"):
        cjm.load_study(folder)


def test_two_codes_for_one_clause_are_told_and_the_last_holds(folder: Path) -> None:
    codes = codes_of(folder, [0, 1, 1])
    codes = pd.concat([codes, codes.head(1).assign(touchpoint="payment"), codes.tail(1)])
    codes.to_csv(folder / "codes.csv", index=False)
    study = cjm.load_study(folder)
    told = study.report[study.report["finding"].str.contains("several codes")].iloc[0]
    assert (told["count"], told["example"]) == (1, codes["unit_id"].iloc[0])
    coded = cjm.code_feedback(study.feedback, study.codebook, human=study.human_codes).set_index("unit_id")
    assert coded.loc[codes["unit_id"].iloc[0], "touchpoint"] == "payment"


def test_a_key_of_the_section_is_known(folder: Path) -> None:
    toml = (folder / "study.toml").read_text("utf-8")
    (folder / "study.toml").write_text(toml.replace('file = "codes.csv"', 'flie = "codes.csv"'), "utf-8")
    with pytest.raises(StudyError, match="flie"):
        cjm.load_study(folder)
