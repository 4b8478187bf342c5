"""Brands beside each other: what is said of the own one and of named alternatives, attribute by attribute."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import TableError
from cjmlab.journeys.context import context_of
from cjmlab.journeys.intervals import Z95

_COLUMNS = ["attribute", "brand", "customers", "sentiment", "low", "high", "difference", "difference_low",
            "difference_high", "verdict"]  # fmt: skip
_FEW = 5


def compare_brands(
    journeys: pd.DataFrame, brands: Mapping[str, Sequence[str]], *, own: str, by: str = "touchpoint",
    segment: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Set what customers say of the own brand against what they say of named alternatives.

    A clause that names no alternative speaks of the own brand; one that names an alternative (and not the own brand)
    speaks of that; a clause that names both compares and belongs to neither. Each customer counts once a brand and
    attribute. Names are whole words in any case; in scripts without spaces any occurrence.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, of rows with text.
    brands : mapping
        Brand → the words it goes by.
    own : str
        Which of them is ours.
    by : str
        What is compared: a column of the rows, such as ``touchpoint``, ``stage`` or ``dimension``.
    segment : str, optional
        One segment; all customers when None.

    Returns
    -------
    DataFrame
        ``attribute``, ``brand``, ``customers``, ``sentiment``, ``low``, ``high`` (95 %), and for alternatives
        ``difference`` (own minus theirs) with its interval and ``verdict`` from the own side: advantage, disadvantage,
        not distinguishable, or too few (under five customers on a side, and then no numbers).

    Raises
    ------
    TableError
        When ``own`` is not among the brands, or the rows have no text or no such column.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> texts = ["Acme was late"] * 5 + ["Acme slow again"] * 1 + ["Globex was quick"] * 6
    >>> said = pd.DataFrame({"customer_id": [f"c{i}" for i in range(12)], "stage": "use", "touchpoint": "delivery",
    ...     "text": texts, "sentiment": [-0.5, -0.75, -0.5, -0.25, -0.5, -0.5] + [0.5, 0.75, 0.5, 0.25, 0.5, 0.5]})
    >>> found = cjm.compare_brands(cjm.derive_journeys(said), {"Acme": [], "Globex": ["Globex Ltd"]}, own="Acme")
    >>> found[["brand", "customers", "difference", "verdict"]].values.tolist()
    [['Acme', 6, nan, ''], ['Globex', 6, -1.0, 'disadvantage']]
    """
    rows = context_of(journeys).scored
    if own not in brands:
        raise TableError(f"{own!r} is not among the brands", remedy=f"There are: {', '.join(map(repr, brands))}.")
    if "text" not in rows or by not in rows:
        missing = "text" if "text" not in rows else by
        raise TableError(
            f"the rows have no column {missing!r}", where="table 'scored'", remedy="Brands are found in words."
        )
    said = rows[rows["text"].notna() & rows[by].notna() & rows["sentiment"].notna()]
    said = said if segment is None else said[said["segment"].eq(segment)]
    text = said["text"].astype(str)
    named = pd.DataFrame({brand: text.str.contains(_pattern([brand, *words])) for brand, words in brands.items()})
    rivals = [brand for brand in brands if brand != own]
    of = pd.Series(own, said.index, dtype="object").mask(named[rivals].any(axis=1))
    for brand in rivals:
        of[named[brand] & (named.sum(axis=1) == 1)] = brand
    who = said["customer_id"].astype(object).where(said["customer_id"].notna(), said["unit_id"])
    told = pd.DataFrame({"attribute": said[by].astype(str), "brand": of, "who": who, "sentiment": said["sentiment"]})
    each = told.dropna().groupby(["attribute", "brand", "who"], as_index=False)["sentiment"].mean()
    groups = each.groupby(["attribute", "brand"])["sentiment"]
    cells = {key: (len(part), float(part.mean()), float(part.var())) for key, part in groups}
    table = [_row(attribute, brand, own, cells) for attribute in sorted(each["attribute"].unique())
             for brand in (own, *rivals) if (attribute, brand) in cells]  # fmt: skip
    return pd.DataFrame(table, columns=_COLUMNS)


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern of names: whole words where the script has spaces between them."""
    spaced = [rf"(?<!\w){re.escape(word)}(?!\w)" if word.isascii() or re.search(r"[а-яё]", word.casefold()) else
              re.escape(word) for word in words]  # fmt: skip
    return re.compile("|".join(spaced), re.IGNORECASE)


def _row(
    attribute: str, brand: str, own: str, cells: Mapping[Any, tuple[int, float, float]]
) -> tuple[str | int | float, ...]:
    n, mean, variance = cells[attribute, brand]
    half, unknown = Z95 * float(np.sqrt(variance / n)), (np.nan, np.nan, np.nan)
    head = (attribute, brand, n, *((mean, mean - half, mean + half) if n >= _FEW else unknown))
    ours = cells.get((attribute, own), (0, np.nan, np.nan))
    if n < _FEW or (brand != own and ours[0] < _FEW):
        return (*head, *unknown, "too few")
    if brand == own:
        return (*head, *unknown, "")
    half = Z95 * float(np.sqrt(variance / n + ours[2] / ours[0]))
    low, high = ours[1] - mean - half, ours[1] - mean + half
    verdict = "advantage" if low > 0 else "disadvantage" if high < 0 else "not distinguishable"
    return (*head, ours[1] - mean, low, high, verdict)
