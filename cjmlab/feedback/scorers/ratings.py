"""Ratings are their own sentiment: an answer on −1 … 1 needs no reading."""

from __future__ import annotations

import pandas as pd


def score_ratings(table: pd.DataFrame) -> pd.DataFrame:
    """Fill the sentiment of rows that carry a rating and no text.

    Parameters
    ----------
    table : DataFrame
        Coded rows with ``text``, ``sentiment`` and ``scorer``; ``rating`` on −1 … 1, better is higher.

    Returns
    -------
    DataFrame
        A copy; ``scorer`` is ``"rating"`` in the rows that were filled. Class probabilities stay missing: a rating says
        how good, not how sure.

    Examples
    --------
    >>> frame = pd.DataFrame({"text": [None], "rating": [0.5], "sentiment": [float("nan")], "scorer": [None]})
    >>> score_ratings(frame)[["sentiment", "scorer"]].values.tolist()
    [[0.5, 'rating']]
    """
    scored = table.copy()
    if "rating" not in scored:
        return scored
    rated = (scored["text"].isna() & scored["rating"].notna()).to_numpy()
    scored["sentiment"] = scored["sentiment"].astype(float).mask(rated, scored["rating"].astype(float))
    scored["scorer"] = pd.array(
        ["rating" if was else said for was, said in zip(rated, scored["scorer"].tolist(), strict=True)], dtype="str"
    )
    return scored
