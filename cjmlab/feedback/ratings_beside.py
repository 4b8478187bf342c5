"""What stands beside the words: how those who said something rated what, in the same wave.

Surveys ask for ratings and for comments on the same page. Who left a touchpoint without a rating has mostly not been there, and
who complains of one has mostly rated it low: ratings tell, dimly, what words are about and how they are meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

LEVELS = 5
"""Ratings on −1 … 1 are read as one of five levels, each a quarter of the scale apart."""

SKIPPED, UNKNOWN = 5, 6
"""Asked but not rated; and not asked, or asked of somebody who rated nothing."""

Levels = npt.NDArray[np.int8]


@dataclass(frozen=True)
class RatingsBeside:
    """The ratings beside some texts.

    ``levels`` (texts × touchpoints) and ``overall`` (texts) hold levels from 0 to 4, ``SKIPPED`` or ``UNKNOWN``; ``speakers`` names
    who said each text.
    """

    touchpoints: tuple[str, ...]
    levels: Levels
    overall: Levels
    speakers: npt.NDArray[np.str_]

    def take(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> RatingsBeside:
        """Return the ratings beside some of the texts, in the order of the rows."""
        places = np.asarray(rows, np.int64)
        return RatingsBeside(self.touchpoints, self.levels[places], self.overall[places], self.speakers[places])


def ratings_beside(
    table: pd.DataFrame, texts: Sequence[int] | npt.NDArray[np.int64], touchpoints: Sequence[str]
) -> RatingsBeside:
    """Return what stands beside some rows of a table of feedback.

    Parameters
    ----------
    table : DataFrame
        Schema ``feedback`` or ``coded``. Ratings of what was expected are not read.
    texts : sequence of int
        Places of the rows with the words.
    touchpoints : sequence of str
        The touchpoints whose ratings are read. Rows with a rating and no touchpoint rate the whole.

    Returns
    -------
    RatingsBeside
        A rating stands beside words of the same customer and wave; where a customer has several, their mean. Of
        ratings of the whole, one in the very row of the words goes before the others. Rows without a customer are each somebody
        of their own.

    Examples
    --------
    >>> frame = pd.DataFrame({"feedback_id": ["a", "b", "c", "d"], "customer_id": ["1", "1", "2", "2"],
    ...     "touchpoint": ["cart", None, "delivery", None], "rating": [-1.0, None, 0.5, None], "text": [None, "x", None, "y"]})
    >>> ratings_beside(frame, [1, 3], ["cart", "delivery"]).levels.tolist()
    [[0, 5], [5, 3]]
    """
    frame = pd.DataFrame({
        "who": speakers_of(table), "wave": _words(table, "wave"), "row": table["feedback_id"].astype(str),
        "point": _words(table, "touchpoint"), "asks": _words(table, "asks"),
        "rating": table["rating"].astype(float) if "rating" in table else np.nan,
    })  # fmt: skip
    said = frame.iloc[np.asarray(texts, np.int64)]
    given = frame[frame["rating"].notna() & frame["asks"].ne("expectation")]
    speakers = pd.MultiIndex.from_frame(said[["who", "wave"]])
    at = _at_touchpoints(given[given["point"] != ""], speakers, touchpoints)
    whole = given[given["point"] == ""]
    overall = whole.groupby(["who", "wave"])["rating"].mean().reindex(speakers).to_numpy(float)
    own = whole.groupby("row")["rating"].mean().reindex(said["row"].to_numpy()).to_numpy(float)
    return RatingsBeside(
        tuple(touchpoints), at, _levels(np.where(np.isnan(own), overall, own)), said["who"].to_numpy(str)
    )


def speakers_of(table: pd.DataFrame) -> pd.Series:
    """Return who said each row: the customer, or somebody of its own where there is none."""
    nobody = "\x00" + table["feedback_id"].astype(str)
    return table["customer_id"].astype(object).where(table["customer_id"].notna(), nobody).astype(str)


def _words(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as words, missing ones empty."""
    if name not in table:
        return pd.Series("", table.index)
    return table[name].astype(object).where(table[name].notna(), "").astype(str)


def _at_touchpoints(given: pd.DataFrame, speakers: pd.MultiIndex, touchpoints: Sequence[str]) -> Levels:
    """Return the levels at each touchpoint, one row a text; skipped where others of the wave rated it."""
    if given.empty:
        return np.full((len(speakers), len(touchpoints)), UNKNOWN, np.int8)
    means = given.pivot_table(index=["who", "wave"], columns="point", values="rating").reindex(
        columns=list(touchpoints)
    )
    asked = means.notna().groupby(level="wave").any().reindex(speakers.get_level_values("wave"), fill_value=False)
    values = means.reindex(speakers)
    levels = _levels(values.to_numpy(float))
    known = values.notna().any(axis=1).to_numpy()
    return np.where((levels == UNKNOWN) & asked.to_numpy(bool) & known[:, None], SKIPPED, levels).astype(np.int8)


def _levels(ratings: npt.NDArray[np.float64]) -> Levels:
    """Return the level of each rating, ``UNKNOWN`` where there is none."""
    steps = np.floor(np.round((np.nan_to_num(ratings) + 1) / 2 * (LEVELS - 1), 9) + 0.5).clip(0, LEVELS - 1)
    return np.where(np.isnan(ratings), UNKNOWN, steps).astype(np.int8)
