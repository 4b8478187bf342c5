"""The default scorer: stable, calibrated in form, script-blind, and right on clear cases."""

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import CjmError
from cjmlab.feedback import LinearScorer, Scorer, default_scorer, score_feedback
from cjmlab.feedback.scorers.linear import load_model, shipped_model
from cjmlab.feedback.scoring import CLEAR as FROM_HERE_A_PAIN

CLEAR = {
    "en": (["I love this shop, everything was perfect", "Fast and friendly, thank you!"],
           ["Terrible service, never again", "The parcel arrived broken and nobody helped"]),
    "zh": (["服务很好，非常满意", "物流很快，包装完好，推荐"], ["质量太差，很失望", "客服态度恶劣，再也不来了"]),
    "ru": (["Отличный сервис, всё понравилось", "Быстро и вежливо, спасибо"], ["Ужасное качество, не рекомендую", "Обманули и нахамили"]),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh", "ru"])
def test_clear_praise_and_blame(language: str) -> None:
    praise, blame = CLEAR[language]
    scored = default_scorer().score(praise + blame)
    assert (np.sign(scored.sentiment) == [1, 1, -1, -1]).all()


@pytest.mark.parametrize(
    ("plain", "turned"),
    [
        ("I had a problem", "I had no problem"), ("有问题", "没有问题"),
        ("很麻烦", "一点不麻烦"), ("Были проблемы", "Не было никаких проблем"), ("Еда плохая", "Еда неплохая"),
    ],
)  # fmt: skip
def test_negation_of_blame_moves_the_score_up(plain: str, turned: str) -> None:
    low, high = default_scorer().score([plain, turned]).sentiment
    assert high > low + 0.3


def test_the_table_keeps_index_and_probabilities_add_up() -> None:
    texts = pd.Series(["Good", None, "плохо", "一般"], index=["d", "b", "a", "c"])
    scored = LinearScorer().score(texts)
    assert scored.index.equals(texts.index)
    known = scored.dropna(subset=["sentiment"])
    assert np.allclose(known[["negative", "neutral", "positive"]].sum(axis=1), 1)
    assert np.allclose(known.sentiment, known.positive - known.negative)
    assert np.allclose(known.confidence, known[["negative", "neutral", "positive"]].max(axis=1))
    assert isinstance(LinearScorer(), Scorer)


def test_order_batch_and_neighbours_change_nothing() -> None:
    texts = [f"{word} {k} times" for k in range(700) for word in ("good", "bad", "slow but fine")]
    scored = default_scorer().score(texts)
    backwards = default_scorer().score(texts[::-1]).iloc[::-1].reset_index(drop=True)
    alone = default_scorer().score([texts[5]])
    pd.testing.assert_frame_equal(scored, backwards, check_exact=False, rtol=1e-12)
    assert np.isclose(alone.sentiment.iloc[0], scored.sentiment.iloc[5], rtol=1e-12)


def test_traditional_script_reads_as_simplified() -> None:
    opencc = pytest.importorskip("opencc")
    texts = [
        "这里的面条很干净，里面的服务员都很热情",
        "后来发现头发干了，着实失望",
        "配送员态度恶劣，什么都不管",
        "划算，下次还来",
        "系统老是闪退",
    ]
    for way in ("s2t", "s2tw", "s2hk"):
        turned = [opencc.OpenCC(way).convert(text) for text in texts]
        pd.testing.assert_frame_equal(default_scorer().score(texts), default_scorer().score(turned))


def test_traditional_script_changes_no_label_of_many_clauses() -> None:
    opencc = pytest.importorskip("opencc")
    lines = (files("cjmlab.feedback") / "training" / "written" / "zh.txt").read_text("utf-8").splitlines()
    texts = [line.partition("\t")[2] for line in lines if "\t" in line]
    labels = [
        default_scorer().score(said, "zh")[["negative", "neutral", "positive"]].to_numpy(float).argmax(axis=1)
        for said in (texts, [opencc.OpenCC("s2twp").convert(text) for text in texts])
    ]
    assert len(texts) > 700
    assert (labels[0] != labels[1]).mean() < 0.01


HAPPENINGS = {
    "en": (["nobody called me back", "the courier was two hours late", "I had to call three times", "the app crashed twice"],
           ["I ordered on Monday", "we ordered on a Friday"]),
    "zh": (["两小时没人接", "快递晚了两个小时", "应用闪退两次", "盒子压坏了"], ["周一下的订单", "周五去的"]),
    "ru": (["никто не перезвонил", "курьер опоздал на два часа", "ждал сорок минут", "приложение дважды вылетело"],
           ["заказал в среду", "заказывали во вторник"]),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh", "ru"])
def test_what_happened_is_read_without_a_word_of_praise_or_blame(language: str) -> None:
    complaints, facts = HAPPENINGS[language]
    scorer = LinearScorer(clauses=True)
    assert (scorer.score(complaints, language).sentiment < -FROM_HERE_A_PAIN).all()
    assert (scorer.score(facts, language)[["negative", "positive"]].max(axis=1) < 0.5).all()


def test_clauses_of_feedback_are_read_by_their_own_model() -> None:
    said = "Nobody came to the door for twenty minutes"
    coded = pd.DataFrame({"feedback_id": ["f"], "customer_id": ["c"], "unit_id": ["f#0"], "text": [said], "start": [0],
                          "end": [len(said)], "lane": [None], "coder": ["keyword"]})  # fmt: skip
    text, clause = (LinearScorer(clauses=clauses).score([said]).sentiment.iloc[0] for clauses in (False, True))
    assert clause < min(text, -0.2)
    assert np.isclose(score_feedback(coded).sentiment.iloc[0], clause)
    assert LinearScorer(clauses=True).version != LinearScorer().version  # a cache keeps them apart


def test_empty_input_gives_an_empty_table_with_all_columns() -> None:
    scored = default_scorer().score([])
    assert scored.empty
    assert list(scored.columns) == ["negative", "neutral", "positive", "sentiment", "confidence", "scorer"]


def test_hostile_letters_do_not_break_it() -> None:
    odd = [
        "a\x00b good",
        "\ud800 bad",
        "good\nbad\u2028ugly",
        "ﷺ" * 50,
        "x" * 20000,
        "好" * 5000,
        "'''",
        "İstanbul good",
    ]
    assert len(default_scorer().score(odd)) == len(odd)


def test_weights_are_small_arrays_without_pickle(tmp_path) -> None:
    for language in ("en", "zh", "ru"):
        assert shipped_model(language).weights.dtype == np.int8
    bad = tmp_path / "bad.npz"
    bad.write_bytes(b"not a zip")
    with pytest.raises(CjmError, match=r"bad\.npz: the weights cannot be read .* Install cjmlab again"):
        load_model(bad)


def test_each_model_takes_a_megabyte_at_most() -> None:
    room = files("cjmlab.feedback")
    for language in ("en", "zh", "ru"):
        weights = room / "scorers" / "weights"
        parts = [weights / f"{language}.npz", weights / f"{language}_clauses.npz"]
        parts.append(room / "data" / "lexicon" / f"{language}_values.npz")
        assert sum(len(part.read_bytes()) for part in parts if part.is_file()) <= 1_000_000
