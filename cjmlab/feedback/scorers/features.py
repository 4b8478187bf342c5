"""Text to sparse features, a whole batch at once: hashed character n-grams within words, words and word pairs.

Every n-gram is a polynomial in its code points modulo 2**64, read off prefix sums, so a batch of thousands of texts is
a handful of numpy passes and no Python loop over letters. The same text gives the same features in any batch.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from cjmlab.feedback.chinese import simplify

_BASE = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2**64
_INVERSE = pow(_BASE, -1, 2**64)
_SALT = 0x632BE59BD9B4E019
_SPACE, _END = 32, 10
_LONG = re.compile(r"([^\W\d])\1{2,}")
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|@\w+")
_MARKS = re.compile(r"([^\w\s'])\1*|'(?!\w)|(?<!\w)'")
_BLANKS = re.compile(r"[^\S\n]+")
_SPELLINGS = (("’", "'"), ("‘", "'"), ("`", "'"), ("ё", "е"), ("\u200b", " "), ("\ufeff", " "))

U64 = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class FeaturePlan:
    """Which n-grams a model reads: character lengths, word lengths, and how many buckets they share.

    Words that follow one of the ``negators`` within ``reach`` words and before a mark are also read as negated words.
    """

    letters: tuple[int, ...] = (2, 3, 4, 5)
    words: tuple[int, ...] = (1, 2)
    bits: int = 18
    negators: tuple[str, ...] = ()
    reach: int = 3


@dataclass(frozen=True)
class Batch:
    """The features of a batch: for each feature its text and its bucket, sorted by text."""

    rows: npt.NDArray[np.int64]
    buckets: npt.NDArray[np.int64]
    size: int

    def counts(self) -> npt.NDArray[np.int64]:
        """Return the number of features of each text."""
        return np.bincount(self.rows, minlength=self.size)


def normalise(texts: Sequence[str]) -> str:
    r"""Return the texts as one string, a line each: one spelling, words and marks apart by one space.

    Examples
    --------
    >>> normalise(["Sooo GOOD!!!", "送貨慢，3次"])
    '\n soo good !!! \n 送货慢 , 0 次 \n'
    """
    joined = "\n".join(" ".join(text.split()) for text in texts)
    joined = simplify(unicodedata.normalize("NFKC", joined))
    for letter, plain in _SPELLINGS:
        joined = joined.replace(letter, plain)
    joined = joined.lower()
    joined = _ADDRESS.sub(" ", joined)
    joined = _DIGITS.sub(" 0 ", joined)
    joined = _LONG.sub(r"\1\1", joined)
    joined = _MARKS.sub(r" \g<0> ", joined)
    joined = joined.replace("\n", " \n ")
    return "\n " + _BLANKS.sub(" ", joined) + " \n"


@lru_cache(maxsize=4)
def _powers(length: int) -> tuple[U64, U64]:
    forward, backward = np.full(length, _BASE, np.uint64), np.full(length, _INVERSE, np.uint64)
    forward[0] = backward[0] = 1
    return np.cumprod(forward, dtype=np.uint64), np.cumprod(backward, dtype=np.uint64)


def _mix(values: U64) -> U64:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


class Reading:
    """A batch of texts as code points, its words, and the hash of any stretch of it."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.size = len(texts)
        points = np.frombuffer(normalise(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        self.points = points
        length = len(points)
        forward, self._backward = _powers(1 << max(length, 2).bit_length())
        self._prefix = np.zeros(length + 1, np.uint64)
        np.cumsum((points.astype(np.uint64) + np.uint64(1)) * forward[:length], out=self._prefix[1:])
        self.space = points == _SPACE
        self.end = points == _END
        self._spaces = np.concatenate([[0], np.cumsum(self.space)])
        self._ends = np.concatenate([[0], np.cumsum(self.end)])
        self.rows = self._ends[1:] - 1
        inside = ~self.space
        self.starts = np.flatnonzero(inside[1:] & self.space[:-1]) + 1
        self.stops = np.flatnonzero(inside[:-1] & self.space[1:]) + 1
        if length and inside[0]:
            self.starts = np.concatenate([[0], self.starts])
        self.stops = self.stops if len(self.stops) == len(self.starts) else np.append(self.stops, length)
        first = points[self.starts]
        self.is_end = first == _END
        self.is_mark = ~self.is_end & ~_letters()[np.minimum(first, 0xFFFF)]
        self.word_rows = self.rows[self.starts]

    def hashes(self, starts: npt.NDArray[np.int64], stops: npt.NDArray[np.int64], salt: int) -> U64:
        """Return the hash of each stretch; equal letters and equal salt give equal hashes."""
        with np.errstate(over="ignore"):
            raw = (self._prefix[stops] - self._prefix[starts]) * self._backward[starts]
            return _mix(raw + np.uint64(salt * _SALT % 2**64))

    def letters(self, length: int) -> tuple[npt.NDArray[np.int64], U64]:
        """Return row and hash of each run of letters of a length inside a word, its borders included."""
        starts = np.arange(max(len(self.points) - length + 1, 0))
        stops = starts + length
        fine = self._ends[stops] == self._ends[starts]
        if length > 2:
            fine &= self._spaces[stops - 1] == self._spaces[starts + 1]
        fine &= (self._spaces[stops] - self._spaces[starts]) < length
        starts = starts[fine]
        return self.rows[starts], self.hashes(starts, starts + length, length)

    def words(self, length: int) -> tuple[npt.NDArray[np.int64], U64]:
        """Return row and hash of each run of words of a length."""
        if len(self.starts) < length:
            return np.zeros(0, np.int64), np.zeros(0, np.uint64)
        last = length - 1
        starts, stops = self.starts[: len(self.starts) - last], self.stops[last:]
        fine = self._ends[stops] == self._ends[starts]
        return self.rows[starts[fine]], self.hashes(starts[fine], stops[fine], 100 + length)

    def negated(self, negators: tuple[str, ...], reach: int) -> npt.NDArray[np.bool_]:
        """Tell for each word whether a negator stands within reach before it, no mark between."""
        known = np.sort(word_hashes(negators))
        hashes = self.hashes(self.starts, self.stops, 101)
        place = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
        is_negator = known[place] == hashes
        stop = self.is_mark | self.is_end
        open_scope = np.zeros(len(hashes), np.int64)
        position = np.arange(len(hashes))
        last_negator = np.maximum.accumulate(np.where(is_negator, position, -(10**9)))
        last_stop = np.maximum.accumulate(np.where(stop, position, -1))
        open_scope[1:] = last_negator[:-1]
        found: npt.NDArray[np.bool_] = (position - open_scope <= reach) & (open_scope > last_stop) & ~is_negator
        return found


def word_hashes(words: Sequence[str]) -> U64:
    """Return the hash that each word has as a feature."""
    return np.array([Reading([word]).words(1)[1][0] for word in words], np.uint64)


def read_features(reading: Reading, plan: FeaturePlan) -> Batch:
    """Return the hashed features of a batch of texts.

    Parameters
    ----------
    reading : Reading
        The batch; a few thousand texts at a time keep memory bounded.
    plan : FeaturePlan
        What to read.

    Examples
    --------
    >>> read_features(Reading(["good", "not good"]), FeaturePlan(letters=(2,), words=(1,), bits=10)).counts().tolist()
    [6, 11]
    """
    found = [reading.letters(length) for length in plan.letters]
    found += [reading.words(length) for length in plan.words]
    if plan.negators:
        marked = reading.negated(plan.negators, plan.reach)
        starts, stops = reading.starts[marked], reading.stops[marked]
        found.append((reading.word_rows[marked], reading.hashes(starts, stops, 200)))
    rows = np.concatenate([row for row, _ in found])
    hashes = np.concatenate([code for _, code in found])
    buckets = (hashes >> np.uint64(64 - plan.bits)).astype(np.int64)
    return Batch(rows, buckets, reading.size)


@lru_cache(maxsize=1)
def _letters() -> npt.NDArray[np.bool_]:
    return np.fromiter((chr(code).isalnum() for code in range(0x10000)), bool, 0x10000)


def stretch_hash(text: str, salt: int) -> int:
    """Return the hash of a stretch of normalised text, as ``Reading.hashes`` gives it."""
    total = sum((ord(letter) + 1) * pow(_BASE, place, 2**64) for place, letter in enumerate(text)) % 2**64
    return int(_mix(np.array([(total + salt * _SALT) % 2**64], np.uint64))[0])
