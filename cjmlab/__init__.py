"""From raw customer voices to a journey map that people can defend.

The walk, one verb a room::

    study    = cjm.load_study("data/samples/grocer")                 # what we ask, and the tables we were given
    segments = cjm.segment_customers(study.customers)                # who they are
    scored   = study.feedback.pipe(cjm.code_feedback, study.codebook).pipe(cjm.score_feedback)   # what they say
    journeys = cjm.derive_journeys(scored, segments, study)          # what they live
    moments  = cjm.rank_moments(journeys, study.outcomes)            # what matters
    cjm.journey_map(journeys, moments, segment="Weekend planners")   # what we see
    cjm.explore(journeys, moments)                                   # the glass
    cjm.share_page(journeys, moments, "map.html")                    # what leaves the house

``cjm.run_study(path)`` is the same line in one call. Every verb takes its table first and returns a DataFrame; pictures
return a plotly Figure; ``explore`` returns a widget.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cjmlab.errors import CjmError as CjmError
    from cjmlab.errors import SourceError as SourceError
    from cjmlab.errors import StudyError as StudyError
    from cjmlab.errors import TableError as TableError
    from cjmlab.errors import VocabularyError as VocabularyError

__version__ = "0.1.0"

# Public name → the room it lives in. A room loads when one of its names is first used.
_ROOMS = {
    "CjmError": "errors",
    "SourceError": "errors",
    "StudyError": "errors",
    "TableError": "errors",
    "VocabularyError": "errors",
    "Label": "vocabulary",
    "StageModel": "vocabulary",
    "crosswalk": "vocabulary",
    "list_stage_models": "vocabulary",
    "list_touchpoints": "vocabulary",
    "stage_model": "vocabulary",
    "check_table": "tables",
    "describe_table": "tables",
    "read_customers": "sources",
    "read_events": "sources",
    "read_interviews": "sources",
    "read_outcomes": "sources",
    "read_survey": "sources",
    "read_table": "sources",
    "Scale": "sources",
    "mask_text": "sources",
    "missing_links": "sources",
    "store_events": "sources",
    "qda_project": "sources",
    "read_codings": "sources",
    "read_document": "sources",
    "read_qdc": "sources",
    "read_qdpx": "sources",
    "write_qdc": "sources",
    "write_qdpx": "sources",
    "load_study": "study",
    "check_study": "study",
    "cover_stages": "study",
    "list_inventory": "study",
    "review_study": "study",
    "propose_study": "study",
    "study_template": "study",
    "planted_world": "study.world",
    "list_samples": "study.samples",
    "make_sample": "study.samples",
    "Segmentation": "segments",
    "segment_customers": "segments",
    "compare_models": "segments.contest",
    "text_block": "segments.texts",
    "code_feedback": "feedback",
    "score_feedback": "feedback",
    "default_scorer": "feedback",
    "CachedScorer": "feedback",
    "CombinedCoder": "feedback",
    "KeywordCoder": "feedback",
    "EmbeddingScorer": "feedback",
    "LinearScorer": "feedback",
    "TransformerScorer": "feedback",
    "apply_codes": "feedback",
    "check_scores": "feedback",
    "code_shares": "feedback",
    "detect_language": "feedback",
    "draw_audit": "feedback",
    "find_feelings": "feedback",
    "learn_coder": "feedback",
    "learn_from_ratings": "feedback",
    "measure_agreement": "feedback",
    "read_codes": "feedback",
    "reliability_picture": "feedback",
    "review_queue": "feedback",
    "review_table": "feedback",
    "saturation": "feedback",
    "split_units": "feedback",
    "derive_journeys": "journeys",
    "evidence": "journeys",
    "filter_journeys": "journeys",
    "blocked_intent": "journeys",
    "coherence": "journeys",
    "count_cues": "journeys",
    "digital_share": "journeys",
    "five_a_rates": "journeys",
    "fragmentation": "journeys",
    "funnel": "journeys",
    "hand_offs": "journeys",
    "hollow_success": "journeys",
    "journey_types": "journeys",
    "measure_loops": "journeys",
    "measure_repeats": "journeys",
    "measure_triggers": "journeys",
    "path_distances": "journeys",
    "represent_paths": "journeys",
    "resolution_times": "journeys",
    "score_journeys": "journeys",
    "segment_by_journeys": "journeys.typed",
    "split_journeys": "journeys",
    "stage_order": "journeys",
    "trace_paths": "journeys",
    "transitions": "journeys",
    "broken_promises": "journeys",
    "measure_delays": "journeys",
    "channel_value": "journeys",
    "class_moments": "journeys",
    "class_behaviours": "journeys",
    "measure_effort": "journeys",
    "measure_awareness": "journeys",
    "compare_brands": "journeys",
    "find_bottlenecks": "journeys",
    "count_facets": "journeys",
    "later_experience": "journeys",
    "measure_kpis": "journeys",
    "recluster_journeys": "journeys",
    "retention_curve": "journeys",
    "score_distribution": "journeys",
    "split_purchases": "journeys",
    "rank_moments": "moments",
    "response_surface": "moments",
    "stage_difficulty": "moments",
    "johnson_weights": "moments",
    "lmg_shares": "moments",
    "make_or_break": "moments",
    "penalty_reward": "moments",
    "ulwick_opportunity": "moments",
    "ask_questions": "moments",
    "ces": "moments",
    "contest_scores": "moments",
    "csat": "moments",
    "estimate_panel": "moments",
    "importance_performance": "moments",
    "measure_loyalty": "moments",
    "compare_waves": "moments",
    "watch_waves": "moments",
    "evaluate_change": "moments",
    "ewma_chart": "moments",
    "p_chart": "moments",
    "plan_nps": "moments",
    "narrate": "moments",
    "nps": "moments",
    "simulate_change": "moments",
    "suggest_remedies": "moments",
    "compare_maps": "maps",
    "journey_flow": "maps",
    "journey_map": "maps",
    "map_table": "maps",
    "touchpoint_heatmap": "maps",
    "map_text": "maps",
    "wave_map": "maps",
    "explore": "explore",
    "tune_segments": "explore.tuner",
    "export": "share",
    "render": "share",
    "share_page": "share",
    "run_study": "flow",
    "open_run": "flow",
    "compare_runs": "flow",
    "RunError": "flow",
    "StudyRun": "flow",
}
__all__ = sorted(_ROOMS)


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return getattr(import_module(f"cjmlab.{_ROOMS[name]}"), name)
    raise AttributeError(f"module 'cjmlab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOMS})
