"""The keyword coder: what a clause is about, by the words of a codebook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cjmlab.feedback.matching import Hit, KeywordMatcher
from cjmlab.feedback.units import Unit, split_units
from cjmlab.vocabulary import Codebook

_DOUBT = 0.6  # what stands against every finding: one plain keyword alone gives 1 / 1.6 = .62
_ALIKE = 0.93  # a touchpoint whose words say as much as those of the best is named beside it,
_BESIDE = 2  # and of more such none but the first two
_FEW = 25  # in a study of so many touchpoints a weak word alone is right in .6 of cases, among all 49 in .3:
_ENOUGH = 0.6  # there it takes more than one
_WORD = re.compile(r"[^\W\d_]+")
_EMPTY_WORDS = frozenset(
    "the a an and of my your their his her our this that with for to in on at и в на с по для это мой моя эта этот also"
    " 的 和 跟 与 了 及 还有 而且 并且 是 也".split()
)


@dataclass(frozen=True)
class Finding:
    """One clause after coding: its place, touchpoints with confidence, and cues."""

    start: int
    end: int
    touchpoints: tuple[tuple[str, float], ...]
    cues: tuple[str, ...]
    inherited: bool = False


@dataclass(frozen=True)
class Piece:
    """A stretch of a clause: its place, the keywords in it, the touchpoints named, whether clearly, or nothing but names."""

    start: int
    end: int
    hits: list[Hit]
    named: frozenset[str]
    clear: bool
    bare: bool


@dataclass
class KeywordCoder:
    """Codes clauses by the keywords of a codebook, in three languages.

    Any object with ``find(text, language)`` that returns findings can take its place in ``code_feedback``.

    Examples
    --------
    >>> from cjmlab.vocabulary.codebook import shipped_codebook
    >>> coder = KeywordCoder(shipped_codebook())
    >>> [finding.touchpoints[0][0] for finding in coder.find("The courier was late, but the payment was easy", "en")]
    ['delivery', 'payment']
    """

    codebook: Codebook
    name: str = "keyword"
    _matchers: dict[tuple[str, str], KeywordMatcher] = field(default_factory=dict, repr=False)

    def find(self, text: str, language: str) -> list[Finding]:
        """Return the clauses of a text with what each is about."""
        findings: list[Finding] = []
        sentence = -1
        before: tuple[tuple[str, float], ...] = ()
        for unit in split_units(text, language):
            if unit.sentence != sentence:
                sentence, before = unit.sentence, ()
            for finding in self._code_unit(text, unit, language):
                if not finding.touchpoints and before:
                    halved = tuple((code, round(confidence / 2, 4)) for code, confidence in before)
                    finding = Finding(finding.start, finding.end, halved, finding.cues, inherited=True)
                elif finding.touchpoints:
                    before = finding.touchpoints
                findings.append(finding)
        return findings

    def touchpoints(self, text: str, language: str) -> tuple[tuple[str, float], ...]:
        """Return the touchpoints that a clause names, best first, with the confidence of each."""
        return _weigh(self._matcher("touchpoint", language).find(text), self._least)

    def cues(self, text: str, language: str) -> tuple[str, ...]:
        """Return the cues found in a clause, in the order of the codebook."""
        found = {hit.code for hit in self._matcher("cue", language).find(text)}
        return tuple(code.id for code in self.codebook.of_kind("cue") if code.id in found)

    @property
    def _least(self) -> float:
        return 0.0 if len(self.codebook.touchpoints) <= _FEW else _ENOUGH

    def _matcher(self, kind: str, language: str) -> KeywordMatcher:
        if (kind, language) not in self._matchers:
            self._matchers[kind, language] = KeywordMatcher(self.codebook.of_kind(kind), language)
        return self._matchers[kind, language]

    def hits(self, text: str, language: str) -> list[Hit]:
        """Return the keywords of touchpoints that are found in a clause."""
        return self._matcher("touchpoint", language).find(text)

    def _code_unit(self, text: str, unit: Unit, language: str) -> Iterable[Finding]:
        for piece in join_fragments(cut_unit(text, unit, self.hits(text[unit.start : unit.end], language))):
            cues = self.cues_of(text, unit, piece, language)
            yield Finding(piece.start, piece.end, _weigh(piece.hits, self._least), cues)

    def cues_of(self, text: str, unit: Unit, piece: Piece, language: str) -> tuple[str, ...]:
        """Return the cues of a piece of a clause, and whether the clause asks or reports."""
        extra = [cue for cue, there in (("question", unit.question), ("reported", unit.reported)) if there]
        return tuple(dict.fromkeys([*self.cues(text[piece.start : piece.end], language), *extra]))


def _weigh(hits: Sequence[Hit], least: float = 0.0) -> tuple[tuple[str, float], ...]:
    """Return the touchpoints with most evidence, at most two, when there is as much evidence as asked for."""
    scores: dict[str, float] = {}
    for hit in hits:
        scores[hit.code] = scores.get(hit.code, 0.0) + hit.weight
    best = max(scores.values(), default=0.0)
    if not scores or best < least:
        return ()
    total = sum(scores.values()) + _DOUBT
    kept = [code for code, score in scores.items() if score >= _ALIKE * best]
    return tuple((code, round(scores[code] / total, 4)) for code in kept[:_BESIDE])


def cut_unit(text: str, unit: Unit, hits: list[Hit]) -> list[Piece]:
    """Return the fragments of a clause with the keywords in each and the touchpoints that these name."""
    pieces = []
    for start, end in unit.fragments:
        inside = [hit for hit in hits if start <= hit.start + unit.start < end]
        named = frozenset(code for code, _ in _weigh(inside))
        clear = any(not hit.weak for hit in inside)
        pieces.append(Piece(start, end, inside, named, clear, _bare(text, unit, start, end, inside)))
    return pieces


def join_fragments(fragments: Iterable[Piece]) -> list[Piece]:
    """Join the fragments of a clause unless they speak of different touchpoints."""
    joined: list[Piece] = []
    bare_before = False
    for piece in fragments:
        last = joined[-1] if joined else None
        if last and (not piece.clear or not piece.named or not last.named or last.named & piece.named
                     or piece.bare or bare_before):  # fmt: skip
            hits = last.hits + piece.hits
            named = frozenset(code for code, _ in _weigh(hits))
            joined[-1] = Piece(last.start, piece.end, hits, named, last.clear or piece.clear, False)
        else:
            joined.append(piece)
        bare_before = piece.bare
    return joined


def _bare(text: str, unit: Unit, start: int, end: int, hits: list[Hit]) -> bool:
    """Tell whether a fragment says nothing beyond the names of touchpoints."""
    letters = list(text[start:end])
    for hit in hits:
        for place in range(max(hit.start + unit.start, start), min(hit.end + unit.start, end)):
            letters[place - start] = " "
    return all(word.casefold() in _EMPTY_WORDS for word in _WORD.findall("".join(letters)))
