"""Scores kept by content and model: interruptible, damaged files begun anew, nothing executed."""

import pickle
import warnings
from pathlib import Path

import pandas as pd
import pytest

from cjmlab.errors import CjmError
from cjmlab.feedback import CachedScorer, LinearScorer, default_scorer, score_feedback


class Counting(LinearScorer):
    """Counts the texts that it really scores, and can be interrupted."""

    name = "counting"

    def __init__(self, stop_after: int = 10**9) -> None:
        self.seen, self.stop_after = 0, stop_after

    def score(self, texts, language=None):
        if self.seen >= self.stop_after:
            raise KeyboardInterrupt
        self.seen += len(texts)
        return super().score(texts, language)


TEXTS = [f"Delivery {k} was {word}" for k in range(50) for word in ("good", "late")]


def test_a_second_run_scores_only_what_is_new(tmp_path: Path) -> None:
    inner = Counting()
    first = CachedScorer(inner, tmp_path / "s.sqlite").score(TEXTS)
    second = CachedScorer(inner, tmp_path / "s.sqlite").score([*TEXTS, "Something new and lovely"])
    assert inner.seen == len(TEXTS) + 1
    pd.testing.assert_frame_equal(first, second.head(len(TEXTS)))
    pd.testing.assert_frame_equal(first.drop(columns="scorer"), default_scorer().score(TEXTS).drop(columns="scorer"))


def test_an_interrupted_run_keeps_the_finished_batches(tmp_path: Path) -> None:
    stopped = Counting(stop_after=40)
    with pytest.raises(KeyboardInterrupt):
        CachedScorer(stopped, tmp_path / "s.sqlite", batch=20).score(TEXTS)
    inner = Counting()
    CachedScorer(inner, tmp_path / "s.sqlite", batch=20).score(TEXTS)
    assert inner.seen == len(TEXTS) - 40


@pytest.mark.parametrize("kind", ["garbage", "empty", "truncated", "pickle", "other table"])
def test_a_damaged_file_is_begun_anew_with_a_warning_and_never_run(tmp_path: Path, kind: str) -> None:
    path, marker = tmp_path / "s.sqlite", tmp_path / "ran"
    CachedScorer(Counting(), path).score(TEXTS)
    if kind == "garbage":
        path.write_bytes(b"\x00garbage" * 999)
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "truncated":
        path.write_bytes(path.read_bytes()[:5000])
    elif kind == "pickle":
        path.write_bytes(pickle.dumps(_Bomb(marker)))
    else:
        import sqlite3

        path.unlink()
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE scores (key TEXT)")
    inner = Counting()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        table = CachedScorer(inner, path).score(TEXTS)
    assert inner.seen == len(TEXTS)
    assert table.sentiment.notna().all()
    assert not marker.exists()
    if kind != "empty":
        assert "s.sqlite is damaged; it is kept as s.sqlite.damaged and begun anew." in [
            str(one.message) for one in said
        ]


class _Bomb:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


def test_scores_of_another_model_or_language_are_not_taken(tmp_path: Path) -> None:
    class Newer(Counting):
        version = "newer"

    CachedScorer(Counting(), tmp_path / "s.sqlite").score(["Nice"])
    inner = Newer()
    CachedScorer(inner, tmp_path / "s.sqlite").score(["Nice"])
    CachedScorer(inner, tmp_path / "s.sqlite").score(["Nice"], "en")
    assert inner.seen == 2


def test_missing_scores_are_remembered_as_missing(tmp_path: Path) -> None:
    inner = Counting()
    for _ in range(2):
        table = CachedScorer(inner, tmp_path / "s.sqlite").score(["n/a", None])
        assert table.isna().all(axis=None)
    assert inner.seen == 2


def test_score_feedback_takes_a_cache_and_a_folder_is_refused(tmp_path: Path) -> None:
    coded = pd.DataFrame({
        "feedback_id": ["f", "f"], "customer_id": ["c", "c"], "unit_id": ["f#0", "f#1"], "start": [0, 9], "end": [8, 20],
        "text": ["Good app", "but slow courier"], "lane": [None, None], "coder": ["keyword", "keyword"],
    })  # fmt: skip
    plain = score_feedback(coded)
    pd.testing.assert_frame_equal(pd.DataFrame(plain), pd.DataFrame(score_feedback(coded, cache=tmp_path / "s.sqlite")))
    with pytest.raises(CjmError, match=r"the cache is a folder\. Give the path of a file\."):
        score_feedback(coded, cache=tmp_path)
    with pytest.raises(CjmError, match=r"clause_share is 2, not between 0 and 1"):
        score_feedback(coded, clause_share=2)
