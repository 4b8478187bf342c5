"""What the line recovers of planted worlds: reached against bar, printed as a table.

Run ``python benchmarks/planted.py`` for the full table, ``--worlds 6`` for a small one, ``--only curves,moments`` for
parts. Every claim is measured on worlds whose truth is known; the bars stand beside it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.journeys import derive_journeys
from cjmlab.journeys.order import stage_order
from cjmlab.journeys.types import journey_types
from cjmlab.moments import rank_moments
from cjmlab.moments.whatif import estimate_panel, simulate_change
from cjmlab.study.world import planted_world

Row = tuple[str, float, str, bool]
FIVE_POINTS = 2.0  # −1 … 1 is four steps of a five-point scale: RMSE on 1–5 is twice that on −1 … 1


def rated(feedback: pd.DataFrame) -> pd.DataFrame:
    """Return the rated rows as scored ones; worlds without words need no coder and no scorer."""
    rows = feedback[feedback["rating"].notna()]
    blank = dict.fromkeys(("start", "end", "lane", "negative", "neutral", "positive"))
    return rows.assign(
        unit_id=rows["feedback_id"] + "#r", coder="asked", sentiment=rows["rating"], scorer="rating", **blank
    )


def world_line(
    seed: int, customers: int, *, segments: str = "planted", **settings: Any
) -> tuple[Any, pd.DataFrame, Any]:
    """Return a world, its journeys, and its study. Segments are the planted ones or estimated from attributes."""
    world = planted_world(seed=seed, customers=customers, text=False, waves=1, changes=0, mix_shift=False, **settings)
    study = world.study()
    members: Any = pd.DataFrame(world.truth["segment_of_customer"].items(), columns=["customer_id", "segment"])
    if segments != "planted":
        from cjmlab.segments import segment_customers

        found = segment_customers(study.customers, n_segments=len(world.truth["segments"]), random_state=seed)
        members = _renamed(found, members, weighted=segments == "weighted")
    return world, derive_journeys(rated(study.feedback), members, study, resamples=0), study


def _renamed(found: Any, truth: pd.DataFrame, *, weighted: bool) -> Any:
    """Give estimated segments the names of the planted ones that they overlap with most, one to one."""
    from scipy.optimize import linear_sum_assignment

    both = found.members.merge(truth, on="customer_id", suffixes=("", "_true"))
    table = pd.crosstab(both["segment"], both["segment_true"])
    rows, columns = linear_sum_assignment(-table.to_numpy())
    names = dict(zip(table.index[rows], table.columns[columns], strict=True))
    members = found.members.assign(segment=found.members["segment"].map(names))
    if not weighted:
        return members[["customer_id", "segment"]]
    return SimpleNamespace(members=members, posteriors=found.posteriors.rename(columns=names), labels={})


def cells_of(world: Any, journeys: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the cells of each segment with the planted mean that its answers can show."""
    for name, truth in world.truth["experience_answered"].items():
        table = journeys[journeys["segment"].eq(name) & journeys["n"].gt(0)]
        yield table.assign(true=table["touchpoint"].map(truth))


def measure_curves(worlds: int, customers: int, **settings: Any) -> dict[str, float]:
    """Measure error, correlation, coverage, and whether the planted worst touchpoint is the first pain."""
    errors, correlations, covered, first = [], [], [], []
    for seed in range(worlds):
        world, journeys, _ = world_line(seed, customers, **settings)
        pains = rank_moments(journeys)
        pains = pains[pains["kind"].eq("pain") & pains["rank"].eq(1)].set_index("segment")["touchpoint"]
        for table in cells_of(world, journeys):
            errors.append(FIVE_POINTS * float(np.sqrt(((table["experience"] - table["true"]) ** 2).mean())))
            correlations.append(float(table["experience"].corr(table["true"])))
            covered += table["true"].between(table["low"], table["high"]).tolist()
            name = table["segment"].iloc[0]
            first.append(pains.get(name) == world.truth["worst"][name])
    return {"rmse": float(np.mean(errors)), "r": float(np.mean(correlations)), "coverage": float(np.mean(covered)),
            "cells": float(len(covered)), "worst first": float(np.mean(first))}  # fmt: skip


