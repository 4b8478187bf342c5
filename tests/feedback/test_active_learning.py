"""What to code next: clauses whose codes tell most about the others, not odd ones and not the same words twice."""

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import TableError
from cjmlab.feedback import code_feedback, review_queue
from cjmlab.feedback.active_learning import choose
from cjmlab.vocabulary import Codebook, codebook, stage_model, touchpoints


@pytest.fixture(scope="module")
def book() -> Codebook:
    model = stage_model("hema7")
    return codebook(touchpoints(["cart", "delivery", "payment"], model), model)


def coded_frame(texts: list[str], confidence: float | list[float] = 0.0, coder: object = None) -> pd.DataFrame:
    return pd.DataFrame(
        {"unit_id": [f"f{k:04d}#0" for k in range(len(texts))], "text": texts, "touchpoint": None, "coder": coder,
         "confidence": confidence, "language": "en"}
    )  # fmt: skip


def left_unsure(likeness: np.ndarray, weights: np.ndarray, known: list[int]) -> float:
    """The weighted variance that is left when some are known, by the textbook formula."""
    seen = likeness[np.ix_(known, known)] + 0.5 * np.eye(len(known))
    told = likeness[:, known] @ np.linalg.solve(seen, likeness[known])
    return float((weights * np.diag(likeness - told)).sum())


def test_each_choice_leaves_least_unsure() -> None:
    rng = np.random.default_rng(4)
    points = rng.normal(size=(14, 5))
    likeness, weights = points @ points.T, rng.random(14)
    chosen = choose(likeness, weights, 2, 5)
    known = [0, 1]
    for place in chosen:
        best = min((k for k in range(14) if k not in known), key=lambda k: left_unsure(likeness, weights, [*known, k]))
        assert place == best
        known.append(place)


def test_a_clause_that_speaks_for_many_comes_before_odd_ones() -> None:
    many = [f"the wagon man hooted at the gate {k}" for k in range(12)]
    odd = ["zebra crossing nearby", "my aunt sings", "blue is a colour", "seven o'clock"]
    chosen = review_queue(coded_frame([*odd, *many]), size=1)
    assert chosen["text"].iloc[0] in many
    two = set(review_queue(coded_frame([*odd, *many]), size=3)["text"])
    assert len(two & set(many)) < 3, "once a wording is known, its likes tell little more"


def test_the_same_words_are_asked_once_and_counted() -> None:
    queue = review_queue(coded_frame(["Too  dear", "too dear", "TOO DEAR", "no seats"]), size=10)
    assert sorted(queue["text"].str.lower().str.split().str.join(" ")) == ["no seats", "too dear"]
    assert dict(zip(queue["unit_id"], queue["times"], strict=True)) == {"f0000#0": 3, "f0003#0": 1}


def test_what_people_coded_is_neither_asked_again_nor_asked_around() -> None:
    wagons = [f"the wagon man hooted {k}" for k in range(9)]
    songs = [f"my aunt sings loudly on day {k}" for k in range(3)]
    frame = coded_frame([*wagons, *songs])
    assert "wagon" in review_queue(frame, size=1)["text"].iloc[0]
    frame.loc[:2, "coder"] = "human"
    queue = review_queue(frame, size=1)
    assert "aunt" in queue["text"].iloc[0]
    assert not set(review_queue(frame, size=50)["unit_id"]) & {"f0000#0", "f0001#0", "f0002#0"}


def test_sure_clauses_wait_behind_unsure_ones() -> None:
    texts = [*(f"the courier rang the bell {k}" for k in range(8)), *(f"a thing of number {k} broke" for k in range(8))]
    queue = review_queue(coded_frame(texts, [0.99] * 8 + [0.2] * 8), size=3)
    assert queue["text"].str.contains("broke").all()
    assert queue["confidence"].is_monotonic_increasing


