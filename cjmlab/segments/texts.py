"""What customers wrote, as a few numbers each: components of their words, to describe segments or to form them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError, TableError
from cjmlab.study.charter import ColumnRoles
from cjmlab.tables import Table

MOST_COMPONENTS = 5
FEWEST_WRITERS = 20
_HAN = "\u4e00-\u9fff"
TOKENS = rf"(?u)[{_HAN}]{{2}}|[^\W\d_{_HAN}]{{2,}}"
"""Two Chinese characters, or a word of two letters or more: one rule for every language of the house."""


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
    characters, so that no word list is needed. Interviewers are not read.

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
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not 1 <= int(n_components) <= MOST_COMPONENTS:
        raise CjmError(f"{n_components!r} is not a number of text components", where="n_components",
                       remedy=f"Write a whole number from 1 to {MOST_COMPONENTS}.")  # fmt: skip
    said = _texts_by_customer(feedback)
    reader = TfidfVectorizer(token_pattern=TOKENS, min_df=max(3, round(0.01 * len(said))), max_df=0.6,
                             max_features=5000, sublinear_tf=True)  # fmt: skip
    try:
        counts = reader.fit_transform(said.to_list())
    except ValueError:
        raise TableError("customers share no words", where="texts", remedy="Give longer or more texts.") from None
    wide = min(max(2 * int(n_components), 10), counts.shape[1] - 1, counts.shape[0] - 1)
    if wide < 1:
        raise TableError("customers share one word only", where="texts", remedy="Give longer or more texts.")
    reduced = TruncatedSVD(wide, random_state=random_state).fit(counts)
    scores = reduced.transform(counts)
    turned = PCA(min(int(n_components), wide), random_state=random_state).fit(scores)  # the mean text taken out
    values, loads = turned.transform(scores), turned.components_ @ reduced.components_
    sign = np.where(loads[np.arange(len(loads)), np.abs(loads).argmax(axis=1)] < 0, -1.0, 1.0)
    values, loads = values * sign, loads * sign[:, None]
    names = [f"text_{i + 1}" for i in range(values.shape[1])]
    table = pd.DataFrame(np.round(values, 9), columns=names)
    table.insert(0, "customer_id", said.index.astype(str))
    explained = float(values.var(axis=0).sum() / max(_variance(counts), 1e-12))
    return Table.of(table, TextBlock(_telling_words(loads, names, reader), explained, len(said)))


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


def _telling_words(loads: np.ndarray, names: list[str], reader: Any) -> pd.DataFrame:
    words = reader.get_feature_names_out()
    rows = []
    for name, load in zip(names, loads, strict=True):
        order = np.argsort(-load, kind="stable")
        more = [words[i] for i in order[:5] if load[i] > 0]
        less = [words[i] for i in order[::-1][:5] if load[i] < 0]
        rows.append((name, ", ".join(more), ", ".join(less)))
    return pd.DataFrame(rows, columns=["component", "more", "less"])


def join_texts(
    customers: pd.DataFrame,
    feedback: pd.DataFrame,
    roles: ColumnRoles,
    features: Sequence[str] | None,
    blocks: Mapping[str, Sequence[str]] | None,
    *,
    weight: float = 0.0,
    random_state: int = 0,
) -> tuple[pd.DataFrame, ColumnRoles, Sequence[str] | None, Mapping[str, Sequence[str]] | None]:
    """Return table, roles, features and blocks with the components of the texts joined to them.

    Weight 0 makes the components passive; a larger one makes them an active block.
    """
    if not (np.isfinite(weight) and weight >= 0):
        raise CjmError(f"{weight!r} is not a weight", where="text_weight", remedy="Write 0 or a positive number.")
    block = text_block(feedback, random_state=random_state)
    names = tuple(name for name in block.columns if name != "customer_id")
    taken = [name for name in names if name in customers.columns]
    if taken:
        raise TableError(f"the column {taken[0]!r} is there already", where="texts",
                         remedy="Rename it, or leave the texts out.")  # fmt: skip
    ids = customers["customer_id"].astype(str)
    added = block.set_index("customer_id").reindex(ids).set_index(customers.index)
    joined = pd.concat([pd.DataFrame(customers), pd.DataFrame(added)], axis=1)
    roles = replace(roles, numeric=(*roles.numeric, *names))
    if weight == 0:
        return joined, replace(roles, passive=(*roles.passive, *names)), features, blocks
    if features is not None:
        features = (*features, *names)
    elif roles.active:
        roles = replace(roles, active=(*roles.active, *names))
    return joined, roles, features, {**(blocks or {}), "text": names}
