"""The template notebooks in further languages: the same cells with other words, written from ``prose.toml``.

``python notebooks/languages.py`` (``make notebooks``) writes ``notebooks/<language>/*.ipynb``. The English notebooks are
the ones that are edited; a passage that has no translation yet is refused, and so is a translation of a passage that is
no longer there.
"""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path

import nbformat
from nbformat import NotebookNode

FOLDER = Path(__file__).parent
SAMPLES = {"zh-Hans": "grocer", "zh-Hant": "grocer", "ru": "furniture"}
"""The languages besides English, and the sample study that each reads."""


def read_prose() -> dict[str, dict[str, str]]:
    """Return each English passage with its translations, by language."""
    passages = tomllib.loads((FOLDER / "prose.toml").read_text("utf-8"))["passage"]
    return {passage["en"].strip(): passage for passage in passages}


def translate(notebook: NotebookNode, language: str, prose: dict[str, dict[str, str]]) -> NotebookNode:
    """Return a notebook with the words of a language, reading the sample of that language.

    Raises
    ------
    KeyError
        With the passage that ``prose.toml`` does not have in that language.
    """
    told = copy.deepcopy(notebook)
    for cell in told.cells:
        if cell.cell_type == "markdown":
            cell.source = prose[cell.source.strip()][language].strip()
        elif "parameters" in cell.metadata.get("tags", []):
            cell.source = (
                cell.source.replace("../data/samples/grocer", f"../../data/samples/{SAMPLES[language]}")
                .replace("../out/runs/grocer", f"../out/runs/{SAMPLES[language]}")
                .replace('"../out/', '"../../out/')
                .replace('language = "en"', f'language = "{language}"')
            )
    return told


def main() -> None:
    """Write every notebook in every language."""
    prose = read_prose()
    for language in SAMPLES:
        (FOLDER / language).mkdir(exist_ok=True)
        for path in sorted(FOLDER.glob("*.ipynb")):
            told = translate(nbformat.read(path, as_version=4), language, prose)
            nbformat.write(told, FOLDER / language / path.name)


if __name__ == "__main__":
    main()
