"""Time the path kernel from Parquet beside its peers, each in a fresh process of its own environment.

``python benchmarks/peers.py --events 100000,1000000 --install`` makes the environments under a folder outside the
project (they are never dependencies; pm4py is AGPL and only measured), writes the same log once, and prints the median
of three runs (wall and CPU seconds) with ratios. Peers that cannot be installed are named and left out. Without
``--install`` only what is there runs. Work: (a) directly-follows counts by segment, (b) reach of stages, (c) median time
between stages, (d) ten commonest variants by segment, (e) n, mean and spread of sentiment by segment and touchpoint.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

ENVIRONMENTS = Path(os.environ.get("CJMLAB_PEERS", Path(tempfile.gettempdir()) / "cjmlab-peers"))
PACKAGES = {
    "pandas": [], "polars": ["polars", "pyarrow"], "duckdb": ["duckdb", "pandas", "pyarrow"],
    "pm4py": ["pm4py", "pyarrow"], "retentioneering": ["retentioneering", "pyarrow"],
    "pl4pm": ["pl4pm", "pyarrow"], "r4pm": ["r4pm", "polars", "pyarrow"],
}  # fmt: skip
STEPS = {
    "cjmlab": "a–e", "streamed": "a–e", "pandas": "a–e", "polars": "a–e", "duckdb": "a–e", "pm4py": "a, c, d",
    "retentioneering": "a, b", "pl4pm": "a, c, d", "r4pm": "a, d",
}  # fmt: skip
BARS = {"pandas": 10.0, "polars": 1.2, "duckdb": 1.0, "pm4py": 12.0, "retentioneering": 12.0, "pl4pm": 5.0, "r4pm": 5.0}


def write_log(path: Path, events: int, seed: int = 0, *, clustered: bool = False) -> None:
    """Write a log of about fifteen events a customer, 42 touchpoints, seven stages, eight segments.

    ``clustered`` lays it out by customer and time, as a store of events is.
    """
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    people = max(events // 15, 8)
    customer = rng.integers(0, people, events)
    point = rng.integers(0, 42, events)
    home = rng.integers(0, 8, people)
    names = {"touchpoint": [f"touchpoint_{i:02d}" for i in range(42)], "stage": [f"stage_{i}" for i in range(7)],
             "segment": [f"segment_{i}" for i in range(8)]}  # fmt: skip
    codes = {"touchpoint": point, "stage": point // 6, "segment": home[customer]}
    time_of = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 365 * 86_400 * 10**6, events), unit="us")
    table = pd.DataFrame({"customer_id": customer, "time": time_of, "sentiment": rng.uniform(-1, 1, events).round(3)})
    for name, words in names.items():
        table[name] = pd.Categorical.from_codes(codes[name], words)
    table = table.sort_values(["customer_id", "time"]) if clustered else table
    table.to_parquet(path, index=False)


def run_cjmlab(path: str) -> int:
    from cjmlab.journeys.kernel import partial
    from cjmlab.journeys.path_tables import finish
    from cjmlab.journeys.store import EventStore

    columns, names = EventStore(path).read()
    follows = finish(partial(columns), names, top=10).transitions
    return int(follows.loc[follows["from"].ne("start") & follows["to"].ne("end"), "n"].sum())


def run_streamed(path: str) -> int:
    from cjmlab.journeys.path_tables import finish
    from cjmlab.journeys.store import EventStore

    follows = finish(*EventStore(path).stream(), top=10).transitions
    return int(follows.loc[follows["from"].ne("start") & follows["to"].ne("end"), "n"].sum())


def run_pandas(path: str) -> int:
    import pandas as pd

    table = pd.read_parquet(path).sort_values(["customer_id", "time"])
    table = table.astype(dict.fromkeys(("touchpoint", "stage", "segment"), str))
    groups = table.groupby("customer_id")
    table["to"] = groups["touchpoint"].shift(-1)
    follows = table.dropna(subset="to").groupby(["segment", "touchpoint", "to"]).size()
    table.groupby(["segment", "stage"])["customer_id"].nunique()
    enter = table[
        table["stage"].ne(groups["stage"].shift()) | table["customer_id"].ne(table["customer_id"].shift())
    ].copy()
    enter["next"] = enter.groupby("customer_id")["stage"].shift(-1)
    enter["wait"] = enter.groupby("customer_id")["time"].shift(-1) - enter["time"]
    enter.dropna(subset="next").groupby(["segment", "stage", "next"])["wait"].median()
    paths = groups.agg(segment=("segment", "first"), path=("touchpoint", " > ".join))
    paths.groupby("segment")["path"].value_counts().groupby(level=0).head(10)
    table.groupby(["segment", "touchpoint"])["sentiment"].agg(["size", "mean", "std"])
    return int(follows.sum())


def run_polars(path: str) -> int:
    import polars as pl

    table = pl.read_parquet(path).sort("customer_id", "time")
    table = table.with_columns(
        to=pl.col("touchpoint").shift(-1).over("customer_id"), before=pl.col("stage").shift(1).over("customer_id")
    )
    follows = table.drop_nulls("to").group_by("segment", "touchpoint", "to").len()
    table.group_by("segment", "stage").agg(pl.col("customer_id").n_unique())
    enter = table.filter(pl.col("before").is_null() | (pl.col("before") != pl.col("stage")))
    enter = enter.with_columns(next=pl.col("stage").shift(-1).over("customer_id"),
                               wait=pl.col("time").shift(-1).over("customer_id") - pl.col("time"))  # fmt: skip
    enter.drop_nulls("next").group_by("segment", "stage", "next").agg(pl.col("wait").median(), pl.len())
    paths = table.group_by("customer_id", maintain_order=True).agg(
        pl.col("segment").first(), pl.col("touchpoint").to_physical().cast(pl.String).str.join(">").alias("path")
    )
    paths.group_by("segment", "path").len().sort("len", descending=True).group_by("segment").head(10)
    table.group_by("segment", "touchpoint").agg(
        pl.len().alias("n"), pl.col("sentiment").mean().alias("mean"), pl.col("sentiment").std().alias("sd")
    )
    return int(follows["len"].sum())


def run_duckdb(path: str) -> int:
    import duckdb

    db = duckdb.connect()
    db.execute("SET threads = 2")
    db.execute(f"""CREATE TABLE e AS SELECT customer_id, time, touchpoint::VARCHAR touchpoint, stage::VARCHAR stage,
        segment::VARCHAR segment, sentiment, lead(touchpoint::VARCHAR) OVER w AS nxt, lag(stage::VARCHAR) OVER w AS bef
        FROM read_parquet('{path}') WINDOW w AS (PARTITION BY customer_id ORDER BY time)""")
    total = db.execute("""SELECT sum(n) FROM (SELECT segment, touchpoint, nxt, count(*) n FROM e WHERE nxt IS NOT NULL
        GROUP BY ALL)""").fetchone()
    queries = (
        "SELECT segment, stage, count(DISTINCT customer_id) FROM e GROUP BY ALL",
        """SELECT segment, stage, nxt, median(wait) FROM (SELECT segment, stage, lead(stage) OVER w nxt,
        lead(time) OVER w - time wait FROM e WHERE bef IS NULL OR bef <> stage
        WINDOW w AS (PARTITION BY customer_id ORDER BY time)) WHERE nxt IS NOT NULL GROUP BY ALL""",
        """SELECT * FROM (SELECT segment, path, count(*) n FROM (SELECT any_value(segment) segment, string_agg(touchpoint,
        '>' ORDER BY time) path FROM e GROUP BY customer_id) GROUP BY segment, path) QUALIFY row_number() OVER (PARTITION BY segment ORDER BY
        n DESC) <= 10""",
        "SELECT segment, touchpoint, count(*), avg(sentiment), stddev(sentiment) FROM e GROUP BY ALL",
    )
    for query in queries:
        db.execute(query).fetchall()
    return int(total[0]) if total else 0


def run_pm4py(path: str) -> int:
    import pandas as pd
    import pm4py

    table = pd.read_parquet(path).astype({"touchpoint": str, "segment": str, "customer_id": str})
    total = 0
    for _, part in table.groupby("segment"):
        log = pm4py.format_dataframe(part, case_id="customer_id", activity_key="touchpoint", timestamp_key="time")
        edges, _, _ = pm4py.discover_dfg(log)
        pm4py.discover_performance_dfg(log)
        pm4py.get_variants(log)
        total += sum(edges.values())
    return int(total)


def run_retentioneering(path: str) -> int:
    os.environ["RETENTIONEERING_NO_TRACK"] = "1"
    import pandas as pd
    from retentioneering.eventstream.eventstream import Eventstream

    table = pd.read_parquet(path).rename(columns={"customer_id": "user_id", "touchpoint": "event", "time": "timestamp"})
    table = table.astype({"event": str, "user_id": str, "stage": str, "segment": str})
    total, steps = 0.0, sorted(table["stage"].unique())
    for _, part in table.groupby("segment"):
        stream = Eventstream(part[["user_id", "event", "timestamp"]])
        total += float(stream.transition_graph_data(edge_weight="count").to_numpy().sum())
        staged = part.assign(event=part["stage"])[["user_id", "event", "timestamp"]]
        Eventstream(staged).funnel_data(steps=steps)
    return int(total)


def run_pl4pm(path: str) -> int:
    import pl4pm
    import polars as pl

    keys = {"activity_key": "touchpoint", "case_id_key": "customer_id", "timestamp_key": "time"}
    table = (
        pl.read_parquet(path).with_columns(pl.col("touchpoint", "segment").cast(pl.String)).sort("customer_id", "time")
    )
    total = 0
    for part in table.partition_by("segment"):
        log = part.lazy()
        total += sum(pl4pm.discover_dfg(log, **keys)[0].values())
        pl4pm.discover_performance_dfg(log, perf_aggregation_key="median", **keys)
        pl4pm.get_variants(log, **keys)
    return int(total)


def run_r4pm(path: str) -> int:
    import polars as pl
    import r4pm
    from r4pm.bindings import discover_dfg, get_top_n_variants

    names = {"customer_id": "case:concept:name", "touchpoint": "concept:name", "time": "time:timestamp"}
    table = pl.read_parquet(path).sort("customer_id", "time").rename(names)
    table = table.with_columns(pl.col("concept:name", "case:concept:name", "segment").cast(pl.String))
    total = 0
    for part in table.partition_by("segment"):
        log = r4pm.import_item_from_df("EventLog", part.select(list(names.values())))
        total += sum(n for _, n in discover_dfg(log)["directly_follows_relations"])
        get_top_n_variants(r4pm.convert_item(log, "EventLogActivityProjection"), 10)
        r4pm.remove_item(log)
    return int(total)


RUNNERS: dict[str, Callable[[str], int]] = {
    "cjmlab": run_cjmlab, "streamed": run_streamed, "pandas": run_pandas, "polars": run_polars, "duckdb": run_duckdb,
    "pm4py": run_pm4py, "retentioneering": run_retentioneering, "pl4pm": run_pl4pm, "r4pm": run_r4pm,
}  # fmt: skip


def measure(peer: str, path: str, repeats: int) -> dict[str, Any]:
    """Run a peer in this process and return its medians and what it counted."""
    walls, cpus, count = [], [], 0
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        count = RUNNERS[peer](path)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "peer": peer,
        "wall": statistics.median(walls),
        "cpu": statistics.median(cpus),
        "count": count,
        "peak": peak,
    }


def interpreter(peer: str, install: bool) -> str | None:
    """Return the Python of a peer's own environment, made on request; None when it is not there."""
    if peer in ("cjmlab", "streamed", "pandas"):
        return sys.executable
    python = ENVIRONMENTS / peer / "bin" / "python"
    if not python.exists() and install:
        venv.create(ENVIRONMENTS / peer, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES[peer]], check=False)
    return str(python) if python.exists() else None


