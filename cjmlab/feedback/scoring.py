"""Score coded feedback: how negative, neutral and positive each clause is, at its touchpoint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cjmlab.feedback.scorers.base import CLASSES, Scorer
from cjmlab.feedback.scorers.linear import LinearScorer
from cjmlab.tables import Table, about, check_table

CLAUSE_SHARE = 0.6
"""Weight of the clause; the rest is the weight of the whole text around it."""


def default_scorer() -> Scorer:
    """Return the scorer that needs nothing beyond cjmlab: linear models for English, Chinese and Russian.

    Examples
    --------
    >>> table = default_scorer().score(["Great service", "太贵了", "n/a"])
    >>> table.sentiment.round().tolist(), table.scorer.tolist()
    ([1.0, -1.0, nan], ['linear', 'linear', nan])
    """
    return LinearScorer()


def score_feedback(
    coded: pd.DataFrame, *, scorer: Scorer | None = None, clause_share: float = CLAUSE_SHARE
) -> pd.DataFrame:
    """Say how each coded clause feels: probabilities of negative, neutral and positive, and −1 … 1.

    A clause is read by itself and in its text; the two readings are mixed, which keeps "quick delivery, but the app kept
    crashing" positive at the one touchpoint and negative at the other. A rating counts as it is.

    Parameters
    ----------
    coded : DataFrame
        Schema ``coded``.
    scorer : Scorer, optional
        ``default_scorer()`` when None.
    clause_share : float
        Weight of the clause in the mix, 0 to 1.

    Returns
    -------
    DataFrame
        Schema ``scored``: ``confidence`` becomes ``coding_confidence``; ``negative``, ``neutral``, ``positive``,
        ``sentiment``, ``confidence``, ``scorer`` and ``feeling`` are added.
    """
    check_table("coded", coded)
    chosen = scorer if scorer is not None else default_scorer()
    table = pd.DataFrame(coded).rename(columns={"confidence": "coding_confidence"})
    scores = _score_clauses(table, chosen, clause_share)
    for name in (*CLASSES, "sentiment", "confidence", "scorer"):
        table[name] = scores[name].to_numpy() if name != "scorer" else scores[name].array
    if "rating" in table:
        rated = (table["text"].isna() & table["rating"].notna()).to_numpy()
        table.loc[rated, "sentiment"] = table.loc[rated, "rating"].astype(float)
        table.loc[rated, "scorer"] = "rating"
    return Table.of(table, about(coded))


def _score_clauses(table: pd.DataFrame, scorer: Scorer, share: float) -> pd.DataFrame:
    spoken = table[table["text"].notna()]
    clauses = spoken.drop_duplicates(["unit_id"]).sort_values(["feedback_id", "start"], kind="stable")
    whole = clauses.groupby("feedback_id", sort=True)["text"].agg(" . ".join)
    language: Any = clauses.get("language")
    alone = scorer.score(clauses["text"], None if language is None else language.tolist())
    first = clauses.drop_duplicates("feedback_id").set_index("feedback_id")
    said = None if language is None else first["language"].reindex(whole.index).tolist()
    around = scorer.score(whole, said).reindex(clauses["feedback_id"].to_numpy())
    mixed = alone.copy()
    values = share * alone[list(CLASSES)].to_numpy() + (1 - share) * around[list(CLASSES)].to_numpy()
    values = np.where(np.isnan(values), alone[list(CLASSES)].to_numpy(), values)
    mixed[list(CLASSES)] = values
    mixed["sentiment"] = values[:, 2] - values[:, 0]
    mixed["confidence"] = values.max(axis=1) if len(values) else np.zeros(0)
    mixed.index = pd.Index(clauses["unit_id"].to_numpy())
    return mixed.reindex(table["unit_id"].where(table["text"].notna(), "").to_numpy())
