"""The inventory of touchpoints: every one that is known or met in the data, and what the data say of it."""

from __future__ import annotations

import pandas as pd

from cjmlab.study.charter import Study
from cjmlab.vocabulary import Touchpoint

_COUNTS = ("ratings", "expectations", "verbatims", "events", "customers", "sources")


def list_inventory(study: Study, feedback: pd.DataFrame | None = None, *, language: str | None = None) -> pd.DataFrame:
    """List every touchpoint of a study with its owner and the state of its data.

    Parameters
    ----------
    study : Study
        As loaded.
    feedback : DataFrame, optional
        Coded feedback (``code_feedback``), in which clauses carry touchpoints of their own. Without it only the rows
        whose question or file names a touchpoint count.
    language : str, optional
        Of the labels; the study's first language when left out.

    Returns
    -------
    DataFrame
        One row a touchpoint of the study's list or of the data, in the order of the stages: ``touchpoint``, ``label``,
        ``stage``, ``channel``, ``digital``, ``party``, ``function`` and ``owner`` (the function of the company that
        answers for it, and who that is), ``ratings``, ``expectations`` (answers on what was expected), ``verbatims``,
        ``events``, ``customers``, ``sources`` (counts), and ``status``: ``heard`` (words speak of it), ``rated``
        (ratings only), ``seen`` (events only), ``silent`` (no data), ``unknown`` (in the data, not in the study's list).

    Examples
    --------
    >>> from cjmlab.study import load_study
    >>> study = load_study("data/samples/grocer")  # doctest: +SKIP
    >>> list_inventory(study).status.value_counts()  # doctest: +SKIP
    """
    language = language or study.charter.languages[0]
    counts = _count(study.feedback if feedback is None else feedback, study.events)
    rows = [_describe(point, study, language) for point in study.touchpoints]
    known = {point.id for point in study.touchpoints}
    rows += [{"touchpoint": str(name), "label": str(name)} for name in counts.index if name not in known]
    columns = ["touchpoint", "label", "stage", "channel", "digital", "party", "function", "owner"]
    table = pd.DataFrame(rows, columns=columns).set_index("touchpoint", drop=False)
    table.index.name = None
    for name in _COUNTS:
        table[name] = counts[name].reindex(table.index).fillna(0).astype(int)
    table["status"] = "silent"
    for status, column in (("seen", "events"), ("rated", "ratings"), ("heard", "verbatims")):
        table.loc[table[column] > 0, "status"] = status
    table.loc[~table.index.isin(known), "status"] = "unknown"
    return table.reset_index(drop=True)


def _describe(point: Touchpoint, study: Study, language: str) -> dict[str, object]:
    owner = study.charter.owners.get(point.owner, "")
    return {
        "touchpoint": point.id, "label": point.label.text(language), "stage": point.stage, "channel": point.channel,
        "digital": point.digital, "party": point.party, "function": point.owner, "owner": owner,
    }  # fmt: skip


def _count(feedback: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of each touchpoint that is named in the data."""
    told = feedback[feedback["touchpoint"].notna()]
    asked = told["asks"] if "asks" in told else pd.Series("open", index=told.index)
    rated = told["rating"].notna() if "rating" in told else pd.Series(False, index=told.index)
    parts = {
        "ratings": told[rated & (asked != "expectation")],
        "expectations": told[rated & (asked == "expectation")],
        "verbatims": told[told["text"].notna()] if "text" in told else told.iloc[:0],
        "events": events[events["touchpoint"].notna()] if "touchpoint" in events else events.iloc[:0],
    }
    counts = pd.DataFrame({name: _sizes(part) for name, part in parts.items()})
    both = pd.concat([_people(part) for part in (told, parts["events"])], ignore_index=True)
    for name, column in (("customers", "customer_id"), ("sources", "source")):
        counts[name] = both.groupby("touchpoint")[column].nunique()
    return counts.fillna(0).sort_index()


def _sizes(part: pd.DataFrame) -> pd.Series:
    return part.groupby("touchpoint").size() if len(part) else pd.Series(dtype="int64")


def _people(part: pd.DataFrame) -> pd.DataFrame:
    return part.reindex(columns=["touchpoint", "customer_id", "source"]).astype("str")
