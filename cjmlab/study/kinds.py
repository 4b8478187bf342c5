"""What a column of an unknown file probably is, with the reason: the guesses behind ``propose_study``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.sources.answers import is_non_answer, is_placeholder
from cjmlab.sources.channels import channel_id
from cjmlab.sources.columns import known_language
from cjmlab.sources.report import Reading
from cjmlab.sources.scales import Scale, fold
from cjmlab.sources.times import Clock, date_order, read_times
from cjmlab.sources.values import read_numbers
from cjmlab.study.joins import customer_columns
from cjmlab.study.wording import counts_something, scale_in

_TIME = re.compile(r"time|date|timestamp|submitted|created|时间|日期|時間|дата|время|\bts\b|когда|when", re.IGNORECASE)
_WAVE = re.compile(r"^(?:wave|period|quarter|round|волна|период|квартал|批次|期次|波次|季度)$", re.IGNORECASE)
_EVENT = re.compile(
    r"^(?:event|action|activity|event[ _]?name|concept:name|事件|行为|动作|событие|действие|что)$", re.IGNORECASE
)
_PLATFORM = re.compile(
    r"^(?:startdate|enddate|recordeddate|status|progress|duration.*|finished|distributionchannel|responseid|response type|"
    r"collector ?id|lastpage|startlanguage|seed|序号|序號|所用时间|所用時間|来源|來源|来源详情|來源詳情)$",
    re.IGNORECASE,
)
_TALK = re.compile(
    r"comment|remark|\bwhy\b|reason|feedback|verbatim|message|anything else|\bliked?\b|improve|понрав|улучш|дополнить|意见|意見|建议|建議|评论|評論|留言|原因|为什么|為什麼|想说|想說|改进|改進|"
    r"коммент|отзыв|почему|причин|пожелани",
    re.IGNORECASE,
)
_CODES = (-99, -9, -1, 77, 88, 97, 98, 99, 777, 888, 997, 998, 999, 9999)
"""Numbers by which files say that there is no answer."""
_FEW_THINGS = 5
"""What begins at 0 and goes no further counts things rather than rates them."""
_MOST_REASONS = 8
"""So many different short answers may be those of a list to choose from."""
_PADDED = re.compile(r"0\d+")
_TRADITIONAL = re.compile(r"[們這個時說對會還沒與買賣錢點優門開關單車體實驗應該覺結帳訂貨員]")
_SIMPLIFIED = re.compile(r"[们这个时说对会还没与买卖钱点优门开关单车体实验应该觉结账订货员]")


@dataclass(frozen=True)
class Kind:
    """What a column is: ``id``, ``time``, ``wave``, ``language``, ``channel``, ``event``, ``touchpoint``, ``rating``, ``words``
    (answers of a word scale), ``text``, ``number``, ``category``, ``identifier``, ``platform`` (what a survey platform
    adds), ``empty``; with the reason, and the scale of ratings.
    """  # noqa: D205

    column: str
    kind: str
    reason: str
    scale: str = ""


def column_kinds(reading: Reading, customer: tuple[str, str] | None = None) -> dict[str, Kind]:
    """Return what each column of a file probably is.

    Parameters
    ----------
    reading : Reading
        The file as text.
    customer : (str, str), optional
        The column that names the customer, with the reason (see ``joins``); found by its name when None.

    Examples
    --------
    >>> table = pd.DataFrame({"client": ["a", "b"], "q1": ["5", "4"], "why": ["It was all very quick", "Too slow for me, sorry"]})
    >>> from cjmlab.sources import Report
    >>> [kind.kind for kind in column_kinds(Reading(table, Report("a.csv", 2, 2))).values()]
    ['id', 'rating', 'text']
    """
    customer = customer or customer_columns([reading])[0]
    return {column: _kind_of(column, reading, customer) for column in map(str, reading.table.columns)}


def _kind_of(column: str, reading: Reading, customer: tuple[str, str] | None) -> Kind:
    values = reading.table[column].dropna()
    values = values[~values.map(is_placeholder)]
    if values.empty:
        return Kind(column, "empty", "there is nothing in it")
    distinct = values.str.strip().unique()
    if customer and column == customer[0]:
        return Kind(column, "id", customer[1])
    if column in reading.identifiers:
        return Kind(column, "identifier", "it points at a person")
    if _EVENT.match(column.strip()):
        return Kind(column, "event", f"its name; {len(distinct)} different values")
    if _WAVE.match(column.strip()) and len(distinct) <= 40:
        return Kind(column, "wave", f"its name; {len(distinct)} different values")
    platform = reading.layout and _PLATFORM.match(column.strip())
    if not platform and all(known_language(word) for word in distinct[:50]):
        return Kind(column, "language", f"its values name languages: {', '.join(distinct[:3])}")
    if not platform and _is_channel(list(distinct)):
        return Kind(column, "channel", f"its values name channels: {', '.join(distinct[:3])}")
    if _is_time(column, values):
        return Kind(column, "time", f"its values are times: {values.iloc[0]}")
    if platform:
        return Kind(column, "platform", f"{reading.layout} writes it")
    return _answer_kind(column, str(reading.wordings.get(column, "")), values, list(distinct))


def _is_channel(distinct: list[str]) -> bool:
    known = sum(channel_id(word) is not None for word in distinct[:30])
    return len(distinct) <= 30 and known >= max(1, 0.8 * len(distinct[:30]))


def _is_time(column: str, values: pd.Series) -> bool:
    sample = values.head(200).reset_index(drop=True)
    if not _TIME.search(column) and sample.str.fullmatch(r"\d{1,13}(?:\.\d+)?").mean() > 0.5:
        return False
    try:
        order = date_order(sample)
        times, _ = read_times(sample, column, range(len(sample)), Clock(order=order and order[0]))
    except CjmError:
        return False
    return float(times.notna().mean()) >= 0.9


def _answer_kind(column: str, wording: str, values: pd.Series, distinct: list[str]) -> Kind:
    said = values[~values.map(is_non_answer)]
    numbers, _ = read_numbers(said, column, range(len(said)))
    if len(said) and float(numbers.notna().mean()) >= 0.9:
        found = _number_kind(column, f"{column} {wording}", numbers.dropna())
        padded = [word for word in distinct if _PADDED.fullmatch(word.strip())]
        as_long = len({len(word.strip()) for word in distinct}) == 1
        if found.kind != "number" or not padded or not (as_long or 2 * len(padded) >= len(distinct)):
            return found
        return Kind(
            column, "category", f"codes with zeros in front, such as {padded[0]}; {len(distinct)} different values"
        )
    for name in ("satisfied", "agree"):
        words = Scale.of(name).words
        share = sum(fold(word) in words for word in distinct[:40]) / len(distinct[:40])
        if share >= 0.8 and len(distinct) > 1:
            return Kind(column, "words", f"its answers are words: {', '.join(distinct[:3])}", name)
    wide = said.str.count(r"[\u4e00-\u9fff]")
    length = said.str.count(r"\S+") + wide / 2
    talk = bool(_TALK.search(f"{column} {wording}"))
    enough = 1 if talk else max(1, min(0.3 * len(said), 50))
    brief = talk and len(distinct) > _MOST_REASONS and length.mean() >= 1.5
    if len(said) and (brief or (length.mean() >= 3 and len(distinct) > enough)):
        return Kind(column, "text", f"open answers, mostly of {length.median():.0f} words")
    return Kind(column, "category", f"{len(distinct)} different values: {', '.join(distinct[:3])}")


def _number_kind(column: str, wording: str, numbers: pd.Series) -> Kind:
    low, high, count = float(numbers.min()), float(numbers.max()), len(numbers)
    found = Kind(column, "number", f"numbers from {low:g} to {high:g}")
    said = scale_in(wording)
    if said and float(numbers.between(*said).mean()) >= 0.9:
        return Kind(
            column, "rating", f"its wording names {said[0]} to {said[1]}; {count:,} answers", f"{said[0]}-{said[1]}"
        )
    answers = numbers[~numbers.isin(_CODES) & numbers.between(0, 10)]
    if len(answers) < 0.97 * count or (answers % 1 != 0).any() or counts_something(wording):
        return found
    if count >= 5 and answers.max() <= 1:
        return found
    for scale, (worst, best) in {"1-5": (1, 5), "1-7": (1, 7), "1-10": (1, 10), "0-10": (0, 10)}.items():
        if answers.between(worst, best).all() and (worst > 0 or answers.max() > _FEW_THINGS or count < 5):
            stray = f", {count - len(answers)} others" if len(answers) < count else ""
            span = f"whole numbers from {answers.min():g} to {answers.max():g}"
            return Kind(column, "rating", f"{span} in {count:,} answers{stray}", scale)
    return found


def find_languages(words: Iterable[str]) -> list[str]:
    """Return the languages of texts by their scripts and words, the commonest first.

    Examples
    --------
    >>> find_languages(["Курьер опоздал", "配送很快"]), find_languages([])
    (['zh-Hans', 'ru'], ['en'])
    """
    text = " ".join(words)
    wide = len(re.findall(r"[\u4e00-\u9fff]", text)) / 2
    old, new = len(_TRADITIONAL.findall(text)), len(_SIMPLIFIED.findall(text))
    share = old / (old + new) if old + new else 0.0
    found = {
        "zh-Hans": wide * (1 - share),
        "zh-Hant": wide * share,
        "ru": len(re.findall(r"[а-яё]{3,}", text.casefold())) * 1.0,
        "en": len(re.findall(r"\b[a-z]{3,}\b", text.casefold())) / 3,
    }
    most = max(found.values())
    listed = [
        code for code, count in sorted(found.items(), key=lambda item: -item[1]) if count > 0.05 * most and count > 0
    ]
    return listed or ["en"]
