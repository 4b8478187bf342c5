"""The slim page: without the drawing library; the pictures of the house are drawn by the small pen, others stand still."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from cjmlab.share.images import draw_image
from cjmlab.share.whole_file import ShareError

_SYMBOLS = {"circle", "square", "diamond", "triangle-up", "triangle-down", "x-thin", "star"}


def is_house_picture(figure: Mapping[str, Any]) -> bool:
    """Tell whether the small pen can draw a figure: points, texts and paths on a canvas of pixels.

    Examples
    --------
    >>> is_house_picture({"data": [{"type": "bar"}], "layout": {"xaxis": {"visible": False}}})
    False
    """
    layout = figure.get("layout", {})
    if (layout.get("xaxis") or {}).get("visible") is not False or layout.get("annotations") or layout.get("images"):
        return False
    return all(map(_is_plain, figure.get("data", ()))) and all(
        shape.get("type") == "path" for shape in layout.get("shapes") or ()
    )


def _is_plain(trace: Mapping[str, Any]) -> bool:
    if trace.get("type") != "scatter" or trace.get("mode") not in ("text", "markers"):
        return False
    symbol = (trace.get("marker") or {}).get("symbol")
    return trace["mode"] == "text" or set(symbol if isinstance(symbol, list) else [symbol]) <= _SYMBOLS


def still_picture(figure: Mapping[str, Any]) -> str | None:
    """Return a figure of another library as an image element; None where no browser can draw it."""
    try:
        drawn = draw_image(figure, "svg")
    except ShareError:
        return None
    packed = base64.b64encode(drawn).decode("ascii")
    return f'<p class="block"><img alt="" src="data:image/svg+xml;base64,{packed}"></p>'
