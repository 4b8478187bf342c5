"""Codes of people: read from their file, found again when the clauses are cut otherwise, and put over the machine's."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.tables import HUMAN_CODES, Table, about, need_columns
from cjmlab.vocabulary import Codebook

_RISKY = tuple("=+-@\t\r")
_LONGEST = 1 << 31  # no text has so many letters


def read_codes(path: Path | str) -> pd.DataFrame:
    """Read the codes that a review table saved.

    Parameters
    ----------
    path : path
        A CSV file.

    Returns
    -------
    DataFrame
        ``unit_id``, ``text``, ``start`` and ``end`` in the feedback row's text, ``touchpoint`` (missing means "none of
        them"), ``coder``, ``random`` and what the machine had said.

    Raises
    ------
    TableError
        When the file is not such a table.
    """
    place = Path(path)
    frame = pd.read_csv(place, dtype="str", encoding="utf-8-sig", keep_default_na=False)
    for name in ("unit_id", "touchpoint"):
        if name not in frame.columns:
            raise TableError(f"the column {name!r} is missing", where=place.name, remedy="Is it a review table?")
    return tidy_codes(frame.mask(frame == ""))


def tidy_codes(human: pd.DataFrame) -> pd.DataFrame:
    """Return human codes with all columns, each of its kind, whatever the file that they come from left out."""
    codes = human.copy()
    for name in ("unit_id", "text", "touchpoint", "coder", "machine_touchpoint", "machine_coder"):
        given = codes[name] if name in codes else pd.Series([None] * len(codes), codes.index)
        codes[name] = given.map(_bare, na_action="ignore").astype("str")
    codes["coder"] = codes["coder"].fillna("human")
    codes["random"] = drawn_at_random(codes)
    for name in ("start", "end", "machine_confidence"):
        given = codes[name] if name in codes else pd.Series(np.nan, codes.index)
        numbers = pd.to_numeric(given, errors="coerce")
        if name == "machine_confidence":
            codes[name] = numbers.astype("float64")
        else:
            whole = numbers.astype("Float64").round()
            codes[name] = whole.where((whole >= 0) & (whole < _LONGEST)).astype("Int64")
    return codes[list(HUMAN_CODES)]


def drawn_at_random(human: pd.DataFrame) -> pd.Series:
    """Tell which human codes are for clauses that were drawn at random, as truth values or as words of a file."""
    given = human["random"] if "random" in human else pd.Series(False, human.index)
    return given.map(lambda value: str(value).strip().lower() in ("true", "1", "1.0", "yes")).astype(bool)


def _bare(value: object) -> str:
    """Return a cell without the apostrophe that kept a spreadsheet from running it."""
    text = str(value)
    return text[1:] if text[:1] == "'" and text[1:2] in _RISKY else text


def safe_cell(value: object) -> str:
    """Return a value as a CSV cell; one that a spreadsheet would run gets an apostrophe in front."""
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return ""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_RISKY) else text


def align_codes(coded: pd.DataFrame, human: pd.DataFrame) -> pd.DataFrame:
    """Find the clauses of human codes again in a coding that may cut the same texts otherwise.

    A coder that has learned may end a clause elsewhere, and what follows then has other numbers. A code whose clause
    has other words now goes to the clauses of the same feedback that lie in its stretch of text by half or more.

    Parameters
    ----------
    coded : DataFrame
        Schema ``coded``.
    human : DataFrame
        As ``read_codes`` or ``study.human_codes`` gives it. Codes without ``text`` are taken by ``unit_id`` as they are.

    Returns
    -------
    DataFrame
        The human codes with the ``unit_id`` of this coding, the last code of a clause winning; and ``row``, the place of
        the code in ``human``.

    Raises
    ------
    TableError
        When not one clause is found again.

    Warns
    -----
    UserWarning
        When some are not, with the number and an example.
    """
    need_columns("human", human, "unit_id", "touchpoint")
    codes = tidy_codes(human).assign(row=np.arange(len(human)))
    if not codes["text"].notna().any():
        return codes.drop_duplicates("unit_id", keep="last")
    clauses = coded.dropna(subset=["text"]).drop_duplicates("unit_id")
    now = dict(zip(clauses["unit_id"], _plain(clauses["text"]), strict=True))
    same = np.array([now.get(u) == t for u, t in zip(codes["unit_id"], _plain(codes["text"]), strict=True)], bool)
    same |= (codes["text"].isna() & codes["unit_id"].isin(clauses["unit_id"])).to_numpy(bool)
    kept, moved = codes[same], codes[~same]
    if not len(moved):
        return kept.drop_duplicates("unit_id", keep="last").reset_index(drop=True)
    found = _find_again(clauses, moved)
    lost = moved[~moved["row"].isin(found["row"])]
    if len(lost):
        _tell(lost, len(human))
    both = pd.concat([found[~found["unit_id"].isin(kept["unit_id"])], kept]).sort_values("row", kind="stable")
    return both.drop_duplicates("unit_id", keep="last").reset_index(drop=True)


def _plain(texts: Iterable[object]) -> list[str]:
    return [" ".join(str(text).split()) for text in texts]


def _find_again(clauses: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """Return codes with the clauses that lie in their stretch of the text, or have their words where none is known."""
    there = clauses.assign(feedback=feedback_of(clauses["unit_id"]), words=_plain(clauses["text"]))
    columns = [name for name in ("start", "end") if name in there and name in moved]
    there = there[["unit_id", "feedback", "text", "words", *columns]]
    codes = moved.assign(feedback=feedback_of(moved["unit_id"]), words=_plain(moved["text"]))
    both = codes.drop(columns="unit_id").merge(there, on="feedback", suffixes=("", "_now"))
    fits = both["words"] == both["words_now"]
    if len(columns) == 2:
        known = both[["start", "end", "start_now", "end_now"]].notna().all(axis=1)
        spans = both.loc[known, ["text", "start", "end", "text_now", "start_now", "end_now"]]
        fits = fits.mask(known, pd.Series([_same_stretch(*row) for row in spans.to_numpy()], spans.index, dtype=bool))
    return both.loc[fits, [*[name for name in moved.columns if name != "unit_id"], "unit_id"]]


def _same_stretch(text: str, start: int, end: int, now: str, start_now: int, end_now: int) -> bool:
    """Tell whether a clause lies by half or more in the stretch that was coded, and the words there are still the same."""
    low, high = max(start, start_now), min(end, end_now)
    if high <= low or 2 * (high - low) < end_now - start_now:
        return False
    return str(text)[low - start : high - start] == str(now)[low - start_now : high - start_now]


def feedback_of(units: Iterable[object]) -> list[str]:
    """Return the id of the feedback row that each clause stands in."""
    return [str(unit).rsplit("#", 1)[0] for unit in units]


def _tell(lost: pd.DataFrame, count: int) -> None:
    said = f"{len(lost)} of {count} human codes are for clauses that this coding does not have"
    first = f"{lost['unit_id'].iloc[0]!r}, {str(lost['text'].iloc[0])[:60]!r}"
    remedy = "Feedback keeps its codes as long as its ids and texts stay as they were."
    if len(lost) == count:
        raise TableError(said, where="human, column 'unit_id'", example=first, remedy=remedy)
    warnings.warn(f"{said} (first: {first}); they are left out. {remedy}", stacklevel=4)


def codes_among(feedback: pd.DataFrame, human: pd.DataFrame) -> pd.DataFrame:
    """Return the human codes that are for a feedback table; it warns of those that are for other feedback."""
    there = pd.Series(feedback_of(human["unit_id"]), human.index).isin(feedback["feedback_id"].astype(str))
    if not there.all():
        first = human["unit_id"][~there].iloc[0]
        warnings.warn(
            f"{int((~there).sum())} of {len(human)} human codes are for feedback that is not here (first: {first!r}); "
            "they are left out.",
            stacklevel=4,
        )
    return human[there]


def apply_codes(coded: pd.DataFrame, human: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Put human codes over the machine's; what the machine had said is kept beside them.

    Parameters
    ----------
    coded : DataFrame
        Schema ``coded``.
    human : DataFrame
        ``unit_id`` and ``touchpoint``, as the review table saves them; missing means "none of the touchpoints". With
        ``text``, ``start`` and ``end`` the codes are found again where clauses are cut otherwise.
    codebook : Codebook
        For the stages.

    Returns
    -------
    DataFrame
        Schema ``coded`` with ``machine_touchpoint`` (two of them as "a|b") and ``machine_coder``; a clause that a person
        coded has one row.

    Raises
    ------
    TableError
        When a human code is for an unknown clause or touchpoint.
    """
    known = {point.id: point.stage for point in codebook.touchpoints}
    codes = align_codes(coded, human).set_index("unit_id")["touchpoint"]
    for code in codes.dropna().unique():
        if code not in known:
            raise TableError(
                f"{code!r} is not a touchpoint", where="human, column 'touchpoint'", remedy=did_you_mean(code, known)
            )
    strange = codes.index.difference(pd.Index(coded["unit_id"]))
    if len(strange):
        raise TableError(
            f"{len(strange)} of {len(codes)} human codes are for unknown clauses", where="human, column 'unit_id'",
            example=repr(strange[0]), remedy="Use the codes of this coding.",
        )  # fmt: skip
    table = pd.DataFrame(coded).copy()
    touched = table["unit_id"].isin(codes.index)
    said = table[touched].dropna(subset=["touchpoint"]).groupby("unit_id")["touchpoint"].agg("|".join)
    table["machine_touchpoint"] = table["unit_id"].map(said).astype("str")
    table["machine_coder"] = table["coder"].where(touched)
    table = table[~(touched & table.duplicated("unit_id"))].reset_index(drop=True)
    touched = table["unit_id"].isin(codes.index)
    given = table["unit_id"].map(codes)
    table["touchpoint"] = table["touchpoint"].mask(touched, given)
    table["stage"] = table["stage"].mask(touched, given.map(known))
    table["coder"] = table["coder"].mask(touched, "human")
    table["confidence"] = table["confidence"].mask(touched, 1.0)
    return Table.of(table, about(coded))
