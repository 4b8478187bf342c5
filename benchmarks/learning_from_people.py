"""What a few hundred codes of people bring: drawn at random, least sure first, or chosen by ``review_queue``.

    python benchmarks/learning_from_people.py [--customers 1600] [--codes 50 100 200 400] [--studies grocer furniture]

Planted studies (see ``listening.py``), whose every clause is known: the truth plays the person who codes clauses of one
half of the customers. Judged is the feedback of the other half, and of it only comments that share no clause with any that
was coded (planted clauses recur). Macro-F1 over the touchpoints of the study. The plain classifier is what one would
write with scikit-learn: TF-IDF of characters and logistic regression on the human codes drawn at random alone, on the
same clauses. ``--wrong`` is the share of codes that the person gets wrong.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import pandas as pd
from coding import by_touchpoint, macro
from listening import planted_clauses, with_truth
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import cjmlab as cjm
from cjmlab.study.plan_file import read_plan
from cjmlab.study.world import build_world

SEED = 7000


def measure(name: str, customers: int, counts: list[int], wrong: float) -> pd.DataFrame:
    """Return macro-F1 of the coders, a row a number of human codes."""
    world = build_world(read_plan(name), customers=customers, seed=SEED, interviews=1)
    study = world.study()
    feedback = study.feedback[study.feedback["text"].notna()]
    gold = planted_clauses(world, feedback)
    coded = cjm.code_feedback(feedback, study.codebook)
    told = with_truth(pd.DataFrame(coded).rename(columns={"feedback_id": "id"}), gold).drop_duplicates("unit_id")
    told = told[told["text"].notna()].sort_values("unit_id", ignore_index=True)
    people = sorted(told["customer_id"].unique())
    half = set(np.random.default_rng(SEED).permutation(people)[: len(people) // 2])
    told["seen"] = told["customer_id"].isin(half)
    return pd.DataFrame({n: _figures(told, gold, feedback, study, coded, n, wrong) for n in counts}).T


def _figures(
    told: pd.DataFrame, gold: pd.DataFrame, feedback: pd.DataFrame, study: cjm.Study, coded: pd.DataFrame,
    count: int, wrong: float,
) -> dict[str, float]:  # fmt: skip
    pool = told[told["seen"]]
    offered = coded[coded["unit_id"].isin(pool["unit_id"])]
    draws = {"at random": pool.sample(count, random_state=1)}
    for order, said in (("uncertain", "least sure first"), ("informative", "chosen")):
        queue = cjm.review_queue(offered, size=count, order=order)["unit_id"]
        draws[said] = pool.set_index("unit_id").loc[queue].reset_index()
    known = set().union(*(set(drawn["text"].str.casefold()) for drawn in draws.values()))
    shared = set(told.loc[told["text"].str.casefold().isin(known) | told["seen"], "id"])
    rest, right = feedback[~feedback["feedback_id"].isin(shared)], gold[~gold["id"].isin(shared)]
    found = {"judged clauses": float(len(right)), "default coder": _macro(rest, right, study, None)}
    for name, drawn in draws.items():
        found[name] = _macro(rest, right, study, cjm.learn_coder(coded, study.codebook, _codes(drawn, study, wrong)))
    plain = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)), LogisticRegression(C=30, max_iter=500)
    )
    plain.fit(draws["at random"]["text"], _codes(draws["at random"], study, wrong)["touchpoint"].fillna("none"))
    units = told[told["id"].isin(rest["feedback_id"])]
    guessed = units.assign(touchpoint=plain.predict(units["text"]))
    found["plain classifier"] = macro(by_touchpoint(guessed[guessed["touchpoint"] != "none"], right))
    return found


def _codes(drawn: pd.DataFrame, study: cjm.Study, wrong: float) -> pd.DataFrame:
    """Return what the person says: the truth, but for a share of wrong codes."""
    rng = np.random.default_rng(SEED)
    points = [point.id for point in study.touchpoints]
    slips = rng.random(len(drawn)) < wrong
    said = drawn["true_point"].astype(object).mask(slips, pd.Series(rng.choice(points, len(drawn)), drawn.index))
    return drawn[["unit_id"]].assign(touchpoint=said)


def _macro(feedback: pd.DataFrame, gold: pd.DataFrame, study: cjm.Study, coder: Any) -> float:
    again = pd.DataFrame(cjm.code_feedback(feedback, study.codebook, coder=coder))
    return macro(by_touchpoint(again.rename(columns={"feedback_id": "id"}), gold))


def main() -> None:
    """Print a table a study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1600)
    parser.add_argument("--codes", type=int, nargs="+", default=[50, 100, 200, 400])
    parser.add_argument("--studies", nargs="+", default=["grocer", "furniture"])
    parser.add_argument("--wrong", type=float, default=0.0)
    given = parser.parse_args()
    for name in given.studies:
        print(name, measure(name, given.customers, given.codes, given.wrong).round(3).to_string(), sep="\n", flush=True)


if __name__ == "__main__":
    main()
