"""What words mean for touchpoints: short vectors in one space for three languages, found by hashes.

A multilingual encoder reads every frequent word at training time (``cjmlab.feedback.training.word_vectors``); what tells
touchpoints apart is kept in a few whole numbers a word. Only hashes and numbers ship. A word that no written clause holds
still speaks for a touchpoint when its neighbours do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cjmlab.feedback.scorers.features import Reading, stretch_hash

Floats = npt.NDArray[np.float64]

BEGINNING = 6
"""Letters by which all forms of a longer word are known ("посылки", "посылка" by "посылк")."""

_SALT, _BEGINNING_SALT = 500, 501


@dataclass(frozen=True)
class WordVectors:
    """The vectors of one language: sorted hashes of words and word beginnings, and the numbers of each.

    ``lengths`` are the lengths in characters that are looked up at every place (Chinese); empty where spaces part words.
    """

    hashes: npt.NDArray[np.uint32]
    values: npt.NDArray[np.int8]
    lengths: tuple[int, ...]

    def mean(self, reading: Reading) -> npt.NDArray[np.float32]:
        """Return the mean vector of the known words of each text, brought to length one; zeros where none is known."""
        from scipy import sparse

        rows, places = self._words(reading) if not self.lengths else self._stretches(reading)
        shape = (reading.size, len(self.hashes))
        sums = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, places)), shape=shape) @ self._vectors
        length = np.sqrt((sums * sums).sum(axis=1, keepdims=True))
        return np.asarray(sums / np.where(length == 0, 1, length), np.float32)

    @cached_property
    def _vectors(self) -> npt.NDArray[np.float32]:
        return self.values.astype(np.float32)

    def _words(self, reading: Reading) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return row and place of the known words; those of ``BEGINNING`` letters and more are known by so many."""
        starts, stops = reading.starts, reading.stops
        short = reading.hashes(starts, np.minimum(stops, starts + BEGINNING), _SALT)
        begun = reading.hashes(starts, np.minimum(stops, starts + BEGINNING), _BEGINNING_SALT)
        place = self._find(np.where(stops - starts >= BEGINNING, begun, short))
        known = place >= 0
        return reading.word_rows[known], place[known]

    def _stretches(self, reading: Reading) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return row and place of the known stretches of Chinese characters, overlapping ones too."""
        rows, places = [], []
        inside = np.flatnonzero(~reading.space & ~reading.end)
        for length in self.lengths:
            starts = inside[inside + length <= len(reading.points)]
            place = self._find(reading.hashes(starts, starts + length, _SALT))
            rows.append(reading.rows[starts[place >= 0]])
            places.append(place[place >= 0])
        return np.concatenate(rows), np.concatenate(places)

    def _find(self, codes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        short = (codes >> np.uint64(32)).astype(np.uint32)
        at = np.minimum(np.searchsorted(self.hashes, short), len(self.hashes) - 1)
        return np.where(self.hashes[at] == short, at, -1)


def vector_hash(word: str, *, beginning: bool = False) -> int:
    """Return the hash by which a word, or the beginning of words, is looked up; in the spelling of ``normalise``.

    Examples
    --------
    >>> vector_hash("basket") == vector_hash("basket", beginning=True)
    False
    """
    return stretch_hash(word, _BEGINNING_SALT if beginning else _SALT) >> 32


@lru_cache(maxsize=4)
def word_vectors(language: str) -> WordVectors:
    """Return the vectors of ``en``, ``zh`` or ``ru``."""
    place = Path(str(resources.files("cjmlab.feedback") / "priors" / "weights" / f"{language}_words.npz"))
    with np.load(place, allow_pickle=False) as held:
        return WordVectors(held["hashes"], held["values"], tuple(held["lengths"].tolist()))
