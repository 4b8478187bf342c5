"""What ratings say of the words beside them: of which touchpoint they speak, and whether for better or worse.

How often each level of rating stands at the touchpoint that a negative, neutral or positive clause speaks of is learned from
the study itself, by expectation maximization (Dempster, Laird & Rubin 1977): what clauses are about is what is hidden. Where
ratings have nothing to do with words, every level is as frequent there as anywhere, and nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cjmlab.feedback.ratings_beside import LEVELS, SKIPPED, UNKNOWN, RatingsBeside

Floats = npt.NDArray[np.float64]

POLARITIES = 3

LEARNED = POLARITIES * (2 * LEVELS - 1)
"""How many shares of levels are learned from a study."""

_PRIOR = 20.0  # clauses' worth of "ratings have nothing to do with words"
_STEPS, _FURTHER = 15, 3
_LEVELLING = 10
_START = 0.7  # log odds by which the best rating starts likelier beside praise than a middling one


@dataclass(frozen=True)
class Evidence:
    """How often each level of rating stands beside words, by what they say, and whatever they say.

    ``at_touchpoint`` (polarities × levels) is of ratings of the touchpoint spoken of, ``overall`` (the same) of ratings of the whole; ``usual``
    (touchpoints × levels) and ``usual_overall`` (levels) are whatever is said.
    """

    at_touchpoint: Floats
    overall: Floats
    usual: Floats
    usual_overall: Floats

    def skipping(self) -> Floats:
        """Return how much likelier a clause speaks of each touchpoint when it is rated, and when it is skipped (touchpoints × 2)."""
        skipped, usual = float(self.at_touchpoint[:, SKIPPED].mean()), self.usual[:, SKIPPED]
        rated = (1 - skipped) / np.maximum(1 - usual, 1e-3)
        return np.stack([rated, np.minimum(skipped / usual, 1.0)], axis=1)

    def factors(self, beside: RatingsBeside) -> tuple[Floats, Floats]:
        """Return how much the ratings raise the chance of each touchpoint and polarity, and of each polarity overall.

        That somebody left out a touchpoint that nearly everybody rates does not speak for it.
        """
        levels = beside.levels
        usual = self.usual[np.arange(levels.shape[1]), levels]
        at = self.at_touchpoint.T[levels] / usual[:, :, None]
        at = np.where(levels[:, :, None] == SKIPPED, np.minimum(at, 1.0), at)
        at = np.where(levels[:, :, None] == UNKNOWN, 1.0, at)
        whole = self.overall.T[beside.overall] / self.usual_overall[beside.overall][:, None]
        return at, np.where(beside.overall[:, None] == UNKNOWN, 1.0, whole)


@dataclass(frozen=True)
class Told:
    """What clauses are about once their ratings are heard: chances of touchpoints (the last column is none) and of polarities.

    ``likelihood`` is the log likelihood of the ratings beside each clause, against what they usually are.
    """

    evidence: Evidence
    points: Floats
    polarity: Floats
    likelihood: Floats

    @property
    def borne_out(self) -> bool:
        """Whether ratings tell more of the words beside them than the shares cost that were learned (Akaike 1974)."""
        return bool(self.likelihood.sum() > LEARNED)


def hear_ratings(
    points: Floats, polarity: Floats, beside: RatingsBeside, groups: npt.NDArray[np.int64] | None = None,
    start: Evidence | None = None,
) -> Told:  # fmt: skip
    """Weigh what clauses sound like with the ratings beside them.

    Parameters
    ----------
    points : array, clauses × (touchpoints + 1)
        The chances of each touchpoint, and of none, by the words.
    polarity : array, clauses × 3
        The chances of negative, neutral and positive by the words.
    beside : RatingsBeside
        One row a clause, touchpoints in the same order.
    groups : array of int, one a clause, optional
        Clauses among which ratings tell polarity; what they tell of a whole group against another is taken out, of
        the posterior and of the likelihood.
    start : Evidence, optional
        What the same ratings told of nearly the same words; a few steps are enough from there.

    Returns
    -------
    Told
        The posterior chances, with the evidence that they rest on.
    """
    usual, usual_overall = _shares(beside.levels), _shares(beside.overall[:, None])[0]
    anywhere = _shares(beside.levels.reshape(-1, 1))[0]
    evidence = start or Evidence(_leaning(anywhere), _leaning(usual_overall), usual, usual_overall)
    for _ in range(_STEPS if start is None else _FURTHER):
        joint, alone, _ = _posterior(points, polarity, evidence, beside)
        at = _ordered(np.stack([_count(beside.levels, joint[:, :, k], anywhere) for k in range(POLARITIES)]), anywhere)
        meant = joint.sum(axis=1) + alone
        overall = np.stack([_count(beside.overall, meant[:, k], usual_overall) for k in range(POLARITIES)])
        evidence = Evidence(at, _ordered(overall, usual_overall), usual, usual_overall)
    joint, alone, likelihood = _posterior(points, polarity, evidence, beside)
    told = np.concatenate([joint.sum(axis=2), alone.sum(axis=1, keepdims=True)], axis=1)
    meant = joint.sum(axis=1) + alone
    if groups is not None:
        usually = _mean(polarity, groups)[groups]
        likelihood = likelihood - _posterior(points, usually, evidence, beside)[2]
        meant = _levelled(meant, polarity, groups)
    return Told(evidence, told, meant, likelihood)


def _posterior(
    points: Floats, polarity: Floats, evidence: Evidence, beside: RatingsBeside
) -> tuple[Floats, Floats, Floats]:
    """Return the chances of each touchpoint and polarity, those of none, and the log likelihood of the ratings."""
    at, whole = evidence.factors(beside)
    meant = polarity * whole
    joint = points[:, :-1, None] * meant[:, None, :] * at
    alone = points[:, -1:] * meant
    total = joint.sum(axis=(1, 2)) + alone.sum(axis=1)
    return joint / total[:, None, None], alone / total[:, None], np.log(total)


def _mean(values: Floats, groups: npt.NDArray[np.int64]) -> Floats:
    """Return the mean row of each group."""
    sums = np.stack([np.bincount(groups, weights=column) for column in values.T], axis=1)
    return np.asarray(sums / np.maximum(np.bincount(groups), 1)[:, None], np.float64)


def _levelled(told: Floats, words: Floats, groups: npt.NDArray[np.int64]) -> Floats:
    """Return what is told of polarity with the mean of each group as the words have it (iterative proportional fitting)."""
    wanted, found = np.maximum(_mean(words, groups), 1e-9), told
    for _ in range(_LEVELLING):
        found = found * (wanted / np.maximum(_mean(found, groups), 1e-9))[groups]
        found = found / found.sum(axis=1, keepdims=True)
    return found


def _shares(levels: npt.NDArray[np.int8]) -> Floats:
    """Return the shares of the levels in each column; a little of all columns' shares keeps them above nothing."""
    held = np.stack([(levels == level).sum(axis=0) for level in range(UNKNOWN)], axis=1) + 0.5
    shares = held / held.sum(axis=1, keepdims=True)
    return np.concatenate([shares, np.ones((len(shares), 1))], axis=1)


