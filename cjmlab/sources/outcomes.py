"""Outcomes: what it led to, one row a customer and outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.sources.report import Reading
from cjmlab.sources.scales import Scale
from cjmlab.sources.survey import Question, SurveyColumns, read_survey


def read_outcomes(
    path: str | Path,
    scales: Mapping[str, Scale],
    *,
    customer_id: str = "customer_id",
    name: str | None = None,
    wave: str | None = None,
    wave_column: str | None = None,
    rename: Callable[[str], str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Reading:
    """Read a file of outcomes, one row a customer with a column for each outcome.

    Parameters
    ----------
    path : str or Path
        Any file that ``read_table`` reads.
    scales : mapping
        Column → scale. The column's name is the outcome's.
    customer_id : str
        The column that identifies a customer.
    name, wave, wave_column, rename, options
        As in ``read_survey``.

    Returns
    -------
    Reading
        ``table`` has ``customer_id``, ``outcome``, ``value`` (larger is better), ``scale`` and ``wave``.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "crm.csv"
    >>> pd.DataFrame({"client": ["a", "b"], "nps": [9, 3], "effort": [1, 7]}).to_csv(path, index=False)
    >>> reading = read_outcomes(path, {"nps": Scale.of("nps"), "effort": Scale.of("7-1")}, customer_id="client")
    >>> reading.table[["customer_id", "outcome", "value"]].values.tolist()
    [['a', 'nps', 9.0], ['b', 'nps', 3.0], ['a', 'effort', 7.0], ['b', 'effort', 1.0]]
    """
    questions = [Question(column, "outcome", scale, outcome=column) for column, scale in scales.items()]
    columns = SurveyColumns(customer_id=customer_id, wave=wave_column)
    reading = read_survey(path, questions, name=name, columns=columns, wave=wave, rename=rename, options=options)
    return Reading(reading.outcomes, reading.report, reading.lines, pd.DataFrame())
