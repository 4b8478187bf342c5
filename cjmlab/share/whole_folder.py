"""Whole folders: several files that belong together are there all or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from cjmlab.share.whole_file import ShareError, refuse_writing, runs, settle

_MARK = re.compile(r"^\.(?P<name>.+)\.(?P<process>\d+)-[0-9a-f]{8}\.(part|old)$")
_PATIENCE = 5.0
_LOOKS = 5
"""Looks in a row that must find nothing: between two of them another writer may have moved the folder again."""
_TRIES = 200


@contextlib.contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder beside ``path``; when the block ends well it takes the place of ``path``.

    What stood there before is moved aside, and removed once the new folder is in place. Whatever happens on the way, a
    full disk, an error or a killed process, ``found_folder`` finds the old folder or the new one, each whole. Of
    several writers the one that is complete last wins. What a killed process left behind is swept away by the next
    writer. Whether ``path`` may be replaced is for the caller to know.

    Parameters
    ----------
    path : str or Path
        The folder to write. Missing parents are made.

    Yields
    ------
    Path
        The folder to write into, readable by its owner only.

    Raises
    ------
    ShareError
        When the place cannot be written or the disk is full.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "run"
    >>> with whole_folder(place) as part:
    ...     _ = (part / "a.txt").write_text("whole")
    >>> [file.name for file in place.iterdir()], [folder.name for folder in place.parent.iterdir()]
    (['a.txt'], ['run'])
    """
    target = Path(path)
    part = _beside(target, "part")
    try:
        if target.is_file():
            raise ShareError("this is a file, not a folder", where=str(target), remedy="Give the name of a folder.")
        target.parent.mkdir(parents=True, exist_ok=True)
        found_folder(target)
        part.mkdir(mode=0o700)
        yield part
        for file in part.rglob("*"):
            settle(file)
        settle(part)
        _take_place(part, target)
        settle(target.parent)
        _sweep(target)
    except OSError as error:
        raise refuse_writing(error, target, _weigh(part)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def found_folder(path: str | Path) -> bool:
    """Whether a folder is there, put back when its writer was killed between moving it aside and replacing it.

    A writer that is still at work is waited for.
    """
    target = Path(path)
    end, nothing = time.monotonic() + _PATIENCE, 0
    while not target.is_dir():
        left = [(aside, process) for aside, process in _left(target) if aside.suffix == ".old"]
        nothing = 0 if left else nothing + 1
        if nothing >= _LOOKS or target.is_file() or time.monotonic() > end:
            return False
        dead = [aside for aside, process in left if not runs(process)]
        for aside in sorted(dead, key=_age, reverse=True)[:1]:
            with contextlib.suppress(OSError):
                aside.rename(target)
        time.sleep(0.005)
    return True


def _age(folder: Path) -> float:
    """Return when a folder was last changed; 0 when it is gone by now."""
    with contextlib.suppress(OSError):
        return folder.stat().st_mtime
    return 0.0


def _take_place(part: Path, target: Path) -> None:
    """Move a folder to its place; of several that come at once each moves the one before it aside."""
    asides: list[Path] = []
    for _ in range(_TRIES):
        try:
            if not target.exists():
                part.rename(target)
                break
        except OSError:
            if not target.exists():  # nobody came in between: it cannot be moved at all
                for aside in asides[-1:]:
                    aside.rename(target)
                raise
        asides.append(_beside(target, "old"))
        try:
            target.rename(asides[-1])
        except FileNotFoundError:
            asides.pop()
    else:
        raise ShareError("others keep writing it", where=str(target), remedy="Give another folder.")
    for aside in asides:
        shutil.rmtree(aside, ignore_errors=True)


def _beside(target: Path, kind: str) -> Path:
    return target.parent / f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.{kind}"


def _left(target: Path) -> list[tuple[Path, int]]:
    """Return the folders that writers of ``target`` made beside it, with their processes."""
    if not target.parent.is_dir():
        return []
    marks = ((folder, _MARK.match(folder.name)) for folder in target.parent.iterdir())
    return [(folder, int(mark["process"])) for folder, mark in marks if mark and mark["name"] == target.name]


def _sweep(target: Path) -> None:
    for folder, process in _left(target):
        if not runs(process):
            shutil.rmtree(folder, ignore_errors=True)


def _weigh(folder: Path) -> int:
    with contextlib.suppress(OSError):
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return 0
