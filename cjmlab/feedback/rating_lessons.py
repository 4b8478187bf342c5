"""Lessons from ratings: what the ratings of a study teach of its customers' words.

"Hit and miss" is found wherever deliveries are rated low, and nowhere else: many customers' ratings together tell what their words
are about and how they are meant, though each tells little. Words are read, the ratings beside them are heard, and what both say
corrects the reading (``cjmlab.feedback.correction``), in turns. Nobody's own ratings teach how her own words are read:
customers are dealt into parts, and the words of each part are read by what the others' ratings taught (cross-fitting;
Chernozhukov et al. 2018), so that words and ratings stay two witnesses.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.feedback.correction import (
    CodedClauses,
    Correction,
    Fitting,
    as_correction,
    mean_correction,
    read_coded,
    softmax,
)
from cjmlab.feedback.rating_evidence import LEARNED, Evidence, Told, hear_ratings
from cjmlab.feedback.ratings_beside import SKIPPED, UNKNOWN, RatingsBeside

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

PARTS = 3
MOST = 4000
"""Different clauses that lessons are drawn from at most."""

LEAST = 100
"""Clauses with ratings beside them below which nothing is learned."""

_PENALTIES = 0.3, 1.0  # the first is taken that is borne out
_ROUNDS = 20
_STEPS = 6
_WORTH = 0.003  # of what was gained so far: what a further round must gain for another one
_SURE = 1.64  # standard errors by which ratings must be likelier than without the lesson


def part_of(speaker: str) -> int:
    """Return the part that somebody is dealt into, the same one in every study."""
    return zlib.crc32(speaker.encode(errors="replace")) % PARTS


def turn_of(speaker: str) -> int:
    """Return a number by which speakers are put in a random order, the same one in every study."""
    return zlib.crc32(b"turn" + speaker.encode(errors="replace"))


@dataclass(frozen=True)
class Wordings:
    """Clauses to learn from: their different wordings, and what stands beside each clause.

    ``place`` is the wording of each clause, ``first`` the first clause of each wording.
    """

    coded: CodedClauses
    place: Places
    first: Places
    beside: RatingsBeside

    @property
    def parts(self) -> Places:
        """The part that the speaker of each clause is dealt into."""
        return np.array([part_of(speaker) for speaker in self.beside.speakers.tolist()], np.int64)


@dataclass(frozen=True)
class Lessons:
    """What ratings taught of one reading of clauses: one correction for each part of the customers.

    ``speakers`` are those whose ratings taught; to anybody else the corrections speak together.
    """

    corrections: tuple[Correction, ...] = field(default=(), repr=False)
    speakers: frozenset[str] = field(default=frozenset(), repr=False)

    def __bool__(self) -> bool:
        """Whether anything was learned."""
        return bool(self.corrections)

    def log_odds(self, clauses: Sequence[str], language: str, speakers: Sequence[str]) -> Floats:
        """Return what is added to the log odds of each class, one row a clause, by what others' ratings taught."""
        part = np.array([part_of(who) if who in self.speakers else PARTS for who in speakers], np.int64)
        added = np.zeros((len(clauses), len(self.corrections[0].bias)))
        for k, correction in enumerate((*self.corrections, self.together)):
            rows = np.flatnonzero(part == k)
            added[rows] = correction.log_odds([clauses[row] for row in rows.tolist()], language)
        return added

    @cached_property
    def together(self) -> Correction:
        """What all ratings taught, for those who gave none of them."""
        return mean_correction(self.corrections)


@dataclass(frozen=True)
class Taught:
    """What the rounds of learning end with: lessons of touchpoints and of polarity, and what bears them out.

    ``gain`` is by how much the log likelihood of the ratings beside a clause rises when clauses are read with the lessons,
    each by lessons that had not seen its speaker; ``spread`` is its standard error, by speaker. ``first`` is what ratings say
    before anything is learned, ``heard`` what they say after it.
    """

    points: Lessons
    polarity: Lessons
    first: Told
    heard: Told
    gain: float
    spread: float
    clauses: int

    @property
    def borne_out(self) -> bool:
        """Whether ratings tell of words, and the lessons make ratings of customers likelier that they were not drawn from."""
        return self.heard.borne_out and self.gain > _SURE * self.spread + LEARNED / self.clauses


