"""Template notebooks: thin, clean, in the form of the house, and alive in every language."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
ids = [path.stem for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_a_notebook_has_the_form_of_the_house(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert notebook.cells[0].cell_type == "markdown"
    for word in ("Question", "Needs", "Gives", "Next"):
        assert word in notebook.cells[0].source, f"the first cell says its {word}"
    assert "parameters" in code[0].metadata.get("tags", []), "the first code cell is tagged parameters"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_cells_are_thin_and_clean(path: Path) -> None:
    for index, cell in enumerate(nbformat.read(path, as_version=4).cells):
        if cell.cell_type != "code":
            continue
        assert len([line for line in cell.source.split("\n") if line.strip()]) <= 10, f"cell {index} is thick"
        for node in ast.walk(ast.parse(re.sub(r"^[%!].*$", "", cell.source, flags=re.M))):
            banned = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Try)
            assert not isinstance(node, banned), f"cell {index}: {type(node).__name__} belongs in the package"
        if "NBVAL_CHECK_OUTPUT" not in cell.source:
            assert not cell.outputs, f"cell {index} was committed with outputs"
            assert cell.execution_count is None


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "ru"])
@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_it_runs_in_every_language(path: Path, language: str) -> None:
    """English runs under nbval; the other wordings run here with the parameters cell changed."""
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    parameters = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    if "language" not in parameters.source:
        pytest.skip("this notebook draws nothing that is worded")
    parameters.source += f"\nlanguage = {language!r}"
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(FOLDER)}}).execute()
