"""REFI-QDA, the exchange format of qualitative analysis programs: code books (.qdc) and projects (.qdpx), in and out.

Positions count Unicode code points, as the standard (version 1.5, 2019) asks. A program that counted UTF-16 units
instead is recognised by the words it names beside its positions, and put right.
"""

from __future__ import annotations

import uuid
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

from cjmlab.errors import SourceError
from cjmlab.sources.containers import check_name, open_zip, read_part, refuse_doctype
from cjmlab.sources.report import Finding, shorten

CODE_COLUMNS = ["code", "parent", "description", "color"]
CODING_COLUMNS = ["document", "start", "end", "code", "coder", "text"]
_SPACE = uuid.UUID("9f0e1a5c-6a0f-4a57-9d0f-0d3a5a3a7c11")
_PROJECT, _BOOK = "urn:QDA-XML:project:1.0", "urn:QDA-XML:codebook:1.0"


@dataclass(frozen=True, eq=False)
class QdaProject:
    """A coded project: texts by name, who coded what where, and the codes.

    Parameters
    ----------
    documents : mapping
        Name → text.
    codings : DataFrame
        ``document``, ``start`` and ``end`` (code points, end excluded), ``code``, ``coder``, ``text``.
    codes : DataFrame
        ``code`` (name, the path with ``/`` for codes under codes), ``parent``, ``description``, ``color``.
    findings : tuple of Finding
        What a person should know of reading it.
    """

    documents: Mapping[str, str]
    codings: pd.DataFrame
    codes: pd.DataFrame
    findings: tuple[Finding, ...] = field(default=())


def write_qdc(codes: pd.DataFrame, path: str | Path) -> Path:
    """Write a code book as .qdc.

    Parameters
    ----------
    codes : DataFrame
        ``code``, and if they are there ``parent``, ``description``, ``color``.
    path : str or Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> codes = pd.DataFrame({"code": ["delivery", "late"], "parent": [None, "delivery"]})
    >>> read_qdc(write_qdc(codes, Path(tempfile.mkdtemp()) / "codes.qdc")).code.tolist()
    ['delivery', 'delivery/late']
    """
    place = Path(path)
    body = f'<CodeBook xmlns="{_BOOK}" origin="cjmlab">\n{_codes_xml(codes)}</CodeBook>\n'
    place.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n{body}', encoding="utf-8")
    return place


def read_qdc(path: str | Path) -> pd.DataFrame:
    """Read a .qdc code book.

    Returns
    -------
    DataFrame
        ``code``, ``parent``, ``description``, ``color``.

    Raises
    ------
    SourceError
        When it is missing, damaged, declares a document type, or holds no code book.

    Examples
    --------
    >>> import tempfile
    >>> path = write_qdc(pd.DataFrame({"code": ["delivery"]}), Path(tempfile.mkdtemp()) / "codes.qdc")
    >>> read_qdc(path).code.tolist()
    ['delivery']
    """
    place = Path(path)
    if not place.is_file():
        raise SourceError("there is no such file", where=str(place))
    with place.open("rb") as stream:
        refuse_doctype(stream, place.name)
    root = _parse(place.read_bytes(), place.name)
    if _tag(root) != "CodeBook":
        raise SourceError("the file holds no code book", where=place.name, remedy="Export it as REFI-QDA code book.")
    return _code_table(root)[0]


def write_qdpx(project: QdaProject, path: str | Path) -> Path:
    """Write a project as .qdpx; line ends become LF and positions follow. The same project gives the same bytes.

    Examples
    --------
    >>> import tempfile
    >>> import cjmlab as cjm
    >>> coded = pd.DataFrame({"feedback_id": ["f1"], "text": ["Late again"], "touchpoint": ["delivery"]})
    >>> write_qdpx(cjm.qda_project(coded, {}), Path(tempfile.mkdtemp()) / "study.qdpx").name
    'study.qdpx'
    """
    place = Path(path)
    documents = {name: text.replace("\r\n", "\n") for name, text in project.documents.items()}
    parts = [
        f'<?xml version="1.0" encoding="utf-8"?>\n<Project xmlns="{_PROJECT}" name="cjmlab" origin="cjmlab">\n<Users>\n',
        *(f"<User guid={_guid('user', name)} name={quoteattr(name)}/>\n" for name in _coders(project)),
        f"</Users>\n<CodeBook>\n{_codes_xml(project.codes)}</CodeBook>\n<Sources>\n",
    ]
    for name in documents:
        parts.extend(_source_xml(name, project))
    parts.append("</Sources>\n</Project>\n")
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("project.qde"), "".join(parts))
        for name, text in documents.items():
            archive.writestr(zipfile.ZipInfo(f"sources/{_id('document', name)}.txt"), text.encode("utf-8"))
    return place


