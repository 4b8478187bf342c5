"""Documents to text: plain text in any encoding, Word with its tracked changes settled, captions with their cues."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cjmlab.errors import SourceError
from cjmlab.sources.containers import WHOLE, open_zip, read_part
from cjmlab.sources.decoding import read_text
from cjmlab.sources.report import Finding

SUFFIXES = (".txt", ".md", ".docx", ".vtt", ".srt")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_GONE = {f"{_WORD}del", f"{_WORD}moveFrom", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
_TAG = re.compile(r"<(?!/?v\b)[^>\n]*>|</v>")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")


@dataclass(frozen=True)
class Cue:
    """One caption: who speaks, if it says so, what, when, and its place in the document."""

    speaker: str
    text: str
    time: str
    start: int
    end: int


@dataclass(frozen=True)
class Document:
    """A document's text, to which all offsets refer, and its cues if it is made of captions."""

    text: str
    cues: tuple[Cue, ...] | None = None
    findings: tuple[Finding, ...] = ()


def read_document(path: str | Path, *, name: str | None = None, encoding: str | None = None) -> Document:
    """Read a transcript.

    Parameters
    ----------
    path : str or Path
        A .txt, .md, .docx, .vtt or .srt file.
    name : str, optional
        What to call it in messages.
    encoding : str, optional
        Of plain text and captions; found out when None.

    Returns
    -------
    Document
        ``text`` is the file's own text for plain text and captions. For Word it is the paragraphs, one a line, with
        insertions taken and deletions left out.

    Raises
    ------
    SourceError
        When the file is missing, damaged, hostile or of another kind.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "talk.md"
    >>> _ = path.write_text("Ann: It was late.", encoding="utf-8")
    >>> read_document(path).text
    'Ann: It was late.'
    """
    place = Path(path)
    label = name or place.name
    if not place.is_file():
        raise SourceError("there is no such file", where=str(place), remedy="Correct the path or add the file.")
    if place.stat().st_size > WHOLE:
        remedy = "A transcript is no larger than a few megabytes: is it the right file?"
        raise SourceError(
            f"the file has {place.stat().st_size:,} bytes, more than {WHOLE:,}", where=label, remedy=remedy
        )
    with place.open("rb") as file:
        start = file.read(4)
    if start == b"PK\x03\x04":
        return Document(_word_text(place, label))
    if not start:
        return Document("")
    text, found = read_text(place, label, encoding)
    findings = (found.guess,) if found.guess else ()
    if place.suffix.lower() in {".vtt", ".srt"} or text.lstrip("\ufeff").startswith("WEBVTT"):
        return Document(text, tuple(_cues(text, label)), findings)
    return Document(text, None, findings)


def _word_text(path: Path, label: str) -> str:
    from xml.etree.ElementTree import ParseError  # only the error's name: parsing is defusedxml's

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    with open_zip(path, label) as archive:
        if "word/document.xml" not in archive.namelist():
            raise SourceError("the file is no Word document", where=label, remedy="Save it as .docx or .txt.")
        try:
            root = fromstring(read_part(archive, "word/document.xml", label))
        except (ParseError, DefusedXmlException, OSError) as error:
            raise SourceError(f"the Word document is damaged: {error}", where=label, remedy="Save it again.") from error
    lines = ["".join(_runs(paragraph)) for paragraph in _paragraphs(root)]
    return "\n".join(lines)


def _paragraphs(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag in _GONE:
            continue
        if child.tag == f"{_WORD}p":
            yield child
        yield from _paragraphs(child)


def _runs(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag in _GONE or child.tag == f"{_WORD}p":
            continue
        if child.tag == f"{_WORD}t":
            yield child.text or ""
        elif child.tag == f"{_WORD}tab":
            yield "\t"
        elif child.tag in {f"{_WORD}br", f"{_WORD}cr"}:
            yield "\n"
        else:
            yield from _runs(child)


def _cues(text: str, label: str) -> Iterator[Cue]:
    """Yield the captions, each with the place of its words in the text."""
    import webvtt
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    plain = text.lstrip("\ufeff")
    kind = "vtt" if plain.startswith("WEBVTT") else "srt"
    try:
        captions = webvtt.from_buffer(io.BytesIO(plain.encode("utf-8")), format=kind)
    except (MalformedFileError, MalformedCaptionError, ValueError) as error:
        raise SourceError(f"the captions are damaged: {error}", where=label, remedy="Export them again.") from error
    position = 0
    for caption in captions.captions:
        lines = [line for line in caption.raw_text.split("\n") if line.strip()]
        if not lines:
            continue
        position = max(text.find("-->", position), position)
        start = text.find(lines[0], position)
        end = start
        for line in lines:
            end = text.find(line, end) + len(line)
        position = end
        voice = _VOICE.search(lines[0])
        if voice:
            start += voice.end()
        said = " ".join(html.unescape(_TAG.sub("", _VOICE.sub("", line))).strip() for line in lines)
        yield Cue(voice[1].strip() if voice else "", said.strip(), str(caption.start), start, end)
