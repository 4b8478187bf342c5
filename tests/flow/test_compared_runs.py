"""Two versions of a map: what changed is found, what did not is not told, and new customers are read as before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import cjmlab as cjm


@pytest.fixture(scope="module")
def first() -> cjm.StudyRun:
    study = cjm.planted_world(seed=3, customers=160, segments=2, touchpoints=5, waves=1, text=False).study()
    return cjm.run_study(study, n_segments=2)


def later(run: cjm.StudyRun, feedback: pd.DataFrame, **parts: object) -> cjm.StudyRun:
    return cjm.run_study(replace(run.study, feedback=feedback, **parts), n_segments=2)


def test_the_same_data_have_no_changes(first: cjm.StudyRun, tmp_path: Path) -> None:
    again = cjm.open_run(first.save(tmp_path / "run"))
    changes = cjm.compare_runs(again, first)
    assert changes.empty
    assert changes.about == {"before": first.version, "after": first.version}
    every = cjm.compare_runs(first, first, changed=False)
    assert (every["change"].dropna() == 0).all()
    assert {"All customers", *first.segments.names} == set(every["segment"])


def test_a_change_is_found_where_it_is(first: cjm.StudyRun) -> None:
    feedback, point = first.study.feedback, first.study.touchpoints[2].id
    rated = feedback["touchpoint"].eq(point) & feedback["asks"].eq("experience") & feedback["rating"].notna()
    lower = feedback.assign(rating=feedback["rating"].mask(rated, (feedback["rating"] - 0.75).clip(lower=-1)))
    changes = cjm.compare_runs(first, later(first, lower))
    assert set(changes["touchpoint"]) == {point}
    assert set(changes["verdict"]) == {"worse"}
    assert "All customers" in set(changes["segment"])
    assert (changes["both"] > 0).all(), "who answered in both is a pair"


def test_a_touchpoint_that_only_one_of_them_has(first: cjm.StudyRun) -> None:
    feedback, point = first.study.feedback, first.study.touchpoints[1].id
    without = later(first, feedback[~feedback["touchpoint"].eq(point)].reset_index(drop=True))
    gone, new = cjm.compare_runs(first, without), cjm.compare_runs(without, first)
    assert set(gone.loc[gone["touchpoint"].eq(point), "verdict"]) == {"gone"}
    assert set(new.loc[new["touchpoint"].eq(point), "verdict"]) == {"new"}
    assert set(gone["touchpoint"]) == set(new["touchpoint"]) == {point}


def test_a_touchpoint_that_the_study_no_longer_knows(first: cjm.StudyRun) -> None:
    point = first.study.touchpoints[1].id
    feedback = first.study.feedback[~first.study.feedback["touchpoint"].eq(point)].reset_index(drop=True)
    events = first.study.events[~first.study.events["touchpoint"].eq(point)].reset_index(drop=True)
    left = tuple(known for known in first.study.touchpoints if known.id != point)
    changes = cjm.compare_runs(first, later(first, feedback, touchpoints=left, events=events))
    assert set(changes["touchpoint"]) <= {point}


def test_new_customers_are_read_in_the_old_segments(first: cjm.StudyRun) -> None:
    study = first.study
    renamed = {identity: f"new-{identity}" for identity in study.customers["customer_id"].head(80)}
    parts = {
        name: getattr(study, name).assign(customer_id=getattr(study, name)["customer_id"].replace(renamed))
        for name in ("feedback", "events", "outcomes")
    }
    customers = cjm.tables.Table.of(
        study.customers.assign(customer_id=study.customers["customer_id"].replace(renamed)), study.customers.about
    )
    second = later(first, parts.pop("feedback"), customers=customers, **parts)
    every = cjm.compare_runs(first, second, changed=False)
    assert set(every["segment"]) == {"All customers", *first.segments.names}
    assert cjm.compare_runs(first, second).empty, "other people who live the same"


def test_without_segments_all_customers_are_compared(first: cjm.StudyRun) -> None:
    bare = later(first, first.study.feedback, customers=first.study.customers[["customer_id"]])
    assert bare.segments is None
    every = cjm.compare_runs(bare, first, changed=False)
    assert set(every["segment"]) == {"All customers"}
