"""Score coded feedback: how negative, neutral and positive each clause is, at its touchpoint."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.feedback.cache import CachedScorer
from cjmlab.feedback.feelings import find_feelings
from cjmlab.feedback.language import readable_language
from cjmlab.feedback.rated_sentiment import apply_lessons, learn_sentiment
from cjmlab.feedback.rating_lessons import Lessons
from cjmlab.feedback.scorers.base import CLASSES, Scorer
from cjmlab.feedback.scorers.linear import LinearScorer
from cjmlab.feedback.scorers.ratings import score_ratings
from cjmlab.tables import Table, about, open_table

CLAUSE_SHARE = 0.95
"""Weight of the clause; the rest is the weight of the whole text around it.

On texts that the models had not seen and whose aspects disagree, the clause alone is right more often than with a
fifth of its text; over all aspects both are alike (benchmarks/text.py). Opposed happenings in one answer are told apart by
the clause alone (part ``dev`` of benchmarks/coding.py); the text breaks ties.
"""

ABSTAIN = 0.5
"""Below this probability of the likeliest class the scorer is unsure."""

TAUGHT = "+ratings"
"""What stands after the name of a scorer that learned from the ratings of a study."""

CLEAR = 0.1
"""From this distance to neutral a clause is a pain or a delight."""


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
    coded: pd.DataFrame, *, scorer: Scorer | None = None, clause_share: float = CLAUSE_SHARE,
    cache: Path | str | None = None, progress: bool = False, ratings: bool = True,
) -> pd.DataFrame:  # fmt: skip
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
    cache : path, optional
        An SQLite file that keeps the scores by content and model. A second run, or one after an interruption, scores
        only what is new.
    progress : bool
        Whether to show a progress bar over batches.
    ratings : bool
        Whether the default scorer learns from the ratings of a study how its customers' words are meant, where ratings of customers that
        it did not learn from bear that out. Nobody's own ratings teach how her own words are read.

    Returns
    -------
    DataFrame
        Schema ``scored``: ``confidence`` becomes ``coding_confidence``; ``negative``, ``neutral``, ``positive``,
        ``sentiment``, ``confidence``, ``unsure``, ``scorer`` and ``feeling`` are added. ``unsure`` is True in the abstain
        band, where no class has half of the probability. Where no cue has set a ``lane``, a clearly negative clause at a
        touchpoint is a pain and a clearly positive one a delight.

    Raises
    ------
    TableError
        When the table does not fit its schema.
    CjmError
        When ``clause_share`` is not between 0 and 1.

    Examples
    --------
    >>> frame = pd.DataFrame({"feedback_id": ["f"] * 2, "customer_id": ["c"] * 2, "unit_id": ["f#0", "f#1"],
    ...     "text": ["Delivery was quick", "but the app kept crashing"], "start": [0, 20], "end": [18, 45],
    ...     "lane": [None] * 2, "coder": ["keyword"] * 2})
    >>> score_feedback(frame).sentiment.gt(0).tolist()
    [True, False]
    """
    coded = open_table("coded", coded)
    if not 0 <= clause_share <= 1:
        raise CjmError(f"clause_share is {clause_share}, not between 0 and 1", remedy=f"The default is {CLAUSE_SHARE}.")
    chosen: Scorer = scorer if scorer is not None else LinearScorer(clauses=True)
    if cache is not None or progress:
        chosen = CachedScorer(chosen, cache or ":memory:", progress=progress)
    table = pd.DataFrame(coded).rename(columns={"confidence": "coding_confidence"})
    languages = _languages(table)
    told = table.assign(language=pd.Series(languages, table.index, object))
    scores = _score_clauses(told, chosen, clause_share, learn=ratings and scorer is None)
    for name in (*CLASSES, "sentiment", "confidence"):
        table[name] = scores[name].to_numpy(float)
    table["unsure"] = (table["confidence"] < ABSTAIN).to_numpy()
    table["scorer"] = pd.array(scores["scorer"].tolist(), dtype="str")
    table = score_ratings(table)
    table["feeling"] = pd.array(_feelings(table, languages), dtype="str")
    table["lane"] = pd.array(_lanes(table), dtype="str")
    return Table.of(table, about(coded))


def _score_clauses(table: pd.DataFrame, scorer: Scorer, share: float, *, learn: bool) -> pd.DataFrame:
    """Return the mixed scores of the clauses, one row a row of the table."""
    spoken = table.assign(place=np.arange(len(table)))[table["text"].notna().to_numpy()]
    clauses = spoken.drop_duplicates("unit_id").sort_values(["feedback_id", "start", "unit_id"], kind="stable")
    several = clauses[clauses["feedback_id"].duplicated(keep=False)].groupby("feedback_id", sort=True)
    whole = several["text"].agg(" . ".join)
    alone = scorer.score(clauses["text"], clauses["language"].tolist())
    values, name = alone[list(CLASSES)].to_numpy(float), alone["scorer"].astype(object)
    lessons = learn_sentiment(table, clauses, values) if learn else Lessons()
    if len(whole) and share < 1:
        language = several["language"].first().reindex(whole.index).tolist()
        around = scorer.score(whole, language).reindex(clauses["feedback_id"].to_numpy())[list(CLASSES)].to_numpy(float)
        values = np.where(np.isnan(around), values, share * values + (1 - share) * around)
    if lessons:
        values, name = apply_lessons(lessons, clauses, values), name.where(name.isna(), name + TAUGHT)
    mixed = pd.DataFrame(values, columns=list(CLASSES), index=pd.Index(clauses["unit_id"].to_numpy()))
    mixed["sentiment"] = values[:, 2] - values[:, 0]
    mixed["confidence"] = values.max(axis=1) if len(values) else np.zeros(0)
    mixed["scorer"] = name.to_numpy(object)
    return mixed.reindex(table["unit_id"].where(table["text"].notna(), "").to_numpy())


def _languages(table: pd.DataFrame) -> list[object]:
    """Return the language of each row, found once for all readers; as declared where it cannot be read."""
    said = table["language"].tolist() if "language" in table else [None] * len(table)
    found = readable_language(table["text"].tolist(), said)
    return [code or declared for code, declared in zip(found, said, strict=True)]


def _feelings(table: pd.DataFrame, languages: list[object]) -> list[str | None]:
    spoken = table["text"].notna().to_numpy()
    rows = table[spoken]
    language = [languages[place] for place in np.flatnonzero(spoken)]
    found = find_feelings(rows["text"].tolist(), language, rows["sentiment"].tolist())
    feelings: list[str | None] = [None] * len(table)
    for place, feeling in zip(np.flatnonzero(spoken), found, strict=True):
        feelings[place] = feeling
    return feelings


def _lanes(table: pd.DataFrame) -> list[str | None]:
    """Return the lanes: those of the cues; else pain or delight where a clause at a touchpoint is clear."""
    placed = table["text"].notna() & table["lane"].isna()
    if "touchpoint" in table:
        placed &= table["touchpoint"].notna()
    sentiment = table["sentiment"].to_numpy(float)
    lanes: list[str | None] = [None if pd.isna(lane) else str(lane) for lane in table["lane"].tolist()]
    for place in np.flatnonzero(placed.to_numpy() & (np.abs(sentiment) >= CLEAR)):
        lanes[place] = "pain" if sentiment[place] < 0 else "delight"
    return lanes
