"""Where things stand across the map: margins, the column of lane names, the stages, the touchpoints."""

from __future__ import annotations

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
        return self.left - MARGIN - 22

    def stage_width(self, position: int) -> float:
        """Width of a stage."""
        return self.edges[position + 1] - self.edges[position]

    def rooms(self) -> list[tuple[float, float, int]]:
        """Return x, room for the name and row (0 or 1) of every touchpoint, in the order of the journey.

        With two rows a name may reach halfway to the next name in its row, equally to both sides.
        """
        spots = [x for stage in self.spots for x in stage]
        if not self.crowded:
            return [(x, slot - 6, 0) for x, slot in zip(spots, self.slots, strict=True)]
        rooms = []
        for i, x in enumerate(spots):
            before = spots[i - 2] if i >= 2 else 2 * self.left - x + 6
            after = spots[i + 2] if i + 2 < len(spots) else 2 * self.right - x - 6
            rooms.append((x, min(x - before, after - x) - 6, i % 2))
        return rooms

    def nearest(self) -> float:
        """Return the smallest distance between two touchpoints."""
        spots = [x for stage in self.spots for x in stage]
        return min((b - a for a, b in zip(spots, spots[1:], strict=False)), default=self.right - self.left)


def lay_columns(needs: Sequence[Sequence[float]], *, width: float) -> Columns:
    """Share the width among stages and touchpoints: equal stages, unless the names of one need more.

    Parameters
    ----------
    needs : sequence of sequence of float
        For every stage, the room in pixels that each of its touchpoints would like.
    width : float
        Width of the figure in pixels.

    Returns
    -------
    Columns

    Examples
    --------
    >>> columns = lay_columns([[60, 60], [60, 60, 60], [60]], width=1100)
    >>> columns.edges, columns.spots[0], columns.crowded
    ((124.0, 444.7, 765.3, 1086.0), (206.2, 362.5), False)
    >>> lay_columns([[80] * 12, [80] * 3], width=1100).crowded
    True
    """
    left = 150.0 if width >= 1400 else 124.0
    room = width - (MARGIN if width >= 1400 else 14.0) - left
    least = min(room / len(needs), 96.0)
    wanted = [max(least, sum(stage) + 2 * _PAD) for stage in needs]
    shares = _share(wanted, room)
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
    crowded = sum(wanted) > room * 1.02
    return Columns(width, left, tuple(round(edge, 1) for edge in edges), tuple(spots), tuple(slots), crowded)


def _share(needs: list[float], room: float) -> list[float]:
    """Split room: equal parts, but at least what each needs; in proportion to the needs when they do not fit."""
    if sum(needs) >= room:
        return [room * need / sum(needs) for need in needs]
    wide: dict[int, float] = {}
    while True:
        equal = (room - sum(wide.values())) / (len(needs) - len(wide))
        over = {i: need for i, need in enumerate(needs) if i not in wide and need > equal + 1e-9}
        if not over:
            return [wide.get(i, equal) for i in range(len(needs))]
        wide.update(over)
