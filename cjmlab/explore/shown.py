"""What may be shown under filters: small cells withheld, sayings masked or left at home, for segments and for everyone."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.explore.cube import FilterCube
from cjmlab.explore.filters import Filters, filter_options, narrow, outcome_of, row_filters, with_context
from cjmlab.explore.sayings import leave_at_home, mask_sayings
from cjmlab.explore.withholding import SMALLEST_CELL, giveaway_cells, withhold
from cjmlab.journeys.cells import stage_table
from cjmlab.journeys.context import context_of
from cjmlab.tables import Table

_RESAMPLES = 100
"""Resamples for the intervals of gains under a filter; a quarter of the usual number, for a quick answer."""

Tables = tuple[pd.DataFrame, pd.DataFrame]


def everyone(journeys: pd.DataFrame) -> Table | None:
    """Return the journeys of all customers as one segment; None where there is only one segment anyway.

    It carries a context of its own, so that every verb works on it as on the journeys of segments.
    """
    context = context_of(journeys)
    if len(set(journeys["segment"])) < 2 or context.overall.empty or context.parts is None:
        return None
    name = str(context.overall["segment"].iloc[0])
    reach = context.parts.reach["overall"]
    whole = replace(
        context,
        segments=None,
        stages=stage_table(reach, context.overall),
        scored=context.scored.assign(segment=name),
        members=context.members.assign(segment=name),
        parts=replace(context.parts, members=context.parts.everyone, reach={"overall": reach, "table": reach}),
    )
    return Table.of(context.overall, whole)


class ShownTables:
    """Filters the tables, withholds small cells and takes care of what was said; keeps what it computed.

    Parameters
    ----------
    journeys, moments : DataFrame
        The tables as computed without filters.
    smallest : int
        Cells of fewer people are withheld.
    quotes : bool
        Whether verbatims may be seen, masked.
    """

    def __init__(
        self,
        journeys: pd.DataFrame,
        moments: pd.DataFrame | None,
        *,
        smallest: int = SMALLEST_CELL,
        quotes: bool = False,
    ) -> None:
        self.smallest, self.quotes = smallest, quotes
        self.options = filter_options(journeys)
        self._journeys, self._moments = journeys, moments
        self._derived: dict[Any, pd.DataFrame] = {}
        self._ranked: dict[Any, pd.DataFrame | None] = {}
        self._kept: dict[Any, Tables] = {}
        self._changes: dict[Any, pd.DataFrame] = {}
        whole = everyone(journeys)
        self.everyone = None if whole is None else str(whole["segment"].iloc[0])
        if self.everyone is not None:
            self.options["segment"] = (*self.options["segment"], self.everyone)

    @cached_property
    def cube(self) -> FilterCube:
        """What filters of rows are computed from, made ready when the first one is chosen."""
        return FilterCube(self._journeys)

    def of(self, filters: Filters) -> Tables:
        """Return journeys and moments under some filters: of all segments, or of everyone where that is chosen."""
        return self._once(filters, "whole")

    def glance(self, filters: Filters) -> Tables:
        """Return the same journeys without the rows they carry, and of the moments only what these numbers say.

        Moments of truth and opportunities need the outcomes of every customer; pains and delights do not. This answers
        at once, ``of`` completes it.
        """
        return self._once(filters, "glance")

    def wave(self, filters: Filters, wave: str) -> pd.DataFrame:
        """Return the journeys of one wave under the other filters, without pooling, to lay beside another wave."""
        return self._once(Filters.of({**filters.chosen(), "wave": wave}), "wave")[0]

    def changes(self, filters: Filters, pair: tuple[str, str]) -> pd.DataFrame:
        """Return what changed between two waves under the other filters, for every segment and for everyone."""
        from cjmlab.moments import compare_waves

        key = (row_filters(Filters.of({**filters.chosen(), "wave": None})), pair)
        if key not in self._changes:
            self._changes[key] = compare_waves(self._filtered(key[0], "whole")[0], *pair)
        return self._changes[key]

    def spoken(self, filters: Filters) -> Tables:
        """Return journeys and moments with what was said, masked, whether or not it may travel."""
        return mask_sayings(*self._filtered(filters, "whole"))

    def _once(self, filters: Filters, how: str) -> Tables:
        key = (filters.segment == self.everyone, _common(filters), how)
        if key not in self._kept:
            say = mask_sayings if self.quotes else leave_at_home
            self._kept[key] = say(*self._withheld(filters, *self._filtered(filters, how)))
        return self._kept[key]

    def _filtered(self, filters: Filters, how: str) -> Tables:
        """Return the tables under some filters; those of the same rows are derived and ranked once."""
        whole = self.everyone is not None and filters.segment == self.everyone
        rows = row_filters(filters)
        key = (rows, how)
        if key not in self._derived:
            if not rows.chosen() and how != "wave":
                self._derived[key] = self._journeys
            else:
                self._derived[key] = self.cube.journeys(
                    rows, pooling=False if how == "wave" else None, rows=how == "whole" or self.quotes
                )
        ranked = (rows, how, whole)
        if whole and ranked not in self._derived:
            together = everyone(self._derived[key])
            assert together is not None
            self._derived[ranked] = together
        journeys = self._derived[ranked if whole else key]
        if ranked not in self._ranked:
            self._ranked[ranked] = self._moments_of(journeys, rows, how, whole=whole)
        return narrow(journeys, self._ranked[ranked], filters)

    def _moments_of(self, journeys: pd.DataFrame, rows: Filters, how: str, *, whole: bool) -> pd.DataFrame | None:
        """Rank the moments of filtered journeys, with the outcomes of the same wave."""
        if self._moments is None or how == "wave":
            return None
        if not rows.chosen() and not whole:
            return self._moments
        from cjmlab.moments import rank_moments

        if how == "glance":
            return rank_moments(journeys, None)
        study = context_of(journeys).study
        outcomes = study.outcomes if study is not None else None
        waved = Filters(wave=rows.wave).keep(outcomes) if outcomes is not None else None
        return rank_moments(journeys, waved, outcome=outcome_of(self._moments), resamples=_RESAMPLES)

    def _withheld(self, filters: Filters, journeys: pd.DataFrame, moments: pd.DataFrame) -> Tables:
        """Empty small cells and what would give them away, in the reference of all customers too."""
        context = context_of(journeys)
        giveaways: set[tuple[str, str]] = set()
        for name, value in row_filters(filters).chosen().items():
            people = self.cube.people(filters, name, whole=len(context.parts.members.names) == 1)
            giveaways |= giveaway_cells(people, value, smallest=self.smallest)
        journeys = with_context(
            withhold(journeys, smallest=self.smallest, giveaways=giveaways),
            overall=withhold(context.overall, smallest=self.smallest),
            provenance={**context.provenance, "smallest": self.smallest},
        )
        hidden = set(journeys.loc[journeys["withheld"], ["segment", "touchpoint"]].itertuples(index=False, name=None))
        shown = [cell not in hidden for cell in zip(moments["segment"], moments["touchpoint"], strict=True)]
        return journeys, moments[np.array(shown, dtype=bool)]


def _common(filters: Filters) -> Filters:
    """Return the filters for every segment."""
    return replace(filters, segment=None)
