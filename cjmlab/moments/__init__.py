"""What matters: pains and delights, drivers, moments of truth, opportunities."""

from cjmlab.moments.importance import johnson_weights, lmg_shares
from cjmlab.moments.moments import rank_moments

__all__ = ["johnson_weights", "lmg_shares", "rank_moments"]
