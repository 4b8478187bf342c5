"""What one map shows: the numbers of one segment in the order of the journey, with labels in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cjmlab.maps.wordings import Wordings

WITHHELD_BELOW = 5
"""Below this many customers or answers a point is not drawn (see the trust rules: small n)."""
ASSUMED = "assumption"
"""The grade of evidence of a cell behind which there are no data."""
FEW_BELOW = 30
"""Below this many a point is drawn hollow: indicative."""


@dataclass(frozen=True)
class Said:
    """A verbatim: the words, the unit they come from, the language they are in."""

    text: str
    unit_id: str = ""
    language: str = ""


@dataclass(frozen=True)
class Told:
    """What many said in one lane of one stage: a typical clause, the clauses and the people behind it."""

    said: Said
    n: int
    people: int
    of_all: bool = False


@dataclass(frozen=True)
class TouchpointCell:
    """One touchpoint of one segment. Numbers are None where there is no evidence."""

    id: str
    stage: str
    label: str
    n: int = 0
    customers: int = 0
    experience: float | None = None
    low: float | None = None
    high: float | None = None
    volume: float = 0.0
    channel: str = ""
    owner: str = ""
    evidence: str = ""
    expected: float | None = None
    lived: float | None = None
    n_gap: int = 0
    overall: float | None = None
    overall_n: int = 0
    quote: Said | None = None
    dimension: str = ""
    polarised: bool = False
    misses: bool = False
    below: bool = False
    share_negative: float | None = None
    reach: float | None = None
    sources: tuple[tuple[str, int], ...] = ()

    @property
    def shown(self) -> bool:
        """Whether there are enough people behind it to draw it."""
        return self.experience is not None and self.n >= WITHHELD_BELOW and self.customers >= WITHHELD_BELOW

    @property
    def few(self) -> bool:
        """Whether it is only indicative."""
        return min(self.n, self.customers) < FEW_BELOW


@dataclass(frozen=True)
class MomentCell:
    """One pain, complaint, opportunity or moment of truth of the segment.

    ``gain`` is the expected gain of an opportunity; of a moment of truth, what one point there moves the outcome by.
    ``quiet`` is a title in its place when ``title`` holds words of customers.
    """

    kind: str
    stage: str
    touchpoint: str
    rank: int
    title: str
    n: int = 0
    share: float | None = None
    severity: float | None = None
    gain: float | None = None
    gain_low: float | None = None
    gain_high: float | None = None
    reason: str = ""
    reason_language: str = ""
    weight: float = 0.0
    more: int = 0
    priority: int = 1
    quote: Said | None = None
    quiet: str = ""

    @property
    def plain_title(self) -> str:
        """The title without words of customers."""
        return self.quiet or self.title


@dataclass(frozen=True)
class StageCell:
    """One stage of one segment."""

    id: str
    label: str
    touchpoints: tuple[TouchpointCell, ...]
    experience: float | None = None
    customers: float | None = None
    drop_off: float | None = None
    pain: MomentCell | None = None
    opportunity: MomentCell | None = None
    truths: tuple[MomentCell, ...] = ()
    told: Mapping[str, Told] = field(default_factory=dict)


@dataclass(frozen=True)
class Head:
    """The header of a map."""

    segment: str
    label: str
    other_names: tuple[str, ...] = ()
    customers: int | None = None
    share: float | None = None
    goal: str = ""
    goal_language: str = ""
    traits: tuple[tuple[str, str], ...] = ()
    title: str = ""


@dataclass(frozen=True)
class MapView:
    """Everything one map draws. Lanes read it and compute nothing but places."""

    head: Head
    stages: tuple[StageCell, ...]
    words: Wordings
    colour: str
    is_overall: bool = False
    volume_kind: str = "answers"
    scale: tuple[float, float, str] = (-1.0, 1.0, "")
    limit: float = 1.0
    provenance: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def smallest(self) -> int:
        """Below this many customers or answers the numbers of a cell are withheld."""
        return int(self.provenance.get("smallest") or WITHHELD_BELOW)

    @property
    def touchpoints(self) -> tuple[TouchpointCell, ...]:
        """All touchpoints in the order of the journey."""
        return tuple(point for stage in self.stages for point in stage.touchpoints)

    @property
    def truths(self) -> tuple[MomentCell, ...]:
        """All moments of truth."""
        return tuple(truth for stage in self.stages for truth in stage.truths)
