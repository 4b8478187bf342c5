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
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

from peer_runs import RUNNERS

ENVIRONMENTS = Path(os.environ.get("CJMLAB_PEERS", Path(tempfile.gettempdir()) / "cjmlab-peers"))
PACKAGES = {
    "pandas": [], "polars": ["polars", "pyarrow"], "duckdb": ["duckdb", "pandas", "pyarrow"],
    "pm4py": ["pm4py", "pyarrow"], "retentioneering": ["retentioneering", "pyarrow"],
    "pl4pm": ["pl4pm", "pyarrow"], "r4pm": ["r4pm", "polars", "pyarrow"],
}  # fmt: skip
STEPS = {
    "cjmlab": "a–e", "at once": "a–e", "store": "write, a–e", "pandas": "a–e", "polars": "a–e", "duckdb": "a–e", "pm4py": "a, c, d",
    "retentioneering": "a, b", "pl4pm": "a, c, d", "r4pm": "a, d",
}  # fmt: skip
CLUSTERED = {"polars": 2.0}
"""Bars at ten million events that lie in order."""
PEAK, GROWTH = 600, 12.0
"""MB at ten million events; CPU seconds of ten million events in order against a million."""
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


def peak_memory() -> int:
    """Return the most memory this process has held, in MB; where Linux says it, without what its parent held."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure(peer: str, path: str, repeats: int) -> dict[str, Any]:
    """Run a peer in this process and return its medians and what it counted."""
    walls, cpus, count = [], [], 0
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        count = RUNNERS[peer](path)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    peak = peak_memory()
    return {
        "peer": peer,
        "wall": statistics.median(walls),
        "cpu": statistics.median(cpus),
        "count": count,
        "peak": peak,
    }


def interpreter(peer: str, install: bool) -> str | None:
    """Return the Python of a peer's own environment, made on request; None when it is not there."""
    if peer in ("cjmlab", "at once", "store", "pandas"):
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
    ours: dict[str, dict[int, float]] = {}
    for events in map(int, options.events.split(",")):
        rows = compare(events, options.repeats, options.install, options.only.split(","), options.clustered)
        print_table(rows, events, options.repeats, options.clustered)
        for row in rows:
            if row["peer"] in ("cjmlab", "at once"):
                ours.setdefault(row["peer"], {})[events] = row["cpu"]
    for peer, seconds in ours.items():
        if {1_000_000, 10_000_000} <= set(seconds):
            bar = f" (bar {GROWTH:.0f} ×)" if options.clustered else ""
            print(f"{peer}: 10 M takes {seconds[10_000_000] / seconds[1_000_000]:.1f} × the CPU seconds of 1 M{bar}")


def print_table(rows: list[dict[str, Any]], events: int, repeats: int, clustered: bool) -> None:
    """Print seconds, ratios and bars of one size."""
    ours = next((row for row in rows if row["peer"] == "cjmlab"), None)
    large = events >= 10_000_000
    bars = CLUSTERED if clustered and large else BARS if events >= 1_000_000 else {}
    print(f"\n{events:,} events{' in order' if clustered else ''}, median of {repeats}")
    print(
        f"{'':16}{'does':>10}{'wall s':>9}{'CPU s':>9}{'wall ×':>8}{'CPU ×':>8}{'bar':>7}{'peak MB':>9}{'steps counted':>16}"
    )
    for row in rows:
        wall, cpu = (row[name] / ours[name] if ours else float("nan") for name in ("wall", "cpu"))
        bar = f"{bars[row['peer']]:.1f}" if row["peer"] in bars else ""
        peak = f"{row['peak']} (bar {PEAK})" if row["peer"] == "cjmlab" and large else str(row["peak"])
        numbers = f"{row['wall']:9.3f}{row['cpu']:9.3f}{wall:8.1f}{cpu:8.1f}{bar:>7}{peak:>9}{row['count']:16,}"
        print(f"{row['peer']:16}{STEPS[row['peer']]:>10}{numbers}")


if __name__ == "__main__":
    main()
