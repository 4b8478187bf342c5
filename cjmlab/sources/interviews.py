"""Interviews: transcripts in, one row an utterance out, with its speaker's role and its place in the document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.errors import SourceError
from cjmlab.sources.report import Finding, Reading, Report
from cjmlab.sources.scales import fold
from cjmlab.sources.survey import FEEDBACK_COLUMNS

INTERVIEWERS = (
    "interviewer", "i", "int", "moderator", "researcher", "facilitator", "q",
    "访谈员", "访谈者", "采访者", "主持人", "研究员", "问", "訪談員", "訪談者", "主持", "研究員", "問", "访", "訪",
    "интервьюер", "модератор", "исследователь", "ведущий", "и", "в",
)  # fmt: skip
_TURN = re.compile(
    r"^[ \t\u3000]*(?:[\[(【]?(?P<time>(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d+)?)[\])】]?[ \t]*)?"
    r"(?P<speaker>[^\s:：\[\]【】，,。.!?！？][^:：\n，,。!?！？]{0,39}?)[ \t]*[:：][ \t\u3000]*(?P<said>.*)$"
)


@dataclass(frozen=True)
class Turn:
    """What one speaker says before the next one speaks, with its place in code points of the document."""

    speaker: str
    text: str
    start: int
    end: int
    time: str = ""


def read_interviews(
    path: str | Path,
    *,
    name: str | None = None,
    customer_id: str | Mapping[str, str] = "filename",
    interviewers: Sequence[str] = (),
    wave: str | None = None,
    language: str | None = None,
    rename: Callable[[str], str] | None = None,
) -> Reading:
    """Read one transcript or a folder of transcripts.

    Parameters
    ----------
    path : str or Path
        A file, or a folder whose transcripts are all read, in the order of their names.
    name : str, optional
        Name of the source; the file's or folder's name when None.
    customer_id : str or mapping
        ``"filename"`` (the stem of each file), ``"speaker"``, a regular expression with one group searched in the
        stem, or a mapping from stem to customer.
    interviewers : sequence of str
        Names of the interviewers, beside the usual words for one in four languages.
    wave, language : str, optional
        Of all utterances.
    rename : callable, optional
        Gives each customer id another one, such as ``Pseudonyms(key)``; the names of documents follow.

    Returns
    -------
    Reading
        ``table`` is feedback: one row an utterance, ``role`` customer or interviewer, ``document_start`` and
        ``document_end`` in code points of the file's text.

    Raises
    ------
    SourceError
        When there is no such file or folder, or no transcript in it.
    """
    place = Path(path)
    source = name or place.stem
    files = _transcripts(place)
    known = frozenset(map(fold, (*INTERVIEWERS, *interviewers)))
    rows: list[dict[str, Any]] = []
    findings: list[Finding] = []
    for file in files:
        document = file.relative_to(place).as_posix() if place.is_dir() else file.name
        text = _text_of(file, document)
        turns = split_turns(text)
        customer = _customer_of(file, customer_id, findings, source)
        said = [turn for turn in turns if fold(turn.speaker) not in known]
        if not said:
            findings.append(Finding(source, document, "no words of a customer", 1, "", "Name the interviewers."))
        for k, turn in enumerate(turns, 1):
            role = "interviewer" if fold(turn.speaker) in known else "customer"
            who = turn.speaker if customer_id == "speaker" and role == "customer" else customer
            who = rename(who) if rename and who else who
            rows.append({
                "feedback_id": f"{source}:{document}:{k}", "customer_id": who, "source": source,
                "source_type": "interview", "wave": wave, "time": pd.NaT, "language": language, "asks": "open",
                "text": turn.text, "rating": float("nan"), "rating_raw": float("nan"), "role": role,
                "document": document, "document_start": turn.start, "document_end": turn.end, "answer": turn.text,
                "line": text.count("\n", 0, turn.start) + 1,
            })  # fmt: skip
    table = pd.DataFrame(rows, columns=list(FEEDBACK_COLUMNS))
    report = Report(source, len(table), len(table), (), (), tuple(findings))
    return Reading(table, report, tuple(table["line"]))


def split_turns(text: str) -> list[Turn]:
    r"""Cut a transcript into turns.

    A line that opens with a name and a colon begins a turn; other lines belong to the turn before. A name counts as
    a speaker when it is a word for an interviewer or opens two lines or more. A text with no speakers is one turn a
    paragraph.

    Parameters
    ----------
    text : str
        The transcript as it stands in the file.

    Examples
    --------
    >>> turns = split_turns("I: How was it?\nAnna: Fine.\nQuick, too.\nI: And then?\nAnna: 很好。")
    >>> [(turn.speaker, turn.text) for turn in turns][1]
    ('Anna', 'Fine.\nQuick, too.')
    """
    lines = list(re.finditer(r"[^\r\n]+", text))
    found = [(line, _TURN.match(line[0])) for line in lines]
    counts = Counter(fold(match["speaker"]) for _, match in found if match)
    speakers = {name for name, count in counts.items() if count > 1 or name in INTERVIEWERS}
    if speakers & set(INTERVIEWERS) or len(speakers) > 1:
        speakers |= {name for name in counts if _is_name(name)}
    turns: list[Turn] = []
    for line, match in found:
        if match and fold(match["speaker"]) in speakers:
            start = line.start() + match.start("said")
            turns.append(Turn(match["speaker"].strip(), "", start, line.end(), match["time"] or ""))
        elif turns and speakers:
            turns[-1] = Turn(turns[-1].speaker, "", turns[-1].start, line.end(), turns[-1].time)
        elif line[0].strip() and not speakers:
            turns.append(Turn("", "", line.start(), line.end()))
    return [_trim(turn, text) for turn in turns if text[turn.start : turn.end].strip()]


def _is_name(name: str) -> bool:
    return len(name) <= 12 and len(name.split()) <= 2


def _trim(turn: Turn, text: str) -> Turn:
    said = text[turn.start : turn.end]
    start = turn.start + len(said) - len(said.lstrip())
    end = turn.end - (len(said) - len(said.rstrip()))
    return Turn(turn.speaker, text[start:end], start, end, turn.time)


def _transcripts(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise SourceError("there is no such file or folder", where=str(place), remedy="Correct the path or add it.")
    files = sorted(file for file in place.rglob("*.txt") if not file.name.startswith((".", "~")))
    if not files:
        raise SourceError("there is no transcript in the folder", where=place.name, remedy="Put .txt files into it.")
    return files


def _text_of(file: Path, document: str) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"the file is not UTF-8 text ({error.reason})", where=document) from error


def _customer_of(file: Path, rule: str | Mapping[str, str], findings: list[Finding], source: str) -> str | None:
    if isinstance(rule, Mapping):
        found = rule.get(file.stem, rule.get(file.name))
    elif rule == "filename":
        found = file.stem
    elif rule == "speaker":
        return None
    else:
        match = re.search(rule, file.stem)
        found = (match[1] if match.groups() else match[0]) if match else None
    if found is None:
        text = "the file's name gives no customer id; its words are kept as anonymous"
        findings.append(Finding(source, file.name, text, 1, file.stem))
    return found
