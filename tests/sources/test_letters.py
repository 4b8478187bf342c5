"""Tickets are letters: a signature is no delight, and what the firm wrote is not the customer's word."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cjmlab.sources import Question, read_survey
from cjmlab.sources.letters import own_words


@pytest.mark.parametrize(
    "rest",
    [
        "--\nJane Prescott\nACME", "Sent from my iPhone", "Get Outlook for Android", "Отправлено с iPhone", "发自我的华为手机",
        "On Mon, 2 Feb 2026 at 10:11, Support <s@x.example> wrote:\n> Hello", "02.02.2026 10:11, Поддержка <s@x.example> пишет:\n> Привет",
        "在 2026年2月2日，客服写道：\n> 您好", "-----Original Message-----\nFrom: s@x.example", "> Is it solved?",
    ],
)  # fmt: skip
def test_what_is_not_the_customers_own_is_left_out(rest: str) -> None:
    assert own_words(f"The import fails.\nAgain!\r\n\r\n{rest}") == "The import fails.\nAgain!"


@pytest.mark.parametrize(
    "text", ["It came from: the shop", "Sent from my iPhone", "I wait -- still.", "On time, he wrote"]
)
def test_plain_words_stay(text: str) -> None:
    assert own_words(text) == text


@pytest.mark.parametrize(("kind", "text"), [("ticket", "It fails."), ("survey", "It fails.\n--\nJane")])
def test_only_tickets_are_letters_and_the_answer_stays_as_given(tmp_path: Path, kind: str, text: str) -> None:
    pd.DataFrame({"body": ["It fails.\n--\nJane"]}).to_csv(tmp_path / "t.csv", index=False)
    reading = read_survey(tmp_path / "t.csv", [Question("body")], source_type=kind)
    assert reading.table[["text", "answer"]].values.tolist() == [[text, "It fails.\n--\nJane"]]
    cut = [found.count for found in reading.report.findings if "signatures" in found.finding]
    assert cut == ([1] if kind == "ticket" else [])
