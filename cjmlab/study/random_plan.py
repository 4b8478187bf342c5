"""Plans drawn by chance: as many different planted worlds as there are seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from cjmlab.errors import StudyError, did_you_mean
from cjmlab.study.plan import SEPARATION, Change, Item, Nominal, Number, SegmentPlan, WorldPlan
from cjmlab.vocabulary import Label, StageModel, Touchpoint, language_code, list_touchpoints, touchpoints

KINDS = ("types", "level", "gradient")
DRIVERS = ("planted", "equal", "none")

HEADERS: Mapping[str, str] = {
    "customer_id": "customer_id", "language": "language", "respondent": "customer_id", "submitted": "submitted",
    "survey_language": "language", "experience": "q_{id}", "expectation": "expected_{id}", "recommend": "recommend",
    "comment": "comment", "repurchase": "repurchase",
}  # fmt: skip

_SCALES = ((1, 5), (1, 7), (0, 10))
_NOISE_ITEMS = (10, 11)
_REVERSED = (2, 5, 7, 9)
_CONSTRUCT = (0, 0, 0, 1, 1, 1, 2, 2, 3, 3)
_NUMBERS = (("spend", 900.0, 0.6), ("recency", 20.0, 0.8), ("visits", 9.0, 0.5), ("tenure", 30.0, 0.6))
_NOMINALS: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    ("channel", ("store", "app", "web"), False),
    ("shopping_day", ("weekend", "evening", "daytime"), False),
    ("payment_method", ("card", "wallet", "cash"), False),
    ("city_tier", ("large", "middle", "small"), False),
    ("age_band", ("18-29", "30-44", "45-59", "60+"), True),
    ("household", ("single", "couple", "family"), True),
)


@dataclass(frozen=True)
class Dice:
    """The settings that a random plan is drawn with; see ``planted_world``."""

    segments: int = 4
    overlap: str = "low"
    kind: str = "types"
    drivers: str = "planted"
    waves: int = 2
    changes: int = 2
    mix_shift: bool = True
    languages: tuple[str, ...] = ("en",)
    domain: str = "general"
    asymmetry: bool = False
    polarised: bool = False


def random_plan(
    model: StageModel, points: Sequence[str | Mapping[str, object]] | int, dice: Dice, seed: int
) -> WorldPlan:
    """Draw a plan.

    Parameters
    ----------
    model : StageModel
        Any stage model of a customer.
    points : sequence or int
        Touchpoints (shipped ids or own entries), or how many shipped ones to take evenly along the journey.
    dice : Dice
        The settings.
    seed : int
        The same seed gives the same plan.

    Raises
    ------
    StudyError
        For a setting that is not known or does not fit.
    """
    _check(dice)
    rng = np.random.default_rng([seed, 0])
    entries = _spread(points) if isinstance(points, int) else list(points)
    found = touchpoints(entries, model)
    ids = [point.id for point in found]
    segments = _segments(rng, model, found, dice)
    waves = tuple(f"wave {i + 1}" for i in range(dice.waves))
    scale_of_stage = {stage: _SCALES[int(rng.integers(3))] for stage in model.ids}
    return WorldPlan(
        name=f"world {seed}",
        title=Label.of({"en": f"Planted world {seed}"}),
        model=model,
        touchpoints=found,
        segments=segments,
        items=_items(dice),
        numbers=tuple(Number(name, Label.of(name), median, spread) for name, median, spread in _NUMBERS),
        nominals=_nominals(dice),
        waves=waves,
        changes=_changes(rng, segments, waves, dice),
        scales={point.id: scale_of_stage[point.stage] for point in found},
        expected=tuple(ids[::2]),
        languages={language_code(code): 1.0 for code in dice.languages},
        pack=dice.domain,
        headers=HEADERS,
        charter={"segment_scope": "Everybody in the planted world", "map_kind": "current"},
        own_touchpoints=tuple(dict(entry) for entry in entries if isinstance(entry, Mapping)),
        overlap=dice.overlap,
        focus={"planted": 0.55, "equal": 0.2, "none": 0.0}[dice.drivers],
        rest={"planted": 0.08, "equal": 0.2, "none": 0.0}[dice.drivers],
        gradient=dice.kind == "gradient",
    )


def _check(dice: Dice) -> None:
    for word, known in ((dice.kind, KINDS), (dice.drivers, DRIVERS), (dice.overlap, tuple(SEPARATION))):
        if word not in known:
            raise StudyError(f"{word!r} is not a setting of a planted world", remedy=did_you_mean(word, known))
    if not 1 <= dice.segments <= 6:
        raise StudyError(f"a planted world has 1 to 6 segments, not {dice.segments}")
    if not 1 <= dice.waves <= 12:
        raise StudyError(f"a planted world has 1 to 12 waves, not {dice.waves}")


def _spread(count: int) -> list[str]:
    """Take shipped touchpoints evenly along the journey."""
    known = list_touchpoints()
    if not 1 <= count <= len(known):
        raise StudyError(f"{count} touchpoints cannot be taken", remedy=f"There are 1 to {len(known)} to take.")
    return [known[int(i)] for i in np.linspace(0, len(known) - 1, count).round()]


def _items(dice: Dice) -> tuple[Item, ...]:
    level = dice.kind == "level"
    return tuple(
        Item(
            f"att_{i + 1:02d}",
            Label.of(f"Attitude {i + 1}"),
            None if i in _NOISE_ITEMS and not level else 0 if level else _CONSTRUCT[i],
            i in _REVERSED and not level,
        )
        for i in range(12)
    )


def _nominals(dice: Dice) -> tuple[Nominal, ...]:
    entries = [*_NOMINALS, ("language", tuple(language_code(code) for code in dice.languages), True)]
    return tuple(
        Nominal(name, Label.of(name.replace("_", " ")), tuple((value, Label.of(value)) for value in values), passive)
        for name, values, passive in entries
    )


def _segments(
    rng: np.random.Generator, model: StageModel, points: tuple[Touchpoint, ...], dice: Dice
) -> tuple[SegmentPlan, ...]:
    count = dice.segments
    ids = [point.id for point in points]
    attitudes = _attitudes(rng, count, dice.kind)
    worst = [ids[int(i)] for i in rng.permutation(len(ids))]
    base = rng.uniform(-0.1, 0.45, size=len(ids))
    mixes = _mixes(rng, count, dice)
    return tuple(
        _segment(rng, model, ids, dice, k, attitudes[k], worst[k % len(worst)], base, [mix[k] for mix in mixes])
        for k in range(count)
    )


def _segment(
    rng: np.random.Generator,
    model: StageModel,
    ids: list[str],
    dice: Dice,
    k: int,
    attitudes: tuple[float, ...],
    worst: str,
    base: np.ndarray,
    mix: list[float],
) -> SegmentPlan:
    curve = np.clip(base + rng.normal(size=len(ids)) * 0.22, -0.32, 0.62)
    experience = {point: round(float(value), 3) for point, value in zip(ids, curve, strict=True)}
    experience[worst] = -0.6
    pair = [worst if rng.random() < 0.5 else ids[int(rng.integers(len(ids)))]]
    pair += [point for point in (ids[int(i)] for i in rng.permutation(len(ids))) if point not in pair][:1]
    use = {point: round(float(rng.uniform(0.45, 0.95)), 3) for point in ids}
    use |= dict.fromkeys([worst, *pair], 0.95)
    survival = np.cumprod([1.0, *(1 - rng.uniform(0.01, 0.1, size=len(model) - 1))])
    differ = dice.kind == "types"
    calm = [point for point in ids if point not in {worst, *pair}]
    return SegmentPlan(
        id=f"s{k + 1}",
        label=Label.of({"en": f"Segment {k + 1}"}),
        mix=tuple(mix),
        attitudes=attitudes,
        numbers=(*(round(float(x), 3) if differ else 0.0 for x in rng.choice([-0.7, 0.0, 0.7], size=3)), 0.0),
        nominals=_tastes(rng, dice, differ),
        experience=experience,
        use=use,
        survival=tuple(round(float(x), 4) for x in survival),
        moments=tuple(pair) if dice.drivers == "planted" else (),
        gap={point: round(float(rng.uniform(-0.15, 0.5)), 3) for point in ids},
        returns=round(float(rng.uniform(0.25, 0.55)), 3),
        repeats=round(float(rng.uniform(0.2, 0.5)), 3),
        level=round(float(rng.uniform(6.2, 7.2)), 2),
        must_be=pair[0] if dice.asymmetry else "",
        delighter=pair[-1] if dice.asymmetry else "",
        polarised=calm[int(rng.integers(len(calm)))] if dice.polarised and calm else "",
    )


def _attitudes(rng: np.random.Generator, count: int, kind: str) -> list[tuple[float, ...]]:
    """Choose attitude levels that stand apart: of many random choices the one whose nearest two are furthest."""
    if kind == "level":
        return [(level, 0.0, 0.0, 0.0) for level in np.linspace(-1.3, 1.3, count).round(3).tolist()]
    if kind == "gradient":
        return [(1.0, 0.7, -0.6, 0.4)] * count
    corners = np.array(list(product((-1.0, 0.0, 1.0), repeat=4)))
    best, distance = corners[:count], -1.0
    for _ in range(60):
        chosen = corners[rng.permutation(len(corners))[:count]]
        gaps = [float(((a - b) ** 2).sum()) for i, a in enumerate(chosen) for b in chosen[:i]]
        if min(gaps, default=0.0) > distance:
            best, distance = chosen, min(gaps, default=0.0)
    return [tuple(float(x) for x in row) for row in best]


def _tastes(rng: np.random.Generator, dice: Dice, differ: bool) -> dict[str, tuple[float, ...]]:
    """Draw how likely each category is in a segment; city tier is pure noise."""
    tables: dict[str, tuple[float, ...]] = {}
    for name, values, passive in _NOMINALS:
        share = np.full(len(values), 1 / len(values))
        favourite = int(rng.integers(len(values)))
        if differ and name != "city_tier":
            share *= 0.75 if passive else 0.45
            share[favourite] += 0.25 if passive else 0.55
        tables[name] = tuple(round(float(x), 4) for x in share)
    tables["language"] = tuple(1.0 for _ in dice.languages)
    return tables


def _mixes(rng: np.random.Generator, count: int, dice: Dice) -> list[list[float]]:
    """Draw the shares of the first and the last wave; those between lie on the line between them."""
    first = rng.uniform(0.7, 1.5, size=count)
    first /= first.sum()
    shift = np.zeros(count)
    if dice.mix_shift and count > 1 and dice.waves > 1:
        shift[int(first.argmax())], shift[int(first.argmin())] = -0.1, 0.1
    steps = np.linspace(0, 1, dice.waves) if dice.waves > 1 else [0.0]
    return [[round(float(x), 4) for x in first + shift * step] for step in steps]


def _changes(
    rng: np.random.Generator, segments: tuple[SegmentPlan, ...], waves: tuple[str, ...], dice: Dice
) -> tuple[Change, ...]:
    """Plant changes that leave the worst touchpoint of every segment the worst."""
    if len(waves) < 2:
        return ()
    cells = [(s, point) for s in segments for point in s.experience if point != s.worst]
    changes: list[Change] = []
    for i in rng.permutation(len(cells))[: dice.changes]:
        segment, point = cells[int(i)]
        size = round(float(rng.uniform(0.4, 0.5)), 3)
        delta = -size if segment.experience[point] > 0.15 else size
        changes.append(Change(segment.id, point, waves[int(rng.integers(1, len(waves)))], delta))
    return tuple(changes)
