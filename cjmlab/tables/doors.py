"""Doors: a table is checked against its schema, and one made by hand is made to fit it first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.tables.fitting import as_times, fit_columns
from cjmlab.tables.schemas import SCHEMAS, Column, Schema, Table, about

if TYPE_CHECKING:
    import pandera.pandas as pa

_NUMBERED = {"feedback": "feedback_id", "events": "event_id", "customers": "customer_id"}
_NEEDED = {
    "feedback": (("text", "rating"),),
    "coded": (("text", "rating"),),
    "scored": (("touchpoint",), ("sentiment",)),
}
"""Columns without which a table says nothing, though a row of it may lack them: one of each group."""
_RATING = 'It holds answers on −1 … 1, better is higher: cjm.Scale.of("1-5").place(4) puts one there.'


def open_table(name: str, frame: Any, *, where: str | None = None) -> pd.DataFrame:
    """Take a table in at a door: made by hand or by another library, it is made to fit its schema, then checked.

    What is not there and may be missing is added as missing; rows without ids are numbered from 1; ids and names that are
    numbers become text, times in ISO 8601 become times (see ``fit_columns``); in a table of scores ``rating`` stands in for a missing ``sentiment``; a wide table of outcomes, a
    column an outcome, is made long. What the table says is not changed, and neither is the table itself.

    Parameters
    ----------
    name : str
        Which schema: a key of ``SCHEMAS``.
    frame : DataFrame
        A pandas, polars or pyarrow table; for feedback also a list or Series of texts.
    where : str, optional
        What to call the table in an error; its name when None.

    Returns
    -------
    DataFrame
        The table that was passed in when nothing was to be done.

    Raises
    ------
    TableError
        As ``check_table``, and when a column is missing without which the table says nothing.

    Examples
    --------
    >>> open_table("feedback", ["Late again", "Quick!"]).feedback_id.tolist()
    ['1', '2']
    >>> open_table("outcomes", pd.DataFrame({"customer_id": [7], "recommend": [9]})).values.tolist()
    [['7', 'recommend', 9.0]]
    """
    place = where or f"table '{name}'"
    table = _with_ids(name, _as_pandas(name, frame, place))
    if name == "scored":
        table = _with_scores(table)
    elif name == "events" and "event" not in table and "touchpoint" in table:
        table = table.assign(event=table["touchpoint"])
    elif name == "outcomes" and not {"outcome", "value"} & set(table):
        table = _long(table)
    table = fit_columns(name, table)
    for group in _NEEDED.get(name, ()):
        if not set(group) & set(table):
            wanted = " or ".join(repr(label) for label in group)
            remedy = did_you_mean(group[0], map(str, table.columns)).replace("Known:", "Its columns:")
            raise TableError(f"the column {wanted} ({_meaning(name, group[0])}) is missing", where=place, remedy=remedy)
    missing = {label for label, c in SCHEMAS[name].columns.items() if c.required and c.gaps and label not in table}
    if missing and len(table.columns):
        table = table.assign(
            **{label: _gap(SCHEMAS[name].columns[label]) for label in SCHEMAS[name].columns if label in missing}
        )
    if isinstance(frame, Table) and table is not frame:
        table = Table.of(table, about(frame))
    return check_table(name, table, where=where)


def need_columns(name: str, frame: pd.DataFrame, *columns: str) -> None:
    """Refuse a table that lacks a column, in one sentence.

    Examples
    --------
    >>> need_columns("coded", pd.DataFrame({"txt": ["Late"]}), "text")
    Traceback (most recent call last):
    ...
    cjmlab.errors.TableError: table 'coded': the column 'text' is missing. Did you mean 'txt'? Its columns: 'txt'.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TableError(f"a DataFrame is needed, not {type(frame).__name__}", where=f"table '{name}'")
    for column in columns:
        if column not in frame.columns:
            remedy = did_you_mean(column, map(str, frame.columns)).replace("Known:", "Its columns:")
            raise TableError(f"the column {column!r} is missing", where=f"table '{name}'", remedy=remedy)


