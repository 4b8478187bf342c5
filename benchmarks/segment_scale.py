"""Segments at scale: seconds and memory from 1,000 to a million customers, beside the naive notebook.

Each size runs in a process of its own on 20 mixed columns with five planted segments: test of homogeneity, number, model,
stability of segments, one pass over everybody, profile. The naive notebook runs k-means with ten starts for 2 to 8
segments and takes the best silhouette (of all rows up to 10,000, of 10,000 above), without test or stability.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path

SIZES = (1_000, 10_000, 100_000, 1_000_000)
NAIVE_SIZES = (1_000, 10_000, 100_000)
SECONDS = {1_000: 10.0, 100_000: 120.0}
COUNT_BAR, RATIO_BAR = (1_000_000, 10.0), (10_000, 4.0)


def measure(size: int) -> dict[str, float]:
    """Segment so many planted customers; return seconds, the rise of the peak memory in MB, and the agreement."""
    from segment_worlds import plant_world

    from cjmlab.segments import segment_customers
    from cjmlab.segments.stability import adjusted_rand

    world = plant_world(size, 5, "middle", seed=1)
    table = world.customers.memory_usage(deep=True).sum() / 2**20
    before, done = _peak(), {}
    start, wall = time.process_time(), time.monotonic()
    found = segment_customers(
        world.customers, roles=world.roles, progress=lambda step, _: done.update({step: time.process_time() - start})
    )
    segmented = time.process_time() - start
    found.profile()
    return {
        "size": size, "segments": found.n_segments, "count": done["number of segments"], "seconds": segmented,
        "profiled": time.process_time() - start, "wall": time.monotonic() - wall, "table_mb": table,
        "rise_mb": _peak() - before, "ari": adjusted_rand(found.assigned, world.truth),
    }  # fmt: skip


def measure_naive(size: int) -> dict[str, float]:
    """Segment as notebooks do, on the columns that we prepared."""
    from segment_methods import naive_notebook
    from segment_worlds import plant_world

    from cjmlab.segments.columns import plan_columns
    from cjmlab.segments.features import fit_space
    from cjmlab.segments.stability import adjusted_rand

    world = plant_world(size, 5, "middle", seed=1)
    space = fit_space(plan_columns(world.customers, roles=world.roles))
    design = space.design(space.raw(world.customers))
    start = time.process_time()
    labels = naive_notebook(design)
    return {"size": size, "segments": int(labels.max()) + 1, "seconds": time.process_time() - start,
            "ari": adjusted_rand(labels, world.truth)}  # fmt: skip


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _apart(kind: str, size: int) -> dict[str, float]:
    """Run one measurement in a fresh process with one thread."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run([sys.executable, __file__, kind, str(size)], capture_output=True, text=True, check=True,
                         env=environment, cwd=Path(__file__).parent)  # fmt: skip
    return json.loads(ran.stdout.splitlines()[-1])


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Print both, and the bars."""
    ours, naive = {}, {}
    print(
        "customers    k  count s  all s  with profile  wall s  table MB  peak rise MB   ARI   naive s   k   ARI  naive / count"
    )
    for size in sizes:
        row = ours[size] = _apart("ours", size)
        text = "{size:9,d}  {segments:3d}  {count:7.1f} {seconds:6.1f} {profiled:13.1f} {wall:7.1f} {table_mb:9.0f} {rise_mb:13.0f} {ari:5.2f}"
        text = text.format(**row)
        if size in NAIVE_SIZES:
            other = naive[size] = _apart("naive", size)
            text += f" {other['seconds']:9.1f} {other['segments']:3d} {other['ari']:5.2f} {other['seconds'] / row['count']:9.2f}"
        print(text, flush=True)
    for size, bar in SECONDS.items():
        if size in ours:
            _say(
                f"{size:,} customers with the count, CPU seconds",
                ours[size]["seconds"],
                bar,
                ours[size]["seconds"] <= bar,
            )
    size, bar = COUNT_BAR
    if size in ours:
        _say(f"{size:,} customers, the count alone, CPU seconds", ours[size]["count"], bar, ours[size]["count"] <= bar)
    size, bar = RATIO_BAR
    if size in naive:
        ratio = naive[size]["seconds"] / ours[size]["count"]
        _say(f"{size:,} customers, naive notebook / our count with its test", ratio, bar, ratio >= bar)


def _say(what: str, reached: float, bar: float, good: bool) -> None:
    print(f"  {what}: reached {reached:.1f}  bar {bar:.0f}  {'ok' if good else 'SHORT'}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps((measure if sys.argv[1] == "ours" else measure_naive)(int(sys.argv[2])), default=float))
