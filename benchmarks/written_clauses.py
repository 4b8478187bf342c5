"""Clauses as customers typically say them of each touchpoint and of none, by a hand whose lines nothing was trained on.

    python benchmarks/written_clauses.py [--languages en zh ru]

``written_clauses/*.tsv`` hold touchpoint, polarity and clause: ten a touchpoint and 120 of none in each language, of forty
trades. Their writer saw one line on each touchpoint (as did those who wrote the training clauses, so the sense of a
touchpoint is the same) and no codebook, sample or other clause; some three fifths name the thing. Printed a language: how often the first
touchpoint of 48 is the right one, by the keywords of the codebook alone, by the learned prior alone and by the shipped
coder, which may also leave a clause open; how many clauses of none get a touchpoint; and how often praise and blame are
told apart. Whoever trains on these lines has to write new ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import cjmlab as cjm
from cjmlab.feedback.priors.touchpoint_prior import shipped_prior
from cjmlab.feedback.training.spoken_rows import read_spoken
from cjmlab.vocabulary import Codebook, shipped_codebook

FOLDER = Path(__file__).with_name("written_clauses")
TONGUES = {"en": "en", "zh": "zh-Hans", "ru": "ru"}


def code(rows: pd.DataFrame, language: str, book: Codebook, *, words_only: bool = False) -> pd.DataFrame:
    """Return the first coded clause of each row; a row of two touchpoints is read once."""
    table = pd.DataFrame({"feedback_id": rows["clause"].astype(str), "text": rows["text"]}).drop_duplicates(
        "feedback_id"
    )
    table = table.assign(customer_id=table["feedback_id"], asks="open", language=TONGUES[language])
    coded = cjm.code_feedback(table, book, coder=cjm.KeywordCoder(book) if words_only else None)
    scored = pd.DataFrame(cjm.score_feedback(coded)).sort_values("touchpoint", na_position="last", kind="stable")
    return scored.drop_duplicates("feedback_id").set_index("feedback_id")


def figures(language: str, book: Codebook) -> dict[str, float]:
    """Return the figures of a language."""
    rows = read_spoken(language, FOLDER)
    idle = rows[rows["touchpoint"] == "none"]
    rows = rows[rows["touchpoint"] != "none"]
    right = rows.groupby(rows["clause"].astype(str))["touchpoint"].agg(set)
    prior = shipped_prior(language)
    once = rows.drop_duplicates("clause")
    known = np.array([name != "none" for name in prior.classes])
    first = np.array(prior.classes)[np.where(known, prior.logits(once["text"].tolist()), -np.inf).argmax(axis=1)]
    found = {"clauses": float(len(right))}
    for name, words_only in (("keywords alone", True), ("shipped coder", False)):
        coded = code(rows, language, book, words_only=words_only)
        hits = [point in right[clause] for clause, point in coded["touchpoint"].items()]
        found[f"right, {name}"] = float(np.mean(hits))
        found[f"open, {name}"] = float(coded["touchpoint"].isna().mean())
        spoken = code(idle, language, book, words_only=words_only)["touchpoint"]
        found[f"none, but coded, {name}"] = float(spoken.notna().mean())
    found["right, prior alone"] = float(
        np.mean([a in b for a, b in zip(first, right.loc[once["clause"].astype(str)], strict=True)])
    )
    polar = once[once["polarity"] != "neu"].set_index(once.loc[once["polarity"] != "neu", "clause"].astype(str))
    read = coded["sentiment"].reindex(polar.index).astype(float)
    found["polarity right"] = float(((read > 0) == (polar["polarity"] == "pos"))[read.notna()].mean())
    return found


def main() -> None:
    """Print a column a language."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--languages", nargs="+", choices=list(TONGUES), default=list(TONGUES))
    book = shipped_codebook()
    table = {language: figures(language, book) for language in parser.parse_args().languages}
    print(pd.DataFrame(table).round(3).to_string())


if __name__ == "__main__":
    main()
