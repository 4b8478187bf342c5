"""Colours stay apart for people with three kinds of colour blindness (Machado, Oliveira and Fernandes, 2009)."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from cjmlab.maps.colour import (
    BAD,
    DARK,
    GOOD,
    INK,
    MUTED,
    PANEL,
    READABLE,
    SEGMENTS,
    contrast,
    experience_colour,
    ink_on,
    mix,
)

SIGHT = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def lab(colour: str, sight: np.ndarray) -> np.ndarray:
    """CIE Lab of a colour as somebody sees it."""
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(sight @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    f = np.cbrt(xyz / np.array([0.95047, 1.0, 1.08883]))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(first: str, second: str, sight: np.ndarray) -> float:
    return float(np.linalg.norm(lab(first, sight) - lab(second, sight)))


@pytest.mark.parametrize("kind", SIGHT)
def test_worse_and_better_stay_apart(kind):
    for value in (0.1, 0.2, 0.35, 0.5, 0.7, 1.0):
        apart = distance(experience_colour(-value), experience_colour(value), SIGHT[kind])
        assert apart > (12 if value < 0.2 else 20), (value, apart)


@pytest.mark.parametrize("kind", SIGHT)
def test_the_scale_darkens_to_both_ends(kind):
    for sign in (1, -1):
        lightness = [lab(experience_colour(sign * value), SIGHT[kind])[0] for value in np.linspace(0, 1, 11)]
        assert all(a > b for a, b in pairwise(lightness))


@pytest.mark.parametrize("kind", SIGHT)
def test_segment_colours_stay_apart(kind):
    for first, second in combinations(SEGMENTS[:4], 2):
        assert distance(first, second, SIGHT[kind]) > 15, (first, second)
    for first, second in combinations(SEGMENTS, 2):
        assert distance(first, second, SIGHT[kind]) > 8, (first, second)


def test_text_is_readable():
    assert contrast(INK, PANEL) > 7
    assert contrast(MUTED, PANEL) > 4.5
    assert contrast("#FFFFFF", DARK) > 7
    assert contrast("#FFFFFF", BAD) > 4.5
    assert contrast(GOOD, "#FFFFFF") > 4.5
    for value in np.linspace(-1, 1, 41):
        colour = experience_colour(float(value))
        assert contrast(ink_on(colour), colour) >= READABLE, value
    for colour in SEGMENTS:
        assert contrast(colour, mix("#FFFFFF", colour, 0.075)) >= READABLE, colour
