"""What ratings say of words: learned from the study, nothing where they have nothing to do with each other."""

import numpy as np
import pytest

from cjmlab.feedback.rating_evidence import hear_ratings
from cjmlab.feedback.ratings_beside import SKIPPED, UNKNOWN, RatingsBeside

POINTS = ("cart", "delivery", "returns")


def world(linked: bool, n: int = 600) -> tuple[np.ndarray, np.ndarray, RatingsBeside, np.ndarray, np.ndarray]:
    """Return clauses that are half sure of their touchpoint and polarity, with ratings that follow what they are truly about."""
    rng = np.random.default_rng(5)
    about, meant = rng.integers(0, 3, n), rng.choice([0, 2], n)
    points = np.full((n, 4), 0.2)
    points[np.arange(n), about] = 0.4
    polarity = np.full((n, 3), 0.25)
    polarity[np.arange(n), meant] = 0.5
    levels = rng.integers(0, 5, (n, 3))
    levels[rng.random((n, 3)) < 0.4] = SKIPPED
    if linked:
        levels[np.arange(n), about] = np.where(meant == 0, rng.integers(0, 2, n), rng.integers(3, 5, n))
    beside = RatingsBeside(POINTS, levels.astype(np.int8), np.full(n, UNKNOWN, np.int8), np.arange(n).astype(str))
    return points, polarity, beside, about, meant


def test_ratings_tell_what_clauses_are_about_and_how_they_are_meant() -> None:
    points, polarity, beside, about, meant = world(linked=True)
    told = hear_ratings(points, polarity, beside)
    assert told.borne_out
    right = told.points[np.arange(len(about)), about]
    assert right.mean() > 0.55  # 0.4 by the words, and half of the touchpoints are rated by chance alike
    assert (told.polarity.argmax(axis=1) == meant).mean() > 0.95
    negative, _, positive = told.evidence.at_touchpoint
    assert negative[:2].sum() > 0.8
    assert positive[3:5].sum() > 0.8
    rated, skipped = told.evidence.skipping().T
    assert (rated > 1).all()
    assert (skipped < 0.5).all()


def test_ratings_that_have_nothing_to_do_with_words_say_nothing() -> None:
    points, polarity, beside, about, _ = world(linked=False)
    told = hear_ratings(points, polarity, beside)
    assert not told.borne_out
    assert told.points[np.arange(len(about)), about].mean() == pytest.approx(0.4, abs=0.05)


def test_where_nothing_was_rated_words_stand_as_they_are() -> None:
    points, polarity, beside, *_ = world(linked=True, n=50)
    silent = RatingsBeside(POINTS, np.full_like(beside.levels, UNKNOWN), beside.overall, beside.speakers)
    told = hear_ratings(points, polarity, silent)
    np.testing.assert_allclose(told.points, points)
    np.testing.assert_allclose(told.polarity, polarity)
    assert told.likelihood == pytest.approx(0.0)


def test_a_rating_of_the_whole_tells_how_words_are_meant() -> None:
    points, polarity, beside, _, meant = world(linked=False)
    whole = np.where(meant == 0, 0, 4).astype(np.int8)
    told = hear_ratings(points, polarity, RatingsBeside(POINTS, beside.levels, whole, beside.speakers))
    assert (told.polarity.argmax(axis=1) == meant).mean() > 0.95


def test_better_ratings_never_speak_for_blame() -> None:
    """Where the words are read the wrong way round, ratings rather say nothing than agree."""
    points, polarity, beside, *_ = world(linked=True)
    found = hear_ratings(points, polarity[:, ::-1], beside).evidence
    usual = np.bincount(beside.levels.ravel(), minlength=5)[:5]
    negative, _, positive = found.at_touchpoint[:, :5] / usual
    assert (np.diff(negative / negative.mean()) < 0.05).all()
    assert (np.diff(positive / positive.mean()) > -0.05).all()


def test_what_ratings_tell_of_whole_groups_can_be_taken_out() -> None:
    _, polarity, beside, about, _ = world(linked=False)
    low = np.where(about == 0, 0, 4)[:, None].repeat(3, axis=1).astype(np.int8)
    known = np.eye(4)[about]
    there = RatingsBeside(POINTS, low, beside.overall, beside.speakers)
    told = hear_ratings(known, polarity, there, groups=about)
    for group in range(3):
        means = [each[about == group].mean(axis=0) for each in (told.polarity, polarity)]
        np.testing.assert_allclose(*means, atol=1e-3)
    assert abs(told.likelihood.mean()) < 0.01


def test_leaving_out_what_nearly_everybody_rates_speaks_for_nothing() -> None:
    points, polarity, beside, *_ = world(linked=True)
    levels = beside.levels.copy()
    levels[:, 0] = np.where(levels[:, 0] == SKIPPED, 2, levels[:, 0])
    levels[:3, 0] = SKIPPED
    there = RatingsBeside(POINTS, levels, beside.overall, beside.speakers)
    told = hear_ratings(points, polarity, there)
    assert (told.evidence.skipping()[:, 1] <= 1).all()
    at, _ = told.evidence.factors(there)
    assert (at[:3, 0] <= 1).all()
