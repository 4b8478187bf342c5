"""Printed values that the methods must reproduce."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cjmlab.errors import CjmError
from cjmlab.journeys import funnel, path_distances
from cjmlab.moments.drivers import benjamini_hochberg
from cjmlab.moments.importance import johnson_weights, lmg_shares
from cjmlab.moments.loyalty import ces, csat, measure_loyalty, nps
from cjmlab.moments.views import ulwick_band, ulwick_opportunity
from cjmlab.segments import bch_weights

HERE = Path(__file__).parent


def correlations(file: str, outcome: str, drivers: list[str]) -> tuple[np.ndarray, np.ndarray]:
    C = pd.read_csv(HERE / file)[[outcome, *drivers]].corr().to_numpy()
    return C[1:, 1:], C[0, 1:]


SWISS = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]


def test_lmg_on_swiss() -> None:
    shares = lmg_shares(*correlations("data_swiss.csv", "Fertility", SWISS))
    np.testing.assert_allclose(shares, [0.0571, 0.1712, 0.2601, 0.1056, 0.1128], atol=5e-5)
    assert shares.sum() == pytest.approx(0.7067, abs=5e-5)


def test_johnson_on_swiss_and_mtcars() -> None:
    weights = johnson_weights(*correlations("data_swiss.csv", "Fertility", SWISS))
    np.testing.assert_allclose(weights, [0.0484, 0.1547, 0.2720, 0.1147, 0.1170], atol=5e-5)
    weights = johnson_weights(*correlations("data_mtcars.csv", "mpg", ["hp", "cyl", "disp", "gear"]))
    np.testing.assert_allclose(weights, [0.2321744, 0.2284797, 0.2221469, 0.0963886], atol=5e-7)
    assert weights.sum() == pytest.approx(0.7791896, abs=5e-7)


def test_lmg_of_satisfaction_with_mobile_phones() -> None:
    """The ECSI survey of 250 mobile phone customers (Tenenhaus and others 2005): correlations of the scales' means."""
    quality, image, value = [0.727783, 0.566112, 0.546517], [0.501463, 0.500466], [0.358244]
    R = np.eye(4)
    R[np.triu_indices(4, 1)] = [*quality, *image, *value]
    R += np.triu(R, 1).T
    r = np.array([0.787807, 0.671919, 0.594918, 0.499518])
    shares = lmg_shares(R, r)
    np.testing.assert_allclose(shares, [0.295, 0.165, 0.132, 0.077], atol=5e-4)  # quality, image, value, expectation
    assert shares.sum() == pytest.approx(0.669, abs=5e-4)
    assert np.corrcoef(shares, johnson_weights(R, r))[0, 1] > 0.99


def test_johnson_and_lmg_tell_the_same_story() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        X = rng.normal(size=(300, 8)) + 0.8 * rng.normal(size=(300, 1))
        y = X @ rng.uniform(0, 1, 8) + rng.normal(size=300)
        C = np.corrcoef(np.column_stack([y, X]).T)
        first, second = johnson_weights(C[1:, 1:], C[0, 1:]), lmg_shares(C[1:, 1:], C[0, 1:])
        assert first.sum() == pytest.approx(second.sum())
        assert np.corrcoef(first, second)[0, 1] > 0.99
    with pytest.raises(CjmError, match="LMG needs all subsets of 13 drivers"):
        lmg_shares(np.eye(13), np.ones(13))


def test_benjamini_hochberg_1995() -> None:
    p = np.array([0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
                  0.6528, 0.7590, 1.0])  # fmt: skip
    assert (benjamini_hochberg(p) <= 0.05).sum() == 4
    assert (p * 15 <= 0.05).sum() == 3
    shuffled = np.random.default_rng(0).permutation(15)
    np.testing.assert_allclose(benjamini_hochberg(p[shuffled]), benjamini_hochberg(p)[shuffled])


def test_ulwick() -> None:
    assert ulwick_opportunity(9, 3) == 15
    assert [ulwick_band(value) for value in (15, 14.9, 12, 10, 9.9)] == ["extreme", "high", "high", "solid", "served"]
    with pytest.raises(CjmError, match="11 is not between 0 and 10"):
        ulwick_opportunity(11, 3)


def test_bch_repairs_what_misplacement_hides() -> None:
    """Two classes with means 0 and 1 and a fifth of the customers misplaced: .20 and .80 by plain membership."""
    rng = np.random.default_rng(0)
    true = rng.integers(0, 2, 20_000)
    put = np.where(rng.random(20_000) < 0.2, 1 - true, true)
    y = true + rng.normal(0, 0.5, 20_000)
    plain = [y[put == k].mean() for k in (0, 1)]
    np.testing.assert_allclose(plain, [0.2, 0.8], atol=0.02)
    posterior = np.where(np.eye(2)[put] == 1, 0.8, 0.2)
    W = bch_weights(posterior, put)
    assert W is not None
    np.testing.assert_allclose((W * y[:, None]).sum(axis=0) / W.sum(axis=0), [0.0, 1.0], atol=0.03)
    assert bch_weights(np.full((2, 2), 0.5), np.array([0, 1])) is None


