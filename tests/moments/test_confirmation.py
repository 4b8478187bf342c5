"""Expectation met or not, and where it is hard: planted surfaces and planted difficulty are found again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import CjmError
from cjmlab.journeys import derive_journeys
from cjmlab.moments import response_surface, stage_difficulty

BLANK = dict.fromkeys(["text", "start", "end", "lane", "negative", "neutral", "positive"])


def row(who: str, point: str, value: float, asks: str = "experience", stage: str = "buy") -> dict[str, object]:
    return {**BLANK, "unit_id": f"{who}{point}{asks}", "feedback_id": f"{who}{point}{asks}", "customer_id": who, "touchpoint": point,
            "stage": stage, "coder": "asked", "asks": asks, "rating": value, "sentiment": value, "scale": "1-5", "scorer": "rating"}  # fmt: skip


def asked(n: int, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(seed)
    P, E = np.clip(rng.normal(0.1, 0.45, (2, n)), -1, 1)
    ids = [f"c{i:04d}" for i in range(n)]
    rows = [row(who, "till", p) for who, p in zip(ids, P, strict=True)]
    rows += [row(who, "till", e, "expectation") for who, e in zip(ids, E, strict=True)]
    return pd.DataFrame(rows), pd.Series(6 + 2 * P + 0.5 * E - 1.5 * (P - E) ** 2 + rng.normal(size=n), ids)


def test_a_planted_surface() -> None:
    rows, outcome = asked(1500)
    found = response_surface(derive_journeys(rows), outcome).set_index("term")
    truth = {"experience": 2.0, "expectation": 0.5, "experience²": -1.5, "expectation²": -1.5, "experience × expectation": 3.0,
             "agreement_slope": 2.5, "agreement_curve": 0.0, "disagreement_slope": 1.5, "disagreement_curve": -6.0}  # fmt: skip
    inside = [found.loc[name, "low"] <= value <= found.loc[name, "high"] for name, value in truth.items()]
    assert sum(inside) >= 8
    assert found.loc["disagreement_curve", "high"] < 0
    assert found["n"].eq(1500).all()


def test_too_few_for_a_surface() -> None:
    rows, outcome = asked(299)
    with pytest.raises(CjmError, match="299 customers gave an expectation"):
        response_surface(derive_journeys(rows), outcome)


def test_the_stage_that_is_hard_goes_with_the_outcome() -> None:
    rng = np.random.default_rng(1)
    ids = [f"c{i:03d}" for i in range(200)]
    bad = {"till": rng.random(200) < 0.5, "parcel": rng.random(200) < 0.2}
    stages = {"till": "buy", "parcel": "deliver"}
    rows = [
        row(who, point, -0.5 if bad[point][i] else 0.5, stage=stages[point])
        for point in bad
        for i, who in enumerate(ids)
    ]
    outcome = pd.Series(8 - 3.0 * bad["till"] + rng.normal(size=200), ids)
    found = stage_difficulty(derive_journeys(pd.DataFrame(rows)), outcome).set_index("stage")
    assert list(found.index) == ["buy", "deliver"]
    assert found.loc["buy", "difficulty"] == pytest.approx(bad["till"].mean())
    assert found.loc["buy", "high"] < -0.5
    assert found.loc["deliver", "low"] < 0 < found.loc["deliver", "high"]
    assert stage_difficulty(derive_journeys(pd.DataFrame(rows)), outcome.head(20))["correlation"].isna().all()
