"""The default coder: what clauses of a touchpoint sound like (a learned prior), and the words of the codebook.

The prior knows the shipped touchpoints from clauses written for them. In a study it is narrowed to the touchpoints that
the study has: of a shipped one that it lacks, the one that stands for it or is nearest takes over (see ``Codebook``). A keyword
raises the odds of its touchpoint; a word that the study itself gave decides. A touchpoint that the prior does not know is
read from its name, words and examples. Codes of people may correct all of this, and clauses go on with what those beside
them speak of. What no touchpoint has enough chance for stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.feedback.correction import Correction, softmax
from cjmlab.feedback.keywords import Finding, KeywordCoder, Piece, cut_unit, join_fragments
from cjmlab.feedback.matching import Hit, KeywordMatcher
from cjmlab.feedback.narrowing import narrow, own_words, words_and_examples
from cjmlab.feedback.priors.own_touchpoints import extend_prior
from cjmlab.feedback.priors.touchpoint_prior import NONE, shipped_prior
from cjmlab.feedback.threads import follow_threads
from cjmlab.feedback.units import Unit, split_units
from cjmlab.vocabulary import Codebook

Floats = npt.NDArray[np.float64]
More = Callable[[npt.NDArray[np.int64], Sequence[str]], Floats]

_LEAST = 1e-6  # of a chance


class Beside(Protocol):
    """What is known of texts beside their words, as ``learn_from_ratings`` returns it."""

    def beside(self, feedback: pd.DataFrame, texts: Sequence[int], language: str) -> More | None:
        """Return what is added to the log odds of clauses of some rows of feedback."""


@dataclass(frozen=True)
class Mixture:
    """How prior, keywords and neighbours are weighed.

    ``heat`` is the power that the prior's chances are raised to; ``word`` is what a unit of keyword weight adds to the log
    odds of its touchpoint, ``most`` how many units count; ``spoken`` is what a plain keyword takes from the log odds of none.
    ``own`` and ``weak_own`` are what a word of the study's own adds; ``floor`` is the least chance of a touchpoint that
    the prior does not know; ``near`` is the share that the nearest touchpoint takes over from one that the study lacks,
    ``strange`` that of none where none is near, ``adopted`` how much of its words and examples an own touchpoint must have
    from such a class; ``least`` is the chance from which a code is given, ``named`` that from which one is given that a
    plain keyword names, ``beside`` the part of the best one's chance that a second one needs.

    ``stay``, ``turned`` and ``onward`` are the chances that a clause goes on with what the one before it speaks of: within
    a sentence, after a contrast word, in a new sentence; ``within`` is that of the fragments of a clause, and ``sure`` the
    chance by which a fragment names a touchpoint by itself.
    """

    heat: float = 0.85
    word: float = 2.0
    most: float = 3.0
    spoken: float = 1.0
    own: float = 16.0
    weak_own: float = 1.0
    floor: float = 0.02
    near: float = 0.4
    strange: float = 0.3
    adopted: float = 0.2
    least: float = 0.45
    named: float = 0.15
    beside: float = 0.75
    sure: float = 0.95
    stay: float = 0.5
    turned: float = 0.3
    onward: float = 0.3
    within: float = 0.5


@dataclass
class CombinedCoder:
    """Codes clauses by a learned prior and the keywords of a codebook, in three languages.

    ``correction`` is what codes of people add, ``ratings`` what the ratings beside the words of a study do; ``code_feedback`` reads them.

    Examples
    --------
    >>> from cjmlab.vocabulary.codebook import shipped_codebook
    >>> coder = CombinedCoder(shipped_codebook())
    >>> [finding.touchpoints[0][0] for finding in coder.find("The courier was late, but the payment was easy", "en")]
    ['delivery', 'payment']
    """

    codebook: Codebook
    mixture: Mixture = Mixture()
    name: str = "codebook+prior"
    correction: Correction | None = field(default=None, repr=False)
    ratings: Beside | None = field(default=None, repr=False)
    keywords: KeywordCoder = field(init=False, repr=False)
    _readers: dict[str, _Reader] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.keywords = KeywordCoder(self.codebook)

    def find(self, text: str, language: str) -> list[Finding]:
        """Return the clauses of a text with what each is about."""
        return self.find_all([text], language)[0]

    def find_all(self, texts: Sequence[str], language: str, more: More | None = None) -> list[list[Finding]]:
        """Return the clauses of many texts of one language; the prior reads them together.

        ``more`` says what is known of texts beside their words: given the place of the text of each clause, and the clauses, what to
        add to the log odds of the touchpoints.
        """
        units, pieces, flat = self._cut(texts, language)
        lengths = [sum(map(len, parts)) for parts in pieces]
        chances = self._reader(language).chances(flat)
        if more is not None and len(flat):
            owners = np.repeat(np.arange(len(texts)), lengths)
            added = more(owners, [text[piece.start : piece.end] for text, piece in flat])
            chances = softmax(np.log(np.maximum(chances, _LEAST)) + added)
        rows = iter(follow_threads(chances, lengths, self._stay(units, pieces)))
        return [
            self._decide(text, parts, each, rows, language)
            for text, parts, each in zip(texts, units, pieces, strict=True)
        ]

    def read_clauses(self, texts: Sequence[str], language: str) -> tuple[list[int], list[str], Floats]:
        """Return the clauses of many texts: the place of the text of each, its words, and the chances of each touchpoint, none last."""
        _, pieces, flat = self._cut(texts, language)
        owners = [place for place, parts in enumerate(pieces) for each in parts for _ in each]
        return owners, [text[piece.start : piece.end] for text, piece in flat], self._reader(language).chances(flat)

    def _cut(
        self, texts: Sequence[str], language: str
    ) -> tuple[list[list[Unit]], list[list[list[Piece]]], list[tuple[str, Piece]]]:
        """Return the units of each text, the pieces of each unit, and all pieces with their texts."""
        reader, words = self._reader(language), self.keywords
        units = [split_units(text, language) for text in texts]
        cut = [
            [cut_unit(text, unit, words.hits(text[unit.start : unit.end], language)) for unit in parts]
            for text, parts in zip(texts, units, strict=True)
        ]
        single = reader.name_fragments(texts, cut)
        pieces = [[join_fragments(next(single)) for _ in parts] for parts in units]
        flat = [(text, piece) for text, parts in zip(texts, pieces, strict=True) for each in parts for piece in each]
        return units, pieces, flat

    def chances(self, clauses: Sequence[str], language: str) -> Floats:
        """Return the chance of each touchpoint of the study, and of none in the last column, of clauses by themselves."""
        pieces = [
            Piece(0, len(clause), self.keywords.hits(clause, language), frozenset(), False, False) for clause in clauses
        ]
        return self._reader(language).chances(list(zip(clauses, pieces, strict=True)))

    def _reader(self, language: str) -> _Reader:
        if language not in self._readers:
            self._readers[language] = _Reader(self.codebook, language, self.mixture, self.correction)
        return self._readers[language]

    def _stay(self, units: Sequence[Sequence[Unit]], pieces: Sequence[Sequence[Sequence[Piece]]]) -> Floats:
        """Return the chance that each piece goes on with what the one before it speaks of."""
        mixture, chances = self.mixture, []
        for parts, cut in zip(units, pieces, strict=True):
            sentence = -1
            for unit, each in zip(parts, cut, strict=True):
                begins = (
                    mixture.onward if unit.sentence != sentence else mixture.turned if unit.contrast else mixture.stay
                )
                chances += [begins, *[mixture.stay] * (len(each) - 1)]
                sentence = unit.sentence
        return np.array(chances, np.float64)

    def _decide(
        self, text: str, units: list[Unit], pieces: list[list[Piece]], rows: Iterator[Floats], language: str
    ) -> list[Finding]:
        findings: list[Finding] = []
        sentence = -1
        before: tuple[tuple[str, float], ...] = ()
        for unit, parts in zip(units, pieces, strict=True):
            if unit.sentence != sentence:
                sentence, before = unit.sentence, ()
            for piece in parts:
                kept = self._readers[language].best(next(rows), piece)
                cues = self.keywords.cues_of(text, unit, piece, language)
                if kept or not before:
                    findings.append(Finding(piece.start, piece.end, kept, cues))
                    before = kept
                else:
                    halved = tuple((code, round(chance / 2, 4)) for code, chance in before)
                    findings.append(Finding(piece.start, piece.end, halved, cues, inherited=True))
        return findings


class _Reader:
    """The prior of a language, narrowed to a study, with the words that are the study's own."""

    def __init__(
        self, codebook: Codebook, language: str, mixture: Mixture, correction: Correction | None = None
    ) -> None:
        self.mixture, self.correction, self.language = mixture, correction, language
        self.prior = shipped_prior(language)
        self.codes = tuple(point.id for point in codebook.touchpoints)
        self.places = {code: place for place, code in enumerate(self.codes)}
        self.narrowing = narrow(self.prior, codebook, mixture.near, mixture.strange)
        self._own_places = [place for code, place in self.places.items() if code not in self.prior.classes]
        self._know_own(codebook, language)
        told = [code for code in codebook.of_kind("touchpoint") if any(code.own.values())]
        self.given = KeywordMatcher([own_words(code, barred=False) for code in told], language) if told else None
        self.barred = KeywordMatcher([own_words(code, barred=True) for code in told], language) if told else None

    def _know_own(self, codebook: Codebook, language: str) -> None:
        """Let own touchpoints be read from their words and examples; classes that the study lacks and that these are read as are theirs."""
        points = [code for code in codebook.of_kind("touchpoint") if code.id not in self.prior.classes]
        said = {code.id: texts for code in points if (texts := words_and_examples(code, language))}
        for name, texts in said.items():
            if self.narrowing[:, self.places[name]].any():
                continue
            chances = self._read(texts).mean(axis=0)
            for row, known in enumerate(self.prior.classes):
                if chances[row] >= self.mixture.adopted and known != NONE and known not in self.places:
                    self.narrowing[row] = 0.0
                    self.narrowing[row, self.places[name]] = 1.0
        own = np.zeros((len(said), self.narrowing.shape[1]))
        own[range(len(said)), [self.places[name] for name in said]] = 1.0
        self.prior, self.narrowing = extend_prior(self.prior, said), np.vstack([self.narrowing, own])

    def _read(self, clauses: Sequence[str]) -> Floats:
        """Return the chance of each class of the prior, one row a clause."""
        logits = self.prior.logits(clauses)
        return softmax(logits) if len(logits) else logits

    def name_fragments(self, texts: Sequence[str], cut: Sequence[Sequence[list[Piece]]]) -> Iterator[list[Piece]]:
        """Yield the fragments of each clause, the touchpoint that one clearly speaks of named where no keyword does."""
        alone = [
            (text, piece)
            for text, parts in zip(texts, cut, strict=True)
            for pieces in parts
            if len(pieces) > 1
            for piece in pieces
        ]
        lengths = [len(pieces) for parts in cut for pieces in parts if len(pieces) > 1]
        rows = iter(follow_threads(self.chances(alone), lengths, np.full(len(alone), self.mixture.within)))
        for pieces in (pieces for parts in cut for pieces in parts):
            yield [self._named(piece, next(rows)) for piece in pieces] if len(pieces) > 1 else pieces

    def _named(self, piece: Piece, row: Floats) -> Piece:
        best = int(row[:-1].argmax())
        if row[best] < self.mixture.sure:
            return replace(piece, clear=False)
        return replace(piece, named=frozenset({self.codes[best]}), clear=True)

    def chances(self, pieces: Sequence[tuple[str, Piece]]) -> Floats:
        """Return the chance of each touchpoint of the study, and of none in the last column, one row a piece."""
        clauses = [text[piece.start : piece.end] for text, piece in pieces]
        chances = np.einsum("ij,jk->ik", self._read(clauses), self.narrowing)
        chances[:, self._own_places] = np.maximum(chances[:, self._own_places], self.mixture.floor)
        odds = self.mixture.heat * np.log(np.maximum(chances, 1e-6))
        for row, (clause, (_, piece)) in enumerate(zip(clauses, pieces, strict=True)):
            for place, raise_by in self._said(clause, piece.hits):
                odds[row, place] += raise_by
        if self.correction is not None:
            odds += self.correction.log_odds(clauses, self.language)
        return softmax(odds) if len(odds) else odds

    def _said(self, clause: str, hits: Sequence[Hit]) -> Iterator[tuple[int, float]]:
        """Yield what the keywords in a clause add to the log odds of touchpoints."""
        mixture = self.mixture
        weights: dict[str, float] = {}
        for hit in hits:
            weights[hit.code] = weights.get(hit.code, 0.0) + hit.weight
        if any(not hit.weak for hit in hits):
            yield len(self.codes), -mixture.spoken
        for code, weight in weights.items():
            yield self.places[code], mixture.word * min(weight, mixture.most)
        if self.given is None or self.barred is None:
            return
        given = {hit.code: hit.weak for hit in sorted(self.given.find(clause), key=lambda hit: not hit.weak)}
        for code, weak in given.items():
            yield self.places[code], mixture.weak_own if weak else mixture.own
        for code in {hit.code for hit in self.barred.find(clause)} - given.keys():
            yield self.places[code], -mixture.own

    def best(self, row: Floats, piece: Piece) -> tuple[tuple[str, float], ...]:
        """Return the touchpoints that a clause speaks of, at most two; none when none is likely enough."""
        order = [int(place) for place in np.argsort(-row, kind="stable")]
        plain = {self.places[hit.code] for hit in piece.hits if not hit.weak}
        first = next((place for place in order if place in plain), -1) if order[0] == len(self.codes) else order[0]
        if first < 0 or row[first] < (self.mixture.named if first in plain else self.mixture.least):
            return ()
        second = next((place for place in order if place not in (first, len(self.codes))), first)
        beside = second != first and row[second] >= self.mixture.beside * row[first]
        return tuple((self.codes[k], round(float(row[k]), 4)) for k in ((first, second) if beside else (first,)))
