"""The default beside its peers: every way of the method table that can be installed, on the same rows.

All are given the true number. Preparations follow the table: Likert items row-centred or as answered, nominal columns as
one-hot × .7, gaps by the mean or five neighbours. Gower's distance is written out here, k-prototypes needs ``kmodes``.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import numpy as np
import pandas as pd
from segment_worlds import World
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from stepmix import StepMix

from cjmlab.segments import segment_customers
from cjmlab.segments.columns import plan_columns
from cjmlab.segments.count import Count
from cjmlab.segments.features import FeatureSpace, Mixed, centre_batteries, fit_space
from cjmlab.segments.models import fit_kmeans
from cjmlab.segments.partition import mixed_matrix, mixed_measurement

OURS = "cjmlab default"
QUADRATIC_ROWS = 2000
SLOW_ROWS = 1000
Labels = np.ndarray


def methods_for(world: World) -> dict[str, Callable[[], Labels]]:
    """Return every method that can take a world of this size, by its name."""
    k, n = int(world.about["k"]), len(world.truth)
    plain = fit_space(plan_columns(world.customers, roles=world.roles))
    raw = plain.raw(world.customers)
    centred = centre_batteries(plain, raw, ["attitudes"])
    methods = {
        OURS: lambda: default(world, k),
        "latent class, row-centred (stepmix)": lambda: latent_class(centred.mixed(raw), k),
        "latent class, categorical (stepmix)": lambda: latent_class(plain.mixed(raw), k),
        "latent class, raw Gaussian (stepmix)": lambda: latent_class(_all_numbers(plain, raw), k),
        "k-means, row-centred, KNN": lambda: fit_kmeans(centred.design(raw, impute="knn"), k),
        "k-means, row-centred": lambda: fit_kmeans(centred.design(raw), k),
        "k-means, standardised": lambda: fit_kmeans(plain.design(raw), k),
        "PCA, k-means": lambda: after_pca(centred.design(raw), k),
        "Gaussian mixture, diagonal": lambda: gaussian_mixture(centred.design(raw), k),
    }
    if n <= QUADRATIC_ROWS:
        methods["Ward, row-centred"] = lambda: AgglomerativeClustering(k).fit_predict(centred.design(raw))
        methods["Gower, average linkage"] = lambda: gower_average(plain, raw, k)
    if n <= SLOW_ROWS and importlib.util.find_spec("kmodes"):
        methods["k-prototypes (kmodes)"] = lambda: prototypes(plain, raw, k)
    return methods


def default(world: World, k: int) -> Labels:
    """Segment by the public verb; the number is given, so that the test of it is left out."""
    given = Count(k, pd.DataFrame({"n_segments": [k]}), {}, tested=False)
    found = segment_customers(world.customers, roles=world.roles, n_segments=k, count=given, n_boot=0)
    return found.assigned


def latent_class(mixed: Mixed, k: int) -> Labels:
    """Segment by stepmix, gaps left out of the likelihood, the best of three starts."""
    model = StepMix(k, measurement=mixed_measurement(mixed), n_init=3, max_iter=200, abs_tol=1e-5, progress_bar=0,
                    random_state=0)  # fmt: skip
    return model.fit(mixed_matrix(mixed)).predict(mixed_matrix(mixed))


def _all_numbers(space: FeatureSpace, raw: np.ndarray) -> Mixed:
    """Take Likert answers as Gaussian, uncentred; nominal columns stay categories."""
    nominal = [plan.kind == "nominal" for plan in space.active]
    codes = np.where(np.isnan(raw), -1, raw).astype(np.int64)[:, nominal]
    numbers = raw[:, [not each for each in nominal]]
    numbers = (numbers - np.nanmean(numbers, axis=0)) / np.nanstd(numbers, axis=0)
    levels = tuple(len(plan.levels) for plan in space.active if plan.kind == "nominal")
    return Mixed(numbers, codes, levels, np.ones(numbers.shape[1]), np.ones(len(levels)))


def after_pca(design: np.ndarray, k: int) -> Labels:
    """Segment by k-means on the components that vary more than those of shuffled columns (parallel analysis)."""
    rng = np.random.default_rng(0)
    shuffled = [PCA().fit(rng.permuted(design, axis=0)).explained_variance_ for _ in range(5)]
    fitted = PCA().fit(design)
    kept = max(2, int((fitted.explained_variance_ > np.mean(shuffled, axis=0)).sum()))
    return fit_kmeans(fitted.transform(design)[:, :kept], k)


def gaussian_mixture(design: np.ndarray, k: int) -> Labels:
    """Segment by a Gaussian mixture with diagonal variances."""
    return GaussianMixture(k, covariance_type="diag", n_init=3, random_state=0).fit_predict(design)


def gower_average(space: FeatureSpace, raw: np.ndarray, k: int) -> Labels:
    """Segment by average linkage on Gower's distance: the mean over the columns that both customers answered."""
    total, shared = np.zeros((len(raw), len(raw))), np.zeros((len(raw), len(raw)))
    for plan, values in zip(space.active, raw.T, strict=True):
        known = ~np.isnan(values)
        filled = np.where(known, values, 0.0)
        if plan.kind == "nominal":
            apart = (filled[:, None] != filled[None, :]).astype(float)
        else:
            apart = np.abs(filled[:, None] - filled[None, :]) / (np.ptp(values[known]) or 1.0)
        both = known[:, None] & known[None, :]
        total += apart * both
        shared += both
    distance = total / np.maximum(shared, 1)
    return AgglomerativeClustering(k, metric="precomputed", linkage="average").fit_predict(distance)


def prototypes(space: FeatureSpace, raw: np.ndarray, k: int) -> Labels:
    """Segment by k-prototypes of kmodes: gaps are filled by the mean, or are a level of their own."""
    from kmodes.kprototypes import KPrototypes

    nominal = np.array([plan.kind == "nominal" for plan in space.active])
    numbers = raw[:, ~nominal]
    numbers = np.nan_to_num((numbers - np.nanmean(numbers, axis=0)) / np.nanstd(numbers, axis=0))
    codes = np.where(np.isnan(raw), -1, raw)[:, nominal]
    places = list(range(numbers.shape[1], numbers.shape[1] + codes.shape[1]))
    model = KPrototypes(k, n_init=2, random_state=0)
    return model.fit_predict(np.hstack([numbers, codes]).astype(object), categorical=places)


def naive_notebook(design: np.ndarray, largest: int = 8) -> Labels:
    """Segment as notebooks do: k-means with ten starts for every number, the best silhouette wins (of 10,000 rows)."""
    from sklearn.metrics import silhouette_score

    fits = [KMeans(k, n_init=10, random_state=0).fit(design).labels_ for k in range(2, largest + 1)]
    seen = min(len(design), 10_000)
    return max(fits, key=lambda labels: silhouette_score(design, labels, sample_size=seen, random_state=0))
