"""The scale on which expectation and experience were asked, so that a map can speak in it."""

from __future__ import annotations

import re

import pandas as pd


def asked_scale(scored: pd.DataFrame) -> tuple[float, float, str]:
    """Return the worst and best answer of the commonest scale of the asked expectations, and its name.

    Falls back on −1 … 1 when nothing was asked or the scale is one of words.

    Examples
    --------
    >>> asked_scale(pd.DataFrame({"asks": ["expectation"] * 2, "scale": ["1-5", "1-5"]}))
    (1.0, 5.0, '1–5')
    >>> asked_scale(pd.DataFrame())
    (-1.0, 1.0, '−1…+1')
    """
    if "asks" in scored and "scale" in scored:
        names = scored.loc[scored["asks"] == "expectation", "scale"].dropna().astype(str)
        for name in names.value_counts(sort=True).index:
            match = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*[-–]\s*(-?\d+(?:\.\d+)?)\s*", name)
            if match:
                low, high = float(match[1]), float(match[2])
                return low, high, f"{low:g}–{high:g}"
    return -1.0, 1.0, "−1…+1"


def on_scale(value: float, scale: tuple[float, float, str]) -> float:
    """Bring a value from −1 … 1 to the asked scale.

    Examples
    --------
    >>> on_scale(0.5, (1.0, 5.0, "1–5"))
    4.0
    """
    low, high, _ = scale
    return low + (value + 1) / 2 * (high - low)
