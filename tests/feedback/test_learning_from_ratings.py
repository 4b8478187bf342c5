"""Ratings teach words: made-up ones are learned from whose ratings stand beside them, nobody's from her own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cjmlab.feedback import code_feedback, learn_from_ratings, score_feedback
from cjmlab.feedback.rating_lessons import part_of
from cjmlab.tables import about
from cjmlab.vocabulary import codebook, stage_model, touchpoints

ROOT = Path(__file__).parents[2]
POINTS = ("delivery", "returns", "checkout", "app_home")
SAID = {  # made-up words that no prior knows: (touchpoint, whether it is praise)
    "a zibbling glorp again": ("delivery", False),
    "the vorn was quite plimsy": ("delivery", True),
    "they kept frobbing my snark": ("returns", False),
    "such a mellish quaddle": ("checkout", True),
    "grungled by the wex": ("checkout", False),
    "the app is slow": ("app_home", False),
    "the app works well": ("app_home", True),
    "the courier was late again": ("delivery", False),
    "delivery was quick and friendly": ("delivery", True),
    "my refund came quickly": ("returns", True),
    "they refused my return, terrible": ("returns", False),
    "a long queue at the checkout": ("checkout", False),
    "checkout was easy": ("checkout", True),
}


@pytest.fixture(scope="module")
def book():
    model = stage_model("hema7")
    return codebook(touchpoints(list(POINTS), model), model)


def study(customers: int = 400, seed: int = 3, linked: bool = True) -> pd.DataFrame:
    """Return ratings and a comment of each customer; the touchpoint spoken of is rated, and as the words mean it."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(customers):
        who, (words, (point, praise)) = f"c{k:04d}", list(SAID.items())[rng.integers(len(SAID))]
        for other in POINTS:
            rating = rng.choice([-1.0, -0.5, 0.0, 0.5, 1.0])
            if linked and other == point:
                rating = rng.choice([0.5, 1.0] if praise else [-1.0, -0.5])
            elif rng.random() < 0.4:
                continue
            rows.append({"feedback_id": f"{who}:{other}", "customer_id": who, "touchpoint": other, "rating": rating})
        rows.append({"feedback_id": f"{who}:text", "customer_id": who, "text": words})
    return pd.DataFrame(rows).assign(wave="w", language="en")


def coded_as(coded: pd.DataFrame) -> dict[str, str]:
    spoken = coded[coded["text"].notna()]
    return {words: part["touchpoint"].fillna("none").mode().iloc[0] for words, part in spoken.groupby("text")}


def test_made_up_words_are_learned_from_the_ratings_beside_them(book) -> None:
    frame = study()
    without, heard = code_feedback(frame, book, ratings=False), code_feedback(frame, book)
    assert about(without).rated_clauses == 0
    assert about(heard).rated_clauses >= 400
    assert set(heard["coder"].dropna()) <= {"asked", "codebook+prior+ratings"}
    known = {"app", "courier", "delivery", "refund", "refused", "checkout"}
    strange = {words: point for words, (point, _) in SAID.items() if not known & set(words.split())}
    was, now = coded_as(without), coded_as(heard)
    assert all(now[words] in (point, "none") for words, point in strange.items())
    assert sum(now[words] == point for words, point in strange.items()) >= 3
    assert sum(was[words] == point for words, point in strange.items()) <= 1


