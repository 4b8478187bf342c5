"""The default coder: prior and keywords together."""

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import CjmError
from cjmlab.feedback import CombinedCoder, KeywordCoder, code_feedback
from cjmlab.feedback.priors.touchpoint_prior import load_prior, shipped_prior
from cjmlab.feedback.priors.word_vectors import word_vectors
from cjmlab.vocabulary import Codebook, codebook, list_touchpoints, stage_model, touchpoints

MODEL = stage_model("hema7")


def book_of(*ids: object, own: list[dict] | None = None) -> Codebook:
    return codebook(touchpoints(list(ids) or None, MODEL), MODEL, own)


def codes(text: str, book: Codebook, language: str = "en") -> list[str]:
    found = CombinedCoder(book).find(text, language)
    return [code for finding in found for code, _ in finding.touchpoints]


@pytest.mark.parametrize("language", ["en", "zh", "ru"])
def test_the_prior_knows_every_shipped_touchpoint_and_none(language: str) -> None:
    assert set(shipped_prior(language).classes) == {*list_touchpoints(), "none"}


@pytest.mark.parametrize(
    ("text", "language", "touchpoint"),
    [
        ("the man rang the bell and left it with my neighbour", "en", "delivery"),
        ("принёс на этаж и ещё дождался, пока проверю", "ru", "delivery"),
        ("人还没到家门口，东西已经放下了", "zh", "delivery"),
    ],
)
def test_what_no_keyword_names_is_heard(text: str, language: str, touchpoint: str) -> None:
    book = book_of("delivery", "payment", "cart", "showroom", "loyalty_program")
    assert touchpoint in codes(text, book, language)


def test_a_study_s_own_touchpoint_is_found_by_its_own_words() -> None:
    own = {"id": "dome", "stage": "buy", "label": "Geodesic dome"}
    book = book_of(own, "delivery", "payment", own=[{"id": "dome", "keywords": {"en": ["driver", "igloo", "tent"]}}])
    assert codes("the driver came three hours late", book) == ["dome"]
    assert codes("the parcel came three hours late", book) == ["delivery"]


def test_an_edit_of_the_codebook_is_seen() -> None:
    said = "the driver came three hours late"
    assert codes(said, book_of("delivery", "cart")) == ["delivery"]
    added = book_of("delivery", "cart", own=[{"id": "cart", "keywords": {"en": ["driver"]}}])
    assert codes(said, added) == ["cart"]
    barred = book_of("delivery", "cart", own=[{"id": "delivery", "keywords": {"en": ["!driver"]}}])
    assert "delivery" not in codes(said, barred)


def test_the_prior_speaks_only_of_the_touchpoints_of_the_study() -> None:
    found = codes("my points had expired the day before my birthday", book_of("delivery", "payment"))
    assert set(found) <= {"delivery", "payment"}


def test_confidence_is_a_chance_and_the_coder_is_named() -> None:
    frame = pd.DataFrame({"feedback_id": ["a", "b"], "customer_id": "c", "text": ["Courier was late", "Hm, well then"]})
    coded = code_feedback(frame, book_of())
    assert coded.coder.dropna().unique().tolist() == ["codebook+prior"]
    assert coded.confidence.dropna().between(0, 1).all()
    assert coded.touchpoint.isna().tolist() == [False, True]


def test_texts_read_together_are_coded_as_each_alone() -> None:
    coder = CombinedCoder(book_of())
    texts = [
        "The app crashed and the courier was rude",
        "queue at the till far too long",
        "it came broken, but they paid",
    ]
    together = coder.find_all(texts * 30, "en")
    assert together == [coder.find(text, "en") for text in texts] * 30


def test_traditional_script_is_coded_alike() -> None:
    book = book_of()
    for simple, traditional in [("配送员把包裹放在门口", "配送員把包裹放在門口"), ("结账排队太久", "結帳排隊太久")]:
        assert codes(simple, book, "zh") == codes(traditional, book, "zh")


def test_keywords_alone_remain_at_hand() -> None:
    frame = pd.DataFrame({"feedback_id": ["a"], "customer_id": "c", "text": ["The courier was late"]})
    book = book_of()
    assert code_feedback(frame, book, coder=KeywordCoder(book)).coder.tolist() == ["keyword"]


def test_broken_weights_are_said(tmp_path) -> None:
    path = tmp_path / "en.npz"
    np.savez_compressed(path, language=np.array("en"))
    with pytest.raises(CjmError, match=r"the weights cannot be read \(KeyError\)"):
        load_prior(path, word_vectors("en"))
