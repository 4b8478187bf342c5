"""One family of errors: each says where, what, how many, the first example and the remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CjmError(ValueError):
    """Anything that cjmlab refuses, as one sentence a person can act on.

    Parameters
    ----------
    what : str
        The finding, without the place: ``"3 of 412 rows are not a known language"``.
    where : str, optional
        The file, table, column or option: ``"survey.csv, column 'lang'"``.
    example : str, optional
        The first case: ``"row 17, 'cn'"``.
    remedy : str, optional
        What to do next, a full sentence.

    Examples
    --------
    >>> print(CjmError("3 of 412 rows are not a known language", where="survey.csv, column 'lang'",
    ...                example="row 17, 'cn'", remedy="Did you mean 'zh-Hans'?"))
    survey.csv, column 'lang': 3 of 412 rows are not a known language (first: row 17, 'cn'). Did you mean 'zh-Hans'?
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        example: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.what, self.where, self.example, self.remedy = what, where, example, remedy
        text = what.rstrip(".")
        if where:
            text = f"{where}: {text}"
        if example:
            text += f" (first: {example})"
        text += "."
        if remedy:
            text += f" {remedy}"
        super().__init__(text)


class StudyError(CjmError):
    """The study folder or its ``study.toml`` cannot be used as it stands.

    Examples
    --------
    >>> print(StudyError("there is no study.toml", where="my_study", remedy="Write one with cjmlab new my_study."))
    my_study: there is no study.toml. Write one with cjmlab new my_study.
    """


class SourceError(CjmError):
    """A file cannot be read as what it is said to be.

    Examples
    --------
    >>> print(SourceError("the file is empty", where="survey.csv"))
    survey.csv: the file is empty.
    """


class TableError(CjmError):
    """A table that was passed in does not fit its schema.

    Examples
    --------
    >>> print(TableError("2 of 9 rows are empty", where="table 'events', column 'time'", example="row 3, None"))
    table 'events', column 'time': 2 of 9 rows are empty (first: row 3, None).
    """


class VocabularyError(CjmError):
    """A word (stage, touchpoint, language, lane, model) is not known.

    Examples
    --------
    >>> print(VocabularyError("'chekout' is not a touchpoint", remedy=did_you_mean("chekout", ["checkout", "cart"])))
    'chekout' is not a touchpoint. Did you mean 'checkout'? Known: 'checkout', 'cart'.
    """


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return a remedy sentence: the nearest known word, else the list of known words.

    Examples
    --------
    >>> did_you_mean("chekout", ["checkout", "payment"])
    "Did you mean 'checkout'? Known: 'checkout', 'payment'."
    >>> did_you_mean("xyz", ["checkout", "payment"])
    "Known: 'checkout', 'payment'."
    """
    options = list(dict.fromkeys(known))
    folded = {option.casefold(): option for option in options}
    near = difflib.get_close_matches(str(word).casefold(), list(folded), n=1, cutoff=0.6)
    listed = ", ".join(repr(option) for option in options[:12])
    if len(options) > 12:
        listed += f" and {len(options) - 12} more"
    hint = f"Did you mean {folded[near[0]]!r}? " if near else ""
    return f"{hint}Known: {listed}." if options else "None are known here."
