"""The human side of coding: what to look at first, a table to code in, and codes that win over the machine's."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from cjmlab.errors import TableError, did_you_mean
from cjmlab.feedback.audit import draw_audit
from cjmlab.feedback.language import is_answer
from cjmlab.tables import Table, about, need_columns
from cjmlab.vocabulary import Codebook

_SAVED = (
    "unit_id",
    "text",
    "touchpoint",
    "coder",
    "random",
    "machine_touchpoint",
    "machine_coder",
    "machine_confidence",
)
_NONE, _SKIP = "— none of these —", "— not coded yet —"


def review_queue(coded: pd.DataFrame, *, size: int = 50) -> pd.DataFrame:
    """Return the clauses that most need a person, the most uncertain first.

    Parameters
    ----------
    coded : DataFrame
        Schema ``coded`` or ``scored``.
    size : int
        How many clauses.

    Returns
    -------
    DataFrame
        ``unit_id``, ``text``, ``touchpoint``, ``coder``, ``confidence`` of the machine (0 where it abstained). Clauses
        that a person coded, that were asked of a touchpoint, or that say that there is nothing to say, are left out.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit_id": ["a#0", "b#0"], "text": ["x", "y"], "touchpoint": ["cart", None],
    ...                       "coder": ["keyword", None], "confidence": [0.6, None]})
    >>> review_queue(frame).unit_id.tolist()
    ['b#0', 'a#0']
    """
    need_columns("coded", coded, "coder", "confidence", "text")
    name = "coding_confidence" if "coding_confidence" in coded else "confidence"
    said = coded["coder"].fillna("")
    open_rows = coded[coded["text"].notna() & ~said.isin(["human", "asked"])]
    open_rows = open_rows[open_rows["text"].map(is_answer)]
    queue = pd.DataFrame(open_rows[["unit_id", "text", "touchpoint", "coder"]])
    queue["confidence"] = open_rows[name].fillna(0.0).astype(float)
    queue = queue.sort_values(["confidence", "unit_id"], kind="stable").drop_duplicates("unit_id")
    return queue.head(size).reset_index(drop=True)


def apply_codes(coded: pd.DataFrame, human: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Put human codes over the machine's; what the machine had said is kept beside them.

    Parameters
    ----------
    coded : DataFrame
        Schema ``coded``.
    human : DataFrame
        ``unit_id`` and ``touchpoint``, as the review table saves them; missing means "none of the touchpoints".
    codebook : Codebook
        For the stages.

    Returns
    -------
    DataFrame
        Schema ``coded`` with ``machine_touchpoint`` and ``machine_coder``; a clause that a person coded has one row.

    Raises
    ------
    TableError
        When a human code is for an unknown clause or touchpoint.
    """
    known = {point.id: point.stage for point in codebook.touchpoints}
    codes = human.drop_duplicates("unit_id", keep="last").set_index("unit_id")["touchpoint"]
    for code in codes.dropna().unique():
        if code not in known:
            raise TableError(
                f"{code!r} is not a touchpoint", where="human, column 'touchpoint'", remedy=did_you_mean(code, known)
            )
    strange = codes.index.difference(pd.Index(coded["unit_id"]))
    if len(strange):
        raise TableError(
            f"{len(strange)} of {len(codes)} human codes are for unknown clauses", where="human, column 'unit_id'",
            example=repr(strange[0]), remedy="Use the codes of this coding.",
        )  # fmt: skip
    table = pd.DataFrame(coded).copy()
    touched = table["unit_id"].isin(codes.index)
    table["machine_touchpoint"] = table["touchpoint"].where(touched)
    table["machine_coder"] = table["coder"].where(touched)
    table = table[~(touched & table.duplicated("unit_id"))].reset_index(drop=True)
    touched = table["unit_id"].isin(codes.index)
    given = table["unit_id"].map(codes)
    table["touchpoint"] = table["touchpoint"].mask(touched, given)
    table["stage"] = table["stage"].mask(touched, given.map(known))
    table["coder"] = table["coder"].mask(touched, "human")
    table["confidence"] = table["confidence"].mask(touched, 1.0)
    return Table.of(table, about(coded))


