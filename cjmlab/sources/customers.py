"""Customers: one row each, identified, with columns of the kind that was declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.errors import SourceError
from cjmlab.sources.answers import is_placeholder
from cjmlab.sources.columns import find_rounded, need_columns
from cjmlab.sources.files import read_table
from cjmlab.sources.identifiers import names_of_people
from cjmlab.sources.report import Finding, Reading, Rejected, shorten
from cjmlab.sources.values import read_numbers

_PLAIN = re.compile(r"[-−+]?(?:0|[1-9]\d*)(?:[.,]\d+)?")


def read_customers(
    path: str | Path,
    *,
    customer_id: str = "customer_id",
    numeric: Collection[str] = (),
    text: Collection[str] = (),
    needed: Collection[str] = (),
    name: str | None = None,
    rename: Callable[[str], str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Reading:
    """Read the customer table.

    Parameters
    ----------
    path : str or Path
        Any file that ``read_table`` reads.
    customer_id : str
        The column that identifies a customer.
    numeric, text : collection of str
        Columns declared to be numbers or words. Any other column becomes numbers when every answer in it is a plain
        number (no leading zero), and the report says so.
    needed : collection of str
        Further columns that must be there.
    name : str, optional
        What to call the file in messages.
    rename : callable, optional
        Gives each customer id another one, such as ``Pseudonyms(key)``.
    options : mapping, optional
        Further arguments of ``read_table``.

    Returns
    -------
    Reading
        ``table`` has ``customer_id`` first. A row without an id, or with one that came before, is rejected and listed.

    Raises
    ------
    SourceError
        When the file or a declared column is missing, or no row has an id.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "clients.csv"
    >>> pd.DataFrame({"no": ["007", "010"], "visits": [3, 12], "e-mail": ["a@b.org", "c@d.org"]}).to_csv(path, index=False)
    >>> reading = read_customers(path, customer_id="no", numeric=["visits"])
    >>> reading.table[["customer_id", "visits"]].values.tolist(), reading.identifiers
    ([['007', 3.0], ['010', 12.0]], ('e-mail',))
    """
    raw = read_table(path, name=name, **(options or {}))
    where = raw.report.source
    wanted: dict[str, str | None] = {"customer_id": customer_id}
    wanted.update({f"the customers' column {column!r}": column for column in (*numeric, *text, *needed)})
    need_columns(raw.table, wanted, where)
    clash = {"customer_id": "customer_id (file)"} if customer_id != "customer_id" else {}
    table = raw.table.rename(columns={**clash, customer_id: "customer_id"})
    keep, rejected = _first_of_each(table, raw.lines)
    if not keep:
        raise SourceError("no row has a customer id", where=f"{where}, column {customer_id!r}")
    table = table.iloc[keep].reset_index(drop=True)
    lines = tuple(raw.lines[i] for i in keep)
    table["customer_id"] = table["customer_id"].str.strip()
    findings = find_rounded(table["customer_id"], f"{where}, column {customer_id!r}", lines)
    if rename:
        table["customer_id"] = table["customer_id"].map(rename)
    elif customer_id in raw.identifiers:
        text, remedy = "the customer ids point at people", "Set pseudonyms = true in [privacy]."
        example = f"line {lines[0]}"
        findings.append(Finding(where, f"{where}, column {customer_id!r}", text, len(table), example, remedy))
    findings.extend(_convert(table, numeric, text, needed, where, lines))
    front = ["customer_id", *[c for c in table.columns if c != "customer_id"]]
    report = raw.report.with_more(findings, rejected)
    return raw.replace(table=table[front], report=report, lines=lines, people=names_of_people(raw.table))


def _convert(
    table: pd.DataFrame,
    numeric: Collection[str],
    text: Collection[str],
    needed: Collection[str],
    where: str,
    lines: Sequence[int],
) -> list[Finding]:
    """Turn the columns of a table that hold numbers into numbers, in place."""
    findings: list[Finding] = []
    inferred = []
    for column in [str(c) for c in table.columns if c != "customer_id"]:
        if column in text:
            continue
        plain = all(_PLAIN.fullmatch(v.strip()) for v in _answers(table[column]))
        if column in numeric or plain:
            table[column], found = read_numbers(table[column], f"{where}, column {column!r}", lines)
            findings.extend(found)
            inferred += [] if column in numeric or column in needed else [column]
    if inferred:
        told = f"{len(inferred)} columns read as numbers: {shorten(', '.join(inferred), 200)}"
        remedy = "Every answer in them is a plain number. Declare as nominal or ordinal what is not a quantity."
        findings.append(Finding(where, where, told, len(inferred), "", remedy, "note"))
    return findings


def _first_of_each(table: pd.DataFrame, lines: Sequence[int]) -> tuple[list[int], list[Rejected]]:
    seen: dict[str, int] = {}
    keep, rejected = [], []
    for i, value in enumerate(table["customer_id"]):
        identity = "" if pd.isna(value) else str(value).strip()
        if identity and identity not in seen:
            seen[identity] = lines[i]
            keep.append(i)
            continue
        shown = ", ".join("" if pd.isna(cell) else str(cell) for cell in table.iloc[i])
        reason = f"the customer id is already on line {seen[identity]}" if identity else "no customer id"
        rejected.append(Rejected(lines[i], reason, shown))
    return keep, rejected


def _answers(values: pd.Series) -> list[str]:
    answers = [str(v) for v in values if not pd.isna(v)]
    return [v for v in answers if not is_placeholder(v)] or ["no answer at all"]
