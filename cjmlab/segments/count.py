"""How many segments: a homogeneity test that can answer one, then the consensus of up to five criteria in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cjmlab.segments.features import FeatureSpace
from cjmlab.segments.models import fit_kmeans, fit_mixture
from cjmlab.segments.nulls import copula_null
from cjmlab.segments.reading import Floats
from cjmlab.segments.separation import separate
from cjmlab.segments.stability import bootstrap_agreement

CUT = 4.0
STABLE = 0.8
NULL_ROWS = 1500
CRITERIA_ROWS = 5000
STABILITY_ROWS = 2000
SIGN = np.array([-1.0, 1.0, 1.0, -1.0])
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Count:
    """How many segments there are, and why.

    Parameters
    ----------
    n_segments : int
        The answer; 1 means no evidence of segments beyond one continuum.
    table : DataFrame
        One row a number of segments: criteria and their votes.
    votes : mapping
        Criterion → the number that it asks for.
    evidence : float
        Largest z of the homogeneity test.
    p_value : float
        Share of null data sets with evidence as large, (1 + hits) / (1 + B).
    tested : bool
        False when the number was given and no test was run.
    """

    n_segments: int
    table: pd.DataFrame
    votes: dict[str, int]
    evidence: float = float("nan")
    p_value: float = float("nan")
    tested: bool = True
    cut: float = CUT

    @property
    def rejected(self) -> bool:
        """Whether one continuum is rejected."""
        return self.tested and self.evidence > self.cut


def count_segments(
    space: FeatureSpace,
    raw: Floats,
    *,
    largest: int = 8,
    n_null: int = 20,
    n_boot: int = 6,
    random_state: int = 0,
    progress: Progress | None = None,
) -> Count:
    """Test homogeneity and find the number of segments by consensus.

    Parameters
    ----------
    space, raw
        Feature space and cleaned rows, in an order that says nothing about segments.
    largest : int
        Largest number that is tried; never more than one segment for ten customers.
    n_null : int
        Null data sets; 0 leaves the test of homogeneity out.
    n_boot : int
        Pairs of bootstrap fits a number.
    random_state : int
        Seed.
    progress : callable, optional
        Called with a step and the share done.

    Returns
    -------
    Count
        With one table that holds everything.

    Notes
    -----
    Homogeneity: flexible parametric bootstrap (Hennig and Lin 2015) against a Gaussian copula with the same margins,
    rank correlations and gaps; z of log W, of the silhouette, of the likelihood of the latent class model and of log W
    along the first component (which sees segments that differ in level only) over the numbers; when none is above 4
    the answer is one segment. Then the majority of up to five votes: BIC, the largest number with a bootstrap ARI of
    .8, and, where they reject the null themselves, silhouette z, likelihood z and gap; their median without a majority.
    Above 1,500 rows the null is drawn for the first 1,500; BIC sees the first 5,000, the bootstrap the first 2,000.
    """
    say = progress or (lambda step, share: None)
    numbers = list(range(2, min(largest, len(raw) // 10) + 1))
    if not numbers:
        return Count(1, pd.DataFrame({"n_segments": [1]}), {}, tested=False)
    seen = raw[:NULL_ROWS]
    observed, total = separate(space, seen, numbers, random_state)
    simulated, totals = _simulate(space, seen, numbers, n_null, random_state, say)
    table = _criteria(numbers, observed, simulated, total, totals)
    evidence, p_value = _evidence(observed, simulated)
    _add_fits(table, space, raw[:CRITERIA_ROWS], n_boot, random_state, say)
    votes = _votes(table, len(raw))
    answer = consensus(votes) if evidence > CUT else 1
    for name, vote in votes.items():
        table[f"vote_{name}"] = table["n_segments"] == vote
    table["chosen"] = table["n_segments"] == answer
    return Count(answer, table, votes, evidence, p_value, tested=n_null > 0)


def _simulate(
    space: FeatureSpace, seen: Floats, numbers: list[int], n_null: int, random_state: int, say: Progress
) -> tuple[Floats, Floats]:
    """Return the statistics of customers without segments, and their totals."""
    simulated, totals = np.empty((n_null, len(numbers), 4)), np.empty(n_null)
    null = copula_null(space, seen, random_state=random_state) if n_null else None
    for b in range(n_null if null is not None else 0):
        drawn = null.draw(np.random.default_rng([random_state, 7, b]))  # type: ignore[union-attr]
        simulated[b], totals[b] = separate(space, drawn, numbers, random_state)
        say("homogeneity test", (b + 1) / n_null)
    return simulated, totals


def _add_fits(
    table: pd.DataFrame, space: FeatureSpace, raw: Floats, n_boot: int, random_state: int, say: Progress
) -> None:
    """Add BIC, smallest share and bootstrap ARI of the latent class model."""
    design, mixed = space.design(raw), space.mixed(raw)
    bic, smallest, stability = [fit_mixture(mixed, 1).bic], [1.0], [1.0]
    part = min(len(raw), STABILITY_ROWS)
    for i, k in enumerate(table["n_segments"].tolist()[1:]):
        start = fit_kmeans(design, k, n_init=4, random_state=random_state)
        model = fit_mixture(mixed, k, starts=[start], n_random=6, random_state=random_state, steps=150, tolerance=1e-5)
        sizes = np.bincount(model.posteriors(mixed).argmax(axis=1), minlength=k)
        bic.append(model.bic)
        smallest.append(float(sizes.min() / len(raw)))
        stability.append(
            bootstrap_agreement(design[:part], mixed.take(np.arange(part)), k, n_boot=n_boot, random_state=random_state)
        )
        say("number of segments", (i + 1) / (len(table) - 1))
    table["bic"], table["smallest"], table["stability"] = bic, smallest, stability


def _criteria(numbers: list[int], observed: Floats, simulated: Floats, total: float, totals: Floats) -> pd.DataFrame:
    mean, sd = _moments(simulated)
    z = (observed - mean) / sd * SIGN
    first = float(np.log(np.maximum(totals, 1e-12)).mean() - np.log(max(total, 1e-12))) if len(totals) else np.nan
    return pd.DataFrame(
        {
            "n_segments": [1, *numbers],
            "within": [np.log(max(total, 1e-12)), *observed[:, 0]],
            "silhouette": [np.nan, *observed[:, 1]],
            "z_within": [np.nan, *z[:, 0]],
            "z_silhouette": [np.nan, *z[:, 1]],
            "z_likelihood": [np.nan, *z[:, 2]],
            "z_continuum": [np.nan, *z[:, 3]],
            "gap": [first, *(mean[:, 0] - observed[:, 0])],
            "gap_se": [0.0, *(sd[:, 0] * np.sqrt(1 + 1 / max(len(simulated), 1)))],
        }
    )


def _moments(simulated: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of the null; a criterion that does not vary cannot speak."""
    if len(simulated) < 2:
        return np.full(simulated.shape[1:], np.nan), np.full(simulated.shape[1:], np.nan)
    mean, sd = simulated.mean(axis=0), simulated.std(axis=0, ddof=1)
    return mean, np.maximum(sd, 1e-3 * np.maximum(np.abs(mean), 1e-3))


