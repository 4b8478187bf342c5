"""Privacy: identifiers masked in text, customer ids replaced by keyed pseudonyms. Best effort, and measured.

``benchmarks/privacy.py`` prints how many planted identifiers of each kind are found, and how many look-alikes are
masked by mistake. Of people's names those are found that introduce themselves, stand behind a title or are known from
the study's files (``people``); postal addresses are not looked for.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cjmlab.errors import SourceError
from cjmlab.sources.people import People, find_people

KINDS = ("email", "phone", "cn_id", "tw_id", "hk_id", "snils", "card", "ip", "token", "name")
REGIONS = ("CN", "RU")
_SHORTEST_KEY = 16

_EMAIL = re.compile(r"[A-Za-z0-9_.+%'-]+@(?:[\w-]+\.)+(?:[A-Za-z]{2,24}(?![A-Za-z0-9@])|[^\W\d_A-Za-z]{2,24})")
_CN_ID = re.compile(r"(?<![0-9A-Za-z])\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[0-9Xx](?![0-9A-Za-z])")
_TW_ID = re.compile(r"(?<![0-9A-Za-z])[A-Z][1289]\d{8}(?![0-9A-Za-z])")
_HK_ID = re.compile(r"(?<![0-9A-Za-z])[A-Z]{1,2}\d{6}\([0-9A]\)")
_LOCAL_PHONES = (
    r"(?<![\d.-])09\d{2}[- ]?\d{3}[- ]?\d{3}(?![\d.-]*\d)",  # Taiwan, mobile
    r"(?<![\d.-])07\d{3}[- ]?\d{3}[- ]?\d{3}(?![\d.-]*\d)",  # United Kingdom, mobile
    r"(?<![\d.-])(?:\(\d{3}\) ?|\d{3}-)\d{3}-\d{4}(?![\d.-]*\d)",  # North America, as it is written there
)
_SNILS = re.compile(r"(?<!\d)\d{3}[- ]?\d{3}[- ]?\d{3}[- ]?\d{2}(?!\d)")
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_IP = re.compile(
    r"(?<![A-Za-z0-9_.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![A-Za-z_]|[\d.]*\d)"
)
_IP6 = re.compile(r"(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6}(?![0-9A-Fa-f:])")
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9_-])(?:eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|(?:sk|pk|ghp|gho|xox[abp])[-_][A-Za-z0-9_-]{16,}|"
    r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|(?=[A-Za-z0-9_-]*\d)(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{24,})(?![A-Za-z0-9_-])"
)
_CARD_LENGTHS = {2: (16,), 3: (14, 15, 16), 4: (13, 16, 19), 5: (16,), 6: (16, 17, 18, 19)}
_CN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Masked:
    """A text with its identifiers masked, and how many of each kind there were."""

    text: str
    counts: dict[str, int]


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    kind: str


def mask_text(text: str, *, regions: tuple[str, ...] = REGIONS, people: People | None = None) -> str:
    """Return a text in which direct identifiers are replaced by their kind in brackets.

    Parameters
    ----------
    text : str
        Any text. It comes back in NFKC form, full-width letters and digits made plain, when something was masked;
        untouched otherwise.
    regions : tuple of str
        Countries whose way of writing phone numbers without a country code is understood.
    people : People, optional
        Names that are known, beside those that the words themselves show to be names.

    Returns
    -------
    str
        Best effort: see the module for what is looked for and what is not.

    Examples
    --------
    >>> mask_text("打我电话１３８００１３８０００，邮箱 li@example.cn")
    '打我电话[phone],邮箱 [email]'
    >>> mask_text("Заказ 12345 на 4500 рублей. Меня зовут Анна")
    'Заказ 12345 на 4500 рублей. Меня зовут [name]'
    """
    return find_identities(text, regions=regions, people=people).text


def find_identities(text: str, *, regions: tuple[str, ...] = REGIONS, people: People | None = None) -> Masked:
    """Return a text with direct identifiers masked, and the count of each kind.

    Examples
    --------
    >>> find_identities("Карта 4111 1111 1111 1111, СНИЛС 112-233-445 95").counts
    {'card': 1, 'snils': 1}
    """
    plain = unicodedata.normalize("NFKC", text)
    hits: list[_Hit] = []
    names = (_Hit(start, end, "name") for start, end in find_people(plain, people))
    for hit in itertools.chain(_candidates(plain, regions), names):
        if all(hit.end <= other.start or hit.start >= other.end for other in hits):
            hits.append(hit)
    if not hits:
        return Masked(text, {})
    hits.sort(key=lambda hit: hit.start)
    parts, position = [], 0
    for hit in hits:
        parts += [plain[position : hit.start], f"[{hit.kind}]"]
        position = hit.end
    counts = {kind: sum(hit.kind == kind for hit in hits) for kind in KINDS}
    return Masked("".join([*parts, plain[position:]]), {kind: n for kind, n in sorted(counts.items()) if n})


def _candidates(text: str, regions: tuple[str, ...]) -> Iterator[_Hit]:
    rules: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
        ("email", _EMAIL, lambda _: True),
        ("token", _TOKEN, lambda _: True),
        ("cn_id", _CN_ID, is_cn_id),
        ("tw_id", _TW_ID, is_tw_id),
        ("hk_id", _HK_ID, is_hk_id),
        ("card", _CARD, is_card),
        ("ip", _IP, lambda _: True),
        ("ip", _IP6, lambda found: _is_ip6(found)),
        ("snils", _SNILS, is_snils),
    )
    if "@" not in text and sum(c.isdigit() for c in text) < 4 and not re.search(r"[\w-]{20}|::", text):
        return
    for kind, pattern, valid in rules:
        for match in pattern.finditer(text):
            if valid(match[0]):
                yield _Hit(match.start(), match.end(), kind)
    if sum(c.isdigit() for c in text) >= 7:
        yield from _phones(text, regions)


def _phones(text: str, regions: tuple[str, ...]) -> Iterator[_Hit]:
    import phonenumbers

    for region in (*regions, None):
        for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.VALID):
            if _is_date(match.raw_string):
                continue
            yield _Hit(match.start, match.end, "phone")
    for pattern in _LOCAL_PHONES:
        for found in re.finditer(pattern, text):
            yield _Hit(found.start(), found.end(), "phone")
    if "CN" in regions:  # a mobile number inside Chinese words or after a label, where the matcher wants a space
        for found in re.finditer(r"(?<![\d.-])(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?![\d.-]*\d)", text):
            yield _Hit(found.start(), found.end(), "phone")
    if "RU" in regions:
        pattern = r"(?<![\d.-])(?:\+?7|8)[- ]?\(?9\d{2}\)?[- ]?\d{3}[- ]?\d{2}[- ]?\d{2}(?![\d.-]*\d)"
        for found in re.finditer(pattern, text):
            yield _Hit(found.start(), found.end(), "phone")


def _is_date(text: str) -> bool:
    return bool(
        re.fullmatch(
            r"(?:19|20)\d{2}[-/. ]\d{1,2}[-/. ]\d{1,2}(?:\D+\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2}", text
        )
    )


def is_cn_id(text: str) -> bool:
    """Tell whether 18 characters are a Chinese resident id: its last one is the check sum (GB 11643, mod 11-2).

    Examples
    --------
    >>> is_cn_id("11010519491231002X"), is_cn_id("110105194912310021")
    (True, False)
    """
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _CN_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == text[17].upper()


def is_tw_id(text: str) -> bool:
    """Tell whether a letter and nine digits are a Taiwanese identity number: its last digit is the check sum.

    Examples
    --------
    >>> is_tw_id("A123456789"), is_tw_id("A123456788")
    (True, False)
    """
    letter = 10 + "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(text[0])
    digits = [letter // 10, letter % 10, *map(int, text[1:])]
    return sum(d * w for d, w in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0


def is_hk_id(text: str) -> bool:
    """Tell whether a text is a Hong Kong identity card number: the sign in brackets is the check sum (mod 11).

    Examples
    --------
    >>> is_hk_id("A123456(3)"), is_hk_id("A123456(4)")
    (True, False)
    """
    body, check = text[:-3].rjust(8), text[-2]
    values = [36 if sign == " " else int(sign, 36) for sign in body]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return (total + int(check, 36)) % 11 == 0


def is_snils(text: str) -> bool:
    """Tell whether 11 digits are a Russian insurance number: the last two are the check sum.

    Examples
    --------
    >>> is_snils("112-233-445 95"), is_snils("112-233-445 96")
    (True, False)
    """
    digits = [int(c) for c in text if c.isdigit()]
    total = sum(digit * weight for digit, weight in zip(digits[:9], range(9, 0, -1), strict=True)) % 101
    return digits[9] * 10 + digits[10] == total % 100 and any(digits[:9])


def is_card(text: str) -> bool:
    """Tell whether 13 to 19 digits are a payment card: a known first digit and the check of Luhn.

    Examples
    --------
    >>> is_card("4111 1111 1111 1111"), is_card("4111 1111 1111 1112")
    (True, False)
    """
    digits = [int(c) for c in text if c.isdigit()]
    if not digits or len(digits) not in _CARD_LENGTHS.get(digits[0], ()):
        return False
    doubled = [d * 2 - 9 * (d > 4) for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_ip6(text: str) -> bool:
    import ipaddress

    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


class Pseudonyms:
    """Replaces customer ids by keyed pseudonyms (HMAC-SHA256): the same id and key give the same one, always.

    Parameters
    ----------
    key : bytes
        The secret, 16 bytes or more. Keep it out of the study's folder and of everything shared: who has it can find
        the pseudonym of any id, and a plain hash of a phone number can be undone by trying all numbers.

    Examples
    --------
    >>> names = Pseudonyms(b"a secret of sixteen or more")
    >>> names("13800138000"), names("13800138000") == names("13800138001")
    ('P7SCPS4COAGQP', False)
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < _SHORTEST_KEY:
            raise SourceError(f"the key has {len(key)} bytes", remedy=f"Use {_SHORTEST_KEY} random bytes or more.")
        self._key = key

    @classmethod
    def from_file(cls, path: str | Path) -> Pseudonyms:
        """Read the key from a file.

        Raises
        ------
        SourceError
            When there is no such file, or the key is short.
        """
        place = Path(path).expanduser()
        if not place.is_file():
            raise SourceError("there is no such key file", where=str(place), remedy="Write 32 random bytes into it.")
        return cls(place.read_bytes().strip())

    def __call__(self, identity: str) -> str:
        """Return the pseudonym of an id."""
        digest = hmac.new(self._key, identity.strip().encode("utf-8"), hashlib.sha256).digest()
        return "P" + base64.b32encode(digest)[:12].decode("ascii")

    def __repr__(self) -> str:
        return "Pseudonyms(key hidden)"
