"""Changes between two waves: per segment and touchpoint, and for all customers at a mix of segments that stays."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cjmlab.errors import TableError, did_you_mean
from cjmlab.journeys.context import ALL_CUSTOMERS, context_of
from cjmlab.journeys.members import ONE_GROUP, Membership
from cjmlab.journeys.voices import gather_voices, list_answers
from cjmlab.moments.drivers import benjamini_hochberg

Floats = NDArray[np.float64]
LEAST = 5
Q_MOST = 0.025
"""Of changes told over many studies, 95 of 100 should be true, also where few things change. Benjamini–Hochberg at q
promises less: the mean share of false ones within a study. Of two sure changes among 56 cells, q = .05 makes 93 of 100
told changes true; each study with R changes brings about q · (R + 1) false ones, at most 2 q · R: half of .05 is right."""
_POWER = 2.802  # 1.960 + .842: a change of so many standard errors is found in four of five studies


def compare_waves(journeys: pd.DataFrame, before: str | None = None, after: str | None = None) -> pd.DataFrame:
    """Compare the experience of two waves, touchpoint by touchpoint.

    A change is the difference of two means of customers; who answered in both waves enters as a pair, so that the
    interval is narrower by what stays the same in a person. For all customers together the mix of segments is held at
    that of both waves: otherwise a touchpoint seems to change because other people came. Cells with fewer than five
    customers in a wave are withheld.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``, of rows that name their wave.
    before, after : str, optional
        The waves; the last two in the order of their names when None.

    Returns
    -------
    DataFrame
        ``segment`` (the segments, then all customers), ``touchpoint``, ``before``, ``after``, ``change``, ``low``,
        ``high`` (95 %), ``n_before``, ``n_after``, ``both`` (customers in both), ``q`` (Benjamini–Hochberg over all
        segments × touchpoints), ``detectable`` (the change that so many customers show in four of five studies) and
        ``verdict``: better or worse where q is .025 at most, so that of all changes told over many studies no more
        than about 5 % are false; else ``not detectable``, which is not "no change"; ``too few`` where withheld.

    Raises
    ------
    TableError
        When there are not two waves, or a wave is not known.

    Examples
    --------
    >>> from cjmlab.journeys import derive_journeys
    >>> rows = pd.DataFrame({"customer_id": [f"c{i}" for i in range(40)] * 2, "wave": ["1"] * 40 + ["2"] * 40,
    ...     "stage": "act", "touchpoint": "checkout", "sentiment": [i % 2 - 0.5 for i in range(40)] * 2})
    >>> rows["sentiment"] += [0.0] * 40 + [0.25] * 40
    >>> rows["unit_id"] = rows["feedback_id"] = [f"u{i}" for i in range(80)]
    >>> rows[["text", "start", "end", "lane", "coder", "negative", "neutral", "positive"]] = None
    >>> found = compare_waves(derive_journeys(rows.assign(scorer="rating")))
    >>> found[["segment", "change", "both", "verdict"]].values.tolist()
    [['All customers', 0.25, 40, 'better']]
    """
    context = context_of(journeys)
    rows = context.scored
    pair = _pick(rows, before, after)
    members: Membership = context.parts.members
    points = list(dict.fromkeys(context.overall["touchpoint"]))
    waves = []
    for wave in pair:
        answers = list_answers(rows[rows["wave"].astype(str).eq(wave)])
        waves.append(gather_voices(answers[answers["touchpoint"].isin(points)], context.parts.linking))
    people = pd.Index(sorted(set(waves[0]["customer"]) | set(waves[1]["customer"])))
    weights = np.ones((len(people), 1)) if members.method == ONE_GROUP else members.of(people.to_series())
    mix = np.array([np.maximum(weights[people.isin(wave["customer"])], 0).sum(axis=0) for wave in waves]).sum(axis=0)
    found = [row for point in points for row in _cells(point, waves, people, weights, mix, members)]
    return _judge(pd.DataFrame(found, columns=_COLUMNS), members.names, points)


_COLUMNS = ["segment", "touchpoint", "before", "after", "change", "se", "freedom", "n_before", "n_after", "both"]


def _pick(rows: pd.DataFrame, before: str | None, after: str | None) -> tuple[str, str]:
    known = sorted(rows["wave"].dropna().astype(str).unique()) if "wave" in rows else []
    if len(known) < 2:
        raise TableError(f"there are {len(known)} waves, and a comparison needs two", where="table 'journeys'",
                         remedy="Say the wave of every survey in study.toml.")  # fmt: skip
    chosen = (before or known[-2 if after in (None, known[-1]) else 0], after or known[-1])
    for wave in chosen:
        if wave not in known:
            raise TableError(f"{wave!r} is not a wave", where="table 'journeys'", remedy=did_you_mean(wave, known))
    return chosen


def _cells(
    point: str, waves: list[pd.DataFrame], people: pd.Index, weights: Floats, mix: Floats, members: Membership
) -> list[tuple[object, ...]]:
    """Return one row a segment, and one for all of them at the common mix."""
    size, names = weights.shape[1], members.names
    means, pulls, counts = np.full((2, size), np.nan), np.zeros((2, len(people), size)), np.zeros((2, size), dtype=int)
    there = np.zeros((2, len(people), size), dtype=bool)
    modal = np.ones_like(weights, dtype=bool) if size == 1 else (
        people.to_series().map(members.modal).to_numpy()[:, None] == np.array(names, dtype=object)[None, :])  # fmt: skip
    for i, wave in enumerate(waves):
        mine = wave[wave["touchpoint"].eq(point)]
        at = people.get_indexer(pd.Index(mine["customer"]))
        W = weights[at] * mine["weight"].to_numpy()[:, None]
        x, total = mine["score"].to_numpy()[:, None], W.sum(axis=0)
        there[i, at] = modal[at]
        counts[i] = there[i].sum(axis=0)
        use = (counts[i] >= LEAST) & (total > 0)
        means[i] = np.where(use, (W * x).sum(axis=0) / np.where(use, total, 1.0), np.nan)
        pulls[i, at] = np.where(use, W * (x - means[i]) / np.where(use, total, 1.0), 0.0)
        pulls[i] *= np.sqrt(counts[i] / np.maximum(counts[i] - 1, 1))
    both = (there[0] & there[1]).sum(axis=0)
    rows = [_row(names[k], point, means[:, k], pulls[:, :, k], counts[:, k], int(both[k])) for k in range(size)]
    known = ~np.isnan(means).any(axis=0)
    if size > 1 and known.any():
        share = np.where(known, mix, 0.0) / mix[known].sum()
        whole = np.nansum(means * share, axis=1), pulls @ share, counts[:, known].sum(axis=1)
        rows.append(_row(ALL_CUSTOMERS.text("en"), point, *whole, int(both[known].sum())))
    return rows


def _row(
    segment: str, point: str, means: Floats, pulls: Floats, counts: NDArray[np.int64], both: int
) -> tuple[object, ...]:
    each = (pulls**2).sum(axis=1)
    variance = float(((pulls[1] - pulls[0]) ** 2).sum())
    freedom = float(each.sum() ** 2 / max(float((each**2 / np.maximum(counts - 1, 1)).sum()), 1e-300))
    return segment, point, means[0], means[1], means[1] - means[0], np.sqrt(variance), freedom, *counts.tolist(), both


def _judge(table: pd.DataFrame, segments: tuple[str, ...], points: list[str]) -> pd.DataFrame:
    from scipy.stats import t as student

    freedom, se = table["freedom"].clip(lower=1), table["se"].clip(lower=1e-9)
    half = student.ppf(0.975, freedom) * se
    table["low"], table["high"] = table["change"] - half, table["change"] + half
    p = pd.Series(2 * student.sf((table["change"] / se).abs(), freedom), table.index).where(table["change"].notna())
    table["q"] = np.nan
    own = p.notna() & (~table["segment"].eq(ALL_CUSTOMERS.text("en")) if len(segments) > 1 else True)
    for part in (own, p.notna() & ~own):  # all customers are no further tests of the segments' hypotheses
        if part.any():
            table.loc[part, "q"] = benjamini_hochberg(p[part].to_numpy())
    table["detectable"] = _POWER * table["se"].where(table["change"].notna())
    better = np.where(table["change"] > 0, "better", "worse")
    table["verdict"] = np.where(
        table["change"].isna(), "too few", np.where(table["q"] <= Q_MOST, better, "not detectable")
    )
    place = {name: i for i, name in enumerate((*segments, ALL_CUSTOMERS.text("en")))}
    spot = {name: i for i, name in enumerate(points)}
    table = table.sort_values(["segment", "touchpoint"], key=lambda c: c.map(place if c.name == "segment" else spot))
    columns = ["segment", "touchpoint", "before", "after", "change", "low", "high", "n_before", "n_after", "both", "q",
               "detectable", "verdict"]  # fmt: skip
    return table[columns].reset_index(drop=True).round(dict.fromkeys(columns[2:7], 10))
