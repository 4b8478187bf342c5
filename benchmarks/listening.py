"""Coding, sentiment and curves from words alone, on planted studies whose every clause is known.

    python benchmarks/listening.py [--customers 2000] [--seeds 1] [--studies grocer furniture]

The plans are those of the sample studies, drawn anew with more customers. *Alone*: all ratings are taken away before anything is
read. *Beside*: comments are read beside the ratings of the study, from which coder and scorer learn; then ratings are taken away, so
that curves are heard from comments in both. A coded clause is right when its touchpoint is that of a planted clause it overlaps. The curve of a
segment is the experience of ``derive_journeys`` at its touchpoints; ``r`` is its correlation with what was planted (the
lowest and the median over segments). The four rows of curves tell what limits them: our codes or the planted ones, our
sentiment or the planted polarity. Planted polarity with planted codes is the ceiling that so many comments allow.

Bars: macro-F1 of the coding .85, r of every segment .9.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import pandas as pd
from coding import by_touchpoint, macro, pairs

import cjmlab as cjm
from cjmlab.study.plan_file import read_plan
from cjmlab.study.world import World, build_world

SIGNS = {-1: "negative", 0: "neutral", 1: "positive"}
BAND = 0.2


def planted_clauses(world: World, feedback: pd.DataFrame) -> pd.DataFrame:
    """Return the planted clauses with the id of the feedback row that they stand in."""
    gold = pd.DataFrame(world.truth["clauses"])
    asked = dict(zip(gold["question"].unique(), (None, None), strict=False))
    rows = feedback[feedback["text"].notna()]
    kinds = rows["feedback_id"].str.rsplit(":", n=1).str[-1]
    for question in asked:
        first = gold[gold["question"] == question].groupby(["wave", "customer"])["end"].max()
        fits = {kind: _fits(rows[kinds == kind], first) for kind in kinds.unique()}
        asked[question] = max(fits, key=lambda kind: fits[kind])
    waves = rows.drop_duplicates("wave")
    source = dict(zip(waves["wave"], waves["source"], strict=True))
    told = gold["question"].map(asked)
    return gold.assign(
        id=[f"{source[w]}:{c}:{q}" for w, c, q in zip(gold["wave"], gold["customer"], told, strict=True)]
    )


def _fits(rows: pd.DataFrame, ends: pd.Series) -> int:
    """Count the rows that are as long as the planted clauses of a question need them to be."""
    keys = pd.MultiIndex.from_frame(rows[["wave", "customer_id"]])
    return int((ends.reindex(keys).to_numpy() <= rows["text"].str.len().to_numpy()).sum())


def with_truth(scored: pd.DataFrame, gold: pd.DataFrame) -> pd.DataFrame:
    """Return the scored clauses with the planted touchpoint and polarity of the clause that they share most with."""
    both = (
        pairs(scored, gold).sort_values(["clause", "shared"]).drop_duplicates("clause", keep="last").set_index("clause")
    )
    told = scored.reset_index(drop=True)
    return told.assign(
        true_point=both["touchpoint_gold"].reindex(told.index), polarity=both["polarity"].reindex(told.index)
    )


def curve(told: pd.DataFrame, world: World, study: Any, *, codes: str, feeling: str) -> list[float]:
    """Return the correlation of each segment's curve with the planted one."""
    rows = told.assign(touchpoint=told[codes], sentiment=told[feeling].astype(float)).drop_duplicates("unit_id")
    rows = rows[rows["touchpoint"].notna()].rename(columns={"id": "feedback_id"})
    rows["stage"] = rows["touchpoint"].map(world.truth["touchpoints"])
    members = pd.DataFrame(world.truth["segment_of_customer"].items(), columns=["customer_id", "segment"])
    journeys = cjm.derive_journeys(rows.drop(columns=["true_point", "polarity"]), members, study, resamples=0)
    found = []
    for segment, cells in journeys.groupby("segment"):
        true = pd.Series(world.truth["experience"][segment])
        heard = cells.dropna(subset=["experience"]).set_index("touchpoint")["experience"]
        both = pd.concat([true, heard], axis=1, keys=["true", "heard"]).dropna()
        found.append(float(np.corrcoef(both["true"], both["heard"])[0, 1]))
    return found


def measure(name: str, customers: int, seed: int, *, beside: bool) -> dict[str, float]:
    """Return the figures of one planted study, its comments read alone or beside its ratings."""
    world = build_world(read_plan(name), customers=customers, seed=seed, interviews=1)
    study = world.study()
    comments = study.feedback[study.feedback["text"].notna()]
    gold = planted_clauses(world, comments)
    scored = cjm.score_feedback(cjm.code_feedback(study.feedback if beside else comments, study.codebook))
    scored = pd.DataFrame(scored[scored["text"].notna()]).rename(columns={"feedback_id": "id"})
    table = by_touchpoint(scored, gold)
    told = with_truth(scored, gold)
    known = told[told["polarity"].notna() & told["sentiment"].notna()]
    said = np.sign(known["sentiment"].where(known["sentiment"].abs() > BAND, 0)).astype(int)
    clear = known["polarity"] != 0
    right = np.sign(known["sentiment"])[clear] == known["polarity"][clear]
    found = {
        "macro-F1": macro(table),
        "precision": float(table["right"].sum() / table["coded"].sum()),
        "recall": float(table["found"].sum() / table["quotes"].sum()),
        "polarity right": float(right.mean()),
        "three classes right": float((said == known["polarity"]).mean()),
    }
    sources = {"our": "touchpoint", "true": "true_point"}, {"our": "sentiment", "true": "polarity"}
    for codes, point in sources[0].items():
        for feeling, value in sources[1].items():
            reached = curve(told, world, study, codes=point, feeling=value)
            found[f"r: {codes} codes, {feeling} polarity"] = min(reached)
            found[f"median r: {codes} codes, {feeling} polarity"] = float(np.median(reached))
    return found


def main() -> None:
    """Print the figures of each study, the mean over seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--studies", nargs="+", default=["grocer", "furniture"])
    given = parser.parse_args()
    table = {
        f"{name} {'beside' if beside else 'alone'}": pd.DataFrame(
            [measure(name, given.customers, 7000 + seed, beside=beside) for seed in range(given.seeds)]
        ).mean()
        for name in given.studies
        for beside in (False, True)
    }
    print(pd.DataFrame(table).round(3).to_string())


if __name__ == "__main__":
    main()
