"""Times: every spelling of an instant becomes one instant in UTC, and what could be two days is asked about."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from cjmlab.errors import SourceError
from cjmlab.sources.report import Finding, shorten

ORDERS = ("dmy", "mdy")
_ISO = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_OFFSET = r".*[0-9]{2}:[0-9]{2}.*(?:Z|[+-][0-9]{2}:?[0-9]{2})"
_SHAPE = re.compile(
    r"(?P<date>[^\s,T]+(?:[\s,]+(?!\d{1,2}:)[^\s,]+){0,3}?)"
    r"(?:(?:[\sT,]+|(?<=日))(?P<early>上午|下午|凌晨|晚上|中午|am|pm)?\s*"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?\s*(?P<late>[ap]\.?m\.?)?)?"
    r"\s*(?P<zone>z|(?:utc|gmt)?\s?[+-]\d{1,2}(?::?\d{2})?|utc|gmt|msk|мск)?",
    re.IGNORECASE,
)
_YMD = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})")
_PAIR = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})")
_DAY_NAMED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[\s.-]*([a-zа-яё]{3,9})\.?,?[\s.-]*(\d{4})(?:\s*г\.?)?", re.IGNORECASE
)
_MONTH_NAMED = re.compile(r"([a-zа-яё]{3,9})\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.IGNORECASE)
_MONTHS = {
    name: i % 12 + 1
    for i, name in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec янв фев мар апр мая июн июл авг сен окт ноя дек".split()
    )
} | {"май": 5}
_FIRST, _LAST = dt.datetime(1970, 1, 2), dt.datetime(2200, 1, 1)


@dataclass(frozen=True)
class Clock:
    """How times without a word on it are meant: the zone (an IANA name) and the order of day and month."""

    zone: str | None = None
    order: str | None = None

    def __post_init__(self) -> None:
        if self.zone is not None:
            try:
                zoneinfo.ZoneInfo(self.zone)
            except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
                remedy = 'Write it as "Asia/Shanghai" or "Europe/Moscow".'
                raise SourceError(f"{self.zone!r} is not a time zone", remedy=remedy) from error
        if self.order not in {None, *ORDERS}:
            raise SourceError(f"{self.order!r} is not an order of day and month", remedy='Write "dmy" or "mdy".')


def read_times(
    values: pd.Series, where: str, lines: Sequence[int], clock: Clock | None = None
) -> tuple[pd.Series, list[Finding]]:
    """Return times in UTC, and what a person should know of them.

    Parameters
    ----------
    values : Series of str
        Times as written: ISO with or without offset, ``2024/1/2 3:04``, ``2024年1月2日``, ``02.01.2024``,
        ``2 января 2024``, ``Jan 2, 2024 3:04 PM``, seconds or milliseconds since 1970.
    where : str
        File and column for messages.
    lines : sequence of int
        Line of each value in the file.
    clock : Clock, optional
        The zone of times without one (UTC when None, which is said) and the order of day and month.

    Raises
    ------
    SourceError
        When dates such as ``03/04/2024`` can be read in two ways and no other date of the column decides it.

    Examples
    --------
    >>> times, findings = read_times(pd.Series(["2026-01-02T03:04:05+08:00", "soon"]), "a.csv", [2, 3])
    >>> str(times[0]), findings[0].example
    ('2026-01-01 19:04:05+00:00', "line 3, 'soon'")
    """
    clock = clock or Clock()
    text = values.astype("str").str.strip()
    iso = text.str.fullmatch(_ISO, na=False)
    aware = iso & text.str.fullmatch(_OFFSET, na=False)
    times = pd.Series(pd.NaT, index=values.index, dtype="datetime64[us, UTC]")
    naive = pd.Series(pd.NaT, index=values.index, dtype="datetime64[us]")
    times = times.mask(
        aware, pd.to_datetime(text.where(aware), errors="coerce", utc=True, format="ISO8601").astype(times.dtype)
    )
    plain = iso & ~aware
    naive = naive.mask(plain, pd.to_datetime(text.where(plain), errors="coerce", format="ISO8601").astype(naive.dtype))
    rest = [word for word in text[~iso & text.notna()].unique() if word]
    if rest:
        order = clock.order or _order_of(rest, text, where, lines)
        read = {word: time for word in rest if (time := _parse(word, order)) is not None}
        zoned = text.map({word: time for word, time in read.items() if time.tzinfo is not None})
        zoneless = text.map({word: time for word, time in read.items() if time.tzinfo is None})
        times = times.where(times.notna(), pd.to_datetime(zoned, utc=True).astype(times.dtype))
        naive = naive.where(naive.notna(), pd.to_datetime(zoneless).astype(naive.dtype))
    local = naive.dt.tz_localize(clock.zone or "UTC", ambiguous=False, nonexistent="shift_forward").dt.tz_convert("UTC")
    times = times.where(times.notna(), local.astype(times.dtype))
    return times, _findings(values, times, naive, where, lines, clock)


def _findings(
    values: pd.Series, times: pd.Series, naive: pd.Series, where: str, lines: Sequence[int], clock: Clock
) -> list[Finding]:
    found, source = [], where.split(",")[0]
    lost = times.isna() & values.notna() & (values.astype("str").str.strip() != "")
    if lost.any():
        i = int(lost.to_numpy().argmax())
        example = f"line {lines[i]}, {shorten(values.iloc[i])!r}"
        text = "values are not times, taken as missing"
        found.append(Finding(source, where, text, int(lost.sum()), example, "Write times as 2026-01-31 09:30."))
    if clock.zone is None and naive.notna().any():
        remedy = 'Name the zone: time_zone = "Asia/Shanghai".'
        text = "times without a zone are read as UTC"
        mixed = naive.notna().sum() < times.notna().sum()
        text += ", though others of the column have one" if mixed else ""
        found.append(Finding(source, where, text, int(naive.notna().sum()), "", remedy, "warning" if mixed else "note"))
    return found


def date_order(words: Iterable[str]) -> tuple[str, str] | None:
    """Return the order of day and month in dates such as 03/14/2024 with the reason, None where no date has that form.

    Examples
    --------
    >>> date_order(["2/3/2026", "2/14/2026"]), date_order(["2/3/2026"]), date_order(["2026-02-03"])
    (('mdy', '2/14/2026 can be read in no other way'), ('dmy', '2/3/2026 can be read in two ways; check'), None)
    """
    first, open_word = _first_parts(words)
    if len(first) == 1:
        order, word = next(iter(first.items()))
        return order, f"{word} can be read in no other way"
    return (
        ("dmy", f"{open_word or next(iter(first.values()))} can be read in two ways; check")
        if first or open_word
        else None
    )


def _first_parts(words: Iterable[str]) -> tuple[dict[str, str], str]:
    """Return an example of each order that leaves no doubt, and of a date that may be either."""
    first: dict[str, str] = {}
    open_word = ""
    for word in words:
        match = _PAIR.match(unicodedata.normalize("NFKC", word))
        if not match:
            continue
        a, b = int(match[1]), int(match[2])
        if a > 12 >= b:
            first.setdefault("dmy", word)
        elif b > 12 >= a:
            first.setdefault("mdy", word)
        elif a != b:
            open_word = open_word or word
    return first, open_word


def _order_of(words: Iterable[str], text: pd.Series, where: str, lines: Sequence[int]) -> str | None:
    """Tell from the dates that leave no doubt whether the day or the month comes first."""
    first, open_word = _first_parts(words)
    if len(first) == 1:
        return next(iter(first))
    if not first and not open_word:
        return None

    def line_of(word: str) -> int:
        return lines[int((text == word).to_numpy().argmax())]

    remedy = 'Say which comes first: date_order = "dmy" for the day, "mdy" for the month.'
    if first:
        shown = " and ".join(f"line {line_of(word)}, {word!r}" for word in first.values())
        raise SourceError(
            f"dates begin with the day in some rows and with the month in others: {shown}", where=where, remedy=remedy
        )
    example = f"line {line_of(open_word)}, {open_word!r}"
    raise SourceError("dates can be read in two ways", where=where, example=example, remedy=remedy)


def _parse(word: str, order: str | None) -> dt.datetime | None:
    """Return the time that a text means, with its offset if it has one, or None."""
    text = unicodedata.normalize("NFKC", word).strip()
    if re.fullmatch(r"\d{10}|\d{13}|\d{10}\.\d+", text):
        seconds = float(text) / (1000 if len(text) == 13 else 1)
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    text = re.sub(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号號]?", r"\1-\2-\3 ", text)
    text = re.sub(r"(\d{1,2})[时時点點](\d{1,2})分?(?:(\d{1,2})秒)?", _clock_text, text).strip()
    match = _SHAPE.fullmatch(text)
    if not match:
        return None
    date = _date(match["date"].strip(" ,"), order)
    if date is None:
        return None
    try:
        time = dt.datetime(*date, _hour(match), int(match["minute"] or 0), int(match["second"] or 0))
    except ValueError:
        return None
    time = time.replace(microsecond=int(((match["part"] or "") + "000000")[:6]))
    if not _FIRST <= time <= _LAST:
        return None
    return _with_zone(time, match["zone"])


def _clock_text(match: re.Match[str]) -> str:
    return f" {match[1]}:{match[2]:0>2}" + (f":{match[3]:0>2}" if match[3] else "")


def _hour(match: re.Match[str]) -> int:
    hour, word = int(match["hour"] or 0), (match["early"] or match["late"] or "").lower().replace(".", "")
    if word in {"下午", "晚上", "pm"} and hour < 12:
        return hour + 12
    if word == "中午" and hour < 11:
        return hour + 12
    return 0 if word in {"上午", "凌晨", "am"} and hour == 12 else hour


def _with_zone(time: dt.datetime, zone: str | None) -> dt.datetime:
    if not zone:
        return time
    plain = zone.lower().replace(" ", "")
    if plain in {"msk", "мск"}:
        return time.replace(tzinfo=dt.timezone(dt.timedelta(hours=3)))
    match = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", plain)
    if not match:
        return time.replace(tzinfo=dt.UTC)
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    return time.replace(tzinfo=dt.timezone(dt.timedelta(minutes=-minutes if match[1] == "-" else minutes)))


def _date(text: str, order: str | None) -> tuple[int, int, int] | None:
    if match := _YMD.fullmatch(text) or _PACKED.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _DOTTED.fullmatch(text):
        return _year(match[3]), int(match[2]), int(match[1])
    if match := _PAIR.fullmatch(text):
        a, b = int(match[1]), int(match[2])
        day, month = (b, a) if order == "mdy" else (a, b)
        return _year(match[3]), month, day
    if match := _DAY_NAMED.fullmatch(text):
        month_name, day_text = match[2], match[1]
    elif match := _MONTH_NAMED.fullmatch(text):
        month_name, day_text = match[1], match[2]
    else:
        return None
    named = _MONTHS.get(month_name.lower()[:3])
    return (int(match[3]), named, int(day_text)) if named else None


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)
