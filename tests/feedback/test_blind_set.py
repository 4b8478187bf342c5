"""The blind coding benchmark keeps its promises: exact quotes, known touchpoints, parts of the same make."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from cjmlab.vocabulary import LANES, list_touchpoints

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
LANGUAGES = ("en", "zh-Hans", "ru")
Rows = list[dict[str, str]]


def read(name: str) -> Rows:
    with (BENCHMARKS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def texts() -> Rows:
    return read("blind_feedback.csv")


@pytest.fixture(scope="module")
def codes() -> Rows:
    return read("blind_codes.csv")


@pytest.mark.parametrize("name", ["blind_feedback.csv", "blind_codes.csv"])
def test_files_are_utf8_with_unix_line_ends(name: str) -> None:
    raw = (BENCHMARKS / name).read_bytes()
    assert b"\r" not in raw
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert "�" not in raw.decode("utf-8")


def test_every_text_is_there_once_and_has_codes(texts: Rows, codes: Rows) -> None:
    assert len({row["id"] for row in texts}) == len(texts)
    assert len({row["text"].casefold() for row in texts}) == len(texts)
    assert {row["id"] for row in texts} == {row["id"] for row in codes}


def test_columns_hold_known_values(texts: Rows, codes: Rows) -> None:
    assert {row["language"] for row in texts} == set(LANGUAGES)
    assert {row["part"] for row in texts} == {"dev", "test", "fresh"}
    assert {row["touchpoint"] for row in codes} == {*list_touchpoints(), "none"}
    assert {row["lane"] for row in codes} <= set(LANES)
    assert {row["sentiment"] for row in codes} == {"negative", "neutral", "positive"}


def test_quotes_are_exact_in_order_and_do_not_overlap(texts: Rows, codes: Rows) -> None:
    whole = {row["id"]: row["text"] for row in texts}
    reached: dict[str, int] = {}
    for row in codes:
        start = whole[row["id"]].find(row["quote"], reached.get(row["id"], 0))
        assert row["quote"].strip() == row["quote"] != ""
        assert start >= 0, row
        reached[row["id"]] = start + len(row["quote"])
    orders = Counter(row["id"] for row in codes)
    assert Counter((row["id"], int(row["order"])) for row in codes) == Counter(
        (identity, order) for identity, n in orders.items() for order in range(1, n + 1)
    )


def test_a_touchpoint_is_in_every_part_of_every_language(texts: Rows, codes: Rows) -> None:
    place = {row["id"]: (row["language"], row["part"]) for row in texts}
    found = {(*place[row["id"]], row["touchpoint"]) for row in codes}
    wanted = {
        (tongue, part, code) for tongue in LANGUAGES for part in ("dev", "test", "fresh") for code in list_touchpoints()
    }
    assert wanted <= found


def test_dev_and_test_are_of_one_size(texts: Rows) -> None:
    sizes = Counter((row["language"], row["part"]) for row in texts if row["part"] != "fresh")
    assert max(sizes.values()) - min(sizes.values()) <= 0.05 * max(sizes.values())


def test_a_third_of_the_texts_disagrees_with_itself(texts: Rows, codes: Rows) -> None:
    views: dict[str, set[str]] = {}
    for row in codes:
        if row["touchpoint"] != "none":
            views.setdefault(row["id"], set()).add(row["sentiment"])
    halves = {row["id"] for row in texts if row["part"] != "fresh"}
    mixed = sum(len(seen) > 1 for identity, seen in views.items() if identity in halves)
    assert 0.25 <= mixed / len(halves) <= 0.5


@pytest.mark.parametrize("part", ["test", "fresh"])
def test_texts_that_judge_the_coder_are_not_shown(part: str) -> None:
    script = [sys.executable, str(BENCHMARKS / "coding.py"), "--errors", part]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "not shown" in done.stderr
    assert done.stdout == ""
