"""The prior of a language: how likely a clause speaks of each shipped touchpoint, or of none, read in few numpy passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cjmlab.errors import CjmError
from cjmlab.feedback.priors.word_vectors import WordVectors, word_vectors
from cjmlab.feedback.scorers.features import FeaturePlan, Reading, read_features

Floats = npt.NDArray[np.float64]

NONE = "none"
"""The class of clauses that speak of no touchpoint."""

RAREST = 255
"""The rarity, in units, of an n-gram that no clause held."""

_CLAUSES_A_BATCH = 2000
_DECIMALS = 4  # so that sums in another order give the same score


@dataclass(frozen=True)
class Grams:
    """One block of hashed n-grams: how rare each bucket is, in whole numbers of ``unit``; the buckets that are kept."""

    plan: FeaturePlan
    rarity: npt.NDArray[np.uint8]
    unit: float
    kept: npt.NDArray[np.int64]

    def read(self, reading: Reading) -> Any:
        """Return the weighed n-grams as a sparse matrix, texts × kept buckets, each text of length one.

        Those that are not kept count for the length.
        """
        from scipy import sparse

        batch = read_features(reading, self.plan)
        rare = self.rarity[batch.buckets] * self.unit
        length = np.sqrt(np.bincount(batch.rows, weights=rare * rare, minlength=batch.size))
        place = self._columns[batch.buckets]
        held = place >= 0
        values = (rare / np.where(length == 0, 1, length)[batch.rows])[held].astype(np.float32)
        return sparse.csr_matrix((values, (batch.rows[held], place[held])), shape=(batch.size, len(self.kept)))

    def usual_mass(self) -> Floats:
        """Return how much weight each kept bucket has in the clauses that the rarity was counted in, but for a factor."""
        rare = self.rarity[self.kept] * self.unit
        return np.asarray(rare * np.exp(1 - rare), np.float64)

    @cached_property
    def _columns(self) -> npt.NDArray[np.int64]:
        columns = np.full(1 << self.plan.bits, -1, np.int64)
        columns[self.kept] = np.arange(len(self.kept))
        return columns


@dataclass(frozen=True)
class TouchpointPrior:
    """Two linear readings of a clause added up: of its hashed n-grams, and of the mean vector of its words.

    ``weights`` are whole numbers, one array a block (buckets × classes), with one ``scale`` a class; ``dense`` (numbers of
    a word vector × classes) weighs the mean vector, brought to length one. Sums are log chances but for a constant.
    ``middle`` is the mean of all classes' mean vectors, ``tightness`` the inverse of how mean vectors scatter within a class.
    """

    language: str
    classes: tuple[str, ...]
    blocks: tuple[Grams, ...]
    weights: tuple[npt.NDArray[np.int8], ...]
    scale: Floats
    dense: Floats
    intercept: Floats
    middle: Floats
    tightness: Floats
    version: str
    words: WordVectors = field(repr=False)

    def logits(self, clauses: Sequence[str]) -> Floats:
        """Return how much each class is spoken for, one row a clause; differences are log odds."""
        starts = range(0, len(clauses), _CLAUSES_A_BATCH)
        parts = [self._read(Reading(clauses[start : start + _CLAUSES_A_BATCH])) for start in starts]
        return np.vstack(parts) if parts else np.zeros((0, len(self.classes)))

    def _read(self, reading: Reading) -> Floats:
        meant = np.einsum("ij,jk->ik", self.words.mean(reading), self.dense)  # row by row, unlike a product by BLAS
        for block, weights in zip(self.blocks, self._floats, strict=True):
            meant += block.read(reading) @ weights
        return np.asarray(np.round(meant + self.intercept, _DECIMALS), np.float64)

    @cached_property
    def _floats(self) -> tuple[npt.NDArray[np.float32], ...]:
        return tuple(np.asarray(each * self.scale, np.float32) for each in self.weights)


def save_prior(prior: TouchpointPrior, path: Path) -> None:
    """Write a prior as plain arrays (a compressed ``.npz``, no pickle); the word vectors stand in a file of their own."""
    arrays: dict[str, Any] = {
        "language": prior.language, "classes": np.array(prior.classes, np.str_), "blocks": len(prior.blocks),
        "scale": prior.scale.astype(np.float32), "dense": prior.dense.astype(np.float32),
        "intercept": prior.intercept.astype(np.float32), "middle": prior.middle.astype(np.float32),
        "tightness": prior.tightness.astype(np.float32), "version": prior.version,
    }  # fmt: skip
    for k, (block, weights) in enumerate(zip(prior.blocks, prior.weights, strict=True)):
        plan = {"letters": np.array(block.plan.letters, np.int64), "grams": np.array(block.plan.words, np.int64)}
        there = np.packbits(np.isin(np.arange(len(block.rarity)), block.kept))
        held = {"rarity": block.rarity[block.kept], "unit": block.unit, "kept": there, "weights": weights}
        arrays |= {f"{name}_{k}": value for name, value in {**plan, "bits": block.plan.bits, **held}.items()}
    np.savez_compressed(path, allow_pickle=False, **{name: np.asarray(value) for name, value in arrays.items()})


def load_prior(path: Path, words: WordVectors) -> TouchpointPrior:
    """Read a prior that ``save_prior`` wrote.

    Raises
    ------
    CjmError
        When the file is not such a prior.
    """
    try:
        with np.load(path, allow_pickle=False) as held:
            count = range(int(held["blocks"]))
            return TouchpointPrior(
                language=str(held["language"]), classes=tuple(held["classes"].tolist()),
                blocks=tuple(_block(held, k) for k in count), weights=tuple(held[f"weights_{k}"] for k in count),
                scale=held["scale"].astype(np.float64), dense=held["dense"].astype(np.float64),
                intercept=held["intercept"].astype(np.float64),
                middle=held["middle"].astype(np.float64), tightness=held["tightness"].astype(np.float64), version=str(held["version"]), words=words,
            )  # fmt: skip
    except (OSError, ValueError, KeyError, EOFError) as problem:
        raise CjmError(
            f"the weights cannot be read ({type(problem).__name__})", where=str(path.name),
            remedy="Install cjmlab again, or run the training script.",
        ) from None  # fmt: skip


def _block(held: Any, k: int) -> Grams:
    letters, grams = (tuple(held[f"{name}_{k}"].tolist()) for name in ("letters", "grams"))
    plan = FeaturePlan(letters, grams, int(held[f"bits_{k}"]))
    kept = np.flatnonzero(np.unpackbits(held[f"kept_{k}"]))
    rarity = np.full(1 << plan.bits, RAREST, np.uint8)
    rarity[kept] = held[f"rarity_{k}"]
    return Grams(plan, rarity, float(held[f"unit_{k}"]), kept)


@lru_cache(maxsize=4)
def shipped_prior(language: str) -> TouchpointPrior:
    """Return the shipped prior of ``en``, ``zh`` or ``ru``.

    Examples
    --------
    >>> prior = shipped_prior("en")
    >>> prior.classes[int(prior.logits(["the driver left it with a neighbour"])[0].argmax())]
    'delivery'
    """
    folder = Path(str(resources.files("cjmlab.feedback") / "priors" / "weights"))
    return load_prior(folder / f"{language}.npz", word_vectors(language))
