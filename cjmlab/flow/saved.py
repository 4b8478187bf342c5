"""Saved runs: a folder of Parquet tables that others can read, and JSON for what is not a table."""

from __future__ import annotations

import io
import json
import re
import time
import warnings
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.flow.fingerprints import digest, fingerprint_file, fingerprint_program
from cjmlab.flow.frame_form import lay_frame, lift_frame
from cjmlab.flow.manifest import ARRAYS, MANIFEST, OBJECTS, RunError, is_part, read_manifest
from cjmlab.flow.plain_form import PlainReader, PlainWriter
from cjmlab.flow.run import STEPS, Origin, StudyRun
from cjmlab.share.whole_file import ShareError
from cjmlab.share.whole_folder import whole_folder

if TYPE_CHECKING:
    from cjmlab.flow.manifest import Manifest

_TRIES, _PAUSE = 20, 0.05
_LITTER = {".DS_Store", "Thumbs.db"}


class FolderShelf:
    """The folder that a run is saved in: a Parquet file a table, one file for all arrays."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}
        self._names: Counter[str] = Counter()

    def put_frame(self, frame: pd.DataFrame, place: tuple[str, ...], writer: PlainWriter) -> dict[str, Any]:
        """Write a table as Parquet."""
        import pyarrow.parquet as pq

        table, form = lay_frame(frame, writer)
        name = f"{self._name(place)}.parquet"
        (self.folder / name).parent.mkdir(mode=0o700, exist_ok=True)
        pq.write_table(table, self.folder / name, compression="zstd")
        return {"file": name, **form}

    def put_array(self, values: np.ndarray[Any, Any], place: tuple[str, ...]) -> dict[str, Any]:
        """Keep an array for the one file of arrays."""
        name = self._name(place).replace("/", "-")
        self.arrays[name] = values
        return {"name": name}

    def close(self) -> None:
        """Write the arrays."""
        np.savez_compressed(self.folder / ARRAYS, **self.arrays, allow_pickle=False)

    def _name(self, place: tuple[str, ...]) -> str:
        """Return a name after the place in the run: ``journeys``, ``customers``, ``more/journeys-parts-places``."""
        words = [
            re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_") for word in place if word not in ("study", "about")
        ]
        name = "-".join(word[:40] for word in words if word) or "table"
        name = name if len(words) < 2 else f"more/{name}"
        self._names[name] += 1
        return name if self._names[name] == 1 else f"{name}-{self._names[name]}"


class FolderSource:
    """The folder of a saved run, each file of which is compared with its fingerprint before it is read."""

    def __init__(self, folder: Path, contents: Mapping[str, str]) -> None:
        self.folder, self.contents = folder, contents
        self._arrays: Mapping[str, np.ndarray[Any, Any]] | None = None

    def content(self, name: str) -> bytes:
        """Return the bytes of a file of the run."""
        content = (self.folder / name).read_bytes() if name in self.contents and is_part(name) else b""
        if digest(content) != self.contents.get(name):
            raise ValueError(f"{name} is not as it was saved")
        return content

    def get_frame(self, form: Mapping[str, Any], reader: PlainReader) -> pd.DataFrame:
        """Return a table."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        file = pq.ParquetFile(pa.BufferReader(self.content(form["file"])), pre_buffer=False)
        return lift_frame(file.read(use_threads=False), form, reader)

    def get_array(self, form: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        """Return an array."""
        if self._arrays is None:
            with np.load(io.BytesIO(self.content(ARRAYS)), allow_pickle=False) as held:
                self._arrays = {name: held[name] for name in held.files}
        return self._arrays[form["name"]]


def save_run(run: StudyRun, folder: str | Path) -> Path:
    """Save a run in a folder, whole or not at all.

    The folder holds ``customers``, ``feedback``, ``events``, ``outcomes``, ``scored``, ``members``, ``journeys`` and
    ``moments`` as Parquet, ``run.json`` with settings, versions and fingerprints, and what ``open_run`` needs beside
    them. It holds what customers said as it stands in the study, so it is readable by its owner only: share it like
    the study itself. A model that was passed to ``segment_customers`` is named but not stored, with a warning; the
    segments, their certainty and the typing of new customers do not need it.

    Parameters
    ----------
    run : StudyRun
        The run.
    folder : str or Path
        A new or empty folder, or one that holds a saved run, which is replaced.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ShareError
        When the folder holds other things, cannot be written, or the disk is full; nothing was changed then.
    CjmError
        When the run holds something that is not kept.
    """
    target = Path(folder)
    check_free(target)
    with whole_folder(target) as part:
        shelf = FolderShelf(part)
        writer = PlainWriter(shelf)
        objects = writer.write({step: getattr(run, step) for step in STEPS})
        shelf.close()
        _members(run).to_parquet(part / "members.parquet", index=False)
        (part / OBJECTS).write_bytes(_json(objects))
        contents = {path.relative_to(part).as_posix(): fingerprint_file(path) for path in sorted(part.rglob("*.*"))}
        (part / MANIFEST).write_bytes(_json(_account(run, contents, writer.estimators)))
    for name in writer.estimators:
        warnings.warn(f"{name} is named in the saved run but not stored; its segments are.", stacklevel=3)
    return target


def open_run(folder: str | Path) -> StudyRun:
    """Open a run that was saved, without the study's files and without computing anything.

    Parameters
    ----------
    folder : str or Path
        The folder that ``run.save`` or ``run_study(…, keep=…)`` wrote.

    Returns
    -------
    StudyRun
        As it was saved: every verb and every picture gives the same as on the fresh run.

    Raises
    ------
    RunError
        When there is no saved run, a file of it is not as it was saved, or another version of cjmlab wrote it.

    Examples
    --------
    >>> import tempfile
    >>> from cjmlab.flow import run_study
    >>> from cjmlab.study.world import planted_world
    >>> run = run_study(planted_world(touchpoints=5, customers=60).study())
    >>> place = run.save(Path(tempfile.mkdtemp()) / "run")
    >>> opened = open_run(place)
    >>> opened.journeys.equals(run.journeys), opened.version == run.version
    (True, True)
    >>> pd.read_parquet(place / "journeys.parquet").shape == run.journeys.shape  # for other programs
    True
    """
    place = Path(folder)
    for attempt in range(_TRIES):
        before = _stamp(place)
        try:
            return _open(place, read_manifest(place))
        except RunError:  # the folder may have been replaced while it was read, by a run that says the same
            if attempt + 1 == _TRIES or _stamp(place) == before:
                raise
            time.sleep(_PAUSE)
    raise AssertionError  # pragma: no cover - the loop returns or raises


def _stamp(place: Path) -> tuple[int, int] | None:
    """Return what tells one saved folder from the next that takes its place; None while there is none."""
    try:
        found = (place / MANIFEST).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _open(place: Path, manifest: Manifest) -> StudyRun:
    import pyarrow as pa

    source = FolderSource(place, manifest.contents)
    try:
        made = PlainReader(source).read(json.loads(source.content(OBJECTS)))
        origin = Origin(**manifest.settings, files=manifest.files, keys=manifest.keys, by_hand=manifest.by_hand,
                        kept=STEPS, folder=place)  # fmt: skip
        run = StudyRun(**{step: made[step] for step in STEPS}, origin=origin)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, EOFError, OSError, RecursionError, CjmError,
            pa.ArrowException) as error:  # fmt: skip
        raise manifest.refuse(place, error) from error
    run.__dict__["version"] = manifest.version
    return run


