"""Withholding: cells of few people do not leave the house, nor does the cell that would give them away."""

from __future__ import annotations

import pandas as pd

from cjmlab.explore.filters import blank_cells

SMALLEST_CELL = 5
"""A cell with fewer people than this is withheld."""


def small_cells(journeys: pd.DataFrame, *, smallest: int = SMALLEST_CELL) -> pd.Series:
    """Tell which cells are withheld: those of few people, and a second one where a total would give one away.

    Where exactly one segment is small at a touchpoint, its numbers follow from the all-customers curve and the other
    segments; the next smallest segment there is withheld as well (complementary suppression).

    Parameters
    ----------
    journeys : DataFrame
        Journeys; ``customers`` (or ``n`` where there are no customers) counts people.
    smallest : int
        People from which a cell is shown.

    Returns
    -------
    Series of bool
        One value a row, by the index of ``journeys``. Cells without any row are not small: they are empty.

    Examples
    --------
    >>> cells = pd.DataFrame({"segment": ["A", "B", "C"], "touchpoint": ["t"] * 3, "customers": [3, 9, 40],
    ...                       "n": [3, 9, 40]})
    >>> small_cells(cells).tolist()
    [True, True, False]
    """
    people = people_behind(journeys)
    small = (people > 0) & (people < smallest)
    if smallest <= 1 or not small.any():
        return small
    for _, group in people.groupby(journeys["touchpoint"], sort=False):
        filled = group[group > 0]
        if len(filled) > 1 and int(small[filled.index].sum()) == 1:
            rest = filled[~small[filled.index]]
            small[rest.sort_values(kind="stable").index[0]] = True
    return small


def giveaway_cells(people: pd.DataFrame, value: str, *, smallest: int = SMALLEST_CELL) -> set[tuple[str, str]]:
    """Return the cells that would give away a sibling: what is shown without a filter minus what is shown with it.

    Where exactly one wave (or source, channel, language) of a cell is small, the next smallest one is withheld too;
    this returns the cells for which the chosen value is that next smallest one.

    Parameters
    ----------
    people : DataFrame
        People by segment and touchpoint (index) and value of the filter (columns), without that filter.
    value : str
        What is chosen.
    smallest : int
        People from which a cell is shown.

    Examples
    --------
    >>> people = pd.DataFrame({"wave 1": [8, 9], "wave 2": [2, 7]}, index=[("A", "t"), ("A", "u")])
    >>> giveaway_cells(people, "wave 1"), giveaway_cells(people, "wave 2")
    ({('A', 't')}, set())
    """
    if smallest <= 1 or value not in people:
        return set()
    small = (people > 0) & (people < smallest)
    lonely = small.sum(axis=1) == 1
    others = people.mask(small | (people == 0)).loc[lonely].dropna(how="all")
    if others.empty:
        return set()
    given = others.idxmin(axis=1)
    return {(str(segment), str(point)) for segment, point in given.index[given == value]}


def people_behind(journeys: pd.DataFrame) -> pd.Series:
    """Return the people behind each cell; rows are counted where nobody is known by name."""
    rows = pd.to_numeric(journeys["n"], errors="coerce").fillna(0)
    known = pd.to_numeric(journeys["customers"], errors="coerce").fillna(0)
    return known.where(known > 0, rows).astype(int)


def withhold(
    journeys: pd.DataFrame, *, smallest: int = SMALLEST_CELL, giveaways: set[tuple[str, str]] | None = None
) -> pd.DataFrame:
    """Return the journeys with small cells (and those that give one away) emptied, ``withheld`` says which.

    Examples
    --------
    >>> cells = pd.DataFrame({"segment": ["A"], "touchpoint": ["t"], "customers": [3], "n": [3], "experience": [0.25],
    ...                       "low": [0.0], "high": [0.5]})
    >>> withhold(cells)[["n", "experience", "withheld"]]
       n  experience  withheld
    0  0         NaN      True
    """
    small = small_cells(journeys, smallest=smallest)
    if giveaways:
        cells = zip(journeys["segment"].astype(str), journeys["touchpoint"].astype(str), strict=True)
        small |= pd.Series([cell in giveaways for cell in cells], index=journeys.index) & (people_behind(journeys) > 0)
    emptied = blank_cells(journeys, small)
    return emptied.assign(withheld=small.to_numpy())
