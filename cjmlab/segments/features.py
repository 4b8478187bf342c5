"""From customer rows to the numbers that models read: mixed blocks for latent class, one design for clusterers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.errors import TableError
from cjmlab.segments.columns import OTHER, ColumnPlan
from cjmlab.segments.reading import Codes, Floats, named_by_text, read_levels, read_numbers

ONE_HOT = 0.7
KNN_LIMIT = 3000


@dataclass(frozen=True)
class Mixed:
    """The rows as a mixed model reads them.

    Parameters
    ----------
    numbers : ndarray (n, g)
        z-scores with nan for missing answers.
    codes : ndarray (n, c)
        Level numbers with −1 for missing answers.
    levels : tuple of int
        Levels of each coded column.
    number_weights, code_weights : ndarray
        Factor of each column.
    """

    numbers: Floats
    codes: Codes
    levels: tuple[int, ...]
    number_weights: Floats
    code_weights: Floats

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: npt.NDArray[np.int64]) -> Mixed:
        """Return some of the rows, repeats allowed."""
        return replace(self, numbers=self.numbers[rows], codes=self.codes[rows])


@dataclass(frozen=True)
class FeatureSpace:
    """The active columns and how they become numbers.

    Parameters
    ----------
    plans : tuple of ColumnPlan
        Every column of the table, in order.
    centred : tuple of str
        Batteries that are row-centred.
    centres : mapping
        Column of a centred battery → (mean, scale) after centring.
    """

    plans: tuple[ColumnPlan, ...]
    centred: tuple[str, ...] = ()
    centres: Mapping[str, tuple[float, float]] | None = None

    @property
    def active(self) -> tuple[ColumnPlan, ...]:
        """The columns that form segments."""
        return tuple(plan for plan in self.plans if plan.role == "active")

    def raw(self, customers: pd.DataFrame) -> Floats:
        """Return the active columns as numbers: cleaned, limited, levels as numbers; nan where missing. (n, p)."""
        customers = named_by_text(customers)
        columns = [encode_column(plan, customers) for plan in self.active]
        return np.column_stack(columns) if columns else np.empty((len(customers), 0))

    def mixed(self, raw: Floats) -> Mixed:
        """Split cleaned rows in z-scores and level numbers, row-centring the batteries that ask for it."""
        numbers, codes, levels, number_weights, code_weights = [], [], [], [], []
        for plan, values in zip(self.active, self._scaled(raw).T, strict=True):
            if self._is_coded(plan):
                codes.append(np.where(np.isnan(values), -1, values).astype(np.int64))
                levels.append(len(plan.levels))
                code_weights.append(plan.weight)
            else:
                numbers.append(values)
                number_weights.append(plan.weight)
        rows = len(raw)
        return Mixed(
            np.column_stack(numbers) if numbers else np.empty((rows, 0)),
            np.column_stack(codes) if codes else np.empty((rows, 0), dtype=np.int64),
            tuple(levels), np.array(number_weights, dtype=float), np.array(code_weights, dtype=float),
        )  # fmt: skip

    def design(self, raw: Floats, *, impute: str = "mean") -> Floats:
        """Return one complete numeric matrix (n, d): z-scores and one-hot columns × .7, gaps filled.

        ``impute`` is ``"mean"`` (zero after the z-score) or ``"knn"`` (five nearest customers, up to 3,000 rows).
        """
        blocks = []
        for plan, values in zip(self.active, self._scaled(raw, ordinal_as_number=True).T, strict=True):
            if plan.kind == "nominal":
                blocks.append(_one_hot(values, plan) * ONE_HOT * plan.weight)
            else:
                blocks.append(values[:, None] * plan.weight)
        matrix = np.hstack(blocks) if blocks else np.empty((len(raw), 0))
        return _fill(matrix, impute)

    def column_names(self) -> list[str]:
        """Return the names of the columns of ``design``."""
        names: list[str] = []
        for plan in self.active:
            if plan.kind == "nominal":
                kept = plan.levels[:1] if len(plan.levels) == 2 else plan.levels
                names += [f"{plan.column}={level}" for level in kept]
            else:
                names.append(plan.column)
        return names

    def _is_coded(self, plan: ColumnPlan) -> bool:
        return bool(plan.levels) and plan.block not in self.centred

    def _scaled(self, raw: Floats, *, ordinal_as_number: bool = False) -> Floats:
        out = raw.copy()
        for battery in self.centred:
            places = [i for i, plan in enumerate(self.active) if plan.block == battery]
            block = raw[:, places]
            with np.errstate(invalid="ignore"):
                out[:, places] = block - _row_mean(block)[:, None]
        for i, plan in enumerate(self.active):
            if plan.block in self.centred and self.centres:
                mean, scale = self.centres[plan.column]
                out[:, i] = (out[:, i] - mean) / scale
            elif plan.kind == "nominal":
                continue
            elif plan.levels and not ordinal_as_number:
                steps = np.array([float(level) for level in plan.levels])
                nearest = np.abs(np.nan_to_num(raw[:, i])[:, None] - steps[None, :]).argmin(axis=1)
                out[:, i] = np.where(np.isnan(raw[:, i]), np.nan, nearest)
            else:
                out[:, i] = (raw[:, i] - plan.mean) / plan.scale
        return out


def encode_column(plan: ColumnPlan, customers: pd.DataFrame) -> Floats:
    """Return one column as numbers: level number of a nominal one, limited value of a number; nan where missing."""
    if plan.column not in customers.columns:
        return np.full(len(customers), np.nan)
    series = customers[plan.column]
    if plan.kind == "nominal":
        place = {level: float(i) for i, level in enumerate(plan.levels)}
        other = place.get(OTHER, np.nan)
        codes, levels = read_levels(series)
        table = np.array([*(place.get(level, other) for level in levels), np.nan])
        return np.asarray(table[codes], dtype=float)
    values = read_numbers(series)
    if plan.logged:
        values = np.log1p(np.maximum(values, 0))
    return np.asarray(np.clip(values, plan.low, plan.high), dtype=float)


def fit_space(plans: Sequence[ColumnPlan]) -> FeatureSpace:
    """Return the space of the active columns.

    Raises
    ------
    TableError
        When no column is left that could form segments.
    """
    space = FeatureSpace(tuple(plans))
    if not space.active:
        reasons = "; ".join(f"{plan.column}: {plan.note or plan.role}" for plan in plans) or "the table has only ids"
        raise TableError(
            "no column is left that could form segments",
            where="customers",
            example=reasons[:200],
            remedy="Give at least one column that differs between customers and is answered by most.",
        )
    return space


def centre_batteries(space: FeatureSpace, raw: Floats, batteries: Sequence[str]) -> FeatureSpace:
    """Return the space with some batteries row-centred; mean and scale after centring come from the rows."""
    centres = {}
    for battery in batteries:
        places = [i for i, plan in enumerate(space.active) if plan.block == battery]
        block = raw[:, places] - _row_mean(raw[:, places])[:, None]
        for place, values in zip(places, np.sort(block, axis=0).T, strict=True):
            centres[space.active[place].column] = (float(np.nanmean(values)), float(np.nanstd(values)) or 1.0)
    return replace(space, centred=tuple(batteries), centres=centres)


def _row_mean(block: Floats) -> Floats:
    counts = np.isfinite(block).sum(axis=1)
    sums = np.nansum(block, axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), 0.0)


def _one_hot(values: Floats, plan: ColumnPlan) -> Floats:
    known = ~np.isnan(values)
    out = np.tile(np.array(plan.shares), (len(values), 1))
    out[known] = 0.0
    out[known, values[known].astype(int)] = 1.0
    return out[:, :1] if len(plan.levels) == 2 else out


def _fill(matrix: Floats, impute: str) -> Floats:
    gaps = np.isnan(matrix)
    if not gaps.any():
        return matrix
    if impute == "knn" and len(matrix) <= KNN_LIMIT:
        from sklearn.impute import KNNImputer

        return np.asarray(KNNImputer(n_neighbors=5, keep_empty_features=True).fit_transform(matrix), dtype=float)
    return np.where(gaps, 0.0, matrix)
