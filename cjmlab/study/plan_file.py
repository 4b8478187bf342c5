"""The plans of the sample studies, read from their files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from cjmlab.errors import StudyError, did_you_mean
from cjmlab.study.plan import Change, Item, Nominal, Number, SegmentPlan, WorldPlan
from cjmlab.vocabulary import Label, stage_model, touchpoints


def list_plans() -> list[str]:
    """Return the names of the samples that ship with a plan.

    Examples
    --------
    >>> "grocer" in list_plans()
    True
    """
    return sorted(file.name.removesuffix(".toml") for file in _plans().iterdir() if file.name.endswith(".toml"))


def read_plan(name: str) -> WorldPlan:
    """Read the plan of a sample.

    Raises
    ------
    StudyError
        When there is no sample of that name.
    """
    if name not in list_plans():
        raise StudyError(f"{name!r} is not a sample study", remedy=did_you_mean(name, list_plans()))
    raw = tomllib.loads((_plans() / f"{name}.toml").read_text("utf-8"))
    model = stage_model(raw["stage_model"])
    own = tuple(raw.get("own_touchpoints", ()))
    points = touchpoints([*raw["touchpoints"], *own], model)
    return WorldPlan(
        name=name,
        title=Label.of(raw["title"]),
        model=model,
        touchpoints=points,
        segments=tuple(_segment(entry, [point.id for point in points]) for entry in raw["segments"]),
        items=tuple(
            Item(e["name"], Label.of(e["label"]), e.get("construct"), e.get("reverse", False)) for e in raw["items"]
        ),
        numbers=tuple(
            Number(e["name"], Label.of(e["label"]), e["median"], e["spread"], e.get("decimals", 0))
            for e in raw["numbers"]
        ),
        nominals=tuple(_nominal(entry) for entry in raw["nominals"]),
        waves=tuple(raw["waves"]),
        changes=tuple(Change(**entry) for entry in raw["changes"]),
        scales={point: tuple(scale) for point, scale in raw["scales"].items()},
        expected=tuple(raw["expected"]),
        languages=raw["languages"],
        pack=raw.get("pack", name),
        headers=raw["headers"],
        charter=raw["charter"],
        own_touchpoints=own,
        codes=tuple(raw.get("codes", ())),
        event_names=raw.get("event_names", {}),
        closings=raw.get("closings", {}),
        goods=tuple(raw["goods"]),
        staff={point: tuple(names) for point, names in raw.get("staff", {}).items()},
        **raw.get("settings", {}),
    )


def _plans() -> Any:
    return resources.files("cjmlab.study") / "data" / "plans"


def _nominal(entry: Mapping[str, Any]) -> Nominal:
    values = tuple((str(value["value"]), Label.of(value.get("label", value["value"]))) for value in entry["values"])
    return Nominal(entry["name"], Label.of(entry["label"]), values, entry.get("passive", False))


def _segment(entry: Mapping[str, Any], points: list[str]) -> SegmentPlan:
    cells = {point: entry["touchpoints"][point] for point in points}
    return SegmentPlan(
        id=entry["id"],
        label=Label.of(entry["label"]),
        goal=Label.of(entry["goal"]),
        trait=tuple(entry["trait"]),
        mix=tuple(entry["mix"]),
        attitudes=tuple(entry["attitudes"]),
        numbers=tuple(entry["numbers"]),
        nominals={column: tuple(shares) for column, shares in entry["nominals"].items()},
        experience={point: float(cell[0]) for point, cell in cells.items()},
        use={point: float(cell[1]) for point, cell in cells.items()},
        gap={point: float(gap) for point, gap in entry.get("gap", {}).items()},
        survival=tuple(entry["survival"]),
        moments=tuple(entry["moments"]),
        returns=entry.get("returns", 0.35),
        repeats=entry.get("repeats", 0.3),
        blocked=entry.get("blocked", {}),
        level=entry.get("level", 7.0),
        resolution=entry.get("resolution", 24.0),
        must_be=entry.get("must_be", ""),
        delighter=entry.get("delighter", ""),
        polarised=entry.get("polarised", ""),
    )
