"""Pain points and opportunities: one card a stage."""

from __future__ import annotations

from dataclasses import dataclass

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import BAD, CARD, EDGE, GOOD, INK, MUTED, experience_colour, mix
from cjmlab.maps.fitting import Fitted, fit_text
from cjmlab.maps.geometry import Columns
from cjmlab.maps.lanes.base import describe_moment, draw_panel, draw_separators, hover_row
from cjmlab.maps.metrics import text_width
from cjmlab.maps.view import FEW_BELOW, MapView, MomentCell


def _card(columns: Columns, i: int, top: float, height: float) -> Box:
    return Box(columns.edges[i] + 5, top + 7, columns.stage_width(i) - 10, height - 14)


def _size(columns: Columns) -> float:
    return 13.0 if columns.width >= 1400 else 12.0


@dataclass(frozen=True)
class PainsLane:
    """The first pain point of every stage: title, verbatim, share and n, severity.

    Parameters
    ----------
    strong : float
        From this severity on the card has a dark edge.
    quotes : bool
        Whether the verbatim is printed.
    """

    name: str = "pains"
    strong: float = 0.6
    quotes: bool = True

    def height(self, view: MapView, columns: Columns) -> float:
        """Return what the longest card needs, 0 without pain points."""
        cards = [(i, stage.pain) for i, stage in enumerate(view.stages) if stage.pain]
        needs = [self._title(columns, i, pain).height + self._quote(view, columns, i, pain).height for i, pain in cards]
        return 14 + 12 + max(needs) + 38 if needs else 0.0

    def _title(self, columns: Columns, i: int, pain: MomentCell) -> Fitted:
        return fit_text(pain.title, columns.stage_width(i) - 38, size=_size(columns), lines=3, bold=True)

    def _quote(self, view: MapView, columns: Columns, i: int, pain: MomentCell) -> Fitted:
        words = view.words.quoted(pain.quote.text) if pain.quote and self.quotes else ""
        return fit_text(words, columns.stage_width(i) - 38, size=_size(columns) - 0.5, lines=3)

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw the cards."""
        height = self.height(view, columns)
        draw_panel(canvas, columns, top, height, name=view.words.say("pains"))
        draw_separators(canvas, columns, top, height)
        x, y, data = [], [], []
        for i, stage in enumerate(view.stages):
            if stage.pain is None:
                continue
            card = _card(columns, i, top, height)
            self._draw_one(canvas, view, columns, i, stage.pain, card)
            x.append(card.left + card.width / 2)
            y.append(card.top + card.height / 2)
            lines = [*describe_moment(view, stage.pain), *_reason(view, stage.pain)]
            data.append(hover_row(view, "pain", stage.pain.touchpoint, stage.id, lines, stage.pain.quote))
        canvas.points(x, y, name="pain card hits", size=80, symbol="square", opacity=0, data=data)

    def _draw_one(self, canvas: Canvas, view: MapView, columns: Columns, i: int, pain: MomentCell, card: Box) -> None:
        severity = pain.severity if pain.severity is not None else 0.0
        strong = severity >= self.strong
        canvas.rectangle(
            card, radius=6, fill=CARD, line=BAD if strong else EDGE, stroke=1.4 if strong else 1, name="pain card"
        )
        canvas.rectangle(Box(card.left, card.top, 5, card.height), radius=2, name="pain edge",
                         fill=experience_colour(-0.2 - 0.8 * severity))  # fmt: skip
        title, quote = self._title(columns, i, pain), self._quote(view, columns, i, pain)
        room = Box(card.left + 14, card.top, card.width - 22, card.height)
        canvas.text(room.left, card.top + 9, title, role="pain title", room=room)
        canvas.text(room.left, card.top + 12 + title.height, quote, colour="#3A4653", italic=True, role="quote pain",
                    room=room, key=pain.quote.unit_id if pain.quote else "")  # fmt: skip
        self._foot(canvas, view, pain, severity, room)

    def _foot(self, canvas: Canvas, view: MapView, pain: MomentCell, severity: float, room: Box) -> None:
        words = view.words
        few = 0 < pain.n < FEW_BELOW
        n = words.say("n", n=words.number(pain.n)) if pain.n else ""
        first = words.say("low_n") if few else words.percent(pain.share) if pain.share is not None else ""
        note = " · ".join(part for part in (first, n) if part)
        if text_width(note, 11.5) > room.width - 34:
            note = n
        box = canvas.text(room.right, room.bottom - 15.5, note, middle=True, size=11.5, colour=BAD if few else MUTED, italic=few,
                          align="right", role="pain note", room=room)  # fmt: skip
        bar = Box(room.left, room.bottom - 19, min(98, (box.left if note else room.right) - room.left - 12), 7)
        if bar.width >= 16 and pain.severity is not None:
            canvas.rectangle(bar, radius=3.5, fill="#ECEEF1", name="severity track")
            canvas.rectangle(
                Box(bar.left, bar.top, max(7, bar.width * min(1, severity)), 7), radius=3.5, fill=BAD, name="severity"
            )


@dataclass(frozen=True)
class OpportunitiesLane:
    """The first opportunity of every stage: title, priority, expected gain with its range."""

    name: str = "opportunities"

    def height(self, view: MapView, columns: Columns) -> float:
        """Return what the longest card needs, 0 without opportunities."""
        needs = [
            self._title(columns, i, stage.opportunity).height
            for i, stage in enumerate(view.stages)
            if stage.opportunity
        ]
        lines = (
            2 if any(not self._gain_beside(view, columns, i) for i, s in enumerate(view.stages) if s.opportunity) else 1
        )
        return 14 + 12 + max(needs) + 18 + 16 * lines if needs else 0.0

    def _title(self, columns: Columns, i: int, moment: MomentCell) -> Fitted:
        bold = moment.priority == 3
        return fit_text(moment.title, columns.stage_width(i) - 34, size=_size(columns), lines=3, bold=bold)

    def _gain(self, view: MapView, moment: MomentCell) -> tuple[str, str]:
        if moment.gain is None:
            return "", ""
        words = view.words
        ends = (moment.gain_low, moment.gain_high)
        span = "" if None in ends else words.range(*(v if v is not None else 0.0 for v in ends))
        return words.signed(moment.gain), f"({span})" if span else ""

    def _gain_beside(self, view: MapView, columns: Columns, i: int) -> bool:
        moment = view.stages[i].opportunity
        both = " ".join(part for part in self._gain(view, moment) if part) if moment else ""
        return text_width(both, 11.5) <= columns.stage_width(i) - 34 - 52

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw the cards."""
        height = self.height(view, columns)
        draw_panel(canvas, columns, top, height, name=view.words.say("opportunities"))
        draw_separators(canvas, columns, top, height)
        x, y, data = [], [], []
        for i, stage in enumerate(view.stages):
            if stage.opportunity is None:
                continue
            card = _card(columns, i, top, height)
            self._draw_one(canvas, view, columns, i, stage.opportunity, card)
            x.append(card.left + card.width / 2)
            y.append(card.top + card.height / 2)
            lines = [*describe_moment(view, stage.opportunity), *_reason(view, stage.opportunity)]
            data.append(hover_row(view, "opportunity", stage.opportunity.touchpoint, stage.id, lines, None))
        canvas.points(x, y, name="opportunity card hits", size=60, symbol="square", opacity=0, data=data)

    def _draw_one(self, canvas: Canvas, view: MapView, columns: Columns, i: int, moment: MomentCell, card: Box) -> None:
        first = moment.priority == 3
        fill, edge = (mix("#FFFFFF", GOOD, 0.13), GOOD) if first else (CARD, EDGE)
        canvas.rectangle(card, radius=6, fill=fill, line=edge, stroke=1.4 if first else 1,
                         name="first opportunity" if first else "opportunity card")  # fmt: skip
        room = Box(card.left + 12, card.top, card.width - 22, card.height)
        canvas.text(room.left, card.top + 9, self._title(columns, i, moment), role="opportunity title", room=room)
        y = room.bottom - 19
        for k in range(3):
            on = k < moment.priority
            canvas.rectangle(Box(room.left + 15 * k, y, 12, 7), radius=3, name="priority on" if on else "priority off",
                             fill=mix("#FFFFFF", GOOD, 0.35 + 0.22 * moment.priority) if on else "#E1E5EA")  # fmt: skip
        value, span = self._gain(view, moment)
        words = f"{value} {span}".strip() if self._gain_beside(view, columns, i) else value
        canvas.text(
            room.right,
            y + 3.5,
            words,
            middle=True,
            size=11.5,
            colour=INK if first else MUTED,
            align="right",
            role="gain",
            room=room,
        )
        if span and words == value:
            canvas.text(
                room.right,
                y - 13,
                span,
                middle=True,
                size=10.5,
                colour=MUTED,
                align="right",
                role="gain range",
                room=room,
            )


def _reason(view: MapView, moment: MomentCell) -> list[str]:
    from cjmlab.maps.text_safety import plotly_text

    lines = fit_text(moment.reason, 330, size=12.5, lines=5).lines if view.words.language == "en" else ()
    return [plotly_text(line) for line in lines]
