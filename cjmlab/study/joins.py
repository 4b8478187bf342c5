"""The column that names the customer in each of several files: by its name, and by the values that the files share."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from cjmlab.sources.report import Reading

_NAMED = re.compile(
    r"(?:^|[^a-z])(?:customer|client|member|user|respondent|card|person|visitor|case|account|patient|guest|subscriber|"
    r"passenger|student|household|panelist)s?(?:[ _-]?(?:id|no|nr|num|number|code|key))?$|^(?:id|uid|cid|guid)$|"
    r"会员|會員|客户编号|客户号|客户id|客戶編號|顾客编号|顧客編號|用户编号|用户id|用戶編號|患者|病历号|病歷號|旅客|"
    r"клиент|покупател|респондент|пользовател|абонент|пациент|гость|номер карты|case:concept:name",
    re.IGNORECASE,
)
_LIKE_ID = re.compile(
    r"(?:^|[ _-])(?:id|no|nr|code|key)$|[a-z](?:Id|ID)$|编号|編號|号$|號$|№|номер|(?:^|\s)код", re.IGNORECASE
)
_NO_ID = r"\d[.,:/]\d|\d-\d\d-\d|[^\W\d_]{2,} [^\W\d_]{2,} "
_FEWEST = 5
_LONGEST = 64
_SHARED = 0.5
_UNIQUE = 0.9


def customer_columns(readings: Sequence[Reading]) -> list[tuple[str, str] | None]:
    """Return for each file the column that names the customer with the reason, or None where none does.

    A column counts when its values stand in a column of another file, in one of which nearly every row has its own;
    else when its name says so.

    Examples
    --------
    >>> from cjmlab.sources import Report
    >>> people = pd.DataFrame({"ref": ["a17", "a18", "a19", "a20", "a21"], "city": list("xxyyy")})
    >>> log = pd.DataFrame({"who": ["a17", "a17", "a18", "a19", "a20", "a21"], "what": ["buy", "look"] * 3})
    >>> [found[0] for found in customer_columns([Reading(t, Report("f.csv")) for t in (people, log)])]
    ['ref', 'who']
    """
    candidates = [_candidates(reading) for reading in readings]
    return [_best(i, candidates, readings) for i in range(len(readings))]


def _candidates(reading: Reading) -> dict[str, set[str]]:
    """Return the columns that may hold ids, each with its values without zeros in front."""
    found = {}
    for column in map(str, reading.table.columns):
        values = reading.table[column].dropna().str.strip()
        likely = _strength(column) or (column not in reading.identifiers and _may_identify(values))
        if likely and len(values) and values.str.len().max() <= _LONGEST:
            found[column] = set(values.str.lstrip("0"))
    return found


def _may_identify(values: pd.Series) -> bool:
    """Tell whether values look like ids: many different words or long numbers, no times, amounts or sentences."""
    if values.nunique() < _FEWEST or values.str[: 2 * _LONGEST].str.contains(_NO_ID).mean() > 0.5:
        return False
    return bool(values.str.fullmatch(r"\d+").mean() < 0.5 or values.str.len().median() >= 4)


def _strength(column: str) -> int:
    name = column.strip()
    return 2 if _NAMED.search(name) else 1 if _LIKE_ID.search(name) else 0


def _best(place: int, candidates: Sequence[dict[str, set[str]]], readings: Sequence[Reading]) -> tuple[str, str] | None:
    """Return the column whose values most other files share; by its name among equals, and where none is shared."""
    ranked: list[tuple[tuple[int, int, int], str, str]] = []
    for order, (column, values) in enumerate(candidates[place].items()):
        strength, alone = _strength(column), _is_unique(readings[place].table[column])
        shared = {
            readings[other].report.source: len(values & theirs)
            for other, columns in enumerate(candidates)
            for name, theirs in columns.items()
            if other != place
            and len(values & theirs) >= max(min(_FEWEST, len(values)), _SHARED * min(len(values), len(theirs)))
            and (alone or _is_unique(readings[other].table[name]))
        }
        reason = f"its name; {len(values):,} different values"
        if shared:
            where, common = max(shared.items(), key=lambda item: item[1])
            reason = f"{common:,} of its {len(values):,} values stand in {where} too"
        if shared or strength == 2 or (strength and alone):
            ranked.append(((len(shared), strength, -order), column, reason))
    return max(ranked)[1:] if ranked else None


def _is_unique(values: pd.Series) -> bool:
    filled = values.dropna()
    return len(filled) > 0 and filled.nunique() >= _UNIQUE * len(filled)
