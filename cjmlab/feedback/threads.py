"""The thread of a text: a clause mostly goes on with what the clause before it speaks of, or turns to something else.

"The wish list vanished when I changed phones. Two years of staples. Gone." names its touchpoint once. Chances of single
clauses are therefore joined along each text by a hidden Markov chain (Rabiner 1989): from clause to clause the touchpoint
stays with a given chance, and is any one otherwise. A clause that speaks clearly for itself is hardly moved.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def follow_threads(chances: Floats, lengths: Sequence[int], stay: Floats) -> Floats:
    """Return the chances of each clause given the whole text.

    Parameters
    ----------
    chances : array, clauses × codes
        What each clause speaks of by itself, each row adding up to one; the clauses of a text stand together, in order.
    lengths : sequence of int
        How many clauses each text has.
    stay : array, one number a clause
        The chance that a clause goes on with the code of the clause before it; the first one of a text is not read.

    Returns
    -------
    array, clauses × codes
        The forward–backward chances, each row adding up to one.

    Examples
    --------
    >>> alone = np.array([[0.98, 0.02], [0.45, 0.55], [0.02, 0.98]])
    >>> follow_threads(alone, [2, 1], np.full(3, 0.5)).round(2)
    array([[0.98, 0.02],
           [0.7 , 0.3 ],
           [0.02, 0.98]])
    """
    counts = np.asarray(lengths, np.int64)
    first = np.cumsum(counts) - counts
    turn = (1 - stay)[:, None] / max(chances.shape[1], 1)
    ahead, behind = chances.copy(), np.ones_like(chances)
    for place in range(1, int(counts.max(initial=0))):
        now = first[counts > place] + place
        ahead[now] *= stay[now, None] * ahead[now - 1] + turn[now]
        ahead[now] /= ahead[now].sum(axis=1, keepdims=True)
    for place in range(int(counts.max(initial=0)) - 2, -1, -1):
        now = first[counts > place + 1] + place
        coming = chances[now + 1] * behind[now + 1]
        coming /= coming.sum(axis=1, keepdims=True)
        behind[now] = stay[now + 1, None] * coming + turn[now + 1]
    joined = ahead * behind
    return np.asarray(joined / joined.sum(axis=1, keepdims=True))
