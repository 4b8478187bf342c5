"""Codes of people last: found again when clauses are cut otherwise, kept in their file, and put over the machine's."""

from pathlib import Path

import pandas as pd
import pytest

from cjmlab.errors import TableError
from cjmlab.feedback import ReviewTable, align_codes, apply_codes, code_feedback, code_shares, read_codes
from cjmlab.vocabulary import Codebook, codebook, stage_model, touchpoints


@pytest.fixture(scope="module")
def book() -> Codebook:
    model = stage_model("hema7")
    return codebook(touchpoints(["cart", "delivery", "payment"], model), model)


def cut(*spans: tuple[str, int, int]) -> pd.DataFrame:
    """A coding of 'one two three four five six' cut at the given places."""
    words = "one two three four five six"
    return pd.DataFrame(
        {"unit_id": [unit for unit, _, _ in spans], "text": [words[a:b] for _, a, b in spans],
         "start": [a for _, a, _ in spans], "end": [b for _, _, b in spans]}
    )  # fmt: skip


def given(frame: pd.DataFrame, *codes: str | None) -> pd.DataFrame:
    return frame.assign(touchpoint=pd.array(codes, dtype="str"))


def test_codes_follow_their_stretch_of_the_text() -> None:
    old = given(cut(("f#0", 0, 13), ("f#1", 14, 18), ("f#2", 19, 27)), "cart", "payment", "delivery")
    new = cut(("f#0", 0, 7), ("f#1", 8, 13), ("f#2", 14, 18), ("f#3", 19, 27))
    found = align_codes(new, old).set_index("unit_id")["touchpoint"].to_dict()
    assert found == {"f#0": "cart", "f#1": "cart", "f#2": "payment", "f#3": "delivery"}
    with pytest.warns(UserWarning, match="1 of 2 human codes"):
        back = align_codes(cut(("f#0", 0, 27)), given(cut(("f#0", 0, 7), ("f#1", 8, 27)), "cart", "payment"))
    assert back[["unit_id", "touchpoint"]].values.tolist() == [["f#0", "payment"]]


def test_the_last_code_of_a_clause_wins_and_same_words_stay_where_they_are() -> None:
    coded = cut(("f#0", 0, 7), ("f#1", 8, 13))
    twice = pd.concat([given(coded, "cart", "cart"), given(coded.tail(1), "payment")])
    found = align_codes(coded, twice)
    assert found[["unit_id", "touchpoint", "row"]].values.tolist() == [["f#0", "cart", 0], ["f#1", "payment", 2]]


def test_codes_without_words_are_taken_by_their_id() -> None:
    human = pd.DataFrame({"unit_id": ["a#0", "a#0"], "touchpoint": ["cart", "payment"]})
    assert align_codes(cut(("f#0", 0, 7)), human)["touchpoint"].tolist() == ["payment"]


def test_codes_of_clauses_that_are_gone_are_told() -> None:
    coded = cut(("f#0", 0, 7))
    human = given(cut(("f#0", 0, 7), ("f#1", 19, 27), ("g#0", 0, 7)), "cart", "payment", "delivery")
    with pytest.warns(UserWarning, match=r"2 of 3 human codes are for clauses .* \(first: 'f#1', 'five six'\)"):
        found = align_codes(coded, human)
    assert found["unit_id"].tolist() == ["f#0"]
    with pytest.raises(TableError, match=r"2 of 2 human codes .* \(first: 'f#1', 'five six'\)\. Feedback keeps"):
        align_codes(coded, human.iloc[1:])


def test_without_places_the_words_say_which_clause_it_is(book: Codebook) -> None:
    coded = cut(("f#0", 0, 7), ("f#1", 8, 13))
    human = given(cut(("f#5", 8, 13)), "payment").drop(columns=["start", "end"])
    assert align_codes(coded, human)["unit_id"].tolist() == ["f#1"]


def comments(book: Codebook) -> tuple[pd.DataFrame, pd.DataFrame]:
    texts = [f"the wagon man hooted on day {k}" for k in range(40)] + [f"my things vanish at {k}" for k in range(40)]
    frame = pd.DataFrame({"feedback_id": [f"f{k}" for k in range(80)], "customer_id": "c", "text": texts})
    return frame, code_feedback(frame, book)


