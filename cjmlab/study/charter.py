"""The charter: what a study asks, of whom, and for what purpose; and the study that carries it with its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from cjmlab.errors import VocabularyError, did_you_mean
from cjmlab.tables import HUMAN_CODES
from cjmlab.vocabulary import Codebook, Label, StageModel, Touchpoint

MAP_KINDS = ("current", "future", "day_in_life")


@dataclass(frozen=True)
class Charter:
    """What the study asks.

    Parameters
    ----------
    title : Label
        Name of the study.
    goal : Label or None
        What the customer wants, in the customer's words; it stands in the header of every map.
    segment_scope, scenario, kpi : Label or str
        Whom it covers, in which situation, and the figure that it should move.
    map_kind : str
        ``current``, ``future`` or ``day_in_life``.
    languages : tuple of str
        Languages of the data; the first is the language of names in tables.
    owners : mapping
        Function in the company → person or team.
    """

    title: Label
    goal: Label | None = None
    segment_scope: Label | str = ""
    scenario: Label | str = ""
    map_kind: str = "current"
    kpi: Label | str = ""
    languages: tuple[str, ...] = ("en",)
    owners: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnRoles:
    """What the columns of a customer table are for (``about`` of ``study.customers``).

    Parameters
    ----------
    active : tuple of str
        Columns that may form segments. Empty: every usable column that is not passive.
    passive : tuple of str
        Columns that only describe segments.
    batteries : mapping
        Name → columns of one attitude battery, the only columns that may be row-centred.
    nominal, ordinal, numeric : tuple of str
        Declared kinds; what is not declared is inferred and said.
    labels : mapping
        Column → its name in several languages.
    values : mapping
        Column → value → its name in several languages.
    names : tuple
        Segment names given by a trait: ``(column, value or "high"/"low", Label)``. The segment in which that trait is
        most over-represented takes the name.
    goals : mapping
        Segment name → the customer's goal.
    language : str
        Language of names in tables.
    """

    active: tuple[str, ...] = ()
    passive: tuple[str, ...] = ()
    batteries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    nominal: tuple[str, ...] = ()
    ordinal: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    labels: Mapping[str, Label] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Label]] = field(default_factory=dict)
    names: tuple[tuple[str, str, Label], ...] = ()
    goals: Mapping[str, Label] = field(default_factory=dict)
    language: str = "en"


@dataclass(frozen=True, eq=False)
class Study:
    """A study: its charter, its vocabulary and its tables.

    Tables that the study does not have are empty frames with the right columns, never None.

    Parameters
    ----------
    folder : Path
        Where ``study.toml`` stands.
    charter, stage_model, touchpoints, codebook
        See the classes.
    customers, feedback, events, outcomes : DataFrame
        See ``cjmlab.tables.SCHEMAS``. ``customers`` is a ``Table`` whose ``about`` is a ``ColumnRoles``.
    report : DataFrame
        One row a finding of loading: ``source``, ``where``, ``finding``, ``count``, ``example``, ``remedy``.
    people : tuple of str
        Names of people in the files (the customer table's, a survey's, who speaks in interviews): masked in what leaves.
    human_codes : DataFrame
        What people coded, from the file that ``[human_codes]`` names: the coder learns from it, and it wins.
    """

    folder: Path
    charter: Charter
    stage_model: StageModel
    touchpoints: tuple[Touchpoint, ...]
    codebook: Codebook
    customers: pd.DataFrame
    feedback: pd.DataFrame
    events: pd.DataFrame
    outcomes: pd.DataFrame
    report: pd.DataFrame
    people: tuple[str, ...] = ()
    human_codes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(HUMAN_CODES)))

    def touchpoint(self, identity: str) -> Touchpoint:
        """Return a touchpoint by id or by label in any language."""
        for candidate in self.touchpoints:
            if candidate.matches(identity):
                return candidate
        raise VocabularyError(
            f"{identity!r} is not a touchpoint of the study",
            remedy=did_you_mean(identity, [point.id for point in self.touchpoints]),
        )

    def __repr__(self) -> str:
        return (
            f"<Study {str(self.charter.title)!r}: {len(self.customers)} customers, {len(self.feedback)} feedback rows, "
            f"{len(self.events)} events, {len(self.outcomes)} outcomes, {len(self.stage_model)} stages, "
            f"{len(self.touchpoints)} touchpoints>"
        )
