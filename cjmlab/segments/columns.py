"""What each column of a customer table is, and what is done with it: the plan that the report prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.study.charter import ColumnRoles

KINDS = ("numeric", "ordinal", "nominal")
MAX_MISSING = 0.40
MAX_LEVELS = 12
OTHER = "(other)"
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ColumnPlan:
    """What one column is and what was done to it.

    Parameters
    ----------
    column : str
        Name in the table.
    kind : str
        numeric, ordinal or nominal; empty when it cannot be used.
    role : str
        active (forms segments), passive (describes them) or left out.
    block : str
        Battery or block that it belongs to.
    levels : tuple of str
        Values of a nominal or ordinal column, in order.
    shares : tuple of float
        Share of each level among the answers.
    missing : float
        Share of customers without a usable answer.
    logged : bool
        Whether log(1 + x) was taken.
    low, high : float
        Limits of the winsorising, after the logarithm.
    mean, scale : float
        Of the z-score, after the limits.
    weight : float
        Factor on the column.
    note : str
        What was done and why, in words.
    """

    column: str
    kind: str
    role: str
    block: str = ""
    levels: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    missing: float = 0.0
    logged: bool = False
    low: float = -np.inf
    high: float = np.inf
    mean: float = 0.0
    scale: float = 1.0
    weight: float = 1.0
    note: str = ""

    def left_out(self, note: str) -> ColumnPlan:
        """Return the plan with the column left out and the reason."""
        return replace(self, role="left out", note=note)


def read_numbers(series: pd.Series) -> Floats:
    """Return a column as numbers; infinite and unreadable values are missing.

    Examples
    --------
    >>> read_numbers(pd.Series(["1", "x", None, float("inf")])).tolist()
    [1.0, nan, nan, nan]
    """
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(object)
    if pd.api.types.is_datetime64_any_dtype(series):
        days = pd.to_datetime(series, utc=True)
        values = ((days - pd.Timestamp("1970-01-01", tz="UTC")) / pd.Timedelta(days=1)).to_numpy(dtype=float)
    else:
        values = pd.to_numeric(series, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def read_levels(series: pd.Series) -> npt.NDArray[np.object_]:
    """Return a column as text levels with None where missing; 1.0 and 1 are the same level.

    Examples
    --------
    >>> read_levels(pd.Series([1.0, 2, " yes ", None, ""])).tolist()
    ['1', '2', 'yes', None, None]
    """
    codes, uniques = pd.factorize(series, use_na_sentinel=True)
    texts = np.array([*(_level(value) for value in uniques), None], dtype=object)
    return np.asarray(texts[codes], dtype=object)


def _level(value: object) -> str | None:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)):
        if not np.isfinite(value):
            return None
        if float(value).is_integer():
            return str(int(value))
    text = str(value).strip()
    return text or None


def plan_columns(
    customers: pd.DataFrame,
    *,
    features: Sequence[str] | None = None,
    roles: ColumnRoles | None = None,
    weights: Mapping[str, float] | None = None,
    blocks: Mapping[str, Sequence[str]] | None = None,
) -> tuple[ColumnPlan, ...]:
    """Decide kind and role of every column of a customer table.

    Parameters
    ----------
    customers : DataFrame
        One row a customer.
    features : sequence of str, optional
        The active columns; it goes before the roles of the table.
    roles : ColumnRoles, optional
        Declared roles and kinds. What is not declared is inferred and said in the note.
    weights : mapping, optional
        Column → factor (1 is neutral).
    blocks : mapping, optional
        Block → columns; each block weighs 1 / √(its columns), so that a large block does not outvote a small one.

    Returns
    -------
    tuple of ColumnPlan
        In the order of the table.

    Raises
    ------
    TableError
        When a named column is not in the table.

    Examples
    --------
    >>> table = pd.DataFrame({"customer_id": list("abcd"), "spend": [1.5, 20.25, 3.5, 7.0], "city": list("xxyy")})
    >>> [(plan.column, plan.kind, plan.role) for plan in plan_columns(table)]
    [('spend', 'numeric', 'active'), ('city', 'nominal', 'active')]
    """
    roles = roles or ColumnRoles()
    _check_names(customers, features, roles, weights, blocks)
    active = tuple(features) if features is not None else roles.active
    factor = _factors(weights, blocks)
    plans = []
    for column in customers.columns:
        name = str(column)
        if name == "customer_id":
            continue
        declared = next((kind for kind in KINDS if name in getattr(roles, kind)), "")
        plan = describe_column(customers[column], declared)
        block = next((b for b, members in roles.batteries.items() if name in members), "")
        if block and plan.role != "left out" and not declared:
            plan = describe_column(customers[column], "ordinal")
        role = _role(name, active, roles, plan)
        plan = replace(plan, block=block, role=role, weight=factor.get(name, 1.0))
        if plan.role == "active" and plan.missing > MAX_MISSING:
            plan = replace(plan, role="passive", note=f"{plan.missing:.0%} missing: left out of the active set")
        plans.append(plan)
    return tuple(plans)


def _role(name: str, active: Sequence[str], roles: ColumnRoles, plan: ColumnPlan) -> str:
    if plan.role == "left out":
        return "left out"
    if name in active:
        return "active"
    if name in roles.passive:
        return "passive"
    return "left out" if active else "active"


def _factors(weights: Mapping[str, float] | None, blocks: Mapping[str, Sequence[str]] | None) -> dict[str, float]:
    factor = {name: 1.0 / np.sqrt(len(members)) for members in (blocks or {}).values() for name in members}
    for name, value in (weights or {}).items():
        factor[name] = factor.get(name, 1.0) * float(value)
    return factor


def _check_names(
    customers: pd.DataFrame,
    features: Sequence[str] | None,
    roles: ColumnRoles,
    weights: Mapping[str, float] | None,
    blocks: Mapping[str, Sequence[str]] | None,
) -> None:
    named = {
        "features": features or (), "active": roles.active, "passive": roles.passive, "nominal": roles.nominal,
        "ordinal": roles.ordinal, "numeric": roles.numeric, "weights": tuple(weights or ()),
        "batteries": [c for members in roles.batteries.values() for c in members],
        "blocks": [c for members in (blocks or {}).values() for c in members],
    }  # fmt: skip
    present = [str(column) for column in customers.columns]
    for option, columns in named.items():
        for column in columns:
            if column not in present:
                raise TableError(
                    f"{column!r} is not a column of the customer table",
                    where=option,
                    remedy=did_you_mean(column, present),
                )


def describe_column(series: pd.Series, declared: str = "") -> ColumnPlan:
    """Describe one column: its kind, its levels or its transformation, its missing share.

    Examples
    --------
    >>> describe_column(pd.Series([3, 3, 3, 3], name="wave")).note
    'constant: says nothing about segments'
    """
    name, total = str(series.name), max(len(series), 1)
    numbers = read_numbers(series)
    levels = read_levels(series)
    known = np.array([level is not None for level in levels], dtype=bool)
    kind = declared or _guess_kind(series, numbers, levels, known)
    usable = known if kind == "nominal" else np.isfinite(numbers)
    plan = ColumnPlan(name, kind, "active", missing=float(1 - usable.sum() / total))
    if not usable.any():
        return plan.left_out("no usable value")
    if kind == "":
        return plan.left_out("looks like an id or free text: declare it nominal to use it")
    distinct = set(levels[usable]) if kind == "nominal" else set(numbers[usable].tolist())
    if len(distinct) < 2:
        return plan.left_out("constant: says nothing about segments")
    said = "declared" if declared else "inferred"
    if kind == "nominal":
        return _plan_nominal(plan, levels, usable, said)
    infinite = (
        int(np.isinf(pd.to_numeric(series, errors="coerce").to_numpy(dtype=float, na_value=np.nan)).sum())
        if not pd.api.types.is_datetime64_any_dtype(series)
        else 0
    )
    plan = _plan_numeric(plan, numbers, said)
    return replace(plan, note=plan.note + f"; {infinite} infinite as missing") if infinite else plan


def _guess_kind(
    series: pd.Series, numbers: Floats, levels: npt.NDArray[np.object_], known: npt.NDArray[np.bool_]
) -> str:
    if not known.any():
        return "numeric"
    if pd.api.types.is_bool_dtype(series):
        return "nominal"
    if pd.api.types.is_datetime64_any_dtype(series):
        return "numeric"
    readable = np.isfinite(numbers) | np.array([str(level) in ("inf", "-inf") for level in levels])
    if readable[known].mean() < 0.95:
        count = len(set(levels[known]))
        return "" if count > max(MAX_LEVELS, 0.2 * known.sum()) else "nominal"
    values = np.unique(numbers[np.isfinite(numbers)])
    whole = bool(np.all(values == np.round(values)))
    if whole and 2 < len(values) == known.sum() > 20 and values[-1] - values[0] == len(values) - 1:
        return ""
    if len(values) == 2:
        return "nominal"
    return "ordinal" if whole and len(values) <= 11 and values[0] >= 0 and values[-1] <= 10 else "numeric"


def _plan_nominal(
    plan: ColumnPlan, levels: npt.NDArray[np.object_], usable: npt.NDArray[np.bool_], said: str
) -> ColumnPlan:
    counts = pd.Series(levels[usable]).value_counts()
    order = sorted(counts.index, key=lambda level: (-counts[level], level))
    floor = max(5, 0.02 * len(levels)) if len(order) > 2 else 0
    kept = [level for level in order if counts[level] >= floor][: MAX_LEVELS - 1]
    note = f"nominal ({said}), {len(order)} levels, one-hot × .7"
    if len(kept) < len(order):
        note += f"; {len(order) - len(kept)} rare levels pooled"
        kept.append(OTHER)
    if len(kept) < 2:
        return plan.left_out("no level is frequent enough")
    sizes = np.array([counts[level] if level in counts.index else 0 for level in kept], dtype=float)
    if kept[-1] == OTHER:
        sizes[-1] = counts.sum() - sizes[:-1].sum()
    return replace(plan, levels=tuple(kept), shares=tuple((sizes / sizes.sum()).tolist()), note=note)


def _plan_numeric(plan: ColumnPlan, numbers: Floats, said: str) -> ColumnPlan:
    values = np.sort(numbers[np.isfinite(numbers)])
    spread = values.std()
    skew = float(np.mean(((values - values.mean()) / spread) ** 3)) if spread > 0 else 0.0
    logged = plan.kind == "numeric" and skew > 1 and values.min() >= 0
    work = np.log1p(values) if logged else values
    low, high = np.quantile(work, [0.01, 0.99]) if plan.kind == "numeric" else (work.min(), work.max())
    if low == high:
        low, high = work.min(), work.max()
    work = np.clip(work, low, high)
    levels: tuple[str, ...] = ()
    distinct = np.unique(values)
    if plan.kind == "ordinal" and len(distinct) <= 7:
        levels = tuple(_level(value) or "" for value in distinct)
    note = f"{plan.kind} ({said}), "
    note += "log(1 + x), " if logged else ""
    note += "winsorised at 1 and 99 %, z-score" if plan.kind == "numeric" else f"{len(distinct)} steps, z-score"
    return replace(
        plan, levels=levels, logged=logged, low=float(low), high=float(high),
        mean=float(work.mean()), scale=float(work.std()) or 1.0, note=note,
    )  # fmt: skip
