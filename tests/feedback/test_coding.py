"""Coding: one row a clause and code, abstaining, with provenance; nothing vanishes."""

import pandas as pd
import pytest

from cjmlab.errors import TableError, VocabularyError
from cjmlab.feedback import KeywordCoder, code_feedback, score_feedback
from cjmlab.feedback.matching import KeywordMatcher
from cjmlab.tables import about, check_table
from cjmlab.vocabulary import Code, Codebook, Label, codebook, stage_model, touchpoints


@pytest.fixture(scope="module")
def book() -> Codebook:
    model = stage_model("hema7")
    return codebook(touchpoints(None, model), model)


def frame(*texts: object, **columns: object) -> pd.DataFrame:
    rows = {"feedback_id": [f"f{k}" for k in range(len(texts))], "customer_id": "c1", "text": list(texts)}
    return pd.DataFrame({**rows, **columns})


def test_disagreeing_aspects_are_two_rows_with_offsets(book: Codebook) -> None:
    text = "Delivery was quick but the app kept crashing"
    scored = score_feedback(code_feedback(frame(text), book))
    assert scored.touchpoint.tolist() == ["delivery", "app_home"]
    assert [text[a:b] for a, b in zip(scored.start, scored.end, strict=True)] == scored.text.tolist()
    assert (scored.sentiment > 0).tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "touchpoint"),
    [
        ("The courier came two hours late", "delivery"), ("Курьеры вежливые", "delivery"), ("骑手态度很好", "delivery"),
        ("Корзина обнулилась", "cart"), ("購物車裡的東西不見了", "cart"), ("Self-checkout froze", "self_checkout"),
        ("They refunded me at once", "returns"), ("Деньги вернули за день", "returns"), ("退款等了一周", "returns"),
        ("I posted a review afterwards", "public_review"), ("Читал отзывы перед покупкой", "reviews"),
        ("在自助收银排队", "self_checkout"), ("В шоуруме всё можно потрогать", "showroom"),
    ],
)  # fmt: skip
def test_words_find_their_touchpoint(book: Codebook, text: str, touchpoint: str) -> None:
    assert code_feedback(frame(text), book).touchpoint.tolist()[0] == touchpoint


@pytest.mark.parametrize(
    "text", ["We moved here in spring", "The cartoon was funny", "На банкете было весело", "今天天气真好"]
)
def test_it_abstains_rather_than_guess(book: Codebook, text: str) -> None:
    coded = code_feedback(frame(text), book)
    assert len(coded) == 1
    assert coded.coder.isna().all()
    assert about(coded).abstained == 1


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("I expected it sooner", "expectation"), ("本来以为当天能到", "expectation"), ("Ожидала большего", "expectation"),
        ("Why does it take so long?", "question"), ("为什么这么慢？", "question"), ("Почему так долго?", "question"),
        ("We compared it with another brand", "alternatives"), ("比别家贵，不如去隔壁", "alternatives"), ("Выбирал между двумя", "alternatives"),
        ("The seller was pushy", "upsell_pressure"), ("店员一直推销会员卡", "upsell_pressure"), ("Навязали страховку", "upsell_pressure"),
        ("They promised to call back", "broken_promise"), ("说好当天送，没送", "broken_promise"), ("Обещали и не сделали", "broken_promise"),
        ("I could not order it", "blocked_intent"), ("想买却下不了单", "blocked_intent"), ("Не смог оформить заказ", "blocked_intent"),
        ("It was sold out", "blocked_stock"), ("又缺货了", "blocked_stock"), ("Не было в наличии", "blocked_stock"),
    ],
)  # fmt: skip
def test_cues_in_three_languages(book: Codebook, text: str, cue: str) -> None:
    assert cue in "|".join(code_feedback(frame(text), book).cues.dropna()).split("|")


def test_ratings_pass_once_and_reviews_with_both_give_both(book: Codebook) -> None:
    given = frame(None, "Nice courier", rating=[0.5, 1.0], touchpoint=["cart", None], asks=["experience", "open"])
    scored = score_feedback(code_feedback(given, book))
    assert scored.unit_id.tolist() == ["f0#r", "f1#r", "f1#0"]
    assert scored.rating.notna().tolist() == [True, True, False]
    assert scored.scorer.tolist() == ["rating", "rating", "linear"]
    assert scored.sentiment.tolist()[:2] == [0.5, 1.0]
    assert scored.stage.tolist()[0] == book.stage_of("cart")


def test_a_bound_question_is_inherited_unless_words_clearly_name_another(book: Codebook) -> None:
    coded = code_feedback(frame("All fine", "The courier shouted at me", touchpoint=["cart", "cart"]), book)
    assert coded.touchpoint.tolist() == ["cart", "delivery"]
    assert coded.coder.tolist() == ["asked", "codebook+prior"]


def test_interviewer_turns_are_left_out_and_counted(book: Codebook) -> None:
    coded = code_feedback(frame("How was delivery?", "Late", role=["interviewer", "customer"]), book)
    assert coded.feedback_id.unique().tolist() == ["f1"]
    assert about(coded).interviewer_turns == 1


def test_no_row_vanishes_and_unreadable_text_is_missing(book: Codebook) -> None:
    given = frame("", None, "n/a", "La livraison était très lente", "Good food")
    scored = score_feedback(code_feedback(given, book))
    assert set(scored.feedback_id) == set(given.feedback_id)
    assert scored.set_index("feedback_id").sentiment.isna().tolist() == [True, True, True, True, False]


