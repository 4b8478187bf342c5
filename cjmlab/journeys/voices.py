"""From scored rows to voices: one score a customer and touchpoint, all instruments on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import TableError

TEXT = "text"
_NOT_LIVED = ("expectation", "trigger")
_JOINT = 30
_UNLINKED_WORDS = 0.1
_SLOPES = (0.25, 2.0)


@dataclass(frozen=True)
class Linking:
    """How the instruments were brought on the scale of the anchor.

    ``table`` has one row an instrument: ``instrument``, ``answers``, ``joint`` (customers × touchpoints answered on
    both), ``slope``, ``shift``, ``correlation``, ``weight`` (of one answer beside one of the anchor, 0 to 1),
    ``status`` (anchor, linked, not linked) and ``note``.
    """

    anchor: str
    table: pd.DataFrame

    @property
    def notes(self) -> list[str]:
        """What a reader should know, as sentences."""
        return [note for note in self.table["note"] if note]


def list_answers(scored: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that tell of an experience: a touchpoint, a score, not an expectation, not the interviewer.

    Returns
    -------
    DataFrame
        ``unit_id``, ``row`` (its index in ``scored``), ``customer``, ``known`` (False for anonymous rows: each line of a survey, each
        document, or else each feedback row counts as a customer of its own), ``touchpoint``, ``stage``, ``instrument``, ``score`` (−1 to 1), ``source_type``.

    Examples
    --------
    >>> rows = pd.DataFrame({"unit_id": ["a", "b"], "feedback_id": ["f", "g"], "customer_id": ["c1", None],
    ...     "touchpoint": ["delivery", "delivery"], "sentiment": [0.5, -1.0], "rating": [0.5, None],
    ...     "scale": ["1-5", None], "scorer": ["rating", "linear"], "asks": ["experience", "open"], "lane": [None, "pain"]})
    >>> list_answers(rows)[["customer", "instrument", "score"]].values.tolist()
    [['c1', 'rating 1-5', 0.5], ['anonymous:g', 'text', -1.0]]
    """
    rows = scored
    keep = rows["touchpoint"].notna() & rows["sentiment"].notna()
    if "asks" in rows:
        keep &= ~rows["asks"].isin(["expectation", "outcome"])
    if "lane" in rows:
        keep &= ~rows["lane"].isin(_NOT_LIVED)
    if "role" in rows:
        keep &= ~rows["role"].isin(["interviewer"])
    rows = rows[keep]
    known = rows["customer_id"].notna()
    anonymous = _anonymous(rows)
    return pd.DataFrame(
        {
            "unit_id": rows["unit_id"].astype(str),
            "row": rows.index,
            "customer": rows["customer_id"].astype(object).where(known, anonymous).astype(str),
            "known": known,
            "touchpoint": rows["touchpoint"].astype(str),
            "stage": rows.get("stage"),
            "instrument": _instrument(rows),
            "score": rows["sentiment"].astype(float),
            "source_type": rows["source_type"].fillna("survey") if "source_type" in rows else "survey",
        }
    ).reset_index(drop=True)


def _anonymous(rows: pd.DataFrame) -> pd.Series:
    """Return a name for whoever gave a row: one person for a line of a survey, one for a document of an interview."""
    own = rows["feedback_id"].astype(str)
    for place in ("line", "document"):
        if place in rows and "source" in rows:
            where = rows["source"].astype(str) + f" {place} " + rows[place].astype(str)
            own = where.where(rows[place].notna() & rows["source"].notna(), own)
    return "anonymous:" + own


def _instrument(rows: pd.DataFrame) -> pd.Series:
    rated = rows["scorer"].eq("rating") if "scorer" in rows else rows.get("rating", pd.Series(index=rows.index)).notna()
    scale = rows["scale"].fillna("as given").astype(str) if "scale" in rows else pd.Series("as given", rows.index)
    return ("rating " + scale).where(rated.fillna(False), TEXT)


