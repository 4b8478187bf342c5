"""Hold the paths against retentioneering and sequenzo where they compute the same thing.

``python benchmarks/differential.py`` runs each peer in its own environment (made by ``benchmarks/peers.py --install``;
telemetry off) on the data that it ships, and compares: funnel and directly-follows counts on the shop log of
retentioneering; Hamming and edit distances on the mvad sequences of sequenzo.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from peers import ENVIRONMENTS

STEPS = ["catalog", "add_to_cart", "purchase"]
SEQUENCES = 120


def run_retentioneering(out: Path) -> None:
    """Write the shop log, its funnel and its transitions, as retentioneering has them."""
    os.environ["RETENTIONEERING_NO_TRACK"] = "1"
    import pandas as pd
    import retentioneering
    from retentioneering.eventstream.eventstream import Eventstream

    log = pd.read_csv(Path(retentioneering.__path__[0]) / "datasets" / "ecom.csv.gz")
    log[["user_id", "event", "timestamp"]].to_csv(out / "log.csv", index=False)
    stream = Eventstream(log[["user_id", "event", "timestamp"]])
    counts = stream.transition_graph_data(edge_weight="count")
    funnel = [step["unique_paths"] for step in stream.funnel_data(steps=STEPS)["steps"]]
    pairs = {f"{a}>{b}": float(counts.loc[a, b]) for a in counts.index for b in counts.columns if counts.loc[a, b] > 0}
    (out / "found.json").write_text(json.dumps({"funnel": funnel, "pairs": pairs}))


def run_sequenzo(out: Path) -> None:
    """Write some of the mvad sequences and their distances, as sequenzo has them."""
    import pandas as pd
    import sequenzo

    table = pd.read_csv(Path(sequenzo.__path__[0]) / "datasets" / "mvad.csv")
    months = [name for name in table.columns if name.split(".")[-1] in {str(year) for year in range(93, 100)}][2:]
    table[months].to_csv(out / "mvad.csv", index=False)
    some = table.head(SEQUENCES)
    states = sorted(set(some[months].to_numpy().ravel()))
    data = sequenzo.SequenceData(some, time=months, id_col="id", states=states)
    costs = 1.0 - np.eye(len(states) + 1)
    for name, options in {"hamming": {"method": "HAM"}, "edit": {"method": "OM", "sm": costs, "indel": 1.0}}.items():
        np.save(out / f"{name}.npy", np.asarray(sequenzo.get_distance_matrix(seqdata=data, **options), dtype=float))


def check_retentioneering(out: Path) -> Iterator[tuple[str, bool]]:
    """Compare the funnel and every directly-follows count."""
    import pandas as pd

    from cjmlab.journeys import funnel, transitions

    log = pd.read_csv(out / "log.csv")
    log.columns = ["customer_id", "touchpoint", "time"]
    theirs = json.loads((out / "found.json").read_text())
    ours = funnel(log, STEPS, level="touchpoint")["customers"].tolist()
    yield f"funnel {' → '.join(STEPS)}: {ours}", ours == theirs["funnel"]
    tied = log.duplicated(["customer_id", "time"], keep=False)
    alone = log[~log["customer_id"].isin(log.loc[tied, "customer_id"])]
    table = transitions(alone if tied.any() else log, level="touchpoint")
    names = {"start": "path_start", "end": "path_end"}
    mine = {f"{names.get(a, a)}>{names.get(b, b)}": float(n) for a, b, n in
            zip(table["from"], table["to"], table["n"], strict=True)}  # fmt: skip
    if tied.any():
        yield f"{int(tied.sum())} events at the same instant, in an order of their own: totals only", True
        whole = transitions(log, level="touchpoint")
        yield "all directly-follows counts together", whole["n"].sum() == sum(theirs["pairs"].values())
        least = all(mine[pair] <= theirs["pairs"].get(pair, 0) + 1e-9 for pair in mine)
        yield f"{len(mine)} counts of users without ties are within theirs", least
        return
    yield f"{len(mine)} directly-follows counts", mine == theirs["pairs"]


def check_sequenzo(out: Path) -> Iterator[tuple[str, bool]]:
    """Compare distances."""
    import pandas as pd

    from cjmlab.journeys import path_distances

    paths = [tuple(row) for row in pd.read_csv(out / "mvad.csv").to_numpy()]
    some = paths[:SEQUENCES]
    for name in ("hamming", "edit"):
        ours, theirs = path_distances(some, name) * len(paths[0]), np.load(out / f"{name}.npy")
        yield f"{name} distances of {len(some)} sequences", bool(np.allclose(ours, theirs))


def find(name: str) -> str | None:
    """Return the Python of a peer's environment, if there is one."""
    python = ENVIRONMENTS / name / "bin" / "python"
    return str(python) if python.exists() else None


PEERS: dict[str, tuple[Any, Any]] = {
    "retentioneering": (run_retentioneering, check_retentioneering), "sequenzo": (run_sequenzo, check_sequenzo),
}  # fmt: skip


def main() -> None:
    """Print what agrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.peer:
        PEERS[options.peer][0](options.out)
        return
    wrong = 0
    for name, (_, check) in PEERS.items():
        python = find(name)
        if python is None:
            print(f"{name}: no environment at {ENVIRONMENTS / name}; run benchmarks/peers.py --install")
            continue
        with tempfile.TemporaryDirectory() as folder:
            ran = subprocess.run(
                [python, __file__, "--peer", name, "--out", folder], capture_output=True, text=True, check=False
            )
            if ran.returncode:
                print(f"{name}: {ran.stderr.strip().splitlines()[-1]}")
                wrong += 1
                continue
            for what, same in check(Path(folder)):
                print(f"{name}: {what}: {'the same' if same else 'NOT THE SAME'}")
                wrong += not same
    raise SystemExit(wrong)


if __name__ == "__main__":
    main()