def test_one_call_learns_from_people_and_lets_them_win(book: Codebook) -> None:
    frame, coded = comments(book)
    truth = pd.Series(["delivery"] * 40 + ["cart"] * 40, index=frame["feedback_id"])
    human = coded[coded["feedback_id"].isin([f"f{k}" for k in [*range(15), *range(40, 55)]])]
    human = human.assign(touchpoint=truth.loc[human["feedback_id"]].to_numpy())
    human.loc[human["feedback_id"] == "f0", "touchpoint"] = "payment"
    again = code_feedback(frame, book, human=human[["unit_id", "text", "start", "end", "touchpoint"]])
    rows = again.set_index("feedback_id")
    assert rows.loc["f0", ["touchpoint", "coder"]].tolist() == ["payment", "human"]
    assert rows.loc["f1", "coder"] == "human"
    unseen = rows.drop([*(f"f{k}" for k in [*range(15), *range(40, 55)])])
    assert (unseen["touchpoint"] == truth.loc[unseen.index]).mean() > 0.9
    assert set(unseen["coder"].dropna()) == {"model"}
    assert again.about.human == 30
    assert again.about.accuracy > again.about.before
    assert again.about.abstained == again["touchpoint"].isna().sum()
    plain = code_feedback(frame, book, human=human.head(0))
    assert plain.about.human == 0
    pd.testing.assert_frame_equal(pd.DataFrame(plain), pd.DataFrame(coded))


def test_a_second_sitting_offers_others_and_loses_nothing(book: Codebook, tmp_path: Path) -> None:
    _, coded = comments(book)
    path = tmp_path / "codes.csv"
    first = ReviewTable(coded, book, path, coder="Ada", size=5)
    for unit in first.rows.index:
        first.give(unit, "cart")
    second = ReviewTable(coded, book, path, coder="Bo", size=5)
    assert list(second.rows.index[5:]) == sorted(first.codes, key=list(read_codes(path)["unit_id"]).index)
    assert not set(second.rows.index[:5]) & set(first.codes)
    second.give(second.rows.index[0], None)
    audit = ReviewTable(coded, book, path, coder="Cy", size=4, random=True)
    audit.give(audit.rows.index[0], "delivery")
    codes = read_codes(path)
    assert len(codes) == len(set(first.codes) | {second.rows.index[0], audit.rows.index[0]})
    by = codes.set_index("unit_id")
    assert by.loc[second.rows.index[0], "coder"] == "Bo"
    assert by.loc[audit.rows.index[0], ["coder", "random"]].tolist() == ["Cy", True]
    assert (codes["coder"] == "Ada").sum() >= 4
    third = ReviewTable(coded, book, path, coder="Di", size=5)
    third.give(audit.rows.index[0], "payment")
    assert read_codes(path).set_index("unit_id").loc[audit.rows.index[0], "random"], "what was drawn at random stays so"


def test_a_random_audit_does_not_show_what_the_machine_said(book: Codebook, tmp_path: Path) -> None:
    frame = pd.DataFrame({"feedback_id": ["f0"], "customer_id": "c", "text": ["The courier was late"]})
    coded = code_feedback(frame, book)
    shown = {}
    for random in (True, False):
        review = ReviewTable(coded, book, tmp_path / "c.csv", random=random)
        shown[random] = review.widget().children[0].children[0].options[0][0]
    assert "?" not in shown[True]
    assert "?" in shown[False]


