"""Learning from ratings what words are about: who was not there seldom speaks of it, and who complains of it rated it low.

Most surveys ask for ratings beside words. They are read here as dim witnesses of what each clause is about; many of them
together teach the default coder the words of a study's own customers, with no code given by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.feedback.combined import CombinedCoder, More
from cjmlab.feedback.correction import one_thread
from cjmlab.feedback.language import readable_language
from cjmlab.feedback.rating_evidence import Evidence
from cjmlab.feedback.rating_lessons import LEAST, MOST, Lessons, drawn, presence, teach, turn_of, worded
from cjmlab.feedback.ratings_beside import LEVELS, ratings_beside
from cjmlab.feedback.scorers.base import CLASSES
from cjmlab.feedback.scorers.linear import LinearScorer
from cjmlab.tables import open_table
from cjmlab.vocabulary import Codebook, shipped_codebook

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RatedWords:
    """What ``learn_from_ratings`` returns: what ratings say of the touchpoints that clauses speak of.

    ``clauses`` counts the clauses beside ratings that were looked at, ``gain`` is by how much lessons raise the log likelihood
    of ratings that they were not drawn from (of a clause; ``spread`` is its standard error). ``ready`` tells whether lessons are used,
    ``heard`` whether it is heard who rated what.
    """

    touchpoints: tuple[str, ...]
    lessons: Lessons = field(default=Lessons(), repr=False)
    evidence: Evidence | None = field(default=None, repr=False)
    clauses: int = 0
    gain: float = float("nan")
    spread: float = float("nan")

    @property
    def ready(self) -> bool:
        """Whether lessons were learned and borne out."""
        return bool(self.lessons)

    @property
    def heard(self) -> bool:
        """Whether who rated what tells what words are about."""
        return self.evidence is not None

    @property
    def used(self) -> int:
        """Clauses that the coder learned from; 0 where lessons were not borne out."""
        return self.clauses if self.ready else 0

    def table(self) -> pd.DataFrame:
        """Return how often each rating stands at the touchpoint that a negative, neutral or positive clause speaks of.

        Returns
        -------
        DataFrame
            Shares, a row a polarity, a column a level of rating on −1 … 1 and ``not rated``; empty where nothing is heard.
        """
        levels = [str(level / 2 - 1) for level in range(LEVELS)]
        if self.evidence is None:
            return pd.DataFrame(columns=[*levels, "not rated"], dtype=float)
        shares = self.evidence.at_touchpoint[:, : LEVELS + 1]
        return pd.DataFrame(shares, index=list(CLASSES), columns=[*levels, "not rated"])

    def beside(self, feedback: pd.DataFrame, texts: Sequence[int], language: str) -> More | None:
        """Return what a coder adds to the log odds of clauses of some rows of feedback, None where nothing is known."""
        if self.evidence is None:
            return None
        evidence, there = self.evidence, ratings_beside(feedback, texts, self.touchpoints)

        def more(owners: npt.NDArray[np.int64], clauses: Sequence[str]) -> Floats:
            beside = there.take(owners)
            added = presence(evidence, beside)
            if self.lessons:
                added = added + self.lessons.log_odds(clauses, language, beside.speakers.tolist())
            return added

        return more


def learn_from_ratings(feedback: pd.DataFrame, codebook: Codebook | None = None) -> RatedWords:
    """Learn from the ratings beside comments what customers' words are about.

    Parameters
    ----------
    feedback : DataFrame
        Schema ``feedback``, words and ratings; a rating stands beside words of the same customer and wave.
    codebook : Codebook, optional
        The codes of the study; those of all shipped touchpoints when None.

    Returns
    -------
    RatedWords
        ``code_feedback`` uses it by default. Nothing is used where ratings tell nothing of the words: not ``heard`` where they are
        no likelier beside what clauses are taken to be about; not ``ready`` where lessons do not make the ratings of customers
        likelier that they were not drawn from, or fewer than 100 clauses stand beside ratings.

    Raises
    ------
    TableError
        When the feedback does not fit its schema.

    Notes
    -----
    Expectation maximization over what each clause is about and how it is meant (Dempster, Laird & Rubin 1977), ratings as dim labels
    (weak supervision), the words' side fitted as a correction of the default coder's log odds. Cross-fitted over three parts of
    the customers (Chernozhukov et al. 2018): no customer's rating of a touchpoint teaches how her own words are read; only whether
    she rated it at all has a say there. At most four thousand different clauses are learned from.

    Examples
    --------
    >>> frame = pd.DataFrame({"feedback_id": ["a", "b"], "customer_id": ["1", "1"], "touchpoint": ["delivery", None],
    ...     "rating": [-1.0, None], "text": [None, "Hit and miss"]})
    >>> learn_from_ratings(frame).ready
    False
    """
    feedback = open_table("feedback", feedback)
    codebook = codebook or shipped_codebook()
    points = tuple(point.id for point in codebook.touchpoints)
    if "rating" not in feedback or "text" not in feedback or not points:
        return RatedWords(points)
    said = _beside_ratings(feedback, points)
    if said.empty:
        return RatedWords(points)
    with one_thread():
        return _learn(feedback, codebook, points, said)


def _beside_ratings(feedback: pd.DataFrame, points: tuple[str, ...]) -> pd.DataFrame:
    """Return the places and languages of the texts to learn from: those of touchpoints nobody asked about, beside ratings."""
    open_ones = feedback["text"].notna()
    if "touchpoint" in feedback:
        open_ones &= feedback["touchpoint"].isna()
    if "role" in feedback:
        open_ones &= feedback["role"].fillna("customer") != "interviewer"
    places = np.flatnonzero(open_ones.to_numpy())
    beside = ratings_beside(feedback, places, points)
    rated = (beside.levels < LEVELS).any(axis=1)
    places, speakers = places[rated], beside.speakers[rated]
    rows = feedback.iloc[places]
    declared = rows["language"].tolist() if "language" in rows else None
    found = pd.DataFrame({
        "place": places, "speaker": speakers, "id": rows["feedback_id"].astype(str).to_numpy(),
        "language": readable_language(rows["text"].tolist(), declared),
    })  # fmt: skip
    found = found[found["language"].notna()]
    found["turn"] = [turn_of(who) for who in found["speaker"].tolist()]
    return found.sort_values(["turn", "speaker", "id"], kind="stable").head(MOST)


def _learn(feedback: pd.DataFrame, codebook: Codebook, points: tuple[str, ...], said: pd.DataFrame) -> RatedWords:
    coder, scorer = CombinedCoder(codebook), LinearScorer(clauses=True)
    tables, chances = [], []
    for language, part in said.groupby("language", sort=True):
        texts = feedback["text"].iloc[part["place"].to_numpy()].astype(str).tolist()
        owners, clauses, found = coder.read_clauses(texts, str(language))
        rows = part.iloc[owners]
        tables.append(pd.DataFrame({"clause": clauses, "language": language, "place": rows["place"].to_numpy(),
                                    "speaker": rows["speaker"].to_numpy(), "id": rows["id"].to_numpy()}))  # fmt: skip
        chances.append(found)
    table, read = pd.concat(tables, ignore_index=True), np.vstack(chances)
    chosen = drawn(table)
    table, read = table.iloc[chosen], read[chosen]
    if len(table) < LEAST:
        return RatedWords(points, clauses=len(table))
    beside = ratings_beside(feedback, table["place"].to_numpy(), points)
    words = worded(table["clause"].tolist(), table["language"].tolist(), beside)
    different = table.iloc[words.first]
    scores = scorer.score(different["clause"].tolist(), different["language"].tolist())
    meant = scores[list(CLASSES)].fillna(1 / 3).to_numpy(float)
    taught = teach(words, read[words.first], meant)
    if not (taught.first.borne_out or taught.borne_out):
        return RatedWords(points, clauses=len(table), gain=taught.gain, spread=taught.spread)
    lessons = taught.points if taught.borne_out else Lessons()
    evidence = (taught.heard if taught.borne_out else taught.first).evidence
    return RatedWords(points, lessons, evidence, len(table), round(taught.gain, 6), round(taught.spread, 6))
