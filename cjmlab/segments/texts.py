"""What customers wrote, as a few numbers each: components of their words, to describe segments or to form them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.errors import CjmError, TableError
from cjmlab.segments.reading import Floats
from cjmlab.study.charter import ColumnRoles
from cjmlab.tables import Table, about
from cjmlab.vocabulary import Label

MOST_COMPONENTS = 5
FEWEST_WRITERS = 20
_HAN = "\u4e00-\u9fff"
TOKENS = rf"(?u)[{_HAN}]{{2}}|[^\W\d_{_HAN}]{{3,}}"
"""Two Chinese characters, or a word of three letters or more: one rule for every language of the house."""
EVERYBODY = 0.6
"""A word that so many of those who write in a script use says nothing of them."""
_SCRIPTS = {"han": rf"[{_HAN}]", "cyrillic": "[\u0400-\u04ff]"}
_TALK = {"en": "talk of {words}", "zh-Hans": "谈到{words}", "zh-Hant": "談到{words}", "ru": "слова: {words}"}


@dataclass(frozen=True)
class TextBlock:
    """What the components are (``about`` of the table of ``text_block``).

    Parameters
    ----------
    words : DataFrame
        component, more, less: the words that customers high and low on it use.
    explained : float
        Share of the variance of the words that the components hold, 0 to 1.
    writers : int
        Customers with a text.
    """

    words: pd.DataFrame
    explained: float
    writers: int


def text_block(feedback: pd.DataFrame, *, n_components: int = MOST_COMPONENTS, random_state: int = 0) -> pd.DataFrame:
    """Turn what each customer wrote into up to five numbers: components of TF-IDF weighted words.

    Five are enough to describe, and few enough that words do not outvote answers. Chinese is read in pairs of
    characters, so that no word list is needed; words that most writers use are left out. Where customers write in
    several scripts, each is held against those who write in the same one. Interviewers are not read.

    Parameters
    ----------
    feedback : DataFrame
        A feedback table; rows with ``customer_id`` and ``text``.
    n_components : int
        1 to 5.
    random_state : int
        Seed of the decomposition.

    Returns
    -------
    Table
        ``customer_id`` and ``text_1`` … ``text_5``, one row a customer who wrote. Its ``about`` is a ``TextBlock``.

    Raises
    ------
    TableError
        When fewer than twenty customers wrote, or they share no words.
    CjmError
        When the number of components is not 1 to 5.

    Notes
    -----
    Source: latent semantic analysis (Deerwester and others 1990), by scikit-learn.

    Examples
    --------
    >>> said = ["the courier was late again"] * 15 + ["friendly staff at the counter"] * 15
    >>> block = text_block(pd.DataFrame({"customer_id": [f"c{i:02}" for i in range(30)], "text": said}), n_components=1)
    >>> bool((block["text_1"].iloc[0] > 0) != (block["text_1"].iloc[-1] > 0)), block.about.writers
    (True, 30)
    """
    from sklearn.decomposition import PCA, TruncatedSVD

    if not 1 <= int(n_components) <= MOST_COMPONENTS:
        raise CjmError(f"{n_components!r} is not a number of text components", where="n_components",
                       remedy=f"Write a whole number from 1 to {MOST_COMPONENTS}.")  # fmt: skip
    said = _texts_by_customer(feedback)
    script = said.map(_script).to_numpy()
    counts, words = _weigh_words(said, script)
    wide = min(max(2 * int(n_components), 10), counts.shape[1] - 1, counts.shape[0] - 1)
    if wide < 1:
        raise TableError("customers share one word only", where="texts", remedy="Give longer or more texts.")
    reduced = TruncatedSVD(wide, random_state=random_state).fit(counts)
    plain = pd.DataFrame(reduced.transform(counts))
    scores = (plain - plain.groupby(script).transform("mean")).to_numpy()  # against writers of the same script
    turned = PCA(min(int(n_components), wide), random_state=random_state).fit(scores)
    values, loads = turned.transform(scores), turned.components_ @ reduced.components_
    sign = np.where(loads[np.arange(len(loads)), np.abs(loads).argmax(axis=1)] < 0, -1.0, 1.0)
    values, loads = values * sign, loads * sign[:, None]
    names = [f"text_{i + 1}" for i in range(values.shape[1])]
    table = pd.DataFrame(np.round(values, 9), columns=names)
    table.insert(0, "customer_id", said.index.astype(str))
    explained = float(values.var(axis=0).sum() / max(_variance(counts), 1e-12))
    return Table.of(table, TextBlock(_telling_words(loads, names, words), explained, len(said)))


def _script(text: str) -> str:
    """Return the script that a text is written in, by the most letters."""
    found = {name: len(re.findall(letters, text)) for name, letters in _SCRIPTS.items()}
    found["latin"] = len(re.findall("[a-zA-Z]", text)) // 2  # a Chinese character says as much as two letters
    return max(found, key=lambda name: found[name])


def _weigh_words(said: pd.Series, script: npt.NDArray[np.object_]) -> tuple[Any, npt.NDArray[np.object_]]:
    """Return TF-IDF weights (customers, words) and the words, without those that everybody of a script uses."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    reader = TfidfVectorizer(token_pattern=TOKENS, min_df=max(3, round(0.01 * len(said))), max_features=5000,
                             sublinear_tf=True)  # fmt: skip
    try:
        counts = reader.fit_transform(said.to_list())
    except ValueError:
        raise TableError("customers share no words", where="texts", remedy="Give longer or more texts.") from None
    used = counts > 0
    kept = np.ones(counts.shape[1], dtype=bool)
    for name in np.unique(script.astype(str)):
        rows = np.flatnonzero(script == name)
        if len(rows) >= FEWEST_WRITERS:
            kept &= np.asarray(used[rows].mean(axis=0)).ravel() <= EVERYBODY
    if not kept.any():
        raise TableError("customers use no words but those that everybody uses", where="texts",
                         remedy="Give longer or more texts.")  # fmt: skip
    return counts[:, np.flatnonzero(kept)], np.asarray(reader.get_feature_names_out(), dtype=object)[kept]


