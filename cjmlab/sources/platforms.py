"""Survey platforms: their header rows, their marks for unanswered questions, their signs between choices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cjmlab.sources.scales import fold

LAYOUTS = ("plain", "qualtrics", "surveymonkey", "wjx", "limesurvey")
_RESPONSE = {"response", "open-ended response", "", "ответ", "свободный ответ", "回复", "开放式回答"}
_ANSWERED = re.compile("提交答卷时间|提交答卷時間|答题时间|答題時間")
_NUMBERED = re.compile(r"^\s*(?:[QqВв]?\d+|[A-Za-z]\w{0,15})\s*[.、．:：)]\s*(?=\S)")


@dataclass(frozen=True)
class Layout:
    """How a platform lays out its export.

    ``header_rows`` is how many rows come before the first answer, ``names`` are the columns, ``wordings`` their
    questions, ``placeholders`` stand for a question without an answer, ``separator`` parts several choices.
    """

    platform: str
    header_rows: int
    names: list[str]
    wordings: list[str]
    placeholders: tuple[str, ...] = ()
    separator: str = ""
    reason: str = ""


def find_layout(rows: Sequence[Sequence[str]]) -> Layout:
    """Recognise the platform of an export from its first rows (three are enough).

    Examples
    --------
    >>> layout = find_layout([["序号", "提交答卷时间", "3、配送满意吗？"], ["1", "2026/1/2 10:00:00", "5"]])
    >>> layout.platform, layout.wordings[2], layout.separator
    ('wjx', '配送满意吗？', '┋')
    """
    first = [cell.strip() for cell in rows[0]] if rows else []
    second = [cell.strip() for cell in rows[1]] if len(rows) > 1 else []
    third = [cell.strip() for cell in rows[2]] if len(rows) > 2 else []
    folded = {fold(cell) for cell in first}
    if any(cell.startswith('{"ImportId"') for cell in third):
        reason = "The third row holds the import ids of Qualtrics."
        return Layout("qualtrics", 3, first, second, ("-99",), "", reason)
    if {"startdate", "responseid"} <= folded and {"start date", "response id"} <= {fold(cell) for cell in second}:
        return Layout("qualtrics", 2, first, second, ("-99",), "", "The second row holds the questions of Qualtrics.")
    if {"respondent id", "collector id"} <= folded and second and not second[0]:
        names = _fold_down(first, second)
        reason = "The columns are SurveyMonkey's, and the second row holds the choices."
        return Layout("surveymonkey", 2, names, names, (), "", reason)
    if folded & {"序号", "序號"} and any(_ANSWERED.search(cell) for cell in first):
        words = [_NUMBERED.sub("", name) for name in first]
        reason = "The columns 序号 and 提交答卷时间 are those of 问卷星."
        return Layout(
            "wjx", 1, first, words, ("(跳过)", "(空)", "（跳过）", "（空）", "(跳過)", "（跳過）"), "┋", reason
        )
    if _any(folded, "submitdate", "date submitted") and _any(
        folded, "lastpage", "last page", "startlanguage", "start language"
    ):
        words = [_NUMBERED.sub("", name) for name in first]
        reason = "The columns submitdate and lastpage are those of LimeSurvey."
        return Layout("limesurvey", 1, first, words, ("{question_not_shown}", "{question_not_shown}."), "", reason)
    return Layout("plain", 1, first, first)


def _any(names: set[str], *wanted: str) -> bool:
    return any(name == word or name.endswith(f". {word}") for name in names for word in wanted)


def _fold_down(first: Sequence[str], second: Sequence[str]) -> list[str]:
    names, question = [], ""
    for i, cell in enumerate(first):
        question = cell or question
        choice = second[i] if i < len(second) else ""
        names.append(question if choice.casefold() in _RESPONSE else f"{question} / {choice}")
    return names