@pytest.mark.parametrize("n", [10, 30, 100])
def test_nps_interval_covers(n: int) -> None:
    rng = np.random.default_rng(n)
    shares = np.array([0.2, 0.35, 0.45])  # detractors, passives, promoters
    true, inside = 100 * (shares[2] - shares[0]), 0
    for _ in range(1500):
        found = nps(rng.choice([3, 7, 10], n, p=shares))
        inside += found["low"] <= true <= found["high"]
    assert 0.92 <= inside / 1500 <= 0.98


def test_loyalty_by_hand() -> None:
    assert nps([10, 9, 8, 0])["nps"] == 25
    assert np.isnan(nps([])["nps"])
    assert nps([10] * 50)["high"] == 100
    assert csat([1, 2], scale=(5, 1))["csat"] == 1.0  # the scale runs from worst to best
    assert np.isnan(ces([4])["low"])
    with pytest.raises(CjmError, match=r"1 of 2 answers are outside 0 to 10 \(first: 11\)"):
        nps([10, 11])
    outcomes = pd.DataFrame({"customer_id": ["a", "b", "a", "b"], "outcome": ["recommend"] * 2 + ["repurchase"] * 2,
                             "value": [10, 3, 1, 0], "scale": ["0-10"] * 2 + ["0-1"] * 2})  # fmt: skip
    found = measure_loyalty(outcomes).set_index("outcome")
    assert found["metric"].to_dict() == {"recommend": "NPS", "repurchase": "share"}
    assert found["value"].to_dict() == {"recommend": 0.0, "repurchase": 0.5}
    repeated = measure_loyalty(pd.concat([outcomes] * 5))
    pd.testing.assert_frame_equal(measure_loyalty(outcomes), repeated)  # repeating customers narrows nothing


PEERS = Path(os.environ.get("CJMLAB_PEERS", Path(tempfile.gettempdir()) / "cjmlab-peers"))


def shipped(peer: str, name: str) -> Path:
    """A data set that ships with a peer; ``benchmarks/peers.py`` and ``differential.py`` say how to install it."""
    found = sorted((PEERS / peer).glob(f"lib/*/site-packages/{peer}/datasets/{name}"))
    if not found:
        pytest.skip(f"the data of PyPI {peer} are not at hand: no environment at {PEERS / peer}")
    return found[0]


def test_ecommerce_funnel() -> None:
    """The shop log that ships with retentioneering: 600, 511, 285 users."""
    log = pd.read_csv(shipped("retentioneering", "ecom.csv.gz"))
    events = log.rename(columns={"user_id": "customer_id", "event": "touchpoint", "timestamp": "time"})
    counts = funnel(events, ["catalog", "add_to_cart", "purchase"], level="touchpoint")["customers"]
    assert (len(log), log["user_id"].nunique()) == (31_106, 600)
    assert counts.tolist() == [600, 511, 285]


def test_mvad_hamming_and_ward() -> None:
    """McVicar and Anyadike-Danes 2002, 712 young people, 70 months: silhouettes of k = 2 … 5, and CH at 2.

    Ward's method is that on distances as they are (Ward.D of R): of SciPy's, on their square root.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform
    from sklearn.metrics import silhouette_score

    table = pd.read_csv(shipped("sequenzo", "mvad.csv"))
    months = [name for name in table if name.split(".")[-1] in {str(year) for year in range(93, 100)}][2:]
    distance = np.rint(70 * path_distances([tuple(row) for row in table[months].to_numpy()], "hamming"))
    assert distance.shape == (712, 712)
    tree = linkage(squareform(np.sqrt(distance), checks=False), "ward")
    parts = {k: fcluster(tree, k, "maxclust") for k in range(2, 6)}
    widths = [silhouette_score(distance, parts[k], metric="precomputed") for k in parts]
    assert np.round(widths, 2).tolist() == [0.39, 0.27, 0.24, 0.27]
    total = distance.sum() / 2 / 712
    within = sum(distance[np.ix_(parts[2] == c, parts[2] == c)].sum() / 2 / (parts[2] == c).sum() for c in (1, 2))
    assert (total - within) / (within / 710) == pytest.approx(184.57, abs=0.005)


@pytest.mark.parametrize(("test", "size"), [("d = .5", 63.77), (".5 against .6", 387.2)])
def test_sample_sizes(test: str, size: float) -> None:
    """What statsmodels says of power .8, on which every planning of a study here rests."""
    power = pytest.importorskip("statsmodels.stats.power")
    from statsmodels.stats.proportion import proportion_effectsize

    if test == "d = .5":
        assert power.TTestIndPower().solve_power(0.5, power=0.8, alpha=0.05) == pytest.approx(size, abs=0.01)
    else:
        effect = proportion_effectsize(0.6, 0.5)
        assert power.NormalIndPower().solve_power(effect, power=0.8, alpha=0.05) == pytest.approx(size, abs=0.1)
