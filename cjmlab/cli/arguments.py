"""What may be typed: the commands with their options, and refusals that name the nearest word."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from cjmlab.errors import CjmError, did_you_mean


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


def _command(words: Any, name: str, purpose: str, more: str = "", **options: Any) -> argparse.ArgumentParser:
    description = f"{purpose[:1].upper()}{purpose[1:]}. {more}".strip()
    parser: argparse.ArgumentParser = words.add_parser(name, help=purpose, description=description, **options)
    parser.set_defaults(parser=parser)
    return parser


def build_parser(commands: Mapping[str, Callable[[argparse.Namespace], int]]) -> argparse.ArgumentParser:
    """Return the parser of the command line; each command is given the function that runs it."""
    parser = _Parser(
        prog="cjmlab",
        description="From raw customer voices to a customer journey map.",
        epilog="Exit code: 0 well, 1 something to fix was found, 2 it cannot be done. `cjmlab COMMAND --help` says more.",
    )
    parser.add_argument("--version", action="version", version=f"cjmlab {version('cjmlab')}")
    words = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)

    demo = _command(words, "demo", "run a sample study and print the path of one shareable HTML file")
    demo.add_argument("--sample", default="grocer", help="which sample study (default: grocer)")
    _page_options(demo)
    demo.set_defaults(command=commands["demo"], language="en", quotes=True)  # nobody real speaks in a sample

    more = "Without files it is the annotated template with every key. The files are copied; nothing is overwritten."
    usage = "cjmlab new STUDY [--from FILE …] [--title TITLE]"
    purpose = "start a study from files: a study.toml with every guess and its reason"
    new = _command(words, "new", purpose, more, usage=usage)
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
    new.set_defaults(command=commands["new"])

    check = _command(words, "check", "list every problem of a study before anything runs")
    check.add_argument("study", type=Path, help="the folder with study.toml")
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    check.set_defaults(command=commands["check"])

    run = _command(words, "run", "run a study and write one shareable HTML file")
    run.add_argument("study", type=Path, help="the folder with study.toml")
    _run_options(run)
    _page_options(run)
    run.set_defaults(command=commands["run"])

    render = _command(words, "render", "turn a notebook into one offline HTML file with live filters")
    render.add_argument("notebook", type=Path, help="an .ipynb file; one without outputs is executed first")
    render.add_argument("-o", "--output", type=Path, help="the HTML file (default: beside the notebook)")
    render.add_argument("--show-code", action="store_true", help="show the code cells too")
    render.add_argument("--quotes", action="store_true", help="let masked verbatims travel in the file")
    render.add_argument("--redact", action="store_true", help="leave out every output that is not a map or an explorer")
    render.add_argument("--slim", action="store_true", help="leave out the drawing library: a quarter of the size")
    render.add_argument("--png", dest="kinds", action="append_const", const="png", help="also write pictures as PNG")
    render.add_argument("--pdf", dest="kinds", action="append_const", const="pdf", help="also write A3 pages as PDF")
    render.add_argument("--execute", action="store_true", help="execute the notebook first even if it has outputs")
    render.set_defaults(command=commands["render"])

    export = _command(words, "export", "write a study as .xlsx, .pptx, .png, .svg, .pdf, .csv or .md")
    export.add_argument("study", type=Path, help="the folder with study.toml")
    export.add_argument("-s", "--segment", help="the segment of a picture (default: the largest)")
    _run_options(export)
    _page_options(export, "the file; its suffix says what it is (default: out/<study>.xlsx)")
    export.set_defaults(command=commands["export"])

    lab = _command(words, "lab", "open JupyterLab on a study or on the template notebooks")
    lab.add_argument("folder", type=Path, nargs="?", default=Path("notebooks"), help="the folder (default: notebooks)")
    lab.set_defaults(command=commands["lab"])

    doctor = _command(words, "doctor", "say what this machine lacks for drawing, sharing and notebooks")
    doctor.set_defaults(command=commands["doctor"])
    return parser


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--segments", default="auto", help="number of segments (default: auto)")
    keep = "keep the run in a folder; the next time only what changed is computed"
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help=keep)


def _page_options(parser: argparse.ArgumentParser, output: str = "the HTML file (default: out/<study>.html)") -> None:
    parser.add_argument("-o", "--output", type=Path, help=output)
    parser.add_argument("--language", help="en, zh-Hans, zh-Hant or ru (default: the study's first)")
    parser.add_argument("--quotes", action="store_true", help="let masked verbatims travel in the file")
