"""Tables as people hand them over: odd ids, zones, waves, money, gaps. Every verb answers, or says in a sentence why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from frames_journeys import PLACES, rating, words

import cjmlab as cjm
from cjmlab.errors import CjmError

Tables = dict[str, pd.DataFrame]
STAGES = ["aware", "prepare", "buy", "deliver", "aftersales"]
ABOUT_JOURNEYS: dict[str, Callable[[Any, Any], Any]] = {
    "rank_moments": lambda j, y: cjm.narrate(j, cjm.rank_moments(j, y, resamples=10), language="ru"),
    "suggest_remedies": lambda j, y: cjm.suggest_remedies(cjm.rank_moments(j, resamples=10), j),
    "contest_scores": cjm.contest_scores, "stage_difficulty": cjm.stage_difficulty,
    "simulate_change": lambda j, y: cjm.simulate_change(j, y, {j["touchpoint"].iloc[0]: 0.5}, resamples=10),
    "compare_waves": lambda j, y: cjm.compare_waves(j), "filter": lambda j, y: cjm.filter_journeys(j, dimension="product"),
    "later_experience": lambda j, y: cjm.later_experience(j, j["touchpoint"].iloc[0], resamples=10),
    "hand_offs": lambda j, y: cjm.hand_offs(j, resamples=10),
    "channel_value": lambda j, y: cjm.channel_value(j, {"web": 100.0, "tv": 5.0}),
    "compare_brands": lambda j, y: cjm.compare_brands(j, {"us": [], "them": ["again"]}, own="us"),
    **{name: (lambda j, y, name=name: getattr(cjm, name)(j)) for name in (
        "coherence", "measure_loops", "measure_repeats", "measure_triggers", "fragmentation", "digital_share",
        "blocked_intent", "hollow_success", "broken_promises", "class_moments", "score_journeys", "count_cues",
        "split_purchases", "retention_curve", "measure_kpis", "count_facets", "score_distribution", "ask_questions",
        "five_a_rates", "find_bottlenecks", "evidence", "watch_waves", "measure_effort", "measure_awareness")},
}  # fmt: skip
ABOUT_EVENTS: dict[str, Callable[[Any], Any]] = {
    "trace_paths": cjm.trace_paths, "transitions": cjm.transitions, "funnel": lambda e: cjm.funnel(e, ["buy", "deliver"]),
    "journey_types": lambda e: cjm.journey_types(e, most=2), "split_journeys": lambda e: cjm.split_journeys(e, STAGES),
    "resolution_times": lambda e: cjm.resolution_times(e, "checkout", "delivery", golden=pd.Timedelta(hours=5)),
    "stage_order": cjm.stage_order,
}  # fmt: skip


def study(people: int = 10) -> Tables:
    """A small study with everything in it."""
    rng = np.random.default_rng(0)
    rows, events = [], []
    for i in range(people):
        who, wave = f"c{i}", f"2026-Q{1 + i % 2}"
        rows += [rating(who, point, float(rng.integers(-2, 3)) / 2, wave=wave) for point in PLACES]
        rows.append(words(who, "delivery", -0.6, f"Late again, {i} days", cues="broken_promise|effort", wave=wave))
        rows.append(rating(who, "delivery", 0.5, number=2, asks="expectation", wave=wave))
        start = pd.Timestamp("2026-01-01") + pd.Timedelta(hours=int(rng.integers(0, 1000)))
        for k, point in enumerate(rng.choice(list(PLACES), rng.integers(2, 8))):
            events.append((f"e{i}-{k}", who, start + pd.Timedelta(hours=k), point, point, PLACES[point],
                           ("web", "store")[k % 2], 10.0 if point == "payment" else np.nan, "tea", "phone"))  # fmt: skip
    columns = ["event_id", "customer_id", "time", "event", "touchpoint", "stage", "channel", "money", "item", "tool"]
    ids = [f"c{i}" for i in range(people)]
    outcomes = pd.DataFrame(
        {"customer_id": ids, "outcome": "recommend", "value": np.arange(people) % 11.0, "scale": "0-10"}
    )
    return {"scored": pd.DataFrame(rows), "events": pd.DataFrame(events, columns=columns), "outcomes": outcomes,
            "segments": pd.DataFrame({"customer_id": ids, "segment": ["A", "B"] * (people // 2)})}  # fmt: skip


def everywhere(change: Callable[[str], Any]) -> Callable[[Tables], Tables]:
    return lambda t: {name: table.assign(customer_id=table["customer_id"].map(change)) for name, table in t.items()}


def on(name: str, **columns: Any) -> Callable[[Tables], Tables]:
    return lambda t: {**t, name: t[name].assign(**columns)}


def every(n: int, value: Any, column: str) -> Any:
    return lambda table: table[column].where(np.arange(len(table)) % n != 0, value)


ZONES = {"time": lambda e: [str(t) + ("+08:00", "Z", "")[i % 3] for i, t in enumerate(e["time"])]}
DIRTY: dict[str, Callable[[Tables], Tables]] = {
    "one customer": lambda t: {name: table[table["customer_id"].eq("c0")] for name, table in t.items()},
    "one segment": on("segments", segment="Only"),
    "one touchpoint": lambda t: {**t, **{name: t[name][t[name]["touchpoint"].eq("delivery")] for name in ("scored", "events")}},
    "all answers equal": on("scored", sentiment=0.5, rating=0.5),
    "anonymous": on("scored", customer_id=None),
    "ids as whole numbers": everywhere(lambda who: int(who[1:])),
    "ids as numbers with a point": everywhere(lambda who: float(who[1:])),
    "ids of both kinds": everywhere(lambda who: int(who[1:]) if int(who[1:]) % 2 else who),
    "the same rows twice": lambda t: {**t, "scored": pd.concat([t["scored"]] * 2, ignore_index=True)},
    "the same events twice": lambda t: {**t, "events": pd.concat([t["events"]] * 2, ignore_index=True)},
    "members twice": lambda t: {**t, "segments": pd.concat([t["segments"]] * 2)},
    "zones mixed": on("events", **ZONES),
    "dates in the future": on("events", time=every(7, pd.Timestamp("2199-01-01"), "time")),
    "no times": on("events", time="yesterday"),
    "some without time": on("events", time=every(7, pd.NaT, "time")),
    "negative money": on("events", money=-5.0),
    "money without bounds": on("events", money=np.inf),
    "money in words": on("events", money="12,50 €"),
    "events of nobody": on("events", customer_id=None),
    "events of some": on("events", customer_id=every(3, None, "customer_id")),
    "bare events": lambda t: {**t, "events": t["events"][["customer_id", "time", "event"]]},
    "no events": lambda t: {**t, "events": t["events"].iloc[:0]},
    "waves as numbers": on("scored", wave=lambda s: [1 + i % 2 for i in range(len(s))]),
    "waves as dates": on("scored", wave=lambda s: pd.to_datetime(["2026-01-01", "2026-04-01"] * (len(s) // 2))),
    "segments as numbers": on("segments", segment=lambda s: [1 + i % 2 for i in range(len(s))]),
    "segments as a series": lambda t: {**t, "segments": t["segments"].set_index("customer_id")["segment"]},
    "segments of strangers": on("segments", customer_id=lambda s: "z" + s["customer_id"]),
    "outcomes in words": on("outcomes", value=lambda o: o["value"].astype(str)),
    "outcomes without bounds": on("outcomes", value=np.inf),
    "outcomes missing": on("outcomes", value=np.nan),
    "no outcomes": lambda t: {**t, "outcomes": t["outcomes"].iloc[:0]},
    "no rows": lambda t: {**t, "scored": t["scored"].iloc[:0]},
    "no scores": on("scored", sentiment=np.nan, rating=np.nan),
    "three columns": lambda t: {**t, "scored": t["scored"][["customer_id", "touchpoint", "sentiment"]]},
    "categories": on("events", touchpoint=lambda e: e["touchpoint"].astype("category"),
                     stage=lambda e: e["stage"].astype("category")),
}  # fmt: skip


def answer(verb: Callable[..., Any], *tables: Any) -> Any:
    try:
        return verb(*tables)
    except CjmError:
        return None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dirt", list(DIRTY))
def test_every_verb_answers_or_says_why_not(dirt: str) -> None:
    tables = DIRTY[dirt](study())
    for verb in ABOUT_EVENTS.values():
        answer(verb, tables["events"])
    journeys = answer(
        lambda: cjm.derive_journeys(tables["scored"], tables["segments"], events=tables["events"], resamples=10)
    )
    if journeys is None:
        return
    assert journeys.loc[journeys["n"].gt(0), "experience"].between(-1, 1).all()
    for verb in ABOUT_JOURNEYS.values():
        answer(verb, journeys, tables["outcomes"])


@pytest.mark.parametrize("dirt", ["ids as whole numbers", "ids as numbers with a point", "waves as numbers", "zones mixed",
                                  "segments as a series", "outcomes in words", "categories"])  # fmt: skip
def test_the_make_of_a_column_changes_nothing(dirt: str) -> None:
    clean, dirty = study(), DIRTY[dirt](study())
    before, after = (
        cjm.derive_journeys(t["scored"], t["segments"], events=t["events"], resamples=0) for t in (clean, dirty)
    )
    columns = ["segment", "touchpoint", "n", "experience", "low", "high", "reach"]
    pd.testing.assert_frame_equal(pd.DataFrame(after[columns]), pd.DataFrame(before[columns]))
    moments = [cjm.rank_moments(j, t["outcomes"], resamples=10) for j, t in ((before, clean), (after, dirty))]
    pd.testing.assert_frame_equal(*(pd.DataFrame(m[["segment", "touchpoint", "kind", "n"]]) for m in moments))
