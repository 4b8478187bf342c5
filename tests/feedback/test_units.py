"""Clauses: cut where polarity may turn, offsets kept, nothing lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cjmlab.feedback import split_units


def clauses(text: str, language: str) -> list[str]:
    return [text[unit.start : unit.end] for unit in split_units(text, language)]


def test_contrast_words_part_clauses_in_three_languages() -> None:
    assert clauses("Quick delivery, but the app kept crashing.", "en") == [
        "Quick delivery",
        "but the app kept crashing",
    ]
    assert clauses("Доставка быстрая, а приложение глючит", "ru") == ["Доставка быстрая", "а приложение глючит"]
    assert clauses("味道不错，但是服务太差", "zh") == ["味道不错", "但是服务太差"]
    assert clauses("環境很好可是服務員態度太差", "zh") == ["環境很好", "可是服務員態度太差"]


def test_numbers_and_abbreviations_do_not_end_a_sentence() -> None:
    assert len(clauses("It cost 4.5 dollars at Dr. Smith, e.g. last week", "en")) == 1
    assert len(clauses("Цена 4.5 тыс. руб. и т.д.", "ru")) == 1


def test_questions_and_reported_speech_are_marked() -> None:
    asked, told = split_units("Why so slow? They said it would be there", "en")
    assert asked.question
    assert not told.question
    assert told.reported
    assert split_units("客服说明天送到", "zh")[0].reported
    assert split_units("Менеджер сказал, что привезут", "ru")[0].reported


def test_empty_and_marks_alone_have_no_clause() -> None:
    assert split_units("", "en") == []
    assert split_units(" ... !!", "ru") == []


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet="ab Но,but.but!？。但是 不\n'\"（)1🙂é", max_size=60),
    st.sampled_from(["en", "zh", "ru"]),
)
def test_every_letter_lies_in_exactly_one_clause_at_its_place(text: str, language: str) -> None:
    covered = [0] * len(text)
    units = split_units(text, language)
    for unit in units:
        assert 0 <= unit.start < unit.end <= len(text)
        for place in range(unit.start, unit.end):
            covered[place] += 1
        assert unit.fragments[0][0] >= unit.start
        assert unit.fragments[-1][1] <= unit.end
    assert max(covered, default=0) <= 1
    assert all(covered[i] == 1 for i, letter in enumerate(text) if letter.isalnum())
