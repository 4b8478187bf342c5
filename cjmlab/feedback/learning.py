"""A coder that learns from people: the default coder, corrected by the codes that people gave, where that helps.

The default coder's own reading is the starting point, so twenty codes move little and some hundreds decide
(``cjmlab.feedback.correction``). How far the codes are trusted, and whether the corrected coder is better at all, is
found on clauses that it has not seen; where it is not, the default coder stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.feedback.combined import Beside, CombinedCoder, More
from cjmlab.feedback.correction import CodedClauses, correct, fit_correction, one_thread, read_coded, softmax
from cjmlab.feedback.human_codes import align_codes
from cjmlab.feedback.keywords import Finding
from cjmlab.feedback.language import readable_language
from cjmlab.vocabulary import Codebook

_NONE = ""
_PENALTIES = (0.1, 0.3, 1.0, 3.0)
_FOLDS = 5
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LearnedCoder:
    """What ``learn_coder`` returns: a coder for ``code_feedback`` that says what it has learned.

    ``labels`` counts the human codes that were learned from (those of clauses in a language that is not read are left
    out), ``learned`` lists the touchpoints among them. ``accuracy`` is the share of human codes
    that the corrected coder meets without having seen them, ``before`` that of the default coder; ``penalty`` is how
    much a departure from the default coder costs.
    """

    coder: CombinedCoder = field(repr=False)
    labels: int = 0
    learned: tuple[str, ...] = ()
    accuracy: float = float("nan")
    before: float = float("nan")
    penalty: float = float("nan")

    @property
    def name(self) -> str:
        """What stands in the column ``coder``."""
        return self.coder.name

    @property
    def ratings(self) -> Beside | None:
        """What the ratings beside words say, where the coder learned from codes on top of that."""
        return self.coder.ratings

    @property
    def ready(self) -> bool:
        """Whether human codes change anything; the default coder decides alone otherwise."""
        return self.coder.correction is not None

    def find(self, text: str, language: str) -> list[Finding]:
        """Return the clauses of a text with what each is about."""
        return self.coder.find(text, language)

    def find_all(self, texts: Sequence[str], language: str, more: More | None = None) -> list[list[Finding]]:
        """Return the clauses of many texts of one language."""
        return self.coder.find_all(texts, language, more)


def learn_coder(
    coded: pd.DataFrame, codebook: Codebook, human: pd.DataFrame, *, least: int = 20, ratings: Beside | None = None
) -> LearnedCoder:
    """Train a coder on human codes, from what the default coder makes of the clauses.

    Parameters
    ----------
    coded : DataFrame
        Schema ``coded``, as the default coder made it.
    codebook : Codebook
        The codes of the study.
    human : DataFrame
        ``unit_id`` and ``touchpoint``, as the review table saves them; a missing touchpoint means "none of them". With
        ``text``, ``start`` and ``end`` codes are found again where clauses are cut otherwise.
    least : int
        Human codes below which nothing is learned.
    ratings : RatedWords, optional
        What ``learn_from_ratings`` found; codes of people then correct what it says.

    Returns
    -------
    LearnedCoder
        Pass it as ``coder`` to ``code_feedback``. Not ``ready`` when labels do not suffice or do not help.

    Raises
    ------
    TableError
        When the human codes lack a column or speak of unknown clauses or touchpoints.

    Notes
    -----
    Softmax regression with the default coder's log odds as offset, on n-grams and word vectors; the penalty is chosen by
    the likelihood of human codes left out, five folds, clauses of the same words together: the least one within a
    standard error of the best (the rule of Breiman, Friedman, Olshen & Stone 1984, towards learning more).
    """
    base = CombinedCoder(codebook, ratings=ratings)
    strong = _strong(coded, codebook, human)
    if len(strong) < max(least, 2):
        return LearnedCoder(base, labels=len(strong))
    with one_thread():
        return _learn(_ready(strong, base, coded), strong, base)


def _learn(clauses: CodedClauses, strong: pd.DataFrame, base: CombinedCoder) -> LearnedCoder:
    """Return the coder that learned from the codes, or the default one where nothing bears out that this helps."""
    folds = _folds(strong["text"])
    unseen = {penalty: _unseen(clauses, folds, penalty) for penalty in _PENALTIES}
    before = softmax(clauses.offset)
    penalty = _choose(unseen, before, clauses.labels)
    learned = tuple(sorted(set(strong["touchpoint"]) - {_NONE}))
    chosen = unseen[_PENALTIES[-1] if penalty is None else penalty]
    right = [round(_right(each, clauses.labels), 4) for each in (chosen, before)]
    found = LearnedCoder(base, len(strong), learned, accuracy=right[0], before=right[1])
    if penalty is None:
        return replace(found, penalty=_PENALTIES[-1])
    correction = fit_correction(clauses, penalty)
    coder = CombinedCoder(base.codebook, name="model", correction=correction, ratings=base.ratings)
    return replace(found, coder=coder, penalty=penalty)


def _strong(coded: pd.DataFrame, codebook: Codebook, human: pd.DataFrame) -> pd.DataFrame:
    for name in ("unit_id", "touchpoint"):
        if name not in human.columns:
            raise TableError(f"the column {name!r} is missing", where="human", remedy=did_you_mean(name, human.columns))
    spoken = coded.dropna(subset=["text"]).drop_duplicates("unit_id").set_index("unit_id")
    codes = align_codes(coded, human).sort_values("unit_id", ignore_index=True)
    unknown = ~codes["unit_id"].isin(spoken.index)
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
    texts = spoken.loc[codes["unit_id"], "text"].astype(str).tolist()
    said = spoken.loc[codes["unit_id"], "language"].tolist() if "language" in spoken else None
    place = coded["unit_id"].reset_index(drop=True).drop_duplicates().reset_index().set_index("unit_id")["index"]
    found = pd.DataFrame({"text": texts, "touchpoint": given, "language": readable_language(texts, said)})
    found["place"] = place.reindex(codes["unit_id"].to_numpy()).to_numpy()
    return found[found["language"].notna()].reset_index(drop=True)


def _ready(strong: pd.DataFrame, base: CombinedCoder, coded: pd.DataFrame) -> CodedClauses:
    """Return the coded clauses with their features and the default coder's log odds, ratings beside them heard."""
    codes = [point.id for point in base.codebook.touchpoints]
    offset = np.zeros((len(strong), len(codes) + 1))
    for language, part in strong.groupby("language", sort=True):
        texts, rows = part["text"].tolist(), part["place"].astype(int).tolist()
        offset[part.index] = np.log(np.maximum(base.chances(texts, str(language)), 1e-6))
        more = base.ratings.beside(coded, rows, str(language)) if base.ratings is not None else None
        if more is not None:
            offset[part.index] = np.log(
                np.maximum(softmax(offset[part.index] + more(np.arange(len(part)), texts)), 1e-6)
            )
    places = {code: place for place, code in enumerate(codes)} | {_NONE: len(codes)}
    labels = np.array([places[code] for code in strong["touchpoint"]], np.int64)
    return read_coded(strong["text"].tolist(), strong["language"].tolist(), offset, labels)


