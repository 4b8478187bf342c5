"""The command line: demo, new, check, run, render, export, lab, doctor. Heavy rooms load only when a command needs them."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Hashable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from cjmlab.errors import CjmError, did_you_mean

CLEAN, FINDINGS, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 well, 1 findings, 2 cannot."""
    parser = _parser()
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


class _Parser(argparse.ArgumentParser):
    """A parser whose refusals name the nearest word that it knows."""

    def error(self, message: str) -> NoReturn:
        """Refuse what was typed in one sentence."""
        where = self.prog.removeprefix("cjmlab").strip() or None
        word = re.search(r"(invalid choice|unrecognized arguments): '?(-?[^\s']+)", message)
        if word is None:
            raise CjmError(message, where=where, remedy=f"See `{self.prog} --help`.")
        known, what = [str(name) for action in self._actions for name in action.choices or ()], "a command"
        if word[1] != "invalid choice":
            known, what = [flag for a in self._actions for flag in a.option_strings if flag[:2] == "--"], "an option"
        raise CjmError(f"{word[2]!r} is not {what}", where=where, remedy=did_you_mean(word[2], known))

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse a command; what its own parser does not know is refused by that one."""
        options, rest = self.parse_known_args(args, namespace)
        if rest:
            parser = getattr(options, "parser", self)
            parser.error(
                f"unrecognized arguments: {rest[0]}" if rest[0].startswith("-") else f"{rest[0]!r} is too much"
            )
        return options


def _command(commands: Any, name: str, purpose: str, more: str = "", **options: Any) -> argparse.ArgumentParser:
    description = f"{purpose[:1].upper()}{purpose[1:]}. {more}".strip()
    parser: argparse.ArgumentParser = commands.add_parser(name, help=purpose, description=description, **options)
    parser.set_defaults(parser=parser)
    return parser


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="cjmlab",
        description="From raw customer voices to a customer journey map.",
        epilog="Exit code: 0 well, 1 something to fix was found, 2 it cannot be done. `cjmlab COMMAND --help` says more.",
    )
    parser.add_argument("--version", action="version", version=f"cjmlab {version('cjmlab')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)

    demo = _command(commands, "demo", "run a sample study and print the path of one shareable HTML file")
    demo.add_argument("--sample", default="grocer", help="which sample study (default: grocer)")
    _page_options(demo)
    demo.set_defaults(command=_demo, language="en", quotes=True)  # nobody real speaks in a sample

    more = "Without files it is the annotated template with every key. The files are copied; nothing is overwritten."
    usage = "cjmlab new STUDY [--from FILE …] [--title TITLE]"
    purpose = "start a study from files: a study.toml with every guess and its reason"
    new = _command(commands, "new", purpose, more, usage=usage)
    new.add_argument("study", type=Path, help="the folder to make")
    new.add_argument(
        "--from",
        dest="files",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="tables, transcripts, or folders of transcripts",
    )
    new.add_argument("--title", help="name of the study (default: the folder's name)")
    new.set_defaults(command=_new)

    check = _command(commands, "check", "list every problem of a study before anything runs")
    check.add_argument("study", type=Path, help="the folder with study.toml")
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    check.set_defaults(command=_check)

    run = _command(commands, "run", "run a study and write one shareable HTML file")
    run.add_argument("study", type=Path, help="the folder with study.toml")
    run.add_argument("--segments", default="auto", help="number of segments (default: auto)")
    _page_options(run)
    run.set_defaults(command=_run)

    render = _command(commands, "render", "turn a notebook into one offline HTML file with live filters")
    render.add_argument("notebook", type=Path, help="an .ipynb file; one without outputs is executed first")
    render.add_argument("-o", "--output", type=Path, help="the HTML file (default: beside the notebook)")
    render.add_argument("--show-code", action="store_true", help="show the code cells too")
    render.add_argument("--quotes", action="store_true", help="let masked verbatims travel in the file")
    render.add_argument("--redact", action="store_true", help="leave out every output that is not a map or an explorer")
    render.add_argument("--slim", action="store_true", help="leave out the drawing library: a quarter of the size")
    render.add_argument("--png", dest="kinds", action="append_const", const="png", help="also write pictures as PNG")
    render.add_argument("--pdf", dest="kinds", action="append_const", const="pdf", help="also write A3 pages as PDF")
    render.add_argument("--execute", action="store_true", help="execute the notebook first even if it has outputs")
    render.set_defaults(command=_render)

    export = _command(commands, "export", "write a study as .xlsx, .pptx, .png, .svg, .pdf, .csv or .md")
    export.add_argument("study", type=Path, help="the folder with study.toml")
    export.add_argument("-s", "--segment", help="the segment of a picture (default: the largest)")
    export.add_argument("--segments", default="auto", help="number of segments (default: auto)")
    _page_options(export, "the file; its suffix says what it is (default: out/<study>.xlsx)")
    export.set_defaults(command=_export)

    lab = _command(commands, "lab", "open JupyterLab on a study or on the template notebooks")
    lab.add_argument("folder", type=Path, nargs="?", default=Path("notebooks"), help="the folder (default: notebooks)")
    lab.set_defaults(command=_lab)

    doctor = _command(commands, "doctor", "say what this machine lacks for drawing, sharing and notebooks")
    doctor.set_defaults(command=_doctor)
    return parser


def _page_options(parser: argparse.ArgumentParser, output: str = "the HTML file (default: out/<study>.html)") -> None:
    parser.add_argument("-o", "--output", type=Path, help=output)
    parser.add_argument("--language", help="en, zh-Hans, zh-Hant or ru (default: the study's first)")
    parser.add_argument("--quotes", action="store_true", help="let masked verbatims travel in the file")


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

    assert isinstance(run, StudyRun)
    lines = [f"{len(run.study.customers):,} customers, {len(run.study.feedback):,} feedback rows"]
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


if __name__ == "__main__":
    sys.exit(main())
