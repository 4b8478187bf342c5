"""Moments in words: the title and the quote of a card in the language of the map, from what was measured and said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.maps.complaints import Complaint, find_complaint
from cjmlab.maps.sayings import choose_quote, read_clauses
from cjmlab.maps.source import records
from cjmlab.maps.view import MomentCell, Said, TouchpointCell

if TYPE_CHECKING:
    from cjmlab.maps.source import Source

HEARD_SHARE = 0.1
"""From this share of negative answers on a complaint makes a card where no touchpoint is surely below neutral."""


@dataclass(frozen=True)
class Teller:
    """Tells the moments of one segment that its map shows.

    Severity is drawn as a share of the worst of all segments, so that two maps can be laid side by side; priority
    (1 to 3) is the expected gain in thirds of the segment's best.

    Parameters
    ----------
    source : Source
        The journeys.
    moments : DataFrame
        All moments, of all segments.
    segment : str
        Whose moments are told.
    quotes : bool
        Whether words of customers may be told.
    """

    source: Source
    moments: pd.DataFrame
    segment: str
    quotes: bool = True

    def tell(self, cells: list[TouchpointCell]) -> list[MomentCell]:
        """Return the moments of truth, and of every stage the first pain and opportunity with how many more there are."""
        rows = [row for row in self._rows if str(row["segment"]) == self.segment]
        rows.sort(key=lambda row: row["rank"])
        places = {cell.id: cell for cell in cells}
        found: list[MomentCell] = []
        best = _most(row.get("expected_gain") for row in rows if row["kind"] == "opportunity")
        for kind in ("pain", "opportunity", "moment_of_truth"):
            told = [(row, places[str(row["touchpoint"])]) for row in rows
                    if row["kind"] == kind and str(row["touchpoint"]) in places]  # fmt: skip
            for row, cell in told:
                same = [other.id for _, other in told if other.stage == cell.stage]
                if kind == "moment_of_truth" or same[0] == cell.id:
                    moment = self._moment(row, cell, best)
                    found.append(moment if kind == "moment_of_truth" else replace(moment, more=len(same) - 1))
        return found

    def hear(self, cells: tuple[TouchpointCell, ...]) -> MomentCell | None:
        """Return the complaint of a stage without a pain point: most people's, if what it is about can be said.

        It is one of at least a tenth of the answers of a touchpoint that is not surely below neutral.
        """
        loud = [cell for cell in cells if cell.shown and (cell.share_negative or 0) >= HEARD_SHARE]
        for cell in sorted(loud, key=lambda cell: (-(cell.share_negative or 0) * (cell.reach or 1), cell.id)):
            heard = self._complaint(cell)
            if heard is None:
                continue
            depth = max(0.0, -(cell.experience or 0)) * (cell.reach or 1) * (cell.share_negative or 0)
            return MomentCell(
                kind="complaint", stage=cell.stage, touchpoint=cell.id, rank=1, title=self._wrong(cell, heard), n=cell.n,
                quiet=self._quiet_complaint(cell, heard),
                share=cell.share_negative, severity=depth, weight=self._weight(depth),
                quote=self._quote({}, cell, -1, heard),
            )  # fmt: skip
        return None

    def _moment(self, row: Mapping[Any, Any], cell: TouchpointCell, best: float) -> MomentCell:
        kind, severity = str(row["kind"]), _number(row.get("severity"))
        names = ("effect", "low", "high") if kind == "moment_of_truth" else ("expected_gain", "gain_low", "gain_high")
        gain, low, high = (_number(row.get(name)) for name in names)
        charter = getattr(self.source.study, "charter", None)
        heard = self._complaint(cell) if kind in ("pain", "opportunity") else None
        sign = {"pain": -1, "opportunity": -1, "delight": 1}.get(kind, 1 if (cell.experience or 0) >= 0 else -1)
        return MomentCell(
            kind=kind, stage=cell.stage, touchpoint=cell.id, rank=int(row["rank"]),
            title=self._title(row, cell, heard),
            quiet=self._title(row, cell, _unspoken(heard)) if heard and heard.phrases else "", n=int(_number(row.get("n")) or 0), share=_number(row.get("share")),
            severity=severity, weight=self._weight(severity), gain=gain, gain_low=low, gain_high=high, reason=str(row.get("reason") or ""),
            reason_language=str(charter.languages[0]) if charter is not None else "", priority=_priority(gain, best) if kind == "opportunity" else 1,
            quote=self._quote(row, cell, sign, heard),
        )  # fmt: skip

    def _weight(self, severity: float | None) -> float:
        return min(1.0, severity / self._worst) if severity and self._worst > 0 else 0.0

    @cached_property
    def _worst(self) -> float:
        return _most(row.get("severity") for row in self._rows if row["kind"] == "pain")

    @cached_property
    def _rows(self) -> list[dict[str, Any]]:
        return records(self.moments)

    def _complaint(self, cell: TouchpointCell) -> Complaint | None:
        key = ("complaint", self.source.words.language, self.segment, cell.id, self.quotes)
        return self.source.once(key, lambda: find_complaint(self.source, self.segment, cell, words=self.quotes))

    def _title(self, row: Mapping[Any, Any], cell: TouchpointCell, heard: Complaint | None) -> str:
        """Return the title of a card: given, else the touchpoint with what is wrong, would help or is at stake."""
        words = self.source.words
        for given in (row.get(f"title_{words.language}"), row.get("title")):
            if isinstance(given, str) and given.strip():
                return given
        effect = _number(row.get("effect"))
        if row["kind"] == "pain":
            return self._wrong(cell, heard)
        if row["kind"] == "opportunity":
            return self._joined(cell, self._remedy(row, cell, heard))
        if row["kind"] == "moment_of_truth" and effect is not None:
            outcome = words.named("outcomes", row.get("outcome") or words.say("outcome"))
            return self._joined(cell, words.say("moves", outcome=outcome, effect=words.signed(effect)))
        return cell.label

    def _wrong(self, cell: TouchpointCell, heard: Complaint | None) -> str:
        words = self.source.words
        if heard is not None:
            return self._joined(cell, self._spoken(heard) if heard.phrases else self._cue_label(heard.cue))
        if cell.polarised:
            return self._joined(cell, words.say("divided"))
        return self._joined(cell, words.say("below_expectation" if cell.misses else "below_neutral"))

    def _remedy(self, row: Mapping[Any, Any], cell: TouchpointCell, heard: Complaint | None) -> str:
        words = self.source.words
        remedy = words.raw["remedies"].get(heard.cue) if heard is not None else None
        if remedy:
            return str(remedy)
        if heard is not None and heard.phrases:
            return words.say("end_of", phrase=self._spoken(heard))
        share = _number(row.get("share"))
        if cell.misses or not share:
            return words.say("meet_expectation")
        return words.say("win_over", share=words.percent(share))

    def _quiet_complaint(self, cell: TouchpointCell, heard: Complaint) -> str:
        if not heard.phrases:
            return ""
        said = self._cue_label(heard.cue) if heard.cue else self.source.words.say("said_complaint").lower()
        return self._joined(cell, said)

    def _spoken(self, heard: Complaint) -> str:
        words = self.source.words
        return str(words.raw["comma"]).join(map(words.quoted, heard.phrases))

    def _joined(self, cell: TouchpointCell, what: str) -> str:
        return f"{cell.label}{self.source.words.raw['colon']}{what}"

    def _cue_label(self, cue: str) -> str:
        codes = getattr(self.source.study, "codebook", ()) or ()
        found = next((code for code in codes if code.kind == "cue" and code.id == cue), None)
        name = found.label.text(self.source.words.language) if found is not None else cue.replace("_", " ")
        return name[:1].lower() + name[1:]

    def _quote(self, row: Mapping[Any, Any], cell: TouchpointCell, sign: int, heard: Complaint | None) -> Said | None:
        if not self.quotes:
            return None
        phrase = heard.phrases[0] if heard is not None and heard.phrases else ""
        clauses, text, identity = read_clauses(self.source), row.get("quote"), row.get("quote_id")
        named = clauses.find([identity]) if isinstance(identity, str) else []
        language = self.source.words.language
        key = ("quote", self.segment, cell.id, language, sign, identity, phrase)
        found = self.source.once(key, lambda: choose_quote(
            named, clauses.at(self.segment, cell.id), sign=sign, language=language, phrase=phrase))  # fmt: skip
        if found is None and isinstance(text, str) and text.strip() and not named:
            spoken = row.get("quote_language")
            return Said(" ".join(text.split()), str(identity or ""), spoken if isinstance(spoken, str) else "")
        return found


def _unspoken(heard: Complaint) -> Complaint | None:
    """Return a complaint without the words of customers."""
    return replace(heard, phrases=()) if heard.cue else None


def _most(values: Iterable[Any]) -> float:
    return max((number for number in map(_number, values) if number is not None), default=0.0)


def _priority(gain: float | None, best: float) -> int:
    if gain is None or best <= 0:
        return 1
    return 3 if gain >= 2 / 3 * best else 2 if gain >= best / 3 else 1


def _number(value: Any) -> float | None:
    return None if value is None or isinstance(value, (str, list)) or pd.isna(value) else float(value)
