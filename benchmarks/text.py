"""Sentiment and coding of texts against the peers that a user would pick, on rows that the models have not seen.

    python benchmarks/text.py [--languages en zh ru] [--domains] [--scratch FOLDER] [--peers FOLDER]

Reads the shared data folder (``CJMLAB_DATA``). ``--domains`` leaves out every domain in turn: 9, 15 and 8 fits of some
fifteen CPU seconds. What is done is kept in ``--scratch``, so a stopped run goes on, and a training with the same folder
has done it already.
``--peers`` is the site-packages folder of an environment with vaderSentiment, textblob, afinn, snownlp, pysenti and
pymorphy3; peers that are not there are left out and said. Nothing here is a dependency of cjmlab.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.feedback.scorers.linear import shipped_model, spread
from cjmlab.feedback.scoring import CLAUSE_SHARE, score_feedback
from cjmlab.feedback.training.clause_model import CLAUSES, clause_rows, fit_clauses
from cjmlab.feedback.training.fitting import Design, fit_model, read_design
from cjmlab.feedback.training.measures import measure
from cjmlab.feedback.training.recipes import RECIPES
from cjmlab.feedback.training.rows import LABELS, data_folder
from cjmlab.feedback.training.transfer import unseen_logits
from cjmlab.feedback.units import split_units

BARS = {
    "en": {"f3": (0.60, 0.53), "f2": (0.83, 0.75)}, "zh": {"f3": (0.59, 0.40), "f2": (0.86, 0.82)},
    "ru": {"f3": (0.60, 0.55), "f2": (0.81, 0.78)},
}  # fmt: skip
ECE_BARS = (0.06, 0.10)
ASPECT_BARS = {"en": 0.80, "zh": 0.78, "ru": 0.80}
PAIR_BAR = 0.45
Read = Callable[[str], float]


def peers(language: str) -> dict[str, tuple[Read, float, float]]:
    """Return the peers at hand: score of a text, and below and above which score it is negative and positive."""
    found: dict[str, tuple[Read, float, float]] = {}

    def add(name: str, make: Callable[[], Read], low: float, high: float) -> None:
        try:
            found[name] = (make(), low, high)
        except Exception as problem:
            print(f"  {name}: not at hand ({type(problem).__name__})")

    if language == "en":
        add("VADER", _vader, -0.05, 0.05)
        add("TextBlob", _textblob, -0.05, 0.05)
        add("AFINN", lambda: import_module("afinn").Afinn().score, -0.5, 0.5)
    if language == "zh":
        add("SnowNLP", _snownlp, 0.4, 0.6)
        add("pysenti", _pysenti, -0.01, 0.01)
    return found


def _vader() -> Read:
    analyser = import_module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
    return lambda text: analyser.polarity_scores(text)["compound"]


def _textblob() -> Read:
    blob = import_module("textblob").TextBlob
    return lambda text: blob(text).sentiment.polarity


def _snownlp() -> Read:
    reader = import_module("snownlp").SnowNLP
    return lambda text: reader(text).sentiments


def _pysenti() -> Read:
    reader = import_module("pysenti").ModelClassifier()
    return lambda text: float(reader.classify(text)["positive_prob"]) * 2 - 1


def as_chances(scores: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return one-hot classes that keep the side of the score, so f3 and f2 are read as for our models."""
    chances = np.zeros((len(scores), 3))
    middle = (low + high) / 2
    chances[:, 2] = np.where(scores > high, 1.0, np.where(scores >= middle, 0.01, 0.0))
    chances[:, 0] = np.where(scores < low, 1.0, np.where(scores < middle, 0.01, 0.0))
    chances[:, 1] = np.where((scores >= low) & (scores <= high), 1.0, 0.0)
    return chances


def show(name: str, table: pd.DataFrame, bars: dict[str, float] | None = None) -> None:
    """Print the means over sources, each beside its bar."""
    grouped = table.assign(part=table["source"].str.split("/").str[0]).groupby("part")[["f3", "f2", "ece"]].mean()
    means, coarse = table[["f3", "f2", "ece"]].mean(), grouped.mean()
    said = [
        f"{key} {means[key]:.3f} ({coarse[key]:.3f})" + (f" [bar {bars[key]:.2f}]" if bars else "")
        for key in means.index
    ]
    print(f"  {name}: {'  '.join(said)}   mean over source × domain (over sources)", flush=True)


