"""Rates with a name: 5A (PAR, BAR, archetype), time to resolution against a golden time, effort, alternatives."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.errors import VocabularyError
from cjmlab.journeys.context import context_of
from cjmlab.journeys.intervals import wilson
from cjmlab.tables import need_columns, open_table
from cjmlab.vocabulary import crosswalk, stage_model

FIVE = ("aware", "appeal", "ask", "act", "advocate")


def five_a_rates(journeys: pd.DataFrame) -> pd.DataFrame:
    """Return the 5A rates of every segment (Kotler, Kartajaya and Setiawan 2016).

    Any stage model is mapped on 5A by the crosswalk. PAR is Act ÷ Aware, BAR is Advocate ÷ Aware, by customers who
    reach the stage or, where no stage maps there, a later one; who was seen at any stage was aware. The archetype is read from the shape: ``door knob``
    (act without asking), ``goldfish`` (ask more than appeal), ``trumpet`` (advocate more than act), else ``funnel``.

    Returns
    -------
    DataFrame
        ``segment``, the customers at ``aware`` … ``advocate``, ``par``, ``par_low``, ``par_high``, ``bar``,
        ``bar_low``, ``bar_high``, ``archetype``.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": list("aabbc"), "stage": ["aware", "act", "aware", "ask", "aware"],
    ...     "touchpoint": ["ad", "shop", "ad", "search", "ad"], "rating": [0.5, 1.0, 0.5, 0.0, 0.0]})
    >>> journeys = cjm.derive_journeys(said, stage_model="fiveA")
    >>> cjm.five_a_rates(journeys)[["aware", "ask", "act", "par", "archetype"]].round(2).values.tolist()
    [[3, 1, 1, 0.33, 'goldfish']]
    """
    context = context_of(journeys)
    reached = count_five_a(context.stages, context.study.stage_model if context.study is not None else None)
    rows = []
    for segment, counts in reached.items():
        aware, act, advocate = max(counts.values()), counts["act"], counts["advocate"]
        rates = [part / aware if aware else np.nan for part in (act, advocate)]
        par, bar = (wilson(part, aware) for part in (act, advocate))
        rows.append((segment, *(counts[name] for name in FIVE), rates[0], *par, rates[1], *bar, archetype(counts)))
    columns = ["segment", *FIVE, "par", "par_low", "par_high", "bar", "bar_low", "bar_high", "archetype"]
    return pd.DataFrame(rows, columns=columns)


def count_five_a(stages: pd.DataFrame, model: object) -> dict[str, dict[str, int]]:
    """Return, by segment, the customers at each of the five: the largest count of the stages that map there."""
    five = stage_model("fiveA")
    ids = list(dict.fromkeys(stages.sort_values("position")["stage"]))
    if model is None or getattr(model, "id", "") == "fiveA" or set(ids) <= set(FIVE):
        if not set(ids) <= set(FIVE) and model is None:
            raise VocabularyError(
                "the stages are not mapped on 5A", remedy="Derive the journeys with a study or model."
            )
        to = {name: name for name in ids}
    else:
        table = crosswalk(model, five)  # type: ignore[arg-type]
        to = table[table["primary"]].set_index("stage")["maps_to"].to_dict()
    counts: dict[str, dict[str, int]] = {}
    for segment, group in stages.groupby("segment", sort=False):
        found = group.groupby(group["stage"].map(to))["customers"].max().to_dict()
        later, filled = 0, {}
        for name in reversed(FIVE):
            later = int(found[name]) if name in found else later
            filled[name] = later
        counts[str(segment)] = {name: filled[name] for name in FIVE}
    return counts


def archetype(counts: dict[str, int]) -> str:
    """Name the shape of the five counts.

    Examples
    --------
    >>> archetype({"aware": 100, "appeal": 60, "ask": 30, "act": 20, "advocate": 10})
    'funnel'
    >>> archetype({"aware": 100, "appeal": 40, "ask": 70, "act": 20, "advocate": 10})
    'goldfish'
    """
    appeal, ask, act, advocate = (counts[name] for name in FIVE[1:])
    if advocate > act:
        return "trumpet"
    if ask > appeal:
        return "goldfish"
    return "door knob" if act > ask else "funnel"


def resolution_times(
    events: pd.DataFrame, opened: str, closed: str, *, golden: pd.Timedelta, segments: pd.Series | None = None,
    column: str = "event",
) -> pd.DataFrame:  # fmt: skip
    """Measure the time from a problem to its solution against a golden time.

    Each ``opened`` is paired with the customer's next ``closed``. One that is still open at the end of the log counts
    as missed only when the golden time has already passed; a younger one is left out and counted.

    Returns
    -------
    DataFrame
        ``segment``, ``cases``, ``in_time``, ``share``, ``low``, ``high`` (Wilson), ``median`` (hours, of those solved),
        ``unsolved``, ``too_young``.

    Examples
    --------
    >>> log = pd.DataFrame({"customer_id": list("aabb"), "event": ["ask", "solved"] * 2, "time": pd.to_datetime(
    ...     ["2026-01-01 00:00", "2026-01-01 02:00", "2026-01-01 00:00", "2026-01-03 00:00"])})
    >>> resolution_times(log, "ask", "solved", golden=pd.Timedelta(hours=24))[["cases", "in_time"]].values.tolist()
    [[2, 1]]
    """
    need_columns("events", events, column)
    events = open_table("events", events)
    time = pd.to_datetime(events["time"], utc=True)
    table = pd.DataFrame({"customer": events["customer_id"], "time": time, "what": events[column]})
    table = table[table["what"].isin([opened, closed])].sort_values(["customer", "time"], kind="stable")
    solved = table["time"].where(table["what"].eq(closed)).groupby(table["customer"]).bfill()
    cases = table.assign(wait=solved - table["time"])[table["what"].eq(opened)]
    young = cases["wait"].isna() & (time.max() - cases["time"] < golden)
    group = cases["customer"].map(segments) if segments is not None else pd.Series("All customers", cases.index)
    rows = []
    for segment, part in cases.assign(young=young).groupby(group):
        judged = part[~part["young"]]
        n, hits = len(judged), int((judged["wait"] <= golden).sum())
        hours = judged["wait"].dropna().dt.total_seconds() / 3600
        rows.append((segment, n, hits, hits / n if n else np.nan, *wilson(hits, n), hours.median(),
                     int(judged["wait"].isna().sum()), int(part["young"].sum())))  # fmt: skip
    columns = ["segment", "cases", "in_time", "share", "low", "high", "median", "unsolved", "too_young"]
    return pd.DataFrame(rows, columns=columns)


def count_cues(
    journeys: pd.DataFrame, cues: tuple[str, ...] = ("effort", "alternatives", "broken_promise", "question")
) -> pd.DataFrame:
    """Count what people say beside how it felt: effort, alternatives, broken promises, questions, by segment and stage.

    Returns
    -------
    DataFrame
        ``segment``, ``stage``, ``cue``, ``n`` (customers), ``speakers`` (customers who speak of the stage in words),
        ``share``, ``low``, ``high``, ``sentiment`` (mean of these words), ``unit_ids`` (list).

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": list("ab"), "stage": "use", "touchpoint": "app", "sentiment": [-0.5, 0.5],
    ...     "text": ["It took me an hour to find it", "Lovely"], "cues": ["effort", ""]})
    >>> cjm.count_cues(cjm.derive_journeys(said))[["cue", "n", "speakers", "share"]].values.tolist()
    [['effort', 1, 2, 0.5]]
    """
    context = context_of(journeys)
    rows = context.scored
    columns = ["segment", "stage", "cue", "n", "speakers", "share", "low", "high", "sentiment", "unit_ids"]
    if "cues" not in rows or "text" not in rows:
        return pd.DataFrame({name: [] for name in columns})
    said = rows[rows["text"].notna() & rows["stage"].notna() & rows["segment"].notna()]
    who = said["customer_id"].astype(object).where(said["customer_id"].notna(), said["unit_id"])
    said = said.assign(who=who, found=said["cues"].fillna("").astype(str).str.split("|"))
    speakers = said.groupby(["segment", "stage"])["who"].nunique()
    hits = said.explode("found")
    hits = hits[hits["found"].isin(cues)]
    table = hits.groupby(["segment", "stage", "found"]).agg(
        n=("who", "nunique"), sentiment=("sentiment", "mean"), unit_ids=("unit_id", list)
    ).reset_index().rename(columns={"found": "cue"})  # fmt: skip
    table["speakers"] = [int(speakers.loc[key]) for key in zip(table["segment"], table["stage"], strict=True)]
    table["share"] = table["n"] / table["speakers"]
    bounds = [wilson(n, of) for n, of in zip(table["n"], table["speakers"], strict=True)]
    table["low"], table["high"] = [b[0] for b in bounds], [b[1] for b in bounds]
    return table[columns]
