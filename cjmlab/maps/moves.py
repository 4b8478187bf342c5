"""How customers move between stages: who goes on, skips ahead, comes back, leaves."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pandas as pd

from cjmlab.journeys.reach import open_journeys
from cjmlab.maps.source import Source

START, LEAVE, OPEN = "start", "leave", "open"


@dataclass(frozen=True)
class Moves:
    """Counts of customers.

    Parameters
    ----------
    customers : mapping
        Stage → customers who were there: the n of the map.
    links : mapping
        (from, to) → customers who went that way at least once; ``start``, ``leave`` and ``open`` (the journey may
        still go on) are ends.
    """

    customers: dict[str, int]
    links: dict[tuple[str, str], int]

    def shown(self, smallest: int) -> dict[tuple[str, str], int]:
        """Return the ways that may be shown: none of fewer customers, and none from which one of them could be reckoned.

        Where the ways into or out of a stage add up to its customers and one alone is withheld, the next smallest is
        rounded to a multiple of ``smallest`` (see ``rounded``).

        Examples
        --------
        >>> moves = Moves({"a": 51}, {("a", "b"): 41, ("a", "c"): 8, ("a", "d"): 2, ("start", "a"): 51})
        >>> moves.shown(5), moves.rounded(5)
        ({('a', 'b'): 41, ('a', 'c'): 10, ('start', 'a'): 51}, {('a', 'c')})
        """
        told = self.rounded(smallest)
        return {way: max(smallest, smallest * ((2 * n + smallest) // (2 * smallest))) if way in told else n
                for way, n in self.links.items() if n >= smallest}  # fmt: skip

    def rounded(self, smallest: int) -> set[tuple[str, str]]:
        """Return the ways whose number is rounded, so that no smaller one can be reckoned."""
        ends = {(side, way[side]) for way in self.links for side in (0, 1)} - {(0, START), (1, LEAVE), (1, OPEN)}
        found = set()
        for side, stage in ends:
            here = {way: n for way, n in self.links.items() if way[side] == stage}
            left = sorted((n, way) for way, n in here.items() if n >= smallest)
            if sum(here.values()) == self.customers.get(stage) and len(here) - len(left) == 1 and left:
                found.add(left[0][1])
        return found


def count_moves(source: Source, segment: str | None, stages: list[str]) -> Moves:
    """Count the moves of one segment, all customers for None, from events in the order of time.

    A repeated visit to the same stage is no move. The last stage of a closed journey leads to ``leave``.
    """
    events = source.table("events")
    if events.empty or not {"customer_id", "time", "stage", "touchpoint"} <= set(events.columns):
        return Moves({}, {})
    members = source.table("members")
    if segment is not None and not members.empty:
        inside = set(members.loc[members["segment"].astype(str) == segment, "customer_id"].astype(str))
        events = events[events["customer_id"].astype(str).isin(inside)]
    open_customers = open_journeys(source.table("events"))
    places = source.journeys.drop_duplicates("touchpoint").set_index("touchpoint")["stage"].to_dict()
    known = events["stage"].where(events["stage"].notna(), events["touchpoint"].map(places))
    rows = pd.DataFrame(
        {"who": events["customer_id"].astype(str), "time": events["time"], "stage": known.astype(object)}
    )
    rows["event"] = events["event_id"].astype(str) if "event_id" in events else ""
    rows = rows[rows["stage"].isin(stages)].sort_values(["who", "time", "event"], kind="stable")
    people: dict[str, set[str]] = {}
    ways: dict[tuple[str, str], set[str]] = {}
    for who, path in rows.groupby("who", sort=True)["stage"]:
        steps = [stage for stage, before in zip(path, [None, *path[:-1]], strict=True) if stage != before]
        ends = [START, *steps, OPEN if who in open_customers else LEAVE]
        for stage in steps:
            people.setdefault(stage, set()).add(str(who))
        for a, b in itertools.pairwise(ends):
            ways.setdefault((a, b), set()).add(str(who))
    return Moves({s: len(w) for s, w in people.items()}, {way: len(w) for way, w in sorted(ways.items())})
