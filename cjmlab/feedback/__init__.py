"""What they say: clauses, coding to touchpoints, sentiment at each, and the human audit of both."""

from cjmlab.feedback.active_learning import review_queue
from cjmlab.feedback.agreement import measure_agreement
from cjmlab.feedback.audit import code_shares, draw_audit, saturation
from cjmlab.feedback.cache import CachedScorer
from cjmlab.feedback.coding import CodingReport, code_feedback
from cjmlab.feedback.combined import CombinedCoder
from cjmlab.feedback.feelings import FEELINGS, find_feelings
from cjmlab.feedback.human_codes import align_codes, apply_codes, read_codes
from cjmlab.feedback.keywords import KeywordCoder
from cjmlab.feedback.language import detect_language, is_answer
from cjmlab.feedback.learning import LearnedCoder, learn_coder
from cjmlab.feedback.learning_from_ratings import RatedWords, learn_from_ratings
from cjmlab.feedback.reliability import check_scores, reliability_picture
from cjmlab.feedback.review import ReviewTable, review_table
from cjmlab.feedback.scorers.base import Scorer
from cjmlab.feedback.scorers.embedding import EmbeddingScorer
from cjmlab.feedback.scorers.linear import LinearScorer
from cjmlab.feedback.scorers.transformer import TransformerScorer
from cjmlab.feedback.scoring import default_scorer, score_feedback
from cjmlab.feedback.units import Unit, split_units

__all__ = [
    "FEELINGS",
    "CachedScorer",
    "CodingReport",
    "CombinedCoder",
    "EmbeddingScorer",
    "KeywordCoder",
    "LearnedCoder",
    "LinearScorer",
    "RatedWords",
    "ReviewTable",
    "Scorer",
    "TransformerScorer",
    "Unit",
    "align_codes",
    "apply_codes",
    "check_scores",
    "code_feedback",
    "code_shares",
    "default_scorer",
    "detect_language",
    "draw_audit",
    "find_feelings",
    "is_answer",
    "learn_coder",
    "learn_from_ratings",
    "measure_agreement",
    "read_codes",
    "reliability_picture",
    "review_queue",
    "review_table",
    "saturation",
    "score_feedback",
    "split_units",
]
