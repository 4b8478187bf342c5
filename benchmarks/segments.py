"""Find planted segments, and none where there are none: the default beside its peers, reached beside bar.

    python benchmarks/segments.py                              everything: 44 worlds, 20 a row of the count table
    python benchmarks/segments.py --worlds 6                   a short look
    python benchmarks/segments.py --part methods --out runs/methods.jsonl --minutes 10
    python benchmarks/segments.py --scale                      1,000 to a million customers: seconds, memory, naive way

With ``--out`` every result is a line of that file at once, and a later run goes on where the last one stopped.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from segment_methods import OURS, methods_for
from segment_worlds import forty_four_worlds, plant_levels, plant_world

from cjmlab.segments import segment_customers
from cjmlab.segments.stability import adjusted_rand

BARS = {"low": 0.95, "middle": 0.85, "high": 0.62}
LEVEL_BAR = 0.80
METHOD_SEED, COUNT_SEED, LEVEL_SEED = 100, 90_000, 300
COUNT_ROWS = {
    "noise": ({"k": 1}, "= 1", 0.95),
    "one-factor halo": ({"k": 1, "halo": 0.9}, "= 1", 0.95),
    "strong halo": ({"k": 1, "halo": 1.6}, "= 1", 0.95),
    "response style": ({"k": 1, "style": 0.8}, "= 1", 0.95),
    "three": ({"k": 3, "overlap": "low"}, "= 3", 0.95),
    "three, middle": ({"k": 3, "overlap": "middle"}, "= 3", 0.95),
    "five": ({"k": 5, "overlap": "low"}, "5 ± 1", 0.90),
    "five, middle": ({"k": 5, "overlap": "middle"}, "5 ± 1", 0.90),
}
Task = tuple[str, Callable[[], dict[str, object]]]


def method_tasks(worlds: int, seed: int = METHOD_SEED) -> Iterator[Task]:
    """One task a world and method: how well the planted segments are found, the true number given."""
    for i, world in enumerate(forty_four_worlds(seed)[:worlds]):
        for name, find in methods_for(world).items():

            def run(world=world, name=name, find=find):
                start = time.process_time()
                labels = np.asarray(find())
                seconds = time.process_time() - start
                return {"method": name, "ari": adjusted_rand(labels, world.truth), "seconds": seconds, **world.about}

            yield f"methods/{seed + i}/{name}", run


def count_tasks(worlds: int, first_seed: int = COUNT_SEED) -> Iterator[Task]:
    """One task a world: the number of segments with its whole test."""
    for seed in range(worlds):
        for name, (settings, _, _) in COUNT_ROWS.items():

            def run(seed=seed, name=name, settings=settings):
                world = plant_world((400, 1000)[seed % 2], seed=first_seed + seed, **settings)
                start = time.process_time()
                found = segment_customers(world.customers, roles=world.roles, n_boot=0)
                return {"world": name, "seed": seed, "answer": found.n_segments, "votes": found.count.votes,
                        "evidence": found.count.evidence, "seconds": time.process_time() - start}  # fmt: skip

            yield f"count/{first_seed + seed}/{name}", run


def level_tasks(worlds: int, first_seed: int = LEVEL_SEED) -> Iterator[Task]:
    """One task a world: three segments that differ in the level of their answers only."""
    for seed in range(worlds):

        def run(seed=seed):
            world = plant_levels(800, seed=first_seed + seed)
            found = segment_customers(world.customers, roles=world.roles, n_boot=0)
            return {"ari": adjusted_rand(found.assigned, world.truth), "oracle": adjusted_rand(world.oracle, world.truth),
                    "answer": found.n_segments}  # fmt: skip

        yield f"level/{first_seed + seed}", run


def work(tasks: Iterator[Task], out: Path | None, minutes: float) -> tuple[list[dict[str, object]], bool]:
    """Run the tasks that are not in the file yet; return all results, and whether the time was enough."""
    known = {}
    if out is not None and out.exists():
        known = {row["task"]: row for row in map(json.loads, out.read_text("utf-8").splitlines())}
    end = time.monotonic() + 60 * minutes
    rows = []
    for task, run in tasks:
        if task not in known:
            if time.monotonic() > end:
                return rows, False
            known[task] = {"task": task, **run()}
            if out is not None:
                out.parent.mkdir(parents=True, exist_ok=True)
                with out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(known[task], default=float) + "\n")
        rows.append(known[task])
    return rows, True


def report_methods(rows: list[dict[str, object]]) -> None:
    """Print mean ARI of each method by overlap, style and gaps, how often the default wins, and its ratio to each."""
    table = pd.DataFrame(rows)
    table["world"] = table["task"].str.split("/").str[1].astype(int)
    parts = [table.groupby("method")["ari"].mean().rename("all"), table.groupby("method").size().rename("worlds")]
    parts.append(table.pivot_table(index="method", columns="overlap", values="ari").reindex(columns=list(BARS)))
    parts.append(table.pivot_table(index="method", columns="style", values="ari").add_prefix("style "))
    parts.append(table.pivot_table(index="method", columns="missing", values="ari").add_prefix("missing "))
    wide = table.pivot_table(index="world", columns="method", values="ari")
    gap = wide.rsub(wide[OURS], axis=0)
    parts.append((gap > -1e-9).where(wide.notna()).mean().rename("default ≥"))
    parts.append((wide.mul(0).add(wide[OURS], axis=0).mean() / wide.mean()).rename("ratio"))
    parts.append(table[table["n"] == 1000].groupby("method")["seconds"].median().rename("s at 1,000"))
    shown = pd.concat(parts, axis=1).sort_values("all", ascending=False)
    print(f"\nMean ARI on {wide[OURS].notna().sum()} planted worlds, the true number given")
    print(
        "(default ≥: share of its worlds in which the default is at least as good; ratio: on the worlds of that method)"
    )
    print(shown.astype(float).round(3).to_string())
    for overlap, bar in BARS.items():
        reached = float(shown.loc[OURS].get(overlap, np.nan))
        print(f"  {overlap:7s} reached {reached:.3f}  bar {bar}  {'ok' if round(reached, 3) >= bar else 'SHORT'}")
    lowest = float(shown["ratio"].drop(OURS).min()) if len(shown) > 1 else np.nan
    print(
        f"  ahead of every alternative in the mean: ratio to the best peer {lowest:.3f}  {'ok' if lowest > 1 else 'SHORT'}"
    )


def report_count(rows: list[dict[str, object]]) -> None:
    """Print how often the number is right."""
    print("\nNumber of segments, 400 and 1,000 customers in turn, the whole test each time")
    table = pd.DataFrame(rows)
    for name, (settings, wanted, bar) in COUNT_ROWS.items():
        part = table[table["world"] == name]
        away = (part["answer"] - int(settings["k"])).abs()
        reached, exact = float((away <= (1 if "±" in wanted else 0)).mean()), float((away == 0).mean())
        answers = " ".join(map(str, part["answer"]))
        print(f"  {name:16s} {wanted:6s} reached {reached:.3f}  bar {bar:.2f}  {'ok   ' if reached >= bar else 'SHORT'}  "
              f"exact {exact:.2f}  {part['seconds'].median():.1f} s  n {len(part)}  [{answers}]")  # fmt: skip


def report_level(rows: list[dict[str, object]]) -> None:
    """Print how well segments of level are found, beside who knows the planted densities."""
    table = pd.DataFrame(rows)
    reached, oracle = table["ari"].mean(), table["oracle"].mean()
    print(f"\nThree segments of level only, {len(table)} worlds: ARI {reached:.3f} (lowest {table['ari'].min():.3f}), bar "
          f"{LEVEL_BAR}  {'ok' if reached >= LEVEL_BAR else 'SHORT'}; with the planted densities known {oracle:.3f}; "
          f"answers {' '.join(map(str, table['answer']))}")  # fmt: skip


PARTS: dict[str, tuple[Callable[..., Iterator[Task]], Callable[..., None]]] = {"methods": (method_tasks, report_methods), "count": (count_tasks, report_count),
         "level": (level_tasks, report_level)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=[*PARTS, "all"], default="all")
    parser.add_argument("--worlds", type=int, help="worlds of the method table (44), of a row of the others (20)")
    parser.add_argument("--seed", type=int, help="first seed of fresh worlds")
    parser.add_argument("--out", type=Path, help="file of results, one a line; a later run goes on from it")
    parser.add_argument("--minutes", type=float, default=np.inf, help="start no task after this time")
    parser.add_argument("--scale", nargs="*", type=int, help="seconds and memory at these sizes (1,000 to a million)")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    if chosen.scale is not None:
        import segment_scale

        return segment_scale.main(tuple(chosen.scale) or segment_scale.SIZES)
    for part, (tasks, report) in PARTS.items():
        if chosen.part in (part, "all"):
            worlds = chosen.worlds or (44 if part == "methods" else 20)
            asked = tasks(worlds) if chosen.seed is None else tasks(worlds, chosen.seed)
            rows, complete = work(asked, chosen.out, chosen.minutes)
            if rows:
                report(rows)
            if not complete:
                print(f"  not complete: call again with --part {part} --out {chosen.out}")
    return None


if __name__ == "__main__":
    main()
