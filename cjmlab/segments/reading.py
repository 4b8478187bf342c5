"""Reading one column of a customer table: as numbers, or as levels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


def read_numbers(series: pd.Series) -> Floats:
    """Return a column as numbers; infinite and unreadable values are missing, times are days since 1970.

    Examples
    --------
    >>> read_numbers(pd.Series(["1", "x", None, float("inf")])).tolist()
    [1.0, nan, nan, nan]
    """
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(object)
    if pd.api.types.is_datetime64_any_dtype(series):
        days = pd.to_datetime(series, utc=True) - pd.Timestamp("1970-01-01", tz="UTC")
        values = (days / pd.Timedelta(days=1)).to_numpy(dtype=float)
    else:
        values = pd.to_numeric(series, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def read_levels(series: pd.Series) -> tuple[Codes, tuple[str, ...]]:
    """Return a column as level numbers (−1 where missing) and the texts of the levels, in alphabetical order.

    1.0 and 1 are the same level, and so are texts that differ in the blanks around them.

    Examples
    --------
    >>> codes, levels = read_levels(pd.Series([1.0, 2, " yes ", None, "", "yes"]))
    >>> codes.tolist(), levels
    ([0, 1, 2, -1, -1, 2], ('1', '2', 'yes'))
    """
    codes, uniques = pd.factorize(series.astype(object) if series.dtype == bool else series, use_na_sentinel=True)
    texts = [_level(value) for value in uniques]
    levels = tuple(sorted({text for text in texts if text is not None}))
    place = {text: number for number, text in enumerate(levels)}
    table = np.array([*(place[text] if text is not None else -1 for text in texts), -1], dtype=np.int64)
    return table[codes], levels


def _level(value: object) -> str | None:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)):
        if not np.isfinite(value):
            return None
        if float(value).is_integer():
            return str(int(value))
    return str(value).strip() or None


def level_text(value: float) -> str:
    """Return a number as the text of a level.

    Examples
    --------
    >>> level_text(3.0), level_text(2.5)
    ('3', '2.5')
    """
    return str(int(value)) if float(value).is_integer() else str(float(value))
