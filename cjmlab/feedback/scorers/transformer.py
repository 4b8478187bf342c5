"""Any sequence-classification model on disk or in reach, for teams that have one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.feedback.language import readable_language
from cjmlab.feedback.scorers.base import CLASSES, score_frame

_BATCH = 32
_NAMES = {
    "negative": 0, "neg": 0, "label_0": 0, "neutral": 1, "neu": 1, "label_1": 1, "positive": 2, "pos": 2, "label_2": 2,
    "1 star": 0, "2 stars": 0, "3 stars": 1, "4 stars": 2, "5 stars": 2,
}  # fmt: skip


class TransformerScorer:
    """Scores with a sequence-classification model of ``transformers``.

    Parameters
    ----------
    model : str or callable
        Folder or name of a model, or any callable: list of texts → for each text a list of ``{"label", "score"}``.
    labels : mapping, optional
        Label of the model → ``negative``, ``neutral`` or ``positive``; the usual names are known.
    version : str
        Of the model, for caches.
    online : bool
        Whether the model may be fetched. By default only files on disk are used.

    Raises
    ------
    CjmError
        When ``transformers`` is not installed, the model is not there, or a label has no meaning.

    Examples
    --------
    >>> def model(texts):
    ...     return [[{"label": "POSITIVE", "score": 0.9}, {"label": "NEGATIVE", "score": 0.1}] for _ in texts]
    >>> TransformerScorer(model).score(["Nice place"]).sentiment.round(1).tolist()
    [0.8]
    """

    name = "transformer"

    def __init__(
        self, model: str | Callable[[list[str]], Any], *, labels: Mapping[str, str] | None = None, version: str = "1",
        online: bool = False,
    ) -> None:  # fmt: skip
        self.version = f"{model if isinstance(model, str) else getattr(model, '__name__', 'model')}@{version}"
        self.read = _load(model, online) if isinstance(model, str) else model
        self.places = dict(_NAMES)
        for label, meaning in (labels or {}).items():
            if meaning not in CLASSES:
                raise CjmError(f"{meaning!r} is not negative, neutral or positive", where="labels")
            self.places[label.casefold()] = CLASSES.index(meaning)

    def score(
        self, texts: pd.Series | Sequence[object], language: str | Sequence[object] | None = None
    ) -> pd.DataFrame:
        """Return negative, neutral, positive, sentiment, confidence and scorer; see ``Scorer.score``."""
        index = texts.index if isinstance(texts, pd.Series) else pd.RangeIndex(len(texts))
        values = list(texts)
        scored = np.array([code is not None for code in readable_language(values, language)], bool)
        chances = np.full((len(values), 3), np.nan)
        places = np.flatnonzero(scored)
        for start in range(0, len(places), _BATCH):
            part = places[start : start + _BATCH]
            for place, found in zip(part, self.read([str(values[i]) for i in part]), strict=True):
                chances[place] = self._spread(found)
        return score_frame(chances, index, scored, self.name)

    def _spread(self, found: Sequence[Mapping[str, Any]]) -> list[float]:
        spread = [0.0, 0.0, 0.0]
        for answer in found:
            label = str(answer["label"]).casefold()
            if label not in self.places:
                raise CjmError(
                    f"the model answers {answer['label']!r}", remedy='Say what it means: labels={"…": "negative", …}.'
                )
            spread[self.places[label]] += float(answer["score"])
        total = sum(spread) or 1.0
        return [part / total for part in spread]


def _load(model: str, online: bool) -> Callable[[list[str]], Any]:
    try:
        library = import_module("transformers")
    except ImportError:
        raise CjmError(
            "a model on disk needs the package 'transformers'", remedy="Run: pip install transformers torch"
        ) from None
    try:
        here = {"local_files_only": not online}
        reader = library.pipeline(
            "text-classification",
            model=library.AutoModelForSequenceClassification.from_pretrained(model, **here),
            tokenizer=library.AutoTokenizer.from_pretrained(model, **here), top_k=None, truncation=True,
        )  # fmt: skip
    except (OSError, ValueError) as problem:
        raise CjmError(
            f"the model cannot be loaded ({type(problem).__name__})",
            where=model,
            remedy="Give the folder of a sequence-classification model, or online=True.",
        ) from None
    return lambda texts: reader(texts)
