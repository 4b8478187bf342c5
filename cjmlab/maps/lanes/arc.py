"""The dramatic arc: how the story rises and falls over the stages, with its peak, its low point and its end."""

from __future__ import annotations

from dataclasses import dataclass

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import BAD, FAINT, GOOD, MUTED, see_through
from cjmlab.maps.curves import smooth_path
from cjmlab.maps.fitting import fit_line
from cjmlab.maps.geometry import Columns
from cjmlab.maps.lanes.base import draw_panel
from cjmlab.maps.metrics import text_width
from cjmlab.maps.view import MapView

_TALL = 104.0


@dataclass(frozen=True)
class ArcLane:
    """Mean experience of every stage as one line: people remember the peak, the low point and the end.

    Source: Kahneman, Fredrickson, Schreiber and Redelmeier (1993), "When more pain is preferred to less".
    """

    name: str = "arc"

    def height(self, view: MapView, columns: Columns) -> float:
        """Return 104, or 0 below three stages with a mean."""
        return _TALL if sum(stage.experience is not None for stage in view.stages) >= 3 else 0.0

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw the line, the area to neutral and the three marks."""
        draw_panel(canvas, columns, top, _TALL, name=view.words.say("arc"))
        middle = top + _TALL / 2
        known = [(i, stage.experience) for i, stage in enumerate(view.stages) if stage.experience is not None]
        unit = (_TALL / 2 - 26) / max(0.1, *(abs(value) for _, value in known))
        points = [((columns.edges[i] + columns.edges[i + 1]) / 2, middle - value * unit) for i, value in known]
        canvas.line(
            columns.left + 4,
            middle,
            columns.right - 4,
            middle,
            line=FAINT,
            stroke=1,
            dash="6px,5px",
            name="neutral line",
        )
        area = smooth_path(points) + f"L{points[-1][0]:.1f},{middle:.1f}L{points[0][0]:.1f},{middle:.1f}Z"
        canvas.path(area, fill=see_through(view.colour, 0.12), name="arc area")
        canvas.path(smooth_path(points), line=view.colour, stroke=2.5, name="arc")
        best = max(range(len(known)), key=lambda k: (known[k][1], -k))
        worst = min(range(len(known)), key=lambda k: (known[k][1], k))
        marks = {best: "peak", worst: "low_point"}
        marks.setdefault(len(known) - 1, "end")
        for k, key in sorted(marks.items()):
            self._mark(canvas, view, columns, known[k][0], known[k][1], points[k], key, middle)

    def _mark(
        self, canvas: Canvas, view: MapView, columns: Columns, i: int, value: float, at: tuple[float, float], key: str,
        middle: float,
    ) -> None:  # fmt: skip
        x, y = at
        colour = MUTED if key == "end" else GOOD if value >= 0 else BAD
        canvas.points([x], [y], name="arc mark", size=9, fill="#FFFFFF", line=colour, stroke=2)
        words = f"{view.words.say(key)} {view.words.signed(value)}"
        room = Box(columns.edges[i] + 4, y - 26 if y <= middle else y + 8, columns.stage_width(i) - 8, 18)
        size = next((s for s in (11.5, 10.5, 9.5) if text_width(words, s) <= room.width), 9.5)
        fitted = fit_line(words, room.width, size=size)
        canvas.text(
            x, room.top + 9, fitted, middle=True, size=size, colour=colour, align="center", role="arc", room=room
        )
