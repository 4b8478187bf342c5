"""What they expected, and whether it was met: asked and told, per customer where both are known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.journeys.context import context_of
from cjmlab.journeys.intervals import wilson
from cjmlab.journeys.members import Membership
from cjmlab.tables import need_columns, need_times


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


def broken_promises(journeys: pd.DataFrame) -> pd.DataFrame:
    """Count what was told of expectations and of promises that were not kept, by segment and touchpoint.

    Returns
    -------
    DataFrame
        ``segment``, ``touchpoint``, ``expecting`` (customers who tell what they expected), ``broken`` (customers who
        tell of a broken promise, or who expected something in words and live the touchpoint below neutral),
        ``speakers`` (customers who speak of it in words), ``share`` of speakers, ``low``, ``high`` (Wilson),
        ``unit_ids`` (list). Cells where nobody tells of either are left out.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": list("ab"), "stage": "use", "touchpoint": "delivery",
    ...     "sentiment": [-0.5, 0.5],
    ...     "text": ["They promised Friday", "Quick"], "cues": ["broken_promise", ""]})
    >>> cjm.broken_promises(cjm.derive_journeys(said))[["touchpoint", "broken", "speakers", "share"]].values.tolist()
    [['delivery', 1, 2, 0.5]]
    """
    context = context_of(journeys)
    rows = context.scored
    columns = ["segment", "touchpoint", "expecting", "broken", "speakers", "share", "low", "high", "unit_ids"]
    if "text" not in rows or rows["text"].isna().all():
        return pd.DataFrame({name: [] for name in columns})
    said = rows[rows["text"].notna() & rows["touchpoint"].notna() & rows["segment"].notna()]
    cues = said["cues"].fillna("").astype(str) if "cues" in said else pd.Series("", said.index)
    who = said["customer_id"].astype(object).where(said["customer_id"].notna(), said["unit_id"]).astype(str)
    felt = context.voices.set_index(["customer", "touchpoint"])["score"]
    lived = felt.reindex(pd.MultiIndex.from_arrays([who, said["touchpoint"].astype(str)])).to_numpy()
    hoped = said["lane"].eq("expectation") | cues.str.contains("expectation", regex=False)
    failed = cues.str.contains("broken_promise", regex=False) | (hoped & (lived < context.provenance["neutral"][0]))
    said = said.assign(who=who, hoped=hoped, failed=failed)
    found = []
    for (segment, touchpoint), group in said.groupby(["segment", "touchpoint"]):
        telling = group[group["hoped"] | group["failed"]]
        if telling.empty:
            continue
        n, broken = group["who"].nunique(), group.loc[group["failed"], "who"].nunique()
        hopes = group.loc[group["hoped"], "who"].nunique()
        found.append(
            (segment, touchpoint, hopes, broken, n, broken / n, *wilson(broken, n), telling["unit_id"].tolist())
        )
    return pd.DataFrame(found, columns=columns)


def measure_delays(
    events: pd.DataFrame, *, promised: str = "promised", delivered: str = "time", scores: pd.Series | None = None
) -> pd.DataFrame:
    """Set what was promised against what was kept: early or punctual, late, and how each was felt.

    Parameters
    ----------
    events : DataFrame
        One row a delivery, with ``customer_id`` and two columns of times.
    scores : Series, optional
        Experience by customer id.

    Returns
    -------
    DataFrame
        ``kept`` (True: on time), ``deliveries``, ``share``, ``low``, ``high`` (Wilson), ``delay`` (median hours beyond
        the promise, negative when early), ``experience`` and ``customers`` who told it.

    Examples
    --------
    >>> log = pd.DataFrame({"customer_id": ["a", "b"], "promised": ["2026-01-02", "2026-01-02"],
    ...     "time": ["2026-01-01", "2026-01-05"]})
    >>> measure_delays(log)[["kept", "deliveries", "delay"]].values.tolist()
    [[False, 1, 72.0], [True, 1, -24.0]]
    """
    need_columns("events", events, promised, delivered, "customer_id")
    times = [need_times("events", events, name) for name in (promised, delivered)]
    hours = (times[1] - times[0]).dt.total_seconds() / 3600
    table = pd.DataFrame({"customer": events["customer_id"].astype(str), "hours": hours}).dropna()
    table["kept"] = table["hours"] <= 0
    table["score"] = table["customer"].map(scores) if scores is not None else np.nan
    rows = []
    for kept, group in table.groupby("kept"):
        n = len(group)
        once = group.groupby("customer")["score"].mean().dropna()
        rows.append(
            (bool(kept), n, n / len(table), *wilson(n, len(table)), group["hours"].median(), once.mean(), len(once))
        )
    columns = ["kept", "deliveries", "share", "low", "high", "delay", "experience", "customers"]
    return pd.DataFrame(rows, columns=columns)


def _t95(n: pd.Series) -> pd.Series:
    from scipy.stats import t

    return pd.Series(t.ppf(0.975, np.maximum(n.to_numpy(dtype=float) - 1, 1)), index=n.index)


def class_moments(journeys: pd.DataFrame) -> pd.DataFrame:
    """Class what customers lived against what they expected: a problem, worth it, or beyond expectation.

    A problem is an experience below the neutral band, or one that misses what the same customer expected there. Beyond
    expectation is one above the band that exceeds it. The rest is worth it: what was expected was had.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, of rows in which expectations were asked.

    Returns
    -------
    DataFrame
        ``segment``, ``touchpoint``, ``customers`` (who gave both), ``problem``, ``worth_it``, ``beyond`` (shares that add
        up to 1), ``moment`` (the class whose share is the largest). Empty where no expectation was asked.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": list("abcabc"), "stage": "use", "touchpoint": "delivery",
    ...     "asks": ["expectation"] * 3 + ["experience"] * 3, "rating": [0.5, 0.5, 0.5, 1.0, 0.5, -0.5]})
    >>> cjm.class_moments(cjm.derive_journeys(said))[["problem", "worth_it", "beyond"]].round(2).values.tolist()
    [[0.33, 0.33, 0.33]]
    """
    context = context_of(journeys)
    low, high = context.provenance["neutral"]
    both = list_expectations(context.scored).merge(context.voices, on=["customer", "touchpoint"])
    both["segment"] = both["customer"].map(context.members.set_index("customer_id")["segment"])
    classes = ["problem", "worth_it", "beyond"]
    if both["segment"].isna().all():
        return pd.DataFrame({name: [] for name in ("segment", "touchpoint", "customers", *classes, "moment")})
    gap = both["score"] - both["expected"]
    bad, good = both["score"].lt(low) | gap.lt(-1e-9), both["score"].gt(high) & gap.gt(1e-9)
    both = both.assign(problem=bad.astype(float), beyond=good.astype(float), worth_it=(~bad & ~good).astype(float))
    groups = both.groupby(["segment", "touchpoint"])
    table = groups[classes].mean().assign(customers=groups.size()).reset_index()
    table["moment"] = table[classes].idxmax(axis=1)
    return table[["segment", "touchpoint", "customers", *classes, "moment"]]
