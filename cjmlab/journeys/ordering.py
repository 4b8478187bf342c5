"""Events in the order of the journey: by customer, by time, and at one instant by touchpoint and stage.

The order of the rows that came in never matters. What is in order already is seen in one pass and left where it lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Codes = NDArray[Any]
Flags = NDArray[np.bool_]
_CHUNK = 1 << 16
_EACH = ("customer", "time", "touchpoint", "stage", "segment", "score")


@dataclass(frozen=True)
class Columns:
    """Events as codes (any integer type), one an event, in any order; every customer's events are all here.

    ``segment`` is the code of the customer's segment, repeated on each event; ``stage`` may be −1; ``score`` is NaN
    where the event carries none. ``sizes`` are the numbers of segments, touchpoints and stages.
    """

    customer: Ints
    time: Ints
    touchpoint: Codes
    stage: Codes
    segment: Codes
    score: Floats
    sizes: tuple[int, int, int]
    open_since: int | None = None

    @classmethod
    def nobody(cls, sizes: tuple[int, int, int]) -> Columns:
        """Return no events."""
        none = np.empty(0, dtype=np.int64)
        return cls(none, none, none, none, none, none.astype(np.float64), sizes)

    def only(self, rows: NDArray[Any] | slice) -> Columns:
        """Return the events of a mask, of positions or of a slice."""
        return Columns(self.customer[rows], self.time[rows], self.touchpoint[rows], self.stage[rows],
                       self.segment[rows], self.score[rows], self.sizes, self.open_since)  # fmt: skip


def join(parts: Sequence[Columns]) -> Columns:
    """Return the events of all parts."""
    both: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _EACH}
    return replace(parts[0], **both)


def sort_events(columns: Columns) -> tuple[Ints, Ints, Ints]:
    """Return the order of events by customer, time and touchpoint, and the customers and times in that order."""
    order, _ = order_events(columns)
    if order is None:
        return np.arange(len(columns.time)), columns.customer, columns.time
    return order, columns.customer.take(order), columns.time.take(order)


def order_events(columns: Columns) -> tuple[Ints | None, Flags]:
    """Return where the events lie in order (None: they are in order already) and which begin a customer.

    Whole numbers that carry customer, time and their own position are sorted, which is several times faster than asking
    for the order of anything. Where the three need more than 63 bits, time loses its lowest; what is equal then, or at
    one instant, is sorted again.
    """
    n = len(columns.time)
    first = np.ones(n, dtype=bool)
    if _lie_in_order(columns):
        np.not_equal(columns.customer[1:], columns.customer[:-1], out=first[1:])
        return None, first
    customer, least = columns.customer, int(columns.customer.min())
    places, people = n.bit_length(), (int(customer.max()) - least).bit_length()
    if people + places > 63:
        customer, least = np.unique(customer, return_inverse=True)[1], 0
        people = places
    earliest = int(columns.time.min())
    span = (int(columns.time.max()) - earliest).bit_length()
    drop = max(people + span + places - 63, 0)
    key = np.empty(n, dtype=np.int64)
    for a in range(0, n, _CHUNK):
        b = min(a + _CHUNK, n)
        when = (columns.time[a:b] - earliest) >> drop
        who = customer[a:b].astype(np.int64) - least
        key[a:b] = (((who << (span - drop)) | when) << places) | np.arange(a, b)
    key.sort()
    order = key & ((1 << places) - 1)
    key >>= places
    same = np.flatnonzero(key[1:] == key[:-1])
    if len(same):
        _sort_again(order, key, np.union1d(same, same + 1), columns)
    key >>= span - drop
    np.not_equal(key[1:], key[:-1], out=first[1:])
    return order, first


def _lie_in_order(columns: Columns) -> bool:
    """Look, a chunk at a time and no further than the chunk of the first event out of place."""
    who, time, point, stage = columns.customer, columns.time, columns.touchpoint, columns.stage
    for a in range(0, len(time) - 1, _CHUNK):
        here = slice(a, min(a + _CHUNK, len(time) - 1))
        after = slice(here.start + 1, here.stop + 1)
        same = who[after] == who[here]
        if (who[after] < who[here]).any() or (same & (time[after] < time[here])).any():
            return False
        tied = np.flatnonzero(same & (time[after] == time[here])) + a
        same = point[tied] == point[tied + 1]
        if (point[tied + 1] < point[tied]).any() or (same & (stage[tied + 1] < stage[tied])).any():
            return False
    return True


def _sort_again(order: Ints, key: Ints, among: Ints, columns: Columns) -> None:
    """Put events that agree in the sorted number in their exact order, in place."""
    rows = order[among]
    exact = np.lexsort((columns.stage[rows], columns.touchpoint[rows], columns.time[rows], key[among]))
    order[among] = rows[exact]
