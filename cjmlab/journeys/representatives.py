"""Representative journeys: a few real paths that stand for many, with how many, their coverage and their distance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.errors import CjmError, did_you_mean
from cjmlab.tables import need_columns

_MOST = 200


def edit_distance(a: Sequence[object], b: Sequence[object]) -> float:
    """Return the edit distance of two paths, divided by the length of the longer one (0 same, 1 nothing in common).

    Examples
    --------
    >>> edit_distance("abcd", "abd"), edit_distance("", "")
    (0.25, 0.0)
    """
    if not a or not b:
        return float(bool(a) or bool(b))
    high, mask = 1 << (len(a) - 1), (1 << len(a)) - 1
    where: dict[object, int] = {}
    for i, letter in enumerate(a):
        where[letter] = where.get(letter, 0) | 1 << i
    up, down, distance = mask, 0, len(a)
    for letter in b:  # Myers (1999): one column of the table of edits as two bit vectors
        same = where.get(letter, 0)
        across = (((same & up) + up) ^ up) | same
        plus, minus = down | ~(across | up), up & across
        distance += bool(plus & high) - bool(minus & high)
        plus, minus = plus << 1 | 1, minus << 1
        vertical = same | down
        up, down = (minus | ~(vertical | plus)) & mask, plus & vertical & mask
    return distance / max(len(a), len(b))


def path_distances(paths: Sequence[Sequence[object]], measure: str = "edit") -> NDArray[np.float64]:
    """Return the distance of every path to every other, 0 to 1.

    Parameters
    ----------
    paths : sequence of sequences
        What was met, in order.
    measure : str
        ``edit`` (insert, drop or replace a step, by the length of the longer path) or ``hamming`` (share of positions
        that differ; paths of one length, such as a state a month).

    Raises
    ------
    CjmError
        For another measure, or when Hamming meets paths of different lengths.

    Examples
    --------
    >>> path_distances(["aab", "abb", "b"]).round(2).tolist()
    [[0.0, 0.33, 0.67], [0.33, 0.0, 0.67], [0.67, 0.67, 0.0]]
    """
    if measure == "hamming":
        if len({len(path) for path in paths}) > 1:
            raise CjmError("the paths differ in length", where="path_distances", remedy="Use the edit distance.")
        codes = pd.factorize(np.array([step for path in paths for step in path], dtype=object))[0].reshape(
            len(paths), -1
        )
        return np.stack([(codes != row).mean(axis=1) for row in codes])
    if measure != "edit":
        raise CjmError(f"{measure!r} is not a distance of paths", remedy=did_you_mean(measure, ("edit", "hamming")))
    distance = np.zeros((len(paths), len(paths)))
    for i, a in enumerate(paths):
        for j in range(i):
            distance[i, j] = distance[j, i] = edit_distance(a, paths[j])
    return distance


def represent_paths(
    variants: pd.DataFrame, *, coverage: float = 0.8, radius: float = 0.4, most: int = 5
) -> pd.DataFrame:
    """Choose representative paths of every segment.

    The path with the most customers within ``radius`` (normalised edit distance) is taken, these customers are
    covered, and so on, until ``coverage`` of the customers or ``most`` paths are reached. The rest is said.

    Parameters
    ----------
    variants : DataFrame
        From ``trace_paths(…, top=None)``; of more than 200 variants a segment the commonest 200 are used.

    Returns
    -------
    DataFrame
        ``segment``, ``rank``, ``path``, ``customers`` (covered), ``share`` (of the segment), ``coverage`` (so far),
        ``distance`` (mean, of the covered to the path).

    Examples
    --------
    >>> import cjmlab as cjm
    >>> variants = pd.DataFrame({"segment": "A", "n": [6, 3, 1],
    ...     "path": [("ad", "shop", "app"), ("ad", "shop", "app", "app"), ("call", "call", "call")]})
    >>> cjm.represent_paths(variants)[["path", "customers", "coverage"]].values.tolist()
    [[('ad', 'shop', 'app'), 9, 0.9]]
    """
    need_columns("variants", variants, "segment", "path", "n")
    parts = []
    for name, group in variants.groupby("segment", sort=True):
        used = group.head(_MOST)
        paths, n = used["path"].tolist(), used["n"].to_numpy(dtype=float)
        total = float(group["n"].sum())
        distance = path_distances(paths)
        near, left, covered = distance <= radius, n.copy(), 0.0
        for rank in range(1, most + 1):
            gain = near @ left
            at = int(np.lexsort((np.arange(len(n)), -n, -gain.round(9)))[0])
            if gain[at] <= 0 or covered >= coverage * total:
                break
            mine = near[at] * left
            covered += float(mine.sum())
            parts.append((name, rank, paths[at], int(mine.sum()), mine.sum() / total, covered / total,
                          float(distance[at] @ mine / mine.sum())))  # fmt: skip
            left = left - mine
    return pd.DataFrame(parts, columns=["segment", "rank", "path", "customers", "share", "coverage", "distance"])
