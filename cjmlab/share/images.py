"""Images: a map as PNG, or as a PDF that is exactly one A3 page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cjmlab.share.whole_file import ShareError, write_whole

A3 = (1587, 1122)
"""One A3 page on its side (420 × 297 mm) at 96 dots an inch."""
_SHEET = 1680 / 1188


def write_image(figure: Mapping[str, Any], path: str | Path, *, scale: float = 2.0) -> Path:
    """Write a figure as PNG, SVG or PDF, by the suffix of the file.

    Parameters
    ----------
    figure : mapping
        A figure as plain data, or a ``go.Figure`` turned into it.
    path : str or Path
        ``.png``, ``.svg`` or ``.pdf``.
    scale : float
        Pixels per unit, for PNG.

    Raises
    ------
    ShareError
        When no browser or no kaleido is there, or the file cannot be written; the old one is then untouched.
    """
    kind = Path(path).suffix.lower().lstrip(".")
    if kind == "pdf":
        figure = fit_sheet(figure)
        scale = A3[0] / figure["layout"]["width"]
    return write_whole(path, draw_image(figure, kind, scale=scale))


def fit_sheet(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure on a sheet with the sides of A3: white is added below or beside it, nothing is stretched.

    Examples
    --------
    >>> layout = {"width": 1680, "height": 900, "xaxis": {"range": [0, 1680]}, "yaxis": {"range": [900, 0]}}
    >>> sheet = fit_sheet({"data": [], "layout": layout})["layout"]
    >>> sheet["width"], sheet["height"], sheet["yaxis"]["range"]
    (1680, 1188, [1188, 0])
    """
    layout = dict(figure["layout"])
    width, height = float(layout.get("width", 1680)), float(layout.get("height", 1188))
    wide, high = max(width, height * _SHEET), max(height, width / _SHEET)
    for name, size, old in (("xaxis", wide, width), ("yaxis", high, height)):
        axis = dict(layout.get(name) or {})
        if "range" in axis and size > old:
            first, last = axis["range"]
            spare = (size - old) / 2 if name == "xaxis" else 0.0
            axis["range"] = [first - spare, last + spare] if name == "xaxis" else [round(size), last]
            layout[name] = axis
    return {**figure, "layout": {**layout, "width": round(wide), "height": round(high)}}


def draw_image(figure: Mapping[str, Any], kind: str, *, scale: float = 1.0) -> bytes:
    """Return a figure as bytes of an image; nothing is fetched from anywhere.

    Raises
    ------
    ShareError
        When no browser or no kaleido is there.
    """
    try:
        import kaleido
    except ImportError:
        raise ShareError("a picture needs kaleido", remedy="pip install 'cjmlab[export]'.") from None
    layout = figure["layout"]
    opts = {"format": kind, "width": layout.get("width", 1680), "height": layout.get("height", 1188), "scale": scale}
    try:
        made = kaleido.calc_fig_sync(dict(figure), opts=opts, kopts={"mathjax": False})
    except Exception as error:
        raise _refusal(error) from None
    return bytes(made)


def _refusal(error: Exception) -> ShareError:
    name = type(error).__name__
    if "Chrome" in name or "Browser" in name or "chrome" in str(error).lower():
        return ShareError(
            "a picture needs Chrome or Chromium, and none is found",
            remedy="Install one (Debian: apt install chromium fonts-noto-cjk), or use the camera button of the offline page.",
        )
    return ShareError(f"the picture could not be drawn ({name}: {str(error)[:120]})")
