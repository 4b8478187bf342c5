"""What segments are called: names from over-represented traits, in four languages, and trait lines for the map."""

from __future__ import annotations

import tomllib
from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from cjmlab.study.charter import ColumnRoles
from cjmlab.vocabulary import LANGUAGES, Label

YES = frozenset({"yes", "true", "1", "y", "是", "да"})
NO = frozenset({"no", "false", "0", "n", "否", "нет"})
DEMOGRAPHIC = (
    "age", "gender", "sex", "income", "education", "city", "region", "country", "marital", "birth", "household",
    "年龄", "年齡", "性别", "性別", "收入", "城市", "возраст", "пол", "доход", "город", "регион", "образование",
)  # fmt: skip
NOTABLE = 0.2


@cache
def wording() -> Mapping[str, Mapping[str, str]]:
    """Return the phrases of this room: phrase → language → template."""
    with (Path(__file__).parent / "wording.toml").open("rb") as file:
        return tomllib.load(file)


def phrase(kind: str, language: str, **parts: object) -> str:
    """Fill one phrase.

    Examples
    --------
    >>> phrase("high", "en", label="basket value")
    'high basket value'
    """
    return wording()[kind][language].format(**parts)


def phrase_label(kind: str, **parts: object) -> Label:
    """Fill one phrase in every language."""
    return Label({language: phrase(kind, language, **parts) for language in LANGUAGES})


def column_label(column: str, roles: ColumnRoles) -> Label:
    """Return the declared label of a column, else its name made readable.

    Examples
    --------
    >>> column_label("basket_value", ColumnRoles()).text("en")
    'basket value'
    """
    return roles.labels.get(column) or Label({roles.language: column.replace("_", " ").strip() or column})


def level_label(column: str, level: str, roles: ColumnRoles) -> Label | None:
    """Return the declared label of a value, or None."""
    return roles.values.get(column, {}).get(level)


def segment_key(label: Label, roles: ColumnRoles) -> str:
    """Return the name of a segment in tables: in English where the label has it, else in the study's language."""
    return label.text("en" if "en" in label.texts else roles.language)


def trait_label(column: str, level: str, effect: float, roles: ColumnRoles) -> Label:
    """Return a trait as words, the value itself or high or low of a number, in the languages of its own label."""
    label, value = column_label(column, roles), level_label(column, level, roles) if level else None
    texts = {}
    for language in [known for known in LANGUAGES if known in (value or label).texts]:
        name = label.text(language)
        if value is not None:
            texts[language] = value.text(language)
        elif not level:
            texts[language] = phrase("high" if effect > 0 else "low", language, label=_lower_first(name))
        elif _is_question(name) and (level.casefold() in YES or level.casefold() in NO):
            texts[language] = phrase("level", language, label=name.rstrip("?？ "), level=level)
        elif level.casefold() in YES or level.casefold() in NO:
            texts[language] = phrase("yes" if level.casefold() in YES else "no", language, label=_lower_first(name))
        elif any(mark.isdigit() for mark in level) or (level.isascii() and len(level) < 3):
            texts[language] = phrase("level", language, label=name, level=level)
        else:
            texts[language] = level
    return Label(texts)


def _is_question(name: str) -> bool:
    """Tell whether the name of a yes-or-no column asks, so that yes and no must stand beside it as the answer."""
    return name.rstrip().endswith(("?", "？")) or any(mark in name for mark in ("是否", "有无", "有無", "能否", "会否"))


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def rank_traits(profile: pd.DataFrame, segment: str) -> pd.DataFrame:
    """Return the traits that a segment has more of, the strongest first, one row a column.

    A passive trait must pass Benjamini–Hochberg at .05; a number counts when it is high or low, a level when it is
    over-represented.
    """
    rows = profile[(profile["segment"] == segment) & (profile["n"] > 0)].copy()
    is_level = rows["level"] != ""
    rows = rows[~is_level | (rows["effect"] > 0)]
    rows = rows[(rows["role"] == "active") | (rows["q"] <= 0.05)]
    rows = rows[rows["level"] != "(other)"]
    rows["strength"] = rows["effect"].abs().round(9)
    rows = rows.sort_values(["strength", "column", "level"], ascending=[False, True, True], kind="stable")
    return rows.drop_duplicates("column")


def name_segments(profile: pd.DataFrame, segments: Sequence[str], roles: ColumnRoles) -> list[Label]:
    """Return a distinct label for each segment, declared names first, then names from traits.

    Declared names (``ColumnRoles.names``) go, one to one, to the segments in which their trait is most
    over-represented (Hungarian assignment on effect sizes). The others are the two strongest passive traits and the
    strongest active one; never demographic traits alone.
    """
    if len(segments) == 1:
        return [Label(dict(wording()["all_customers"]))]
    labels: list[Label | None] = [None] * len(segments)
    for place, label in _declared(profile, segments, roles).items():
        labels[place] = label
    taken = {segment_key(label, roles) for label in labels if label is not None}
    for place, segment in enumerate(segments):
        if labels[place] is None:
            labels[place] = name = _invent(profile, segment, place, roles, taken)
            taken.add(segment_key(name, roles))
    return [label for label in labels if label is not None]


