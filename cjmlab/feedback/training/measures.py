"""How good a scorer is: macro-F1 over three and two classes, calibration; the mean over sources."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


def macro_f1(truth: Labels, found: Labels, classes: tuple[int, ...]) -> float:
    """Return the mean F1 over classes.

    Examples
    --------
    >>> round(macro_f1(np.array([0, 0, 2]), np.array([0, 2, 2]), (0, 2)), 3)
    0.667
    """
    scores = []
    for label in classes:
        hit = float(((truth == label) & (found == label)).sum())
        total = float((truth == label).sum() + (found == label).sum())
        scores.append(2 * hit / total if total else 0.0)
    return float(np.mean(scores))


def calibration_error(chances: Floats, truth: Labels, bins: int = 10) -> float:
    """Return the expected calibration error of the likeliest class over equal-width bins."""
    sure, right = chances.max(axis=1), chances.argmax(axis=1) == truth
    place = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(right[place == k].mean() - sure[place == k].mean()) * (place == k).mean() for k in np.unique(place)]
    return float(np.sum(gaps))


def reliability(chances: Floats, truth: Labels, bins: int = 10) -> pd.DataFrame:
    """Return the points of a reliability picture: mean confidence, share right and n a bin."""
    sure, right = chances.max(axis=1), chances.argmax(axis=1) == truth
    place = np.minimum((sure * bins).astype(int), bins - 1)
    grouped = pd.DataFrame({"bin": place, "confidence": sure, "right": right.astype(float)}).groupby("bin")
    return grouped.agg(confidence=("confidence", "mean"), right=("right", "mean"), n=("right", "size")).reset_index()


def measure(chances: Floats, truth: Labels, source: npt.NDArray[np.object_]) -> pd.DataFrame:
    """Return n, f3 (sources with three classes), f2 (negative against positive) and ece of each source.

    f2 is read off negative against positive probability, neutral aside.
    """
    rows = []
    for name in sorted(set(source.tolist())):
        here = source == name
        labels, given = truth[here], chances[here]
        three = len(set(labels.tolist())) == 3
        polar = labels != 1
        side = np.where(given[polar][:, 2] >= given[polar][:, 0], 2, 0)
        rows.append({
            "source": name, "n": int(here.sum()),
            "f3": macro_f1(labels, given.argmax(axis=1), (0, 1, 2)) if three else np.nan,
            "f2": macro_f1(labels[polar], side, (0, 2)), "ece": calibration_error(given, labels),
        })  # fmt: skip
    return pd.DataFrame(rows)
