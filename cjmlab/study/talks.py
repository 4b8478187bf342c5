"""Interviews and chats that nobody has described yet: whose they are, and who of the speakers is no customer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from cjmlab.errors import CjmError
from cjmlab.sources.documents import SUFFIXES, Document, read_document
from cjmlab.sources.scales import fold
from cjmlab.sources.turns import CUSTOMERS, INTERVIEWERS, split_turns
from cjmlab.study.drafts import comment, quoted

_PATTERNS = (r"(\d+)", r"([A-Za-z]+[-_ ]?\d+)", r"([^\s_\]）)]+)$", r"^([^\s_\[（(]+)")
_MOST = 50
_FEWEST = 3
_SHORTEST = 4
"""A number with fewer digits counts files rather than names a customer."""


def read_talks(place: Path) -> tuple[dict[str, Document], str]:
    """Return up to fifty transcripts by the stem of their file, and why the first of the others cannot be read."""
    files = sorted(p for p in place.rglob("*") if p.suffix.lower() in SUFFIXES) if place.is_dir() else [place]
    read, trouble = {}, ""
    for file in files[:_MOST]:
        try:
            read[file.stem] = read_document(file)
        except CjmError as error:
            trouble = trouble or f", though {file.name} cannot be read: {comment(str(error))}"
    return read, trouble


def draft_interviews(place: Path, talks: dict[str, Document], trouble: str, customers: Collection[str]) -> str:
    """Write ``[[interviews]]`` for a transcript or a folder of them.

    Parameters
    ----------
    place : Path
        The file or folder.
    talks, trouble
        From ``read_talks``.
    customers : collection of str
        The ids of customers that other files name.
    """
    key, kind = ("folder", "a folder") if place.is_dir() else ("file", "a transcript")
    rule, reason = _whose(list(talks), customers)
    lines = ["[[interviews]]", f"{key} = {quoted(place.name)}  # {kind}{trouble}"]
    lines.append(f"customer_id = {quoted(rule)}  # {comment(reason)}")
    asking = _asking(list(talks.values()))
    if asking:
        often = ", ".join(f"{name} speaks in {count} of {len(talks)} files" for name, count in asking.items())
        lines.append(f"interviewer = [{', '.join(map(quoted, asking))}]  # {comment(often)}; check")
    return "\n".join([*lines, ""])


def _whose(stems: Sequence[str], customers: Collection[str]) -> tuple[str, str]:
    """Return the rule by which the names of files give customers, and the reason."""

    def known(pattern: str) -> int:
        found = (re.search(pattern, stem) for stem in stems)
        return sum(match is not None and len(match[1]) >= _SHORTEST and match[1] in customers for match in found)

    whole = sum(stem in customers for stem in stems)
    best = max(_PATTERNS, key=known)
    if known(best) > whole:
        return best, f"so the names of {known(best)} of {len(stems)} files are ids of customers"
    if whole:
        return "filename", f"the names of {whole} of {len(stems)} files are ids of customers"
    return "filename", 'the name of each file is taken as the customer; or "speaker", or a pattern such as "(C\\d+)"'


def _asking(talks: Sequence[Document]) -> dict[str, int]:
    """Return who speaks in most files, beside somebody else in each, and is known by no usual word."""
    voices = [dict.fromkeys(turn.speaker for turn in split_turns(talk) if turn.speaker) for talk in talks]
    usual = set(map(fold, (*INTERVIEWERS, *CUSTOMERS)))
    counts = Counter(name for names in voices if len(names) > 1 for name in names)
    often = {name: count for name, count in counts.items() if count > len(talks) / 2 and fold(name) not in usual}
    others = all(set(names) - set(often) for names in voices if len(names) > 1)
    return often if others and len(talks) >= _FEWEST else {}