def drawn(clauses: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the places of the clauses to learn from, in the order of their words: no more than ``MOST`` different ones.

    Parameters
    ----------
    clauses : DataFrame
        ``clause``, ``language``, ``speaker`` and ``id`` of what it stands in. Which speakers are drawn has nothing to do with the order
        of rows.
    """
    turn = pd.Series([turn_of(who) for who in clauses["speaker"].tolist()], clauses.index, "int64")
    table = clauses.assign(turn=turn, words=clauses["language"] + "\x00" + clauses["clause"].str.casefold())
    table = table.reset_index(drop=True).sort_values(["turn", "speaker"], kind="stable")
    kept = table[((~table["words"].duplicated()).cumsum() <= MOST).to_numpy()]
    return kept.sort_values(["words", "clause", "speaker", "id"], kind="stable").index.to_numpy(np.int64)


def worded(clauses: Sequence[str], languages: Sequence[str], beside: RatingsBeside) -> Wordings:
    """Return clauses to learn from; those that differ in capitals alone are in the same words."""
    keys = [f"{language}\x00{clause.casefold()}" for clause, language in zip(clauses, languages, strict=True)]
    different, first, place = np.unique(np.array(keys, object).astype(str), return_index=True, return_inverse=True)
    texts = [clauses[row].casefold() for row in first]
    none = np.zeros((len(different), 1)), np.zeros(len(different), np.int64)
    coded = read_coded(texts, [languages[row] for row in first], *none)
    return Wordings(coded, np.asarray(place.ravel(), np.int64), np.asarray(first, np.int64), beside)


def teach(words: Wordings, points: Floats, polarity: Floats, groups: Places | None = None) -> Taught:
    """Learn from ratings, in turns of hearing and reading.

    Parameters
    ----------
    words : Wordings
        The clauses, with the ratings beside them.
    points : array, wordings × (touchpoints + 1)
        Chances of what each wording is about by the default coder. With ``groups`` chances of each clause, which are taken as given.
    polarity : array, wordings × 3
        Chances of negative, neutral and positive by the default scorer.
    groups : array of int, one a clause, optional
        What each clause is about, where that is known: nothing is learned of it, only of polarity.

    Returns
    -------
    Taught
        What was learned.

    Notes
    -----
    Where it is known what clauses are about, how a touchpoint is rated on the whole is taken out: words that stand for a touchpoint would
    otherwise be heard as praise or blame because others rated it so, and words would only repeat what ratings say of it.
    """
    fitting = Fitting(words.coded.likeness())
    for penalty in _PENALTIES:
        taught = _teach(words, fitting, points, polarity, groups, penalty)
        if taught.borne_out:
            break
    return taught


def _teach(
    words: Wordings, fitting: Fitting, points: Floats, polarity: Floats, groups: Places | None, penalty: float
) -> Taught:
    """Return what is learned at a price of departures from the default coder and scorer."""
    parts, place = words.parts, words.place
    offsets = {"polarity": np.log(np.maximum(polarity, 1e-6))}
    if groups is None:
        offsets["points"] = np.log(np.maximum(points, 1e-6))
    now = {"points": points[place] if groups is None else points, "polarity": polarity[place]}
    moves: dict[str, Floats | None] = dict.fromkeys(offsets)
    first = told = hear_ratings(now["points"], now["polarity"], words.beside, groups)
    for _ in range(_ROUNDS):
        before = told
        for name, offset in offsets.items():
            wanted = before.points if name == "points" else before.polarity
            asked = [_by_wording(wanted[parts != part], place[parts != part], len(offset)) for part in range(PARTS)]
            fits = moves[name] = fitting.fit(offset, np.stack(asked), penalty, start=moves[name], steps=_STEPS)
            for part, fit in enumerate(fits):
                own = parts == part
                now[name][own] = softmax(offset + fitting.moved(fit))[place[own]]
        told = hear_ratings(now["points"], now["polarity"], words.beside, groups, before.evidence)
        risen, so_far = (float((told.likelihood - each.likelihood).mean()) for each in (before, first))
        if risen < _WORTH * abs(so_far):
            break
    gain, spread = _by_speaker(told.likelihood - first.likelihood, words.beside.speakers)
    speakers = frozenset(words.beside.speakers.tolist())
    lessons = {
        name: Lessons(tuple(as_correction(words.coded, fitting, fit) for fit in fits), speakers)
        for name, fits in moves.items()
        if fits is not None
    }
    return Taught(lessons.get("points", Lessons()), lessons["polarity"], first, told, gain, spread, len(place))


def presence(evidence: Evidence, beside: RatingsBeside) -> Floats:
    """Return what is added to the log odds of each touchpoint, and of none, where it is rated, or skipped."""
    factors = np.log(np.maximum(evidence.skipping(), 1e-3))
    added = np.where(beside.levels == SKIPPED, factors[:, 1], np.where(beside.levels == UNKNOWN, 0.0, factors[:, 0]))
    return np.concatenate([added, np.zeros((len(added), 1))], axis=1)


def _by_wording(wanted: Floats, place: Places, count: int) -> Floats:
    """Return what is wanted of each wording, summed over those who said it."""
    return np.stack([np.bincount(place, weights=column, minlength=count) for column in wanted.T], axis=1)


def _by_speaker(gains: Floats, speakers: npt.NDArray[np.str_]) -> tuple[float, float]:
    """Return the mean gain of a clause, and its standard error with the clauses of a speaker taken together."""
    _, who = np.unique(speakers, return_inverse=True)
    sums = np.bincount(who.ravel(), weights=gains)
    counts = np.bincount(who.ravel())
    mean = float(gains.mean())
    spread = np.sqrt(((sums - mean * counts) ** 2).sum()) / len(gains)
    return mean, float(spread)
