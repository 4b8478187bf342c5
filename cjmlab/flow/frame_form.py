"""A table as an Arrow table that others can read, with a note on each column so that it comes back exactly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cjmlab.flow.plain_form import PlainReader, PlainWriter

if TYPE_CHECKING:
    import pyarrow as pa

INDEX = "__index__"


def lay_frame(frame: pd.DataFrame, writer: PlainWriter) -> tuple[pa.Table, dict[str, Any]]:
    """Return a table as an Arrow table, and what Arrow does not say of it.

    Raises
    ------
    CjmError
        When a cell holds something that is not kept.
    """
    import pyarrow as pa

    arrays, names, kinds = [], [], []
    for place, label in enumerate(frame.columns):
        array, kind = _lay_column(frame.iloc[:, place], writer)
        name = str(label)
        names.append(name if name not in names else f"{name}#{place}")
        arrays.append(array)
        kinds.append(kind)
    labels = frame.columns
    form: dict[str, Any] = {
        "rows": len(frame), "columns": kinds, "labels": writer.write(list(labels)), "labels_type": str(labels.dtype),
        "labels_name": writer.write(labels.name), "index": None,
    }  # fmt: skip
    if not (isinstance(frame.index, pd.RangeIndex) and frame.index.equals(pd.RangeIndex(len(frame)))):
        array, kind = _lay_column(frame.index.to_frame(index=False).iloc[:, 0], writer)
        arrays.append(array)
        names.append(INDEX)
        form["index"] = {"kind": kind, "name": writer.write(frame.index.name)}
    return pa.table(arrays, names=names), form


def lift_frame(table: pa.Table, form: Mapping[str, Any], reader: PlainReader) -> pd.DataFrame:
    """Return the table that ``lay_frame`` laid down."""
    kinds = form["columns"]
    columns = {place: _lift_column(table.column(place), kind, reader) for place, kind in enumerate(kinds)}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(form["rows"]))
    labels = pd.Index(reader.read(form["labels"])).rename(reader.read(form["labels_name"]))
    frame.columns = labels if str(labels.dtype) == form["labels_type"] else labels.astype(form["labels_type"])
    if form["index"] is not None:
        values = _lift_column(table.column(len(kinds)), form["index"]["kind"], reader)
        frame.index = pd.Index(values).rename(reader.read(form["index"]["name"]))
    return frame


def _lay_column(values: pd.Series, writer: PlainWriter) -> tuple[pa.Array, dict[str, Any]]:
    import pyarrow as pa

    kind = values.dtype
    if isinstance(kind, pd.CategoricalDtype):
        codes = pa.array(values.cat.codes.to_numpy())
        return codes, {"as": "category", "values": writer.write(list(kind.categories)), "ordered": bool(kind.ordered)}
    if kind != np.dtype(object):
        plain = isinstance(kind, np.dtype) and kind.kind in "biuf"
        return pa.array(values.to_numpy() if plain else values), {"as": str(kind)}
    cells = values.tolist()
    missing = [cell for cell in cells if not isinstance(cell, str)]
    if all(cell is None for cell in missing) or all(isinstance(cell, float) and cell != cell for cell in missing):
        lacking = "None" if all(cell is None for cell in missing) else "nan"
        if not any(isinstance(cell, str) and _lone(cell) for cell in cells):
            texts = [cell if isinstance(cell, str) else None for cell in cells]
            return pa.array(texts, type=pa.large_string()), {"as": "text", "missing": lacking}
    if all(isinstance(cell, list) and all(type(item) is str for item in cell) for cell in cells):
        return pa.array(cells, type=pa.large_list(pa.large_string())), {"as": "list"}
    written = [json.dumps(writer.write(cell)) for cell in cells]
    return pa.array(written, type=pa.large_string()), {"as": "json"}


def _lone(text: str) -> bool:
    """Whether a text holds half a character (a lone surrogate), which Arrow cannot hold."""
    return any("\ud800" <= letter <= "\udfff" for letter in text) if not text.isascii() else False


def _lift_column(column: pa.ChunkedArray, kind: Mapping[str, Any], reader: PlainReader) -> pd.Series:
    what = kind["as"]
    if what == "category":
        codes = column.to_numpy()
        return pd.Series(pd.Categorical.from_codes(codes, reader.read(kind["values"]), ordered=kind["ordered"]))
    if what in ("text", "list"):
        cells = column.to_pylist()
        if kind.get("missing") == "nan":
            cells = [np.nan if cell is None else cell for cell in cells]
        return pd.Series(cells, dtype=object)
    if what == "json":
        return pd.Series([reader.read(json.loads(cell)) for cell in column.to_pylist()], dtype=object)
    wanted = pd.api.types.pandas_dtype(what)
    if isinstance(wanted, np.dtype) and wanted.kind in "biuf":
        return pd.Series(column.to_numpy().astype(wanted, copy=True))
    if hasattr(wanted, "__from_arrow__"):
        return pd.Series(wanted.__from_arrow__(column), dtype=wanted)
    return pd.Series(column.to_pandas(), dtype=wanted)
