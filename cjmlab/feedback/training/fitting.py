"""Fit one language: hashed TF-IDF, logistic regression, int8 weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cjmlab.feedback.scorers.features import FeaturePlan, read_features
from cjmlab.feedback.scorers.linear import LinearModel

_ROWS_A_BATCH = 2000


def count_features(texts: Sequence[str], plan: FeaturePlan) -> Any:
    """Return the counts of the hashed features as a sparse matrix, one row a text."""
    from scipy import sparse

    parts = []
    for start in range(0, len(texts), _ROWS_A_BATCH):
        batch = read_features(texts[start : start + _ROWS_A_BATCH], plan)
        ones = np.ones(len(batch.rows), np.float32)
        part = sparse.csr_matrix((ones, (batch.rows, batch.buckets)), shape=(batch.size, 1 << plan.bits))
        parts.append(part)
    return sparse.vstack(parts).tocsr()


def inverse_frequency(counts: Any) -> tuple[npt.NDArray[np.uint8], float]:
    """Return the inverse document frequency of each bucket as uint8 and the factor that restores it."""
    seen = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log((1 + counts.shape[0]) / (1 + seen)) + 1
    factor = float(idf.max() / 255)
    return np.maximum(np.rint(idf / factor), 1).astype(np.uint8), factor


def weigh(counts: Any, idf: npt.NDArray[np.uint8], factor: float) -> Any:
    """Return the features as the scorer sees them: counts times inverse frequency, each text of length one.

    The length adds up repeated features singly, as the scorer does, so both see the same numbers.
    """
    from scipy import sparse

    values = idf.astype(np.float64) * factor
    length = np.sqrt(np.asarray(counts @ (values**2)).ravel())
    length[length == 0] = 1
    return (sparse.diags(1 / length) @ counts @ sparse.diags(values)).tocsr()


def fit_head(
    features: Any, target: npt.NDArray[np.int64], weight: npt.NDArray[np.float64], strength: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return weights (heads, features) and intercepts of a logistic regression."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=strength, max_iter=300, tol=1e-3).fit(features, target, sample_weight=weight)
    return np.asarray(fitted.coef_, np.float64), np.asarray(fitted.intercept_, np.float64)


def fit_model(
    texts: Sequence[str],
    labels: npt.NDArray[np.int64],
    weight: npt.NDArray[np.float64],
    *,
    plan: FeaturePlan,
    head: str,
    strength: float,
    gate_rows: npt.NDArray[np.bool_],
    version: str,
) -> LinearModel:
    """Fit one language.

    Parameters
    ----------
    texts, labels, weight
        Training rows; labels are 0 negative, 1 neutral, 2 positive.
    plan : FeaturePlan
        What to read.
    head : str
        ``flat`` or ``gate``.
    strength : float
        Inverse of the L2 penalty.
    gate_rows : array of bool
        Rows from sources that do have neutral texts; only they teach the gate.
    version : str
        Written into the file.
    """
    counts = count_features(texts, plan)
    idf, factor = inverse_frequency(counts)
    features = weigh(counts, idf, factor)
    if head == "flat":
        weights, intercept = fit_head(features, labels, weight, strength)
    else:
        polar = labels != 1
        gate = fit_head(features[gate_rows], (labels == 1)[gate_rows].astype(np.int64), weight[gate_rows], strength)
        side = fit_head(features[polar], (labels == 2)[polar].astype(np.int64), weight[polar], strength)
        weights, intercept = np.vstack([gate[0], side[0]]), np.concatenate([gate[1], side[1]])
    scale = np.abs(weights).max(axis=1) / 127
    return LinearModel(
        plan=plan, head=head, weights=np.rint(weights / scale[:, None]).astype(np.int8), scale=scale,
        intercept=intercept, idf=idf, idf_scale=factor, temperature=np.ones(len(scale)), version=version,
    )  # fmt: skip
