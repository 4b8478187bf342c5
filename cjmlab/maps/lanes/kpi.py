"""A key figure a stage with its benchmark line; from the data the share of customers who go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import BAD, GOOD, INK, MUTED, mix
from cjmlab.maps.geometry import Columns
from cjmlab.maps.lanes.base import draw_panel, draw_separators, stage_room
from cjmlab.maps.view import MapView


@dataclass(frozen=True)
class KpiLane:
    """A bar a stage from 0 to 1, and a line at the benchmark.

    Parameters
    ----------
    benchmark : float, optional
        What is aimed at, 0 to 1, such as .35 for a conversion of 35 %.
    values : mapping
        Stage id → value, 0 to 1. Empty: the share of the customers of a stage who come to a later one.
    title : str
        What the figure is; the usual wording when empty.
    """

    name: str = "kpi"
    benchmark: float | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    title: str = ""

    def height(self, view: MapView, columns: Columns) -> float:
        """Return 66, or 0 without values."""
        return 66.0 if self._values(view) else 0.0

    def _values(self, view: MapView) -> dict[str, float]:
        if self.values:
            known = {stage.id for stage in view.stages}
            return {stage: float(value) for stage, value in self.values.items() if stage in known}
        return {stage.id: 1 - stage.drop_off for stage in view.stages if stage.drop_off is not None}

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw bars, values and the benchmark."""
        words, values = view.words, self._values(view)
        note = "" if self.benchmark is None else words.say("benchmark", value=words.percent(self.benchmark))
        title = self.title or words.say("kpi" if self.values else "goes_on")
        draw_panel(canvas, columns, top, 66, name=title, note=note)
        draw_separators(canvas, columns, top, 66)
        for i, stage in enumerate(view.stages):
            if stage.id not in values:
                continue
            value, room = max(0.0, min(1.0, values[stage.id])), stage_room(columns, i, top, 66, inset=16)
            below = self.benchmark is not None and value < self.benchmark
            colour = BAD if below else GOOD
            track = Box(room.left, top + 38, room.width, 9)
            canvas.rectangle(track, radius=4.5, fill="#E7EAEE", name="kpi track")
            bar = Box(track.left, track.top, max(9.0, track.width * value), 9)
            canvas.rectangle(
                bar, radius=4.5, fill=mix("#FFFFFF", colour, 0.8), name=f"kpi {'below' if below else 'reached'}"
            )
            canvas.text(room.left, top + 22, words.percent(value), middle=True, size=13, bold=True,
                        colour=colour if self.benchmark is not None else INK, role="kpi", room=room)  # fmt: skip
            if self.benchmark is not None:
                x = track.left + track.width * self.benchmark
                canvas.line(x, track.top - 5, x, track.bottom + 5, line=MUTED, stroke=2, name="benchmark")
