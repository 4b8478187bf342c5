"""Whole folders: the old one or the new one, whatever happens, and nothing left beside it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cjmlab.share.whole_file import ShareError
from cjmlab.share.whole_folder import found_folder, whole_folder

FILES = 6


def write(place: Path, word: str, files: int = FILES) -> None:
    with whole_folder(place) as part:
        for number in range(files):
            (part / f"{number}.txt").write_text(word * 1000)


def said(place: Path) -> set[str]:
    texts = [file.read_text() for file in place.iterdir()]
    assert len(texts) == FILES
    assert all(len(text) == 1000 for text in texts)
    return set(texts)


def test_a_folder_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "deep" / "run", "a")
    write(tmp_path / "deep" / "run", "b")
    assert said(tmp_path / "deep" / "run") == {"b" * 1000}
    assert [entry.name for entry in (tmp_path / "deep").iterdir()] == ["run"]
    assert (tmp_path / "deep" / "run").stat().st_mode & 0o077 == 0, "its owner only"


def test_an_error_while_writing_leaves_the_old_one(tmp_path: Path) -> None:
    write(tmp_path / "run", "a")
    with pytest.raises(TypeError):
        write(tmp_path / "run", None)  # type: ignore[arg-type]
    assert said(tmp_path / "run") == {"a" * 1000}
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]


KILLED = """
import sys, os, signal, pathlib
from cjmlab.share import whole_folder as room
place, moment = pathlib.Path(sys.argv[1]), sys.argv[2]
rename = pathlib.Path.rename
def killed(self, to):
    if moment == "before" :
        os.kill(os.getpid(), signal.SIGKILL)
    made = rename(self, to)
    if moment == "between" and pathlib.Path(to).suffix == ".old" or moment == "after" and to == place:
        os.kill(os.getpid(), signal.SIGKILL)
    return made
pathlib.Path.rename = killed
with room.whole_folder(place) as part:
    for number in range(6):
        if moment == "writing" and number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        (part / f"{number}.txt").write_text("b" * 1000)
"""


@pytest.mark.parametrize(("moment", "there"), [("writing", "a"), ("before", "a"), ("between", "a"), ("after", "b")])
def test_a_killed_writer_leaves_the_old_or_the_new_one(tmp_path: Path, moment: str, there: str) -> None:
    place = tmp_path / "run"
    write(place, "a")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(place), moment], check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert found_folder(place)
    assert said(place) == {there * 1000}
    write(place, "c")
    assert said(place) == {"c" * 1000}
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"], "the next writer sweeps"


WRITER = """
import sys, pathlib
from cjmlab.share.whole_folder import whole_folder
for turn in range(4):
    with whole_folder(sys.argv[1]) as part:
        for number in range(6):
            (part / f"{number}.txt").write_text(sys.argv[2] * 1000)
"""


def test_of_several_writers_one_is_there_and_whole(tmp_path: Path) -> None:
    place = tmp_path / "run"
    write(place, "z")
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(place), word]) for word in "ab"]
    seen = 0
    while any(writer.poll() is None for writer in writers):
        assert found_folder(place), "there is always one"
        seen += 1
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen
    assert len(said(place)) == 1, "no mixture"
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]


def test_threads_of_one_process_do_not_get_in_each_others_way(tmp_path: Path) -> None:
    place = tmp_path / "run"
    threads = [threading.Thread(target=write, args=(place, word)) for word in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said(place)) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]


def test_a_full_disk_leaves_the_old_one(tmp_path: Path) -> None:
    place = tmp_path / "run"
    write(place, "a")
    code = f"""
import resource, signal
from cjmlab.share.whole_folder import whole_folder
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
try:
    with whole_folder({str(place)!r}) as part:
        (part / "0.txt").write_text("b" * 1000)
except Exception as error:
    print(type(error).__name__, error)
"""
    said_there = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert said_there.startswith("ShareError")
    assert "the disk is full" in said_there
    assert "nothing was changed" in said_there
    assert said(place) == {"a" * 1000}
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(ShareError, match="this is a file, not a folder"), whole_folder(tmp_path / "run"):
        pytest.fail("nothing is written")
    assert (tmp_path / "run").read_text() == "a file"
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]
