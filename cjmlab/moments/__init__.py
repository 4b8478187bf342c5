"""What matters: pains and delights, drivers, moments of truth, opportunities, the story and what would help."""

from cjmlab.moments.asymmetry import contest_scores, make_or_break, matrix_of, penalty_reward
from cjmlab.moments.confirmation import response_surface
from cjmlab.moments.control import ewma_chart, p_chart, plan_nps, watch_waves
from cjmlab.moments.difficulty import stage_difficulty
from cjmlab.moments.evaluation import evaluate_change
from cjmlab.moments.importance import johnson_weights, lmg_shares
from cjmlab.moments.library import ask_questions, suggest_remedies
from cjmlab.moments.loyalty import ces, csat, measure_loyalty, nps
from cjmlab.moments.moments import rank_moments
from cjmlab.moments.narrative import narrate
from cjmlab.moments.views import importance_performance, ulwick_opportunity
from cjmlab.moments.waves import compare_waves
from cjmlab.moments.whatif import estimate_panel, simulate_change

__all__ = [
    "ask_questions",
    "ces",
    "compare_waves",
    "contest_scores",
    "csat",
    "estimate_panel",
    "evaluate_change",
    "ewma_chart",
    "importance_performance",
    "johnson_weights",
    "lmg_shares",
    "make_or_break",
    "matrix_of",
    "measure_loyalty",
    "narrate",
    "nps",
    "p_chart",
    "penalty_reward",
    "plan_nps",
    "rank_moments",
    "response_surface",
    "simulate_change",
    "stage_difficulty",
    "suggest_remedies",
    "ulwick_opportunity",
    "watch_waves",
]
