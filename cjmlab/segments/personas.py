"""Persona cards: how large a segment is, what it has more and less of, how sure that is, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cjmlab.errors import TableError
from cjmlab.segments.naming import format_number, phrase, rank_traits, trait_lines
from cjmlab.segments.reading import Floats
from cjmlab.vocabulary import language_code

if TYPE_CHECKING:
    from cjmlab.segments.segmentation import Segmentation

TYPICAL = 30


def entropy_r2(posterior: Floats) -> float:
    """Return the share of certainty in class probabilities: 1 when every member is sure, 0 when nobody is.

    Examples
    --------
    >>> entropy_r2(np.array([[1.0, 0.0], [0.0, 1.0]])), round(entropy_r2(np.array([[0.5, 0.5]])), 6)
    (1.0, 0.0)
    """
    count = posterior.shape[1]
    if count < 2:
        return 1.0
    p = np.clip(posterior, 1e-12, 1.0)
    return float(round(1 - (-(p * np.log(p)).sum(axis=1)).mean() / np.log(count), 9)) + 0.0


def write_personas(
    segments: Segmentation, language: str = "en", *, feedback: pd.DataFrame | None = None, quotes: int = 3
) -> pd.DataFrame:
    """Return one persona card a segment.

    Parameters
    ----------
    segments : Segmentation
        The segments.
    language : str
        Language of names and phrases; quotes stay as they were said.
    feedback : DataFrame, optional
        Feedback table; quotes are taken from it, from the most typical members.
    quotes : int
        Quotes a segment.

    Returns
    -------
    DataFrame
        segment, name, size (text with interval), n, share, low, high, goal, more (three traits), less (two), certainty
        (entropy R²), uncertain (text), typical (ids of the surest members), quotes.
    """
    code, summary = language_code(language), segments.summary
    if feedback is not None and not {"customer_id", "text"} <= set(feedback.columns):
        raise TableError("the columns 'customer_id' and 'text' are needed for quotes", where="feedback")
    rows = []
    for place, row in enumerate(summary.to_dict("records")):
        name = str(row["segment"])
        inside = np.flatnonzero(segments.assigned == place)
        order = inside[np.argsort(-np.round(segments.posterior[inside, place], 6), kind="stable")]
        typical = segments.customers["customer_id"].astype(str).to_numpy()[order[:TYPICAL]]
        goal = segments.goal(name)
        share, low, high = (format_number(100 * float(row[part]), code, digits=0) for part in ("share", "low", "high"))
        rows.append({
            "segment": name, "name": segments.labels[name].text(code),
            "size": phrase("size", code, n=format_number(int(row["n"]), code, digits=0), share=share, low=low, high=high),
            "n": row["n"], "share": row["share"], "low": row["low"], "high": row["high"],
            "goal": goal.text(code) if goal else None,
            "more": [f"{line.label}: {line.value}" for line in segments.traits(name, language=code, top=3).itertuples()],
            "less": _less(segments, name, code),
            "certainty": entropy_r2(segments.posterior[inside]) if len(inside) else np.nan,
            "uncertain": phrase("uncertain", code, share=f"{100 * float(row['uncertain']):.0f}"),
            "typical": typical[:3].tolist(), "quotes": _quotes(feedback, typical, quotes),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _less(segments: Segmentation, name: str, language: str) -> list[str]:
    """Return the two strongest under-represented values."""
    profile = segments.profile()
    levels = profile[profile["level"] != ""]
    flipped = levels.assign(effect=-levels["effect"])
    told = {str(column) for column in rank_traits(profile, name).head(3)["column"]}
    lines = trait_lines(flipped[~flipped["column"].isin(told)], name, segments.roles, language, 2)
    return [f"{line.label}: {line.value}" for line in lines.itertuples()]


def _quotes(feedback: pd.DataFrame | None, typical: np.ndarray, count: int) -> list[str]:
    if feedback is None:
        return []
    said = feedback[feedback["text"].map(lambda text: isinstance(text, str) and len(text.strip()) >= 12)]
    if "role" in said.columns:
        said = said[said["role"] != "interviewer"]
    place = {customer: rank for rank, customer in enumerate(typical.tolist())}
    said = said.assign(rank=said["customer_id"].map(place)).dropna(subset=["rank"])
    said = said.sort_values(["rank", "feedback_id"] if "feedback_id" in said else ["rank"], kind="stable")
    return [str(text) for text in said.drop_duplicates("customer_id")["text"].head(count)]
