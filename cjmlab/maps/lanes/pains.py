"""Pain points: one card a stage with title, verbatim, share and n, severity; where there is none, what is complained of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import BAD, CARD, EDGE, MUTED, experience_colour
from cjmlab.maps.fitting import Fitted, fit_text
from cjmlab.maps.geometry import Columns
from cjmlab.maps.hover import describe_moment, hover_row
from cjmlab.maps.lanes.base import card_box, card_size, draw_panel, draw_separators, fit_title, write_title
from cjmlab.maps.metrics import text_width
from cjmlab.maps.sayings import write_quote
from cjmlab.maps.view import FEW_BELOW, MapView, MomentCell


@dataclass(frozen=True)
class PainsLane:
    """The first pain point of every stage, and how many more there are.

    Parameters
    ----------
    strong : float
        From this share of the worst severity of all segments on, the card has a dark edge.
    quotes : bool
        Whether the verbatim is printed.
    quote_lines : int
        Most lines of a verbatim.
    title_lines : int
        Most lines of a title; two more on a narrow map.
    """

    name: str = "pains"
    strong: float = 0.6
    quotes: bool = True
    quote_lines: int = 3
    title_lines: int = 3

    def height(self, view: MapView, columns: Columns) -> float:
        """Return what the longest card needs, 0 without pain points."""
        cards = [(i, stage.pain) for i, stage in enumerate(view.stages) if stage.pain]
        needs = [self._title(columns, i, pain).height + self._quote(view, columns, i, pain).height for i, pain in cards]
        return 14 + 12 + max(needs) + 36 if needs else 0.0

    def _title(self, columns: Columns, i: int, pain: MomentCell) -> Fitted:
        room = columns.stage_width(i) - 38 - (24 if pain.more else 0)
        return fit_title(columns, pain.title, room, lines=self.title_lines, bold=pain.kind == "pain")

    def _quote(self, view: MapView, columns: Columns, i: int, pain: MomentCell) -> Fitted:
        words = write_quote(view.words, pain.quote) if pain.quote and self.quotes else ""
        return fit_text(words, columns.stage_width(i) - 38, size=card_size(columns) - 0.5, lines=self.quote_lines)

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw the cards, then what is on them."""
        height = self.height(view, columns)
        heard = any(stage.pain and stage.pain.kind == "complaint" for stage in view.stages)
        note = view.words.say("pains_note") if heard else ""
        draw_panel(canvas, columns, top, height, name=view.words.say("pains"), note=note)
        draw_separators(canvas, columns, top, height)
        cards = [
            (i, stage.pain, card_box(columns, i, top, height)) for i, stage in enumerate(view.stages) if stage.pain
        ]
        for _, pain, card in cards:
            strong = pain.weight >= self.strong
            canvas.rectangle(card, radius=6, fill=CARD, line=BAD if strong else EDGE, stroke=1.4 if strong else 1,
                             name="pain card")  # fmt: skip
        for i, pain, card in cards:
            self._fill(canvas, view, columns, i, pain, card)
        rows = [hover_row(view, pain.kind, pain.touchpoint, pain.stage, describe_moment(view, pain),
                          pain.quote if self.quotes else None, title=pain.title if pain.quiet else "") for _, pain, _ in cards]  # fmt: skip
        canvas.points([card.left + card.width / 2 for *_, card in cards], [card.top + card.height / 2 for *_, card in cards],
                      name="pain card hits", size=80, symbol="square", opacity=0, data=rows)  # fmt: skip

    def _fill(self, canvas: Canvas, view: MapView, columns: Columns, i: int, pain: MomentCell, card: Box) -> None:
        canvas.rectangle(Box(card.left, card.top, 5, card.height), radius=2, name="pain edge",
                         fill=experience_colour(-0.25 - 0.75 * pain.weight))  # fmt: skip
        title, quote = self._title(columns, i, pain), self._quote(view, columns, i, pain)
        room = Box(card.left + 14, card.top, card.width - 22, card.height)
        quiet = self._title(columns, i, replace(pain, title=pain.plain_title))
        write_title(canvas, (room.left, card.top + 9), pain, title, quiet, room)
        if pain.more:
            chip = Box(room.right - 20, card.top + 7, 22, 15)
            canvas.rectangle(chip, radius=7, fill="#F3E7E0", name="more")
            canvas.text(chip.left + 11, chip.top + 7.5, f"+{pain.more}", middle=True, size=10, colour=BAD, align="center",
                        role="more", room=chip)  # fmt: skip
        canvas.text(room.left, card.top + 12 + title.height, quote, colour="#3A4653", italic=True, role="quote pain",
                    room=room, key=pain.quote.unit_id if pain.quote else "")  # fmt: skip
        self._foot(canvas, view, pain, room)

    def _foot(self, canvas: Canvas, view: MapView, pain: MomentCell, room: Box) -> None:
        words = view.words
        few = 0 < pain.n < FEW_BELOW
        n = words.say("n", n=words.number(pain.n)) if pain.n else ""
        first = words.say("low_n") if few else words.percent(pain.share) if pain.share is not None else ""
        whole = " · ".join(part for part in (first, n) if part)
        forms = [(whole, 11.5, 34), (whole, 10.5, 34), (whole, 11.5, 0), (whole, 10.5, 0), (n, 11.5, 0)]
        note, size, _ = next((f for f in forms if text_width(f[0], f[1]) <= room.width - f[2]), forms[-1])
        y = room.bottom - 15.5
        box = canvas.text(room.right, y, note, middle=True, size=size, colour=BAD if few else MUTED, italic=few,
                          align="right", role="pain note", room=room)  # fmt: skip
        track = Box(room.left, y - 3.5, min(98, (box.left if note else room.right) - room.left - 12), 7)
        if track.width >= 16 and pain.severity is not None:
            canvas.rectangle(track, radius=3.5, fill="#ECEEF1", name="severity track")
            bar = Box(track.left, track.top, max(7, track.width * min(1.0, pain.weight)), 7)
            canvas.rectangle(bar, radius=3.5, fill=BAD, name="severity")
