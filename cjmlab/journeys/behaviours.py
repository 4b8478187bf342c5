"""What people do, in a few words that hold for every log: browse, buy, use, share, ask, complain, return, recommend."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

import pandas as pd

from cjmlab.errors import VocabularyError, did_you_mean
from cjmlab.tables import open_table

_SPACELESS = re.compile(r"[\u3400-\u9fff]")
_HUMP = re.compile(r"(?<=[a-zа-яё0-9])(?=[A-ZА-ЯЁ])")


@cache
def _words() -> dict[str, re.Pattern[str]]:
    text = (resources.files("cjmlab.journeys") / "data" / "behaviours.toml").read_text("utf-8")
    found = {}
    for name, words in tomllib.loads(text).items():
        parts = [
            re.escape(w) if _SPACELESS.search(w) else rf"\b{re.escape(w)}" + (r"\b" if len(w) < 3 else "")
            for w in words
        ]
        found[name] = re.compile("|".join(parts))
    return found


def behaviour_of(event: str) -> str | None:
    """Return what people do in an event, by its name; None when no word of it is known.

    Examples
    --------
    >>> behaviour_of("productView"), behaviour_of("加入购物车"), behaviour_of("оформил возврат"), behaviour_of("xq17")
    ('browse', 'buy', 'return', None)
    """
    text = re.sub(r"[\W_]+", " ", _HUMP.sub(" ", event)).casefold()
    return next((name for name, words in _words().items() if words.search(text)), None)


def class_behaviours(events: pd.DataFrame, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Class the events of a log by what people do, and list those whose name says nothing.

    Parameters
    ----------
    events : DataFrame
        A log, with ``event`` or ``touchpoint``.
    names : mapping, optional
        Event name → behaviour, for names that the words do not tell or tell wrongly.

    Returns
    -------
    DataFrame
        One row an event name, the commonest first: ``event``, ``behaviour`` (return, complain, recommend, share, buy,
        ask, use, browse; missing where it is not known), ``n``, ``customers``.

    Raises
    ------
    VocabularyError
        For a behaviour that there is not.

    Examples
    --------
    >>> log = pd.DataFrame({"customer_id": list("aab"), "event": ["view_item", "purchase", "zz9"],
    ...     "time": pd.date_range("2026-01-01", periods=3)})
    >>> class_behaviours(log, {"zz9": "use"})["behaviour"].tolist()
    ['buy', 'browse', 'use']
    """
    own = dict(names or {})
    for behaviour in own.values():
        if behaviour not in _words():
            raise VocabularyError(f"{behaviour!r} is not a behaviour", remedy=did_you_mean(behaviour, _words()))
    table = open_table("events", events)
    counts = table.groupby("event").agg(n=("customer_id", "size"), customers=("customer_id", "nunique")).reset_index()
    counts.insert(1, "behaviour", [own.get(event, behaviour_of(event)) for event in counts["event"]])
    return counts.sort_values(["n", "event"], ascending=[False, True]).reset_index(drop=True)
