"""What a few hundred codes of people bring: the default coder, the one that learned from them, and a plain classifier.

    python benchmarks/learning_from_people.py [--customers 800] [--codes 50 100 200 400] [--studies grocer furniture]

Planted studies (see ``listening.py``), whose every clause is known: the truth plays the person who codes clauses drawn at
random. Judged is the other feedback, and of it only comments that share no clause with what was coded (planted clauses
recur). Macro-F1 over the touchpoints of the study. The plain classifier is what one would write with scikit-learn: TF-IDF of
characters and logistic regression on the human codes alone, on the same clauses.
"""

from __future__ import annotations

import argparse

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


def measure(name: str, customers: int, counts: list[int]) -> pd.DataFrame:
    """Return macro-F1 of the three coders, a row a number of human codes."""
    world = build_world(read_plan(name), customers=customers, seed=SEED, interviews=1)
    study = world.study()
    feedback = study.feedback[study.feedback["text"].notna()]
    gold = planted_clauses(world, feedback)
    coded = cjm.code_feedback(feedback, study.codebook)
    told = with_truth(pd.DataFrame(coded).rename(columns={"feedback_id": "id"}), gold).drop_duplicates("unit_id")
    told = told[told["text"].notna()].sort_values("unit_id", ignore_index=True)
    return pd.DataFrame({count: _figures(told, gold, feedback, study, coded, count) for count in counts}).T


def _figures(
    told: pd.DataFrame, gold: pd.DataFrame, feedback: pd.DataFrame, study: cjm.Study, coded: pd.DataFrame, count: int
) -> dict[str, float]:
    drawn = told.sample(count, random_state=1)
    known = set(drawn["text"].str.casefold())
    shared = set(told.loc[told["text"].str.casefold().isin(known), "id"])
    rest, right = feedback[~feedback["feedback_id"].isin(shared)], gold[~gold["id"].isin(shared)]
    human = drawn[["unit_id"]].assign(touchpoint=drawn["true_point"])
    learned = cjm.learn_coder(coded, study.codebook, human)
    found = {"judged clauses": float(len(right))}
    for name, coder in (("default coder", None), ("learned coder", learned)):
        again = pd.DataFrame(cjm.code_feedback(rest, study.codebook, coder=coder))
        found[name] = macro(by_touchpoint(again.rename(columns={"feedback_id": "id"}), right))
    plain = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)), LogisticRegression(C=30, max_iter=500)
    )
    plain.fit(drawn["text"], drawn["true_point"].fillna("none"))
    units = told[told["id"].isin(rest["feedback_id"])]
    guessed = units.assign(touchpoint=plain.predict(units["text"]))
    found["plain classifier"] = macro(by_touchpoint(guessed[guessed["touchpoint"] != "none"], right))
    return found


def main() -> None:
    """Print a table a study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=800)
    parser.add_argument("--codes", type=int, nargs="+", default=[50, 100, 200, 400])
    parser.add_argument("--studies", nargs="+", default=["grocer", "furniture"])
    given = parser.parse_args()
    for name in given.studies:
        print(name, measure(name, given.customers, given.codes).round(3).to_string(), sep="\n", flush=True)


if __name__ == "__main__":
    main()
