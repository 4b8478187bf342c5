"""The thread of a text: unclear clauses go on with what stands beside them, clear ones speak for themselves."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cjmlab.feedback import CombinedCoder
from cjmlab.feedback.threads import follow_threads
from cjmlab.vocabulary import codebook, stage_model, touchpoints

MODEL = stage_model("hema7")


def by_enumeration(chances: np.ndarray, stay: np.ndarray) -> np.ndarray:
    """The same chances of one text, summed over every way of coding it."""
    count, codes = chances.shape
    found = np.zeros_like(chances)
    for path in np.ndindex(*[codes] * count):
        weight = chances[0, path[0]]
        for place in range(1, count):
            same = stay[place] if path[place] == path[place - 1] else 0.0
            weight *= (same + (1 - stay[place]) / codes) * chances[place, path[place]]
        for place in range(count):
            found[place, path[place]] += weight
    return found / found.sum(axis=1, keepdims=True)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(0, 2**32 - 1))
def test_chances_are_those_of_all_ways_of_coding(lengths: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    total = sum(lengths)
    chances, stay = rng.dirichlet(np.ones(3), total), rng.uniform(0, 0.95, total)
    found = follow_threads(chances, lengths, stay)
    starts = np.cumsum(lengths) - lengths
    for start, length in zip(starts, lengths, strict=True):
        rows = slice(start, start + length)
        np.testing.assert_allclose(found[rows], by_enumeration(chances[rows], stay[rows]), rtol=1e-9)


def test_no_text_and_a_text_without_clauses() -> None:
    assert follow_threads(np.zeros((0, 3)), [], np.zeros(0)).shape == (0, 3)
    alone = np.array([[0.2, 0.8]])
    np.testing.assert_allclose(follow_threads(alone, [0, 1, 0], np.full(1, 0.5)), alone)


def test_a_clause_that_says_little_goes_on_with_the_thread() -> None:
    coder = CombinedCoder(codebook(touchpoints(None, MODEL), MODEL))
    found = coder.find("The wish list in the app vanished when I changed phones. Two years of it. Gone.", "en")
    assert {code for finding in found for code, _ in finding.touchpoints} == {"shopping_list"}


def test_a_text_is_coded_alike_alone_and_among_others() -> None:
    coder = CombinedCoder(codebook(touchpoints(None, MODEL), MODEL))
    texts = [
        "The courier was late. Again. But paying was easy.",
        "Nobody answered the phone",
        "",
        "Points gone, and the café was cold",
    ]
    assert coder.find_all(texts, "en") == [coder.find(text, "en") for text in texts]
