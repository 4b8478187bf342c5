"""Chats that were saved as text from messengers: who wrote what, and nothing of the messenger's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from cjmlab.sources import read_interviews
from cjmlab.sources.turns import split_turns

SAID = [
    ("客服小美", "您好，請問有什麼可以協助您？"),
    ("王小明", "帳單又多收費用"),
    ("王小明", "訊號很好"),
    ("客服小美", "已退費"),
]
CHATS = {
    "LINE": "[LINE] 與王小明的聊天記錄\n儲存日期： 2026/03/02 10:22\n\n2026/02/28（六）\n{0}",
    "WhatsApp on a telephone": "28/02/2026, 08:01 - Messages are encrypted. Tap to learn more.\n{1}",
    "WhatsApp on an iPhone": "{2}",
    "WeChat": "{3}",
    "Telegram": "{4}",
}


def chat(form: str) -> str:
    stamps = [f"{9 + k}:1{k}" for k in range(len(SAID))]
    day = "2026/03/01（日）\n10:00\t王小明已收回訊息\n"
    lines = [
        "\n".join((day if k == 2 else "") + f"上午{t:0>5}\t{who}\t{text}" for k, (t, (who, text)) in enumerate(zip(stamps, SAID, strict=True))),
        "\n".join(f"28/02/2026, {t} - {who}: {text}" for t, (who, text) in zip(stamps, SAID, strict=True)),
        "\n".join(f"\u200e[28.02.2026, {t}:07\u202fPM] {who}: {text}" for t, (who, text) in zip(stamps, SAID, strict=True)),
        "\n\n".join(f"2026-02-28 {t}:33 {who}\n{text}" for t, (who, text) in zip(stamps, SAID, strict=True)),
        "\n\n".join(f"{who}, [28.02.2026 {t}]\n{text}" for t, (who, text) in zip(stamps, SAID, strict=True)),
    ]  # fmt: skip
    return CHATS[form].format(*lines)


@pytest.mark.parametrize("form", CHATS)
def test_messages_of_a_chat_are_turns_of_those_who_wrote_them(form: str) -> None:
    text = chat(form)
    turns = split_turns(text)
    assert [(turn.speaker, turn.text) for turn in turns] == SAID
    assert [text[turn.start : turn.end] for turn in turns] == [said for _, said in SAID]


def test_the_agent_of_a_chat_is_context_and_stickers_are_no_answers(tmp_path: Path) -> None:
    talk = ["9:01\t客服\t您好", "9:02\t王小明\t[貼圖]", "9:03\t王小明\t帳單多收"]
    (tmp_path / "c1.txt").write_text("\n".join(talk), encoding="utf-8-sig")
    reading = read_interviews(tmp_path)
    assert reading.table[["role", "text"]].values.tolist() == [
        ["interviewer", "您好"],
        ["customer", "[貼圖]"],
        ["customer", "帳單多收"],
    ]
    assert [found.count for found in reading.report.findings if found.finding == "non-answers"] == [1]


def test_a_time_or_a_date_inside_a_transcript_stays_with_its_turn() -> None:
    turns = split_turns("I: When?\nAnna: At 12:30, or so.\n12.03.2026 it came at last.\nI: And then?\nAnna: Fine.")
    assert [turn.text for turn in turns][1] == "At 12:30, or so.\n12.03.2026 it came at last."
