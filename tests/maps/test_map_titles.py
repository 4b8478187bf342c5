"""Titles of cards: the touchpoint, and what prevails among the complaints there."""

from __future__ import annotations

import pandas as pd
import pytest

from cjmlab.maps import map_spec
from cjmlab.maps.clauses import Clause
from cjmlab.maps.complaints import prevailing_cue
from cjmlab.maps.view import Said
from cjmlab.tables import Table


def complaints(cues, who=None):
    return [Clause(Said("late", f"u{i}"), who or f"c{i}", "pain", frozenset(filter(None, [cue])), -0.5, 1.0)
            for i, cue in enumerate(cues)]  # fmt: skip


def test_a_complaint_prevails_with_three_people_and_a_third_of_the_clauses():
    assert prevailing_cue(complaints(["effort"] * 3 + [None] * 6)) == ("effort", 3)
    assert prevailing_cue(complaints(["effort"] * 3 + [None] * 7)) == ("", 0)
    assert prevailing_cue(complaints(["effort"] * 2)) == ("", 0)
    assert prevailing_cue(complaints(["feeling"] * 5)) == ("", 0)


def test_one_person_three_times_does_not_prevail():
    assert prevailing_cue(complaints(["effort"] * 4, who="one")) == ("", 0)


@pytest.mark.parametrize(
    ("language", "pain", "chance"),
    [("en", "Mailing: effort", "Mailing: make it easier"), ("ru", "Рассылка: усилия", "Рассылка: сделать проще"),
     ("zh-Hans", "营销邮件：费力", "营销邮件：让它更省力")],
)  # fmt: skip
def test_titles_name_the_complaint_and_what_answers_it(imitate, language, pain, chance):
    from dataclasses import replace

    journeys, moments = imitate((2, 3, 2))
    context = journeys.about
    own = context.scored.assign(cues=None)
    said = own["text"].notna() & (own["touchpoint"] == "mailing") & (own["lane"] == "feeling")
    own.loc[said, ["cues", "lane"]] = ["effort", "pain"]
    table = Table.of(pd.DataFrame(journeys), replace(context, scored=own))
    titles = {trace["name"]: " ".join(" ".join(trace["text"]).replace("<br>", " ").split()) for trace in
              map_spec(table, moments, language=language)["data"] if trace["name"] in ("pain title", "opportunity title")}  # fmt: skip
    assert pain.replace(" ", "") in titles["pain title"].replace(" ", "")
    assert chance.replace(" ", "") in " ".join(titles.values()).replace(" ", "")
