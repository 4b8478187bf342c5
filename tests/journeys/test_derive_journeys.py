"""Journeys from rows: what they say, what they refuse, and what must not change them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from frames_journeys import BLANK, PLACES, log, rating, survey, words

from cjmlab.errors import CjmError, TableError, VocabularyError
from cjmlab.journeys import derive_journeys, evidence, filter_journeys
from cjmlab.tables import check_table


@pytest.fixture(scope="module")
def planted() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return survey()


def test_curves_follow_the_planted_means(planted: tuple[pd.DataFrame, ...]) -> None:
    scored, members, means = planted
    journeys = derive_journeys(scored, members)
    check_table("journeys", journeys)
    for name, group in journeys.groupby("segment"):
        found = group.set_index("touchpoint")["experience"]
        assert np.corrcoef(found, means.loc[name, found.index])[0, 1] > 0.93
    assert (journeys["low"] < journeys["experience"]).all()
    assert (journeys["experience"] < journeys["high"]).all()


def test_context_carries_everything_a_map_needs(planted: tuple[pd.DataFrame, ...]) -> None:
    scored, members, _ = planted
    about = derive_journeys(scored, members).about
    assert about.overall["segment"].unique().tolist() == ["All customers"]
    assert {"segment", "stage", "position", "customers", "reach", "drop_off", "experience", "touchpoints"} <= set(
        about.stages
    )
    assert {"version", "k", "interval", "evidence_share", "sources"} <= set(about.provenance)
    assert about.provenance["rows"] == len(scored)


def test_filtering_keeps_the_context(planted: tuple[pd.DataFrame, ...]) -> None:
    journeys = derive_journeys(planted[0], planted[1])
    assert journeys[journeys["segment"].eq("A")].about is journeys.about


def test_inputs_are_not_changed(planted: tuple[pd.DataFrame, ...]) -> None:
    scored, members, _ = planted
    before = scored.copy(deep=True), members.copy(deep=True)
    derive_journeys(scored, members)
    pd.testing.assert_frame_equal(scored, before[0])
    pd.testing.assert_frame_equal(members, before[1])


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_order_of_rows_index_and_further_columns_change_nothing(seed: int) -> None:
    scored, members, _ = survey(60)
    shuffled = scored.sample(frac=1, random_state=seed).set_index(pd.Index(range(5, 5 + len(scored)))).assign(extra="x")
    first, second = (
        derive_journeys(scored, members),
        derive_journeys(shuffled, members.sample(frac=1, random_state=seed)),
    )
    pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(second))


def test_repeating_a_customers_rows_narrows_no_interval(planted: tuple[pd.DataFrame, ...]) -> None:
    scored, members, _ = planted
    again = scored.assign(unit_id=scored["unit_id"] + "x", feedback_id=scored["feedback_id"] + "x")
    once, twice = (derive_journeys(rows, members) for rows in (scored, pd.concat([scored, again])))
    assert twice["n"].tolist() == (2 * once["n"]).tolist()
    np.testing.assert_allclose(twice["high"] - twice["low"], once["high"] - once["low"], atol=1e-9)


def test_renaming_customers_changes_no_number(planted: tuple[pd.DataFrame, ...]) -> None:
    scored, members, _ = planted
    new = {old: f"z{hash(old) % 10**9}-{i}" for i, old in enumerate(members["customer_id"])}
    renamed = derive_journeys(scored.assign(customer_id=scored["customer_id"].map(new)),
                              members.assign(customer_id=members["customer_id"].map(new)), resamples=0)  # fmt: skip
    first = derive_journeys(scored, members, resamples=0)
    np.testing.assert_allclose(first["experience"], renamed["experience"], atol=1e-9)
    np.testing.assert_allclose(first["low"], renamed["low"], atol=1e-9)


def test_a_finer_scale_of_the_same_answers_changes_no_number(planted: tuple[pd.DataFrame, ...]) -> None:
    scored, members, _ = planted
    other = scored.assign(scale="0-100", rating_raw=scored["rating"] * 50 + 50)
    pd.testing.assert_series_equal(derive_journeys(scored, members)["low"], derive_journeys(other, members)["low"])


def blocks(seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """Touchpoints asked on different scales, each on one only, with words beside some of them that say little."""
    rng = np.random.default_rng(seed)
    true = pd.Series([-0.6, 0.1, 0.3, -0.2, 0.5, 0.0], list(PLACES))
    scales = dict(zip(PLACES, ["0-10", "1-5", "1-7", "1-5", "1-7", "0-10"], strict=True))
    rows = []
    for i in range(300):
        for point, mean in true.items():
            value = float(np.clip(mean + rng.normal(0, 0.4), -1, 1))
            rows.append(rating(f"c{i:03d}", str(point), value, scale=scales[str(point)]))
            if rng.random() < 0.3:
                told = float(np.clip(0.4 * value + rng.normal(0, 0.6), -1, 1))
                rows.append(words(f"c{i:03d}", str(point), told, f"said by {i} about the {point}"))
    return pd.DataFrame(rows), true


def test_scales_asked_at_different_touchpoints_stand_on_their_own() -> None:
    scored, true = blocks()
    journeys = derive_journeys(scored)
    found = journeys.set_index("touchpoint")["experience"]
    assert found.notna().all()
    assert (found - true).abs().max() < 0.12
    linking = journeys.about.provenance["linking"].set_index("instrument")
    assert sorted(linking.loc[linking.index != "text", "status"]) == ["anchor", "not linked", "not linked"]
    assert linking.loc["text", "status"] == "linked"
    assert linking.loc["text", "weight"] <= 0.5
    assert any("rating 0-10 is not linked to rating 1-" in note for note in journeys.about.provenance["notes"])


def test_words_move_a_cell_with_many_ratings_by_little() -> None:
    scored, _ = blocks()
    with_words = derive_journeys(scored).set_index("touchpoint")["experience"]
    without = derive_journeys(scored[scored["scorer"].eq("rating")]).set_index("touchpoint")["experience"]
    assert (with_words - without).abs().max() < 0.06


def test_two_ratings_of_the_same_thing_are_linked() -> None:
    rng = np.random.default_rng(1)
    rows = []
    for i in range(200):
        mood = rng.normal(0, 0.4)
        rows.append(rating(f"c{i}", "checkout", float(np.clip(mood, -1, 1))))
        rows.append(
            rating(
                f"c{i}", "checkout", float(np.clip(0.5 * mood + 0.4 + rng.normal(0, 0.1), -1, 1)), number=1, scale="1-7"
            )
        )
    for i in range(200, 300):
        rows.append(rating(f"c{i}", "delivery", float(np.clip(0.5 * rng.normal(0, 0.4) + 0.4, -1, 1)), scale="1-7"))
    journeys = derive_journeys(pd.DataFrame(rows), anchor="rating 1-5")
    assert abs(journeys.set_index("touchpoint").loc["delivery", "experience"]) < 0.12  # 0.4 as it stands


def test_a_scale_declared_the_wrong_way_round_is_refused() -> None:
    rng = np.random.default_rng(2)
    rows = []
    for i in range(120):
        mood = float(np.clip(rng.normal(0, 0.5), -1, 1))
        rows += [rating(f"c{i}", "checkout", mood), rating(f"c{i}", "checkout", -mood, number=1, scale="1-7")]
    with pytest.raises(TableError, match=r"'rating 1-[57]' runs against 'rating 1-[57]': r = −?-?1\.00 on 120"):
        derive_journeys(pd.DataFrame(rows))


def test_expectations_and_interviewers_are_not_experience() -> None:
    rows = [rating(f"c{i}", "checkout", 0.5) for i in range(10)]
    rows += [rating(f"c{i}", "checkout", -1.0, number=1, asks="expectation") for i in range(10)]
    rows += [words(f"c{i}", "checkout", -1.0, "and how was it then?", number=2, role="interviewer") for i in range(10)]
    rows += [words(f"c{i}", "checkout", -1.0, "I expected worse", number=3, lane="expectation") for i in range(10)]
    cell = derive_journeys(pd.DataFrame(rows)).iloc[0]
    assert (cell["n"], cell["experience"]) == (10, 0.5)
    assert (cell["expectation"], cell["gap"], cell["exceeds"]) == (-1.0, 1.5, 1.0)


def test_anonymous_rows_count_for_all_customers_only() -> None:
    scored, members, _ = survey(60)
    reviews = pd.DataFrame(
        [words(None, "checkout", -0.8, f"review number {i}", number=i, source_type="review") for i in range(9)]
    )
    reviews["feedback_id"] = [f"r{i}" for i in range(9)]
    reviews["unit_id"] = reviews["feedback_id"] + "#0"
    with_reviews = derive_journeys(pd.concat([scored, reviews]), members)
    assert with_reviews["n"].sum() == len(scored)
    assert with_reviews.about.overall["n"].sum() == len(scored) + 9
    assert with_reviews.about.provenance["anonymous"] == 9


def test_grades_of_evidence() -> None:
    rows = [rating(f"a{i}", "checkout", 0.5) for i in range(6)]
    rows += [words(f"a{i}", "checkout", 0.2, f"the till was quick {i}", source_type="interview") for i in range(3)]
    rows += [rating(f"b{i}", "delivery", 0.5) for i in range(6)]
    members = pd.DataFrame([(f"{s}{i}", s.upper()) for s in "ab" for i in range(6)], columns=["customer_id", "segment"])
    table = derive_journeys(pd.DataFrame(rows), members).set_index(["segment", "touchpoint"])
    assert table.loc[("A", "checkout"), "evidence"] == "triangulated"
    assert table.loc[("B", "delivery"), "evidence"] == "single source"
    assert table.loc[("A", "delivery"), "evidence"] == "assumption"
    assert pd.isna(table.loc[("A", "delivery"), "experience"])
    assert table.loc[("A", "checkout"), ["n_survey", "n_interview"]].tolist() == [6, 3]


def test_evidence_returns_the_rows_behind_a_number(planted: tuple[pd.DataFrame, ...]) -> None:
    journeys = derive_journeys(planted[0], planted[1])
    for cell in journeys.head(8).to_dict("records"):
        rows = evidence(journeys, segment=cell["segment"], touchpoint=cell["touchpoint"])
        assert int(rows["counted"].sum()) == cell["n"]
        assert rows["customer_id"].nunique() == cell["customers"]
    everyone = evidence(journeys, segment="All customers", touchpoint="checkout")
    assert len(everyone) == journeys.about.overall.set_index("touchpoint").loc["checkout", "n"]
    with pytest.raises(
        VocabularyError, match=r"'chekout' is not a touchpoint of these journeys. Did you mean 'checkout'"
    ):
        evidence(journeys, touchpoint="chekout")


def test_quotes_are_customers_words_strong_and_of_the_cell() -> None:
    rows = [words(f"c{i}", "checkout", -0.1 * i, f"a sentence about the till, number {i}") for i in range(9)]
    rows.append(words("c1", "checkout", -1.0, "interviewer speaking for a long while", number=5, role="interviewer"))
    rows.append(words("c2", "checkout", -0.95, "bad", number=6))
    journeys = derive_journeys(pd.DataFrame(rows))
    ids = journeys.iloc[0]["quote_ids"]
    assert ids[0] == "c8-checkout-0#t"
    assert len(ids) == 5
    assert not evidence(journeys, unit_ids=ids)["text"].str.contains("interviewer").any()


def test_polarised_and_not() -> None:
    rng = np.random.default_rng(0)
    camps = np.where(rng.random(80) < 0.5, -0.7, 0.7) + rng.normal(0, 0.15, 80)
    one = rng.normal(0, 0.4, 80)
    rows = [rating(f"c{i}", "checkout", float(np.clip(camps[i], -1, 1))) for i in range(80)]
    rows += [rating(f"c{i}", "delivery", float(np.clip(one[i], -1, 1))) for i in range(80)]
    found = derive_journeys(pd.DataFrame(rows)).set_index("touchpoint")["polarised"]
    assert found["checkout"]
    assert not found["delivery"]


def test_zone_needs_the_interval() -> None:
    rows = [rating(f"c{i}", "checkout", -0.5 if i % 2 else 0.0) for i in range(60)]
    rows += [rating(f"d{i}", "delivery", -0.5 if i % 2 else 0.0) for i in range(4)]
    found = derive_journeys(pd.DataFrame(rows), pooling=False).set_index("touchpoint")
    assert found.loc["checkout", "zone"] == "below"
    assert found.loc["delivery", "zone"] == "unclear"


def test_lowest_share_says_how_sure_the_lowest_point_is(planted: tuple[pd.DataFrame, ...]) -> None:
    journeys = derive_journeys(planted[0], planted[1])
    sums = journeys.groupby("segment")["lowest"].sum()
    np.testing.assert_allclose(sums, 1.0)
    for _, group in journeys.groupby("segment"):
        assert group.loc[group["raw"].idxmin(), "lowest"] == group["lowest"].max()


@pytest.mark.parametrize("n", [1, 2, 4])
def test_few_rows_give_a_smaller_result(n: int) -> None:
    scored = pd.DataFrame([rating(f"c{i}", "checkout", 0.5) for i in range(n)])
    cell = derive_journeys(scored).iloc[0]
    assert (cell["n"], cell["experience"]) == (n, 0.5)
    if n == 1:
        assert pd.isna(cell["low"])


def test_no_rows_and_events_only() -> None:
    empty = survey(3)[0].head(0)
    assert len(derive_journeys(empty)) == 0
    events = log({"a": ["social_ad", "checkout"], "b": ["social_ad"]})
    found = derive_journeys(empty, events=events).set_index("touchpoint")
    assert found["reach"].to_dict() == {"social_ad": 1.0, "checkout": 0.5}
    assert found["n"].eq(0).all()
    assert found["experience"].isna().all()


def test_open_journeys_are_not_drop_off() -> None:
    scored = pd.DataFrame([rating("a", "checkout", 0.5)])
    paths = {f"c{i}": ["social_ad", "checkout", "delivery"] for i in range(20)}
    early = log({**paths, **{f"d{i}": ["social_ad"] for i in range(10)}})
    late = log({f"e{i}": ["social_ad"] for i in range(10)}).assign(time=pd.Timestamp("2026-01-03", tz="UTC"))
    stages = derive_journeys(scored, events=pd.concat([early, late])).about.stages.set_index("stage")
    assert stages.loc["aware", "customers"] == 40
    assert stages.loc["aware", "ended"] == 30
    assert stages.loc["aware", "drop_off"] == pytest.approx(1 / 3)


def test_stages_that_no_log_records_have_no_reach_and_nobody_is_lost_before_them() -> None:
    scored = pd.DataFrame([rating(f"c{i}", point, 0.5) for i in range(20) for point in ("social_ad", "returns")])
    paths = {f"c{i}": ["checkout", "delivery"][: 1 + i % 2] for i in range(20)}
    late = log({"z": ["checkout"]}).assign(time=pd.Timestamp("2026-03-01", tz="UTC"))
    stages = derive_journeys(scored, events=pd.concat([log(paths), late])).about.stages.set_index("stage")
    assert stages.loc[["buy", "deliver"], "reach"].notna().all()
    assert stages.loc["buy", "drop_off"] == pytest.approx(0.5)
    others = stages.loc[[stage for stage in stages.index if stage not in ("buy", "deliver")]]
    assert {"aware", "aftersales"} <= set(others.index)
    assert others["reach"].isna().all()
    assert others["drop_off"].isna().all()
    assert pd.isna(stages.loc["deliver", "drop_off"])


def test_dimension_filters_curve_and_quotes_together() -> None:
    rows = [words(f"c{i}", "checkout", 0.5, f"goods were fine, customer {i}", dimension="product") for i in range(8)]
    rows += [
        words(f"c{i}", "checkout", -0.5, f"the hall was freezing, customer {i}", number=1, dimension="environment")
        for i in range(8)
    ]
    journeys = derive_journeys(pd.DataFrame(rows), dimension="product")
    cell = journeys.iloc[0]
    assert (cell["n"], cell["experience"]) == (8, 0.5)
    assert evidence(journeys, unit_ids=cell["quote_ids"])["dimension"].unique().tolist() == ["product"]


def test_filtered_journeys_equal_journeys_of_the_filtered_rows() -> None:
    scored, members, _ = survey(90)
    scored = scored.assign(wave=["one" if i % 2 else "two" for i in range(len(scored))])
    journeys = derive_journeys(scored, members, resamples=0)
    found = filter_journeys(journeys, wave="one")
    wanted = derive_journeys(scored[scored["wave"].eq("one")], members, resamples=0)
    columns = ["segment", "touchpoint", "n", "experience", "low", "high"]
    pd.testing.assert_frame_equal(pd.DataFrame(found)[columns], pd.DataFrame(wanted)[columns])
    with pytest.raises(TableError, match="the rows have no column 'wawe'"):
        filter_journeys(journeys, wawe="one")


def test_a_stage_that_the_model_does_not_have_is_refused() -> None:
    scored = pd.DataFrame([rating("a", "checkout", 0.5), rating("b", "delivery", 0.1, stage="shipping")])
    with pytest.raises(
        VocabularyError, match=r"1 of 2 rows name a stage that the stage model does not have \(first: 'shipping'\)"
    ):
        derive_journeys(scored, stage_model="hema7")


def test_wrong_segments_are_one_sentence() -> None:
    scored = pd.DataFrame([rating("a", "checkout", 0.5)])
    with pytest.raises(CjmError, match="segments are a Segmentation, a table of members or None, not int"):
        derive_journeys(scored, 3)
    with pytest.raises(CjmError, match=r"the column .touchpoint. .touchpoint id. is missing"):
        derive_journeys(scored.drop(columns="touchpoint"))
    assert set(BLANK) <= set(scored.columns)
