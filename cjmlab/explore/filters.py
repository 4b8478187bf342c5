"""Filters: what is chosen in the explorer, and the same verbs run again on what is left."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.journeys.context import context_of
from cjmlab.tables import SCHEMAS, Table, about

DIMENSIONS = ("segment", "wave", "source", "channel", "language", "stage", "minimum_n")
"""What can be filtered by, in the order in which it is offered."""

ROW_COLUMNS = {"wave": "wave", "source": "source_type", "channel": "channel", "language": "language"}
"""Filters that choose rows, and the column that each one looks at."""
_LEAST = (5, 10, 30)


@dataclass(frozen=True)
class Filters:
    """What is chosen; None (or 0) means everything.

    Parameters
    ----------
    segment, wave, source, channel, language, stage : str or None
        One value of that dimension. ``source`` is the kind of source: survey, interview, review …
    minimum_n : int
        Touchpoints with fewer rows than this show no value.

    Examples
    --------
    >>> Filters(wave="2026-Q1").chosen()
    {'wave': '2026-Q1'}
    """

    segment: str | None = None
    wave: str | None = None
    source: str | None = None
    channel: str | None = None
    language: str | None = None
    stage: str | None = None
    minimum_n: int = 0

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Filters:
        """Build filters from names and values; empty values mean everything.

        Raises
        ------
        TableError
            When a name is not a filter.
        """
        for name in values:
            if name not in DIMENSIONS:
                raise TableError(f"{name!r} is not a filter", remedy=did_you_mean(name, DIMENSIONS))
        kept = {name: value for name, value in values.items() if value is not None and value != ""}
        if "minimum_n" in kept:
            kept["minimum_n"] = int(kept["minimum_n"])
        return cls(**kept)

    def chosen(self) -> dict[str, Any]:
        """Return only what is chosen, in the order of ``DIMENSIONS``."""
        return {name: getattr(self, name) for name in DIMENSIONS if getattr(self, name)}

    def needs_rows(self) -> bool:
        """Tell whether the journeys have to be derived again from the rows."""
        return any(getattr(self, name) for name in ROW_COLUMNS)

    def keep(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the scored rows, events or outcomes that pass; a column that a table lacks filters nothing.

        Examples
        --------
        >>> rows = pd.DataFrame({"wave": ["1", "2"], "sentiment": [0.5, -0.5]})
        >>> Filters(wave="2").keep(rows).sentiment.tolist()
        [-0.5]
        """
        kept = pd.Series(True, index=rows.index)
        for name, column in ROW_COLUMNS.items():
            value = getattr(self, name)
            if value and column in rows.columns:
                kept &= rows[column].eq(value).fillna(False).astype(bool)
        return rows[kept]


def filter_options(journeys: pd.DataFrame) -> dict[str, tuple[Any, ...]]:
    """Return the values that each filter can take, for the filters that have a choice to make.

    Parameters
    ----------
    journeys : DataFrame
        What ``derive_journeys`` returned.

    Returns
    -------
    dict
        Filter → values, without "everything". A filter with fewer than two values is left out, the segment aside.
    """
    context = context_of(journeys)
    options: dict[str, tuple[Any, ...]] = {"segment": tuple(dict.fromkeys(journeys["segment"].astype(str)))}
    for name, column in ROW_COLUMNS.items():
        if column in context.scored.columns:
            values = context.scored[column].dropna().astype(str)
            options[name] = tuple(sorted(value for value in values.unique() if value.strip()))
    options["stage"] = tuple(dict.fromkeys(journeys.sort_values("position", kind="stable")["stage"].astype(str)))
    counts = pd.to_numeric(journeys["n"], errors="coerce").fillna(0)
    counts = counts[counts > 0]
    options["minimum_n"] = tuple(least for least in _LEAST if len(counts) and counts.min() < least <= counts.max())
    return {
        name: options[name]
        for name in DIMENSIONS
        if name in options and (name == "segment" or len(options[name]) > (name != "minimum_n"))
    }


def row_filters(filters: Filters) -> Filters:
    """Return the filters for every segment, without the ones that do not choose rows."""
    return Filters.of({name: value for name, value in filters.chosen().items() if name in ROW_COLUMNS})


def narrow(journeys: pd.DataFrame, moments: pd.DataFrame | None, filters: Filters) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Apply the filters that choose no rows: one stage only, and cells of few answers emptied."""
    kept = journeys
    if filters.stage:
        kept = kept[kept["stage"].astype(str) == filters.stage]
    if filters.minimum_n:
        few = pd.to_numeric(kept["n"], errors="coerce").fillna(0) < filters.minimum_n
        kept = blank_cells(kept, few)
    return kept, _moments_of(moments, kept)


def blank_cells(journeys: pd.DataFrame, where: pd.Series) -> pd.DataFrame:
    """Return the journeys with some cells emptied: no value, no count, no quotes, evidence "none"."""
    if not where.any():
        return journeys
    blanked = journeys.copy()
    rows = blanked.index[where.to_numpy(dtype=bool)]
    for label in blanked.columns:
        if label == "position" or not pd.api.types.is_numeric_dtype(blanked[label].dtype):
            continue
        counted = label in ("n", "customers") or str(label).startswith("n_")
        if not counted and blanked[label].dtype.kind in "iub":
            blanked[label] = blanked[label].astype(float)
        blanked.loc[rows, label] = 0 if counted else float("nan")
    if "evidence" in blanked.columns:
        blanked.loc[rows, "evidence"] = "none"
    if "quote_ids" in blanked.columns:
        blanked["quote_ids"] = [
            [] if empty else ids for ids, empty in zip(blanked["quote_ids"], where.to_numpy(dtype=bool), strict=True)
        ]
    return blanked


def outcome_of(moments: pd.DataFrame) -> str | None:
    """Return the outcome that moments were ranked for, None where it is not known."""
    found = about(moments)
    return (found.get("outcome") or None) if isinstance(found, dict) else None


def _moments_of(moments: pd.DataFrame | None, journeys: pd.DataFrame) -> pd.DataFrame:
    """Moments whose cell is still shown; without any, an empty table with the right columns."""
    if moments is None or moments.empty:
        return pd.DataFrame(columns=list(SCHEMAS["moments"].columns))
    shown = journeys[pd.to_numeric(journeys["n"], errors="coerce").fillna(0) > 0]
    cells = set(zip(shown["segment"], shown["touchpoint"], strict=True))
    kept = [cell in cells for cell in zip(moments["segment"], moments["touchpoint"], strict=True)]
    return moments[np.array(kept, dtype=bool)]


def with_context(journeys: pd.DataFrame, **changes: Any) -> Table:
    """Return the journeys with parts of their context replaced."""
    return Table.of(journeys, dataclasses.replace(context_of(journeys), **changes))
