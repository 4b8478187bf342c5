"""How many segments: a homogeneity test that can answer one, then a consensus of four criteria in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cjmlab.segments.features import FeatureSpace
from cjmlab.segments.models import Labels, fit_kmeans, fit_mixture
from cjmlab.segments.nulls import copula_null
from cjmlab.segments.reading import Floats
from cjmlab.segments.stability import adjusted_rand, bootstrap_agreement

CUT = 4.0
STABLE = 0.8
SILHOUETTE_ROWS = 1500
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


def within_and_silhouette(design: Floats, partitions: list[Labels]) -> Floats:
    """Return log within-cluster sum of squares and mean silhouette of partitions (len, 2).

    The silhouette is taken on the first 1,500 rows; the rows stand in an order that does not depend on segments.
    """
    rows = _spread_rows(len(design))
    part = design[rows]
    squares = (part**2).sum(axis=1)
    distance = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2 * part @ part.T, 0.0))
    out = np.empty((len(partitions), 2))
    for i, labels in enumerate(partitions):
        out[i] = np.log(max(_within(design, labels), 1e-12)), _silhouette(distance, labels[rows])
    return out


def _spread_rows(n: int) -> Labels:
    if n <= SILHOUETTE_ROWS:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, SILHOUETTE_ROWS, replace=False))


def _within(design: Floats, labels: Labels) -> float:
    member = np.zeros((len(labels), int(labels.max()) + 1))
    member[np.arange(len(labels)), labels] = 1.0
    sums, sizes = member.T @ design, member.sum(axis=0)
    return float((design**2).sum() - (sums**2 / np.maximum(sizes, 1)[:, None]).sum())


def _silhouette(distance: Floats, labels: Labels) -> float:
    count = int(labels.max()) + 1
    member = np.zeros((len(labels), count))
    member[np.arange(len(labels)), labels] = 1.0
    sizes = member.sum(axis=0)
    if (sizes > 0).sum() < 2:
        return 0.0
    sums = distance @ member
    own = sums[np.arange(len(labels)), labels] / np.maximum(sizes[labels] - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.where(sizes > 0, sums / sizes, np.inf)
    means[np.arange(len(labels)), labels] = np.inf
    other = means.min(axis=1)
    score = np.where(sizes[labels] > 1, (other - own) / np.maximum(np.maximum(other, own), 1e-12), 0.0)
    return float(score.mean())


def count_segments(
    space: FeatureSpace,
    raw: Floats,
    *,
    largest: int = 8,
    n_null: int = 20,
    n_boot: int = 8,
    random_state: int = 0,
    progress: Progress | None = None,
) -> Count:
    """Test homogeneity and, when it is rejected, find the number of segments by consensus.

    Parameters
    ----------
    space, raw
        Feature space and cleaned rows.
    largest : int
        Largest number that is tried.
    n_null : int
        Null data sets.
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
    Homogeneity: flexible parametric bootstrap (Hennig and Lin 2015) against a Gaussian copula; z of log W and of the
    silhouette over the numbers; both at most 4 means one segment. Then the mode of BIC, the largest number with a
    bootstrap ARI of .8, the best silhouette z and the gap against the same null; the median when all differ.
    """
    say = progress or (lambda step, share: None)
    numbers = list(range(2, _largest(len(raw), largest) + 1))
    if not numbers:
        return Count(1, pd.DataFrame({"n_segments": [1]}), {}, tested=False)
    design = space.design(raw)
    partitions = [fit_kmeans(design, k, n_init=6, random_state=random_state) for k in numbers]
    observed = within_and_silhouette(design, partitions)
    total = _within(design, np.zeros(len(design), dtype=np.int64))
    simulated, totals = _simulate(space, raw, numbers, n_null, random_state, say)
    table = _criteria(numbers, observed, simulated, total, totals)
    evidence, p_value = _evidence(observed, simulated)
    mixed = space.mixed(raw)
    one = fit_mixture(mixed, 1)
    table["bic"] = [one.bic] + [
        fit_mixture(mixed, k, starts=[labels], n_random=2, random_state=random_state, steps=150, tolerance=1e-5).bic
        for k, labels in zip(numbers, partitions, strict=True)
    ]
    say("bic", 0.7)
    table["stability"] = [1.0] + [
        bootstrap_agreement(design, k, n_boot=n_boot, random_state=random_state) for k in numbers
    ]
    say("stability", 1.0)
    table["smallest"] = [1.0] + [float(np.bincount(labels).min() / len(labels)) for labels in partitions]
    votes = _votes(table, len(raw))
    answer = consensus(votes) if evidence > CUT else 1
    for name, vote in votes.items():
        table[f"vote_{name}"] = table["n_segments"] == vote
    table["chosen"] = table["n_segments"] == answer
    return Count(answer, table, votes, evidence, p_value)


def _largest(rows: int, largest: int) -> int:
    """At least ten customers a segment."""
    return min(largest, rows // 10)


def _simulate(
    space: FeatureSpace, raw: Floats, numbers: list[int], n_null: int, random_state: int, say: Progress
) -> tuple[Floats, Floats]:
    null = copula_null(space, raw, random_state=random_state)
    simulated, totals = np.empty((n_null, len(numbers), 2)), np.empty(n_null)
    for b in range(n_null):
        design = space.design(null.draw(np.random.default_rng([random_state, 7, b])))
        partitions = [fit_kmeans(design, k, n_init=2, random_state=random_state) for k in numbers]
        simulated[b] = within_and_silhouette(design, partitions)
        totals[b] = _within(design, np.zeros(len(design), dtype=np.int64))
        say("null", 0.6 * (b + 1) / n_null)
    return simulated, totals


def _criteria(numbers: list[int], observed: Floats, simulated: Floats, total: float, totals: Floats) -> pd.DataFrame:
    mean, sd = simulated.mean(axis=0), np.maximum(simulated.std(axis=0, ddof=1), 1e-6)
    z = (observed - mean) / sd * np.array([-1.0, 1.0])
    gap = mean[:, 0] - observed[:, 0]
    first = float(np.log(totals).mean() - np.log(total))
    return pd.DataFrame(
        {
            "n_segments": [1, *numbers],
            "within": [np.log(total), *observed[:, 0]],
            "silhouette": [np.nan, *observed[:, 1]],
            "z_within": [np.nan, *z[:, 0]],
            "z_silhouette": [np.nan, *z[:, 1]],
            "gap": [first, *gap],
            "gap_se": [0.0, *(sd[:, 0] * np.sqrt(1 + 1 / len(simulated)))],
        }
    )


def _evidence(observed: Floats, simulated: Floats) -> tuple[float, float]:
    """Largest z over numbers and both criteria, and its rank among the null data sets."""
    mean, sd = simulated.mean(axis=0), np.maximum(simulated.std(axis=0, ddof=1), 1e-6)
    sign = np.array([-1.0, 1.0])
    top = float(((observed - mean) / sd * sign).max())
    null = ((simulated - mean) / sd * sign).max(axis=(1, 2))
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
    return {
        "bic": best,
        "stability": int(stable.max()) if len(stable) else 2,
        "silhouette": int(tried["n_segments"].to_numpy()[tried["z_silhouette"].to_numpy().argmax()]),
        "gap": int(tried["n_segments"].iloc[enough[0]] if enough else tried["n_segments"].iloc[-1]),
    }


def consensus(votes: dict[str, int]) -> int:
    """Return the most frequent vote; the smaller one of a tie; the median when all differ.

    Examples
    --------
    >>> consensus({"bic": 5, "stability": 4, "silhouette": 4, "gap": 5}), consensus({"a": 2, "b": 3, "c": 5, "d": 8})
    (4, 3)
    """
    values = sorted(votes.values())
    counts = {value: values.count(value) for value in values}
    most = max(counts.values())
    if most == 1 and len(values) > 1:
        return values[(len(values) - 1) // 2]
    return min(value for value, count in counts.items() if count == most)


__all__ = ["Count", "adjusted_rand", "consensus", "count_segments"]
