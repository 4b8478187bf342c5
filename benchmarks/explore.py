"""A filter on a million feedback rows: the cube against pandas on the same rows, in one run.

Run: ``python benchmarks/explore.py [rows]``. Prints the time to build the cube, the p95 of a filter from it, and how many
times faster that is than filtering and grouping the rows. Bars: p95 ≤ 5 ms, ≥ 50 × pandas; a whole map ≤ 300 ms.
"""

from __future__ import annotations

import itertools
import sys
import time

import numpy as np
import pandas as pd

from cjmlab.explore.cube import FilterCube, filter_from_cube
from cjmlab.explore.filters import Filters
from cjmlab.journeys import derive_journeys
from cjmlab.maps import map_spec


def make_rows(rows: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    point = rng.integers(0, 42, rows)

    def among(*values: str) -> pd.Categorical:
        return pd.Categorical.from_codes(rng.integers(0, len(values), rows), list(values))

    return pd.DataFrame({
        "segment": among(*(f"segment {i}" for i in range(8))),
        "stage": pd.Categorical.from_codes(point // 6, [f"stage {i}" for i in range(7)]),
        "touchpoint": pd.Categorical.from_codes(point, [f"touchpoint {i:02}" for i in range(42)]),
        "wave": among("1", "2", "3", "4"), "source_type": among("survey", "review", "interview"),
        "channel": among("app", "web", "store", "phone", "chat"), "language": among("en", "zh-Hans", "ru"),
        "sentiment": np.round(rng.uniform(-1, 1, rows), 3),
    })  # fmt: skip


def choices() -> list[Filters]:
    axes = ((None, "1", "3"), (None, "survey"), (None, "app", "chat"), (None, "ru"))
    names = ("wave", "source", "channel", "language")
    return [Filters.of(dict(zip(names, values, strict=True))) for values in itertools.product(*axes)]


def small_journeys(rows: pd.DataFrame) -> pd.DataFrame:
    """Journeys of a part of the rows, for the shape of the map."""
    part = rows.iloc[:20_000].astype({name: object for name in rows.columns if name != "sentiment"})
    ids = [f"u{i:06}" for i in range(len(part))]
    customers = [f"c{i % 4000:05}" for i in range(len(part))]
    coded = part.assign(unit_id=ids, feedback_id=ids, customer_id=customers, text=None, start=None, end=None, lane=None,
                        coder="asked", negative=None, neutral=None, positive=None, scorer="rating")  # fmt: skip
    members = pd.DataFrame({"customer_id": sorted(set(customers))})
    members["segment"] = [f"segment {i % 8}" for i in range(len(members))]
    return derive_journeys(coded.drop(columns="segment"), members)


def timed(run, filters: list[Filters]) -> np.ndarray:
    times = []
    for each in filters:
        start = time.perf_counter()
        run(each)
        times.append(time.perf_counter() - start)
    return np.array(times) * 1000


def main(rows: int = 1_000_000) -> None:
    table = make_rows(rows)
    start = time.perf_counter()
    cube = FilterCube.of(table)
    print(f"{rows:,} rows: cube of {len(cube.n):,} combinations built in {time.perf_counter() - start:.2f} s")
    filters = choices()
    fast = timed(cube.cells, filters)
    as_text = table.astype({name: "str" for name in table.columns if name != "sentiment"})
    keys = ["segment", "stage", "touchpoint"]
    slow = timed(
        lambda each: each.keep(as_text).groupby(keys, observed=True)["sentiment"].agg(["size", "mean", "std"]), filters
    )
    print(f"a filter from the cube: median {np.median(fast):.2f} ms, p95 {np.quantile(fast, 0.95):.2f} ms")
    print(
        f"a filter by pandas:     median {np.median(slow):.1f} ms; {np.median(slow) / np.median(fast):.0f} × the cube"
    )
    journeys = small_journeys(table)
    segment = journeys["segment"].iloc[0]
    whole = timed(
        lambda each: map_spec(filter_from_cube(cube, journeys, each), None, segment=segment, quotes=False), filters
    )
    print(f"filter and whole map:   median {np.median(whole):.0f} ms, p95 {np.quantile(whole, 0.95):.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
