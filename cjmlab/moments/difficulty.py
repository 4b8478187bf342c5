"""Where it is hard for customers, and whether that goes with loyalty and sales."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.journeys.coherence import list_steps
from cjmlab.journeys.context import context_of
from cjmlab.moments.outcomes import pick_outcome

LEAST = 30
_COLUMNS = ["stage", "customers", "difficulty", "negative", "effort", "rework", "correlation", "low", "high", "n"]


def stage_difficulty(
    journeys: pd.DataFrame, outcomes: pd.DataFrame | pd.Series, *, segment: str | None = None
) -> pd.DataFrame:
    """Measure how hard each stage is for each customer, and correlate it with an outcome (loyalty, sales).

    A customer's difficulty in a stage is the mean of what is known of three signs, each 0 to 1: ``negative`` (share of
    the customer's scores there below neutral), ``effort`` (whether words there speak of effort) and ``rework`` (share of
    steps out of the stage that go back or repeat).

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    outcomes : DataFrame or Series
        The table of outcomes (``recommend``, else the commonest counts), or the outcome by customer id; larger is better.
    segment : str, optional
        One segment; all customers when None.

    Returns
    -------
    DataFrame
        ``stage``, ``customers``, ``difficulty`` and its three signs (means), ``correlation`` (Spearman) with the
        outcome, ``low``, ``high`` (95 %, Fisher), ``n`` customers with both; the hardest stage first. Correlations of
        fewer than thirty customers are missing.

    Raises
    ------
    CjmError
        When nothing is known of any stage.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": list("abab"), "stage": ["buy", "buy", "use", "use"],
    ...     "touchpoint": ["shop", "shop", "app", "app"], "rating": [-0.5, -1.0, 0.5, -0.5]})
    >>> journeys = cjm.derive_journeys(said, stage_model=["buy", "use"])
    >>> found = cjm.stage_difficulty(journeys, pd.Series({"a": 9.0, "b": 2.0}))
    >>> found[["stage", "customers", "difficulty"]].values.tolist()
    [['buy', 2, 1.0], ['use', 2, 0.5]]
    """
    context = context_of(journeys)
    low = context.provenance["neutral"][0]
    stage = context.voices["touchpoint"].map(context.overall.set_index("touchpoint")["stage"])
    felt = context.voices.assign(stage=stage, bad=context.voices["score"].lt(low).astype(float))
    signs = {"negative": felt.groupby(["customer", "stage"])["bad"].mean()}
    rows = context.scored
    if "cues" in rows and "text" in rows:
        said = rows[rows["text"].notna() & rows["customer_id"].notna() & rows["stage"].notna()]
        hard = said["cues"].fillna("").astype(str).str.split("|").map(lambda cues: float("effort" in cues))
        signs["effort"] = hard.groupby([said["customer_id"].astype(str), said["stage"]]).max()
    steps = list_steps(context)
    if len(steps):
        again = (steps["back"] | steps["repeat"]).astype(float)
        signs["rework"] = again.groupby([steps["customer"], steps["stage"]]).mean()
    table = pd.concat([part.rename(name).rename_axis(["customer", "stage"]) for name, part in signs.items()], axis=1)
    table = table.reindex(columns=["negative", "effort", "rework"]).reset_index()
    if segment is not None:
        home = context.members.set_index("customer_id")["segment"]
        table = table[table["customer"].map(home).eq(segment)]
    if table.empty:
        raise CjmError(
            "nothing is known of any stage", where="stage_difficulty", remedy="Pass journeys with answers or events."
        )
    table["difficulty"] = table[["negative", "effort", "rework"]].mean(axis=1)
    table["outcome"] = table["customer"].map(pick_outcome(outcomes).values)
    order = {name: i for i, name in enumerate(dict.fromkeys(context.overall.sort_values("position")["stage"]))}
    found = [(name, part["customer"].nunique(), *part[["difficulty", "negative", "effort", "rework"]].mean(), *_together(part))
             for name, part in table.groupby("stage")]  # fmt: skip
    result = pd.DataFrame(found, columns=_COLUMNS).assign(place=lambda t: t["stage"].map(order))
    result = result.sort_values(["difficulty", "place"], ascending=[False, True], kind="stable")
    return result[_COLUMNS].reset_index(drop=True)


def _together(part: pd.DataFrame) -> tuple[float, float, float, int]:
    """Return Spearman's correlation of difficulty and outcome with its interval."""
    both = part[["difficulty", "outcome"]].dropna()
    n = len(both)
    if n < LEAST or both.nunique().min() < 2:
        return np.nan, np.nan, np.nan, n
    r = float(both["difficulty"].rank().corr(both["outcome"].rank()))
    half = 1.96 * np.sqrt((1 + r * r / 2) / (n - 3))  # Bonett and Wright 2000
    middle = np.arctanh(np.clip(r, -0.999999, 0.999999))
    return r, float(np.tanh(middle - half)), float(np.tanh(middle + half)), n
