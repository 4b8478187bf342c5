"""Template notebooks: thin, clean, in the form of the house, and alive in every language."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest
from languages import read_prose, translate

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


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "ru"])
@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_every_language_has_the_same_notebook(path: Path, language: str) -> None:
    """What `make notebooks` would write is what is committed; nbval executes them all."""
    told = translate(nbformat.read(path, as_version=4), language, read_prose())
    assert (FOLDER / language / path.name).read_text("utf-8") == nbformat.writes(told) + "\n", "run `make notebooks`"
    parameters = next(cell for cell in told.cells if "parameters" in cell.metadata.get("tags", []))
    assert f'language = "{language}"' in parameters.source
    study = re.search(r'study_path = "([^"]+)"', parameters.source)
    assert study is not None
    assert (FOLDER / language / study[1] / "study.toml").is_file()
    run = re.search(r'run_path = "([^"]+)"', parameters.source)
    assert run is None or Path(run[1]).name == Path(study[1]).name, "a run is kept under the name of its study"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_a_notebook_starts_from_the_run_of_those_before(path: Path) -> None:
    """Only the overview takes every step by itself; 01 makes the study ready, all others open the run."""
    code = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    whole_line = [verb for verb in ("load_study", "segment_customers", "derive_journeys") if f"cjm.{verb}(" in code]
    if path.stem.startswith("01"):
        return
    assert "cjm.run_study(study_path, keep=run_path)" in code
    assert path.stem.startswith("00") or not whole_line, f"the steps before are taken again: {whole_line}"


def test_no_passage_is_left_over_or_untranslated() -> None:
    passages = {
        cell.source.strip()
        for path in NOTEBOOKS
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "markdown"
    }
    prose = read_prose()
    assert set(prose) == passages
    for passage, said in prose.items():
        texts = [said[language].strip() for language in ("zh-Hans", "zh-Hant", "ru")]
        assert all(texts), passage
        assert passage not in texts, "a passage was left in English"
        for text in texts:
            named = [set(re.findall(r"`\d\d_[a-z_]+`", words)) for words in (text, passage)]
            assert named[0] == named[1], "the same notebooks are named"