def need_times(name: str, frame: pd.DataFrame, column: str) -> pd.Series:
    """Return a column as times in UTC, gaps as they are; refuse what is no time, in one sentence.

    Examples
    --------
    >>> need_times("events", pd.DataFrame({"time": ["2026-03-01", "soon"]}), "time")
    Traceback (most recent call last):
    ...
    cjmlab.errors.TableError: table 'events', column 'time': 1 of 2 rows are not times (first: row 1, 'soon'). Write ISO 8601, such as 2026-03-01T09:30+08:00.
    """
    need_columns(name, frame, column)
    given = as_times(frame[column])
    times = pd.to_datetime(given, errors="coerce", utc=True, format="mixed")
    wrong = (times.isna() & given.notna()).to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        raise TableError(f"{int(wrong.sum())} of {len(frame)} rows are not times", where=f"table '{name}', column '{column}'",
                         example=f"row {row}, {given.iloc[row]!r}",
                         remedy="Write ISO 8601, such as 2026-03-01T09:30+08:00.")  # fmt: skip
    return times


def _as_pandas(name: str, frame: Any, place: str) -> pd.DataFrame:
    if isinstance(frame, pd.DataFrame):
        return frame
    if name == "feedback" and isinstance(frame, pd.Series | list | tuple):
        return pd.DataFrame({"text": list(frame)})
    if name == "outcomes" and isinstance(frame, pd.Series):
        return pd.DataFrame({"customer_id": frame.index, str(frame.name or "outcome"): frame.to_numpy()})
    if hasattr(frame, "to_pandas"):
        made = frame.to_pandas()
        if isinstance(made, pd.DataFrame):
            return made
    raise TableError(f"a DataFrame is needed, not {type(frame).__name__}", where=place)


def _with_ids(name: str, table: pd.DataFrame) -> pd.DataFrame:
    if "customer_id" not in table and table.index.name == "customer_id":
        table = table.reset_index()
    made: dict[str, Any] = {}
    numbered = _NUMBERED.get(name)
    if numbered and numbered not in table and len(table.columns):
        made[numbered] = [str(n) for n in range(1, len(table) + 1)]
    if name in {"coded", "scored"} and len(table.columns):
        made |= {} if "stage" in table else {"stage": None}
        for label, other in (("unit_id", "feedback_id"), ("feedback_id", "unit_id")):
            if label not in table:
                unique = other in table and not table[other].duplicated().any()
                made[label] = table[other] if unique else [str(n) for n in range(1, len(table) + 1)]
    return table.assign(**made) if made else table


def _with_scores(table: pd.DataFrame) -> pd.DataFrame:
    if "sentiment" not in table and "rating" in table:
        table = table.assign(sentiment=table["rating"])
    if "scorer" not in table and "rating" in table and "text" not in table:
        table = table.assign(scorer="rating")
    return table


def _long(table: pd.DataFrame) -> pd.DataFrame:
    numbers = [c for c in table.columns if c != "customer_id" and pd.api.types.is_numeric_dtype(table[c])]
    if "customer_id" not in table or not numbers:
        return table
    kept = [label for label in ("customer_id", "wave", "scale") if label in table]
    long = table.melt(id_vars=kept, value_vars=numbers, var_name="outcome", value_name="value")
    return long.assign(value=long["value"].astype(float))


def _gap(column: Column) -> Any:
    return float("nan") if column.kind in {"number", "score", "share", "count"} else None


def _meaning(name: str, label: str) -> str:
    return SCHEMAS[name].columns[label].meaning


