"""The whole walk on one page: from a study folder to journeys and what matters in them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.errors import TableError
from cjmlab.study.charter import Study

if TYPE_CHECKING:
    from cjmlab.segments import Segmentation


@dataclass(frozen=True, eq=False)
class StudyRun:
    """What a walk through a study leaves: the study, its segments, and the tables on the way.

    Parameters
    ----------
    study : Study
        The study as loaded, with its report.
    segments : Segmentation or None
        None when nothing is known of the customers that could form segments.
    scored, journeys, moments : DataFrame
        See ``cjmlab.tables.SCHEMAS``.
    """

    study: Study
    segments: Segmentation | None
    scored: pd.DataFrame
    journeys: pd.DataFrame
    moments: pd.DataFrame

    def __repr__(self) -> str:
        segments = self.segments.n_segments if self.segments is not None else 0
        return f"<StudyRun {str(self.study.charter.title)!r}: {segments} segments, {len(self.journeys)} journey cells>"


def run_study(
    path: str | Path | Study, *, n_segments: int | str = "auto", random_state: int = 0, progress: bool = False
) -> StudyRun:
    """Run the whole line on a study: load, segment, code, score, derive, rank.

    Parameters
    ----------
    path : str, Path or Study
        The folder of a study, its ``study.toml``, or a study already loaded.
    n_segments : int or "auto"
        Number of segments; "auto" lets the data say, one included.
    random_state : int
        Seed of everything that is drawn.
    progress : bool
        Show a progress bar on standard error.

    Returns
    -------
    StudyRun

    Raises
    ------
    CjmError
        When the study cannot be read: one sentence with the place and the remedy.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> run = cjm.run_study("data/samples/grocer")  # doctest: +SKIP
    >>> cjm.journey_map(run.journeys, run.moments, segment="Weekend planners")  # doctest: +SKIP
    """
    from cjmlab.feedback import code_feedback, score_feedback
    from cjmlab.journeys import derive_journeys
    from cjmlab.moments import rank_moments
    from cjmlab.study import load_study

    with _steps(5, progress) as step:
        step("reading the study")
        study = path if isinstance(path, Study) else load_study(path)
        step("finding segments")
        segments = _segment(study, n_segments, random_state)
        step("coding and scoring feedback")
        scored = study.feedback.pipe(code_feedback, study.codebook).pipe(score_feedback)
        step("deriving journeys")
        journeys = derive_journeys(scored, segments, study)
        step("ranking what matters")
        moments = rank_moments(journeys, study.outcomes)
    return StudyRun(study, segments, scored, journeys, moments)


def _segment(study: Study, n_segments: int | str, random_state: int) -> Segmentation | None:
    from cjmlab.segments import segment_customers

    described = [column for column in study.customers.columns if column != "customer_id"]
    if not len(study.customers) or not described:
        return None
    try:
        return segment_customers(study.customers, n_segments=n_segments, random_state=random_state)
    except TableError as error:
        if n_segments != "auto":
            raise
        warnings.warn(f"No segments: {error} The map shows all customers together.", stacklevel=3)
        return None


@contextmanager
def _steps(total: int, shown: bool) -> Iterator[Callable[[str], Any]]:
    from tqdm import tqdm

    with tqdm(
        total=total, disable=not shown, bar_format="{desc:<32} {bar} {n}/{total} · {elapsed}", leave=False
    ) as bar:
        started = False

        def step(name: str) -> None:
            nonlocal started
            if started:
                bar.update()
            started = True
            bar.set_description_str(name)

        yield step
        bar.update()
