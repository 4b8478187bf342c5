"""From a customer table to segments: the verb of this room."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError, TableError
from cjmlab.segments.columns import plan_columns
from cjmlab.segments.count import Count, count_segments
from cjmlab.segments.features import FeatureSpace, centre_batteries, fit_space
from cjmlab.segments.flags import flag_respondents
from cjmlab.segments.models import Labels
from cjmlab.segments.naming import name_segments, segment_key
from cjmlab.segments.partition import Fitted, fit_partition, partition_stability
from cjmlab.segments.profile import profile_segments
from cjmlab.segments.reading import Floats, open_customers
from cjmlab.segments.segmentation import Segmentation
from cjmlab.segments.stability import adjusted_rand
from cjmlab.segments.style import check_style, choose_centred
from cjmlab.segments.texts import Joined, join_texts
from cjmlab.segments.whole import pass_over_all
from cjmlab.study.charter import ColumnRoles
from cjmlab.tables import about

Progress = Callable[[str, float], None]
SAMPLE_ROWS = 20_000
PAIRWISE_ROWS = 5000


def segment_customers(
    customers: pd.DataFrame,
    *,
    features: Sequence[str] | None = None,
    passive: Sequence[str] | None = None,
    model: Any = None,
    n_segments: int | str = "auto",
    roles: ColumnRoles | None = None,
    weights: Mapping[str, float] | None = None,
    blocks: Mapping[str, Sequence[str]] | None = None,
    texts: pd.DataFrame | None = None,
    text_weight: float = 0.0,
    style: str = "auto",
    duration: str | None = None,
    largest: int = 8,
    count: Count | None = None,
    n_null: int = 20,
    n_boot: int = 20,
    n_starts: int = 16,
    random_state: int = 0,
    progress: Progress | None = None,
) -> Segmentation:
    """Find segments of customers, or say that there are none.

    Parameters
    ----------
    customers : DataFrame
        One row a customer: ``customer_id`` and any columns. Roles declared in a study come with the table.
    features : sequence of str, optional
        Columns that may form segments; default: those declared active, else every usable column.
    passive : sequence of str, optional
        Columns that only describe segments; default: those declared passive.
    model : estimator, optional
        Any scikit-learn clusterer, mixture or Pipeline (cloned, ``fit_predict``). It is given a matrix: numbers
        standardised, levels as 0 and 1, gaps filled; for labels of a model that chooses columns by name see
        ``Segmentation.from_column``. Default: mixed latent class, with k-means beside it.
    n_segments : int or "auto"
        ``"auto"`` tests homogeneity first and may answer 1; an estimator keeps the number that it was made with. A
        number is handed to the estimator, where it takes one.
    roles : ColumnRoles, optional
        Roles of the columns, in place of those that come with the table.
    weights, blocks : mapping, optional
        Factor of a column; blocks of columns that weigh 1 / √(their number) each.
    texts : DataFrame, optional
        A feedback table: up to five components of what each customer wrote join the columns; see ``text_block``.
    text_weight : float
        0: the components only describe segments. Above: they form segments too, as one block of this weight.
    style : str
        ``"auto"`` row-centres a declared battery when it has reverse keys and a response style, ``"centre"`` every
        declared battery, ``"keep"`` none.
    duration : str, optional
        Column with the time that a customer took to answer; under a third of the median counts as speeding.
    largest : int
        Largest number that ``"auto"`` tries.
    count : Count, optional
        The ``count`` of an earlier call on the same columns, to save the time of the test.
    n_null : int
        Data sets without segments for the homogeneity test; 0 leaves the test out, where number or model are given.
    n_boot : int
        Bootstrap samples for the stability of each segment.
    n_starts : int
        Random starts of the latent class model.
    random_state : int
        Seed; the same table in any row order gives the same segments.
    progress : callable, optional
        Called with the name of a step and the share of it that is done.

    Returns
    -------
    Segmentation

    Raises
    ------
    TableError
        When the table has no usable column, one customer only, or repeated ids.
    CjmError
        When a setting cannot be used, or the estimator refuses the customers.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> kind = np.repeat([0, 1], 60)
    >>> table = pd.DataFrame({"customer_id": [f"c{i}" for i in range(120)], "visits": rng.normal(5 + 6 * kind, 1.0),
    ...                       "basket": rng.normal(80 - 40 * kind, 5.0), "hour": rng.normal(9 + 8 * kind, 1.0)})
    >>> segments = segment_customers(table)
    >>> segments.n_segments, segments.summary["n"].tolist()
    (2, [60, 60])
    """
    import sklearn.cluster  # noqa: F401  its thread pool must be there before it can be limited
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    customers = open_customers(customers)
    _check_request(customers, n_segments, n_null, model)
    said = about(customers)
    declared = roles or (said if isinstance(said, ColumnRoles) else ColumnRoles())
    if passive is not None:
        declared = replace(declared, passive=tuple(passive))
    with threadpool_limits(limits=1):
        asked = Joined(customers, declared, features, blocks, weights)
        if texts is not None:
            asked = join_texts(asked, texts, weight=text_weight, random_state=random_state)
        plans = plan_columns(
            asked.customers, features=asked.features, roles=asked.roles, weights=asked.weights, blocks=asked.blocks
        )
        request = _Request(
            asked.roles, asked.components, model, n_segments, check_style(style), largest, count, n_null, n_boot, n_starts, random_state,
            progress,
        )  # fmt: skip
        flags = flag_respondents(asked.customers, asked.roles, duration)
        return _segment(asked.customers, fit_space(plans), request, flags)


@dataclass(frozen=True)
class _Request:
    roles: ColumnRoles
    components: tuple[str, ...]
    model: Any
    n_segments: int | str
    style: str
    largest: int
    count: Count | None
    n_null: int
    n_boot: int
    n_starts: int
    random_state: int
    progress: Progress | None


def _segment(customers: pd.DataFrame, space: FeatureSpace, request: _Request, flags: pd.DataFrame) -> Segmentation:
    seed = request.random_state
    raw = space.raw(customers)
    _check_differences(raw)
    order = content_order(raw)
    raw = raw[order]
    seen = raw[: _rows_seen(request.model, len(raw))]
    centred, notes = choose_centred(space, seen, style=request.style, random_state=seed)
    plain, space = space, centre_batteries(space, seen, centred)
    count = request.count or count_segments(
        space, seen, largest=request.largest, n_null=request.n_null, random_state=seed, progress=request.progress
    )
    fitted = _fit(space, seen, count, request)
    jaccard, boot_ari = partition_stability(
        space, seen, fitted, model=request.model, n_boot=request.n_boot, random_state=seed, progress=request.progress
    )
    notes += (
        fitted.notes
        + _style_notes(plain, space, seen, fitted, request)
        + _size_notes(raw, len(seen), space, count, flags)
    )
    if len(raw) > len(seen):
        fitted = pass_over_all(space, raw, fitted)
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    assigned, posterior = fitted.assigned[back], fitted.posterior[back]
    names = [str(k + 1) for k in range(fitted.n_segments)]
    naming = [plan for plan in space.plans if plan.column not in request.components]
    profile = profile_segments(customers, assigned, names, naming)
    labels = {segment_key(label, request.roles): label for label in name_segments(profile, names, request.roles)}
    return Segmentation(
        customers, space, request.roles, assigned, posterior, labels, fitted.mixture, count, fitted.method,
        agreement=fitted.agreement, jaccard=jaccard, boot_ari=boot_ari, notes=notes, flags=flags,
        estimator=fitted.estimator,
    )  # fmt: skip


def _rows_seen(model: Any, rows: int) -> int:
    """Return how many customers a model is fitted to; one that cannot predict compares all pairs, as a rule."""
    return PAIRWISE_ROWS if rows > SAMPLE_ROWS and model is not None and not hasattr(model, "predict") else SAMPLE_ROWS


def _fit(space: FeatureSpace, raw: Floats, count: Count, request: _Request) -> Fitted:
    number = count.n_segments if request.n_segments == "auto" else int(request.n_segments)
    if request.model is not None and request.n_segments == "auto":
        number = 0  # the estimator keeps its own
    return fit_partition(
        space, raw, number, model=request.model, n_starts=request.n_starts, random_state=request.random_state
    )


def _style_notes(
    plain: FeatureSpace, space: FeatureSpace, raw: Floats, fitted: Fitted, request: _Request
) -> tuple[str, ...]:
    """Fit the batteries the other way round as well, and say when that changes the segments."""
    batteries = tuple(dict.fromkeys(plan.block for plan in plain.active if plan.block))
    if request.style != "auto" or not batteries or fitted.n_segments < 2 or request.model is not None:
        return ()
    other = plain if space.centred else centre_batteries(plain, raw, batteries)
    second = fit_partition(other, raw, fitted.n_segments, random_state=request.random_state)
    agreement = adjusted_rand(fitted.assigned, second.assigned)
    ways = ("with", "without") if space.centred else ("without", "with")
    text = f"Segments {ways[0]} row-centring agree with those {ways[1]} it with ARI {agreement:.2f}"
    if agreement >= 0.7:
        return (text + ".",)
    return (f"{text}: decide whether the level of the answers is content (style='keep') or habit (style='centre').",)


def _size_notes(raw: Floats, seen: int, space: FeatureSpace, count: Count, flags: pd.DataFrame) -> tuple[str, ...]:
    notes = []
    n, p = len(raw), len(space.active)
    if n > seen:
        notes.append(
            f"The model comes from a random sample of {seen:,} of {n:,} customers (of them the null from 1,500, "
            "the number and the stability of segments from 5,000), followed by one pass over all."
        )
    if n < 70 * p:
        notes.append(f"{n} customers for {p} active columns: 70 a column ({70 * p:,}) are advised; segments may shift.")
    votes = sorted(set(count.votes.values()))
    if count.rejected and len(votes) > 1:
        notes.append(f"The criteria ask for {votes[0]} to {votes[-1]} segments: read {count.n_segments} as 'at least'.")
    for column, word in (("straightliner", "answer every item of a battery alike"), ("speeder", "answer too fast")):
        flagged = int(flags[column].sum())
        if flagged:
            notes.append(f"{flagged} of {n:,} customers {word}; they are kept and flagged.")
    return tuple(notes)


def content_order(raw: Floats) -> Labels:
    """Order rows by a hash of what they hold: the same for any row order and any ids."""
    keys = pd.util.hash_pandas_object(pd.DataFrame(np.where(np.isnan(raw), -9.5e8, raw)), index=False).to_numpy()
    return np.asarray(np.argsort(keys, kind="stable"), dtype=np.int64)


def _check_request(customers: pd.DataFrame, n_segments: int | str, n_null: int, model: Any) -> None:
    if len(customers) < 2:
        raise TableError(
            f"{len(customers)} customer cannot be segmented", where="customers",
            remedy="Give a table with one row a customer, 30 customers or more.",
        )  # fmt: skip
    whole = isinstance(n_segments, (int, np.integer)) and not isinstance(n_segments, bool)
    if n_segments != "auto" and not (whole and 1 <= int(n_segments) <= len(customers)):
        raise CjmError(
            f"{n_segments!r} is not a number of segments", where="n_segments",
            remedy=f"Write 'auto' or a whole number from 1 to {len(customers)}.",
        )  # fmt: skip
    if n_null < (0 if whole or model is not None else 2) or n_null == 1:
        raise CjmError(
            f"{n_null} data sets without segments cannot test for homogeneity", where="n_null",
            remedy="Take 20; or 0 together with a number of segments.",
        )  # fmt: skip


def _check_differences(raw: Floats) -> None:
    same = (raw == raw[0]) | (np.isnan(raw) & np.isnan(raw[0]))
    if bool(same.all()):
        raise TableError(
            f"all {len(raw)} customers have the same answers in the active columns", where="customers",
            remedy="Give columns in which customers differ.",
        )  # fmt: skip