def _coders(project: QdaProject) -> list[str]:
    return sorted({str(coder) for coder in project.codings["coder"].dropna()} | {"cjmlab"})


def _source_xml(name: str, project: QdaProject) -> Iterator[str]:
    text = project.documents[name]
    yield f'<TextSource guid={_guid("document", name)} name={quoteattr(name)} plainTextPath="internal://{_id("document", name)}.txt">\n'
    rows = project.codings[project.codings["document"] == name].sort_values(["start", "end", "code"], kind="stable")
    for k, row in enumerate(rows.to_dict("records")):
        raw_start, raw_end, code = int(row["start"]), int(row["end"]), str(row["code"])
        start, end = (at - text.count("\r\n", 0, at) for at in (raw_start, raw_end))
        said = quoteattr(shorten(text[raw_start:raw_end], 200))
        who = f"creatingUser={_guid('user', 'cjmlab' if pd.isna(row['coder']) else str(row['coder']))}"
        key = f"{name}\0{k}\0{start}\0{end}\0{code}"
        place = f'startPosition="{start}" endPosition="{end}"'
        yield f"<PlainTextSelection guid={_guid('selection', key)} name={said} {place} {who}>"
        yield f"<Coding guid={_guid('coding', key)} {who}><CodeRef targetGUID={_guid('code', code)}/></Coding>"
        yield "</PlainTextSelection>\n"
    yield "</TextSource>\n"


def read_qdpx(path: str | Path) -> QdaProject:
    """Read a .qdpx project.

    Raises
    ------
    SourceError
        When it is missing, damaged or hostile, or a source's path leads out of the container.

    Examples
    --------
    >>> import tempfile
    >>> import cjmlab as cjm
    >>> coded = pd.DataFrame({"feedback_id": ["f1"], "text": ["Late again"], "touchpoint": ["delivery"]})
    >>> file = cjm.write_qdpx(cjm.qda_project(coded, {}), Path(tempfile.mkdtemp()) / "study.qdpx")
    >>> cjm.read_qdpx(file).codings[["code", "text"]].values.tolist()
    [['delivery', 'Late again']]
    """
    place = Path(path)
    if not place.is_file():
        raise SourceError("there is no such file", where=str(place))
    with open_zip(place, place.name) as archive:
        if "project.qde" not in archive.namelist():
            raise SourceError("the container holds no project.qde", where=place.name, remedy="Export it as REFI-QDA.")
        root = _parse(read_part(archive, "project.qde", place.name), place.name)
        codes, names = _code_table(root)
        coders = {e.get("guid"): e.get("name") or e.get("id") for e in root.iter() if _tag(e) == "User"}
        documents: dict[str, str] = {}
        rows: list[tuple[Any, ...]] = []
        findings: list[Finding] = []
        for source in (element for element in root.iter() if _tag(element) == "TextSource"):
            name = source.get("name") or "source"
            text = _source_text(archive, source, place.name)
            if text is None:
                findings.append(Finding(place.name, name, "the text of the source is not in the container", 1))
                continue
            documents[name] = text
            rows.extend(_codings_of(source, name, text, names, coders, findings))
    return QdaProject(documents, pd.DataFrame(rows, columns=CODING_COLUMNS), codes, tuple(findings))


def _source_text(archive: zipfile.ZipFile, source: Any, label: str) -> str | None:
    for child in source:
        if _tag(child) == "PlainTextContent":
            return child.text or ""
    path = str(source.get("plainTextPath") or "")
    if path.startswith("internal://"):
        inner = path.removeprefix("internal://")
        check_name(inner, label)
        known = {name.removeprefix("sources/"): name for name in archive.namelist()}
        if inner in known:
            try:
                return read_part(archive, known[inner], label).decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise SourceError(f"the source {inner!r} is not UTF-8 text", where=label) from error
        return None
    if path:
        raise SourceError(
            f"a source lies outside of the container: {path!r}", where=label, remedy="Export it with its sources."
        )
    return None


