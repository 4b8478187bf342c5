"""The order of stages from narratives in which stages come up more than once, and mentions are more or less sure."""

from __future__ import annotations

import pandas as pd
import pytest

from cjmlab.journeys import stage_order


def told(mentions: list[tuple[str, str, float]], **columns: object) -> pd.DataFrame:
    return pd.DataFrame(mentions, columns=["customer_id", "stage", "place"]).assign(**columns)


def test_all_mentions_of_a_narrator_count() -> None:
    mentions = [("a", "see", 1), ("a", "see", 2), ("a", "buy", 3), ("a", "buy", 4), ("a", "see", 10)]
    found = stage_order(told(mentions), resamples=0)
    assert found["stage"].tolist() == ["see", "buy"]
    assert found["earlier"].iloc[1] == pytest.approx(4 / 6)  # of six pairs, see stands first in four


def test_a_narrator_weighs_one_however_much_is_said() -> None:
    talkative = [("a", stage, 10 * i + k) for i, stage in enumerate(("buy", "see")) for k in range(9)]
    others = [(who, stage, i) for who in "bc" for i, stage in enumerate(("see", "buy"))]
    assert stage_order(told([*talkative, *others]), resamples=0)["stage"].tolist() == ["see", "buy"]


def test_unsure_mentions_weigh_less() -> None:
    mentions = [(who, stage, i) for who in "ab" for i, stage in enumerate(("see", "buy"))]
    mentions += [(who, stage, i) for who in "cde" for i, stage in enumerate(("buy", "see"))]
    assert stage_order(told(mentions), resamples=0)["stage"].tolist() == ["buy", "see"]
    unsure = [0.9] * 4 + [0.3] * 6
    assert stage_order(told(mentions, confidence=unsure), resamples=0)["stage"].tolist() == ["see", "buy"]
    whole = stage_order(told(mentions, confidence=[None] * 10), resamples=0)
    pd.testing.assert_frame_equal(whole, stage_order(told(mentions), resamples=0))
