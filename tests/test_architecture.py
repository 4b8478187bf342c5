"""The house: rooms in the order of the work, imports one way, and a few laws that keep it a house."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1] / "cjmlab"

# The walk of a row of data. A room may import from the rooms before it, never from those after it.
ROOMS = (
    "errors",
    "vocabulary",
    "tables",
    "sources",
    "study",
    "segments",
    "feedback",
    "journeys",
    "moments",
    "maps",
    "actions",
    "explore",
    "share",
    "flow",
    "cli",
)
# Wings stand side by side: neither knows the other.
APART = {("segments", "sources"), ("segments", "feedback"), ("feedback", "sources"), ("feedback", "segments")}
FILES = sorted(HOUSE.rglob("*.py"))
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "core"}


def room_of(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> list[str]:
    """Every cjmlab module that a file imports, anywhere in it."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.startswith("cjmlab")]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write the whole name of the room"
            if (node.module or "").startswith("cjmlab"):
                found += (
                    [f"{node.module}.{alias.name}" for alias in node.names]
                    if node.module == "cjmlab"
                    else [node.module]
                )
    return [name for name in found if name]


def test_every_room_is_on_the_list() -> None:
    rooms = {room_of(path) for path in FILES} - {"__init__"}
    assert rooms <= set(ROOMS), f"rooms without a place in the walk: {sorted(rooms - set(ROOMS))}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_imports_point_backwards_along_the_walk(path: Path) -> None:
    here = room_of(path)
    if here == "__init__":
        return
    for name in imports_of(path):
        there = name.split(".")[1] if "." in name else "__init__"
        assert there in ROOMS, f"{path.name} imports {name}: import from the room, not from the front door"
        assert ROOMS.index(there) <= ROOMS.index(here), f"{here} imports {name}, which lies after it"
        assert (here, there) not in APART, f"{here} imports {name}: these wings stand side by side"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_a_file_is_one_room(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= 320, "a file this long is two rooms"
    assert path.stem.strip("_") not in NAMELESS, "a room needs a noun"
    assert ast.get_docstring(ast.parse(text)), "a room says what it is for"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_loading_never_executes(path: Path) -> None:
    text = path.read_text("utf-8")
    for danger in (r"\bpickle\b.*loads?\(", r"joblib\.load\(", r"yaml\.load\(", r"(?<![.\w])eval\(", r"read_pickle",
                   r"allow_pickle=True", r"(?<![.\w])exec\("):  # fmt: skip
        assert not re.search(danger, text), f"{danger} in {path}"


def test_the_front_door_is_light() -> None:
    """`import cjmlab` loads no room: heavy libraries wait until they are used."""
    import subprocess
    import sys

    heavy = "pandas sklearn scipy plotly stepmix pandera statsmodels nltk pyarrow IPython".split()
    code = f"import sys, cjmlab; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_public_names_exist_and_are_described() -> None:
    import cjmlab

    for name in cjmlab.__all__:
        thing = getattr(cjmlab, name)
        if callable(thing):
            assert thing.__doc__, f"cjm.{name} says nothing of itself"