def _codings_of(
    source: Any, name: str, text: str, names: Mapping[str, str], coders: Mapping[Any, Any], findings: list[Finding]
) -> Iterator[tuple[Any, ...]]:
    units = text.encode("utf-16-le")
    moved = outside = 0
    for selection in (element for element in source if _tag(element) == "PlainTextSelection"):
        start, end = _position(selection, "startPosition"), _position(selection, "endPosition")
        said = selection.get("name") or ""
        if text[start:end] != said and said and units[2 * start : 2 * end].decode("utf-16-le", "ignore") == said:
            start = len(units[: 2 * start].decode("utf-16-le", "ignore"))
            end, moved = start + len(said), moved + 1
        if not 0 <= start < end <= len(text):
            outside += 1
            continue
        for coding in (element for element in selection if _tag(element) == "Coding"):
            for ref in (element for element in coding if _tag(element) == "CodeRef"):
                who = coders.get(coding.get("creatingUser") or selection.get("creatingUser"))
                yield name, start, end, names.get(str(ref.get("targetGUID"))), who, text[start:end]
    if moved:
        findings.append(
            Finding(
                name, name, "positions counted UTF-16 units; put right by the words beside them", moved, "", "", "note"
            )
        )
    if outside:
        findings.append(Finding(name, name, "positions lie outside of the text; the selections are left out", outside))


def _position(selection: Any, key: str) -> int:
    word = str(selection.get(key) or "")
    return int(word) if word.isascii() and word.isdigit() else -1


def _parse(data: bytes, label: str) -> Any:
    from xml.etree.ElementTree import ParseError  # only the error's name: parsing is defusedxml's

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        return fromstring(data)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise SourceError(f"not valid XML: {error}", where=label, remedy="Export it again.") from error


def _tag(element: Any) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _code_table(root: Any) -> tuple[pd.DataFrame, dict[str, str]]:
    rows: list[tuple[str, str | None, str, str]] = []
    names: dict[str, str] = {}

    def walk(element: Any, parent: str | None) -> None:
        for child in element:
            if _tag(child) == "Code":
                name = f"{parent}/{child.get('name')}" if parent else str(child.get("name"))
                told = next((part.text or "" for part in child if _tag(part) == "Description"), "")
                rows.append((name, parent, told, child.get("color") or ""))
                names[str(child.get("guid"))] = name
                walk(child, name)
            elif _tag(child) in {"Codes", "CodeBook"}:
                walk(child, parent)

    walk(root, None)
    return pd.DataFrame(rows, columns=CODE_COLUMNS), names


def _codes_xml(codes: pd.DataFrame) -> str:
    rows = codes.reindex(columns=CODE_COLUMNS).astype(object).where(codes.reindex(columns=CODE_COLUMNS).notna(), None)
    children: dict[str, list[dict[str, Any]]] = {}
    known = set(rows["code"])
    for row in rows.to_dict("records"):
        children.setdefault(str(row["parent"]) if row["parent"] in known else "", []).append(
            {str(key): value for key, value in row.items()}
        )

    def write(parent: str) -> str:
        parts = []
        for row in children.get(parent, []):
            code = str(row["code"])
            name = code.removeprefix(f"{parent}/") if parent else code
            color = f" color={quoteattr(str(row['color']))}" if row["color"] else ""
            told = f"<Description>{escape(str(row['description']))}</Description>" if row["description"] else ""
            head = f'<Code guid={_guid("code", code)} name={quoteattr(name)} isCodable="true"{color}>'
            parts.append(f"{head}{told}{write(code)}</Code>\n")
        return "".join(parts)

    return f"<Codes>\n{write('')}</Codes>\n"


def _id(kind: str, name: str) -> str:
    return str(uuid.uuid5(_SPACE, f"{kind}\0{name}"))


def _guid(kind: str, name: str) -> str:
    return f'"{_id(kind, name)}"'
