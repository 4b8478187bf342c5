"""The default scorer: one small linear model a language, read with numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.errors import CjmError, TableError
from cjmlab.feedback.language import READABLE, readable_language
from cjmlab.feedback.scorers.base import Probabilities, score_frame
from cjmlab.feedback.scorers.features import FeaturePlan, Reading, read_features
from cjmlab.feedback.scorers.lexicon import lexicon
from cjmlab.feedback.scorers.word_values import word_values

_ROWS_A_BATCH = 2000


@dataclass(frozen=True)
class LinearModel:
    """The weights of one language.

    ``head`` is ``flat`` (three classes at once) or ``gate`` (neutral or not, then the polarity of the rest).
    ``weights`` of the hashed n-grams are int8 with one ``scale`` a row, ``dense`` those of the lexicon features; ``idf``
    is uint8 with ``idf_scale``. ``shift`` of the heads and ``temperature`` calibrate.
    """

    language: str
    plan: FeaturePlan
    head: str
    weights: npt.NDArray[np.int8]
    scale: npt.NDArray[np.float64]
    dense: npt.NDArray[np.float64]
    intercept: npt.NDArray[np.float64]
    idf: npt.NDArray[np.uint8]
    idf_scale: float
    temperature: npt.NDArray[np.float64]
    shift: npt.NDArray[np.float64]
    version: str

    def logits(self, reading: Reading) -> npt.NDArray[np.float64]:
        """Return the raw scores of the heads, one row a text."""
        batch = read_features(reading, self.plan)
        idf = self.idf[batch.buckets].astype(np.float64) * self.idf_scale
        norm = np.sqrt(np.bincount(batch.rows, weights=idf * idf, minlength=batch.size))
        norm[norm == 0] = 1.0
        heads = [
            np.bincount(batch.rows, weights=self.weights[k][batch.buckets] * idf, minlength=batch.size) * self.scale[k]
            for k in range(len(self.weights))
        ]
        words = read_dense(reading, self.language) @ self.dense.T
        return np.asarray(np.stack(heads, axis=1) / norm[:, None] + words + self.intercept + self.shift)

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Return the calibrated probabilities of negative, neutral and positive, one row a text."""
        return spread(self.logits(Reading(texts)) / self.temperature, self.head)


def read_dense(reading: Reading, language: str) -> npt.NDArray[np.float64]:
    """Return the features that are not n-grams, one row a text: values of words where a language has them, the lexicon."""
    values, listed = word_values(language), lexicon(language).read(reading)
    return listed if values is None else np.hstack([values.read(reading), listed])


def spread(logits: npt.NDArray[np.float64], head: str) -> Probabilities:
    """Return class probabilities from the scores of the heads."""
    if head == "flat":
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))
    neutral, positive = (1 / (1 + np.exp(-np.clip(logits[:, k], -30, 30))) for k in (0, 1))
    return np.stack([(1 - neutral) * (1 - positive), neutral, (1 - neutral) * positive], axis=1)


def save_model(model: LinearModel, path: Path) -> None:
    """Write a model as plain arrays (a compressed ``.npz``, no pickle)."""
    plan = model.plan
    np.savez_compressed(
        path,
        language=np.array(model.language),
        letters=np.array(plan.letters, np.int64),
        words=np.array(plan.words, np.int64),
        bits=np.array(plan.bits),
        reach=np.array(plan.reach),
        negators=np.array(plan.negators, np.str_),
        head=np.array(model.head),
        weights=model.weights,
        scale=model.scale,
        dense=model.dense,
        intercept=model.intercept,
        idf=model.idf,
        idf_scale=np.array(model.idf_scale),
        temperature=model.temperature,
        shift=model.shift,
        version=np.array(model.version),
    )


def load_model(path: Path) -> LinearModel:
    """Read a model that ``save_model`` wrote.

    Raises
    ------
    CjmError
        When the file is not such a model.
    """
    try:
        with np.load(path, allow_pickle=False) as held:
            plan = FeaturePlan(
                letters=tuple(held["letters"].tolist()),
                words=tuple(held["words"].tolist()),
                bits=int(held["bits"]),
                reach=int(held["reach"]),
                negators=tuple(held["negators"].tolist()),
            )
            return LinearModel(
                language=str(held["language"]),
                plan=plan,
                head=str(held["head"]),
                weights=held["weights"],
                scale=held["scale"],
                dense=held["dense"],
                intercept=held["intercept"],
                idf=held["idf"],
                idf_scale=float(held["idf_scale"]),
                temperature=held["temperature"],
                shift=held["shift"],
                version=str(held["version"]),
            )
    except (OSError, ValueError, KeyError, EOFError) as problem:
        raise CjmError(
            f"the weights cannot be read ({type(problem).__name__})",
            where=str(path.name),
            remedy="Install cjmlab again, or run the training script.",
        ) from None


@lru_cache(maxsize=8)
def shipped_model(language: str, *, clauses: bool = False) -> LinearModel:
    """Return the shipped model of ``en``, ``zh`` or ``ru`` for whole texts, or for clauses of feedback."""
    name = f"{language}{'_clauses' * clauses}.npz"
    return load_model(Path(str(resources.files("cjmlab.feedback") / "scorers" / "weights" / name)))


class LinearScorer:
    """Scores English, Chinese (both scripts) and Russian offline with linear models on hashed n-grams.

    Parameters
    ----------
    clauses : bool
        Whether the texts are clauses of feedback: a model of their own reads them, since in few words what happened is
        mostly told without praise or blame.

    Examples
    --------
    >>> table = LinearScorer().score(["I love the fast delivery", "配送太慢了，很失望", "Ужасный сервис", "C'est bien"])
    >>> table.sentiment.gt(0).tolist(), table.scorer.isna().tolist()
    ([True, False, False, False], [False, False, False, True])
    """

    name = "linear"
    clauses = False

    def __init__(self, *, clauses: bool = False) -> None:
        self.clauses = clauses

    @property
    def version(self) -> str:
        """Versions of the three models, and whether clauses are read."""
        models = (shipped_model(language, clauses=self.clauses) for language in READABLE)
        return "/".join(model.version for model in models) + "/clauses" * self.clauses

    def score(
        self, texts: pd.Series | Sequence[object], language: str | Sequence[object] | None = None
    ) -> pd.DataFrame:
        """Return negative, neutral, positive, sentiment, confidence and scorer, one row a text, same index.

        Parameters
        ----------
        texts : Series or sequence
            The texts; anything that is not a string counts as empty.
        language : str or sequence, optional
            One language for all or one a text. Found in each text when None.
        """
        if isinstance(texts, str):
            raise TableError("texts are a list or a Series, not one text", remedy='Write score(["…"]).')
        index = texts.index if isinstance(texts, pd.Series) else pd.RangeIndex(len(texts))
        values = list(texts)
        found = readable_language(values, language)
        probabilities = np.full((len(values), 3), np.nan)
        for code in READABLE:
            places = np.flatnonzero(found == code)
            for start in range(0, len(places), _ROWS_A_BATCH):
                part = places[start : start + _ROWS_A_BATCH]
                said = [str(values[i]) for i in part]
                probabilities[part] = shipped_model(code, clauses=self.clauses).probabilities(said)
        return score_frame(probabilities, index, ~np.isnan(probabilities[:, 1]), self.name)
