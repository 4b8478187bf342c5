"""Titles of cards: the touchpoint, and what prevails among the complaints there."""

from __future__ import annotations

import pandas as pd
import pytest

from cjmlab.maps import map_spec
from cjmlab.maps.telling import count_cues
from cjmlab.tables import Table


def complaints(cues):
    return pd.DataFrame({"unit_id": [f"u{i}" for i in range(len(cues))], "customer_id": [f"c{i}" for i in range(len(cues))],
                         "segment": "A", "touchpoint": "delivery", "lane": "pain", "sentiment": -0.5, "text": "late",
                         "cues": cues})  # fmt: skip


def test_a_complaint_prevails_with_three_people_and_a_third_of_the_clauses():
    assert count_cues(complaints(["effort"] * 3 + [None] * 6)) == {("A", "delivery"): "effort"}
    assert count_cues(complaints(["effort"] * 3 + [None] * 7)) == {}
    assert count_cues(complaints(["effort"] * 2)) == {}
    assert count_cues(complaints(["feeling"] * 5)) == {}


def test_one_person_three_times_does_not_prevail():
    assert count_cues(complaints(["effort"] * 4).assign(customer_id="one")) == {}


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
