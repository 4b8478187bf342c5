"""Which language a text is in; unsupported languages and non-answers are missing, never guessed."""

import pytest

from cjmlab.errors import VocabularyError
from cjmlab.feedback import default_scorer, detect_language, is_answer


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Great!", "en"), ("ok", "en"), ("Delivery was late again", "en"), ("luv it", "en"), ("The café was nice", "en"),
        ("很好", "zh-Hans"), ("配送太慢，APP 老是闪退", "zh-Hans"), ("這家門市很乾淨", "zh-Hant"), ("送貨員態度很好", "zh-Hant"),
        ("Супер", "ru"), ("Курьер опоздал на два часа", "ru"), ("Всё понравилось, спасибо IKEA", "ru"),
    ],
)  # fmt: skip
def test_supported_languages(text: str, code: str) -> None:
    assert detect_language(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "La livraison était très lente et le service client nul", "Très bien", "C'est trop cher",
        "Die Lieferung war schnell und der Service sehr gut", "Sehr gut", "Leider kam das Paket nicht an",
        "El pedido llegó tarde y nadie me ayudó", "Muy bueno", "Excelente servicio, todo muy rápido",
        "Ottimo servizio, consegna veloce", "Entrega rápida, recomendo muito", "Dostawa bardzo szybka, polecam",
        "Дуже швидка доставка, дякую", "Все було чудово, але дорого", "Много добро обслужване, благодаря",
        "配送がとても遅かったです", "とても良い", "배송이 너무 늦어요", "ขนส่งช้ามาก", "الخدمة ممتازة", "השירות מעולה", "Η εξυπηρέτηση ήταν καλή",
    ],
)  # fmt: skip
def test_other_languages_are_missing_not_neutral(text: str) -> None:
    assert detect_language(text) is None
    row = default_scorer().score([text]).iloc[0]
    assert row.drop("scorer").isna().all()


@pytest.mark.parametrize(
    "text",
    ["", "   ", "n/a", "N/A.", "none", "No comment", "-", "...", "???", "无", "無", "没有", "暂无", "不知道。", "нет", "Не знаю", "не знаю...",
     "нечего добавить", "123", None, 3.5, float("nan")],
)  # fmt: skip
def test_non_answers_are_missing(text: object) -> None:
    assert not is_answer(text)
    assert default_scorer().score([text]).isna().all(axis=None)


def test_a_declared_language_holds_unless_the_script_contradicts() -> None:
    scorer = default_scorer()
    both = scorer.score(["Muy bueno", "配送太慢"], language="en")
    assert both.scorer.notna().tolist() == [True, True]
    assert both.sentiment.iloc[1] == scorer.score(["配送太慢"]).sentiment.iloc[0]


def test_a_declared_language_that_cannot_be_scored_is_missing_and_no_language_is_refused() -> None:
    assert default_scorer().score(["All was good", "All was good"], language=["fr", "en"]).scorer.isna().tolist() == [
        True,
        False,
    ]
    with pytest.raises(VocabularyError, match=r"'klingonese tongue' is not a known language"):
        default_scorer().score(["All was good"], language="klingonese tongue")
