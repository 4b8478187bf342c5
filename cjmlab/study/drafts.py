"""The sections of a proposed ``study.toml``: one writer a kind of file, each guess with its reason behind a ``#``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cjmlab.sources.report import Reading, shorten
from cjmlab.sources.times import Clock, date_order, read_times
from cjmlab.study.kinds import Kind
from cjmlab.study.places import Places, spoken_of
from cjmlab.study.wording import best_end

_OUTCOMES = {
    "recommend": re.compile(
        r"recommend(?!ed|ation)|likel.{0,20}recommend|recommendation (?:score|intent)|(?:\b|_)nps\b|рекоменд(?!ац|ован)|посовет|"
        r"(?:愿意|願意|可能|会|會|是否|意愿|意願|净|淨|多大).{0,14}(?:推荐|推薦)|(?:推荐|推薦)(?:给|給|意|度|值|我|本|他|亲|親|朋友|指)|"
        r"^\W*(?:推荐|推薦)(?:\W|$)",
        re.IGNORECASE,
    ),
    "repurchase": re.compile(
        r"repurchase|buy again|purchase again|come back|复购|再次购买|还会.{0,4}买|再買|回购|снова куп|повторн|ещё раз куп",
        re.IGNORECASE,
    ),
}
_EXPECTED = re.compile(
    r"expect|期望|预期|期待|預期|ожидал|ожидает|ожидаем|ожидани\w* от|(?:ваш|сво|соответств|оправд|чем).{0,20}ожидан",
    re.IGNORECASE,
)
"""What was hoped for; Russian has one word for expecting and for waiting."""
_MATRIX = re.compile(r"\s+/\s+|\s*[—–]+\s*")
_OVERALL = re.compile(
    r"\W*(?:rating|stars?|score|csat|grade|satisfaction|overall|星级|星級|评分|評分|打分|得分|满意度|滿意度|оценка|рейтинг|балл\w*|зв[её]зды?)\W*",
    re.IGNORECASE,
)
"""A rating of all that the words beside it speak of, as in a review."""
_HELP = re.compile(r"ticket|conversation|工单|工單|обращени|заявк", re.IGNORECASE)
_FEW = 30
_MOST_EVENTS = 40


@dataclass(frozen=True)
class Sheet:
    """One file of a study to be: its name, its rows, what its columns are."""

    name: str
    reading: Reading
    kinds: Mapping[str, Kind]

    def of_kind(self, *kinds: str) -> list[Kind]:
        """Return the columns of some kinds in the order of the file."""
        return [kind for kind in self.kinds.values() if kind.kind in kinds]

    def wording(self, column: str) -> str:
        """Return what a question asks, else the name of its column."""
        return str(self.reading.wordings.get(column) or column)

    def row(self, column: str) -> str:
        """Return what a question asks without the head that it shares with others of a grid."""
        *head, last = _MATRIX.split(self.wording(column))
        alike = [k for k in self.of_kind("rating", "words") if _MATRIX.split(self.wording(k.column))[:-1] == head]
        return last if head and last and len(alike) > 1 else self.wording(column)

    def order_of_dates(self, column: str) -> tuple[str, str] | None:
        """Return the order of day and month in a column of times, with the reason; None where it does not matter."""
        return date_order(self.reading.table[column].dropna().str.strip().unique())

    def questions(self) -> list[Kind]:
        """Return the columns that hold answers."""
        return self.of_kind("rating", "words", "text")

    def describes(self) -> list[Kind]:
        """Return the columns that tell customers apart: numbers, and categories with few values."""
        few = max(_FEW, 0.05 * len(self.reading.table))
        return [
            kind
            for kind in self.of_kind("category", "number", "rating")
            if kind.kind != "category" or self.reading.table[kind.column].nunique() <= few
        ]


def draft_customers(sheet: Sheet) -> str:
    """Write ``[customers]`` for a file of customers, or for a survey whose columns describe who answers."""
    from_survey = bool(sheet.of_kind("text", "words") or (sheet.of_kind("time") and sheet.of_kind("rating")))
    reason = "the survey says who they are" if from_survey else "one row a customer, and no open answer in it"
    lines = ["[customers]", f"file = {quoted(sheet.name)}  # {reason}"]
    if sheet.reading.layout:
        lines.append(f"layout = {quoted(sheet.reading.layout)}")
    roles: dict[str, list[str]] = {"nominal": [], "ordinal": [], "numeric": []}
    notes, taken = [], {kind.column for kind in sheet.describes() if not (from_survey and kind.kind == "rating")}
    for column, kind in sheet.kinds.items():
        if kind.kind == "id":
            lines.append(f"customer_id = {quoted(column)}  # {comment(kind.reason)}")
        elif column in taken:
            role = "ordinal" if kind.kind == "rating" else "numeric" if kind.kind == "number" else "nominal"
            roles[role].append(column)
            notes.append(f"# {role}: {comment(column)} ({comment(kind.reason)})")
        elif not from_survey:
            notes.append(f"# left out: {comment(column)} ({comment(kind.reason)})")
    if from_survey:
        lines.append(f"active = [{', '.join(quoted(column) for role in roles.values() for column in role)}]")
    lines += [f"{role} = [{', '.join(map(quoted, columns))}]" for role, columns in roles.items() if columns]
    return "\n".join([*lines, *notes, ""])


def draft_events(sheet: Sheet, places: Places) -> str:
    """Write ``[[events]]``: customers come back, each row has a time and a name."""
    by_kind: dict[str, Kind] = {}
    for kind in sheet.kinds.values():
        by_kind.setdefault(kind.kind, kind)
    event = by_kind.get("event") or by_kind["category"]
    reason = "customers come back, each row has a time and the name of an event"
    lines = ["[[events]]", f"file = {quoted(sheet.name)}  # {reason}"]
    keys = {"customer_id": by_kind["id"], "time": by_kind["time"], "event": event, "channel": by_kind.get("channel")}
    lines += [f"{key} = {quoted(k.column)}  # {comment(k.reason)}" for key, k in keys.items() if k]
    lines += ['time_zone = "UTC"  # times without a zone; not known, check', "[events.map]"]
    counts = sheet.reading.table[event.column].dropna().str.strip().value_counts()
    named = {word: places.of_event(word) for word in counts.index[:_MOST_EVENTS]}
    if sum(counts[word] for word, point in named.items() if point) < 0.5 * counts.sum():
        when = _when(sheet, event.column)
        named |= {word: places.own_event(word, when.get(word, 0.5)) for word, point in named.items() if not point}
    for word, point in named.items():
        lines.append(f"{quoted(word)} = {quoted(point)}" if point else f"# {quoted(comment(word))} = which touchpoint?")
    return "\n".join([*lines, ""])


def _when(sheet: Sheet, event: str) -> dict[str, float]:
    """Return how far along its customer's rows each event stands on average, from 0 to 1, as times or else rows order them."""
    customer, time = (sheet.of_kind(kind)[0].column for kind in ("id", "time"))
    table = sheet.reading.table[[customer, event]].assign(event=sheet.reading.table[event].str.strip())
    order = sheet.order_of_dates(time)
    times, _ = read_times(sheet.reading.table[time], time, range(len(table)), Clock(order=order and order[0]))
    table = table.assign(time=times, row=range(len(table))).sort_values([customer, "time", "row"])
    rows = table.groupby(customer)["row"]
    along = rows.cumcount() / (rows.transform("size") - 1).clip(lower=1)
    return {str(word): float(value) for word, value in along.groupby(table["event"]).mean().items()}


