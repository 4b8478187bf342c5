"""One partition: the default model, or any scikit-learn estimator, with the mixed model that types new customers."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.segments.features import FeatureSpace, Mixed
from cjmlab.segments.models import Labels, Mixture, by_size, describe_partition, fit_kmeans, fit_mixture
from cjmlab.segments.reading import Floats
from cjmlab.segments.stability import adjusted_rand, clusterwise_jaccard, refit_rows

STABILITY_ROWS = 5000


@dataclass(frozen=True)
class Fitted:
    """A partition of rows and the mixed model that goes with it; what the estimator said on the way stands in notes."""

    assigned: Labels
    posterior: Floats
    mixture: Mixture
    method: str
    agreement: float = float("nan")
    estimator: Any = None
    notes: tuple[str, ...] = ()

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return int(self.posterior.shape[1])


def fit_partition(
    space: FeatureSpace,
    raw: Floats,
    n_segments: int,
    *,
    model: Any = None,
    n_starts: int = 16,
    random_state: int = 0,
) -> Fitted:
    """Fit one model with one number of segments to cleaned rows, the largest segment first.

    An estimator is handed the number, unless that is 0.
    """
    mixed = space.mixed(raw)
    if model is not None:
        return _fit_estimator(space, raw, mixed, set_number(model, n_segments), random_state)
    design = space.design(raw, impute="knn")
    second = fit_kmeans(design, n_segments, random_state=random_state)
    starts = [second] + [fit_kmeans(design, n_segments, n_init=1, random_state=seed) for seed in range(1, 5)]
    mixture = fit_mixture(mixed, n_segments, starts=starts, n_random=n_starts, random_state=random_state)
    posterior = mixture.posteriors(mixed)
    order = size_order(posterior.argmax(axis=1), n_segments)
    assigned = np.asarray(posterior[:, order].argmax(axis=1), dtype=np.int64)
    agreement = adjusted_rand(assigned, second) if n_segments > 1 else float("nan")
    return Fitted(assigned, posterior[:, order], mixture.permuted(order), "latent class", agreement)


def set_number(model: Any, n_segments: int) -> Any:
    """Return a copy of an estimator that looks for so many segments; the estimator itself when the number is 0.

    Raises
    ------
    CjmError
        When the estimator takes no number, or is no estimator.

    Examples
    --------
    >>> from sklearn.cluster import KMeans
    >>> set_number(KMeans(8), 3).n_clusters
    3
    """
    from sklearn.base import clone

    check_estimator(model)
    if n_segments == 0:
        return model
    name = number_setting(model)
    if name is None:
        raise CjmError(f"{type(model).__name__} takes no number of segments", where="n_segments",
                       remedy="Leave it at 'auto': this model finds its own.")  # fmt: skip
    return clone(model).set_params(**{name: n_segments})


def number_setting(model: Any) -> str | None:
    """Return the setting in which an estimator, or the last step of a Pipeline, takes the number of segments.

    Examples
    --------
    >>> from sklearn.cluster import DBSCAN
    >>> from sklearn.mixture import GaussianMixture
    >>> number_setting(GaussianMixture()), number_setting(DBSCAN())
    ('n_components', None)
    """
    last = f"{model.steps[-1][0]}__" if hasattr(model, "steps") else ""
    taken = model.get_params()
    return next((last + name for name in ("n_clusters", "n_components") if last + name in taken), None)


_BY_NAME = (
    "A model is given columns made ready, as a matrix without names. Leave out the steps that choose columns by name; or "
    'label the customers yourself and pass Segmentation.from_column(customers.assign(kind=labels), "kind").'
)


def check_estimator(model: Any) -> None:
    """Refuse what is not a scikit-learn clusterer, mixture or Pipeline."""
    known = hasattr(model, "get_params") and not isinstance(model, type)
    if not known or not (hasattr(model, "fit_predict") or hasattr(model, "predict")):
        name = model.__name__ if isinstance(model, type) else type(model).__name__
        raise CjmError(f"{name} is not a clusterer", where="model",
                       remedy="Pass a scikit-learn clusterer, mixture or Pipeline, such as KMeans(4).")  # fmt: skip


def size_order(assigned: Labels, n_segments: int) -> Labels:
    """Return segment numbers from the largest to the smallest.

    Examples
    --------
    >>> size_order(np.array([0, 2, 2, 1, 1, 1]), 3).tolist()
    [1, 2, 0]
    """
    sizes = np.bincount(assigned, minlength=n_segments)
    return np.asarray(np.lexsort((np.arange(n_segments), -sizes)), dtype=np.int64)


def _fit_estimator(space: FeatureSpace, raw: Floats, mixed: Mixed, model: Any, random_state: int) -> Fitted:
    estimator = _prepare(model, mixed, random_state)
    design = mixed_matrix(mixed) if _reads_mixed(model) else space.design(raw, impute="knn")
    found, notes = _ask(estimator, design)
    clustered = found >= 0
    if not clustered.any():
        raise CjmError("the model leaves every customer out", where=f"model {type(model).__name__}",
                       remedy="Loosen its density settings or take another model.")  # fmt: skip
    labels = np.zeros(len(found), dtype=np.int64)
    labels[clustered] = by_size(found[clustered])
    number = int(labels.max()) + 1
    mixture = describe_partition(mixed.take(np.flatnonzero(clustered)), labels[clustered], number)
    posterior = mixture.posteriors(mixed)
    labels[~clustered] = posterior[~clustered].argmax(axis=1)
    if not clustered.all():
        posterior[~clustered] = min(0.5, 1 / number)  # noise: below the bar of certainty, so unclassified
        notes += (f"{type(model).__name__} leaves {int((~clustered).sum()):,} customers out as noise: they stand with "
                  "the segment they are most like, unclassified.",)  # fmt: skip
    second = fit_kmeans(space.design(raw), number, random_state=random_state)
    agreement = adjusted_rand(labels, second) if number > 1 else float("nan")
    return Fitted(labels, posterior, mixture, type(model).__name__, agreement, estimator, notes)


def _ask(estimator: Any, design: Floats) -> tuple[Labels, tuple[str, ...]]:
    """Return the labels of an estimator and what it warned of; its refusal becomes one sentence."""
    name = type(estimator).__name__
    fit = getattr(estimator, "fit_predict", None)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            found = np.asarray(fit(design) if fit else estimator.fit(design).predict(design)).reshape(-1)
        except Exception as refusal:
            reason = (str(refusal).strip() or type(refusal).__name__).splitlines()[0]
            remedy = _BY_NAME if "dataframe" in reason.casefold() else "Change its settings or take another model."
            raise CjmError(f"the estimator refuses these customers: {reason}", where=f"model {name}",
                           remedy=remedy) from refusal  # fmt: skip
    if len(found) != len(design):
        raise CjmError(f"the estimator returns {len(found)} labels for {len(design)} customers", where=f"model {name}",
                       remedy="fit_predict must return one label a row.")  # fmt: skip
    if found.dtype.kind not in "iub":
        found = np.unique(found.astype(str), return_inverse=True)[1]
    texts = dict.fromkeys(
        str(warning.message).strip().splitlines()[0]
        for warning in said
        if not issubclass(warning.category, (FutureWarning, DeprecationWarning))  # these tell its author, not its user
    )
    return found.astype(np.int64), tuple(f"{name} warns: {text}" for text in list(texts)[:2])


def _prepare(model: Any, mixed: Mixed, random_state: int) -> Any:
    from sklearn.base import clone

    check_estimator(model)
    estimator = clone(model)
    seeds = {
        name: random_state
        for name, value in estimator.get_params().items()
        if name.split("__")[-1] == "random_state" and value is None
    }
    estimator.set_params(**seeds)
    if _reads_mixed(model):
        estimator.set_params(measurement=mixed_measurement(mixed))
    return estimator


def _reads_mixed(model: Any) -> bool:
    return any(parent.__module__.startswith("stepmix.") for parent in type(model).__mro__)


def mixed_matrix(mixed: Mixed) -> Floats:
    """Return numbers and level numbers beside each other, nan where missing, as stepmix reads them (n, g + c)."""
    return np.hstack([mixed.numbers, np.where(mixed.codes < 0, np.nan, mixed.codes.astype(float))])


def mixed_measurement(mixed: Mixed) -> dict[str, dict[str, object]]:
    """Return the measurement model of ``mixed_matrix`` for stepmix: Gaussian and categorical, gaps allowed."""
    parts: dict[str, dict[str, object]] = {}
    if mixed.numbers.shape[1]:
        parts["numbers"] = {"model": "continuous_nan", "n_columns": mixed.numbers.shape[1]}
    if mixed.codes.shape[1]:
        parts["levels"] = {"model": "categorical_nan", "n_columns": mixed.codes.shape[1]}
    return parts


def partition_stability(
    space: FeatureSpace,
    raw: Floats,
    fitted: Fitted,
    *,
    model: Any = None,
    n_boot: int = 20,
    random_state: int = 0,
    progress: Callable[[str, float], None] | None = None,
) -> tuple[pd.DataFrame, Floats]:
    """Return bootstrap Jaccard of each segment and the ARI of each refit; above 5,000 rows on the first 5,000."""
    if fitted.n_segments < 2 or n_boot < 1:
        return pd.DataFrame(columns=["jaccard", "word"]), np.empty(0)
    raw, assigned = raw[:STABILITY_ROWS], fitted.assigned[:STABILITY_ROWS]
    mixed, design = space.mixed(raw), space.design(raw)
    fixed = None if model is None else fitted.estimator

    def refit(rows: Labels, seed: int) -> Labels:
        if progress is not None:
            progress("stability", seed / n_boot)
        if fixed is None:
            return refit_rows(design, mixed, rows, fitted.n_segments, seed)
        try:
            again = _fit_estimator(space, raw[rows], mixed.take(rows), fixed, random_state)
        except CjmError:  # this sample has no segments: nobody is found again
            return np.arange(len(raw), dtype=np.int64)
        return np.asarray(again.mixture.posteriors(mixed).argmax(axis=1), dtype=np.int64)

    return clusterwise_jaccard(assigned, refit, n_boot=n_boot, random_state=random_state, count=fitted.n_segments)
