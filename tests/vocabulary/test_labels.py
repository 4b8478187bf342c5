"""Labels fall back and say so; touchpoints and codes are complete in four languages."""

from __future__ import annotations

import pytest

from cjmlab.errors import VocabularyError
from cjmlab.vocabulary import LANGUAGES, Label, codebook, language_code, stage_model, touchpoints


def test_the_fallback_is_said() -> None:
    label = Label.of({"zh_TW": "購買", "en": "Purchase"})
    assert label.text("zh-Hans") == "購買"
    assert label.language_shown("zh-Hans") == "zh-Hant"
    assert (label.text("ru"), label.language_shown("ru")) == ("Purchase", "en")


@pytest.mark.parametrize("value", [None, "", "  ", {}, {"en": " "}])
def test_a_label_without_text_is_refused(value: object) -> None:
    with pytest.raises(VocabularyError, match="at least one text"):
        Label.of(value)


def test_unknown_language() -> None:
    with pytest.raises(VocabularyError, match="'xx' is not a known language"):
        language_code("xx")


def test_shipped_touchpoints_and_codes_speak_four_languages() -> None:
    model = stage_model("sales5")
    points = touchpoints(None, model)
    for point in points:
        assert set(point.label.texts) == set(LANGUAGES), point.id
    book = codebook(points, model)
    assert {code.id for code in book.of_kind("touchpoint")} == {point.id for point in points}


def test_an_own_code_adds_its_words() -> None:
    model = stage_model("lv3")
    book = codebook(touchpoints(["delivery"], model), model, [{"id": "delivery", "keywords": {"ru": ["экспедитор"]}}])
    code = book.of_kind("touchpoint")[0]
    assert "экспедитор" in code.keywords["ru"]
    with pytest.raises(VocabularyError, match="speaks of the touchpoint 'delivry'"):
        codebook(touchpoints(["delivery"], model), model, [{"id": "delivry"}])
