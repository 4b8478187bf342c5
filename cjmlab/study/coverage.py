"""Coverage: which source speaks of which stage, and how it joins with the customers."""

from __future__ import annotations

import pandas as pd

from cjmlab.sources.report import Report
from cjmlab.study.charter import Study
from cjmlab.tables import about

NO_STAGE = "no stage"
_EXTERNAL = {"review"}


def cover_stages(study: Study) -> pd.DataFrame:
    """Count the rows of each source at each stage, and account for the rows of its file.

    Parameters
    ----------
    study : Study
        As loaded.

    Returns
    -------
    DataFrame
        One row a source: ``source``, ``source_type``, ``origin`` (``external`` for public reviews, else
        ``internal``), ``rows_in_file`` = ``rows_loaded`` + ``rows_rejected``, ``rows`` (answers, utterances or events
        made of them) = the sum over the stages and ``no stage``, ``outcomes`` (answers to outcome questions, which
        stand in their own table), ``customers``, ``joined`` (rows of known customers) and ``anonymous`` (rows that
        join on stage or touchpoint only).

    Examples
    --------
    >>> import cjmlab as cjm
    >>> study = cjm.planted_world(seed=1, customers=20, segments=2, text=False).study()
    >>> cjm.cover_stages(study)[["source", "rows", "customers"]].values.tolist()
    [['survey wave 1', 165, 11], ['survey wave 2', 149, 11], ['events', 227, 20]]
    """
    reports: dict[str, Report] = about(study.report) or {}
    stages = [*study.stage_model.ids, NO_STAGE]
    known = set(study.customers["customer_id"])
    tables = {"feedback": study.feedback, "events": study.events.assign(source_type="event")}
    rows = []
    for table in tables.values():
        for source, part in table.groupby("source", sort=False):
            counts = part["stage"].fillna(NO_STAGE).value_counts()
            kind = str(part["source_type"].iloc[0])
            rows.append({
                "source": source, "source_type": kind, "origin": "external" if kind in _EXTERNAL else "internal",
                **_account(reports.get(str(source)), len(part)), "rows": len(part),
                **{stage: int(counts.get(stage, 0)) for stage in stages},
                "outcomes": _outcomes(reports.get(str(source)), study, str(source)),
                "customers": int(part["customer_id"].nunique()),
                "joined": int(part["customer_id"].isin(known).sum()),
                "anonymous": int(part["customer_id"].isna().sum()),
            })  # fmt: skip
    front = ["source", "source_type", "origin", "rows_in_file", "rows_loaded", "rows_rejected", "rows"]
    columns = [*front, *stages, "outcomes", "customers", "joined", "anonymous"]
    return pd.DataFrame(rows, columns=columns)


def _account(report: Report | None, count: int) -> dict[str, int]:
    if report is None:
        return {"rows_in_file": count, "rows_loaded": count, "rows_rejected": 0}
    return {
        "rows_in_file": report.rows_in_file,
        "rows_loaded": report.rows_loaded,
        "rows_rejected": len(report.rejected),
    }


def _outcomes(report: Report | None, study: Study, source: str) -> int:
    outcomes = study.outcomes
    return int((outcomes["source"] == source).sum()) if report is not None and "source" in outcomes else 0