def outcome_of(sheet: Sheet, kind: Kind) -> str | None:
    """Return the outcome that a column of numbers is named for."""
    row = sheet.row(kind.column)
    words = row if kind.column == sheet.wording(kind.column) else f"{kind.column} {row}"
    if kind.kind not in {"rating", "number", "words"}:
        return None
    return next((name for name, pattern in _OUTCOMES.items() if pattern.search(words)), None)


def draft_outcomes(sheet: Sheet) -> str:
    """Write ``[[outcomes]]``: a column a customer's outcome."""
    lines = ["[[outcomes]]", f"file = {quoted(sheet.name)}  # a column named as an outcome, and no answers"]
    keys = {"id": "customer_id", "wave": "wave_column"}
    lines += [f"{keys[k.kind]} = {quoted(c)}  # {comment(k.reason)}" for c, k in sheet.kinds.items() if k.kind in keys]
    lines.append("[outcomes.columns]")
    for column, kind in sheet.kinds.items():
        if outcome_of(sheet, kind):
            scale = kind.scale or "0-1"
            lines.append(f"{quoted(column)} = {quoted(scale)}  # {comment(kind.reason)}; larger taken as better, check")
    return "\n".join([*lines, ""])


def draft_survey(sheet: Sheet, places: Places, wave: str | None = None) -> str:
    """Write ``[[survey]]`` with its questions; commented out where there are none."""
    lines = ["[[survey]]", f"file = {quoted(sheet.name)}  # answers: {sheet.reading.report.rows_loaded:,} rows"]
    if sheet.reading.layout:
        lines.append(f"layout = {quoted(sheet.reading.layout)}")
    if wave and not sheet.of_kind("wave"):
        lines.append(f"wave = {quoted(wave)}  # other files ask the same; their names differ in this")
    keys = {"id": "customer_id", "time": "time", "language": "language_column"}
    keys |= {"wave": "wave_column", "channel": "channel_column"}
    questions, taken = _questions(sheet, places), set()
    for column, kind in sheet.kinds.items():
        if kind.kind in keys and kind.kind not in taken:
            taken.add(kind.kind)
            lines.append(f"{keys[kind.kind]} = {quoted(column)}  # {comment(kind.reason)}")
        elif kind not in sheet.questions():
            lines.append(f"# no question: {comment(column)} ({comment(kind.reason)})")
    if "time" in taken:
        lines.append('time_zone = "UTC"  # times without a zone; not known, check')
        if order := sheet.order_of_dates(sheet.of_kind("time")[0].column):
            lines.append(f"date_order = {quoted(order[0])}  # {comment(order[1])}")
    if any("rating_column" in question for question in questions):
        kind_of = "ticket" if _HELP.search(" ".join([sheet.name, *sheet.kinds])) else "review"
        lines.append(f"source_type = {quoted(kind_of)}  # one rating beside words; survey, review, ticket or diary")
    if not questions:
        said = f"{sheet.name} is not in the study yet: no column of answers, events or customers was recognised in it."
        return "\n".join([f"# {comment(said)}", *(f"# {line}" for line in lines)]) + "\n"
    return "\n".join([*lines, *questions])


