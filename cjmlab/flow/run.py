"""A run: what a walk through a study leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from cjmlab.study.charter import Study

if TYPE_CHECKING:
    from cjmlab.segments import Segmentation

STEPS = ("study", "segments", "scored", "journeys", "moments")
"""The steps of a run in order; each is named after what it leaves."""


@dataclass(frozen=True)
class Origin:
    """Where a run comes from.

    Parameters
    ----------
    n_segments, random_state
        As given to ``run_study``.
    files : mapping
        Fingerprint of every file of the study's folder when it was read; empty when the study was passed in.
    keys : mapping
        Step → fingerprint of what went into it.
    by_hand : tuple of str
        Steps whose result was put in by hand (``StudyRun.revise``).
    kept : tuple of str
        Steps that were taken from a saved run.
    folder : Path, optional
        The folder of the saved run.
    """

    n_segments: int | str = "auto"
    random_state: int = 0
    files: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    by_hand: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    folder: Path | None = None

    def __str__(self) -> str:
        """Say which steps were taken from a saved run and which were computed."""
        if self.folder is None:
            said = ""
        elif self.kept == STEPS:
            said = f"opened from {self.folder}"
        else:
            new = [step for step in STEPS if step not in self.kept]
            said = f"{', '.join(self.kept)} kept from {self.folder}; " if self.kept else ""
            said += f"{', '.join(new)} computed" + ("" if self.kept else f" and saved in {self.folder}")
        hand = f"{', '.join(self.by_hand)} by hand" if self.by_hand else ""
        return "; ".join(part for part in (said, hand) if part)


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
    origin : Origin
        Settings, fingerprints, and which steps were taken from a saved run.

    Examples
    --------
    >>> from cjmlab.flow import run_study
    >>> from cjmlab.study.world import planted_world
    >>> run = run_study(planted_world(touchpoints=5, customers=60).study(), n_segments=2)
    >>> run
    <StudyRun 'Planted world 0': 2 segments, 10 journey cells>
    >>> renamed = run.revise(segments=run.segments.named({run.segments.names[0]: "Early birds"}))
    >>> "Early birds" in set(renamed.journeys["segment"]), renamed.version == run.version
    (True, False)
    """

    study: Study
    segments: Segmentation | None
    scored: pd.DataFrame
    journeys: pd.DataFrame
    moments: pd.DataFrame
    origin: Origin = field(default_factory=Origin)

    @cached_property
    def version(self) -> str:
        """Sixteen hex digits made of what went in: data, vocabulary, settings, and what was put in by hand.

        The same in every run of the same study with the same settings, wherever its folder lies; another one as soon
        as a row, a label or a setting differs.
        """
        from cjmlab.flow.fingerprints import bare_study, fingerprint

        chosen = self.origin.by_hand if self.origin.keys else STEPS[1:3]  # without keys nobody knows how they were made
        by_hand = {step: getattr(self, step) for step in chosen}
        settings = (self.origin.n_segments, self.origin.random_state)
        return fingerprint(bare_study(self.study), settings, by_hand)[:16]

    def revise(self, *, segments: Segmentation | None = None, scored: pd.DataFrame | None = None) -> StudyRun:
        """Return the run with segments or scores of your own, and the journeys and moments that follow from them.

        Parameters
        ----------
        segments : Segmentation, optional
            Renamed (``run.segments.named``), given (``Segmentation.from_column``) or of another model.
        scored : DataFrame, optional
            Feedback that was coded or scored in another way, such as by people.

        Returns
        -------
        StudyRun
            The same run when what is given holds nothing new. ``run_study(…, keep=…)`` keeps what was put in by hand for as long as
            what it was made of stays the same.
        """
        from cjmlab.flow.fingerprints import fingerprint
        from cjmlab.flow.walk import derive_rest

        new = {"segments": segments, "scored": scored}
        own = [
            step
            for step, value in new.items()
            if value is not None
            and value is not getattr(self, step)
            and fingerprint(value) != fingerprint(getattr(self, step))
        ]
        if not own:
            return self
        by_hand = tuple(step for step in STEPS if step in own or step in self.origin.by_hand)
        origin = replace(self.origin, by_hand=by_hand, kept=(), folder=None)
        chosen = segments if "segments" in own else self.segments
        coded = scored if scored is not None and "scored" in own else self.scored
        return derive_rest(replace(self, segments=chosen, scored=coded, origin=origin))

    def save(self, folder: str | Path) -> Path:
        """Save the run in a folder, whole or not at all, and return the folder; see ``save_run``."""
        from cjmlab.flow.saved import save_run

        return save_run(self, folder)

    def __repr__(self) -> str:
        segments = self.segments.n_segments if self.segments is not None else 0
        several = "segment" if segments == 1 else "segments"
        said = f"<StudyRun {str(self.study.charter.title)!r}: {segments} {several}, {len(self.journeys)} journey cells"
        origin = str(self.origin)
        return f"{said}; {origin}>" if origin else f"{said}>"
