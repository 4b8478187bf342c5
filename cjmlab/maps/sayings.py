"""Which verbatims a map prints: the words behind a cell, the reader's own language first, short ones first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.maps.metrics import is_cjk
from cjmlab.maps.view import WITHHELD_BELOW, Said, Told

if TYPE_CHECKING:
    from cjmlab.maps.source import Source

LANES_TOLD = ("behaviour", "motivation", "trigger", "brand")
_LONG = 60


def index_units(scored: pd.DataFrame) -> dict[str, tuple[Said, float]]:
    """Return the units with words by id: what was said and its sentiment (nan where none)."""
    if "text" not in scored or "unit_id" not in scored:
        return {}
    units = scored[scored["text"].notna()].drop_duplicates("unit_id")
    blank = [None] * len(units)
    languages = units.get("language", blank)
    felt = units.get("sentiment", blank)
    return {
        str(identity): (said_of(identity, text, language), float("nan") if pd.isna(value) else float(value))
        for identity, text, language, value in zip(units["unit_id"], units["text"], languages, felt, strict=True)
    }


def choose_quote(
    units: Mapping[str, tuple[Said, float]], ids: Iterable[str], *, sign: int, language: str
) -> Said | None:
    """Choose the quote of a point: of the right sign, in the reader's language if there is one, not too long.

    The order of ``ids`` (the strongest first) decides among equals.
    """
    found = []
    for place, identity in enumerate(ids):
        if identity in units:
            said, felt = units[identity]
            found.append(((felt * sign < 0, not _speaks(said, language), len(said.text) > _LONG, place), said))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def read_told(source: Source) -> dict[tuple[str, str, str], Told]:
    """Return the typical saying of every segment × stage × lane; segment "" is everyone.

    A saying needs at least five people behind it: fewer could be recognised.
    """
    scored = source.table("scored")
    if not {"lane", "text", "stage", "unit_id", "customer_id"} <= set(scored.columns):
        return {}
    rows = scored[scored["text"].notna() & scored["stage"].notna()]
    lane = rows["lane"].where(rows["lane"].isin(LANES_TOLD))
    if "cues" in rows:
        lane = lane.where(~rows["cues"].fillna("").str.contains("alternatives", regex=False), "brand")
    rows = rows.assign(lane=lane)[lane.notna()]
    found: dict[tuple[str, str, str], Told] = {}
    for part in (*([rows] if "segment" in rows else []), rows.assign(segment="")):
        used: set[tuple[str, str, str]] = set()
        for (segment, stage, name), group in part.groupby(["segment", "stage", "lane"], sort=True):
            people = group["customer_id"].fillna(group["unit_id"]).nunique()
            if people < WITHHELD_BELOW:
                continue
            fresh = group[[(segment, name, text) not in used for text in group["text"]]]
            said = most_shared(fresh, language=source.words.language)
            if said is not None:
                used.add((str(segment), str(name), said.text))
                found[str(segment), str(stage), str(name)] = Told(said, len(group), people, of_all=segment == "")
    return found


def said_of(identity: Any, text: Any, language: Any = None) -> Said:
    """Return a verbatim, its spaces tidied."""
    return Said(" ".join(str(text).split()), str(identity), "" if pd.isna(language) else str(language))


def _speaks(said: Said, language: str) -> bool:
    if said.language:
        return said.language == language
    has_cjk = any(map(is_cjk, said.text))
    has_cyrillic = any("\u0400" <= c <= "\u04ff" for c in said.text)
    return {"ru": has_cyrillic, "en": not has_cjk and not has_cyrillic}.get(language, has_cjk)


def most_shared(rows: pd.DataFrame, *, language: str) -> Said | None:
    """Return the clause that says what most of the others say too.

    Each clause is scored by how many other clauses share its words (pairs of characters in Chinese), so that the
    printed one is typical rather than extreme; long ones come last. Ties go to the shorter clause, then to the smaller id.
    """
    languages = rows["language"] if "language" in rows else [None] * len(rows)
    told = [said_of(*row) for row in zip(rows["unit_id"], rows["text"], languages, strict=True)]
    sayings = sorted((said for said in told if said.text), key=lambda said: said.unit_id)
    if not sayings:
        return None
    own = [said for said in sayings if _speaks(said, language)] or sayings
    words = {said.unit_id: _words(said.text) for said in own}
    seen = Counter(word for each in words.values() for word in each)

    def typical(said: Said) -> tuple[bool, float, int, str]:
        mine = words[said.unit_id]
        shared = sum(seen[word] - 1 for word in mine) / (len(mine) + 3) if mine else 0.0
        return (len(said.text) > _LONG, -round(shared, 6), len(said.text), said.unit_id)

    return min(own, key=typical)


def _words(text: str) -> set[str]:
    folded = text.casefold()
    spaced = {
        word for word in "".join(c if c.isalnum() and not is_cjk(c) else " " for c in folded).split() if len(word) > 2
    }
    chinese = "".join(c for c in folded if is_cjk(c) and c.isalnum())
    return spaced | {chinese[i : i + 2] for i in range(len(chinese) - 1)}
