"""What single words are worth, learned from other languages: features for words that no list and no training text has.

An encoder that puts words of many languages in one space carries the polarity of English words and texts over to Russian
and Chinese words (``cjmlab.feedback.training.word_values``); only the values ship. English has VADER's lexicon and none
of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cjmlab.feedback.scorers.features import Reading

Floats = npt.NDArray[np.float64]

COLUMNS = ("worth up", "worth down", "worth balance", "worth a word")
UNIT = 32.0
"""One unit of worth in the shipped whole numbers."""

_SALT = 400
_NEGATORS = ("не", "ни", "без", "нет", "никаких", "никакого", "никакой")
_REACH = 2


@dataclass(frozen=True)
class WordValues:
    """The values of one language: sorted hashes of words, how much each is worth, and how long words are.

    ``lengths`` are the lengths in characters that are looked up at every place (Chinese); empty where spaces part words.
    """

    hashes: npt.NDArray[np.uint32]
    values: npt.NDArray[np.int8]
    lengths: tuple[int, ...]

    def read(self, reading: Reading) -> Floats:
        """Return the dense features of a batch, one row a text, the columns of ``COLUMNS``."""
        rows, worth = self._words(reading) if not self.lengths else self._stretches(reading)
        up = np.bincount(rows, weights=np.maximum(worth, 0), minlength=reading.size)
        down = np.bincount(rows, weights=np.maximum(-worth, 0), minlength=reading.size)
        words = np.bincount(reading.word_rows[~reading.is_end], minlength=reading.size)
        if self.lengths:
            words = np.bincount(reading.rows[~reading.space & ~reading.end], minlength=reading.size)
        balance = up - down
        columns = [up / (up + 2), down / (down + 2), balance / np.sqrt(balance**2 + 6), balance / (words + 4)]
        return np.stack(columns, axis=1)

    def _words(self, reading: Reading) -> tuple[npt.NDArray[np.int64], Floats]:
        """Return row and worth of the words; a negator shortly before turns a word."""
        worth = self._worth(reading.hashes(reading.starts, reading.stops, _SALT))
        worth = np.where(reading.negated(_NEGATORS, _REACH), -0.6 * worth, worth)
        return reading.word_rows[~reading.is_end], worth[~reading.is_end]

    def _stretches(self, reading: Reading) -> tuple[npt.NDArray[np.int64], Floats]:
        """Return row and worth of the known stretches of Chinese characters, overlapping ones too."""
        rows, worth = [], []
        inside = np.flatnonzero(~reading.space & ~reading.end)
        for length in self.lengths:
            starts = inside[inside + length <= len(reading.points)]
            rows.append(reading.rows[starts])
            worth.append(self._worth(reading.hashes(starts, starts + length, _SALT)))
        return np.concatenate(rows), np.concatenate(worth)

    def _worth(self, codes: npt.NDArray[np.uint64]) -> Floats:
        short = (codes >> np.uint64(32)).astype(np.uint32)
        at = np.minimum(np.searchsorted(self.hashes, short), len(self.hashes) - 1)
        return np.where(self.hashes[at] == short, self.values[at], 0) / UNIT


def short_hashes(words: list[str]) -> npt.NDArray[np.uint32]:
    """Return the hash by which each word, in the spelling of ``normalise``, is looked up.

    Examples
    --------
    >>> len(set(short_hashes(["хорошо", "плохо"]).tolist()))
    2
    """
    from cjmlab.feedback.scorers.features import stretch_hash

    return np.array([stretch_hash(word, _SALT) >> 32 for word in words], np.uint32)


@lru_cache(maxsize=4)
def word_values(language: str) -> WordValues | None:
    """Return the values of a language; None where it has none."""
    place = Path(str(resources.files("cjmlab.feedback") / "data" / "lexicon" / f"{language}_values.npz"))
    if not place.exists():
        return None
    with np.load(place, allow_pickle=False) as held:
        return WordValues(held["hashes"], held["values"], tuple(held["lengths"].tolist()))
