"""Planted customer tables for the segment benchmark: mixed columns, known segments, known nuisances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from cjmlab.study.charter import ColumnRoles

SEPARATION = {"low": 2.10, "middle": 1.60, "high": 1.05}
ITEMS = tuple(f"att_{j + 1:02d}" for j in range(12))
REVERSED = (1, 4, 7, 8, 10)
NOISE_ITEMS, NOISE_NUMBERS, NOISE_NOMINALS = (10, 11), (3,), (3,)


@dataclass(frozen=True)
class World:
    """A customer table whose segments are known.

    Parameters
    ----------
    customers : DataFrame
        12 Likert items (1–5) with reverse keys, 4 skewed numbers, 4 nominal columns, 4 columns of pure noise.
    truth : ndarray (n,)
        Planted segment; all zeros in worlds without segments.
    roles : ColumnRoles
        The twelve items are one declared battery.
    about : dict
        Settings of the world.
    oracle : ndarray (n,), optional
        The segment that is most probable when the planted densities are known: nobody can do better.
    """

    customers: pd.DataFrame
    truth: np.ndarray
    roles: ColumnRoles
    about: dict[str, object]
    oracle: np.ndarray | None = None


def plant_world(
    n: int = 1000,
    k: int = 4,
    overlap: str = "middle",
    *,
    style: float = 0.0,
    missing: float = 0.1,
    halo: float = 0.0,
    seed: int = 0,
) -> World:
    """Plant k segments (1: none) with an overlap, a response style, missing answers and a halo factor.

    Four constructs of three items each, reverse keys among them; items of one construct share a personal deviation, so
    that answers depend on each other inside a segment. Half of the missing answers are whole blocks.
    """
    rng = np.random.default_rng([seed, n, k])
    truth = np.sort(rng.choice(k, n, p=rng.dirichlet(np.full(k, 12.0))))
    rng.shuffle(truth)
    step = SEPARATION[overlap] if k > 1 else 0.0
    factor = rng.normal(0, 1, n) * halo
    columns: dict[str, np.ndarray] = {}
    columns |= _likert(rng, truth, k, step, rng.normal(0, style, n) if style else np.zeros(n), factor)
    columns |= _numbers(rng, truth, k, step, factor)
    columns |= _nominals(rng, truth, k, step)
    table = _punch(pd.DataFrame(columns), missing, rng)
    table.insert(0, "customer_id", [f"c{i:05d}" for i in range(n)])
    roles = ColumnRoles(active=tuple(columns), batteries={"attitudes": ITEMS})
    about = {"n": n, "k": k, "overlap": overlap, "style": style, "missing": missing, "halo": halo, "seed": seed}
    return World(table, truth, roles, about)


def plant_levels(n: int = 800, *, step: float = 1.3, missing: float = 0.1, seed: int = 0) -> World:
    """Plant three segments that differ in nothing but the level of twelve answers: row-centring would delete them."""
    rng = np.random.default_rng([seed, n, 3])
    truth = rng.integers(0, 3, n)
    centre, noise = 3.0 + rng.normal(0, 0.3, len(ITEMS)), 1.2
    answers = np.clip(np.round(centre + step * (truth - 1)[:, None] + rng.normal(0, noise, (n, len(ITEMS)))), 1, 5)
    table = pd.DataFrame(answers, columns=list(ITEMS)).mask(rng.random(answers.shape) < missing)
    edges = np.array([-np.inf, 1.5, 2.5, 3.5, 4.5, np.inf])
    places = ndtr((edges - (centre + step * np.arange(-1, 2)[:, None])[:, :, None]) / noise)
    log_density = np.log(np.diff(places, axis=2))  # (3, items, answers)
    given = table.notna().to_numpy()
    chosen = table.fillna(1).to_numpy().astype(int) - 1
    likelihood = sum(log_density[:, j, chosen[:, j]] * given[:, j] for j in range(len(ITEMS)))
    table.insert(0, "customer_id", [f"c{i:05d}" for i in range(n)])
    roles = ColumnRoles(active=ITEMS, batteries={"attitudes": ITEMS})
    return World(table, truth, roles, {"n": n, "k": 3, "seed": seed}, np.asarray(likelihood.argmax(axis=0)))


def _likert(rng, truth, k, step, style, factor):
    constructs = rng.normal(0, step, (k, 4))
    personal = rng.normal(0, 0.4, (len(truth), 4))
    out = {}
    for j, name in enumerate(ITEMS):
        key = -1.0 if j in REVERSED else 1.0
        content = 0.0 if j in NOISE_ITEMS else key * (constructs[truth, j // 3] + personal[:, j // 3])
        latent = content + rng.normal(0, 0.9, len(truth)) + style + factor * rng.uniform(0.6, 1.0)
        out[name] = np.clip(np.round(3.2 + rng.normal(0, 0.3) + latent), 1, 5)
    return out


def _numbers(rng, truth, k, step, factor):
    out = {}
    for j, name in enumerate(("spend", "visits", "basket", "days_since")):
        means = rng.normal(0, 0.8 * step, k) * (j not in NOISE_NUMBERS)
        latent = means[truth] + rng.normal(0, 1, len(truth)) + factor * 0.7
        out[name] = np.round(np.exp(3.5 + 0.7 * latent), 2)
    return out


def _nominals(rng, truth, k, step):
    out = {}
    for j, (name, count) in enumerate((("channel", 4), ("plan", 3), ("payment", 4), ("source", 5))):
        odds = rng.normal(0, 0.9 * step, (k, count)) * (j not in NOISE_NOMINALS) + rng.normal(0, 0.4, count)
        shares = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
        draws = (rng.random(len(truth))[:, None] > shares.cumsum(axis=1)[truth]).sum(axis=1)
        out[name] = np.array([f"{name}_{level}" for level in "abcde"], dtype=object)[np.minimum(draws, count - 1)]
    return out


def _punch(table, missing, rng):
    gaps = rng.random(table.shape) < missing / 2
    for block in (slice(0, 6), slice(6, 12), slice(12, 16), slice(16, 20)):
        gaps[rng.random(len(table)) < missing / 2, block] = True
    return table.mask(gaps)


def forty_four_worlds(first_seed: int = 100) -> list[World]:
    """Return the worlds of the method table: n 300–5000, K 3–6, three overlaps, two styles, two missing shares."""
    rng = np.random.default_rng(1926 + first_seed)
    sizes = (300, 500, 1000, 1000, 2000, 5000)
    settings = [(o, s, m) for o in SEPARATION for s in (0.0, 0.8) for m in (0.1, 0.3)]
    worlds = []
    for i in range(44):
        overlap, style, missing = settings[i % len(settings)]
        n, k = int(rng.choice(sizes)), int(rng.integers(3, 7))
        worlds.append(plant_world(n, k, overlap, style=style, missing=missing, seed=first_seed + i))
    return worlds
