"""Sample studies: planted worlds written as the files a team would have, with their truth beside them."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from cjmlab.errors import StudyError
from cjmlab.study.plan_file import list_plans, read_plan
from cjmlab.study.study_file import study_toml
from cjmlab.study.world import World, build_world

SIZES: Mapping[str, tuple[int, int, int]] = {"grocer": (600, 24, 2026), "furniture": (400, 14, 1307)}
"""Sample → customers, interviews, seed."""


def list_samples() -> list[str]:
    """Return the names of the sample studies.

    Examples
    --------
    >>> "grocer" in list_samples()
    True
    """
    return list_plans()


def sample_world(name: str) -> World:
    """Build the world of a sample study, the same on every machine."""
    plan = read_plan(name)
    customers, interviews, seed = SIZES[name]
    return build_world(plan, customers=customers, seed=seed, interviews=interviews)


def make_sample(name: str, folder: str | Path) -> Path:
    """Write a sample study into a folder and return it.

    Parameters
    ----------
    name : str
        One of ``list_samples()``.
    folder : path
        Where the study shall stand; a study that is there is replaced.

    Raises
    ------
    StudyError
        When there is no sample of that name, or the folder holds something that is not a study.

    Examples
    --------
    >>> import tempfile
    >>> folder = make_sample("grocer", tempfile.mkdtemp() + "/grocer")
    >>> (folder / "study.toml").is_file()
    True
    """
    return write_study(sample_world(name), folder)


def write_study(world: World, folder: str | Path) -> Path:
    """Write a world as a study folder: raw files, ``study.toml`` and ``truth.json``.

    The folder appears whole or not at all: everything is written beside it first and moved at the end. A study that
    stands there is replaced.

    Raises
    ------
    StudyError
        When the folder holds files and no ``study.toml``: nothing that is not a study is ever removed.
    """
    target = Path(folder)
    if target.exists() and not (target / "study.toml").is_file() and (not target.is_dir() or any(target.iterdir())):
        raise StudyError("there is something else that is not a study", where=str(target), remedy="Name a new folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    old = made.with_name(f"{made.name}-old")
    try:
        for name, content in _files(world).items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode("utf-8"))
        made.chmod(0o755)
        if target.exists():
            target.rename(old)
        made.rename(target)
    finally:
        for left in (made, old):
            if left.exists():
                shutil.rmtree(left)
    return target


def _files(world: World) -> dict[str, str]:
    files = {"study.toml": study_toml(world), "customers.csv": _csv(world.customers)}
    for wave, table in world.surveys.items():
        files[f"survey_{wave}.csv"] = _csv(table)
    files["events.csv"] = _csv(world.events)
    files["outcomes.csv"] = _csv(world.outcomes)
    for name, text in world.interviews.items():
        files[f"interviews/{name}"] = text
    files["truth.json"] = _json(world.truth)
    return files


def _csv(table: pd.DataFrame) -> str:
    return str(table.to_csv(index=False, lineterminator="\n"))


def _json(truth: Mapping[str, object]) -> str:
    """Write JSON with one entry a line where it is long, so that differences can be read."""
    lines = []
    for key, value in truth.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            inner = ",\n    ".join(json.dumps(each, ensure_ascii=False) for each in value)
            lines.append(f'  "{key}": [\n    {inner}\n  ]')
        elif isinstance(value, Mapping) and value and all(isinstance(each, Mapping) for each in value.values()):
            inner = ",\n    ".join(f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in value.items())
            lines.append(f'  "{key}": {{\n    {inner}\n  }}')
        else:
            lines.append(f'  "{key}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(arguments: list[str]) -> None:
    """Write all sample studies into a folder: ``python -m cjmlab.study.samples data/samples``."""
    if len(arguments) != 1:
        raise SystemExit("Name the folder: python -m cjmlab.study.samples data/samples")
    for name in list_samples():
        print(make_sample(name, Path(arguments[0]) / name))


if __name__ == "__main__":
    main(sys.argv[1:])
