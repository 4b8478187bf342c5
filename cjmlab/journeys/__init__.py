"""What they live: experience with intervals, reach and drop-off, paths, journey types."""

from cjmlab.journeys.awareness import measure_awareness
from cjmlab.journeys.behaviours import class_behaviours
from cjmlab.journeys.bottlenecks import find_bottlenecks
from cjmlab.journeys.brands import compare_brands
from cjmlab.journeys.channels import digital_share, fragmentation, hand_offs
from cjmlab.journeys.coherence import coherence
from cjmlab.journeys.context import ALL_CUSTOMERS, JourneyContext, context_of
from cjmlab.journeys.deals import blocked_intent, hollow_success
from cjmlab.journeys.effort import measure_effort
from cjmlab.journeys.evidence import evidence
from cjmlab.journeys.expectation import broken_promises, class_moments, measure_delays
from cjmlab.journeys.facets import count_facets, score_distribution
from cjmlab.journeys.funnels import funnel
from cjmlab.journeys.help import later_experience
from cjmlab.journeys.journeys import derive_journeys, filter_journeys
from cjmlab.journeys.kpis import measure_kpis
from cjmlab.journeys.loops import measure_loops, measure_repeats
from cjmlab.journeys.order import stage_order
from cjmlab.journeys.paths import trace_paths, transitions
from cjmlab.journeys.rates import count_cues, five_a_rates, resolution_times
from cjmlab.journeys.reclustering import recluster_journeys
from cjmlab.journeys.representatives import path_distances, represent_paths
from cjmlab.journeys.retention import retention_curve
from cjmlab.journeys.scores import score_journeys
from cjmlab.journeys.splitting import split_journeys
from cjmlab.journeys.triggers import measure_triggers
from cjmlab.journeys.types import journey_types
from cjmlab.journeys.value import channel_value, split_purchases

__all__ = [
    "ALL_CUSTOMERS",
    "JourneyContext",
    "blocked_intent",
    "broken_promises",
    "channel_value",
    "class_behaviours",
    "class_moments",
    "coherence",
    "compare_brands",
    "context_of",
    "count_cues",
    "count_facets",
    "derive_journeys",
    "digital_share",
    "evidence",
    "filter_journeys",
    "find_bottlenecks",
    "five_a_rates",
    "fragmentation",
    "funnel",
    "hand_offs",
    "hollow_success",
    "journey_types",
    "later_experience",
    "measure_awareness",
    "measure_delays",
    "measure_effort",
    "measure_kpis",
    "measure_loops",
    "measure_repeats",
    "measure_triggers",
    "path_distances",
    "recluster_journeys",
    "represent_paths",
    "resolution_times",
    "retention_curve",
    "score_distribution",
    "score_journeys",
    "split_journeys",
    "split_purchases",
    "stage_order",
    "trace_paths",
    "transitions",
]
