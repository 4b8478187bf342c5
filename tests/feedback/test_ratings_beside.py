"""What stands beside the words: the levels of ratings, and what was skipped or never asked."""

import pandas as pd
import pytest

from cjmlab.feedback.ratings_beside import SKIPPED, UNKNOWN, ratings_beside, speakers_of

POINTS = ["cart", "delivery", "returns"]


def feedback(*rows: tuple) -> pd.DataFrame:
    names = ["customer_id", "wave", "touchpoint", "rating", "text", "asks"]
    frame = pd.DataFrame([dict(zip(names, row, strict=False)) for row in rows], columns=names)
    return frame.assign(feedback_id=[f"f{k}" for k in range(len(frame))])


@pytest.mark.parametrize(
    ("rating", "level"), [(-1.0, 0), (-0.75, 1), (-0.5, 1), (0.0, 2), (0.5, 3), (0.74, 3), (0.75, 4), (1.0, 4)]
)
def test_a_rating_is_one_of_five_levels(rating: float, level: int) -> None:
    frame = feedback(("1", "w", "cart", rating, None), ("1", "w", None, None, "words"))
    assert ratings_beside(frame, [1], POINTS).levels[0].tolist() == [level, UNKNOWN, UNKNOWN]


def test_what_others_rated_was_skipped_and_what_nobody_rated_was_not_asked() -> None:
    frame = feedback(
        ("1", "w", "cart", 1.0, None), ("2", "w", "delivery", 1.0, None), ("3", "w", None, None, "rated nothing"),
        ("1", "w", None, None, "words"), ("4", "w", "cart", 0.0, None),
    )  # fmt: skip
    found = ratings_beside(frame, [3, 2], POINTS)
    assert found.levels.tolist() == [[4, SKIPPED, UNKNOWN], [UNKNOWN] * 3]


def test_ratings_stand_beside_words_of_their_own_wave() -> None:
    frame = feedback(
        ("1", "first", "cart", -1.0, None), ("1", "second", "cart", 1.0, None), ("1", "second", None, None, "words")
    )
    assert ratings_beside(frame, [2], POINTS).levels[0, 0] == 4
    assert ratings_beside(frame.assign(wave=None), [2], POINTS).levels[0, 0] == 2


def test_what_was_expected_is_no_experience() -> None:
    frame = feedback(("1", "w", "cart", -1.0, None, "expectation"), ("1", "w", None, None, "words", "open"))
    assert ratings_beside(frame, [1], POINTS).levels[0].tolist() == [UNKNOWN] * 3


def test_rows_may_share_an_index() -> None:
    frame = feedback(
        ("1", "w", "cart", -1.0, None, "experience"), ("1", "w", "cart", 1.0, None, "expectation"),
        ("1", "w", None, None, "words", "open"),
    )  # fmt: skip
    assert ratings_beside(frame.set_index(pd.Index([0, 0, 0])), [2], POINTS).levels[0, 0] == 0


def test_a_review_goes_by_its_own_stars() -> None:
    frame = feedback(
        ("1", "w", None, -1.0, "bad day"), ("1", "w", None, 1.0, "good day"), ("1", "w", None, None, "just words")
    )
    assert ratings_beside(frame, [0, 1, 2], POINTS).overall.tolist() == [0, 4, 2]


def test_nobody_known_is_somebody_of_its_own() -> None:
    frame = feedback((None, "w", "cart", -1.0, "a"), (None, "w", "cart", 1.0, "b"))
    assert speakers_of(frame).nunique() == 2
    assert ratings_beside(frame, [0, 1], POINTS).levels[:, 0].tolist() == [0, 4]


def test_a_table_without_ratings_says_nothing() -> None:
    frame = pd.DataFrame({"feedback_id": ["a"], "customer_id": ["1"], "text": ["words"]})
    found = ratings_beside(frame, [0], POINTS)
    assert found.levels.tolist() == [[UNKNOWN] * 3]
    assert found.overall.tolist() == [UNKNOWN]
    assert ratings_beside(frame, [], POINTS).levels.shape == (0, 3)
