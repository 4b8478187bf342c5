"""Every number on a map is in its table, and every n of the table is rows that can be counted."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd
import pytest

import cjmlab as cjm
from cjmlab.errors import TableError
from cjmlab.maps import compare_spec, heatmap_spec, map_spec, map_table
from cjmlab.maps.wordings import wordings


@pytest.fixture(scope="module")
def run() -> cjm.StudyRun:
    """A small planted world, walked through."""
    world = cjm.planted_world(seed=12, customers=240, segments=2, touchpoints=9, languages=("en", "ru"), interviews=4)
    return cjm.run_study(world.study(), n_segments=2)


@pytest.fixture(scope="module")
def segment(run: cjm.StudyRun) -> str:
    return str(run.journeys["segment"].iloc[0])


def drawn(spec, *roles: str) -> Iterator[str]:
    for trace in spec["data"]:
        if trace["mode"] == "text" and trace["name"] in roles:
            yield from (text.replace(" %", "\u00a0%") for text in trace["text"])


def test_every_n_of_the_table_is_rows_that_can_be_counted(run, segment):
    scored = run.journeys.about.scored
    rows = scored[scored["counted"].astype(bool) & scored["segment"].eq(segment)]
    table = map_table(map_spec(run.journeys, run.moments, segment=segment)).set_index("touchpoint")
    counted = rows.groupby("touchpoint").agg(n=("unit_id", "size"), people=("customer_id", "nunique"))
    shown = table[~table["withheld"]]
    assert shown["n"].tolist() == counted["n"].reindex(shown.index).tolist()
    assert shown["customers"].tolist() == counted["people"].reindex(shown.index).tolist()
    asked = shown["sources"].str.extractall(r"(?:survey|interview|review|ticket) (\d+)")[0].astype(int)
    assert asked.groupby(level=0).sum().reindex(shown.index).tolist() == shown["n"].tolist()


def test_all_views_name_the_same_n(run, segment):
    tables = [map_table(spec) for spec in (map_spec(run.journeys, run.moments, segment=segment),
                                           compare_spec(run.journeys), heatmap_spec(run.journeys))]  # fmt: skip
    own = [
        table[table["segment"].eq(segment)].set_index("touchpoint")[["n", "experience", "volume"]] for table in tables
    ]
    assert own[0].equals(own[1])
    assert own[0].equals(own[2])
    assert len(own[0])


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_number_that_is_drawn_is_in_a_table(run, segment, language):
    spec, words = map_spec(run.journeys, run.moments, segment=segment, language=language), wordings(language)
    cells, stages, cards, sayings = (map_table(spec, part) for part in ("touchpoints", "stages", "cards", "sayings"))

    def told(form, *columns: pd.Series) -> set[str]:
        return {form(value) for column in columns for value in column.dropna()}

    assert set(drawn(spec, "volume")) <= told(words.number, cells["volume"]) | told(words.compact, cells["volume"])
    thirds = (-0.0005, 0.0, 0.0005)  # the table has three digits: what is drawn with two was rounded from more
    assert set(drawn(spec, "value")) <= told(words.signed, *(cells["experience"] + off for off in thirds))
    assert set(drawn(spec, "reach")) <= told(words.number, stages["customers"])
    assert set(drawn(spec, "drop-off")) <= told(words.percent, -stages["drop_off"])
    counts = told(lambda n: words.say("n", n=words.number(n)), cells["n"], stages["n_gap"], cards["n"], sayings["n"])
    for note in drawn(spec, "gap note", "pain note", "n"):
        assert note.rsplit("·", 1)[-1].strip() in counts or note.split(" ·")[0] in counts, note
    gains = told(words.signed, *(cards[name] + off for name in ("gain", "gain_low", "gain_high") for off in thirds))
    for note in drawn(spec, "gain", "gain range"):
        assert set(re.findall(r"[+−]?\d+[.,]\d\d", note)) <= gains, note
    assert list(drawn(spec, "stage note"))
    for note, stage in zip(drawn(spec, "stage note"), stages.itertuples(), strict=True):
        assert any(words.signed(stage.experience + off) in note for off in thirds), note


def test_what_a_map_does_not_carry_is_refused_by_name(run, segment):
    spec = map_spec(run.journeys, run.moments, segment=segment)
    with pytest.raises(TableError, match=r"no table 'card'.*cards"):
        map_table(spec, "card")
    with pytest.raises(TableError, match="no table 'stages'"):
        map_table(heatmap_spec(run.journeys), "stages")


def test_the_tables_hold_no_words_of_customers(run, segment):
    scored = run.journeys.about.scored
    tables = str(map_spec(run.journeys, run.moments, segment=segment)["layout"]["meta"])
    assert not any(text in tables for text in scored["text"].dropna().unique() if len(text) > 20)
