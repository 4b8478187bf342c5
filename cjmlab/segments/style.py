"""Response style: which attitude batteries are row-centred, and what that changes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError, did_you_mean
from cjmlab.segments.features import FeatureSpace, centre_batteries
from cjmlab.segments.models import fit_kmeans, fit_mixture
from cjmlab.segments.reading import Floats

STYLES = ("auto", "centre", "keep")
FEWEST_ITEMS = 6
STYLE_CORRELATION = 0.08
MIXED_EIGENVALUE = 2.0
SEEN_ROWS = 3000


def check_style(style: str) -> str:
    """Return the setting, or say which there are.

    Examples
    --------
    >>> check_style("auto")
    'auto'
    """
    if style not in STYLES:
        raise CjmError(f"{style!r} is not a way to treat response style", where="style",
                       remedy=did_you_mean(style, STYLES))  # fmt: skip
    return style


def choose_centred(
    space: FeatureSpace, raw: Floats, *, style: str = "auto", random_state: int = 0
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the batteries to row-centre, and a sentence for each battery that says why or why not.

    A declared battery is centred when three things hold: it has six items or more; items speak against each other
    (reverse keys, or a common component of more than two items once the level is taken out); and inside the segments of
    the centred answers, the answers as given still rise and fall together over all items. The last is the mark of a
    response style. Segments that differ in level only have no items that speak against each other: centring would
    delete them.
    """
    batteries = list(dict.fromkeys(plan.block for plan in space.active if plan.block))
    if style == "centre":
        return tuple(batteries), tuple(f"Battery '{b}' is row-centred, as asked." for b in batteries)
    if style == "keep" or not batteries:
        return (), ()
    raw = raw[:SEEN_ROWS]
    chosen: list[str] = []
    notes: list[str] = []
    for battery in batteries:
        items = raw[:, [i for i, plan in enumerate(space.active) if plan.block == battery]]
        against = _mixed_meaning(items)
        if items.shape[1] < FEWEST_ITEMS or not against:
            reason = "fewer than six items" if items.shape[1] < FEWEST_ITEMS else "no items speak against each other"
            notes.append(f"Battery '{battery}' is kept as answered: {reason}.")
            continue
        posterior = _segments_at_hand(centre_batteries(space, raw, [battery]), raw, random_state)
        left = _left_over_correlation(items, posterior)
        if left > STYLE_CORRELATION:
            chosen.append(battery)
            notes.append(f"Battery '{battery}' is row-centred: response style (r {left:.2f} inside segments).")
        else:
            notes.append(f"Battery '{battery}' is kept as answered: no response style (r {left:.2f} inside segments).")
    return tuple(chosen), tuple(notes)


def _mixed_meaning(items: Floats) -> bool:
    """Tell whether items speak against each other, as they are or once the common level is taken out."""
    correlation = pd.DataFrame(items).corr(min_periods=20).to_numpy()
    if np.isfinite(correlation).any() and np.nanmin(correlation) < -max(0.1, 4.0 / np.sqrt(len(items))):
        return True
    level = pd.DataFrame(items).mean(axis=1).to_numpy()[:, None]
    left = np.nan_to_num(pd.DataFrame(items - level).corr(min_periods=20).to_numpy())
    return bool(np.linalg.eigvalsh(left)[-1] > MIXED_EIGENVALUE)


def _segments_at_hand(space: FeatureSpace, raw: Floats, random_state: int) -> Floats:
    """Return class probabilities of the latent class model with the smallest BIC."""
    mixed, design = space.mixed(raw), space.design(raw)
    fits = [
        fit_mixture(mixed, k, starts=[fit_kmeans(design, k, n_init=2, random_state=random_state)],
                    n_random=3, n_finish=1, random_state=random_state, steps=60, tolerance=1e-4)
        for k in range(1, min(8, len(raw) // 10) + 1)
    ]  # fmt: skip
    return min(fits, key=lambda fit: fit.bic).posteriors(mixed)


def _left_over_correlation(items: Floats, posterior: Floats) -> float:
    known = np.isfinite(items)
    values = np.where(known, items, 0.0)
    means = (posterior.T @ values) / np.maximum(posterior.T @ known, 1e-9)
    rest = np.where(known, items - posterior @ means, 0.0)
    joint = (rest.T @ rest) / np.maximum(known.T.astype(float) @ known, 1.0)
    spread = np.sqrt(np.maximum(np.diag(joint), 1e-12))
    correlation = joint / np.outer(spread, spread)
    count = len(correlation)
    return float((correlation.sum() - count) / (count * (count - 1)))
