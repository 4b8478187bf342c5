"""How many planted identifiers of each kind ``mask_text`` finds, and how many look-alikes it masks by mistake.

Run ``python benchmarks/privacy.py``. The texts are made here from a seed: Chinese, Russian and English sentences with
identifiers in the ways people write them, full-width digits and missing spaces included. The peer is what a team
writes first: one regular expression a kind, without check sums and without normal forms.
"""

from __future__ import annotations

import re
import time

import numpy as np

from cjmlab.sources.people import People
from cjmlab.sources.privacy import KINDS, find_identities

SENTENCES = {
    "zh": ["请回电{}谢谢", "我的联系方式是{}，麻烦尽快处理", "配送员说要打{}。", "({})已经留给客服了", "{}这个没人理"],
    "ru": ["Перезвоните мне: {}, пожалуйста", "Я оставлял {} в заявке", "({}) — так и не ответили", "мой {}. Жду!"],
    "en": ["Please use {} to reach me", "I gave {} to the driver, no answer", "My details: {}.", "({}) still waiting"],
}
LOOK_ALIKES = [
    "订单号20240315001", "价格1380元", "2024-03-15 10:30", "第13期", "版本1.2.3", "邮编100080", "排队等了100多个小时", "货号6901234567892",
    "заказ 4500123", "цена 12 500 рублей", "15.03.2024", "артикул 112-233-445 96", "версия 10.15.7", "индекс 101000",
    "order 4111111111111112", "SKU 12345678", "3.5 stars out of 5", "12:30-14:45", "room 1204", "10,000 steps", "2024/03/15",
    "iPhone 15 Pro Max 256", "size 36-38-40", "lot 8812", "5000mAh", "v2.0.1.14b", "about 20 minutes", "A/B test #77",
]  # fmt: skip


def full_width(text: str) -> str:
    """Return a text with full-width digits."""
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)


def identifiers(kind: str, rng: np.random.Generator) -> list[str]:
    """Return the ways in which one made-up identifier of a kind is written."""

    def digits(n: int) -> str:
        return "".join(map(str, rng.integers(0, 10, n)))

    if kind == "email":
        user = rng.choice(["li.wei", "anna_k", "ivan+shop", "w2008"])
        return [
            f"{user}@example.com",
            f"{user}@mail.example.ru",
            f"{user}@例子.中国",
            f"{user}@почта.рф",
            f"{user}＠example．com",
        ]
    if kind == "phone":
        cn, ru = f"13{rng.integers(0, 10)}{digits(8)}", f"9{rng.integers(10, 30)}{rng.integers(200, 990)}{digits(4)}"
        return [
            cn, full_width(cn), f"+86 {cn[:3]} {cn[3:7]} {cn[7:]}", f"{cn[:3]}-{cn[3:7]}-{cn[7:]}", f"+7 {ru[:3]} {ru[3:6]}-{ru[6:8]}-{ru[8:]}",
            f"+7({ru[:3]}){ru[3:6]}-{ru[6:8]}-{ru[8:]}", f"8 {ru[:3]} {ru[3:6]} {ru[6:8]} {ru[8:]}", f"8{ru}", "+44 20 7946 0" + digits(3),
            "+1 212 555 01" + digits(2), "010-6" + digits(7), "0912-" + digits(3) + "-" + digits(3), "07911 " + digits(6),
            "(212) 555-01" + digits(2),
        ]  # fmt: skip
    if kind == "cn_id":
        body = f"110105{rng.integers(1950, 2005)}{rng.integers(1, 13):02d}{rng.integers(1, 29):02d}{digits(3)}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        body += "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
        return [body, full_width(body), body.lower()]
    if kind == "tw_id":
        letter, body = str(rng.choice(list("ABCDEFGH"))), f"{rng.integers(1, 3)}{digits(7)}"
        code = ord(letter) - ord("A") + 10  # A is 10 … H is 17
        total = code // 10 + code % 10 * 9 + sum(int(d) * w for d, w in zip(body, range(8, 0, -1), strict=True))
        return [f"{letter}{body}{-total % 10}", full_width(f"{letter}{body}{-total % 10}")]
    if kind == "hk_id":
        letter, body = str(rng.choice(list("ABCDEFGHKMPRVYZ"))), digits(6)
        total = 9 * 36 + 8 * (ord(letter) - 55) + sum(int(d) * w for d, w in zip(body, range(7, 1, -1), strict=True))
        return [f"{letter}{body}({'0123456789A'[-total % 11]})"]
    if kind == "snils":
        body = f"{rng.integers(100, 999)}{digits(6)}"
        check = sum(int(d) * w for d, w in zip(body, range(9, 0, -1), strict=True)) % 101 % 100
        return [
            f"{body[:3]}-{body[3:6]}-{body[6:]} {check:02d}",
            f"{body}{check:02d}",
            f"{body[:3]} {body[3:6]} {body[6:]} {check:02d}",
        ]
    if kind == "card":
        body = f"4{digits(14)}"
        total = sum(int(d) if i % 2 else int(d) * 2 - 9 * (int(d) > 4) for i, d in enumerate(body))
        body += str(-total % 10)
        spaced = " ".join(body[i : i + 4] for i in range(0, 16, 4))
        return [body, spaced, spaced.replace(" ", "-"), full_width(body)]
    if kind == "ip":
        return [
            f"117.136.{rng.integers(0, 255)}.{rng.integers(1, 255)}",
            f"2001:db8::{rng.integers(1, 999)}",
            "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
        ]
    raw = "".join(rng.choice(list("abcdef0123456789"), 32))
    return [
        raw,
        f"sk_live{raw}"[:3] + raw,
        f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}",
        f"eyJhbGciOiJI.{raw}.{raw[:20]}",
    ]


