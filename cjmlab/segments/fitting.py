"""From a customer table to segments: the verb of this room."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError, TableError
from cjmlab.segments.columns import plan_columns
from cjmlab.segments.count import count_segments
from cjmlab.segments.features import FeatureSpace, Mixed, fit_space
from cjmlab.segments.models import Labels, Mixture, by_size, describe_partition, fit_kmeans, fit_mixture
from cjmlab.segments.naming import name_segments
from cjmlab.segments.profile import profile_segments
from cjmlab.segments.reading import Floats
from cjmlab.segments.segmentation import Segmentation
from cjmlab.segments.stability import adjusted_rand, clusterwise_jaccard
from cjmlab.study.charter import ColumnRoles
from cjmlab.tables import about, check_table

Progress = Callable[[str, float], None]


def segment_customers(
    customers: pd.DataFrame,
    *,
    features: Sequence[str] | None = None,
    model: Any = None,
    n_segments: int | str = "auto",
    roles: ColumnRoles | None = None,
    weights: Mapping[str, float] | None = None,
    blocks: Mapping[str, Sequence[str]] | None = None,
    largest: int = 8,
    n_boot: int = 20,
    random_state: int = 0,
    progress: Progress | None = None,
) -> Segmentation:
    """Find segments of customers, or say that there are none.

    Parameters
    ----------
    customers : DataFrame
        One row a customer: ``customer_id`` and any columns. Roles declared in a study come with the table.
    features : sequence of str, optional
        Columns that may form segments; default: those declared active, else every usable column.
    model : estimator, optional
        Any scikit-learn clusterer, mixture or Pipeline (cloned, ``fit_predict``). Default: mixed latent class, with
        k-means beside it.
    n_segments : int or "auto"
        ``"auto"`` tests homogeneity first and may answer 1.
    roles : ColumnRoles, optional
        Roles of the columns, in place of those that come with the table.
    weights, blocks : mapping, optional
        Factor of a column; blocks of columns that weigh 1 / √(their number) each.
    largest : int
        Largest number that ``"auto"`` tries.
    n_boot : int
        Bootstrap samples for the stability of each segment.
    random_state : int
        Seed; the same table in any row order gives the same segments.
    progress : callable, optional
        Called with the name of a step and the share of it that is done.

    Returns
    -------
    Segmentation

    Raises
    ------
    TableError
        When the table has no usable column, one customer only, or repeated ids.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> kind = np.repeat([0, 1], 60)
    >>> table = pd.DataFrame({"customer_id": [f"c{i}" for i in range(120)], "visits": rng.normal(5 + 6 * kind, 1.0),
    ...                       "basket": rng.normal(80 - 40 * kind, 5.0), "hour": rng.normal(9 + 8 * kind, 1.0)})
    >>> segments = segment_customers(table)
    >>> segments.n_segments, segments.summary["n"].tolist()
    (2, [60, 60])
    """
    import sklearn.cluster  # noqa: F401  its thread pool must be there before it can be limited
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    check_table("customers", customers)
    with threadpool_limits(limits=1):
        return _segment(
            customers, features, model, n_segments, roles, weights, blocks, largest, n_boot, random_state, progress
        )


def _segment(
    customers: pd.DataFrame,
    features: Sequence[str] | None,
    model: Any,
    n_segments: int | str,
    roles: ColumnRoles | None,
    weights: Mapping[str, float] | None,
    blocks: Mapping[str, Sequence[str]] | None,
    largest: int,
    n_boot: int,
    random_state: int,
    progress: Progress | None,
) -> Segmentation:
    roles = roles or (about(customers) if isinstance(about(customers), ColumnRoles) else ColumnRoles())
    _check_request(customers, n_segments)
    plans = plan_columns(customers, features=features, roles=roles, weights=weights, blocks=blocks)
    space = fit_space(customers, plans)
    raw = space.raw(customers)
    order = _content_order(raw)
    raw = raw[order]
    _check_differences(raw)
    count = count_segments(space, raw, largest=largest, random_state=random_state, progress=progress)
    number = count.n_segments if n_segments == "auto" else int(n_segments)
    fitted = fit_partition(space, raw, number, model=model, random_state=random_state)
    jaccard, boot_ari = _stability(space, raw, fitted, model, n_boot, random_state)
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    names = [str(k + 1) for k in range(fitted.n_segments)]
    labels = name_segments(profile_segments(customers, fitted.assigned[back], names, plans), names, roles)
    return Segmentation(
        customers, space, roles, fitted.assigned[back], fitted.posterior[back],
        {label.text("en"): label for label in labels}, fitted.mixture, count, fitted.method,
        agreement=fitted.agreement, jaccard=jaccard, boot_ari=boot_ari, estimator=fitted.estimator,
    )  # fmt: skip


@dataclass(frozen=True)
class Fitted:
    """A partition of rows and the mixed model that goes with it."""

    assigned: Labels
    posterior: Floats
    mixture: Mixture
    method: str
    agreement: float = float("nan")
    estimator: Any = None

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return int(self.posterior.shape[1])


def fit_partition(
    space: FeatureSpace, raw: Floats, n_segments: int, *, model: Any = None, random_state: int = 0
) -> Fitted:
    """Fit one model with one number of segments to cleaned rows."""
    mixed = space.mixed(raw)
    if model is not None:
        return _fit_estimator(space, raw, mixed, model, random_state)
    second = fit_kmeans(space.design(raw, impute="knn"), n_segments, random_state=random_state)
    mixture = fit_mixture(mixed, n_segments, starts=[second], random_state=random_state)
    posterior = mixture.posteriors(mixed)
    assigned = posterior.argmax(axis=1)
    rank = _size_rank(assigned, n_segments)
    mixture = mixture.permuted(np.argsort(rank))
    agreement = adjusted_rand(assigned, second) if n_segments > 1 else float("nan")
    return Fitted(rank[assigned], posterior[:, np.argsort(rank)], mixture, "latent class", agreement)


def _size_rank(assigned: Labels, n_segments: int) -> Labels:
    sizes = np.bincount(assigned, minlength=n_segments)
    rank = np.empty(n_segments, dtype=np.int64)
    rank[np.lexsort((np.arange(n_segments), -sizes))] = np.arange(n_segments)
    return rank


def _fit_estimator(space: FeatureSpace, raw: Floats, mixed: Mixed, model: Any, random_state: int) -> Fitted:
    from sklearn.base import clone

    estimator = clone(model)
    seeds = {name: random_state for name, value in estimator.get_params().items()
             if name.split("__")[-1] == "random_state" and value is None}  # fmt: skip
    estimator.set_params(**seeds)
    design = space.design(raw, impute="knn")
    found = np.asarray(estimator.fit_predict(design)).reshape(-1)
    clustered = found >= 0
    if not clustered.any():
        raise CjmError(
            "the model leaves every customer out",
            where=f"model {type(model).__name__}",
            remedy="Loosen its density settings or take another model.",
        )
    labels = np.zeros(len(found), dtype=np.int64)
    labels[clustered] = by_size(found[clustered])
    number = int(labels.max()) + 1
    mixture = describe_partition(mixed.take(np.flatnonzero(clustered)), labels[clustered], number)
    posterior = mixture.posteriors(mixed)
    labels[~clustered] = posterior[~clustered].argmax(axis=1)
    return Fitted(labels, posterior, mixture, type(model).__name__, estimator=estimator)


def _stability(
    space: FeatureSpace, raw: Floats, fitted: Fitted, model: Any, n_boot: int, random_state: int
) -> tuple[pd.DataFrame, Floats]:
    if fitted.n_segments < 2 or n_boot < 1:
        return pd.DataFrame(columns=["jaccard", "word"]), np.empty(0)
    mixed, design = space.mixed(raw), space.design(raw)

    def refit(rows: Labels, seed: int) -> Labels:
        if model is not None:
            again = _fit_estimator(space, raw[rows], mixed.take(rows), model, random_state)
            return np.asarray(again.mixture.posteriors(mixed).argmax(axis=1), dtype=np.int64)
        start = fit_kmeans(design[rows], fitted.n_segments, n_init=3, random_state=seed)
        part = mixed.take(rows)
        again_mixture = fit_mixture(
            part, fitted.n_segments, starts=[start], n_random=2, random_state=seed, steps=100, tolerance=1e-5
        )
        return np.asarray(again_mixture.posteriors(mixed).argmax(axis=1), dtype=np.int64)

    return clusterwise_jaccard(fitted.assigned, refit, n_boot=n_boot, random_state=random_state)


def _content_order(raw: Floats) -> Labels:
    """Order rows by a hash of what they hold: the same for any row order and any ids."""
    keys = pd.util.hash_pandas_object(pd.DataFrame(np.where(np.isnan(raw), -9.5e8, raw)), index=False).to_numpy()
    return np.asarray(np.argsort(keys, kind="stable"), dtype=np.int64)


def _check_request(customers: pd.DataFrame, n_segments: int | str) -> None:
    if len(customers) < 2:
        raise TableError(
            f"{len(customers)} customer cannot be segmented", where="customers",
            remedy="Give a table with one row a customer, 30 customers or more.",
        )  # fmt: skip
    whole = isinstance(n_segments, (int, np.integer)) and not isinstance(n_segments, bool)
    if n_segments != "auto" and not (whole and 1 <= int(n_segments) <= len(customers)):
        raise CjmError(
            f"{n_segments!r} is not a number of segments", where="n_segments",
            remedy=f"Write 'auto' or a whole number from 1 to {len(customers)}.",
        )  # fmt: skip


def _check_differences(raw: Floats) -> None:
    if len(np.unique(np.nan_to_num(raw, nan=-9.5e8), axis=0)) < 2:
        raise TableError(
            f"all {len(raw)} customers have the same answers in the active columns", where="customers",
            remedy="Give columns in which customers differ.",
        )  # fmt: skip
