"""Moments: what is found, what is not, what it says, and that every number leads back to its cell."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "journeys"))
from frames_journeys import PLACES, five, rating, survey, words

from cjmlab.errors import CjmError, TableError, VocabularyError
from cjmlab.journeys import derive_journeys
from cjmlab.moments import rank_moments
from cjmlab.moments.asymmetry import contest_scores, make_or_break, matrix_of, penalty_reward
from cjmlab.moments.drivers import measure_drivers
from cjmlab.moments.library import ask_questions, suggest_remedies
from cjmlab.moments.missing import complete
from cjmlab.moments.narrative import narrate, resolve, show
from cjmlab.moments.views import importance_performance
from cjmlab.moments.whatif import estimate_panel, simulate_change
from cjmlab.tables import SCHEMAS, check_table
from cjmlab.vocabulary import LANGUAGES, list_touchpoints


def outcome(scored: pd.DataFrame, weights: dict[str, float], *, seed: int = 0, noise: float = 1.0) -> pd.DataFrame:
    """Recommendations from 0 to 10 that follow from experience."""
    wide = scored.pivot_table(index="customer_id", columns="touchpoint", values="sentiment").fillna(0)
    y = 6 + sum(weight * wide[name] for name, weight in weights.items())
    y = np.clip(np.round(y + np.random.default_rng(seed).normal(0, noise, len(wide))), 0, 10)
    return pd.DataFrame({"customer_id": wide.index, "outcome": "recommend", "value": np.asarray(y), "scale": "0-10"})


@pytest.fixture(scope="module")
def study() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    scored, members, _ = survey(450)
    return derive_journeys(scored, members), outcome(scored, {"checkout": 3.0, "delivery": 2.5}), scored


def test_planted_moments_of_truth_are_found(study: tuple[pd.DataFrame, ...]) -> None:
    journeys, outcomes, _ = study
    moments = rank_moments(journeys, outcomes)
    check_table("moments", moments)
    found = moments[moments["kind"].eq("moment_of_truth")].groupby("segment")["touchpoint"].agg(set)
    assert all(group <= {"checkout", "delivery"} for group in found)
    assert sum(map(len, found)) >= 5
    first = moments[moments["kind"].eq("moment_of_truth") & moments["rank"].eq(1)]
    assert ((first["low"] < first["effect"]) & (first["effect"] < first["high"])).all()


def test_the_lowest_touchpoint_is_the_first_pain(study: tuple[pd.DataFrame, ...]) -> None:
    journeys, outcomes, _ = study
    moments = rank_moments(journeys, outcomes)
    pains = moments[moments["kind"].eq("pain")]
    cells = pd.DataFrame(journeys).set_index(["segment", "touchpoint"])
    for row in pains.to_dict("records"):
        assert cells.loc[(row["segment"], row["touchpoint"]), "experience"] < 0
        assert row["certainty"] >= 0.9
    for name, group in pains[pains["rank"].eq(1)].groupby("segment"):
        own = journeys[journeys["segment"].eq(name)]
        assert group["touchpoint"].iloc[0] == own.loc[own["experience"].idxmin(), "touchpoint"]


def test_order_of_rows_changes_no_moment(study: tuple[pd.DataFrame, ...]) -> None:
    journeys, outcomes, _ = study
    first, second = rank_moments(journeys, outcomes), rank_moments(journeys, outcomes.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(second))


def test_repeated_answers_of_a_customer_narrow_no_effect(study: tuple[pd.DataFrame, ...]) -> None:
    journeys, outcomes, _ = study
    again = rank_moments(journeys, pd.concat([outcomes, outcomes]))
    pd.testing.assert_frame_equal(pd.DataFrame(rank_moments(journeys, outcomes)), pd.DataFrame(again))


def test_without_outcomes_there_are_pains_and_words() -> None:
    scored, members, _ = survey(60)
    moments = rank_moments(derive_journeys(scored, members))
    assert set(moments["kind"]) <= {"pain", "delight"}
    assert moments.about["notes"] == ["There are no outcomes: moments of truth and opportunities need one."]
    with pytest.raises(TableError, match="'nps' is not an outcome of this table"):
        rank_moments(derive_journeys(scored, members), outcome(scored, {"checkout": 1}), outcome="nps")


@pytest.mark.parametrize("kind", ["nothing", "one customer", "all equal", "no effect", "one touchpoint"])
def test_small_and_empty_studies_give_smaller_results(kind: str) -> None:
    scored, _, _ = survey(200)
    outcomes = outcome(scored, {}, noise=2.0)
    if kind == "nothing":
        scored, outcomes = scored.head(0), outcomes.head(0)
    elif kind == "one customer":
        scored = scored[scored["customer_id"].eq("c0001")]
    elif kind == "all equal":
        scored = scored.assign(sentiment=0.5, rating=0.5)
    elif kind == "one touchpoint":
        scored = scored[scored["touchpoint"].eq("checkout")]
    moments = rank_moments(derive_journeys(scored), outcomes)
    assert set(SCHEMAS["moments"].columns) <= set(moments.columns)
    assert not moments["kind"].eq("moment_of_truth").any()
    if kind in ("nothing", "one customer"):
        assert len(moments) == 0


def test_few_customers_are_said() -> None:
    scored, members, _ = survey(30)
    notes = rank_moments(derive_journeys(scored, members), outcome(scored, {"checkout": 3.0})).about["notes"]
    assert notes[0] == "A: 10 customers gave the outcome; at least 50 are needed."


def test_a_small_segment_borrows_candidates_only() -> None:
    scored, members, _ = survey(180)
    moments = rank_moments(derive_journeys(scored, members), outcome(scored, {"checkout": 4.0}))
    assert not moments["kind"].eq("moment_of_truth").any()
    borrowed = moments[moments["kind"].eq("candidate")]
    assert set(borrowed["touchpoint"]) == {"checkout"}
    assert borrowed["reason"].str.contains("the effect is that of all customers").all()


def test_reasons_are_in_the_language_asked(study: tuple[pd.DataFrame, ...]) -> None:
    journeys, outcomes, _ = study
    found = rank_moments(journeys, outcomes, language="zh-Hant")
    assert found[found["kind"].eq("pain")]["reason"].str.contains("則回饋中").all()
    russian = rank_moments(journeys, outcomes, language="ru")["reason"]
    assert russian.str.contains("на шкале|балла").all()
    assert not russian.str.contains(r"\d\.\d|\d %").any(), "Russian writes 0,26 and 26\u00a0%"
    assert not found["reason"].str.contains(r"\d,\d{1,2}\b|\d %").any(), "Chinese writes 0.26 and 26%"


def test_a_pain_quotes_a_bad_verbatim_of_its_segment() -> None:
    rows = [rating(f"c{i}", "checkout", -0.5) for i in range(20)]
    rows += [words("c1", "checkout", 0.9, "the money came back the same evening", number=1),
             words("c2", "checkout", -0.7, "the queue went back to the door", number=2),
             words("c3", "checkout", -0.9, "the till lady was a joy", number=3, lane="delight")]  # fmt: skip
    moments = rank_moments(derive_journeys(pd.DataFrame(rows)))
    assert moments[moments["kind"].eq("pain")]["quote"].tolist() == ["the queue went back to the door"]
    silent = [rating(f"c{i}", "checkout", -0.5) for i in range(20)] + [
        words("c1", "checkout", 0.9, "all was well", number=1)
    ]
    assert rank_moments(derive_journeys(pd.DataFrame(silent))).iloc[0]["quote"] is None


def test_opportunities_are_effect_times_share_times_reach(study: tuple[pd.DataFrame, ...]) -> None:
    journeys, outcomes, _ = study
    found = rank_moments(journeys, outcomes)
    found = found[found["kind"].eq("opportunity")]
    np.testing.assert_allclose(found["expected_gain"], found["effect"] * found["share"] * found["reach"], atol=1e-8)
    assert (found["gain_low"] <= found["expected_gain"]).all()
    assert (found.groupby("segment")["expected_gain"].diff().dropna() <= 1e-12).all()


def test_every_number_of_the_story_is_a_cell(study: tuple[pd.DataFrame, ...]) -> None:
    journeys, outcomes, _ = study
    moments = rank_moments(journeys, outcomes)
    for language in LANGUAGES:
        story = narrate(journeys, moments, language=language)
        assert {"opening", "high", "low"} <= set(story["key"])
        for row in story.to_dict("records"):
            text = row["sentence"].replace("−1 до 1", "").replace("−1 到 1", "").replace("−1 to 1", "")
            found = re.findall(r"[+−]?\d+(?:[.,\u202f]\d+)*(?:\u00a0?%)?", text)
            assert sorted(found) == sorted(claim.shown for claim in row["claims"]), text
            for claim in row["claims"]:
                assert show(claim.column, resolve(claim, journeys, moments), language) == claim.shown
    assert narrate(journeys, segment="A")["segment"].unique().tolist() == ["A"]


def test_the_story_says_when_nothing_decides() -> None:
    scored, members, _ = survey(300)
    journeys = derive_journeys(scored, members)
    story = narrate(journeys, rank_moments(journeys, outcome(scored, {}, noise=2.5)))
    assert "No touchpoint passes the test of a moment of truth." in story["sentence"].tolist()


def test_completion_uses_what_goes_together() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(size=(800, 4)) @ np.linalg.cholesky(0.5 + 0.5 * np.eye(4)).T
    X = np.where(rng.random(true.shape) < 0.4, np.nan, true)
    X[np.isnan(X).all(axis=1), 0] = 0.0
    off = complete(X).covariance[np.triu_indices(4, 1)]
    assert off.mean() == pytest.approx(0.5, abs=0.06)


def test_drivers_with_gaps_recover_the_effects() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(1500, 5)) + 0.6 * rng.normal(size=(1500, 1))
    y = X @ np.array([1.0, 0.5, 0, 0, 0]) + rng.normal(size=1500)
    seen = pd.DataFrame(np.where(rng.random(X.shape) < 0.3, np.nan, X), columns=list("abcde")).dropna(how="all")
    found = measure_drivers(seen, y[seen.index], resamples=100)
    assert found is not None
    table = found.table.set_index("touchpoint")
    np.testing.assert_allclose(table["effect"], [1, 0.5, 0, 0, 0], atol=0.15)
    assert table["share"].sum() == pytest.approx(1.0)
    assert table["q"].lt(0.1).tolist()[:2] == [True, True]
    assert measure_drivers(seen.head(40), y[:40]) is None


def test_penalty_and_reward() -> None:
    rng = np.random.default_rng(2)
    X = pd.DataFrame(five(rng.normal(0.1, 0.6, (2000, 4))), columns=["must", "delight", "linear", "none"])
    y = -2.0 * (X["must"] < 0) + 2.0 * (X["delight"] > 0.7) + 1.5 * X["linear"] + rng.normal(0, 1, 2000)
    kinds = penalty_reward(X, y.to_numpy()).set_index("touchpoint")["kind"]
    assert kinds.to_dict() == {"must": "must-be", "delight": "delighter", "linear": "linear", "none": "indifferent"}
    assert (penalty_reward(X.head(400), y.head(400).to_numpy())["kind"] == "").all()
    with pytest.raises(CjmError, match="200 customers are too few to tell reward from penalty"):
        penalty_reward(X.head(200), y.head(200).to_numpy())


def test_the_score_that_made_the_outcome_wins() -> None:
    scored, _, _ = survey(400, segments="A", met=1.0)
    journeys = derive_journeys(scored)
    wide = scored.pivot_table(index="customer_id", columns="touchpoint", values="sentiment")[list(PLACES)]
    noise = np.random.default_rng(0).normal(0, 0.3, len(wide))
    for name, value in (("mean", wide.mean(axis=1)), ("worst", wide.min(axis=1)), ("end", wide["returns"])):
        found = contest_scores(journeys, value * 3 + noise)
        best = found.iloc[0]["score"]
        assert best == name or (name in ("worst", "end") and best == "worst_and_end")
    assert contest_scores(journeys, pd.Series(dtype=float)).empty


def test_what_if_has_a_range_a_cap_and_a_warning(study: tuple[pd.DataFrame, ...]) -> None:
    journeys, outcomes, _ = study
    y = outcomes.set_index("customer_id")["value"].astype(float)
    found = simulate_change(journeys, y, {"checkout": 0.5}, resamples=100).iloc[0]
    assert 0 < found["low"] < found["change"] < found["high"]
    assert found["shrunk"] == pytest.approx(0.6 * found["change"])
    assert "An association, not an effect" in found["warning"]
    far = simulate_change(journeys, y, {"checkout": 5.0}, resamples=20).iloc[0]
    assert far["change"] < 3 * found["change"]  # capped at what the best segment reaches
    points = simulate_change(journeys, y, {"checkout": 0.5}, metric="nps", resamples=50).iloc[0]
    assert -100 <= points["now"] <= 100
    assert points["change"] > 0
    with pytest.raises(VocabularyError, match="'chekout' is not a touchpoint of these journeys"):
        simulate_change(journeys, y, {"chekout": 0.5})


def test_a_panel_is_free_of_the_halo_that_a_cross_section_has() -> None:
    rng = np.random.default_rng(3)
    n, names = 1500, ["a", "b"]
    mood = rng.normal(0, 0.4, n)
    ids = [f"c{i}" for i in range(n)]
    waves = [pd.DataFrame(mood[:, None] + rng.normal(0, 0.4, (n, 2)), ids, names) for _ in range(2)]
    ys = [pd.Series(2.0 * wave["a"] + 3 * mood + rng.normal(0, 0.5, n), ids) for wave in waves]
    panel = estimate_panel(*waves, *ys).set_index("touchpoint")
    assert panel.loc["a", "low"] < 2.0 < panel.loc["a", "high"]
    assert panel.loc["b", "low"] < 0.0 < panel.loc["b", "high"]
    cross = measure_drivers(waves[0], ys[0].to_numpy(), resamples=20)
    assert cross is not None
    assert cross.table["effect"].iloc[0] > 2.3


def test_make_or_break_and_the_importance_view(study: tuple[pd.DataFrame, ...]) -> None:
    journeys, outcomes, _ = study
    X, y = matrix_of(journeys, outcomes.set_index("customer_id")["value"].astype(float), "A")
    table = make_or_break(X, y).set_index("touchpoint")
    assert table.loc["checkout", "make_or_break"]
    drivers = rank_moments(journeys, outcomes).about["drivers"]["A"].table
    view = importance_performance(drivers, journeys, segment="A")
    assert set(view["quadrant"]) <= {"fix first", "keep up", "low priority", "overkill"}
    assert view["opportunity"].is_monotonic_decreasing


def test_diagnostic_questions_say_yes_no_or_unknown() -> None:
    rows = [rating(f"c{i}", "checkout", 0.5) for i in range(20)] + [rating(f"c{i}", "returns", -0.5) for i in range(20)]
    rows += [rating(f"c{i}", "search", (-1) ** i * 0.5) for i in range(6)]
    found = ask_questions(derive_journeys(pd.DataFrame(rows))).set_index(["question", "stage"])
    assert found.loc[("can_buy", "buy"), ["answer", "n"]].tolist() == ["yes", 20]
    assert found.loc[("fast_resolution", "aftersales"), ["answer", "no"]].tolist() == ["no", 20]
    assert found.loc[("easy_information", "prepare"), "answer"] == "unknown"
    assert len(found.loc[("can_buy", "buy"), "unit_ids"]) == 20


def test_remedies_say_which_rule_fired() -> None:
    rows = [rating(f"c{i}", "checkout", -0.5, cues=None) for i in range(20)]
    rows += [
        words(f"c{i}", "checkout", -0.5, f"sold out again, {i}", number=1, cues="blocked_intent|blocked_stock")
        for i in range(4)
    ]
    journeys = derive_journeys(pd.DataFrame(rows))
    found = suggest_remedies(rank_moments(journeys), journeys, language="ru").set_index("remedy")
    assert found.loc["stock", "fired"] == "cue blocked_stock: 4 rows"
    assert found.loc["queue", "fired"] == "touchpoint checkout"
    assert found.loc["stock", "label"].startswith("Показывать остатки")


def test_the_libraries_speak_four_languages_of_known_touchpoints() -> None:
    import tomllib
    from importlib import resources

    known = set(list_touchpoints())
    for name in ("questions", "remedies", "sentences", "narrative"):
        book = tomllib.loads((resources.files("cjmlab.moments") / "data" / f"{name}.toml").read_text("utf-8"))
        entries = book.get(name) or [entry for key, entry in book.items() if key != "outcome"] + list(
            book.get("outcome", {}).values()
        )
        for entry in entries:
            texts = entry.get("label", entry)
            assert set(LANGUAGES) <= set(texts), entry
            assert len({frozenset(re.findall(r"{(\w+)}", texts[code])) for code in LANGUAGES}) == 1, entry
            assert set(entry.get("points", [])) | set(entry.get("touchpoints", [])) <= known


def test_a_few_voices_on_what_the_log_does_not_record_are_no_first_pain() -> None:
    rows = [rating(f"c{i}", "checkout", five(np.array([-0.5 if i % 5 else 0.5]))[0]) for i in range(200)]
    rows += [words(f"c{i}", "returns", -0.9, "they lost it") for i in range(6)]
    events = pd.DataFrame({"event_id": [f"e{i}" for i in range(200)], "customer_id": [f"c{i}" for i in range(200)],
                           "time": pd.Timestamp("2026-01-01", tz="UTC"), "event": "pay", "touchpoint": "checkout",
                           "stage": "buy"})  # fmt: skip
    journeys = derive_journeys(pd.DataFrame(rows), events=events)
    assert pd.isna(journeys.set_index("touchpoint").reach["returns"])
    pains = rank_moments(journeys).query("kind == 'pain'")
    assert pains.touchpoint.tolist() == ["checkout"]
    assert pains.reason.iloc[0].endswith("answers are negative. 100% get there.")


def test_an_unknown_reach_is_left_out_of_the_sentence() -> None:
    rows = [rating(f"c{i}", "delivery", -0.5) for i in range(60)]
    events = pd.DataFrame({"event_id": ["e"], "customer_id": ["c1"], "time": pd.Timestamp("2026-01-01", tz="UTC"),
                           "event": "pay", "touchpoint": "checkout", "stage": "buy"})  # fmt: skip
    journeys = derive_journeys(pd.DataFrame(rows), events=events)
    for language in LANGUAGES:
        reason = rank_moments(journeys, language=language).reason.iloc[0]
        assert "–" not in reason, reason


def test_a_likely_pain_says_that_its_interval_reaches_across_neutral() -> None:
    rows = [rating(f"c{i:03d}", "checkout", -0.5 if i < 46 else 0.5) for i in range(80)]  # mean −.075, error .056
    rows += [rating(f"c{i:03d}", "delivery", 0.5 if i % 2 else 1.0) for i in range(80)]
    journeys = derive_journeys(pd.DataFrame(rows), pooling=False)
    cell = journeys.set_index("touchpoint").loc["checkout"]
    assert cell["low"] < 0 < cell["high"]
    found = rank_moments(journeys)
    pain = found[found["kind"].eq("pain")].iloc[0]
    assert 0.9 <= pain["certainty"] < 0.975
    assert "The interval reaches across neutral" in pain["reason"]
    delight = found[found["kind"].eq("delight")].iloc[0]
    assert "reaches across" not in delight["reason"]


def test_an_outcome_that_is_the_same_for_all_of_each_segment_decides_nothing() -> None:
    """Segments taken together have no drivers when all that differs lies between them."""
    from cjmlab.moments.drivers import measure_drivers

    rng = np.random.default_rng(0)
    kind = np.repeat([0, 1], 60)
    X = pd.DataFrame({"a": rng.normal(size=120), "b": rng.normal(size=120)})
    assert measure_drivers(X, kind.astype(float), groups=np.eye(2)[kind], resamples=20) is None
