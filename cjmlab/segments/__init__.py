"""Who they are: segments of customers, how many, how stable, what they are like and what they are called."""

from cjmlab.segments.fitting import segment_customers
from cjmlab.segments.segmentation import Segmentation
from cjmlab.segments.weights import bch_weights

__all__ = ["Segmentation", "bch_weights", "segment_customers"]