def test_sentiment_of_made_up_words_is_learned_too(book) -> None:
    said = {"delivery was plimsy": 1, "delivery was grungled": -1, "checkout: mellish": 1, "checkout: all wex": -1}
    said |= {"delivery was great": 1, "delivery was awful": -1, "checkout: great": 1, "checkout: all awful": -1}
    rng = np.random.default_rng(2)
    rows = []
    for k in range(320):
        words, sign = list(said.items())[k % len(said)]
        point = words.split()[0].strip(":")
        for other in ("delivery", "checkout"):
            rating = sign * rng.choice([0.5, 1.0]) if other == point else rng.choice([-1.0, 0.0, 1.0])
            rows.append({"feedback_id": f"{k}:{other}", "customer_id": f"c{k}", "touchpoint": other, "rating": rating})
        rows.append({"feedback_id": f"{k}:text", "customer_id": f"c{k}", "text": words})
    coded = code_feedback(pd.DataFrame(rows).assign(language="en"), book)
    plain, taught = score_feedback(coded, ratings=False), score_feedback(coded)
    found = taught[taught["text"].notna()].groupby("feedback_id")["sentiment"].mean()
    signs = pd.Series({f"{k}:text": list(said.values())[k % len(said)] for k in range(320)})
    assert (np.sign(found) == signs.reindex(found.index)).mean() > 0.95
    assert set(taught["scorer"].dropna()) == {"rating", "linear+ratings"}
    assert set(plain["scorer"].dropna()) == {"rating", "linear"}
    rated = taught["scorer"] == "rating"
    assert (taught["sentiment"][rated] == taught["rating"][rated]).all()


def test_ratings_that_have_nothing_to_do_with_the_words_change_nothing(book) -> None:
    frame = study(linked=False)
    coded = code_feedback(frame, book)
    assert about(coded).rated_clauses == 0
    pd.testing.assert_frame_equal(pd.DataFrame(coded), pd.DataFrame(code_feedback(frame, book, ratings=False)))
    taught, plain = score_feedback(coded), score_feedback(coded, ratings=False)
    pd.testing.assert_frame_equal(pd.DataFrame(taught), pd.DataFrame(plain))


def test_the_order_of_rows_does_not_matter(book) -> None:
    frame = study(200)
    mixed = frame.sample(frac=1, random_state=9).reset_index(drop=True)
    one, other = (score_feedback(code_feedback(each, book)) for each in (frame, mixed))
    by = ["unit_id", "touchpoint"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(one).sort_values(by, ignore_index=True), pd.DataFrame(other).sort_values(by, ignore_index=True)
    )


HASHED = """
import hashlib, cjmlab as cjm
study = cjm.load_study("data/samples/furniture")
scored = cjm.score_feedback(cjm.code_feedback(study.feedback, study.codebook))
assert scored.coder.eq("codebook+prior+ratings").any() and scored.scorer.eq("linear+ratings").any()
print(hashlib.sha256(scored.to_csv(index=False).encode()).hexdigest())
"""


def test_the_number_of_threads_does_not_matter() -> None:
    told = [
        subprocess.run(
            [sys.executable, "-c", HASHED], cwd=ROOT, capture_output=True, text=True, check=True, timeout=300,
            env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
        ).stdout
        for threads in ("1", "3")
    ]  # fmt: skip
    assert told[0] == told[1]


def test_nobodys_own_ratings_teach_how_her_own_words_are_read(book) -> None:
    """Somebody says what nobody else says: her rating moves how others would be read who said it, and not how she is."""
    who = next(f"x{k}" for k in range(99) if part_of(f"x{k}") == 0)
    said, moved = "xyzzy plugh quux", {}
    for point in ("delivery", "checkout"):
        own = [
            {"feedback_id": f"{who}:{point}", "customer_id": who, "touchpoint": point, "rating": -1.0},
            {"feedback_id": f"{who}:text", "customer_id": who, "text": said},
        ]
        frame = pd.concat([study(), pd.DataFrame(own).assign(wave="w", language="en")], ignore_index=True)
        lessons = learn_from_ratings(frame, book).lessons
        hers, others = lessons.log_odds([said, said], "en", [who, "somebody else"])
        moved[point] = hers, others
        np.testing.assert_allclose(hers, lessons.corrections[0].log_odds([said], "en")[0])
    changed = [float(np.abs(moved["delivery"][k] - moved["checkout"][k]).max()) for k in (0, 1)]
    assert changed[0] < 0.1 * changed[1]


