"""Customers whose answers deserve a second look: straightliners and speeders. They are flagged and kept."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.segments.reading import read_numbers
from cjmlab.study.charter import ColumnRoles

FEWEST_ITEMS = 8
FAST = 1 / 3


def flag_respondents(customers: pd.DataFrame, roles: ColumnRoles, duration: str | None = None) -> pd.DataFrame:
    """Flag customers who answer every item of a declared battery alike, or too fast.

    Parameters
    ----------
    customers : DataFrame
        One row a customer.
    roles : ColumnRoles
        Its batteries of eight items or more are looked at; five answers at least.
    duration : str, optional
        Column with the answering time; under a third of the median is a speeder.

    Returns
    -------
    DataFrame
        customer_id, straightliner, speeder.

    Examples
    --------
    >>> table = pd.DataFrame({"customer_id": ["a", "b", "c"], "seconds": [300, 20, 280]})
    >>> flag_respondents(table, ColumnRoles(), "seconds")["speeder"].tolist()
    [False, True, False]
    """
    straight = np.zeros(len(customers), dtype=bool)
    for items in roles.batteries.values():
        present = [item for item in items if item in customers.columns]
        if len(present) < FEWEST_ITEMS:
            continue
        answers = np.column_stack([read_numbers(customers[item]) for item in present])
        known = np.isfinite(answers).sum(axis=1) >= 5
        high = np.where(np.isfinite(answers), answers, -np.inf).max(axis=1)
        low = np.where(np.isfinite(answers), answers, np.inf).min(axis=1)
        straight |= known & (high == low)
    fast = np.zeros(len(customers), dtype=bool)
    if duration is not None:
        if duration not in customers.columns:
            raise TableError(f"{duration!r} is not a column of the customer table", where="duration",
                             remedy=did_you_mean(duration, map(str, customers.columns)))  # fmt: skip
        seconds = read_numbers(customers[duration])
        if np.isfinite(seconds).any():
            fast = np.nan_to_num(seconds, nan=np.inf) < FAST * np.nanmedian(seconds)
    return pd.DataFrame(
        {"customer_id": customers["customer_id"].astype(str).to_numpy(), "straightliner": straight, "speeder": fast}
    )