def test_a_hand_made_file_of_two_columns_will_do(book: Codebook, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("unit_id,touchpoint\nf0#0,payment\nf1#0,\n", "utf-8")
    human = read_codes(tmp_path / "c.csv")
    _, coded = comments(book)
    applied = apply_codes(coded, human, book).set_index("unit_id")
    assert applied.loc["f0#0", ["touchpoint", "coder"]].tolist() == ["payment", "human"]
    assert pd.isna(applied.loc["f1#0", "touchpoint"])


def test_the_whole_text_shows_beside_a_clause(book: Codebook, tmp_path: Path) -> None:
    said = "The courier was late. Gone & away. Two years of staples"
    frame = pd.DataFrame({"feedback_id": ["f#1"], "customer_id": "c", "text": [said]})
    review = ReviewTable(code_feedback(frame, book), book, tmp_path / "c.csv")
    words = {line.children[1].value: line.children[1].tooltip for line in review.widget().children}
    assert len(words) == 3
    assert set(words.values()) == {"The courier was late … Gone & away … Two years of staples"}


def test_codes_of_other_feedback_are_told_and_left_out(book: Codebook) -> None:
    frame, coded = comments(book)
    human = coded[["unit_id", "text", "start", "end"]].head(30).assign(touchpoint="payment")
    with pytest.warns(UserWarning, match=r"10 of 30 human codes are for feedback that is not here \(first: 'f0#0'\)"):
        part = code_feedback(frame.iloc[10:], book, human=human)
    assert part.about.human == 20
    with pytest.warns(UserWarning, match="30 of 30 human codes"):
        rest = code_feedback(frame.iloc[40:], book, human=human)
    pd.testing.assert_frame_equal(pd.DataFrame(rest), pd.DataFrame(code_feedback(frame.iloc[40:], book)))


def test_codes_with_and_without_words_may_stand_together() -> None:
    coded = cut(("f#0", 0, 7), ("f#1", 8, 13))
    human = given(coded, "cart", "payment")
    human.loc[1, ["text", "start", "end"]] = [None, None, None]
    assert align_codes(coded, human)["touchpoint"].tolist() == ["cart", "payment"]


def test_an_audit_judges_and_does_not_teach(book: Codebook) -> None:
    frame, coded = comments(book)
    truth = pd.Series(["delivery"] * 40 + ["cart"] * 40, index=frame["feedback_id"])
    human = coded.drop_duplicates("unit_id")[["unit_id", "text", "start", "end", "feedback_id"]]
    human = human.assign(touchpoint=truth.loc[human["feedback_id"]].to_numpy(), random="True")
    before = code_shares(coded).set_index("code")["share"]
    judged = code_feedback(frame, book, human=human.iloc[:60])
    assert judged.about.human == 60
    assert judged.about.accuracy is None
    assert "model" not in set(judged["coder"])
    shares = code_shares(judged, human.iloc[:60]).set_index("code")
    assert set(shares["status"]) == {"audited"}
    assert shares.loc["delivery", "machine_share"] == pytest.approx(before.get("delivery", 0.0))
    assert abs(shares.loc["cart", "share"] - 0.5) < 0.25
    taught = code_feedback(frame, book, human=human.iloc[:30])
    assert "model" in set(taught["coder"]), "fewer than fifty are no audit, and teach"
    assert set(code_shares(judged, human.iloc[:60].assign(random="False")).status) == {"unaudited"}


def test_a_text_that_was_rewritten_loses_its_codes() -> None:
    human = given(cut(("f#0", 0, 13), ("f#1", 14, 27)), "cart", "payment")
    human.loc[0, "text"] = "other words ."
    with pytest.warns(UserWarning, match=r"1 of 2 human codes .* \(first: 'f#0', 'other words \.'\)"):
        found = align_codes(cut(("f#0", 0, 7), ("f#1", 8, 13), ("f#2", 14, 27)), human)
    assert found[["unit_id", "touchpoint"]].values.tolist() == [["f#2", "payment"]]


@pytest.mark.parametrize("place", ["0.4", "abc", "", "-3", "inf", "1e300"])
def test_places_that_are_none_are_missing(tmp_path: Path, place: str) -> None:
    (tmp_path / "c.csv").write_text(f"unit_id,text,start,end,touchpoint\nf#0,one,{place},3,cart\n", "utf-8")
    codes = read_codes(tmp_path / "c.csv")
    assert codes["start"].isna().all() or codes["start"].tolist() == [0]
    assert codes["end"].tolist() == [3]


def test_an_audit_is_compared_with_both_touchpoints_that_the_machine_had_named(book: Codebook) -> None:
    rows = [(f"f{k}#0", point) for k in range(60) for point in ("cart", "payment")]
    coded = pd.DataFrame(rows, columns=["unit_id", "touchpoint"]).assign(
        text="cart and payment", stage="buy", coder="keyword", confidence=0.6
    )
    human = pd.DataFrame({"unit_id": [f"f{k}#0" for k in range(60)], "touchpoint": "cart", "random": True})
    applied = apply_codes(coded, human, book)
    assert set(applied["machine_touchpoint"]) == {"cart|payment"}
    before, after = (code_shares(table, human).set_index("code") for table in (coded, applied))
    pd.testing.assert_frame_equal(before, after)
    assert after.loc["payment", ["share", "machine_share"]].tolist() == [0.0, 1.0]
