"""Events: what customers did and when, one row an event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.sources.channels import channel_id
from cjmlab.sources.columns import Resolver, find_rounded, need_columns
from cjmlab.sources.files import read_table
from cjmlab.sources.report import Finding, Reading, Rejected, shorten
from cjmlab.sources.times import Clock, read_times
from cjmlab.sources.values import read_numbers
from cjmlab.vocabulary import StageModel, Touchpoint

EVENT_COLUMNS = (
    "event_id", "customer_id", "time", "event", "stage", "touchpoint", "channel", "wave", "source",
    "item", "person", "tool", "money", "open", "line",
)  # fmt: skip
_XES = {"customer_id": "case:concept:name", "time": "time:timestamp", "event": "concept:name"}


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
    clock: Clock | None = None,
    rename: Callable[[str], str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Reading:
    """Read an event log.

    Parameters
    ----------
    path : str or Path
        Any file that ``read_table`` reads, XES included.
    columns : EventColumns, optional
        The columns of the log.
    meanings : mapping, optional
        Event name → touchpoint id, where no column says the touchpoint.
    name, wave : str, optional
        Name of the source (the file's stem when None) and wave of all rows.
    stage_model, touchpoints
        The study's vocabulary.
    clock : Clock, optional
        The zone of times without one and the order of day and month.
    rename : callable, optional
        Gives each customer id another one, such as ``Pseudonyms(key)``.
    options : mapping, optional
        Further arguments of ``read_table``.

    Returns
    -------
    Reading
        ``table`` is sorted by customer, time, stage, event name and line: events of the same instant stand in the
        order of the stages, so the order of the rows in the file changes nothing. ``open`` says that the customer's
        journey was still under way when the log ends (see ``mark_open``). A row without customer, time or event is
        rejected and listed.

    Raises
    ------
    SourceError
        When the file or a column is missing, or a column is empty.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "log.csv"
    >>> rows = {"who": ["a", "a", None], "ts": ["2026-01-02T10:00Z", "2026-01-01T09:00Z", "2026-01-01T09:00Z"], "what": "pay"}
    >>> pd.DataFrame(rows).to_csv(path, index=False)
    >>> columns = EventColumns(customer_id="who", time="ts", event="what")
    >>> reading = read_events(path, columns=columns, meanings={"pay": "checkout"})
    >>> reading.table[["customer_id", "touchpoint", "line"]].values.tolist(), reading.report.rejected[0].reason
    ([['a', 'checkout', 3], ['a', 'checkout', 2]], 'no customer id')
    """
    raw = read_table(path, **(options or {}))
    c = _columns(columns or EventColumns(), raw)
    where, source = raw.report.source, name or Path(path).stem
    need_columns(raw.table, {f"the {key} of events": value for key, value in vars(c).items()}, where)
    table, findings = _plain(raw, c, where, Resolver(stage_model, touchpoints), clock)
    if meanings:
        table["touchpoint"] = table["touchpoint"].where(table["touchpoint"].notna(), table["event"].map(dict(meanings)))
    own = table["touchpoint"].map({point.id: point.stage for point in touchpoints})
    table["stage"] = table["stage"].where(table["stage"].notna(), own)
    table["source"], table["line"] = source, list(raw.lines)
    table["wave"] = table["wave"].where(table["wave"].notna(), wave)
    if rename:
        table["customer_id"] = table["customer_id"].map(rename, na_action="ignore")
    table, rejected = _reject(table, raw)
    table = mark_open(_order(table, stage_model, source), stage_model)
    findings.extend(_count(table, where, source))
    return Reading(table, raw.report.with_more(findings, rejected), list(table["line"]))


def _columns(columns: EventColumns, raw: Reading) -> EventColumns:
    """Take the names of XES where a column is not declared and the log has them."""
    known = {str(column) for column in raw.table.columns}
    missing = {key: xes for key, xes in _XES.items() if getattr(columns, key) not in known and xes in known}
    return replace(columns, **missing)


def _plain(
    raw: Reading, c: EventColumns, where: str, resolver: Resolver, clock: Clock | None
) -> tuple[pd.DataFrame, list[Finding]]:
    findings: list[Finding] = []
    table = pd.DataFrame(index=raw.table.index, columns=list(EVENT_COLUMNS), dtype=object)
    findings.extend(find_rounded(raw.table[c.customer_id], f"{where}, column {c.customer_id!r}", raw.lines))
    for key, column in vars(c).items():
        if column is not None and key not in {"time", "money"}:
            table[key] = _words(raw.table[column])
    table["time"], found = read_times(raw.table[c.time], f"{where}, column {c.time!r}", raw.lines, clock)
    findings.extend(f for f in found if not f.finding.startswith("values are not times"))  # those rows are rejected
    for key in ("touchpoint", "stage"):
        column = getattr(c, key)
        if column is not None:
            place = f"{where}, column {column!r}"
            table[key], found = resolver.resolve(raw.table[column], key, place, raw.lines)
            findings.extend(found)
    if c.channel:
        known = {word: channel_id(word) for word in dict.fromkeys(table["channel"].dropna())}
        strange = [word for word, identity in known.items() if identity is None]
        table["channel"] = table["channel"].map(lambda word: known.get(word) or word, na_action="ignore")
        if strange:
            text = f"channels that are not known here and stay as they are: {shorten(', '.join(strange), 120)}"
            findings.append(
                Finding(where, f"{where}, column {c.channel!r}", text, len(strange), strange[0], "", "note")
            )
    table["money"] = float("nan")
    if c.money:
        table["money"], found = read_numbers(raw.table[c.money], f"{where}, column {c.money!r}", raw.lines)
        findings.extend(found)
    return table, findings


def _words(values: pd.Series) -> pd.Series:
    words = values.str.strip()
    full = (words != "") & words.notna()
    return words.astype(object).where(full, None)


def _reject(table: pd.DataFrame, raw: Reading) -> tuple[pd.DataFrame, list[Rejected]]:
    need = {"customer_id": "no customer id", "time": "no time that can be read", "event": "no event name"}
    reasons = pd.Series("", index=table.index, dtype=object)
    twice = table["event_id"].notna() & table["event_id"].duplicated()
    reasons = reasons.mask(twice, "its event id came before")
    for key, text in reversed(need.items()):
        reasons = reasons.mask(table[key].isna(), text)
    rejected = []
    for i in reasons.index[reasons != ""]:
        shown = ", ".join("" if pd.isna(cell) else str(cell) for cell in raw.table.loc[i])
        rejected.append(Rejected(int(table.loc[i, "line"]), str(reasons[i]), shown))
    return table[reasons == ""], rejected


def _order(table: pd.DataFrame, model: StageModel | None, source: str) -> pd.DataFrame:
    position = {stage: i for i, stage in enumerate(model.ids if model else ())}
    table = table.assign(position=table["stage"].map(position).fillna(len(position)))
    table = table.sort_values(["customer_id", "time", "position", "event", "line"], kind="stable")
    rank = table.groupby("customer_id", sort=False).cumcount() + 1
    ids = [f"{source}:{customer}:{k}" for customer, k in zip(table["customer_id"], rank, strict=True)]
    table["event_id"] = table["event_id"].where(table["event_id"].notna(), pd.Series(ids, index=table.index))
    return table.drop(columns="position").reset_index(drop=True)


def mark_open(events: pd.DataFrame, model: StageModel | None) -> pd.DataFrame:
    """Return events with ``open``: True for customers whose journey was still under way when the log ends.

    A journey is open when it has not reached the last stage of the model and its last event lies so near to the end
    of the log that the next one may not have come yet: nearer than 95 % of the gaps between events of one customer.

    Parameters
    ----------
    events : DataFrame
        ``customer_id``, ``time``, ``stage``.
    model : StageModel or None
        Without one no journey counts as ended.

    Examples
    --------
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "b"], "stage": None,
    ...                     "time": pd.to_datetime(["2026-01-01", "2026-01-03", "2026-03-01"], utc=True)})
    >>> mark_open(log, None).open.tolist()
    [False, False, True]
    """
    if events.empty:
        return events.assign(open=pd.Series(dtype=bool))
    gaps = events.sort_values(["customer_id", "time"]).groupby("customer_id")["time"].diff().dropna()
    usual = gaps.quantile(0.95) if len(gaps) else pd.Timedelta(0)
    last = events.groupby("customer_id")["time"].max()
    near = set(last.index[last >= events["time"].max() - usual])
    ended = set(events.loc[events["stage"] == model.ids[-1], "customer_id"]) if model else set()
    return events.assign(open=events["customer_id"].isin(near - ended))


def _count(table: pd.DataFrame, where: str, source: str) -> list[Finding]:
    found = []
    what = [c for c in table.columns if c not in {"event_id", "line", "open"}]
    if again := int(table.duplicated(what).sum()):
        text = "events repeat another one exactly; all are kept"
        example = f"line {int(table.loc[table.duplicated(what), 'line'].iloc[0])}"
        found.append(Finding(source, where, text, again, example, "", "note"))
    if still := int(table.loc[table["open"], "customer_id"].nunique()):
        text = "customers were still under way when the log ends; their journeys are marked as open"
        found.append(Finding(source, where, text, still, "", "", "note"))
    ties = table.duplicated(["customer_id", "time"], keep=False) & ~table.duplicated(what, keep=False)
    if ties.any():
        text = "events of a customer share their instant; they stand in the order of the stages, then of their names"
        example = f"line {int(table.loc[ties, 'line'].iloc[0])}"
        found.append(Finding(source, where, text, int(ties.sum()), example, "", "note"))
    return found


def unmapped_events(table: pd.DataFrame, where: str) -> list[Finding]:
    """Return a finding on the event names that lead to no touchpoint."""
    lost = table[table["touchpoint"].isna()]
    if lost.empty:
        return []
    counts = lost["event"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    shown = shorten(", ".join(f"{event} ({count})" for event, count in counts.items()), 160)
    text = f"event names that lead to no touchpoint: {shown}"
    remedy = "Add them to [events.map], or leave them: they still count in paths."
    first = lost.sort_values("line").iloc[0]
    example = f"line {int(first['line'])}, {first['event']!r}"
    return [Finding(where, where, text, len(lost), example, remedy, "note")]
