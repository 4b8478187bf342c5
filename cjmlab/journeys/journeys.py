"""Journeys: what each segment lives at each touchpoint, with n, interval, expectation, reach, grade and quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cjmlab.journeys.context import JourneyContext
from cjmlab.journeys.evidence import SOURCES, count_sources, grade, pick_quotes
from cjmlab.journeys.expectation import measure_expectation
from cjmlab.journeys.experience import measure_cells, zone
from cjmlab.journeys.flags import flag_polarised, lowest_shares, stand_out
from cjmlab.journeys.members import ONE_GROUP, Membership, read_members
from cjmlab.journeys.places import check_places, lay_out
from cjmlab.journeys.reach import Reach, measure_reach, open_journeys
from cjmlab.journeys.voices import gather_voices, link_instruments, list_answers
from cjmlab.tables import Table, check_table
from cjmlab.vocabulary import StageModel

if TYPE_CHECKING:
    from cjmlab.study.charter import Study


def derive_journeys(
    scored: pd.DataFrame,
    segments: Any = None,
    study: Study | None = None,
    *,
    events: pd.DataFrame | None = None,
    stage_model: StageModel | str | None = None,
    neutral: tuple[float, float] = (-0.1, 0.1),
    pooling: bool = True,
    anchor: str | None = None,
) -> pd.DataFrame:
    """Derive the journey of every segment: experience per touchpoint with n, interval, evidence and quotes.

    Parameters
    ----------
    scored : DataFrame
        From ``score_feedback``.
    segments : Segmentation, DataFrame or None
        From ``segment_customers``, or ``customer_id`` and ``segment``; None for all customers together.
    study : Study, optional
        Gives the order of stages and touchpoints, the events and the language of names.
    events : DataFrame, optional
        Events for reach and drop-off; those of the study when None.
    stage_model : StageModel or str, optional
        Stage model, when there is no study.
    neutral : tuple of float
        The neutral band on −1 … 1. A touchpoint is below it only when its whole interval is.
    pooling : bool
        Whether small cells lean on their segment and touchpoint.
    anchor : str, optional
        The instrument (``"rating 1-5"``, ``"text"``) that the others are linked to; the commonest rating when None.

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
    >>> scored = pd.DataFrame({"unit_id": list("abcd"), "feedback_id": list("abcd"), "customer_id": list("wxyz"),
    ...     "stage": "act", "touchpoint": "checkout", "text": None, "start": None, "end": None, "lane": None,
    ...     "coder": "asked", "negative": None, "neutral": None, "positive": None, "scorer": "rating",
    ...     "sentiment": [0.5, 1.0, 0.5, 0.0]})
    >>> derive_journeys(scored)[["segment", "stage", "touchpoint", "n", "experience", "evidence"]]
             segment stage touchpoint  n  experience       evidence
    0  All customers   act   checkout  4         0.5  single source
    """
    check_table("scored", scored)
    happened = _events(events, study)
    rows = scored[~scored["role"].isin(["interviewer"])] if "role" in scored else scored
    rows = rows.sort_values("unit_id", kind="stable").reset_index(drop=True)
    order, places = lay_out(_everything(rows, happened), study, model=stage_model)
    check_places(order, rows)
    answers = list_answers(rows)
    answers = answers[answers["touchpoint"].isin(places["touchpoint"])]
    linking = link_instruments(answers, anchor=anchor)
    voices = gather_voices(answers, linking)
    language = study.charter.languages[0] if study is not None else "en"
    people = pd.concat([answers["customer"], happened["customer_id"].astype(str)], ignore_index=True)
    shape: dict[str, Any] = {"places": places, "order": order, "neutral": neutral, "pooling": pooling}
    everyone = read_members(None, people, language=language)
    members = read_members(segments, people, language=language)
    overall, stages = _assemble(rows, answers, voices, happened, everyone, **shape)
    if segments is not None:
        table, stages = _assemble(rows, answers, voices, happened, members, **shape)
    else:
        table = overall
    used = set(answers["unit_id"])
    rows = rows.assign(
        segment=rows["customer_id"].map(members.modal) if segments is not None else members.names[0],
        counted=rows["unit_id"].isin(used),
    )
    context = JourneyContext(
        study=study, segments=segments, overall=overall, stages=stages, scored=rows, voices=voices,
        members=members.modal.rename("segment").rename_axis("customer_id").reset_index(), events=happened,
        provenance={**_provenance(rows, table, happened, segments, members),
                    "neutral": neutral, "pooling": pooling, "anchor": linking.anchor, "linking": linking.table,
                    "notes": linking.notes, "anonymous": int((~answers["known"]).sum())},
    )  # fmt: skip
    return Table.of(check_table("journeys", table), context)


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
    check_table("events", found)
    missing = {name: None for name in ("touchpoint", "stage") if name not in found}
    return found.assign(**missing) if missing else found


def _everything(rows: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    wanted = ["touchpoint", "stage", "channel", "dimension"]
    parts = [part.reindex(columns=wanted).astype(object) for part in (rows, events)]
    return pd.concat(parts, ignore_index=True)


def _assemble(
    rows: pd.DataFrame, answers: pd.DataFrame, voices: pd.DataFrame, events: pd.DataFrame, members: Membership,
    *, places: pd.DataFrame, order: dict[str, int], neutral: tuple[float, float], pooling: bool,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    by = ["segment", "touchpoint"]
    own = answers.assign(segment=answers["customer"].map(members.modal))
    own = own[own["segment"].notna()]
    grid = pd.MultiIndex.from_product([members.names, places["touchpoint"]], names=by).to_frame(index=False)
    table = grid.merge(places, on="touchpoint")
    reach = _reach(own, events, members, places, order)
    told = rows["customer_id"].map(members.modal) if members.method != ONE_GROUP else members.names[0]
    for part in (_counts(own, neutral), measure_cells(voices, members, pooling=pooling), reach.touchpoints,
                 count_sources(own), measure_expectation(rows, own, members), pick_quotes(rows.assign(segment=told)),
                 flag_polarised(voices, members), lowest_shares(voices, members)):  # fmt: skip
        table = table.merge(part, on=by, how="left")
    happened = events.assign(segment=events["customer_id"].astype(str).map(members.modal)).groupby(by).size()
    table["n_event"] = table.set_index(by).index.map(happened.to_dict())
    table = _fill(table, answers, neutral)
    stages = _stage_table(reach, table)
    drops = stages.set_index(["segment", "stage"])["drop_off"].to_dict()
    table["drop_off"] = [drops.get(key, np.nan) for key in zip(table["segment"], table["stage"], strict=True)]
    return _tidy(table, members), stages


def _counts(own: pd.DataFrame, neutral: tuple[float, float]) -> pd.DataFrame:
    table = own.assign(bad=own["score"] < neutral[0], good=own["score"] > neutral[1])
    return table.groupby(["segment", "touchpoint"]).agg(
        n=("unit_id", "size"), customers=("customer", "nunique"), sources=("source_type", "nunique"),
        share_negative=("bad", "mean"), share_positive=("good", "mean"),
    ).reset_index()  # fmt: skip


def _fill(table: pd.DataFrame, answers: pd.DataFrame, neutral: tuple[float, float]) -> pd.DataFrame:
    numbers = ["n", "customers", "sources", "reach_n", *(f"n_{name}" for name in SOURCES)]
    table[numbers] = table[numbers].astype(float).fillna(0).astype(int)
    table.loc[table["n"].eq(0), ["experience", "se", "low", "high", "raw", "spread", "lowest"]] = np.nan
    seen = table["sources"].where(table["sources"] > 0, table["n_event"].gt(0).astype(int))
    table["evidence"] = grade(seen, table["touchpoint"].isin(answers["touchpoint"]))
    table["zone"] = zone(table["low"], table["high"], neutral)
    table["polarised"] = table["polarised"].eq(True)
    table["stands_out"] = stand_out(table)
    table["quote_ids"] = table["quote_ids"].map(lambda ids: ids if isinstance(ids, list) else [])
    return table


def _tidy(table: pd.DataFrame, members: Membership) -> pd.DataFrame:
    first = ["segment", "stage", "touchpoint", "position", "channel", "dimension", "n", "customers", "experience",
             "low", "high", "zone", "share_negative", "share_positive", "polarised", "stands_out", "lowest", "expectation", "gap", "gap_low", "gap_high", "reach", "reach_n",
             "drop_off", "evidence", "quote_ids", "raw", "se", "spread", *(f"n_{name}" for name in SOURCES)]  # fmt: skip
    table = table[[*first, *(name for name in table.columns if name not in {*first, "sources", "effective"})]]
    place = {name: i for i, name in enumerate(members.names)}
    table = table.sort_values(["segment", "position"], key=lambda c: c.map(place) if c.name == "segment" else c)
    numbers = table.select_dtypes("float").columns
    return table.assign(**{name: table[name].round(10) for name in numbers}).reset_index(drop=True)


def _reach(
    own: pd.DataFrame, events: pd.DataFrame, members: Membership, places: pd.DataFrame, order: dict[str, int]
) -> Reach:
    stage_of = places.set_index("touchpoint")["stage"]
    if len(events):
        visits = pd.DataFrame({"customer": events["customer_id"].astype(str), "touchpoint": events["touchpoint"],
                               "stage": events["stage"].where(events["stage"].notna(), events["touchpoint"].map(stage_of))})  # fmt: skip
        return measure_reach(visits, members, order, basis="events", open_customers=open_journeys(events))
    visits = own[["customer", "touchpoint"]].assign(stage=own["touchpoint"].map(stage_of))
    return measure_reach(visits, members, order, basis="feedback", open_customers=frozenset())


def _stage_table(reach: Reach, table: pd.DataFrame) -> pd.DataFrame:
    heard = table[table["n"] > 0].assign(product=lambda t: t["experience"] * t["n"])
    sums = heard.groupby(["segment", "stage"]).agg(product=("product", "sum"), n=("n", "sum"))
    sums["experience"] = sums["product"] / sums["n"]
    sums["touchpoints"] = table[table["n"].gt(0) | table["reach_n"].gt(0)].groupby(["segment", "stage"]).size()
    stages = reach.stages.merge(sums[["experience", "n", "touchpoints"]], on=["segment", "stage"], how="left")
    stages[["n", "touchpoints"]] = stages[["n", "touchpoints"]].fillna(0).astype(int)
    return stages.assign(basis=reach.basis)
