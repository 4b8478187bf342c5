"""The cube gives what the rows give: the numbers of filter_journeys under every filter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cjmlab.explore import Filters
from cjmlab.explore.cube import FilterCube
from cjmlab.explore.filters import ROW_COLUMNS
from cjmlab.journeys import context_of, derive_journeys, filter_journeys

ROW = st.fixed_dictionaries({
    "customer_id": st.sampled_from([*"abcdefgh", None]), "touchpoint": st.sampled_from(["t", "u", "v"]),
    "wave": st.sampled_from(["1", "2", None]), "source_type": st.sampled_from(["survey", "review"]),
    "language": st.sampled_from(["en", "ru"]), "asks": st.sampled_from(["experience", "open", "expectation"]),
    "sentiment": st.one_of(st.none(), st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0])),
    "text": st.sampled_from([None, "so late", "quick and kind", "again no answer at all"]),
})  # fmt: skip
CHOICES = [{}, {"wave": "1"}, {"wave": "2", "source": "review"}, {"language": "ru"}, {"source": "none"}]


def scored(rows: list[dict]) -> pd.DataFrame:
    """Scored rows as derive_journeys takes them; every rating is also a score."""
    table = pd.DataFrame(rows).astype({"sentiment": float})
    ids = [f"u{place:03}" for place in range(len(table))]
    rated = table["text"].isna()
    return table.assign(
        unit_id=ids, feedback_id=ids, stage="buy", start=None, end=None, lane=None, coder="asked", negative=None,
        neutral=None, positive=None, confidence=0.8, rating=table["sentiment"].where(rated), scale="1-5",
        scorer=np.where(rated, "rating", "lexicon"),
    )  # fmt: skip


def agree(journeys: pd.DataFrame, filters: Filters, *, whole: bool) -> None:
    wanted = {column: getattr(filters, name) for name, column in ROW_COLUMNS.items() if getattr(filters, name)}
    want = filter_journeys(journeys, **wanted)
    got = FilterCube(journeys).journeys(filters, rows=whole)
    names = ["overall", "stages", *(["voices", "scored"] if whole else [])]
    pairs = [(got, want), *((getattr(context_of(got), name), getattr(context_of(want), name)) for name in names)]
    for mine, theirs in pairs:
        assert set(mine.columns) == set(theirs.columns)
        pd.testing.assert_frame_equal(
            pd.DataFrame(mine)[list(theirs)].reset_index(drop=True), pd.DataFrame(theirs).reset_index(drop=True),
            check_dtype=False, atol=1e-8,
        )  # fmt: skip


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROW, min_size=3, max_size=40), st.sampled_from(CHOICES), st.booleans())
def test_the_cube_agrees_with_the_rows(rows: list[dict], chosen: dict, named: bool) -> None:
    table = scored(rows)
    if not (table["sentiment"].notna() & table["asks"].ne("expectation")).any():
        return
    members = pd.DataFrame({"customer_id": list("abcdefg"), "segment": ["A", "B", "A", "B", "A", "B", "A"]})
    journeys = derive_journeys(table, members if named else None)
    agree(journeys, Filters.of(chosen), whole=True)


@pytest.mark.parametrize("chosen", CHOICES[:4])
@pytest.mark.parametrize("whole", [True, False])
def test_segments_that_are_uncertain_agree_too(chosen: dict, whole: bool) -> None:
    rng = np.random.default_rng(0)
    rows = [
        {"customer_id": f"c{person}", "touchpoint": point, "wave": str(rng.integers(1, 3)), "source_type": "survey",
         "language": ("en", "ru")[person % 2], "asks": "experience", "sentiment": float(rng.uniform(-1, 1)), "text": None}
        for person in range(60) for point in ("t", "u", "v")
    ]  # fmt: skip
    members = pd.DataFrame({
        "customer_id": [f"c{person}" for person in range(60)], "segment": ["A", "B"] * 30,
        "posterior": rng.uniform(0.7, 0.95, 60),
    })  # fmt: skip
    journeys = derive_journeys(scored(rows), members)
    assert context_of(journeys).parts.members.corrected
    agree(journeys, Filters.of(chosen), whole=whole)


def test_reach_under_a_wave_follows_the_events_of_that_wave() -> None:
    rows = [
        {"customer_id": who, "touchpoint": point, "wave": wave, "source_type": "survey", "language": "en",
         "asks": "experience", "sentiment": 0.5, "text": None}
        for who in "abcdef" for point in ("t", "u") for wave in "12"
    ]  # fmt: skip
    events = pd.DataFrame({
        "event_id": [f"e{place}" for place in range(9)], "customer_id": list("abcdefabc"), "time": pd.Timestamp("2026-01-01"),
        "event": "x", "stage": None, "touchpoint": ["t"] * 6 + ["u"] * 3, "channel": None, "wave": list("111222112"),
    })  # fmt: skip
    journeys = derive_journeys(scored(rows), None, events=events)
    agree(journeys, Filters(wave="1"), whole=True)


def test_people_are_counted_once_a_cell(small_world) -> None:
    journeys, _ = small_world()
    rows = context_of(journeys).scored
    found = FilterCube(journeys).people(Filters(wave="2026-Q1", source="survey"), "wave")
    want = rows[rows["source_type"].eq("survey")].groupby(["segment", "touchpoint", "wave"])["customer_id"].nunique()
    assert found.stack().loc[lambda n: n > 0].to_dict() == want.to_dict()
