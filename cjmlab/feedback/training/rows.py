"""The training rows: whole texts and clauses of one language, from the files of the shared data folder."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.feedback.units import split_units

LABELS = ("neg", "neu", "pos")
TWO_CLASS = ("sst2", "uci_amazon", "uci_imdb", "chnsenticorp_htl", "online_shopping", "zhabsa", "zhabsaterm")
"""Sources without neutral texts: they teach polarity, not the neutral gate."""

_MOST_ROWS = {"online_shopping": 24000, "zhang": 12000}
_TEST_SHARE = 20  # of 100 buckets


def data_folder() -> Path:
    """Return the folder of the sentiment files: ``CJMLAB_DATA``, or ``shared/data`` beside the repository.

    Raises
    ------
    CjmError
        When there is none.
    """
    given = os.environ.get("CJMLAB_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[4] / "shared" / "data"
    if not (folder / "sentiment").is_dir():
        raise CjmError("the training files are not there", where=str(folder), remedy="Set CJMLAB_DATA to their folder.")
    return folder


def read_rows(language: str, folder: Path | None = None) -> pd.DataFrame:
    """Return the training rows of ``en``, ``zh`` or ``ru``.

    Returns
    -------
    DataFrame
        ``text``, ``label`` (0 negative, 1 neutral, 2 positive), ``domain``, ``source``, ``kind`` (text, clause, written),
        ``whole`` (the text that it comes from), ``test`` (whether it belongs to the in-domain test part). Rows of the kind
        written are cjmlab's own and never tested on. Large sources
        are thinned to a fixed number, chosen by a hash of the text; the same text is in the same part in every file.
    """
    base = (folder or data_folder()) / "sentiment"
    written = _written(language)
    texts = pd.read_csv(base / f"train_{language}.csv.gz").dropna(subset=["text"])
    texts = texts.assign(kind="text", whole=texts["text"])
    clauses = _clauses(pd.read_csv(base / "train_aspects.csv.gz", low_memory=False), language)
    rows = pd.concat([texts[clauses.columns], clauses, written], ignore_index=True)
    rows = rows[rows["label"].isin(LABELS)].reset_index(drop=True)
    rows["label"] = rows["label"].map({label: k for k, label in enumerate(LABELS)}).astype(np.int64)
    place = rows["whole"].map(_place)
    rows["test"] = (place % 100 < _TEST_SHARE).to_numpy() & (rows["kind"] != "written").to_numpy()
    order = pd.Series(place // 100).groupby([rows["source"], rows["kind"]]).rank(method="first")
    kept = order <= rows["source"].map(_MOST_ROWS).fillna(np.inf)
    return rows[kept.to_numpy()].reset_index(drop=True)


def _written(language: str) -> pd.DataFrame:
    """Return the clauses that were written for cjmlab: what customers tell in surveys, mostly without words of praise."""
    lines = (Path(__file__).with_name("written") / f"{language}.txt").read_text("utf-8").splitlines()
    pairs = [line.split("\t", 1) for line in lines if line and not line.startswith("#")]
    rows = pd.DataFrame(pairs, columns=["label", "text"])
    return rows.assign(domain="written", source="written", kind="written", whole=rows["text"])


def _place(text: str) -> int:
    letters = re.sub(r"\W", "", text.lower())
    return int(hashlib.md5(letters.encode(), usedforsecurity=False).hexdigest()[:12], 16)


def _clauses(aspects: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return the clauses that hold a labelled term, where all terms of the clause agree."""
    held = aspects[(aspects["lang"] == language) & aspects["label"].isin(LABELS)].dropna(subset=["text", "term"])
    rows = []
    for text, group in held.groupby("text", sort=True):
        lowered, units = str(text).lower(), split_units(str(text), language)
        said: dict[tuple[int, int], set[str]] = {}
        for term, label in zip(group["term"].astype(str), group["label"], strict=True):
            place = lowered.find(term.lower())
            span = next(((unit.start, unit.end) for unit in units if unit.start <= place < unit.end), None)
            if place >= 0 and span:
                said.setdefault(span, set()).add(label)
        first = group.iloc[0]
        for (start, end), labels in sorted(said.items()):
            if len(labels) == 1:
                rows.append(
                    (str(text)[start:end], next(iter(labels)), first["domain"], first["source"], "clause", text)
                )
    return pd.DataFrame(rows, columns=["text", "label", "domain", "source", "kind", "whole"])
