"""Words that no list has carry what other languages know of them; a negator turns them; Chinese in both scripts."""

import numpy as np

from cjmlab.feedback.scorers.features import Reading
from cjmlab.feedback.scorers.word_values import COLUMNS, UNIT, WordValues, short_hashes, word_values


def balance(language: str, texts: list[str]) -> list[float]:
    values = word_values(language)
    assert values is not None
    return values.read(Reading(texts))[:, COLUMNS.index("worth balance")].tolist()


def test_praise_is_worth_more_than_blame() -> None:
    for language, praise, blame in (("ru", "замечательный", "ужасный"), ("zh", "非常满意", "非常失望")):
        high, low = balance(language, [praise, blame])
        assert high > 0 > low


def test_a_negator_turns_a_russian_word() -> None:
    plain, turned = balance("ru", ["замечательный", "не замечательный"])
    assert plain > 0 > turned


def test_both_scripts_are_worth_the_same() -> None:
    assert np.allclose(*(balance("zh", [text]) for text in ("态度恶劣,质量优秀", "態度惡劣,質量優秀")))


def test_english_has_none() -> None:
    assert word_values("en") is None


def test_features_by_hand_in_any_batch() -> None:
    hashes = short_hashes(["хвала", "хула"])
    order = np.argsort(hashes)
    values = WordValues(hashes[order], np.array([UNIT * 2, -UNIT], np.int8)[order], ())
    alone, together = values.read(Reading(["хвала хула"])), values.read(Reading(["иное", "хвала хула", ""]))
    assert alone[0].tolist() == together[1].tolist()
    assert alone[0].round(3).tolist() == [0.5, 0.333, round(1 / 7**0.5, 3), round(1 / 6, 3)]
    assert together[[0, 2]].tolist() == [[0, 0, 0, 0], [0, 0, 0, 0]]
