"""Codings of people: the CSV exports of Taguette and QualCoder, and coded tables made ready for exchange."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from cjmlab.errors import SourceError
from cjmlab.sources.files import read_table
from cjmlab.sources.refi import CODE_COLUMNS, CODING_COLUMNS, QdaProject
from cjmlab.sources.report import Finding, Reading
from cjmlab.sources.scales import fold
from cjmlab.tables import need_columns, open_table

_NAMES = {
    "document": ("document", "file", "filename", "file name", "source", "fname", "file or case name"),
    "code": ("tag", "tags", "code", "codename", "code name", "coded", "code_name"),
    "text": ("content", "text", "coded text", "seltext", "codedtext", "highlight"),
    "coder": ("coder", "owner", "codername", "coder name"),
    "start": ("pos0", "start", "position start", "start position"),
    "end": ("pos1", "end", "position end", "end position"),
}


def read_codings(path: str | Path, documents: Mapping[str, str] | None = None) -> Reading:
    r"""Read the codings that Taguette or QualCoder export as CSV or XLSX.

    Parameters
    ----------
    path : str or Path
        Taguette's highlights (``id, document, tag, content``) or QualCoder's coded text.
    documents : mapping, optional
        Document name → text. A coding without positions gets those of its words where they stand once in the text.

    Returns
    -------
    Reading
        ``table`` has ``document``, ``start``, ``end``, ``code``, ``coder``, ``text``. The report counts codings whose
        words are not in their document or stand in it more than once.

    Raises
    ------
    SourceError
        When the file has no column of codes or texts.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "highlights.csv"
    >>> _ = file.write_text("id,document,tag,content\n1,a.txt,delivery,迟到了\n", encoding="utf-8")
    >>> read_codings(file, {"a.txt": "🙂送货迟到了。"}).table.astype(str).iloc[0, :4].tolist()
    ['a.txt', '3', '6', 'delivery']
    """
    raw = read_table(path)
    by_name = {fold(str(column)): str(column) for column in raw.table.columns}
    found = {key: next((by_name[name] for name in names if name in by_name), None) for key, names in _NAMES.items()}
    for key in ("code", "text"):
        if found[key] is None:
            remedy = f"Its columns: {', '.join(map(repr, raw.table.columns))}."
            raise SourceError(f"there is no column of {key}s", where=raw.report.source, remedy=remedy)
    table = pd.DataFrame(
        {key: raw.table[column] if column else None for key, column in found.items()}, index=raw.table.index
    )
    starts, ends, lost = [], [], []
    for i, row in enumerate(table.to_dict("records")):
        start, end = (pd.to_numeric(row[key], errors="coerce") for key in ("start", "end"))
        text, document = row["text"], (documents or {}).get(str(row["document"]), "")
        if pd.isna(start) and isinstance(text, str) and document.count(text) == 1:
            start = document.index(text)
            end = start + len(text)
        lost += [i] if pd.isna(start) or pd.isna(end) else []
        starts.append(start)
        ends.append(end)
    table["start"], table["end"] = pd.array(starts, dtype="Int64"), pd.array(ends, dtype="Int64")
    findings = []
    if lost:
        example = f"line {raw.lines[lost[0]]}"
        text = "codings have no position: their words are not in their document, or stand in it more than once"
        findings.append(Finding(raw.report.source, raw.report.source, text, len(lost), example))
    return raw.replace(table=table[CODING_COLUMNS], report=raw.report.with_more(findings))


def qda_project(coded: pd.DataFrame, documents: Mapping[str, str], codes: pd.DataFrame | None = None) -> QdaProject:
    r"""Make a coded table ready for ``write_qdpx``.

    Parameters
    ----------
    coded : DataFrame
        A coded table (see ``cjmlab.tables``). Rows without a touchpoint or text are left out.
    documents : mapping
        Document name → text, for rows that stand in a document. The texts of other rows become one document a
        source, each under the id of its row.
    codes : DataFrame, optional
        ``code``, ``parent``, ``description``, ``color``; the touchpoints of the table when None.

    Raises
    ------
    TableError
        When the table has no touchpoints or no texts.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> coded = pd.DataFrame({"feedback_id": ["f1"], "text": ["Late again"], "touchpoint": ["delivery"]})
    >>> project = cjm.qda_project(coded, {})
    >>> project.documents, project.codings[["start", "end", "code"]].values.tolist()
    ({'feedback.txt': '[f1] Late again\n'}, [[5, 15, 'delivery']])
    """
    need_columns("coded", coded, "touchpoint", "text")
    coded = open_table("coded", coded)
    rows = coded[coded["touchpoint"].notna() & coded["text"].notna()]
    texts = dict(documents)
    codings = []
    placed = rows.reindex(columns=["document", "document_start", "start"])
    inside = placed["document"].isin(list(documents)) & placed.notna().all(axis=1)
    for row in rows[inside].to_dict("records"):
        start = int(row["document_start"]) + int(row["start"])
        codings.append(
            (row["document"], start, start + len(str(row["text"])), row["touchpoint"], row["coder"], row["text"])
        )
    others = rows[~inside]
    sources = others["source"] if "source" in others else pd.Series("feedback", index=others.index)
    for source, part in others.groupby(sources, sort=True):
        name, text = f"{source}.txt", ""
        for row in part.sort_values(["feedback_id", "unit_id"], kind="stable").to_dict("records"):
            said = str(row["text"])
            text += f"[{row['feedback_id']}] "
            codings.append((name, len(text), len(text) + len(said), row["touchpoint"], row["coder"], said))
            text += f"{said}\n"
        texts[name] = text
    if codes is None:
        codes = pd.DataFrame({"code": sorted(set(rows["touchpoint"]))}).reindex(columns=CODE_COLUMNS)
    return QdaProject(texts, pd.DataFrame(codings, columns=CODING_COLUMNS), codes)