def test_input_is_not_changed_and_tables_pass(book: Codebook) -> None:
    given = frame("Courier was late, but support helped", "宅配很慢")
    before = given.copy(deep=True)
    coded = code_feedback(given, book)
    kept = coded.copy(deep=True)
    scored = score_feedback(coded)
    pd.testing.assert_frame_equal(given, before)
    pd.testing.assert_frame_equal(pd.DataFrame(coded), pd.DataFrame(kept))
    check_table("coded", coded)
    check_table("scored", scored)


def test_row_order_index_and_extra_columns_change_nothing(book: Codebook) -> None:
    given = frame("Courier was late, but the app is nice", "结账很快，但是停车难", "Оплата не прошла", "Nothing here")
    plain = score_feedback(code_feedback(given, book)).set_index("unit_id").sort_index()
    shuffled = given.sample(frac=1, random_state=3).assign(colour="red").set_index(pd.Index([9, 9, 2, 5]))
    other = score_feedback(code_feedback(shuffled, book)).set_index("unit_id").sort_index().drop(columns="colour")
    pd.testing.assert_frame_equal(plain, other)


def test_a_bad_regular_expression_and_an_unknown_model_code_are_sentences(book: Codebook) -> None:
    model = stage_model("hema7")
    points = touchpoints(["cart"], model)
    broken = codebook(points, model, [{"id": "cart", "keywords": {"en": ["re:("]}}])
    with pytest.raises(
        VocabularyError, match=r"codebook, code 'cart': the keyword 're:\(' is not a regular expression"
    ):
        KeywordCoder(broken).find("a cart", "en")
    with pytest.raises(VocabularyError, match=r"is to be like 'carts', which is no shipped code\. Did you mean 'cart'"):
        codebook(points, model, [{"id": "cart", "like": "carts"}])
    with pytest.raises(TableError, match=r"the column .text. or .rating. .verbatim. is missing"):
        code_feedback(pd.DataFrame({"words": ["x"]}), book)


def test_own_touchpoints_take_words_from_a_like_code_or_their_name() -> None:
    model = stage_model("hema7")
    own = {"id": "gate", "stage": "buy", "label": {"en": "Quality gate", "zh": "品质把关"}}
    points = touchpoints([own], model)
    named = codebook(points, model)
    assert code_feedback(frame("The quality gate is strict"), named).touchpoint.tolist() == ["gate"]
    alike = codebook(points, model, [{"id": "gate", "like": "product_quality"}])
    assert code_feedback(frame("The berries were rotten", "水果不新鲜"), alike).touchpoint.tolist() == ["gate", "gate"]


def test_a_touchpoint_takes_over_the_words_of_one_that_the_study_has_not(book: Codebook) -> None:
    model = stage_model("hema7")
    small = codebook(touchpoints(["delivery", "checkout"], model), model)
    said = frame("The tracking number was wrong", "Self-checkout froze")
    assert code_feedback(said, small).touchpoint.tolist() == ["delivery", "checkout"]
    assert code_feedback(said, book).touchpoint.tolist() == ["order_tracking", "self_checkout"]


def test_an_own_touchpoint_named_like_a_shipped_one_has_its_words() -> None:
    model = stage_model("hema7")
    own = {"id": "rider", "stage": "deliver", "label": {"en": "Courier", "ru": "Курьер"}}
    named = codebook(touchpoints([own, "checkout"], model), model)
    said = frame("The parcel was left at the door", "Посылку привезли вечером", "司机迟到了")
    assert code_feedback(said, named).touchpoint.tolist() == ["rider"] * 3


@pytest.mark.parametrize(
    ("language", "keyword", "text", "found"),
    [
        ("en", "upgrad*", "We were upgraded", True), ("en", "upgrade", "Two upgrades later", True),
        ("en", "sit", "The site is down", False), ("en", "took … to come", "It took three long days to come", True),
        ("en", "place order", "I placed my order", True), ("en", "place order", "The place where my order was", False),
        ("ru", "заказ принят", "Принят заказ", True), ("zh-Hans", "等…小时", "等了整整两个小时", True),
        ("zh-Hans", "这个app", "這個APP很慢", True), ("zh-Hans", "app", "这个app很慢", True),
    ],
)  # fmt: skip
def test_how_keywords_match(language: str, keyword: str, text: str, found: bool) -> None:
    code = Code("x", "cue", Label.of("x"), keywords={language: (keyword,)})
    assert bool(KeywordMatcher([code], language[:2]).find(text)) is found


def test_what_is_not_meant_is_not_counted() -> None:
    code = Code("order", "cue", Label.of("x"), keywords={"en": ("order", "!in order to")})
    hits = KeywordMatcher([code], "en").find("I called in order to cancel the order")
    assert [hit.start for hit in hits] == [32]


def test_a_weak_word_alone_is_enough_in_a_small_study_only(book: Codebook) -> None:
    model = stage_model("hema7")
    small = codebook(touchpoints(["delivery", "checkout"], model), model)
    said = frame("The address again")
    assert code_feedback(said, small, coder=KeywordCoder(small)).touchpoint.tolist() == ["checkout"]
    assert code_feedback(said, book, coder=KeywordCoder(book)).coder.isna().all()
