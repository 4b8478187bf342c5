"""What the columns of the customer table are for, as ``[customers]`` says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cjmlab.study.charter import ColumnRoles
from cjmlab.vocabulary import Label


def column_roles(entry: Mapping[str, Any], language: str) -> ColumnRoles:
    """Return the roles that ``[customers]`` declares.

    Parameters
    ----------
    entry : mapping
        The section.
    language : str
        Language of labels given as a plain text, and of names in tables.
    """

    def columns(key: str) -> tuple[str, ...]:
        return tuple(map(str, entry.get(key, ())))

    names = []
    for given in entry.get("names", ()):
        value = given.get("value", "high")
        value = str(value).lower() if isinstance(value, bool) else str(value)
        names.append((str(given["column"]), value, Label.of(given["label"], language=language), given.get("goal")))
    return ColumnRoles(
        active=columns("active"),
        passive=columns("passive"),
        batteries={str(key): tuple(map(str, value)) for key, value in entry.get("batteries", {}).items()},
        nominal=columns("nominal"),
        ordinal=columns("ordinal"),
        numeric=columns("numeric"),
        labels={str(key): Label.of(value, language=language) for key, value in entry.get("labels", {}).items()},
        values={
            str(column): {str(value): Label.of(label, language=language) for value, label in table.items()}
            for column, table in entry.get("values", {}).items()
        },
        names=tuple((column, value, label) for column, value, label, _ in names),
        goals={label.text(language): Label.of(goal, language=language) for _, _, label, goal in names if goal},
        language=language,
    )


def named_columns(roles: ColumnRoles) -> list[str]:
    """Return the columns that the roles speak of, beside those of a declared kind, each once."""
    named = [*roles.active, *roles.passive, *roles.ordinal, *roles.labels, *(name for name, _, _ in roles.names)]
    named.extend(column for columns in roles.batteries.values() for column in columns)
    return list(dict.fromkeys(named))
