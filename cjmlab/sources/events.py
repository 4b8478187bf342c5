"""Events: what customers did and when, one row an event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cjmlab.sources.columns import Resolver, need_columns
from cjmlab.sources.files import read_table
from cjmlab.sources.report import Finding, Reading, Rejected
from cjmlab.sources.times import read_times
from cjmlab.vocabulary import StageModel, Touchpoint

EVENT_COLUMNS = (
    "event_id", "customer_id", "time", "event", "stage", "touchpoint", "channel", "wave", "source",
    "item", "person", "tool", "money", "line",
)  # fmt: skip


@dataclass(frozen=True)
class EventColumns:
    """The columns of an event log."""

    customer_id: str = "customer_id"
    time: str = "time"
    event: str = "event"
    event_id: str | None = None
    touchpoint: str | None = None
    stage: str | None = None
    channel: str | None = None
    wave: str | None = None
    item: str | None = None
    person: str | None = None
    tool: str | None = None
    money: str | None = None


def read_events(
    path: str | Path,
    *,
    columns: EventColumns | None = None,
    meanings: Mapping[str, str] | None = None,
    name: str | None = None,
    wave: str | None = None,
    stage_model: StageModel | None = None,
    touchpoints: Iterable[Touchpoint] = (),
) -> Reading:
    """Read an event log.

    Parameters
    ----------
    path : str or Path
        Any file that ``read_table`` reads.
    columns : EventColumns, optional
        The columns of the log.
    meanings : mapping, optional
        Event name → touchpoint id, where no column says the touchpoint.
    name, wave : str, optional
        Name of the source (the file's stem when None) and wave of all rows.
    stage_model, touchpoints
        The study's vocabulary.

    Returns
    -------
    Reading
        ``table`` is sorted by customer, time, stage, event name and line: events of the same instant stand in the
        order of the stages, so the order of the rows in the file changes nothing. A row without customer, time or
        event is rejected and listed.

    Raises
    ------
    SourceError
        When the file or a column is missing, or a column is empty.
    """
    c, raw = columns or EventColumns(), read_table(path)
    where, source = raw.report.source, name or Path(path).stem
    need_columns(raw.table, {f"the {key} of events": value for key, value in vars(c).items()}, where)
    resolver = Resolver(stage_model, touchpoints)
    table, findings = pd.DataFrame(index=raw.table.index, columns=list(EVENT_COLUMNS), dtype=object), []
    for key, column in vars(c).items():
        if column is not None and key not in {"time", "money"}:
            table[key] = _words(raw.table[column])
    table["time"], found = read_times(raw.table[c.time], f"{where}, column {c.time!r}", raw.lines)
    findings.extend(found)
    for key in ("touchpoint", "stage"):
        column = vars(c)[key]
        if column is not None:
            place = f"{where}, column {column!r}"
            table[key], found = resolver.resolve(raw.table[column], key, place, raw.lines)
            findings.extend(found)
    if meanings:
        table["touchpoint"] = table["touchpoint"].where(table["touchpoint"].notna(), table["event"].map(dict(meanings)))
    own = table["touchpoint"].map({point.id: point.stage for point in resolver.points})
    table["stage"] = table["stage"].where(table["stage"].notna(), own)
    table["money"] = float("nan")
    if c.money:
        money = raw.table[c.money].str.replace(",", ".", regex=False)
        table["money"] = pd.to_numeric(money, errors="coerce")
    table["source"], table["line"] = source, list(raw.lines)
    table["wave"] = table["wave"].where(table["wave"].notna(), wave)
    table, rejected = _reject(table, raw)
    return Reading(_order(table, stage_model, source), raw.report.with_more(findings, rejected), raw.lines)


def _words(values: pd.Series) -> list[str | None]:
    return [None if pd.isna(v) or not str(v).strip() else str(v).strip() for v in values]


def _reject(table: pd.DataFrame, raw: Reading) -> tuple[pd.DataFrame, list[Rejected]]:
    rejected = []
    need = {"customer_id": "no customer id", "time": "no time that can be read", "event": "no event name"}
    good = table[list(need)].notna()
    for i in good.index[~good.all(axis=1)]:
        reason = next(text for key, text in need.items() if not good.loc[i, key])
        shown = ", ".join("" if pd.isna(cell) else str(cell) for cell in raw.table.loc[i])
        rejected.append(Rejected(int(table.loc[i, "line"]), reason, shown))
    return table[good.all(axis=1)], rejected


def _order(table: pd.DataFrame, model: StageModel | None, source: str) -> pd.DataFrame:
    position = {stage: i for i, stage in enumerate(model.ids if model else ())}
    table = table.assign(position=table["stage"].map(position).fillna(len(position)))
    table = table.sort_values(["customer_id", "time", "position", "event", "line"], kind="stable")
    rank = table.groupby("customer_id", sort=False).cumcount() + 1
    ids = [f"{source}:{customer}:{k}" for customer, k in zip(table["customer_id"], rank, strict=True)]
    table["event_id"] = table["event_id"].where(table["event_id"].notna(), pd.Series(ids, index=table.index))
    return table.drop(columns="position").reset_index(drop=True)


def unmapped_events(table: pd.DataFrame, where: str) -> list[Finding]:
    """Return a finding for each event name that leads to no touchpoint."""
    lost = table[table["touchpoint"].isna()]
    counts = lost.groupby("event")["line"].agg(["size", "min"]).sort_index()
    return [
        Finding(
            where, f"{where}, event {event!r}", "leads to no touchpoint", int(row["size"]), f"line {int(row['min'])}",
            "Add it to [events.map], or leave it: the event still counts in paths.", "note",
        )
        for event, row in counts.iterrows()
    ]  # fmt: skip