def test_the_queue_is_the_same_on_any_order_of_rows(book: Codebook) -> None:
    words = ["wagon", "gate", "till", "queue", "card", "bell", "door", "bag", "tap", "lamp"]
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(words, 4)) for _ in range(300)]
    frame = pd.DataFrame({"feedback_id": [f"f{k}" for k in range(300)], "customer_id": "c", "text": texts})
    coded = code_feedback(frame, book)
    first = review_queue(coded, size=40)
    second = review_queue(coded.sample(frac=1, random_state=2), size=40)
    pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(second))
    assert first["unit_id"].is_unique
    assert len(first) == 40


def test_many_clauses_are_weighed_in_bounded_room() -> None:
    texts = [f"thing {k} of kind {k % 7} broke on day {k % 31}" for k in range(3000)]
    queue = review_queue(coded_frame(texts), size=30)
    assert len(queue) == 30
    assert queue["unit_id"].is_unique


def test_languages_that_nobody_reads_here_come_last() -> None:
    texts = [*(f"이것은 좋지 않다 {k}" for k in range(4)), *(f"the wagon man hooted {k}" for k in range(4))]
    frame = coded_frame(texts).drop(columns="language")
    assert review_queue(frame, size=4)["text"].str.contains("wagon").all()
    assert len(review_queue(frame, size=6)) == 6


def test_plainly_least_sure_first_can_be_asked_for() -> None:
    texts = [f"the wagon man hooted {k}" for k in range(5)]
    queue = review_queue(coded_frame(texts, [0.5, 0.1, 0.9, 0.3, 0.7]), size=3, order="uncertain")
    assert queue["confidence"].tolist() == [0.1, 0.3, 0.5]
    with pytest.raises(ValueError, match="order is 'best'"):
        review_queue(coded_frame(texts), order="best")
    with pytest.raises(TableError, match="'coder' is missing"):
        review_queue(coded_frame(texts).drop(columns="coder"))


def test_codes_of_the_queue_teach_more_than_codes_at_random(book: Codebook) -> None:
    from cjmlab.feedback import learn_coder

    scenes = {
        "cart": ["my things vanish before I finish", "the sum of my things changed", "two of each stood there suddenly"],
        "delivery": ["a wagon stood at the corner", "the wagon man hooted and left", "nobody rang, the box lay in the rain"],
        "payment": ["my plastic was refused thrice", "the machine ate my plastic", "they took the money twice"],
    }  # fmt: skip
    rng = np.random.default_rng(1)
    rows = []
    for code, texts in scenes.items():
        for i, text in enumerate(texts):
            rows += [(f"{text} {word}", code) for word in rng.permutation(list("bcdfghjklmnpqrstvwxz"))[: 4 + 6 * i]]
    frame = pd.DataFrame(rows, columns=["text", "truth"]).assign(customer_id="c")
    frame["feedback_id"] = [f"f{k}" for k in range(len(frame))]
    coded = code_feedback(frame, book)
    truth = dict(zip(frame["feedback_id"] + "#0", frame["truth"], strict=True))

    def reached(units: list[str]) -> float:
        human = pd.DataFrame({"unit_id": units, "touchpoint": [truth.get(unit) for unit in units]})
        again = code_feedback(frame, book, coder=learn_coder(coded, book, human))
        first = again.drop_duplicates("feedback_id").set_index("feedback_id")["touchpoint"]
        return float((first == frame.set_index("feedback_id")["truth"]).mean())

    alone = sorted(coded.drop_duplicates("feedback_id")["unit_id"])
    chosen = [unit for unit in review_queue(coded, size=24)["unit_id"] if unit in truth]
    drawn = [list(np.random.default_rng(seed).permutation(alone)[: len(chosen)]) for seed in range(3)]
    assert reached(chosen) >= np.mean([reached(units) for units in drawn])
    assert reached(chosen) > float(
        (coded.drop_duplicates("feedback_id")["touchpoint"].to_numpy() == frame["truth"]).mean()
    )
