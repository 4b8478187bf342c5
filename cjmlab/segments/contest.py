"""Several models on the same customers, side by side: sizes, stability, separation, and how far they agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.segments.fitting import segment_customers
from cjmlab.segments.segmentation import Segmentation
from cjmlab.segments.separation import within_and_silhouette
from cjmlab.segments.stability import adjusted_rand
from cjmlab.tables import Table

DEFAULT = "latent class"


@dataclass(frozen=True, eq=False)
class Contest:
    """What the models found (``about`` of the table of ``compare_models``).

    Parameters
    ----------
    segmentations : mapping
        Name → Segmentation.
    agreement : DataFrame
        Adjusted Rand index of every two models, names on both sides.
    """

    segmentations: Mapping[str, Segmentation]
    agreement: pd.DataFrame


def compare_models(
    customers: pd.DataFrame, models: Mapping[str, Any], *, n_segments: int | str = "auto", **settings: Any
) -> pd.DataFrame:
    """Segment the same customers by the default and by other models, and hold the results against each other.

    Parameters
    ----------
    customers : DataFrame
        One row a customer.
    models : mapping
        Name → scikit-learn estimator; ``None`` is the default, which is added when it is not among them.
    n_segments : int or "auto"
        A number goes to every model that takes one. ``"auto"`` tests for it once and hands the answer on, two at least.
    **settings
        Further settings of ``segment_customers``, the same for all.

    Returns
    -------
    Table
        One row a model: model, n_segments, smallest (share of the smallest segment), ari (with the default), boot_ari
        (median agreement with its own bootstrap refits), jaccard (of its least stable segment), silhouette (on the
        prepared columns), uncertain (share of members). A model that refuses the customers keeps its row, with the
        reason in ``refusal``. ``about`` is a ``Contest`` with the segmentations and the agreement of every two.

    Raises
    ------
    CjmError
        When there are no models, or the default refuses the customers.

    Examples
    --------
    >>> from sklearn.cluster import KMeans
    >>> kind = np.repeat([0, 1], 40)
    >>> table = pd.DataFrame({"customer_id": [f"c{i}" for i in range(80)], "visits": kind * 6 + np.arange(80) % 5,
    ...                       "basket": kind * 40 + np.arange(80) % 7})
    >>> compared = compare_models(table, {"k-means": KMeans()}, n_segments=2, n_boot=4)
    >>> compared[["model", "n_segments", "ari"]].values.tolist()
    [['latent class', 2, 1.0], ['k-means', 2, 1.0]]
    """
    if not models:
        raise CjmError("there is no model to compare with", where="models", remedy="Pass {'k-means': KMeans()}.")
    chosen = dict(models) if None in models.values() else {DEFAULT: None, **models}
    first = next(name for name, model in chosen.items() if model is None)
    ours = segment_customers(customers, n_segments=n_segments, **settings)
    number = max(ours.n_segments, 2) if n_segments == "auto" else n_segments
    found, refused = {first: ours}, {}
    for name, model in chosen.items():
        if model is None:
            continue
        try:
            found[name] = _segment(customers, model, number, {**settings, "count": ours.count})
        except CjmError as refusal:
            refused[name] = str(refusal)
    rows = [_row(name, found.get(name), ours, refused.get(name)) for name in chosen]
    table = pd.DataFrame(rows).sort_values("model", key=lambda names: names != first, kind="stable")
    return Table.of(table.reset_index(drop=True), Contest(found, _agreement(found)))


def _segment(customers: pd.DataFrame, model: Any, number: int | str, settings: Mapping[str, Any]) -> Segmentation:
    from cjmlab.segments.partition import check_estimator, number_setting

    check_estimator(model)
    asked = number if number_setting(model) else "auto"
    return segment_customers(customers, model=model, n_segments=asked, **settings)


def _row(name: str, found: Segmentation | None, ours: Segmentation, refusal: str | None) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(
        ("n_segments", "smallest", "ari", "boot_ari", "jaccard", "silhouette", "uncertain"), np.nan
    )
    if found is None:
        return {"model": name, **row, "refusal": refusal}
    design = found.space.design(found.space.raw(found.customers))
    jaccard = found.jaccard["jaccard"] if len(found.jaccard) else pd.Series(dtype=float)
    return {
        "model": name, "n_segments": found.n_segments, "smallest": float(found.summary["share"].min()),
        "ari": adjusted_rand(ours.assigned, found.assigned),
        "boot_ari": float(np.median(found.boot_ari)) if len(found.boot_ari) else np.nan,
        "jaccard": float(jaccard.min()) if len(jaccard) else np.nan,
        "silhouette": float(within_and_silhouette(design, [found.assigned])[0, 1]) if found.n_segments > 1 else np.nan,
        "uncertain": float(found.members["unclassified"].mean()), "refusal": None,
    }  # fmt: skip


def _agreement(found: Mapping[str, Segmentation]) -> pd.DataFrame:
    names = list(found)
    values = [[adjusted_rand(found[a].assigned, found[b].assigned) for b in names] for a in names]
    return pd.DataFrame(values, index=pd.Index(names, name="model"), columns=names)
