"""Reach and drop-off: a ribbon as wide as the customers left, with a pill where they are lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import BAD, FAINT, INK, PANEL, mix
from cjmlab.maps.geometry import Columns
from cjmlab.maps.lanes.base import draw_panel
from cjmlab.maps.metrics import text_width
from cjmlab.maps.view import MapView

_TALL = 56.0


@dataclass(frozen=True)
class ReachLane:
    """Customers at every stage, and the share that goes no further.

    Parameters
    ----------
    heavy : float
        From this drop-off on the pill is dark.
    """

    name: str = "reach"
    heavy: float = 0.3

    def height(self, view: MapView, columns: Columns) -> float:
        """Return 56, or 0 without counts at two stages."""
        known = [stage for stage in view.stages if stage.customers]
        return _TALL if len(known) > 1 else 0.0

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw ribbon, counts and pills."""
        draw_panel(canvas, columns, top, _TALL, name=view.words.say("reach"))
        counts = _carried([stage.customers for stage in view.stages])
        middle, most = top + _TALL / 2, max(counts)
        half = [max(1.5, 22 * count / most) if count else 0.75 for count in counts]
        tint = mix("#FFFFFF", view.colour, 0.25)
        canvas.path(self._ribbon(columns, middle, half), fill=tint, name="reach")
        pills = {i: self._pill_box(view, columns, i, middle) for i in range(len(view.stages) - 1)
                 if view.stages[i].drop_off is not None}  # fmt: skip
        for i, stage in enumerate(view.stages):
            if stage.customers:
                left = pills[i - 1].right if i - 1 in pills else columns.edges[i]
                right = pills[i].left if i in pills else columns.edges[i + 1]
                self._count(canvas, view, i, Box(left + 4, middle - 11, right - left - 8, 22), half[i], tint)
        for i, pill in pills.items():
            self._pill(canvas, view, pill, view.stages[i].drop_off or 0.0)

    def _ribbon(self, columns: Columns, middle: float, half: list[float]) -> str:
        upper = f"M{columns.edges[0] + 4:.1f},{middle - half[0]:.1f}"
        lower = ""
        last = len(half) - 1
        for i in range(last):
            edge, reach = columns.edges[i + 1], 22
            upper += f"L{edge - reach:.1f},{middle - half[i]:.1f}C{edge:.1f},{middle - half[i]:.1f},{edge:.1f}," \
                     f"{middle - half[i + 1]:.1f},{edge + reach:.1f},{middle - half[i + 1]:.1f}"  # fmt: skip
            lower = f"L{edge + reach:.1f},{middle + half[i + 1]:.1f}C{edge:.1f},{middle + half[i + 1]:.1f},{edge:.1f}," \
                    f"{middle + half[i]:.1f},{edge - reach:.1f},{middle + half[i]:.1f}" + lower  # fmt: skip
        end = columns.right - 2
        return (
            f"{upper}L{end:.1f},{middle - half[last]:.1f}L{end:.1f},{middle + half[last]:.1f}{lower}"
            f"L{columns.edges[0] + 4:.1f},{middle + half[0]:.1f}Z"
        )

    def _count(self, canvas: Canvas, view: MapView, i: int, free: Box, half: float, tint: str) -> None:
        """Write the count in the middle of the room that the pills leave; smaller or shorter where it is tight."""
        count = view.stages[i].customers or 0
        forms = [
            (words, size) for words in (view.words.number(count), view.words.compact(count)) for size in (13.0, 11.0)
        ]
        fitting = [form for form in forms if text_width(form[0], form[1], bold=True) <= free.width]
        if not fitting:
            return
        words, size = fitting[0]
        centre, wide = free.left + free.width / 2, min(free.width, text_width(words, size, bold=True) + 14)
        box = Box(centre - wide / 2, free.top, wide, free.height)
        if half < 13:
            canvas.rectangle(box, radius=7, fill=PANEL, line=mix(PANEL, tint, 0.6), stroke=1, name="reach label")
        canvas.text(centre, free.top + free.height / 2, words, middle=True, size=size, bold=True, colour=INK,
                    align="center", role="reach", room=box)  # fmt: skip

    def _pill_box(self, view: MapView, columns: Columns, i: int, middle: float) -> Box:
        wide = text_width(view.words.percent(-(view.stages[i].drop_off or 0.0)), 11.5, bold=True) + 16
        return Box(columns.edges[i + 1] - wide / 2, middle - 10, wide, 20)

    def _pill(self, canvas: Canvas, view: MapView, pill: Box, drop_off: float) -> None:
        heavy = drop_off > self.heavy
        canvas.rectangle(pill, radius=10, fill=BAD if heavy else "#FFFFFF", line=BAD if heavy else FAINT, stroke=1,
                         name="drop-off heavy" if heavy else "drop-off")  # fmt: skip
        canvas.text(pill.left + pill.width / 2, pill.top + 10, view.words.percent(-drop_off), middle=True, size=11.5,
                    bold=heavy, colour="#FFFFFF" if heavy else INK, align="center", role="drop-off", room=pill)  # fmt: skip


def _carried(counts: Sequence[float | None]) -> list[float]:
    """Return the counts with the width of the neighbours carried through stages that the log does not record.

    Examples
    --------
    >>> _carried([None, 40, None, 0])
    [40, 40, 40, 0]
    """
    carried: list[float] = []
    last = next((count for count in counts if count is not None), 0.0)
    for count in counts:
        last = last if count is None else count
        carried.append(last)
    return carried