def link_instruments(answers: pd.DataFrame, *, anchor: str | None = None) -> Linking:
    """Find the mean–sigma link of every instrument to the anchor.

    The anchor is the rating instrument with the most customers × touchpoints. Another rating is linked on the
    customers × touchpoints that answered both, at least 30 of them, so that means and spreads agree there; without
    them it stands as it is, on −1 … 1 by its declared direction, and a note says so: two ratings are never linked by
    way of the words beside them. Words are linked to the ratings of the same customers and touchpoints, and weigh the
    square of the correlation, the part of their variance that speaks of the same thing; a tenth where they cannot be
    linked.

    Parameters
    ----------
    answers : DataFrame
        From ``list_answers``.
    anchor : str, optional
        Name of the anchor instrument.

    Raises
    ------
    TableError
        When a rating instrument runs against the anchor: its direction was declared the wrong way round.
    """
    wide = answers.pivot_table(index=["customer", "touchpoint"], columns="instrument", values="score", aggfunc="mean")
    counts = wide.notna().sum().sort_index()
    ratings = [name for name in counts.index if name != TEXT]
    if anchor is None:
        anchor = max(ratings, key=lambda name: (counts[name], name)) if ratings else TEXT
    elif anchor not in counts.index:
        raise TableError(
            f"{anchor!r} is not an instrument of these answers", remedy=f"There are: {list(counts.index)}."
        )
    rows = [_link(name, wide[name], wide[anchor], anchor) for name in ratings]
    if TEXT in counts.index:
        linked = [wide[row[0]] * row[3] + row[4] for row in rows]
        rated = pd.concat(linked, axis=1).mean(axis=1) if linked else wide[TEXT]
        rows.append(_link(TEXT, wide[TEXT], rated, anchor))
    columns = ["instrument", "answers", "joint", "slope", "shift", "correlation", "weight", "status", "note"]
    return Linking(anchor, pd.DataFrame(rows, columns=columns))


def _link(name: str, own: pd.Series, other: pd.Series, anchor: str) -> tuple[Any, ...]:
    count, words = int(own.notna().sum()), name == TEXT
    if name == anchor:
        return name, count, count, 1.0, 0.0, 1.0, 1.0, "anchor", ""
    both = own.notna() & other.notna()
    a, b, joint = other[both].to_numpy(), own[both].to_numpy(), int(both.sum())
    apart = name, count, joint, 1.0, 0.0, np.nan, _UNLINKED_WORDS if words else 1.0, "not linked"
    if joint < _JOINT:
        return *apart, _why(name, anchor, f"only {joint} customers × touchpoints answered both")
    if min(a.std(), b.std()) < 1e-9:
        return *apart, _why(name, anchor, "one of them never varies")
    r = float(np.corrcoef(a, b)[0, 1])
    top = np.tanh(np.arctanh(np.clip(r, -0.999999, 0.999999)) + 1.96 / np.sqrt(joint - 3))
    if top < 0 and not words:
        raise TableError(
            f"{name!r} runs against {anchor!r}: r = {r:.2f} on {joint} customers × touchpoints that answered both",
            where="table 'scored', column 'scale'",
            remedy='Better must be higher: write a reversed scale worst-best in study.toml, such as scale = "7-1".',
        )
    if r <= 0.1:
        return *apart, _why(name, anchor, f"they hardly agree (r = {r:.2f})")
    slope = float(np.clip(a.std() / b.std(), *_SLOPES))
    return name, count, joint, slope, float(a.mean() - slope * b.mean()), r, max(r * r, _UNLINKED_WORDS), "linked", ""


def _why(name: str, anchor: str, why: str) -> str:
    if name == TEXT:
        return f"The words are not linked to the ratings ({why}); they weigh a tenth of a rating."
    return f"{name} is not linked to {anchor} ({why}); it stands as it is on −1 … 1."


def gather_voices(answers: pd.DataFrame, linking: Linking) -> pd.DataFrame:
    """Return one score a customer and touchpoint, so that a customer who says a thing twice counts once.

    Returns
    -------
    DataFrame
        ``customer``, ``known``, ``touchpoint``, ``score`` (on the anchor's scale, −1 to 1), ``weight`` (0 to 1),
        ``rows``; sorted by customer and touchpoint.
    """
    links = linking.table.set_index("instrument")
    slope, shift, weight = (
        answers["instrument"].map(links[name]).astype(float) for name in ("slope", "shift", "weight")
    )
    table = answers.assign(linked=slope * answers["score"] + shift, weight=weight)
    by = ["customer", "known", "touchpoint", "instrument", "weight"]
    once = table.groupby(by, sort=True, as_index=False).agg(linked=("linked", "mean"), rows=("linked", "size"))
    once["product"] = once["linked"] * once["weight"]
    voices = once.groupby(["customer", "known", "touchpoint"], sort=True, as_index=False).agg(
        product=("product", "sum"), total=("weight", "sum"), weight=("weight", "max"), rows=("rows", "sum")
    )
    voices["score"] = (voices["product"] / voices["total"]).clip(-1.5, 1.5)
    return voices[["customer", "known", "touchpoint", "score", "weight", "rows"]]
