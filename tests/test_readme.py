"""What the README says is so: its commands exist, its code runs, its study file loads, its pictures are there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.S | re.M)


def test_the_two_commands_are_make_targets() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.M))
    assert {"demo", "test"} <= named <= targets


def test_every_command_named_is_there() -> None:
    from cjmlab.cli import COMMANDS
    from cjmlab.cli.arguments import build_parser

    helped = build_parser(COMMANDS).format_help()
    for command in set(re.findall(r"`?cjmlab ([a-z]+)\b", " ".join(blocks("sh")))):
        assert re.search(rf"^\s+{command}\b", helped, re.M), f"cjmlab {command} is advertised and missing"


@pytest.mark.parametrize("code", blocks("python"), ids=lambda code: code.split("\n", 1)[0])
def test_python_blocks_run(code: str, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("block", blocks("toml"), ids=lambda block: block.split("\n", 1)[0])
def test_the_study_file_loads(block: str, tmp_path: Path) -> None:
    """The README's study.toml, with the two small files it speaks of, is a whole study."""
    from cjmlab.flow import run_study

    (tmp_path / "study.toml").write_text(block, "utf-8")
    ratings = "\n".join(f"c{i},{1 + i % 7},Lieferung ok,{i % 11}" for i in range(40))
    (tmp_path / "answers.csv").write_text(f"id,q7,why,nps\n{ratings}\n", "utf-8")
    (tmp_path / "clients.csv").write_text(
        "id,age\n" + "\n".join(f"c{i},{20 + i * 7 % 45}" for i in range(40)) + "\n", "utf-8"
    )
    run = run_study(tmp_path)
    assert not run.journeys.empty


def test_pictures_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures, "the README shows the map"
    for picture in pictures:
        assert (ROOT / picture).is_file()


def test_figures_come_from_benchmarks() -> None:
    for script in set(re.findall(r"benchmarks/\w+\.py", README)):
        assert (ROOT / script).is_file()
