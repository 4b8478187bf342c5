"""A first ``study.toml`` for files that nobody has described yet: every guess with its reason, ready to be corrected."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from cjmlab.errors import CjmError, StudyError
from cjmlab.sources.documents import SUFFIXES, read_document
from cjmlab.sources.files import read_table
from cjmlab.sources.report import Reading, shorten
from cjmlab.study.kinds import Kind, column_kinds, find_languages
from cjmlab.vocabulary import Codebook, codebook, list_stage_models, stage_model, touchpoints

_OUTCOMES = {
    "recommend": re.compile(r"recommend|\bnps\b|推荐|推薦|рекоменд|посовет", re.IGNORECASE),
    "repurchase": re.compile(
        r"repurchase|buy again|purchase again|come back|复购|再次购买|还会.{0,4}买|再買|回购|снова куп|повторн|ещё раз куп",
        re.IGNORECASE,
    ),
}
_EXPECTED = re.compile(r"expect|期望|预期|期待|預期|ожида", re.IGNORECASE)
_MODEL = "lv3"


def propose_study(files: Iterable[str | Path], *, title: str | None = None) -> str:
    r"""Write a ``study.toml`` for files, from what stands in them.

    Parameters
    ----------
    files : iterable of str or Path
        Tables, transcripts, or folders of transcripts. The text names them by their last part: put it in the folder
        that holds them.
    title : str, optional
        Name of the study.

    Returns
    -------
    str
        TOML that ``load_study`` reads. Every guess has its reason behind a ``#``. Whether more is better on a scale
        cannot be seen in a file: each scale says so and waits to be checked.

    Raises
    ------
    StudyError
        When no file is given.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "people.csv"
    >>> _ = path.write_text("client id,city\n1,Perm\n2,Ufa\n", encoding="utf-8")
    >>> 'customer_id = "client id"' in propose_study([path])
    True
    """
    places = [Path(file) for file in files]
    if not places:
        raise StudyError("no files are given", remedy="Name the files that the study is made of.")
    model = stage_model(_MODEL)
    book = codebook(touchpoints(None, model), model)
    words: list[str] = []
    talks = [p for p in places if p.is_dir() or p.suffix.lower() in SUFFIXES]
    parts = [_interviews(place, words) for place in talks]
    seen_customers = False
    for place in [p for p in places if p not in talks]:
        try:
            reading = read_table(place)
        except CjmError as error:
            parts.append(f"# {place.name} is not in the study yet: {_comment(str(error))}\n")
            continue
        kinds = column_kinds(reading)
        words += [
            str(v)
            for kind in kinds.values()
            if kind.kind == "text"
            for v in reading.table[kind.column].dropna().head(50)
        ]
        words += list(reading.table.columns)
        section = _section(reading, kinds, seen_customers)
        seen_customers |= section == "customers"
        writer = {"customers": _customers, "events": _events, "survey": _survey, "outcomes": _outcomes}[section]
        parts.append(writer(place.name, reading, kinds, book))
    names = [p.stem for p in places]
    return "\n".join([_head(title or "New study", find_languages(words)), *_apart(parts, names)])


def _head(title: str, languages: list[str]) -> str:
    models = ", ".join(list_stage_models())
    return f"""# Proposed from the files; every line behind a # says why. Correct it, then run `cjmlab check`.
