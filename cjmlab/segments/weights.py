"""Weights that carry the uncertainty of segments into every later figure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cjmlab.segments.reading import Floats

WORST_CONDITION = 10.0


def bch_weights(posteriors: Floats, assigned: npt.NDArray[np.int_]) -> Floats | None:
    """Return the weights of Bolck, Croon and Hagenaars for a third step on estimated segments.

    Parameters
    ----------
    posteriors : ndarray (n, K)
        Class probabilities of each customer.
    assigned : ndarray (n,)
        Segment number of each customer.

    Returns
    -------
    ndarray (n, K) or None
        Weight of each customer in each segment; every row sums to 1, single weights may be negative: customers who may
        have been put in the wrong segment count against it where they are suspected to belong elsewhere. A weighted
        mean with column k estimates the mean of segment k free of the bias of misclassification. None when the segments
        overlap so much that the correction cannot be computed.

    Notes
    -----
    With D the table of P(assigned = s | true = k), the weights are the rows of its inverse (Bolck, Croon and
    Hagenaars 2004; Vermunt 2010). A condition number of D above 10 counts as not to be inverted.

    Examples
    --------
    >>> sure = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.1, 0.9]])
    >>> bch_weights(sure, np.array([0, 0, 1, 1])).round(3)[0].tolist()
    [1.125, -0.125]
    """
    posteriors = np.asarray(posteriors, dtype=float)
    member = np.eye(posteriors.shape[1])[np.asarray(assigned, dtype=np.int64)]
    confusion = posteriors.T @ member / np.maximum(posteriors.sum(axis=0), 1e-12)[:, None]
    if np.linalg.cond(confusion) > WORST_CONDITION:
        return None
    return np.asarray(member @ np.linalg.inv(confusion))
