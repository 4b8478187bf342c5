"""The filter cube gives what the rows give."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from cjmlab.explore import Filters
from cjmlab.explore.cube import FilterCube, filter_from_cube
from cjmlab.journeys import context_of

ROW = st.fixed_dictionaries({
    "segment": st.sampled_from(["A", "B"]), "stage": st.just("buy"), "touchpoint": st.sampled_from(["t", "u", "v"]),
    "wave": st.sampled_from(["1", "2", None]), "source_type": st.sampled_from(["survey", "review"]),
    "sentiment": st.one_of(st.none(), st.floats(-1, 1)),
})  # fmt: skip


@settings(deadline=None)
@given(
    st.lists(ROW, min_size=1, max_size=60),
    st.sampled_from([Filters(), Filters(wave="1"), Filters(wave="2", source="review")]),
)
def test_the_cube_agrees_with_the_rows(rows: list[dict], filters: Filters) -> None:
    table = pd.DataFrame(rows).astype({"sentiment": float})
    want = (
        filters.keep(table)
        .dropna(subset=["sentiment"])
        .groupby(["segment", "touchpoint"])["sentiment"]
        .agg(["size", "mean"])
    )
    for given_rows in (table, table.sample(frac=1, random_state=1)):
        got = FilterCube.of(given_rows).cells(filters).set_index(["segment", "touchpoint"])
        assert got["n"].to_dict() == want["size"].to_dict()
        np.testing.assert_allclose(got["experience"].sort_index(), want["mean"].sort_index(), atol=1e-9)


def test_journeys_from_the_cube_keep_their_shape(small_world) -> None:
    journeys, _ = small_world()
    cube = FilterCube.of(context_of(journeys).scored)
    fast = filter_from_cube(cube, journeys, Filters(segment="Families", wave="2026-Q1", source="survey"))
    assert fast[["segment", "touchpoint"]].equals(journeys[["segment", "touchpoint"]])
    assert fast["n"].tolist() == [24] * len(journeys)
    assert fast["experience"].between(fast["low"], fast["high"]).all()
    assert context_of(fast).provenance["interval"].endswith("answers as the unit")
