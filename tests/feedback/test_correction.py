"""What people's codes add: nothing at a high price, everything at a low one, the same in every order."""

import numpy as np
import pytest

from cjmlab.feedback.correction import Correction, fit_correction, mean_correction, read_coded, softmax

SAID = [
    "the wagon was late",
    "the wagon was early",
    "a song in the shop",
    "loud songs",
    "фургон опоздал",
    "песни громкие",
]
LANGUAGES = ["en"] * 4 + ["ru"] * 2
LABELS = np.array([0, 0, 1, 1, 0, 1])


@pytest.fixture
def offset() -> np.ndarray:
    return np.log(np.full((6, 3), 1 / 3))


def chances(correction: Correction, text: str, language: str) -> np.ndarray:
    return softmax(np.log(np.full((1, 3), 1 / 3)) + correction.log_odds([text], language))[0]


def test_a_low_price_learns_the_codes_and_a_high_one_keeps_the_coder(offset: np.ndarray) -> None:
    coded = read_coded(SAID, LANGUAGES, offset, LABELS)
    cheap, dear = fit_correction(coded, 0.01), fit_correction(coded, 1e6)
    for text, language, label in zip(SAID, LANGUAGES, LABELS, strict=True):
        assert chances(cheap, text, language).argmax() == label
    assert np.abs(dear.log_odds(["zzxqv"], "en")[:, :2] - dear.bias[:2]).max() < 1e-3
    assert chances(cheap, "the wagon again", "en")[0] > 0.5


def test_the_slope_is_that_of_the_loss(offset: np.ndarray) -> None:
    """A fitted correction leaves no direction that would be cheaper: expected and given codes agree up to the penalty."""
    coded = read_coded(SAID, LANGUAGES, offset, LABELS)
    penalty = 0.5
    found = fit_correction(coded, penalty)
    added = np.vstack([found.log_odds([text], language) for text, language in zip(SAID, LANGUAGES, strict=True)])
    given = np.eye(3)[LABELS]
    np.testing.assert_allclose((softmax(offset + added) - given).sum(axis=0) + found.bias, 0, atol=0.02)


def test_texts_that_tell_nothing_and_languages_nobody_coded(offset: np.ndarray) -> None:
    found = fit_correction(read_coded(SAID[:4], LANGUAGES[:4], offset[:4], LABELS[:4]), 0.1)
    assert found.log_odds([], "en").shape == (0, 3)
    assert np.isfinite(found.log_odds(["", "!!!"], "en")).all()
    assert np.isfinite(found.log_odds(["快递晚了"], "zh")).all()


def test_the_mean_of_corrections_says_what_they_say_on_the_mean(offset: np.ndarray) -> None:
    coded = read_coded(SAID, LANGUAGES, offset, LABELS)
    one, other = fit_correction(coded, 0.1), fit_correction(coded, 3.0)
    mean = mean_correction([one, other])
    for text, language in (("the wagon again", "en"), ("песни", "ru"), ("快递晚了", "zh")):
        both = [each.log_odds([text], language) for each in (one, other)]
        np.testing.assert_allclose(mean.log_odds([text], language), np.mean(both, axis=0), atol=1e-3)
