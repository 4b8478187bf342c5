"""Which verbatims a map prints: the words behind a cell, the reader's own language first, short ones first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pandas as pd

from cjmlab.maps.metrics import is_cjk
from cjmlab.maps.view import Said

_LONG = 90


def index_units(scored: pd.DataFrame | None) -> pd.DataFrame:
    """Return the units with words, by unit id: ``text``, ``language``, ``sentiment``; the first when one id repeats."""
    if scored is None or "text" not in scored or "unit_id" not in scored:
        return pd.DataFrame({"text": [], "language": [], "sentiment": []})
    units = scored[scored["text"].notna()].drop_duplicates("unit_id").set_index("unit_id")
    for column in ("language", "sentiment"):
        if column not in units:
            units[column] = None
    return units[["text", "language", "sentiment"]]


def choose_quote(units: pd.DataFrame, ids: Iterable[str], *, sign: int, language: str) -> Said | None:
    """Choose the quote of a point: of the right sign, in the reader's language if there is one, not too long.

    The order of ``ids`` (the strongest first) decides among equals.
    """
    found = []
    for place, identity in enumerate(ids):
        if identity not in units.index:
            continue
        row = units.loc[identity]
        said = said_of(identity, row["text"], row["language"])
        felt: Any = row["sentiment"]
        wrong = bool(pd.notna(felt)) and float(felt) * sign < 0
        found.append(((wrong, not _speaks(said, language), len(said.text) > _LONG, place), said))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def said_of(identity: Any, text: Any, language: Any = None) -> Said:
    """Return a verbatim, its spaces tidied."""
    return Said(" ".join(str(text).split()), str(identity), "" if pd.isna(language) else str(language))


def _speaks(said: Said, language: str) -> bool:
    if said.language:
        return said.language == language
    has_cjk = any(map(is_cjk, said.text))
    has_cyrillic = any("\u0400" <= c <= "\u04ff" for c in said.text)
    return {"ru": has_cyrillic, "en": not has_cjk and not has_cyrillic}.get(language, has_cjk)


def most_shared(rows: pd.DataFrame, *, language: str) -> tuple[Said, int] | None:
    """Return the clause that says what most of the others say too, and how many clauses there are.

    Each clause is scored by how many other clauses share its words (pairs of characters in Chinese), so that the
    printed one is typical rather than extreme. Ties go to the shorter clause, then to the smaller id.
    """
    rows = rows[rows["text"].notna() & rows["text"].astype(str).str.strip().ne("")].sort_values("unit_id")
    if rows.empty:
        return None
    sayings = [said_of(r.unit_id, r.text, getattr(r, "language", None)) for r in rows.itertuples()]
    own = [said for said in sayings if _speaks(said, language)] or sayings
    words = {said.unit_id: _words(said.text) for said in own}
    seen = Counter(word for each in words.values() for word in each)

    def typical(said: Said) -> tuple[float, int, str]:
        mine = words[said.unit_id]
        shared = sum(seen[word] - 1 for word in mine) / (len(mine) + 3) if mine else 0.0
        return (-round(shared, 6), len(said.text), said.unit_id)

    return min(own, key=typical), len(sayings)


def _words(text: str) -> set[str]:
    folded = text.casefold()
    spaced = {
        word for word in "".join(c if c.isalnum() and not is_cjk(c) else " " for c in folded).split() if len(word) > 2
    }
    chinese = "".join(c for c in folded if is_cjk(c) and c.isalnum())
    return spaced | {chinese[i : i + 2] for i in range(len(chinese) - 1)}
