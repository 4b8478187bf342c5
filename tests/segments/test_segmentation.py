"""From a table to named segments: what is found, what is refused, and what must not change the answer."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN, KMeans
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from stepmix import StepMix
from threadpoolctl import threadpool_limits

from cjmlab.errors import CjmError, TableError
from cjmlab.segments import Segmentation, segment_customers
from cjmlab.segments.naming import trait_label
from cjmlab.segments.stability import adjusted_rand
from cjmlab.study.charter import ColumnRoles
from cjmlab.tables import Table
from cjmlab.vocabulary import Label

KINDS = ("planner", "hunter", "walker")


def customers_with_segments(n: int = 240, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    kind = rng.permutation(np.arange(n) % 3)
    table = pd.DataFrame(
        {
            "customer_id": [f"c{i:04d}" for i in range(n)],
            "spend": np.exp(rng.normal(3 + 1.2 * (kind == 0), 0.5)),
            "visits": rng.normal(4 + 3 * (kind == 1), 1.2),
            "care": np.clip(np.round(rng.normal(2 + 2 * (kind == 1), 0.8)), 1, 5),
            "joy": np.clip(np.round(rng.normal(2 + 2 * (kind == 2), 0.8)), 1, 5),
            "channel": np.where(rng.random(n) < 0.85, np.array(["app", "web", "shop"])[kind], "web"),
            "city": np.where(rng.random(n) < 0.3 + 0.5 * (kind == 0), "Oslo", "Rome"),
        }
    )
    table.loc[rng.random(n) < 0.08, "visits"] = np.nan
    return table, kind


def roles() -> ColumnRoles:
    return ColumnRoles(
        passive=("city",),
        labels={
            "spend": Label.of({"en": "Yearly spend, €", "ru": "Расход за год, €"}),
            "visits": Label.of({"en": "Visits", "ru": "Визиты"}),
        },
        values={"channel": {"shop": Label.of({"en": "In the shop", "zh-Hant": "在店裡", "ru": "В магазине"})}},
        names=(
            ("channel", "shop", Label.of({"en": "Shop walkers", "zh-Hant": "逛店族"})),
            ("spend", "high", Label.of({"en": "Big <b>spenders</b>"})),
        ),
        goals={"Shop walkers": Label.of({"en": "See and touch before buying"})},
    )


@pytest.fixture(scope="module")
def found() -> Segmentation:
    return segment_customers(Table.of(customers_with_segments()[0], roles()), n_boot=6)


def test_planted_segments_are_found_and_named(found: Segmentation) -> None:
    _, kind = customers_with_segments()
    assert found.n_segments == 3
    assert adjusted_rand(found.assigned, kind) > 0.85
    assert {"Shop walkers", "Big <b>spenders</b>"} < set(found.names)
    walkers = found.members.query("segment == 'Shop walkers'")["customer_id"]
    assert np.mean(kind[walkers.str[1:].astype(int)] == 2) > 0.9
    assert found.goal("逛店族").text("en") == "See and touch before buying"  # type: ignore[union-attr]
    assert found.goal("Big <b>spenders</b>") is None
    assert found.labels["Shop walkers"].text("zh-Hant") == "逛店族"


def test_members_and_summary_add_up(found: Segmentation) -> None:
    assert list(found.members.columns) == ["customer_id", "segment", "posterior", "unclassified"]
    assert found.summary["n"].sum() == 240
    assert found.summary["n"].is_monotonic_decreasing
    assert ((found.summary["low"] < found.summary["share"]) & (found.summary["share"] < found.summary["high"])).all()
    assert found.posteriors.sum(axis=1).to_numpy() == pytest.approx(np.ones(240))
    assert (found.members["unclassified"] == (found.members["posterior"] < 0.6)).all()
    assert found.weights.sum(axis=1) == pytest.approx(np.ones(240))


def test_the_verdict_and_the_words(found: Segmentation) -> None:
    assert found.verdict.startswith("3 segments of 240 customers (latent class), natural; the homogeneity test rejects")
    assert set(found.stability.columns) == {"segment", "n", "jaccard", "word", "uncertain"}
    assert found.nature == "natural"
    assert found.count.table["chosen"].tolist().index(True) == 2
    assert any("70 a column" in note or "advised" in note for note in found.notes)


def test_p_values_only_on_passive_columns(found: Segmentation) -> None:
    profile = found.profile()
    assert profile.loc[profile["role"] == "active", ["p", "q"]].isna().all(axis=None)
    passive = profile[profile["role"] == "passive"]
    assert passive["q"].notna().all()
    assert (passive["q"] >= passive["p"] - 1e-12).all()
    assert profile["effect"].notna().all()


def test_traits_read_in_the_language(found: Segmentation) -> None:
    english = found.traits("Big <b>spenders</b>", language="en")
    assert list(english.columns) == ["label", "value", "effect"]
    spend = english[english["label"].str.startswith("Yearly spend")].iloc[0]
    assert spend["value"].startswith("€")
    assert "×" in spend["value"]
    russian = found.traits("Shop walkers", language="ru").set_index("label")["value"]
    assert russian["В магазине"].endswith("(в целом 30\u00a0%)")


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant", "ru"])
def test_the_verdict_speaks_four_languages(found: Segmentation, language: str) -> None:
    said = found.verdict_in(language)
    assert said.endswith("。" if language.startswith("zh") else ".")
    assert f"{found.count.evidence:.1f}" in said
    assert {"3", "240"} <= set(re.findall(r"\d+", said))
    assert (said == found.verdict) == (language == "en")
    one = segment_customers(_table(a=[1.0] * 39 + [2.0])).verdict_in(language)
    assert "40" in one
    assert "{" not in one


def test_a_yes_or_no_question_stands_beside_its_answer() -> None:
    answers = ColumnRoles(labels={"own_car": Label.of({"zh-Hans": "是否自驾", "en": "Owns a car"})})
    label = trait_label("own_car", "否", 0.5, answers)
    assert (label.text("zh-Hans"), label.text("en")) == ("是否自驾：否", "no owns a car")
    assert trait_label("member", "yes", 0.5, ColumnRoles()).text("en") == "member"


def test_the_tree_speaks_in_the_scale_of_the_answers() -> None:
    rng = np.random.default_rng(3)
    kind = np.arange(200) % 2
    table = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(200)],
            "spend": np.exp(rng.normal(4 + 3 * kind, 0.4)),
            "age": np.round(rng.normal(40, 9, 200)),
        }
    )
    found = segment_customers(table, n_segments=2, n_null=0, n_boot=0, weights={"spend": 1.5})
    tree = found.typing_tool().tree
    limit = float(re.search(r"spend <= ([\d.,]+)", tree).group(1).replace(",", ""))  # type: ignore[union-attr]
    assert table["spend"][kind == 0].max() * 0.8 < limit < table["spend"][kind == 1].min() * 1.25
    assert tree.count("|---") == 4  # one question tells them apart: nothing is asked twice


def test_repr_is_short_and_escaped(found: Segmentation) -> None:
    assert "Shop walkers: " in repr(found)
    assert "<b>" not in found._repr_html_()
    assert "Big &lt;b&gt;spenders" in found._repr_html_()


def test_report_says_what_was_done(found: Segmentation) -> None:
    done = found.report.set_index("column")["done"]
    assert "log(1 + x)" in done["spend"]
    assert "5 steps" in done["care"]
    assert found.report.set_index("column").loc["city", "role"] == "passive"


def test_inputs_are_not_changed() -> None:
    table, _ = customers_with_segments(120)
    before = table.copy()
    segment_customers(table, n_segments=2, n_boot=0, n_null=2)
    pd.testing.assert_frame_equal(table, before)


def test_noise_is_one_segment() -> None:
    rng = np.random.default_rng(8)
    table = pd.DataFrame(rng.normal(size=(300, 6)), columns=list("abcdef"))
    table.insert(0, "customer_id", [str(i) for i in range(300)])
    one = segment_customers(table)
    assert one.n_segments == 1
    assert one.names == ("All customers",)
    assert "no evidence of segments beyond one continuum" in one.verdict
    assert one.nature == "none"
    assert one.labels["All customers"].text("ru") == "Все клиенты"


def test_one_factor_is_one_segment_even_behind_categories() -> None:
    rng = np.random.default_rng(9)
    factor = rng.normal(size=500)
    table = pd.DataFrame({f"a{j}": factor + rng.normal(size=500) for j in range(5)})
    table["plan"] = np.where(factor + rng.normal(size=500) > 0.8, "pro", np.where(factor > -0.4, "plus", "free"))
    table.insert(0, "customer_id", [str(i) for i in range(500)])
    assert segment_customers(table, n_boot=0).n_segments == 1


def test_segments_of_level_are_found() -> None:
    rng = np.random.default_rng(10)
    level = rng.integers(0, 3, 500)
    items = {f"a{j:02d}": np.clip(np.round(3 + (level - 1) * 1.4 + rng.normal(0, 0.6, 500)), 1, 5) for j in range(10)}
    table = pd.DataFrame({"customer_id": [str(i) for i in range(500)], **items})
    found = segment_customers(Table.of(table, ColumnRoles(batteries={"attitudes": tuple(items)})), n_boot=0)
    assert found.n_segments == 3
    assert adjusted_rand(found.assigned, level) >= 0.8
    assert any("style='keep'" in note for note in found.notes)


@settings(max_examples=5, deadline=None)
@given(st.permutations(range(120)), st.integers(0, 10**6))
def test_order_and_ids_change_nothing(order: list[int], salt: int) -> None:
    table, _ = customers_with_segments(120)
    first = segment_customers(table, n_segments=3, n_boot=2, n_null=2).members
    moved = table.iloc[list(order)].set_index(np.arange(120) + salt)
    moved["customer_id"] = [f"{(int(name[1:]) * 7919 + salt) % 1_000_003}" for name in moved["customer_id"]]
    again = segment_customers(moved, n_segments=3, n_boot=2, n_null=2).members
    expected = first.iloc[list(order)].reset_index(drop=True)
    assert again["segment"].tolist() == expected["segment"].tolist()
    assert again["posterior"].tolist() == expected["posterior"].tolist()


def test_an_unused_column_and_threads_change_nothing() -> None:
    table, _ = customers_with_segments(150)
    features = ["spend", "visits", "care", "joy", "channel"]
    first = segment_customers(table[["customer_id", *features]], features=features, n_boot=2, n_null=2)
    wide = segment_customers(table.assign(other=np.arange(150)), features=features, n_boot=2, n_null=2)
    pd.testing.assert_frame_equal(first.members, wide.members)
    with threadpool_limits(limits=2):
        pd.testing.assert_frame_equal(
            segment_customers(table, features=features, n_boot=2, n_null=2).members, first.members
        )


@pytest.mark.parametrize(
    "model",
    [
        KMeans(3, n_init=3),
        GaussianMixture(3, covariance_type="diag"),
        make_pipeline(StandardScaler(), KMeans(3, n_init=3)),
        StepMix(3, progress_bar=0, n_init=2, max_iter=60),
        DBSCAN(eps=1.6),
    ],
    ids=["clusterer", "mixture", "pipeline", "stepmix", "density"],
)
def test_any_estimator(model: object) -> None:
    table, kind = customers_with_segments()
    found = segment_customers(
        table, features=["spend", "visits", "care", "joy", "channel"], model=model, n_boot=2, n_null=4
    )
    assert found.method == type(model).__name__
    assert found.posterior.shape == (240, found.n_segments)
    if not isinstance(model, DBSCAN):
        assert found.n_segments == 3
        assert adjusted_rand(found.assigned, kind) > 0.5
    assert not hasattr(model, "labels_")
    assert len(found.predict(table.head(5))) == 5


def test_what_is_no_estimator_is_a_sentence() -> None:
    table, _ = customers_with_segments(60)
    with pytest.raises(CjmError, match=r"model: str is not a clusterer\. Pass a scikit-learn clusterer"):
        segment_customers(table, model="kmeans")


def _table(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": [str(i) for i in range(40)], **columns})


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (_table().head(1), "customers: 1 customer cannot be segmented. Give a table with one row a customer"),
        (_table().head(0), "0 customer"),
        (_table(), "no column is left that could form segments"),
        (_table(a=1.0), "constant: says nothing about segments"),
        (_table(a=np.inf), "a: no usable value"),
        (_table(a=np.nan, b=None), "no usable value"),
        (_table(a=range(40)).assign(customer_id="x"), "repeat"),
    ],
    ids=["one", "none", "only ids", "constant", "infinite", "missing", "same ids"],
)
def test_what_cannot_be_segmented_is_one_sentence(table: pd.DataFrame, sentence: str) -> None:
    with pytest.raises(TableError) as caught:
        segment_customers(table)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_customers_without_ids_are_numbered() -> None:
    table = customers_with_segments(60)[0].drop(columns="customer_id")
    found = segment_customers(table, n_segments=2, n_null=0, n_boot=0)
    assert found.members["customer_id"].is_unique
    assert len(found.members) == 60


def test_few_distinct_rows_do_not_fail() -> None:
    table = _table(a=[1.0, 2.0] * 20, b=[3.0, 9.0] * 20)
    assert segment_customers(table, n_boot=2, n_null=4).n_segments in (1, 2)
    assert segment_customers(_table(a=[1.0] * 39 + [2.0])).n_segments == 1


def test_wrong_requests_are_sentences() -> None:
    table, _ = customers_with_segments(60)
    with pytest.raises(
        CjmError, match=r"n_segments: 'many' is not a number of segments\. Write 'auto' or a whole number"
    ):
        segment_customers(table, n_segments="many")
    with pytest.raises(CjmError, match="style: 'center' is not a way to treat response style\\. Did you mean 'centre'"):
        segment_customers(table, style="center")


def test_names_can_be_changed(found: Segmentation) -> None:
    renamed = found.named({"逛店族": {"en": "Strollers", "ru": "Гуляющие"}})
    assert "Strollers" in renamed.names
    assert "Shop walkers" in found.names
    with pytest.raises(CjmError, match="two segments would have the same name"):
        found.named({"Shop walkers": "Big <b>spenders</b>"})
    with pytest.raises(CjmError, match="Did you mean 'Shop walkers'"):
        found.named({"Shop walker": "X"})


def test_new_customers_are_typed_with_gaps(found: Segmentation) -> None:
    table, _ = customers_with_segments()
    again = found.predict(table)
    assert (again["segment"].to_numpy() == found.members["segment"].to_numpy()).all()
    gaps = table.assign(spend=np.nan).drop(columns="joy")
    assert (found.predict(gaps)["segment"].to_numpy() == found.members["segment"].to_numpy()).mean() > 0.75
    with pytest.raises(CjmError, match="predict: these customers cannot be typed\\. The segments were formed by"):
        found.predict(table[["customer_id", "city"]])


def test_typing_tool_is_cross_validated(found: Segmentation) -> None:
    tool = found.typing_tool(items=2)
    assert len(tool.items) == 2
    assert 0.6 < tool.accuracy <= 1
    assert tool.confusion.to_numpy().sum() == 240
    assert np.trace(tool.confusion.to_numpy()) / 240 == pytest.approx(tool.accuracy)
    table, _ = customers_with_segments()
    short = tool.classify(table[["customer_id", *tool.items]])
    assert (short["segment"].to_numpy() == found.members["segment"].to_numpy()).mean() > 0.6
    with pytest.raises(CjmError, match="typing tool: the item"):
        tool.classify(table[["customer_id"]])


def test_personas_carry_interval_traits_and_real_quotes(found: Segmentation) -> None:
    feedback = pd.DataFrame(
        {
            "feedback_id": [f"f{i}" for i in range(240)],
            "customer_id": [f"c{i:04d}" for i in range(240)],
            "text": [f"Words that customer {i} really said" for i in range(240)],
        }
    )
    cards = found.personas("ru", feedback=feedback)
    assert cards["n"].sum() == 240
    walkers = cards[cards["segment"] == "Shop walkers"].iloc[0]
    assert walkers["goal"] == "See and touch before buying"
    assert walkers["name"] == "Shop walkers"
    assert len(walkers["more"]) == 3
    assert 1 <= len(walkers["less"]) <= 2
    members = set(found.members.query("segment == 'Shop walkers'")["customer_id"])
    assert {f"c{int(quote.split()[3]):04d}" for quote in walkers["quotes"]} <= members
    assert 0 <= walkers["certainty"] <= 1


def test_a_refit_keeps_its_names_and_drift_is_said(found: Segmentation) -> None:
    later, _ = customers_with_segments(300, seed=5)
    later["customer_id"] = [f"n{i}" for i in range(300)]
    refit = segment_customers(
        later, features=["spend", "visits", "care", "joy", "channel"], n_segments=3, n_boot=0, n_null=2
    )
    assert set(refit.named_like(found).names) == set(found.names)
    assert refit.compare(found)["jaccard"].min() > 0.7
    steady = found.drift(later)
    assert steady.verdict.endswith("the segments still hold.")
    shifted = pd.concat([later, later[later["channel"] == "shop"].assign(customer_id=lambda t: "x" + t["customer_id"])])
    moved = found.drift(shifted.reset_index(drop=True)).table.set_index("segment")
    assert moved.loc["Shop walkers", "change"] > 0.1
    assert moved.loc["Shop walkers", "q"] < 0.05


def test_given_segments() -> None:
    table, kind = customers_with_segments(90)
    given_segments = Segmentation.from_column(table.assign(tier=np.array(KINDS)[kind]), "tier")
    assert set(given_segments.names) == set(KINDS)
    assert given_segments.nature == "given"
    assert given_segments.verdict == "3 segments of 90 customers, given from outside; not tested."
    assert "tier" not in set(given_segments.profile()["column"])
    with pytest.raises(TableError, match="Did you mean 'city'"):
        Segmentation.from_column(table, "cty")


def test_large_tables_are_sampled_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cjmlab.segments.fitting.SAMPLE_ROWS", 300)
    monkeypatch.setattr("cjmlab.segments.whole.BATCH_ROWS", 250)
    table, kind = customers_with_segments(900)
    features = ["spend", "visits", "care", "joy", "channel"]
    found = segment_customers(table, features=features, n_boot=2, n_null=6)
    assert adjusted_rand(found.assigned, kind) > 0.85
    assert len(found.members) == 900
    assert any("random sample of 300 of 900 customers" in note for note in found.notes)
    chosen = segment_customers(table, features=features, model=KMeans(3, n_init=3), n_boot=0, n_null=2)
    assert adjusted_rand(chosen.assigned, kind) > 0.7


def test_names_in_a_language_without_english() -> None:
    table, _ = customers_with_segments()
    table = table.rename(columns={"spend": "расходы", "visits": "визиты"})
    found = segment_customers(
        table,
        features=["расходы", "визиты", "care", "joy"],
        roles=ColumnRoles(language="ru"),
        n_segments=3,
        n_null=2,
        n_boot=0,
    )
    assert not any(name.lower().startswith(("high", "low")) or " high " in name for name in found.names)
    assert any("высоко" in name or "низко" in name for name in found.names)
