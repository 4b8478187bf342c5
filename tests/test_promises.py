"""The promises of the README that concern the whole line: no network, no dependence on row order or threads."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import cjmlab as cjm

SAMPLE = Path(__file__).parents[1] / "data" / "samples" / "furniture"

OFFLINE = """
import socket, sys

class Refused(socket.socket):
    def __init__(self, family=socket.AF_INET, *rest, **named):
        if family != getattr(socket, "AF_UNIX", None):
            raise AssertionError("somebody asks the network")
        super().__init__(family, *rest, **named)

def refuse(*asked, **named):
    raise AssertionError(f"somebody asks for {asked}")

socket.socket = Refused
socket.getaddrinfo = socket.create_connection = refuse
from cjmlab.cli import main
sys.exit(main(["run", sys.argv[1], "-o", sys.argv[2], "--language", "en"]))
"""


def test_the_line_asks_no_network(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, str(SAMPLE), str(tmp_path / "page.html")],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "page.html").is_file()


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    """Promise 6: every table of the study shuffled, the same segments, journeys and moments."""
    folder = tmp_path / "furniture"
    shutil.copytree(SAMPLE, folder)
    for path in folder.glob("*.csv"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        frame.sample(frac=1, random_state=5).to_csv(path, index=False)
    first, second = cjm.run_study(SAMPLE), cjm.run_study(folder)
    members = [run.segments.members.sort_values("customer_id", ignore_index=True) for run in (first, second)]
    pd.testing.assert_frame_equal(*members, atol=1e-9)
    numbers = ["n", "customers", "experience", "low", "high", "reach", "expectation"]
    keys = ["segment", "touchpoint"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(first.journeys)[keys + numbers], pd.DataFrame(second.journeys)[keys + numbers], atol=1e-9
    )
    pd.testing.assert_frame_equal(
        first.moments[["segment", "kind", "touchpoint", "rank", "n"]],
        second.moments[["segment", "kind", "touchpoint", "rank", "n"]],
    )


@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_number_of_threads_changes_nothing(threads: str) -> None:
    import os

    code = (
        "import cjmlab as cjm, hashlib, pandas as pd; run = cjm.run_study(__import__('sys').argv[1]);"
        "print(hashlib.sha256(pd.DataFrame(run.journeys).round(9).astype(str).to_csv().encode()).hexdigest())"
    )
    given = {**os.environ, **dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], threads)}
    said = [
        subprocess.run([sys.executable, "-c", code, str(SAMPLE)], env=env, capture_output=True, text=True, check=True)
        for env in (given, os.environ)
    ]
    assert said[0].stdout == said[1].stdout != ""


def test_nothing_is_loaded_by_executing_it() -> None:
    """Promise 8 in the small: no room imports pickle, marshal or shelve."""
    house = Path(cjm.__file__).parent
    for path in house.rglob("*.py"):
        for line in path.read_text("utf-8").splitlines():
            assert not line.strip().startswith(("import pickle", "from pickle", "import marshal", "import shelve")), (
                path
            )
