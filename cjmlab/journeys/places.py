"""The places of a journey in order: stages, and the touchpoints on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from cjmlab.errors import VocabularyError, did_you_mean
from cjmlab.vocabulary import StageModel, list_stage_models, list_touchpoints, stage_model, touchpoints

if TYPE_CHECKING:
    from cjmlab.study.charter import Study

_USUAL = "lv3"


def lay_out(
    rows: pd.DataFrame, study: Study | None, *, model: StageModel | Sequence[str] | str | None = None
) -> tuple[dict[str, int], pd.DataFrame]:
    """Return the position of each stage, and the touchpoints in order with their stage, channel and dimension.

    Parameters
    ----------
    rows : DataFrame
        ``touchpoint``, ``stage`` and, if there, ``channel`` and ``dimension`` of everything that was seen.
    study : Study, optional
        Its stage model and touchpoints lead; what the data have beyond them comes after, inside its stage.
    model : StageModel, str or sequence of str, optional
        The stage model when there is no study. When None, the first shipped customer model that has all stages of the
        data, else the stages by name: data alone do not say an order (see ``stage_order`` for interviews). Shipped
        touchpoints without a stage stand where they usually do; the model is then lv3 when nothing else says one.

    Returns
    -------
    tuple of dict and DataFrame
        Stage id → position; ``touchpoint``, ``stage``, ``position``, ``channel``, ``dimension``, ``digital``.

    Raises
    ------
    VocabularyError
        When there is no study, and a touchpoint has no stage and is no shipped one.
    """
    seen = rows[rows["touchpoint"].notna()]
    chosen = study.stage_model if study is not None and model is None else _model(model, rows)
    ids = list(chosen.ids) if chosen is not None else []
    extra = sorted(set(rows["stage"].dropna().astype(str)) - set(ids)) if chosen is None else []
    order = {stage: i for i, stage in enumerate([*ids, *extra])}
    found = _declared(study, set(seen["touchpoint"].astype(str)))
    known = {row[0] for row in found}
    homes = {point.id: point.stage for point in touchpoints(None, chosen)} if chosen is not None else {}
    homeless = []
    for name, group in seen[~seen["touchpoint"].isin(known)].groupby("touchpoint", sort=True):
        stages = group["stage"].dropna().astype(str)
        stages = stages[stages.isin(list(order))]
        home = homes.get(str(name), "") if stages.empty else _mode(stages)
        if not home:
            homeless.append(str(name))
            continue
        found.append((str(name), home, _mode(_column(group, "channel")), _mode(_column(group, "dimension")), None))
    if homeless and study is None:
        _refuse(homeless, seen)
    table = pd.DataFrame(found, columns=["touchpoint", "stage", "channel", "dimension", "digital"])
    table = table[table["stage"].isin(list(order))]
    table = table.assign(place=table["stage"].map(order)).sort_values("place", kind="stable").drop(columns="place")
    table.insert(2, "position", range(len(table)))
    return order, table.reset_index(drop=True)


def _refuse(homeless: list[str], seen: pd.DataFrame) -> None:
    """Refuse touchpoints of which nothing says the stage."""
    rows = seen["touchpoint"].isin(homeless)
    remedy = did_you_mean(homeless[0], list_touchpoints()).split("Known:")[0]
    raise VocabularyError(
        f"{int(rows.sum())} of {len(rows)} rows have no stage and name no shipped touchpoint",
        where="table 'scored', column 'stage'",
        example=repr(homeless[0]),
        remedy=f"{remedy}Add a column 'stage', or pass the study that has them.".strip(),
    )


def _declared(study: Study | None, seen: set[str]) -> list[tuple[str, str, str, str, bool | None]]:
    if study is None:
        return []
    everything = {point.id for point in study.touchpoints} >= set(list_touchpoints())
    return [
        (point.id, point.stage, point.channel, point.dimension, point.digital)
        for point in study.touchpoints
        if point.id in seen or not everything
    ]


def _model(model: StageModel | Sequence[str] | str | None, rows: pd.DataFrame) -> StageModel | None:
    if isinstance(model, StageModel):
        return model
    if model is not None:
        return stage_model(model)
    stages = set(rows["stage"].dropna().astype(str))
    if not stages and set(rows["touchpoint"].dropna().astype(str)) & set(list_touchpoints()):
        return stage_model(_USUAL)
    for name in ("hema7", *list_stage_models()):
        candidate = stage_model(name)
        if stages and candidate.kind == "customer" and stages <= set(candidate.ids):
            return candidate
    return None


def _column(group: pd.DataFrame, name: str) -> pd.Series:
    return group[name].dropna().astype(str) if name in group else pd.Series([], dtype=object)


def _mode(values: pd.Series) -> str:
    if values.empty:
        return ""
    counts = values.value_counts()
    return str(min(counts.index[counts.eq(counts.max())]))


def check_places(order: dict[str, int], rows: pd.DataFrame) -> None:
    """Refuse stages that the stage model does not have.

    Raises
    ------
    VocabularyError
        With how many rows and the first stage.
    """
    stray = rows.loc[rows["stage"].notna() & ~rows["stage"].isin(list(order)), "stage"]
    if len(stray):
        raise VocabularyError(
            f"{len(stray)} of {len(rows)} rows name a stage that the stage model does not have",
            where="table 'scored', column 'stage'",
            example=repr(sorted(stray.astype(str))[0]),
            remedy=f"The stages are: {', '.join(order)}.",
        )
