"""From a sample to everybody: one step of the model over all customers in batches, then their segments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from cjmlab.segments.features import FeatureSpace, Mixed
from cjmlab.segments.models import Labels, refine_mixture
from cjmlab.segments.partition import Fitted, size_order
from cjmlab.segments.reading import Floats

BATCH_ROWS = 100_000


def pass_over_all(space: FeatureSpace, raw: Floats, fitted: Fitted) -> Fitted:
    """Carry a model from the sample to all customers: one EM step in batches, then assignment."""
    mixture = refine_mixture(_batches(space, raw), fitted.mixture)
    posterior = np.concatenate([mixture.posteriors(mixed) for mixed in _batches(space, raw)])
    assigned = np.asarray(posterior.argmax(axis=1), dtype=np.int64)
    if fitted.estimator is not None and hasattr(fitted.estimator, "predict"):
        assigned = _predict_estimator(space, raw, fitted, assigned)
    order = size_order(assigned, fitted.n_segments)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return replace(fitted, assigned=rank[assigned], posterior=posterior[:, order], mixture=mixture.permuted(order))


def _predict_estimator(space: FeatureSpace, raw: Floats, fitted: Fitted, fallback: Labels) -> Labels:
    """Assign by the estimator itself; its numbers are matched to ours on the sample."""
    found = np.concatenate(
        [
            np.asarray(fitted.estimator.predict(space.design(raw[start : start + BATCH_ROWS])))
            for start in range(0, len(raw), BATCH_ROWS)
        ]
    )
    sample = found[: len(fitted.assigned)]
    ours = {int(label): int(np.bincount(fitted.assigned[sample == label]).argmax()) for label in np.unique(sample)}
    return np.array([ours.get(int(label), int(other)) for label, other in zip(found, fallback, strict=True)])


def _batches(space: FeatureSpace, raw: Floats) -> Iterator[Mixed]:
    for start in range(0, len(raw), BATCH_ROWS):
        yield space.mixed(raw[start : start + BATCH_ROWS])
