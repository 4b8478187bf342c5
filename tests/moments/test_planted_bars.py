"""Six planted worlds a claim: the line recovers what was planted. The full table is ``benchmarks/planted.py``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SEEDS = 6


@pytest.fixture(scope="module")
def planted() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "planted.py"
    if not path.exists():
        pytest.skip("the benchmarks are not beside the tests")
    spec = importlib.util.spec_from_file_location("planted_bars", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["planted_bars"] = module
    spec.loader.exec_module(module)
    return module


def test_curves(planted: ModuleType) -> None:
    found = planted.measure_curves(SEEDS, 600)
    assert found["rmse"] <= 0.12
    assert found["r"] >= 0.97
    assert found["worst first"] >= 0.9
    assert found["cells"] >= 200
    assert 0.91 <= found["coverage"] <= 0.99


def test_moments_of_truth(planted: ModuleType) -> None:
    precision, recall = planted.measure_truth(SEEDS, 600)
    assert precision >= 0.90
    assert recall >= 0.55


def test_nothing_is_found_where_all_drivers_are_equal(planted: ModuleType) -> None:
    some = 0
    for seed in range(SEEDS):
        _, journeys, study = planted.world_line(seed, 600, noise=True, drivers="equal")
        moments = planted.rank_moments(journeys, study.outcomes, outcome="recommend")
        some += bool(moments["kind"].eq("moment_of_truth").any())
    assert some <= 2


@pytest.mark.parametrize("part", ["order", "types", "whatif"])
def test_other_claims(planted: ModuleType, part: str) -> None:
    table = planted.table_of_bars(4, [part])
    assert table["holds"].all(), table.to_string()
