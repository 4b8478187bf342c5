"""Which clauses a person should code next: those whose codes would tell most about the clauses that nobody has coded.

Least sure first is not it: the least sure clauses are odd ones, and alike ones come in a row. A code given to a clause also
tells of the clauses that sound like it. With how alike clauses are as covariance, each choice takes the clause that lowers
most what is unsure of all of them (active learning by expected variance; Cohn, Ghahramani & Jordan 1996, "Active learning
with statistical models"), greedily, given the choices before it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.feedback.correction import read_coded
from cjmlab.feedback.language import is_answer, readable_language
from cjmlab.tables import need_columns

Floats = npt.NDArray[np.float64]

_NOISE = 0.5  # what a code leaves unsure of the very clause, beside a likeness of one for each language's n-grams
_MOST = 2000  # clauses that are weighed against each other
_DIGITS = 9


def review_queue(coded: pd.DataFrame, *, size: int = 50, order: str = "informative") -> pd.DataFrame:
    """Return the clauses that most need a person, the most uncertain of them first.

    Parameters
    ----------
    coded : DataFrame
        Schema ``coded`` or ``scored``. Clauses whose coder is ``human`` are taken as known already.
    size : int
        How many clauses.
    order : str
        ``"informative"``: the clauses whose codes tell most about all others; ``"uncertain"``: simply the least sure.

    Returns
    -------
    DataFrame
        ``unit_id``, ``text``, ``touchpoint``, ``coder``, ``confidence`` of the machine (0 where it abstained), and
        ``times``, how often the same words are said. Of clauses in the same words there is one. Clauses
        that a person coded, that were asked of a touchpoint, or that say that there is nothing to say, are left out.

    Raises
    ------
    TableError
        When a column is missing.
    ValueError
        When ``order`` is neither.

    Notes
    -----
    Greedy choice by expected variance (Cohn, Ghahramani & Jordan 1996), clauses weighed by what the machine is unsure
    of and by how often they are said. Of more than two thousand different clauses, so many are drawn by this weight.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit_id": ["a#0", "b#0"], "text": ["x", "y"], "touchpoint": ["cart", None],
    ...                       "coder": ["keyword", None], "confidence": [0.6, None]})
    >>> review_queue(frame).unit_id.tolist()
    ['b#0', 'a#0']
    """
    if order not in ("informative", "uncertain"):
        raise ValueError(f'order is {order!r}; say "informative" or "uncertain"')
    need_columns("coded", coded, "coder", "confidence", "text")
    said = coded.dropna(subset=["text"]).drop_duplicates("unit_id")
    said = said[said["text"].map(is_answer)]
    people = said["coder"].fillna("") == "human"
    waiting = _one_a_wording(said[~people & (said["coder"].fillna("") != "asked")])
    if order == "informative" and len(waiting) > size:
        known = _one_a_wording(said[people])
        waiting = waiting.iloc[_most_informative(waiting, known, size)]
    waiting = waiting.sort_values(["confidence", "unit_id"], kind="stable").head(size)
    return waiting[["unit_id", "text", "touchpoint", "coder", "confidence", "times"]].reset_index(drop=True)


def _one_a_wording(clauses: pd.DataFrame) -> pd.DataFrame:
    """Return one clause of each wording, in the order of the wordings, with the number of times that it is said."""
    name = "coding_confidence" if "coding_confidence" in clauses else "confidence"
    words = clauses["text"].str.casefold().str.split().str.join(" ")
    told = clauses.assign(
        confidence=clauses[name].fillna(0.0).astype(float).clip(0, 1), words=words,
        times=words.groupby(words).transform("size"),
    )  # fmt: skip
    return told.sort_values(["words", "unit_id"], kind="stable").drop_duplicates("words").reset_index(drop=True)


def _most_informative(waiting: pd.DataFrame, known: pd.DataFrame, size: int) -> list[int]:
    """Return the places of the clauses to ask about, the most informative first; unreadable ones come last."""
    weights = (1 - waiting["confidence"].to_numpy()) * waiting["times"].to_numpy() + 1e-6
    languages = readable_language(waiting["text"].tolist(), _declared(waiting))
    readable = np.flatnonzero(languages != None)  # noqa: E711
    chance = np.random.default_rng(0).random(len(waiting))
    keys = np.round(np.log(chance[readable]) / weights[readable], _DIGITS)
    drawn = np.sort(readable[np.argsort(-keys, kind="stable")[:_MOST]])
    told = readable_language(known["text"].tolist(), _declared(known))
    heard = np.flatnonzero(told != None)[:_MOST]  # noqa: E711
    texts = [*known["text"].iloc[heard], *waiting["text"].iloc[drawn]]
    clauses = read_coded(texts, [*told[heard], *languages[drawn]], np.zeros((len(texts), 1)), np.zeros(len(texts), int))
    chosen = choose(clauses.likeness(), np.concatenate([np.zeros(len(heard)), weights[drawn]]), len(heard), size)
    found = drawn[np.asarray(chosen, np.int64) - len(heard)].tolist() if chosen else []
    left = sorted(set(range(len(waiting))) - set(found), key=lambda place: (waiting["confidence"].iloc[place], place))
    return [*found, *left][:size]


def _declared(clauses: pd.DataFrame) -> list[object] | None:
    return clauses["language"].tolist() if "language" in clauses else None


def choose(likeness: Floats, weights: Floats, known: int, size: int) -> list[int]:
    """Choose clauses one after the other, each lowering the weighted variance of all of them most.

    Parameters
    ----------
    likeness : array, clauses × clauses
        How alike clauses are: a covariance.
    weights : array, one number a clause
        What it is worth to know of each.
    known : int
        So many of the first clauses are coded already.
    size : int
        How many to choose of the others.

    Returns
    -------
    list of int
        Places, in the order of choice.

    Examples
    --------
    Two of three clauses are alike; one of these is asked first, then the one that stands alone.

    >>> alike = np.array([[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1.0]])
    >>> choose(alike, np.ones(3), 0, 2)
    [0, 2]
    """
    left = np.array(likeness, np.float64)
    open_ones = np.arange(len(left)) >= known
    for place in range(known):
        _observe(left, place)
    chosen: list[int] = []
    for _ in range(min(size, int(open_ones.sum()))):
        gain = np.einsum("ij,ij,j->i", left, left, weights) / (left.diagonal() + _NOISE)
        scale = max(float(gain[open_ones].max()), 1e-300)
        place = int(np.where(open_ones, np.round(gain / scale, _DIGITS), -1.0).argmax())
        chosen.append(place)
        open_ones[place] = False
        _observe(left, place)
    return chosen


def _observe(left: Floats, place: int) -> None:
    """Take away, in place, what a code of one clause tells."""
    told = left[:, place].copy()
    left -= np.outer(told, told) / (told[place] + _NOISE)
