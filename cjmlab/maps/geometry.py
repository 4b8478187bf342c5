"""Where things stand across the map: margins, the column of lane names, the stages, the touchpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MARGIN = 28.0
GUTTER = 10.0
_SLOT = 66.0


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
    spots : mapping-like tuple of tuples
        For every stage the x of its touchpoints.
    """

    width: float
    left: float
    edges: tuple[float, ...]
    spots: tuple[tuple[float, ...], ...]

    @property
    def right(self) -> float:
        """Where the stages end."""
        return self.edges[-1]

    @property
    def label_width(self) -> float:
        """Room for the name of a lane."""
        return self.left - MARGIN - 22

    def stage_width(self, position: int) -> float:
        """Width of a stage."""
        return self.edges[position + 1] - self.edges[position]

    def slot(self, position: int) -> float:
        """Room for one touchpoint of a stage."""
        return (self.stage_width(position) - 8) / max(1, len(self.spots[position]))


def lay_columns(counts: Sequence[int], *, width: float) -> Columns:
    """Share the width among stages: equal, unless a stage has more touchpoints than fit in an equal share.

    Parameters
    ----------
    counts : sequence of int
        Touchpoints of each stage.
    width : float
        Width of the figure in pixels.

    Returns
    -------
    Columns

    Examples
    --------
    >>> columns = lay_columns([2, 3, 2], width=1100)
    >>> columns.edges
    (124.0, 444.7, 765.3, 1086.0)
    """
    left = 150.0 if width >= 1400 else 124.0
    right = width - (MARGIN if width >= 1400 else 14.0)
    shares = _share(counts, right - left)
    edges = [left]
    for share in shares:
        edges.append(edges[-1] + share)
    spots = []
    for position, count in enumerate(counts):
        start, length = edges[position] + 4, shares[position] - 8
        spots.append(tuple(round(start + length * (i + 0.5) / count, 1) for i in range(count)))
    return Columns(width, left, tuple(round(edge, 1) for edge in edges), tuple(spots))


def _share(counts: Sequence[int], room: float) -> list[float]:
    needs = [max(1, count) * _SLOT for count in counts]
    least = min(room / len(counts), 96.0)
    wide: dict[int, float] = {}
    for _ in counts:
        equal = (room - sum(wide.values())) / max(1, len(counts) - len(wide))
        over = [i for i, need in enumerate(needs) if i not in wide and need > equal]
        if not over:
            break
        wide.update({i: needs[i] for i in over})
    rest = room - sum(wide.values())
    thin = len(counts) - len(wide)
    if thin == 0 or rest / max(1, thin) < least:
        floor = [max(least, need) for need in needs]
        return [room * value / sum(floor) for value in floor]
    return [wide.get(i, rest / thin) for i in range(len(counts))]
