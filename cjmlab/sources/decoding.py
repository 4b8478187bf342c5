"""Bytes to text: the whole file decoded strictly, and a question asked where two encodings are as likely."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cjmlab.errors import SourceError
from cjmlab.sources.report import Finding, shorten

ENCODINGS = ("utf-8", "gb18030", "big5hkscs", "cp1251", "koi8-r", "ibm866", "cp1252", "utf-16-le", "utf-16-be")
LARGEST = 2_000_000_000
_CHUNK = 4_000_000
_SURE = 2.5
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
}
_READABLE = re.compile(r"[\u4e00-\u9fff]{2,}|[а-яёА-ЯЁ]{4,}")


@dataclass(frozen=True)
class Encoding:
    """How a file's bytes become text, how that was found out, and the lines that do not fit."""

    name: str
    guess: Finding | None = None
    odd_lines: frozenset[int] = frozenset()


def find_encoding(path: Path, label: str, declared: str | None = None) -> Encoding:
    """Find the encoding in which the whole file can be read.

    Parameters
    ----------
    path : Path
        The file.
    label : str
        What to call it in messages.
    declared : str, optional
        The encoding, when it is known.

    Raises
    ------
    SourceError
        When the declared encoding does not fit, the file is too large or not text, or two encodings are as likely;
        the message then shows how each would read.
    """
    if path.stat().st_size > LARGEST:
        remedy = "Cut it into smaller files, or save it as Parquet with the columns that are needed."
        raise SourceError(
            f"the file has {path.stat().st_size:,} bytes, more than {LARGEST:,}", where=label, remedy=remedy
        )
    if declared:
        return _declared(path, label, declared)
    with path.open("rb") as file:
        head = file.read(_CHUNK)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return _declared(path, label, name)
    wide = head.count(b"\0") > len(head) / 5
    if not wide and _fits(path, "utf-8"):
        return Encoding("utf-8")
    return _detect(path, label, head, wide)


def read_lines(path: Path, encoding: Encoding) -> Iterator[str]:
    """Yield the lines of a file with their line ends; only CR, LF and CRLF end a line."""
    errors = "backslashreplace" if encoding.odd_lines else "strict"
    with path.open(encoding=encoding.name, errors=errors, newline="") as file:
        yield from file


def read_text(path: Path, label: str, declared: str | None = None) -> tuple[str, Encoding]:
    """Return the text of a whole file, and how it was decoded.

    Raises
    ------
    SourceError
        As ``find_encoding``, and when some lines do not fit the encoding of the others.
    """
    encoding = find_encoding(path, label, declared)
    if encoding.odd_lines:
        line = min(encoding.odd_lines)
        remedy = "Save the file again as UTF-8."
        raise SourceError(
            f"{len(encoding.odd_lines)} lines are not {encoding.name}", where=f"{label}, line {line}", remedy=remedy
        )
    return "".join(read_lines(path, encoding)), encoding


def _declared(path: Path, label: str, name: str) -> Encoding:
    try:
        codecs.lookup(name)
    except LookupError as error:
        remedy = f"Known: {', '.join(ENCODINGS)}."
        raise SourceError(f"{name!r} is not an encoding", where=label, remedy=remedy) from error
    if not _fits(path, name):
        raise SourceError(f"the file cannot be read as {name}", where=label, remedy="Name another encoding, or none.")
    return Encoding(name)


def _fits(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _detect(path: Path, label: str, head: bytes, wide: bool) -> Encoding:
    import chardet

    mixed = None if wide else _mixed(path, label)
    if mixed:
        return mixed
    data = head if wide else b"".join(_telling_lines(path))
    known = [name for name in ENCODINGS if wide == name.startswith("utf-16")]
    found = chardet.detect_all(data, ignore_threshold=True, max_bytes=2_000_000, include_encodings=known)
    ranked: dict[str, float] = {}
    for entry in found:
        plain = str(entry["encoding"]).lower()
        name = _NAMES.get(plain, plain)
        if name not in ranked and name in ENCODINGS and _fits(path, name):
            ranked[name] = float(entry["confidence"])
    names = list(ranked)
    if not names:
        raise SourceError(
            "the file is not text in any encoding that is known here", where=label, remedy="Export it as UTF-8."
        )
    if len(names) > 1 and ranked[names[0]] < _SURE * ranked[names[1]]:
        close = names[:4]
        shown = " or ".join(f"{name} ({_preview(head, name)!r})" for name in close)
        raise SourceError(
            f"the encoding is not certain: {shown}", where=label, remedy=f'Say which: encoding = "{close[0]}".'
        )
    return _with_foreign_lines(path, names[0], label, _preview(head, names[0]))


def _telling_lines(path: Path) -> list[bytes]:
    lines: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        for line in file:
            if not line.isascii():
                lines.append(line)
                size += len(line)
            if size > 1_000_000:
                break
    return lines


def _preview(head: bytes, name: str) -> str:
    at = next((i for i, byte in enumerate(head) if byte > 127), 0)
    start = max(head.rfind(b"\n", 0, at), 0) if not name.startswith("utf-16") else 0
    return shorten(head[start : start + 120].decode(name, errors="ignore"), 24)


def _mixed(path: Path, label: str) -> Encoding | None:
    """Find a file whose lines are UTF-8 but for a few."""
    good, odd = 0, []
    first = b""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.isascii():
                continue
            try:
                good += bool(_READABLE.search(line.decode("utf-8")))
            except UnicodeDecodeError:
                first = first or line
                odd.append(number)
    if not odd or good < len(odd):
        return None
    example = f"line {odd[0]}, {shorten(first.decode('utf-8', 'backslashreplace'), 40)!r}"
    text = "these lines are not UTF-8 as the rest of the file is; their rows are not loaded"
    finding = Finding(label, label, text, len(odd), example, "Save the file again from its source as UTF-8.", "warning")
    return Encoding("utf-8", finding, frozenset(odd))


def _with_foreign_lines(path: Path, name: str, label: str, preview: str) -> Encoding:
    """Say which encoding was chosen; find lines that are UTF-8 in a file that is not."""
    odd = []
    if not name.startswith("utf-16"):
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.isascii():
                    continue
                try:
                    words = "".join(_READABLE.findall(line.decode("utf-8")))
                    odd += [number] if len(words) >= sum(byte > 127 for byte in line) / 3 else []
                except UnicodeDecodeError:
                    continue
    if odd:
        text = f"these lines are UTF-8 though the rest of the file is {name}; their rows are not loaded"
        found = Finding(label, label, text, len(odd), f"line {odd[0]}", "Save the file again as UTF-8.", "warning")
        return Encoding(name, found, frozenset(odd))
    reason = f"The whole file can be read so; it begins {preview!r}."
    return Encoding(name, Finding(label, f"{label}, encoding", name, 1, "", reason, "note"))
