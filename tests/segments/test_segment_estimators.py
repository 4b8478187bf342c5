"""Any scikit-learn estimator can form segments, and what it refuses or leaves out is said."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import DBSCAN, HDBSCAN, AgglomerativeClustering, KMeans, SpectralClustering
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cjmlab.errors import CjmError
from cjmlab.segments import segment_customers
from cjmlab.segments.contest import compare_models
from cjmlab.segments.stability import adjusted_rand
from cjmlab.tables import about

KIND = np.arange(150) % 3


def customers() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "customer_id": [f"c{i:03}" for i in range(150)],
            "visits": rng.normal(KIND * 4, 1, 150),
            "spend": np.exp(rng.normal((KIND == 1) * 2, 0.5, 150)),
            "channel": np.where(rng.random(150) < 0.9, np.array(["app", "web", "shop"])[KIND], "app"),
        }
    )
    table.loc[3, "visits"] = np.nan
    return table


class Words(ClusterMixin, BaseEstimator):
    """Labels are words, there is no predict and no random_state."""

    def fit_predict(self, rows: np.ndarray, y: object = None) -> np.ndarray:
        return np.where(rows[:, 0] > 0, "high", "low")


class Broken(ClusterMixin, BaseEstimator):
    def fit_predict(self, rows: np.ndarray, y: object = None) -> np.ndarray:
        raise RuntimeError("did not converge\nin 3 steps")


class Short(ClusterMixin, BaseEstimator):
    def fit_predict(self, rows: np.ndarray, y: object = None) -> np.ndarray:
        return np.zeros(3, dtype=int)


@pytest.mark.parametrize(
    "model",
    [
        KMeans(3), AgglomerativeClustering(3), SpectralClustering(3), GaussianMixture(3, random_state=1),
        BayesianGaussianMixture(n_components=3), make_pipeline(StandardScaler(), KMeans(3)),
        make_pipeline(PCA(2), GaussianMixture(3)), HDBSCAN(min_cluster_size=15), DBSCAN(eps=0.9),
    ],
    ids=lambda model: type(model).__name__,
)  # fmt: skip
def test_any_estimator_finds_the_planted_segments_on_any_row_order(model: Any) -> None:
    table, before = customers(), repr(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = segment_customers(table, model=model, n_null=0, n_boot=2)
        again = segment_customers(table.sample(frac=1, random_state=1), model=model, n_null=0, n_boot=0)
    assert adjusted_rand(found.assigned, KIND) > 0.8
    assert repr(model) == before
    segments = found.members.set_index("customer_id")["segment"]
    assert again.members.set_index("customer_id")["segment"].reindex(segments.index).tolist() == segments.tolist()
    assert len(found.predict(table.head(5))) == 5


def test_noise_is_unclassified_and_counted() -> None:
    table = customers()
    table.loc[[5, 50], "visits"] = [90.0, -70.0]
    found = segment_customers(table, model=DBSCAN(eps=0.7), n_null=0, n_boot=0)
    noise = found.estimator.labels_ < 0
    assert noise.sum() > 0
    assert found.members["unclassified"].sum() >= noise.sum()
    assert any(note.startswith(f"DBSCAN leaves {noise.sum()} customers out as noise") for note in found.notes)


def test_labels_may_be_words() -> None:
    assert segment_customers(customers(), model=Words(), n_null=0, n_boot=0).n_segments == 2


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (Broken(), "model Broken: the estimator refuses these customers: did not converge"),
        (Short(), "model Short: the estimator returns 3 labels for 150 customers"),
        (KMeans(500), "model KMeans: the estimator refuses these customers: n_samples=150"),
        (DBSCAN(eps=1e-6), "model DBSCAN: the model leaves every customer out"),
        (LogisticRegression(), "model LogisticRegression: the estimator refuses these customers"),
        (KMeans, "KMeans is not a clusterer"),
        ("kmeans", "str is not a clusterer"),
    ],
    ids=["raises", "too few labels", "too many clusters", "all noise", "a classifier", "a class", "a word"],
)
def test_what_an_estimator_refuses_is_one_sentence(model: Any, sentence: str) -> None:
    with pytest.raises(CjmError, match=sentence) as caught:
        segment_customers(customers(), model=model, n_null=0, n_boot=0)
    assert "\n" not in str(caught.value)


def test_a_pipeline_that_names_columns_is_shown_the_way_by_labels() -> None:
    model = make_pipeline(ColumnTransformer([("x", "passthrough", ["visits"])]), KMeans(2))
    with pytest.raises(CjmError, match=r"Segmentation\.from_column\(customers\.assign\(kind=labels\)"):
        segment_customers(customers(), model=model, n_null=0, n_boot=0)


def test_a_number_goes_to_the_estimator_and_is_refused_by_one_that_takes_none() -> None:
    found = segment_customers(
        customers(), model=make_pipeline(PCA(2), GaussianMixture()), n_segments=2, n_null=0, n_boot=0
    )
    assert found.n_segments == 2
    with pytest.raises(CjmError, match="DBSCAN takes no number of segments"):
        segment_customers(customers(), model=DBSCAN(), n_segments=3, n_null=0)


def test_the_number_is_never_chosen_without_the_test() -> None:
    with pytest.raises(CjmError, match="0 data sets without segments cannot test for homogeneity"):
        segment_customers(customers(), n_null=0)


def test_an_estimator_that_compares_all_pairs_sees_a_small_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cjmlab.segments.fitting.SAMPLE_ROWS", 120)
    monkeypatch.setattr("cjmlab.segments.fitting.PAIRWISE_ROWS", 60)
    found = segment_customers(customers(), model=AgglomerativeClustering(3), n_null=0, n_boot=0)
    assert len(found.estimator.labels_) == 60
    assert len(found.members) == 150
    assert adjusted_rand(found.assigned, KIND) > 0.8
    assert any("random sample of 60 of 150 customers" in note for note in found.notes)


@pytest.fixture(scope="module")
def compared() -> pd.DataFrame:
    models = {"k-means": KMeans(n_init=3), "density": DBSCAN(eps=0.9), "broken": Broken()}
    return compare_models(customers(), models, n_segments=3, n_null=0, n_boot=3)


def test_models_stand_beside_each_other(compared: pd.DataFrame) -> None:
    assert compared["model"].tolist() == ["latent class", "k-means", "density", "broken"]
    assert compared.loc[0, "ari"] == 1.0
    assert compared.loc[1, "n_segments"] == 3
    assert compared["silhouette"].iloc[:3].between(0, 1).all()
    assert compared["jaccard"].iloc[:3].between(0, 1).all()
    agreement = about(compared).agreement
    assert np.allclose(agreement, agreement.T)
    ours, theirs = (about(compared).segmentations[name] for name in ("latent class", "k-means"))
    assert agreement.loc["latent class", "k-means"] == adjusted_rand(ours.assigned, theirs.assigned)


def test_a_model_that_refuses_keeps_its_row_with_the_reason(compared: pd.DataFrame) -> None:
    assert "did not converge" in compared.loc[3, "refusal"]
    assert compared.loc[3, ["n_segments", "ari"]].isna().all()


def test_a_comparison_needs_a_model() -> None:
    with pytest.raises(CjmError, match="there is no model to compare with"):
        compare_models(customers(), {})
