"""What each column of a customer table is, and what is done with it: the plan that the report prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.segments.reading import Codes, Floats, level_text, parse_numbers, read_levels
from cjmlab.study.charter import ColumnRoles

KINDS = ("numeric", "ordinal", "nominal")
MAX_MISSING = 0.40
MAX_LEVELS = 12
OTHER = "(other)"


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
        block = next((b for b, members in roles.batteries.items() if name in members), "")
        plan = describe_column(customers[column], declared or ("ordinal" if block else ""))
        role = _role(name, active, roles, plan, chosen=features is not None)
        plan = replace(plan, block=block, role=role, weight=factor.get(name, 1.0))
        if plan.role == "active" and plan.missing > MAX_MISSING:
            plan = replace(plan, role="passive", note=f"{plan.missing:.0%} missing: left out of the active set")
        plans.append(plan)
    return tuple(plans)


def _role(name: str, active: Sequence[str], roles: ColumnRoles, plan: ColumnPlan, *, chosen: bool) -> str:
    if plan.role == "left out":
        return "left out"
    if name in active:
        return "active"
    if name in roles.passive:
        return "passive"
    return "left out" if active or chosen else "active"


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
    total = max(len(series), 1)
    values = parse_numbers(series)
    infinite = np.isinf(values)
    numbers = np.where(infinite, np.nan, values)
    kind = declared or _guess_kind(series, numbers, infinite)
    codes, levels = read_levels(series) if kind == "nominal" else (np.empty(0, dtype=np.int64), ())
    usable = codes >= 0 if kind == "nominal" else np.isfinite(numbers)
    plan = ColumnPlan(str(series.name), kind, "active", missing=float(1 - usable.sum() / total))
    if kind == "":
        return plan.left_out("looks like an id or free text: declare it nominal to use it")
    if not usable.any():
        return plan.left_out("no usable value")
    distinct = len(pd.unique(codes[usable] if kind == "nominal" else numbers[usable]))
    if distinct < 2:
        return plan.left_out("constant: says nothing about segments")
    said = "declared" if declared else "inferred"
    if kind == "nominal":
        return _plan_nominal(plan, codes, levels, said)
    plan = _plan_numeric(plan, numbers, said)
    count = int(infinite.sum())
    return replace(plan, note=plan.note + f"; {count} infinite as missing") if count else plan


def _guess_kind(series: pd.Series, numbers: Floats, infinite: npt.NDArray[np.bool_]) -> str:
    """Return the kind of a column nobody declared, empty for ids and free text."""
    if pd.api.types.is_bool_dtype(series):
        return "nominal"
    if pd.api.types.is_datetime64_any_dtype(series):
        return "numeric"
    codes, levels = (np.where(series.isna(), -1, 0), ()) if _is_number(series) else read_levels(series)
    known = codes >= 0
    if not known.any():
        return "numeric"
    if (np.isfinite(numbers) | infinite)[known].mean() < 0.95:
        return "" if len(levels) > max(MAX_LEVELS, 0.2 * known.sum()) else "nominal"
    values = np.sort(pd.unique(numbers[np.isfinite(numbers)]))
    if not len(values):
        return "numeric"
    whole = bool(np.all(values == np.round(values)))
    if whole and len(values) == known.sum() > 20 and values[-1] - values[0] == len(values) - 1:
        return ""
    if len(values) == 2:
        return "nominal"
    return "ordinal" if whole and len(values) <= 11 and values[0] >= 0 and values[-1] <= 10 else "numeric"


def _is_number(series: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(series))


def _plan_nominal(plan: ColumnPlan, codes: Codes, levels: tuple[str, ...], said: str) -> ColumnPlan:
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    order = sorted(np.flatnonzero(counts), key=lambda place: (-counts[place], levels[place]))
    floor = max(5, 0.02 * len(codes)) if len(order) > 2 else 0
    kept = [int(place) for place in order if counts[place] >= floor]
    kept = kept[: MAX_LEVELS - 1] if len(kept) > MAX_LEVELS or len(kept) < len(order) else kept
    names, sizes = [levels[place] for place in kept], [float(counts[place]) for place in kept]
    note = f"nominal ({said}), {len(order)} levels, one-hot × .7"
    if len(kept) < len(order):
        note += f"; {len(order) - len(kept)} rare levels pooled"
        names.append(OTHER)
        sizes.append(float(counts.sum() - sum(sizes)))
    if len(names) < 2:
        return plan.left_out("no level is frequent enough")
    shares = tuple(size / sum(sizes) for size in sizes)
    return replace(plan, levels=tuple(names), shares=shares, note=note)


def _plan_numeric(plan: ColumnPlan, numbers: Floats, said: str) -> ColumnPlan:
    values = np.sort(numbers[np.isfinite(numbers)])
    spread = values.std()
    z = (values - values.mean()) / (spread or 1.0)
    skew = float(np.mean(z * z * z))
    logged = plan.kind == "numeric" and skew > 1 and values.min() >= 0
    work = np.log1p(values) if logged else values
    low, high = np.quantile(work, [0.01, 0.99]) if plan.kind == "numeric" else (work[0], work[-1])
    if low == high:
        low, high = work[0], work[-1]
    work = np.clip(work, low, high)
    distinct = values[np.r_[True, values[1:] > values[:-1]]]
    steps = plan.kind == "ordinal" and len(distinct) <= 7
    note = f"{plan.kind} ({said}), " + ("log(1 + x), " if logged else "")
    note += "winsorised at 1 and 99 %, z-score" if plan.kind == "numeric" else f"{len(distinct)} steps"
    return replace(
        plan, levels=tuple(level_text(value) for value in distinct) if steps else (), logged=logged,
        low=float(low), high=float(high), mean=float(work.mean()), scale=float(work.std()) or 1.0, note=note,
    )  # fmt: skip
