"""Charts over many waves: printed values, how soon a shift shows, and how seldom chance does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cjmlab as cjm
from cjmlab.errors import CjmError, TableError

# Montgomery, Introduction to Statistical Quality Control: cans of orange juice, 30 samples of 50; and thirty values, of
# which the last ten are shifted by one standard deviation.
CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
VALUES = [9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40, 10.08, 9.37, 10.62,
          10.31, 8.52, 10.84, 10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52]  # fmt: skip


def test_p_chart_of_orange_juice_cans() -> None:
    chart = cjm.p_chart(pd.DataFrame({"hits": CANS, "n": 50}), overdispersed=False)
    assert chart[["center", "low", "high"]].iloc[0].tolist() == pytest.approx([0.2313, 0.0524, 0.4102], abs=5e-5)
    assert chart.loc[chart["signal"], "wave"].tolist() == ["15", "23"]
    calm = cjm.p_chart(pd.DataFrame({"hits": [10] * 9 + [11], "n": 50}))
    np.testing.assert_allclose(
        calm[["low", "high"]], cjm.p_chart(calm.assign(hits=[10] * 9 + [11]), overdispersed=False)[["low", "high"]]
    )


def test_ewma_limits() -> None:
    waves = pd.DataFrame({"mean": VALUES, "sd": 1.0, "n": 1})
    chart = cjm.ewma_chart(waves, weight=0.1, limit=2.7, target=10.0)
    assert chart[["low", "high"]].iloc[0].tolist() == pytest.approx([9.73, 10.27], abs=0.005)
    assert chart[["low", "high"]].iloc[1].tolist() == pytest.approx([9.64, 10.36], abs=0.005)
    assert chart[["low", "high"]].iloc[-1].tolist() == pytest.approx([9.38, 10.62], abs=0.005)
    assert chart.loc[chart["signal"], "wave"].astype(int).min() > 20


def test_a_small_lasting_shift_shows_sooner_than_on_a_chart_of_single_waves() -> None:
    rng = np.random.default_rng(0)
    waits, alarms = {"ewma": [], "single": []}, {"ewma": 0, "single": 0}
    for _ in range(300):
        shift = np.r_[np.zeros(20), np.full(20, -0.3)]
        means = shift + rng.normal(0, 1 / np.sqrt(60), 40)
        waves = pd.DataFrame({"mean": means, "sd": 1.0, "n": 60})
        signals = {"ewma": cjm.ewma_chart(waves, target=0.0)["signal"].to_numpy(),
                   "single": np.abs(means) > 3 / np.sqrt(60)}  # fmt: skip
        for name, signal in signals.items():
            alarms[name] += int(signal[:20].sum())
            waits[name].append(int(np.argmax(signal[20:])) + 1)
    assert np.mean(waits["ewma"]) < 3.4 < np.mean(waits["single"])
    assert alarms["ewma"] / 6000 < 0.01


def test_waves_of_a_study_that_gets_worse() -> None:
    rng = np.random.default_rng(1)
    rows = []
    for wave in range(1, 13):
        for point in ("delivery", "returns"):
            mean = -0.1 if wave >= 9 and point == "delivery" else 0.3
            said = np.clip(np.round(2 * rng.normal(mean, 0.4, 60)) / 2, -1, 1)
            rows.append(pd.DataFrame({"customer_id": [f"{wave}-{i}" for i in range(60)], "stage": "use",
                                      "touchpoint": point, "wave": f"2026-{wave:02d}", "rating": said}))  # fmt: skip
    journeys = cjm.derive_journeys(pd.concat(rows, ignore_index=True))
    found = cjm.watch_waves(journeys)
    first = found[found["signal"]].groupby("touchpoint")["wave"].min()
    assert list(first.index) == ["delivery"]
    assert first["delivery"] in ("2026-09", "2026-10")
    one = cjm.watch_waves(journeys, touchpoint="returns")
    assert set(one["touchpoint"]) == {"returns"}
    assert not one["signal"].any()


def test_few_waves_and_odd_plans_are_one_sentence() -> None:
    with pytest.raises(TableError, match="3 waves are too few for a chart"):
        cjm.p_chart(pd.DataFrame({"hits": [1, 2, 3], "n": 9}))
    with pytest.raises(TableError, match="0 waves are too few"):
        cjm.watch_waves(
            cjm.derive_journeys(
                pd.DataFrame({"customer_id": ["a"], "stage": "use", "touchpoint": "app", "rating": [0.5]})
            )
        )
    with pytest.raises(CjmError, match="two answers a wave"):
        cjm.plan_nps([1])


def test_the_plan_of_an_nps() -> None:
    plan = cjm.plan_nps([100, 250, 500, 1000, 2000])
    assert plan["margin"].tolist() == pytest.approx([17, 10.7, 7.6, 5.4, 3.8], abs=0.06)
    assert plan["detectable"].tolist() == pytest.approx([34, 22, 15, 11, 7.7], abs=0.5)
    assert cjm.plan_nps([100], design=4.0)["margin"].iloc[0] == pytest.approx(2 * plan["margin"].iloc[0])
