"""Train the shipped weights: ``python -m cjmlab.feedback.training [folder for the weights]``.

Reads the shared data folder (``CJMLAB_DATA``), writes the weights (``en.npz`` …) and a model card (``en.md`` …) of each
language. The same files and library versions give the same bytes. One thread: set ``OMP_NUM_THREADS=1``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from cjmlab.feedback.scorers.features import Reading
from cjmlab.feedback.scorers.linear import LinearModel, save_model
from cjmlab.feedback.training.card import write_card
from cjmlab.feedback.training.fitting import Design, Recipe, calibrate, fit_model, read_design
from cjmlab.feedback.training.measures import measure
from cjmlab.feedback.training.recipes import RECIPES
from cjmlab.feedback.training.rows import domain_folds, read_rows

VERSION = "2026.11"
_ROWS_A_BATCH = 2000
_NEAR = 0.8  # share of the temperature's evidence that comes from the same sources


def train_language(recipe: Recipe, rows: pd.DataFrame) -> tuple[LinearModel, dict[str, pd.DataFrame]]:
    """Return the model of a language and its measures on unseen rows and on unseen domains."""
    design = read_design(rows, recipe)
    texts = rows["text"].tolist()
    whole, test = (rows["kind"] == "text").to_numpy(), rows["test"].to_numpy()
    source = (rows["source"] + "/" + rows["domain"]).to_numpy(object)
    logits = _unseen_logits(design, recipe, texts, domain_folds(rows["domain"]))
    inside = fit_model(design.take(~test), recipe, VERSION)
    part = whole & test
    near = _logits(inside, [texts[i] for i in np.flatnonzero(part)])
    labels = design.labels
    far = labels[whole]
    weight = np.concatenate([np.full(part.sum(), _NEAR / part.sum()), np.full(len(far), (1 - _NEAR) / len(far))])
    final = fit_model(design, recipe, VERSION)
    model = calibrate(final, np.vstack([near, logits[whole]]), np.concatenate([labels[part], far]), weight)
    hot = model.temperature
    measures = {
        "other rows of the same sources": measure(_chances(model, near / hot), labels[part], source[part]),
        "other domains (four folds, no domain in two)": measure(
            _chances(model, logits[whole] / hot), labels[whole], source[whole]
        ),
    }
    return model, measures


def _unseen_logits(design: Design, recipe: Recipe, texts: list[str], folds: np.ndarray) -> np.ndarray:
    heads = 3 if recipe.head == "flat" else 2
    logits = np.zeros((len(texts), heads))
    for fold in np.unique(folds):
        out = folds == fold
        model = fit_model(design.take(~out), recipe, VERSION)
        logits[out] = _logits(model, [texts[i] for i in np.flatnonzero(out)])
    return logits


def _logits(model: LinearModel, texts: list[str]) -> np.ndarray:
    starts = range(0, len(texts), _ROWS_A_BATCH)
    return np.vstack([model.logits(Reading(texts[start : start + _ROWS_A_BATCH])) for start in starts])


def _chances(model: LinearModel, logits: np.ndarray) -> np.ndarray:
    from cjmlab.feedback.scorers.linear import spread

    return spread(logits, model.head)


def main(arguments: list[str]) -> None:
    """Train all languages, or those named after the folder."""
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[1] / "scorers" / "weights"
    languages = arguments[1:] or list(RECIPES)
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for language in languages:
        rows = read_rows(language)
        model, measures = train_language(RECIPES[language], rows)
        save_model(model, folder / f"{language}.npz")
        found[language] = (rows, model, measures)
        for name, table in measures.items():
            means = table[["f3", "f2", "ece"]].mean().round(3).to_dict()
            print(f"{language}, {name}: {means}", flush=True)
        write_card(folder / f"{language}.md", language, rows, model, measures)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main(sys.argv[1:])
