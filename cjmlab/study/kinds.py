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
from cjmlab.sources.scales import Scale
from cjmlab.sources.times import Clock, read_times
from cjmlab.sources.values import read_numbers

_ID = re.compile(
    r"(?:^|[^a-z])(?:customer|client|member|user|respondent|card|person|visitor|case)(?:[ _-]?(?:id|no|nr|number|code|key))?$|"
    r"^(?:id|uid|cid|guid)$|会员|客户编号|客户号|顾客编号|用户编号|用户id|会员号|客户id|會員|客戶編號|顧客編號|клиент|покупател|респондент|пользовател|номер карты|case:concept:name",
    re.IGNORECASE,
)
_TIME = re.compile(r"time|date|timestamp|submitted|created|时间|日期|時間|дата|время|\bts\b|когда|when", re.IGNORECASE)
_WAVE = re.compile(r"^(?:wave|period|quarter|round|волна|период|квартал|批次|期次|波次|季度)$", re.IGNORECASE)
_EVENT = re.compile(
    r"^(?:event|action|activity|event[ _]?name|concept:name|事件|行为|动作|событие|действие|что)$", re.IGNORECASE
)
_TRADITIONAL = re.compile(r"[們這個時說對會還沒與買賣錢點優門開關單車體實驗應該覺結帳訂貨員]")
_SIMPLIFIED = re.compile(r"[们这个时说对会还没与买卖钱点优门开关单车体实验应该觉结账订货员]")


@dataclass(frozen=True)
class Kind:
    """What a column is: ``id``, ``time``, ``wave``, ``language``, ``channel``, ``event``, ``touchpoint``, ``rating``, ``words``
    (answers of a word scale), ``text``, ``number``, ``category``, ``identifier``, ``empty``; with the reason, and the
    scale of ratings.
    """  # noqa: D205

    column: str
    kind: str
    reason: str
    scale: str = ""


def column_kinds(reading: Reading) -> dict[str, Kind]:
    """Return what each column of a file probably is.

    Examples
    --------
    >>> table = pd.DataFrame({"client": ["a", "b"], "q1": ["5", "4"], "why": ["It was all very quick", "Too slow for me, sorry"]})
    >>> from cjmlab.sources import Report
    >>> [kind.kind for kind in column_kinds(Reading(table, Report("a.csv", 2, 2))).values()]
    ['id', 'rating', 'text']
    """
    kinds: dict[str, Kind] = {}
    for column in map(str, reading.table.columns):
        kinds[column] = _kind_of(column, reading, any(kind.kind == "id" for kind in kinds.values()))
    return kinds


def _kind_of(column: str, reading: Reading, has_id: bool) -> Kind:
    values = reading.table[column].dropna()
    values = values[~values.map(is_placeholder)]
    if values.empty:
        return Kind(column, "empty", "there is nothing in it")
    distinct = values.str.strip().unique()
    if not has_id and _ID.search(column.strip()) and values.str.len().max() <= 64:
        return Kind(column, "id", f"its name; {len(distinct):,} different values in {len(values):,} rows")
    if column in reading.identifiers:
        return Kind(column, "identifier", "it points at a person")
    if _EVENT.match(column.strip()):
        return Kind(column, "event", f"its name; {len(distinct)} different values")
    if _WAVE.match(column.strip()) and len(distinct) <= 40:
        return Kind(column, "wave", f"its name; {len(distinct)} different values")
    if all(known_language(word) for word in distinct[:50]):
        return Kind(column, "language", f"its values name languages: {', '.join(distinct[:3])}")
    if (
        sum(channel_id(word) is not None for word in distinct[:30]) >= max(1, 0.8 * len(distinct[:30]))
        and len(distinct) <= 30
    ):
        return Kind(column, "channel", f"its values name channels: {', '.join(distinct[:3])}")
    if _is_time(column, values):
        return Kind(column, "time", f"its values are times: {values.iloc[0]}")
    return _answer_kind(column, values, list(distinct))


def _is_time(column: str, values: pd.Series) -> bool:
    sample = values.head(200).reset_index(drop=True)
    if not _TIME.search(column) and sample.str.fullmatch(r"\d{1,13}(?:\.\d+)?").mean() > 0.5:
        return False
    try:
        times, _ = read_times(sample, column, range(len(sample)), Clock(order="dmy"))
    except CjmError:
        return False
    return float(times.notna().mean()) >= 0.9


def _answer_kind(column: str, values: pd.Series, distinct: list[str]) -> Kind:
    said = values[~values.map(is_non_answer)]
    numbers, _ = read_numbers(said, column, range(len(said)))
    if len(said) and float(numbers.notna().mean()) >= 0.9:
        return _number_kind(column, numbers.dropna(), len(said))
    for name in ("satisfied", "agree"):
        share = sum(Scale.of(name).read(word) is not None for word in distinct[:40]) / len(distinct[:40])
        if share >= 0.8 and len(distinct) > 1:
            return Kind(column, "words", f"its answers are words: {', '.join(distinct[:3])}", name)
    wide = said.str.count(r"[\u4e00-\u9fff]")
    words = said.str.count(r"\S+") + wide / 2
    if len(said) and words.mean() >= 3 and len(distinct) > max(1, 0.3 * len(said)):
        return Kind(column, "text", f"open answers, {words.mean():.0f} words on average")
    return Kind(column, "category", f"{len(distinct)} different values: {', '.join(distinct[:3])}")


def _number_kind(column: str, numbers: pd.Series, count: int) -> Kind:
    low, high = float(numbers.min()), float(numbers.max())
    whole = bool((numbers % 1 == 0).all())
    if whole and low >= 0 and high <= 10 and (high > 1 or count < 5):
        best = 5 if high <= 5 and low >= 1 else 7 if high <= 7 and low >= 1 else 10
        scale = f"{0 if best == 10 else 1}-{best}"
        return Kind(column, "rating", f"whole numbers from {low:g} to {high:g} in {count:,} answers", scale)
    return Kind(column, "number", f"numbers from {low:g} to {high:g}")


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
