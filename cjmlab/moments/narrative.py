"""The story of a segment in plain sentences, written from the tables alone: every number leads back to its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cjmlab.journeys import context_of
from cjmlab.moments.wording import fill
from cjmlab.vocabulary import language_code
from cjmlab.vocabulary.figures import write_number, write_percent

_SHARES = {"share_negative", "lowest", "drop_off", "reach"}
_COUNTS = {"n", "customers"}
_SIGNED = {"effect", "expected_gain", "gap"}


@dataclass(frozen=True)
class Claim:
    """One number of the story: how it is written, and the cell that holds it (``column`` of ``table`` at ``where``)."""

    shown: str
    table: str
    column: str
    where: Mapping[str, Any]


def show(column: str, value: float, language: str = "en") -> str:
    r"""Write a value of a column as the story writes it in a language.

    Examples
    --------
    >>> show("reach", 0.5), show("gap", 0.25), show("n", 1200), show("low", -0.125), show("low", -0.125, "ru")
    ('50%', '+0.25', '1,200', '−0.12', '−0,12')
    """
    if column in _SHARES:
        return write_percent(value, language=language)
    return write_number(value, 0 if column in _COUNTS else 2, language=language, signed=column in _SIGNED)


def resolve(claim: Claim, journeys: pd.DataFrame, moments: pd.DataFrame | None = None) -> float:
    """Return the value behind a claim from the table that it names; counts of several rows add up."""
    tables = {"journeys": journeys, "moments": moments, "stages": context_of(journeys).stages}
    table = pd.DataFrame(tables[claim.table])
    for name, wanted in claim.where.items():
        table = table[table[name].eq(wanted)]
    return float(table[claim.column].sum() if claim.column in _COUNTS else table[claim.column].iloc[0])


def narrate(
    journeys: pd.DataFrame, moments: pd.DataFrame | None = None, *, segment: str | None = None, language: str = "en"
) -> pd.DataFrame:
    """Tell the journey of every segment in sentences.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    moments : DataFrame, optional
        From ``rank_moments``; adds moments of truth and opportunities.
    segment : str, optional
        Only this one.
    language : str
        ``en``, ``zh-Hans``, ``zh-Hant`` or ``ru``.

    Returns
    -------
    DataFrame
        ``segment``, ``order``, ``key``, ``sentence``, ``claims`` (list of ``Claim``, one a number), ``unit_ids``
        (verbatims and rows that stand behind it), ``quote`` (a verbatim that says it, or None).

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": [f"c{i}" for i in range(8)] * 2, "stage": ["buy"] * 8 + ["use"] * 8,
    ...     "touchpoint": ["shop"] * 8 + ["app"] * 8, "rating": [-0.5, -1.0, -0.5, 0.0] * 2 + [0.5, 1.0, 0.5, 1.0] * 2})
    >>> story = cjm.narrate(cjm.derive_journeys(said, stage_model=["buy", "use"]))
    >>> print(story["sentence"].iloc[0])
    All customers: the journey in 16 answers.
    >>> story["claims"].iloc[0][0].column, story["claims"].iloc[0][0].shown
    ('n', '16')
    """
    code = language_code(language)
    context = context_of(journeys)
    names = _names(context.study, code)
    rows = []
    for name in dict.fromkeys(journeys["segment"]):
        if segment is not None and name != segment:
            continue
        label = (getattr(context.segments, "labels", None) or {}).get(name)
        shown = label.text(code) if label is not None else name
        for order, (key, table, where, row) in enumerate(_facts(journeys, moments, context.stages, name)):
            rows.append((name, order, *_tell(key, table, where, row, shown, names, code)))
    story = pd.DataFrame(rows, columns=["segment", "order", "key", "sentence", "claims", "unit_ids"])
    said = context.scored.drop_duplicates("unit_id").set_index("unit_id").reindex(columns=["text"])["text"]
    quotes = [
        next((said[i] for i in ids if i in said.index and isinstance(said[i], str)), None) for ids in story["unit_ids"]
    ]
    return story.assign(quote=pd.Series(quotes, index=story.index, dtype=object))


Fact = tuple[str, str, dict[str, Any], Mapping[Any, Any]]


def _facts(journeys: pd.DataFrame, moments: pd.DataFrame | None, stages: pd.DataFrame, name: str) -> Iterator[Fact]:
    cells = pd.DataFrame(journeys)[journeys["segment"].eq(name) & journeys["n"].gt(0)]
    yield "opening", "journeys", {"segment": name}, {"n": int(cells["n"].sum())}
    sure = cells[cells["low"].notna()].sort_values(["experience", "position"]).to_dict("records")
    for key, cell in (("high", sure[-1]), ("low", sure[0])) if sure else ():
        yield key, "journeys", {"segment": name, "touchpoint": cell["touchpoint"]}, cell
    if sure and sure[0]["lowest"] < 0.8:
        yield "unsure", "journeys", {"segment": name, "touchpoint": sure[0]["touchpoint"]}, sure[0]
    left = stages[stages["segment"].eq(name) & stages["drop_off"].gt(0)].sort_values(["drop_off", "position"])
    for row in left.tail(1).to_dict("records"):
        yield "leave", "stages", {"segment": name, "stage": row["stage"]}, row
    short = cells[cells["gap_high"].lt(0)].sort_values(["gap", "position"])
    for row in short.head(1).to_dict("records"):
        yield "short", "journeys", {"segment": name, "touchpoint": row["touchpoint"]}, row
    if moments is not None:
        yield from _moment_facts(pd.DataFrame(moments)[moments["segment"].eq(name)], name)


def _moment_facts(mine: pd.DataFrame, name: str) -> Iterator[Fact]:
    truth = mine[mine["kind"].eq("moment_of_truth")].to_dict("records")
    if not truth and mine["kind"].eq("opportunity").any():
        yield "no_truth", "moments", {"segment": name}, {}
    gains = mine[mine["kind"].eq("opportunity") & mine["rank"].eq(1)].to_dict("records")
    for key, rows in (("truth", truth), ("gain", gains)):
        for row in rows:
            yield key, "moments", {"segment": name, "touchpoint": row["touchpoint"], "kind": row["kind"]}, row


def _tell(
    key: str,
    table: str,
    where: dict[str, Any],
    row: Mapping[Any, Any],
    segment: str,
    names: Callable[[str], str],
    code: str,
) -> tuple[str, str, list[Claim], list[str]]:
    claims: list[Claim] = []

    class Values(dict[str, str]):
        def __missing__(self, column: str) -> str:
            claims.append(Claim(show(column, row[column], code), table, column, where))
            return claims[-1].shown

    values = Values(
        segment=segment, touchpoint=names(str(row.get("touchpoint", ""))), stage=names(str(row.get("stage", "")))
    )
    text = fill("narrative", key, code, values)
    ids = row.get("quote_ids") or ([row["quote_id"]] if row.get("quote_id") else [])
    return key, text, claims, list(ids)


def _names(study: Any, language: str) -> Callable[[str], str]:
    known = {} if study is None else {
        **{stage.id: stage.label.text(language) for stage in study.stage_model},
        **{point.id: point.label.text(language) for point in study.touchpoints},
    }  # fmt: skip
    return lambda name: known.get(name, name.replace("_", " "))
