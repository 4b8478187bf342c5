"""The header of a map: who the segment is, how many, what they want, what they have more of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.journeys.context import ALL_CUSTOMERS
from cjmlab.maps.source import memo_of
from cjmlab.maps.view import Head
from cjmlab.vocabulary import Label

if TYPE_CHECKING:
    from cjmlab.maps.source import Source

_NAME_ORDER = ("en", "zh-Hans", "zh-Hant", "ru")
_EMPTY = pd.DataFrame({"segment": [], "n": []})


def segment_label(source: Source, segment: str) -> Label:
    """Return the label of a segment in every language it has."""
    labels = getattr(getattr(source.context, "segments", None), "labels", None) or {}
    if segment in labels:
        return Label.of(labels[segment])
    return ALL_CUSTOMERS if ALL_CUSTOMERS.matches(segment) else Label.of(segment)


def read_head(source: Source, segment: str) -> Head:
    """Read the header of a segment; what is not known stays empty."""
    language = source.words.language
    label = segment_label(source, segment)
    shown = label.text(language)
    charter = getattr(source.study, "charter", None)
    known = (
        charter.languages if charter is not None and label is ALL_CUSTOMERS else _NAME_ORDER
    )  # the study's, for our name
    codes = [code for code in _NAME_ORDER if code in label.texts and code in known]
    others = [label.texts[code] for code in codes if label.texts[code] != shown]
    other_scripts = [name for name in others if not (language.startswith("zh") and name in
                     (label.texts.get("zh-Hans"), label.texts.get("zh-Hant")))]  # fmt: skip
    if not language.startswith("zh") and "zh-Hans" in label.texts and "zh-Hant" in label.texts:
        other_scripts = [name for name in other_scripts if name != label.texts["zh-Hant"]]
    customers, share = segment_size(source, segment)
    goal = _goal(source, segment)
    return Head(
        segment=segment,
        label=shown,
        other_names=tuple(dict.fromkeys(other_scripts)),
        customers=customers,
        share=share,
        goal=goal.text(language) if goal else "",
        goal_language=goal.language_shown(language) if goal else "",
        traits=_traits(source, segment),
        title=charter.title.text(language) if charter is not None else "",
    )


def segment_size(source: Source, segment: str) -> tuple[int | None, float | None]:
    """Return the customers of a segment and their share; no share for all customers together."""
    sizes, alone = _sizes(source)
    if not sizes:
        return None, None
    total = sum(sizes.values())
    if segment not in sizes:
        return total, None
    return sizes[segment], (None if alone else sizes[segment] / total)


def _sizes(source: Source) -> tuple[dict[str, int], bool]:
    """Return the customers of each segment, and whether one segment was made by nobody."""
    segments, memo = getattr(source.context, "segments", None), memo_of(getattr(source.context, "segments", None))
    if "sizes" not in memo:
        summary = getattr(segments, "summary", None)
        table = summary if isinstance(summary, pd.DataFrame) and {"segment", "n"} <= set(summary.columns) else _EMPTY
        memo["sizes"] = {str(name): int(n) for name, n in zip(table["segment"], table["n"], strict=True)}
    found: dict[str, int] = memo["sizes"]
    if found:
        return found, False
    members = source.table("members")
    counts = source.once("sizes", lambda: members["segment"].value_counts().to_dict() if "segment" in members else {})
    return {str(name): int(n) for name, n in counts.items()}, len(counts) == 1


def _goal(source: Source, segment: str) -> Label | None:
    segments = source.context.segments if source.context is not None else None
    ask = getattr(segments, "goal", None)
    own = ask(segment) if callable(ask) and segment in (getattr(segments, "labels", None) or {}) else None
    if own is None:
        own = getattr(getattr(source.study, "charter", None), "goal", None)
    return Label.of(own) if own is not None else None


def _traits(source: Source, segment: str) -> tuple[tuple[str, str], ...]:
    segments: Any = getattr(source.context, "segments", None)
    ask = getattr(segments, "traits", None)
    if not callable(ask) or segment not in (getattr(segments, "labels", None) or {}):
        return ()
    memo, key = memo_of(segments), ("traits", segment, source.words.language)
    if key not in memo:
        table = ask(segment, language=source.words.language, top=5)
        memo[key] = tuple((str(row.label), str(row.value)) for row in table.itertuples())[:5]
    found: tuple[tuple[str, str], ...] = memo[key]
    return found
