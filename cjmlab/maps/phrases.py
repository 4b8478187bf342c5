"""The words of a complaint: the phrase that many of those who complain share, and others do not use."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from math import log
from typing import Any, NamedTuple

from cjmlab.maps.clauses import Clause
from cjmlab.maps.metrics import is_cjk

LEAST_PEOPLE = 3
LEAST_SHARE = 0.12
LEAST_LIFT = 2.5
LEAST_HERE = 1.5
LEAST_G2 = 10.83
"""The .999 quantile of χ² with one degree of freedom."""
_MOST_WORDS, _MOST_CHARACTERS = 9, 16
_RUN = re.compile(r"[^\W_]+(?:[-'’%][^\W_]+)*")


class Phrase(NamedTuple):
    """Words as customers wrote them, and how many people did."""

    text: str
    people: int


@lru_cache(maxsize=50_000)
def phrases_in(text: str) -> frozenset[str]:
    """Return the phrases of a clause, folded: two to nine words, or three to sixteen Chinese characters.

    None runs over a mark; none begins or ends with a word that only joins, unless the words between two marks do, and none
    leaves out a "not" beside it.

    Examples
    --------
    >>> sorted(phrases_in("The driver was late, again"))
    ['driver was late', 'the driver was late']
    """
    small = _small_words()
    found: set[str] = set()
    for run in _runs(text):
        most, least, joint = (_MOST_CHARACTERS, 3, "") if is_cjk(run[0][0]) else (_MOST_WORDS, 2, " ")
        turned = [_turns(unit) for unit in run]
        cut = [False, *(turned[i] or run[i].isdecimal() for i in range(len(run) - 1))]
        starts = [i for i, unit in enumerate(run) if i == 0 or not (cut[i] or (unit in small and not turned[i]))]
        before = [joint != "" and each for each in turned[1:]]  # "советовать не стали": of words, not of characters
        ends = [i + 1 for i, unit in enumerate(run[:-1]) if not (unit in small or turned[i] or before[i])]
        ends.append(len(run))
        found.update(joint.join(run[i:j]) for i in starts for j in ends if least <= j - i <= most)
    return frozenset(phrase for phrase in found if _tells(phrase, small))


def _turns(unit: str) -> bool:
    """Tell whether a word turns round what stands beside it."""
    return unit in _nots() or unit.endswith(("n't", "n’t"))


def shared_phrase(
    complaints: Sequence[Clause], others: Iterable[str], content: Iterable[str], *, name: str = ""
) -> Phrase | None:
    """Return the phrase that marks the complaints of a touchpoint, as most of them write it; None when nothing does.

    A phrase counts when at least three people and an eighth of those who complain use it, when it is at least 2.5 times
    as frequent as among clauses of other touchpoints (and surely so: log-likelihood ratio above 10.83) and 1.5 times as
    frequent as among the other clauses of the same touchpoint. The best one is said harshly by many, marked, and long;
    a phrase that nearly always stands inside a longer one gives way to it.

    Parameters
    ----------
    complaints : sequence of Clause
        What those who complain say at the touchpoint, in one language.
    others : iterable of str
        Clauses of other touchpoints in that language.
    content : iterable of str
        The other clauses of the touchpoint in that language.
    name : str
        Name of the touchpoint: a phrase must say more than that.

    References
    ----------
    Dunning (1993), "Accurate methods for the statistics of surprise and coincidence".
    """
    people: dict[str, dict[str, float]] = {}
    for clause in complaints:
        harsh = max(0.1, -clause.felt) if clause.felt == clause.felt else 0.1
        for phrase in phrases_in(clause.said.text):
            who = people.setdefault(phrase, {})
            who[clause.who] = max(who.get(clause.who, 0.0), harsh)
    everyone = len({clause.who for clause in complaints})
    least = max(LEAST_PEOPLE, LEAST_SHARE * everyone)
    known = name.casefold()
    heard = {phrase: len(who) for phrase, who in people.items()
             if len(who) >= least and not _names(phrase, known) and phrase not in _asides()}  # fmt: skip
    if not heard:
        return None
    there, here = _frequencies(heard, others), _frequencies(heard, content)
    scores = {
        phrase: _mark(phrase, n, everyone, there, here) * sum(people[phrase].values()) for phrase, n in heard.items()
    }
    fitting = {phrase for phrase, score in scores.items() if score > 0}
    whole = [phrase for phrase in fitting if not any(
        phrase != longer and phrase in longer and heard[longer] >= 0.75 * heard[phrase] for longer in fitting)]  # fmt: skip
    for best in sorted(whole, key=lambda phrase: (-round(scores[phrase], 6), phrase)):
        if _stands_free(best, complaints):
            return Phrase(_as_written(best, complaints), heard[best])
    return None


def _stands_free(phrase: str, complaints: Sequence[Clause]) -> bool:
    """Tell whether a Chinese phrase is whole: a mark, a joining word or ever other characters stand on either side."""
    if not is_cjk(phrase[0]):
        return True
    small = _small_words()
    for pattern in (f"(?:^|(.)){re.escape(phrase)}", f"{re.escape(phrase)}(?:$|(.))"):
        found = {match[1] for clause in complaints for match in re.finditer(pattern, clause.said.text.casefold())}
        if len(found) < 3 and not any(beside is None or beside in small or not is_cjk(beside) or not beside.isalpha()
                                      for beside in found):  # fmt: skip
            return False
    return True


Frequency = tuple[Counter[str], int]


def _frequencies(wanted: Iterable[str], texts: Iterable[str]) -> Frequency:
    among, seen, count = frozenset(wanted), Counter[str](), 0
    for text in texts:
        count += 1
        seen.update(among & phrases_in(text))
    return seen, count


def _mark(phrase: str, n: int, everyone: int, there: Frequency, here: Frequency) -> float:
    lift = _lift(n, everyone, there[0][phrase], there[1])
    small = _small_words()
    size = len(phrase) / 2 if is_cjk(phrase[0]) else sum(word not in small for word in phrase.split())
    calm = _lift(n, everyone, here[0][phrase], here[1]) if here[1] else LEAST_HERE
    if lift < LEAST_LIFT or calm < LEAST_HERE:
        return 0.0
    if _log_likelihood(n, everyone, there[0][phrase], there[1]) < LEAST_G2:
        return 0.0
    return float(log(min(lift, 30.0)) * min(size, 4.0) ** 0.5)


def _lift(n: int, of: int, others: int, of_others: int) -> float:
    """Return how much more frequent, with half a person added on both sides."""
    return float(((n + 0.5) / (of + 1)) / ((others + 0.5) / (of_others + 1)))


def _log_likelihood(n: int, of: int, others: int, of_others: int) -> float:
    """Return G² of a table of two by two."""
    total, said = of + of_others, n + others
    table = ((n, of, said), (of - n, of, total - said), (others, of_others, said),
             (of_others - others, of_others, total - said))  # fmt: skip
    return 2 * sum(seen * log(seen * total / (row * column)) for seen, row, column in table if seen > 0)


def shared_words(
    complaints: Sequence[Clause], elsewhere: Iterable[str], content: Iterable[str], *, name: str = ""
) -> list[str]:
    """Return up to two words that mark the complaints of a touchpoint where no phrase is shared, in their commonest form.

    Words of one stem count together; in Chinese, two to four characters. A word counts when at least four people and a
    twelfth of those who complain use it, when it is surely (G² above 10.83) and at least three times as frequent as
    among the other clauses of the same touchpoint, and twice as frequent as in complaints about other touchpoints:
    so it is neither a word of the trade nor mere anger.

    Parameters
    ----------
    complaints : sequence of Clause
        What those who complain say at the touchpoint, in one language.
    elsewhere, content : iterable of str
        Complaints about other touchpoints, and the other clauses of the touchpoint.
    name : str
        Name of the touchpoint, whose words say nothing new.
    """
    people: dict[str, set[str]] = {}
    forms: dict[str, Counter[str]] = {}
    for clause in complaints:
        for stem, word in _words_in(clause.said.text).items():
            people.setdefault(stem, set()).add(clause.who)
            forms.setdefault(stem, Counter())[word] += 1
    everyone = len({clause.who for clause in complaints})
    least, known = max(4, everyone / 12), _words_in(name)
    heard = {stem: len(who) for stem, who in people.items() if len(who) >= least and stem not in known}
    if not heard:
        return []
    (there, n_there), (here, n_here) = (_word_counts(heard, texts) for texts in (elsewhere, content))
    marks = {}
    for stem, n in heard.items():
        specific = _lift(n, everyone, there[stem], n_there) if n_there else 2.0
        angry = _lift(n, everyone, here[stem], n_here)
        if specific >= 2 and angry >= 3 and _log_likelihood(n, everyone, here[stem], n_here) >= LEAST_G2:
            marks[stem] = n * log(min(specific, 20.0)) * log(min(angry, 20.0))
    whole = [stem for stem in marks if not any(stem != longer and stem in longer and heard[longer] >= 0.6 * heard[stem]
                                               for longer in marks)]  # fmt: skip
    best = sorted(whole, key=lambda stem: (-round(marks[stem], 6), stem))
    told: list[str] = []
    for stem in best:
        word = min(forms[stem], key=lambda word: (-forms[stem][word], word))
        if not any(set(word) & set(other) and is_cjk(word[0]) for other in told):
            told.append(word)
    return told[:2]


def _word_counts(wanted: Iterable[str], texts: Iterable[str]) -> Frequency:
    among, seen, count = frozenset(wanted), Counter[str](), 0
    for text in texts:
        count += 1
        seen.update(among & _words_in(text).keys())
    return seen, count


@lru_cache(maxsize=20_000)
def _words_in(text: str) -> Mapping[str, str]:
    """Return the words of a text by stem, small ones aside: of six letters and more, all but the last three at most."""
    small, found = _small_words(), {}
    for run in _runs(text):
        if is_cjk(run[0][0]):
            grams = ("".join(run[i : i + n]) for n in (2, 3, 4) for i in range(len(run) - n + 1))
            found.update({gram: gram for gram in grams if not {gram, gram[0], gram[-1], gram[:2], gram[-2:]} & small})
        else:
            words = (word for word in run if len(word) > 2 and word.isalpha() and word not in small)
            found.update({word if len(word) < 6 else word[: max(5, len(word) - 3)]: word for word in words})
    return found


def _names(phrase: str, name: str) -> bool:
    """Tell whether a phrase only says the name of the touchpoint."""
    if is_cjk(phrase[0]):
        return len(phrase.replace(name, "")) < 3
    known, small = set(name.split()), _small_words()
    return all(word in known or word in small for word in phrase.split())


def _tells(phrase: str, small: frozenset[str]) -> bool:
    """Tell whether a phrase has two words, or two characters, that are more than joining words and figures."""
    if is_cjk(phrase[0]):
        return sum(character not in small for character in phrase) > 1
    return sum(len(word) > 2 and word.isalpha() and word not in small for word in phrase.split()) > 1


def _as_written(phrase: str, complaints: Sequence[Clause]) -> str:
    """Return the commonest spelling of a phrase; shouting and a capital of the first word alone give way."""
    parts = list(phrase) if is_cjk(phrase[0]) else phrase.split()
    pattern = re.compile((r"\s*" if is_cjk(phrase[0]) else r"\s+").join(map(re.escape, parts)), re.IGNORECASE)
    found = Counter(match[0] for clause in complaints for match in pattern.finditer(clause.said.text))
    if not found:
        return phrase
    text = min(found, key=lambda text: (text.isupper(), -found[text], text))
    rest = text[1:]
    return text[0].lower() + rest if rest and rest == rest.lower() and not text.startswith("I ") else text


def _runs(text: str) -> list[list[str]]:
    """Cut text at every mark; words of Latin and Cyrillic, single characters of Chinese."""
    runs: list[list[str]] = []
    end = -1
    for match in _RUN.finditer(text.casefold()):
        for kind, part in _by_script(match[0]):
            joined = end == match.start() or (end >= 0 and text[end : match.start()].isspace())
            units = list(part) if kind else [part]
            if runs and is_cjk(runs[-1][0][0]) == kind and joined:
                runs[-1] += units
            else:
                runs.append(units)
            end = match.end()
    return runs


def _by_script(token: str) -> list[tuple[bool, str]]:
    parts: list[tuple[bool, str]] = []
    for character in token:
        kind = is_cjk(character)
        if parts and parts[-1][0] == kind:
            parts[-1] = (kind, parts[-1][1] + character)
        else:
            parts.append((kind, character))
    return parts


@cache
def _small_words() -> frozenset[str]:
    return frozenset(word for words in _raw()["small"].values() for word in words.split())


@cache
def _nots() -> frozenset[str]:
    return frozenset(word for words in _raw()["nots"].values() for word in words.split())


@cache
def _asides() -> frozenset[str]:
    return frozenset(phrase for phrases in _raw()["asides"].values() for phrase in phrases)


def _raw() -> Mapping[str, Any]:
    return tomllib.loads((resources.files("cjmlab.maps") / "data" / "small_words.toml").read_text("utf-8"))
