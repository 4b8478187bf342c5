"""Reach and drop-off: a ribbon as wide as the customers left, with a pill where they are lost."""

from __future__ import annotations

from dataclasses import dataclass

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import BAD, FAINT, INK, PANEL, mix
from cjmlab.maps.geometry import Columns
from cjmlab.maps.lanes.base import draw_panel
from cjmlab.maps.metrics import text_width
from cjmlab.maps.view import MapView


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
        """Return 60, or 0 without counts at two stages."""
        known = [stage for stage in view.stages if stage.customers]
        return 60.0 if len(known) > 1 else 0.0

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw ribbon, counts and pills."""
        draw_panel(canvas, columns, top, 60, name=view.words.say("reach"))
        counts = [stage.customers or 0.0 for stage in view.stages]
        middle, most = top + 30, max(counts)
        half = [max(1.5, 22 * count / most) if count else 0.75 for count in counts]
        tint = mix("#FFFFFF", view.colour, 0.25)
        canvas.path(self._ribbon(columns, middle, half), fill=tint, name="reach")
        for i, stage in enumerate(view.stages):
            if stage.customers:
                self._count(canvas, view, columns, i, middle, half[i], tint)
            if i + 1 < len(view.stages) and stage.drop_off is not None:
                self._pill(canvas, view, columns.edges[i + 1], middle, stage.drop_off)

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

    def _count(
        self, canvas: Canvas, view: MapView, columns: Columns, i: int, middle: float, half: float, tint: str
    ) -> None:
        count = view.stages[i].customers or 0
        words = view.words.number(count)
        if text_width(words, 13, bold=True) + 62 > columns.stage_width(i):
            words = view.words.compact(count)
        centre = (columns.edges[i] + columns.edges[i + 1]) / 2
        wide = text_width(words, 13, bold=True) + 14
        box = Box(centre - wide / 2, middle - 11, wide, 22)
        if half < 13:
            canvas.rectangle(box, radius=7, fill=PANEL, line=mix(PANEL, tint, 0.6), stroke=1, name="reach label")
        canvas.text(
            centre, middle, words, middle=True, size=13, bold=True, colour=INK, align="center", role="reach", room=box
        )

    def _pill(self, canvas: Canvas, view: MapView, x: float, middle: float, drop_off: float) -> None:
        words = view.words.percent(-drop_off)
        heavy = drop_off > self.heavy
        wide = text_width(words, 11.5, bold=True) + 16
        pill = Box(x - wide / 2, middle - 10, wide, 20)
        canvas.rectangle(pill, radius=10, fill=BAD if heavy else "#FFFFFF", line=BAD if heavy else FAINT, stroke=1,
                         name="drop-off heavy" if heavy else "drop-off")  # fmt: skip
        canvas.text(x, middle, words, middle=True, size=11.5, bold=heavy, colour="#FFFFFF" if heavy else INK, align="center",
                    role="drop-off", room=pill)  # fmt: skip