def _folds(texts: pd.Series) -> npt.NDArray[np.int64]:
    """Return the fold of each clause; those of the same words are in one."""
    _, place = np.unique(texts.str.casefold().to_numpy(str), return_inverse=True)
    turn = np.random.default_rng(0).permutation(int(place.max()) + 1)
    return np.asarray(turn[place] % _FOLDS, np.int64)


def _unseen(clauses: CodedClauses, folds: npt.NDArray[np.int64], penalty: float) -> Floats:
    """Return the chances of all clauses, each by a correction that has not seen it."""
    chances = softmax(clauses.offset)
    for fold in sorted(set(folds.tolist())):
        held = folds == fold
        if held.all():
            continue
        chances[held] = correct(clauses.take(held), fit_correction(clauses.take(~held), penalty))
    return chances


def _choose(unseen: Mapping[float, Floats], before: Floats, labels: npt.NDArray[np.int64]) -> float | None:
    """Return the penalty to learn with, or None when nothing bears out that learning helps.

    Of the penalties whose likelihood is within a standard error of the best the least is taken, as long as it is right no
    less often than the default coder: clauses that ``review_queue`` chose lie far apart, and those left out understate
    how far learning carries.
    """
    likely = {penalty: _likelihood(chances, labels) for penalty, chances in unseen.items()}
    best = max(unseen, key=lambda penalty: (round(float(likely[penalty].mean()), 6), penalty))
    if likely[best].mean() <= _likelihood(before, labels).mean():
        return None
    worse = {penalty: likely[best] - each for penalty, each in likely.items()}
    near = [p for p, each in worse.items() if each.mean() <= each.std() / np.sqrt(len(labels)) + 1e-9]
    helpful = [p for p in near if _right(unseen[p], labels) >= _right(before, labels)]
    return min(helpful, default=None)


def _likelihood(chances: Floats, labels: npt.NDArray[np.int64]) -> Floats:
    """Return the log likelihood of each human code."""
    return np.asarray(np.log(np.maximum(chances[np.arange(len(labels)), labels], 1e-6)), np.float64)


def _right(chances: Floats, labels: npt.NDArray[np.int64]) -> float:
    return float((chances.argmax(axis=1) == labels).mean())
