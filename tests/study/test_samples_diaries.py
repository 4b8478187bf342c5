"""Diaries: whole days, moments of the company inside them, needs that nobody meets."""

import pytest

from cjmlab.errors import StudyError
from cjmlab.study.diaries import keep_diaries, read_day, white_space
from cjmlab.study.samples import sample_world
from cjmlab.study.world import planted_world


@pytest.fixture(scope="module")
def diary():
    return keep_diaries(sample_world("grocer"), diarists=30, days=2)


def test_every_day_runs_from_midnight_to_midnight_without_a_gap(diary):
    for _, day in diary.groupby(["customer_id", "date"]):
        assert day["start"].iloc[0] == "00:00"
        assert day["end"].iloc[-1] == "24:00"
        assert day["end"].tolist()[:-1] == day["start"].tolist()[1:]
        assert (day["start"] < day["end"]).all()


def test_the_company_is_met_inside_activities_and_some_needs_are_met_by_nobody(diary):
    met, need = diary["touchpoint"] != "", diary["need"] != ""
    assert 0.15 < met.mean() < 0.6
    assert (need & ~met).sum() > 20
    assert diary["mood"].between(1, 5).all()


def test_needs_are_in_the_language_of_the_diarist(diary):
    english = diary.loc[(diary["language"] == "en") & (diary["need"] != ""), "need"]
    chinese = diary.loc[(diary["language"] != "en") & (diary["need"] != ""), "need"]
    assert english.map(str.isascii).all()
    assert not chinese.map(str.isascii).any()


def test_white_space_is_a_need_without_a_touchpoint():
    day = read_day("grocer")
    assert all(each.need and not each.touchpoint for each in day if each.id in white_space(day))
    assert sum(each.hours for each in day) == 24


def test_a_domain_without_a_day_is_refused():
    with pytest.raises(StudyError, match=r"there is no day of 'general'\. Known: 'grocer'\."):
        keep_diaries(planted_world(seed=1, customers=100, text=False))
