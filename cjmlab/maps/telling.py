"""Moments in words: the title of a card in the language of the map, from what was measured and said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.maps.sayings import index_units, said_of
from cjmlab.maps.view import MomentCell, Said, TouchpointCell

if TYPE_CHECKING:
    from cjmlab.maps.source import Source


COMPLAINTS = frozenset({"broken_promise", "upsell_pressure", "effort", "blocked_intent", "blocked_stock",
                        "blocked_technical", "blocked_screening"})  # fmt: skip
"""Cues that say what kind of trouble it is."""
_HEARD = 3
Units = Mapping[str, tuple[Said, float]]


def read_moments(source: Source, moments: pd.DataFrame, segment: str, cells: list[TouchpointCell]) -> list[MomentCell]:
    """Return the moments of one segment as cards, the best first in each kind.

    Severity is drawn as a share of the worst of all segments, so that two maps can be laid side by side; priority
    (1 to 3) is the expected gain in thirds of the segment's best.
    """
    rows = moments[moments["segment"].astype(str) == segment].sort_values(["kind", "rank"], kind="stable")
    best = _most(rows[rows["kind"] == "opportunity"], "expected_gain")
    worst = _most(moments[moments["kind"] == "pain"], "severity")
    units = source.once("units", lambda: index_units(source.table("scored")))
    cues = source.once("cues", lambda: count_cues(source.table("scored")))
    places = {cell.id: cell for cell in cells}
    return [
        _moment(
            source,
            row,
            units,
            places[str(row["touchpoint"])],
            best,
            worst,
            cues.get((segment, str(row["touchpoint"])), ""),
        )
        for row in rows.to_dict("records")
        if str(row["touchpoint"]) in places
    ]


def _most(rows: pd.DataFrame, column: str) -> float:
    values = rows[column].dropna() if column in rows else pd.Series(dtype=float)
    return float(values.max()) if len(values) else 0.0


def _moment(
    source: Source, row: Mapping[Any, Any], units: Units, cell: TouchpointCell, best: float, worst: float, cue: str
) -> MomentCell:
    gain, severity = _number(row.get("expected_gain")), _number(row.get("severity"))
    charter = getattr(source.study, "charter", None)
    return MomentCell(
        kind=str(row["kind"]), stage=cell.stage, touchpoint=cell.id, rank=int(row["rank"]),
        title=_title(source, row, cell.label, cue), n=int(_number(row.get("n")) or 0), share=_number(row.get("share")),
        severity=severity, weight=severity / worst if severity and worst > 0 else 0.0, gain=gain,
        gain_low=_number(row.get("gain_low")), gain_high=_number(row.get("gain_high")), reason=str(row.get("reason") or ""),
        reason_language=str(charter.languages[0]) if charter is not None else "", priority=_priority(gain, best),
        quote=_quote(row, units),
    )  # fmt: skip


def _title(source: Source, row: Mapping[Any, Any], label: str, cue: str) -> str:
    """Return the title of a card: given, else the touchpoint with the commonest complaint or what answers it."""
    words = source.words
    for given in (row.get(f"title_{words.language}"), row.get("title")):
        if isinstance(given, str) and given.strip():
            return given
    if row["kind"] == "opportunity":
        remedy = words.raw["remedies"].get(cue)
        return f"{label}{words.raw['colon']}{remedy}" if remedy else words.say("improve", touchpoint=label)
    if row["kind"] == "pain" and cue:
        return f"{label}{words.raw['colon']}{_cue_label(source, cue)}"
    return label


def _cue_label(source: Source, cue: str) -> str:
    codes = getattr(source.study, "codebook", ()) or ()
    found = next((code for code in codes if code.kind == "cue" and code.id == cue), None)
    name = found.label.text(source.words.language) if found is not None else cue.replace("_", " ")
    return name[:1].lower() + name[1:]


def count_cues(scored: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Return the complaint that prevails in each segment at each touchpoint, where one does.

    It prevails when at least three people voice it and at least a third of the clauses that tell of a pain or sound
    negative there carry it.
    """
    if not {"cues", "touchpoint", "segment", "lane", "sentiment", "customer_id", "text"} <= set(scored.columns):
        return {}
    rows = scored[scored["text"].notna() & scored["touchpoint"].notna() & scored["segment"].notna()]
    rows = rows[rows["lane"].eq("pain") | rows["sentiment"].lt(-0.1)]
    found = {}
    for (segment, touchpoint), part in rows.groupby(["segment", "touchpoint"], sort=True):
        people: dict[str, set[str]] = {}
        clauses: dict[str, int] = {}
        for who, cues in zip(part["customer_id"].fillna(part["unit_id"]), part["cues"].fillna(""), strict=True):
            for cue in set(str(cues).split("|")) & COMPLAINTS:
                people.setdefault(cue, set()).add(str(who))
                clauses[cue] = clauses.get(cue, 0) + 1
        best = min(clauses, key=lambda name: (-clauses[name], name), default="")
        if best and len(people[best]) >= _HEARD and clauses[best] * 3 >= len(part):
            found[str(segment), str(touchpoint)] = best
    return found


def _quote(row: Mapping[Any, Any], units: Units) -> Said | None:
    text, identity = row.get("quote"), row.get("quote_id")
    if isinstance(text, str) and text.strip():
        return said_of(identity or "", text, row.get("quote_language"))
    return units[identity][0] if isinstance(identity, str) and identity in units else None


def _priority(gain: float | None, best: float) -> int:
    if gain is None or best <= 0:
        return 1
    return 3 if gain >= 2 / 3 * best else 2 if gain >= best / 3 else 1


def _number(value: Any) -> float | None:
    return None if value is None or isinstance(value, (str, list)) or pd.isna(value) else float(value)
