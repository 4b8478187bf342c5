"""Train the shipped weights: ``python -m cjmlab.feedback.training [--check] [--scratch FOLDER] [LANGUAGE …]``.

Reads the shared data folder (``CJMLAB_DATA``) and the written clauses, writes the weights (``en.npz`` …) and a model card
(``en.md`` …) of each language; with ``--check`` it writes nothing and compares with what ships, bit for bit. The same files
and library versions give the same bytes. One thread: set ``OMP_NUM_THREADS=1``. ``--scratch`` keeps the models' readings of
the domains that are left out, so that a stopped run goes on; ``benchmarks/text.py --domains`` reads the same folder.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from cjmlab.feedback.scorers.linear import LinearModel, save_model, spread
from cjmlab.feedback.training.card import write_card
from cjmlab.feedback.training.fitting import Design, Floats, Recipe, calibrate, fit_model, read_design
from cjmlab.feedback.training.measures import measure
from cjmlab.feedback.training.recipes import RECIPES
from cjmlab.feedback.training.rows import TWO_CLASS, read_rows
from cjmlab.feedback.training.transfer import read_logits, unseen_logits

VERSION = "2026.11.2"
SHIPPED = Path(__file__).resolve().parents[1] / "scorers" / "weights"
_NEAR = 0.8  # share of the calibration's evidence that comes from the same sources


def train_language(
    recipe: Recipe, rows: pd.DataFrame, scratch: Path | None = None
) -> tuple[LinearModel, dict[str, pd.DataFrame]]:
    """Return the model of a language and its measures on unseen rows and on unseen domains."""
    design = read_design(rows, recipe)
    whole, test = (rows["kind"] == "text").to_numpy(), rows["test"].to_numpy()
    source = (rows["source"] + "/" + rows["domain"]).to_numpy(object)
    near, far = whole & test, whole
    logits = np.vstack([_near_logits(rows, design, recipe), unseen_logits(rows, design, recipe, scratch)[far]])
    labels = np.concatenate([design.labels[near], design.labels[far]])
    weight = np.vstack([_NEAR * _evidence(source[near]), (1 - _NEAR) * _evidence(source[far])])
    model = calibrate(fit_model(design, recipe, VERSION), logits, labels, weight)
    chances = spread((logits + model.shift) / model.temperature, model.head)
    split = int(near.sum())
    measures = {
        "other rows of the same sources": measure(chances[:split], labels[:split], source[near]),
        "other domains, each left out in turn": measure(chances[split:], labels[split:], source[far]),
    }
    return model, measures


def _near_logits(rows: pd.DataFrame, design: Design, recipe: Recipe) -> Floats:
    """Return the logits of the test rows by a model of the other rows."""
    test = rows["test"].to_numpy()
    inside = fit_model(design.take(~test), recipe, VERSION)
    return read_logits(inside, rows.loc[test & (rows["kind"] == "text").to_numpy(), "text"].tolist())


def _evidence(source: np.ndarray) -> Floats:
    """Return what each row counts for the temperature and for the neutral class: every source and domain alike."""
    alike = 1 / pd.Series(source).groupby(source).transform("size").to_numpy(float)
    three = ~pd.Series(source).str.split("/").str[0].isin(TWO_CLASS).to_numpy()
    return np.stack([alike / alike.sum(), alike * three / (alike * three).sum()], axis=1)


def write_language(language: str, folder: Path, scratch: Path | None) -> None:
    """Train one language; write its weights and its card; print its measures."""
    rows = read_rows(language)
    model, measures = train_language(RECIPES[language], rows, scratch)
    save_model(model, folder / f"{language}.npz")
    for name, table in measures.items():
        means = table[["f3", "f2", "ece"]].mean().round(3).to_dict()
        print(f"{language}, {name}: {means}", flush=True)
    write_card(folder / f"{language}.md", language, rows, model, measures)


def main(arguments: list[str]) -> int:
    """Train the languages asked for; return 1 when a check finds other bytes than ship."""
    asked = argparse.ArgumentParser(prog="python -m cjmlab.feedback.training", description="Train the shipped weights.")
    asked.add_argument("languages", nargs="*", default=list(RECIPES), metavar="LANGUAGE")
    asked.add_argument("--check", action="store_true", help="compare with the shipped bytes, write nothing")
    asked.add_argument("--scratch", type=Path, help="folder that keeps what a stopped run has done")
    asked.add_argument("--folder", type=Path, default=SHIPPED, help="where the weights go")
    given = asked.parse_args(arguments)
    with tempfile.TemporaryDirectory() as aside:
        folder = Path(aside) if given.check else given.folder
        folder.mkdir(parents=True, exist_ok=True)
        for language in given.languages:
            write_language(language, folder, given.scratch)
        names = [f"{language}.{end}" for language in given.languages for end in ("npz", "md")] if given.check else []
        other = [name for name in names if (folder / name).read_bytes() != (given.folder / name).read_bytes()]
    if given.check:
        print("other than what ships: " + ", ".join(other) if other else "bit for bit what ships")
    return 1 if other else 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main(sys.argv[1:]))
