"""Weights that carry the uncertainty of segments into every later figure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cjmlab.segments.reading import Floats


def bch_weights(posteriors: Floats, assigned: npt.NDArray[np.int_]) -> Floats:
    """Return the weights of Bolck, Croon and Hagenaars for a third step on estimated segments.

    Parameters
    ----------
    posteriors : ndarray (n, K)
        Class probabilities of each customer.
    assigned : ndarray (n,)
        Segment number of each customer.

    Returns
    -------
    ndarray (n, K)
        Weight of each customer in each segment; every row sums to 1, single weights may be negative. A weighted mean
        with column k estimates the mean of segment k free of the bias of misclassification.

    Notes
    -----
    With D the table of P(assigned = s | true = k), the weights are the rows of its inverse (Bolck, Croon and
    Hagenaars 2004; Vermunt 2010). Where D cannot be inverted, the plain assignment is returned.

    Examples
    --------
    >>> sure = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.1, 0.9]])
    >>> bch_weights(sure, np.array([0, 0, 1, 1])).round(3)[0].tolist()
    [1.125, -0.125]
    """
    posteriors = np.asarray(posteriors, dtype=float)
    count = posteriors.shape[1]
    member = np.zeros_like(posteriors)
    member[np.arange(len(posteriors)), np.asarray(assigned, dtype=np.int64)] = 1.0
    mass = posteriors.sum(axis=0)
    if (mass <= 0).any():
        return member
    confusion = posteriors.T @ member / mass[:, None]
    if np.linalg.matrix_rank(confusion, tol=1e-6) < count:
        return member
    return np.asarray(member @ np.linalg.inv(confusion))
