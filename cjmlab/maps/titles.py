"""Title, note and frame that the pictures beside the map share."""

from __future__ import annotations

from cjmlab.errors import VocabularyError
from cjmlab.maps.canvas import Box, Canvas
from cjmlab.maps.colour import MUTED
from cjmlab.maps.fitting import fit_line, fit_text
from cjmlab.maps.metrics import text_width

EDGE = 24.0
LEAST = 640


def start_canvas(width: int, language: str) -> Canvas:
    """Return a canvas, refusing one that is too narrow."""
    if width < LEAST:
        raise VocabularyError(
            f"a picture of {width} pixels is too narrow", where="width", remedy=f"Take {LEAST} or more."
        )
    return Canvas(width, language)


def draw_title(canvas: Canvas, title: str, note: str) -> float:
    """Write title and note at the top; return where the picture may begin."""
    room = Box(EDGE, 16, canvas.width - 2 * EDGE, 60)
    fitted = fit_text(title, room.width, size=19, lines=2, bold=True)
    box = canvas.text(EDGE, 18, fitted, role="title", room=room)
    free = room.right - box.right - 16
    if text_width(note, 13) <= free:
        canvas.text(box.right + 14, 23, note, size=13, colour=MUTED, role="note", room=room)
        return box.bottom + 14
    canvas.text(EDGE, box.bottom + 1, fit_line(note, room.width, size=12.5), size=12.5, colour=MUTED, role="note")
    return box.bottom + 32
