"""Pins: touchpoints that people hold to be moments of truth, kept beside what the data show and always marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from cjmlab.errors import VocabularyError, did_you_mean
from cjmlab.moments.wording import sentence

PINNED = "pinned"


def pin_moments(
    found: pd.DataFrame | None, journeys: pd.DataFrame, pins: Iterable[tuple[str, str]], label: Mapping[str, str],
    language: str,
) -> pd.DataFrame:  # fmt: skip
    """Mark pinned touchpoints among the moments of truth and candidates, and add those that the data do not show.

    What is added is a candidate without effect or q: a pin is an opinion, and stays one.

    Parameters
    ----------
    found : DataFrame or None
        Moments of truth and candidates in words; None where no outcome was given.
    journeys : DataFrame
        From ``derive_journeys``.
    pins : iterable of (segment, touchpoint)
        What is pinned.
    label : mapping
        Touchpoint → its name in the language.
    language : str
        Language of the reason.

    Raises
    ------
    VocabularyError
        When a segment or touchpoint is not in the journeys.
    """
    cells = pd.DataFrame(journeys).set_index(["segment", "touchpoint"])["n"]
    wanted = list(dict.fromkeys((str(segment), str(point)) for segment, point in pins))
    for segment, point in wanted:
        for word, known, what in (
            (segment, cells.index.unique(0), "segment"),
            (point, cells.index.unique(1), "touchpoint"),
        ):
            if word not in known:
                raise VocabularyError(f"{word!r} is not a {what} of these journeys", where="pins",
                                      remedy=did_you_mean(word, known))  # fmt: skip
    columns = ["segment", "touchpoint", "kind", "rank", "n", "nature", "reason"]
    table = pd.DataFrame({name: [] for name in columns}) if found is None else found
    here = pd.Series(list(zip(table["segment"], table["touchpoint"], strict=True)), table.index, dtype=object)
    marked = here.isin(wanted).to_numpy(dtype=bool)
    nature = table["nature"].where(~marked, [f"{kind}, {PINNED}".removeprefix(", ") for kind in table["nature"]])
    table = table.assign(nature=nature)
    after = table[table["kind"].eq("candidate")].groupby("segment")["rank"].max()
    rows, added = [], dict[str, int]()
    for segment, point in wanted:
        if (segment, point) in set(here):
            continue
        added[segment] = added.get(segment, int(after.get(segment, 0))) + 1
        reason = sentence(PINNED, language, touchpoint=label[point])
        rows.append((segment, point, "candidate", added[segment], int(cells[segment, point]), PINNED, reason))
    more = pd.DataFrame(rows, columns=columns)
    return pd.concat([part for part in (table, more) if len(part)] or [table], ignore_index=True)