def _texts_by_customer(feedback: pd.DataFrame) -> pd.Series:
    for column in ("customer_id", "text"):
        if column not in feedback.columns:
            raise TableError(f"there is no column {column!r}", where="texts", remedy="Pass a feedback table.")
    rows = feedback[feedback["customer_id"].notna() & feedback["text"].notna()]
    if "role" in rows:
        rows = rows[rows["role"].ne("interviewer").fillna(True)]
    rows = rows[rows["text"].astype(str).str.strip().ne("")]
    said = rows.assign(customer_id=rows["customer_id"].astype(str), text=rows["text"].astype(str))
    joined = said.sort_values(["customer_id", "text"], kind="stable").groupby("customer_id")["text"].agg(" \n ".join)
    if len(joined) < FEWEST_WRITERS:
        raise TableError(f"{len(joined)} customers wrote something, {FEWEST_WRITERS} are needed", where="texts",
                         remedy="Leave the texts out.")  # fmt: skip
    return joined


def _variance(counts: Any) -> float:
    squares = float(counts.multiply(counts).sum()) / counts.shape[0]
    means = np.asarray(counts.mean(axis=0))
    return float(squares - (means**2).sum())


def _telling_words(loads: Floats, names: list[str], words: npt.NDArray[np.object_]) -> pd.DataFrame:
    rows = []
    for name, load in zip(names, loads, strict=True):
        order = np.argsort(-load, kind="stable")
        more = [words[i] for i in order[:5] if load[i] > 0]
        less = [words[i] for i in order[::-1][:5] if load[i] < 0]
        rows.append((name, ", ".join(more), ", ".join(less)))
    return pd.DataFrame(rows, columns=["component", "more", "less"])


def _talk_of(words: str) -> Label:
    few = ", ".join(words.split(", ")[:3])
    return Label({language: talk.format(words=few) for language, talk in _TALK.items()})


@dataclass(frozen=True)
class Joined:
    """A customer table with the components of texts, and the settings that they change."""

    customers: pd.DataFrame
    roles: ColumnRoles
    features: Sequence[str] | None
    blocks: Mapping[str, Sequence[str]] | None
    weights: Mapping[str, float] | None
    components: tuple[str, ...] = ()


def join_texts(plain: Joined, feedback: pd.DataFrame, *, weight: float = 0.0, random_state: int = 0) -> Joined:
    """Return table and settings with the components of texts: passive at weight 0, else an active block."""
    if not (np.isfinite(weight) and weight >= 0):
        raise CjmError(f"{weight!r} is not a weight", where="text_weight", remedy="Write 0 or a positive number.")
    block = text_block(feedback, random_state=random_state)
    names = tuple(name for name in block.columns if name != "customer_id")
    taken = [name for name in names if name in plain.customers.columns]
    if taken:
        raise TableError(f"the column {taken[0]!r} is there already", where="texts",
                         remedy="Rename it, or leave the texts out.")  # fmt: skip
    ids = plain.customers["customer_id"].astype(str)
    added = block.set_index("customer_id").reindex(ids).set_index(plain.customers.index)
    joined = pd.concat([pd.DataFrame(plain.customers), pd.DataFrame(added)], axis=1)
    labels = {row.component: _talk_of(row.more or row.component) for row in about(block).words.itertuples()}
    roles = replace(plain.roles, numeric=(*plain.roles.numeric, *names), labels={**plain.roles.labels, **labels})
    if weight == 0:
        roles = replace(roles, passive=(*roles.passive, *names))
        return replace(plain, customers=joined, roles=roles, components=names)
    if plain.features is None and roles.active:
        roles = replace(roles, active=(*roles.active, *names))
    return Joined(
        joined, roles, None if plain.features is None else (*plain.features, *names),
        {**(plain.blocks or {}), "text": names}, {**dict.fromkeys(names, weight), **(plain.weights or {})}, names,
    )  # fmt: skip