def _questions(sheet: Sheet, places: Places) -> list[str]:
    """Write the questions in the order of the file; what was expected is placed after all that was lived."""
    asked = sheet.questions()
    rating, words = _review(sheet)
    asked = [kind for kind in asked if kind.column != rating]
    later = {kind.column for kind in asked if _EXPECTED.search(sheet.wording(kind.column))}
    written = {k.column: _question(sheet, k, places, k.column in later) for k in asked if k.column not in later}
    written |= {k.column: _question(sheet, k, places, True) for k in asked if k.column in later}
    if rating and words:
        scale = _scale(sheet.kinds[rating].scale, sheet.wording(rating))
        told = (
            f"rating_column = {quoted(rating)}  # {comment(sheet.kinds[rating].reason)}; it rates what the words tell\n"
        )
        written[words] = f"{written[words].rstrip()}\n{told}{scale}\n"
    return [written[kind.column] for kind in asked]


def _review(sheet: Sheet) -> tuple[str | None, str | None]:
    """Return the rating and the words of a file of reviews or tickets: one rating of nothing in particular, and words."""
    ratings, texts = sheet.of_kind("rating"), sheet.of_kind("text")
    if len(ratings) != 1 or not texts or not _OVERALL.fullmatch(sheet.row(ratings[0].column)):
        return None, None
    longest = max(texts, key=lambda kind: float(sheet.reading.table[kind.column].dropna().str.len().median()))
    return ratings[0].column, longest.column


