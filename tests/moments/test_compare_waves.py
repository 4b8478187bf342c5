"""Two waves: a change is found, a mix of segments that moves is not one, and the same customers make it narrower."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import TableError
from cjmlab.journeys import derive_journeys
from cjmlab.moments import compare_waves
from cjmlab.moments.drivers import benjamini_hochberg
from cjmlab.moments.waves import Q_MOST


def rows_of(scores: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Scored rows of waves of customers × touchpoints."""
    parts = [table.rename_axis("customer_id").reset_index().melt("customer_id", var_name="touchpoint",
             value_name="sentiment").assign(wave=wave) for wave, table in scores.items()]  # fmt: skip
    rows = pd.concat(parts, ignore_index=True).dropna(subset=["sentiment"])
    rows["unit_id"] = rows["feedback_id"] = rows["wave"] + rows["customer_id"] + rows["touchpoint"]
    blank = dict.fromkeys(("text", "start", "end", "lane", "coder", "negative", "neutral", "positive"))
    return rows.assign(stage="act", scorer="rating", **blank)


def draw(rng: np.random.Generator, ids: list[str], mean: float = 0.0, points: int = 4) -> pd.DataFrame:
    return pd.DataFrame(np.clip(mean + 0.4 * rng.normal(size=(len(ids), points)), -1, 1), ids,
                        [f"t{i}" for i in range(points)])  # fmt: skip


def test_a_difference_of_two_means_by_hand() -> None:
    first = pd.DataFrame({"t": [0.0, 0.5, 0.5, 1.0, 0.5]}, [f"a{i}" for i in range(5)])
    second = pd.DataFrame({"t": [-0.5, 0.0, 0.0, 0.5, 0.0]}, [f"b{i}" for i in range(5)])
    found = compare_waves(derive_journeys(rows_of({"1": first, "2": second}))).iloc[0]
    assert (found["before"], found["after"], found["change"]) == (0.5, 0.0, -0.5)
    assert found["high"] - found["low"] == pytest.approx(2 * 2.306004 * np.sqrt(2 * 0.125 / 5))  # Welch, 8 degrees
    assert found["verdict"] == "not detectable"  # t = 2.24 at 8 degrees of freedom: p = .056


def test_the_same_customers_make_it_narrower() -> None:
    rng = np.random.default_rng(0)
    person = rng.normal(size=(120, 1)) * 0.4
    ids = [f"c{i:03d}" for i in range(120)]
    first, second = (
        pd.DataFrame(np.clip(person + 0.15 * rng.normal(size=(120, 1)) + up, -1, 1), ids, ["t"]) for up in (0, 0.1)
    )
    paired = compare_waves(derive_journeys(rows_of({"1": first, "2": second}))).iloc[0]
    apart = compare_waves(
        derive_journeys(rows_of({"1": first, "2": second.set_axis([f"d{i}" for i in range(120)])}))
    ).iloc[0]
    assert paired["both"] == 120
    assert apart["both"] == 0
    assert paired["change"] == apart["change"]
    assert paired["high"] - paired["low"] < 0.6 * (apart["high"] - apart["low"])


def test_a_mix_that_moves_is_no_change() -> None:
    rng = np.random.default_rng(1)
    home = {"1": (150, 50), "2": (60, 140)}
    waves, members = {}, {}
    for wave, sizes in home.items():
        parts = []
        for segment, size, mean in zip(("happy", "cross"), sizes, (0.5, -0.4), strict=True):
            ids = [f"{wave}{segment}{i}" for i in range(size)]
            members |= dict.fromkeys(ids, segment)
            parts.append(draw(rng, ids, mean))
        waves[wave] = pd.concat(parts)
    table = pd.DataFrame(members.items(), columns=["customer_id", "segment"])
    found = compare_waves(derive_journeys(rows_of(waves), table))
    assert set(found["segment"]) == {"happy", "cross", "All customers"}
    assert found["verdict"].eq("not detectable").all()
    raw = compare_waves(derive_journeys(rows_of(waves)))
    assert raw["verdict"].eq("worse").all()


def test_chance_alone_changes_nothing_and_few_are_withheld() -> None:
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        waves = {wave: draw(rng, [f"{wave}{i}" for i in range(60)], points=12) for wave in "12"}
        waves["1"].iloc[4:, 0] = np.nan
        table = compare_waves(derive_journeys(rows_of(waves)))
        assert table["verdict"].iloc[0] == "too few"
        assert np.isnan(table["change"].iloc[0])
        found.append(table["verdict"].isin(["better", "worse"]).any())
    assert np.mean(found) <= 0.125


def test_of_all_changes_told_over_many_studies_nineteen_of_twenty_are_true() -> None:
    rng = np.random.default_rng(0)
    for sure in (1, 2, 8):
        chance = [np.r_[np.zeros(sure), rng.random(56 - sure)] for _ in range(4000)]
        told = sum(int((benjamini_hochberg(p) <= Q_MOST).sum()) for p in chance)
        assert sure * len(chance) / told >= 0.945


def test_a_verdict_needs_more_than_a_q_of_five_percent() -> None:
    rng = np.random.default_rng(3)
    found = pd.concat(
        compare_waves(derive_journeys(rows_of({wave: draw(rng, [f"{wave}{i}" for i in range(80)], up, 2)
                                               for wave, up in (("1", 0.0), ("2", 0.14))})))
        for _ in range(30)
    )  # fmt: skip
    told = found["verdict"].isin(["better", "worse"])
    assert told.equals(found["q"] <= Q_MOST)
    assert ((found["q"] > Q_MOST) & (found["q"] <= 0.05)).any()


def test_no_waves_and_an_unknown_one() -> None:
    rng = np.random.default_rng(0)
    journeys = derive_journeys(rows_of({"1": draw(rng, list("abcdef")), "2": draw(rng, list("abcdef"))}))
    with pytest.raises(TableError, match="'3' is not a wave"):
        compare_waves(journeys, "1", "3")
    with pytest.raises(TableError, match="there are 1 waves, and a comparison needs two"):
        compare_waves(derive_journeys(rows_of({"1": draw(rng, list("abcdef"))})))
