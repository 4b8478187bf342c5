"""The views: the pictures that an explorer can turn to, each drawn by the same verbs as in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Any

import pandas as pd

from cjmlab.explore.filters import Filters, filter_options
from cjmlab.explore.shown import ShownTables
from cjmlab.journeys.context import context_of

_WIDE = 1680

Draw = Callable[..., Mapping[str, Any]]
"""A view: ``draw(journeys, moments, segment=…, language=…)`` → a figure as plain data."""


def standard_views(journeys: pd.DataFrame) -> dict[str, Draw]:
    """Return the views that these journeys have something to show in."""
    from cjmlab.maps import compare_spec, flow_spec, heatmap_spec, map_spec

    context = context_of(journeys)
    found: dict[str, Draw] = {"map": map_spec}
    if len(set(journeys["segment"])) > 1:
        found["compare"] = compare_spec
    found["heatmap"] = heatmap_spec
    if len(filter_options(journeys).get("wave", ())) > 1:
        found["waves"] = draw_wave_pair
    if len(context.events):
        found["flow"] = flow_spec
    return found


def draw_wave_pair(
    journeys: pd.DataFrame, *, segment: str, language: str, filters: Filters, shown: ShownTables, whole: bool = True
) -> dict[str, Any]:
    """Draw what changed up to the chosen wave, else between the last two; small cells withheld as everywhere.

    Where only a glance is asked for, the changes themselves are left out: pairing customers takes all rows.

    Raises
    ------
    CjmError
        When the filters leave a wave nothing.
    """
    from cjmlab.maps.reading import read_view
    from cjmlab.maps.waves import draw_waves

    waves = shown.options["wave"]
    later = max(1, waves.index(filters.wave)) if filters.wave in waves else len(waves) - 1
    pair = (waves[later - 1], waves[later])
    before, after = (
        read_view(shown.wave(filters, wave), segment=segment, language=language, quotes=False) for wave in pair
    )
    return draw_waves(before, after, pair, shown.changes(filters, pair) if whole else None, width=_WIDE)[1]


def taking_what_it_knows(draw: Draw) -> Draw:
    """Leave out the options that a view has no use for, such as the segment of a comparison."""
    asked = signature(draw).parameters
    if any(part.kind is Parameter.VAR_KEYWORD for part in asked.values()):
        return draw
    known = set(asked)

    def drawn(journeys: pd.DataFrame, moments: pd.DataFrame, **options: Any) -> Mapping[str, Any]:
        tables = (journeys, moments) if "moments" in known else (journeys,)
        return draw(*tables, **{name: value for name, value in options.items() if name in known})

    return drawn
