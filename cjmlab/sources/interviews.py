"""Interviews: transcripts in, one row an utterance out, with its speaker's role and its place in the document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.errors import CjmError, SourceError
from cjmlab.sources.answers import is_non_answer
from cjmlab.sources.documents import SUFFIXES, read_document
from cjmlab.sources.report import Finding, Reading, Rejected, Report, shorten
from cjmlab.sources.scales import fold
from cjmlab.sources.survey import FEEDBACK_COLUMNS
from cjmlab.sources.turns import CUSTOMERS, INTERVIEWERS, Turn, split_turns

__all__ = ["read_interviews", "split_turns"]
_OTHER_ROLES = (
    "speaker", "manager", "expert", "patient", "doctor", "guest", "student", "unknown", "voice", "man", "woman", "пациент", "пациентка", "врач",
    "менеджер", "эксперт", "гость", "студент", "спикер", "мужчина", "женщина", "患者", "医生", "醫生", "嘉宾", "學員", "学员",
)  # fmt: skip
"""Words that open a turn and are nobody's name."""


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
        A .txt, .md, .docx, .vtt or .srt file, or a folder whose transcripts are all read, in the order of their names.
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
        ``table`` is feedback: one row an utterance, ``role`` customer or interviewer (context, not evidence),
        ``document_start`` and ``document_end`` in code points of ``read_document(file).text``. A file that cannot be
        read is rejected and listed; the others are read.

    Raises
    ------
    SourceError
        When there is no such file or folder, no transcript in it, or none that can be read.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "c7.txt"
    >>> talk = ["Interviewer: How was it?", "Ann: The courier was late."]
    >>> _ = path.write_text(chr(10).join(talk), encoding="utf-8")
    >>> read_interviews(path).table[["customer_id", "role", "text"]].values.tolist()
    [['c7', 'interviewer', 'How was it?'], ['c7', 'customer', 'The courier was late.']]
    """
    place = Path(path)
    reader = _Interviews(name or place.stem, customer_id, interviewers, rename)
    files, others = _transcripts(place)
    errors: list[CjmError] = []
    for file in files:
        label = file.relative_to(place).as_posix() if place.is_dir() else file.name
        try:
            reader.take(file, label, {"wave": wave, "language": language})
        except CjmError as error:
            errors.append(error)
            reader.rejected.append(Rejected(1, error.what, label))
    if errors and len(errors) == len(files):
        raise errors[0]
    if others:
        text = f"{len(others)} files are no transcripts and were not read: {shorten(', '.join(others), 120)}"
        reader.findings.append(Finding(reader.source, place.name, text, len(others), others[0], "", "note"))
    return reader.close()


_ROLES = frozenset(map(fold, (*INTERVIEWERS, *CUSTOMERS, *_OTHER_ROLES)))


class _Interviews:
    """Transcripts on their way into rows."""

    def __init__(
        self, source: str, rule: str | Mapping[str, str], interviewers: Sequence[str],
        rename: Callable[[str], str] | None,
    ) -> None:  # fmt: skip
        self.source, self.rule, self.names, self.rename = source, rule, tuple(interviewers), rename
        self.known = frozenset(map(fold, (*INTERVIEWERS, *interviewers)))
        self.rows: list[dict[str, Any]] = []
        self.findings: list[Finding] = []
        self.rejected: list[Rejected] = []
        self.people: set[str] = set()

    def take(self, file: Path, label: str, shared: Mapping[str, str | None]) -> None:
        document = read_document(file, name=label)
        self.findings.extend(document.findings)
        turns = split_turns(document, self.names)
        customer = self._customer(file)
        document_name = f"{self.rename(file.stem)}{file.suffix}" if self.rename else label
        self._look(turns, label)
        self.people |= {turn.speaker for turn in turns if len(turn.speaker) > 1 and fold(turn.speaker) not in _ROLES}
        for k, turn in enumerate(turns, 1):
            role = "interviewer" if fold(turn.speaker) in self.known else "customer"
            who = turn.speaker or None if self.rule == "speaker" and role == "customer" else customer
            self.rows.append({
                "feedback_id": f"{self.source}:{document_name}:{k}", "source": self.source, **shared,
                "customer_id": self.rename(who) if self.rename and who else who, "source_type": "interview",
                "time": pd.NaT, "asks": "open", "text": turn.text, "answer": turn.text, "rating": float("nan"),
                "rating_raw": float("nan"), "role": role, "document": document_name, "document_start": turn.start,
                "document_end": turn.end, "line": document.text.count("\n", 0, turn.start) + 1,
            })  # fmt: skip

    def _look(self, turns: list[Turn], label: str) -> None:
        voices = sorted({turn.speaker for turn in turns if fold(turn.speaker) not in self.known})
        if not voices:
            remedy = "Write who speaks at the start of each turn, or name the interviewers."
            self.findings.append(Finding(self.source, label, "there are no words of a customer", 1, "", remedy))
        elif len(voices) > 1 and self.rule != "speaker":
            told = f"{len(voices)} speakers count as one customer: {shorten(', '.join(voices), 80)}"
            remedy = 'Name the interviewers, or write customer_id = "speaker".'
            self.findings.append(Finding(self.source, label, told, len(voices), voices[0], remedy))

    def _customer(self, file: Path) -> str | None:
        if self.rule == "speaker":
            return None
        if isinstance(self.rule, Mapping):
            found = self.rule.get(file.stem, self.rule.get(file.name))
        elif self.rule == "filename":
            found = file.stem
        else:
            match = re.search(self.rule, file.stem)
            found = (match[1] if match.groups() else match[0]) if match else None
        if found is None:
            text = "the file's name gives no customer id; its words are kept as anonymous"
            self.findings.append(Finding(self.source, file.name, text, 1, file.stem))
        return found

    def close(self) -> Reading:
        table = pd.DataFrame(self.rows, columns=list(FEEDBACK_COLUMNS))
        said = table.loc[table["role"] == "customer", "text"]
        if hollow := sum(map(is_non_answer, said)):
            self.findings.append(Finding(self.source, self.source, "non-answers", hollow, "", "", "note"))
        count = len(table) + len(self.rejected)
        report = Report(self.source, count, len(table), tuple(self.rejected), (), tuple(self.findings))
        return Reading(table, report, list(table["line"]), people=tuple(sorted(self.people)))


def _transcripts(place: Path) -> tuple[list[Path], list[str]]:
    if place.is_file():
        return [place], []
    if not place.is_dir():
        raise SourceError("there is no such file or folder", where=str(place), remedy="Correct the path or add it.")
    present = sorted(p for p in place.rglob("*") if p.is_file() and not p.name.startswith((".", "~")))
    root = place.resolve()
    files = [p for p in present if p.suffix.lower() in SUFFIXES and p.resolve().is_relative_to(root)]
    if not files:
        remedy = f"Put {', '.join(SUFFIXES)} files into it."
        raise SourceError("there is no transcript in the folder", where=place.name, remedy=remedy)
    return files, [p.relative_to(place).as_posix() for p in present if p not in files]