[study]
title = {_quoted(title)}
# goal = "What the customer wants to get done, in the customer's words"
# segment_scope = "Whom the study covers"
# scenario = "In which situation"
stage_model = "{_MODEL}"  # shipped: {models}; or your own: stages = ["Discover", "Buy", "Use"]
languages = [{", ".join(map(_quoted, languages))}]  # from the scripts in the texts; the first one names things in tables
"""


def _interviews(place: Path, words: list[str]) -> str:
    key, reason = ("folder", "a folder") if place.is_dir() else ("file", "a transcript")
    first = (
        next((p for p in sorted(place.rglob("*")) if p.suffix.lower() in SUFFIXES), place) if place.is_dir() else place
    )
    try:
        words.append(read_document(first).text[:5000])
    except CjmError as error:
        reason += f", though {first.name} cannot be read: {_comment(str(error))}"
    return f"""[[interviews]]
{key} = {_quoted(place.name)}  # {reason}
customer_id = "filename"  # the name of each file is taken as the customer; or "speaker", or a pattern such as "(C\\\\d+)"
"""


def _section(reading: Reading, kinds: Mapping[str, Kind], seen_customers: bool) -> str:
    by_kind = {kind.kind: column for column, kind in kinds.items()}
    identity = by_kind.get("id")
    repeats = identity is not None and bool(reading.table[identity].dropna().duplicated().any())
    if "event" in by_kind and "time" in by_kind and identity:
        return "events"
    if repeats and "time" in by_kind and not {"rating", "words", "text"} & set(by_kind) and "category" in by_kind:
        return "events"
    named = any(_outcome_of(column, kind) for column, kind in kinds.items())
    if identity and named and not {"time", "text", "words"} & set(by_kind):
        return "outcomes"
    if identity and not repeats and not seen_customers and not {"time", "text", "words"} & set(by_kind):
        return "customers"
    return "survey"


def _customers(name: str, reading: Reading, kinds: Mapping[str, Kind], _: Codebook) -> str:
    lines = ["[customers]", f"file = {_quoted(name)}  # one row a customer, and no time or open answer in it"]
    roles: dict[str, list[str]] = {"nominal": [], "ordinal": [], "numeric": []}
    notes = []
    for column, kind in kinds.items():
        if kind.kind == "id":
            lines.append(f"customer_id = {_quoted(column)}  # {_comment(kind.reason)}")
        elif kind.kind in {"identifier", "empty"}:
            notes.append(f"# left out: {_comment(column)} ({kind.reason})")
        else:
            role = "ordinal" if kind.kind == "rating" else "numeric" if kind.kind == "number" else "nominal"
            roles[role].append(column)
            notes.append(f"# {role}: {_comment(column)} ({_comment(kind.reason)})")
    lines += [f"{role} = [{', '.join(map(_quoted, columns))}]" for role, columns in roles.items() if columns]
    return "\n".join([*lines, *notes, ""])


def _events(name: str, reading: Reading, kinds: Mapping[str, Kind], book: Codebook) -> str:
    lines = [
        "[[events]]",
        f"file = {_quoted(name)}  # customers come back, each row has a time and the name of an event",
    ]
    by_kind: dict[str, Kind] = {}
    for kind in kinds.values():
        by_kind.setdefault(kind.kind, kind)
    event = by_kind.get("event") or by_kind["category"]
    for key, found in (
        ("customer_id", by_kind["id"]),
        ("time", by_kind["time"]),
        ("event", event),
        ("channel", by_kind.get("channel")),
    ):
        if found:
            lines.append(f"{key} = {_quoted(found.column)}  # {_comment(found.reason)}")
    lines += ['time_zone = "UTC"  # times without a zone; not known, check', "[events.map]"]
    for word in reading.table[event.column].dropna().str.strip().value_counts().index[:60]:
        point = _touchpoint_in(word, book)
        lines.append(
            f"{_quoted(word)} = {_quoted(point)}" if point else f"# {_quoted(_comment(word))} = which touchpoint?"
        )
    return "\n".join([*lines, ""])


def _outcome_of(column: str, kind: Kind) -> str | None:
    if kind.kind not in {"rating", "number"}:
        return None
    return next((name for name, pattern in _OUTCOMES.items() if pattern.search(column)), None)


def _outcomes(name: str, reading: Reading, kinds: Mapping[str, Kind], _: Codebook) -> str:
    lines = ["[[outcomes]]", f"file = {_quoted(name)}  # a column named as an outcome, and no answers"]
    keys = {"id": "customer_id", "wave": "wave_column"}
    lines += [f"{keys[k.kind]} = {_quoted(c)}  # {_comment(k.reason)}" for c, k in kinds.items() if k.kind in keys]
    lines.append("[outcomes.columns]")
    for column, kind in kinds.items():
        if _outcome_of(column, kind):
            scale = kind.scale or "0-1"
            lines.append(
                f"{_quoted(column)} = {_quoted(scale)}  # {_comment(kind.reason)}; larger taken as better, check"
            )
    return "\n".join([*lines, ""])


def _survey(name: str, reading: Reading, kinds: Mapping[str, Kind], book: Codebook) -> str:
    lines = ["[[survey]]", f"file = {_quoted(name)}  # answers: {reading.report.rows_loaded:,} rows"]
    if reading.layout:
        lines.append(f"layout = {_quoted(reading.layout)}")
    keys = {
        "id": "customer_id",
        "time": "time",
        "language": "language_column",
        "wave": "wave_column",
        "channel": "channel_column",
    }
    questions, taken = [], set()
    for column, kind in kinds.items():
        if kind.kind in keys and kind.kind not in taken:
            taken.add(kind.kind)
            lines.append(f"{keys[kind.kind]} = {_quoted(column)}  # {_comment(kind.reason)}")
        elif kind.kind in {"rating", "words", "text"}:
            questions.append(_question(column, kind, reading, book))
        else:
            lines.append(f"# not used: {_comment(column)} ({_comment(kind.reason)})")
    if "time" in taken:
        lines += [
            'time_zone = "UTC"  # times without a zone; not known, check',
            'date_order = "dmy"  # only for dates such as 03/04/2024; check',
        ]
    if not questions:
        return "\n".join(f"# {line}" for line in [f"{name} has no column of answers:", *lines]) + "\n"
    return "\n".join([*lines, *questions])


def _question(column: str, kind: Kind, reading: Reading, book: Codebook) -> str:
    words = f"{column} {reading.wordings.get(column, '')}"
    lines = ["[[survey.questions]]", f"column = {_quoted(column)}  # {_comment(kind.reason)}"]
    outcome = next((name for name, pattern in _OUTCOMES.items() if pattern.search(words)), None)
    point = None if outcome else _touchpoint_in(words, book)
    if kind.kind in {"rating", "words"}:
        scale = "0-10" if outcome == "recommend" and kind.scale == "1-7" else kind.scale
        check = (
            "" if kind.kind == "words" else f"  # larger taken as better; if 1 is best write {_quoted(_turned(scale))}"
        )
        lines.append(f"scale = {_quoted(scale)}{check}")
    if outcome and kind.kind != "text":
        lines.append(f"outcome = {_quoted(outcome)}  # its words")
    elif point:
        lines.append(f"touchpoint = {_quoted(point)}  # named in the question")
    elif kind.kind != "text":
        lines.append('# touchpoint = "…"  # no shipped touchpoint is named in the question')
    if _EXPECTED.search(words) and not outcome:
        lines.append('asks = "expectation"  # its words')
    return "\n".join([*lines, ""])


def _turned(scale: str) -> str:
    low, high = scale.split("-")
    return f"{high}-{low}"


def _touchpoint_in(words: str, book: Codebook) -> str | None:
    """Return the touchpoint that a text names: by id, by label, else by a keyword, the longest first."""
    folded = words.casefold().replace("_", " ")
    best: tuple[int, str] | None = None
    for code in book.of_kind("touchpoint"):
        named = [code.id.replace("_", " "), *code.label.texts.values()]
        loose = [w for group in code.keywords.values() for w in group if not w.startswith("re:") and len(w) > 1]
        for weight, group in ((100, named), (1, loose)):
            for word in group:
                if _stands_in(word.casefold(), folded):
                    best = max(best or (0, ""), (weight + len(word), code.id))
    return best[1] if best else None


def _stands_in(word: str, text: str) -> bool:
    """Tell whether a word begins somewhere in a text; a Chinese one may stand anywhere."""
    at = text.find(word)
    while at > 0 and text[at - 1].isalnum() and word[0] < "\u2e80":
        at = text.find(word, at + 1)
    return at >= 0


def _apart(parts: list[str], names: list[str]) -> list[str]:
    """Name sources apart whose files have the same stem."""
    twice = {name for name in names if names.count(name) > 1}
    for k, part in enumerate(parts):
        match = re.search(r"^(?:file|folder) = \"([^\"]+)\".*$", part, re.MULTILINE)
        if match and Path(match[1]).stem in twice and not part.startswith(("[customers]", "#")):
            parts[k] = part.replace(match[0], f"{match[0]}\nname = {_quoted(match[1])}", 1)
    return parts


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _comment(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", " ", shorten(text, 120))
