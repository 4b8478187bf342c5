"""Shares of codes that people can defend: machine codes corrected by a random human audit; and when to stop asking."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.feedback.human_codes import align_codes, drawn_at_random, feedback_of
from cjmlab.tables import need_columns

ENOUGH = 50
"""Fewest random human codes that make a share audited."""

_Z = 1.959964


def draw_audit(coded: pd.DataFrame, *, size: int = 100, seed: int = 0) -> pd.DataFrame:
    """Draw a random audit: clauses for people to code without seeing the machine's code.

    Only a random sample can correct shares; the most uncertain clauses (see ``review_table``) cannot.

    Parameters
    ----------
    coded : DataFrame
        Schema ``coded``.
    size : int
        How many clauses.
    seed : int
        Of the draw; the same clauses come back on any order of rows.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit_id": ["a#0", "b#0", "c#0"], "text": ["x", "y", "z"]})
    >>> draw_audit(frame, size=2).columns.tolist()
    ['unit_id', 'text', 'touchpoint', 'random']
    """
    need_columns("coded", coded, "text", "unit_id")
    clauses = coded.dropna(subset=["text"]).drop_duplicates("unit_id").sort_values("unit_id")
    rng = np.random.default_rng(seed)
    places = np.sort(rng.permutation(len(clauses))[:size])
    drawn = pd.DataFrame(clauses.iloc[places][["unit_id", "text"]]).reset_index(drop=True)
    return drawn.assign(touchpoint=pd.array([None] * len(drawn), dtype="str"), random=True)


def code_shares(coded: pd.DataFrame, audit: pd.DataFrame | None = None, *, code: str = "touchpoint") -> pd.DataFrame:
    """Return the share of clauses that speak of each code, corrected by people where an audit exists.

    Prediction-powered inference: the machine's share over all clauses plus the mean of (human − machine) over the
    audited ones (Angelopoulos and others 2023, "Prediction-powered inference"). With fewer than fifty random human
    codes the share is the machine's and is labelled "unaudited". Where codes of people have been put over the machine's
    (``apply_codes``) an audit is compared with what the machine had said. An audit that the coder has learned from
    corrects too little; ``code_feedback(…, human=…)`` keeps one of fifty clauses and more out of the learning.

    Parameters
    ----------
    coded : DataFrame
        Schema ``coded``.
    audit : DataFrame, optional
        Human codes: ``unit_id``, the code column, and ``random`` (True where the clause was drawn at random; other rows
        are left out). A missing code means that the person found none.
    code : str
        Column that is shared out.

    Returns
    -------
    DataFrame
        ``code``, ``share``, ``low``, ``high`` (95 %), ``machine_share``, ``n``, ``audited``, ``status``; sorted by share.

    Raises
    ------
    TableError
        When the audit speaks of clauses that are not in ``coded``.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit_id": ["a#0", "b#0"], "text": ["x", "y"], "touchpoint": ["cart", None]})
    >>> code_shares(frame)[["code", "share", "status"]].values.tolist()
    [['cart', 0.5, 'unaudited']]
    """
    need_columns("coded", coded, "text", "touchpoint")
    clauses = coded.dropna(subset=["text"])
    human = _human(audit, clauses, code)
    machine = _marks(_by_machine(clauses) if code == "touchpoint" and len(human) >= ENOUGH else clauses, code)
    codes = sorted(set(machine.columns) | set(human.columns))
    rows = []
    for name in codes:
        f = machine.get(name, pd.Series(0.0, index=machine.index))
        n, share = len(f), float(f.mean())
        variance, status, audited = share * (1 - share) / max(n, 1), "unaudited", len(human)
        if audited >= ENOUGH:
            y = human.get(name, pd.Series(0.0, index=human.index))
            gap = y - f.loc[human.index]
            share += float(gap.mean())
            variance = float(f.var(ddof=1)) / n + float(gap.var(ddof=1)) / audited
            status = "audited"
        margin = _Z * np.sqrt(variance)
        rows.append((name, share, share - margin, share + margin, float(f.mean()), n, audited, status))
    columns = ["code", "share", "low", "high", "machine_share", "n", "audited", "status"]
    table = pd.DataFrame(rows, columns=columns)
    for name in ("share", "low", "high"):
        table[name] = table[name].clip(0, 1).round(6)
    return table.sort_values(["share", "code"], ascending=[False, True], ignore_index=True)


def _by_machine(clauses: pd.DataFrame) -> pd.DataFrame:
    """Return the clauses with what the machine had said of those that people coded."""
    if "machine_touchpoint" not in clauses or "coder" not in clauses:
        return clauses
    people = clauses["coder"].fillna("") == "human"
    said = clauses["touchpoint"].astype(object).where(~people, clauses["machine_touchpoint"].str.split("|"))
    return clauses.assign(touchpoint=said).explode("touchpoint")


def _marks(frame: pd.DataFrame, code: str) -> pd.DataFrame:
    """Return one row a unit and one column a code: 1 where the unit has the code."""
    units = pd.Index(sorted(frame["unit_id"].unique()), name="unit_id")
    said = frame.dropna(subset=[code]).drop_duplicates(["unit_id", code])
    if said.empty:
        return pd.DataFrame(index=units)
    return pd.crosstab(said["unit_id"], said[code]).reindex(units, fill_value=0).astype(float)


def _human(audit: pd.DataFrame | None, clauses: pd.DataFrame, code: str) -> pd.DataFrame:
    if audit is None:
        return pd.DataFrame()
    for name in ("unit_id", code, "random"):
        if name not in audit.columns:
            raise TableError(f"the column {name!r} is missing", where="audit", remedy=did_you_mean(name, audit.columns))
    drawn = audit[drawn_at_random(audit)]
    texts = set(feedback_of(clauses["unit_id"]))
    unknown = ~drawn["unit_id"].isin(clauses["unit_id"]) & ~pd.Series(feedback_of(drawn["unit_id"]), drawn.index).isin(
        texts
    )
    if unknown.any():
        raise TableError(
            f"{int(unknown.sum())} of {len(drawn)} audited clauses are not among the coded ones",
            where="audit, column 'unit_id'",
            example=repr(drawn.loc[unknown, "unit_id"].iloc[0]),
            remedy="Audit the clauses of this coding: see draw_audit.",
        )
    return _marks(align_codes(clauses, drawn) if code == "touchpoint" else drawn, code)


def saturation(
    coded: pd.DataFrame, *, by: str = "document", code: str = "touchpoint", orders: int = 200, seed: int = 0
) -> pd.DataFrame:
    """Return how many new codes each further interview brings (Guest, Bunce and Johnson 2006).

    The order of interviews is arbitrary, so the curve is the mean over random orders.

    Parameters
    ----------
    coded : DataFrame
        Schema ``coded``.
    by : str
        What counts as one interview: ``document``, or ``customer_id`` for survey answers.
    code : str
        Column whose values are counted.
    orders : int
        Random orders.
    seed : int
        Of the orders.

    Returns
    -------
    DataFrame
        ``interviews``, ``codes`` (mean number of different codes so far), ``low``, ``high`` (95 % of orders), ``new``
        (mean number that the last one added).

    Examples
    --------
    >>> frame = pd.DataFrame({"document": ["a", "a", "b"], "touchpoint": ["cart", "delivery", "cart"]})
    >>> saturation(frame).codes.round(1).tolist()[-1]
    2.0
    """
    if by not in coded.columns:
        raise TableError(f"the column {by!r} is missing", where="coded", remedy=did_you_mean(by, coded.columns))
    said = coded.dropna(subset=[by, code])
    if said.empty:
        return pd.DataFrame({"interviews": [], "codes": [], "low": [], "high": [], "new": []})
    holds = (pd.crosstab(said[by], said[code]) > 0).sort_index().sort_index(axis=1).to_numpy()
    rng = np.random.default_rng(seed)
    paths = np.stack([np.logical_or.accumulate(holds[rng.permutation(len(holds))]).sum(axis=1) for _ in range(orders)])
    mean = paths.mean(axis=0)
    low, high = np.quantile(paths, [0.025, 0.975], axis=0)
    return pd.DataFrame(
        {
            "interviews": np.arange(1, len(mean) + 1),
            "codes": mean,
            "low": low,
            "high": high,
            "new": np.diff(mean, prepend=0),
        }
    )
