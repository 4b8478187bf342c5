"""The table that people code in: what needs them most, their codes saved at once, nothing of the file lost."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.feedback.active_learning import review_queue
from cjmlab.feedback.audit import draw_audit
from cjmlab.feedback.human_codes import align_codes, feedback_of, read_codes, safe_cell
from cjmlab.tables import HUMAN_CODES, need_columns
from cjmlab.vocabulary import Codebook

_NONE, _SKIP = "none of these", "not coded yet"
_WORDS = {
    "en": (_NONE, _SKIP), "zh-Hans": ("都不是", "尚未编码"), "zh-Hant": ("都不是", "尚未編碼"),
    "ru": ("ничего из этого", "ещё не закодировано"),
}  # fmt: skip
_LINE = 80  # letters


class ReviewTable:
    """The state of a review: clauses, the code given to each, and where it is saved. Works without a browser.

    Parameters
    ----------
    coded : DataFrame
        Schema ``coded``.
    codebook : Codebook
        The codes to choose from.
    path : path
        CSV file of the codes. Codes already in it are taken up again and stand below what is still to be coded; those
        of clauses that are not shown stay in it as they are.
    coder : str
        Name of the person.
    size : int
        How many clauses.
    random : bool
        A random sample, which can correct shares (see ``code_shares``), instead of the clauses whose codes tell most
        (see ``review_queue``); what the machine had said is then not shown.
    language : str
        Language of the labels.
    """

    def __init__(
        self, coded: pd.DataFrame, codebook: Codebook, path: Path | str, *, coder: str = "human", size: int = 50,
        random: bool = False, language: str = "en",
    ) -> None:  # fmt: skip
        self.path, self.coder, self.random = Path(path), coder, random
        before = read_codes(self.path) if self.path.exists() else pd.DataFrame(columns=list(HUMAN_CODES))
        found = align_codes(coded, before)
        known = pd.DataFrame(coded).drop_duplicates("unit_id").set_index("unit_id")
        if random:
            drawn = draw_audit(coded, size=size)["unit_id"].tolist()
        else:
            seen = coded.assign(coder=coded["coder"].mask(coded["unit_id"].isin(found["unit_id"]), "human"))
            drawn = [*review_queue(seen, size=size)["unit_id"], *found["unit_id"]]
        self.rows = known.loc[drawn]
        self._whole = _whole_texts(
            coded[pd.Series(feedback_of(coded["unit_id"]), coded.index).isin(feedback_of(drawn))]
        )
        found = found[found["unit_id"].isin(self.rows.index)]
        shown = before["unit_id"].isin(self.rows.index).to_numpy(copy=True)
        shown[found["row"].to_numpy(int)] = True
        self._elsewhere = before[~shown]
        found = found.set_index("unit_id")
        self.codes: dict[str, str | None] = {
            str(unit): None if pd.isna(code) else str(code) for unit, code in found["touchpoint"].items()
        }
        self._by = {unit: (coder, drawn) for unit, coder, drawn in found[["coder", "random"]].itertuples()}
        self._said = _WORDS.get(language, _WORDS["en"])
        self.choices = {point.label.text(language): point.id for point in codebook.touchpoints}

    def give(self, unit_id: str, touchpoint: str | None) -> None:
        """Code one clause and save."""
        if touchpoint is not None and touchpoint not in self.choices.values():
            raise TableError(
                f"{touchpoint!r} is not a touchpoint", remedy=did_you_mean(touchpoint, self.choices.values())
            )
        self.codes[unit_id] = touchpoint
        self._by[unit_id] = (self.coder, self.random or self._by.get(unit_id, ("", False))[1])
        self.save()

    def table(self) -> pd.DataFrame:
        """Return the codes given so far, with what the machine had said."""
        rows = self.rows.loc[[unit for unit in self.rows.index if unit in self.codes]]
        given = pd.DataFrame({"unit_id": rows.index, "text": rows["text"].to_numpy()})
        for name in ("start", "end"):
            given[name] = rows[name].to_numpy() if name in rows else pd.array([None] * len(rows), "Int64")
        given["touchpoint"] = pd.array([self.codes[unit] for unit in rows.index], dtype="str")
        given["coder"] = [self._by[unit][0] for unit in rows.index]
        given["random"] = [self._by[unit][1] for unit in rows.index]
        for name in ("touchpoint", "coder", "confidence"):
            given[f"machine_{name}"] = rows[name].to_numpy()
        return given

    def save(self) -> None:
        """Write the codes as CSV; cells that a spreadsheet would run get an apostrophe in front."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        columns = list(HUMAN_CODES)
        tables = (self._elsewhere, self.table())
        lines = [
            [safe_cell(value) for value in row] for part in tables for row in part[columns].itertuples(index=False)
        ]
        temporary = self.path.with_name(self.path.name + ".part")
        with temporary.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([columns, *lines])
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path)

    def widget(self) -> Any:
        """Return the table as an ipywidgets box: one clause a line with a choice of touchpoints. Text stays text."""
        import ipywidgets as widgets

        lines = [widgets.HBox([self._menu(widgets, unit), self._words(widgets, unit)]) for unit in self.rows.index]
        return widgets.VBox(lines, layout=widgets.Layout(max_height="480px", overflow="auto"))

    def _menu(self, widgets: Any, unit: str) -> Any:
        machine: Any = self.rows["touchpoint"].loc[unit]
        names = {code: name for name, code in self.choices.items()}
        hint = "" if self.random or pd.isna(machine) else f" ({names.get(str(machine), machine)}?)"
        none, skip = self._said
        options = [(f"— {skip} —{hint}", _SKIP), (f"— {none} —", _NONE), *self.choices.items()]
        value = (self.codes[unit] or _NONE) if unit in self.codes else _SKIP
        menu = widgets.Dropdown(options=options, value=value, layout=widgets.Layout(width="320px"))
        menu.observe(self._chosen(unit), names="value")
        return menu

    def _chosen(self, unit: str) -> Callable[[Any], None]:
        def chosen(change: Any) -> None:
            if change["new"] == _SKIP:
                self.codes.pop(unit, None)
                self.save()
            else:
                self.give(unit, None if change["new"] == _NONE else change["new"])

        return chosen

    def _words(self, widgets: Any, unit: str) -> Any:
        """Return the words of a clause; the whole text that it stands in shows when the pointer rests on it."""
        text, whole = str(self.rows.loc[unit, "text"]), self._whole[feedback_of([unit])[0]]
        lines, tip = min(4, 1 + len(text) // _LINE), whole if whole != text else None
        return widgets.Textarea(
            value=text, disabled=True, rows=lines, tooltip=tip, layout=widgets.Layout(width="640px")
        )


def _whole_texts(coded: pd.DataFrame) -> dict[str, str]:
    """Return the words of each feedback row from its clauses, in their order."""
    clauses = coded.dropna(subset=["text"]).drop_duplicates("unit_id")
    if "start" in clauses:
        clauses = clauses.sort_values("start", kind="stable")
    parts: dict[str, list[str]] = {}
    for feedback, text in zip(feedback_of(clauses["unit_id"]), clauses["text"], strict=True):
        parts.setdefault(feedback, []).append(str(text))
    return {feedback: " … ".join(texts) for feedback, texts in parts.items()}


def review_table(
    coded: pd.DataFrame, codebook: Codebook, path: Path | str, *, coder: str = "human", size: int = 50,
    random: bool = False, language: str = "en",
) -> Any:  # fmt: skip
    """Return a widget to code clauses in: those that tell most, or a random audit; codes are saved as CSV at once.

    See ``ReviewTable`` for the parameters and for the same without a browser; ``read_codes`` reads the file.
    """
    need_columns("coded", coded, "coder", "confidence", "text")
    return ReviewTable(coded, codebook, path, coder=coder, size=size, random=random, language=language).widget()
