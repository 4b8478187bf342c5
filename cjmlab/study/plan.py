"""The plan of a planted world: everything that is true in it before a single customer is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cjmlab.vocabulary import Label, StageModel, Touchpoint

SEPARATION = {"low": 1.25, "mid": 0.95, "high": 0.72}
"""How far segments stand apart in their attributes for each degree of overlap."""


@dataclass(frozen=True)
class Item:
    """A Likert item of the attitude battery; ``construct`` is None for pure noise, ``reverse`` turns its meaning."""

    name: str
    label: Label
    construct: int | None
    reverse: bool = False


@dataclass(frozen=True)
class Number:
    """A skewed number: its median over everybody, the standard deviation of its logarithm, and its decimals."""

    name: str
    label: Label
    median: float
    spread: float
    decimals: int = 0


@dataclass(frozen=True)
class Nominal:
    """A column of categories; ``passive`` ones describe segments and never form them."""

    name: str
    label: Label
    values: tuple[tuple[str, Label], ...]
    passive: bool = False


@dataclass(frozen=True)
class Change:
    """A true change: the mean of one segment at one touchpoint moves by ``delta`` (on −1 … 1) from a wave on."""

    segment: str
    touchpoint: str
    wave: str
    delta: float


@dataclass(frozen=True)
class SegmentPlan:
    """One planted segment.

    Parameters
    ----------
    id, label, goal
        Its id, its name and what its customers want in their words.
    trait : tuple of str
        Column and value by which a study recognises the segment.
    mix : tuple of float
        Its share of the respondents in each wave.
    attitudes : tuple of float
        One level a construct, in standard deviations.
    numbers : tuple of float
        One shift a number, on the logarithm.
    nominals : mapping
        Column → probability of each value.
    experience, use, gap : mapping
        Touchpoint → mean experience (−1 … 1); share that meets it among those who reach its stage; expectation
        minus experience.
    survival : tuple of float
        Share that reaches each stage.
    moments : tuple of str
        The touchpoints that drive the outcomes.
    returns, repeats : float
        Probability to start over after a bad experience, and to go round again after a good one.
    blocked : mapping
        Reason → share of those who stop at the purchase although they wanted to buy.
    resolution : float
        Median hours until what was opened is closed.
    must_be, delighter, polarised : str
        A touchpoint that only drives when it goes badly, one that only drives when it goes well, and one where people
        either love or hate what they get; empty for none.
    level : float
        Mean of the recommendation, 0 to 10.
    """

    id: str
    label: Label
    mix: tuple[float, ...]
    attitudes: tuple[float, ...]
    numbers: tuple[float, ...]
    nominals: Mapping[str, tuple[float, ...]]
    experience: Mapping[str, float]
    use: Mapping[str, float]
    survival: tuple[float, ...]
    moments: tuple[str, ...]
    gap: Mapping[str, float] = field(default_factory=dict)
    goal: Label | None = None
    trait: tuple[str, str] = ("", "")
    returns: float = 0.35
    repeats: float = 0.3
    blocked: Mapping[str, float] = field(default_factory=dict)
    level: float = 7.0
    resolution: float = 24.0
    must_be: str = ""
    delighter: str = ""
    polarised: str = ""

    @property
    def name(self) -> str:
        """The name in English."""
        return str(self.label)

    @property
    def worst(self) -> str:
        """The touchpoint with the lowest planted mean."""
        return min(self.experience, key=lambda touchpoint: self.experience[touchpoint])


@dataclass(frozen=True)
class WorldPlan:
    """A planted world before customers are drawn.

    Parameters
    ----------
    name, title, model, touchpoints, segments, items, numbers, nominals, waves, changes
        What the world is about and who lives in it.
    scales : mapping
        Touchpoint → lowest and highest answer of its question.
    expected : tuple of str
        Touchpoints whose expectation is asked.
    languages : mapping
        Language → weight.
    pack : str
        Domain of the phrases.
    headers : mapping
        Names of the columns in the files.
    charter : mapping
        What ``[study]`` says.
    own_touchpoints, codes : tuple of mappings
        What ``study.toml`` says of touchpoints and codes beyond the shipped ones.
    overlap, style, missing : str, float, float
        How near segments lie in their attributes; spread of the habit to agree; share of answers missing.
    halo, spread : float
        Standard deviation of a person's mood and of single experiences, on −1 … 1.
    handoff : float
        How much worse a touchpoint goes for those who come to it from another channel, on −1 … 1; means stay.
    closings : mapping
        Touchpoint → name of the event that closes what was opened there.
    focus, rest, noise_sd : float
        Weight of moments of truth and of the others on the outcomes, and their noise, in standard deviations.
    panel, talkative : float
        Share of a wave that answered in the last one; share that writes a comment.
    gradient : bool
        Attitudes follow one factor instead of segments.
    event_names, goods, staff, price
        What the log calls things, what is sold, who is met, and the median price.
    utc_offset : int
        Hours that local time, in which surveys are stamped, is ahead of the log's UTC.
    pressure, hollow, same_item : str, float, float
        Touchpoint of pressure to buy more; factor on repeats after a purchase under such pressure; share of repeats
        that buy the same item.
    """

    name: str
    title: Label
    model: StageModel
    touchpoints: tuple[Touchpoint, ...]
    segments: tuple[SegmentPlan, ...]
    items: tuple[Item, ...]
    numbers: tuple[Number, ...]
    nominals: tuple[Nominal, ...]
    waves: tuple[str, ...]
    changes: tuple[Change, ...]
    scales: Mapping[str, tuple[int, int]]
    expected: tuple[str, ...]
    languages: Mapping[str, float]
    pack: str
    headers: Mapping[str, str]
    charter: Mapping[str, Any]
    own_touchpoints: tuple[Mapping[str, Any], ...] = ()
    codes: tuple[Mapping[str, Any], ...] = ()
    overlap: str = "low"
    style: float = 0.3
    halo: float = 0.15
    spread: float = 0.36
    missing: float = 0.07
    handoff: float = 0.0
    closings: Mapping[str, str] = field(default_factory=dict)
    focus: float = 0.55
    rest: float = 0.08
    noise_sd: float = 0.8
    panel: float = 0.2
    talkative: float = 0.6
    gradient: bool = False
    event_names: Mapping[str, str] = field(default_factory=dict)
    goods: tuple[str, ...] = ("first item", "second item", "third item")
    staff: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pressure: str = ""
    hollow: float = 0.3
    same_item: float = 0.4
    price: float = 100.0
    utc_offset: int = 0

    @property
    def purchase_stage(self) -> str:
        """The stage in which money changes hands."""
        return self.model.at(1.3).id

    @property
    def paid_at(self) -> str:
        """The touchpoint that everybody who buys meets and nobody else, or nothing."""
        return next((p.id for p in self.touchpoints if p.id == "payment" and p.stage == self.purchase_stage), "")

    def reach(self, segment: SegmentPlan) -> dict[str, float]:
        """Return the share of a segment that meets each touchpoint."""
        survival = dict(zip(self.model.ids, segment.survival, strict=True))
        met = {point: round(survival[self.stage_of(point)] * segment.use[point], 4) for point in self.points}
        if self.paid_at:
            after = min(self.model.ids.index(self.purchase_stage) + 1, len(self.model) - 1)
            met[self.paid_at] = segment.survival[after]
        return met

    def event_of(self, touchpoint: str) -> str:
        """Return the name that the log gives to a touchpoint, or to ``purchase`` and ``blocked:<reason>``."""
        return self.event_names.get(touchpoint, touchpoint)

    @property
    def points(self) -> tuple[str, ...]:
        """The touchpoint ids in the order of the journey."""
        return tuple(point.id for point in self.touchpoints)

    def stage_of(self, touchpoint: str) -> str:
        """Return the stage of a touchpoint."""
        return next(point.stage for point in self.touchpoints if point.id == touchpoint)

    def means(self, segment: SegmentPlan, wave: str) -> tuple[float, ...]:
        """Return the planted means of a segment in a wave, one a touchpoint: the changes up to it are in."""
        reached = self.waves[: self.waves.index(wave) + 1]
        moved = {
            change.touchpoint: change.delta
            for change in self.changes
            if change.segment == segment.id and change.wave in reached
        }
        return tuple(round(segment.experience[point] + moved.get(point, 0.0), 4) for point in self.points)
