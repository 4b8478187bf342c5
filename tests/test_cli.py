"""The command line: what it prints, what it exits with, and that a refusal is a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cjmlab.cli import main

SAMPLE = Path(__file__).parents[1] / "data" / "samples" / "grocer"


def test_without_a_command_it_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "demo" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_missing_study_is_one_sentence(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, str(tmp_path / "nowhere")]) == 2
    said = capsys.readouterr().err.strip()
    assert "nowhere" in said
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1


def test_check_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(SAMPLE), "--json"]) in (0, 1)
    findings = json.loads(capsys.readouterr().out)
    assert all({"where", "finding"} <= set(row) for row in findings)


def test_run_writes_one_page_and_prints_its_path_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    assert main(["run", str(SAMPLE), "-o", str(page), "--language", "ru"]) == 0
    assert capsys.readouterr().out.strip().splitlines()[-1] == str(page)
    assert page.read_text("utf-8").lstrip().lower().startswith("<!doctype html>")


def test_a_kept_run_is_opened_by_the_next_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "run"
    assert main(["export", str(SAMPLE), "-o", str(tmp_path / "map.md"), "--keep", str(kept)]) == 0
    assert (kept / "run.json").is_file()
    monkeypatch.setattr("cjmlab.flow.walk._MAKERS", {})  # nothing is computed
    monkeypatch.setattr("cjmlab.share.share_page", lambda *tables, **options: tables[2])
    assert main(["run", str(SAMPLE), "-o", str(tmp_path / "page.html"), "--keep", str(kept)]) == 0
    assert f"Opened from {kept}." in capsys.readouterr().out


def test_a_folder_that_holds_other_things_keeps_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert main(["run", str(SAMPLE), "--keep", str(tmp_path)]) == 2
    assert "the folder holds 'thesis.txt', which is no part of a saved run" in capsys.readouterr().err


def test_a_wrong_number_of_segments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(SAMPLE), "--segments", "many"]) == 2
    assert "--segments: 'many' is not a number of segments. Give 1, 2, 3 … or auto." in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "said"), [
    (["chekc", "x"], "cjmlab: 'chekc' is not a command. Did you mean 'check'?"),
    (["run", str(SAMPLE), "--languge", "en"], "cjmlab: run: '--languge' is not an option. Did you mean '--language'?"),
    (["run"], "cjmlab: run: the following arguments are required: study. See `cjmlab run --help`."),
    (["run", str(SAMPLE), "more"], "cjmlab: run: 'more' is too much."),
    (["run", str(SAMPLE), "--language", "fr"], "cjmlab: 'fr' is not a known language."),
    (["export", str(SAMPLE), "-o", "map.docx"], "cjmlab: map.docx: '.docx' cannot be written. Use .xlsx"),
    (["run", str(SAMPLE), "-o", str(SAMPLE)], "this is a folder, not a file. Add a file name."),
    (["demo", "--sample", "grocr"], "'grocr' is not a sample study. Did you mean 'grocer'?"),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused_at_once(
    typed: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cjmlab.flow.run_study", None)  # nothing may be run before
    assert main(typed) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert "\x1b" not in err
    assert out == ""


@pytest.mark.parametrize("command", ["demo", "new", "check", "run", "render", "export", "lab", "doctor"])
def test_every_command_says_what_it_is_for(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    words = " ".join(capsys.readouterr().out.split())
    assert words.startswith(f"usage: cjmlab {command}")
    assert ". " in words.partition("options:")[0]


def test_it_is_installed_as_a_command() -> None:
    done = subprocess.run([sys.executable, "-m", "cjmlab.cli", "--help"], capture_output=True, text=True, check=True)
    assert "usage: cjmlab" in done.stdout


def test_a_study_starts_from_files_and_runs_as_proposed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    furniture = SAMPLE.parent / "furniture"
    files = [str(path) for path in sorted(furniture.glob("*.csv"))]
    study = tmp_path / "study"
    assert main(["new", str(study), "--from", *files, str(furniture / "interviews")]) == 0
    assert main(["check", str(study)]) == 0
    assert main(["export", str(study), "--segments", "2", "-o", str(tmp_path / "map.md")]) == 0
    assert (tmp_path / "map.md").stat().st_size > 1000
    capsys.readouterr()
    assert main(["new", str(study), "--from", *files]) == 2
    assert "there is a study already" in capsys.readouterr().err


def test_a_study_of_customers_alone_says_why_there_is_no_map(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"c{n},{n % 2},{n * 7}" for n in range(60)]
    (tmp_path / "people.csv").write_text("\n".join(["customer_id,kind,visits", *rows]), encoding="utf-8")
    assert main(["new", str(tmp_path / "s"), "--from", str(tmp_path / "people.csv")]) == 0
    assert main(["run", str(tmp_path / "s"), "-o", str(tmp_path / "map.html")]) == 2
    out, err = capsys.readouterr()
    assert "60 customers, 0 feedback rows" in out
    assert "no answer and no event falls on a touchpoint, so there is no map to draw. See `cjmlab check" in err
    assert not (tmp_path / "map.html").exists()


def test_new_without_files_gives_the_annotated_template(tmp_path: Path) -> None:
    assert main(["new", str(tmp_path / "blank")]) == 0
    assert "[[survey.questions]]" in (tmp_path / "blank" / "study.toml").read_text("utf-8")


def test_new_from_a_missing_file_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "s"), "--from", str(tmp_path / "no.csv")]) == 2
    assert "there is no such file" in capsys.readouterr().err
    assert not (tmp_path / "s").exists()


def test_the_doctor_says_what_is_missing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from cjmlab.share import doctor

    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "✗ browser: missing, for PNG and PDF exports" in said
    assert "✓ Python" in said


def test_lab_needs_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", str(tmp_path / "nowhere")]) == 2
    assert "there is no such folder" in capsys.readouterr().err


def test_a_study_may_be_made_checked_and_run_from_within_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "corner_shop"
    folder.mkdir()
    rows = "\n".join(f"p{k},{1 + k % 5},{2 + k % 4}" for k in range(40))
    (folder / "poll.csv").write_text(f"guest,delivery (1-5),checkout (1-5)\n{rows}\n", "utf-8")
    monkeypatch.chdir(folder)
    assert main(["new", ".", "--from", "poll.csv"]) == 0
    assert 'title = "corner_shop"' in Path("study.toml").read_text("utf-8")
    assert main(["check", "."]) in (0, 1)
    assert main(["run", ".", "--keep", "../kept"]) == 0
    assert capsys.readouterr().out.strip().splitlines()[-1] == str(folder / "out" / "corner_shop.html")
