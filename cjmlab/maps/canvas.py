"""The canvas: a Plotly figure on which one unit is one pixel and y grows downwards.

Shapes of one look are merged into one path and texts of one look into one trace, so that a whole map is a few dozen
objects: small files, fast redraws, readable diffs. Coordinates are rounded to a tenth of a pixel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cjmlab.maps.colour import INK
from cjmlab.maps.fitting import LEADING, Fitted
from cjmlab.maps.metrics import font_stack
from cjmlab.maps.text_safety import plotly_text

MAP_CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "responsive": False,
    "scrollZoom": False,
    "doubleClick": False,
    "showSendToCloud": False,
    "showEditInChartStudio": False,
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "png", "scale": 2, "filename": "journey_map"},
}
"""Plotly's settings for every picture of the house: one button (save as PNG), nothing that uploads data."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Bottom edge."""
        return self.top + self.height

    def overlap(self, other: Box) -> float:
        """Return the common area in square pixels."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, wide) * max(0.0, high)


@dataclass(frozen=True)
class Placed:
    """A text that was put on the canvas: its words, its box, and the box it had to stay in."""

    words: tuple[str, ...]
    box: Box
    room: Box | None
    role: str


@dataclass
class Canvas:
    """Collects paths, texts and points; ``figure`` turns them into a Plotly figure."""

    width: float
    language: str = "en"
    placed: list[Placed] = field(default_factory=list)
    _paths: dict[tuple[Any, ...], list[str]] = field(default_factory=dict)
    _texts: dict[tuple[Any, ...], list[tuple[float, float, str, str, str]]] = field(default_factory=dict)
    _points: list[dict[str, Any]] = field(default_factory=list)

    def path(
        self, d: str, *, fill: str = "rgba(0,0,0,0)", line: str = "rgba(0,0,0,0)", stroke: float = 0.0,
        dash: str = "solid", name: str = "", top: bool = False,
    ) -> None:  # fmt: skip
        """Draw an SVG path in pixels; ``top`` puts it over the points."""
        self._paths.setdefault((name, fill, line, stroke, dash, top), []).append(d)

    def rectangle(self, box: Box, *, radius: float = 0.0, **look: Any) -> None:
        """Draw a rectangle, with round corners when ``radius`` is above 0."""
        self.path(rounded(box, radius), **look)

    def line(self, x0: float, y0: float, x1: float, y1: float, **look: Any) -> None:
        """Draw a straight line."""
        self.path(f"M{_n(x0)},{_n(y0)}L{_n(x1)},{_n(y1)}", **look)

    def text(
        self, x: float, y: float, words: str | Fitted, *, size: float = 12, colour: str = INK, bold: bool = False,
        italic: bool = False, align: str = "left", role: str = "", room: Box | None = None, key: str = "",
        middle: bool = False, quiet: Fitted | None = None,
    ) -> Box:  # fmt: skip
        """Write text and return the box it takes.

        ``y`` is the top of the capitals of the first line, or, with ``middle``, the middle of all lines. ``align`` says
        what ``x`` is: the left edge, the centre or the right edge. Italics are dropped where a line has Chinese
        characters. ``key`` (the id of a quoted unit) travels in the trace's ``customdata``, and after it what is to stand
        there when words of customers are taken out of the figure (``quiet``).
        """
        fitted = words if isinstance(words, Fitted) else Fitted((words,), size, bold) if words.strip() else None
        if fitted is None or not fitted.lines:
            return Box(x, y, 0, 0)
        slanted = italic and not any(ord(c) > 0x2E7F for line in fitted.lines for c in line)
        look = (role, fitted.size, colour, fitted.bold, slanted, align)
        if middle:
            y -= ((len(fitted.lines) - 1) * LEADING + 0.78) * fitted.size / 2
        lines, silent = ("<br>".join(map(plotly_text, text.lines)) if text else "" for text in (fitted, quiet))
        self._texts.setdefault(look, []).append((_n(x), _n(y), lines, plotly_text(key), silent))
        wide = fitted.width
        left = {"left": x, "center": x - wide / 2, "right": x - wide}[align]
        box = Box(left, y, wide, fitted.height)
        self.placed.append(Placed(fitted.lines, box, room, role))
        return box

    def points(
        self, x: Sequence[float], y: Sequence[float], *, name: str, size: float | Sequence[float] = 10,
        symbol: str | Sequence[str] = "circle", fill: str | Sequence[str] = INK, line: str | Sequence[str] = INK,
        stroke: float | Sequence[float] = 0.0, opacity: float = 1.0, data: Iterable[Sequence[Any]] | None = None,
    ) -> None:  # fmt: skip
        """Draw points; ``data`` is one row a point, see ``hover_row``."""
        marker = {"size": size, "symbol": symbol, "color": fill, "opacity": opacity, "sizemode": "diameter"}
        trace: dict[str, Any] = {
            "type": "scatter", "mode": "markers", "name": name, "x": [_n(v) for v in x], "y": [_n(v) for v in y],
            "marker": {**marker, "line": {"color": line, "width": stroke}}, "showlegend": False, "cliponaxis": False,
        }  # fmt: skip
        if data is None:
            trace["hoverinfo"] = "skip"
        else:
            trace["customdata"] = [list(row) for row in data]
            trace["hovertemplate"] = "%{customdata[1]}%{customdata[2]}<extra></extra>"
        self._points.append(trace)

    def spec(self, height: float, *, meta: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the figure as plain data: shapes below, then points, then texts."""
        axis = {"visible": False, "fixedrange": True, "showgrid": False, "zeroline": False}
        stack = font_stack(self.language)
        layout: dict[str, Any] = {
            "width": _n(self.width), "height": _n(height), "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
            "autosize": False, "paper_bgcolor": "#FFFFFF", "plot_bgcolor": "#FFFFFF", "showlegend": False,
            "hovermode": "closest", "dragmode": False, "hoverdistance": 6,
            "font": {"family": stack, "color": INK, "size": 12},
            "hoverlabel": {"bgcolor": "#FFFFFF", "bordercolor": "#B9C2CB", "align": "left",
                           "font": {"family": stack, "size": 12.5, "color": INK}},
            "xaxis": {**axis, "range": [0, _n(self.width)]}, "yaxis": {**axis, "range": [_n(height), 0]},
            "shapes": [_shape(key, parts) for key, parts in self._paths.items()],
        }  # fmt: skip
        if meta:
            layout["meta"] = meta
        texts = [_text_trace(key, rows) for key, rows in self._texts.items()]
        return {"data": self._points + texts, "layout": layout}


