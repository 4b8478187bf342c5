"""Opportunities: one card a stage with title, priority and the expected gain with its range."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import CARD, EDGE, GOOD, INK, MUTED, mix
from cjmlab.maps.fitting import Fitted
from cjmlab.maps.geometry import Columns
from cjmlab.maps.hover import describe_moment, hover_row
from cjmlab.maps.lanes.base import card_box, draw_panel, draw_separators, fit_title, write_title
from cjmlab.maps.metrics import text_width
from cjmlab.maps.view import MapView, MomentCell

_NOTE = 11.5


@dataclass(frozen=True)
class OpportunitiesLane:
    """The first opportunity of every stage; the best of the segment are tinted.

    Parameters
    ----------
    title_lines : int
        Most lines of a title; two more on a narrow map.
    """

    name: str = "opportunities"
    title_lines: int = 3

    def height(self, view: MapView, columns: Columns) -> float:
        """Return what the longest card needs, 0 without opportunities."""
        cards = [(i, stage.opportunity) for i, stage in enumerate(view.stages) if stage.opportunity]
        if not cards:
            return 0.0
        rows = 1 if self._form(view, columns)[1] else 2
        return 14 + 12 + max(self._title(columns, i, moment).height for i, moment in cards) + 18 + 16 * rows

    def _title(self, columns: Columns, i: int, moment: MomentCell) -> Fitted:
        room = columns.stage_width(i) - 34
        return fit_title(columns, moment.title, room, lines=self.title_lines, bold=moment.priority == 3)

    def _gain(self, view: MapView, moment: MomentCell, form: str) -> tuple[str, str]:
        if moment.gain is None:
            return "", ""
        span = view.words.range(moment.gain_low, moment.gain_high, form=form)
        return view.words.signed(moment.gain), f"({span})" if span else ""

    def _form(self, view: MapView, columns: Columns) -> tuple[str, bool]:
        """Return how all cards write the range, and whether gain and range fit beside the priority on each of them."""
        for form in ("gain_range", "gain_short"):
            said = [(i, " ".join(self._gain(view, stage.opportunity, form)))
                    for i, stage in enumerate(view.stages) if stage.opportunity]  # fmt: skip
            if all(text_width(words, _NOTE) <= columns.stage_width(i) - 34 - 52 for i, words in said):
                return form, True
        return "gain_short", False

    def _unit(self, view: MapView) -> str:
        outcome = str(view.settings.get("outcome") or "")
        return view.words.say("gain_unit", outcome=view.words.named("outcomes", outcome)) if outcome else ""

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw the cards, then what is on them."""
        height = self.height(view, columns)
        draw_panel(canvas, columns, top, height, name=view.words.say("opportunities"), note=self._unit(view))
        draw_separators(canvas, columns, top, height)
        cards = [(i, stage.opportunity, card_box(columns, i, top, height))
                 for i, stage in enumerate(view.stages) if stage.opportunity]  # fmt: skip
        for _, moment, card in cards:
            first = moment.priority == 3
            canvas.rectangle(card, radius=6, fill=mix("#FFFFFF", GOOD, 0.13) if first else CARD,
                             line=GOOD if first else EDGE, stroke=1.4 if first else 1, name="opportunity card")  # fmt: skip
        for i, moment, card in cards:
            self._fill(canvas, view, columns, i, moment, card)
        rows = [
            hover_row(
                view,
                "opportunity",
                m.touchpoint,
                m.stage,
                describe_moment(view, m),
                None,
                title=m.title if m.quiet else "",
            )
            for _, m, _ in cards
        ]
        canvas.points([card.left + card.width / 2 for *_, card in cards], [card.top + card.height / 2 for *_, card in cards],
                      name="opportunity card hits", size=60, symbol="square", opacity=0, data=rows)  # fmt: skip

    def _fill(self, canvas: Canvas, view: MapView, columns: Columns, i: int, moment: MomentCell, card: Box) -> None:
        room = Box(card.left + 12, card.top, card.width - 22, card.height)
        quiet = self._title(columns, i, replace(moment, title=moment.plain_title))
        write_title(canvas, (room.left, card.top + 9), moment, self._title(columns, i, moment), quiet, room)
        y = room.bottom - 15.5
        for k in range(3):
            on = k < moment.priority
            canvas.rectangle(Box(room.left + 15 * k, y - 3.5, 12, 7), radius=3, name="priority",
                             fill=mix("#FFFFFF", GOOD, 0.3 + 0.23 * moment.priority) if on else "#DDE2E8")  # fmt: skip
        form, beside = self._form(view, columns)
        value, span = self._gain(view, moment, form)
        ink = INK if moment.priority == 3 else MUTED
        whole = f"{value} {span}".strip()
        if beside:
            canvas.text(
                room.right, y, whole, middle=True, size=_NOTE, colour=ink, align="right", role="gain", room=room
            )
            return
        under = _size_in(span, room.width - 50)
        canvas.text(room.right, y - 16 if under else y, value, middle=True, size=_NOTE, colour=ink, align="right",
                    role="gain", room=room)  # fmt: skip
        size = under or _size_in(span, room.width)
        if span and size:
            canvas.text(room.right, y if under else y - 16, span, middle=True, size=size, colour=MUTED, align="right",
                        role="gain range", room=room)  # fmt: skip


def _size_in(words: str, width: float) -> float:
    """Return the type size in which words fit, 0 when none does."""
    return next((size for size in (10.5, 9.5, 9.0) if text_width(words, size) <= width), 0.0)
