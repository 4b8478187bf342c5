"""Segments from journeys: types of journey as a segmentation like any other, with certainty, stability and a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.errors import TableError
from cjmlab.journeys.logs import collapse
from cjmlab.journeys.paths import read_paths
from cjmlab.journeys.types import count_steps, fit_types, journey_types
from cjmlab.segments import Segmentation
from cjmlab.segments.count import Count
from cjmlab.segments.stability import clusterwise_jaccard
from cjmlab.tables import about
from cjmlab.vocabulary import LANGUAGES, Label

if TYPE_CHECKING:
    from cjmlab.study.charter import Study

METHOD = "Markov chains"
SHORT, FEW = 8, 1000
_WORDS: Mapping[str, tuple[str, str, str]] = {
    "en": ("{a} → {b}", "starts with {b}", "ends with {a}"),
    "zh-Hans": ("{a} → {b}", "始于{b}", "止于{a}"),
    "zh-Hant": ("{a} → {b}", "始於{b}", "止於{a}"),
    "ru": ("{a} → {b}", "начинает с: {b}", "заканчивает на: {a}"),
}


def segment_by_journeys(
    source: Any, *, customers: pd.DataFrame | None = None, study: Study | None = None, level: str = "stage",
    n_segments: int | str = "auto", largest: int = 6, n_boot: int = 20, random_state: int = 0,
) -> Segmentation:  # fmt: skip
    """Segment customers by how one step of their journey follows another.

    The types of ``journey_types`` (a mixture of first-order Markov chains, the number by BIC, one is an answer) as a
    ``Segmentation``: the same members, profile, personas and weights as segments of answers.

    Parameters
    ----------
    source : table
        Events or scored interviews, as in ``trace_paths``.
    customers : DataFrame, optional
        Describes the segments; default: the customers of the study, else ids only. Customers without a journey are
        left out, and counted in a note.
    study : Study, optional
        Gives the order and the names of stages and touchpoints.
    level : str
        What a step is: ``stage``, ``touchpoint``, ``channel`` or ``event``.
    n_segments : int or "auto"
        How many types.
    largest : int
        The most that ``"auto"`` tries.
    n_boot : int
        Bootstrap samples of journeys for the stability of each segment.
    random_state : int
        Seed.

    Returns
    -------
    Segmentation
        ``members`` has the certainty of each placement; short and few journeys (median under 8 steps and under 1,000
        customers) are said to be uncertain in the verdict.

    Raises
    ------
    TableError
        When no customer of the table has a journey.

    Examples
    --------
    >>> log = pd.DataFrame({"customer_id": np.repeat([f"c{i:02}" for i in range(60)], 6),
    ...     "time": pd.date_range("2026-01-01", periods=360, freq="h"),
    ...     "touchpoint": ["search", "cart"] * 90 + ["shop", "shop", "cart", "cart", "search", "search"] * 30})
    >>> found = segment_by_journeys(log, level="touchpoint", n_boot=5)
    >>> found.names, found.summary["n"].tolist()
    (('search → cart', 'cart → cart'), [30, 30])
    """
    if customers is None and study is not None:
        customers = study.customers
    types = journey_types(source, study=study, level=level, n_types=n_segments, most=largest, seed=random_state)
    ids = types["customer_id"].astype(str)
    table = _with_journeys(customers, ids)
    counts, nodes = _count(source, level, study)
    found: Any = about(types)
    labels = _name(counts, found.posterior, nodes, study)
    posterior = pd.DataFrame(found.posterior, index=ids, columns=list(labels))
    segments = Segmentation.from_posterior(table, posterior, labels)
    kept = ids.isin(set(table["customer_id"].astype(str))).to_numpy()
    order = pd.Index(ids[kept]).get_indexer(pd.Index(table["customer_id"].astype(str)))
    jaccard, agreement = _stability(counts[kept][order], segments.assigned, segments.n_segments, n_boot, random_state)
    fits = found.fits.rename(columns={"types": "n_segments"})
    count = Count(len(labels), fits, {"bic": len(labels)}, tested=False)
    said = found.verdict
    return replace(
        segments, method=METHOD, count=count, jaccard=jaccard, boot_ari=agreement, said=said,
        notes=_notes(customers, table, types, len(labels)),
    )  # fmt: skip


def _with_journeys(customers: pd.DataFrame | None, ids: pd.Series) -> pd.DataFrame:
    if customers is None:
        return pd.DataFrame({"customer_id": ids})
    table = customers[customers["customer_id"].astype(str).isin(set(ids))].reset_index(drop=True)
    if table.empty:
        raise TableError("no customer of the table has a journey", where="customers",
                         remedy="Do the ids of the customers and of the events agree?")  # fmt: skip
    return table


def _count(source: Any, level: str, study: Study | None) -> tuple[Any, list[str]]:
    columns, names, people = read_paths(source, level, None, study)
    return count_steps(collapse(columns, level), len(people))[0], [*names.touchpoints, "start", "end"]


def _name(counts: Any, posterior: NDArray[np.float64], nodes: list[str], study: Study | None) -> dict[str, Label]:
    """Name each type by the step that sets it most apart: the mean number a journey, against all other journeys."""
    if posterior.shape[1] == 1:
        from cjmlab.journeys.context import ALL_CUSTOMERS

        return {"1": ALL_CUSTOMERS}
    size = posterior.sum(axis=0)
    sums = np.asarray((counts.T @ posterior).T)
    rest = (sums.sum(axis=0) - sums) / np.maximum(size.sum() - size, 1e-9)[:, None]
    total = np.asarray(counts.sum(axis=0)).ravel() / counts.shape[0]
    apart = np.round((sums / np.maximum(size, 1e-9)[:, None] - rest) / np.sqrt(total + 1e-3), 9)
    taken: set[int] = set()
    labels = {}
    for place, row in enumerate(apart):
        step = next(int(each) for each in np.argsort(-row, kind="stable") if int(each) not in taken)
        taken.add(step)
        labels[str(place + 1)] = _step_label(nodes[step // len(nodes)], nodes[step % len(nodes)], study)
    return labels


def _step_label(start: str, end: str, study: Study | None) -> Label:
    a, b = _node_label(start, study), _node_label(end, study)
    kind = 1 if start == "start" else 2 if end == "end" else 0
    return Label(
        {language: _WORDS[language][kind].format(a=a.text(language), b=b.text(language)) for language in LANGUAGES}
    )


def _node_label(name: str, study: Study | None) -> Label:
    if study is not None:
        labels = {each.id: each.label for each in study.touchpoints} | {
            each.id: each.label for each in study.stage_model
        }
        if name in labels:
            return labels[name]
    return Label.of(name.replace("_", " "))


def _stability(
    counts: Any, assigned: NDArray[np.int64], number: int, n_boot: int, random_state: int
) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Return how well each type is found again in bootstrap samples of journeys."""
    if number < 2 or n_boot < 1:
        return pd.DataFrame(columns=["jaccard", "word"]), np.empty(0)

    def refit(rows: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
        posterior, chains, _ = fit_types(counts[rows], number, seed=seed, starts=2)
        joint = counts @ np.log(chains).T + np.log(posterior.mean(axis=0) + 1e-12)
        return np.asarray(joint.argmax(axis=1), dtype=np.int64)

    return clusterwise_jaccard(assigned, refit, n_boot=n_boot, random_state=random_state, count=number)


def _notes(customers: pd.DataFrame | None, table: pd.DataFrame, types: pd.DataFrame, number: int) -> tuple[str, ...]:
    notes = []
    if customers is not None and len(table) < len(customers):
        notes.append(f"{len(customers) - len(table):,} of {len(customers):,} customers have no journey: in no segment.")
    if len(table) < len(types):
        notes.append(f"{len(types) - len(table):,} journeys are of customers who are not in the table: left out.")
    middle = float(types["steps"].median()) if len(types) else 0.0
    if number > 1 and middle < SHORT and len(types) < FEW:
        notes.append(f"Journeys are short (median {middle:.0f} steps, {SHORT} are needed) and few ({len(types):,}, or "
                     f"{FEW:,} are): read the types, not single placements.")  # fmt: skip
    return tuple(notes)