def _question(sheet: Sheet, kind: Kind, places: Places, expected: bool) -> str:
    wording = sheet.wording(kind.column)
    lines = ["[[survey.questions]]", f"column = {quoted(kind.column)}  # {comment(kind.reason)}"]
    outcome = outcome_of(sheet, kind)
    if kind.kind == "words":
        lines.append(f"scale = {quoted(kind.scale)}  # the order of its words ships with cjmlab")
    elif kind.kind == "rating":
        lines.append(
            _scale("0-10" if outcome == "recommend" and kind.scale in {"1-7", "1-10"} else kind.scale, wording)
        )
    if outcome:
        lines.append(f"outcome = {quoted(outcome)}  # its words")
    elif kind.kind == "text":
        if point := places.names.find(wording, named=True):
            places.shipped.add(point)
            lines.append(f"touchpoint = {quoted(point)}  # named in the question")
    else:
        place = places.of_expectation if expected else places.of_rating
        named, reason = place(_aside(sheet.row(kind.column)))
        lines.append(f"touchpoint = {quoted(named)}  # {reason}")
        if expected:
            lines.append('asks = "expectation"  # its words')
    return "\n".join([*lines, ""])


def _scale(scale: str, wording: str) -> str:
    low, high = scale.split("-")
    found = best_end(wording)
    if found:
        best, words = found
        return f"scale = {quoted(f'{high}-{low}' if best == 'low' else scale)}  # worst-best, by its wording: {comment(words)}"
    return f"scale = {quoted(scale)}  # larger taken as better; if {low} is best write {quoted(f'{high}-{low}')}"


def _aside(wording: str) -> str:
    """Return a wording without what stands in brackets, which speaks of the scale."""
    return re.sub(r"[(（][^()（）]*[)）]", " ", wording).strip() or wording


def draft_touchpoints(places: Places, texts: Iterable[str]) -> tuple[str, str]:
    """Write the list of shipped touchpoints and the ``[[touchpoints]]`` of the study's own; nothing without own ones."""
    if not places.own and not places.renamed:
        return "", ""
    said = spoken_of(list(texts), places.names)
    ids = [p.id for p in places.book.touchpoints if p.id in places.shipped or p.id in said]
    reason = "shipped ones that questions, events or texts name; add others by their id"
    listed = f"touchpoints = [{', '.join(map(quoted, ids))}]  # {reason}\n" if ids else ""
    entries = [
        f"[[touchpoints]]\nid = {quoted(identity)}\nlabel = {quoted(topic)}  # name it as people do\n"
        f"stage = {quoted(stage)}  # {why}; check\n"
        for identity, (topic, stage, why) in places.own.items()
    ]
    names = {point.id: point.label.texts for point in places.book.touchpoints}
    entries += [
        f"[[touchpoints]]\nid = {quoted(identity)}  # shipped as {comment(' / '.join(names[identity].values()))}; check\n"
        f"label = {quoted(topic)}  # your name of it\n"
        for identity, topic in places.renamed.items()
    ]
    return listed, "\n".join(entries)


def quoted(text: str) -> str:
    """Return a text as a TOML string."""
    return json.dumps(text, ensure_ascii=False)


def comment(text: str) -> str:
    """Return a text short and on one line, for behind a ``#``."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", shorten(text, 120))
