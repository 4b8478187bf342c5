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
    sys.path.insert(0, str(path.parent))
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("part", ["curves600", "truth600", "shares", "order", "types", "whatif"])
def test_a_small_run_reaches_the_bars(planted: ModuleType, part: str) -> None:
    worlds = {"curves600": SEEDS, "truth600": SEEDS, "types": 3}.get(part, 4)
    table = planted.table_of_bars(worlds, [part])
    assert table["holds"].all(), table.to_string()


def test_changes_are_found_and_hardly_any_that_are_not(planted: ModuleType) -> None:
    found = planted.measure("changes600", 3)
    assert sum(one["hits"] for one in found) >= 0.9 * sum(one["planted"] for one in found)
    assert sum(one["flags"] - one["hits"] for one in found) <= 2


def test_nothing_is_found_where_all_drivers_are_equal(planted: ModuleType) -> None:
    found = planted.measure("equal", 2)
    assert sum(one["any"] for one in found) <= 2


def test_a_run_that_was_stopped_goes_on(planted: ModuleType, tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    first = planted.measure("order", 1, record, until=0)
    assert first == []
    whole = planted.measure("order", 1, record)
    assert planted.measure("order", 1, record, until=0) == whole == planted.measure("order", 1)
