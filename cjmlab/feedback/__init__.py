"""What they say: clauses, coding to touchpoints, sentiment at each, and the human audit of both."""

from cjmlab.feedback.coding import CodingReport, KeywordCoder, code_feedback
from cjmlab.feedback.language import detect_language, is_answer
from cjmlab.feedback.scorers.base import Scorer
from cjmlab.feedback.scorers.linear import LinearScorer
from cjmlab.feedback.scoring import default_scorer, score_feedback
from cjmlab.feedback.units import Unit, split_units

__all__ = [
    "CodingReport",
    "KeywordCoder",
    "LinearScorer",
    "Scorer",
    "Unit",
    "code_feedback",
    "default_scorer",
    "detect_language",
    "is_answer",
    "score_feedback",
    "split_units",
]
