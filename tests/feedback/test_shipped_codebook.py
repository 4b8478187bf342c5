"""The shipped codebook: complete, in every language, and each example codes to its own code."""

import pandas as pd
import pytest

from cjmlab.feedback import KeywordCoder, code_feedback
from cjmlab.vocabulary import Codebook, codebook, list_touchpoints, stage_model, touchpoints


@pytest.fixture(scope="module")
def book() -> Codebook:
    model = stage_model("lv3")
    return codebook(touchpoints(None, model), model)


def test_every_touchpoint_has_words_in_three_languages(book: Codebook) -> None:
    codes = {code.id: code for code in book.of_kind("touchpoint")}
    assert set(codes) == set(list_touchpoints())
    for code in book:
        assert code.definition is not None
        assert set(code.definition.texts) == {"en", "zh-Hans", "zh-Hant", "ru"}
        assert code.include
        assert code.exclude
        for language in ("en", "zh-Hans", "ru"):
            assert len(code.keywords[language]) >= 4, (code.id, language)
            assert code.examples[language], (code.id, language)


def test_every_example_is_coded_as_its_code(book: Codebook) -> None:
    coder = KeywordCoder(book)
    wrong = []
    for code in book:
        for language, examples in code.examples.items():
            for example in examples:
                short = language[:2]
                if code.kind == "cue":
                    found = coder.cues(example, short)
                else:
                    found = tuple(name for name, _ in coder.touchpoints(example, short))
                if code.id not in found:
                    wrong.append((code.id, language, example, found))
    assert not wrong


def test_traditional_text_is_coded_as_simplified(book: Codebook) -> None:
    opencc = pytest.importorskip("opencc")
    examples = [text for code in book.of_kind("touchpoint") for text in code.examples["zh-Hans"]]
    turned = [opencc.OpenCC("s2tw").convert(text) for text in examples]
    ids = [f"f{k}" for k in range(len(examples))]
    both = [
        code_feedback(pd.DataFrame({"feedback_id": ids, "customer_id": None, "text": texts}), book).touchpoint
        for texts in (examples, turned)
    ]
    pd.testing.assert_series_equal(*both)
