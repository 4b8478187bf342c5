"""Words and numbers: complete in four languages, written as each language writes them, safe whatever they hold."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjmlab.maps.fitting import fit_text, fit_whole
from cjmlab.maps.metrics import is_cjk, text_width
from cjmlab.maps.text_safety import plotly_text
from cjmlab.maps.wordings import wordings
from cjmlab.vocabulary.touchpoints import touchpoints

LANGUAGES = ("en", "zh-Hans", "zh-Hant", "ru")
CLOSING = "，。、；：？！）】》」』”…"


def leaves(table, prefix=""):
    for key, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def test_wordings_are_complete_in_four_languages_with_the_same_places():
    own = {code: dict(leaves(wordings(code).raw)) for code in LANGUAGES}
    plural = re.compile(r"^(count|compact)\.")
    keys = {code: {key for key in words if not plural.match(key)} for code, words in own.items()}
    for code in LANGUAGES:
        assert keys[code] == keys["en"], keys[code] ^ keys["en"]
        for key, value in own[code].items():
            assert value or key in {"thousands"}, (code, key)
            if key in own["en"] and isinstance(value, str) and not plural.match(key):

                def places(text):
                    return {name for _, name, _, _ in string.Formatter().parse(text) if name}

                assert places(value) == places(own["en"][key]), (code, key)
    assert own["zh-Hans"]["say.touchpoints"] != own["zh-Hant"]["say.touchpoints"]


def test_every_channel_and_owner_of_the_catalogue_has_a_name_in_every_language():
    from cjmlab.vocabulary import stage_model

    for point in touchpoints(None, stage_model("hema7")):
        for code in LANGUAGES:
            for kind, word in (("channels", point.channel), ("owners", point.owner)):
                assert not word or word in wordings(code).raw[kind], (code, word)


@pytest.mark.parametrize(
    ("code", "thousand", "signed", "percent"),
    [
        ("en", "12,345", "−0.48", "43%"),
        ("zh-Hans", "12,345", "−0.48", "43%"),
        ("ru", "12\u202f345", "−0,48", "43\u00a0%"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(code, thousand, signed, percent):
    words = wordings(code)
    assert words.number(12345) == thousand
    assert words.signed(-0.48) == signed
    assert words.percent(0.43) == percent
    assert words.signed(0.001) == words.number(0, 2)
    assert words.signed(-0.001) == words.number(0, 2)


@pytest.mark.parametrize(
    ("n", "said"),
    [(1, "1 точка"), (2, "2 точки"), (5, "5 точек"), (11, "11 точек"), (21, "21 точка"), (112, "112 точек")],
)
def test_russian_nouns_follow_their_numbers(n, said):
    assert wordings("ru").count("touchpoints", n) == said


@given(st.text(max_size=60))
def test_plotly_text_leaves_no_markup_and_no_mathjax(text):
    safe = plotly_text(text)
    assert "<" not in safe
    assert ">" not in safe
    assert "$" not in safe
    assert re.sub(r"&(amp|lt|gt|#36);", "", safe).count("&") == 0


WORDS = st.text(
    alphabet=st.sampled_from("abcdefgh ABC дежзик БВГ 购买服务门店，。！（）“” -/0123"), min_size=1, max_size=80
)


@given(WORDS, st.floats(30, 400), st.sampled_from([9.0, 12.0, 13.0]), st.integers(1, 4), st.booleans())
def test_fitted_text_is_never_wider_or_taller_than_asked(text, width, size, lines, bold):
    fitted = fit_text(text, width, size=size, lines=lines, bold=bold)
    assert len(fitted.lines) <= lines
    for line in fitted.lines:
        assert text_width(line, size, bold=bold) <= width + 0.01 or len(line) <= 4, line
    if not fitted.cut:
        kept = "".join(fitted.lines).replace("-", "").replace(" ", "")
        assert kept == "".join(text.split()).replace("-", "")


PHRASES = st.sampled_from(
    ["服务", "门店很干净，", "（购买）", "“很好。”", "等了半天！", "配送", "真的？", "店员、收银员"]
)


@given(st.lists(PHRASES, min_size=3, max_size=15).map("".join), st.integers(5, 20))
def test_chinese_lines_never_begin_with_a_closing_or_end_with_an_opening_mark(text, characters):
    lines = fit_text(text, characters * 12.0 + 1, size=12, lines=20).lines
    assert not any(line[0] in CLOSING for line in lines[1:]), lines
    assert not any(line[-1] in "（“" for line in lines), lines


def test_chinese_leaves_no_single_character_on_the_last_line():
    for count in range(8, 40):
        fitted = fit_text("服" * count, 8 * 12 + 1, size=12, lines=9)
        assert len(fitted.lines) == 1 or len(fitted.lines[-1]) > 1


def test_russian_prepositions_stay_with_their_word():
    lines = fit_text("Навигация в магазине", 84, size=12.5, lines=3).lines
    assert not any(line.split()[-1] == "в" for line in lines), lines


def test_long_words_break_at_syllables():
    first = fit_text("Оформление", 62, size=12, lines=2).lines[0]
    assert first in {"Офор-", "Оформ-", "Оформле-"}


def test_italics_are_dropped_for_chinese():
    from cjmlab.maps.canvas import Canvas

    canvas = Canvas(100)
    canvas.text(0, 0, "说好上午来", italic=True, role="a")
    canvas.text(0, 0, "late again", italic=True, role="b")
    styles = {t["name"]: t["textfont"]["style"] for t in canvas.spec(10)["data"]}
    assert styles == {"a": "normal", "b": "italic"}


def test_scripts_have_their_own_widths():
    assert text_width("购", 12) == 12
    assert text_width("ш", 12) > text_width("i", 12)
    assert text_width("Checkout", 12, bold=True) > text_width("Checkout", 12)
    assert is_cjk("购")
    assert not is_cjk("я")


def test_an_ellipsis_stands_after_a_whole_word_where_lines_are_full():
    fitted = fit_text("My colleagues keep talking about your fish, that is why I came", 170, size=12, lines=2)
    assert fitted.cut
    last = fitted.lines[-1].removesuffix("…")
    assert last.split()[-1].strip(",") in "My colleagues keep talking about your fish, that is why I came".split()
    assert fit_text("说好上午来等到晚上八点都没人", 60, size=12, lines=2).lines[-1].endswith("…")


def test_short_words_are_tied_only_where_that_leaves_no_line_short():
    lines = fit_text("They said in the morning, and nobody came", 130, size=12, lines=4).lines
    assert lines[0] == "They said in the", lines


def test_a_joining_word_does_not_stand_alone_where_a_smaller_type_avoids_it():
    fitted = fit_whole("Coupons and discounts", 62, sizes=(12, 9.5), lines=3)
    assert "and" not in fitted.lines
    assert not fitted.cut