def accuracy(language: str, rows: pd.DataFrame, design: Design, scratch: Path | None) -> None:
    """Print how good the model is on other rows and, if asked, on domains that it never saw."""
    recipe, whole, test = RECIPES[language], (rows["kind"] == "text").to_numpy(), rows["test"].to_numpy()
    source = (rows["source"] + "/" + rows["domain"]).to_numpy(object)
    shift, hot = shipped_model(language).shift, shipped_model(language).temperature
    model = replace(fit_model(design.take(~test), recipe, "benchmark"), shift=shift, temperature=hot)
    near = whole & test
    bars = {key: BARS[language][key][0] for key in ("f3", "f2")} | {"ece": ECE_BARS[0]}
    show(
        "other rows", measure(model.probabilities(rows["text"][near].tolist()), design.labels[near], source[near]), bars
    )
    if scratch is not None:
        logits = unseen_logits(rows, design, recipe, scratch)[whole]
        table = measure(spread((logits + shift) / hot, recipe.head), design.labels[whole], source[whole])
        print(table.round(3).to_string(index=False))
        bars = {key: BARS[language][key][1] for key in ("f3", "f2")} | {"ece": ECE_BARS[1]}
        show("other domains, each left out in turn", table, bars)
    for name, (read, low, high) in peers(language).items():
        scores = np.array([read(text) for text in rows["text"][near]])
        show(name, measure(as_chances(scores, low, high), design.labels[near], source[near]))


def aspects(language: str, rows: pd.DataFrame) -> None:
    """Print the accuracy per aspect of texts whose aspects disagree: by clause in its text, against the whole text.

    The clauses are read by a model of clauses that has not seen the test rows.
    """
    recipe, seen, kind = RECIPES[language], ~rows["test"].to_numpy(), rows["kind"].to_numpy(object)
    model = fit_clauses(read_design(rows, recipe, CLAUSES[language].weights), seen, kind, recipe)
    table = pd.read_csv(data_folder() / "sentiment" / "train_aspects.csv.gz", low_memory=False)
    table = table[(table["lang"] == language) & table["label"].isin(LABELS)].dropna(subset=["text", "term"])
    table = table[table["text"].isin(set(rows.loc[rows["test"], "whole"]))].drop_duplicates(["text", "term", "label"])
    table["kinds"] = table.groupby("text")["label"].transform("nunique")
    places = [
        str(text).lower().find(str(term).lower()) for text, term in zip(table["text"], table["term"], strict=True)
    ]
    table = table.assign(place=places)[np.array(places) >= 0]
    clauses = []
    for text, place in zip(table["text"], table["place"], strict=True):
        span = next(((u.start, u.end) for u in split_units(text, language) if u.start <= place < u.end), (0, len(text)))
        clauses.append(text[span[0] : span[1]])
    whole = model.probabilities(table["text"].tolist())
    mixed = CLAUSE_SHARE * model.probabilities(clauses) + (1 - CLAUSE_SHARE) * whole
    truth = table["label"].map({label: k for k, label in enumerate(LABELS)}).to_numpy()
    polar = truth != 1
    apart = polar & (table["kinds"] > 1).to_numpy()
    for name, part in (("aspects that disagree", apart), ("all aspects", polar)):
        by_clause, by_text = (((c[:, 2] > c[:, 0]) == (truth == 2))[part].mean() for c in (mixed, whole))
        print(f"  {name}: by clause in its text {by_clause:.3f}, by whole text {by_text:.3f}, n {part.sum()} "
              f"[bar {ASPECT_BARS[language]:.2f} where they disagree]")  # fmt: skip


