"""Times: every spelling of an instant becomes one instant in UTC."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cjmlab.sources.report import Finding, shorten


def read_times(values: pd.Series, where: str, lines: Sequence[int]) -> tuple[pd.Series, list[Finding]]:
    """Return times in UTC, and a finding for the values that are not times.

    Parameters
    ----------
    values : Series of str
        Times as written.
    where : str
        File and column for messages.
    lines : sequence of int
        Line of each value in the file.

    Examples
    --------
    >>> times, findings = read_times(pd.Series(["2026-01-02T03:04:05+08:00", "soon"]), "a.csv", [2, 3])
    >>> str(times[0]), findings[0].example
    ('2026-01-01 19:04:05+00:00', "line 3, 'soon'")
    """
    times = pd.to_datetime(values, errors="coerce", utc=True, format="mixed")
    bad = [i for i, lost in enumerate(times.isna() & values.notna()) if lost]
    if not bad:
        return times, []
    example = f"line {lines[bad[0]]}, {shorten(values.iloc[bad[0]])!r}"
    source = where.split(",")[0]
    return times, [Finding(source, where, "not a time", len(bad), example, "Write times as 2026-01-31 09:30.")]
