"""The clauses that were written for the touchpoints: what the prior of the coder and the model of clauses learn from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).with_name("spoken")

HINTED = Path(__file__).with_name("hinted")
"""Clauses that only hint at their touchpoint: they teach how things are felt, and taught the prior nothing more."""


def read_spoken(language: str, folder: Path = FOLDER) -> pd.DataFrame:
    """Return the written clauses of ``en``, ``zh`` or ``ru``, a row a clause and touchpoint.

    Returns
    -------
    DataFrame
        ``text``, ``touchpoint`` (an id of the catalogue, or ``none``), ``polarity`` (neg, neu, pos), ``weight`` (one; a
        half where a clause speaks of two touchpoints) and ``clause`` (its number in the file).
    """
    lines = (folder / f"{language}.tsv").read_text("utf-8").splitlines()
    cells = [line.split("\t") for line in lines if line and not line.startswith("#")]
    rows = pd.DataFrame(cells, columns=["touchpoint", "polarity", "text"]).rename_axis("clause").reset_index()
    rows["touchpoint"] = rows["touchpoint"].str.split("+")
    rows["weight"] = 1 / rows["touchpoint"].map(len)
    return rows.explode("touchpoint", ignore_index=True)
