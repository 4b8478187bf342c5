"""What people's codes add to the default coder: a correction of its log odds, nothing where people have said nothing.

A softmax regression whose starting point is not zero but the coder's own log odds (its offset), with a penalty on every
departure: few codes move little, many codes decide. It reads the same n-grams and word vectors as the prior, so a
code given in one language speaks, by the word vectors, for the others too. It is fitted by clauses, which are fewer than
n-grams (kernel logistic regression; Hastie, Tibshirani & Friedman 2009, section 12.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from cjmlab.feedback.priors.touchpoint_prior import shipped_prior
from cjmlab.feedback.scorers.features import Reading

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

_MEANT = 1.5  # what the mean word vector counts beside the n-grams, each of length one
_BIAS = 1.0  # penalty on a class as such
_STEPS = 100
_STEADY = 1e-3  # added to the likeness of each clause with itself, so that those in the same words are no trouble
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


class Fitting:
    """Fits corrections of the same clauses, whatever is wanted of them.

    Parameters
    ----------
    likeness : array, clauses × clauses
        How alike the clauses are.
    """

    def __init__(self, likeness: Floats) -> None:
        from scipy import linalg

        steady = np.asarray(likeness, np.float32).copy()
        steady[np.diag_indices_from(steady)] += _STEADY
        root = linalg.cholesky(steady, lower=True, overwrite_a=True, check_finite=False)
        self.root = np.asfortranarray(root)

    def fit(
        self, offset: Floats, wanted: Floats, penalty: float, *, start: Floats | None = None, steps: int = _STEPS
    ) -> Floats:
        """Return the moves of clauses that make what is wanted likeliest, less the penalty.

        Parameters
        ----------
        offset : array, clauses × classes
            The default coder's own log odds.
        wanted : array, sets × clauses × classes
            How often each class is wanted of each clause: one 1 for a code, shares or counts of several, zeros of a clause that
            teaches nothing. Several sets are fitted side by side, each by itself.
        penalty : float
            How much every departure from the default coder costs.
        start : array, optional
            What an earlier call returned.
        steps : int
            How many steps at most.

        Returns
        -------
        array, sets × (clauses + 1) × classes
            The moves of clauses, then that of the classes as such. ``moved`` and ``shares`` read them, one set at a time.
        """
        from scipy import optimize

        (sets, count, classes), often = wanted.shape, wanted.sum(axis=2, keepdims=True)

        def loss(flat: Floats) -> tuple[float, Floats]:
            moves = flat.reshape(sets, count + 1, classes)
            own, common = moves[:, :-1], moves[:, -1:]
            odds = offset + self._times(own) + common
            odds -= odds.max(axis=2, keepdims=True)
            logs = odds - np.log(np.exp(odds).sum(axis=2, keepdims=True))
            cost = 0.5 * penalty * float((own**2).sum()) + 0.5 * _BIAS * float((common**2).sum())
            wrong = np.exp(logs) * often - wanted
            slope = [
                self._times(wrong, back=True) + penalty * own,
                wrong.sum(axis=1, keepdims=True) + _BIAS * common,
            ]
            return cost - float((wanted * logs).sum()), np.concatenate(slope, axis=1).ravel()

        first = np.zeros(sets * (count + 1) * classes) if start is None else start.ravel()
        found = optimize.minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": steps}).x
        return np.asarray(found.reshape(sets, count + 1, classes), np.float64)

    def moved(self, moves: Floats) -> Floats:
        """Return what one set of moves adds to the log odds of each clause."""
        return np.asarray(self._times(moves[None, :-1])[0] + moves[-1])

    def _times(self, values: Floats, *, back: bool = False) -> Floats:
        """Return the root, or its mirror image, times the columns of each set, all in one pass over it."""
        from scipy.linalg import blas

        sets, count, classes = values.shape
        columns = np.asfortranarray(values.transpose(1, 0, 2).reshape(count, sets * classes), np.float32)
        found = blas.strmm(1.0, self.root, columns, lower=1, trans_a=int(back), overwrite_b=1)
        return np.asarray(found.reshape(count, sets, classes).transpose(1, 0, 2), np.float64)

    def shares(self, moves: Floats) -> Floats:
        """Return what part each clause has in the moves."""
        from scipy import linalg

        told = linalg.solve_triangular(
            self.root, moves[:-1].astype(np.float32), lower=True, trans="T", check_finite=False
        )
        return np.asarray(told, np.float64)


def fit_correction(coded: CodedClauses, penalty: float) -> Correction:
    """Return the correction that makes the codes of people likeliest, less the penalty.

    Parameters
    ----------
    coded : CodedClauses
        What people coded.
    penalty : float
        How much every departure from the default coder costs.
    """
    fitting = Fitting(coded.likeness())
    moves = fitting.fit(coded.offset, np.eye(coded.offset.shape[1])[coded.labels][None], penalty)[0]
    return as_correction(coded, fitting, moves)


def as_correction(coded: CodedClauses, fitting: Fitting, moves: Floats) -> Correction:
    """Return the moves of clauses as weights of what they are made of, and of the classes as such."""
    shares = fitting.shares(moves)
    grams = {language: np.asarray(held.T @ shares, np.float32) for language, held in coded.grams.items()}
    return Correction(grams, np.asarray(coded.words.T @ shares, np.float32), np.round(moves[-1], _DECIMALS))


def mean_correction(corrections: Sequence[Correction]) -> Correction:
    """Return the mean of corrections of the same classes."""
    share = 1 / len(corrections)
    languages = sorted({language for each in corrections for language in each.grams})
    grams = {
        language: np.asarray(
            sum(each.grams[language] for each in corrections if language in each.grams) * share, np.float32
        )
        for language in languages
    }
    words = np.asarray(sum(each.words for each in corrections) * share, np.float32)
    return Correction(grams, words, np.asarray(sum(each.bias for each in corrections) * share, np.float64))


def correct(coded: CodedClauses, correction: Correction) -> Floats:
    """Return the chances of each class of coded clauses after a correction, one row a clause."""
    added = coded.words @ correction.words + correction.bias
    for language, grams in coded.grams.items():
        added = added + grams @ correction.grams[language]
    return softmax(coded.offset + added)


def one_thread() -> AbstractContextManager[Any]:
    """Keep products of matrices to one thread: small ones only wait for each other, and sums stay in one order.

    The libraries must be there before they can be told so.
    """
    import scipy.linalg
    import scipy.optimize  # noqa: F401
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    return cast("AbstractContextManager[Any]", threadpool_limits(limits=1))


def softmax(odds: Floats) -> Floats:
    """Return chances from log odds, row by row."""
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _read(clauses: Sequence[str], language: str) -> tuple[Any, npt.NDArray[np.float32]]:
    from scipy import sparse

    prior, reading = shipped_prior(language), Reading(clauses)
    grams = sparse.hstack([block.read(reading) for block in prior.blocks]).tocsr()
    return grams, _MEANT * prior.words.mean(reading)
