"""The model of clauses: what customers tell at one touchpoint, in few words and often without praise or blame.

It sees the rows of the model of whole texts and, beside them, the clauses that were written for every touchpoint
(``spoken/``), which count most: each touchpoint has them in praise, in blame and as plain facts, so that its words alone say
nothing of polarity.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.feedback.scorers.linear import LinearModel, spread
from cjmlab.feedback.training.fitting import Recipe, calibrate, evidence, fit_model, read_design
from cjmlab.feedback.training.measures import measure
from cjmlab.feedback.training.rows import LABELS, read_rows
from cjmlab.feedback.training.spoken_rows import read_spoken
from cjmlab.feedback.training.transfer import read_logits

VERSION = "2026.11.3"

WEIGHTS = {"text": 1.0, "clause": 1.0, "written": 4.0, "spoken": 4.0}
"""What a row of each kind counts; chosen on touchpoints and texts left out."""

FOLDS = 3
"""Parts of the touchpoints that are left out in turn."""


def clause_rows(language: str) -> pd.DataFrame:
    """Return the rows of ``read_rows`` and the written clauses of the touchpoints, whose ``domain`` is the touchpoint."""
    rows = read_rows(language)
    spoken = read_spoken(language).drop_duplicates("clause")
    spoken = spoken[~spoken["text"].isin(set(rows["text"]))]
    own = pd.DataFrame({
        "text": spoken["text"], "label": spoken["polarity"].map({label: k for k, label in enumerate(LABELS)}).astype(np.int64),
        "domain": spoken["touchpoint"], "source": "spoken", "kind": "spoken", "whole": spoken["text"], "test": False,
    })  # fmt: skip
    return pd.concat([rows, own], ignore_index=True)


def train_clauses(recipe: Recipe, rows: pd.DataFrame) -> tuple[LinearModel, pd.DataFrame]:
    """Return the model of clauses of a language, and its measures on clauses and touchpoints that its like had not seen."""
    design = read_design(rows, recipe, WEIGHTS)
    kind, test, part = rows["kind"].to_numpy(object), rows["test"].to_numpy(), _parts(rows)
    read_by = np.where((kind == "clause") & test, 0, part)
    logits = np.zeros((len(rows), 3 if recipe.head == "flat" else 2))
    for k in range(FOLDS):
        model = fit_model(design.take(~test & (part != k)), recipe, VERSION)
        logits[read_by == k] = read_logits(model, rows.loc[read_by == k, "text"].tolist())
    seen = read_by >= 0
    spoken = kind[seen] == "spoken"
    source = np.where(spoken, "spoken", rows["source"][seen] + "/" + rows["domain"][seen]).astype(object)
    weight = np.where(spoken[:, None], evidence(source) * len(set(source)), evidence(source))
    model = calibrate(fit_model(design, recipe, VERSION), logits[seen], design.labels[seen], weight)
    chances = spread((logits[seen] + model.shift) / model.temperature, model.head)
    return model, measure(chances, design.labels[seen], source)


def _parts(rows: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return in which part the touchpoint of each written clause is left out; −1 for other rows."""
    spoken = (rows["kind"] == "spoken").to_numpy()
    points = sorted(set(rows.loc[spoken, "domain"]))
    turn = dict(zip(points, np.random.default_rng(1).permutation(len(points)) % FOLDS, strict=True))
    return np.where(spoken, rows["domain"].map(turn).fillna(-1).to_numpy(), -1).astype(np.int64)