class ReviewTable:
    """The state of a review: clauses, the code given to each, and where it is saved. Works without a browser.

    Parameters
    ----------
    coded : DataFrame
        Schema ``coded``.
    codebook : Codebook
        The codes to choose from.
    path : path
        CSV file of the codes; codes already in it are taken up again.
    coder : str
        Name of the person.
    size : int
        How many clauses.
    random : bool
        A random sample, which can correct shares (see ``code_shares``), instead of the most uncertain first.
    language : str
        Language of the labels.
    """

    def __init__(
        self, coded: pd.DataFrame, codebook: Codebook, path: Path | str, *, coder: str = "human", size: int = 50,
        random: bool = False, language: str = "en",
    ) -> None:  # fmt: skip
        drawn = draw_audit(coded, size=size)["unit_id"] if random else review_queue(coded, size=size)["unit_id"]
        self.rows = pd.DataFrame(coded).drop_duplicates("unit_id").set_index("unit_id").loc[drawn.tolist()]
        self.path, self.coder, self.random = Path(path), coder, random
        self.choices = {point.label.text(language): point.id for point in codebook.touchpoints}
        self.codes: dict[str, str | None] = {}
        if self.path.exists():
            before = read_codes(self.path)
            kept = before[before["unit_id"].isin(self.rows.index)]
            self.codes = {
                u: None if pd.isna(t) else t for u, t in zip(kept["unit_id"], kept["touchpoint"], strict=True)
            }

    def give(self, unit_id: str, touchpoint: str | None) -> None:
        """Code one clause and save."""
        if touchpoint is not None and touchpoint not in self.choices.values():
            raise TableError(
                f"{touchpoint!r} is not a touchpoint", remedy=did_you_mean(touchpoint, self.choices.values())
            )
        self.codes[unit_id] = touchpoint
        self.save()

    def table(self) -> pd.DataFrame:
        """Return the codes given so far, with what the machine had said."""
        rows = self.rows.loc[[unit for unit in self.rows.index if unit in self.codes]]
        given = pd.DataFrame({"unit_id": rows.index, "text": rows["text"].to_numpy()})
        given["touchpoint"] = pd.array([self.codes[unit] for unit in rows.index], dtype="str")
        given["coder"], given["random"] = self.coder, self.random
        for name in ("touchpoint", "coder", "confidence"):
            given[f"machine_{name}"] = rows[name].to_numpy()
        return given

    def save(self) -> None:
        """Write the codes as CSV; cells that a spreadsheet would run get an apostrophe in front."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        frame = self.table()
        lines = [[_safe(value) for value in row] for row in frame[list(_SAVED)].itertuples(index=False)]
        temporary = self.path.with_name(self.path.name + ".part")
        with temporary.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([list(_SAVED), *lines])
        temporary.replace(self.path)

    def widget(self) -> Any:
        """Return the table as an ipywidgets box: one clause a line with a choice of touchpoints. Text stays text."""
        import ipywidgets as widgets

        lines = [widgets.HBox([self._menu(widgets, unit), self._words(widgets, unit)]) for unit in self.rows.index]
        return widgets.VBox(lines, layout=widgets.Layout(max_height="480px", overflow="auto"))

    def _menu(self, widgets: Any, unit: str) -> Any:
        machine: Any = self.rows["touchpoint"].loc[unit]
        names = {code: name for name, code in self.choices.items()}
        hint = "" if pd.isna(machine) else f" ({names.get(str(machine), machine)}?)"
        options = [(_SKIP + hint, _SKIP), (_NONE, _NONE), *self.choices.items()]
        value = (self.codes[unit] or _NONE) if unit in self.codes else _SKIP
        menu = widgets.Dropdown(options=options, value=value, layout=widgets.Layout(width="320px"))
        menu.observe(self._given(unit), names="value")
        return menu

    def _given(self, unit: str) -> Callable[[Any], None]:
        def given(change: Any) -> None:
            if change["new"] == _SKIP:
                self.codes.pop(unit, None)
                self.save()
            else:
                self.give(unit, None if change["new"] == _NONE else change["new"])

        return given

    def _words(self, widgets: Any, unit: str) -> Any:
        text = str(self.rows.loc[unit, "text"])
        return widgets.Textarea(value=text, disabled=True, rows=1, layout=widgets.Layout(width="640px"))


def review_table(
    coded: pd.DataFrame, codebook: Codebook, path: Path | str, *, coder: str = "human", size: int = 50,
    random: bool = False, language: str = "en",
) -> Any:  # fmt: skip
    """Return a widget to code clauses in: uncertain ones first, or a random audit; codes are saved as CSV at once.

    See ``ReviewTable`` for the parameters and for the same without a browser; ``read_codes`` reads the file.
    """
    need_columns("coded", coded, "coder", "confidence", "text")
    return ReviewTable(coded, codebook, path, coder=coder, size=size, random=random, language=language).widget()


def read_codes(path: Path | str) -> pd.DataFrame:
    """Read the codes that a review table saved.

    Raises
    ------
    TableError
        When the file is not such a table.
    """
    place = Path(path)
    frame = pd.read_csv(place, dtype="str", encoding="utf-8-sig", keep_default_na=False)
    missing = [name for name in _SAVED if name not in frame.columns]
    if missing:
        raise TableError(f"the column {missing[0]!r} is missing", where=place.name, remedy="Is it a review table?")
    frame = frame.map(lambda value: value[1:] if value[:1] == "'" and value[1:2] in _RISKY else value)
    frame = frame.mask(frame == "")
    frame["random"] = frame["random"] == "True"
    frame["machine_confidence"] = pd.to_numeric(frame["machine_confidence"])
    return frame


_RISKY = tuple("=+-@\t\r")


def _safe(value: object) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)) or value is pd.NA:
        return ""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_RISKY) else text
