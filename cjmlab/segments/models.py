"""The models that form segments: mixed latent class (EM over sufficient statistics) and k-means beside it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cjmlab.segments.features import Mixed
from cjmlab.segments.reading import Floats

Labels = npt.NDArray[np.int64]
VARIANCE_PRIOR = 30.0
LEVEL_PRIOR = 1.0
FLOOR = 0.02


@dataclass(frozen=True)
class Mixture:
    """A fitted mixed latent class model.

    Parameters
    ----------
    weights : ndarray (K,)
        Share of each class.
    means, variances : ndarray (K, g)
        Of the z-scores.
    probabilities : ndarray (K, L)
        Of the levels, all coded columns beside each other.
    loglik : float
        Log-likelihood of the rows that it was fitted on, priors aside.
    rows : int
        How many rows it was fitted on.
    iterations : int
        EM steps.
    """

    weights: Floats
    means: Floats
    variances: Floats
    probabilities: Floats
    levels: tuple[int, ...]
    loglik: float = -np.inf
    rows: int = 0
    iterations: int = 0

    @property
    def n_parameters(self) -> int:
        """Free parameters: shares, means and variances, level probabilities."""
        free_levels = sum(self.levels) - len(self.levels)
        count = len(self.weights)
        return int(count - 1 + count * (2 * self.means.shape[1] + free_levels))

    @property
    def bic(self) -> float:
        """Bayesian information criterion; smaller is better."""
        return -2 * self.loglik + self.n_parameters * float(np.log(max(self.rows, 1)))

    def permuted(self, order: Labels) -> Mixture:
        """Return the same model with its classes in another order."""
        return replace(
            self, weights=self.weights[order], means=self.means[order],
            variances=self.variances[order], probabilities=self.probabilities[order],
        )  # fmt: skip

    def posteriors(self, mixed: Mixed, *, batch: int = 100_000) -> Floats:
        """Return the class probabilities of each row (n, K); missing answers are simply not counted."""
        out = np.empty((len(mixed), len(self.weights)))
        for start in range(0, len(mixed), batch):
            rows = np.arange(start, min(start + batch, len(mixed)))
            out[rows] = _responsibilities(_statistics(mixed.take(rows)), self, mixed)[0].T
        return out


def _statistics(mixed: Mixed) -> Floats:
    """One row of sufficient statistics a customer: level dummies, answered, z, z²; gaps are zeros."""
    answered = ~np.isnan(mixed.numbers)
    z = np.where(answered, mixed.numbers, 0.0)
    dummies = np.zeros((len(mixed), sum(mixed.levels)))
    offset = 0
    for column, count in enumerate(mixed.levels):
        known = mixed.codes[:, column] >= 0
        dummies[np.flatnonzero(known), offset + mixed.codes[known, column]] = 1.0
        offset += count
    return np.hstack([dummies, answered, z, z * z])


def _coefficients(model: Mixture, mixed: Mixed) -> Floats:
    """Return the coefficients (d, K): the log-density of a row is linear in its statistics."""
    weight = mixed.number_weights[:, None]
    precision = 1.0 / model.variances.T
    means = model.means.T
    level_weight = np.repeat(mixed.code_weights, mixed.levels)[:, None]
    constant = -0.5 * (np.log(2 * np.pi) - np.log(precision) + means**2 * precision)
    return np.vstack(
        [np.log(model.probabilities.T) * level_weight, constant * weight, means * precision * weight,
         -0.5 * precision * weight]
    )  # fmt: skip


def _responsibilities(statistics: Floats, model: Mixture, mixed: Mixed) -> tuple[Floats, float]:
    """Return class probabilities (K, n) and log-likelihood; rows lie along the memory, where sums over K are fast."""
    joint = _coefficients(model, mixed).T @ statistics.T
    joint += np.log(model.weights)[:, None]
    top = joint.max(axis=0)
    np.subtract(joint, top, out=joint)
    np.exp(joint, out=joint)
    total = joint.sum(axis=0)
    loglik = float(np.log(total).sum() + top.sum())
    joint /= total
    return joint, loglik


def _maximise(statistics: Floats, share: Floats, mixed: Mixed, overall: Floats, prior: float = 1.0) -> Mixture:
    """Update the parameters from class shares of rows (K, n)."""
    return _update(share @ statistics, share.sum(axis=1), mixed, overall, prior)


def _update(sums: Floats, size: Floats, mixed: Mixed, overall: Floats, prior: float = 1.0) -> Mixture:
    """Update the parameters from summed statistics (K, d), with weak priors that stop classes from collapsing."""
    n_levels, g = sum(mixed.levels), mixed.numbers.shape[1]
    weights = (size + prior) / (size.sum() + prior * len(size))
    answered, first, second = (sums[:, n_levels + i * g : n_levels + (i + 1) * g] for i in range(3))
    means = first / np.maximum(answered, 1e-9)
    within = np.maximum(second - means**2 * answered, 0.0)
    pooled = np.maximum(within.sum(axis=0) / np.maximum(answered.sum(axis=0), 1.0), FLOOR)
    lean = prior * VARIANCE_PRIOR
    variances = np.maximum((within + lean * pooled) / np.maximum(answered + lean, 1e-9), FLOOR)
    counts = sums[:, :n_levels] + max(prior * LEVEL_PRIOR, 1e-9) * overall
    probabilities = np.empty_like(counts)
    offset = 0
    for count in mixed.levels:
        block = counts[:, offset : offset + count]
        probabilities[:, offset : offset + count] = block / block.sum(axis=1, keepdims=True)
        offset += count
    return Mixture(weights, means, variances, np.maximum(probabilities, 1e-12), mixed.levels)


def _overall(statistics: Floats, mixed: Mixed) -> Floats:
    """Share of each level over all rows, a touch above zero."""
    return _level_shares(statistics[:, : sum(mixed.levels)].sum(axis=0), mixed)


def _level_shares(sums: Floats, mixed: Mixed) -> Floats:
    out, offset = [], 0
    for count in mixed.levels:
        totals = sums[offset : offset + count] + 0.5
        out.append(totals / totals.sum())
        offset += count
    return np.concatenate(out) if out else np.empty(0)


def _climb(
    statistics: Floats, share: Floats, mixed: Mixed, steps: int, tolerance: float, prior: float
) -> tuple[Floats, Mixture]:
    overall = _overall(statistics, mixed)
    last = -np.inf
    for step in range(1, steps + 1):
        model = _maximise(statistics, share, mixed, overall, prior)
        share, loglik = _responsibilities(statistics, model, mixed)
        if loglik - last < tolerance * len(statistics) and step > 3:
            break
        last = loglik
    return share, replace(model, loglik=loglik, rows=len(statistics), iterations=step)


def fit_mixture(
    mixed: Mixed,
    n_segments: int,
    *,
    starts: list[Labels] | None = None,
    n_random: int = 16,
    n_finish: int = 3,
    random_state: int = 0,
    steps: int = 300,
    tolerance: float = 1e-6,
    prior: float = 1.0,
) -> Mixture:
    """Fit a mixed latent class model by EM, missing answers left out of the likelihood (FIML).

    Several starts run twelve steps each, the best of them run until they converge. Weak priors keep the model from
    collapsing on a few customers: the variances of a class lean on the pooled ones (as thirty customers would), its
    level shares on the overall ones (as one customer would).

    Parameters
    ----------
    mixed : Mixed
        Rows.
    n_segments : int
        Number of classes.
    starts : list of ndarray (n,), optional
        Partitions to start from, such as that of k-means.
    n_random : int
        Random starts beside them.
    n_finish : int
        How many of the starts run until they converge.
    random_state : int
        Seed.
    steps, tolerance
        EM steps at most; gain of the log-likelihood a row that counts as standing still.
    prior : float
        Strength of the weak priors; 0 is maximum likelihood.

    Returns
    -------
    Mixture
        The one with the largest log-likelihood.
    """
    rng = np.random.default_rng(random_state)
    statistics = _statistics(mixed)
    shares = [_soften(labels, n_segments) for labels in starts or []]
    shares += [rng.dirichlet(np.full(n_segments, 0.5), size=len(mixed)).T.copy() for _ in range(n_random)]
    if n_segments == 1:
        shares = [np.ones((1, len(mixed)))]
    climbed = [_climb(statistics, share, mixed, 12, tolerance, prior) for share in shares]
    climbed.sort(key=lambda pair: -round(pair[1].loglik, 6))
    finished = [_climb(statistics, share, mixed, steps, tolerance, prior)[1] for share, _ in climbed[:n_finish]]
    return max(finished, key=lambda model: round(model.loglik, 6))


def _soften(labels: Labels, n_segments: int) -> Floats:
    share = np.full((n_segments, len(labels)), 0.1 / n_segments)
    share[labels, np.arange(len(labels))] += 0.9
    return share


def refine_mixture(batches: Iterable[Mixed], mixture: Mixture) -> Mixture:
    """Take one EM step over rows that come in batches; only sums are kept between them."""
    sums, size, loglik, rows = np.zeros(0), np.zeros(0), 0.0, 0
    last: Mixed | None = None
    for mixed in batches:
        statistics = _statistics(mixed)
        share, gained = _responsibilities(statistics, mixture, mixed)
        here, members = share @ statistics, share.sum(axis=1)
        sums, size = (here, members) if last is None else (sums + here, size + members)
        loglik, rows, last = loglik + gained, rows + len(mixed), mixed
    if last is None:
        return mixture
    overall = _level_shares(sums.sum(axis=0)[: sum(last.levels)], last)
    return replace(_update(sums, size, last, overall), loglik=loglik, rows=rows, iterations=1)


def describe_partition(mixed: Mixed, labels: Labels, n_segments: int) -> Mixture:
    """Return the mixed model that a partition implies: one M-step, no iteration."""
    statistics = _statistics(mixed)
    share = np.zeros((n_segments, len(labels)))
    share[labels, np.arange(len(labels))] = 1.0
    model = _maximise(statistics, share, mixed, _overall(statistics, mixed))
    return replace(model, loglik=_responsibilities(statistics, model, mixed)[1], rows=len(mixed), iterations=1)


def fit_kmeans(design: Floats, n_segments: int, *, n_init: int = 10, random_state: int = 0) -> Labels:
    """Return the k-means partition of complete rows, the largest segment first."""
    from sklearn.cluster import KMeans

    if n_segments == 1:
        return np.zeros(len(design), dtype=np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fewer distinct customers than segments: fewer segments come back
        model = KMeans(n_segments, n_init=n_init, random_state=random_state).fit(design)
    return by_size(model.labels_)


def by_size(labels: npt.NDArray[np.int_]) -> Labels:
    """Renumber a partition 0, 1, … from the largest segment to the smallest; ties by the first row.

    Examples
    --------
    >>> by_size(np.array([7, 3, 3, 9, 9, 9])).tolist()
    [2, 1, 1, 0, 0, 0]
    """
    values, first, inverse, counts = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -counts))
    rank = np.empty(len(values), dtype=np.int64)
    rank[order] = np.arange(len(values))
    return np.asarray(rank[inverse.reshape(-1)], dtype=np.int64)
