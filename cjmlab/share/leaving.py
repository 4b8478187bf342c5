"""What leaves: the tables of an export, with only the columns that are meant to be read elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from cjmlab.explore.details import stage_name, touchpoint_name
from cjmlab.explore.sayings import leave_at_home, mask_sayings
from cjmlab.explore.withholding import SMALLEST_CELL, withhold
from cjmlab.explore.words import word
from cjmlab.journeys.context import context_of
from cjmlab.sources.report import shorten
from cjmlab.tables import SCHEMAS, check_table
from cjmlab.vocabulary import language_code

JOURNEYS = (
    "segment", "stage", "touchpoint", "channel", "n", "customers", "experience", "low", "high", "share_negative",
    "expectation", "gap", "reach", "drop_off", "evidence", "withheld",
)  # fmt: skip
MOMENTS = (
    "segment", "stage", "touchpoint", "kind", "rank", "n", "share", "severity", "effect", "low", "high", "q",
    "expected_gain", "gain_low", "gain_high", "reason", "quote", "quote_language",
)  # fmt: skip
STAGES = ("segment", "stage", "customers", "reach", "drop_off", "experience")


_LONGEST_QUOTE = 300
"""Signs of a quote in an export; a longer one is cut."""


@dataclass(frozen=True, eq=False)
class Leaving:
    """The tables of an export, ready to leave: small cells withheld, verbatims masked or left at home.

    Parameters
    ----------
    title : str
        Title of the study.
    language : str
        Language of names.
    journeys, moments : DataFrame
        With their context, for drawing.
    tables : dict of str to DataFrame
        What is written: ``journeys``, ``moments``, ``segments``, ``stages``, ``definitions``, ``about``.
    """

    title: str
    language: str
    journeys: pd.DataFrame
    moments: pd.DataFrame
    tables: dict[str, pd.DataFrame]

    @property
    def segments(self) -> list[str]:
        """Segment names in the order of the journeys."""
        return list(dict.fromkeys(self.journeys["segment"].astype(str)))


def prepare_leaving(
    journeys: pd.DataFrame,
    moments: pd.DataFrame | None,
    *,
    language: str = "en",
    quotes: bool = False,
    withhold_below: int = SMALLEST_CELL,
) -> Leaving:
    """Prepare the tables of an export; the given ones are not changed.

    Raises
    ------
    TableError
        When the journeys do not say where they came from.
    """
    check_table("journeys", journeys)
    language, context = language_code(language), context_of(journeys)
    shown = withhold(journeys, smallest=withhold_below)
    found = moments if moments is not None else pd.DataFrame(columns=list(SCHEMAS["moments"].columns))
    hidden = set(shown.loc[shown["withheld"], ["segment", "touchpoint"]].itertuples(index=False, name=None))
    cells = list(zip(found["segment"], found["touchpoint"], strict=True))
    found = found[pd.Series([cell not in hidden for cell in cells], index=found.index, dtype=bool)]
    shown, found = (mask_sayings if quotes else leave_at_home)(shown, found)
    if quotes and "quote" in found:
        found = found.assign(quote=found["quote"].map(lambda quote: shorten(quote, _LONGEST_QUOTE), na_action="ignore"))
    study = context.study
    title = study.charter.title.text(language) if study is not None else word("map", language)
    tables = {
        "journeys": _named(_only(shown, JOURNEYS), study, language),
        "moments": _named(_only(found, MOMENTS if quotes else MOMENTS[:-2]), study, language),
        "segments": _sizes(context.members, withhold_below),
        "stages": _named(_stages(context.stages, withhold_below), study, language),
    }
    tables["definitions"] = _definitions(tables)
    tables["about"] = _about(context, title, quotes, withhold_below, language)
    return Leaving(title, language, shown, found, tables)


def _only(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    kept = pd.DataFrame(table[[label for label in columns if label in table.columns]]).reset_index(drop=True)
    return kept.round(4)


def _named(table: pd.DataFrame, study: Any, language: str) -> pd.DataFrame:
    """Write the names that people read in place of ids."""
    named = {"stage": stage_name, "touchpoint": touchpoint_name}
    return table.assign(
        **{
            label: [name(study, value, language) for value in table[label]]
            for label, name in named.items()
            if label in table.columns
        }
    )


def _sizes(members: pd.DataFrame, smallest: int) -> pd.DataFrame:
    sizes = members["segment"].value_counts(sort=False).rename_axis("segment").reset_index(name="customers")
    sizes["share"] = (sizes["customers"] / max(1, sizes["customers"].sum())).round(4)
    small = sizes["customers"] < smallest
    if int(small.sum()) == 1 and len(sizes) > 1:
        small |= sizes.index == sizes.loc[~small, "customers"].idxmin()
    sizes[["customers", "share"]] = sizes[["customers", "share"]].astype(float).mask(small)
    return sizes


def _stages(stages: pd.DataFrame, smallest: int) -> pd.DataFrame:
    kept = _only(stages, STAGES)
    if "customers" not in kept.columns:
        return kept
    small = kept["customers"].fillna(0).between(1, smallest - 1)
    numbers = [label for label in STAGES[2:] if label in kept.columns]
    kept[numbers] = kept[numbers].astype(float).mask(small)
    return kept


def _definitions(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    own = {
        "withheld": "whether the cell is withheld because few people stand behind it",
        "share": "share of the answers (of the customers, for segments)",
        "customers": "customers behind it",
        "expected_gain": "expected gain in experience where this is put right",
        "gain_low": "95 % interval of the gain", "gain_high": "95 % interval of the gain",
        "drop_off": "share of customers who reached the stage before and not this one",
        "channel": "channel of the touchpoint", "quote": "masked verbatim", "quote_language": "language of the verbatim",
        "experience": "mean on −1 … 1",
    }  # fmt: skip
    rows = []
    for name, table in tables.items():
        known = {**SCHEMAS["journeys"].columns, **(SCHEMAS[name].columns if name in SCHEMAS else {})}
        for label in table.columns:
            meaning = own.get(str(label)) or (known[label].meaning if label in known else "")
            rows.append({"table": name, "column": label, "meaning": meaning})
    return pd.DataFrame(rows, columns=["table", "column", "meaning"])


def _about(context: Any, title: str, quotes: bool, smallest: int, language: str) -> pd.DataFrame:
    told = context.provenance
    facts = {
        "study": title,
        "cjmlab": told.get("version", ""),
        "data until": told.get("date") or "",
        "segments": told.get("method", ""),
        "sentiment": told.get("scorer", ""),
        "sources": ", ".join(map(str, told.get("sources", ()))),
        "rows": told.get("rows", len(context.scored)),
        "withheld": word("withheld_rule", language, k=smallest),
        "verbatims": word("quotes_masked" if quotes else "quotes_left_out", language),
    }
    return pd.DataFrame(
        [{"what": name, "value": str(value)} for name, value in facts.items() if value not in ("", None)]
    )