FAMILY = {
    "zh": ["王", "李", "张", "陈", "欧阳", "徐", "林", "郭", "鄭", "葉"], "ru": ["Иванов", "Петров", "Кузнецов", "Соколов", "Морозов", "Белова", "Громова"],
    "en": ["Smith", "Prescott", "O'Neil", "Johnson", "Baker", "Whitfield"],
}  # fmt: skip
GIVEN = {
    "zh": ["伟", "小明", "建国", "淑芬", "静", "雅婷"], "ru": ["Анна", "Пётр", "Ольга", "Сергей", "Мария"],
    "en": ["Jane", "Marcus", "Olivia", "Tom", "Priya"],
}  # fmt: skip
SAID = {
    "introduced": {
        "zh": ["我叫{}，快递没到", "你好，我叫{}。请回电", "本人{}，投诉你们的客服"], "ru": ["Меня зовут {}, жду ответа", "Добрый день! Меня зовут {}.", "Моё имя {}"],
        "en": ["My name is {}, call me back", "Hello, my name's {}.", "Thanks for nothing. Regards, {}"],
    },
    "behind a title": {
        "zh": ["{}先生很热情", "找{}经理才解决", "谢谢{}女士"], "ru": ["Доктор {} нагрубил", "врач {} опоздал", "спасибо, г-н {}"],
        "en": ["Mr {} was rude", "Ask Ms. {} about it", "Dr {} was late"],
    },
    "of the files": {
        "zh": ["{}的服务很好", "昨天找{}退货，不理我", "谢谢{}"], "ru": ["Спасибо, {}", "{} не перезвонил", "Со мной говорил {}"],
        "en": ["{} helped me a lot", "I talked to {} twice", "thanks {}!"],
    },
    "of no file": {
        "zh": ["{}的服务很好", "昨天找{}退货，不理我"], "ru": ["Спасибо, {}", "{} не перезвонил"], "en": ["{} helped me a lot", "I talked to {} twice"],
    },
}  # fmt: skip
NO_NAMES = [
    "我叫了外卖", "我叫车等了半天", "任何经理都不理", "由于经理不在", "对方老师没来", "马上先生就到", "高级经理态度差", "许多老师推荐", "叫客服退货", "王牌产品",
    "меня зовут на акции", "врач опоздал", "Москва и Казань", "Доставка из Перми", "Спасибо! Курьер молодец", "основной минус", "новой коробки",
    "my name is wrong on the label", "this is from Amazon", "Great Service", "Dr. appointment was late", "Apple Pay failed", "Miss the old app",
    "I was called names",
]  # fmt: skip


