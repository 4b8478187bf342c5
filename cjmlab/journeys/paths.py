"""Paths: variants and transitions, from events or from what people told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.journeys.kernel import State
from cjmlab.journeys.logs import as_pandas, collapse, encode, run_kernel
from cjmlab.journeys.members import segment_of
from cjmlab.journeys.order import place_mentions
from cjmlab.journeys.ordering import Columns
from cjmlab.journeys.path_tables import Alphabet, finish
from cjmlab.journeys.store import EventStore
from cjmlab.tables import need_columns

if TYPE_CHECKING:
    from cjmlab.study.charter import Study


def tell_as_events(scored: pd.DataFrame) -> pd.DataFrame:
    """Return what people told as events: a mention is an event, its place in the document its time.

    The order of telling stands in for the order of living; ``stage_order`` says how far it can be trusted. A touchpoint
    mentioned twice in a row is one event.
    """
    said = scored[scored["touchpoint"].notna() & scored["customer_id"].notna()]
    if "role" in said:
        said = said[~said["role"].isin(["interviewer"])]
    if "document" in said and said["document"].notna().any():
        said = said[said["document"].notna()]
    said = said.assign(place=place_mentions(said)).sort_values(["customer_id", "place", "unit_id"])
    again = said["customer_id"].eq(said["customer_id"].shift()) & said["touchpoint"].eq(said["touchpoint"].shift())
    said = said[~again]
    order = said.groupby("customer_id").cumcount()
    return pd.DataFrame(
        {"event_id": said["unit_id"], "customer_id": said["customer_id"], "event": said["touchpoint"],
         "time": pd.Timestamp("2000-01-01", tz="UTC") + pd.to_timedelta(order, unit="min"),
         "touchpoint": said["touchpoint"], "stage": said["stage"], "sentiment": said.get("sentiment")}
    ).reset_index(drop=True)  # fmt: skip


def read_paths(source: Any, level: str, segments: Any, study: Study | None) -> tuple[Columns, Alphabet, pd.Index]:
    """Read events, or what people told, as codes."""
    table = as_pandas(source)
    need_columns("events", table, "customer_id")
    if "time" not in table or "unit_id" in table:
        table = tell_as_events(table)
    stages = study.stage_model.ids if study is not None else None
    return encode(table, level=level, segments=segment_of(segments), stages=stages)


def trace_paths(
    source: Any, *, segments: Any = None, study: Study | None = None, level: str = "touchpoint", top: int | None = 10,
    partitions: int = 1,
) -> pd.DataFrame:  # fmt: skip
    """Trace the paths that customers took, the commonest first.

    Parameters
    ----------
    source : table or path
        Events, scored interviews, whose order of telling is then the path, or the path of a Parquet file of events or of
        a store that ``store_events`` wrote, which is streamed: it need not fit into memory.
    segments : Segmentation, DataFrame, Series or None
        Who belongs where; one group when None, or the file's own column ``segment``.
    study : Study, optional
        Gives the order of stages.
    level : str
        What a step is: ``touchpoint``, ``stage``, ``channel`` or ``event``. Staying in a stage or channel is one step.
    top : int or None
        How many variants a segment; all when None.
    partitions : int
        Work through the customers in so many parts, to bound memory; the result is the same.

    Returns
    -------
    DataFrame
        ``segment``, ``rank``, ``path`` (tuple of names), ``n`` (customers), ``share``, ``low``, ``high`` (Wilson, 95 %),
        ``coverage`` (share of customers on this path and the ones above).

    Examples
    --------
    >>> log = pd.DataFrame({"customer_id": list("aabbc"), "time": pd.to_datetime(["2026-01-01", "2026-01-02"] * 2 +
    ...     ["2026-01-01"]), "touchpoint": ["search", "checkout", "search", "checkout", "search"]})
    >>> trace_paths(log)[["path", "n", "coverage"]].round(2).values.tolist()
    [[('search', 'checkout'), 2, 0.67], [('search',), 1, 1.0]]
    """
    state, names = summarise_paths(source, level, segments, study, partitions)
    return finish(state, names, top=top).variants


def transitions(
    source: Any, *, segments: Any = None, study: Study | None = None, level: str = "stage", partitions: int = 1
) -> pd.DataFrame:
    """Count what follows what, directly: the migration between stages or touchpoints.

    Returns
    -------
    DataFrame
        ``segment``, ``from``, ``to``, ``n``, ``share`` (shares of one ``from`` add up to 1), ``low``, ``high``. Every
        journey begins at ``start`` and finishes at ``end``.

    Examples
    --------
    >>> log = pd.DataFrame({"customer_id": list("aab"), "time": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-01"]),
    ...     "touchpoint": ["search", "checkout", "search"]})
    >>> transitions(log, level="touchpoint")[["from", "to", "share"]].values.tolist()
    [['checkout', 'end', 1.0], ['search', 'checkout', 0.5], ['search', 'end', 0.5], ['start', 'search', 1.0]]
    """
    state, names = summarise_paths(source, level, segments, study, partitions)
    return finish(state, names, top=0).transitions


def summarise_paths(
    source: Any, level: str, segments: Any, study: Study | None, partitions: int
) -> tuple[State, Alphabet]:
    """Run the kernel over events, over what people told, or, as a stream, over a Parquet file."""
    if isinstance(source, (str, Path)):
        stages = study.stage_model.ids if study is not None else ()
        return EventStore(source, level, segment_of(segments), stages).stream()
    columns, names, _ = read_paths(source, level, segments, study)
    return run_kernel(collapse(columns, level), partitions=partitions), names
