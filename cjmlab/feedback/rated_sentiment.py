"""Learning from ratings how words are meant: "not once did it ring" is praise or blame by what those who say so rated.

Each clause has its touchpoint by now; the rating that the customer gave to that touchpoint, and to the whole, is a dim witness
of whether the clause is meant well. What many of them tell corrects the scorer, for words of other customers than theirs
(``cjmlab.feedback.rating_lessons``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.feedback.correction import one_thread, softmax
from cjmlab.feedback.language import readable_language
from cjmlab.feedback.rating_lessons import LEAST, Lessons, drawn, teach, worded
from cjmlab.feedback.ratings_beside import LEVELS, UNKNOWN, RatingsBeside, ratings_beside, speakers_of

Floats = npt.NDArray[np.float64]


def learn_sentiment(table: pd.DataFrame, clauses: pd.DataFrame, alone: Floats) -> Lessons:
    """Learn what ratings tell of how clauses are meant.

    Parameters
    ----------
    table : DataFrame
        Schema ``coded``, ratings and words.
    clauses : DataFrame
        Its rows with words, one a clause, with ``place``, their places in the table.
    alone : array, clauses × 3
        Chances of negative, neutral and positive of each clause by itself; missing where it cannot be read.

    Returns
    -------
    Lessons
        Empty where fewer than 100 clauses stand beside a rating, or ratings of customers are no likelier with the lessons that others
        taught.
    """
    points = sorted(set(table["touchpoint"].dropna().astype(str))) if "touchpoint" in table else []
    if "rating" not in table or not table["rating"].notna().any() or clauses.empty:
        return Lessons()
    beside = ratings_beside(table, clauses["place"].to_numpy(), points)
    places = {point: place for place, point in enumerate(points)}
    of = np.array(
        [places.get(point, -1) for point in clauses["touchpoint"].tolist()] if points else [-1] * len(clauses)
    )
    levels = np.concatenate([beside.levels, np.full((len(of), 1), UNKNOWN, np.int8)], axis=1)[np.arange(len(of)), of]
    rated = np.flatnonzero(((levels < LEVELS) | (beside.overall < LEVELS)) & ~np.isnan(alone[:, 0]))
    if len(rated) < LEAST:
        return Lessons()
    rows = clauses.iloc[rated]
    declared = rows["language"].tolist() if "language" in rows else None
    said = pd.DataFrame({
        "clause": rows["text"].astype(str).to_numpy(), "language": readable_language(rows["text"].tolist(), declared),
        "speaker": beside.speakers[rated], "id": rows["unit_id"].astype(str).to_numpy(),
    })  # fmt: skip
    readable = said["language"].notna().to_numpy()
    said, rated = said[readable].reset_index(drop=True), rated[readable]
    chosen = drawn(said)
    said, rated = said.iloc[chosen], rated[chosen]
    at = levels[rated]
    spoken = RatingsBeside(("spoken of",), at[:, None], beside.overall[rated], beside.speakers[rated])
    known = np.stack([at < LEVELS, at >= LEVELS], axis=1).astype(float)
    with one_thread():
        words = worded(said["clause"].tolist(), said["language"].tolist(), spoken)
        taught = teach(words, known, alone[rated][words.first], groups=of[rated] + 1)
    return taught.polarity if taught.borne_out else Lessons()


def apply_lessons(lessons: Lessons, clauses: pd.DataFrame, values: Floats) -> Floats:
    """Return the chances of negative, neutral and positive of clauses as the lessons correct them."""
    found = np.log(np.maximum(values, 1e-6))
    declared = clauses["language"].tolist() if "language" in clauses else None
    languages, speakers = readable_language(clauses["text"].tolist(), declared), speakers_of(clauses).tolist()
    for language in sorted({code for code in languages if code}):
        rows = np.flatnonzero(languages == language)
        texts = clauses["text"].iloc[rows].astype(str).tolist()
        found[rows] += lessons.log_odds(texts, str(language), [speakers[row] for row in rows.tolist()])
    return np.where(np.isnan(values), values, softmax(found))
