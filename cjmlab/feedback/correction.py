"""What people's codes add to the default coder: a correction of its log odds, nothing where people have said nothing.

A softmax regression whose starting point is not zero but the coder's own log odds (its offset), with a penalty on every
departure: few codes move little, many codes decide. It reads the same n-grams and word vectors as the prior, so a
code given in one language speaks, by the word vectors, for the others too. It is fitted by clauses, which are fewer than
n-grams (kernel logistic regression; Hastie, Tibshirani & Friedman 2009, section 12.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cjmlab.feedback.priors.touchpoint_prior import shipped_prior
from cjmlab.feedback.scorers.features import Reading

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

_MEANT = 1.5  # what the mean word vector counts beside the n-grams, each of length one
_BIAS = 1.0  # penalty on a class as such
_STEPS = 100
_DECIMALS = 4


@dataclass(frozen=True)
class Correction:
    """Weights of n-grams (language → n-grams × classes), of word vectors (numbers × classes), and of the classes."""

    grams: Mapping[str, npt.NDArray[np.float32]]
    words: npt.NDArray[np.float32]
    bias: Floats

    def log_odds(self, clauses: Sequence[str], language: str) -> Floats:
        """Return what is added to the log odds of each class, one row a clause."""
        if not len(clauses):
            return np.zeros((0, len(self.bias)))
        grams, words = _read(clauses, language)
        added = np.einsum("ij,jk->ik", words, self.words) + self.bias
        if language in self.grams:
            added = added + grams @ self.grams[language]
        return np.asarray(np.round(added, _DECIMALS), np.float64)


@dataclass(frozen=True)
class CodedClauses:
    """Clauses that people coded: their features by language, the coder's own log odds, and the class that people gave."""

    grams: Mapping[str, Any]
    words: Floats
    offset: Floats
    labels: Labels

    def take(self, rows: npt.NDArray[np.bool_]) -> CodedClauses:
        """Return some of the clauses."""
        grams = {language: held[rows] for language, held in self.grams.items()}
        return CodedClauses(grams, self.words[rows], self.offset[rows], self.labels[rows])

    def likeness(self) -> Floats:
        """Return how alike the clauses are, clauses × clauses."""
        alike = self.words @ self.words.T
        for held in self.grams.values():
            alike = alike + (held @ held.T).toarray()
        return np.asarray(alike, np.float64)


def read_coded(clauses: Sequence[str], languages: Sequence[str], offset: Floats, labels: Labels) -> CodedClauses:
    """Return clauses ready to be learned from; the n-grams of each language stand in a block of their own."""
    from scipy import sparse

    spoken = np.array(languages, object)
    count, grams, words = len(clauses), {}, None
    for language in sorted(set(languages)):
        rows = np.flatnonzero(spoken == language)
        found, meant = _read([clauses[row] for row in rows.tolist()], language)
        place = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, np.arange(len(rows)))), (count, len(rows)))
        grams[language] = (place @ found).tocsr()
        words = place @ meant if words is None else words + place @ meant
    return CodedClauses(grams, np.asarray(words, np.float64), offset, labels)


def fit_correction(coded: CodedClauses, penalty: float) -> Correction:
    """Return the correction that makes the codes of people likeliest, less the penalty.

    Parameters
    ----------
    coded : CodedClauses
        What people coded.
    penalty : float
        How much every departure from the default coder costs.
    """
    from scipy import optimize

    alike, (count, classes) = coded.likeness(), coded.offset.shape
    given = np.zeros((count, classes))
    given[np.arange(count), coded.labels] = 1.0

    def loss(flat: Floats) -> tuple[float, Floats]:
        shares, bias = flat[: count * classes].reshape(count, classes), flat[count * classes :]
        moved = alike @ shares
        chances = softmax(coded.offset + moved + bias)
        likely = np.log(np.maximum(chances[np.arange(count), coded.labels], 1e-12)).sum()
        cost = 0.5 * penalty * float((shares * moved).sum()) + 0.5 * _BIAS * float(bias @ bias)
        wrong = chances - given
        slope = np.concatenate([(alike @ (wrong + penalty * shares)).ravel(), wrong.sum(axis=0) + _BIAS * bias])
        return cost - float(likely), slope

    start = np.zeros(count * classes + classes)
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    shares = found[: count * classes].reshape(count, classes)
    grams = {language: np.asarray(held.T @ shares, np.float32) for language, held in coded.grams.items()}
    return Correction(
        grams, np.asarray(coded.words.T @ shares, np.float32), np.round(found[count * classes :], _DECIMALS)
    )


def correct(coded: CodedClauses, correction: Correction) -> Floats:
    """Return the chances of each class of coded clauses after a correction, one row a clause."""
    added = coded.words @ correction.words + correction.bias
    for language, grams in coded.grams.items():
        added = added + grams @ correction.grams[language]
    return softmax(coded.offset + added)


def softmax(odds: Floats) -> Floats:
    """Return chances from log odds, row by row."""
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _read(clauses: Sequence[str], language: str) -> tuple[Any, npt.NDArray[np.float32]]:
    from scipy import sparse

    prior, reading = shipped_prior(language), Reading(clauses)
    grams = sparse.hstack([block.read(reading) for block in prior.blocks]).tocsr()
    return grams, _MEANT * prior.words.mean(reading)
