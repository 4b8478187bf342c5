"""What a scorer is: an object that reads texts and says how negative, neutral and positive each one is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pandas as pd

CLASSES = ("negative", "neutral", "positive")
SCORE_COLUMNS = (*CLASSES, "sentiment", "confidence", "scorer")

Probabilities = npt.NDArray[np.float64]


@runtime_checkable
class Scorer(Protocol):
    """An object that scores texts. Any class with these three members is a scorer; no registration.

    ``name`` goes to the column ``scorer``; ``version`` changes when the answers change, so that caches know.
    """

    @property
    def name(self) -> str:
        """What to call it in tables."""

    @property
    def version(self) -> str:
        """Changes when the answers change."""

    def score(
        self, texts: pd.Series | Sequence[object], language: str | Sequence[object] | None = None
    ) -> pd.DataFrame:
        """Return negative, neutral, positive, sentiment, confidence and scorer, one row a text, same index.

        Texts that are empty, answer nothing, or are in a language that the scorer does not read are missing.
        """


def score_frame(
    probabilities: Probabilities, index: pd.Index, scored: npt.NDArray[np.bool_], name: str
) -> pd.DataFrame:
    """Return the table of a scorer from its class probabilities.

    Parameters
    ----------
    probabilities : array (n, 3)
        Negative, neutral, positive; rows that were not scored may hold anything.
    index : Index
        Index of the result.
    scored : array of bool (n,)
        Which rows were scored; the others become missing.
    name : str
        Name of the scorer.

    Examples
    --------
    >>> score_frame(np.array([[.1, .2, .7]]), pd.Index(["a"]), np.array([True]), "x").sentiment.round(2).tolist()
    [0.6]
    """
    values = np.where(scored[:, None], probabilities, np.nan).reshape(-1, 3)
    table = pd.DataFrame(values, index=index, columns=list(CLASSES))
    table["sentiment"] = values[:, 2] - values[:, 0]
    table["confidence"] = values.max(axis=1) if len(values) else np.zeros(0)
    table["scorer"] = pd.array([name if done else None for done in scored], dtype="str")
    return table
