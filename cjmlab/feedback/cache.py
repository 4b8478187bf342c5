"""Scores kept on disk by content and model, so that a second run scores only what is new.

One SQLite file of numbers. Nothing in it is ever executed; a damaged file is put aside with a warning and begun anew.
"""

from __future__ import annotations

import hashlib
import sqlite3
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.feedback.scorers.base import CLASSES, Scorer, score_frame

_BATCH = 2000
_TABLE = "CREATE TABLE IF NOT EXISTS scores (key BLOB PRIMARY KEY, negative REAL, neutral REAL, positive REAL)"


class CachedScorer:
    """A scorer that remembers: texts seen before, by the same model, are read from a file.

    Parameters
    ----------
    scorer : Scorer
        Who scores what is new.
    path : path
        The SQLite file; made when absent, readable by its owner only. ``":memory:"`` keeps nothing on disk.
    batch : int
        Texts a batch. Each batch is saved when it is done, so an interrupted run loses one batch at most.
    progress : bool
        Whether to show a progress bar.

    Examples
    --------
    >>> import tempfile
    >>> from cjmlab.feedback.scorers.linear import LinearScorer
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     scorer = CachedScorer(LinearScorer(), Path(folder) / "scores.sqlite")
    ...     first, second = scorer.score(["Great service"]), scorer.score(["Great service"])
    >>> first.equals(second), scorer.hits
    (True, 1)
    """

    def __init__(self, scorer: Scorer, path: Path | str, *, batch: int = _BATCH, progress: bool = False) -> None:
        self.scorer, self.path, self.batch, self.progress = scorer, Path(path), batch, progress
        self.hits = 0

    @property
    def name(self) -> str:
        """Name of the scorer behind it."""
        return self.scorer.name

    @property
    def version(self) -> str:
        """Version of the scorer behind it."""
        return self.scorer.version

    def score(
        self, texts: pd.Series | Sequence[object], language: str | Sequence[object] | None = None
    ) -> pd.DataFrame:
        """Score texts, each one once; see ``Scorer.score``."""
        index = texts.index if isinstance(texts, pd.Series) else pd.RangeIndex(len(texts))
        values = list(texts)
        said = [language] * len(values) if language is None or isinstance(language, str) else list(language)
        keys = [_key(self.name, self.version, text, code) for text, code in zip(values, said, strict=True)]
        with self._open() as connection:
            known = _look_up(connection, keys)
            self.hits += sum(key in known for key in keys)
            fresh = [place for key, place in {key: place for place, key in enumerate(keys)}.items() if key not in known]
            for part in self._batches(sorted(fresh)):
                scored = self.scorer.score([values[i] for i in part], [said[i] for i in part])
                rows = [tuple(map(_number, row)) for row in scored[list(CLASSES)].to_numpy()]
                found = {keys[i]: row for i, row in zip(part, rows, strict=True)}
                _keep(connection, found)
                known.update(found)
        table = np.array([known[key] for key in keys], dtype=float).reshape(-1, 3)
        return score_frame(table, index, ~np.isnan(table[:, 1]), self.name)

    def _batches(self, places: Sequence[int]) -> Iterator[Sequence[int]]:
        starts: Iterator[int] = iter(range(0, len(places), self.batch))
        if self.progress:
            from tqdm.auto import tqdm

            starts = iter(tqdm(list(starts), desc="scoring", unit="batch"))
        for start in starts:
            yield places[start : start + self.batch]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._connect()
        except sqlite3.DatabaseError:
            aside = self.path.with_name(self.path.name + ".damaged")
            self.path.replace(aside)
            warnings.warn(f"{self.path.name} is damaged; it is kept as {aside.name} and begun anew.", stacklevel=3)
            connection = self._connect()
        with closing(connection):
            yield connection

    def _connect(self) -> sqlite3.Connection:
        if str(self.path) == ":memory:":
            connection = sqlite3.connect(":memory:")
            connection.execute(_TABLE)
            return connection
        if self.path.is_dir():
            raise CjmError("the cache is a folder", where=str(self.path), remedy="Give the path of a file.")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = not self.path.exists()
        connection = sqlite3.connect(self.path, timeout=30)
        try:
            if new:
                self.path.chmod(0o600)
            connection.execute(_TABLE)
            check = connection.execute("PRAGMA quick_check(1)").fetchone()
            columns = [row[1] for row in connection.execute("PRAGMA table_info(scores)")]
            if check != ("ok",) or columns != ["key", *CLASSES]:
                raise sqlite3.DatabaseError("damaged")
            connection.commit()
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection


def _key(name: str, version: str, text: object, language: object) -> bytes:
    said = "" if language is None or pd.isna(language) else str(language)  # type: ignore[call-overload]
    parts = (name, version, said, text if isinstance(text, str) else "")
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _look_up(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, tuple[float | None, ...]]:
    known: dict[bytes, tuple[float | None, ...]] = {}
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        marks = ",".join("?" * len(part))
        query = f"SELECT key, negative, neutral, positive FROM scores WHERE key IN ({marks})"  # noqa: S608 (only marks)
        for key, *values in connection.execute(query, part):
            if all(value is None or isinstance(value, float) for value in values):
                known[key] = tuple(values)
    return known


def _keep(connection: sqlite3.Connection, found: dict[bytes, tuple[float | None, ...]]) -> None:
    rows = [(key, *row) for key, row in found.items()]
    connection.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?)", rows)
    connection.commit()


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
