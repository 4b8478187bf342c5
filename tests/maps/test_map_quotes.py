"""Verbatims on the map: whose they are, which are left out."""

from __future__ import annotations

import json

from cjmlab.maps import map_spec


def quotes_of(spec):
    return [(trace["name"], text, row[0]) for trace in spec["data"] if trace["mode"] == "text" and trace["name"].startswith("quote")
            for text, row in zip(trace["text"], trace["customdata"], strict=True)]  # fmt: skip


def test_every_quote_names_the_unit_it_comes_from(imitate):
    journeys, moments = imitate()
    found = quotes_of(map_spec(journeys, moments))
    units = set(journeys.about.scored["unit_id"])
    assert {name for name, *_ in found} >= {"quote callout", "quote pain"}
    for _, text, unit in found:
        assert text
        assert unit in units


def test_the_reader_s_language_comes_first(imitate):
    journeys, moments = imitate()
    said = {text for name, text, _ in quotes_of(map_spec(journeys, moments, language="ru")) if name == "quote callout"}
    assert all("«" in text for text in said)
    assert all(any("а" <= c <= "я" for c in text) for text in said)


def test_without_quotes_no_word_of_a_customer_is_in_the_figure(imitate):
    journeys, moments = imitate()
    spec = map_spec(journeys, moments, quotes=False, width=1100)
    everything = json.dumps(spec, ensure_ascii=False)
    for text in journeys.about.scored["text"].dropna().unique():
        assert text[:12] not in everything
    assert spec["layout"]["height"] < map_spec(journeys, moments, width=1100)["layout"]["height"]
    assert not any(shape["name"].startswith("quote") for shape in spec["layout"]["shapes"])


def test_sayings_of_fewer_than_five_people_are_left_out(imitate):
    journeys, moments = imitate()  # four people say each
    assert not [
        name for name, *_ in quotes_of(map_spec(journeys, moments)) if name in {"quote behaviour", "quote motivation"}
    ]
