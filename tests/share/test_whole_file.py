"""Whole files: complete or untouched, and no litter."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cjmlab.share import ShareError, whole_file, write_whole

WRITER = """
import sys, time
from pathlib import Path
from cjmlab.share import whole_file
with whole_file(sys.argv[1]) as part:
    with part.open("wb") as out:
        for _ in range(2000):
            out.write(b"n" * 20_000); out.flush(); print("writing", flush=True); time.sleep(.002)
"""


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_failure_inside_leaves_the_old_file(tmp_path: Path) -> None:
    target = write_whole(tmp_path / "map.html", "old")

    def stop_halfway() -> None:
        with whole_file(target) as part:
            part.write_text("half")
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        stop_halfway()
    assert target.read_text() == "old"
    assert names(tmp_path) == ["map.html"]


def test_a_killed_writer_leaves_the_old_file_and_its_part_is_swept(tmp_path: Path) -> None:
    target = write_whole(tmp_path / "map.html", "old")
    for pause in (0.0, 0.05, 0.15):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        assert target.read_text() == "old"
        assert len(names(tmp_path)) == 2, "the killed writer left its part"
        write_whole(target, "old")
        assert names(tmp_path) == ["map.html"]


def test_the_part_of_a_living_writer_is_left_alone(tmp_path: Path) -> None:
    with whole_file(tmp_path / "a.html") as part:
        part.write_text("a")
        write_whole(tmp_path / "b.html", "b")
        assert part.exists()
    assert names(tmp_path) == ["a.html", "b.html"]


def test_a_full_disk_is_one_sentence_and_the_old_file_stays(tmp_path: Path) -> None:
    target = write_whole(tmp_path / "map.html", "old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(ShareError, match=r"map.html: the disk is full after 0.2 MB; nothing was changed."):
            write_whole(target, "n" * 1_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert target.read_text() == "old"
    assert names(tmp_path) == ["map.html"]


def test_a_folder_and_a_file_in_place_of_the_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ShareError, match="this is a folder, not a file"):
        write_whole(tmp_path, "text")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ShareError, match="it cannot be written"):
        write_whole(tmp_path / "file" / "map.html", "text")


def test_four_writers_at_once_never_mix(tmp_path: Path) -> None:
    code = (
        "import sys; from cjmlab.share import write_whole\n"
        "for _ in range(5): write_whole(sys.argv[1], sys.argv[2] * 300_000)"
    )
    target = tmp_path / "map.html"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(target), letter], env=environment) for letter in "abcd"
    ]
    assert [writer.wait() for writer in writers] == [0] * 4
    assert len(set(target.read_text())) == 1
    assert target.stat().st_size == 300_000
    assert names(tmp_path) == ["map.html"]
