"""Words of praise and blame, with what turns them: negators, contrast, marks and emoji. Dense features for the scorer.

English: VADER's lexicon (MIT) and words of service talk; Chinese and Russian: lists written for cjmlab. The longest
entry wins at each place, so "no problem" is praise and the "no" in it negates nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from cjmlab.feedback.chinese import simplify
from cjmlab.feedback.scorers.features import Reading, stretch_hash

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

POLAR, NEGATOR, CONTRAST, STRONGER, NOTHING, BEHIND, TURNED = range(7)
_KINDS = {"neg": NEGATOR, "but": CONTRAST, "up": STRONGER, "none": NOTHING, "back": BEHIND}
_FILES = {"en": ("en_vader.txt", "en.txt"), "zh": ("zh.txt",), "ru": ("ru.txt",)}
_REACH = {"en": 4, "zh": 6, "ru": 3}  # words; in Chinese characters
_GLAD = "😀😃😄😁😆😊🙂😍🥰😘😋😎🤗🤩👍👏🙏💪❤💕💖🎉✨🌟⭐👌🔥😻💯"
_SAD = "😞😔😟😕🙁☹😣😖😫😩😢😭😤😠😡🤬👎💔🤮🤢😒😑🤦😨😱"
_NEGATION = {"en": re.compile(r"\b(?:no|not|never|cannot|nothing|without)\b|n't"), "zh": re.compile("[不没无]"),
             "ru": re.compile(r"\b(?:не|нет|без|никаких|нечего|ни)\b|^не")}  # fmt: skip
DENSE = ("praise", "blame", "balance", "after contrast", "last", "negated praise", "negated blame", "silent", "shouts",
         "asks", "glad", "sad", "length", "stronger", "turn")  # fmt: skip


@dataclass(frozen=True)
class Lexicon:
    """The entries of one language by length: hash, value, kind, and whether the whole word must match."""

    language: str
    entries: dict[int, tuple[npt.NDArray[np.uint64], Floats, npt.NDArray[np.int64], npt.NDArray[np.bool_]]]

    def read(self, reading: Reading) -> Floats:
        """Return the dense features of a batch: one row a text, the columns of ``DENSE``.

        The last, ``turn``, is how far negation moves the balance of words; its weight is set, not learned, since natural
        reviews hold too few double negations to learn from.
        """
        start, stop, value, kind = self._hits(reading)
        rows = reading.rows[start]
        polar = (kind == POLAR) | (kind == TURNED)
        negated = self._negated(reading, start, stop, kind)
        effect = np.where(negated, np.where(value > 0, -0.8, -0.6) * value, value) * polar
        effect *= 1 + 0.3 * _just_after(kind == STRONGER, rows)
        after = _after_contrast(kind == CONTRAST, rows)
        last = _last_of_row(polar, rows)

        def total(values: Floats) -> Floats:
            return np.bincount(rows, weights=values, minlength=reading.size).astype(np.float64)

        words = np.bincount(reading.word_rows[~reading.is_end], minlength=reading.size)
        plain = total(np.where(kind == TURNED, -0.8 * value, value) * polar)
        praise, blame = total(np.maximum(effect, 0)), total(np.maximum(-effect, 0))
        contrast = total((kind == CONTRAST).astype(float)) > 0
        tail = total(effect * after)
        columns = [
            _squash(praise), _squash(blame), _balance(praise - blame), _balance(np.where(contrast, tail, 0)),
            _balance(total(effect * last)), _squash(total(value * polar * negated * (value > 0))),
            _squash(total(-value * polar * negated * (value < 0))), (praise + blame == 0).astype(float),
            _squash(_count(reading, "!")), _squash(_count(reading, "?")), _squash(_count(reading, _GLAD)),
            _squash(_count(reading, _SAD)), np.log1p(words) / 5,
            _squash(total((kind == STRONGER).astype(float))),
            (_balance(praise - blame) - _balance(plain)) * 12 / (12 + words),
        ]  # fmt: skip
        return np.stack(columns, axis=1)

    def _hits(self, reading: Reading) -> tuple[Places, Places, Floats, npt.NDArray[np.int64]]:
        """Return start, stop, value and kind of the entries found, the longest at each place, in reading order."""
        points = reading.points
        starts = np.flatnonzero(~reading.space & ~reading.end) if self.language == "zh" else reading.starts
        taken = np.zeros(len(points) + 1, bool)
        found = []
        for length in sorted(self.entries, reverse=True):
            hashes, values, kinds, whole = self.entries[length]
            here = starts[starts + length < len(points)]
            if whole.all():
                here = here[reading.space[here + length]]
            codes = reading.hashes(here, here + length, 300)
            at = np.minimum(np.searchsorted(hashes, codes), len(hashes) - 1)
            fine = (hashes[at] == codes) & (~whole[at] | reading.space[here + length]) & ~taken[here]
            here, at = here[fine], at[fine]
            for offset in range(length):
                taken[here + offset] = True
            found.append((here, here + length, values[at], kinds[at]))
        start, stop, value, kind = (np.concatenate(part) for part in zip(*found, strict=True))
        order = np.argsort(start, kind="stable")
        return start[order], stop[order], value[order], kind[order]

    def _negated(self, reading: Reading, start: Places, stop: Places, kind: Places) -> npt.NDArray[np.bool_]:
        """Tell which entries an odd number of negators within reach turns, no mark or contrast between."""
        place = start if self.language == "zh" else np.searchsorted(reading.starts, start)
        over = stop if self.language == "zh" else place + 1
        walls = np.zeros(len(reading.points) + 1, np.int64)
        walls[reading.starts[reading.is_mark | reading.is_end]] = 1
        walls[start[kind == CONTRAST]] = 1
        wall = np.cumsum(walls)[start]
        turned = np.zeros(len(start), bool)
        negator = (kind == NEGATOR) | (kind == BEHIND)
        if len(start) > 1:  # "претензий нет": the negator stands behind
            close = (kind[1:] == BEHIND) & (wall[1:] == wall[:-1]) & (place[1:] - over[:-1] < 2)
            turned[:-1] ^= close
            negator[1:] &= ~(close & (kind[:-1] != NEGATOR))
        for back in range(1, 4):
            if len(start) <= back:
                break
            before = slice(None, -back)
            near = negator[before] & (wall[before] == wall[back:])
            near &= place[back:] - over[before] < _REACH[self.language]
            turned[back:] ^= near
        return turned


def _squash(values: Floats) -> Floats:
    return values / (values + 2.0)


def _balance(values: Floats) -> Floats:
    return values / np.sqrt(values * values + 6.0)


def _just_after(strong: npt.NDArray[np.bool_], rows: Places) -> Floats:
    after = np.zeros(len(rows))
    after[1:] = strong[:-1] & (rows[1:] == rows[:-1])
    return after


def _after_contrast(contrast: npt.NDArray[np.bool_], rows: Places) -> Floats:
    position = np.arange(len(rows))
    last = np.full(int(rows.max(initial=0)) + 1, -1)
    np.maximum.at(last, rows[contrast], position[contrast])
    return (position > last[rows]).astype(float) if len(rows) else np.zeros(0)


def _last_of_row(polar: npt.NDArray[np.bool_], rows: Places) -> Floats:
    position = np.arange(len(rows))
    last = np.full(int(rows.max(initial=0)) + 1, -1)
    np.maximum.at(last, rows[polar], position[polar])
    return (position == last[rows]).astype(float) if len(rows) else np.zeros(0)


def _count(reading: Reading, letters: str) -> Floats:
    wanted = np.isin(reading.points, [ord(letter) for letter in letters])
    return np.bincount(reading.rows[wanted], minlength=reading.size).astype(float)


def _lines(language: str) -> Iterator[tuple[str, float, int]]:
    for name in _FILES[language]:
        text = (resources.files("cjmlab.feedback") / "data" / "lexicon" / name).read_text("utf-8")
        for line in text.splitlines():
            if line.startswith("#") or "\t" not in line:
                continue
            head, words = line.split("\t", 1)
            kind = _KINDS.get(head, POLAR)
            for word in words.split():
                yield simplify(word.replace("_", " ")).replace("ё", "е"), 0.0 if kind else float(head), kind


@lru_cache(maxsize=4)
def lexicon(language: str) -> Lexicon:
    """Return the lexicon of ``en``, ``zh`` or ``ru``; later files overrule earlier ones."""
    words: dict[str, tuple[float, int, bool]] = {}
    for word, value, kind in _lines(language):
        whole = language == "en" or word.endswith("=")
        if kind == POLAR and _NEGATION[language].search(word):
            kind = TURNED
        if language == "ru" and kind == POLAR and " " not in word and len(word) > 4 and not word.startswith("не"):
            words.setdefault("не" + word.rstrip("="), (-0.8 * value, TURNED, whole))
        words[" ".join(word.rstrip("=").replace("-", " - ").split())] = (value, kind, whole)
    grouped: dict[int, list[tuple[int, float, int, bool]]] = {}
    for bare, (value, kind, whole) in words.items():
        grouped.setdefault(len(bare), []).append((stretch_hash(bare, 300), value, kind, whole))
    entries = {}
    for length, rows in grouped.items():
        rows.sort()
        hashes, values, kinds, ends = zip(*rows, strict=True)
        entries[length] = (
            np.array(hashes, np.uint64), np.array(values, np.float64), np.array(kinds, np.int64), np.array(ends, bool),
        )  # fmt: skip
    return Lexicon(language, entries)
