"""The order of stages, from narratives that jump about: Kemeny's ranking and how sure each place in it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from importlib import resources
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.tables import as_names, need_columns

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_EXACT = 8
_HEAD = 40


def stage_order(told: pd.DataFrame, *, by: str = "stage", resamples: int = 200, seed: int = 0) -> pd.DataFrame:
    """Find the order that agrees best with all narratives (Kemeny), with the share of resamples that agree.

    Parameters
    ----------
    told : DataFrame
        One row a mention: ``customer_id`` (the narrator), ``by``, and where it was told: ``document_start`` and
        ``start``, or ``place``. Of two stages a narrator tells the one first whose mentions stand first more often, as a
        share of all pairs of them; mentions that the coder is unsure of (``confidence``) weigh less. Words such as
        *before that* are honoured (see ``place_mentions``).
    by : str
        ``stage`` or ``touchpoint``.
    resamples : int
        Resamples of narrators.

    Returns
    -------
    DataFrame
        ``by``, ``position``, ``narrators`` (who mention it), ``certainty`` (share of resamples in which it has this
        position), ``earlier`` (share of narrators with both who tell the one before it first).

    Examples
    --------
    >>> told = pd.DataFrame({"customer_id": list("aaabbb"), "stage": ["see", "buy", "use"] * 2, "place": [1, 2, 3] * 2})
    >>> stage_order(told)[["stage", "certainty"]].values.tolist()
    [['see', 1.0], ['buy', 1.0], ['use', 1.0]]
    """
    need_columns("told", told, by, "customer_id")
    told = told.assign(customer_id=as_names(told["customer_id"]))
    rows = _mentions(told, by)
    if rows.empty:
        return pd.DataFrame({by: [], "position": [], "narrators": [], "certainty": [], "earlier": []})
    names, ranks = _middle_mentions(rows, by)
    wins = _wins(rows, by, names)
    nudge = _nudge(ranks)
    order = kemeny(wins.sum(axis=0) + nudge, _start(ranks))
    rng = np.random.default_rng(seed)
    place = np.zeros((len(names), len(names)))
    for _ in range(resamples):
        drawn = rng.integers(0, len(ranks), len(ranks))
        for position, item in enumerate(kemeny(wins[drawn].sum(axis=0) + _nudge(ranks[drawn]), order)):
            place[item, position] += 1 / max(resamples, 1)
    total = wins.sum(axis=0)
    earlier = [np.nan] + [float(total[a, b] / max(total[a, b] + total[b, a], 1e-12)) for a, b in pairwise(order)]
    return pd.DataFrame(
        {by: [names[i] for i in order], "position": range(len(order)),
         "narrators": (~np.isnan(ranks[:, order])).sum(axis=0),
         "certainty": [round(float(place[item, i]), 6) for i, item in enumerate(order)], "earlier": earlier}
    )  # fmt: skip


def _mentions(told: pd.DataFrame, by: str) -> pd.DataFrame:
    rows = told if "place" in told else told.assign(place=place_mentions(told))
    sure = rows["confidence"].fillna(1.0).astype(float) if "confidence" in rows else 1.0
    return rows.assign(sure=sure)[rows[by].notna() & rows["customer_id"].notna()]


def _middle_mentions(rows: pd.DataFrame, by: str) -> tuple[list[str], Floats]:
    table = rows.pivot_table(index="customer_id", columns=by, values="place", aggfunc="median")
    table = table.sort_index().sort_index(axis=1)
    return [str(name) for name in table.columns], table.rank(axis=1).to_numpy(dtype=float)


def place_mentions(told: pd.DataFrame) -> pd.Series:
    """Return where each row belongs in its narrator's story: where it was told, unless its words say otherwise.

    An utterance that opens with words such as *before that* is put before the utterance it follows; one that opens with
    *at the very beginning* is put before everything. The words stand in ``data/time_words.toml``.
    """
    start = told["start"].fillna(0).astype(float) if "start" in told else pd.Series(0.0, told.index)
    spoken = told["document_start"].fillna(0).astype(float) if "document_start" in told else pd.Series(0.0, told.index)
    place = spoken + start
    if "text" not in told or told["text"].isna().all():
        return place
    words = tomllib.loads((resources.files("cjmlab.journeys") / "data" / "time_words.toml").read_text("utf-8"))
    order = pd.DataFrame({"who": told["customer_id"].astype(str), "spoken": spoken, "place": place,
                          "text": told["text"].fillna("").astype(str).str.casefold().str.strip()})  # fmt: skip
    heads = order.sort_values(["who", "place"], kind="stable").drop_duplicates(["who", "spoken"])
    head = heads["text"].str.slice(0, _HEAD)
    before = heads.groupby("who")["spoken"].shift(1) - 1 + heads["spoken"] / 1e7
    moved = before.where(head.str.contains("|".join(map(re.escape, words["earlier"]))))
    moved = moved.mask(head.str.contains("|".join(map(re.escape, words["beginning"]))), heads["spoken"] / 1e7 - 1)
    moved = moved.set_axis(pd.MultiIndex.from_frame(heads[["who", "spoken"]]))
    target = moved.reindex(pd.MultiIndex.from_frame(order[["who", "spoken"]])).to_numpy()
    return pd.Series(np.where(np.isnan(target), place, target + start / 1e7), index=told.index)


def _wins(rows: pd.DataFrame, by: str, names: list[str]) -> Floats:
    """Return (narrators, items, items): the share of a narrator's pairs of mentions in which the first stands before.

    A narrator weighs as much as the likeliest pairs are sure, and never more than one.
    """
    wins = []
    for _, part in rows.groupby("customer_id", sort=True):
        place, sure = part["place"].to_numpy(dtype=float), part["sure"].to_numpy(dtype=float)
        items = (part[by].astype(str).to_numpy()[:, None] == np.array(names)[None, :]) * sure[:, None]
        before = items.T @ (place[:, None] < place[None, :]).astype(float) @ items
        np.fill_diagonal(before, 0.0)
        pairs = before + before.T
        wins.append(before / np.maximum(pairs, 1.0))
    return np.array(wins)


def _middle(ranks: Floats) -> Floats:
    """Return the mean normalised position of each item; the middle where nobody mentions it."""
    count = (~np.isnan(ranks)).sum(axis=1, keepdims=True)
    place = (ranks - 0.5) / np.maximum(count, 1)
    seen = (~np.isnan(place)).sum(axis=0)
    return np.asarray(np.where(seen > 0, np.nansum(place, axis=0) / np.maximum(seen, 1), 0.5))


def _start(ranks: Floats) -> Sequence[int]:
    middle = _middle(ranks)
    return [int(i) for i in np.lexsort((np.arange(len(middle)), middle))]


def _nudge(ranks: Floats) -> Floats:
    """Break ties between orders that agree equally well by the mean position: far less than one narrator's weight."""
    middle = _middle(ranks)
    return np.asarray(0.01 / len(middle) * np.maximum(middle[None, :] - middle[:, None], 0.0))


