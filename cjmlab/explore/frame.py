"""The frame around the pictures: filters with their names, views, wordings, and the table that needs no script."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd

from cjmlab.explore.details import number, stage_name, touchpoint_name
from cjmlab.explore.states import States
from cjmlab.explore.words import word, wordings
from cjmlab.journeys.context import ALL_CUSTOMERS, context_of
from cjmlab.maps.metrics import font_stack
from cjmlab.vocabulary.figures import write_number


def page_frame(states: States) -> dict[str, Any]:
    """Return what the page needs around the pictures: filters with their names, views, wordings."""
    language = states.language
    filters = [
        {
            "key": name,
            "label": word(name, language),
            "options": [{"value": value, "label": option_label(states, name, value)} for value in values],
        }
        for name, values in states.options.items()
    ]
    return {
        "language": language,
        "face": font_stack(language),
        "smallest": states.smallest,
        "filters": filters,
        "views": [
            {"key": name, "label": view_label(name, language), "ignores": states.ignored(name)} for name in states.draws
        ],
        "words": {name: label.text(language) for name, label in wordings().items()},
    }


def view_label(name: str, language: str) -> str:
    """Return the name of a view; a view of the user's own keeps the name it was given."""
    return word(name, language) if name in wordings() else name


def option_label(states: States, name: str, value: Any) -> str:
    """Return the name that people read for one value of a filter."""
    context, language = context_of(states.journeys), states.language
    if name == "segment":
        labels = getattr(context.segments, "labels", None) or {}
        if value == states.shown.everyone:
            return ALL_CUSTOMERS.text(language)
        return str(labels[value].text(language)) if value in labels else str(value)
    if name == "stage":
        return stage_name(context.study, value, language)
    if name == "minimum_n":
        return f"≥ {value}"
    if name == "source" and value in wordings():
        return word(value, language)
    return str(value).replace("_", " ") if name == "channel" else str(value)


def static_table(journeys: pd.DataFrame, states: States) -> str:
    """Return the numbers as an HTML table that needs no script: touchpoint × segment with n, experience, low, high."""
    study, language = context_of(states.journeys).study, states.language
    heads = [word(name, language) for name in ("segment", "stage", "touchpoint", "n", "experience", "low", "high")]
    lines = []
    for row in journeys.sort_values(["segment", "position"], kind="stable").to_dict("records"):
        names = [
            option_label(states, "segment", row["segment"]),
            stage_name(study, row["stage"], language),
            touchpoint_name(study, row["touchpoint"], language),
        ]
        if row.get("withheld"):
            numbers = [f"&lt; {states.smallest}", "", "", ""]
        else:
            numbers = [
                write_number(number(row["n"]) or 0, language=language),
                *(signed(row[label], language) for label in ("experience", "low", "high")),
            ]
        cells = "".join(f"<td>{html.escape(name)}</td>" for name in names)
        cells += "".join(f'<td style="text-align:right">{figure}</td>' for figure in numbers)
        lines.append(f"<tr>{cells}</tr>")
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in heads)
    return f'<table class="cjm-static"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def signed(value: object, language: str = "en") -> str:
    """Return a number with its sign written out (U+2212), two decimals, in the marks of a language, or nothing.

    Examples
    --------
    >>> signed(-0.254), signed(0.1, "ru"), signed(float("nan"))
    ('−0.25', '+0,10', '')
    """
    figure = number(value)
    return "" if figure is None else write_number(figure, 2, language=language, signed=True)
