"""Six feelings on a small labelled set of our own, in three languages, negation included."""

import pytest

from cjmlab.feedback import find_feelings

LABELLED = {
    "satisfied": ["I am satisfied with the repair", "The whole family is happy", "我很满意", "这次购物很开心", "Я доволен ремонтом", "Очень понравилось"],
    "disappointed": ["What a let down", "I was not satisfied", "有点失望", "我不满意", "Я разочарована", "Не понравилось"],
    "excited": ["Wow, I can't wait to use it", "We were thrilled", "太棒了，特别激动", "收到后很惊喜", "Я в восторге", "Вау, обалденно"],
    "angry": ["I am furious", "It makes me so angry", "真让人生气", "气死我了", "Это бесит", "Я возмущена таким отношением"],
    "confused": ["The signs are confusing", "I did not understand the form", "看不懂规则", "让人一头雾水", "Непонятно, куда идти", "Я запутался в меню"],
    "relieved": ["I was relieved to see it", "Finally it arrived", "总算放心了", "松了一口气", "Наконец-то привезли", "Слава богу, всё обошлось"],
    None: ["The box is blue", "It arrived on Tuesday", "箱子是蓝色的", "周二送到", "Коробка синяя", "Привезли во вторник"],
}  # fmt: skip


@pytest.mark.parametrize("feeling", list(LABELLED))
def test_the_labelled_set(feeling: str | None) -> None:
    assert find_feelings(LABELLED[feeling]) == [feeling] * len(LABELLED[feeling])


TOLD = {
    "satisfied": ["we were pleased with the room", "用着挺顺心的", "меня всё устроило"],
    "disappointed": ["it did not live up to the pictures", "早知道就不买了", "осадок остался"],
    "excited": ["I squealed when I opened it", "超级期待下一盒", "жду не дождусь следующей коробки"],
    "angry": ["what a cheek to charge for that", "越想越气", "зла не хватает"],
    "confused": ["couldn't work out where to click", "两封邮件说法不一样,到底听谁的", "чёрт ногу сломит в этих тарифах"],
    "relieved": ["I could breathe again", "悬着的心放下了", "отпустило"],
    None: ["the lost property office is on the left", "我们四个人", "нас было четверо"],
}  # fmt: skip


@pytest.mark.parametrize("feeling", list(TOLD))
def test_feelings_as_customers_tell_them(feeling: str | None) -> None:
    assert find_feelings(TOLD[feeling]) == [feeling] * len(TOLD[feeling])


def test_a_feeling_that_contradicts_a_clear_valence_is_not_named() -> None:
    assert find_feelings(["Wow, what a mess"], "en", [-0.9]) == [None]
    assert find_feelings(["Wow, what a mess"], "en") == ["excited"]


def test_unreadable_texts_have_no_feeling() -> None:
    assert find_feelings(["Je suis très content du service", None, ""]) == [None, None, None]
