"""The plain form of the objects of a run: JSON for the few, Parquet and number arrays for the many, and back.

Only the classes that are listed here come back, made by their own constructors from plain values. Nothing that is read
is executed.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.tables import Table, about

_ROOMS = {
    "vocabulary.labels": ("Label",),
    "vocabulary.stages": ("Stage", "Loop", "StageModel"),
    "vocabulary.touchpoints": ("Touchpoint",),
    "vocabulary.codebook": ("Code", "Codebook"),
    "sources.report": ("Finding", "Rejected", "Report"),
    "study.charter": ("Charter", "ColumnRoles", "Study"),
    "segments.columns": ("ColumnPlan",),
    "segments.features": ("FeatureSpace",),
    "segments.models": ("Mixture",),
    "segments.count": ("Count",),
    "segments.segmentation": ("Segmentation",),
    "feedback.coding": ("CodingReport",),
    "journeys.context": ("JourneyContext",),
    "journeys.cells": ("Parts",),
    "journeys.members": ("Membership",),
    "journeys.voices": ("Linking",),
    "journeys.reach": ("Reach",),
    "moments.drivers": ("Drivers",),
    "moments.missing": ("Completed",),
}
CLASSES = {name: f"cjmlab.{room}" for room, names in _ROOMS.items() for name in names}
"""The classes that may be saved and opened: name → module."""
KIND = "$"
_NUMBERS = "biuf"


class Shelf(Protocol):
    """Where the tables and arrays of a plain form are laid."""

    def put_frame(self, frame: pd.DataFrame, place: tuple[str, ...], writer: PlainWriter) -> dict[str, Any]:
        """Lay a table down and return how to find it again."""

    def put_array(self, values: np.ndarray[Any, Any], place: tuple[str, ...]) -> dict[str, Any]:
        """Lay numbers down and return how to find them again."""


class PlainWriter:
    """Write objects as plain values.

    Parameters
    ----------
    shelf : Shelf
        Where tables and arrays go.
    refer : bool
        Whether an object that occurs again is referred to, so that it comes back as one, or written again.
    """

    def __init__(self, shelf: Shelf, *, refer: bool = True) -> None:
        self.shelf, self.refer = shelf, refer
        self.estimators: list[str] = []
        self._known: dict[int, Any] = {}
        self._held: list[Any] = []

    def write(self, value: Any, place: tuple[str, ...] = ()) -> Any:
        """Return the plain form of a value.

        Raises
        ------
        CjmError
            When it is of a kind that is not kept.
        """
        if value is None or type(value) in (bool, int, str):
            return value
        if isinstance(value, float | np.generic) or value is pd.NA or value is pd.NaT:
            return _write_scalar(value)
        if isinstance(value, datetime | date):
            kind = "timestamp" if isinstance(value, pd.Timestamp) else type(value).__name__
            return {KIND: kind, "value": value.isoformat()}
        if isinstance(value, Path):
            return {KIND: "path", "value": str(value)}
        if isinstance(value, list):
            return [self.write(item, (*place, str(i))) for i, item in enumerate(value)]
        if isinstance(value, tuple | set | frozenset):
            items = list(value) if isinstance(value, tuple) else sorted(value, key=repr)
            return {KIND: type(value).__name__ if not isinstance(value, tuple) else "tuple",
                    "items": self.write(items, place)}  # fmt: skip
        if isinstance(value, Mapping):
            return self._write_mapping(value, place)
        if id(value) in self._known:
            return self._known[id(value)]
        written = self._write_large(value, place)
        self._known[id(value)] = {KIND: "same", "as": len(self._held)} if self.refer else written
        self._held.append(value)
        return written

    def _write_mapping(self, value: Mapping[Any, Any], place: tuple[str, ...]) -> dict[str, Any]:
        if all(type(key) is str for key in value) and KIND not in value:
            return {key: self.write(item, (*place, key)) for key, item in value.items()}
        items = [[self.write(key), self.write(item, (*place, str(key)))] for key, item in value.items()]
        return {KIND: "dict", "items": items}

    def _write_large(self, value: Any, place: tuple[str, ...]) -> dict[str, Any]:
        name = type(value).__name__
        if dataclasses.is_dataclass(value) and CLASSES.get(name) == type(value).__module__:
            fields = dataclasses.fields(value)
            return {KIND: "object", "class": name,
                    "fields": {field.name: self._write_field(getattr(value, field.name), (*place, field.name))
                               for field in fields}}  # fmt: skip
        if isinstance(value, pd.DataFrame):
            frame = self.shelf.put_frame(value, place, self)
            said = self.write(about(value), (*place, "about"))
            return {KIND: "table" if isinstance(value, Table) else "frame", **frame, "about": said}
        if isinstance(value, pd.Series):
            frame = self.shelf.put_frame(value.to_frame("values"), place, self)
            return {KIND: "series", **frame, "name": self.write(value.name)}
        if isinstance(value, pd.Index) and not isinstance(value, pd.MultiIndex):
            frame = self.shelf.put_frame(value.to_frame(index=False, name="values"), place, self)
            return {KIND: "index", **frame, "name": self.write(value.name)}
        if isinstance(value, np.ndarray) and value.dtype.kind in _NUMBERS:
            return {KIND: "array", **self.shelf.put_array(value, place)}
        where = ".".join(place) or "the run"
        remedy = "Keep what run_study makes, or leave this part out."
        raise CjmError(f"a {type(value).__module__}.{name} cannot be saved", where=where, remedy=remedy)

    def _write_field(self, value: Any, place: tuple[str, ...]) -> Any:
        if hasattr(value, "get_params") and hasattr(value, "fit"):
            self.estimators.append(type(value).__name__)
            return None
        return self.write(value, place)


def _write_scalar(value: Any) -> Any:
    if value is pd.NA or value is pd.NaT:
        return {KIND: "missing", "value": "NA" if value is pd.NA else "NaT"}
    if isinstance(value, np.str_):
        return str(value)
    if type(value) is not float:
        if not isinstance(value, np.generic) or value.dtype.kind not in _NUMBERS:
            raise CjmError(f"a {type(value).__name__} cannot be saved", where="the run")
        inner = value.item()
        return {
            KIND: "number",
            "type": value.dtype.name,
            "value": _write_scalar(inner) if isinstance(inner, float) else inner,
        }
    return value if math.isfinite(value) else {KIND: "float", "value": repr(value)}


class Source(Protocol):
    """Where the tables and arrays of a plain form are found."""

    def get_frame(self, form: Mapping[str, Any], reader: PlainReader) -> pd.DataFrame:
        """Return a table."""

    def get_array(self, form: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        """Return numbers."""


class PlainReader:
    """Make objects again from their plain form."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._held: list[Any] = []

    def read(self, form: Any) -> Any:
        """Return the object of a plain form.

        Raises
        ------
        CjmError, KeyError, TypeError, ValueError
            When it is none.
        """
        if isinstance(form, list):
            return [self.read(item) for item in form]
        if not isinstance(form, dict):
            return form
        kind = form.get(KIND)
        if kind is None:
            return {key: self.read(item) for key, item in form.items()}
        if kind in _SMALL:
            return _SMALL[kind](form["value"])
        if kind in _GROUPS:
            return _GROUPS[kind](self.read(form["items"]))
        if kind == "number":
            return np.dtype(form["type"]).type(self.read(form["value"]))
        if kind == "dict":
            return {self.read(key): self.read(item) for key, item in form["items"]}
        if kind == "same":
            return self._held[form["as"]]
        made = self._read_large(kind, form)
        self._held.append(made)
        return made

    def _read_large(self, kind: str, form: Mapping[str, Any]) -> Any:
        if kind == "object":
            made = getattr(import_module(CLASSES[form["class"]]), form["class"])
            return made(**{name: self.read(value) for name, value in form["fields"].items()})
        if kind == "array":
            return self.source.get_array(form)
        frame = self.source.get_frame(form, self)
        if kind in ("frame", "table"):
            said = self.read(form["about"])
            return Table.of(frame, said) if kind == "table" else frame
        if kind == "series":
            return frame["values"].rename(self.read(form["name"]))
        if kind == "index":
            return pd.Index(frame["values"]).rename(self.read(form["name"]))
        raise ValueError(f"no object is written as {kind!r}")


def _missing(name: str) -> Any:
    return {"NA": pd.NA, "NaT": pd.NaT}[name]


_SMALL: dict[str, Callable[[str], Any]] = {
    "float": float, "path": Path, "timestamp": pd.Timestamp, "datetime": datetime.fromisoformat,
    "date": date.fromisoformat, "missing": _missing,
}  # fmt: skip
_GROUPS: dict[str, Callable[[list[Any]], Any]] = {"tuple": tuple, "set": set, "frozenset": frozenset}
