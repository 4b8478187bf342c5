"""Events that lie together by customer, read from front to back: nothing is sorted out and nothing is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from cjmlab.journeys.kernel import State, merge, partial
from cjmlab.journeys.logs import collapse
from cjmlab.journeys.ordering import Columns, join
from cjmlab.journeys.words import find_runs


def summarise_runs(batches: Iterable[Columns], level: str) -> State | None:
    """Summarise events a batch at a time; None as soon as a customer comes again after another one.

    Parameters
    ----------
    batches : iterable of Columns
        Events in the order of the file; ``customer`` is a number that means the same in every batch.
    level : str
        What a step is.
    """
    states, people, held = [], [], None
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
        states.append(partial(collapse(replace(columns, customer=who).only(slice(0, last)), level)))
        held = columns.only(np.arange(last, len(columns.customer)))  # a copy: the batch can go
    if held is not None:
        people.append(held.customer[:1])
        states.append(partial(collapse(held, level)))
    everyone = np.concatenate(people) if people else np.empty(0)
    return merge(states) if states and len(pd.unique(everyone)) == len(everyone) else None
