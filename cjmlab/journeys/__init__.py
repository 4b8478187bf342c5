"""What they live: experience with intervals, reach and drop-off, paths, journey types."""

from cjmlab.journeys.context import ALL_CUSTOMERS, JourneyContext, context_of
from cjmlab.journeys.evidence import evidence
from cjmlab.journeys.journeys import derive_journeys, filter_journeys

__all__ = ["ALL_CUSTOMERS", "JourneyContext", "context_of", "derive_journeys", "evidence", "filter_journeys"]
