"""The mixed model, the weights and the null do what their sources say."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from stepmix import StepMix

from cjmlab.segments.columns import plan_columns
from cjmlab.segments.features import Mixed, fit_space
from cjmlab.segments.models import by_size, describe_partition, fit_kmeans, fit_mixture, refine_mixture
from cjmlab.segments.nulls import copula_null
from cjmlab.segments.partition import mixed_matrix, mixed_measurement
from cjmlab.segments.stability import adjusted_rand, clusterwise_jaccard, stability_word
from cjmlab.segments.weights import bch_weights

DATA = Path(os.environ.get("CJMLAB_DATA", Path(__file__).parents[2] / "../shared/data")) / "reference/mcdonalds.csv.gz"


def _mixed(n: int = 400, seed: int = 0) -> tuple[Mixed, np.ndarray]:
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, n)
    numbers = rng.normal(size=(n, 4)) + 1.6 * (kind[:, None] == np.array([0, 1, 2, 0]))
    codes = np.where(rng.random((n, 3)) < 0.75, kind[:, None], rng.integers(0, 3, (n, 3)))
    numbers[rng.random(numbers.shape) < 0.1] = np.nan
    codes[rng.random(codes.shape) < 0.1] = -1
    return Mixed(numbers, codes, (3, 3, 3), np.ones(4), np.ones(3)), kind


def test_posteriors_equal_those_of_stepmix_with_the_same_parameters() -> None:
    mixed, _ = _mixed()
    ours = fit_mixture(mixed, 3)
    peer = StepMix(3, measurement=mixed_measurement(mixed), progress_bar=0, random_state=0).fit(mixed_matrix(mixed))
    parameters = peer.get_parameters()
    parameters["weights"] = ours.weights
    parameters["measurement"]["numbers"] = {"means": ours.means, "covariances": ours.variances}
    parameters["measurement"]["levels"] = {**parameters["measurement"]["levels"], "pis": ours.probabilities}
    peer.set_parameters(parameters)
    assert ours.posteriors(mixed) == pytest.approx(peer.predict_proba(mixed_matrix(mixed)), abs=1e-6)
    assert ours.loglik / len(mixed) == pytest.approx(peer.score(mixed_matrix(mixed)), abs=1e-3)
    assert ours.n_parameters == peer.n_parameters


def test_planted_classes_are_found_with_gaps() -> None:
    mixed, kind = _mixed(800)
    found = fit_mixture(mixed, 3).posteriors(mixed).argmax(axis=1)
    assert adjusted_rand(found, kind) > 0.75


def test_likelihood_never_falls_from_one_pass_to_the_next() -> None:
    mixed, _ = _mixed()
    model = fit_mixture(mixed, 3, n_random=2, steps=5)
    halves = [mixed.take(np.arange(200)), mixed.take(np.arange(200, 400))]
    once = refine_mixture(halves, model)
    twice = refine_mixture([mixed], once)
    assert twice.loglik >= once.loglik - 0.5
    assert refine_mixture(halves, model).means == pytest.approx(refine_mixture([mixed], model).means)


def test_a_class_on_a_ceiling_does_not_collapse() -> None:
    rng = np.random.default_rng(2)
    numbers = np.where(rng.random((300, 3)) < 0.6, 1.0, rng.normal(size=(300, 3)))
    mixed = Mixed(numbers, np.empty((300, 0), dtype=np.int64), (), np.ones(3), np.empty(0))
    model = fit_mixture(mixed, 3)
    assert np.isfinite(model.loglik)
    assert model.variances.min() >= 0.02


def test_a_partition_becomes_a_model_that_reproduces_it() -> None:
    mixed, kind = _mixed(600)
    again = describe_partition(mixed, by_size(kind), 3).posteriors(mixed).argmax(axis=1)
    assert adjusted_rand(again, kind) > 0.75


def test_bch_weights_undo_misclassification() -> None:
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 2, 20_000)
    signal = rng.normal(np.where(truth == 1, 0.7, -0.7), 1.0)
    posterior = 1 / (1 + np.exp(-1.4 * signal))
    posteriors = np.column_stack([1 - posterior, posterior])
    outcome = (rng.random(20_000) < np.where(truth == 1, 0.9, 0.1)).astype(float)
    assigned = posteriors.argmax(axis=1)
    weights = bch_weights(posteriors, assigned)
    corrected = (weights * outcome[:, None]).sum(axis=0) / weights.sum(axis=0)
    naive = [outcome[assigned == k].mean() for k in (0, 1)]
    assert corrected == pytest.approx([0.1, 0.9], abs=0.03)
    assert naive[0] > 0.2
    assert weights.sum(axis=1) == pytest.approx(np.ones(20_000))


def test_bch_weights_that_cannot_be_computed_are_none() -> None:
    assert bch_weights(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0, 0])) is None
    assert bch_weights(np.array([[0.51, 0.49], [0.49, 0.51]]), np.array([0, 1])) is None


def test_the_null_keeps_margins_ranks_and_gaps() -> None:
    rng = np.random.default_rng(5)
    factor = rng.normal(size=900)
    table = pd.DataFrame(
        {
            "customer_id": [str(i) for i in range(900)],
            "a": np.clip(np.round(3 + factor + rng.normal(size=900)), 1, 5),
            "b": np.exp(factor + rng.normal(size=900)),
            "plan": np.where(factor + rng.normal(size=900) > 1, "pro", np.where(factor > -0.5, "plus", "free")),
        }
    )
    table.loc[:90, "a"] = np.nan
    space = fit_space(plan_columns(table))
    raw = space.raw(table)
    drawn = copula_null(space, raw).draw(np.random.default_rng(0))
    assert np.isnan(drawn[:91, 0]).all()
    assert np.isnan(drawn).sum() == np.isnan(raw).sum()
    assert np.nanmean(drawn, axis=0)[:2] == pytest.approx(np.nanmean(raw, axis=0)[:2], abs=0.1)
    here, there = (pd.DataFrame(rows).corr("spearman").to_numpy() for rows in (raw, drawn))
    assert there[0, 1] == pytest.approx(here[0, 1], abs=0.08)
    share = [pd.Series(rows[:, 2]).value_counts(normalize=True).sort_index().to_numpy() for rows in (raw, drawn)]
    assert share[1] == pytest.approx(share[0], abs=0.05)


def test_jaccard_words_and_values() -> None:
    labels = np.repeat([0, 1], 50)
    table, agreement = clusterwise_jaccard(labels, lambda rows, seed: labels, n_boot=3)
    assert table["jaccard"].tolist() == [1.0, 1.0]
    assert agreement.tolist() == [1.0, 1.0, 1.0]
    assert [stability_word(value) for value in (0.9, 0.8, 0.7, 0.1)] == [
        "highly stable", "valid", "pattern", "do not interpret",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def perceptions() -> pd.DataFrame:
    if not DATA.exists():
        pytest.skip(f"the public reference data is not there: {DATA.name} (set CJMLAB_DATA)")
    table = pd.read_csv(DATA)
    answers = table[
        [c for c in table.columns[1:] if set(table[c].astype(str)) <= {"Yes", "No", "1", "0"} and c != "Gender"]
    ].copy()
    answers.insert(0, "customer_id", [f"r{i:04d}" for i in range(len(answers))])
    return answers


def test_mcdonalds_kmeans_sizes(perceptions: pd.DataFrame) -> None:
    space = fit_space(plan_columns(perceptions))
    labels = fit_kmeans(space.design(space.raw(perceptions)), 4, n_init=50, random_state=1)
    assert np.bincount(labels).tolist() == [580, 324, 309, 240]


def test_mcdonalds_principal_components(perceptions: pd.DataFrame) -> None:
    space = fit_space(plan_columns(perceptions))
    design = space.design(space.raw(perceptions)) / 0.7
    spread = np.sqrt(np.linalg.eigvalsh(np.cov(design.T))[::-1][:4])
    assert spread == pytest.approx([0.7570, 0.6075, 0.5046, 0.3988], abs=5e-5)


def test_mcdonalds_latent_class(perceptions: pd.DataFrame) -> None:
    space = fit_space(plan_columns(perceptions))
    mixed = space.mixed(space.raw(perceptions))
    model = fit_mixture(mixed, 4, n_random=20)
    assert model.n_parameters == 47
    assert model.bic == pytest.approx(14564.4, abs=3.0)  # weak priors cost a little of the likelihood
    plain = fit_mixture(mixed, 4, n_random=20, prior=0.0, tolerance=1e-9, steps=1000)
    assert plain.bic == pytest.approx(14564.4, abs=0.2)
    peer = StepMix(4, measurement="binary", n_init=6, abs_tol=1e-8, progress_bar=0, random_state=0)
    peer.fit(mixed.codes)
    assert peer.bic(mixed.codes) == pytest.approx(14564.4, abs=0.2)
    means = fit_kmeans(space.design(space.raw(perceptions)), 4, n_init=50, random_state=1)
    theirs = peer.predict(mixed.codes)
    assert adjusted_rand(theirs, means) == pytest.approx(0.82, abs=0.005)
    assert adjusted_rand(model.posteriors(mixed).argmax(axis=1), theirs) >= 0.9  # the same classes, weak priors aside
