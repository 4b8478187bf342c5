"""Plain tables: CSV that a spreadsheet program cannot run, and that is read back as it was."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd

from cjmlab.share.whole_file import write_whole

_READS_AS_NUMBER = re.compile(r"[\d.,_]+(e[+-]?\d+)?|inf(inity)?|nan|true|false", re.IGNORECASE)
_RISKY = tuple("=+-@\t\r\n＝＋－＠'")


def neutral(value: object) -> object:
    """Return a text that no spreadsheet takes for a formula; numbers stay numbers.

    Source: OWASP ASVS 1.2.10. A text that begins with a quotation mark gets a second one and a text of digits gets one
    too, so that nothing is lost when it is read back.

    Examples
    --------
    >>> neutral("=1+1"), neutral(-5), neutral("Late!"), neutral("007")
    ("'=1+1", -5, 'Late!', "'007")
    """
    if isinstance(value, str) and (value.startswith(_RISKY) or _READS_AS_NUMBER.fullmatch(value.strip())):
        return "'" + value
    return value


def write_csv(table: pd.DataFrame, path: str | Path) -> Path:
    """Write a table as UTF-8 CSV (with a mark, so that spreadsheets know), texts and headers neutralised, whole.

    Raises
    ------
    ShareError
        When the file cannot be written; the old one is then untouched.
    """
    safe = table.rename(columns=neutral)
    safe = safe.apply(lambda column: column.map(neutral) if not pd.api.types.is_numeric_dtype(column.dtype) else column)
    text = io.StringIO()
    safe.to_csv(text, index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    return write_whole(path, "\ufeff" + text.getvalue())


def read_exported(path: str | Path) -> pd.DataFrame:
    """Read a CSV file that ``export`` wrote: the marks that neutralise texts are taken off again.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "t.csv"
    >>> _ = write_csv(pd.DataFrame({"say": ["=1+1", "'tis"], "x": [-5, 2]}), file)
    >>> read_exported(file).to_dict("list")
    {'say': ['=1+1', "'tis"], 'x': [-5, 2]}
    """
    table = pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False, na_values=[""])
    table = table.rename(columns=_original)
    back: pd.DataFrame = table.apply(
        lambda column: (
            column if pd.api.types.is_numeric_dtype(column.dtype) else column.map(_original, na_action="ignore")
        )
    )
    return back


def _original(value: object) -> object:
    return value[1:] if isinstance(value, str) and value.startswith("'") else value
