"""Journey types: a mixture of first-order Markov chains, with certainty, and none when there is one kind of journey."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.journeys.logs import collapse
from cjmlab.journeys.ordering import Columns, sort_events
from cjmlab.journeys.paths import read_paths
from cjmlab.tables import Table

if TYPE_CHECKING:
    from cjmlab.study.charter import Study

Floats = NDArray[np.float64]
_PRIOR = 0.5


@dataclass(frozen=True, eq=False)
class JourneyTypes:
    """What the types are (``about`` of the table of ``journey_types``).

    ``transitions``: type, from, to, share. ``fits``: number of types, log-likelihood, BIC. ``sizes``: type, customers,
    share, typical (mean certainty). ``verdict``: a sentence. ``posterior``: certainty of every type (customers, types).
    """

    transitions: pd.DataFrame
    fits: pd.DataFrame
    sizes: pd.DataFrame
    verdict: str
    posterior: Floats


def journey_types(
    source: Any, *, study: Study | None = None, level: str = "stage", n_types: int | str = "auto", most: int = 6,
    seed: int = 0, starts: int = 6,
) -> pd.DataFrame:  # fmt: skip
    """Sort journeys into types by how one step follows another.

    A mixture of first-order Markov chains, fitted by EM from seeds that group the steps people take; the number of
    types has the lowest BIC. One type is an answer.

    Parameters
    ----------
    source : table
        Events or scored interviews, as in ``trace_paths``.
    level : str
        What a step is. Staying in a stage or channel is one step.
    n_types : int or "auto"
        How many types.
    most : int
        The most types that are tried.
    seed, starts : int
        Seed and number of starts.

    Returns
    -------
    Table
        ``customer_id``, ``type`` (1 is the largest), ``certainty`` (0 to 1), ``steps``. Its ``about`` is a
        ``JourneyTypes``.

    Examples
    --------
    >>> log = pd.DataFrame({"customer_id": list("aabb"), "time": pd.to_datetime(["2026-01-01", "2026-01-02"] * 2),
    ...     "touchpoint": ["search", "checkout"] * 2})
    >>> journey_types(log, level="touchpoint").about.verdict
    'One kind of journey: 2 journeys show no evidence of several types.'
    """
    columns, names, people = read_paths(source, level, None, study)
    counts, steps = count_steps(collapse(columns, level), len(people))
    sizes = [1, *range(2, most + 1)] if n_types == "auto" else [int(n_types)]
    fits: dict[int, tuple[Floats, Floats, float]] = {}
    rows = []
    for k in sizes:
        if len(people) < (10 * k if k > 1 else 1):
            break
        fits[k] = fit_types(counts, k, seed=seed, starts=starts)
        rows.append((k, fits[k][2], -2 * fits[k][2] + _free(counts, k) * np.log(max(len(people), 2))))
        if n_types == "auto" and len(rows) > 2 and rows[-1][2] > rows[-2][2] > rows[-3][2]:
            break
    table = pd.DataFrame(rows, columns=["types", "log_likelihood", "bic"])
    k = int(table["types"].iloc[int(table["bic"].round(6).argmin())]) if rows else 1
    posterior = fits[k][0] if k in fits else np.ones((len(people), 1))
    order = np.lexsort((np.arange(k), -np.bincount(posterior.argmax(axis=1), minlength=k)))
    posterior = posterior[:, order]
    kind = posterior.argmax(axis=1)
    result = pd.DataFrame({"customer_id": people, "type": kind + 1, "certainty": posterior.max(axis=1).round(6),
                           "steps": steps})  # fmt: skip
    shown = fits[k][1][order] if k in fits else np.zeros((1, counts.shape[1]))
    nodes = [*names.touchpoints, "start", "end"]
    return Table.of(result, JourneyTypes(_rows(shown, nodes), table, _sizes(result), _verdict(result, k), posterior))


def count_steps(columns: Columns, people: int) -> tuple[Any, NDArray[np.int64]]:
    """Count each customer's steps: a sparse matrix (customers, nodes²) with start and end, and the lengths."""
    from scipy.sparse import csr_matrix

    order, customer, _ = sort_events(columns)
    point = columns.touchpoint[order].astype(np.int64)
    side = columns.sizes[1] + 2
    if not len(point):
        return csr_matrix((people, side * side)), np.zeros(people, dtype=np.int64)
    first = np.concatenate([[True], customer[1:] != customer[:-1]])
    last = np.concatenate([first[1:], [True]])
    before = np.where(first, side - 2, np.concatenate([[0], point[:-1]]))
    rows = np.concatenate([customer, customer[last]])
    codes = np.concatenate([before * side + point, point[last] * side + side - 1])
    counts = csr_matrix((np.ones(len(rows)), (rows, codes)), shape=(people, side * side))
    counts.sum_duplicates()
    return counts, np.bincount(customer, minlength=people)


