"""Diaries of a planted world: a day from midnight to midnight, with the moments where the company comes in."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import StudyError, did_you_mean
from cjmlab.study.world import World
from cjmlab.vocabulary import Label

COLUMNS = ("customer_id", "date", "start", "end", "activity", "place", "touchpoint", "need", "mood", "language")


@dataclass(frozen=True)
class Activity:
    """Something people do on an ordinary day, some only on some days; a ``need`` without ``touchpoint`` is white space."""

    id: str
    label: Label
    start: float
    hours: float
    place: str
    mood: float
    touchpoint: str = ""
    need: Label | None = None
    optional: bool = False


def list_days() -> list[str]:
    """Return the domains whose ordinary day is written down.

    Examples
    --------
    >>> list_days()
    ['grocer']
    """
    return sorted(file.name.removesuffix(".toml") for file in _days().iterdir() if file.name.endswith(".toml"))


def read_day(domain: str) -> tuple[Activity, ...]:
    """Read the ordinary day of a domain, in the order of the clock.

    Raises
    ------
    StudyError
        When nobody wrote it down.
    """
    if domain not in list_days():
        raise StudyError(f"there is no day of {domain!r}", remedy=did_you_mean(domain, list_days()))
    raw = tomllib.loads((_days() / f"{domain}.toml").read_text("utf-8"))
    return tuple(
        Activity(
            **{
                **entry,
                "label": Label.of(entry["label"]),
                "need": Label.of(entry["need"]) if "need" in entry else None,
            }
        )
        for entry in raw["activities"]
    )


def white_space(day: tuple[Activity, ...]) -> list[str]:
    """Return the activities in which people need something and meet nobody.

    Examples
    --------
    >>> white_space(read_day("grocer"))
    ['lunch', 'work_afternoon', 'cook']
    """
    return [each.id for each in day if each.need and not each.touchpoint]


def keep_diaries(world: World, *, diarists: int = 20, days: int = 1, seed: int = 0) -> pd.DataFrame:
    """Let customers of a world keep a diary.

    Parameters
    ----------
    world : World
        The world; its plan's phrases name the domain of the day, and its touchpoints are those that are met.
    diarists : int
        How many customers write.
    days : int
        How many days each.
    seed : int
        The same seed gives the same diaries.

    Returns
    -------
    DataFrame
        One row an activity: ``start`` and ``end`` as HH:MM in quarters of an hour, each day from 00:00 to 24:00
        without a gap; ``touchpoint`` where the company is met; ``need`` in the customer's language; ``mood`` 1 to 5.

    Examples
    --------
    >>> from cjmlab.study.samples import sample_world
    >>> diary = keep_diaries(sample_world("grocer"), diarists=2)
    >>> diary.start.iloc[0], diary.end.iloc[-1]
    ('00:00', '24:00')
    """
    rng = np.random.default_rng([seed, 12])
    day = read_day(world.plan.pack)
    ids = list(world.truth["segment_of_customer"])
    chosen = sorted(rng.choice(len(ids), size=min(diarists, len(ids)), replace=False).tolist())
    tongue = world.customers.set_index(world.plan.headers["customer_id"])[world.plan.headers["language"]]
    rows: list[dict[str, Any]] = []
    for person in chosen:
        for number in range(days):
            date = (pd.Timestamp("2026-10-12") + pd.Timedelta(days=number)).strftime("%Y-%m-%d")
            base = {"customer_id": ids[person], "date": date, "language": tongue[ids[person]]}
            rows += [{**base, **row} for row in _live(rng, day, world.plan.points, str(tongue[ids[person]]))]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _live(
    rng: np.random.Generator, day: tuple[Activity, ...], points: tuple[str, ...], language: str
) -> list[dict[str, Any]]:
    """Live one day: some activities fall out, the others shift a little, and the clock has no gap."""
    kept = [each for each in day if not each.optional or rng.random() > 0.2]
    shifts = rng.integers(-2, 3, size=len(kept)) / 4
    starts = [0.0]
    for activity, shift in zip(kept[1:], shifts[1:], strict=True):
        starts.append(max(starts[-1] + 0.25, activity.start + float(shift)))
    rows = []
    for activity, start, end in zip(kept, starts, [*starts[1:], 24.0], strict=True):
        met = activity.touchpoint in points and rng.random() < 0.7
        rows.append(
            {
                "start": _clock(start),
                "end": _clock(end),
                "activity": activity.label.text(language),
                "place": activity.place,
                "touchpoint": activity.touchpoint if met else "",
                "need": activity.need.text(language) if activity.need and rng.random() < 0.6 else "",
                "mood": int(np.clip(np.rint(3 + 2 * activity.mood + 0.7 * rng.normal()), 1, 5)),
            }
        )
    return rows


def _clock(hour: float) -> str:
    return f"{int(hour):02d}:{round(hour % 1 * 60):02d}"


def _days() -> Any:
    return resources.files("cjmlab.study") / "data" / "days"