def _leaning(shares: Floats) -> Floats:
    """Return the shares of the levels to start from at each polarity: better ratings stand beside better words, so far is known."""
    better = np.append((np.arange(LEVELS) - (LEVELS - 1) / 2) / ((LEVELS - 1) / 2), 0.0)
    leant = shares[:UNKNOWN] * np.exp(_START * np.outer([-1, 0, 1], better))
    return np.concatenate([leant / leant.sum(axis=1, keepdims=True), np.ones((POLARITIES, 1))], axis=1)


def _ordered(shares: Floats, usual: Floats) -> Floats:
    """Return shares in which better ratings are no less usual beside praise, and no more beside blame, than worse ones are."""
    from sklearn.isotonic import isotonic_regression

    found = shares.copy()
    for polarity, increasing in ((0, False), (POLARITIES - 1, True)):
        ratio = shares[polarity, :LEVELS] / usual[:LEVELS]
        ordered = isotonic_regression(ratio, sample_weight=usual[:LEVELS], increasing=increasing) * usual[:LEVELS]
        found[polarity, :LEVELS] = ordered * shares[polarity, :LEVELS].sum() / ordered.sum()
    return found


def _count(levels: npt.NDArray[np.int8], weights: Floats, usual: Floats) -> Floats:
    """Return the shares of the levels by weight."""
    held = np.bincount(levels.ravel(), weights=weights.ravel(), minlength=UNKNOWN + 1)[:UNKNOWN]
    shares = held + _PRIOR * usual[:UNKNOWN]
    return np.append(shares / shares.sum(), 1.0)
