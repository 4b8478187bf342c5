"""Columns that point at a person, told by their name or by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

_NAMES = re.compile(
    r"(?:^|[^a-z])ip(?:$|[^a-z])|ip ?address|来自ip|來自ip|e-?mail|邮箱|郵箱|电子邮件|почт|"
    r"phone|mobile|电话|電話|手机|手機|телефон|token|токен|"
    r"recipient|first ?name|last ?name|full ?name|surname|姓名|^имя|фамилия|отчество|\bфио\b|"
    r"latitude|longitude|location(?:latitude|longitude)|openid|微信号|微信昵称|用户昵称|"
    r"身份证|身份證|паспорт|снилс|passport|social security|street|home address|家庭地址|详细地址|收货地址|домашний адрес|"
    r"external ?(?:data)?reference|card number|银行卡号|номер карты",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"first ?name|last ?name|full ?name|given ?name|family ?name|surname|(?:customer|client|contact|patient|guest)s? ?name|^name$|姓名|联系人|"
    r"聯絡人|^имя|фамилия|отчество|\bфио\b",
    re.IGNORECASE,
)
_IN_PARTS = re.compile(r"first|last|given|family|surname|^имя|фамилия|отчество", re.IGNORECASE)
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_IP = re.compile(r"(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7})(?:\([^)]*\))?", re.IGNORECASE)
_PHONE = re.compile(r"\+\d[\d ()-]{8,16}\d|1[3-9]\d{9}|8 ?\(?9\d{2}\)?[\d -]{7,10}")


def find_identifiers(table: pd.DataFrame, wordings: Mapping[str, str] | None = None) -> list[str]:
    """Return the columns that point at a person: e-mail, phone, IP, token, name, address.

    Parameters
    ----------
    table : DataFrame
        Text columns.
    wordings : mapping, optional
        Column → question.

    Examples
    --------
    >>> find_identifiers(pd.DataFrame({"IPAddress": ["10.0.0.1"], "x": ["a@b.org"], "score": ["5"]}))
    ['IPAddress', 'x']
    """
    found = []
    for column in map(str, table.columns):
        words = (column, (wordings or {}).get(column, ""))
        named = any(_NAMES.search(word) for word in words if len(word) <= 40)
        if (named and _is_personal(table[column])) or _points_at_people(table[column]):
            found.append(column)
    return found


def names_of_people(table: pd.DataFrame) -> tuple[str, ...]:
    """Return the names of people in a table, those in several columns joined, in alphabetical order.

    Examples
    --------
    >>> names_of_people(pd.DataFrame({"First Name": ["Anna", "Bo"], "Last name": ["Petrova", None], "姓名": ["王伟", "x1"]}))
    ('Anna Petrova', 'Bo', '王伟')
    """
    columns = [str(column) for column in table.columns if _PERSON.search(str(column)) and len(str(column)) <= 40]
    parts = [column for column in columns if _IN_PARTS.search(column)]
    found = [table[column].dropna().astype(str) for column in columns if column not in parts]
    if parts:
        found.append(table[parts].fillna("").astype(str).agg(" ".join, axis=1))
    names = {" ".join(name.split()) for values in found for name in values.unique()}
    return tuple(sorted(name for name in names if len(name) > 1 and not re.search(r"[\d@]", name)))


def _is_personal(values: pd.Series) -> bool:
    """Tell whether the values differ from person to person, as ratings and categories do not."""
    sample = [str(value).strip() for value in values.dropna().head(200)]
    long = sum(len(v) > 4 if v.replace(".", "").isdigit() else len(v) > 1 for v in sample)
    return long >= len(sample) / 2 and (len(sample) <= 5 or len(set(sample)) > len(sample) / 5)


def _points_at_people(values: pd.Series) -> bool:
    sample = [str(value).strip() for value in values.dropna().head(200)]
    hits = sum(bool(_MAIL.fullmatch(v) or _IP.fullmatch(v) or _PHONE.fullmatch(v)) for v in sample)
    return bool(sample) and hits > len(sample) / 2
