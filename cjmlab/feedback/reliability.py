"""Is the scorer as right as it says? Its confidence against what the same people rated at the same touchpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cjmlab.errors import TableError
from cjmlab.feedback.scorers.base import CLASSES
from cjmlab.tables import need_columns
from cjmlab.vocabulary import Label

if TYPE_CHECKING:
    import plotly.graph_objects as go

_Z = 1.959964
_PERSON = ("customer_id", "touchpoint", "wave")
_AXES = {
    "confidence": Label.of({"en": "Confidence of the scorer", "zh-Hans": "打分器的置信度", "zh-Hant": "評分器的信心",
                            "ru": "Уверенность модели"}),
    "right": Label.of({"en": "Share that agrees with the rating", "zh-Hans": "与评分一致的比例", "zh-Hant": "與評分一致的比例",
                       "ru": "Доля совпадений с оценкой"}),
    "even": Label.of({"en": "as right as it says", "zh-Hans": "名副其实", "zh-Hant": "名副其實", "ru": "столь же точно, как уверенно"}),
}  # fmt: skip


def check_scores(scored: pd.DataFrame, *, bins: int = 5, neutral: float = 0.1) -> pd.DataFrame:
    """Compare the class of each scored clause with the rating that the same customer gave to the same touchpoint.

    A rating and a clause need not speak of the same moment, so full agreement is not to be expected; what counts is that
    more confident scores agree more often.

    Parameters
    ----------
    scored : DataFrame
        Schema ``scored``.
    bins : int
        Number of bins of equal size by confidence.
    neutral : float
        Ratings from −neutral to neutral count as neutral.

    Returns
    -------
    DataFrame
        ``bin``, ``confidence`` (mean), ``right`` (share), ``low``, ``high`` (95 %, Wilson), ``n``. Empty when no clause
        meets a rating.

    Raises
    ------
    TableError
        When ratings are not part of the table.

    Examples
    --------
    >>> frame = pd.DataFrame({"customer_id": ["a", "a"], "touchpoint": ["cart", "cart"], "text": [None, "Good"],
    ...     "rating": [0.8, None], "negative": [None, .1], "neutral": [None, .1], "positive": [None, .8],
    ...     "confidence": [None, .8], "asks": ["experience", "open"]})
    >>> check_scores(frame, bins=1)[["confidence", "right", "n"]].values.tolist()
    [[0.8, 1.0, 1.0]]
    """
    if "rating" not in scored:
        raise TableError("there is no rating to compare with", where="scored", remedy="Score a survey with ratings.")
    keys = [name for name in _PERSON if name in scored]
    rated = scored[scored["text"].isna() & scored["rating"].notna()]
    if "asks" in rated:
        rated = rated[rated["asks"] == "experience"]
    mean = rated.dropna(subset=keys).groupby(keys)["rating"].mean().rename("said").reset_index()
    spoken = scored[scored["text"].notna() & scored["confidence"].notna()].dropna(subset=keys)
    both = spoken.merge(mean, on=keys, how="inner")
    if both.empty:
        return pd.DataFrame(columns=["bin", "confidence", "right", "low", "high", "n"])
    rating = np.where(both["said"] > neutral, 2, np.where(both["said"] < -neutral, 0, 1))
    right = both[list(CLASSES)].to_numpy(float).argmax(axis=1) == rating
    order = both["confidence"].rank(method="first").to_numpy() - 1
    place = (order * bins // len(both)).astype(int)
    points = pd.DataFrame(
        {"bin": place, "confidence": both["confidence"].to_numpy(float), "right": right.astype(float)}
    )
    table = points.groupby("bin").agg(confidence=("confidence", "mean"), right=("right", "mean"), n=("right", "size"))
    share, n = table["right"], table["n"]
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    table.insert(2, "low", middle - half)
    table.insert(3, "high", middle + half)
    return table.reset_index()


def reliability_picture(points: pd.DataFrame, *, language: str = "en") -> go.Figure:
    """Draw confidence against agreement, with intervals; on the dotted line the scorer is as right as it says.

    Parameters
    ----------
    points : DataFrame
        From ``check_scores``.
    language : str
        Language of the axes.

    Raises
    ------
    TableError
        When a column of ``check_scores`` is missing.

    Examples
    --------
    >>> points = pd.DataFrame({"confidence": [0.6, 0.9], "right": [0.6, 0.8], "low": [0.4, 0.7], "high": [0.8, 0.9],
    ...     "n": [20, 30]})
    >>> reliability_picture(points, language="ru").layout.xaxis.title.text
    'Уверенность модели'
    """
    need_columns("points", points, "confidence", "right", "low", "high", "n")
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scatter(
        x=[1 / 3, 1], y=[1 / 3, 1], mode="lines", line={"dash": "dot", "color": "#9aa0a6"},
        name=_AXES["even"].text(language), hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=points["confidence"], y=points["right"], mode="markers+lines", customdata=points["n"], showlegend=False,
        error_y={"type": "data", "symmetric": False, "array": points["high"] - points["right"],
                 "arrayminus": points["right"] - points["low"]},
        hovertemplate="%{x:.2f} → %{y:.2f}, n = %{customdata}<extra></extra>", line={"color": "#2f6f8f"},
    )  # fmt: skip
    figure.update_layout(
        template="plotly_white", width=560, height=420, margin={"l": 60, "r": 20, "t": 20, "b": 50},
        xaxis={"title": {"text": _AXES["confidence"].text(language)}, "range": [0.3, 1.02]},
        yaxis={"title": {"text": _AXES["right"].text(language)}, "range": [0, 1.02]},
    )  # fmt: skip
    return figure