def compare(events: int, repeats: int, install: bool, peers: list[str], clustered: bool) -> list[dict[str, Any]]:
    """Run every peer in a fresh process on the same file."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        write_log(path, events, clustered=clustered)
        for peer in peers:
            python = interpreter(peer, install)
            if python is None:
                print(f"{peer}: no environment at {ENVIRONMENTS / peer}; run with --install")
                continue
            command = [python, __file__, "--peer", peer, "--file", str(path), "--repeats", str(repeats)]
            ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1200)
            if ran.returncode:
                print(f"{peer}: {ran.stderr.strip().splitlines()[-1] if ran.stderr.strip() else 'failed'}")
                continue
            found.append(json.loads(ran.stdout.strip().splitlines()[-1]))
    return found


def main() -> None:
    """Print the table of every size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", default="100000,1000000")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--clustered", action="store_true", help="events laid out by customer and time")
    parser.add_argument("--only", default=",".join(RUNNERS))
    parser.add_argument("--peer")
    parser.add_argument("--file")
    options = parser.parse_args()
    if options.peer:
        print(json.dumps(measure(options.peer, options.file, options.repeats)))
        return
    for events in map(int, options.events.split(",")):
        rows = compare(events, options.repeats, options.install, options.only.split(","), options.clustered)
        ours = next((row for row in rows if row["peer"] == "cjmlab"), None)
        print(f"\n{events:,} events, median of {options.repeats}")
        print(
            f"{'':16}{'does':>10}{'wall s':>9}{'CPU s':>9}{'wall ×':>8}{'CPU ×':>8}{'bar':>7}{'peak MB':>9}{'steps counted':>16}"
        )
        for row in rows:
            wall, cpu = (row[name] / ours[name] if ours else float("nan") for name in ("wall", "cpu"))
            bar = f"{BARS[row['peer']]:.1f}" if row["peer"] in BARS and events >= 1_000_000 else ""
            numbers = (
                f"{row['wall']:9.3f}{row['cpu']:9.3f}{wall:8.1f}{cpu:8.1f}{bar:>7}{row['peak']:9}{row['count']:16,}"
            )
            print(f"{row['peer']:16}{STEPS[row['peer']]:>10}{numbers}")


if __name__ == "__main__":
    main()
