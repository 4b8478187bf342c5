"""What a lane is, and what all lanes share: the panel, the name at the left, the lines between stages."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import EDGE, INK, MUTED, PANEL
from cjmlab.maps.fitting import LEADING, Fitted, fit_text, fit_whole, longest_word
from cjmlab.maps.geometry import MARGIN, Columns
from cjmlab.maps.view import MapView, MomentCell
from cjmlab.maps.wordings import wordings


class Lane(Protocol):
    """A band across the map. ``height`` is 0 when there is nothing to show: then the lane is left out.

    To add a lane, write an object with these two methods and pass it in ``lanes=``.
    """

    @property
    def name(self) -> str:
        """The name by which ``lanes=`` asks for it."""
        ...

    def height(self, view: MapView, columns: Columns) -> float:
        """Return the height in pixels that the content needs."""
        ...

    def draw(self, canvas: Canvas, view: MapView, columns: Columns, top: float) -> None:
        """Draw the content below ``top``."""
        ...


def draw_panel(
    canvas: Canvas, columns: Columns, top: float, height: float, *, name: str, note: str = "", fill: str = PANEL
) -> float:
    """Draw the light panel of a lane, its name at the left and, below it, what its numbers are; return where they end."""
    canvas.rectangle(Box(MARGIN, top, columns.right - MARGIN + 2, height), radius=6, fill=fill, name="panel")
    return draw_name(canvas, columns, top + 12, name, note=note, room=height - 14)


def draw_name(canvas: Canvas, columns: Columns, top: float, name: str, *, note: str = "", room: float = 70) -> float:
    """Write the name of a lane at the left, and a note where there is room; return where they end."""
    size = _name_size(canvas.language, columns.label_width, 13.0 if columns.wide else 12.0)
    fitted = fit_text(name, columns.label_width, size=size, lines=3, bold=True)
    box = Box(MARGIN + 14, top, columns.label_width, max(room, fitted.height))
    canvas.text(box.left, top, fitted, colour=INK, role="lane name", room=box)
    end = top + fitted.height
    lines = int((room - fitted.height - 4) // (10.5 * LEADING))
    if note and lines > 0:
        words = fit_whole(note, columns.label_width, sizes=(10.5, 9.5), lines=min(4, lines))
        if not words.cut:
            canvas.text(box.left, end + 3, words, colour=MUTED, role="lane note", room=box)
            end += 3 + words.height
    return end


@cache
def _name_size(language: str, width: float, size: float) -> float:
    """Return the type size, the same for all lanes, in which no word of a lane name is broken."""
    words = wordings(language)
    widest = max(longest_word(words.say(name), size=1, bold=True) for name in _NAMES)
    return next((s for s in (size, size - 0.5, size - 1, size - 1.5, size - 2) if widest * s <= width), size - 2)


_NAMES = ("stage", "reach", "emotion", "touchpoints", "behaviour", "motivation", "expectation", "pains", "opportunities",
          "arc", "owner", "kpi", "goes_on", "trigger", "brand", "change")  # fmt: skip


def card_box(columns: Columns, position: int, top: float, height: float) -> Box:
    """Return the box of the card of a stage."""
    return Box(columns.edges[position] + 5, top + 7, columns.stage_width(position) - 10, height - 14)


def card_size(columns: Columns) -> float:
    """Return the type size of cards."""
    return 13.0 if columns.wide else 12.0


def write_title(
    canvas: Canvas, at: tuple[float, float], moment: MomentCell, fitted: Fitted, quiet: Fitted, room: Box
) -> None:
    """Write the title of a card; words of customers in it are marked, with the title that stands for them."""
    kind = "opportunity" if moment.kind == "opportunity" else "pain"
    role = f"quote title {kind}" if moment.quiet else f"{kind} title"
    key = moment.quote.unit_id if moment.quiet and moment.quote else ""
    canvas.text(*at, fitted, role=role, room=room, key=key, quiet=quiet if moment.quiet else None)


def fit_title(columns: Columns, title: str, room: float, *, lines: int, bold: bool) -> Fitted:
    """Fit the title of a card: smaller rather than broken, with two lines more on a narrow map, where height is free."""
    size = card_size(columns)
    return fit_whole(title, room, sizes=(size, size - 0.5, size - 1), lines=lines + 2 * (not columns.wide), bold=bold)


def draw_separators(canvas: Canvas, columns: Columns, top: float, height: float, *, dash: str = "solid") -> None:
    """Draw the thin lines between stages."""
    for edge in columns.edges[1:-1]:
        canvas.line(edge, top + 6, edge, top + height - 6, line=EDGE, stroke=1, dash=dash, name="separator")


def stage_room(columns: Columns, position: int, top: float, height: float, *, inset: float = 12) -> Box:
    """Return the room for the words of one stage."""
    left = columns.edges[position]
    return Box(left + inset, top, columns.stage_width(position) - 2 * inset, height)
