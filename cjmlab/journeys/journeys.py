"""Journeys: what each segment lives at each touchpoint, with n, interval, expectation, reach, grade and quotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.journeys.cells import Parts, assemble, stage_table
from cjmlab.journeys.context import JourneyContext, context_of
from cjmlab.journeys.members import ONE_GROUP, Membership, bear_out, read_members
from cjmlab.journeys.places import check_places, lay_out
from cjmlab.journeys.reach import Reach
from cjmlab.journeys.voices import gather_voices, link_instruments, list_answers
from cjmlab.tables import Table, check_table, open_table
from cjmlab.vocabulary import StageModel

if TYPE_CHECKING:
    from cjmlab.study.charter import Study


def derive_journeys(
    scored: pd.DataFrame,
    segments: Any = None,
    study: Study | None = None,
    *,
    events: pd.DataFrame | None = None,
    stage_model: StageModel | Sequence[str] | str | None = None,
    neutral: tuple[float, float] = (-0.1, 0.1),
    pooling: bool = True,
    anchor: str | None = None,
    dimension: str | None = None,
    resamples: int = 200,
) -> pd.DataFrame:
    """Derive the journey of every segment: experience per touchpoint with n, interval, evidence and quotes.

    Parameters
    ----------
    scored : DataFrame
        From ``score_feedback``.
    segments : Segmentation, DataFrame, Series or None
        From ``segment_customers``, or ``customer_id`` and ``segment``, or the segment by customer id; None for all
        customers together.
    study : Study, optional
        Gives the order of stages and touchpoints, the events and the language of names.
    events : DataFrame, optional
        Events for reach and drop-off; those of the study when None.
    stage_model : StageModel, str or sequence of str, optional
        Stage model, its id, or the names of its stages in order, when there is no study.
    neutral : tuple of float
        The neutral band on −1 … 1. A touchpoint is below it only when its whole interval is.
    pooling : bool
        Whether small cells lean on their segment and touchpoint.
    anchor : str, optional
        The instrument (``"rating 1-5"``, ``"text"``) that the others are linked to; the commonest rating when None.
    dimension : str, optional
        Only what is about the ``product``, the ``environment`` or an ``emotion``.
    resamples : int
        Resamples of customers behind ``lowest``, how often a touchpoint is the lowest of its segment.

    Returns
    -------
    Table
        See ``describe_table("journeys")``, with ``zone`` (below, neutral, above, unclear), ``spread``, sources counted
        in ``n_survey`` …, ``channel``, ``reach_n`` and ``drop_off``. Its ``about`` is a ``JourneyContext``.

    Raises
    ------
    CjmError
        When a table does not fit its schema, or a stage is not in the stage model.

    Examples
    --------
    >>> scored = pd.DataFrame({"customer_id": list("wxyz"), "stage": "act", "touchpoint": "checkout",
    ...                        "rating": [0.5, 1.0, 0.5, 0.0]})
    >>> derive_journeys(scored)[["segment", "stage", "touchpoint", "n", "experience", "evidence"]]
             segment stage touchpoint  n  experience       evidence
    0  All customers   act   checkout  4         0.5  single source
    """
    scored = open_table("scored", scored)
    happened = _events(events, study)
    rows = scored[~scored["role"].isin(["interviewer"])] if "role" in scored else scored
    rows = pd.DataFrame(rows).sort_values("unit_id", kind="stable").reset_index(drop=True)
    order, places = lay_out(_everything(rows, happened), study, model=stage_model)
    check_places(order, rows)
    answers = list_answers(rows)
    answers = answers[answers["touchpoint"].isin(places["touchpoint"])]
    language = study.charter.languages[0] if study is not None else "en"
    people = pd.concat([answers["customer"], happened["customer_id"].astype(str)], ignore_index=True)
    everyone = read_members(None, people, language=language)
    members = everyone if segments is None else read_members(segments, people, language=language)
    linking = link_instruments(answers, anchor=anchor)
    if members.corrected:
        members = bear_out(members, gather_voices(answers, linking))
    parts = Parts(order, places, members, everyone, linking, neutral, pooling)
    journeys = _derive(rows, happened, parts, study=study, segments=segments, resamples=resamples)
    check_table("journeys", journeys)
    return filter_journeys(journeys, dimension=dimension) if dimension is not None else journeys


def filter_journeys(
    journeys: pd.DataFrame, rows: pd.Series | None = None, *, dimension: str | None = None, resamples: int = 0,
    **columns: Any,
) -> pd.DataFrame:  # fmt: skip
    """Derive the journeys again from some of the rows, with the same scales, segments and order.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    rows : Series of bool, optional
        Which of ``journeys.about.scored`` to keep.
    dimension : str, optional
        ``product``, ``environment`` or ``emotion``: of the row, else of its touchpoint.
    resamples : int
        Resamples for ``lowest``; 0 leaves it missing, which is faster.
    **columns
        A column of ``journeys.about.scored`` and the value or values to keep: ``wave="2026-Q1"``,
        ``source_type=["survey", "review"]``. Reach is that of all events, unless the events have the column too.

    Returns
    -------
    Table
        As from ``derive_journeys``; a cell that nobody is left in stays, empty.

    Raises
    ------
    TableError
        When the rows have no such column.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": list("abab"), "stage": "use", "touchpoint": "app", "wave": ["1", "1",
    ...     "2", "2"],
    ...     "rating": [-0.5, 0.0, 0.5, 1.0]})
    >>> cjm.filter_journeys(cjm.derive_journeys(said), wave="2")[["n", "experience"]].values.tolist()
    [[2.0, 0.75]]
    """
    context = context_of(journeys)
    parts: Parts = context.parts
    kept, events, same = context.scored, context.events, True
    for name, wanted in columns.items():
        if name not in kept:
            remedy = did_you_mean(name, map(str, kept.columns))
            raise TableError(f"the rows have no column {name!r}", where="table 'scored'", remedy=remedy)
        values = [wanted] if isinstance(wanted, str) else list(wanted)
        if name in events and name in ("wave", "channel", "customer_id") and events[name].notna().any():
            events, same = events[events[name].isin(values)], False
        keep = kept[name].isin(values)
        rows = keep if rows is None else rows & keep
    if dimension is not None:
        of_point = kept["touchpoint"].map(parts.places.set_index("touchpoint")["dimension"])
        own = kept["dimension"].where(kept["dimension"].notna(), of_point) if "dimension" in kept else of_point
        rows = own.eq(dimension) if rows is None else rows & own.eq(dimension)
    kept = kept if rows is None else kept[rows.to_numpy(dtype=bool)]
    reach = parts.reach if same else None
    parts = replace(parts, reach=reach)
    return _derive(kept, events, parts, study=context.study, segments=context.segments, resamples=resamples)


def _derive(
    rows: pd.DataFrame, events: pd.DataFrame, parts: Parts, *, study: Study | None, segments: Any, resamples: int
) -> Table:
    answers = list_answers(rows)
    answers = answers[answers["touchpoint"].isin(parts.places["touchpoint"])]
    voices = gather_voices(answers, parts.linking)
    tables: dict[str, pd.DataFrame] = {}
    reaches: dict[str, Reach] = {}
    for name, members in {"overall": parts.everyone, "table": parts.members}.items():
        if name == "table" and members is parts.everyone:
            tables[name], reaches[name] = tables["overall"], reaches["overall"]
            continue
        known = None if parts.reach is None else parts.reach[name]
        tables[name], reaches[name] = assemble(
            rows, answers, voices, events, members, parts, reach=known, resamples=resamples
        )
    members = parts.members
    one = members.method == ONE_GROUP
    rows = rows.assign(
        segment=members.names[0] if one else rows["customer_id"].map(members.modal),
        counted=rows.index.isin(answers["row"]),
    )
    anonymous = int((~answers["known"]).sum())
    return carry(tables, reaches, rows, voices, events, parts, study=study, segments=segments, anonymous=anonymous)


def carry(
    tables: Mapping[str, pd.DataFrame], reaches: Mapping[str, Reach], rows: pd.DataFrame, voices: pd.DataFrame,
    events: pd.DataFrame, parts: Parts, *, study: Study | None, segments: Any, anonymous: int,
) -> Table:  # fmt: skip
    """Return the journeys with all that they carry.

    Parameters
    ----------
    tables, reaches : mapping
        ``table`` (of segments) and ``overall``: the cells and the reach.
    rows : DataFrame
        The scored rows with ``segment`` and ``counted``.
    voices, events, parts, study, segments
        As everywhere here.
    anonymous : int
        Answers of nobody in particular.
    """
    table, members = tables["table"], parts.members
    context = JourneyContext(
        study=study, segments=segments, overall=tables["overall"], stages=stage_table(reaches["table"], table),
        scored=rows, voices=voices, events=events, parts=replace(parts, reach=dict(reaches)),
        members=members.modal.rename("segment").rename_axis("customer_id").reset_index(),
        provenance={**_provenance(rows, table, events, segments, members), "neutral": parts.neutral,
                    "pooling": parts.pooling, "anchor": parts.linking.anchor, "linking": parts.linking.table,
                    "notes": parts.linking.notes, "anonymous": anonymous},
    )  # fmt: skip
    return Table.of(table, context)


def _provenance(
    rows: pd.DataFrame, table: pd.DataFrame, events: pd.DataFrame, segments: Any, members: Membership
) -> dict[str, Any]:
    times = [pd.to_datetime(part["time"], utc=True, errors="coerce").max() for part in (rows, events) if "time" in part]
    newest = max((time for time in times if not pd.isna(time)), default=None)
    scorers = rows["scorer"].dropna().astype(str)
    sources = rows["source_type"].dropna().astype(str) if "source_type" in rows else scorers[:0]
    return {
        "version": version(), "method": str(getattr(segments, "method", "") or members.method),
        "k": len(members.names), "scorer": ", ".join(sorted(set(scorers) - {"rating"})),
        "interval": "95 %, customers as the unit", "date": None if newest is None else newest.date().isoformat(),
        "evidence_share": float(table["evidence"].isin(["single source", "triangulated"]).mean()) if len(table) else 0.0,
        "sources": sorted({*sources, *(["event"] if len(events) else [])}), "rows": len(rows),
        "counted": int(rows["counted"].sum()), "reach_basis": "events" if len(events) else "feedback",
        "weights": members.method,
    }  # fmt: skip


def version() -> str:
    """Return the version of cjmlab that is installed."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("cjmlab")
    except PackageNotFoundError:
        return ""


def _events(events: pd.DataFrame | None, study: Study | None) -> pd.DataFrame:
    found = events if events is not None else (study.events if study is not None else None)
    if found is None or found.empty:
        return pd.DataFrame({name: [] for name in ("event_id", "customer_id", "time", "event", "touchpoint", "stage")})
    found = open_table("events", found)
    missing = {name: None for name in ("touchpoint", "stage") if name not in found}
    return found.assign(**missing) if missing else found


def _everything(rows: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    wanted = ["touchpoint", "stage", "channel", "dimension"]
    parts = [part.reindex(columns=wanted).astype(object) for part in (rows, events)]
    return pd.concat(parts, ignore_index=True)
