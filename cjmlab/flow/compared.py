"""Two runs compared: what changed on the map since the last version."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cjmlab.flow.run import StudyRun
from cjmlab.tables import Table


def compare_runs(before: StudyRun, after: StudyRun, *, changed: bool = True) -> pd.DataFrame:
    """Say what changed from one version of a map to the next, touchpoint by touchpoint.

    Both runs are read in the segments of the earlier one, so that a change is one of experience, not of who is counted
    where: its customers keep their segment, new ones are typed by it. Whoever answered in both enters as a pair.

    Parameters
    ----------
    before, after : StudyRun
        Two runs, fresh or opened.
    changed : bool
        Only the cells that changed; False lists all, with what could have been detected.

    Returns
    -------
    Table
        As from ``compare_waves``. ``verdict`` is also ``new`` or ``gone`` where only one of the runs has answers.
        Runs of the same data have no changes. ``about`` holds the ``version`` of each run.

    Raises
    ------
    CjmError
        When new customers have none of the columns that formed the earlier segments.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from cjmlab.flow import run_study
    >>> from cjmlab.study.world import planted_world
    >>> study = planted_world(touchpoints=4, customers=60, waves=1, text=False).study()
    >>> study = replace(study, customers=study.customers[["customer_id"]])
    >>> rated = study.feedback["touchpoint"].eq("referral") & study.feedback["rating"].notna()
    >>> worse = replace(study, feedback=study.feedback.assign(rating=study.feedback["rating"].mask(rated, -1.0)))
    >>> first, second = run_study(study), run_study(worse)
    >>> compare_runs(first, first).empty, compare_runs(first, second)[["touchpoint", "verdict"]].values.tolist()
    (True, [['referral', 'worse']])
    """
    from cjmlab.journeys import derive_journeys
    from cjmlab.moments import compare_waves

    rows = pd.concat([_as_wave(before, after, "before"), _as_wave(after, after, "after")], ignore_index=True)
    journeys = derive_journeys(rows, _members(before, after), after.study, resamples=0)
    found = compare_waves(journeys, "before", "after")
    alone = [found["n_before"].eq(0) & found["n_after"].gt(0), found["n_after"].eq(0) & found["n_before"].gt(0)]
    found = found.assign(verdict=np.select(alone, ["new", "gone"], found["verdict"]))
    if changed:
        found = found[found["verdict"].isin(["better", "worse", "new", "gone"])].reset_index(drop=True)
    return Table.of(found, {"before": before.version, "after": after.version})


def _as_wave(run: StudyRun, after: StudyRun, wave: str) -> pd.DataFrame:
    """Return the scored rows of a run as one wave; each touchpoint lies in the stage where the later study has it."""
    stages = {point.id: point.stage for point in after.study.touchpoints}
    rows = run.scored
    known = rows["stage"].where(rows["stage"].isin(after.study.stage_model.ids), None)
    stage = rows["touchpoint"].map(stages).astype(object)
    return rows.assign(
        wave=wave, unit_id=wave + ":" + rows["unit_id"].astype(str), stage=stage.where(stage.notna(), known)
    )


def _members(before: StudyRun, after: StudyRun) -> object:
    """Return the earlier segments with the later run's new customers typed by them; None where there are none."""
    if before.segments is None or after.segments is None:
        return None
    members, customers = before.segments.members, after.study.customers
    new = customers[~customers["customer_id"].astype(str).isin(members["customer_id"])]
    return pd.concat([members, before.segments.predict(new)], ignore_index=True) if len(new) else before.segments
