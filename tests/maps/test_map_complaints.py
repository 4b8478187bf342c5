"""What is wrong, in the words that those who complain share; and which verbatim is printed."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from cjmlab.maps import map_spec
from cjmlab.maps.clauses import Clause, Clauses, distance
from cjmlab.maps.phrases import phrases_in, shared_phrase, shared_words
from cjmlab.maps.sayings import choose_quote, write_quote
from cjmlab.maps.view import Said
from cjmlab.maps.wordings import wordings

LATE = ["The courier came two hours late", "and the courier came two hours late", "Courier came two hours late!",
        "so the courier came two hours late again", "Bags were torn"]  # fmt: skip
FINE = ["The courier was friendly", "the courier came on time", "Bags were neat", "All fine with the courier"]
ELSEWHERE = [f"The queue at till {i} was fine" for i in range(40)]


def clauses(texts, *, lane="pain", felt=-0.6, language="en", who="c", **more):
    return [Clause(Said(text, f"{who}{i}", language), f"{who}{i}", lane, frozenset(), felt, 1.0)._replace(**more)
            for i, text in enumerate(texts)]  # fmt: skip


def test_the_phrase_is_what_many_complaints_share_and_nobody_else_says():
    found = shared_phrase(clauses(LATE), ELSEWHERE, FINE, name="Courier")
    assert found is not None
    assert found.text == "courier came two hours late"
    assert found.people == 4


def test_the_phrase_does_not_depend_on_the_order_of_the_rows():
    told = clauses(LATE)
    first = shared_phrase(told, ELSEWHERE, FINE)
    random.Random(3).shuffle(told)
    assert shared_phrase(told, ELSEWHERE, FINE) == first


def test_one_person_who_says_it_often_makes_no_phrase():
    told = [clause._replace(who="one") for clause in clauses(LATE)]
    assert shared_phrase(told, ELSEWHERE, FINE) is None


def test_what_the_content_say_as_well_is_no_complaint():
    assert shared_phrase(clauses(LATE[:4]), ELSEWHERE, LATE[:4]) is None


LOUD = ["It was so loud in there", "Far too loud for us", "loud, and the chairs hurt", "We left, too LOUD", "Loud loud loud",
        "Could not hear a word, loud music", "The chairs hurt", "Draughty seat by the door", "Dim light", "Sticky tables",
        "Nothing to look at"]  # fmt: skip
OTHER_COMPLAINTS = [f"Bad, the waiter forgot order {i}" for i in range(20)]


def test_where_no_phrase_is_shared_the_word_that_marks_the_complaints_is_told():
    told = clauses(LOUD)
    assert shared_phrase(told, ELSEWHERE, ["Lovely garden"] * 12) is None
    assert shared_words(told, OTHER_COMPLAINTS, [f"Lovely garden {i}" for i in range(20)], name="Ambience") == ["loud"]


def test_words_of_anger_everywhere_words_of_the_trade_and_words_of_few_are_not_told():
    calm = [f"Lovely garden {i}" for i in range(20)]
    assert shared_words(clauses(LOUD), ["loud and late"] * 20, calm) == []
    assert shared_words(clauses(LOUD), OTHER_COMPLAINTS, ["nice loud music"] * 20) == []
    assert shared_words(clauses(LOUD[:2] + LOUD[6:]), OTHER_COMPLAINTS, calm) == []
    assert shared_words(clauses(LOUD), OTHER_COMPLAINTS, calm, name="Loud room") == []


@pytest.mark.parametrize(
    ("language", "texts", "word"),
    [("ru", ["Всё зависает", "зависло опять", "Зависает каждый день", "Телефон зависал", "завис на входе", "Дорого"], "зависает"),
     ("zh-Hans", ["系统崩溃了", "老是崩溃", "付款时崩溃", "一点就崩溃", "崩溃三次", "太贵"], "崩溃")],
)  # fmt: skip
def test_words_of_one_stem_count_together(language, texts, word):
    calm = {"ru": ["Удобный телефон", "Красивый экран"], "zh-Hans": ["系统很好用", "屏幕漂亮"]}[language] * 12
    assert shared_words(clauses(texts, language=language), [], calm)[0] == word


def test_the_name_of_the_touchpoint_alone_is_no_complaint():
    told = clauses(["Account and billing"] * 6)
    assert shared_phrase(told, ELSEWHERE, [], name="Account and billing") is None


@pytest.mark.parametrize(
    ("language", "texts", "phrase"),
    [("zh-Hans", ["结账排队二十分钟", "而且结账排队半小时", "结账排队一个钟头", "就是结账排队", "店员态度差"], "结账排队"),
     ("ru", ["Курьер опоздал на час", "и курьер опоздал на два часа", "Курьер опоздал опять", "Коробка мятая"], "курьер опоздал")],
)  # fmt: skip
def test_phrases_are_found_in_chinese_and_russian(language, texts, phrase):
    others = {"zh-Hans": ["生鲜很新鲜", "导购很热情"], "ru": ["Сайт понятный", "Всё нашли быстро"]}[language] * 20
    found = shared_phrase(clauses(texts, language=language), others, [])
    assert found is not None
    assert found.text == phrase


def test_a_quote_is_in_the_readers_language_and_of_the_right_sign():
    told = [*clauses(["送晚了两个小时，太慢"], language="zh-Hans", who="z"), *clauses(["Two hours late again"]),
            *clauses(["Two hours, lovely"], lane="delight", felt=0.8, who="g")]  # fmt: skip
    assert choose_quote(told, [], sign=-1, language="en").text == "Two hours late again"
    assert choose_quote(told, [], sign=-1, language="zh-Hant").text == "送晚了两个小时，太慢"
    assert choose_quote(told, [], sign=1, language="ru").text == "Two hours, lovely"


def test_a_quote_that_begins_in_the_middle_or_only_echoes_the_title_is_second_choice():
    told = clauses(["and it was two hours late", "They came at ten at night"])
    assert choose_quote(told, [], sign=-1, language="en").text == "They came at ten at night"
    told = clauses(["Two hours late", "They came at ten at night"])
    assert choose_quote(told, [], sign=-1, language="en", phrase="two hours late").text == "They came at ten at night"


def test_a_quote_in_another_language_is_tagged():
    assert write_quote(wordings("en"), Said("送晚了", language="zh-Hans")) == "ZH “送晚了”"
    assert write_quote(wordings("ru"), Said("送晚了")) == "кит. «送晚了»"
    assert write_quote(wordings("zh-Hant"), Said("送晚了", language="zh-Hans")) == "「送晚了」"
    assert distance(Said("late"), "en") == 0


def test_clauses_of_a_cell_are_the_same_in_any_order_of_the_rows(imitate):
    scored = imitate()[0].about.scored
    shuffled = scored.sample(frac=1, random_state=1)
    segment, touchpoint = scored["segment"].iloc[0], scored["touchpoint"].iloc[0]
    first, second = (Clauses(table).at(segment, touchpoint) for table in (scored, shuffled))
    assert sorted(map(repr, first)) == sorted(map(repr, second))
    assert first


def test_a_stage_without_a_pain_shows_what_is_complained_of(imitate):
    from dataclasses import replace

    from cjmlab.tables import Table

    journeys, moments = imitate((2, 3, 2))
    point = journeys.iloc[0]
    rows = pd.DataFrame({"unit_id": [f"x{i}" for i in range(8)], "customer_id": [f"x{i}" for i in range(8)],
                         "segment": point["segment"], "stage": point["stage"], "touchpoint": point["touchpoint"],
                         "lane": "pain", "language": "en", "sentiment": -0.8,
                         "text": [f"The same banner {word} follows me around" for word in "now then here and by so on up".split()],
                         "asks": "open"})  # fmt: skip
    context = replace(journeys.about, scored=pd.concat([journeys.about.scored, rows], ignore_index=True))
    table = Table.of(pd.DataFrame(journeys), context)
    quiet = moments[~(moments["kind"].eq("pain") & moments["stage"].eq(point["stage"]))]
    spec = map_spec(table, quiet, segment=point["segment"])
    titles = [
        text.replace("<br>", " ")
        for trace in spec["data"]
        if trace["name"] == "quote title pain"
        for text in trace["text"]
    ]
    assert any("“follows me around”" in title for title in titles)
    rows = [row for trace in spec["data"] if trace["name"] == "quote title pain" for row in trace["customdata"]]
    assert all(len(row) == 2 and "follows me" not in row[1] for row in rows)
    hidden = [row for trace in spec["data"] if trace["name"] == "pain card hits" for row in trace["customdata"]]
    assert not any("follows me" in row[1] for row in hidden)
    silent = map_spec(table, quiet, segment=point["segment"], quotes=False)
    assert "follows me around" not in str(silent)


@pytest.mark.parametrize(
    ("aside", "language", "texts"),
    [("to be honest", "en", [f"To be honest, {what}" for what in ("late", "torn bags", "no call", "rude man")]),
     ("说实话", "zh-Hans", [f"说实话，{what}" for what in ("太慢了", "袋子破了", "没打电话", "态度差")]),
     ("честно говоря", "ru", [f"Честно говоря, {what}" for what in ("поздно", "пакет порван", "не звонили", "грубят")])],
)  # fmt: skip
def test_an_aside_is_no_complaint(aside, language, texts):
    found = shared_phrase(clauses(texts, language=language), ELSEWHERE, FINE)
    assert found is None or aside not in found.text.casefold()


def test_the_quote_of_a_card_says_what_its_title_says():
    about = clauses(["The queue was endless on Friday evening, as ever"], who="a", felt=-0.5)
    other = clauses(["Nobody at the desk could tell me where the milk is"], who="b", felt=-0.9)
    said = choose_quote(other, about, sign=-1, language="en", phrase="queue was endless")
    assert said is not None
    assert "queue was endless" in said.text


def test_what_is_surely_below_neutral_is_so_by_the_rule_of_pains(imitate):
    from cjmlab.maps.reading import read_view
    from cjmlab.moments.pains import find_pains

    journeys, _ = imitate((3, 3, 3), segments=1)
    rng = [
        (-0.2, 0.15),
        (-0.2, 0.16),
        (0.2, 0.01),
        (-0.01, 0.001),
        (-0.9, 0.9),
        (-0.9, 0.7),
        (0.0, 0.1),
        (-0.3, 0.2),
        (-0.3, 0.25),
    ]
    means, errors = zip(*rng, strict=True)
    cells = journeys.assign(experience=means, se=errors, n=60, customers=60, reach=0.9)
    below = {point.id for point in read_view(cells).touchpoints if point.below}
    assert below == set(find_pains(cells)["touchpoint"])
    assert 0 < len(below) < len(cells)


@pytest.mark.parametrize(
    ("text", "kept", "lost"),
    [
        ("знакомые меняли дверцы и советовать не стали", "советовать не стали", "дверцы и советовать"),
        ("Обещали скидку и не дали", "обещали скидку", "скидку и не"),
        ("The parcel did not arrive on time", "parcel did not arrive", "arrive on time"),
        ("The courier didn't call me", "courier didn't call", "call me"),
        ("The delivery never came on Sunday", "delivery never came on sunday", "the delivery"),
        ("客服从来不接电话", "不接电话", "接电话"),
    ],
)
def test_no_phrase_leaves_out_the_not_beside_it(text: str, kept: str, lost: str) -> None:
    found = phrases_in(text)
    assert kept in found
    assert lost not in found
