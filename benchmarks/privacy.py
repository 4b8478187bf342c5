"""How many planted identifiers of each kind ``mask_text`` finds, and how many look-alikes it masks by mistake.

Run ``python benchmarks/privacy.py``. The texts are made here from a seed: Chinese, Russian and English sentences with
identifiers in the ways people write them, full-width digits and missing spaces included. The peer is what a team
writes first: one regular expression a kind, without check sums and without normal forms.
"""

from __future__ import annotations

import re
import time

import numpy as np

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


NAIVE = {
    "email": r"[a-z0-9._-]+@[a-z0-9.-]+\.[a-z]+", "phone": r"\+?\d[\d -]{9,}\d", "cn_id": r"\d{17}[\dX]", "snils": r"\d{3}-\d{3}-\d{3} \d{2}",
    "tw_id": r"[A-Z]\d{9}", "hk_id": r"[A-Z]\d{6}\(\w\)",
    "card": r"\d{4} \d{4} \d{4} \d{4}|\d{16}", "ip": r"\d+\.\d+\.\d+\.\d+", "token": r"[0-9a-f]{32}",
}  # fmt: skip


def measure(repeats: int = 12, seed: int = 0) -> dict[str, dict[str, float]]:
    """Return for each kind how many were planted, and the share that was found, by us and by the peer."""
    rng = np.random.default_rng(seed)
    result: dict[str, dict[str, float]] = {}
    for kind in KINDS:
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
    print(f"{time.perf_counter() - start:.1f} s. Best effort: names and postal addresses are not looked for.")
