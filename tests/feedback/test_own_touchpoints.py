"""Touchpoints of a study's own: read from name, words and example sentences."""

import numpy as np
import pandas as pd
import pytest

import cjmlab as cjm
from cjmlab.feedback.priors.own_touchpoints import extend_prior
from cjmlab.feedback.priors.touchpoint_prior import shipped_prior
from cjmlab.vocabulary import codebook, stage_model, touchpoints

MODEL = stage_model("hema7")
SAID = {
    "en": (
        ["Lambing weekend", "held a newborn lamb", "children watched the ewe give birth", "bottle-fed the orphan lamb at dawn"],
        "our daughter fed a lamb from the bottle",
        "the card machine refused my card",
    ),
    "zh": (
        ["观星营", "半夜起来看流星", "老师教我们认星座", "望远镜里看到土星环", "露营看银河"],
        "孩子第一次在望远镜里看到星座",
        "快递员把包裹扔在门口",
    ),
    "ru": (
        ["Стрижка овец", "держали ягнёнка на руках", "дети смотрели, как стригут овцу", "кормили ягнят из бутылки"],
        "дочка кормила ягнёнка из бутылочки",
        "курьер опоздал на два часа",
    ),
}  # fmt: skip


def first(prior, text: str) -> str:
    return prior.classes[int(prior.logits([text])[0].argmax())]


@pytest.mark.parametrize("language", list(SAID))
def test_what_sounds_like_the_examples_is_found_and_nothing_else_moves(language: str) -> None:
    texts, alike, other = SAID[language]
    shipped = shipped_prior(language)
    known = extend_prior(shipped, {"own": texts})
    assert known.classes == (*shipped.classes, "own")
    assert first(shipped, alike) != "own" == first(known, alike)
    assert first(known, other) == first(shipped, other)
    np.testing.assert_allclose(known.logits([other])[:, :-1], shipped.logits([other]), atol=1e-3)


def test_touchpoints_without_texts_and_in_any_number() -> None:
    shipped = shipped_prior("en")
    assert extend_prior(shipped, {}) is shipped
    assert extend_prior(shipped, {"silent": []}).classes == shipped.classes
    both = extend_prior(shipped, {"lambs": SAID["en"][0], "empty words": ["", "zzxqv"]})
    assert both.classes[-2:] == ("lambs", "empty words")
    assert first(both, SAID["en"][1]) == "lambs"


def test_examples_of_a_study_teach_the_coder() -> None:
    own = {"id": "lambs", "stage": "buy", "label": {"en": "Lambing weekend"}}
    points = touchpoints([own, "delivery", "payment"], MODEL)
    text = pd.DataFrame(
        {
            "feedback_id": ["1"],
            "customer_id": ["a"],
            "asks": ["open"],
            "language": ["en"],
            "text": ["The kids bottle-fed an orphan at dawn"],
        }
    )
    bare = codebook(points, MODEL, [{"id": "lambs", "keywords": {"en": ["~barn"]}}])
    taught = codebook(
        points, MODEL, [{"id": "lambs", "keywords": {"en": ["~barn"]}, "examples": {"en": SAID["en"][0]}}]
    )
    assert "lambs" not in cjm.code_feedback(text, bare)["touchpoint"].tolist()
    assert cjm.code_feedback(text, taught)["touchpoint"].tolist() == ["lambs"]