def _account(run: StudyRun, contents: Mapping[str, str], estimators: list[str]) -> dict[str, Any]:
    """Return what ``run.json`` says of a run."""
    from cjmlab.flow.manifest import FORMAT, FORMAT_VERSION

    segments, origin = run.segments, run.origin
    return {
        "format": FORMAT, "format_version": FORMAT_VERSION, "program": fingerprint_program(),
        "saved": datetime.now(UTC).isoformat(timespec="seconds"),
        "title": dict(run.study.charter.title.texts), "study_folder": str(run.study.folder.resolve()),
        "version": run.version, "settings": {"n_segments": origin.n_segments, "random_state": origin.random_state},
        "segments": {name: dict(label.texts) for name, label in segments.labels.items()} if segments else {},
        "verdict": segments.verdict if segments else None, "method": segments.method if segments else None,
        "estimators": estimators, "by_hand": list(origin.by_hand), "keys": dict(origin.keys),
        "files": dict(origin.files), "contents": contents,
    }  # fmt: skip


def _members(run: StudyRun) -> pd.DataFrame:
    """Return the segment of each customer with the probability of every segment."""
    if run.segments is None:
        return pd.DataFrame({"customer_id": pd.Series(dtype=str), "segment": pd.Series(dtype=str)})
    chances = run.segments.posteriors.add_prefix("posterior: ").reset_index(drop=True)
    return pd.concat([run.segments.members.reset_index(drop=True), chances], axis=1)


def check_free(target: Path) -> None:
    """Refuse a file, or a folder in which something stands that is no part of a saved run: it would be lost."""
    if target.exists() and not target.is_dir():
        raise ShareError("this is a file, not a folder", where=str(target), remedy="Give the name of a folder.")
    if not target.is_dir():
        return
    files = [path.relative_to(target).as_posix() for path in target.rglob("*") if not path.is_dir()]
    others = sorted(name for name in files if name not in _LITTER and not is_part(name))
    if files and (others or MANIFEST not in files):
        what = f"the folder holds {(others or files)[0]!r}, which is no part of a saved run; nothing was changed"
        raise ShareError(what, where=str(target), remedy="Give a new folder.")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")