def check_table(name: str, frame: pd.DataFrame, *, where: str | None = None) -> pd.DataFrame:
    """Check a table at a door and return it unchanged.

    Parameters
    ----------
    name : str
        Which schema: a key of ``SCHEMAS``.
    frame : DataFrame
        The table. It is not changed and not copied.
    where : str, optional
        What to call the table in an error; its name when None.

    Raises
    ------
    TableError
        When a column is missing, a value is out of range, or an id occurs twice: one sentence with the place, how
        many rows, the first one and the remedy.

    Examples
    --------
    >>> check_table("members", pd.DataFrame({"customer_id": ["a", "a"], "segment": ["X", "Y"]}))
    Traceback (most recent call last):
    ...
    cjmlab.errors.TableError: table 'members', column 'customer_id': 1 of 2 rows repeats an id (first: row 1, 'a'). Keep one row each.
    """
    schema, place = SCHEMAS[name], where or f"table '{name}'"
    if not isinstance(frame, pd.DataFrame):
        raise TableError(f"a DataFrame is needed, not {type(frame).__name__}", where=place)
    for label, column in schema.columns.items():
        if column.required and label not in frame.columns:
            raise TableError(
                f"the column {label!r} ({column.meaning}) is missing",
                where=place,
                remedy=did_you_mean(label, map(str, frame.columns)).replace("Known:", "Its columns:"),
            )
    if schema.key:
        twice = frame.duplicated(list(schema.key))
        if twice.any():
            label, count = " × ".join(schema.key), int(twice.sum())
            row = int(twice.to_numpy().argmax())
            first = ", ".join(repr(frame[part].iloc[row]) for part in schema.key)
            raise TableError(
                f"{count} of {len(frame)} rows repeat{'s' if count == 1 else ''} an id",
                where=f"{place}, column '{label}'",
                example=f"row {row}, {first}",
                remedy="Keep one row each.",
            )
    _check_values(schema, frame, place)
    return frame


def _check_values(schema: Schema, frame: pd.DataFrame, place: str) -> None:
    import pandera.errors as problems

    try:
        _pandera(schema, frame).validate(frame, lazy=True)
    except problems.SchemaErrors as error:
        cases = error.failure_cases
        label, check = cases.iloc[0]["column"], str(cases.iloc[0]["check"])
        same = cases[(cases["column"] == label) & (cases["check"] == check)]
        row, value = same.iloc[0]["index"], same.iloc[0]["failure_case"]
        value = value.item() if hasattr(value, "item") else value  # np.int64(4) reads badly
        position = list(frame.index).index(row) if row in frame.index else row
        column = schema.columns.get(str(label))
        wanted = "not empty" if check == "not_nullable" else _wanted(column)
        raise TableError(
            f"{len(same)} of {len(frame)} rows are not {wanted}".replace("are not not empty", "are empty"),
            where=f"{place}, column '{label}'",
            example=f"row {position}, {value!r}",
            remedy=_RATING if label == "rating" else f"It holds {column.meaning}." if column else None,
        ) from None


def _wanted(column: Column | None) -> str:
    if column is None:
        return "valid"
    if column.among:
        return "one of " + ", ".join(column.among)
    return {
        "score": "numbers from −1 to 1", "share": "numbers from 0 to 1", "count": "whole numbers from 0",
        "number": "numbers", "time": "times", "text": "text",
    }.get(column.kind, column.kind)  # fmt: skip


def _pandera(schema: Schema, frame: pd.DataFrame) -> pa.DataFrameSchema:
    import pandera.pandas as pa

    def number(low: float | None = None, high: float | None = None) -> Callable[[pd.Series], pd.Series]:
        def inside(series: pd.Series) -> pd.Series:
            values = pd.to_numeric(series, errors="coerce")
            good = values.notna()
            good &= ~values.isin([float("inf"), float("-inf")])
            if low is not None:
                good &= values >= low - 1e-9
            if high is not None:
                good &= values <= high + 1e-9
            return good

        return inside

    def text(series: pd.Series) -> pd.Series:
        return series.map(lambda value: isinstance(value, str))

    tests: dict[str, Callable[[pd.Series], pd.Series]] = {
        "number": number(), "score": number(-1, 1), "share": number(0, 1), "count": number(0),
        "text": text, "time": lambda series: pd.to_datetime(series, errors="coerce", utc=True, format="mixed").notna(),
    }  # fmt: skip
    columns = {}
    for label, column in schema.columns.items():
        if label not in frame.columns:
            continue
        checks = [pa.Check(tests[column.kind], name=column.kind)] if column.kind in tests else []
        if column.among:
            checks = [pa.Check.isin(column.among)]
        columns[label] = pa.Column(checks=checks, nullable=column.gaps, required=False)
    return pa.DataFrameSchema(columns)
