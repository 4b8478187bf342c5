"""What an action did: planted effects are recovered, and a change without a control group is not sold as one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cjmlab as cjm
from cjmlab.errors import TableError


def churn(seed: int, effect: float = -0.10, drift: float = 0.05, n: int = 600) -> tuple[pd.DataFrame, list[str]]:
    """Customers who leave or stay in two waves; everybody drifts, the treated half changes by the effect more."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"c{i:04d}" for i in range(n)])
    treated = rng.random(n) < 0.5
    prone = rng.beta(6, 14, n)
    first = rng.random(n) < prone
    second = rng.random(n) < np.clip(prone + drift + effect * treated, 0, 1)
    rows = [pd.DataFrame({"customer_id": ids, "outcome": "churn", "value": part.astype(float), "scale": "0-1", "wave": wave})
            for wave, part in (("2026-Q1", first), ("2026-Q2", second))]  # fmt: skip
    return pd.concat(rows, ignore_index=True), ids[treated].tolist()


def test_ten_points_less_churn_are_recovered() -> None:
    inside, effects = 0, []
    for seed in range(60):
        outcomes, treated = churn(seed)
        found = cjm.evaluate_change(outcomes, treated, since="2026-Q2").set_index("group").loc["effect"]
        effects.append(found["change"])
        inside += found["low"] <= -0.10 <= found["high"]
    assert np.mean(effects) == pytest.approx(-0.10, abs=0.015)
    assert 54 <= inside <= 60


def test_a_row_names_its_customers_and_its_interval() -> None:
    outcomes, treated = churn(1)
    found = cjm.evaluate_change(outcomes, treated, since="2026-Q2")
    effect = found.set_index("group").loc["effect"]
    assert effect["change"] == pytest.approx(found["change"][0] - found["change"][1])
    assert f"{effect['n_before']} customers before, {effect['n_after']} after" in effect["reason"]
    assert "95 %" in effect["reason"]
    shuffled = cjm.evaluate_change(outcomes.sample(frac=1, random_state=0), treated[::-1], since="2026-Q2")
    pd.testing.assert_frame_equal(shuffled, found)
    twice = cjm.evaluate_change(pd.concat([outcomes, outcomes]), treated, since="2026-Q2")
    np.testing.assert_allclose(twice["high"] - twice["low"], found["high"] - found["low"])


def test_other_people_in_the_second_wave_are_no_pairs() -> None:
    outcomes, treated = churn(2)
    later = outcomes["wave"].eq("2026-Q2")
    others = outcomes.assign(customer_id=outcomes["customer_id"].where(~later, "z" + outcomes["customer_id"]))
    found = cjm.evaluate_change(others, [*treated, *("z" + name for name in treated)], since="2026-Q2")
    assert found["both"].tolist() == [0, 0, 0]
    assert found["change"].tolist() == pytest.approx(
        cjm.evaluate_change(outcomes, treated, since="2026-Q2")["change"].tolist()
    )


def test_without_a_control_group_it_takes_a_series() -> None:
    outcomes, _ = churn(3)
    with pytest.raises(TableError, match="without a control group a change cannot be told"):
        cjm.evaluate_change(outcomes, since="2026-Q2")
    rng = np.random.default_rng(0)
    rows = [pd.DataFrame({"customer_id": [f"c{i}" for i in range(80)], "outcome": "spend", "wave": f"w{w:02d}",
                          "value": 10 + 0.2 * w - 3 * (w >= 8) + rng.normal(0, 1, 80)}) for w in range(16)]  # fmt: skip
    found = cjm.evaluate_change(pd.concat(rows), since="w08").iloc[0]
    assert found["group"] == "series"
    assert found["low"] <= -3 <= found["high"] < -2
    assert "anything else that happened then is in it" in found["reason"]


def test_what_cannot_be_evaluated_is_one_sentence() -> None:
    outcomes, treated = churn(4)
    with pytest.raises(TableError, match="there is no wave from '2027'"):
        cjm.evaluate_change(outcomes, treated, since="2027")
    with pytest.raises(TableError, match="the treated group has 3 customers"):
        cjm.evaluate_change(outcomes, treated[:3], since="2026-Q2")
    with pytest.raises(TableError, match="say which outcome"):
        cjm.evaluate_change(pd.concat([outcomes, outcomes.assign(outcome="spend")]), treated, since="2026-Q2")
    with pytest.raises(TableError, match="the column 'wave' is missing"):
        cjm.evaluate_change(outcomes.drop(columns="wave"), treated, since="2026-Q2")
