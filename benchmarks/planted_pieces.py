"""Pieces of the planted benchmark: one world each, and what was recovered of it as plain numbers.

``benchmarks/planted.py`` runs many of them and sets what was reached against the bars.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.feedback import code_feedback, code_shares
from cjmlab.journeys import derive_journeys
from cjmlab.journeys.order import stage_order
from cjmlab.journeys.types import journey_types
from cjmlab.moments import compare_waves, rank_moments
from cjmlab.moments.whatif import estimate_panel, simulate_change
from cjmlab.sources import read_interviews
from cjmlab.study.world import planted_world

Found = dict[str, Any]
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


def curves(seed: int, customers: int, **settings: Any) -> Found:
    """Error, correlation and coverage of curves, and whether the planted worst touchpoint is the first pain."""
    world, journeys, _ = world_line(seed, customers, **settings)
    pains = rank_moments(journeys)
    pains = pains[pains["kind"].eq("pain") & pains["rank"].eq(1)].set_index("segment")["touchpoint"]
    found: Found = {"rmse": [], "r": [], "covered": [], "first": []}
    for table in cells_of(world, journeys):
        found["rmse"].append(FIVE_POINTS * float(np.sqrt(((table["experience"] - table["true"]) ** 2).mean())))
        found["r"].append(float(table["experience"].corr(table["true"])))
        found["covered"] += table["true"].between(table["low"], table["high"]).tolist()
        name = table["segment"].iloc[0]
        found["first"].append(bool(pains.get(name) == world.truth["worst"][name]))
    return found


def estimated(seed: int, overlap: str) -> Found:
    """Curves of segments that are estimated from attributes, and how well these are found."""
    from sklearn.metrics import adjusted_rand_score

    world, journeys, _ = world_line(seed, 2000, segments="weighted", overlap=overlap)
    members = journeys.about.members.set_index("customer_id")["segment"]
    truth = pd.Series(world.truth["segment_of_customer"]).reindex(members.index)
    found: Found = {"rmse": [], "covered": [], "ari": float(adjusted_rand_score(truth, members))}
    for table in cells_of(world, journeys):
        found["rmse"].append(FIVE_POINTS * float(np.sqrt(((table["experience"] - table["true"]) ** 2).mean())))
        found["covered"] += table["true"].between(table["low"], table["high"]).tolist()
    return found


def number(seed: int, segments: int) -> Found:
    """How many segments are found, in a world of 400 customers with so many (1: none, only a gradient of noise)."""
    from cjmlab.segments import segment_customers

    world = planted_world(seed=seed, customers=400, text=False, waves=1, changes=0, mix_shift=False,
                          segments=max(segments, 2), noise=segments == 1)  # fmt: skip
    return {"k": int(segment_customers(world.study().customers, random_state=seed).n_segments)}


def truth(seed: int, customers: int) -> Found:
    """Moments of truth that were found, of how many flags, and of how many that were planted."""
    world, journeys, study = world_line(seed, customers)
    moments = rank_moments(journeys, study.outcomes, outcome="recommend")
    flags = moments[moments["kind"].eq("moment_of_truth")].groupby("segment")["touchpoint"].agg(set)
    planted = {name: set(true) for name, true in world.truth["moments_of_truth"].items()}
    return {"hits": sum(len(flags.get(name, set()) & true) for name, true in planted.items()),
            "flags": int(sum(map(len, flags))), "planted": sum(map(len, planted.values()))}  # fmt: skip


def equal(seed: int) -> Found:
    """Whether any moment of truth is claimed where all drivers weigh the same."""
    _, journeys, study = world_line(seed, 600, noise=True, drivers="equal")
    moments = rank_moments(journeys, study.outcomes, outcome="recommend")
    return {"any": bool(moments["kind"].eq("moment_of_truth").any())}


def opportunities(seed: int) -> Found:
    """Top three by expected gain against the three with the largest true gain."""
    world, journeys, study = world_line(seed, 800, noise=True)
    found = rank_moments(journeys, study.outcomes, outcome="recommend")
    mine = found[found["kind"].eq("opportunity")].head(3)["touchpoint"]
    name = world.truth["segments"][0]
    low = _share_low(world, name)
    reach = journeys.set_index("touchpoint")["reach"].reindex(low.index)
    gain = pd.Series(world.truth["weights"][name]) * low * reach
    return {"hit": len(set(mine) & set(gain.nlargest(3).index)) / 3}


def _share_low(world: Any, name: str) -> pd.Series:
    """Return the true share of experiences at or below the middle, from the planted mean and spread."""
    from scipy.stats import norm

    spread = float(np.hypot(world.plan.spread, world.plan.halo))
    means = pd.Series(world.truth["experience"][name])
    return pd.Series(norm.cdf((0.125 - means) / spread), index=means.index)


def changes(seed: int, customers: int, planted: int = 2) -> Found:
    """Count changes between two waves that were found, false ones, and how many there were; the mix of segments moves."""
    world = planted_world(seed=seed, customers=customers, text=False, waves=2, changes=planted, mix_shift=True)
    study = world.study()
    members = pd.DataFrame(world.truth["segment_of_customer"].items(), columns=["customer_id", "segment"])
    found = compare_waves(derive_journeys(rated(study.feedback), members, study, resamples=0))
    own = found[found["segment"].isin(world.truth["segments"])]
    flagged = own[own["verdict"].isin(["better", "worse"])]
    flags = set(zip(flagged["segment"], flagged["touchpoint"], strict=True))
    true = {(change["segment"], change["touchpoint"]) for change in world.truth["changes"]}
    everyone = found[~found["segment"].isin(world.truth["segments"])]["verdict"].isin(["better", "worse"])
    return {"hits": len(flags & true), "flags": len(flags), "planted": len(true), "all": int(everyone.sum())}


def tell_stories(rng: np.random.Generator, narrators: int, stages: int = 7) -> pd.DataFrame:
    """Tell narratives in which a quarter of the stages is misplaced and a quarter is not mentioned."""
    rows = []
    for narrator in range(narrators):
        place = np.arange(stages, dtype=float)
        wrong = rng.random(stages) < 0.25
        place[wrong] = rng.uniform(-0.5, stages - 0.5, wrong.sum())
        rows += [(f"{narrator:02d}", f"s{i}", place[i]) for i in range(stages) if rng.random() >= 0.25]
    return pd.DataFrame(rows, columns=["customer_id", "stage", "place"])


def order(seed: int) -> Found:
    """Order of stages from twelve narratives: Kendall's tau."""
    from scipy.stats import kendalltau

    found = stage_order(tell_stories(np.random.default_rng(seed), 12), resamples=0)
    return {"tau": float(kendalltau(range(len(found)), found["stage"].str[1:].astype(int)).statistic)}


