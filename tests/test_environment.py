"""environment.yml and pyproject.toml agree, and what is installed may be installed."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_conda_gives_python_and_pip_and_pip_gives_the_rest() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    plain = [item for item in environment["dependencies"] if isinstance(item, str)]
    nested = [item for item in environment["dependencies"] if isinstance(item, dict)]
    assert [re.split(r"[<>=]", item)[0] for item in plain] == ["python", "pip"]
    assert plain[0].removeprefix("python") == project()["requires-python"]
    assert nested == [{"pip": ["-e .[dev]"]}]


def test_the_fixed_packages_are_named() -> None:
    asked = {re.split(r"[<>=\[ ]", item)[0] for item in project()["dependencies"]}
    asked |= {re.split(r"[<>=\[ ]", item)[0] for item in project()["optional-dependencies"]["dev"]}
    assert {"jupyterlab", "ipywidgets", "plotly", "pandas", "scikit-learn", "nbval"} <= asked


def _dependencies(names: list[str]) -> set[str]:
    """Every installed distribution that the named ones need, themselves included."""
    found: set[str] = set()
    queue = [(re.split(r"[<>=\[;! ~]", name)[0]).lower().replace("_", "-") for name in names]
    while queue:
        name = queue.pop()
        if name in found:
            continue
        try:
            needs = metadata.distribution(name).requires or []
        except metadata.PackageNotFoundError:
            continue
        found.add(name)
        queue += [
            re.split(r"[<>=\[;! ~(]", need)[0].lower().replace("_", "-") for need in needs if "extra ==" not in need
        ]
    return found


def test_no_dependency_is_gpl() -> None:
    """Read the licences of everything that cjmlab and its extras pull in."""
    extras = [need for group in project()["optional-dependencies"].values() for need in group]
    bad = []
    for name in sorted(_dependencies(project()["dependencies"] + extras) - {"cjmlab"}):
        data = metadata.metadata(name)
        words = [data.get("License-Expression") or "", *(data.get_all("Classifier") or [])]
        if not any("License" in word for word in words[1:]) and not words[0]:
            words.append((data.get("License") or "")[:60])
        for word in words:
            if re.search(r"\b(A?GPL|Affero)|GNU General Public", word) and not re.search(r"LGPL|Lesser|\bOR\b", word):
                bad.append(f"{name}: {word}")
    assert not bad


def test_scripts_and_exporters_load() -> None:
    for group in ("scripts", *(f"entry-points.{name}" for name in project().get("entry-points", {}))):
        table = project()["scripts"] if group == "scripts" else project()["entry-points"][group.partition(".")[2]]
        for target in table.values():
            module, _, attribute = target.partition(":")
            assert hasattr(__import__(module, fromlist=[attribute]), attribute)