def _declared(profile: pd.DataFrame, segments: Sequence[str], roles: ColumnRoles) -> dict[int, Label]:
    rules = [rule for rule in roles.names if rule[0] in set(profile["column"])]
    if not rules:
        return {}
    from scipy.optimize import linear_sum_assignment

    gain = np.array([[_rule_effect(profile, segment, rule) for rule in rules] for segment in segments])
    chosen = zip(*linear_sum_assignment(-np.nan_to_num(gain, nan=-9.0)), strict=True)
    return {int(s): rules[int(r)][2] for s, r in chosen if gain[s, r] > 0}


def _rule_effect(profile: pd.DataFrame, segment: str, rule: tuple[str, str, Label]) -> float:
    column, value, _ = rule
    rows = profile[(profile["segment"] == segment) & (profile["column"] == column)]
    exact = rows[rows["level"] == str(value)]
    if len(exact):
        return float(exact["effect"].iloc[0])
    if str(value) in ("high", "low") and len(rows):
        sign = 1.0 if value == "high" else -1.0
        numbers = rows[rows["level"] == ""]
        return sign * float(numbers["effect"].iloc[0]) if len(numbers) else np.nan
    return np.nan


def _invent(profile: pd.DataFrame, segment: str, place: int, roles: ColumnRoles, taken: set[str]) -> Label:
    traits = rank_traits(profile, segment)
    traits = traits[traits["strength"] >= NOTABLE]
    passive, active = traits[traits["role"] == "passive"], traits[traits["role"] == "active"]
    behind = [not _is_demographic(column) for column in active["column"]]
    active = pd.concat([active[behind], active[[not b for b in behind]]])
    chosen = pd.concat([passive.head(2), active.head(1 if len(passive) else 2)])
    spare = pd.concat([active.iloc[1 if len(passive) else 2 :], passive.iloc[2:]])
    if chosen.empty:
        return phrase_label("segment", number=place + 1)
    label = _join(chosen, roles)
    for extra in range(1, len(spare) + 1):
        if segment_key(label, roles) not in taken:
            break
        label = _join(pd.concat([chosen, spare.head(extra)]), roles)
    return label if segment_key(label, roles) not in taken else phrase_label("segment", number=place + 1)


def _is_demographic(column: str) -> bool:
    words = column.casefold().replace("_", " ")
    return any(word in (words.split() if word.isascii() else words) for word in DEMOGRAPHIC)


def _join(traits: pd.DataFrame, roles: ColumnRoles) -> Label:
    parts = [
        trait_label(column, level, effect, roles)
        for column, level, effect in zip(traits["column"], traits["level"], traits["effect"], strict=True)
    ]
    shared = [language for language in LANGUAGES if all(language in part.texts for part in parts)] or [roles.language]
    return Label({language: _upper_first(" · ".join(part.text(language) for part in parts)) for language in shared})


def trait_lines(profile: pd.DataFrame, segment: str, roles: ColumnRoles, language: str, top: int) -> pd.DataFrame:
    """Return the strongest traits of a segment as text: label, value, effect."""
    lines = []
    for row in map(_named, rank_traits(profile, segment).head(top).to_dict("records")):
        label = trait_label(str(row["column"]), str(row["level"]), float(str(row["effect"])), roles)
        name = column_label(str(row["column"]), roles).text(language)
        text = label.text(language) if row["level"] else name
        lines.append({"label": _upper_first(text), "value": value_text(row, name, language), "effect": row["effect"]})
    return pd.DataFrame(lines, columns=["label", "value", "effect"])


def _named(row: Mapping[Hashable, object]) -> dict[str, object]:
    return {str(key): value for key, value in row.items()}


def value_text(row: Mapping[str, object], name: str, language: str) -> str:
    """Return the value of a trait as text: a share, a mean with the overall one, or a median with its multiple."""
    here, overall = float(row["here"]), float(row["overall"])  # type: ignore[arg-type]
    if row["level"]:
        return phrase("share", language, here=f"{100 * here:.0f}", all=f"{100 * overall:.0f}")
    unit = next((sign for sign in "¥€$₽£" if sign in name), "")
    if row["kind"] == "numeric" and overall > 0 and here >= 0:
        return phrase(
            "times",
            language,
            here=unit + format_number(here, language),
            all=format_number(here / overall, language, digits=1),
        )
    return phrase(
        "mean", language, here=unit + format_number(here, language), all=unit + format_number(overall, language)
    )


def format_number(value: float, language: str = "en", *, digits: int | None = None) -> str:
    """Return a number with as many digits as a person reads, with the marks of the language.

    Examples
    --------
    >>> format_number(1840.4), format_number(3.14159, "ru"), format_number(0.042)
    ('1,840', '3,1', '0.042')
    """
    size = abs(value)
    if digits is not None:
        text = f"{value:,.{digits}f}"
    elif size >= 100:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.1f}" if size >= 1 else f"{value:.2g}"
    return text.translate({44: "\u202f", 46: ","}) if language == "ru" else text
