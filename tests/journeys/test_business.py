"""Purchases, channels, retention, key figures and help: each against numbers worked out by hand, or planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from frames_journeys import PLACES, log, rating, words

from cjmlab.errors import TableError, VocabularyError
from cjmlab.journeys import (
    channel_value,
    class_moments,
    compare_brands,
    count_facets,
    derive_journeys,
    find_bottlenecks,
    later_experience,
    measure_kpis,
    retention_curve,
    score_distribution,
    split_purchases,
)  # fmt: skip
from cjmlab.journeys.intervals import share_difference, wilson


def shop() -> pd.DataFrame:
    """Journeys of five customers; a buys three times, b twice, c once, d and e never."""
    paths = {"a": ["search", "payment", "payment", "payment"], "b": ["social_ad", "payment", "payment"],
             "c": ["search", "payment"], "d": ["search"], "e": ["social_ad"]}  # fmt: skip
    events = log(paths, hours=24.0)
    events["money"] = np.where(events["touchpoint"].eq("payment"), 10.0, np.nan)
    events.loc[events["event_id"].eq("a-3"), "money"] = 40.0
    events["channel"] = events["touchpoint"].map({"search": "web", "social_ad": "social", "payment": "store"})
    events.loc[events["event_id"].eq("a-1"), "channel"] = "app"
    rows = pd.DataFrame([rating(who, "search", 0.5) for who in "abcde"])
    return derive_journeys(rows, events=events)


def test_first_and_repeated_purchases_add_up() -> None:
    found = split_purchases(shop()).set_index("kind")
    assert found["purchases"].to_dict() == {"primary": 3, "repeat": 3, "all": 6}
    assert found["value"].to_dict() == {"primary": 30.0, "repeat": 60.0, "all": 90.0}
    assert found["share"].round(3).to_dict() == {"primary": 0.333, "repeat": 0.667, "all": 1.0}
    assert found["per_customer"].to_dict() == {"primary": 10.0, "repeat": 20.0, "all": 30.0}
    assert found.loc["repeat", "customers"] == 2


def test_a_channel_without_a_detectable_lift_is_waste_when_it_costs() -> None:
    found = channel_value(shop(), {"web": 30.0}).set_index("channel")
    assert found.loc["web", ["customers", "conversions"]].tolist() == [3, 2]
    assert found.loc["web", ["lift", "lift_low", "lift_high"]].tolist() == pytest.approx(share_difference(2, 3, 1, 2))
    assert found.loc["web", "value"] == 70.0
    assert found.loc["web", "return_on_spend"] == pytest.approx(70 / 30)
    assert found["verdict"].to_dict() == {"app": "no detectable lift", "social": "no detectable lift", "store": "lift",
                                          "web": "waste"}  # fmt: skip


def test_a_channel_that_sells_is_no_waste() -> None:
    paths = {f"w{i:02d}": ["search", "payment"] if i % 10 < 8 else ["search"] for i in range(60)}
    paths |= {f"s{i:02d}": ["social_ad", "payment"] if i % 10 < 3 else ["social_ad"] for i in range(60)}
    events = log(paths)
    events["channel"] = events["touchpoint"].map({"search": "web", "social_ad": "social"})
    journeys = derive_journeys(pd.DataFrame([rating("w00", "search", 0.5)]), events=events)
    found = channel_value(journeys, {"web": 100.0, "social": 100.0}, stage="buy").set_index("channel")
    assert found["verdict"].to_dict() == {"social": "waste", "web": "lift"}
    assert found.loc["web", "lift"] == pytest.approx(0.5)


def test_retention_by_hand() -> None:
    """Two leave after a day, one after two; two are still heard of in the last days."""
    paths = {"a": ["search", "payment"], "b": ["search", "payment"], "c": ["search", "checkout", "payment"],
             "d": ["search"] * 12, "e": ["search"] * 12}  # fmt: skip
    journeys = derive_journeys(pd.DataFrame([rating("a", "search", 0.5)]), events=log(paths, hours=24.0))
    found = retention_curve(journeys, silent=pd.Timedelta(days=3))
    assert found[["day", "at_risk", "left"]].to_numpy().tolist() == [[1, 5, 2], [2, 3, 1]]
    assert found["retained"].round(6).tolist() == [0.6, 0.4]
    spread = np.exp(1.959964 * np.sqrt(2 / (5 * 3)) / np.log(0.6))  # Greenwood: 2 of 5 left
    assert found[["low", "high"]].iloc[0].tolist() == pytest.approx(
        sorted([0.6**spread, 0.6 ** (1 / spread)]), abs=1e-5
    )
    assert retention_curve(derive_journeys(pd.DataFrame([rating("a", "search", 0.5)]))).empty


def test_key_figures_by_hand() -> None:
    found = measure_kpis(shop(), benchmarks={"conversion": 0.35}).set_index("kpi")
    assert found.loc["conversion", ["value", "low", "high"]].tolist() == pytest.approx([0.6, *wilson(3, 5)])
    assert found.loc["repeat", ["n", "of"]].tolist() == [2, 3]
    assert found.loc["online", ["n", "of"]].tolist() == [1, 6]
    assert found.loc["value", "value"] == pytest.approx(18.0)
    assert found["against"].to_dict() == {"conversion": "not distinguishable", "repeat": "", "online": "", "value": ""}


def test_facets_add_up_to_all_events() -> None:
    found = count_facets(shop(), by="touchpoint")
    totals = found[found["touchpoint"].eq("payment")].groupby("facet")["n"].sum()
    assert totals.to_dict() == {"how": 6, "part of day": 6, "weekday": 6, "where": 6}
    where = found[found["facet"].eq("where") & found["touchpoint"].eq("payment")].set_index("value")["n"]
    assert where.to_dict() == {"app": 1, "store": 5}
    assert found.loc[found["facet"].eq("how"), "value"].eq("not recorded").all()
    with pytest.raises(TableError, match="'place' cannot be counted by"):
        count_facets(shop(), by="place")


def test_a_stage_that_people_love_or_hate_is_seen_behind_its_mean() -> None:
    rng = np.random.default_rng(0)
    rows = [rating(f"c{i:03d}", "checkout", float(rng.choice([-1.0, 1.0]))) for i in range(100)]
    rows += [rating(f"c{i:03d}", "delivery", float(rng.choice([-0.5, 0.0, 0.5]))) for i in range(100)]
    found = score_distribution(derive_journeys(pd.DataFrame(rows))).set_index("stage")
    assert found["polarised"].to_dict() == {"buy": True, "deliver": False}
    np.testing.assert_allclose(found[["very low", "low", "middle", "high", "very high"]].sum(axis=1), 1.0)
    assert found.loc["buy", ["q10", "q90"]].tolist() == [-1.0, 1.0]


def test_brands_attribute_by_attribute() -> None:
    rows = []
    for i in range(12):
        rows.append(words(f"a{i}", "delivery", 0.5 + 0.05 * (i % 2), "They came early", number=i))
        rows.append(words(f"b{i}", "delivery", -0.5 - 0.05 * (i % 2), "Rivalex came two days late", number=i))
        rows.append(words(f"c{i}", "checkout", -0.4 - 0.05 * (i % 2), "Paying took ages", number=i))
        rows.append(words(f"d{i}", "checkout", 0.4 + 0.05 * (i % 2), "at rivalex paying is quick", number=i))
        rows.append(words(f"e{i}", "checkout", 0.9, "Rivalex is quicker than Ours", number=i))
        rows.append(words(f"f{i}", "search", 0.2, "Rivalexia is a town", number=i))
    found = compare_brands(derive_journeys(pd.DataFrame(rows)), {"Ours": [], "Rivalex": ["RX"]}, own="Ours")
    table = found.set_index(["attribute", "brand"])
    assert table.loc[("delivery", "Rivalex"), "verdict"] == "advantage"
    assert table.loc[("delivery", "Rivalex"), "difference"] == pytest.approx(1.05)
    assert table.loc[("checkout", "Rivalex"), "verdict"] == "disadvantage"
    assert table.loc[("checkout", "Rivalex"), "customers"] == 12
    assert ("search", "Rivalex") not in table.index
    with pytest.raises(TableError, match="'Mine' is not among the brands"):
        compare_brands(derive_journeys(pd.DataFrame(rows)), {"Ours": []}, own="Mine")


@pytest.mark.parametrize("effect", [0.0, 0.4])
def test_what_follows_from_help(effect: float) -> None:
    rng, rows, paths = np.random.default_rng(3), [], {}
    for i in range(300):
        who, helped = f"c{i:03d}", i % 2 == 0
        paths[who] = ["search", "checkout", "delivery"] if helped else ["checkout", "delivery"]
        for point, mean in (("checkout", 0.2), ("delivery", -0.3)):
            rows.append(rating(who, point, float(np.clip(mean + effect * helped + 0.3 * rng.normal(), -1, 1))))
    journeys = derive_journeys(pd.DataFrame(rows), events=log(paths))
    found = later_experience(journeys, "search").iloc[0]
    assert found["low"] < effect < found["high"]
    assert (found["low"] > 0) == (effect > 0)
    assert "does not show" in found["wording"]
    with pytest.raises(VocabularyError, match="'serch' is not a touchpoint"):
        later_experience(journeys, "serch")


def test_a_planted_bottleneck_is_first() -> None:
    """Between buying and delivery two days pass, and a third is lost there; elsewhere it is an hour and nobody."""
    events = []
    for i in range(60):
        start = pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(days=i)
        hours = {"search": 0, "checkout": 1, "delivery": 49, "returns": 50}
        for point, hour in hours.items():
            if not (i % 3 == 0 and hour > 1):
                events.append(
                    (f"{i}-{point}", f"c{i:02d}", start + pd.Timedelta(hours=hour), point, point, PLACES[point])
                )
    table = pd.DataFrame(events, columns=["event_id", "customer_id", "time", "event", "touchpoint", "stage"])
    found = find_bottlenecks(derive_journeys(pd.DataFrame([rating("c00", "search", 0.5)]), events=table))
    first = found.iloc[0]
    assert (first["stage"], first["rank"], first["hours"]) == ("buy", 1, 48.0)
    assert first["drop_off"] == pytest.approx(1 / 3, abs=0.02)
    assert found["time_share"].sum() == pytest.approx(1.0)
    assert first["time_share"] > 0.9


def test_moments_against_expectation_by_hand() -> None:
    """Experience and expectation: below neutral, as expected, and better than expected."""
    lived = {"a": (-0.5, 0.0), "b": (0.5, 0.5), "c": (1.0, 0.5), "d": (0.0, 0.5), "e": (0.5, 0.0)}
    rows = [rating(who, "checkout", score) for who, (score, _) in lived.items()]
    rows += [rating(who, "checkout", expected, number=1, asks="expectation") for who, (_, expected) in lived.items()]
    found = class_moments(derive_journeys(pd.DataFrame(rows))).iloc[0]
    assert found[["problem", "worth_it", "beyond"]].tolist() == pytest.approx([0.4, 0.2, 0.4])
    assert class_moments(derive_journeys(pd.DataFrame(rows[:5]))).empty
