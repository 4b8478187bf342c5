"""Paths, types, loops, coherence, channels, deals, triggers, rates: each against a hand count or a planted truth."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from frames_journeys import log, rating, survey, words

from cjmlab.errors import VocabularyError
from cjmlab.journeys import derive_journeys
from cjmlab.journeys.channels import digital_share, fragmentation, hand_offs
from cjmlab.journeys.coherence import coherence
from cjmlab.journeys.deals import blocked_intent, hollow_success
from cjmlab.journeys.expectation import broken_promises, measure_delays
from cjmlab.journeys.funnels import funnel
from cjmlab.journeys.loops import measure_loops, measure_repeats
from cjmlab.journeys.order import kemeny, place_mentions, stage_order
from cjmlab.journeys.paths import tell_as_events, trace_paths, transitions
from cjmlab.journeys.rates import archetype, count_cues, five_a_rates, resolution_times
from cjmlab.journeys.representatives import edit_distance, represent_paths
from cjmlab.journeys.scores import score_journeys
from cjmlab.journeys.splitting import split_journeys
from cjmlab.journeys.triggers import measure_triggers
from cjmlab.journeys.types import journey_types

PATHS = {"a": ["social_ad", "checkout", "delivery"], "b": ["social_ad", "checkout"], "c": ["social_ad"],
         "d": ["checkout", "social_ad"]}  # fmt: skip


def test_funnel_in_both_bases_by_hand() -> None:
    steps = ["social_ad", "checkout", "delivery"]
    table = funnel(log(PATHS), steps, level="touchpoint")
    assert table["customers"].tolist() == [4, 2, 1]
    assert table["of_first"].tolist() == [1.0, 0.5, 0.25]
    assert table["of_previous"].tolist() == [1.0, 0.5, 0.5]
    assert table["median"].tolist()[1:] == [3600.0, 3600.0]
    unordered = funnel(log(PATHS), steps, level="touchpoint", ordered=False)
    assert unordered["customers"].tolist() == [4, 3, 1]
    with pytest.raises(
        VocabularyError, match=r"'chekout' is not a touchpoint of these events\. Did you mean 'checkout'"
    ):
        funnel(log(PATHS), ["chekout"], level="touchpoint")


def test_variants_and_transitions_by_hand() -> None:
    paths = trace_paths(log({**PATHS, "e": ["social_ad"]}))
    assert paths.iloc[0][["path", "n"]].tolist() == [("social_ad",), 2]
    assert paths["coverage"].iloc[-1] == pytest.approx(1.0)
    moves = transitions(log(PATHS), level="touchpoint").set_index(["from", "to"])
    assert moves.loc[("social_ad", "checkout"), ["n", "share"]].tolist() == [2, 0.5]
    stages = transitions(log({"a": ["checkout", "payment", "delivery"]}), level="stage").set_index(["from", "to"])
    assert stages.loc[("buy", "deliver"), "n"] == 1  # two touchpoints of one stage are one stay


def test_interviews_are_paths_in_the_order_of_telling() -> None:
    rows = pd.DataFrame([words("a", "checkout", 0, "then I paid", number=1, document="a.txt", document_start=50.0),
                         words("a", "social_ad", 0, "I saw an ad", document="a.txt", document_start=10.0),
                         words("a", "social_ad", 0, "the ad was nice", number=2, document="a.txt", document_start=20.0)])  # fmt: skip
    assert tell_as_events(rows)["touchpoint"].tolist() == ["social_ad", "checkout"]
    assert trace_paths(rows)["path"].tolist() == [("social_ad", "checkout")]


def test_edit_distance_by_hand_and_representatives() -> None:
    assert edit_distance("kitten", "sitting") == pytest.approx(3 / 7)
    assert edit_distance("", "ab") == 1.0
    assert edit_distance(["a"] * 70, ["a"] * 69) == pytest.approx(1 / 70)
    found = represent_paths(
        trace_paths(log({f"{k}{i}": path for k, path in PATHS.items() for i in range(5)}), top=None)
    )
    assert found["coverage"].iloc[-1] >= 0.8
    assert found["customers"].sum() <= 20
    assert found["distance"].between(0, 0.4).all()


def test_kemeny_is_exact_and_its_search_agrees() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        wins = rng.integers(0, 9, (6, 6)).astype(float)
        import itertools

        def agreement(order: tuple[int, ...] | list[int], wins: np.ndarray = wins) -> float:
            return sum(wins[a, b] for i, a in enumerate(order) for b in order[i + 1 :])

        best = max(agreement(order) for order in itertools.permutations(range(6)))
        assert agreement(kemeny(wins, range(6))) == pytest.approx(best)
    big = np.triu(np.ones((12, 12)), 1)
    assert kemeny(big, list(range(12))[::-1]) == list(range(12))


def test_stage_order_recovers_the_order_and_says_how_sure() -> None:
    rng = np.random.default_rng(1)
    rows = [(f"n{i}", f"s{s}", s + rng.normal(0, 0.7)) for i in range(15) for s in range(6) if rng.random() < 0.8]
    told = pd.DataFrame(rows, columns=["customer_id", "stage", "place"])
    found = stage_order(told)
    assert found["stage"].tolist() == [f"s{i}" for i in range(6)]
    assert found["certainty"].between(0.4, 1).all()
    shuffled = stage_order(told.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(found, shuffled)
    assert stage_order(told.head(0)).empty


def chains(seed: int, kinds: int, n: int) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    P = rng.dirichlet(np.full(5, 0.3), (kinds, 5))
    kind, rows = rng.integers(0, kinds, n), []
    for i in range(n):
        here = 0
        for t in range(9):
            rows.append((f"c{i:04d}", pd.Timestamp("2026-01-01") + pd.Timedelta(hours=t), f"t{here}"))
            here = rng.choice(5, p=P[kind[i], here])
    return pd.DataFrame(rows, columns=["customer_id", "time", "touchpoint"]), kind


def test_journey_types_are_found_and_one_type_is_an_answer() -> None:
    from sklearn.metrics import adjusted_rand_score

    events, kind = chains(3, 3, 500)
    found = journey_types(events, level="touchpoint")
    assert found["type"].max() == 3
    assert adjusted_rand_score(kind, found["type"]) > 0.6
    pd.testing.assert_frame_equal(
        pd.DataFrame(found), pd.DataFrame(journey_types(events.sample(frac=1, random_state=1), level="touchpoint"))
    )
    shares = found.about.transitions.groupby(["type", "from"])["share"].sum()
    assert shares.between(0.9, 1.0001).all()
    events, _ = chains(4, 1, 300)
    assert journey_types(events, level="touchpoint").about.verdict.startswith("One kind of journey: 300")


def test_loops_after_bad_and_good_experience() -> None:
    rng = np.random.default_rng(0)
    rows, paths = [], {}
    for i in range(600):
        bad = i % 2 == 0
        back = rng.random() < (0.6 if bad else 0.15)
        paths[f"c{i}"] = ["social_ad", "checkout", "delivery", *(["social_ad"] if back else [])]
        rows.append(rating(f"c{i}", "delivery", -0.5 if bad else 0.5))
    found = measure_loops(derive_journeys(pd.DataFrame(rows), events=log(paths)), pairs=[("deliver", "aware")]).iloc[0]
    assert found["bad_low"] < 0.6 < found["bad_high"]
    assert found["good_low"] < 0.15 < found["good_high"]
    assert found["low"] < 4 < found["high"]
    assert found["low"] > 1


def test_repeats_split_same_and_other() -> None:
    rows = [rating(f"c{i}", "delivery", 0.5) for i in range(10)]
    events = log({f"c{i}": ["checkout"] * (2 if i < 6 else 1) for i in range(10)}, money=10.0)
    events["item"] = [
        "tea" if i % 2 == 0 else ("tea" if who < "c3" else "jam") for i, who in enumerate(events["customer_id"])
    ]
    found = measure_repeats(derive_journeys(pd.DataFrame(rows), events=events)).iloc[0]
    assert (found["customers"], found["again"], found["share"]) == (10, 6, 0.6)
    assert found["same"] + found["other"] == pytest.approx(0.6)


def test_the_broken_stage_is_the_least_coherent() -> None:
    rng = np.random.default_rng(0)
    paths = {}
    for i in range(120):
        path = ["social_ad", "search", "checkout", "delivery", "returns"]
        if rng.random() < 0.5:
            path.insert(3, "search")  # back from buying to preparing
            path.insert(4, "checkout")
        paths[f"c{i}"] = path
    named = survey(30)
    assert coherence(derive_journeys(named[0], named[1], events=log(paths))).empty  # nobody of the segments acts
    scored = pd.DataFrame([rating(who, "checkout", 0.5) for who in paths])
    table = coherence(derive_journeys(scored, events=log(paths)))
    assert table.set_index("rank").loc[1, "stage"] == "buy"
    worst = table.set_index("stage").loc["buy"]
    assert worst["back"] == pytest.approx(1 - worst["coherence"])
    assert (table["low"] <= table["coherence"]).all()


def test_splitting_by_what_happens_not_by_silence() -> None:
    stages, rows, truth = ["see", "buy", "use"], [], []
    rng = np.random.default_rng(0)
    for i in range(60):
        time = pd.Timestamp("2026-01-01")
        for journey in range(1, 3):
            for stage in stages:
                rows.append((f"c{i:02d}", time, stage))
                truth.append(journey)
                time += pd.Timedelta(
                    days=30 if stage == "buy" and rng.random() < 0.3 else 1
                )  # a long wait for delivery
    events = pd.DataFrame(rows, columns=["customer_id", "time", "stage"])
    assert split_journeys(events, stages)["journey"].tolist() == truth
    silences = events.groupby("customer_id")["time"].diff() > pd.Timedelta(days=5)
    assert silences.sum() > 0  # a time-out of five days would have cut journeys in two


def test_hand_offs_recover_a_planted_cost() -> None:
    rng = np.random.default_rng(1)
    rows, events = [], []
    for i in range(500):
        channel = ["app", "store"][rng.integers(2)]
        for t, point in enumerate(["social_ad", "checkout", "delivery"]):
            following = channel if rng.random() < 0.5 else ["app", "store"][rng.integers(2)]
            cost = -0.4 if t and following != channel else 0.0
            rows.append(rating(f"c{i}", point, float(np.clip(0.2 + cost + rng.normal(0, 0.2), -1, 1))))
            events.append((f"e{i}-{t}", f"c{i}", pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(hours=t), point, point,
                           rows[-1]["stage"], following))  # fmt: skip
            channel = following
    log_ = pd.DataFrame(events, columns=["event_id", "customer_id", "time", "event", "touchpoint", "stage", "channel"])
    found = hand_offs(derive_journeys(pd.DataFrame(rows), events=log_)).set_index("measure").loc["experience"]
    assert found["low"] < -0.4 < found["high"]
    assert found["high"] < 0


def test_digital_share_and_fragmentation_by_hand() -> None:
    rows = [rating("a", "checkout", 0.5), rating("a", "checkout", 0.5, number=1), rating("b", "payment", 0.5)]
    events = log({"a": ["checkout", "payment"], "b": ["checkout"]}).assign(channel=["app", "store", "app"])
    journeys = derive_journeys(pd.DataFrame(rows), events=events)
    share = digital_share(journeys).iloc[0]
    assert (share["touchpoints"], share["digital"], share["visits"]) == (2, 0.5, 3)
    found = fragmentation(journeys).iloc[0]
    assert (found["channels"], found["switch_share"], found["asked_twice"]) == (1.5, 1.0, 0.5)


def test_blocked_intent_in_words_and_events() -> None:
    rows = [
        words(f"c{i}", "checkout", -0.6, f"it was sold out, {i}", cues="blocked_intent|blocked_stock") for i in range(5)
    ]
    rows += [words(f"d{i}", "checkout", 0.6, f"all went well, {i}", cues="delight") for i in range(5)]
    paths = {
        **{f"d{i}": ["social_ad", "checkout", "payment"] for i in range(5)},
        **{f"x{i}": ["social_ad", "checkout"] for i in range(3)},
    }
    events = log(paths)
    events["money"] = np.where(events["touchpoint"].eq("payment"), 9.0, np.nan)
    events = pd.concat([events, log({"z": ["social_ad"]}).assign(time=pd.Timestamp("2026-03-01", tz="UTC"))])
    found = blocked_intent(derive_journeys(pd.DataFrame(rows), events=events)).set_index("customer")
    assert found.loc[found["told"], "reason"].tolist() == ["stock"] * 5
    assert sorted(found.index[found["seen"]]) == ["x0", "x1", "x2"]
    assert found.loc["x0", "reason"] == "other"


def test_hollow_success_comes_back_less() -> None:
    rows = [rating(f"c{i:02d}", "checkout", -0.5 if i < 20 else 0.5) for i in range(40)]
    paths = {f"c{i:02d}": ["checkout"] * (1 if i < 20 and i % 4 else 2) for i in range(40)}
    found = hollow_success(derive_journeys(pd.DataFrame(rows), events=log(paths, money=5.0))).set_index("negative")
    assert found["customers"].tolist() == [20, 20]
    assert found.loc[True, "share"] == 0.25
    assert found.loc[True, "difference"] == -0.75
    assert found.loc[True, "difference_high"] < 0


def test_triggers_by_kind_against_the_same_point_without_one() -> None:
    rows, scored = [], []
    rng = np.random.default_rng(0)
    for i in range(400):
        who, start = f"c{i:03d}", pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(hours=int(rng.integers(0, 500)))
        reminded = i % 2 == 0
        rows.append((who, start, "checkout", "deal", 10.0))
        if reminded:
            rows.append((who, start + pd.Timedelta(days=10), "reminder", "trigger", np.nan))
        if rng.random() < (0.6 if reminded else 0.2):
            rows.append((who, start + pd.Timedelta(days=10 + 2 * rng.random()), "checkout", "deal", 10.0))
        scored.append({**rating(who, "checkout", 0.3), "stage": "deal"})
    rows.append(("late", pd.Timestamp("2026-06-01", tz="UTC"), "checkout", "deal", 10.0))
    events = pd.DataFrame(rows, columns=["customer_id", "time", "touchpoint", "stage", "money"])
    events = events.assign(event_id=[str(i) for i in range(len(events))], event=events["touchpoint"])
    journeys = derive_journeys(pd.DataFrame(scored), events=events, stage_model="ru_loop")
    found = measure_triggers(journeys, window=pd.Timedelta(days=3)).set_index("kind").loc["instrumental"]
    assert found["triggers"] == 200
    assert found["difference_low"] < 0.4 < found["difference_high"]
    assert 0 < found["interval"] < 3
    assert "does not show that the trigger did it" in found["wording"]


def test_five_a_rates_and_archetypes() -> None:
    paths = {
        f"c{i:02d}": ["social_ad", *(["checkout"] if i < 10 else []), *(["returns"] if i < 5 else [])]
        for i in range(20)
    }
    scored = pd.DataFrame([{**rating(who, "checkout", 0.3), "stage": "act"} for who in paths])
    five = {"social_ad": "aware", "checkout": "act", "returns": "advocate"}
    events = log(paths).assign(stage=lambda t: t["touchpoint"].map(five))
    found = five_a_rates(derive_journeys(scored, events=events, stage_model="fiveA")).iloc[0]
    assert (found["par"], found["bar"]) == (0.5, 0.25)
    counts = {"aware": 9, "appeal": 5, "ask": 4, "act": 3, "advocate": 6}
    assert archetype(counts) == "trumpet"
    assert archetype({**counts, "advocate": 1, "act": 5}) == "door knob"


def test_resolution_against_a_golden_time_by_hand() -> None:
    rows = [
        ("a", 0, "ask"),
        ("a", 5, "done"),
        ("b", 0, "ask"),
        ("b", 50, "done"),
        ("c", 0, "ask"),
        ("d", 60, "ask"),
        ("e", 70, "x"),
    ]
    events = pd.DataFrame(rows, columns=["customer_id", "hour", "event"])
    events["time"] = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(events["hour"], unit="h")
    found = resolution_times(events, "ask", "done", golden=pd.Timedelta(hours=24)).iloc[0]
    assert found[["cases", "in_time", "unsolved", "too_young"]].tolist() == [3, 1, 1, 1]
    assert (round(found["low"], 3), round(found["high"], 3)) == (0.061, 0.792)  # Wilson, 1 of 3


def test_cues_are_counted_by_customers() -> None:
    rows = [words("a", "checkout", -0.5, "so many clicks", cues="effort"), words("a", "checkout", -0.5, "clicks again", number=1, cues="effort"),
            words("b", "checkout", 0.5, "fine", cues=None)]  # fmt: skip
    found = count_cues(derive_journeys(pd.DataFrame(rows))).iloc[0]
    assert found[["cue", "n", "speakers", "share"]].tolist() == ["effort", 1, 2, 0.5]
    assert len(found["unit_ids"]) == 2


def test_three_journey_scores_by_hand() -> None:
    rows = [rating("a", "social_ad", 0.0), rating("a", "checkout", -1.0), rating("a", "delivery", 0.5)]
    journeys = derive_journeys(pd.DataFrame(rows))
    found = score_journeys(journeys, by="customer").iloc[0]
    assert found[["worst", "end", "peak"]].tolist() == [-1.0, 0.5, -1.0]
    assert found["mean"] == pytest.approx(-1 / 6)
    assert found["peak_end"] == pytest.approx(-0.25)
    assert score_journeys(journeys).iloc[0]["customers"] == 1


def test_words_of_time_move_an_utterance() -> None:
    texts = [
        "I paid at the till",
        "Before that I had searched for a recipe",
        "then the courier came",
        "最开始是看到广告",
    ]
    told = pd.DataFrame({"customer_id": "a", "text": texts, "start": 0.0, "document_start": [100.0, 200.0, 300.0, 400.0],
                         "stage": ["buy", "prepare", "deliver", "aware"]})  # fmt: skip
    assert told.assign(place=place_mentions(told)).sort_values("place")["stage"].tolist() == [
        "aware",
        "prepare",
        "buy",
        "deliver",
    ]
    assert stage_order(told)["stage"].tolist() == ["aware", "prepare", "buy", "deliver"]


def test_broken_promises_and_delays() -> None:
    rows = [words("a", "delivery", -0.8, "they promised noon", cues="broken_promise"), words("b", "delivery", 0.8, "came on time"),
            words("c", "delivery", 0.0, "I expected it at noon", cues="expectation", lane="expectation"),
            rating("c", "delivery", -0.5)]  # fmt: skip
    found = broken_promises(derive_journeys(pd.DataFrame(rows))).iloc[0]
    assert found[["expecting", "broken", "speakers"]].tolist() == [1, 2, 3]
    log_ = pd.DataFrame(
        {
            "customer_id": list("abcd"),
            "promised": "2026-01-02",
            "time": ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"],
        }
    )
    found = measure_delays(log_, scores=pd.Series({"a": 0.5, "b": 0.7, "c": -0.4})).set_index("kept")
    assert found["deliveries"].to_dict() == {False: 2, True: 2}
    assert found.loc[True, "experience"] == pytest.approx(0.6)
    assert found.loc[False, ["delay", "customers"]].tolist() == [36.0, 1]