def _evidence(observed: Floats, simulated: Floats) -> tuple[float, float]:
    """Return the largest z over numbers and criteria, and its rank among the null data sets."""
    mean, sd = _moments(simulated)
    if len(simulated) < 2:
        return float("nan"), float("nan")
    top = float(((observed - mean) / sd * SIGN).max())
    null = ((simulated - mean) / sd * SIGN).max(axis=(1, 2))
    return top, float((1 + (null >= top).sum()) / (1 + len(null)))


def _votes(table: pd.DataFrame, rows: int) -> dict[str, int]:
    sound = table[(table["smallest"] >= 0.05) & (table["smallest"] * rows >= min(30, rows / 10))]
    tried = sound[sound["n_segments"] > 1]
    if tried.empty:
        tried = table[table["n_segments"] == 2]
    best = int(tried["n_segments"].to_numpy()[tried["bic"].to_numpy().argmin()])
    stable = tried[tried["stability"] >= STABLE]["n_segments"]
    gap, se = tried["gap"].to_numpy(), tried["gap_se"].to_numpy()
    enough = [i for i in range(len(gap) - 1) if gap[i] >= gap[i + 1] - se[i + 1]]
    votes = {"bic": best, "stability": int(stable.max()) if len(stable) else 2}
    if _sees(table, "z_silhouette"):
        votes["silhouette"] = int(tried["n_segments"].to_numpy()[tried["z_silhouette"].to_numpy().argmax()])
    if _sees(table, "z_likelihood"):
        votes["likelihood"] = int(tried["n_segments"].to_numpy()[tried["z_likelihood"].to_numpy().argmax()])
    if _sees(table, "z_within"):
        votes["gap"] = int(tried["n_segments"].iloc[enough[0]] if enough else tried["n_segments"].iloc[-1])
    return votes


def _sees(table: pd.DataFrame, criterion: str) -> bool:
    """Tell whether a criterion rejects the null itself; one that does not has no say in the number."""
    return bool(table[criterion].max() > CUT)


def consensus(votes: dict[str, int]) -> int:
    """Return the vote of the majority; without one the median, of two middle votes the smaller.

    Examples
    --------
    >>> consensus({"bic": 5, "stability": 4, "gap": 5}), consensus({"a": 2, "b": 2, "c": 3, "d": 5, "e": 6})
    (5, 3)
    """
    values = sorted(votes.values())
    majority = [value for value in values if 2 * values.count(value) > len(values)]
    return majority[0] if majority else values[(len(values) - 1) // 2]
