"""The libraries: diagnostic questions per stage with yes, no or unknown, and remedies with the rule that fired."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.journeys import context_of
from cjmlab.journeys.intervals import wilson
from cjmlab.vocabulary import Label

SHARE_YES = 0.5
SHARE_NO = 0.15


@cache
def _shipped(name: str) -> list[dict[str, Any]]:
    text = (resources.files("cjmlab.moments") / "data" / f"{name}.toml").read_text("utf-8")
    return list(tomllib.loads(text)[name])


def _entries(name: str, path: str | Path | None) -> list[dict[str, Any]]:
    return _shipped(name) if path is None else list(tomllib.loads(Path(path).read_text("utf-8"))[name])


def ask_questions(journeys: pd.DataFrame, *, language: str = "en", path: str | Path | None = None) -> pd.DataFrame:
    """Answer the diagnostic questions of every stage from what customers say.

    A row answers a question when it speaks of one of its touchpoints or carries one of its cues. A customer says yes
    by a mean above the neutral band and no by one below it or by a telling cue. The question is answered *yes* when
    the interval of the share of yes among yes and no is above one half, *no* when it is below, else *unknown*. On a
    stage without any of its touchpoints only a complaint can be heard: then *no* needs surely more than 15 % of the
    customers who speak of the stage, and there is no *yes*.

    Parameters
    ----------
    journeys : DataFrame
        From ``derive_journeys``.
    path : path, optional
        An own question bank, in the form of the shipped one.

    Returns
    -------
    DataFrame
        ``segment``, ``stage``, ``question``, ``label``, ``answer`` (yes, no, unknown), ``yes``, ``no``, ``n`` (customers
        who say anything on it), ``share``, ``low``, ``high``, ``unit_ids``.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": [f"c{i}" for i in range(8)], "stage": "deliver", "touchpoint": "delivery",
    ...     "rating": [0.5, 1.0, 0.5, 1.0, 0.5, 0.5, 1.0, 0.5]})
    >>> found = cjm.ask_questions(cjm.derive_journeys(said, stage_model="hema7"))
    >>> found[found["n"] > 0][["question", "answer", "yes", "no"]].head(3).values.tolist()
    [['fast_resolution', 'unknown', 0, 0], ['good_staff_and_place', 'unknown', 0, 0], ['kept_promises', 'yes', 8, 0]]
    """
    context = context_of(journeys)
    low, high = context.provenance["neutral"]
    rows = context.scored[context.scored["stage"].notna() & context.scored["segment"].notna()]
    cues = (
        rows["cues"].fillna("").astype(str).str.split("|")
        if "cues" in rows
        else pd.Series([[]] * len(rows), rows.index)
    )
    found = []
    for entry in _entries("questions", path):
        telling = cues.map(lambda said, wanted=frozenset(entry["cues"]): bool(wanted & set(said)))
        about = rows[rows["touchpoint"].isin(entry["points"]) & rows["sentiment"].notna() | telling]
        about = about.assign(score=about["sentiment"].where(~telling.reindex(about.index), -1.0),
                             who=about["customer_id"].astype(object).where(about["customer_id"].notna(), about["unit_id"]))  # fmt: skip
        for stage in _stages(context, entry["at"]):
            for segment in dict.fromkeys(journeys["segment"]):
                mine = about[about["stage"].eq(stage) & about["segment"].eq(segment)]
                mean = mine.groupby("who")["score"].mean()
                yes, no, n = int((mean > high).sum()), int((mean < low).sum()), len(mean)
                if not mine["touchpoint"].isin(entry["points"]).any():
                    spoke = rows[rows["stage"].eq(stage) & rows["segment"].eq(segment)]["customer_id"]
                    n = max(int(spoke.nunique()), no)
                    answer = _complaint(no, n)
                else:
                    answer = _answer(yes, no)
                label = Label.of(entry["label"]).text(language)
                found.append((segment, stage, entry["id"], label, *answer, n, mine["unit_id"].tolist()))
    columns = ["segment", "stage", "question", "label", "answer", "yes", "no", "share", "low", "high", "n", "unit_ids"]
    return pd.DataFrame(found, columns=columns)


def _answer(yes: int, no: int) -> tuple[str, int, int, float, float, float]:
    low, high = wilson(yes, yes + no)
    share = yes / (yes + no) if yes + no else np.nan
    verdict = "yes" if low > SHARE_YES else "no" if high < SHARE_YES else "unknown"
    return verdict, yes, no, share, low, high


def _complaint(no: int, n: int) -> tuple[str, int, int, float, float, float]:
    low, high = wilson(no, n)
    return "no" if low > SHARE_NO else "unknown", 0, no, 1 - no / n if n else np.nan, 1 - high, 1 - low


def _stages(context: Any, at: list[float]) -> list[str]:
    order = list(dict.fromkeys(context.stages.sort_values("position")["stage"]))
    if context.study is None:
        return [stage for i, stage in enumerate(order) if at[0] <= 3 * (i + 0.5) / len(order) <= at[1]]
    return [stage.id for stage in context.study.stage_model if at[0] <= stage.middle <= at[1] and stage.id in order]


def suggest_remedies(
    moments: pd.DataFrame, journeys: pd.DataFrame, *, language: str = "en", path: str | Path | None = None
) -> pd.DataFrame:
    """Suggest remedies for pains from the library, and say which rule fired.

    Returns
    -------
    DataFrame
        ``segment``, ``touchpoint``, ``rank``, ``remedy`` (id), ``label``, ``kind`` (process, quality, channel, product),
        ``track`` (experience or delivery), ``fired`` (``cue effort: 12 rows``, ``touchpoint delivery`` …). A pain that
        no rule fits is not in the table.

    Examples
    --------
    >>> import cjmlab as cjm
    >>> said = pd.DataFrame({"customer_id": [f"c{i}" for i in range(8)], "stage": "deliver", "touchpoint": "delivery",
    ...     "rating": [-0.5, -1.0, -0.5, -1.0, -0.5, -0.5, -1.0, -0.5]})
    >>> journeys = cjm.derive_journeys(said, stage_model="hema7")
    >>> found = cjm.suggest_remedies(cjm.rank_moments(journeys), journeys)
    >>> found[["touchpoint", "remedy", "fired"]].head(1).values.tolist()
    [['delivery', 'late_delivery', 'touchpoint delivery']]
    """
    context = context_of(journeys)
    cells = pd.DataFrame(journeys).set_index(["segment", "touchpoint"])
    rows = context.scored
    found = []
    for pain in moments[moments["kind"].eq("pain")].to_dict("records"):
        key = (pain["segment"], pain["touchpoint"])
        cell = cells.loc[key]
        mine = rows[rows["segment"].eq(key[0]) & rows["touchpoint"].eq(key[1])]
        said = (
            mine["cues"].fillna("").astype(str).str.split("|").explode().value_counts()
            if "cues" in mine
            else pd.Series(dtype=int)
        )
        for entry in _entries("remedies", path):
            why = _fires(entry, key[1], str(cell["channel"]), str(cell["dimension"]), said)
            if why:
                found.append((*key, pain["rank"], entry["id"], Label.of(entry["label"]).text(language), entry["kind"],
                              entry["track"], why))  # fmt: skip
    columns = ["segment", "touchpoint", "rank", "remedy", "label", "kind", "track", "fired"]
    return pd.DataFrame(found, columns=columns)


def _fires(entry: dict[str, Any], touchpoint: str, channel: str, dimension: str, said: pd.Series) -> str:
    hits = [f"cue {cue}: {int(said[cue])} rows" for cue in entry.get("cues", ()) if cue in said.index]
    if touchpoint in entry.get("touchpoints", ()):
        hits.append(f"touchpoint {touchpoint}")
    if channel in entry.get("channels", ()) and not entry.get("dimensions"):
        hits.append(f"channel {channel}")
    if dimension in entry.get("dimensions", ()):
        hits.append(f"dimension {dimension}")
    return ", ".join(hits)
