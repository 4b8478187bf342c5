"""What stands behind a number: source counts, the grade of the evidence, telling quotes, and the rows themselves."""

from __future__ import annotations

import pandas as pd

from cjmlab.errors import VocabularyError, did_you_mean
from cjmlab.journeys.context import context_of

SOURCES = ("survey", "interview", "review", "event", "ticket")
_WIDE = r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"


def count_sources(answers: pd.DataFrame) -> pd.DataFrame:
    """Count rows by segment, touchpoint and kind of source: columns ``n_survey``, ``n_interview`` and so on."""
    by = ["segment", "touchpoint"]
    counts = answers.pivot_table(index=by, columns="source_type", values="unit_id", aggfunc="count", fill_value=0)
    counts = counts.reindex(columns=[name for name in SOURCES if name != "event"], fill_value=0)
    return counts.add_prefix("n_").reset_index()


def grade(sources: pd.Series, elsewhere: pd.Series) -> pd.Series:
    """Grade the evidence of cells.

    Parameters
    ----------
    sources : Series of int
        How many kinds of source speak of the cell.
    elsewhere : Series of bool
        Whether only others (another segment, or people whose segment is not known) speak of the touchpoint.

    Examples
    --------
    >>> grade(pd.Series([0, 0, 1, 3]), pd.Series([False, True, True, True])).tolist()
    ['none', 'assumption', 'single source', 'triangulated']
    """
    result = pd.Series("none", index=sources.index, dtype=object)
    result[elsewhere & sources.eq(0)] = "assumption"
    result[sources.eq(1)] = "single source"
    result[sources.ge(2)] = "triangulated"
    return result


def pick_quotes(rows: pd.DataFrame, *, most: int = 5) -> pd.DataFrame:
    """Pick the most telling verbatims of each segment × touchpoint: strong, sure, long enough, one a customer.

    Parameters
    ----------
    rows : DataFrame
        Scored rows with ``segment``, ``touchpoint``, ``unit_id``, ``text``, ``sentiment`` and, if there,
        ``confidence``, ``customer_id``, ``role``.

    Returns
    -------
    DataFrame
        ``segment``, ``touchpoint``, ``quote_ids`` (list, the strongest first).
    """
    if "text" not in rows or rows.empty:
        return pd.DataFrame({"segment": [], "touchpoint": [], "quote_ids": []}, dtype=object)
    said = rank_quotes(rows)
    for twice in ("said", "who"):
        said = said.drop_duplicates(["segment", "touchpoint", twice])
    said = said.groupby(["segment", "touchpoint"]).head(most)
    return said.groupby(["segment", "touchpoint"])["unit_id"].agg(list).rename("quote_ids").reset_index()


def rank_quotes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that can be quoted, the most telling first, with ``strength``, ``said`` and ``who``."""
    if "text" not in rows:
        return rows.iloc[:0].assign(strength=0.0, said="", who="")
    said = rows[rows["text"].notna() & rows["sentiment"].notna() & rows["text"].astype(str).str.strip().ne("")]
    if "role" in said:
        said = said[~said["role"].isin(["interviewer"])]
    text = said["text"].astype(str).str.strip()
    length = text.str.len() + 2 * text.str.count(_WIDE)
    confidence = said["confidence"].fillna(0.5) if "confidence" in said else 1.0
    said = said.assign(
        strength=(said["sentiment"].abs() * confidence * (length / 30).clip(upper=1)).round(6),
        said=text.str.casefold(),
        who=said["customer_id"].astype(object).where(said["customer_id"].notna(), said["unit_id"]),
    )
    return said.sort_values(["strength", "unit_id"], ascending=[False, True])


def evidence(
    journeys: pd.DataFrame,
    *,
    segment: str | None = None,
    touchpoint: str | None = None,
    stage: str | None = None,
    unit_ids: list[str] | None = None,
) -> pd.DataFrame:
    """Return the rows behind a number of the journeys.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    segment, touchpoint, stage : str, optional
        The cell. What is left out is not filtered.
    unit_ids : list of str, optional
        Only these rows, such as the ``quote_ids`` of a cell.

    Returns
    -------
    DataFrame
        The scored rows with their ``segment``; for a cell exactly ``n`` rows carry a score that entered it
        (``counted`` is True there; expectations and rows without a score are listed, not counted).

    Raises
    ------
    VocabularyError
        When the segment, touchpoint or stage is not in the journeys.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": list("ab"), "stage": "use", "touchpoint": ["delivery", "app"],
    ...     "text": ["It came late", "Easy"], "sentiment": [-0.5, 0.5]})
    >>> found = cjm.evidence(cjm.derive_journeys(said), touchpoint="delivery")
    >>> found[["customer_id", "text", "counted"]].values.tolist()
    [['a', 'It came late', True]]
    """
    context = context_of(journeys)
    rows = context.scored
    everyone = segment is not None and segment in set(context.overall["segment"]) - set(context.members["segment"])
    for column, wanted in (("segment", segment), ("touchpoint", touchpoint), ("stage", stage)):
        if wanted is None or (column == "segment" and everyone):
            continue
        known = pd.unique(pd.concat([journeys[column], context.overall[column], rows[column].dropna()]))
        if wanted not in known:
            raise VocabularyError(f"{wanted!r} is not a {column} of these journeys", remedy=did_you_mean(wanted, known))
        rows = rows[rows[column].eq(wanted)]
    if unit_ids is not None:
        rows = rows[rows["unit_id"].isin(unit_ids)]
    return pd.DataFrame(rows).reset_index(drop=True)
