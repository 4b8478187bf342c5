"""What people were seen or heard to do, and why: the most typical coded clause of every stage."""

from __future__ import annotations

from dataclasses import dataclass

from cjmlab.maps.canvas import Canvas
from cjmlab.maps.colour import MUTED
from cjmlab.maps.fitting import Fitted, fit_text
from cjmlab.maps.geometry import Columns
from cjmlab.maps.lanes.base import draw_panel, draw_separators, stage_room
from cjmlab.maps.metrics import text_width
from cjmlab.maps.sayings import write_quote
from cjmlab.maps.view import MapView


@dataclass(frozen=True)
class ToldLane:
    """Words coded as behaviour, motivation, trigger or of other brands, with the number of clauses behind them.

    Parameters
    ----------
    name : str
        ``behaviour``, ``motivation``, ``trigger`` or ``brand``: the lane of the coded rows, and the wording of the name.
    lines : int
        Most lines of a verbatim; one more on a narrow map.
    """

    name: str = "behaviour"
    lines: int = 2

    def height(self, view: MapView, columns: Columns) -> float:
        """Return what the longest verbatim needs, 0 when nothing was coded so."""
        needs = [
            self._fitted(view, columns, i).height for i in range(len(view.stages)) if self.name in view.stages[i].told
        ]
        return 12 + max(needs) + 22 if needs else 0.0

    def _fitted(self, view: MapView, columns: Columns, i: int) -> Fitted:
        said = view.stages[i].told[self.name].said
        size, lines = (12.5, self.lines) if columns.wide else (11.5, self.lines + 1)
        return fit_text(write_quote(view.words, said), columns.stage_width(i) - 24, size=size, lines=lines)

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw the words and their counts."""
        height = self.height(view, columns)
        draw_panel(canvas, columns, top, height, name=view.words.say(self.name))
        draw_separators(canvas, columns, top, height)
        for i, stage in enumerate(view.stages):
            if self.name not in stage.told:
                continue
            told = stage.told[self.name]
            room = stage_room(columns, i, top, height)
            box = canvas.text(room.left, top + 10, self._fitted(view, columns, i), role=f"quote {self.name}", room=room,
                              key=told.said.unit_id)  # fmt: skip
            n = view.words.say("n", n=view.words.number(told.n))
            shared = told.of_all and not view.is_overall
            forms = [f"{n} · {view.words.say(key)}" for key in ("all_customers", "all_short")] if shared else []
            note = next((form for form in forms if text_width(form, 10.5) <= room.width), n)
            canvas.text(room.left, box.bottom + 1, note, size=10.5, colour=MUTED, role="n", room=room)
