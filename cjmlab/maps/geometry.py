"""Where things stand across the map: margins, the column of lane names, the stages, the touchpoints."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

MARGIN = 28.0
_PAD = 4.0


@dataclass(frozen=True)
class Columns:
    """The columns of a map in pixels.

    Parameters
    ----------
    width : float
        Width of the figure.
    left : float
        Where the stages begin.
    edges : tuple of float
        Left edge of every stage, then the right edge of the last.
    spots : tuple of tuple of float
        For every stage the x of its touchpoints.
    slots : tuple of float
        For every touchpoint, in the order of the journey, the room of its own.
    crowded : bool
        Whether names of touchpoints need two rows.
    """

    width: float
    left: float
    edges: tuple[float, ...]
    spots: tuple[tuple[float, ...], ...]
    slots: tuple[float, ...] = ()
    crowded: bool = False

    @property
    def right(self) -> float:
        """Where the stages end."""
        return self.edges[-1]

    @property
    def wide(self) -> bool:
        """Whether it is the wide map, with the larger type."""
        return self.width >= 1400

    @property
    def label_width(self) -> float:
        """Room for the name of a lane."""
        return self.left - MARGIN - 20

    def stage_width(self, position: int) -> float:
        """Width of a stage."""
        return self.edges[position + 1] - self.edges[position]

    def rooms(self) -> list[tuple[float, float, float, int]]:
        """Return x, middle of the name, room for the name and row (0 or 1) of every touchpoint, in their order.

        With two rows a name may reach halfway to the next name in its row. At the ends of the map it moves inwards.
        """
        spots = [x for stage in self.spots for x in stage]
        if not self.crowded:
            return [(x, x, slot - 6, 0) for x, slot in zip(spots, self.slots, strict=True)]
        rooms = []
        for i, x in enumerate(spots):
            first = (spots[i - 2] + x) / 2 if i >= 2 else self.left + 3
            last = (spots[i + 2] + x) / 2 if i + 2 < len(spots) else self.right - 6
            half = min(max(x - first, last - x, 0.0), (last - first) / 2) if i in self._ends(spots) else min(
                x - first, last - x)  # fmt: skip
            middle = min(max(x, first + half), last - half)
            rooms.append((x, round(middle, 1), 2 * half - 6, i % 2))
        return rooms

    @staticmethod
    def _ends(spots: Sequence[float]) -> set[int]:
        return {0, 1, len(spots) - 2, len(spots) - 1}

    def nearest(self) -> float:
        """Return the smallest distance between two touchpoints."""
        spots = [x for stage in self.spots for x in stage]
        return min((b - a for a, b in itertools.pairwise(spots)), default=self.right - self.left)


def lay_columns(needs: Sequence[Sequence[float]], *, width: float, names: Sequence[float] | None = None) -> Columns:
    """Share the width among stages and touchpoints: equal stages, unless the names of one need more.

    Parameters
    ----------
    needs : sequence of sequence of float
        For every stage, the room in pixels that each of its touchpoints would like.
    width : float
        Width of the figure in pixels.
    names : sequence of float, optional
        For every stage, the room that its own name and its cards would like.

    Returns
    -------
    Columns

    Examples
    --------
    >>> columns = lay_columns([[60, 60], [60, 60, 60], [60]], width=1100)
    >>> columns.edges, columns.spots[0], columns.crowded
    ((130.0, 448.7, 767.3, 1086.0), (211.7, 367.0), False)
    >>> lay_columns([[80] * 12, [80] * 3], width=1100).crowded
    True
    """
    left = 150.0 if width >= 1400 else 130.0
    room = width - (MARGIN if width >= 1400 else 14.0) - left
    least = min(room / len(needs), 100.0)
    asked = [sum(stage) + 2 * _PAD for stage in needs]
    wanted = [max(least, need, name) for need, name in zip(asked, names or [least] * len(needs), strict=True)]
    shares = _share(wanted, room, floor=least)
    edges = [left]
    for share in shares:
        edges.append(edges[-1] + share)
    spots: list[tuple[float, ...]] = []
    slots: list[float] = []
    for i, stage in enumerate(needs):
        at, places = edges[i] + _PAD, []
        for slot in _share(list(stage), shares[i] - 2 * _PAD) if stage else ():
            places.append(round(at + slot / 2, 1))
            slots.append(round(slot, 1))
            at += slot
        spots.append(tuple(places))
    crowded = any(share < 0.97 * need for share, need in zip(shares, asked, strict=True))
    return Columns(width, left, tuple(round(edge, 1) for edge in edges), tuple(spots), tuple(slots), crowded)


def _share(needs: list[float], room: float, *, floor: float = 0.0) -> list[float]:
    """Split room: equal parts, at least what each needs; too little is split by need, above a floor for each."""
    if sum(needs) >= room:
        above = sum(needs) - floor * len(needs)
        rest = room - floor * len(needs)
        return [floor + (rest * (need - floor) / above if above > 0 else 0.0) for need in needs]
    wide: dict[int, float] = {}
    while True:
        equal = (room - sum(wide.values())) / (len(needs) - len(wide))
        over = {i: need for i, need in enumerate(needs) if i not in wide and need > equal + 1e-9}
        if not over:
            return [wide.get(i, equal) for i in range(len(needs))]
        wide.update(over)
