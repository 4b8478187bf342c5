"""A run that is kept: what did not change is opened, what did is computed again, and the run says which."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cjmlab as cjm
from cjmlab.flow import fingerprints, kept
from cjmlab.flow.run import STEPS

STUDY = """
[study]
title = {en = "Gym", ru = "Зал"}
stages = ["Look", "Train", "Leave"]
languages = ["en"]

[[touchpoints]]
id = "site"
label = "Web site"
stage = "Look"

[[touchpoints]]
id = "coach"
label = "Coach"
stage = "Train"

[customers]
file = "members.csv"
customer_id = "id"

[[survey]]
file = "poll.csv"
customer_id = "who"

[[survey.questions]]
column = "site"
touchpoint = "site"
asks = "experience"
scale = "1-5"

[[survey.questions]]
column = "coach"
touchpoint = "coach"
asks = "experience"
scale = "1-5"

[[survey.questions]]
column = "words"
asks = "open"

[[survey.questions]]
column = "again"
asks = "outcome"
outcome = "repurchase"
scale = "0-1"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of 60 people in two clear segments, and its saved run beside it."""
    folder = tmp_path_factory.mktemp("kept") / "gym"
    folder.mkdir()
    draw, who = np.random.default_rng(3), [f"m{i:02d}" for i in range(60)]
    kind = np.repeat([0, 1], 30)
    pd.DataFrame({
        "id": who, "visits": draw.normal(3 + 9 * kind, 1).round(1), "hour": draw.normal(8 + 9 * kind, 1).round(1),
        "spend": draw.normal(90 - 50 * kind, 5).round(0),
    }).to_csv(folder / "members.csv", index=False)  # fmt: skip
    words = ["The coach was rude", "Great web site", "", "The coach is wonderful"]
    pd.DataFrame({
        "who": who, "site": draw.integers(3, 6, 60), "coach": draw.integers(1, 4, 60) + 2 * kind,
        "words": [words[i % 4] for i in range(60)], "again": kind,
    }).to_csv(folder / "poll.csv", index=False)  # fmt: skip
    (folder / "study.toml").write_text(STUDY, "utf-8")
    run = cjm.run_study(folder, n_segments=2, keep=folder.parent / "run")
    assert run.origin.kept == ()
    assert "study, segments, scored, journeys, moments computed and saved in" in repr(run)
    return folder


@pytest.fixture
def gym(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "gym")
    shutil.copytree(made.parent / "run", tmp_path / "run")
    return tmp_path / "gym"


def again(gym: Path, **options: object) -> cjm.StudyRun:
    return cjm.run_study(gym, **{"n_segments": 2, "keep": gym.parent / "run", **options})


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_nothing_is_computed_when_nothing_changed(gym: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cjmlab.flow.walk._MAKERS", {})
    monkeypatch.setattr("cjmlab.study.load_study", None)
    before = {file: file.stat().st_mtime_ns for file in (gym.parent / "run").rglob("*")}
    run = again(gym)
    assert run.origin.kept == STEPS
    assert "opened from" in repr(run)
    assert run.study.folder == gym == run.journeys.about.study.folder
    assert {file: file.stat().st_mtime_ns for file in (gym.parent / "run").rglob("*")} == before


@pytest.mark.parametrize(
    ("file", "old", "new", "still"),
    [
        ("study.toml", "[customers]", '[[codes]]\nid = "coach"\nkeywords = {en = ["trainer"]}\n\n[customers]', {"segments"}),
        ("study.toml", 'title = {en = "Gym"', 'title = {en = "Gym and pool"', {"segments", "scored"}),
        ("study.toml", "[study]", "# a remark\n[study]", {"segments", "scored", "journeys", "moments"}),
        ("poll.csv", "The coach was rude", "The coach was late", {"segments"}),
        ("poll.csv", ",0\n", ",1\n", {"segments", "scored", "journeys"}),
        ("members.csv", "m00,", "m60,", {"scored"}),
    ],
    ids=["a keyword", "the title", "a remark", "a comment", "an outcome", "a customer"],
)  # fmt: skip
def test_only_what_changed_is_computed_again(gym: Path, file: str, old: str, new: str, still: set[str]) -> None:
    edit(gym / file, old, new)
    run = again(gym)
    assert set(run.origin.kept) == still
    fresh = cjm.run_study(gym, n_segments=2)
    for step in STEPS[1:]:
        assert fingerprints.fingerprint(getattr(run, step)) == fingerprints.fingerprint(getattr(fresh, step)), step
    assert run.version == fresh.version
    assert all(step in repr(run) for step in STEPS)
    assert again(gym).origin.kept == STEPS, "and it is kept in turn"


def test_other_settings_are_another_run(gym: Path) -> None:
    first = again(gym)
    run = again(gym, n_segments=3)
    assert run.segments.n_segments == 3
    assert set(run.origin.kept) == {"scored"}
    assert run.version != first.version
    assert again(gym, n_segments=3, random_state=1).version not in (run.version, first.version)


def test_another_program_keeps_nothing(gym: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = {**fingerprints.fingerprint_program(), "code": "another"}
    monkeypatch.setattr(kept, "fingerprint_program", lambda: other)
    assert again(gym).origin.kept == ()


def test_what_was_put_in_by_hand_stays(gym: Path) -> None:
    run = again(gym)
    old = run.segments.names[0]
    mine = run.revise(segments=run.segments.named({old: "Early birds"}))
    assert set(mine.journeys.segment) == {"Early birds", run.segments.names[1]}
    assert mine.version != run.version
    assert "segments by hand" in repr(mine)
    mine.save(gym.parent / "run")
    assert again(gym).segments.names[0] == "Early birds"
    edit(gym / "poll.csv", "The coach was rude", "The coach was late")
    later = again(gym)
    assert later.segments.names[0] == "Early birds"
    assert set(later.origin.kept) == {"segments"}
    assert "segments by hand" in repr(later)
    edit(gym / "members.csv", "m00,", "m60,")
    with pytest.warns(UserWarning, match="The segments of the saved run were put in by hand for other customers"):
        last = again(gym)
    assert "Early birds" not in last.segments.names
    assert last.origin.by_hand == ()


def test_what_was_put_in_by_hand_outlives_the_program(gym: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = again(gym)
    run.revise(segments=run.segments.named({run.segments.names[0]: "Early birds"})).save(gym.parent / "run")
    other = {**fingerprints.fingerprint_program(), "code": "another"}
    monkeypatch.setattr(kept, "fingerprint_program", lambda: other)
    later = again(gym)
    assert later.segments.names[0] == "Early birds"
    assert later.origin.kept == ("segments",)


def test_scores_of_ones_own_carry_to_the_map(gym: Path) -> None:
    run = again(gym)
    mine = run.revise(scored=run.scored.assign(sentiment=-1.0))
    assert (mine.journeys.loc[mine.journeys.n > 0, "experience"] < -0.5).all()
    assert mine.segments is run.segments
    assert run.revise(segments=run.segments) is run, "nothing new is the same run"


def test_without_the_study_the_saved_run_is_opened(gym: Path) -> None:
    shutil.rmtree(gym)
    with pytest.warns(UserWarning, match="gym is not there; the run that was saved in"):
        run = again(gym)
    assert run.origin.kept == STEPS
    with pytest.raises(cjm.StudyError, match="there is no such folder"):
        cjm.run_study(gym, keep=gym.parent / "elsewhere")


def test_a_run_of_another_study_is_not_replaced(gym: Path) -> None:
    other = gym.parent / "pool"
    shutil.copytree(gym, other)
    with pytest.raises(cjm.CjmError, match=r"the folder holds a run of another study \('Gym', .*Give each study"):
        cjm.run_study(other, keep=gym.parent / "run")


def test_a_damaged_run_is_made_anew_with_a_warning(gym: Path) -> None:
    (gym.parent / "run" / "scored.parquet").write_bytes(b"garbage")
    with pytest.warns(UserWarning, match=r"The saved run is not used: .*scored\.parquet is not as it was saved"):
        run = again(gym)
    assert run.origin.kept == ()
    assert again(gym).origin.kept == STEPS


def test_a_study_that_was_loaded_is_known_by_what_it_holds(gym: Path) -> None:
    study = cjm.load_study(gym)
    run = cjm.run_study(study, n_segments=2, keep=gym.parent / "run")
    assert set(run.origin.kept) == set(STEPS[1:])
    assert run.study is study is run.journeys.about.study
    assert run.origin.files == {}


def test_the_version_is_that_of_what_went_in(gym: Path) -> None:
    run = again(gym)
    assert len(run.version) == 16
    assert int(run.version, 16) >= 0
    shutil.copytree(gym, gym.parent / "copy")
    assert cjm.run_study(gym.parent / "copy", n_segments=2).version == run.version, "wherever the folder lies"
    assert cjm.open_run(gym.parent / "run").version == run.version
    edit(gym / "poll.csv", "Great web site", "Great web sites")
    assert again(gym).version != run.version


def test_the_slow_verbs_give_the_same_on_an_opened_run(gym: Path) -> None:
    fresh, opened = cjm.run_study(gym, n_segments=2), cjm.open_run(gym.parent / "run")
    trees = [run.segments.typing_tool(items=2).tree for run in (fresh, opened)]
    assert trees[0] == trees[1]
    shown = [cjm.explore(run.journeys, run.moments) for run in (fresh, opened)]
    pd.testing.assert_frame_equal(pd.DataFrame(shown[0].journeys), pd.DataFrame(shown[1].journeys), check_exact=True)
    drifts = [run.segments.drift(run.study.customers).verdict for run in (fresh, opened)]
    assert drifts[0] == drifts[1]


def test_pseudonyms_depend_on_a_key_that_is_not_in_the_folder(gym: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (gym / "study.toml").write_text(STUDY + "\n[privacy]\npseudonyms = true\n", "utf-8")
    monkeypatch.setenv("CJMLAB_KEY", "the first key of two")
    first = again(gym)
    assert set(again(gym).origin.kept) == set(STEPS[1:]), "read again, and the same"
    monkeypatch.setenv("CJMLAB_KEY", "the second key of two")
    assert set(again(gym).study.customers.customer_id).isdisjoint(first.study.customers.customer_id)
    assert "key" not in json.loads((gym.parent / "run" / "run.json").read_text("utf-8"))


def test_a_killed_save_leaves_the_run_before(gym: Path) -> None:
    code = """