TONGUES = {"grocer": ("zh-Hans", "en"), "furniture": ("ru", "en"), "general": ("en", "zh-Hans", "ru")}


def interviews(seed: int) -> Found:
    """Order of stages from twelve transcripts that are read and coded as any others: Kendall's tau."""
    from scipy.stats import kendalltau

    domain = list(TONGUES)[seed % len(TONGUES)]
    world = planted_world(seed=seed, customers=80, segments=2, languages=TONGUES[domain], domain=domain, interviews=12,
                          waves=1, changes=0, mix_shift=False, text=False)  # fmt: skip
    study = world.study()
    with TemporaryDirectory() as folder:
        for name, text in world.interviews.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        told = read_interviews(folder).table
    coded = code_feedback(told[told["role"].eq("customer")], study.codebook)
    ids = list(study.stage_model.ids)
    found = [ids.index(stage) for stage in stage_order(coded, resamples=0)["stage"] if stage in ids]
    return {"tau": float(kendalltau(range(len(found)), found).statistic)}


def shares(seed: int, clauses: int = 2000, codes: int = 9, audited: int = 300) -> Found:
    """Shares of codes that a machine gets wrong in two of five clauses, corrected by a random audit."""
    rng = np.random.default_rng(seed)
    wrong, true_share = rng.dirichlet(np.full(codes, 0.5), codes), rng.dirichlet(np.full(codes, 2.0))
    true = rng.choice(codes, clauses, p=true_share)
    slip = np.array([rng.choice(codes, p=wrong[code]) for code in true])
    machine = np.where(rng.random(clauses) < 0.6, true, slip)
    ids, names = [f"u{i:05d}" for i in range(clauses)], np.array([f"code_{i}" for i in range(codes)])
    coded = pd.DataFrame({"unit_id": ids, "text": "x", "touchpoint": names[machine]})
    drawn = rng.choice(clauses, audited, replace=False)
    audit = pd.DataFrame({"unit_id": np.array(ids)[drawn], "touchpoint": names[true[drawn]], "random": True})
    found = code_shares(coded, audit).set_index("code").reindex(names)
    exact = np.bincount(true, minlength=codes) / clauses
    naive = np.bincount(machine, minlength=codes) / clauses
    return {"rmse": 100 * float(np.sqrt(((found["share"] - exact) ** 2).mean())),
            "naive": 100 * float(np.sqrt(((naive - exact) ** 2).mean())),
            "covered": ((found["low"] <= exact) & (exact <= found["high"])).tolist()}  # fmt: skip


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


def types(seed: int) -> Found:
    """Journey types against an oracle that knows the chains, and one type where there is one."""
    from sklearn.metrics import adjusted_rand_score

    events, true, oracle = walk(np.random.default_rng(seed), 1000, 3)
    found = journey_types(events, level="touchpoint", n_types=3)["type"]
    ratio = adjusted_rand_score(true, found) / max(adjusted_rand_score(true, oracle), 1e-9)
    events, _, _ = walk(np.random.default_rng(1000 + seed), 400, 1)
    return {"ratio": float(ratio), "one": bool(journey_types(events, level="touchpoint", most=3)["type"].max() == 1)}


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


def whatif(seed: int) -> Found:
    """What-if: whether its interval holds the true gain without a halo, and errors of a panel with one."""
    rng = np.random.default_rng(seed)
    (X, _), (y, _), true = panel(rng, 400, 0.0)
    seen = X.clip(-1, 1)
    found = simulate_change(as_journeys(X), y, {"t0": 0.5, "t1": 0.5}, cap=False, resamples=200).iloc[0]
    gain = float(sum(true[i] * 0.5 * (seen[f"t{i}"] <= 0).mean() for i in (0, 1)))
    waves, outcomes, true = panel(rng, 400, 0.4)
    errors = (estimate_panel(*waves, *outcomes)["effect"].to_numpy() - true) / 4
    return {"covered": bool(found["low"] <= gain <= found["high"]), "errors": errors.tolist()}
