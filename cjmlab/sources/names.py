"""Names of files and folders made from words that anyone may have written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from cjmlab.errors import SourceError

_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_LONGEST = 60


def file_name(words: str, *, taken: Iterable[str] = ()) -> str:
    """Return a name for a file or folder that is safe on every system and differs from those taken.

    Parameters
    ----------
    words : str
        Any text: a segment's name, a study's title.
    taken : iterable of str
        Names that are used already; letter case does not tell names apart.

    Returns
    -------
    str
        Letters and digits of any script with ``_`` between, at most 60 characters.

    Examples
    --------
    >>> file_name("../../etc/passwd"), file_name("CON"), file_name("周末 计划者"), file_name("A?", taken=["a"])
    ('etc_passwd', 'con_1', '周末_计划者', 'a_2')
    """
    plain = unicodedata.normalize("NFKC", words).casefold()
    name = "_".join("".join(c if c.isalnum() else " " for c in plain).split())
    while len(name) > _LONGEST or len(name.encode("utf-8")) > 3 * _LONGEST:
        name = name[:-1].rstrip("_")
    name = name or "unnamed"
    if _RESERVED.fullmatch(name):
        name = f"{name}_1"
    used = {other.casefold() for other in taken}
    number, base = 2, name
    while name in used:
        name, number = f"{base}_{number}", number + 1
    return name


def path_inside(root: str | Path, name: str) -> Path:
    """Return the path of a name inside a folder.

    Raises
    ------
    SourceError
        When the name leads out of the folder, by ``..``, by an absolute path or through a link.
    """
    place = Path(root)
    path = place / name
    if "\0" in name or not path.resolve().is_relative_to(place.resolve()):
        raise SourceError(f"{name!r} lies outside of the folder", where=str(place), remedy="Use a name inside of it.")
    return path
