"""The glass: filters that drive the map, the views, the numbers and the verbatims together."""

from cjmlab.explore.explorer import Explorer, explore
from cjmlab.explore.filters import DIMENSIONS, Filters, filter_options

__all__ = ["DIMENSIONS", "Explorer", "Filters", "explore", "filter_options"]
