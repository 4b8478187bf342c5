"""Moments: pains, delights, moments of truth, candidates and opportunities, each with the sentence that says why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from cjmlab.journeys import context_of
from cjmlab.journeys.evidence import pick_quotes
from cjmlab.moments.nature import detractor_cut
from cjmlab.moments.opportunities import STEP, expected_gains
from cjmlab.moments.outcomes import Outcome, pick_outcome
from cjmlab.moments.pains import find_pains, rank_within
from cjmlab.moments.pins import pin_moments
from cjmlab.moments.truth import find_truth
from cjmlab.moments.wording import outcome_name, sentence, written
from cjmlab.tables import MOMENT_KINDS, Table, check_table

_COLUMNS = ["segment", "stage", "touchpoint", "kind", "rank", "n", "severity", "share", "effect", "low", "high", "q",
            "certainty", "reach", "expected_gain", "gain_low", "gain_high", "outcome", "nature", "quote",
            "quote_id", "quote_language", "reason"]  # fmt: skip
_TEXTS = (
    "segment",
    "stage",
    "touchpoint",
    "kind",
    "outcome",
    "nature",
    "quote",
    "quote_id",
    "quote_language",
    "reason",
)


def rank_moments(
    journeys: pd.DataFrame,
    outcomes: pd.DataFrame | pd.Series | None = None,
    *,
    outcome: str | None = None,
    language: str | None = None,
    pins: Iterable[tuple[str, str]] = (),
    most_truth: int = 3,
    most_opportunities: int = 5,
    resamples: int = 400,
) -> pd.DataFrame:
    """Rank what matters to each segment.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    outcomes : DataFrame, optional
        What it led to, or a series by customer id. Without it there are pains and delights, and no moments of truth or
        opportunities.
    outcome : str, optional
        Which outcome; ``recommend`` when there is one, else the commonest.
    language : str, optional
        Language of ``reason``; the first of the study when None.
    pins : iterable of (segment, touchpoint)
        Touchpoints that people hold to be moments of truth. The data's own are marked as pinned too; the others are
        added as candidates without an effect.
    most_truth, most_opportunities : int
        How many a segment at most.
    resamples : int
        Resamples of customers.

    Returns
    -------
    Table
        See ``describe_table("moments")``. ``effect``, ``low`` and ``high`` are outcome points for one step of
        experience (one point of five). ``nature`` says of a moment of truth whether it is ``critical`` (good and bad do not
        weigh the same) and ``make-or-break`` (see ``name_nature``), and of what was pinned that it is ``pinned``. Empty
        when nothing is found, which is an answer. ``about`` holds ``outcome``, ``notes`` (also where a segment has no
        moment of truth, or more than five) and ``drivers``.

    Raises
    ------
    TableError
        When the outcome is not in the table.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": [f"c{i}" for i in range(8)] * 2, "stage": ["buy"] * 8 + ["use"] * 8,
    ...     "touchpoint": ["shop"] * 8 + ["app"] * 8, "rating": [-0.5, -1.0, -0.5, 0.0] * 2 + [0.5, 1.0, 0.5, 1.0] * 2})
    >>> moments = cjm.rank_moments(cjm.derive_journeys(said, stage_model=["buy", "use"]))
    >>> moments[["kind", "touchpoint", "n"]].values.tolist()
    [['pain', 'shop', 8], ['delight', 'app', 8]]
    >>> print(moments["reason"].iloc[0])
    shop: experience −0.50 on −1 … 1 (95% −0.74 … −0.26); 75% of 8 answers are negative. 100% get there.
    """
    context = context_of(journeys)
    speech = language or (context.study.charter.languages[0] if context.study is not None else "en")
    label = _labels(context.study, speech)
    kinds = [
        _word_pains(find_pains(journeys, delight=kind == "delight"), kind, label, speech)
        for kind in ("pain", "delight")
    ]
    chosen, notes = _pick(outcomes, outcome)
    name = "" if chosen is None else chosen.name
    drivers: dict[str, Any] = {}
    worded: pd.DataFrame | None = None
    if chosen is not None:
        members, values = context.members.set_index("customer_id")["segment"], chosen.values
        cut = detractor_cut(values, chosen.scale)
        truth, drivers, more = find_truth(journeys, context.voices, members, values, cut=cut, resamples=resamples)
        notes += more
        worded = _word_truth(truth, name, label, speech, most_truth)
        gains = expected_gains(journeys, context.voices, members, drivers)
        kinds.append(_word_gains(gains, name, label, speech, most_opportunities))
    pinned = list(pins)
    if pinned or worded is not None:
        kinds.append(pin_moments(worded, journeys, pinned, label, speech))
    moments = _finish(kinds, journeys, context)
    return Table.of(check_table("moments", moments), {"outcome": name, "notes": notes, "drivers": drivers})


def _labels(study: Any, language: str) -> Mapping[str, str]:
    class Names(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return key.replace("_", " ")

    points = study.touchpoints if study is not None else ()
    return Names({point.id: point.label.text(language) for point in points})


def _pick(outcomes: pd.DataFrame | pd.Series | None, wanted: str | None) -> tuple[Outcome | None, list[str]]:
    if outcomes is None or not len(outcomes):
        return None, ["There are no outcomes: moments of truth and opportunities need one."]
    found = pick_outcome(outcomes, wanted)
    return (found, []) if len(found.values) else (None, ["No outcome has a value."])


def _word_pains(found: pd.DataFrame, kind: str, label: Mapping[str, str], language: str) -> pd.DataFrame:
    often = "share_negative" if kind == "pain" else "share_positive"
    gap = "" if language.startswith("zh") else " "
    reasons = [
        sentence(kind, language, touchpoint=label[row["touchpoint"]],
                 **written(row, language, numbers=("experience", "low", "high"), counts=("n",), shares=(often,)))
        + (gap + sentence("reached", language, **written(row, language, shares=("reach",))) if pd.notna(row["reach"]) else "")
        + (gap + sentence(f"likely_{kind}", language, **written(row, language, shares=("certainty",)))
           if row["low"] <= 0 <= row["high"] else "")
        for row in found.to_dict("records")
    ]  # fmt: skip
    keep = found[["segment", "touchpoint", "rank", "n", "severity", "certainty"]].assign(share=found[often])
    return keep.assign(kind=kind, reason=reasons)


def _word_truth(found: pd.DataFrame, outcome: str, label: Mapping[str, str], language: str, most: int) -> pd.DataFrame:
    found = found[found["kind"].isin(["moment_of_truth", "candidate"])].copy()
    found[["effect", "low", "high"]] = found[["effect", "low", "high"]].astype(float) * STEP
    found = found.sort_values(
        ["segment", "kind", "share_explained", "touchpoint"], ascending=[True, False, False, True]
    )
    found["rank"] = rank_within(found, ["segment", "kind"])
    found = found[found["rank"] <= most]
    gap = "" if language.startswith("zh") else " "
    reasons = [
        sentence(row["kind"], language, touchpoint=label[row["touchpoint"]], outcome=outcome_name(outcome, language),
                 **written(row, language, numbers=("low", "high"), signed=("effect",), tests=("q",),
                           shares=("share_explained", "certainty")))
        + (gap + sentence("pooled", language) if row["pooled"] else "")
        + "".join(gap + text for text in _natures(row, language).values())
        for row in found.to_dict("records")
    ]  # fmt: skip
    nature = [", ".join(_natures(row, language)) for row in found.to_dict("records")]
    keep = ["segment", "touchpoint", "kind", "rank", "n", "effect", "low", "high", "q", "certainty"]
    return found[keep].assign(share=found["share_explained"], outcome=outcome, reason=reasons, nature=nature)


def _natures(row: Mapping[Any, Any], language: str) -> dict[str, str]:
    """Return what kind of moment of truth it is, each with its sentence; a candidate has no kind yet."""
    found: dict[str, str] = {}
    if row["kind"] != "moment_of_truth":
        return found
    if row["asymmetry"]:
        found["critical"] = sentence(f"critical_{row['asymmetry'].replace('-', '_')}", language)
    if row["make_or_break"]:
        found["make-or-break"] = sentence(
            "make_or_break", language, **written(row, language, shares=("after_bad", "after_good"))
        )
    return found


def _word_gains(found: pd.DataFrame, outcome: str, label: Mapping[str, str], language: str, most: int) -> pd.DataFrame:
    found = found.assign(rank=rank_within(found, ["segment"]))
    found = found[found["rank"] <= most]
    reasons = [
        sentence("opportunity", language, touchpoint=label[row["touchpoint"]], outcome=outcome_name(outcome, language),
                 **written(row, language, numbers=("gain_low", "gain_high"), signed=("expected_gain",), shares=("share_low",)))
        for row in found.to_dict("records")
    ]  # fmt: skip
    found[["effect", "low", "high"]] = found[["effect", "low", "high"]].astype(float) * STEP
    return found.rename(columns={"share_low": "share"}).assign(kind="opportunity", outcome=outcome, reason=reasons)


def _finish(kinds: list[pd.DataFrame], journeys: pd.DataFrame, context: Any) -> pd.DataFrame:
    table = pd.concat([part for part in kinds if len(part)] or [pd.DataFrame({"kind": []})], ignore_index=True)
    cells = pd.DataFrame(journeys)[["segment", "touchpoint", "stage", "reach", "n"]].rename(columns={"n": "rows"})
    table = table.reindex(columns=[*dict.fromkeys([*_COLUMNS])]).drop(columns=["stage", "reach"])
    table = table.astype({"segment": object, "touchpoint": object}).merge(
        cells, on=["segment", "touchpoint"], how="left"
    )
    table["n"] = table["n"].where(table["n"].notna(), table["rows"])
    table = _quote(table, context)
    order = {name: i for i, name in enumerate(dict.fromkeys(journeys["segment"]))}
    kind = {name: i for i, name in enumerate(MOMENT_KINDS)}
    table = table.assign(a=table["segment"].map(order), b=table["kind"].map(kind)).sort_values(["a", "b", "rank"])
    table = table[_COLUMNS].reset_index(drop=True)
    for name in _COLUMNS:
        if name in _TEXTS:
            table[name] = table[name].astype(object).where(table[name].notna(), None)
        else:
            table[name] = pd.to_numeric(table[name]).astype(int if name in ("rank", "n") else float)
    numbers = table.select_dtypes("float").columns
    return table.assign(**{name: table[name].round(10) for name in numbers})


def _quote(table: pd.DataFrame, context: Any) -> pd.DataFrame:
    """Give each moment a verbatim of its segment that says it: a bad one for pains, a good one for delights."""
    low, high = context.provenance["neutral"]
    rows = context.scored
    rows = (
        rows[rows["text"].notna() & rows["touchpoint"].isin(set(table["touchpoint"]))] if "text" in rows else rows[:0]
    )
    bad = rows[(rows["sentiment"] < low) & ~rows["lane"].isin(["delight"])]
    good = rows[(rows["sentiment"] > high) & ~rows["lane"].isin(["pain", "idea"])]
    fitting = {"pain": "bad", "opportunity": "bad", "delight": "good"}
    chosen: dict[tuple[str, str, str], str] = {}
    for side, part in {"bad": bad, "good": good, "any": rows}.items():
        for segment, touchpoint, ids in pick_quotes(part, most=1).itertuples(index=False):
            chosen[side, segment, touchpoint] = ids[0]
    said = rows.drop_duplicates("unit_id").set_index("unit_id")
    keys = zip(table["kind"], table["segment"], table["touchpoint"], strict=True)
    found = pd.Series([chosen.get((fitting.get(key[0], "any"), *key[1:])) for key in keys], table.index, dtype=object)
    columns = {"quote": "text", "quote_language": "language"}
    return table.assign(quote_id=found, **{name: found.map(said[column]) if column in said else None
                                           for name, column in columns.items()})  # fmt: skip
