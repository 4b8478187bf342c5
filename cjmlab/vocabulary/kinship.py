"""Which touchpoints are near each other: whose words an own touchpoint has, and who takes over the words of an absent one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from cjmlab.vocabulary.labels import language_code
from cjmlab.vocabulary.touchpoints import Touchpoint

_MARKED = ("~", "!", "re:")
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W_]+")
Entries = Mapping[str, Mapping[str, Any]]


def namesake(point: Touchpoint, ids: Collection[str], shipped: Entries) -> str:
    """Return the shipped touchpoint of whose words the name of an own one is made, when there is one such.

    None is returned (as an empty string) when the study has that touchpoint itself.

    Examples
    --------
    >>> from cjmlab.vocabulary.labels import Label
    >>> shipped = {"delivery": {"keywords": {"en": ["courier", "parcel"]}}, "payment": {"keywords": {"en": ["card"]}}}
    >>> namesake(Touchpoint("rider", Label.of("Courier")), ["rider"], shipped)
    'delivery'
    """
    votes: dict[str, int] = {}
    for code, entry in shipped.items():
        if entry.get("kind") != "cue":
            votes[code] = sum(
                _speaks_of(point.label.texts.get(language_code(language), ""), words)
                for language, words in entry.get("keywords", {}).items()
            )
    best = max(votes.values(), default=0)
    winners = [code for code, count in votes.items() if count == best]
    return winners[0] if best and len(winners) == 1 and winners[0] not in ids else ""


def _speaks_of(name: str, keywords: Collection[str]) -> int:
    """Count the plain keywords in a name; the whole name counts for two."""
    folded = name.casefold()
    words = set(_WORD.findall(folded))
    found = 0
    for keyword in keywords:
        plain = keyword.casefold().removesuffix("*")
        if plain == folded:
            found += 2
        elif not plain.startswith(_MARKED):
            found += plain in words or (len(plain) > 1 and bool(_HAN.search(plain)) and plain in folded)
    return found


def find_receivers(shipped: Entries, ids: Collection[str], named_after: Mapping[str, str]) -> dict[str, str]:
    """Return who in a study answers for each shipped touchpoint: itself, an own one named after it, or the nearest.

    Parameters
    ----------
    shipped : mapping
        Id → entry of the shipped codebook; ``near`` lists who takes over, the nearest first.
    ids : collection of str
        The touchpoints of the study.
    named_after : mapping
        Own touchpoint → the shipped one whose words it has.

    Returns
    -------
    dict
        Shipped touchpoint → touchpoint of the study. Those that nobody is near to are left out.

    Examples
    --------
    >>> shipped = {"chatbot": {"near": ["customer_service"]}, "customer_service": {}, "cart": {"near": ["checkout"]}}
    >>> find_receivers(shipped, ["customer_service"], {})
    {'chatbot': 'customer_service', 'customer_service': 'customer_service'}
    """
    holders = {name: own for own, name in named_after.items() if name} | {name: name for name in ids}
    found = {}
    for name, entry in shipped.items():
        receiver = next((holders[near] for near in (name, *entry.get("near", ())) if near in holders), None)
        if receiver is not None and entry.get("kind") != "cue":
            found[name] = receiver
    return found


def lend_words(
    shipped: Entries, ids: Collection[str], named_after: Mapping[str, str], receivers: Mapping[str, str]
) -> dict[str, dict[str, list[str]]]:
    """Return the words that touchpoints of a study take over, as weak ones, from shipped ones that it has not.

    Parameters
    ----------
    shipped, ids, named_after
        As for ``find_receivers``.
    receivers : mapping
        What ``find_receivers`` returned.

    Returns
    -------
    dict
        Touchpoint → language → keywords.

    Examples
    --------
    >>> shipped = {"chatbot": {"near": ["customer_service"], "keywords": {"en": ["bot", "~machine"]}}}
    >>> lend_words(shipped, ["customer_service"], {}, {"chatbot": "customer_service"})
    {'customer_service': {'en': ['~bot']}}
    """
    lent: dict[str, dict[str, list[str]]] = {}
    for name, receiver in receivers.items():
        if name in ids or name in named_after.values():
            continue
        for language, words in shipped[name]["keywords"].items():
            plain = [f"~{word}" for word in words if not word.startswith(("~", "!"))]
            lent.setdefault(receiver, {}).setdefault(language, []).extend(plain)
    return lent