def fit_types(counts: Any, k: int, *, seed: int = 0, starts: int = 6, steps: int = 200) -> tuple[Floats, Floats, float]:
    """Fit a mixture of k chains by EM.

    Parameters
    ----------
    counts : sparse matrix (customers, nodes²)
        Steps of each customer.

    Returns
    -------
    tuple of array (customers, k), array (k, nodes²) and float
        Certainties, transition shares, and the log-likelihood of the best start.
    """
    rng = np.random.default_rng([seed, k])
    best: tuple[Floats, Floats, float] | None = None
    for start in range(starts if k > 1 else 1):
        posterior = _seed(counts, k, rng, start)
        before = -np.inf
        for _ in range(steps):
            chains, weight = _maximise(counts, posterior)
            logs = counts @ np.log(chains).T + np.log(weight)
            top = logs.max(axis=1, keepdims=True)
            likelihood = float((top[:, 0] + np.log(np.exp(logs - top).sum(axis=1))).sum())
            posterior = np.exp(logs - top)
            posterior /= posterior.sum(axis=1, keepdims=True)
            if likelihood - before < 1e-6 * abs(likelihood):
                break
            before = likelihood
        if best is None or likelihood > best[2] + 1e-6:
            best = posterior, chains, likelihood
    assert best is not None
    return best


def _seed(counts: Any, k: int, rng: np.random.Generator, start: int) -> Floats:
    n = counts.shape[0]
    if k == 1:
        return np.ones((n, 1))
    if start < 3:
        from sklearn.cluster import KMeans
        from sklearn.preprocessing import normalize

        used = normalize(counts.sqrt())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # fewer distinct journeys than types: fewer seeds
            label = KMeans(k, n_init=1, max_iter=30, random_state=int(rng.integers(2**31))).fit_predict(used)
    else:
        label = rng.integers(0, k, n)
    posterior = np.full((n, k), 0.1 / k)
    posterior[np.arange(n), label] += 0.9
    return posterior


def _maximise(counts: Any, posterior: Floats) -> tuple[Floats, Floats]:
    side = round(np.sqrt(counts.shape[1]))
    total = np.asarray(counts.sum(axis=0)).reshape(side, side)
    prior = (total + 1e-3) / (total + 1e-3).sum(axis=1, keepdims=True)
    sums = np.asarray((counts.T @ posterior).T).reshape(-1, side, side) + _PRIOR * prior
    chains = sums / sums.sum(axis=2, keepdims=True)
    return chains.reshape(len(chains), -1), posterior.mean(axis=0) + 1e-12


def _free(counts: Any, k: int) -> int:
    """Return the number of free parameters: what can follow each node that is ever left, and the sizes."""
    side = round(np.sqrt(counts.shape[1]))
    seen = np.asarray(counts.sum(axis=0)).reshape(side, side) > 0
    return k * int(np.maximum(seen.sum(axis=1) - 1, 0).sum()) + k - 1


def _rows(chains: Floats, nodes: list[str]) -> pd.DataFrame:
    side = len(nodes)
    kind, start, end = np.nonzero(chains.reshape(-1, side, side) > 0.005)
    label = np.array(nodes, dtype=object)
    share = chains.reshape(-1, side, side)[kind, start, end]
    table = pd.DataFrame({"type": kind + 1, "from": label[start], "to": label[end], "share": share.round(6)})
    return table[table["from"].ne("end")].reset_index(drop=True)


def _sizes(result: pd.DataFrame) -> pd.DataFrame:
    table = result.groupby("type").agg(customers=("certainty", "size"), typical=("certainty", "mean")).reset_index()
    return table.assign(share=table["customers"] / max(len(result), 1))


def _verdict(result: pd.DataFrame, k: int) -> str:
    if not len(result):
        return "No journeys: nothing can be said of their types."
    if k == 1:
        return f"One kind of journey: {len(result)} journeys show no evidence of several types."
    middle, sure = float(result["steps"].median()), float(result["certainty"].mean())
    text = f"{k} types of journey; customers are placed with a mean certainty of {sure:.2f}."
    if middle < 8 and len(result) < 1000:
        text += f" Journeys are short (median {middle:.0f} steps) and few: single placements are not to be trusted."
    return text
