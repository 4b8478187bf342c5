"""Opportunities: what the outcome could gain where answers at or below the middle rose by one step."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.moments.drivers import Drivers

STEP = 0.5


def expected_gains(journeys: pd.DataFrame, voices: pd.DataFrame, members: pd.Series,
                   drivers: dict[str, Drivers]) -> pd.DataFrame:  # fmt: skip
    """Rank opportunities by expected gain: effect × share at or below the middle × reach × one step.

    One step is one point on a five-point scale (.5 on −1 … 1). The range is that of the effect; the gain is an
    association, not a promise: people who are happy in general rate everything higher.

    Returns
    -------
    DataFrame
        ``segment``, ``touchpoint``, ``expected_gain``, ``gain_low``, ``gain_high`` (outcome points, on the mean over
        the segment), ``share_low``, ``effect``, ``low``, ``high``, ``q``.
    """
    own = voices.assign(segment=voices["customer"].map(members)) if len(members) else voices
    own = own[own["segment"].notna()]
    low = own.assign(low=own["score"] <= 1e-9).groupby(["segment", "touchpoint"])["low"].mean().rename("share_low")
    rows = []
    for name, measured in drivers.items():
        rows.append(measured.table[["touchpoint", "effect", "low", "high", "q"]].assign(segment=name))
    columns = [
        "segment",
        "touchpoint",
        "expected_gain",
        "gain_low",
        "gain_high",
        "share_low",
        "effect",
        "low",
        "high",
        "q",
    ]
    if not rows:
        return pd.DataFrame({name: [] for name in columns})
    table = pd.concat(rows, ignore_index=True).merge(low.reset_index(), on=["segment", "touchpoint"])
    table = table.merge(journeys[["segment", "touchpoint", "reach", "customers"]], on=["segment", "touchpoint"])
    lever = table["share_low"] * table["reach"].fillna(1.0) * STEP
    table["expected_gain"] = np.maximum(table["effect"], 0) * lever
    table["gain_low"], table["gain_high"] = np.maximum(table["low"], 0) * lever, np.maximum(table["high"], 0) * lever
    table = table[(table["expected_gain"] > 0) & (table["customers"] >= 5)]
    table = table.sort_values(["segment", "expected_gain", "touchpoint"], ascending=[True, False, True])
    return table[columns].reset_index(drop=True)
