"""Printed values of McDonald's case (Dolnicar, Grün and Leisch) beyond sizes and one criterion."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans

from cjmlab.segments.columns import plan_columns
from cjmlab.segments.features import fit_space
from cjmlab.segments.models import fit_kmeans, fit_mixture
from cjmlab.segments.stability import clusterwise_jaccard

DATA = Path(os.environ.get("CJMLAB_DATA", Path(__file__).parents[2] / "../shared/data")) / "reference/mcdonalds.csv.gz"
FREQUENCY = ["Never", "Once a year", "Every three months", "Once a month", "Once a week", "More than once a week"]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    if not DATA.exists():
        pytest.skip(f"the public reference data is not there: {DATA.name} (set CJMLAB_DATA)")
    return pd.read_csv(DATA)


@pytest.fixture(scope="module")
def answers(table: pd.DataFrame) -> pd.DataFrame:
    wanted = ["yummy", "convenient", "spicy", "fattening", "greasy", "fast", "cheap", "tasty", "expensive", "healthy",
              "disgusting"]  # fmt: skip
    return table[wanted].assign(customer_id=[f"r{i:04d}" for i in range(len(table))])


@pytest.fixture(scope="module")
def design(answers: pd.DataFrame) -> np.ndarray:
    space = fit_space(plan_columns(answers))
    return space.design(space.raw(answers)) / 0.7  # yes is 1, no is 0


def test_shares_of_principal_components(design: np.ndarray) -> None:
    variance = np.linalg.eigvalsh(np.cov(design.T))[::-1]
    assert (variance / variance.sum())[:4] == pytest.approx([0.2994, 0.1928, 0.1330, 0.0831], abs=5e-5)


def test_latent_classes_two_to_eight(answers: pd.DataFrame) -> None:
    space = fit_space(plan_columns(answers))
    mixed = space.mixed(space.raw(answers))
    printed = {2: 15389.1, 3: 14877.8, 4: 14564.4, 5: 14451.9, 6: 14429.0, 7: 14404.7, 8: 14436.7}
    found = {k: fit_mixture(mixed, k, n_random=60, prior=0.0, tolerance=1e-9, steps=1000).bic for k in printed}
    assert min(found, key=found.__getitem__) == 7
    for k, bic in printed.items():
        assert found[k] == pytest.approx(bic, abs=0.15), k


def test_what_the_four_of_kmeans_think_and_how_often_they_come(table: pd.DataFrame, design: np.ndarray) -> None:
    labels = fit_kmeans(design, 4, n_init=50, random_state=1)
    within = sum(((design[labels == k] - design[labels == k].mean(axis=0)) ** 2).sum() for k in range(4))
    assert within == pytest.approx(1602.9, abs=0.5)
    like = pd.to_numeric(table["Like"].astype(str).str.extract(r"([+-]?\d+)")[0]).astype(float)
    visits = table["VisitFrequency"].map({name: i + 1 for i, name in enumerate(FREQUENCY)})
    by_like = sorted(zip(like.groupby(labels).mean(), visits.groupby(labels).mean(), strict=True), reverse=True)
    assert [round(value, 2) for value, _ in by_like] == pytest.approx([2.67, 2.12, -1.50, -2.68], abs=0.011)
    assert [round(value, 2) for _, value in by_like] == pytest.approx([3.95, 3.84, 2.61, 2.40], abs=0.011)


def test_four_segments_are_found_again(design: np.ndarray) -> None:
    labels = fit_kmeans(design, 4, n_init=20, random_state=1)

    def again(rows: np.ndarray, seed: int) -> np.ndarray:
        return KMeans(4, n_init=10, random_state=seed).fit(design[rows]).predict(design)

    stability, agreement = clusterwise_jaccard(labels, again, n_boot=30)
    assert sorted(stability["jaccard"]) == pytest.approx([0.91, 0.93, 0.94, 0.96], abs=0.03)
    assert np.median(agreement) > 0.85
