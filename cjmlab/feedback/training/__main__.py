"""Train the shipped weights: ``python -m cjmlab.feedback.training [--check] [--scratch FOLDER] [LANGUAGE …]``.

Reads the shared data folder (``CJMLAB_DATA``) and the written clauses, writes the weights (``en.npz``, for clauses
``en_clauses.npz`` …) and a model card (``en.md`` …) of each language; with ``--check`` it writes nothing and compares with
what ships, bit for bit. The same files and library versions give the same bytes. One thread: set ``OMP_NUM_THREADS=1``.
``--scratch`` keeps the models' readings of the domains that are left out, so that a stopped run goes on;
``benchmarks/text.py --domains`` reads the same folder.
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
from cjmlab.feedback.training.clause_model import clause_rows, train_clauses
from cjmlab.feedback.training.fitting import Design, Floats, Recipe, calibrate, evidence, fit_model, read_design
from cjmlab.feedback.training.measures import measure
from cjmlab.feedback.training.recipes import RECIPES
from cjmlab.feedback.training.transfer import read_logits, unseen_logits

VERSION = "2026.11.2"
SHIPPED = Path(__file__).resolve().parents[1] / "scorers" / "weights"
KINDS = (".npz", "_clauses.npz", ".md")
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
    weight = np.vstack([_NEAR * evidence(source[near]), (1 - _NEAR) * evidence(source[far])])
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


def write_language(language: str, folder: Path, scratch: Path | None) -> None:
    """Train the two models of one language; write their weights and their card; print their measures."""
    rows, recipe = clause_rows(language), RECIPES[language]
    model, measures = train_language(recipe, rows[rows["kind"] != "spoken"], scratch)
    clauses, told = train_clauses(recipe, rows)
    measures["clauses: other rows, and touchpoints left out"] = told
    save_model(model, folder / f"{language}.npz")
    save_model(clauses, folder / f"{language}_clauses.npz")
    for name, table in measures.items():
        means = table[["f3", "f2", "ece"]].mean().round(3).to_dict()
        print(f"{language}, {name}: {means}", flush=True)
    write_card(folder / f"{language}.md", language, rows, model, clauses, measures)


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
        names = [f"{language}{end}" for language in given.languages for end in KINDS] if given.check else []
        other = [name for name in names if (folder / name).read_bytes() != (given.folder / name).read_bytes()]
    if given.check:
        print("other than what ships: " + ", ".join(other) if other else "bit for bit what ships")
    return 1 if other else 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main(sys.argv[1:]))
