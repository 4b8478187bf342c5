"""The model of clauses: what customers tell at one touchpoint, in few words and often without praise or blame.

It sees the rows of the model of whole texts and, beside them, the clauses that were written for every touchpoint
(``spoken/``, ``hinted/``): each touchpoint has them in praise, in blame and as plain facts, so that its words alone say
nothing of polarity. Ridge regression and naive Bayes on the written clauses alone are added: they trust rare words, which the
logistic regression on all rows shrinks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.feedback.scorers.linear import LinearModel, spread
from cjmlab.feedback.training.fitting import Design, Floats, Recipe, calibrate, evidence, fit_model, read_design, weigh
from cjmlab.feedback.training.linear_fits import naive_bayes, ridge
from cjmlab.feedback.training.measures import measure
from cjmlab.feedback.training.rows import LABELS, read_rows
from cjmlab.feedback.training.spoken_rows import FOLDER, HINTED, read_spoken
from cjmlab.feedback.training.transfer import read_logits

VERSION = "2026.11.4"

PENALTY, SMOOTH = 1.0, 0.1
"""Of the two readings of the written clauses alone: what the ridge regression pays, what naive Bayes adds to every count."""


@dataclass(frozen=True)
class ClauseRecipe:
    """How much the written clauses count; chosen on clauses of another hand and on aspects that disagree in reviews.

    ``spoken`` is the weight of one as a row of the logistic regression, ``heat`` what the scores of the ridge regression are
    raised by, and ``counted`` what the log odds of naive Bayes count. More of each hears more of what is told
    without praise or blame, and less of what reviews say. ``levels`` is how finely weights are written; a language has to
    stay below a megabyte.
    """

    spoken: float
    heat: float
    counted: float
    levels: int = 127

    @property
    def weights(self) -> dict[str, float]:
        """What a row of each kind counts."""
        return {"text": 1.0, "clause": 1.0, "written": 4.0, "spoken": self.spoken}


CLAUSES = {
    "en": ClauseRecipe(0.5, 2.0, 0.06),
    "zh": ClauseRecipe(2.0, 1.5, 0.06),
    "ru": ClauseRecipe(0.5, 2.0, 0.06, levels=63),
}

FOLDS = 3
"""Parts of the touchpoints that are left out in turn."""


def clause_rows(language: str) -> pd.DataFrame:
    """Return the rows of ``read_rows`` and the written clauses of the touchpoints, whose ``domain`` is the touchpoint."""
    rows = read_rows(language)
    told = [read_spoken(language, folder).drop_duplicates("clause") for folder in (FOLDER, HINTED)]
    spoken = pd.concat(told, ignore_index=True)
    spoken = spoken[~spoken["text"].isin(set(rows["text"]))]
    own = pd.DataFrame({
        "text": spoken["text"], "label": spoken["polarity"].map({label: k for k, label in enumerate(LABELS)}).astype(np.int64),
        "domain": spoken["touchpoint"], "source": "spoken", "kind": "spoken", "whole": spoken["text"], "test": False,
    })  # fmt: skip
    return pd.concat([rows, own], ignore_index=True)


def train_clauses(recipe: Recipe, rows: pd.DataFrame) -> tuple[LinearModel, pd.DataFrame]:
    """Return the model of clauses of a language, and its measures on clauses and touchpoints that its like had not seen."""
    design = read_design(rows, recipe, CLAUSES[recipe.language].weights)
    kind, test, part = rows["kind"].to_numpy(object), rows["test"].to_numpy(), _parts(rows)
    read_by = np.where((kind == "clause") & test, 0, part)
    logits = np.zeros((len(rows), 3 if recipe.head == "flat" else 2))
    for k in range(FOLDS):
        model = fit_clauses(design, ~test & (part != k), kind, recipe)
        logits[read_by == k] = read_logits(model, rows.loc[read_by == k, "text"].tolist())
    seen = read_by >= 0
    spoken = kind[seen] == "spoken"
    source = np.where(spoken, "spoken", rows["source"][seen] + "/" + rows["domain"][seen]).astype(object)
    weight = np.where(spoken[:, None], evidence(source) * len(set(source)), evidence(source))
    model = calibrate(
        fit_clauses(design, np.ones(len(rows), bool), kind, recipe), logits[seen], design.labels[seen], weight
    )
    chances = spread((logits[seen] + model.shift) / model.temperature, model.head)
    return model, measure(chances, design.labels[seen], source)


def fit_clauses(
    design: Design, rows: npt.NDArray[np.bool_], kind: npt.NDArray[np.object_], recipe: Recipe
) -> LinearModel:
    """Return the model of some rows, and added to it what the written clauses among them say alone."""
    model, spoken = fit_model(design.take(rows), recipe, VERSION), design.take(rows & (kind == "spoken"))
    features = weigh(spoken.counts, model.idf, model.idf_scale, np.ones(1 << recipe.plan.bits))
    if model.head == "flat":
        added = _readings(features, spoken.labels[:, None] == np.arange(3), recipe)
    else:
        polar = spoken.labels != 1
        gate = _readings(features, _two(spoken.labels == 1), recipe)
        sign = _readings(features[polar], _two(spoken.labels[polar] == 2), recipe)
        added = np.column_stack([gate[:, 1] - gate[:, 0], sign[:, 1] - sign[:, 0]])
    weights = model.weights * model.scale[:, None] + added.T
    scale = np.abs(weights).max(axis=1) / CLAUSES[recipe.language].levels
    return replace(model, weights=np.rint(weights / scale[:, None]).astype(np.int8), scale=scale)


def _readings(features: Any, spoken: npt.NDArray[np.bool_], recipe: Recipe) -> Floats:
    """Return the weights of the two readings together, n-grams × classes."""
    clauses = CLAUSES[recipe.language]
    found = clauses.heat * ridge(features, spoken, np.ones(len(spoken)), PENALTY)
    return np.asarray(found + clauses.counted * naive_bayes(features, spoken.astype(np.float64), SMOOTH))


def _two(yes: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return np.column_stack([~yes, yes])


def _parts(rows: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return in which part the touchpoint of each written clause is left out; −1 for other rows."""
    spoken = (rows["kind"] == "spoken").to_numpy()
    points = sorted(set(rows.loc[spoken, "domain"]))
    turn = dict(zip(points, np.random.default_rng(1).permutation(len(points)) % FOLDS, strict=True))
    return np.where(spoken, rows["domain"].map(turn).fillna(-1).to_numpy(), -1).astype(np.int64)