def rounded(box: Box, radius: float) -> str:
    """Return the SVG path of a rectangle with round corners.

    Examples
    --------
    >>> rounded(Box(0, 0, 20, 10), 0)
    'M0,0L20,0L20,10L0,10Z'
    """
    x0, y0, x1, y1 = _n(box.left), _n(box.top), _n(box.right), _n(box.bottom)
    r = min(radius, box.width / 2, box.height / 2)
    if r <= 0:
        return f"M{x0},{y0}L{x1},{y0}L{x1},{y1}L{x0},{y1}Z"
    return (
        f"M{_n(x0 + r)},{y0}L{_n(x1 - r)},{y0}Q{x1},{y0},{x1},{_n(y0 + r)}L{x1},{_n(y1 - r)}"
        f"Q{x1},{y1},{_n(x1 - r)},{y1}L{_n(x0 + r)},{y1}Q{x0},{y1},{x0},{_n(y1 - r)}L{x0},{_n(y0 + r)}"
        f"Q{x0},{y0},{_n(x0 + r)},{y0}Z"
    )


def polyline(points: Iterable[tuple[float, float]]) -> str:
    """Return the SVG path through points.

    Examples
    --------
    >>> polyline([(0, 0), (10, 5.04)])
    'M0,0L10,5'
    """
    return "M" + "L".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _n(value: float) -> float | int:
    rounded_value = round(float(value), 1)
    return int(rounded_value) if rounded_value == int(rounded_value) else rounded_value


def _shape(key: tuple[Any, ...], parts: list[str]) -> dict[str, Any]:
    name, fill, line, stroke, dash, top = key
    return {
        "type": "path", "name": name, "path": "".join(parts), "fillcolor": fill, "xref": "x", "yref": "y",
        "line": {"color": line, "width": stroke, "dash": dash}, "layer": "above" if top else "below",
    }  # fmt: skip


def _text_trace(key: tuple[Any, ...], rows: list[tuple[float, float, str, str, str]]) -> dict[str, Any]:
    role, size, colour, bold, slanted, align = key
    side = {"left": "right", "center": "center", "right": "left"}[align]
    font = {"size": size, "color": colour, "weight": 700 if bold else 400, "style": "italic" if slanted else "normal"}
    trace = {
        "type": "scatter", "mode": "text", "name": role, "x": [row[0] for row in rows], "y": [row[1] for row in rows],
        "text": [row[2] for row in rows], "textposition": f"bottom {side}", "textfont": font, "hoverinfo": "skip",
        "showlegend": False, "cliponaxis": False,
    }  # fmt: skip
    if any(row[4] for row in rows):
        trace["customdata"] = [[row[3], row[4]] for row in rows]
    elif any(row[3] for row in rows):
        trace["customdata"] = [[row[3]] for row in rows]
    return trace
