"""Run the path kernel unchanged in Spark, beside the same work in Spark SQL and the kernel alone.

``python benchmarks/spark.py --events 1000000`` in an environment with pyspark, numpy, pandas and pyarrow (never a
dependency) and this project on ``PYTHONPATH``; it needs Java 17. It checks that the tables are those of the kernel
alone, and prints seconds. Spark is for data that do not fit into one machine, never for speed here.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from peers import write_log

from cjmlab.journeys.kernel import State, merge, partial
from cjmlab.journeys.path_tables import Alphabet, finish
from cjmlab.journeys.store import EventStore

COLUMNS = {name: name for name in ("customer_id", "time", "touchpoint", "stage", "segment", "sentiment")}
_CHUNKED = ("dwell_key", "dwell")


def pack(state: State) -> bytes:
    """Write a state as bytes, without pickle."""
    buffer = io.BytesIO()
    values = {each.name: getattr(state, each.name) for each in fields(state)}
    joined = {name: np.concatenate(values[name]) for name in _CHUNKED}
    np.savez(buffer, **{name: np.asarray(value) for name, value in (values | joined).items()})
    return buffer.getvalue()


def unpack(data: bytes) -> State:
    """Read a state from bytes."""
    with np.load(io.BytesIO(data), allow_pickle=False) as parts:
        values: dict[str, Any] = dict(parts)
    values |= {name: (values[name],) for name in _CHUNKED}
    return State(**values | {"sizes": tuple(values["sizes"].tolist())})


def run_kernel(session: Any, path: str, names: Alphabet) -> State:
    """Shuffle by customer, summarise every partition where it lies, and merge the states."""
    store = EventStore(path)

    def summarise(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = [batch for batch in batches if batch.num_rows]
        if rows:
            state = partial(store.encode(pa.Table.from_batches(rows), COLUMNS, names))
            yield pa.RecordBatch.from_pydict({"state": [pack(state)]})

    log = session.read.parquet(path).repartition(4, "customer_id")
    return merge(unpack(bytes(row.state)) for row in log.mapInArrow(summarise, "state binary").collect())


def run_sql(session: Any, path: str) -> int:
    """Do the same five things in Spark SQL."""
    log = session.read.parquet(path)
    log.createOrReplaceTempView("log")
    steps = session.sql("""SELECT *, lead(touchpoint) OVER w nxt, lag(stage) OVER w bef FROM log
        WINDOW w AS (PARTITION BY customer_id ORDER BY time)""").cache()
    steps.createOrReplaceTempView("steps")
    total = sum(row.n for row in session.sql(
        "SELECT segment, touchpoint, nxt, count(*) n FROM steps WHERE nxt IS NOT NULL GROUP BY 1, 2, 3").collect())  # fmt: skip
    for query in (
        "SELECT segment, stage, count(DISTINCT customer_id) FROM steps GROUP BY 1, 2",
        """SELECT segment, stage, nxt, percentile(wait, 0.5) FROM (SELECT segment, stage, lead(stage) OVER w nxt,
           unix_micros(lead(time) OVER w) - unix_micros(time) wait FROM steps WHERE bef IS NULL OR bef <> stage
           WINDOW w AS (PARTITION BY customer_id ORDER BY time)) WHERE nxt IS NOT NULL GROUP BY 1, 2, 3""",
        """SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY segment ORDER BY n DESC) place FROM (
           SELECT segment, path, count(*) n FROM (SELECT first(segment) segment, concat_ws('>', transform(array_sort(
           collect_list(struct(time, touchpoint))), x -> x.touchpoint)) path FROM steps GROUP BY customer_id)
           GROUP BY 1, 2)) WHERE place <= 10""",
        "SELECT segment, touchpoint, count(*), avg(sentiment), stddev(sentiment) FROM steps GROUP BY 1, 2",
    ):
        session.sql(query).collect()
    steps.unpersist()
    return int(total)


def timed(work: Any, repeats: int) -> tuple[float, Any]:
    """Return the median of some runs and the last result."""
    walls, found = [], None
    for _ in range(repeats):
        began = time.perf_counter()
        found = work()
        walls.append(time.perf_counter() - began)
    return statistics.median(walls), found


def main() -> None:
    """Print seconds, and whether the tables agree."""
    from pyspark.sql import SparkSession

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "events.parquet")
        write_log(Path(path), options.events)
        settings = {
            "spark.sql.shuffle.partitions": "4",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.memory": "3g",
        }
        os.environ["PYSPARK_PYTHON"] = sys.executable
        builder = SparkSession.builder.master("local[2]")
        for key, value in settings.items():
            builder = builder.config(key, value)
        began = time.perf_counter()
        session = builder.getOrCreate()
        start = time.perf_counter() - began
        columns, names = EventStore(path).read()
        state = partial(columns)
        kernel, merged = timed(lambda: run_kernel(session, path, names), options.repeats)
        sql, _ = timed(lambda: run_sql(session, path), options.repeats)
        first, second = finish(state, names), finish(merged, names)
        for table in ("transitions", "reach", "dwell", "variants", "experience"):
            pd.testing.assert_frame_equal(getattr(first, table), getattr(second, table), rtol=1e-9, atol=1e-9)
        print(f"{options.events:,} events, local[2], median of {options.repeats}; the five tables are the same to 1e-9")
        print(f"start {start:.1f} s, kernel {kernel:.2f} s, Spark SQL {sql:.2f} s: {sql / kernel:.1f} × (bar 2.5 ×)")
        session.stop()


if __name__ == "__main__":
    main()
