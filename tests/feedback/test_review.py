"""The human side: uncertain first, the person's code wins, provenance kept, files safe to open."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import TableError
from cjmlab.feedback import (
    CombinedCoder,
    ReviewTable,
    apply_codes,
    code_feedback,
    learn_coder,
    read_codes,
    review_queue,
    review_table,
)
from cjmlab.vocabulary import Codebook, codebook, stage_model, touchpoints


@pytest.fixture(scope="module")
def book() -> Codebook:
    model = stage_model("hema7")
    return codebook(touchpoints(["cart", "delivery", "payment"], model), model)


@pytest.fixture
def coded(book: Codebook) -> pd.DataFrame:
    texts = [
        "=HYPERLINK(1) courier",
        "A <img src=x onerror=alert(1)> thing",
        "Cart and payment alike",
        "Courier, courier, courier",
    ]
    frame = pd.DataFrame({"feedback_id": [f"f{k}" for k in range(4)], "customer_id": "c", "text": texts})
    return code_feedback(frame, book)


def test_the_queue_begins_with_what_is_least_sure(coded: pd.DataFrame) -> None:
    queue = review_queue(coded)
    assert queue.confidence.is_monotonic_increasing
    assert pd.isna(queue.touchpoint.iloc[0])
    assert queue.unit_id.is_unique


def test_codes_are_saved_read_back_and_win(coded: pd.DataFrame, book: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    review = ReviewTable(coded, book, path, coder="=Ada()")
    review.give("f0#0", "payment")
    review.give("f1#0", None)
    assert ",'=Ada()," in path.read_text("utf-8-sig")
    human = read_codes(path)
    assert set(human.coder) == {"=Ada()"}
    assert ReviewTable(coded, book, path).codes == {"f0#0": "payment", "f1#0": None}
    applied = apply_codes(coded, human, book).set_index("unit_id")
    row = applied.loc["f0#0"]
    assert (row.touchpoint, row.coder, row.machine_touchpoint, row.stage) == ("payment", "human", "delivery", "buy")
    assert pd.isna(applied.loc["f1#0"].touchpoint)
    assert applied.loc["f3#0"].coder == "codebook+prior"
    assert applied.index.is_unique or applied.loc["f0#0"].ndim == 1


def test_the_widget_saves_choices_and_shows_text_as_text(coded: pd.DataFrame, book: Codebook, tmp_path: Path) -> None:
    import ipywidgets

    box = review_table(coded, book, tmp_path / "codes.csv", language="ru")
    kinds = {type(part) for line in box.children for part in line.children}
    assert kinds == {ipywidgets.Dropdown, ipywidgets.Textarea}
    assert box.children[0].children[0].options[1][0] == "— ничего из этого —"
    menu = box.children[0].children[0]
    menu.value = "delivery"
    assert read_codes(tmp_path / "codes.csv").touchpoint.tolist() == ["delivery"]
    menu.value = next(value for _, value in menu.options if value == "not coded yet")
    assert read_codes(tmp_path / "codes.csv").empty


def test_refusals_are_sentences(coded: pd.DataFrame, book: Codebook, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"'deliveri' is not a touchpoint\. Did you mean 'delivery'"):
        ReviewTable(coded, book, tmp_path / "c.csv").give("f0#0", "deliveri")
    strange = pd.DataFrame({"unit_id": ["zzz"], "touchpoint": ["cart"]})
    with pytest.raises(
        TableError, match=r"human, column 'unit_id': 1 of 1 human codes are for unknown clauses \(first: 'zzz'\)"
    ):
        apply_codes(coded, strange, book)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(TableError, match=r"other\.csv: the column 'unit_id' is missing\. Is it a review table\?"):
        read_codes(tmp_path / "other.csv")


def world(book: Codebook) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clauses that never use the codebook's words, with the codes that a person gave."""
    said = {
        "cart": ["my things vanish before I finish number {}", "the sum of my things changed {} times"],
        "delivery": ["a wagon stood at the corner {} times", "the wagon man hooted {} times and left"],
    }
    rows = [
        (f"f{code}{k}{i}", text.format(k), code)
        for code, texts in said.items()
        for i, text in enumerate(texts)
        for k in range(15)
    ]
    frame = pd.DataFrame(rows, columns=["feedback_id", "text", "truth"]).assign(customer_id="c")
    coded = code_feedback(frame, book)
    human = coded[["unit_id", "truth"]].rename(columns={"truth": "touchpoint"})
    return coded, human


