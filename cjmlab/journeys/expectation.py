"""What they expected, and whether it was met: asked and told, per customer where both are known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.journeys.members import Membership


def list_expectations(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the asked expectations: ``customer``, ``touchpoint``, ``expected`` (−1 to 1), once a customer."""
    if "asks" not in rows or "rating" not in rows:
        return pd.DataFrame({"customer": [], "touchpoint": [], "expected": []})
    asked = rows[rows["asks"].eq("expectation") & rows["rating"].notna() & rows["touchpoint"].notna()]
    asked = asked[asked["customer_id"].notna()]
    table = pd.DataFrame({"customer": asked["customer_id"].astype(str), "touchpoint": asked["touchpoint"],
                          "expected": asked["rating"].astype(float)})  # fmt: skip
    return table.groupby(["customer", "touchpoint"], sort=True, as_index=False).agg(expected=("expected", "mean"))


def measure_expectation(rows: pd.DataFrame, own: pd.DataFrame, members: Membership) -> pd.DataFrame:
    """Measure expectation and gap of every segment × touchpoint where an expectation was asked.

    The gap is experience minus expectation on the asked scale, within the customers who answered both; its interval is
    that of a mean of paired differences. ``exceeds``, ``meets`` and ``misses`` are shares of these customers.
    """
    expected = list_expectations(rows)
    columns = ["segment", "touchpoint", "expectation", "n_expectation", "gap", "gap_low", "gap_high", "n_gap",
               "exceeds", "meets", "misses"]  # fmt: skip
    if expected.empty:
        return pd.DataFrame({name: pd.Series(dtype=float if name not in columns[:2] else object) for name in columns})
    expected["segment"] = expected["customer"].map(members.modal)
    expected = expected[expected["segment"].notna()]
    rated = own[own["instrument"].str.startswith("rating")]
    lived = rated.groupby(["customer", "touchpoint"], as_index=False)["score"].mean()
    both = expected.merge(lived, on=["customer", "touchpoint"])
    both["difference"] = both["score"] - both["expected"]
    by = ["segment", "touchpoint"]
    table = expected.groupby(by).agg(expectation=("expected", "mean"), n_expectation=("expected", "size"))
    gaps = both.groupby(by)["difference"].agg(gap="mean", spread="std", n_gap="size")
    for name, test in (("exceeds", both["difference"] > 1e-9), ("misses", both["difference"] < -1e-9)):
        gaps[name] = test.groupby([both[part] for part in by]).mean()
    gaps["meets"] = 1 - gaps["exceeds"] - gaps["misses"]
    half = _t95(gaps["n_gap"]) * gaps["spread"] / np.sqrt(gaps["n_gap"])
    gaps["gap_low"], gaps["gap_high"] = gaps["gap"] - half, gaps["gap"] + half
    return table.join(gaps.drop(columns="spread")).reset_index().reindex(columns=columns)


def _t95(n: pd.Series) -> pd.Series:
    from scipy.stats import t

    return pd.Series(t.ppf(0.975, np.maximum(n.to_numpy(dtype=float) - 1, 1)), index=n.index)
