"""How well a touchpoint of a study's own is found from its name, four words and a few example sentences.

    python benchmarks/own_touchpoints.py [--languages en zh ru] [--touchpoints 12] [--examples 0 5 12]

A shipped touchpoint is taken away: the prior is trained again without any clause of it, and the study names it anew with
the label, four plain keywords and so many example sentences (drawn from the training clauses, three draws). Judged are
the clauses of ``written_clauses`` and as many of every other touchpoint: F1 of the touchpoint that was taken away, the mean over
touchpoints. Peers in the same run: the four keywords alone (a clause that holds one is coded), and the shipped prior, which
knows the touchpoint from some five hundred clauses: that is what more examples could reach. How far few texts are trusted
(``Trust``) was chosen on other draws of touchpoints, but among these same clauses, so the figures flatter a little.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from coding import LANGUAGES, whole_codebook

from cjmlab.feedback.matching import KeywordMatcher
from cjmlab.feedback.priors.own_touchpoints import extend_prior
from cjmlab.feedback.priors.touchpoint_prior import TouchpointPrior, shipped_prior
from cjmlab.feedback.training.spoken_rows import read_spoken
from cjmlab.feedback.training.touchpoint_prior import RECIPES, fit_prior
from cjmlab.vocabulary import Code

FOLDER = Path(__file__).with_name("written_clauses")
TONGUES = dict(zip(("en", "zh", "ru"), LANGUAGES, strict=True))
WORDS, DRAWS = 4, 3


def f1(found: np.ndarray, right: np.ndarray) -> float:
    """Return the F1 of a yes or no."""
    return float(2 * (found & right).sum() / max(found.sum() + right.sum(), 1))


def first(prior: TouchpointPrior, texts: list[str]) -> np.ndarray:
    """Return the class that each text speaks of most."""
    return np.array(prior.classes, object)[prior.logits(texts).argmax(axis=1)]


def leave_out(
    name: str, code: Code, language: str, rows: pd.DataFrame, judged: pd.DataFrame, counts: list[int]
) -> dict[str, float]:
    """Return the F1 of one touchpoint in each way of knowing it."""
    tongue = TONGUES[language]
    texts, right = judged["text"].tolist(), (judged["touchpoint"] == name).to_numpy()
    words = [word for word in code.keywords[tongue] if not word.startswith(("~", "!", "re:"))][:WORDS]
    named = KeywordMatcher([Code(name, "touchpoint", code.label, keywords={tongue: tuple(words)})], language)
    spoken = rows.loc[rows["touchpoint"] == name]
    without = fit_prior(rows[~rows["clause"].isin(spoken["clause"])], language, RECIPES[language])
    found = {"four keywords": f1(np.array([bool(named.find(text)) for text in texts]), right)}
    for count in counts:
        draws = [spoken["text"].sample(count, random_state=seed).tolist() for seed in range(DRAWS if count else 1)]
        known = [extend_prior(without, {name: [code.label.text(tongue), *words, *draw]}) for draw in draws]
        found[f"and {count} examples"] = float(np.mean([f1(first(prior, texts) == name, right) for prior in known]))
    found["shipped prior"] = f1(first(shipped_prior(language), texts) == name, right)
    return found


def main() -> None:
    """Print a column a language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--languages", nargs="+", choices=list(TONGUES), default=list(TONGUES))
    parser.add_argument("--touchpoints", type=int, default=12)
    parser.add_argument("--examples", type=int, nargs="+", default=[0, 5, 12])
    given = parser.parse_args()
    codes = {code.id: code for code in whole_codebook().of_kind("touchpoint")}
    names = np.random.default_rng(7).permutation(sorted(codes))[: given.touchpoints]
    table = {}
    for language in given.languages:
        rows, judged = read_spoken(language), read_spoken(language, FOLDER)
        judged = judged[judged["touchpoint"] != "none"].drop_duplicates("clause", keep=False)
        figures = [leave_out(str(name), codes[name], language, rows, judged, given.examples) for name in names]
        table[language] = pd.DataFrame(figures).mean()
    print(pd.DataFrame(table).round(3).to_string())


if __name__ == "__main__":
    main()
