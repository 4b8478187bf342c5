"""Moments in words: the title of a card in the language of the map, from what was measured and said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.maps.sayings import index_units, said_of
from cjmlab.maps.view import MomentCell, Said, TouchpointCell

if TYPE_CHECKING:
    from cjmlab.maps.reading import Source


def read_moments(source: Source, moments: pd.DataFrame, segment: str, cells: list[TouchpointCell]) -> list[MomentCell]:
    """Return the moments of one segment as cards, the best first in each kind."""
    rows = moments[moments["segment"].astype(str) == segment].sort_values(["kind", "rank"], kind="stable")
    units = index_units(source.table("scored"))
    labels = {cell.id: cell.label for cell in cells}
    stages = {cell.id: cell.stage for cell in cells}
    gains = pd.to_numeric(rows.loc[rows["kind"] == "opportunity"].get("expected_gain"), errors="coerce") \
        if "expected_gain" in rows else pd.Series(dtype=float)  # fmt: skip
    best = float(gains.max()) if len(gains) and gains.notna().any() else None
    found = []
    for row in rows.to_dict("records"):
        if str(row["touchpoint"]) in labels:
            found.append(_moment(source, row, units, labels, stages, best))
    return found


def _moment(
    source: Source, row: Mapping[Any, Any], units: pd.DataFrame, labels: Mapping[str, str], stages: Mapping[str, str],
    best: float | None,
) -> MomentCell:  # fmt: skip
    touchpoint, gain = str(row["touchpoint"]), _number(row.get("expected_gain"))
    return MomentCell(
        kind=str(row["kind"]), stage=stages[touchpoint], touchpoint=touchpoint, rank=int(row["rank"]),
        title=_title(source, row, labels[touchpoint]), n=int(_number(row.get("n")) or 0),
        share=_number(row.get("share")), severity=_number(row.get("severity")), gain=gain,
        gain_low=_number(row.get("gain_low")), gain_high=_number(row.get("gain_high")),
        reason=str(row.get("reason") or ""), priority=_priority(gain, best), quote=_quote(row, units),
    )  # fmt: skip


def _title(source: Source, row: Mapping[Any, Any], label: str) -> str:
    given = row.get(f"title_{source.words.language}") or row.get("title")
    if isinstance(given, str) and given.strip():
        return given
    feeling = row.get("feeling")
    if row["kind"] == "opportunity":
        return source.words.say("improve", touchpoint=label)
    if isinstance(feeling, str) and feeling:
        return label + source.words.raw["colon"] + source.words.named("feelings", feeling)
    return label


def _quote(row: Mapping[Any, Any], units: pd.DataFrame) -> Said | None:
    text, identity = row.get("quote"), row.get("quote_id")
    if isinstance(text, str) and text.strip():
        return said_of(identity or "", text, row.get("quote_language"))
    if isinstance(identity, str) and identity in units.index:
        return said_of(identity, units.loc[identity, "text"], units.loc[identity, "language"])
    return None


def _priority(gain: float | None, best: float | None) -> int:
    if gain is None or not best or best <= 0:
        return 1
    return 3 if gain >= 2 / 3 * best else 2 if gain >= best / 3 else 1


def _number(value: Any) -> float | None:
    return None if value is None or isinstance(value, (str, list)) or pd.isna(value) else float(value)