def test_how_a_touchpoint_is_rated_on_the_whole_does_not_colour_its_words(book) -> None:
    """Deliveries are all rated low, checkouts all high, whatever is said: words for them stay as neutral as they were."""
    rng = np.random.default_rng(4)
    rows = []
    for k in range(300):
        who = f"c{k:04d}"
        words = ["the courier came in the evening", "we went to the checkout"][k % 2]
        for other, base in (("delivery", -0.5), ("checkout", 0.5)):
            rating = base + rng.choice([-0.5, 0.0, 0.5])
            rows.append({"feedback_id": f"{who}:{other}", "customer_id": who, "touchpoint": other, "rating": rating})
        rows.append({"feedback_id": f"{who}:text", "customer_id": who, "text": words})
    coded = code_feedback(pd.DataFrame(rows).assign(language="en"), book)
    plain, taught = (score_feedback(coded, ratings=each) for each in (False, True))
    spoken = taught["text"].notna()
    assert (taught["sentiment"] - plain["sentiment"])[spoken].abs().max() < 0.15


def test_few_ratings_no_ratings_and_ratings_of_the_whole_teach_no_touchpoints(book) -> None:
    frame = study(400)
    assert not learn_from_ratings(frame[frame["customer_id"] < "c0020"], book).ready
    assert not learn_from_ratings(frame[["feedback_id", "customer_id", "text"]], book).heard
    whole = frame.assign(touchpoint=None)
    assert not learn_from_ratings(whole, book).heard
    assert not learn_from_ratings(frame.iloc[:0], book).heard


def test_a_score_beside_a_comment_teaches_how_it_is_meant(book) -> None:
    """The most frequent survey of all: one number and one comment."""
    rng = np.random.default_rng(8)
    strange = [("a mellish quaddle", 1), ("quite grungled", -1), ("some wexing snark", -1), ("plimsy vorns", 1)]
    plain = [("very good, thank you", 1), ("terrible, never again", -1), ("I love it", 1), ("too slow and rude", -1)]
    said = (strange + plain) * 40
    rows = [
        {"feedback_id": f"f{k}", "customer_id": f"c{k}", "text": words, "rating": float(rng.choice([0.5, 1.0]) * sign)}
        for k, (words, sign) in enumerate(said)
    ]
    taught = score_feedback(code_feedback(pd.DataFrame(rows).assign(language="en"), book))
    found = taught[taught["text"].notna()].groupby("text")["sentiment"].mean()
    assert found["plimsy vorns"] > 0.3
    assert found["quite grungled"] < -0.3


def test_what_was_heard_can_be_looked_at(book) -> None:
    shares = learn_from_ratings(study(), book).table()
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert shares.loc["negative", ["-1.0", "-0.5"]].sum() > 0.6
    assert shares.loc["positive", ["0.5", "1.0"]].sum() > 0.6
    assert learn_from_ratings(study(20), book).table().empty


def test_people_and_ratings_go_together(book) -> None:
    frame = study()
    coded = code_feedback(frame, book)
    spoken = coded[coded["text"].notna()]
    human = (
        spoken.groupby("text").head(8)[["unit_id", "text", "start", "end"]].assign(touchpoint="returns", coder="ann")
    )
    both = code_feedback(frame, book, human=human)
    won = both.set_index("unit_id").loc[human["unit_id"]]
    assert set(won["coder"]) == {"human"}
    assert about(both).rated_clauses >= 400
    assert about(both).human == len(human)


def test_texts_read_in_parts_are_read_beside_their_own_ratings(book, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = study(200)
    whole = code_feedback(frame, book)
    monkeypatch.setattr("cjmlab.feedback.coding._TOGETHER", 7)
    pd.testing.assert_frame_equal(pd.DataFrame(code_feedback(frame, book)), pd.DataFrame(whole))


def test_names_that_no_encoding_knows_are_somebody_too() -> None:
    assert part_of("c\ud800") in (0, 1, 2)


def test_a_coder_of_ones_own_hears_no_ratings(book) -> None:
    class Own:
        name = "own"

        def find(self, text: str, language: str) -> list:
            return []

    assert about(code_feedback(study(150), book, coder=Own())).rated_clauses == 0
