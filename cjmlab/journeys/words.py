"""Columns of Arrow as codes: each word is looked up once, not once an event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.journeys.context import ALL_CUSTOMERS
from cjmlab.journeys.ordering import Codes, Ints
from cjmlab.journeys.path_tables import Alphabet


@dataclass(frozen=True, eq=False)
class Words:
    """A column of words: the different ones, and which of them each row has; ``len(words)`` where it has none."""

    words: tuple[str, ...]
    rows: NDArray[Any]

    def look_up(self, codes: Callable[[Sequence[str]], Sequence[int] | Codes]) -> Codes:
        """Return a code a row in the smallest type that holds them; ``codes`` says which for each word, −1 for none."""
        listed = np.append(np.asarray(codes(self.words), dtype=np.int64), -1)
        return listed.astype(np.min_scalar_type(-int(listed.max()) - 2)).take(self.rows, mode="clip")

    def place(self, names: Sequence[str]) -> Codes:
        """Return the place of each row's word among names, −1 where it is none of them."""
        places = {name: i for i, name in enumerate(names)}
        return self.look_up(lambda words: [places.get(word, -1) for word in words])

    def number(self) -> Ints:
        """Return a 64-bit hash without the sign for each row, which means the same in every batch."""
        words = np.array([*self.words, ""], dtype=object)
        return (pd.util.hash_array(words, categorize=False) >> np.uint64(1)).astype(np.int64).take(self.rows)


def read_words(column: Any) -> Words:
    """Read a column of Arrow, a dictionary already or not yet."""
    import pyarrow as pa

    found = column.combine_chunks()
    if not pa.types.is_dictionary(found.type):
        found = found.dictionary_encode()
    if isinstance(found, pa.ChunkedArray):
        found = found.unify_dictionaries().combine_chunks()
    words = tuple(str(word) for word in found.dictionary.to_pylist())
    rows = found.indices.fill_null(len(words)) if found.null_count else found.indices
    return Words(words, rows.to_numpy(zero_copy_only=False))


def read_series(values: pd.Series) -> Words:
    """Read a column of pandas; what is missing has no word."""
    rows, words = pd.factorize(values)
    return Words(tuple(map(str, words)), np.where(rows < 0, len(words), rows))


def meet(first: Words, second: Words | None) -> set[tuple[str, str]]:
    """Return the pairs of words that occur in one row; the second is empty where there is none."""
    if second is None:
        return {(word, "") for word in first.words}
    seconds = (*second.words, "")
    pair = np.multiply(first.rows, len(seconds), dtype=np.int64)
    pair += second.rows
    seen = np.flatnonzero(np.bincount(pair)[: len(first.words) * len(seconds)])
    return {(first.words[i // len(seconds)], seconds[i % len(seconds)]) for i in seen.tolist()}


def name_codes(met: set[tuple[str, str]], homes: set[str], stages: Sequence[str], level: str) -> Alphabet:
    """Return the names behind the codes: stages in order, touchpoints in the order of their first stage.

    Parameters
    ----------
    met : set of tuple
        Pairs of a step and a stage (or ``""``) that occur.
    homes : set of str
        Segments; one of all customers when empty.
    stages : sequence of str
        Stages whose order is known; others follow.
    level : str
        What a step is.
    """
    ranked = [*stages, *sorted({stage for _, stage in met if stage} - set(stages))]
    place = {stage: i for i, stage in enumerate(ranked)}
    first: dict[str, int] = {}
    for point, stage in met:
        first[point] = min(first.get(point, len(ranked)), place.get(stage, len(ranked)))
    points = ranked if level == "stage" else sorted(first, key=lambda name: (first[name], name))
    return Alphabet(tuple(sorted(homes or {ALL_CUSTOMERS.text("en")})), tuple(points), tuple(ranked))


def number_people(numbers: Ints) -> Ints:
    """Return small numbers for customers, the same for the same one.

    They follow the events where a customer's events lie together, so that what is in order stays in order.
    """
    if not len(numbers):
        return numbers
    least = int(numbers.min())
    if int(numbers.max()) - least < 8 * len(numbers) + 1024:
        return np.asarray(numbers - least) if least else numbers
    runs = find_runs(numbers)
    if runs is not None:
        return np.repeat(np.arange(len(runs)), np.diff(runs, append=len(numbers)))
    return np.asarray(pd.factorize(numbers)[0], dtype=np.int64)


def find_runs(numbers: Ints) -> Ints | None:
    """Return where each customer begins when the events of each lie together; None when they do not."""
    for part in (numbers[: 1 << 14], numbers):  # a glance first
        first = np.ones(len(part), dtype=bool)
        np.not_equal(part[1:], part[:-1], out=first[1:])
        begins = np.flatnonzero(first)
        people = part.take(begins)
        if (people[1:] <= people[:-1]).any() and len(pd.unique(people)) < len(people):
            return None
    return begins
