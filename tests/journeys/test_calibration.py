"""Estimated segments: how far their claimed certainty is believed, and that it is the experiences that decide."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cjmlab.journeys.calibration import honest_posterior
from cjmlab.journeys.members import bear_out, read_members


def world(n: int = 3000, *, apart: float = 1.0, seed: int = 0, halo: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Honest probabilities of three segments and the experience of five touchpoints, a third of it missing."""
    rng = np.random.default_rng(seed)
    honest = rng.dirichlet([0.4, 0.4, 0.4], n)
    home = np.array([rng.choice(3, p=row) for row in honest])
    means = apart * rng.uniform(-0.5, 0.5, (3, 5))
    scores = means[home] + halo * rng.normal(size=(n, 1)) + 0.4 * rng.normal(size=(n, 5))
    scores[rng.random((n, 5)) < 1 / 3] = np.nan
    return honest, scores


def sharpen(honest: np.ndarray, power: float) -> np.ndarray:
    return honest**power / (honest**power).sum(axis=1, keepdims=True)


@pytest.mark.parametrize("power", [1.0, 1.6, 2.5])
def test_too_sure_a_segmentation_is_believed_as_far_as_it_is_right(power: float) -> None:
    honest, scores = world()
    claimed = sharpen(honest, power)
    found = honest_posterior(claimed, scores)
    assert np.abs(found - honest).mean() < 0.02
    assert (found.argmax(axis=1) == claimed.argmax(axis=1)).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


def test_where_segments_live_the_same_nothing_is_learned() -> None:
    honest, scores = world(300, apart=0.0)
    found = honest_posterior(honest, scores)
    assert np.abs(found.max(axis=1).mean() - honest.max(axis=1).mean()) < 0.04
    assert honest_posterior(honest, np.full((300, 5), np.nan)) is honest


def test_the_means_of_segments_that_were_claimed_too_surely() -> None:
    honest, scores = world(4000, seed=1)
    ids = [f"c{i:05d}" for i in range(len(scores))]
    rng = np.random.default_rng(2)
    home = np.array([rng.choice(3, p=row) for row in honest])
    scores = np.where(
        np.isnan(scores), np.nan, np.array([-0.5, 0.0, 0.5])[home][:, None] + 0.3 * rng.normal(size=scores.shape)
    )
    claimed = pd.DataFrame(sharpen(honest, 2.5), ids, ["a", "b", "c"])
    table = pd.DataFrame(
        {"customer_id": ids, "segment": claimed.idxmax(axis=1).to_numpy(), "posterior": claimed.max(axis=1).to_numpy()}
    )
    segmentation = SimpleNamespace(members=table, posteriors=claimed, labels={})
    voices = (
        pd.DataFrame(scores, ids)
        .rename_axis("customer")
        .reset_index()
        .melt("customer", var_name="touchpoint", value_name="score")
    )
    voices = voices.dropna().assign(weight=1.0, known=True, rows=1)
    read = read_members(segmentation, voices["customer"])
    shift = {}
    for name, members in {"claimed": read, "borne out": bear_out(read, voices)}.items():
        W = members.of(voices["customer"])
        shift[name] = (W * voices["score"].to_numpy()[:, None]).sum(axis=0) / W.sum(axis=0)
    true = pd.Series([-0.5, 0.0, 0.5], ["a", "b", "c"])[list(read.names)].to_numpy()
    assert np.abs(shift["borne out"] - true).max() < 0.03 < np.abs(shift["claimed"] - true).max()


def test_named_groups_are_taken_as_they_are() -> None:
    named = read_members(pd.DataFrame({"customer_id": ["a", "b"], "segment": ["x", "y"]}), pd.Series(["a", "b"]))
    voices = pd.DataFrame({"customer": ["a", "b"], "touchpoint": "t", "score": [0.1, 0.2], "weight": 1.0})
    assert bear_out(named, voices) is named
