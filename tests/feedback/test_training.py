"""Training: the same bytes twice, a domain left out is not learned from, a clause knows its text; skipped where the data is absent."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import CjmError
from cjmlab.feedback.scorers.linear import load_model, save_model
from cjmlab.feedback.training.clause_model import clause_rows, train_clauses
from cjmlab.feedback.training.fitting import calibrate, fit_model, read_design
from cjmlab.feedback.training.measures import calibration_error, macro_f1, measure, reliability
from cjmlab.feedback.training.recipes import RECIPES, TERMS
from cjmlab.feedback.training.rows import data_folder, read_rows


def toy(language: str = "en") -> pd.DataFrame:
    words = {0: "awful rude broken", 1: "blue box Tuesday", 2: "lovely quick friendly"}
    rows = [
        (f"{word} thing {k}", label, "shop", "hutto", "text")
        for label, said in words.items()
        for k in range(12)
        for word in said.split()
    ]
    return pd.DataFrame(rows, columns=["text", "label", "domain", "source", "kind"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_training_twice_gives_the_same_bytes_and_reads_back(tmp_path, language: str) -> None:
    recipe = replace(RECIPES[language], plan=replace(RECIPES[language].plan, bits=12), language=language)
    for name in ("one", "two"):
        design = read_design(toy(), recipe)
        model = fit_model(design, recipe, "test")
        model = calibrate(
            model, np.zeros((len(design.labels), len(model.scale))), design.labels, np.ones((len(design.labels), 2))
        )
        save_model(model, tmp_path / f"{name}.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    read = load_model(tmp_path / "one.npz").probabilities(["lovely thing", "awful thing"])
    assert read[0].argmax() == 2
    assert read[1].argmax() == 0


def test_calibration_finds_the_heat_and_the_readiness_for_neutral() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(0, 1.5, (4000, 3))
    chances = np.exp(true) / np.exp(true).sum(axis=1, keepdims=True)
    labels = (rng.random(4000)[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    design = read_design(toy(), replace(RECIPES["en"], plan=replace(RECIPES["en"].plan, bits=12)))
    model = fit_model(design, replace(RECIPES["en"], plan=replace(RECIPES["en"].plan, bits=12)), "test")
    told = true * 1.5 - np.array([0, 0.6, 0])  # too sure, and too shy of neutral
    found = calibrate(model, told, labels, np.ones((4000, 2)))
    assert found.temperature[0] == pytest.approx(1.5, abs=0.15)
    assert found.shift[1] == pytest.approx(0.6, abs=0.15)
    assert found.shift[[0, 2]].tolist() == [0, 0]


def test_a_domain_left_out_is_not_learned_from_and_a_stopped_run_goes_on(tmp_path, monkeypatch) -> None:
    from cjmlab.feedback.training import transfer

    rows = pd.concat([toy(), toy().assign(domain="bank", text=toy()["text"].str.replace("lovely", "zorgle"))])
    rows = rows.reset_index(drop=True)
    recipe = replace(RECIPES["en"], plan=replace(RECIPES["en"].plan, bits=12))
    design = read_design(rows, recipe)
    first = transfer.unseen_logits(rows, design, recipe, tmp_path)
    assert sorted(path.name.split("-")[1] for path in tmp_path.iterdir()) == ["bank", "shop"]
    monkeypatch.setattr(transfer, "fit_model", None)  # all is kept: nothing is fitted again
    assert (transfer.unseen_logits(rows, design, recipe, tmp_path) == first).all()


def test_the_model_of_clauses_learns_from_the_written_ones_and_is_measured_on_touchpoints_left_out() -> None:
    clauses = toy().assign(kind="clause", source="mams_atsa")
    told = pd.DataFrame(
        [(f"{word} {point} {k}", label, point) for k in range(4) for point in ("till", "door", "app", "menu", "sofa", "pass")
         for label, word in enumerate(("stuck again", "on the left", "worked at once"))],
        columns=["text", "label", "domain"],
    ).assign(source="spoken", kind="spoken")  # fmt: skip
    rows = pd.concat([toy(), clauses, told], ignore_index=True)
    rows["test"] = (rows.index % 5 == 0) & (rows["kind"] != "spoken")
    recipe = replace(RECIPES["en"], plan=replace(RECIPES["en"].plan, bits=12))
    model, table = train_clauses(recipe, rows)
    assert table.set_index("source").n.to_dict() == {
        "mams_atsa/shop": int((rows.test & (rows.kind == "clause")).sum()),
        "spoken": len(told),
    }
    assert table.set_index("source").f2["spoken"] > 0.9
    assert model.probabilities(["stuck again", "worked at once"]).argmax(axis=1).tolist() == [0, 2]


def test_measures_by_hand() -> None:
    truth = np.array([0, 0, 2, 1])
    chances = np.array([[0.8, 0.1, 0.1], [0.2, 0.2, 0.6], [0.1, 0.1, 0.8], [0.3, 0.4, 0.3]])
    assert macro_f1(truth, chances.argmax(axis=1), (0, 1, 2)) == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)
    assert calibration_error(chances, truth) == pytest.approx((2 * 0.2 + 0.6 + 0.6) / 4)
    assert reliability(chances, truth).n.sum() == 4
    assert measure(chances, truth, np.array(["a"] * 4, dtype=object)).f2.iloc[0] == pytest.approx((2 / 3 + 2 / 3) / 2)


def test_the_training_files() -> None:
    try:
        data_folder()
    except CjmError as problem:
        pytest.skip(str(problem))
    rows = read_rows("ru")
    assert set(rows.label) == {0, 1, 2}
    assert set(rows.source) <= set(TERMS)
    assert {"text", "clause", "written"} == set(rows.kind)
    assert not rows.test[rows.kind == "written"].any()
    parts = rows.groupby("whole").test.nunique()
    assert parts.max() == 1
    own = clause_rows("ru").query("kind == 'spoken'")
    assert len(own) > 5000
    assert not own.test.any()
    clauses = rows[rows.kind == "clause"]
    assert all(text in whole for text, whole in zip(clauses.text, clauses.whole, strict=True))


def test_a_missing_folder_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("CJMLAB_DATA", str(tmp_path))
    with pytest.raises(CjmError, match=r"the training files are not there\. Set CJMLAB_DATA to their folder\."):
        data_folder()
