"""The panel that tunes segments answers what the headless call answers, and refuses in a sentence."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import DBSCAN

import cjmlab as cjm
from cjmlab.errors import TableError
from cjmlab.explore.tuner import SegmentTuner, tune_segments
from cjmlab.explore.tuner_code import write_call
from cjmlab.explore.words import wordings
from cjmlab.study.charter import ColumnRoles
from cjmlab.tables import Table
from cjmlab.vocabulary import LANGUAGES, Label

HOSTILE = "<img src=x onerror=alert(1)> $x^2$"


def customers(n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    kind = np.arange(n) % 3
    return pd.DataFrame(
        {
            "customer_id": [f"c{i:03d}" for i in range(n)],
            "visits": rng.normal(4 + 4 * (kind == 1), 1.0),
            "care": rng.normal(2 + 4 * (kind == 2), 1.0),
            HOSTILE: np.where(rng.random(n) < 0.9, np.array(["app", "<b>web</b>", "shop"])[kind], "app"),
            "age": rng.normal(40 + 8 * (kind == 0), 5.0),
            "same": 1,
        }
    )


@pytest.fixture(scope="module")
def panel() -> SegmentTuner:
    return tune_segments(customers(), name="table")


def answer_of(code: str, table: pd.DataFrame) -> Any:
    """Run the code of a panel as a notebook cell would."""
    names: dict[str, Any] = {"table": table, "customers": table}
    exec(compile(code, "<copied>", "exec"), names)
    return names["segments"]


def all_widgets(box: Any) -> list[Any]:
    return [box, *(each for child in getattr(box, "children", ()) for each in all_widgets(child))]


def test_the_first_answer_is_the_headless_one(panel: SegmentTuner) -> None:
    assert panel.segmentation is not None
    headless = cjm.segment_customers(customers())
    pd.testing.assert_frame_equal(panel.segmentation.members, headless.members)
    assert panel.message.value == headless.verdict
    assert panel.progress.bar_style == "success"


def test_each_control_changes_the_answer_and_the_code_gives_it(panel: SegmentTuner) -> None:
    controls = panel.controls
    controls.number.value = 2
    assert panel.segmentation is not None
    assert panel.segmentation.n_segments == 2
    controls.live.value = False
    controls.roles["age"].value = "passive"
    controls.weights["visits"].value = 2.5
    controls.model.value = "kmeans"
    controls.seed.value = 3
    controls.button.click()
    assert panel.segmentation.method == "KMeans"
    assert panel.segmentation.report.set_index("column").loc["age", "role"] == "passive"
    assert "weights={'visits': 2.5}" in panel.code
    again = answer_of(panel.code, customers())
    pd.testing.assert_frame_equal(again.members, panel.segmentation.members)
    controls.model.value, controls.seed.value, controls.weights["visits"].value = "latent", 0, 1.0
    controls.roles["age"].value = "active"
    controls.live.value = True


def test_a_model_that_needs_a_number_starts_from_the_one_on_the_screen(panel: SegmentTuner) -> None:
    panel.controls.number.value = "auto"
    assert panel.segmentation is not None
    found = panel.segmentation.n_segments
    panel.controls.model.value = "ward"
    assert panel.controls.number.value == found
    assert "auto" not in [value for _, value in panel.controls.number.options]
    panel.controls.model.value = "latent"


def test_pictures_follow_and_say_the_same_in_words(panel: SegmentTuner) -> None:
    panel.controls.number.value = 3
    assert panel.segmentation is not None
    figures, told = panel.pictures.figures, panel.pictures.told
    assert list(figures["sizes"].data[0].y) == pytest.approx(panel.segmentation.summary["share"].tolist())
    assert list(figures["stability"].data[0].y) == pytest.approx(panel.segmentation.stability["jaccard"].tolist())
    assert len(figures["profile"].data[0].x) == 3
    table = panel.segmentation.count.table.dropna(subset=["silhouette"])
    assert list(figures["silhouette"].data[0].y) == pytest.approx(table["silhouette"].tolist())
    assert len(figures["plane"].data[0].x) == 120
    assert all(told.values())
    assert "n 40" in told["sizes"]


def test_no_text_of_the_table_becomes_markup(panel: SegmentTuner) -> None:
    assert not any(type(each).__name__ in ("HTML", "HTMLMath") for each in all_widgets(panel))
    for figure in panel.pictures.figures.values():
        assert "<img" not in figure.to_json()
        assert "<b>" not in figure.to_json()
    labels = [str(each.value) for each in all_widgets(panel) if type(each).__name__ == "Label"]
    assert not any("$" in text for text in labels)


def test_columns_are_offered_under_their_declared_names() -> None:
    declared = ColumnRoles(labels={"care": Label.of({"en": "How much they care", "ru": "Насколько важно"})})
    panel = tune_segments(Table.of(customers(60), declared), language="ru")
    assert panel.controls.roles["care"].tooltip == "Роль столбца Насколько важно (care)"
    assert "Насколько важно" in panel.pictures.figures["profile"].data[0].y


def test_every_control_has_a_name_or_a_description(panel: SegmentTuner) -> None:
    kinds = {"Dropdown", "BoundedIntText", "BoundedFloatText", "Button", "Textarea", "Checkbox"}
    controls = [each for each in all_widgets(panel) if type(each).__name__ in kinds]
    assert len(controls) > 10
    assert all(each.tooltip or each.description for each in controls if not getattr(each, "disabled", False))


def test_a_column_that_cannot_be_used_is_offered_disabled_with_the_reason(panel: SegmentTuner) -> None:
    assert panel.controls.roles["same"].disabled
    assert "constant" in panel.controls.roles["same"].tooltip


def test_nothing_runs_before_the_button_when_it_does_not_follow(panel: SegmentTuner) -> None:
    panel.controls.number.value = 2
    panel.controls.live.value = False
    panel.controls.number.value = 4
    assert panel.segmentation is not None
    assert panel.segmentation.n_segments == 2
    assert "n_segments=4" in panel.code
    panel.controls.button.click()
    assert panel.segmentation.n_segments == 4
    panel.controls.live.value = True


def test_the_steps_are_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(SegmentTuner, "_announce", lambda self, step, share, style: seen.append(step))
    tune_segments(customers(60), language="ru")
    assert {"проверка однородности", "число сегментов", "готово"} <= set(seen)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (customers().head(1), "1 customer cannot be segmented"),
        (pd.DataFrame({"customer_id": list("abc"), "same": [1, 1, 1]}), "no column is left that could form segments"),
    ],
    ids=["one customer", "constant columns"],
)
def test_a_refusal_is_a_sentence_in_the_panel(table: pd.DataFrame, sentence: str) -> None:
    panel = tune_segments(table)
    assert sentence in panel.message.value
    assert panel.segmentation is None
    assert panel.progress.bar_style == "danger"


def test_all_columns_out_is_a_sentence_and_a_way_back(panel: SegmentTuner) -> None:
    chosen = {column: choice.value for column, choice in panel.controls.roles.items() if not choice.disabled}
    panel.controls.live.value = False
    for column in chosen:
        panel.controls.roles[column].value = "passive"
    panel.controls.button.click()
    assert "no column is left" in panel.message.value
    assert panel.segmentation is None
    for column, role in chosen.items():
        panel.controls.roles[column].value = role
    panel.controls.button.click()
    assert panel.segmentation is not None
    panel.controls.live.value = True


def test_estimators_of_ones_own_are_offered() -> None:
    panel = tune_segments(customers(60), models={"density": DBSCAN(eps=0.05)})
    panel.controls.model.value = "density"
    assert "model DBSCAN: the model leaves every customer out" in panel.message.value
    assert "from sklearn.cluster import DBSCAN" in panel.code


def test_what_is_no_table_is_refused_at_the_door() -> None:
    with pytest.raises(TableError):
        tune_segments("customers.csv")  # type: ignore[arg-type]


def test_a_pipeline_is_written_with_all_its_imports() -> None:
    code = write_call({"model": __import__("sklearn.pipeline", fromlist=["x"]).make_pipeline(
        __import__("sklearn.preprocessing", fromlist=["x"]).RobustScaler(), DBSCAN(eps=0.3))})  # fmt: skip
    assert {"from sklearn.cluster import DBSCAN", "from sklearn.pipeline import Pipeline",
            "from sklearn.preprocessing import RobustScaler"} < set(code.splitlines())  # fmt: skip
    compile(code, "<copied>", "exec")


def test_the_panel_speaks_four_languages() -> None:
    for name, label in wordings("tuner").items():
        assert set(label.texts) == set(LANGUAGES), name
    assert tune_segments(customers(40), language="zh-Hant").controls.button.description == "開始分群"


def test_the_panel_loads_only_when_it_is_used() -> None:
    code = "import sys, cjmlab, cjmlab.segments; print('ipywidgets' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
