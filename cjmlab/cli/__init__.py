"""The command line: demo, new, check, run, render, export, lab, doctor. Heavy rooms load only when a command needs them."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cjmlab.cli.arguments import build_parser
from cjmlab.errors import CjmError, did_you_mean

CLEAN, FINDINGS, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 well, 1 findings, 2 cannot."""
    parser = build_parser(COMMANDS)
    try:
        options = parser.parse_args(arguments)
        if not hasattr(options, "command"):
            parser.print_help()
            return CLEAN
        _check_early(options)
        return int(options.command(options))
    except CjmError as error:
        print(f"cjmlab: {error}", file=sys.stderr)
        return UNREADABLE
    except KeyboardInterrupt:
        print("cjmlab: stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `cjmlab check … | head` closed the pipe: nothing is left to say
        sys.stderr.close()
        return CLEAN


def _check_early(options: argparse.Namespace) -> None:
    """Refuse what cannot end well before minutes are spent on it."""
    if getattr(options, "language", None):
        from cjmlab.vocabulary import language_code

        options.language = language_code(options.language)
    output: Path | None = getattr(options, "output", None)
    if output is not None and output.is_dir():
        raise CjmError("this is a folder, not a file", where=str(output), remedy="Add a file name.")
    if output is not None and options.command is _export:
        from cjmlab.share.export import SUFFIXES

        if output.suffix.lower() not in SUFFIXES:
            what = f"{output.suffix or output.name!r} cannot be written"
            raise CjmError(what, where=str(output), remedy=f"Use {', '.join(SUFFIXES)}.")


def _demo(options: argparse.Namespace) -> int:
    from cjmlab.study.samples import list_samples, make_sample

    if options.sample not in list_samples():
        raise CjmError(f"{options.sample!r} is not a sample study", remedy=did_you_mean(options.sample, list_samples()))
    folder = Path("data") / "samples" / options.sample
    if not (folder / "study.toml").is_file():
        print(f"Building the sample study in {folder} …", file=sys.stderr)
        make_sample(options.sample, folder)
    return _write_page(folder, options, "auto")


def _name(folder: Path) -> str:
    """Return the name of a folder, also of "."."""
    return folder.resolve().name or "study"


def _new(options: argparse.Namespace) -> int:
    from cjmlab.share import write_whole
    from cjmlab.study import propose_study, study_template

    folder: Path = options.study
    place = folder / "study.toml"
    if place.exists():
        raise CjmError("there is a study already", where=str(place), remedy="Give another folder, or edit that file.")
    for file in options.files:
        if not file.exists():
            raise CjmError("there is no such file", where=str(file))
        if (folder / file.name).exists() and not (folder / file.name).samefile(file):
            raise CjmError("a file of that name is there already", where=str(folder / file.name))
    text = propose_study(options.files, title=options.title or _name(folder)) if options.files else study_template()
    folder.mkdir(parents=True, exist_ok=True)
    for file in options.files:
        if (folder / file.name).exists():
            continue  # it lies in the folder already
        copy = shutil.copytree if file.is_dir() else shutil.copyfile
        copy(file, folder / file.name)
    print(f"Wrote {write_whole(place, text)}. Read its comments, correct what is wrong, then: cjmlab check {folder}")
    return CLEAN


def _run(options: argparse.Namespace) -> int:
    return _write_page(options.study, options, _wanted(options.segments))


def _wanted(segments: str) -> int | str:
    if segments != "auto" and not (segments.isdecimal() and int(segments) > 0):
        raise CjmError(
            f"{segments!r} is not a number of segments", where="--segments", remedy="Give 1, 2, 3 … or auto."
        )
    return segments if segments == "auto" else int(segments)


def _export(options: argparse.Namespace) -> int:
    from cjmlab.flow import run_study
    from cjmlab.share import export

    run = run_study(
        options.study, n_segments=_wanted(options.segments), progress=sys.stderr.isatty(), keep=options.keep
    )
    language = options.language or run.study.charter.languages[0]
    output = options.output or Path("out") / f"{_name(run.study.folder)}.xlsx"
    path = export(run.journeys, run.moments, output, segment=options.segment, language=language, quotes=options.quotes)
    print(Path(path).resolve())
    return CLEAN


def _write_page(folder: Path, options: argparse.Namespace, n_segments: int | str) -> int:
    from cjmlab.flow import run_study
    from cjmlab.share import share_page

    shown, keep = sys.stderr.isatty() or options.command is _demo, getattr(options, "keep", None)
    run = run_study(folder, n_segments=n_segments, progress=shown, keep=keep)
    language = options.language or run.study.charter.languages[0]
    output = options.output or Path("out") / f"{_name(run.study.folder)}.html"
    if not len(run.journeys):
        print(*_summary(run), sep="\n")
        what = "no answer and no event falls on a touchpoint, so there is no map to draw"
        raise CjmError(what, where=str(run.study.folder), remedy=f"See `cjmlab check {run.study.folder}`.")
    print("drawing the page …", file=sys.stderr)
    path = share_page(
        run.journeys,
        run.moments,
        output,
        title=run.study.charter.title.text(language),
        language=language,
        quotes=options.quotes,
    )
    for line in _summary(run):
        print(line)
    print(Path(path).resolve())
    return CLEAN


def _summary(run: object) -> list[str]:
    from cjmlab.flow import StudyRun
    from cjmlab.journeys.context import context_of
    from cjmlab.tables import ANONYMOUS

    assert isinstance(run, StudyRun)
    people = set(context_of(run.journeys).voices["customer"])
    nameless = sum(name.startswith(ANONYMOUS) for name in people)
    more = f" and {nameless:,} people who gave no name" if nameless else ""
    lines = [f"{len(run.study.customers):,} customers{more}, {len(run.study.feedback):,} feedback rows"]
    if origin := str(run.origin):
        lines.append(f"{origin[:1].upper()}{origin[1:]}.")
    if run.segments is not None:
        lines.append(run.segments.verdict)
    pains = run.moments[(run.moments["kind"] == "pain") & (run.moments["rank"] == 1)]
    lines += [f"{row.segment}: {row.reason}" for row in pains.itertuples()]
    if count := len(run.study.report):
        lines.append(f"{count} finding{'s' if count > 1 else ''} on the data: cjmlab check {run.study.folder}")
    return lines


def _check(options: argparse.Namespace) -> int:
    from cjmlab.study import check_study

    findings = check_study(options.study)
    if options.json:
        print(json.dumps(json.loads(findings.to_json(orient="records")), ensure_ascii=False, indent=2))
    else:
        for row in findings.to_dict("records"):
            print(_sentence(row))
        problems = int((findings["level"] != "note").sum())
        print(f"{options.study}: {problems} to fix, {len(findings) - problems} to know.")
    return FINDINGS if (findings["level"] != "note").any() else CLEAN


def _sentence(row: Mapping[Hashable, Any]) -> str:
    said = {key: str(value) for key, value in row.items() if value is not None and value == value and str(value)}
    example = f" (first: {said['example']})" if "example" in said else ""
    count = f" [{said['count']}]" if said.get("count", "1") not in {"0", "1"} else ""
    return f"{said['level']}: {said['where']}: {said['finding']}{count}{example}. {said.get('remedy', '')}".rstrip()


def _render(options: argparse.Namespace) -> int:
    from cjmlab.share.notebook import render_files

    output = options.output or options.notebook.with_suffix(".html")
    files = render_files(
        options.notebook,
        output,
        show_code=options.show_code,
        quotes=options.quotes,
        redact=options.redact,
        slim=options.slim,
        pictures=options.kinds or (),
        execute=options.execute,
    )
    for file in files:
        print(file.resolve())
    return CLEAN


def _lab(options: argparse.Namespace) -> int:
    if not options.folder.is_dir():
        raise CjmError("there is no such folder", where=str(options.folder), remedy="Give the folder of a study.")
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={options.folder}", "--LabApp.news_url=None"]
    return subprocess.call(command)


def _doctor(options: argparse.Namespace) -> int:
    from cjmlab.share.doctor import examine

    found = examine()
    for row in found.to_dict("records"):
        what = str(row["found"]) if row["ok"] else f"missing, for {row['needed_for']}. {row['remedy']}"
        print(f"{'✓' if row['ok'] else '✗'} {row['check']}: {what}")
    return CLEAN if found["ok"].all() else FINDINGS


COMMANDS = {
    "demo": _demo,
    "new": _new,
    "check": _check,
    "run": _run,
    "render": _render,
    "export": _export,
    "lab": _lab,
    "doctor": _doctor,
}
