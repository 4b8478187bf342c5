"""Whole files: a file that leaves the house is there complete or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from cjmlab.errors import CjmError

_MARK = re.compile(r"^\..+\.(?P<process>\d+)-[0-9a-f]{8}\.part(\.[^.]+)?$")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class ShareError(CjmError):
    """Something cannot be shared as asked: no room on the disk, no browser, a page without anything to show."""


@contextlib.contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; when the block ends well it takes the place of ``path`` in one step.

    Whatever happens before that, a full disk, an error or a killed process, the old file stays as it was. Parts that
    a killed process left behind are swept away by the next export into the same folder.

    Parameters
    ----------
    path : str or Path
        The file to write. Missing folders are made.

    Yields
    ------
    Path
        Where to write. It has the same suffix, for libraries that look at it.

    Raises
    ------
    ShareError
        When the folder cannot be written or the disk is full.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "map.txt"
    >>> with whole_file(place) as part:
    ...     _ = part.write_text("whole")
    >>> place.read_text(), [file.name for file in place.parent.iterdir()]
    ('whole', ['map.txt'])
    """
    target = Path(path)
    part = target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise ShareError("this is a folder, not a file", where=str(target), remedy="Add a file name.")
        sweep_parts(target.parent)
        part = target.parent / f".{target.stem}.{os.getpid()}-{secrets.token_hex(4)}.part{target.suffix}"
        yield part
        settle(part)
        part.replace(target)
        settle(target.parent)
    except OSError as error:
        raise refuse_writing(error, target, _size(part) if part != target else 0) from error
    finally:
        if part != target:
            part.unlink(missing_ok=True)


def write_whole(path: str | Path, content: str | bytes) -> Path:
    """Write a text (UTF-8) or bytes as a whole file and return its path.

    Raises
    ------
    ShareError
        When the folder cannot be written or the disk is full; the old file is then untouched.
    """
    target = Path(path)
    with whole_file(target) as part:
        part.write_bytes(content.encode("utf-8", "replace") if isinstance(content, str) else content)
    return target


def sweep_parts(folder: Path) -> None:
    """Remove the parts of exports whose process is gone."""
    for part in folder.glob(".*.part*"):
        found = _MARK.match(part.name)
        if found and not runs(int(found["process"])):
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def runs(process: int) -> bool:
    """Whether a process of this machine is still there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def settle(path: Path) -> None:
    """Make sure that it is on the disk (a folder only where the system can)."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0


def refuse_writing(error: OSError, target: Path, written: int) -> ShareError:
    """Say in one sentence why something could not be written."""
    if error.errno in _FULL:
        return ShareError(
            f"the disk is full after {written / 1e6:.1f} MB; nothing was changed",
            where=str(target),
            remedy="Make room or write to another disk.",
        )
    reason = (error.strerror or str(error)).lower()
    return ShareError(
        f"it cannot be written ({reason}); nothing was changed", where=str(target), remedy="Choose another folder."
    )
