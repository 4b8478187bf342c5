"""Columns by the names that a study gives them: found, or refused with the nearest name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from cjmlab.errors import SourceError, did_you_mean
from cjmlab.sources.report import Finding, shorten
from cjmlab.sources.scales import fold
from cjmlab.vocabulary import StageModel, Touchpoint, language_code

_MOST = 20


def need_columns(table: pd.DataFrame, wanted: Mapping[str, str | None], where: str, *, filled: bool = True) -> None:
    """Refuse a table that lacks a column, or, with ``filled``, has nothing in it.

    Parameters
    ----------
    table : DataFrame
        The raw table.
    wanted : mapping
        What the column is for → its name; None for what the study does not use.
    where : str
        Name of the file.

    Raises
    ------
    SourceError
        For the first column that is missing or empty.
    """
    names = [str(column) for column in table.columns]
    for purpose, column in wanted.items():
        if column is None:
            continue
        if column not in names:
            remedy = did_you_mean(column, names).replace("Known:", "Its columns:")
            raise SourceError(f"there is no column {column!r} (for {purpose})", where=where, remedy=remedy)
        if filled and len(table) and table[column].isna().all():
            raise SourceError(
                f"the column is empty (for {purpose})",
                where=f"{where}, column {column!r}",
                remedy="Fill it, or take it out of study.toml.",
            )


def find_rounded(values: pd.Series, where: str, lines: Sequence[int]) -> list[Finding]:
    """Return a finding when ids look as a spreadsheet leaves long numbers: ``1.23457E+17``.

    Examples
    --------
    >>> find_rounded(pd.Series(["1.23457E+17", "C-7"]), "a.csv, column 'id'", [2, 3])[0].example
    "line 2, '1.23457E+17'"
    """
    hits = values.str.strip().str.fullmatch(r"\d[.,]\d{2,}[eE]\+\d{2}", na=False).to_numpy()
    if not hits.any():
        return []
    first = int(hits.argmax())
    text = "ids were rounded by a spreadsheet; different ones may have become alike"
    remedy = "Export the file again with the column as text."
    example = f"line {lines[first]}, {values.iloc[first]!r}"
    return [Finding(where.split(",")[0], where, text, int(hits.sum()), example, remedy)]


class Resolver:
    """Turns words of a column into ids, each word once, and counts the words that are not known."""

    def __init__(
        self,
        model: StageModel | None = None,
        points: Iterable[Touchpoint] = (),
        meanings: Mapping[str, str] | None = None,
    ) -> None:
        self.model, self.points = model, tuple(points)
        self.meanings = {fold(word): identity for word, identity in (meanings or {}).items()}

    def stage(self, word: str) -> str | None:
        """Return the stage id that a word names."""
        found = self.model.find(word, missing=None) if self.model else None
        return found.id if found else None

    def touchpoint(self, word: str) -> str | None:
        """Return the touchpoint id that a word names."""
        meant = self.meanings.get(fold(word))
        return meant or next((point.id for point in self.points if point.matches(word)), None)

    def stage_of(self, touchpoint: str | None) -> str | None:
        """Return the stage of a touchpoint id."""
        return next((point.stage for point in self.points if point.id == touchpoint), None)

    def resolve(
        self, values: pd.Series, kind: str, where: str, lines: Iterable[int]
    ) -> tuple[list[str | None], list[Finding]]:
        """Return the ids of a column of words, and a finding for each word that is not known.

        ``kind`` is ``"stage"``, ``"touchpoint"`` or ``"language"``. Missing and unknown words give None.
        """
        find = {"stage": self.stage, "touchpoint": self.touchpoint, "language": known_language}[kind]
        words = values.astype("str").str.strip().replace("", None)
        ids = {word: find(word) for word in words.dropna().unique()}
        places = list(lines)
        known = {
            "stage": self.model.ids if self.model else (),
            "touchpoint": [point.id for point in self.points],
            "language": ("en", "zh-Hans", "zh-Hant", "ru"),
        }[kind]
        found = words.map(ids).astype(object).where(words.notna(), None)
        strange = words[words.isin([word for word, identity in ids.items() if identity is None])].reset_index(drop=True)
        positions = [i for i, word in enumerate(words) if isinstance(word, str) and ids[word] is None]
        findings = []
        for word, count in list(strange.value_counts(sort=False).items())[:_MOST]:
            first = positions[int((strange == word).to_numpy().argmax())]
            example = f"line {places[first]}, {shorten(word)!r}" if first < len(places) else repr(shorten(word))
            text = f"{shorten(word)!r} is not a {kind}; the rows are kept without one"
            findings.append(Finding(where.split(",")[0], where, text, int(count), example, did_you_mean(word, known)))
        rest = strange[~strange.isin(strange.drop_duplicates().head(_MOST))]
        if len(rest):
            text = f"{rest.nunique()} more words are not a {kind}; the rows are kept without one"
            findings.append(Finding(where.split(",")[0], where, text, len(rest), repr(shorten(rest.iloc[0]))))
        return [None if pd.isna(identity) else identity for identity in found], findings


def known_language(word: str) -> str | None:
    """Return the code of a language, or None when it is not one of the four."""
    try:
        return language_code(word)
    except ValueError:
        return None
