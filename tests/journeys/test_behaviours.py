"""What people do by the names of events, and the effort it takes them."""

from __future__ import annotations

import pandas as pd
import pytest
from frames_journeys import log, rating, words

import cjmlab as cjm
from cjmlab.errors import VocabularyError
from cjmlab.journeys.behaviours import behaviour_of

# Names as logs of shops, apps, banks and clinics write them.
KNOWN = {
    "browse": ["page_view", "ViewItem", "search", "openApp", "click_banner", "product1", "catalog", "浏览商品", "搜索", "просмотр каталога", "поиск", "ad_impression"],
    "buy": ["add_to_cart", "purchase", "begin_checkout", "OrderPlaced", "payment_done", "下单", "支付成功", "оплата", "добавил в корзину", "booking_confirmed"],
    "share": ["share_link", "repost", "转发", "поделился"],
    "ask": ["chat_started", "call_center", "faq", "联系客服", "вопрос в поддержку", "contactUs"],
    "complain": ["complaint_filed", "投诉", "жалоба"],
    "return": ["return_requested", "refund", "退货", "возврат товара", "order_cancelled"],
    "recommend": ["referral_sent", "review_posted", "推荐好友", "оставил отзыв", "rate_app"],
    "use": ["login", "app_installed", "签收", "получил заказ", "delivered"],
}  # fmt: skip


def test_names_of_events_say_what_people_do() -> None:
    pairs = [(name, wanted) for wanted, names in KNOWN.items() for name in names]
    wrong = [(name, behaviour_of(name), wanted) for name, wanted in pairs if behaviour_of(name) != wanted]
    assert len(wrong) <= 0.05 * len(pairs), wrong


def test_every_event_is_classed_or_listed() -> None:
    events = log({"a": ["social_ad", "checkout", "checkout"], "b": ["delivery"]})
    events["event"] = ["page_view", "purchase", "purchase", "step_7f"]
    found = cjm.class_behaviours(events)
    assert found["event"].tolist() == ["purchase", "page_view", "step_7f"]
    assert found["n"].sum() == len(events)
    assert found.loc[found["behaviour"].isna(), "event"].tolist() == ["step_7f"]
    assert cjm.class_behaviours(events, {"step_7f": "use"})["behaviour"].notna().all()
    with pytest.raises(VocabularyError, match=r"'bye' is not a behaviour\. Did you mean 'buy'"):
        cjm.class_behaviours(events, {"step_7f": "bye"})


def test_effort_by_hand() -> None:
    paths = {"a": ["checkout", "checkout", "delivery"], "b": ["checkout", "delivery"], "c": ["checkout", "delivery"]}
    events = log(paths).assign(channel="web")
    events.loc[events["event_id"].eq("b-0"), "channel"] = "phone"
    rows = [rating("a", "checkout", 0.5), words("c", "checkout", -0.5, "I had to type it all again", cues="effort"),
            words("a", "delivery", 0.5, "Quick")]  # fmt: skip
    found = cjm.measure_effort(cjm.derive_journeys(pd.DataFrame(rows), events=events)).set_index("stage")
    buy = found.loc["buy"]
    assert buy["customers"] == 3
    assert buy[["said", "repeats", "helped", "any"]].tolist() == pytest.approx([1.0, 1 / 3, 1 / 3, 1.0])
    assert buy["unit_ids"] == [words("c", "checkout", 0, "")["unit_id"]]
    assert found.loc["deliver", "any"] == 0.0
    named = cjm.measure_effort(cjm.derive_journeys(pd.DataFrame(rows), events=events), help_at=("delivery",))
    assert named.set_index("stage").loc["deliver", "helped"] == 1.0


def test_awareness_by_hand() -> None:
    events = log({"a": ["social_ad", "checkout"], "b": ["search"], "c": ["checkout"]})
    events["channel"] = events["touchpoint"].map({"social_ad": "social", "search": "web", "checkout": "store"})
    rows = [words("a", "social_ad", 0.1, "I didn’t know that you deliver"), words("d", "social_ad", 0.1, "Ваша реклама везде"),
            words("b", "delivery", -0.5, "I did not know when it would come"),
            words("d", "social_ad", 0.0, "Do you have a shop here?", number=1, cues="question")]  # fmt: skip
    found = cjm.measure_awareness(cjm.derive_journeys(pd.DataFrame(rows), events=events)).set_index(
        ["measure", "value"]
    )
    assert found.loc[("reached", ""), ["n", "of"]].tolist() == [2, 4]  # a by log and words, d by words
    assert found.loc["source"]["n"].to_dict() == {"social": 1, "store": 1, "web": 1}
    assert found.loc[("did_not_know", ""), ["n", "of"]].tolist() == [1, 2]
    assert found.loc[("asked", ""), "unit_ids"] == [rows[3]["unit_id"]]
