"""Fingerprints: what went into a run, as short digests that change when it does."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.flow.plain_form import PlainWriter
from cjmlab.study.charter import Study

_LIBRARIES = (
    "cjmlab",
    "numpy",
    "pandas",
    "scipy",
    "scikit-learn",
    "statsmodels",
    "nltk",
    "opencc-python-reimplemented",
)


class Digests:
    """A shelf that keeps the fingerprint of what is laid on it, and nothing else."""

    def put_frame(self, frame: pd.DataFrame, place: tuple[str, ...], writer: PlainWriter) -> dict[str, Any]:
        """Return the digest of a table: labels, types and cells, row by row."""
        taken = hashlib.blake2b(digest_size=16)
        for label, values in [("", frame.index.to_series()), *frame.items()]:
            taken.update(f"\x1e{label}\x1f{values.dtype}\x1f".encode("utf-8", "surrogatepass"))
            taken.update(_hash_cells(values, writer))
        return {"digest": taken.hexdigest()}

    def put_array(self, values: np.ndarray[Any, Any], place: tuple[str, ...]) -> dict[str, Any]:
        """Return the digest of an array."""
        bare = np.ascontiguousarray(values)
        return {"shape": list(bare.shape), "type": bare.dtype.str, "digest": digest(bare.tobytes())}


def _hash_cells(values: pd.Series, writer: PlainWriter) -> bytes:
    try:
        return pd.util.hash_pandas_object(values, index=False).to_numpy().tobytes()
    except TypeError:  # lists cannot be hashed
        return json.dumps(writer.write(values.tolist())).encode()


def fingerprint(*values: Any) -> str:
    """Return the fingerprint of any objects that can be saved.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1, 2]})
    >>> fingerprint(table, "auto", 0) == fingerprint(table.copy(), "auto", 0) != fingerprint(table, "auto", 1)
    True
    """
    written = PlainWriter(Digests(), refer=False).write([*values])
    return digest(json.dumps(written).encode())


def bare_study(study: Study) -> Study:
    """Return a study as it enters a fingerprint: wherever it lies, and whatever was said on loading it."""
    return dataclasses.replace(study, folder=Path(), report=pd.DataFrame())


def study_folder(path: str | Path) -> Path:
    """Return the folder of a study that is named by its folder or its ``study.toml``."""
    return Path(path).parent if Path(path).name == "study.toml" else Path(path)


def fingerprint_files(folder: Path) -> dict[str, str]:
    """Return the fingerprint of every file in the folder of a study, by its path in the folder.

    Saved runs are left out, and so is what is hidden, unless ``study.toml`` speaks of it.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "study.toml").write_text("[study]")
    >>> list(fingerprint_files(folder))
    ['study.toml']
    """
    found: dict[str, str] = {}
    settings = folder / "study.toml"
    spoken = settings.read_text("utf-8", "replace") if settings.is_file() else ""
    for root, folders, names in os.walk(folder):
        here = Path(root)
        folders[:] = sorted(name for name in folders if _counts(name, spoken) and not _is_run(here / name))
        for name in sorted(names):
            if _counts(name, spoken) and (here / name).is_file():
                found[(here / name).relative_to(folder).as_posix()] = fingerprint_file(here / name)
    return found


def fingerprint_file(path: Path) -> str:
    """Return the fingerprint of the bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


@cache
def fingerprint_program() -> dict[str, str]:
    """Return the versions of what computes a run, and the fingerprint of cjmlab's own files: code, words, weights."""
    house = Path(__file__).parents[1]
    files = sorted(path for path in house.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    parts = [f"{path.relative_to(house).as_posix()}\x1f{fingerprint_file(path)}" for path in files]
    found = {name: _version(name) for name in _LIBRARIES}
    return {**found, "code": digest("\x1e".join(parts).encode())}


def _counts(name: str, spoken: str) -> bool:
    return not name.startswith(".") or name in spoken


def _is_run(folder: Path) -> bool:
    return (folder / "run.json").is_file()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def digest(content: bytes) -> str:
    """Return the fingerprint of bytes."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()
