"""From a customer table to segments: the verb of this room."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError, TableError
from cjmlab.segments.columns import plan_columns
from cjmlab.segments.count import Count, count_segments
from cjmlab.segments.features import FeatureSpace, Mixed, centre_batteries, fit_space
from cjmlab.segments.flags import flag_respondents
from cjmlab.segments.models import Labels, refine_mixture
from cjmlab.segments.naming import name_segments, segment_key
from cjmlab.segments.partition import Fitted, fit_partition, partition_stability, size_order
from cjmlab.segments.profile import profile_segments
from cjmlab.segments.reading import Floats
from cjmlab.segments.segmentation import Segmentation
from cjmlab.segments.stability import adjusted_rand
from cjmlab.segments.style import check_style, choose_centred
from cjmlab.study.charter import ColumnRoles
from cjmlab.tables import about, check_table

Progress = Callable[[str, float], None]
SAMPLE_ROWS = 20_000
BATCH_ROWS = 100_000


def segment_customers(
    customers: pd.DataFrame,
    *,
    features: Sequence[str] | None = None,
    model: Any = None,
    n_segments: int | str = "auto",
    roles: ColumnRoles | None = None,
    weights: Mapping[str, float] | None = None,
    blocks: Mapping[str, Sequence[str]] | None = None,
    style: str = "auto",
    duration: str | None = None,
    largest: int = 8,
    n_null: int = 20,
    n_boot: int = 20,
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
    model : estimator, optional
        Any scikit-learn clusterer, mixture or Pipeline (cloned, ``fit_predict``). Default: mixed latent class, with
        k-means beside it.
    n_segments : int or "auto"
        ``"auto"`` tests homogeneity first and may answer 1.
    roles : ColumnRoles, optional
        Roles of the columns, in place of those that come with the table.
    weights, blocks : mapping, optional
        Factor of a column; blocks of columns that weigh 1 / √(their number) each.
    style : str
        ``"auto"`` row-centres a declared battery when it has reverse keys and a response style, ``"centre"`` every
        declared battery, ``"keep"`` none.
    duration : str, optional
        Column with the time that a customer took to answer; under a third of the median counts as speeding.
    largest : int
        Largest number that ``"auto"`` tries.
    n_null : int
        Data sets without segments for the homogeneity test.
    n_boot : int
        Bootstrap samples for the stability of each segment.
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

    check_table("customers", customers)
    _check_request(customers, n_segments)
    said = about(customers)
    request = _Request(
        roles or (said if isinstance(said, ColumnRoles) else ColumnRoles()), model, n_segments, check_style(style),
        largest, n_null, n_boot, random_state, progress,
    )  # fmt: skip
    plans = plan_columns(customers, features=features, roles=request.roles, weights=weights, blocks=blocks)
    with threadpool_limits(limits=1):
        return _segment(customers, fit_space(plans), request, flag_respondents(customers, request.roles, duration))


@dataclass(frozen=True)
class _Request:
    roles: ColumnRoles
    model: Any
    n_segments: int | str
    style: str
    largest: int
    n_null: int
    n_boot: int
    random_state: int
    progress: Progress | None


def _segment(customers: pd.DataFrame, space: FeatureSpace, request: _Request, flags: pd.DataFrame) -> Segmentation:
    seed = request.random_state
    raw = space.raw(customers)
    _check_differences(raw)
    order = content_order(raw)
    raw = raw[order]
    seen = raw[:SAMPLE_ROWS]
    centred, notes = choose_centred(space, seen, style=request.style, random_state=seed)
    plain, space = space, centre_batteries(space, seen, centred)
    count = count_segments(
        space, seen, largest=request.largest, n_null=request.n_null, random_state=seed, progress=request.progress
    )
    number = count.n_segments if request.n_segments == "auto" else int(request.n_segments)
    fitted = fit_partition(space, seen, number, model=request.model, random_state=seed)
    jaccard, boot_ari = partition_stability(
        space, seen, fitted, model=request.model, n_boot=request.n_boot, random_state=seed
    )
    notes += _style_notes(plain, space, seen, fitted, request) + _size_notes(raw, space, count, flags)
    if len(raw) > len(seen):
        fitted = _full_pass(space, raw, fitted)
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    assigned, posterior = fitted.assigned[back], fitted.posterior[back]
    names = [str(k + 1) for k in range(fitted.n_segments)]
    profile = profile_segments(customers, assigned, names, space.plans)
    labels = {segment_key(label, request.roles): label for label in name_segments(profile, names, request.roles)}
    return Segmentation(
        customers, space, request.roles, assigned, posterior, labels, fitted.mixture, count, fitted.method,
        agreement=fitted.agreement, jaccard=jaccard, boot_ari=boot_ari, notes=notes, flags=flags,
        estimator=fitted.estimator,
    )  # fmt: skip


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


def _size_notes(raw: Floats, space: FeatureSpace, count: Count, flags: pd.DataFrame) -> tuple[str, ...]:
    notes = []
    n, p = len(raw), len(space.active)
    if n > SAMPLE_ROWS:
        notes.append(
            f"Number and model come from a random sample of {SAMPLE_ROWS:,} of {n:,} customers (the null from 1,500 of "
            "them, stability from 5,000), followed by one pass over all."
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


def _full_pass(space: FeatureSpace, raw: Floats, fitted: Fitted) -> Fitted:
    """Carry a model from the sample to all customers: one EM step in batches, then assignment."""
    mixture = refine_mixture(_batches(space, raw), fitted.mixture)
    posterior = np.concatenate([mixture.posteriors(mixed) for mixed in _batches(space, raw)])
    assigned = np.asarray(posterior.argmax(axis=1), dtype=np.int64)
    if fitted.estimator is not None and hasattr(fitted.estimator, "predict"):
        assigned = _predict_estimator(space, raw, fitted, assigned)
    order = size_order(assigned, fitted.n_segments)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return replace(fitted, assigned=rank[assigned], posterior=posterior[:, order], mixture=mixture.permuted(order))


def _predict_estimator(space: FeatureSpace, raw: Floats, fitted: Fitted, fallback: Labels) -> Labels:
    """Assign by the estimator itself; its numbers are matched to ours on the sample."""
    found = np.concatenate(
        [
            np.asarray(fitted.estimator.predict(space.design(raw[start : start + BATCH_ROWS])))
            for start in range(0, len(raw), BATCH_ROWS)
        ]
    )
    sample = found[: len(fitted.assigned)]
    ours = {int(label): int(np.bincount(fitted.assigned[sample == label]).argmax()) for label in np.unique(sample)}
    return np.array([ours.get(int(label), int(other)) for label, other in zip(found, fallback, strict=True)])


def _batches(space: FeatureSpace, raw: Floats) -> Iterator[Mixed]:
    for start in range(0, len(raw), BATCH_ROWS):
        yield space.mixed(raw[start : start + BATCH_ROWS])


def content_order(raw: Floats) -> Labels:
    """Order rows by a hash of what they hold: the same for any row order and any ids."""
    keys = pd.util.hash_pandas_object(pd.DataFrame(np.where(np.isnan(raw), -9.5e8, raw)), index=False).to_numpy()
    return np.asarray(np.argsort(keys, kind="stable"), dtype=np.int64)


def _check_request(customers: pd.DataFrame, n_segments: int | str) -> None:
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


def _check_differences(raw: Floats) -> None:
    if len(np.unique(np.nan_to_num(raw, nan=-9.5e8), axis=0)) < 2:
        raise TableError(
            f"all {len(raw)} customers have the same answers in the active columns", where="customers",
            remedy="Give columns in which customers differ.",
        )  # fmt: skip
