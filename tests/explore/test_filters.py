"""Filters: the same verbs on what is left."""

from __future__ import annotations

import pandas as pd
import pytest

from cjmlab.errors import CjmError
from cjmlab.explore import Filters, filter_options
from cjmlab.explore.shown import ShownTables
from cjmlab.explore.states import choose_states
from cjmlab.explore.withholding import withhold
from cjmlab.explore.words import wordings
from cjmlab.journeys import context_of
from cjmlab.vocabulary.labels import LANGUAGES


def test_every_wording_is_complete_in_four_languages() -> None:
    for name, label in wordings().items():
        assert set(label.texts) == set(LANGUAGES), name


def test_options_are_the_values_of_the_data(small_world) -> None:
    options = filter_options(small_world()[0])
    assert options["segment"] == ("Families", "Seniors")
    assert options["wave"] == ("2026-Q1", "2026-Q2")
    assert options["source"] == ("interview", "survey")
    assert options["stage"] == ("aware", "arrive", "buy", "deliver", "aftersales")


def test_filtering_derives_again_from_the_rows_that_pass(small_world) -> None:
    journeys, moments = small_world()
    rows = context_of(journeys).scored
    filtered, _ = ShownTables(journeys, moments, smallest=1).of(Filters(wave="2026-Q2", source="survey"))
    for cell in filtered.itertuples():
        mine = rows[(rows.segment == cell.segment) & (rows.touchpoint == cell.touchpoint)]
        assert cell.n == ((mine.wave == "2026-Q2") & (mine.source_type == "survey")).sum()
    assert (filtered.n < journeys.n).all()


def test_nothing_chosen_returns_the_tables_as_they_were(small_world) -> None:
    journeys, moments = small_world()
    filtered, same = ShownTables(journeys, moments, smallest=1).of(Filters())
    pd.testing.assert_frame_equal(
        filtered[list(journeys)].drop(columns="quote_ids"), journeys.drop(columns="quote_ids")
    )
    silent = ["quote", "quote_id", "quote_language"]
    pd.testing.assert_frame_equal(same.drop(columns=silent), moments.drop(columns=silent))
    assert not filtered["withheld"].any()


def test_filtering_changes_no_input(small_world) -> None:
    journeys, moments = small_world()
    before, said = journeys.copy(), moments.copy()
    ShownTables(journeys, moments, smallest=1).of(Filters(wave="2026-Q1", minimum_n=30, stage="buy"))
    pd.testing.assert_frame_equal(journeys, before)
    pd.testing.assert_frame_equal(moments, said)


def test_least_n_empties_small_cells_and_their_moments(small_world) -> None:
    journeys, moments = small_world()
    filtered, left = ShownTables(journeys, moments, smallest=1).of(Filters(minimum_n=1000))
    assert len(filtered) == len(journeys)
    assert filtered.experience.isna().all()
    assert left.empty


def test_an_unknown_filter_is_named() -> None:
    with pytest.raises(CjmError, match=r"'wawe' is not a filter. Did you mean 'wave'\?"):
        Filters.of({"wawe": "1"})


def test_states_cross_three_filters_and_take_the_others_one_by_one(small_world) -> None:
    options = filter_options(small_world()[0])
    states = choose_states(options)
    crossed = [state for state in states if not (state.channel or state.language or state.stage or state.minimum_n)]
    assert len(crossed) == 2 * 3 * 3
    assert len(set(states)) == len(states)


def test_too_many_states_are_cut_with_a_warning_that_names_the_filter() -> None:
    options = {"segment": tuple("ABCDE"), "wave": tuple(map(str, range(9))), "channel": tuple("xyzuvw")}
    with pytest.warns(UserWarning, match="channel can be chosen only where a kernel runs"):
        states = choose_states(options, most=60)
    assert len(states) == 5 * 10


@pytest.mark.parametrize("most", [1, 3, 9, 12, 20])
def test_however_few_states_may_travel_the_choice_ends(most: int) -> None:
    options = {
        "segment": ("A", "B"),
        "wave": ("1", "2"),
        "source": ("x", "y"),
        "language": ("en", "ru"),
        "stage": ("p",),
    }
    with pytest.warns(UserWarning, match="combinations travel with the file"):
        states = choose_states(options, most=most)
    assert len(states) <= max(most, 2)
    assert {state.segment for state in states} == {"A", "B"}


def cells(people: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {"segment": [f"s{place}" for place in range(len(people))], "touchpoint": "t", "customers": people, "n": people,
         "experience": 0.5, "low": 0.4, "high": 0.6, "evidence": "single source", "quote_ids": [["u1"]] * len(people)}
    )  # fmt: skip


def test_a_small_cell_and_its_giveaway_are_withheld() -> None:
    shown = withhold(cells([3, 12, 40, 0]))
    assert shown.withheld.tolist() == [True, True, False, False]
    assert shown.experience.isna().tolist() == [True, True, False, False]
    assert shown.n.tolist() == [0, 0, 40, 0]
    assert shown.quote_ids.tolist()[0] == []


def test_two_small_cells_hide_each_other() -> None:
    assert withhold(cells([3, 4, 40])).withheld.tolist() == [True, True, False]


def test_five_people_are_shown() -> None:
    assert withhold(cells([5, 12])).withheld.tolist() == [False, False]
