"""The customers of a planted world: who belongs to which segment, who answers in which wave, what they are like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.study.plan import SEPARATION, WorldPlan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Population:
    """Who lives in the world.

    Parameters
    ----------
    ids : tuple of str
        Customer ids.
    segment : array of int
        Position of the segment in the plan, one a customer.
    waves : tuple of arrays of int
        The respondents of each wave, as positions among the customers, rising.
    language : tuple of str
        Language each customer writes in.
    """

    ids: tuple[str, ...]
    segment: Ints
    waves: tuple[Ints, ...]
    language: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)


def draw_population(plan: WorldPlan, customers: int, seed: int) -> Population:
    """Draw customers so that each wave has the planted mix, as near as those who answer again allow."""
    rng = np.random.default_rng([seed, 1])
    count = len(plan.waves)
    size = round(customers / (1 + (count - 1) * (1 - plan.panel))) if count > 1 else customers
    segment: list[int] = []
    waves: list[Ints] = []
    for wave in range(count):
        kept = _panel(rng, waves[-1], round(size * plan.panel)) if wave else np.empty(0, dtype=np.int64)
        left = customers - len(segment)
        fresh = left if wave == count - 1 else min(left, size - len(kept))
        target = _quota([each.mix[wave] for each in plan.segments], fresh + len(kept))
        held = np.bincount(np.asarray(segment, dtype=np.int64)[kept], minlength=len(plan.segments)) if len(kept) else 0
        wanted = np.maximum(target - held, 0).astype(float)
        wanted = wanted if wanted.sum() else target + 1.0
        added = np.repeat(np.arange(len(plan.segments)), _quota((wanted / wanted.sum()).tolist(), fresh))
        rng.shuffle(added)
        start = len(segment)
        segment.extend(int(each) for each in added)
        waves.append(np.sort(np.concatenate([kept, np.arange(start, len(segment))])).astype(np.int64))
    order = rng.permutation(len(segment))
    place = np.argsort(order)
    languages = list(plan.languages)
    spoken = rng.choice(len(languages), size=len(segment), p=_shares(list(plan.languages.values())))
    width = max(4, len(str(len(segment))))
    return Population(
        ids=tuple(f"C{i + 1:0{width}d}" for i in range(len(segment))),
        segment=np.asarray(segment, dtype=np.int64)[order],
        waves=tuple(np.sort(place[each]) for each in waves),
        language=tuple(languages[i] for i in spoken),
    )


def describe_customers(plan: WorldPlan, population: Population, seed: int) -> pd.DataFrame:
    """Draw the attributes of the customers: attitude items, skewed numbers, categories, some pure noise, with gaps."""
    rng = np.random.default_rng([seed, 2])
    segment, n = population.segment, len(population)
    apart = SEPARATION[plan.overlap]
    columns: dict[str, object] = {}
    attitudes = np.array([each.attitudes for each in plan.segments], dtype=float)
    level = attitudes[segment] * apart
    if plan.gradient:
        level = np.outer(rng.normal(size=n), attitudes[0])
    style = rng.normal(size=n) * plan.style
    person = rng.normal(size=(n, attitudes.shape[1])) * 0.3
    for item in plan.items:
        signal = np.zeros(n) if item.construct is None else level[:, item.construct] + person[:, item.construct]
        value = 3.1 + (-signal if item.reverse else signal) + style + rng.normal(size=n) * 0.85
        columns[item.name] = _gaps(rng, np.clip(np.rint(value), 1, 5), plan.missing)
    shifts = np.array([each.numbers for each in plan.segments], dtype=float)[segment] * apart
    for j, number in enumerate(plan.numbers):
        drawn = number.median * np.exp(shifts[:, j] + number.spread * rng.normal(size=n))
        columns[number.name] = _gaps(rng, np.round(drawn, number.decimals), plan.missing)
    for nominal in plan.nominals:
        columns[nominal.name] = _categories(rng, plan, nominal.name, population)
    frame = pd.DataFrame(columns)
    for item in plan.items:
        frame[item.name] = frame[item.name].astype("Int64")
    for number in plan.numbers:
        if not number.decimals:
            frame[number.name] = frame[number.name].astype("Int64")
    frame.insert(0, plan.headers["customer_id"], list(population.ids))
    return frame


def _panel(rng: np.random.Generator, last: Ints, size: int) -> Ints:
    """Pick respondents of the last wave who answer again."""
    return np.sort(rng.choice(last, size=min(size, len(last)), replace=False)).astype(np.int64)


def _quota(shares: list[float], total: int) -> Ints:
    """Split a total by shares into whole numbers (largest remainder)."""
    exact = np.asarray(shares, dtype=float) / sum(shares) * total
    counts = np.floor(exact + 1e-9).astype(np.int64)
    remainder = exact - counts
    for i in np.argsort(-remainder, kind="stable")[: total - int(counts.sum())]:
        counts[i] += 1
    return counts


def _shares(weights: list[float]) -> Floats:
    values = np.asarray(weights, dtype=float)
    return np.asarray(values / values.sum())


def _gaps(rng: np.random.Generator, values: Floats, share: float) -> Floats:
    """Take out a share of the values, completely at random."""
    return np.where(rng.random(len(values)) < share, np.nan, values)


def _categories(rng: np.random.Generator, plan: WorldPlan, column: str, population: Population) -> list[str | None]:
    nominal = next(each for each in plan.nominals if each.name == column)
    values = [value for value, _ in nominal.values]
    if column == plan.headers.get("language"):
        return list(population.language)
    apart = 1.0 if nominal.passive else SEPARATION[plan.overlap]
    even = np.mean([each.nominals[column] for each in plan.segments], axis=0)
    tables = [even + (np.asarray(each.nominals[column]) - even) * apart for each in plan.segments]
    steps = np.cumsum([_shares(list(table)) for table in tables], axis=1)[population.segment]
    drawn = np.minimum((rng.random(len(population))[:, None] > steps).sum(axis=1), len(values) - 1)
    lost = rng.random(len(population)) < plan.missing
    return [None if gone else values[i] for i, gone in zip(drawn, lost, strict=True)]
