"""Code feedback: from answers and utterances to one row a clause and touchpoint, with what kind of statement it is.

A clause in which no word of the codebook is found stays, with its touchpoint missing: the coder abstains rather than
guess. A later clause of the same sentence that names nothing inherits the touchpoint before it, at half the confidence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.feedback.audit import ENOUGH
from cjmlab.feedback.combined import CombinedCoder, More
from cjmlab.feedback.human_codes import apply_codes, codes_among, drawn_at_random, tidy_codes
from cjmlab.feedback.keywords import Finding
from cjmlab.feedback.language import is_answer, readable_language
from cjmlab.feedback.learning import learn_coder
from cjmlab.feedback.learning_from_ratings import learn_from_ratings
from cjmlab.tables import Table, about, open_table
from cjmlab.vocabulary import Codebook, shipped_codebook

_ADDED = ("unit_id", "start", "end", "stage", "touchpoint", "lane", "cues", "coder", "confidence")

_TOGETHER = 2000  # texts


@dataclass(frozen=True)
class CodingReport:
    """What became of the feedback rows (``about`` of a coded table).

    ``human`` counts the clauses that people coded. Where the coder learned from them, ``before`` and ``accuracy`` are the shares
    of their codes that it met without and with learning, each on clauses that it had not seen. ``rated_clauses`` counts the clauses
    beside ratings that the coder learned from, 0 where that was not borne out.
    """

    feedback: int
    interviewer_turns: int
    rated: int
    clauses: int
    abstained: int
    human: int = 0
    before: float | None = None
    accuracy: float | None = None
    rated_clauses: int = 0

    @property
    def coverage(self) -> float:
        """Share of the clauses that have a touchpoint."""
        return 1 - self.abstained / self.clauses if self.clauses else float("nan")


def code_feedback(
    feedback: pd.DataFrame,
    codebook: Codebook | None = None,
    *,
    coder: Any = None,
    inherit: bool = True,
    human: pd.DataFrame | None = None,
    ratings: bool = True,
) -> pd.DataFrame:
    """Cut feedback in clauses and say which touchpoint each speaks of, and what kind of statement it is.

    Parameters
    ----------
    feedback : DataFrame
        Schema ``feedback``; a column of ``text`` is enough. Turns of an interviewer are left out and counted in
        ``about``.
    codebook : Codebook, optional
        The codes of the study; those of all shipped touchpoints when None.
    coder : object, optional
        Anything with a ``name`` and ``find(text, language)``; the ``CombinedCoder`` of the codebook when None, which joins
        a learned prior and the keywords. ``KeywordCoder`` goes by the keywords alone; see ``learn_coder`` for one that
        learns from human codes.
    human : DataFrame, optional
        Codes of people, as ``read_codes`` and ``study.human_codes`` give them. Where no ``coder`` is given the default one
        learns from them if they bear it out (``learn_coder``); and they win over what any coder says (``apply_codes``).
        An audit (fifty codes and more of clauses drawn at random) is not learned from, so that it can judge.
    ratings : bool
        Whether the default coder hears the ratings that stand beside words, and learns from them, where they bear that out
        (``learn_from_ratings``): who did not rate a touchpoint seldom speaks of it, and what is said wherever one is rated low speaks of that one.
    inherit : bool
        Whether a clause that names nothing takes the touchpoint named before it in the same sentence, at half the
        confidence.

    Returns
    -------
    DataFrame
        Schema ``coded``: the feedback columns, ``unit_id``, ``text`` of the clause, ``start`` and ``end`` in the
        feedback row's text, ``stage``, ``touchpoint``, ``lane``, ``cues``, ``coder`` and ``confidence``. A clause that
        names two touchpoints alike has two rows. ``about`` is a ``CodingReport``.

    Raises
    ------
    TableError
        When the feedback does not fit its schema.

    Examples
    --------
    >>> from cjmlab.vocabulary import codebook, stage_model, touchpoints
    >>> model = stage_model("hema7")
    >>> points = touchpoints(["app_home", "delivery"], model)
    >>> words = [{"id": "delivery", "keywords": {"en": ["courier"]}}]
    >>> frame = pd.DataFrame({"feedback_id": ["f1"], "customer_id": ["c1"], "text": ["The courier was quick. Nice day"]})
    >>> code_feedback(frame, codebook(points, model, words))[["unit_id", "text", "touchpoint"]].values.tolist()
    [['f1#0', 'The courier was quick', 'delivery'], ['f1#1', 'Nice day', nan]]
    """
    feedback = open_table("feedback", feedback)
    codebook = codebook or shipped_codebook()
    if human is not None and len(human):
        human = codes_among(feedback, tidy_codes(human))
        if len(human):
            return _with_people(feedback, codebook, coder, inherit, human, ratings)
    chosen = coder if coder is not None else _default_coder(feedback, codebook, ratings)
    if not (hasattr(chosen, "find") or hasattr(chosen, "find_all")):
        remedy = "Give an object with find(text, language), as KeywordCoder(codebook) and learn_coder(…) have."
        raise CjmError(f"{type(chosen).__name__} is no coder: it has no find", where="coder", remedy=remedy)
    spoken = feedback
    if "role" in feedback.columns:
        spoken = feedback[feedback["role"].fillna("customer") != "interviewer"]
    rows = _Rows(spoken, codebook, chosen, inherit)
    table = rows.table()
    clauses = table["text"].notna()
    report = CodingReport(
        feedback=len(feedback),
        interviewer_turns=len(feedback) - len(spoken),
        rated=int((~clauses & table["rating"].notna()).sum()) if "rating" in table else 0,
        clauses=int(clauses.sum()),
        abstained=int((clauses & table["touchpoint"].isna()).sum()),
        rated_clauses=int(getattr(getattr(chosen, "ratings", None), "used", 0)),
    )
    return Table.of(table, report)


def _default_coder(feedback: pd.DataFrame, codebook: Codebook, ratings: bool) -> CombinedCoder:
    """Return the coder that needs nobody, with what ratings beside the words taught it."""
    words = learn_from_ratings(feedback, codebook) if ratings else None
    if words is None or not words.heard:
        return CombinedCoder(codebook)
    return CombinedCoder(codebook, name="codebook+prior+ratings", ratings=words)


def _with_people(
    feedback: pd.DataFrame, codebook: Codebook, coder: Any, inherit: bool, human: pd.DataFrame, ratings: bool
) -> pd.DataFrame:
    """Code feedback with a coder that learns from people where none was given; their codes win.

    An audit, fifty codes and more of clauses drawn at random, is kept out of the learning: it says how good the coder is.
    """
    chosen = coder if coder is not None else _default_coder(feedback, codebook, ratings)
    coded = code_feedback(feedback, codebook, coder=chosen, inherit=inherit)
    audit = drawn_at_random(human)
    teaching = human[~audit] if audit.sum() >= ENOUGH else human
    learned = (
        learn_coder(coded, codebook, teaching, ratings=chosen.ratings) if coder is None and len(teaching) else None
    )
    if learned is not None and learned.ready:
        coded = code_feedback(feedback, codebook, coder=learned, inherit=inherit)
    table = apply_codes(coded, human, codebook)
    people = table["unit_id"][table["coder"] == "human"].nunique()
    clauses = table["text"].notna()
    report = replace(
        about(coded), human=int(people), abstained=int((clauses & table["touchpoint"].isna()).sum()),
        clauses=int(clauses.sum()),
    )  # fmt: skip
    if learned is not None and learned.ready:
        report = replace(report, before=learned.before, accuracy=learned.accuracy)
    return Table.of(table, report)


class _Rows:
    """The rows of a coded table while they are gathered."""

    def __init__(self, feedback: pd.DataFrame, codebook: Codebook, coder: Any, inherit: bool) -> None:
        self.feedback, self.codebook, self.coder, self.inherit = feedback, codebook, coder, inherit
        self.ids = feedback["feedback_id"].tolist()
        self.stages = {point.id: point.stage for point in codebook.touchpoints}
        self.lanes = {code.id: code.lane for code in codebook.of_kind("cue") if code.lane}
        self.places: list[int] = []
        self.added: list[tuple[Any, ...]] = []
        self.texts: list[Any] = []
        self._gather()

    def _column(self, name: str) -> list[Any]:
        if name not in self.feedback.columns:
            return [None] * len(self.feedback)
        return [None if pd.isna(value) else value for value in self.feedback[name].tolist()]

    def _gather(self) -> None:
        texts, ratings = self._column("text"), self._column("rating")
        points, stages = self._column("touchpoint"), self._column("stage")
        languages = readable_language(texts, self._column("language"))
        findings = _find_all(self.coder, texts, languages, self.feedback)
        for i, text in enumerate(texts):
            place = (points[i], stages[i] or self.stages.get(points[i]))
            if ratings[i] is not None:
                self._add(
                    i, "r", None, (None, None), place, (), "asked" if points[i] else None, 1.0 if points[i] else None
                )
            if i in findings:
                self._add_clauses(i, text, findings[i], place)
            elif ratings[i] is None:
                said = text if isinstance(text, str) and text.strip() else None
                span = (0, len(text)) if said else (None, None)
                coder = "asked" if points[i] else None
                cues = ("unreadable" if is_answer(text) else "no answer",) if said else ()
                self._add(i, "0", said, span, place, cues, coder, 1.0 if coder else None)

    def _add_clauses(self, i: int, text: str, findings: list[Finding], place: tuple[Any, Any]) -> None:
        for k, finding in enumerate(findings):
            clause, span = text[finding.start : finding.end], (finding.start, finding.end)
            kept = finding.touchpoints if self.inherit or not finding.inherited else ()
            if place[0] and (finding.inherited or not self._clear(kept)):
                kept = ()
            for point, confidence in kept:
                coder = "asked" if point == place[0] else self.coder.name
                where = (point, self.stages.get(point))
                self._add(i, str(k), clause, span, where, finding.cues, coder, confidence)
            if not kept:
                coder = "asked" if place[0] else None
                self._add(i, str(k), clause, span, place, finding.cues, coder, 1.0 if coder else None)

    def _clear(self, found: tuple[tuple[str, float], ...]) -> bool:
        """Tell whether a clause names one touchpoint surely enough to speak of another than its question."""
        return len(found) == 1 and found[0][1] >= getattr(self.coder, "clear", 0.5)

    def _add(
        self, i: int, unit: str, text: str | None, span: tuple[int | None, int | None],
        place: tuple[Any, Any], cues: tuple[str, ...], coder: str | None, confidence: float | None,
    ) -> None:  # fmt: skip
        lane = next((self.lanes[cue] for cue in cues if cue in self.lanes), None)
        self.places.append(i)
        self.texts.append(text)
        added = (f"{self.ids[i]}#{unit}", *span, place[1], place[0], lane, "|".join(cues) or None, coder, confidence)
        self.added.append(added)

    def table(self) -> pd.DataFrame:
        """Return the rows as a frame, feedback columns first."""
        carried = [name for name in self.feedback.columns if name not in _ADDED and name != "text"]
        table = pd.DataFrame(self.feedback[carried].iloc[self.places]).reset_index(drop=True)
        columns = (
            dict(zip(_ADDED, zip(*self.added, strict=True), strict=True)) if self.added else dict.fromkeys(_ADDED, ())
        )
        table["text"] = pd.array(self.texts, dtype="str")
        for name, values in columns.items():
            if name in ("start", "end"):
                table[name] = pd.array(values, dtype="Int64")
            elif name == "confidence":
                table[name] = np.array(values, dtype=np.float64)
            else:
                table[name] = pd.array(values, dtype="str")
        if "rating" in table:  # it stands in a row of its own
            repeated = table["rating"].notna() & table["text"].notna()
            for name in ("rating", "rating_raw", "scale"):
                if name in table:
                    table[name] = table[name].mask(repeated)
        return table


def _find_all(coder: Any, texts: list[Any], languages: Any, feedback: pd.DataFrame) -> dict[int, list[Finding]]:
    """Return the findings of the rows that can be read; a coder that reads many texts together gets them together."""
    readable = [i for i, text in enumerate(texts) if isinstance(text, str) and text.strip() and languages[i]]
    if not hasattr(coder, "find_all"):
        return {i: coder.find(texts[i], languages[i]) for i in readable}
    ratings = getattr(coder, "ratings", None)
    found: dict[int, list[Finding]] = {}
    for language in sorted({languages[i] for i in readable}):
        rows = [i for i in readable if languages[i] == language]
        more = ratings.beside(feedback, rows, language) if ratings is not None else None
        for start in range(0, len(rows), _TOGETHER):
            part = rows[start : start + _TOGETHER]
            told = {"more": _from(more, start)} if more is not None else {}
            found.update(zip(part, coder.find_all([texts[i] for i in part], language, **told), strict=True))
    return found


def _from(more: More, start: int) -> More:
    """Return what is known beside the words of texts, counted from one of them on."""
    return lambda owners, clauses: more(owners + start, clauses)
