"""Containers that may be hostile: what a zip may hold, what an XML part may say, before anything is parsed."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO
from xml.parsers import expat

from cjmlab.errors import SourceError

LARGEST = 200_000_000
WHOLE = 50_000_000
RATIO = 100
_SMALL = 1_000_000
_PARTS = 5_000


def open_zip(path: Path, label: str) -> zipfile.ZipFile:
    """Open a zip container after looking at what it would inflate to.

    Parameters
    ----------
    path : Path
        An .xlsx, .docx or .qdpx file.
    label : str
        What to call it in messages.

    Raises
    ------
    SourceError
        When it is no zip file, holds more than 200 MB or parts packed more than 100 to 1, names a part outside of
        itself, or an XML part declares entities.
    """
    try:
        archive = zipfile.ZipFile(path)
        parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SourceError(f"the file is damaged: {error}", where=label, remedy="Save or export it again.") from error
    try:
        _check_sizes(parts, label)
        for part in parts:
            check_name(part.filename, label)
            _refuse_entities(archive, part, label)
    except BaseException:
        archive.close()
        raise
    return archive


def _check_sizes(parts: list[zipfile.ZipInfo], label: str) -> None:
    total = sum(part.file_size for part in parts)
    remedy = "Such a file is built to overload programs, or holds far more than a table. Save its values as CSV."
    if len(parts) > _PARTS:
        raise SourceError(f"the container has {len(parts):,} parts, more than {_PARTS:,}", where=label, remedy=remedy)
    if total > LARGEST:
        raise SourceError(
            f"the container inflates to {total:,} bytes, more than {LARGEST:,}", where=label, remedy=remedy
        )
    for part in parts:
        if part.file_size > _SMALL and part.file_size > RATIO * max(part.compress_size, 1):
            ratio = part.file_size // max(part.compress_size, 1)
            text = f"the part {part.filename!r} inflates {ratio:,} to 1, more than {RATIO} to 1"
            raise SourceError(text, where=label, remedy=remedy)


def check_name(name: str, label: str) -> None:
    """Refuse the name of a part that would lead out of its container.

    Raises
    ------
    SourceError
        For an absolute name, a drive, or a name that climbs with ``..``.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0]) or "\0" in name:
        remedy = "The file is not to be trusted."
        raise SourceError(f"the container names a part outside of itself: {name!r}", where=label, remedy=remedy)


def read_part(archive: zipfile.ZipFile, name: str, label: str) -> bytes:
    """Return a part that will be held in memory as a whole.

    Raises
    ------
    SourceError
        When it is larger than 50 MB or damaged.
    """
    size = archive.getinfo(name).file_size
    if size > WHOLE:
        raise SourceError(
            f"the part {name!r} has {size:,} bytes, more than {WHOLE:,}", where=label, remedy="Split the file."
        )
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise SourceError(f"the file is damaged: {error}", where=label, remedy="Save or export it again.") from error


def _refuse_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo, label: str) -> None:
    """Refuse a part that is XML, whatever its name, and declares a document type."""
    named = part.filename.lower().endswith((".xml", ".rels", ".qde"))
    if part.filename.lower().endswith((".htm", ".html", ".txt")):
        return
    try:
        with archive.open(part) as stream:
            start = stream.read(200)
        if not named and not start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<"):
            return
        with archive.open(part) as stream:
            refuse_doctype(stream, f"{label}, {part.filename}")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise SourceError(f"the file is damaged: {error}", where=label, remedy="Save or export it again.") from error


class _RootReached(Exception):  # noqa: N818
    """The root element begins: no document type can follow."""


def refuse_doctype(stream: IO[bytes], where: str) -> None:
    """Refuse XML with a document type, which is where entities are declared. Reads no further than the root.

    Raises
    ------
    SourceError
        When there is one, or it is not XML.
    """

    def doctype(*_: object) -> None:
        raise SourceError(
            "the XML declares a document type, which can hide entities", where=where, remedy="Export the file again."
        )

    def root(*_: object) -> None:
        raise _RootReached

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = root
    try:
        while chunk := stream.read(65_536):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except _RootReached:
        return
    except (expat.ExpatError, LookupError, ValueError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"not valid XML: {error}", where=where, remedy="Export the file again.") from error
