"""The glass: filters that drive the map, the views, the numbers and the verbatims together."""

import sys
from types import ModuleType
from typing import Any

from cjmlab.explore.explorer import Explorer, explore
from cjmlab.explore.filters import DIMENSIONS, Filters, filter_options

__all__ = ["DIMENSIONS", "Explorer", "Filters", "explore", "filter_options"]


class _Room(ModuleType):
    """A room with the name of its verb: once it is imported, ``cjm.explore`` is the room, and still answers a call."""

    def __call__(self, *tables: Any, **options: Any) -> Explorer:
        return explore(*tables, **options)


sys.modules[__name__].__class__ = _Room
