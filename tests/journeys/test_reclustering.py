"""Segments of k-means: intervals from the whole line are wider where segments overlap, and hold the planted means."""

from __future__ import annotations

import numpy as np
import pandas as pd
from frames_journeys import rating

from cjmlab.journeys import derive_journeys, recluster_journeys


def halves(customers: pd.DataFrame) -> pd.DataFrame:
    """A plain k-means with two segments on one column."""
    x = customers["x"].to_numpy(dtype=float)
    centres = np.quantile(x, [0.25, 0.75])
    for _ in range(20):
        near = np.abs(x[:, None] - centres).argmin(axis=1)
        centres = np.array([x[near == k].mean() for k in (0, 1)])
    label = np.where(near == centres.argmin(), "left", "right")
    return pd.DataFrame({"customer_id": customers["customer_id"].to_numpy(), "segment": label})


def study(apart: float, n: int = 160, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    home = rng.integers(0, 2, n)
    customers = pd.DataFrame({"customer_id": [f"c{i:03d}" for i in range(n)], "x": home * apart + rng.normal(size=n)})
    rows = [rating(f"c{i:03d}", point, float(np.clip(mean[home[i]] + 0.3 * rng.normal(), -1, 1)))
            for i in range(n) for point, mean in {"checkout": (-0.5, 0.5), "delivery": (0.2, 0.2)}.items()]  # fmt: skip
    return pd.DataFrame(rows), customers


def test_what_overlaps_is_less_certain_and_what_is_apart_is_not() -> None:
    wider = {}
    for apart in (1.5, 12.0):
        rows, customers = study(apart)
        journeys = derive_journeys(rows, halves(customers))
        found = recluster_journeys(journeys, customers, halves, resamples=60)
        assert (found["low"] <= found["fixed_low"] + 1e-9).all()
        assert found["resamples"].eq(60).all()
        cell = found[found["touchpoint"].eq("checkout")]
        wider[apart] = float(((cell["high"] - cell["low"]) / (cell["fixed_high"] - cell["fixed_low"])).mean())
    assert wider[1.5] > 1.1
    assert wider[12.0] < 1.1


def test_the_same_whatever_the_order_of_rows() -> None:
    rows, customers = study(2.0)
    journeys = derive_journeys(rows, halves(customers))
    first = recluster_journeys(journeys, customers, halves, resamples=10)
    second = recluster_journeys(journeys, customers.sample(frac=1, random_state=1), halves, resamples=10)
    pd.testing.assert_frame_equal(first, second)