def curves(worlds: int) -> Iterator[Row]:
    """Curves of planted segments."""
    big, small = measure_curves(worlds, 2000), measure_curves(worlds, 600)
    yield "curve RMSE (1–5), n = 2000", big["rmse"], "≤ .07", big["rmse"] <= 0.07
    yield "curve RMSE (1–5), n = 600", small["rmse"], "≤ .12", small["rmse"] <= 0.12
    yield "curve r, n = 600", small["r"], "≥ .97", small["r"] >= 0.97
    yield "planted worst touchpoint is the first pain, n = 600", small["worst first"], "1", small["worst first"] == 1
    for size, found in ((2000, big), (600, small)):
        inside = 0.93 - 0.02 <= found["coverage"] <= 0.97 + 0.02
        yield (
            f"95 % coverage, planted segments, n = {size} ({found['cells']:.0f} cells)",
            found["coverage"],
            ".93–.97",
            inside,
        )


def estimated(worlds: int) -> Iterator[Row]:
    """Curves of segments that are estimated from attributes."""
    bars = {"low": 0.07, "mid": 0.08, "high": 0.10}
    for overlap, bar in bars.items():
        found = measure_curves(max(2, worlds // 3), 2000, segments="weighted", overlap=overlap)
        yield f"curve RMSE, estimated segments, {overlap} overlap", found["rmse"], f"≤ {bar}", found["rmse"] <= bar
        label = f"95 % coverage, estimated segments, {overlap} overlap ({found['cells']:.0f} cells)"
        yield label, found["coverage"], "≥ .92 ± .02", found["coverage"] >= 0.90


def measure_truth(worlds: int, customers: int, **settings: Any) -> tuple[float, float]:
    """Return precision and recall of moments of truth over all segments of all worlds."""
    hits = flags = planted = 0
    for seed in range(worlds):
        world, journeys, study = world_line(seed, customers, **settings)
        moments = rank_moments(journeys, study.outcomes, outcome="recommend")
        found = moments[moments["kind"].eq("moment_of_truth")].groupby("segment")["touchpoint"].agg(set)
        for name, true in world.truth["moments_of_truth"].items():
            mine = found.get(name, set())
            hits, flags, planted = hits + len(mine & set(true)), flags + len(mine), planted + len(true)
    return hits / max(flags, 1), hits / max(planted, 1)


def moments(worlds: int) -> Iterator[Row]:
    """Moments of truth."""
    for customers, bars in ((2000, (0.95, 0.90)), (600, (0.90, 0.55))):
        found = measure_truth(worlds, customers)
        for what, value, bar in zip(("precision", "recall"), found, bars, strict=True):
            yield f"moments of truth, {what}, n = {customers}", value, f"≥ {bar:.2f}", value >= bar
    some = 0
    for seed in range(2 * worlds):
        _, journeys, study = world_line(seed, 600, noise=True, drivers="equal")
        some += bool(rank_moments(journeys, study.outcomes, outcome="recommend")["kind"].eq("moment_of_truth").any())
    share = some / (2 * worlds)
    yield "any moment of truth where all drivers are equal", share, "≤ .15", share <= 0.15 + 1e-9


def opportunities(worlds: int) -> Iterator[Row]:
    """Top three by expected gain against the three with the largest true gain."""
    hits = []
    for seed in range(2 * worlds):
        world, journeys, study = world_line(seed, 800, noise=True)
        found = rank_moments(journeys, study.outcomes, outcome="recommend")
        mine = found[found["kind"].eq("opportunity")].head(3)["touchpoint"]
        name = world.truth["segments"][0]
        cells = journeys.set_index("touchpoint")
        low = _share_low(world, name)
        gain = pd.Series(world.truth["weights"][name]) * low * cells["reach"].reindex(low.index)
        hits.append(len(set(mine) & set(gain.nlargest(3).index)) / 3)
    value = float(np.mean(hits))
    yield "opportunities, top-3 hit, n = 800", value, "≥ .80", value >= 0.80


def _share_low(world: Any, name: str) -> pd.Series:
    """Return the true share of experiences at or below the middle, from the planted mean and spread."""
    from scipy.stats import norm

    spread = float(np.hypot(world.plan.spread, world.plan.halo))
    means = pd.Series(world.truth["experience"][name])
    return pd.Series(norm.cdf((0.125 - means) / spread), index=means.index)


def tell_stories(rng: np.random.Generator, narrators: int, stages: int = 7) -> pd.DataFrame:
    """Tell narratives in which a quarter of the stages is misplaced and a quarter is not mentioned."""
    rows = []
    for narrator in range(narrators):
        place = np.arange(stages, dtype=float)
        wrong = rng.random(stages) < 0.25
        place[wrong] = rng.uniform(-0.5, stages - 0.5, wrong.sum())
        rows += [(f"{narrator:02d}", f"s{i}", place[i]) for i in range(stages) if rng.random() >= 0.25]
    return pd.DataFrame(rows, columns=["customer_id", "stage", "place"])


def order(worlds: int) -> Iterator[Row]:
    """Find the order of stages from twelve narratives."""
    from scipy.stats import kendalltau

    taus = []
    for seed in range(10 * worlds):
        found = stage_order(tell_stories(np.random.default_rng(seed), 12), resamples=0)
        taus.append(kendalltau(range(len(found)), found["stage"].str[1:].astype(int)).statistic)
    value = float(np.mean(taus))
    yield "order of stages, Kendall's tau, 12 interviews", value, "≥ .93", value >= 0.93


def walk(rng: np.random.Generator, n: int, types: int, nodes: int = 7) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Walk Markov chains of several types; return events, types, and the types an oracle would say."""
    steps, begin = rng.dirichlet(np.full(nodes, 0.4), (types, nodes)), rng.dirichlet(np.ones(nodes), types)
    kind, rows, logs = rng.integers(0, types, n), [], np.zeros((n, types))
    for i in range(n):
        here = rng.choice(nodes, p=begin[kind[i]])
        logs[i] += np.log(begin[:, here])
        for t in range(3 + rng.poisson(3.4)):
            rows.append((f"{i:06d}", t, f"t{here}"))
            there = rng.choice(nodes, p=steps[kind[i], here])
            logs[i] += np.log(steps[:, here, there]) if t else 0.0
            here = there
    events = pd.DataFrame(rows, columns=["customer_id", "t", "touchpoint"])
    events["time"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(events["t"], unit="h")
    return events, kind, logs.argmax(axis=1)


def types(worlds: int) -> Iterator[Row]:
    """Journey types against an oracle that knows the chains."""
    from sklearn.metrics import adjusted_rand_score

    ratios, single = [], []
    for seed in range(worlds):
        events, truth, oracle = walk(np.random.default_rng(seed), 1000, 3)
        found = journey_types(events, level="touchpoint", n_types=3)["type"]
        ratios.append(adjusted_rand_score(truth, found) / max(adjusted_rand_score(truth, oracle), 1e-9))
        events, _, _ = walk(np.random.default_rng(1000 + seed), 400, 1)
        single.append(journey_types(events, level="touchpoint", most=3)["type"].max() == 1)
    yield "journey types, ARI ÷ oracle", float(np.mean(ratios)), "≥ .80", float(np.mean(ratios)) >= 0.8
    yield "one type where there is one", float(np.mean(single)), "≥ .95", float(np.mean(single)) >= 0.95


def panel(rng: np.random.Generator, n: int, halo: float) -> tuple[list[pd.DataFrame], list[pd.Series], np.ndarray]:
    """Two waves of six touchpoints, one outcome, and a halo that lifts everything a person says."""
    true = np.array([0.5, 0.3, 0.1, 0.1, 0.0, 0.0]) * 4
    mood, names = halo * rng.normal(size=n), [f"t{i}" for i in range(6)]
    ids = [f"c{i:05d}" for i in range(n)]
    waves, outcomes = [], []
    for _ in range(2):
        X = np.clip(0.1 + mood[:, None] + 0.45 * rng.normal(size=(n, 6)), -1.5, 1.5)
        outcomes.append(pd.Series(X @ true + 5 + 3 * mood + 1.2 * rng.normal(size=n), ids))
        waves.append(pd.DataFrame(X, ids, names))
    return waves, outcomes, true


def as_journeys(X: pd.DataFrame) -> pd.DataFrame:
    """Return the journeys of a matrix of experiences."""
    rows = X.rename_axis("customer_id").reset_index().melt("customer_id", var_name="touchpoint", value_name="sentiment")
    rows["unit_id"] = rows["feedback_id"] = rows["customer_id"] + rows["touchpoint"]
    blank = dict.fromkeys(("text", "start", "end", "lane", "negative", "neutral", "positive", "rating"))
    rows["sentiment"] = rows["sentiment"].clip(-1, 1)
    return derive_journeys(rows.assign(stage="act", coder="asked", scorer="rating", **blank), resamples=0)


def whatif(worlds: int) -> Iterator[Row]:
    """What-if: coverage of the true gain without a halo, and effects of a panel with one."""
    inside, errors = [], []
    for seed in range(4 * worlds):
        rng = np.random.default_rng(seed)
        (X, _), (y, _), true = panel(rng, 400, 0.0)
        journeys = as_journeys(X)
        seen = X.clip(-1, 1)
        found = simulate_change(journeys, y, {"t0": 0.5, "t1": 0.5}, cap=False, resamples=200).iloc[0]
        gain = float(sum(true[i] * 0.5 * (seen[f"t{i}"] <= 0).mean() for i in (0, 1)))
        inside.append(found["low"] <= gain <= found["high"])
        waves, outcomes, true = panel(rng, 400, 0.4)
        errors.append(estimate_panel(*waves, *outcomes)["effect"].to_numpy() - true)
    bias = float(np.abs(np.mean(errors, axis=0)).max()) / 4
    noise = 2 * float(np.sqrt(0.95 * 0.05 / len(inside)))  # what chance allows so many draws
    covered = float(np.mean(inside))
    yield "what-if, coverage without halo", covered, ".92–.98 ± chance", 0.92 - noise <= covered <= 0.98 + noise
    yield "panel effects under a halo, largest bias", bias, "≤ .02 ± .01", bias <= 0.02 + 0.01


PARTS: dict[str, Callable[[int], Iterator[Row]]] = {
    "curves": curves, "moments": moments, "opportunities": opportunities, "order": order, "types": types,
    "whatif": whatif, "estimated": estimated,
}  # fmt: skip


def table_of_bars(worlds: int, only: list[str] | None = None) -> pd.DataFrame:
    """Return reached against bar for the chosen parts."""
    rows = []
    for name in only or list(PARTS):
        began = time.perf_counter()
        rows += [(name, *row) for row in PARTS[name](worlds)]
        print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)
    return pd.DataFrame(rows, columns=["part", "claim", "reached", "bar", "holds"])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=12, help="worlds a claim (segments × touchpoints give the cells)")
    parser.add_argument("--only", default="", help="parts, joined by commas")
    options = parser.parse_args()
    found = table_of_bars(options.worlds, [part for part in options.only.split(",") if part] or None)
    print(found.drop(columns="part").to_string(index=False, float_format=lambda value: f"{value:.3f}"))
    print(f"{int(found['holds'].sum())} of {len(found)} bars hold.")


if __name__ == "__main__":
    main()
