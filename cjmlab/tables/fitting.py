"""What a frame made by hand needs before its schema is asked: plain types, names as text, numbers and times as such."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.tables.schemas import SCHEMAS

_NUMBERS = {"number", "score", "share", "count"}
_NAMES = {"integer", "floating", "mixed-integer", "mixed-integer-float", "decimal", "datetime64", "datetime", "date"}
"""Kinds of value (``pandas.api.types.infer_dtype``) that a name may come as: 2, 2.0, a date, or some of each."""


def fit_columns(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns have the types of its schema, where that loses nothing.

    Nullable and Arrow columns, and categories where a name is asked, become plain ones. A name that was read as a number or a date (a wave 2, a
    stage 1.0) becomes text, a number or a time that was read as text what it is; times are ISO 8601, with or without a
    time zone (UTC when there is none). What does not fit stays as it is, for the check to name.

    Parameters
    ----------
    name : str
        Which schema: a key of ``SCHEMAS``.
    table : DataFrame
        It is not changed.

    Examples
    --------
    >>> rough = pd.DataFrame({"customer_id": [7.0], "time": ["2026-03-01T09:30+08:00"], "event": ["visit"], "wave": [2]})
    >>> fit_columns("events", rough).astype(str).values.tolist()
    [['7', '2026-03-01 01:30:00+00:00', 'visit', '2']]
    """
    plain = _plain_types(table)
    changed: dict[str, pd.Series] = {}
    for label, column in SCHEMAS[name].columns.items():
        if label not in plain or not isinstance(plain[label], pd.Series):
            continue
        given = plain[label]
        values = _uncategorised(given)
        if column.kind == "text":
            fitted = as_names(values)
        elif column.kind in _NUMBERS:
            fitted = _as_numbers(values)
        else:
            fitted = as_times(values) if column.kind == "time" else values
        if fitted is not given:
            changed[label] = fitted
    return plain.assign(**changed) if changed else plain


def as_names(values: pd.Series) -> pd.Series:
    """Return names as text: a whole number read as a float is a whole number, a day is a day; text is left alone.

    Examples
    --------
    >>> as_names(pd.Series([1.0, None, 2.0])).tolist(), as_names(pd.to_datetime(pd.Series(["2026-03-01"]))).tolist()
    (['1', None, '2'], ['2026-03-01'])
    """
    if isinstance(values.dtype, pd.StringDtype):
        return values
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind == "empty" and values.dtype != object:
        return pd.Series(None, values.index, dtype=object)
    if kind not in _NAMES:
        return values
    codes, distinct = pd.factorize(values.astype(object), use_na_sentinel=True)
    written = np.array([*(_write(value) for value in distinct), None], dtype=object)
    return pd.Series(written[codes], values.index, dtype=object)


def as_times(values: pd.Series) -> pd.Series:
    """Return times in UTC from text in ISO 8601, of any precision and zone; what is no such text is left alone.

    Examples
    --------
    >>> as_times(pd.Series(["2026-03-01", "2026-03-01T09:30:00+08:00"])).dt.hour.tolist()
    [0, 1]
    """
    if pd.api.types.is_datetime64_any_dtype(values.dtype) or pd.api.types.is_numeric_dtype(values.dtype):
        return values
    found = pd.to_datetime(values, format="ISO8601", utc=True, errors="coerce")
    return found if found.notna().equals(values.notna()) else values


def _as_numbers(values: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values
    found = pd.to_numeric(values, errors="coerce").astype("float64")
    return found if found.notna().equals(values.notna()) else values


def _uncategorised(values: pd.Series) -> pd.Series:
    kind = values.dtype
    return values.astype(kind.categories.dtype) if isinstance(kind, pd.CategoricalDtype) else values


def _write(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value == value.replace(hour=0, minute=0, second=0, microsecond=0):
        return value.date().isoformat()
    return str(value)


def _plain_types(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns of nullable and Arrow types are plain floats, times and texts."""
    changed: dict[str, Any] = {}
    for label in table.columns:
        kind = table[label].dtype
        if isinstance(kind, pd.ArrowDtype) or kind.__class__.__module__.startswith(
            ("pandas.core.arrays.integer", "pandas.core.arrays.floating", "pandas.core.arrays.boolean")
        ):
            if pd.api.types.is_bool_dtype(kind):
                changed[label] = table[label].astype(object)
            elif pd.api.types.is_numeric_dtype(kind):
                changed[label] = (
                    table[label].astype("float64") if table[label].isna().any() else table[label].to_numpy()
                )
            elif not pd.api.types.is_datetime64_any_dtype(kind):
                changed[label] = table[label].astype(object).where(table[label].notna(), None)
    return table.assign(**changed) if changed else table
