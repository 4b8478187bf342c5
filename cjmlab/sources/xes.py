"""XES event logs (IEEE 1849) to a table of events."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cjmlab.errors import SourceError
from cjmlab.sources.containers import refuse_doctype
from cjmlab.sources.report import Reading, Rejected, Report

LARGEST = 500_000_000
_VALUES = {"string", "date", "int", "float", "boolean", "id"}


def read_xes(path: Path, label: str) -> Reading:
    """Read an XES log: one row an event, ``case:…`` columns for what the trace says.

    Parameters
    ----------
    path : Path
        The file.
    label : str
        What to call it in messages.

    Returns
    -------
    Reading
        ``lines`` counts the events of the file.

    Raises
    ------
    SourceError
        When it is not XES, declares a document type, or is larger than 500 MB.
    """
    if path.stat().st_size > LARGEST:
        raise SourceError(f"the log is larger than {LARGEST:,} bytes", where=label, remedy="Convert it to Parquet.")
    with path.open("rb") as stream:
        refuse_doctype(stream, label)
    rows, lines, rejected, is_log = _events(path, label)
    if not is_log:
        raise SourceError("the file is XML but no XES log", where=label, remedy="Export it as CSV, Parquet or XES.")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    columns = [c for c in columns if c.startswith("case:")] + [c for c in columns if not c.startswith("case:")]
    data = {key: pd.array([row.get(key) or None for row in rows], dtype="str") for key in columns}
    report = Report(label, len(rows) + len(rejected), len(rows), tuple(rejected))
    return Reading(pd.DataFrame(data, columns=columns), report, lines)


def _events(path: Path, label: str) -> tuple[list[dict[str, str]], list[int], list[Rejected], bool]:
    """Return the events with what their traces say, their numbers, the empty ones, and whether it is a log at all."""
    from xml.etree.ElementTree import ParseError  # only the error's name: parsing is defusedxml's

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    rows: list[dict[str, str]] = []
    lines: list[int] = []
    rejected: list[Rejected] = []
    trace: dict[str, str] = {}
    depth: list[str] = []
    count, is_log = 0, False
    try:
        for step, element in iterparse(path, events=("start", "end")):
            tag = element.tag.rsplit("}", 1)[-1]
            if step == "start":
                is_log = is_log or tag == "log"
                trace = {} if tag == "trace" else trace
                depth.append(tag)
                continue
            depth.pop()
            if tag in _VALUES and depth[-1:] == ["trace"]:
                trace[f"case:{element.get('key')}"] = element.get("value") or ""
            elif tag == "event":
                count += 1
                row = {str(e.get("key")): e.get("value") or "" for e in element if e.tag.rsplit("}", 1)[-1] in _VALUES}
                if row:
                    rows.append({**trace, **row})
                    lines.append(count)
                else:
                    rejected.append(Rejected(count, "the event says nothing", "<event/>"))
            if tag in {"event", "trace"}:
                element.clear()
    except (ParseError, DefusedXmlException) as error:
        raise SourceError(f"not valid XML: {error}", where=label, remedy="Export the log again.") from error
    return rows, lines, rejected, is_log
