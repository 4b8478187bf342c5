"""Sayings: what customers said, masked, or left at home altogether."""

from __future__ import annotations

import pandas as pd

from cjmlab.explore.filters import with_context
from cjmlab.journeys.context import context_of
from cjmlab.sources.people import People, people_of
from cjmlab.sources.privacy import mask_text


def leave_at_home(journeys: pd.DataFrame, moments: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both tables without a word that a customer said; numbers stay as they are.

    Examples
    --------
    >>> moments = pd.DataFrame({"kind": ["pain"], "quote": ["Late again"], "quote_id": ["f1#0"]})
    >>> bool(_drop_quotes(moments).quote.isna().all())
    True
    """
    silent = journeys
    if "quote_ids" in journeys.columns:
        nothing: list[list[str]] = [[] for _ in range(len(journeys))]
        silent = journeys.assign(quote_ids=pd.Series(nothing, index=journeys.index, dtype=object))
    scored = context_of(journeys).scored
    if "text" in scored.columns:
        scored = scored.assign(text=pd.Series(None, index=scored.index, dtype="str"))
    return with_context(silent, scored=scored), _drop_quotes(moments)


def mask_sayings(journeys: pd.DataFrame, moments: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both tables with names and numbers in the words masked, as far as they can be found."""
    context = context_of(journeys)
    scored, people = context.scored, people_of(context.study.people if context.study is not None else ())
    if "text" in scored.columns:
        journeys = with_context(journeys, scored=scored.assign(text=_masked(scored["text"], people)))
    if "quote" in moments.columns:
        moments = moments.assign(quote=_masked(moments["quote"], people))
    return journeys, moments


def _masked(texts: pd.Series, people: People) -> pd.Series:
    known = {text: mask_text(text, people=people) for text in texts.dropna().unique() if isinstance(text, str)}
    return texts.map(lambda text: known.get(text, text), na_action="ignore")


def _drop_quotes(moments: pd.DataFrame) -> pd.DataFrame:
    dropped = {
        label: pd.Series(None, index=moments.index, dtype="str")
        for label in ("quote", "quote_id", "quote_language")
        if label in moments.columns
    }
    return moments.assign(**dropped)