def pairs(language: str) -> None:
    """Print the share of minimal pairs of which both texts are right."""
    table = pd.read_csv(Path(__file__).with_name("minimal_pairs.csv"))
    table = table[table["language"] == language]
    readers = {"cjmlab": lambda text: float(np.diff(shipped_model(language).probabilities([text])[0, [0, 2]])[0])}
    middles = dict.fromkeys(readers, 0.0)
    for name, (read, low, high) in peers(language).items():
        readers[name], middles[name] = read, (low + high) / 2
    for name, read in readers.items():
        good = np.ones(len(table), bool)
        for text, label in (("first", "first_label"), ("second", "second_label")):
            scores = np.array([read(words) for words in table[text]])
            up = (table[label] == "positive").to_numpy()
            good &= np.where(up, scores > middles[name] + 1e-9, scores < middles[name] - 1e-9)
        print(f"  minimal pairs, both right: {name} {good.mean():.2f}, n {len(table)} [bar {PAIR_BAR}]")


def speed(language: str, rows: pd.DataFrame) -> None:
    """Print texts a CPU second, one thread, same run."""
    texts = rows.loc[rows["kind"] == "text", "text"].tolist()[:6000]
    model = shipped_model(language)
    model.probabilities(texts[:100])
    began = time.process_time()
    for start in range(0, len(texts), 2000):
        model.probabilities(texts[start : start + 2000])
    ours = len(texts) / (time.process_time() - began)
    print(f"  speed: cjmlab {ours:,.0f} texts a CPU second")
    readers = {name: read for name, (read, _, _) in peers(language).items()}
    if language == "ru":
        try:
            readers["pymorphy3 (lemmas for a RuSentiLex lookup)"] = _lemmas()
        except ImportError:
            print("  pymorphy3: not at hand")
    for name, read in readers.items():
        few = texts[:: max(1, len(texts) // 400)]
        read(few[0])
        began = time.process_time()
        for text in few:
            read(text)
        theirs = len(few) / (time.process_time() - began)
        print(f"  speed: {name} {theirs:,.0f}; cjmlab is {ours / theirs:.2f} times as fast")


def volume(rows: pd.DataFrame, count: int) -> None:
    """Print what ``score_feedback`` takes for many English verbatims, end to end, and how much memory it adds."""
    texts = rows.loc[rows["kind"] == "text", "text"].tolist()
    said = [f"{texts[k % len(texts)]} ({k})" for k in range(count)]  # the number makes each one new
    table = pd.DataFrame({
        "feedback_id": [f"f{k}" for k in range(count)], "customer_id": [f"c{k % 5000}" for k in range(count)],
        "unit_id": [f"f{k}#0" for k in range(count)], "text": said, "start": 0, "end": [len(text) for text in said],
        "lane": None, "coder": "keyword",
    })  # fmt: skip
    before, began, wall = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time(), time.perf_counter()
    score_feedback(table)
    ours, walls = time.process_time() - began, time.perf_counter() - wall
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"  volume: score_feedback of {count:,} verbatims {ours:.0f} CPU s, {walls:.0f} s, {more:.0f} MB more at its peak"
    )
    if "VADER" in (known := peers("en")):
        few = said[:: max(1, count // 4000)]
        began = time.process_time()
        for text in few:
            known["VADER"][0](text)
        theirs = (time.process_time() - began) * count / len(few)
        print(f"  volume: VADER {theirs:.0f} CPU s; score_feedback takes {ours / theirs:.2f} times that [bar 3]")


def _lemmas() -> Read:
    analyser = import_module("pymorphy3").MorphAnalyzer()
    return lambda text: float(sum(len(analyser.parse(word)[0].normal_form) for word in text.split()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--languages", nargs="+", default=["en", "zh", "ru"], choices=["en", "zh", "ru"])
    parser.add_argument("--domains", action="store_true", help="leave out every domain in turn")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "cjmlab-text")
    parser.add_argument("--volume", type=int, default=0, help="how many English verbatims to score end to end")
    parser.add_argument("--peers", help="site-packages folder of an environment with the peers")
    given = parser.parse_args()
    if given.peers:
        sys.path.append(given.peers)
    try:
        data_folder()
    except CjmError as problem:
        print(f"left out: {problem}")
        return
    for language in given.languages:
        print(language)
        everything = clause_rows(language)
        rows = everything[everything["kind"] != "spoken"]
        accuracy(language, rows, read_design(rows, RECIPES[language]), given.scratch if given.domains else None)
        aspects(language, everything)
        pairs(language)
        speed(language, rows)
        if language == "en" and given.volume:
            volume(rows, given.volume)


if __name__ == "__main__":
    main()
