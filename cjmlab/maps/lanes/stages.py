"""The stages as chevrons: name, number of touchpoints, volume-weighted experience."""

from __future__ import annotations

from dataclasses import dataclass

from cjmlab.maps.canvas import Box, Canvas, polyline
from cjmlab.maps.colour import DARK
from cjmlab.maps.fitting import Fitted, fit_text, fit_whole, longest_word
from cjmlab.maps.geometry import Columns
from cjmlab.maps.lanes.base import draw_name
from cjmlab.maps.metrics import text_width
from cjmlab.maps.view import MapView, StageCell

_TIP, _SHORT_TIP = 13.0, 8.0


def _tip(columns: Columns) -> float:
    """Return how far a chevron reaches into the next: less where stages are narrow."""
    narrowest = min(columns.stage_width(i) for i in range(len(columns.edges) - 1))
    return _TIP if narrowest >= 120 else _SHORT_TIP


@dataclass(frozen=True)
class StagesLane:
    """One dark chevron a stage."""

    name: str = "stage"

    def height(self, view: MapView, columns: Columns) -> float:
        """Return the height of the chevrons."""
        return 30 + 20 * max(len(self._label(view, columns, i).lines) for i in range(len(view.stages)))

    def _label(self, view: MapView, columns: Columns, position: int) -> Fitted:
        room = columns.stage_width(position) - 2 * _tip(columns) - 10
        label = view.stages[position].label
        size = self._size(view, columns)
        big = fit_text(label, room, size=size, lines=1, bold=True)
        if not big.cut and longest_word(label, size=size, bold=True) <= room:
            return big
        return fit_whole(label, room, sizes=(min(size, 13), 12, 11, 10), lines=2, bold=True)

    def _size(self, view: MapView, columns: Columns) -> float:
        """Return the type size of all names: the largest in which none is cut or broken, two lines allowed from 13 down."""
        rooms = [columns.stage_width(i) - 2 * _tip(columns) - 10 for i in range(len(view.stages))]
        for size, lines in ((15.0, 1), (14.0, 1), (13.0, 2), (12.0, 2)):
            fitted = [fit_text(stage.label, room, size=size, lines=lines, bold=True)
                      for stage, room in zip(view.stages, rooms, strict=True)]  # fmt: skip
            whole = (longest_word(stage.label, size=size, bold=True) <= room
                     for stage, room in zip(view.stages, rooms, strict=True))  # fmt: skip
            if not any(each.cut for each in fitted) and all(whole):
                return size
        return 13.0

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw the chevrons."""
        height = self.height(view, columns)
        draw_name(canvas, columns, top + height / 2 - 10, view.words.say("stage"))
        for i, stage in enumerate(view.stages):
            self._draw_one(canvas, view, columns, i, stage, top, height)

    def _draw_one(
        self, canvas: Canvas, view: MapView, columns: Columns, i: int, stage: StageCell, top: float, height: float
    ) -> None:
        tip = _tip(columns)
        x0, x1 = columns.edges[i], columns.edges[i + 1] - 4
        last = i == len(view.stages) - 1
        x1 = columns.edges[i + 1] if last else x1 + tip - 2
        middle = top + height / 2
        back = [(x0, top + height)] if i == 0 else [(x0, top + height), (x0 + tip, middle)]
        points = [(x0, top), (x1 - tip, top), (x1, middle), (x1 - tip, top + height), *back]
        canvas.path(polyline(points) + "Z", fill=DARK, name="stage")
        label = self._label(view, columns, i)
        centre = (x0 + (0 if i == 0 else tip) + x1 - tip) / 2
        room = Box(centre - columns.stage_width(i) / 2 + tip, top, columns.stage_width(i) - 2 * tip, height)
        note = self._note(view, stage, room.width)
        y = middle - (label.height + (16 if note else 0)) / 2 + 3
        canvas.text(centre, y, label, colour="#FFFFFF", align="center", role="stage", room=room)
        if note:
            canvas.text(centre, y + label.height + 1, note, size=11, colour="#C9D2DB", align="center", role="stage note",
                        room=room)  # fmt: skip

    def _note(self, view: MapView, stage: StageCell, width: float) -> str:
        count = view.words.count("touchpoints", len(stage.touchpoints))
        value = view.words.signed(stage.experience) if stage.experience is not None else ""
        for note in (f"{count} · {value}" if value else count, value, ""):
            if text_width(note, 11) <= width:
                return note
        return ""
