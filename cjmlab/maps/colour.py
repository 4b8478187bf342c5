"""Colours of the pictures: an orange–blue scale for experience, colours of segments, inks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

SCALE: tuple[tuple[float, str], ...] = (
    (-1.0, "#8A3A00"), (-0.6, "#C9641C"), (-0.35, "#E59F62"), (-0.12, "#F2DAC0"), (0.0, "#ECEBE8"),
    (0.12, "#CBDDE8"), (0.35, "#7FB5DA"), (0.6, "#3D86BF"), (1.0, "#084A80"),
)  # fmt: skip
"""Experience from −1 to 1: orange is worse, blue is better, light is neutral."""

SEGMENTS: tuple[str, ...] = (
    "#0B4F85", "#A65B00", "#9440D0", "#05787E", "#5A1F3C", "#3F4A3C", "#86663F", "#20145E",
)  # fmt: skip
"""Colours of segments, largest segment first."""

READABLE = 4.5
"""Contrast that small text needs (WCAG 2.2, AA)."""
INK, MUTED, FAINT = "#16202C", "#5C6875", "#A9B2BB"
DARK, PANEL, CARD, EDGE, RULE = "#263241", "#F6F7F9", "#FFFFFF", "#DFE4E9", "#D3D9DF"
GOOD, BAD, GOLD = "#0B5A96", "#AE4A0B", "#D79B00"
DELIGHTED, FRUSTRATED, NEUTRAL = "#EDF3F9", "#F9F0EC", "#FDFDFD"


def mix(first: str, second: str, share: float) -> str:
    """Return the colour that is ``share`` of the way from the first to the second.

    Examples
    --------
    >>> mix("#000000", "#FFFFFF", 0.5)
    '#808080'
    """
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def experience_colour(value: float) -> str:
    """Return the colour of an experience from −1 to 1.

    Examples
    --------
    >>> experience_colour(-1), experience_colour(0), experience_colour(1)
    ('#8A3A00', '#ECEBE8', '#084A80')
    """
    bounded = max(-1.0, min(1.0, float(value)))
    for (low, first), (high, second) in itertools.pairwise(SCALE):
        if bounded <= high:
            return mix(first, second, (bounded - low) / (high - low))
    return SCALE[-1][1]


def ink_on(background: str) -> str:
    """Return the ink, dark or white, that reads better on a background: WCAG contrast 4.5 at least, with black if need be.

    Examples
    --------
    >>> ink_on("#084A80"), ink_on("#ECEBE8")
    ('#FFFFFF', '#16202C')
    """
    best = max((INK, "#FFFFFF"), key=lambda ink: contrast(ink, background))
    return (
        best
        if contrast(best, background) >= READABLE
        else max(("#000000", best), key=lambda ink: contrast(ink, background))
    )


def contrast(first: str, second: str) -> float:
    """Return the WCAG contrast ratio of two colours, 1 to 21.

    Examples
    --------
    >>> round(contrast("#000000", "#FFFFFF"), 1)
    21.0
    """
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def segment_colour(position: int) -> str:
    """Return the colour of a segment by its place, the largest first.

    Examples
    --------
    >>> segment_colour(0), segment_colour(8) == segment_colour(0)
    ('#0B4F85', True)
    """
    return SEGMENTS[position % len(SEGMENTS)]


def see_through(colour: str, opacity: float) -> str:
    """Return a colour as CSS rgba.

    Examples
    --------
    >>> see_through("#0B4F85", 0.2)
    'rgba(11,79,133,0.2)'
    """
    red, green, blue = _channels(colour)
    return f"rgba({red},{green},{blue},{opacity:g})"


def _channels(colour: str) -> Sequence[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _luminance(colour: str) -> float:
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
