"""Checking a study: every problem at once, before anything runs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cjmlab.sources.report import Finding, findings_frame
from cjmlab.study.customer_view import review_study
from cjmlab.study.load import build_study, gather_study, list_findings


def check_study(folder: str | Path) -> pd.DataFrame:
    """List everything in a study that a person should look at, with nothing run.

    Parameters
    ----------
    folder : str or Path
        The folder that holds ``study.toml``.

    Returns
    -------
    DataFrame
        One row a finding: ``source``, ``level`` (``error`` keeps the study from loading, ``warning`` wants a look,
        ``note`` is a choice that was made, or a question of ``review_study``), ``where``, ``finding``, ``count``, ``example``, ``remedy``. Errors first.

    Raises
    ------
    StudyError
        When there is no such folder or ``study.toml``, or it is not TOML.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "study.toml").write_text("study.language = 'en'", encoding="utf-8")
    >>> check_study(folder)[["level", "finding", "remedy"]].values.tolist()[0][:2]
    ['error', "the key 'language' is not known"]
    """
    gathered = gather_study(folder)
    errors = [Finding.of_error(error, "study.toml") for error in gathered.problems]
    if errors:
        others = [found for found in list_findings(gathered) if found.level != "error"]
        return findings_frame([*errors, *others])
    study = build_study(gathered)
    report = pd.concat([study.report, review_study(study)], ignore_index=True)
    order = {"error": 0, "warning": 1, "note": 2}
    return report.sort_values("level", key=lambda level: level.map(order), kind="stable").reset_index(drop=True)
