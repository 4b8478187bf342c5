"""Events that lie together by customer, read from front to back: nothing is sorted out and nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd

from cjmlab.journeys.ordering import Columns, join
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
    done, people, held = [], [], None
    for batch in batches:
        columns = batch if held is None else join(held, batch)
        begins = find_runs(columns.customer)
        if begins is None:
            return None
        if not len(begins):
            continue
        people.append(columns.customer[begins[:-1]])
        who = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(columns.customer)))
        last = int(begins[-1])  # the last customer may go on in the next batch
        held = columns.only(np.arange(last, len(who)))  # a copy: the batch can go
        done.append(do(replace(columns, customer=who).only(slice(0, last))))
    if held is not None:
        people.append(held.customer[:1])
        done.append(do(replace(held, customer=np.zeros(len(held.customer), dtype=np.int64))))
    everyone = np.concatenate(people) if people else np.empty(0)
    return done if len(pd.unique(everyone)) == len(everyone) else None
