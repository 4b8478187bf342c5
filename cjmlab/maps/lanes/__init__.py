"""The lanes of a journey map, one file each; ``LANES`` lists the shipped ones in their order."""

from cjmlab.maps.lanes.arc import ArcLane
from cjmlab.maps.lanes.base import Lane
from cjmlab.maps.lanes.emotion import EmotionLane
from cjmlab.maps.lanes.expectation import ExpectationLane
from cjmlab.maps.lanes.footer import FooterLane
from cjmlab.maps.lanes.header import HeaderLane
from cjmlab.maps.lanes.kpi import KpiLane
from cjmlab.maps.lanes.opportunities import OpportunitiesLane
from cjmlab.maps.lanes.owner import OwnerLane
from cjmlab.maps.lanes.pains import PainsLane
from cjmlab.maps.lanes.reach import ReachLane
from cjmlab.maps.lanes.stages import StagesLane
from cjmlab.maps.lanes.told import ToldLane
from cjmlab.maps.lanes.touchpoints import TouchpointsLane

LANES: tuple[Lane, ...] = (
    HeaderLane(),
    StagesLane(),
    ReachLane(),
    EmotionLane(),
    TouchpointsLane(),
    ToldLane("behaviour"),
    ToldLane("motivation"),
    ExpectationLane(),
    PainsLane(),
    OpportunitiesLane(),
    FooterLane(),
)
"""The lanes of a map, in order. Those without data leave no trace."""

MORE_LANES: tuple[Lane, ...] = (ToldLane("trigger"), ToldLane("brand"), ArcLane(), OwnerLane(), KpiLane())
"""Lanes that are drawn when they are asked for by name."""

__all__ = [
    "LANES", "MORE_LANES", "ArcLane", "EmotionLane", "ExpectationLane", "FooterLane", "HeaderLane", "KpiLane", "Lane",
    "OpportunitiesLane", "OwnerLane", "PainsLane", "ReachLane", "StagesLane", "ToldLane", "TouchpointsLane",
]  # fmt: skip
