"""Identifiers are masked, look-alikes stay, pseudonyms depend on a key."""

import importlib.util
from pathlib import Path

import pytest

from cjmlab.errors import SourceError
from cjmlab.sources.privacy import Pseudonyms, find_identities, mask_text

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "privacy.py"


@pytest.fixture(scope="module")
def measured():
    spec = importlib.util.spec_from_file_location("privacy_benchmark", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.measure(repeats=6, seed=7)


@pytest.mark.parametrize("kind", ["email", "phone", "cn_id", "tw_id", "hk_id", "snils", "card", "ip", "token"])
def test_most_planted_identifiers_are_found(measured, kind):
    assert measured[kind]["recall"] >= 0.95
    assert measured[kind]["recall"] >= measured[kind]["peer"] - 0.05


@pytest.mark.parametrize(("text", "masked"), [
    ("請打 0912-345-678，身分證 A123456789", "請打 [phone],身分證 [tw_id]"), ("HKID A123456(3)", "HKID [hk_id]"),
    ("call 07911 123456", "call [phone]"), ("ring (212) 555-0123 now", "ring [phone] now"),
    ("航班 CX12345678，訂單 A123456788", "航班 CX12345678，訂單 A123456788"),
])  # fmt: skip
def test_identifiers_of_taiwan_hong_kong_and_english_speakers(text, masked):
    assert mask_text(text) == masked


def test_look_alikes_stay(measured):
    assert measured["look-alikes"]["recall"] <= 0.05


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我的手机１３８００１３８０００请联系", "我的手机[phone]请联系"),
        ("请发到li@example.com谢谢", "请发到[email]谢谢"),
        ("звоните 8 912 345-67-89 или +7 (912) 345-67-89", "звоните [phone] или [phone]"),
        ("身份证11010519491231002X已提供", "身份证[cn_id]已提供"),
        ("身份证110105194912310021", "身份证110105194912310021"),
        ("СНИЛС 112-233-445 95", "СНИЛС [snils]"),
        ("card 4111-1111-1111-1111 twice", "card [card] twice"),
        ("from 192.168.0.1 and 2001:db8::1", "from [ip] and [ip]"),
        ("call +44 20 7946 0958", "call [phone]"),
        ("ｓｏ ｇｏｏｄ", "ｓｏ ｇｏｏｄ"),
        ("", ""),
    ],
)
def test_what_is_masked_and_what_stays(text, masked):
    assert mask_text(text) == masked


def test_masking_twice_changes_nothing_more():
    once = mask_text("mail a@b.org, phone 13800138000")
    assert mask_text(once) == once
    assert find_identities(once).counts == {}


def test_pseudonyms_are_stable_and_need_the_key(tmp_path):
    one, other = Pseudonyms(b"k" * 32), Pseudonyms(b"x" * 32)
    ids = [f"138{i:08d}" for i in range(2000)]
    assert one("007 ") == one("007") != other("007")
    assert len({one(i) for i in ids}) == len(ids)
    assert "k" * 8 not in repr(one)
    with pytest.raises(SourceError, match="the key has 3 bytes"):
        Pseudonyms(b"abc")
    (tmp_path / "key").write_bytes(b"k" * 32 + b"\n")
    assert Pseudonyms.from_file(tmp_path / "key")("007") == one("007")
    with pytest.raises(SourceError, match="there is no such key file"):
        Pseudonyms.from_file(tmp_path / "none")