def measure_names(seed: int = 0) -> dict[str, dict[str, float]]:
    """Return how many planted names are found, by how the text shows them, and how many look-alikes are masked."""
    rng = np.random.default_rng(seed)
    result: dict[str, dict[str, float]] = {}
    for way, sentences in SAID.items():
        planted = found = 0
        for language, texts in sentences.items():
            for family in FAMILY[language]:
                given = str(rng.choice(GIVEN[language]))
                whole = f"{family}{given}" if language == "zh" else f"{given} {family}"
                name = family if way == "behind a title" else whole
                known = People([f"{family} {given}" if language == "ru" else whole] if way == "of the files" else [])
                for text in texts:
                    planted += 1
                    masked = find_identities(text.format(name), people=known).text
                    found += masked == text.format("[name]") or (name not in masked and "[name]" in masked)
        result[f"name {way}"] = {"planted": planted, "recall": found / planted}
    wrong = [text for text in NO_NAMES if find_identities(text).counts]
    result["no names"] = {"planted": len(NO_NAMES), "recall": len(wrong) / len(NO_NAMES)}
    return result


NAIVE = {
    "email": r"[a-z0-9._-]+@[a-z0-9.-]+\.[a-z]+", "phone": r"\+?\d[\d -]{9,}\d", "cn_id": r"\d{17}[\dX]", "snils": r"\d{3}-\d{3}-\d{3} \d{2}",
    "tw_id": r"[A-Z]\d{9}", "hk_id": r"[A-Z]\d{6}\(\w\)",
    "card": r"\d{4} \d{4} \d{4} \d{4}|\d{16}", "ip": r"\d+\.\d+\.\d+\.\d+", "token": r"[0-9a-f]{32}",
}  # fmt: skip


def measure(repeats: int = 12, seed: int = 0) -> dict[str, dict[str, float]]:
    """Return for each kind how many were planted, and the share that was found, by us and by the peer."""
    rng = np.random.default_rng(seed)
    result: dict[str, dict[str, float]] = {}
    for kind in (kind for kind in KINDS if kind != "name"):
        planted = found = peer = 0
        for _ in range(repeats):
            for words in identifiers(kind, rng):
                language = str(rng.choice(list(SENTENCES)))
                text = str(rng.choice(SENTENCES[language])).format(words)
                planted += 1
                masked = find_identities(text)
                found += masked.counts.get(kind, 0) == 1 and not re.search(r"\d{4}", masked.text)
                peer += re.search(NAIVE[kind], text) is not None
        result[kind] = {"planted": planted, "recall": found / planted, "peer": peer / planted}
    wrong = [text for text in LOOK_ALIKES if find_identities(text).counts]
    peer_wrong = [text for text in LOOK_ALIKES if any(re.search(pattern, text) for pattern in NAIVE.values())]
    total = len(LOOK_ALIKES)
    result["look-alikes"] = {"planted": total, "recall": len(wrong) / total, "peer": len(peer_wrong) / total}
    return result


if __name__ == "__main__":
    start = time.perf_counter()
    for name, figures in measure().items():
        label = "masked by mistake" if name == "look-alikes" else "found"
        print(
            f"{name:12s} {figures['planted']:5.0f} planted, {figures['recall']:6.1%} {label} (one regular expression: {figures['peer']:6.1%})"
        )
    for name, figures in measure_names().items():
        label = "masked by mistake" if name == "no names" else "found"
        print(f"{name:20s} {figures['planted']:5.0f} planted, {figures['recall']:6.1%} {label}")
    print(
        f"{time.perf_counter() - start:.1f} s. Best effort: a name that no file and no word shows, and addresses, stay."
    )
