"""Fit one language: hashed TF-IDF and lexicon features, logistic regression, int8 weights, a temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.feedback.scorers.features import FeaturePlan, Reading, read_features
from cjmlab.feedback.scorers.linear import LinearModel, read_dense, spread
from cjmlab.feedback.training.rows import TWO_CLASS

_ROWS_A_BATCH = 2000
Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Recipe:
    """What was chosen for a language: features, head, penalty, and the weights of parts."""

    language: str
    plan: FeaturePlan
    head: str = "flat"
    strength: float = 2.0
    dense_scale: float = 1.5
    clause_weight: float = 0.5
    written_weight: float = 4.0
    floor: float = 0.3  # of the weight that a feature gets for telling classes apart
    neutral_share: float = 0.5
    smooth: float = 5.0
    turn: float = 3.0  # weight of the reading of negation; 0 to 3 read natural texts alike, 3 reads "not bad" best


@dataclass(frozen=True)
class Design:
    """The features of all rows of a language, read once."""

    counts: Any
    dense: Floats
    labels: Labels
    weight: Floats
    gate: npt.NDArray[np.bool_]

    def take(self, rows: npt.NDArray[np.bool_]) -> Design:
        """Return the design of some rows."""
        return Design(self.counts[rows], self.dense[rows], self.labels[rows], self.weight[rows], self.gate[rows])


def read_design(rows: pd.DataFrame, recipe: Recipe, weights: Mapping[str, float] | None = None) -> Design:
    """Return the features of training rows; ``weights`` of their kinds are those of the recipe when None."""
    texts = rows["text"].tolist()
    heavy = weights or {"text": 1.0, "clause": recipe.clause_weight, "written": recipe.written_weight}
    return Design(
        counts=count_features(texts, recipe.plan),
        dense=dense_features(texts, recipe.language)[:, :-1] * recipe.dense_scale,
        labels=rows["label"].to_numpy(np.int64),
        weight=np.asarray(rows["kind"].map(heavy), np.float64),
        gate=~rows["source"].isin(TWO_CLASS).to_numpy(),
    )


def count_features(texts: Sequence[str], plan: FeaturePlan) -> Any:
    """Return the counts of the hashed features as a sparse matrix, one row a text."""
    from scipy import sparse

    parts = []
    for start in range(0, len(texts), _ROWS_A_BATCH):
        batch = read_features(Reading(texts[start : start + _ROWS_A_BATCH]), plan)
        ones = np.ones(len(batch.rows), np.float32)
        part = sparse.csr_matrix((ones, (batch.rows, batch.buckets)), shape=(batch.size, 1 << plan.bits))
        part.sum_duplicates()
        parts.append(part)
    return sparse.vstack(parts).tocsr()


def dense_features(texts: Sequence[str], language: str) -> Floats:
    """Return the features that are not n-grams, one row a text."""
    starts = range(0, len(texts), _ROWS_A_BATCH)
    return np.vstack([read_dense(Reading(texts[start : start + _ROWS_A_BATCH]), language) for start in starts])


def fit_model(design: Design, recipe: Recipe, version: str) -> LinearModel:
    """Fit one language on a design; temperature 1 and no shift (see ``calibrate``)."""
    from scipy import sparse

    idf, factor = _inverse_frequency(design.counts)
    telling = _telling(design.counts, design.labels, recipe)
    features = sparse.hstack(
        [weigh(design.counts, idf, factor, telling), sparse.csr_matrix(design.dense.astype(np.float32))]
    ).tocsr()
    if recipe.head == "flat":
        parts = [_fit_head(features, design.labels, design.weight, recipe.strength)]
    else:
        gate, polar = design.gate, design.labels != 1
        parts = [
            _fit_head(features[rows], target[rows].astype(np.int64), design.weight[rows], recipe.strength)
            for rows, target in ((gate, design.labels == 1), (polar, design.labels == 2))
        ]
    weights = np.vstack([part[0] for part in parts])
    size = 1 << recipe.plan.bits
    hashed = weights[:, :size] * telling
    scale = np.maximum(np.abs(hashed).max(axis=1), 1e-12) / 127
    return LinearModel(
        language=recipe.language, plan=recipe.plan, head=recipe.head,
        weights=np.rint(hashed / scale[:, None]).astype(np.int8), scale=scale,
        dense=np.column_stack([weights[:, size:] * recipe.dense_scale, _turn(recipe)]).round(6).astype(np.float64),
        intercept=np.round(np.concatenate([part[1] for part in parts]), 6), idf=idf, idf_scale=factor,
        temperature=np.ones(len(scale)), shift=np.zeros(len(scale)), version=version,
    )  # fmt: skip


def calibrate(model: LinearModel, logits: Floats, labels: Labels, weight: Floats) -> LinearModel:
    """Return the model with the temperature, and the readiness to call a text neutral, that make unseen rows likeliest.

    Parameters
    ----------
    model : LinearModel
        As fitted.
    logits : array (n, heads)
        Logits of rows that the models behind them had not seen.
    labels : array (n,)
        Their labels.
    weight : array (n, 2)
        What each row counts for the temperature and for the neutral class: rows of sources without neutral texts tell
        nothing about the latter.
    """
    neutral = 1 if model.head == "flat" else 0

    def loss(temperature: float, shift: float, kind: int) -> float:
        moved = logits.copy()
        moved[:, neutral] += shift
        chances = spread(moved / temperature, model.head)
        likely = np.log(np.maximum(chances[np.arange(len(labels)), labels], 1e-6))
        return -float(np.average(likely, weights=weight[:, kind]))

    temperature, shift = 1.0, 0.0
    for _ in range(3):
        temperature = min(np.round(np.arange(0.7, 2.01, 0.05), 2), key=lambda value: loss(value, shift, 0))
        shift = min(np.round(np.arange(-1.0, 1.51, 0.05), 2), key=lambda value: loss(temperature, value, 1))
    shifts = np.zeros(len(model.scale))
    shifts[neutral] = shift
    return replace(model, temperature=np.full(len(model.scale), float(temperature)), shift=shifts)


def evidence(source: npt.NDArray[np.object_]) -> Floats:
    """Return what each row counts for the temperature and for the neutral class: every source and domain alike."""
    alike = 1 / pd.Series(source).groupby(source).transform("size").to_numpy(float)
    three = ~pd.Series(source).str.split("/").str[0].isin(TWO_CLASS).to_numpy()
    return np.stack([alike / alike.sum(), alike * three / (alike * three).sum()], axis=1)


def _turn(recipe: Recipe) -> Floats:
    """Return the weight of the feature ``turn`` in each head."""
    return np.array([-0.5, 0.0, 0.5] if recipe.head == "flat" else [0.0, 1.0], np.float64) * recipe.turn


def _inverse_frequency(counts: Any) -> tuple[npt.NDArray[np.uint8], float]:
    seen = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log((1 + counts.shape[0]) / (1 + seen)) + 1
    factor = float(idf.max() / 255)
    return np.maximum(np.rint(idf / factor), 1).astype(np.uint8), factor


def _telling(counts: Any, labels: Labels, recipe: Recipe) -> Floats:
    """Return how much each bucket tells classes apart: the penalty is lighter where it does."""
    present = counts.copy()
    present.data = np.ones_like(present.data)
    sums = [np.asarray(present[labels == k].sum(axis=0)).ravel() + recipe.smooth for k in range(3)]
    negative, neutral, positive = (part / part.sum() for part in sums)
    spread_out = np.abs(np.log(positive / negative))
    spread_out += recipe.neutral_share * np.abs(np.log(2 * neutral / (positive + negative)))
    weight = recipe.floor + spread_out
    return np.asarray(weight / np.sqrt((weight**2).mean()))


def weigh(counts: Any, idf: npt.NDArray[np.uint8], factor: float, telling: Floats) -> Any:
    """Return the features as the scorer sees them: counts times inverse frequency, each text of length one.

    The length adds up repeated features singly, as the scorer does, so both see the same numbers.
    """
    from scipy import sparse

    values = idf.astype(np.float64) * factor
    length = np.sqrt(np.asarray(counts @ (values**2)).ravel())
    length[length == 0] = 1
    return (sparse.diags(1 / length) @ counts @ sparse.diags(values * telling)).astype(np.float32).tocsr()


def _fit_head(features: Any, target: Labels, weight: Floats, strength: float) -> tuple[Floats, Floats]:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=strength, max_iter=100, tol=1e-3)
    fitted.fit(features, target, sample_weight=weight)
    return np.asarray(fitted.coef_, np.float64), np.asarray(fitted.intercept_, np.float64)
