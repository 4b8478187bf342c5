"""Who answers for a stage: the owners of its touchpoints."""

from __future__ import annotations

from dataclasses import dataclass

from cjmlab.maps.canvas import Canvas
from cjmlab.maps.colour import MUTED
from cjmlab.maps.fitting import Fitted, fit_text
from cjmlab.maps.geometry import Columns
from cjmlab.maps.lanes.base import draw_panel, draw_separators, stage_room
from cjmlab.maps.view import MapView


@dataclass(frozen=True)
class OwnerLane:
    """The functions, and the people who hold them, behind the touchpoints of every stage."""

    name: str = "owner"

    def height(self, view: MapView, columns: Columns) -> float:
        """Return what the longest list needs, 0 without owners."""
        needs = [self._fitted(view, columns, i).height for i in range(len(view.stages))]
        return 22 + max(needs) if any(needs) else 0.0

    def _fitted(self, view: MapView, columns: Columns, i: int) -> Fitted:
        owners = dict.fromkeys(point.owner for point in view.stages[i].touchpoints if point.owner)
        size = 12.0 if columns.wide else 11.0
        return fit_text(" · ".join(owners), columns.stage_width(i) - 24, size=size, lines=3)

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw the names."""
        height = self.height(view, columns)
        draw_panel(canvas, columns, top, height, name=view.words.say("owner"))
        draw_separators(canvas, columns, top, height)
        for i in range(len(view.stages)):
            room = stage_room(columns, i, top, height)
            canvas.text(room.left, top + 11, self._fitted(view, columns, i), colour=MUTED, role="owner", room=room)
