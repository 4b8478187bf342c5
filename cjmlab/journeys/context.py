"""What stands behind a table of journeys: the study, the segments, the stages and the rows it was computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.errors import TableError
from cjmlab.tables import about
from cjmlab.vocabulary import Label

if TYPE_CHECKING:
    from cjmlab.study.charter import Study

ALL_CUSTOMERS = Label({"en": "All customers", "zh-Hans": "全部客户", "zh-Hant": "全部客戶", "ru": "Все клиенты"})
"""The name of the one segment when there are no segments."""


@dataclass(frozen=True, eq=False)
class JourneyContext:
    """What a map needs beside the numbers of the journeys (``about`` of the table).

    Parameters
    ----------
    study : Study or None
        The study, when one was given.
    segments : object or None
        The segmentation that was given, with its labels and traits.
    overall : DataFrame
        The same table for all customers together.
    stages : DataFrame
        One row a segment and stage: ``segment``, ``stage``, ``position``, ``customers``, ``reach``, ``drop_off``,
        ``experience``, ``touchpoints``.
    scored : DataFrame
        The rows that were used, as given, without the interviewer's turns.
    voices : DataFrame
        One row a customer and touchpoint: the score that enters the means (``customer``, ``touchpoint``, ``score``,
        ``weight``, ``rows``).
    members : DataFrame
        ``customer_id`` and ``segment`` of every customer that is known.
    events : DataFrame
        The events that reach and drop-off were counted from; empty when there are none.
    provenance : mapping
        How it was computed: settings, counts, links between scales, notes in words.
    parts : object
        What ``filter_journeys`` uses again instead of computing it anew.
    """

    study: Study | None
    segments: Any
    overall: pd.DataFrame
    stages: pd.DataFrame
    scored: pd.DataFrame
    voices: pd.DataFrame
    members: pd.DataFrame
    events: pd.DataFrame
    provenance: Mapping[str, Any] = field(default_factory=dict)
    parts: Any = None


def context_of(journeys: pd.DataFrame) -> JourneyContext:
    """Return the context of a table of journeys.

    Raises
    ------
    TableError
        When the table carries none, because it was rebuilt as a plain DataFrame.
    """
    found = about(journeys)
    if isinstance(found, JourneyContext):
        return found
    raise TableError(
        "the table does not say where it came from",
        where="table 'journeys'",
        remedy="Pass the table that derive_journeys returned; filtering it keeps what it carries.",
    )