import os, signal, sys
import cjmlab as cjm
from cjmlab.flow import saved
lay = saved.lay_frame
count = iter(range(100))
def killed(*values):
    if next(count) == 9:
        os.kill(os.getpid(), signal.SIGKILL)
    return lay(*values)
saved.lay_frame = killed
cjm.open_run(sys.argv[1]).save(sys.argv[1])
"""
    place, version = gym.parent / "run", again(gym).version
    ended = subprocess.run([sys.executable, "-c", code, str(place)], check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    run = cjm.open_run(place)
    assert run.version == version
    run.save(place)
    assert sorted(entry.name for entry in gym.parent.iterdir()) == ["gym", "run"], "no litter"


def test_two_at_once_leave_one_whole_run(gym: Path) -> None:
    code = """
import sys
import cjmlab as cjm
run = cjm.open_run(sys.argv[1])
for turn in range(4):
    run.save(sys.argv[2])
    assert cjm.open_run(sys.argv[2]).version == run.version
"""
    target = gym.parent / "shared"
    command = [sys.executable, "-c", code, str(gym.parent / "run"), str(target)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    for one in both:
        _, said = one.communicate(timeout=120)
        assert one.returncode == 0, said.decode()
    assert cjm.open_run(target).version == again(gym).version
    assert sorted(entry.name for entry in gym.parent.iterdir()) == ["gym", "run", "shared"]


def test_a_folder_that_is_replaced_while_it_is_read_is_read_again(gym: Path, monkeypatch) -> None:
    """Another writer's run says the same and has the same manifest: only its files are others."""
    from cjmlab.flow import saved

    place = gym.parent / "run"
    run = again(gym)
    opened, calls = saved._open, []

    def replaced(folder: Path, manifest):
        calls.append(folder)
        if len(calls) <= 2:
            run.save(folder)
            raise saved.RunError("is missing")
        return opened(folder, manifest)

    monkeypatch.setattr(saved, "_open", replaced)
    assert cjm.open_run(place).version == run.version
    assert len(calls) == 3


def test_a_folder_that_nobody_replaces_is_refused_at_once(gym: Path, monkeypatch) -> None:
    from cjmlab.flow import saved

    again(gym)
    calls = []

    def broken(folder: Path, manifest):
        calls.append(folder)
        raise saved.RunError("is missing")

    monkeypatch.setattr(saved, "_open", broken)
    with pytest.raises(saved.RunError, match="is missing"):
        cjm.open_run(gym.parent / "run")
    assert len(calls) == 1
