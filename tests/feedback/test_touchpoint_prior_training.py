"""Training the prior: written clauses that can be read, the same bytes twice, word vectors that fit the words."""

import pandas as pd
import pytest

from cjmlab.feedback.priors.touchpoint_prior import load_prior, save_prior, shipped_prior
from cjmlab.feedback.priors.word_vectors import BEGINNING, vector_hash, word_vectors
from cjmlab.feedback.scorers.features import Reading
from cjmlab.feedback.training.spoken_rows import HINTED, read_spoken
from cjmlab.feedback.training.touchpoint_prior import RECIPES, fit_prior
from cjmlab.feedback.training.word_vectors import pieces
from cjmlab.vocabulary import list_touchpoints

LANGUAGES = ["en", "zh", "ru"]


def few(language: str) -> pd.DataFrame:
    rows = read_spoken(language)
    return rows[rows["touchpoint"].isin(["delivery", "payment", "none"])].reset_index(drop=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_written_clauses_speak_of_every_touchpoint(language: str) -> None:
    rows = read_spoken(language)
    assert set(rows["touchpoint"]) == {*list_touchpoints(), "none"}
    assert set(rows["polarity"]) == {"pos", "neu", "neg"}
    assert rows.groupby("clause")["weight"].sum().round(9).eq(1).all()
    assert not rows.drop_duplicates("clause")["text"].duplicated().any()
    assert rows.groupby("touchpoint").size().min() >= 80


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_clauses_give_the_same_bytes_and_read_back_alike(language: str, tmp_path) -> None:
    rows = few(language)
    for name in ("first", "second"):
        save_prior(fit_prior(rows, language, RECIPES[language]), tmp_path / f"{name}.npz")
    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()
    read = load_prior(tmp_path / "first.npz", word_vectors(language))
    texts = rows["text"].head(20).tolist()
    found = read.logits(texts).argmax(axis=1)
    assert [read.classes[k] for k in found] == rows["touchpoint"].head(20).tolist()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_training_are_the_words_that_are_looked_up(language: str) -> None:
    text = read_spoken(language)["text"].iloc[0]
    known = set(word_vectors(language).hashes.tolist())
    long = [word for word in pieces(text, language) if language != "zh" and len(word) >= BEGINNING]
    hashes = {vector_hash(word[:BEGINNING], beginning=True) for word in long}
    assert hashes <= known
    assert word_vectors(language).mean(Reading([text])).any()


def test_a_text_without_known_words_is_read_too() -> None:
    prior = shipped_prior("en")
    assert prior.logits(["", "zzxqv ***"]).shape == (2, len(prior.classes))
    assert prior.logits([]).shape == (0, len(prior.classes))


@pytest.mark.parametrize("language", LANGUAGES)
def test_hinting_clauses_are_other_lines_of_the_same_touchpoints(language: str) -> None:
    hinted, spoken = read_spoken(language, HINTED), read_spoken(language)
    assert set(hinted["touchpoint"]) <= {*list_touchpoints(), "none"}
    assert set(hinted["polarity"]) == {"pos", "neu", "neg"}
    assert not set(hinted["text"]) & set(spoken["text"])
