"""A planted world as a study in memory: the same tables that its files would give, without writing them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cjmlab.study.charter import Charter, ColumnRoles, Study
from cjmlab.study.questionnaire import header
from cjmlab.tables import Table
from cjmlab.vocabulary import Label, codebook

if TYPE_CHECKING:
    from cjmlab.study.world import World

FINDINGS = ("source", "where", "finding", "count", "example", "remedy")


def study_of(world: World) -> Study:
    """Return a world as a ``Study``; interviews are left to the files.

    Examples
    --------
    >>> from cjmlab.study.world import planted_world
    >>> study = study_of(planted_world(seed=1, customers=100, segments=2, text=False))
    >>> study.feedback["asks"].unique().tolist()
    ['experience', 'expectation']
    """
    plan = world.plan
    charter = plan.charter
    return Study(
        folder=Path(),
        charter=Charter(
            title=plan.title,
            goal=Label.of(charter["goal"]) if "goal" in charter else None,
            segment_scope=_words(charter, "segment_scope"),
            scenario=_words(charter, "scenario"),
            kpi=_words(charter, "kpi"),
            languages=tuple(plan.languages),
            owners=charter.get("owners", {}),
        ),
        stage_model=plan.model,
        touchpoints=plan.touchpoints,
        codebook=codebook(plan.touchpoints, plan.model, plan.codes),
        customers=Table.of(world.customers.rename(columns={plan.headers["customer_id"]: "customer_id"}), roles(world)),
        feedback=_feedback(world),
        events=_events(world),
        outcomes=_outcomes(world),
        report=pd.DataFrame(columns=list(FINDINGS)),
    )


def _words(charter: Mapping[str, Any], name: str) -> Label | str:
    return Label.of(charter[name]) if charter.get(name) else ""


def roles(world: World) -> ColumnRoles:
    """Return what the customer columns of a world are for."""
    plan = world.plan
    columns = {
        **{each.name: each.label for each in plan.items},
        **{each.name: each.label for each in plan.numbers},
        **{each.name: each.label for each in plan.nominals},
    }
    active = [each.name for each in plan.items] + [each.name for each in plan.numbers]
    active += [each.name for each in plan.nominals if not each.passive]
    return ColumnRoles(
        active=tuple(active),
        passive=tuple(each.name for each in plan.nominals if each.passive),
        batteries={"attitudes": tuple(each.name for each in plan.items)},
        nominal=tuple(each.name for each in plan.nominals),
        ordinal=tuple(each.name for each in plan.items),
        numeric=tuple(each.name for each in plan.numbers),
        labels=columns,
        values={each.name: dict(each.values) for each in plan.nominals},
        names=tuple((*each.trait, each.label) for each in plan.segments if each.trait[0]),
        goals={each.name: each.goal for each in plan.segments if each.goal},
        language=next(iter(plan.languages)),
    )


def _feedback(world: World) -> pd.DataFrame:
    plan = world.plan
    blocks = []
    for wave, table in world.surveys.items():
        ids, source = table[plan.headers["respondent"]], f"survey {wave}"
        base = pd.DataFrame(
            {
                "customer_id": ids,
                "source": source,
                "source_type": "survey",
                "wave": wave,
                "time": pd.to_datetime(table[plan.headers["submitted"]], utc=True),
                "language": table[plan.headers["survey_language"]],
            }
        )
        for asks in ("experience", "expectation"):
            for point in plan.points if asks == "experience" else plan.expected:
                low, high = plan.scales[point]
                raw = table[header(plan, asks, point)].astype("float64")
                block = base.assign(
                    feedback_id=f"{source}:" + ids + f":{asks}:{point}",
                    stage=plan.stage_of(point),
                    touchpoint=point,
                    asks=asks,
                    rating=(2 * (raw - low) / (high - low) - 1).round(6),
                    rating_raw=raw,
                    scale=f"{low}-{high}",
                )
                blocks.append(block[raw.notna()])
        for kind in ("comment", "memory"):
            if (column := plan.headers.get(kind)) in table:
                texts = table[column]
                block = base.assign(feedback_id=f"{source}:" + ids + f":{kind}", asks="open", text=texts)
                blocks.append(block[texts.notna()])
    frame = pd.concat(blocks, ignore_index=True)
    wanted = ["feedback_id", *[column for column in frame.columns if column != "feedback_id"]]
    return frame[wanted] if "text" in frame else frame[wanted].assign(text=pd.Series(pd.NA, frame.index, dtype="str"))


def _events(world: World) -> pd.DataFrame:
    plan = world.plan
    names = {"customer": "customer_id", "ts": "time", "amount": "money", "staff": "person"}
    log = world.events.rename(columns=names)
    if "touchpoint" not in log:
        shown = {plan.event_of("purchase" if point == plan.paid_at else point): point for point in plan.points}
        shown |= {event: point for point, event in plan.closings.items()}
        log["touchpoint"] = log["event"].map(shown)
    stage = log["touchpoint"].map({point.id: point.stage for point in plan.touchpoints})
    return log.assign(time=pd.to_datetime(log["time"], utc=True), stage=stage, source="events")


def _outcomes(world: World) -> pd.DataFrame:
    headers = world.plan.headers
    blocks = [
        pd.DataFrame(
            {
                "customer_id": table[headers["respondent"]],
                "outcome": "recommend",
                "value": table[headers["recommend"]].astype("float64"),
                "scale": "0-10",
                "wave": wave,
            }
        ).dropna(subset="value")
        for wave, table in world.surveys.items()
    ]
    bought = world.outcomes
    blocks.append(
        pd.DataFrame(
            {
                "customer_id": bought[headers["customer_id"]],
                "outcome": "repurchase",
                "value": bought[headers["repurchase"]].astype("float64"),
                "scale": "0-1",
                "wave": bought["wave"],
            }
        )
    )
    return pd.concat(blocks, ignore_index=True)
