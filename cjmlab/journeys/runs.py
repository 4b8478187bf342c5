"""Events that lie together by customer, read from front to back: nothing is sorted out and nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd

from cjmlab.journeys.ordering import Columns, Ints, join
from cjmlab.journeys.words import find_runs

T = TypeVar("T")


def map_runs(batches: Iterable[Columns], do: Callable[[Columns], T]) -> list[T] | None:
    """Do something with the events a batch at a time; None as soon as a customer comes again after another one.

    Parameters
    ----------
    batches : iterable of Columns
        Events in the order of the file; ``customer`` is a number that means the same in every batch.
    do : callable
        Gets the events of whole customers, numbered from 0 as they come.
    """
    done, people, borders = [], [], []
    for batch in batches:
        begins = find_runs(batch.customer)
        if begins is None:
            return None
        if not len(begins):
            continue
        ends = np.append(begins[1:], len(batch.customer))
        whole = slice(ends[0], max(begins[-1], ends[0]))  # the first and the last customer may go on in another batch
        borders += [batch.only(np.arange(ends[0])), batch.only(np.arange(whole.stop, ends[-1]))]
        people.append(batch.customer[begins[1:-1]])
        done.append(do(_numbered(batch.only(whole), begins[1:-1] - ends[0])))
    if borders:
        border = join(borders)
        begins = find_runs(border.customer)
        if begins is None:
            return None
        people.append(border.customer[begins])
        done.append(do(_numbered(border, begins)))
    everyone = np.concatenate(people) if people else np.empty(0)
    return done if len(pd.unique(everyone)) == len(everyone) else None


def _numbered(columns: Columns, begins: Ints) -> Columns:
    """Return the events with customers numbered as they come; ``begins`` says where."""
    lengths = np.diff(begins, append=len(columns.time))
    return replace(columns, customer=np.repeat(np.arange(len(begins)), lengths))