def kemeny(wins: Floats, start: Sequence[int]) -> list[int]:
    """Return the order with the fewest disagreements: exact up to 8 items, else by moving single items.

    Parameters
    ----------
    wins : array (items, items)
        How often the first stands before the second.
    start : sequence of int
        Where the search begins.

    Examples
    --------
    >>> kemeny(np.array([[0, 3, 2], [0, 0, 3], [1, 0, 0]]), [2, 1, 0])
    [0, 1, 2]
    """
    n = len(wins)
    if n <= _EXACT:
        return _exact(wins)
    order = [int(i) for i in start]
    improved = True
    while improved:
        improved = False
        for item in range(n):
            rest = [other for other in order if other != item]
            before = np.concatenate([[0.0], np.cumsum(wins[rest, item] - wins[item, rest])])
            best = int(np.argmax(before.round(9)))
            moved = [*rest[:best], item, *rest[best:]]
            if before[best] > before[order.index(item)] + 1e-9:
                order, improved = moved, True
    return order


def _exact(wins: Floats) -> list[int]:
    """Dynamic programming over sets of items placed first (2ⁿ of them)."""
    n = len(wins)
    score = np.full(1 << n, -np.inf)
    score[0] = 0.0
    last = np.zeros(1 << n, dtype=np.int64)
    for chosen in range(1, 1 << n):
        members = [i for i in range(n) if chosen >> i & 1]
        for item in members:
            rest = chosen & ~(1 << item)
            value = score[rest] + sum(wins[i, item] for i in members if i != item)
            if value > score[chosen] + 1e-9:
                score[chosen], last[chosen] = value, item
    order: list[int] = []
    chosen = (1 << n) - 1
    while chosen:
        order.append(int(last[chosen]))
        chosen &= ~(1 << order[-1])
    return order[::-1]
