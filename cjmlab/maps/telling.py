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
    """Return the moments of one segment as cards, the best first in each kind.

    Severity is drawn as a share of the worst of all segments, so that two maps can be laid side by side; priority
    (1 to 3) is the expected gain in thirds of the segment's best.
    """
    rows = moments[moments["segment"].astype(str) == segment].sort_values(["kind", "rank"], kind="stable")
    best = _most(rows[rows["kind"] == "opportunity"], "expected_gain")
    worst = _most(moments[moments["kind"] == "pain"], "severity")
    units = index_units(source.table("scored"))
    places = {cell.id: cell for cell in cells}
    return [
        _moment(source, row, units, places[str(row["touchpoint"])], best, worst)
        for row in rows.to_dict("records")
        if str(row["touchpoint"]) in places
    ]


def _most(rows: pd.DataFrame, column: str) -> float:
    values = rows[column].dropna() if column in rows else pd.Series(dtype=float)
    return float(values.max()) if len(values) else 0.0


def _moment(
    source: Source, row: Mapping[Any, Any], units: pd.DataFrame, cell: TouchpointCell, best: float, worst: float
) -> MomentCell:
    gain, severity = _number(row.get("expected_gain")), _number(row.get("severity"))
    charter = getattr(source.study, "charter", None)
    return MomentCell(
        kind=str(row["kind"]), stage=cell.stage, touchpoint=cell.id, rank=int(row["rank"]),
        title=_title(source, row, cell.label), n=int(_number(row.get("n")) or 0), share=_number(row.get("share")),
        severity=severity, weight=severity / worst if severity and worst > 0 else 0.0, gain=gain,
        gain_low=_number(row.get("gain_low")), gain_high=_number(row.get("gain_high")), reason=str(row.get("reason") or ""),
        reason_language=str(charter.languages[0]) if charter is not None else "", priority=_priority(gain, best),
        quote=_quote(row, units),
    )  # fmt: skip


def _title(source: Source, row: Mapping[Any, Any], label: str) -> str:
    for given in (row.get(f"title_{source.words.language}"), row.get("title")):
        if isinstance(given, str) and given.strip():
            return given
    feeling = row.get("feeling")
    if row["kind"] == "opportunity":
        return source.words.say("improve", touchpoint=label)
    if isinstance(feeling, str) and feeling:
        return f"{label}{source.words.raw['colon']}{source.words.named('feelings', feeling)}"
    return label


def _quote(row: Mapping[Any, Any], units: pd.DataFrame) -> Said | None:
    text, identity = row.get("quote"), row.get("quote_id")
    if isinstance(text, str) and text.strip():
        return said_of(identity or "", text, row.get("quote_language"))
    if isinstance(identity, str) and identity in units.index:
        return said_of(identity, units.loc[identity, "text"], units.loc[identity, "language"])
    return None


def _priority(gain: float | None, best: float) -> int:
    if gain is None or best <= 0:
        return 1
    return 3 if gain >= 2 / 3 * best else 2 if gain >= best / 3 else 1


def _number(value: Any) -> float | None:
    return None if value is None or isinstance(value, (str, list)) or pd.isna(value) else float(value)
