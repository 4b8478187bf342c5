"""Segments from elsewhere: what customers wrote as a block, probabilities of another model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import CjmError, TableError
from cjmlab.segments import Segmentation, segment_customers
from cjmlab.segments.stability import adjusted_rand
from cjmlab.segments.texts import text_block
from cjmlab.study.charter import ColumnRoles
from cjmlab.tables import Table, about

SAID = {
    "en": ("the courier was late and rude", "staff at the counter helped me kindly"),
    "zh-Hans": ("快递员迟到而且态度很差", "柜台店员热情帮助了我"),
    "ru": ("курьер опоздал и нагрубил", "продавец на кассе помог любезно"),
}


def study(language: str = "en", n: int = 90) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(7)
    kind = np.arange(n) % 2
    ids = [f"c{i:03d}" for i in range(n)]
    table = pd.DataFrame({"customer_id": ids, "visits": rng.normal(5, 1, n), "spend": rng.normal(50, 9, n)})
    said = pd.DataFrame({"feedback_id": [f"f{i}" for i in range(n)], "customer_id": ids,
                         "text": [SAID[language][k] for k in kind]})  # fmt: skip
    return table, said, kind


@pytest.mark.parametrize("language", SAID)
def test_the_first_component_tells_two_ways_of_talking_apart(language: str) -> None:
    _, said, kind = study(language)
    block = text_block(said)
    ids = block["customer_id"].str[1:].astype(int).to_numpy()
    high = block["text_1"].to_numpy() > block["text_1"].median()
    assert adjusted_rand(high.astype(int), kind[ids]) == 1.0
    words = about(block).words
    assert words.loc[0, "more"]
    assert words.loc[0, "less"]
    assert about(block).explained > 0.5


def test_components_do_not_depend_on_the_order_of_rows() -> None:
    _, said, _ = study()
    said["text"] = [f"{text} {'again' * (i % 3)} number{i % 5}" for i, text in enumerate(said["text"])]
    once = text_block(said)
    again = text_block(said.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(pd.DataFrame(once), pd.DataFrame(again), atol=1e-6)


def test_texts_describe_by_default_and_form_segments_by_a_declared_weight() -> None:
    table, said, kind = study()
    described = segment_customers(table, n_segments=2, texts=said, n_null=0, n_boot=0)
    roles = described.report.set_index("column")["role"]
    assert set(roles[roles.index.str.startswith("text_")]) <= {"passive", "left out"}
    assert "passive" in set(roles)
    assert described.profile().query("column == 'text_1'")["p"].notna().all()
    formed = segment_customers(table, n_segments=2, texts=said, text_weight=2.0, n_null=0, n_boot=0)
    assert formed.report.set_index("column").loc["text_1", "role"] == "active"
    assert adjusted_rand(formed.assigned, kind) > 0.9 > adjusted_rand(described.assigned, kind)


def test_a_script_is_no_component_and_no_segment_is_named_by_one() -> None:
    table, said, _ = study()
    _, chinese, _ = study("zh-Hans")
    mixed = said.assign(text=np.where(np.arange(len(said)) % 4 < 2, said["text"], chinese["text"]))
    block = text_block(mixed)
    place = block["customer_id"].str[1:].astype(int).to_numpy()
    script = pd.Series(block["text_1"].to_numpy()).groupby(place % 4 < 2).mean()
    assert script.abs().max() < 0.05
    found = segment_customers(table, n_segments=2, texts=mixed, text_weight=2.0, n_null=0, n_boot=0)
    assert not any("talk of" in name or "text" in name for name in found.names)
    assert any(found.traits(name)["label"].str.startswith("Talk of").any() for name in found.names)


def test_a_declared_active_set_is_kept_beside_the_texts() -> None:
    table, said, _ = study()
    declared = Table.of(table, ColumnRoles(active=("visits",)))
    for given in ({}, {"features": ["visits"]}):
        found = segment_customers(declared, n_segments=2, texts=said, text_weight=1.0, n_null=0, n_boot=0, **given)
        roles = found.report.set_index("column")["role"]
        assert roles["visits"] == roles["text_1"] == "active"
        assert roles["spend"] == "left out"


def test_interviewers_are_not_read() -> None:
    _, said, _ = study()
    asked = said.assign(role="interviewer", text="what happened then please tell me more")
    both = pd.concat([said.assign(role="customer"), asked.assign(feedback_id=asked["feedback_id"] + "q")])
    assert "happened" not in " ".join(about(text_block(both)).words["more"])


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"texts": pd.DataFrame({"customer_id": ["a"]})}, "texts: there is no column 'text'"),
        ({"texts": pd.DataFrame({"customer_id": ["a"], "text": ["fine"]})}, "1 customers wrote something, 20 are needed"),
        ({"texts": study()[1].assign(text="¿? !!")}, "customers share no words"),
        ({"texts": study()[1], "text_weight": -1.0}, "text_weight: -1.0 is not a weight"),
    ],
    ids=["no text", "few writers", "no words", "weight"],
)  # fmt: skip
def test_texts_that_cannot_be_used_are_one_sentence(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(CjmError, match=sentence.replace("?", r"\?")):
        segment_customers(study()[0], n_segments=2, n_null=0, **settings)  # type: ignore[arg-type]
    with pytest.raises(CjmError, match="9 is not a number of text components"):
        text_block(study()[1], n_components=9)


def test_probabilities_of_another_model_become_a_segmentation() -> None:
    table, _, kind = study()
    sure = np.where(kind == 1, 0.9, 0.3)
    given = pd.DataFrame({"loud": sure, "calm": 1 - sure}, index=table["customer_id"]).sample(frac=1, random_state=2)
    found = Segmentation.from_posterior(table, given, {"loud": {"en": "Loud", "ru": "Громкие"}})
    assert set(found.names) == {"Loud", "calm"}
    assert found.labels["Loud"].text("ru") == "Громкие"
    loud = found.members.set_index("customer_id")["segment"].eq("Loud").to_numpy()
    assert loud.tolist() == (kind == 1).tolist()
    assert found.members["posterior"].round(6).isin([0.9, 0.7]).all()
    assert np.allclose(found.weights.sum(axis=1), 1.0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda given: given.iloc[1:], "1 customers have no row of their own"),
        (lambda given: -given, "the rows are no probabilities"),
        (lambda given: given * np.nan, "the rows are no probabilities"),
    ],
    ids=["a customer without a row", "negative", "missing"],
)
def test_what_are_no_probabilities_is_refused(change, sentence: str) -> None:  # type: ignore[no-untyped-def]
    table, _, _ = study()
    given = pd.DataFrame({"a": 0.5, "b": 0.5}, index=table["customer_id"])
    with pytest.raises(TableError, match=sentence):
        Segmentation.from_posterior(table, change(given))
