"""Turns: who speaks when in a transcript, told from the way its lines begin."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cjmlab.sources.documents import Cue, Document
from cjmlab.sources.scales import fold

INTERVIEWERS = (
    "interviewer", "i", "int", "moderator", "researcher", "facilitator", "q", "host",
    "访谈员", "访谈者", "采访者", "主持人", "研究员", "问", "訪談員", "訪談者", "採訪者", "主持", "研究員", "問", "访", "訪",
    "интервьюер", "модератор", "исследователь", "ведущий", "ведущая", "и", "в",
    "agent", "support", "operator", "bot", "客服", "客服人员", "客服人員", "机器人", "機器人", "оператор", "поддержка", "бот",
)  # fmt: skip
CUSTOMERS = (
    "participant", "respondent", "interviewee", "customer", "client", "user", "p", "r", "a", "受访者", "被访者", "顾客", "客户", "用户",
    "答", "受訪者", "被訪者", "顧客", "客戶", "респондент", "участник", "участница", "клиент", "покупатель", "р", "о", "п",
)  # fmt: skip
_BLANK = r"[ \t\u202f]"
_CLOCK = r"(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d+)?"
_DATE = r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{4}年\d{1,2}月\d{1,2}日)"
_HOUR = rf"(?:(?:上午|下午|凌晨|早上|中午|晚上){_BLANK}*)?{_CLOCK}(?:{_BLANK}?[AaPp]\.?[Mm]\.?)?"
_WHEN = rf"(?:{_DATE}[,，]?{_BLANK}+)?{_HOUR}"
_START = r"^[ \t\u3000\u200e\ufeff]*"
_NAME = rf"(?!{_WHEN})[^\s:：\[\]【】()（），,。.!?！？][^:：\n，,。!?！？\[\]【】]{{0,39}}?"
_TURN = re.compile(
    rf"{_START}(?:[\[(【]?(?P<time>{_WHEN})[\])】]?{_BLANK}*(?:[-–—]{_BLANK}+)?)?(?P<speaker>{_NAME})"
    rf"[ \t]*(?:[\[(（【](?P<after>{_CLOCK})[\])）】])?[ \t]*[:：][ \t\u3000]*(?P<said>.*)$"
)
_HEAD = re.compile(rf"{_START}(?P<speaker>{_NAME}),?[ \t]+[\[(]?(?P<time>{_WHEN})[\])]?[ \t]*(?P<said>)$")
_MESSAGES = (
    re.compile(rf"{_START}(?P<time>{_WHEN})\t(?P<speaker>[^\t]{{1,40}})\t(?P<said>.*)$"),  # LINE
    re.compile(rf"{_START}(?P<time>{_DATE}[ \t]+{_HOUR})[ \t]+(?P<speaker>{_NAME})[ \t]*(?P<said>)$"),  # WeChat
    _HEAD,  # Telegram, meeting software
    _TURN,  # WhatsApp, transcripts
)
_ASIDE = re.compile(
    rf"{_START}[\[(]?(?:{_DATE}(?:[ \t]*[（(]?\w{{1,9}}[）)]?)?[ \t]*$|{_DATE}[,，]?[ \t]+{_HOUR}|{_WHEN}\t)"
)
"""What a messenger writes between messages: the day, who joined, who took a message back."""
_STAMP = re.compile(rf"[\r\n][ \t]*[\[(【]?{_CLOCK}[\])】]?\s*$")
_SENTENCE_END = (".", "!", "?", "。", "！", "？", "…")


@dataclass(frozen=True)
class Turn:
    """What one speaker says before the next one speaks, with its place in code points of the document."""

    speaker: str
    text: str
    start: int
    end: int
    time: str = ""


def split_turns(document: str | Document, interviewers: Iterable[str] = ()) -> list[Turn]:
    r"""Cut a transcript into turns.

    A line that opens with a name and a colon, or is a name with a time, begins a turn, as does a message of a LINE,
    WeChat, WhatsApp or Telegram chat that was saved as text; other lines belong to the turn before, but for the days
    and notices that a messenger writes between messages. A name counts as a speaker when it is a usual word for one or opens two lines or more. A text with no
    speakers is one turn a paragraph. Captions of one speaker in a row are one turn.

    Parameters
    ----------
    document : str or Document
        The transcript as it stands in the file.
    interviewers : iterable of str
        Further names that are speakers.

    Examples
    --------
    >>> turns = split_turns("I: How was it?\nAnna: Fine.\nQuick, too.\nI: And then?\nAnna: 很好。")
    >>> [(turn.speaker, turn.text) for turn in turns][1]
    ('Anna', 'Fine.\nQuick, too.')
    """
    asking = {fold(name) for name in (*INTERVIEWERS, *interviewers)}
    known = asking | set(map(fold, CUSTOMERS))
    if isinstance(document, Document) and document.cues is not None:
        return _of_cues(document.cues, known, asking)
    text = document.text if isinstance(document, Document) else document
    lines = list(re.finditer(r"[^\r\n]+", text))
    found = [(line, _opening(line[0])) for line in lines]
    speakers = _speakers([match["speaker"] for _, match in found if match], known, asking)
    turns: list[Turn] = []
    for line, match in found:
        if match and fold(match["speaker"]) in speakers:
            start = line.start() + match.start("said")
            time = match["time"] or match.groupdict().get("after") or ""
            turns.append(Turn(match["speaker"].strip(), "", start, line.end(), time))
        elif turns and speakers and not _ASIDE.match(line[0]):
            turns[-1] = replace(turns[-1], end=line.end())
        elif line[0].strip() and not speakers:
            turns.append(Turn("", "", line.start(), line.end()))
    trimmed = [_trim(turn, text) for turn in turns]
    return [turn for turn in trimmed if turn.text]


def _opening(line: str) -> re.Match[str] | None:
    return next((match for pattern in _MESSAGES if (match := pattern.match(line))), None)


def _speakers(names: list[str], known: set[str], asking: set[str]) -> set[str]:
    """Return the names that speak: usual words, names that come back, and short names beside such."""
    counts = Counter(map(fold, names))
    speakers = {name for name, count in counts.items() if name in known or (count > 1 and len(name.split()) <= 4)}
    if len(speakers) > 1 or speakers & known:
        speakers |= {name for name, count in counts.items() if count > 1 or (name[-1:].isdigit() and len(name) <= 16)}
    if speakers and speakers <= asking:  # a talk has someone who answers, if only once
        speakers |= {name for name in counts if len(name.split()) <= 2 and len(name) <= 20}
    return speakers


def _trim(turn: Turn, text: str) -> Turn:
    said = _STAMP.sub("", text[turn.start : turn.end])
    start = turn.start + len(said) - len(said.lstrip())
    end = turn.start + len(said.rstrip())
    return replace(turn, text=text[start:end], start=start, end=max(start, end))


def _of_cues(cues: Iterable[Cue], known: set[str], asking: set[str]) -> list[Turn]:
    listed = list(cues)
    matches = [None if cue.speaker else _TURN.match(cue.text) for cue in listed]
    speakers = _speakers([m["speaker"] for m in matches if m], known, asking)
    turns: list[Turn] = []
    for cue, match in zip(listed, matches, strict=True):
        speaker, said, start = cue.speaker, cue.text, cue.start
        if match and fold(match["speaker"]) in speakers:
            speaker, said = match["speaker"].strip(), match["said"].strip()
            start += match.start("said")
        last = turns[-1] if turns else None
        named = bool(speakers) or any(c.speaker for c in listed)
        goes_on = last is not None and (
            speaker in {"", last.speaker} if named else not last.text.endswith(_SENTENCE_END)
        )
        if last is not None and goes_on:
            turns[-1] = replace(last, text=_join(last.text, said), end=cue.end)
        else:
            turns.append(Turn(speaker, said, start, cue.end, cue.time))
    return [turn for turn in turns if turn.text]


def _join(before: str, after: str) -> str:
    """Join two captions: with a space, but for Chinese, which has none."""
    wide = after[:1] > "\u2e7f" and (before[-1:] > "\u2e7f" or not before[-1:].isalnum())
    return f"{before}{'' if wide else ' '}{after}".strip()
