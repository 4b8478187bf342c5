"""What ratings beside comments teach of what comments are about, on planted studies and on real texts.

    python benchmarks/learning_from_ratings.py [--customers 150 600 2000] [--real]

Planted studies (see ``listening.py``): macro-F1 of the coding and the share of clear clauses whose polarity is right, without
hearing the ratings and with them; where half of the ratings are dealt anew among all; and where each customer has the ratings of
another. *New words* judges comments that share no clause with any other comment (planted clauses recur). The peer is what one would
write with scikit-learn: the touchpoint that a customer rates most unlike the others is the label of her comment, TF-IDF of characters and logistic
regression on that, customers left out.

Real texts (``--real``; reviews of restaurants and hotels whose aspects people named, from ``../shared/data``): ratings are simulated, since
no open data hold both. Each reviewer rates the aspects she names as she is said to feel, on five steps with a good deal of chance and a leaning of
her own, and seven in ten of the others by chance. The study names four to six touchpoints of its own, each with a label and three
keywords a language. F1 of whether a text speaks of a touchpoint, the mean over touchpoints. Nobody repeats anybody here.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from coding import by_touchpoint, macro
from listening import planted_clauses, with_truth
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline

import cjmlab as cjm
from cjmlab.study.plan_file import read_plan
from cjmlab.study.world import build_world
from cjmlab.tables import about
from cjmlab.vocabulary import codebook, stage_model, touchpoints

SEED = 7000
ASPECTS = Path("../shared/data/sentiment/train_aspects.csv.gz")
STEPS = {"neg": [0.45, 0.3, 0.15, 0.07, 0.03], "neu": [0.1, 0.2, 0.4, 0.2, 0.1], "pos": [0.03, 0.07, 0.15, 0.3, 0.45]}
REPLIES, LEANING = 0.7, 0.5
REAL = (
    ("semeval14cat", "en", "restaurant"), ("mabsa", "en", "restaurant"), ("mabsa", "zh", "restaurant"),
    ("mabsa", "ru", "restaurant"), ("mabsa", "en", "hotel"), ("mabsa", "zh", "hotel"), ("mabsa", "ru", "hotel"),
)  # fmt: skip
WORDS = {
    "food": {"en": ["food", "dish", "meal"], "zh-Hans": ["菜", "食物", "味道"], "ru": ["еда", "блюдо", "кухня"]},
    "service": {"en": ["service", "waiter", "staff"], "zh-Hans": ["服务", "服务员", "员工"], "ru": ["обслуживание", "официант", "персонал"]},
    "ambience": {"en": ["atmosphere", "decor", "ambience"], "zh-Hans": ["氛围", "环境", "装修"], "ru": ["атмосфера", "интерьер", "обстановка"]},
    "price": {"en": ["price", "expensive", "cheap"], "zh-Hans": ["价格", "贵", "便宜"], "ru": ["цена", "дорого", "дёшево"]},
    "drinks": {"en": ["drink", "wine", "cocktail"], "zh-Hans": ["酒", "饮料", "鸡尾酒"], "ru": ["напиток", "вино", "коктейль"]},
    "location": {"en": ["location", "area", "neighborhood"], "zh-Hans": ["位置", "地段", "地点"], "ru": ["расположение", "район", "место"]},
    "rooms": {"en": ["room", "bed", "bathroom"], "zh-Hans": ["房间", "床", "浴室"], "ru": ["номер", "кровать", "ванная"]},
    "facilities": {"en": ["pool", "gym", "facilities"], "zh-Hans": ["泳池", "健身房", "设施"], "ru": ["бассейн", "спортзал", "удобства"]},
}  # fmt: skip


def planted(name: str, customers: int) -> dict[str, float]:
    """Return the figures of one planted study."""
    world = build_world(read_plan(name), customers=customers, seed=SEED, interviews=1)
    study = world.study()
    feedback = pd.DataFrame(study.feedback)
    gold = planted_clauses(world, feedback[feedback["text"].notna()])
    rng, rated = np.random.default_rng(SEED), feedback["rating"].notna()
    half, other = feedback.copy(), feedback.copy()
    some = feedback.index[rated & (rng.random(len(feedback)) < 0.5)]
    half.loc[some, "rating"] = rng.permutation(feedback.loc[some, "rating"].to_numpy())
    people = sorted(feedback["customer_id"].unique())
    dealt = dict(zip(people, rng.permutation(people), strict=True))
    other.loc[rated, "customer_id"] = feedback.loc[rated, "customer_id"].map(dealt)
    found: dict[str, float] = {}
    for said, table, ratings in (
        ("without ratings", feedback, False), ("with ratings", feedback, True), ("half by chance", half, True), ("of others", other, True),
    ):  # fmt: skip
        coded = cjm.code_feedback(table, study.codebook, ratings=ratings)
        scored = pd.DataFrame(cjm.score_feedback(coded, ratings=ratings)).rename(columns={"feedback_id": "id"})
        scored = scored[scored["text"].notna()].reset_index(drop=True)
        found[f"{said}: macro-F1"] = macro(by_touchpoint(scored, gold))
        found[f"{said}: polarity"] = _polarity(with_truth(scored, gold))
        if said.endswith(" ratings"):
            single = _unshared(scored)
            found[f"{said}: new words"] = macro(
                by_touchpoint(scored[scored["id"].isin(single)].reset_index(drop=True), gold[gold["id"].isin(single)])
            )
    found["peer: accuracy"], found["with ratings: accuracy"], found["without ratings: accuracy"] = _against_peer(
        study, feedback, gold
    )
    return found


def _polarity(told: pd.DataFrame) -> float:
    known = told[told["polarity"].fillna(0).ne(0) & told["sentiment"].notna()]
    return float((np.sign(known["sentiment"]) == known["polarity"]).mean())


def _unshared(scored: pd.DataFrame) -> set[str]:
    """Return the comments none of whose clauses stands in another comment."""
    words = scored["text"].str.casefold()
    shared = words.groupby(words).transform("size") > 1
    return set(scored["id"]) - set(scored.loc[shared, "id"])


def _against_peer(study: Any, feedback: pd.DataFrame, gold: pd.DataFrame) -> tuple[float, float, float]:
    """Return how often comments about one touchpoint alone are coded right: by the peer, and by ours with and without ratings."""
    one = gold.groupby("id")["touchpoint"].agg(["nunique", "first"])
    comments = feedback[feedback["feedback_id"].isin(one.index[one["nunique"] == 1])].set_index("feedback_id")
    ratings = feedback[feedback["rating"].notna() & feedback["touchpoint"].notna() & feedback["asks"].eq("experience")]
    wide = ratings.pivot_table(index=["customer_id", "wave"], columns="touchpoint", values="rating")
    unlike = (wide - wide.mean()).sub(wide.mean(axis=1), axis=0).abs().fillna(0.0)
    keys = pd.MultiIndex.from_frame(comments[["customer_id", "wave"]])
    comments = comments[keys.isin(unlike.index)]
    keys = pd.MultiIndex.from_frame(comments[["customer_id", "wave"]])
    labels = unlike.idxmax(axis=1).reindex(keys).to_numpy()
    right = one.loc[comments.index, "first"].to_numpy()
    peer = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4)), LogisticRegression(C=10, max_iter=300)
    )
    guessed = cross_val_predict(peer, comments["text"], labels, cv=3)
    ours = []
    for heard in (True, False):
        coded = pd.DataFrame(cjm.code_feedback(feedback, study.codebook, ratings=heard)).dropna(
            subset=["text", "touchpoint"]
        )
        mostly = coded.groupby("feedback_id")["touchpoint"].agg(lambda points: points.mode().iloc[0])
        ours.append(float((mostly.reindex(comments.index).to_numpy() == right).mean()))
    return float((guessed == right).mean()), ours[0], ours[1]


def real(source: str, language: str, domain: str) -> dict[str, float]:
    """Return the figures of one set of reviews with simulated ratings."""
    aspects = pd.read_csv(ASPECTS, low_memory=False)
    rows = aspects[(aspects["source"] == source) & (aspects["lang"] == language) & (aspects["domain"] == domain)].copy()
    rows["about"] = [_about(domain, category) for category in rows["category"]]
    names = [name for name in WORDS if (rows["about"] == name).any()]
    model, tongue = stage_model("hema7"), "zh-Hans" if language == "zh" else language
    points = touchpoints([{"id": name, "label": WORDS[name][tongue][0], "stage": "buy"} for name in names], model)
    book = codebook(points, model, [{"id": name, "keywords": WORDS[name]} for name in names])
    feedback, right = _rated(rows, names, language)
    found: dict[str, float] = {"texts": float(len(right))}
    for said, ratings in (("without ratings", False), ("with ratings", True)):
        coded = cjm.code_feedback(feedback, book, ratings=ratings)
        spoken = pd.DataFrame(coded[coded["text"].notna() & coded["touchpoint"].notna()])
        heard = spoken.groupby("customer_id")["touchpoint"].agg(set).to_dict()
        found[said] = float(np.mean([_f1(name, heard, right) for name in names if _often(name, right)]))
    found["learned from"] = float(about(coded).rated_clauses)
    return found


def _rated(rows: pd.DataFrame, names: list[str], language: str) -> tuple[pd.DataFrame, dict[str, set[str]]]:
    """Return feedback with simulated ratings, and what each reviewer speaks of."""
    rng = np.random.default_rng(0)
    usual = {name: rows.loc[rows["about"] == name, "label"].value_counts(normalize=True) for name in names}
    table: list[tuple[Any, ...]] = []
    right: dict[str, set[str]] = {}
    for k, (text, told) in enumerate(rows.groupby("text", sort=True)):
        who, leaning = f"c{k:05d}", rng.normal(0, LEANING)
        right[who] = set(told["about"].dropna())
        table.append((f"{who}:text", who, text, None, np.nan))
        for name in names:
            felt = told.loc[told["about"] == name, "label"]
            if len(felt):
                label = felt.iloc[0]
            elif rng.random() < REPLIES:
                label = rng.choice(usual[name].index, p=usual[name].to_numpy())
            else:
                continue
            step = np.clip(round(rng.choice(5, p=STEPS[label if label in STEPS else "neu"]) + leaning), 0, 4)
            table.append((f"{who}:{name}", who, None, name, step / 2 - 1))
    frame = pd.DataFrame(table, columns=["feedback_id", "customer_id", "text", "touchpoint", "rating"])
    return frame.assign(language=language), right


def _about(domain: str, category: object) -> str | None:
    """Return the touchpoint of a category of the data."""
    said = str(category).lower()
    if "price" in said:
        return "price"
    starts = {"room": "rooms", "service": "service", "location": "location", "food": "food", "facilities": "facilities"}
    if domain == "restaurant":
        starts = {
            "food": "food",
            "service": "service",
            "ambience": "ambience",
            "drinks": "drinks",
            "location": "location",
        }
    return next((name for start, name in starts.items() if said.startswith(start)), None)


def _often(name: str, right: dict[str, set[str]]) -> bool:
    return Counter(name in spoken for spoken in right.values())[True] >= 10


def _f1(name: str, heard: dict[str, set[str]], right: dict[str, set[str]]) -> float:
    found = np.array([name in heard.get(who, ()) for who in right])
    there = np.array([name in spoken for spoken in right.values()])
    return float(2 * (found & there).sum() / max(found.sum() + there.sum(), 1))


def main() -> None:
    """Print a column a study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="*", default=[150, 600, 2000])
    parser.add_argument("--studies", nargs="+", default=["grocer", "furniture"])
    parser.add_argument("--real", action="store_true")
    given = parser.parse_args()
    table = {f"{name} {count}": planted(name, count) for name in given.studies for count in given.customers}
    if table:
        print(pd.DataFrame(table).round(3).to_string())
    if given.real:
        print(pd.DataFrame({" ".join(each): real(*each) for each in REAL}).T.round(3).to_string())


if __name__ == "__main__":
    main()
