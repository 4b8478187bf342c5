"""A coder that learns: what the default coder says as weak labels, human codes as strong ones; it takes over where labels suffice.

Below ``least`` human codes a touchpoint the default coder decides; from there on a logistic regression on hashed n-grams does,
trained on the human codes (weight 1) and on what the default coder found (weight .15). It answers only where its held-out
accuracy on human codes is good enough, and abstains otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.feedback.combined import CombinedCoder
from cjmlab.feedback.keywords import Finding, KeywordCoder
from cjmlab.feedback.scorers.features import FeaturePlan, Reading, read_features
from cjmlab.vocabulary import Codebook

WEAK = 0.15
"""Weight of a code that only a machine gave (methods: .15 beats 0 and 1 at 50 to 400 human codes)."""

_NONE = ""
_PLAN = FeaturePlan(letters=(2, 3, 4), words=(1, 2), bits=16)
_BATCH = 1000
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LearnedCoder:
    """What ``learn_coder`` returns: a coder for ``code_feedback`` that says what it has learned.

    ``learned`` are the touchpoints with enough human codes; ``threshold`` is the confidence below which it leaves a
    clause to the default coder; ``accuracy`` is its held-out accuracy on human codes above the threshold.
    """

    base: CombinedCoder
    classes: tuple[str, ...] = ()
    weights: Floats = field(default_factory=lambda: np.zeros((0, 0)), repr=False)
    intercept: Floats = field(default_factory=lambda: np.zeros(0), repr=False)
    idf: Floats = field(default_factory=lambda: np.zeros(0), repr=False)
    learned: tuple[str, ...] = ()
    threshold: float = 1.01
    accuracy: float = float("nan")
    labels: int = 0
    name: str = "model"

    @property
    def ready(self) -> bool:
        """Whether it has learned anything; the default coder decides alone otherwise."""
        return bool(self.learned)

    def find(self, text: str, language: str) -> list[Finding]:
        """Return the clauses of a text with what each is about."""
        findings = self.base.find(text, language)
        if not self.ready or not findings:
            return findings
        chances = self.chances([text[finding.start : finding.end] for finding in findings])
        return [self._decide(finding, row) for finding, row in zip(findings, chances, strict=True)]

    def chances(self, clauses: Sequence[str]) -> Floats:
        """Return the probability of each class, one row a clause."""
        features = _weigh(_counts(clauses), self.idf)
        logits = np.asarray(features @ self.weights.T) + self.intercept
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))

    def _decide(self, finding: Finding, row: Floats) -> Finding:
        named = () if finding.inherited else finding.touchpoints
        if any(code not in self.learned for code, _ in named):  # the words name what the model has not learned
            return finding
        best = int(row.argmax())
        if row[best] < self.threshold or (self.classes[best] and self.classes[best] not in self.learned):
            return finding
        code = self.classes[best]
        found = ((code, round(float(row[best]), 4)),) if code else ()
        return replace(finding, touchpoints=found, inherited=False)


def learn_coder(
    coded: pd.DataFrame, codebook: Codebook, human: pd.DataFrame, *, least: int = 20, wanted: float = 0.75
) -> LearnedCoder:
    """Train a coder on human codes, with what the default coder says as weak labels.

    Parameters
    ----------
    coded : DataFrame
        Schema ``coded``, as the default coder made it.
    codebook : Codebook
        The codes of the study.
    human : DataFrame
        ``unit_id`` and ``touchpoint``, as the review table saves them; a missing touchpoint means "none of them".
    least : int
        Human codes that a touchpoint needs before the model may give it.
    wanted : float
        Held-out accuracy from which the model answers.

    Returns
    -------
    LearnedCoder
        Pass it as ``coder`` to ``code_feedback``. Not ``ready`` when labels do not suffice.

    Raises
    ------
    TableError
        When the human codes lack a column or speak of unknown clauses or touchpoints.
    """
    base = CombinedCoder(codebook)
    strong = _strong(coded, codebook, human)
    counts = strong["touchpoint"].value_counts()
    learned = tuple(sorted(str(code) for code, n in counts.items() if code and n >= least))
    if len(learned) < 2:
        return LearnedCoder(base, labels=len(strong))
    weak = _weak(coded, set(strong["unit_id"]))
    rows = pd.concat([strong.assign(weight=1.0), weak.assign(weight=WEAK)], ignore_index=True)
    threshold, accuracy = _threshold(strong, weak, wanted)
    classes, weights, intercept, idf = _fit(rows)
    return LearnedCoder(base, classes, weights, intercept, idf, learned, threshold, accuracy, labels=len(strong))


def _strong(coded: pd.DataFrame, codebook: Codebook, human: pd.DataFrame) -> pd.DataFrame:
    for name in ("unit_id", "touchpoint"):
        if name not in human.columns:
            raise TableError(f"the column {name!r} is missing", where="human", remedy=did_you_mean(name, human.columns))
    texts = coded.dropna(subset=["text"]).drop_duplicates("unit_id").set_index("unit_id")["text"]
    codes = human.drop_duplicates("unit_id", keep="last").sort_values("unit_id", ignore_index=True)
    unknown = ~codes["unit_id"].isin(texts.index)
    if unknown.any():
        raise TableError(
            f"{int(unknown.sum())} of {len(codes)} human codes are for clauses that are not in the coded table",
            where="human, column 'unit_id'", example=repr(codes.loc[unknown, "unit_id"].iloc[0]),
            remedy="Use the codes of this coding.",
        )  # fmt: skip
    given = codes["touchpoint"].astype(object).where(codes["touchpoint"].notna(), _NONE)
    known = {point.id for point in codebook.touchpoints}
    strange = sorted(set(given) - known - {_NONE})
    if strange:
        raise TableError(
            f"{strange[0]!r} is not a touchpoint", where="human, column 'touchpoint'",
            remedy=did_you_mean(strange[0], sorted(known)),
        )  # fmt: skip
    return pd.DataFrame(
        {"unit_id": codes["unit_id"], "text": texts.loc[codes["unit_id"]].to_numpy(), "touchpoint": given}
    )


def _weak(coded: pd.DataFrame, taken: Iterable[str]) -> pd.DataFrame:
    machine = coded["coder"].isin([KeywordCoder.name, CombinedCoder.name])
    found = coded[machine & ~coded["unit_id"].isin(list(taken))].dropna(subset=["text"])
    if "confidence" in found:
        found = found[found["confidence"] >= 0.5]
    found = found.drop_duplicates("unit_id", keep=False).sort_values("unit_id", ignore_index=True)
    return pd.DataFrame(found[["unit_id", "text", "touchpoint"]])


def _counts(clauses: Sequence[str]) -> Any:
    from scipy import sparse

    parts = []
    for start in range(0, len(clauses), _BATCH):
        batch = read_features(Reading(clauses[start : start + _BATCH]), _PLAN)
        shape = (batch.size, 1 << _PLAN.bits)
        parts.append(sparse.csr_matrix((np.ones(len(batch.rows)), (batch.rows, batch.buckets)), shape=shape))
    return sparse.vstack(parts).tocsr()


def _weigh(counts: Any, idf: Floats) -> Any:
    from scipy import sparse

    weighted = counts @ sparse.diags(idf)
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return sparse.diags(1 / np.where(length == 0, 1, length)) @ weighted


def _fit(rows: pd.DataFrame) -> tuple[tuple[str, ...], Floats, Floats, Floats]:
    from sklearn.linear_model import LogisticRegression

    counts = _counts(rows["text"].tolist())
    idf = np.log((1 + counts.shape[0]) / (1 + np.asarray((counts > 0).sum(axis=0)).ravel())) + 1
    fitted = LogisticRegression(C=10.0, max_iter=200)
    fitted.fit(_weigh(counts, idf), rows["touchpoint"].to_numpy(object), sample_weight=rows["weight"].to_numpy())
    weights, intercept = np.asarray(fitted.coef_), np.asarray(fitted.intercept_)
    if len(fitted.classes_) == 2:
        weights, intercept = np.vstack([0 * weights, weights]), np.concatenate([0 * intercept, intercept])
    return tuple(map(str, fitted.classes_)), weights, intercept, idf


def _threshold(strong: pd.DataFrame, weak: pd.DataFrame, wanted: float, folds: int = 5) -> tuple[float, float]:
    """Return the lowest confidence from which held-out human codes are met often enough, and how often."""
    rng = np.random.default_rng(0)
    fold = rng.permutation(len(strong)) % folds
    sure, right = np.zeros(len(strong)), np.zeros(len(strong), bool)
    for k in range(folds):
        inside = strong[fold != k].assign(weight=1.0)
        classes, weights, intercept, idf = _fit(pd.concat([inside, weak.assign(weight=WEAK)], ignore_index=True))
        held = LearnedCoder(CombinedCoder.__new__(CombinedCoder), classes, weights, intercept, idf)
        chances = held.chances(strong.loc[fold == k, "text"].tolist())
        sure[fold == k] = chances.max(axis=1)
        found = np.array(classes, dtype=object)[chances.argmax(axis=1)]
        right[fold == k] = found == strong.loc[fold == k, "touchpoint"].to_numpy(object)
    order = np.argsort(-sure, kind="stable")
    running = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(running >= wanted)
    if not len(good):
        return 1.01, float(right.mean())
    last = int(good[-1])
    if last == len(order) - 1:  # good enough throughout: the likelier half is asked for, no more
        return min(0.5, float(np.round(sure[order][last], 4))), float(np.round(running[last], 4))
    return float(np.round(sure[order][last], 4)), float(np.round(running[last], 4))
