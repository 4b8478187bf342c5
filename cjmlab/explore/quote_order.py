"""The order of quotes: the most telling verbatim of every cell first, sorted once and read under any filter."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.journeys.evidence import rank_quotes
from cjmlab.journeys.members import ONE_GROUP, Membership

Ints = NDArray[np.int64]


class QuoteOrder:
    """The verbatims of scored rows by segment and touchpoint, the strongest first.

    Parameters
    ----------
    scored : DataFrame
        The rows.
    members : Membership
        Who belongs to which segment.
    """

    def __init__(self, scored: pd.DataFrame, members: Membership) -> None:
        told = members.names[0] if members.method == ONE_GROUP else scored["customer_id"].map(members.modal)
        rows = scored.assign(segment=told).reset_index(drop=True)
        ranked = rank_quotes(rows)
        ranked = ranked[ranked["segment"].notna() & ranked["touchpoint"].notna()]
        cell = ranked.groupby(["segment", "touchpoint"], sort=True).ngroup().to_numpy()
        order = np.argsort(cell, kind="stable")
        ranked, cell = ranked.iloc[order], cell[order]
        self._row: Ints = ranked.index.to_numpy(dtype=np.int64)
        self._said: Ints = pd.factorize(ranked["said"])[0]
        self._who: Ints = pd.factorize(ranked["who"])[0]
        self._ids = ranked["unit_id"].to_numpy(dtype=object)
        start = np.flatnonzero(np.diff(cell, prepend=-1))
        first = ranked.iloc[start]
        ends = [*start[1:], len(ranked)]
        self._cells = list(zip(first["segment"], first["touchpoint"], start, ends, strict=False))

    def pick(self, keep: NDArray[np.bool_], *, most: int = 5) -> tuple[pd.DataFrame, Ints]:
        """Return ``quote_ids`` of every cell from the rows that are kept, as ``pick_quotes`` does, and their places."""
        kept = keep[self._row]
        found, places = [], []
        for segment, touchpoint, start, end in self._cells:
            mine = self._first(start + np.flatnonzero(kept[start:end]), most)
            if mine:
                found.append((segment, touchpoint, [self._ids[place] for place in mine]))
                places += mine
        table = pd.DataFrame(found, columns=["segment", "touchpoint", "quote_ids"], dtype=object)
        return table, self._row[np.array(places, dtype=np.int64)]

    def _first(self, places: Ints, most: int) -> list[int]:
        """Take the first ones: each thing said once, then each person once."""
        said: set[int] = set()
        who: set[int] = set()
        taken: list[int] = []
        for place in places:
            if len(taken) == most:
                break
            if self._said[place] in said:
                continue
            said.add(int(self._said[place]))
            if self._who[place] not in who:
                who.add(int(self._who[place]))
                taken.append(int(place))
        return taken
