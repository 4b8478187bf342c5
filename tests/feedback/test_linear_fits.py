"""The two quick readings agree with scikit-learn's."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import Ridge
from sklearn.naive_bayes import MultinomialNB

from cjmlab.feedback.training.linear_fits import naive_bayes, ridge


@pytest.fixture
def rows() -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    features = sparse.random(120, 60, density=0.15, random_state=3, format="csr")
    return features, rng.integers(0, 4, 120), rng.uniform(0.2, 1.0, 120)


def test_ridge_regression_is_that_of_scikit_learn(rows) -> None:
    features, labels, weight = rows
    spoken = labels[:, None] == np.arange(4)
    found = ridge(features, spoken, weight, 0.7)
    aim = spoken - spoken.mean(axis=0)
    fitted = Ridge(alpha=0.7, fit_intercept=False, solver="cholesky").fit(features.toarray(), aim, sample_weight=weight)
    np.testing.assert_allclose(found, fitted.coef_.T, atol=2e-4)


def test_naive_bayes_orders_classes_as_scikit_learn_does(rows) -> None:
    features, labels, _ = rows
    labels = np.arange(120) % 4
    spoken = (labels[:, None] == np.arange(4)).astype(float)
    mass = np.asarray(features.T @ spoken).sum(axis=0)
    even = sparse.csr_matrix(sparse.diags((mass.mean() / mass)[labels]) @ features)  # every class of the same mass
    fitted = MultinomialNB(alpha=0.1, fit_prior=False).fit(even, labels)
    ours = features @ naive_bayes(features, spoken, 0.1)
    theirs = features @ (fitted.feature_log_prob_.T)
    away = (ours - ours.mean(axis=1, keepdims=True)) - (theirs - theirs.mean(axis=1, keepdims=True))
    np.testing.assert_allclose(away, 0, atol=1e-6)


def test_a_class_that_nobody_speaks_of_and_an_empty_row_are_no_error() -> None:
    features = sparse.csr_matrix(np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]))
    spoken = np.array([[True, False], [True, False], [False, True]])
    assert np.isfinite(ridge(features, spoken, np.ones(3), 1.0)).all()
    assert np.isfinite(naive_bayes(features, spoken.astype(float), 0.1)).all()
