"""Tables made by hand: what a door takes as it is, what it makes of it, and what it refuses."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import cjmlab as cjm
from cjmlab.errors import TableError
from cjmlab.tables import Table, check_table, open_table

SCORES = pd.DataFrame({
    "customer_id": [i % 40 for i in range(120)], "touchpoint": ["checkout", "delivery", "returns"] * 40,
    "rating": np.tile([0.5, -0.5, 0.0], 40),
})  # fmt: skip


def test_a_table_that_fits_comes_back_as_it_is():
    table = open_table("feedback", ["a", "b"])
    assert open_table("feedback", table) is table
    kept = open_table("outcomes", Table.of(pd.DataFrame({"customer_id": [1], "nps": [9]}), "said"))
    assert kept.about == "said"


@pytest.mark.parametrize("make", [
    lambda table: table, lambda table: table.astype(object), lambda table: table.convert_dtypes(),
    lambda table: table.convert_dtypes(dtype_backend="pyarrow"), lambda table: pa.Table.from_pandas(table),
    lambda table: table.astype({"touchpoint": "category", "customer_id": "category"}),
    lambda table: table.assign(customer_id=table.customer_id.astype(float)),
    lambda table: table.assign(customer_id=table.customer_id.astype(str)).set_index(np.arange(120)[::-1]),
])  # fmt: skip
def test_any_make_of_a_hand_made_table_gives_the_same_journeys(make):
    before = SCORES.copy()
    members = pd.DataFrame({"customer_id": range(40), "segment": ["north", "south"] * 20})
    found = cjm.derive_journeys(make(SCORES), members)
    columns = ["segment", "touchpoint", "n", "customers", "experience"]
    expected = cjm.derive_journeys(SCORES, members)[columns]
    pd.testing.assert_frame_equal(found[columns], expected)
    assert set(expected.segment) == {"north", "south"}
    assert expected.customers.eq(20).all()
    pd.testing.assert_frame_equal(SCORES, before)


def test_the_whole_line_runs_on_frames_made_by_hand():
    texts = pd.DataFrame({"text": ["The delivery was late and the courier rude"] * 8 + ["Checkout was quick"] * 8})
    scored = cjm.score_feedback(cjm.code_feedback(texts))
    outcomes = pd.DataFrame({"customer_id": range(40), "recommend": [0, 10] * 20})
    moments = cjm.rank_moments(cjm.derive_journeys(scored), outcomes)
    assert moments.loc[moments.kind == "pain", "touchpoint"].tolist() == ["delivery"]
    rated = cjm.derive_journeys(SCORES)
    assert cjm.journey_map(rated, cjm.rank_moments(rated, outcomes.set_index("customer_id").recommend)).data is not None


@pytest.mark.parametrize(("name", "frame", "said"), [
    ("feedback", pd.DataFrame({"comment": ["x"]}), "the column 'text' or 'rating' (verbatim) is missing. Its columns: 'comment'"),
    ("scored", pd.DataFrame({"sentiment": [0.1]}), "the column 'touchpoint' (touchpoint id) is missing"),
    ("scored", pd.DataFrame({"touchpoint": ["a"], "score": [1]}), "the column 'sentiment' (positive minus negative) is missing"),
    ("scored", pd.DataFrame({"touchpoint": ["a"], "rating": [4]}), "rows are not numbers from −1 to 1 (first: row 0, 4)"),
    ("events", pd.DataFrame({"customer_id": [1]}), "the column 'time' (when, in UTC) is missing"),
    ("outcomes", pd.DataFrame({"customer_id": [1], "nps": ["9"]}), "the column 'outcome' (name) is missing"),
    ("scored", 3, "a DataFrame is needed, not int"),
])  # fmt: skip
def test_what_says_nothing_is_refused_in_a_sentence(name, frame, said):
    with pytest.raises(TableError) as error:
        open_table(name, frame)
    assert said in str(error.value)


def test_touchpoints_without_a_stage_stand_where_they_usually_do_or_are_refused():
    journeys = cjm.derive_journeys(SCORES)
    assert journeys.set_index("touchpoint").stage.to_dict()["returns"] == "postpurchase"
    with pytest.raises(
        cjm.VocabularyError, match=r"40 of 120 rows have no stage and name no shipped touchpoint .first: 'chekout'."
    ):
        cjm.derive_journeys(SCORES.replace("checkout", "chekout"))


def test_ids_become_text_and_gaps_stay_gaps():
    events = pd.DataFrame({"customer_id": [1.0, 2.0], "time": pd.to_datetime(["2026-01-01", "2026-01-02"]),
                           "touchpoint": ["cart", "cart"]})  # fmt: skip
    opened = open_table("events", events)
    assert opened.customer_id.tolist() == ["1", "2"]
    assert opened.event_id.tolist() == ["1", "2"]
    assert opened.event.tolist() == ["cart", "cart"]
    feedback = open_table("feedback", pd.DataFrame({"customer_id": [7.0, None], "text": ["a", None]}))
    assert feedback.customer_id.tolist()[0] == "7"
    assert pd.isna(feedback.customer_id.tolist()[1])
    check_table("feedback", feedback)


@pytest.mark.parametrize(("verb", "column"), [
    (cjm.funnel, "customer_id"), (cjm.code_shares, "text"), (cjm.draw_audit, "text"), (cjm.review_queue, "coder"),
    (cjm.digital_share, "channel"), (cjm.stage_order, "stage"), (cjm.measure_delays, "promised"),
    (cjm.measure_loyalty, "customer_id"), (cjm.missing_links, "stage"), (cjm.represent_paths, "segment"),
    (lambda table: cjm.qda_project(table, {}), "touchpoint"), (cjm.reliability_picture, "confidence"),
    (cjm.p_chart, "hits"), (cjm.ewma_chart, "mean"), (cjm.class_behaviours, "customer_id"),
])  # fmt: skip
def test_every_verb_names_the_column_that_it_lacks(verb, column):
    with pytest.raises(TableError, match=f"the column '{column}' .*is missing"):
        verb(pd.DataFrame({"x": [1]}))


def test_one_text_is_not_a_list_of_letters():
    with pytest.raises(TableError, match=r"texts are a list or a Series, not one text. Write score"):
        cjm.default_scorer().score("great")
