"""Answers that say nothing: empty ones, placeholders of survey platforms, and words such as "无" or "не знаю"."""

from __future__ import annotations

from cjmlab.sources.scales import fold

_PLACEHOLDERS = (
    "(跳过)", "(跳過)", "(空)", "-99", "{question_not_shown}", "skipped", "#n/a", "#null!", "<na>",
)  # fmt: skip
_NON_ANSWERS = (
    "无", "無", "没有", "沒有", "没", "不知道", "不清楚", "不了解", "暂无", "暫無", "略", "/", "-", "--", "—", ".", "。", "x", "xx",
    "n/a", "na", "n.a.", "none", "nothing", "nil", "no comment", "no comments", "don't know", "dont know", "do not know",
    "not sure", "no answer", "no opinion", "?",
    "не знаю", "нет", "нет ответа", "без комментариев", "затрудняюсь ответить", "ничего", "н/д", "нечего сказать", "не помню",
    "[照片]", "[貼圖]", "[影片]", "[語音訊息]", "[檔案]", "[图片]", "[表情]", "[动画表情]", "[语音]", "[视频]", "[文件]", "[photo]", "[sticker]",
    "[video]", "<media omitted>", "<без медиафайлов>", "此用户没有填写评价", "默认好评", "系统默认好评",
)  # fmt: skip
_PLACEHOLDER_SET = frozenset(map(fold, _PLACEHOLDERS))
_NON_ANSWER_SET = frozenset(map(fold, _NON_ANSWERS))


def is_placeholder(answer: str) -> bool:
    """Tell whether an answer is a platform's mark for a question that was not answered."""
    return fold(answer) in _PLACEHOLDER_SET


def is_non_answer(answer: str) -> bool:
    """Tell whether a text says that there is nothing to say.

    Examples
    --------
    >>> is_non_answer("无。"), is_non_answer("Не знаю!"), is_non_answer("无人配送很方便")
    (True, True, False)
    """
    folded = fold(answer)
    return folded in _NON_ANSWER_SET or folded.rstrip(".。!！?？,，;；…~ ") in _NON_ANSWER_SET