def test_a_coder_learns_from_people_once_labels_suffice(book: Codebook) -> None:
    coded, human = world(book)
    assert coded.touchpoint.isna().mean() > 0.7
    assert not learn_coder(coded, book, human.head(10)).ready
    learned = learn_coder(coded, book, human)
    assert learned.ready
    assert learned.accuracy > 0.9 > learned.before
    assert learned.learned == ("cart", "delivery")
    fresh = pd.DataFrame({"feedback_id": ["n1", "n2", "n3"], "customer_id": "c", "text": [
        "the wagon came after 99 hours", "my things vanish again", "The payment failed"]})  # fmt: skip
    again = code_feedback(fresh, book, coder=learned)
    assert again.touchpoint.tolist() == ["delivery", "cart", "payment"]
    assert again.coder.tolist()[:2] == ["model", "model"]


def test_learning_is_the_same_on_any_order_of_rows(book: Codebook) -> None:
    coded, human = world(book)
    first = learn_coder(coded, book, human)
    second = learn_coder(coded.sample(frac=1, random_state=1), book, human.sample(frac=1, random_state=2))
    assert (first.penalty, first.accuracy, first.learned) == (second.penalty, second.accuracy, second.learned)
    texts = ["the wagon stood there", "my things vanish", "the payment failed"]
    assert first.find_all(texts, "en") == second.find_all(texts, "en")


def test_codes_that_agree_with_the_coder_or_with_nothing_change_nothing(book: Codebook) -> None:
    said = ["The courier was late", "The cart lost my things", "The payment failed", "Checkout was quick"]
    frame = pd.DataFrame(
        {"feedback_id": [f"f{k}" for k in range(40)], "text": [f"{said[k % 4]} {k}" for k in range(40)]}
    )
    coded = code_feedback(frame.assign(customer_id="c"), book)
    same = learn_coder(coded, book, coded[["unit_id", "touchpoint"]])
    assert same.accuracy >= same.before == 1.0
    chance = coded[["unit_id"]].assign(touchpoint=np.random.default_rng(3).permutation(coded["touchpoint"]))
    guessed = learn_coder(coded, book, chance)
    assert not guessed.ready or guessed.accuracy > guessed.before
    texts = coded["text"].tolist()
    if not guessed.ready:
        assert guessed.find_all(texts, "en") == CombinedCoder(book).find_all(texts, "en")


def test_none_can_be_learned_and_the_other_languages_hear_of_it(book: Codebook) -> None:
    said = [
        "We live by the courier's depot on street {}",
        "My cousin is a courier in town {}",
        "The courier brought parcel {} late",
    ]
    frame = pd.DataFrame(
        {"feedback_id": [f"f{k}" for k in range(60)], "text": [said[k % 3].format(k) for k in range(60)]}
    )
    coded = code_feedback(frame.assign(customer_id="c"), book)
    wanted = pd.Series([None, None, "delivery"] * 20, index=frame["feedback_id"])
    human = coded[["unit_id"]].assign(touchpoint=wanted.loc[coded["feedback_id"]].to_numpy())
    learned = learn_coder(coded, book, human)
    assert learned.ready
    found = [finding.touchpoints for finding in learned.find("My cousin is a courier in the next town", "en")]
    assert found == [()]
    assert learned.find("Курьер опоздал на два часа", "ru")[0].touchpoints[0][0] == "delivery"


def test_what_says_nothing_waits_for_no_person() -> None:
    coded = pd.DataFrame(
        {
            "unit_id": list("abc"),
            "text": ["無", "客服很好", "n/a"],
            "touchpoint": None,
            "coder": None,
            "confidence": None,
        }
    )
    assert review_queue(coded)["unit_id"].tolist() == ["b"]
