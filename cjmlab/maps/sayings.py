"""Which verbatims a map prints: the words behind a cell, the reader's own language first, whole and clear ones first."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from cjmlab.maps.clauses import Clause, Clauses, distance, script_of
from cjmlab.maps.metrics import is_cjk
from cjmlab.maps.view import WITHHELD_BELOW, Said, Told
from cjmlab.maps.wordings import Wordings

if TYPE_CHECKING:
    from cjmlab.maps.source import Source

LANES_TOLD = ("behaviour", "motivation", "trigger", "brand")
_LONG = {"Chinese": 32, "Cyrillic": 72, "Latin": 72}
_SHORT = {"Chinese": 5, "Cyrillic": 14, "Latin": 14}
SURE = 0.4
"""From this confidence of the coder on a clause is printed as what it was coded as."""
_CODES = {"Chinese": "zh-Hans", "Cyrillic": "ru", "Latin": "en"}


def read_clauses(source: Source) -> Clauses:
    """Return the clauses behind the journeys, opened once."""
    return source.once("clauses", lambda: Clauses(source.table("scored")))


def write_quote(words: Wordings, said: Said) -> str:
    """Return a verbatim in the quotation marks of the map, led by a tag when it is in another language than the map."""
    if distance(said, words.language) < 2:
        return words.quoted(said.text)
    language = said.language or _CODES[script_of(said.text)]
    return f"{words.named('languages', language)} {words.quoted(said.text)}"


def choose_quote(
    given: Sequence[Clause], others: Iterable[Clause], *, sign: int, language: str, phrase: str = ""
) -> Said | None:
    """Choose the quote of a cell: of the right sign, in the reader's language if there is one, a whole thought.

    Parameters
    ----------
    given : sequence of Clause
        The clauses that the journeys or moments name, the most telling first; they win among equals.
    others : iterable of Clause
        The other clauses of the cell, from which one is taken when none of the given is as good.
    sign : int
        1 for a good experience, −1 for a bad one.
    language : str
        Language of the map.
    phrase : str
        What the title says already: a quote that says hardly more is none, one that says it among more comes first.
    """
    told: dict[str, tuple[int, Clause]] = {}
    for place, clause in (*enumerate(given), *((len(given), other) for other in others)):
        if not (_says_nothing(clause.said.text) or _echoes(clause, phrase)):
            told.setdefault(clause.said.unit_id, (place, clause))

    def rank(entry: tuple[int, Clause]) -> tuple[object, ...]:
        place, clause = entry
        felt = clause.felt * sign if clause.felt == clause.felt else 0.0
        lane = {"pain": -1, "delight": 1}.get(clause.lane, 0) * sign
        other = bool(phrase) and phrase.casefold() not in clause.said.text.casefold()
        return (felt < 0.1 or lane < 0, distance(clause.said, language), other, felt < 0.3 or lane == 0 or clause.sure < SURE,
                *blemishes(clause.said.text), place == len(given), -round(felt, 1), place, clause.said.unit_id)  # fmt: skip

    best = min(told.values(), key=rank, default=None)
    if best is None or best[1].felt * sign < -0.1 or (not given and rank(best)[0]):
        return None
    return best[1].said


def _echoes(clause: Clause, phrase: str) -> bool:
    """Tell whether a clause says hardly more than the title of its card."""
    said = clause.said.text.casefold()
    more = 8 if script_of(phrase) == "Chinese" else 20
    return bool(phrase) and len(said) < len(phrase) + more and phrase.casefold() in said


@lru_cache(maxsize=50_000)
def _says_nothing(text: str) -> bool:
    """Tell whether a clause has fewer than three words, or three characters of Chinese."""
    return sum(map(is_cjk, text)) < 3 and text.strip().count(" ") < 2


@lru_cache(maxsize=50_000)
def blemishes(text: str) -> tuple[bool, bool]:
    """Tell why a verbatim is second choice: too long, too short or shouted; or it begins in the middle of a thought.

    Examples
    --------
    >>> blemishes("Two hours late again"), blemishes("and late"), blemishes("而且两个小时才送来")
    ((False, False), (True, True), (False, True))
    """
    script = script_of(text)
    ill = (
        _says_nothing(text)
        or not _SHORT[script] <= len(text) <= _LONG[script]
        or (text.isupper() and text.casefold() != text)
    )
    return ill, bool(_joints().match(text.casefold()))


@cache
def _joints() -> re.Pattern[str]:
    raw = tomllib.loads((resources.files("cjmlab.maps") / "data" / "small_words.toml").read_text("utf-8"))
    words = [word for line in raw["joints"].values() for word in line.split()]
    return re.compile("|".join(word if is_cjk(word[0]) else rf"{word}\b" for word in words))


def read_told(source: Source) -> dict[tuple[str, str, str], Told]:
    """Return the typical saying of every segment × stage × lane; segment "" is everyone.

    A saying needs at least five people behind it: fewer could be recognised. What is printed was coded with confidence;
    a lane of a stage in which nothing was stays empty.
    """
    cells = read_clauses(source).in_lanes(LANES_TOLD, sure=SURE)
    everyone: dict[tuple[str, str, str], list[Clause]] = {}
    for (_, stage, lane), clauses in sorted(cells.items()):
        everyone.setdefault(("", stage, lane), []).extend(clauses)
    found: dict[tuple[str, str, str], Told] = {}
    used: set[tuple[str, str, str]] = set()
    for key, clauses in sorted({**{key: told for key, told in cells.items() if key[0]}, **everyone}.items()):
        people = len({clause.who for clause in clauses})
        fresh = [clause.said for clause in clauses if (key[0], key[2], clause.said.text) not in used]
        said = most_shared(fresh, language=source.words.language) if people >= WITHHELD_BELOW else None
        if said is not None:
            used.add((key[0], key[2], said.text))
            found[key] = Told(said, len(clauses), people, of_all=not key[0])
    return found


def most_shared(told: Iterable[Said], *, language: str) -> Said | None:
    """Return the clause that says what most of the others say too.

    Each clause is scored by how many other clauses share its words (pairs of characters in Chinese), so that the
    printed one is typical rather than extreme; long and broken ones come last. Ties go to the shorter clause, then to
    the smaller id.
    """
    sayings = sorted((said for said in told if said.text), key=lambda said: said.unit_id)
    if not sayings:
        return None
    closest = min(distance(said, language) for said in sayings)
    own = [said for said in sayings if distance(said, language) == closest]
    words = {said.unit_id: _words(said.text) for said in own}
    seen = Counter(word for each in words.values() for word in each)

    def typical(said: Said) -> tuple[object, ...]:
        mine = words[said.unit_id]
        shared = sum(seen[word] - 1 for word in mine) / (len(mine) + 3) if mine else 0.0
        return (*blemishes(said.text), -round(shared, 6), len(said.text), said.unit_id)

    return min(own, key=typical)


@lru_cache(maxsize=20_000)
def _words(text: str) -> frozenset[str]:
    folded = text.casefold()
    spaced = {
        word for word in "".join(c if c.isalnum() and not is_cjk(c) else " " for c in folded).split() if len(word) > 2
    }
    chinese = "".join(c for c in folded if is_cjk(c) and c.isalnum())
    return frozenset(spaced) | {chinese[i : i + 2] for i in range(len(chinese) - 1)}
