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

from cjmlab.errors import CjmError

CLEAN, FINDINGS, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 well, 1 findings, 2 cannot."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not hasattr(options, "command"):
        parser.print_help()
        return CLEAN
    try:
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cjmlab", description="From raw customer voices to a customer journey map.")
    commands = parser.add_subparsers(title="commands", metavar="")

    demo = commands.add_parser("demo", help="run a sample study and print the path of one shareable HTML file")
    demo.add_argument("--sample", default="grocer", help="which sample study (default: grocer)")
    _page_options(demo)
    demo.set_defaults(command=_demo, language="en", quotes=True)  # nobody real speaks in a sample

    new = commands.add_parser("new", help="start a study from files: a study.toml with every guess and its reason")
    new.add_argument("study", type=Path, help="the folder to make")
    new.add_argument("--from", dest="files", type=Path, nargs="+", default=[], metavar="FILE", help="files to copy in")
    new.add_argument("--title", help="name of the study (default: the folder's name)")
    new.set_defaults(command=_new)

    check = commands.add_parser("check", help="list every problem of a study before anything runs")
    check.add_argument("study", type=Path, help="the folder with study.toml")
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    check.set_defaults(command=_check)

    run = commands.add_parser("run", help="run a study and write one shareable HTML file")
    run.add_argument("study", type=Path, help="the folder with study.toml")
    run.add_argument("--segments", default="auto", help="number of segments (default: auto)")
    _page_options(run)
    run.set_defaults(command=_run)

    render = commands.add_parser("render", help="turn a notebook into one offline HTML file with live filters")
    render.add_argument("notebook", type=Path, help="an .ipynb file; one without outputs is executed first")
    render.add_argument("-o", "--output", type=Path, help="the HTML file (default: beside the notebook)")
    render.add_argument("--show-code", action="store_true", help="show the code cells too")
    render.add_argument("--quotes", action="store_true", help="let masked verbatims travel in the file")
    render.add_argument("--redact", action="store_true", help="leave out every output that is not a map or an explorer")
    render.add_argument("--execute", action="store_true", help="execute the notebook first even if it has outputs")
    render.set_defaults(command=_render)

    export = commands.add_parser("export", help="write a study as .xlsx, .pptx, .png, .pdf, .csv or .md")
    export.add_argument("study", type=Path, help="the folder with study.toml")
    export.add_argument("-s", "--segment", help="the segment of a picture (default: the largest)")
    export.add_argument("--segments", default="auto", help="number of segments (default: auto)")
    _page_options(export)
    export.set_defaults(command=_export)

    lab = commands.add_parser("lab", help="open JupyterLab on a study or on the template notebooks")
    lab.add_argument("folder", type=Path, nargs="?", default=Path("notebooks"), help="default: notebooks")
    lab.set_defaults(command=_lab)

    doctor = commands.add_parser("doctor", help="say what this machine lacks for drawing, sharing and notebooks")
    doctor.set_defaults(command=_doctor)
    return parser


def _page_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", type=Path, help="the HTML file (default: out/<study>.html)")
    parser.add_argument("--language", help="en, zh-Hans, zh-Hant or ru (default: the study's first)")
    parser.add_argument("--quotes", action="store_true", help="let masked verbatims travel in the file")


def _demo(options: argparse.Namespace) -> int:
    from cjmlab.study.samples import make_sample

    folder = Path("data") / "samples" / options.sample
    if not (folder / "study.toml").is_file():
        print(f"Building the sample study in {folder} …", file=sys.stderr)
        make_sample(options.sample, folder)
    return _write_page(folder, options, "auto")


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
        if (folder / file.name).exists():
            raise CjmError("a file of that name is there already", where=str(folder / file.name))
    text = propose_study(options.files, title=options.title or folder.name) if options.files else study_template()
    folder.mkdir(parents=True, exist_ok=True)
    for file in options.files:
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

    run = run_study(options.study, n_segments=_wanted(options.segments), progress=sys.stderr.isatty())
    language = options.language or run.study.charter.languages[0]
    output = options.output or Path("out") / f"{run.study.folder.name}.xlsx"
    path = export(run.journeys, run.moments, output, segment=options.segment, language=language, quotes=options.quotes)
    print(Path(path).resolve())
    return CLEAN


def _write_page(folder: Path, options: argparse.Namespace, n_segments: int | str) -> int:
    from cjmlab.flow import run_study
    from cjmlab.share import share_page

    run = run_study(folder, n_segments=n_segments, progress=sys.stderr.isatty() or options.command is _demo)
    language = options.language or run.study.charter.languages[0]
    output = options.output or Path("out") / f"{run.study.folder.name}.html"
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

    assert isinstance(run, StudyRun)
    lines = [f"{len(run.study.customers):,} customers, {len(run.study.feedback):,} feedback rows"]
    if run.segments is not None:
        lines.append(run.segments.verdict)
    pains = run.moments[(run.moments["kind"] == "pain") & (run.moments["rank"] == 1)]
    lines += [f"{row.segment}: {row.reason}" for row in pains.itertuples()]
    if len(run.study.report):
        lines.append(f"{len(run.study.report)} findings on the data: cjmlab check {run.study.folder}")
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
    count = f" [{said['count']}]" if "count" in said else ""
    return f"{said['level']}: {said['where']}: {said['finding']}{count}{example}. {said.get('remedy', '')}".rstrip()


def _render(options: argparse.Namespace) -> int:
    from cjmlab.share import render

    output = options.output or options.notebook.with_suffix(".html")
    path = render(
        options.notebook,
        output,
        show_code=options.show_code,
        quotes=options.quotes,
        redact=options.redact,
        execute=options.execute,
    )
    print(Path(path).resolve())
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


if __name__ == "__main__":
    sys.exit(main())
