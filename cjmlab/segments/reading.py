"""Reading a customer table: at the door, and column by column as numbers or as levels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.errors import TableError
from cjmlab.tables import open_table

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
LARGEST = 1e150
"""What is larger counts as infinite: its square cannot be held."""


def named_by_text(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its column names as text.

    Raises
    ------
    TableError
        When two columns have the same name.

    Examples
    --------
    >>> named_by_text(pd.DataFrame({0: [1], "b": [2]})).columns.tolist()
    ['0', 'b']
    """
    names = pd.Index([str(column) for column in customers.columns])
    if names.has_duplicates:
        raise TableError("two columns have the same name", where="customers",
                         example=repr(names[names.duplicated()][0]), remedy="Give each its own name.")  # fmt: skip
    return (
        customers if all(isinstance(column, str) for column in customers.columns) else customers.set_axis(names, axis=1)
    )


def open_customers(customers: Any) -> pd.DataFrame:
    """Take a customer table in at a door of this room: names and ids as text, every id once; see ``open_table``.

    Raises
    ------
    TableError
        When two columns have the same name, or it is no customer table.
    """
    named = named_by_text(customers) if isinstance(customers, pd.DataFrame) else customers
    return named_by_text(open_table("customers", named))


def read_numbers(series: pd.Series) -> Floats:
    """Return a column as numbers; infinite and unreadable values are missing, times are days since 1970.

    Examples
    --------
    >>> read_numbers(pd.Series(["1", "x", None, float("inf")])).tolist()
    [1.0, nan, nan, nan]
    """
    values = parse_numbers(series)
    return np.where(np.isfinite(values), values, np.nan)


def parse_numbers(series: pd.Series) -> Floats:
    """Return a column as numbers like ``read_numbers``, infinite values kept.

    Examples
    --------
    >>> parse_numbers(pd.Series(["1", "x", float("-inf")])).tolist()
    [1.0, nan, -inf]
    """
    if pd.api.types.is_datetime64_any_dtype(series):
        days = pd.to_datetime(series, utc=True) - pd.Timestamp("1970-01-01", tz="UTC")
        return np.asarray((days / pd.Timedelta(days=1)).to_numpy(dtype=float))
    if pd.api.types.is_timedelta64_dtype(series):
        return np.asarray(series.dt.total_seconds().to_numpy(dtype=float) / 86_400)
    if pd.api.types.is_complex_dtype(series):
        return np.full(len(series), np.nan)
    if pd.api.types.is_numeric_dtype(series):
        values = np.asarray(series.to_numpy(dtype=float, na_value=np.nan))
        return np.where(np.abs(values) > LARGEST, np.inf, values)
    codes, uniques = _factorize(series)
    known = pd.to_numeric(pd.Series(uniques, dtype=object), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(np.append(known, np.nan)[codes])


def read_levels(series: pd.Series) -> tuple[Codes, tuple[str, ...]]:
    """Return a column as level numbers (−1 where missing) and the texts of the levels, in alphabetical order.

    1.0 and 1 are the same level, and so are texts that differ in the blanks around them.

    Examples
    --------
    >>> codes, levels = read_levels(pd.Series([1.0, 2, " yes ", None, "", "yes"]))
    >>> codes.tolist(), levels
    ([0, 1, 2, -1, -1, 2], ('1', '2', 'yes'))
    """
    codes, uniques = _factorize(series)
    texts = [_level(value) for value in uniques]
    levels = tuple(sorted({text for text in texts if text is not None}))
    place = {text: number for number, text in enumerate(levels)}
    table = np.array([*(place[text] if text is not None else -1 for text in texts), -1], dtype=np.int64)
    return table[codes], levels


def _factorize(series: pd.Series) -> tuple[Codes, npt.NDArray[np.object_]]:
    """Return level numbers and levels; what cannot be compared (lists, records) counts by its text."""
    plain = series.astype(object) if series.dtype == bool or isinstance(series.dtype, pd.CategoricalDtype) else series
    try:
        codes, uniques = pd.factorize(plain, use_na_sentinel=True)
    except TypeError:
        codes, uniques = pd.factorize(plain.map(str), use_na_sentinel=True)
    return np.asarray(codes, dtype=np.int64), np.asarray(uniques, dtype=object)


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
