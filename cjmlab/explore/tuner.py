"""A panel to tune segments in: settings, live pictures, and the call that gives the same answer without the panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.explore.tuner_code import write_call
from cjmlab.explore.tuner_controls import Controls
from cjmlab.explore.tuner_pictures import NAMES, Pictures
from cjmlab.explore.words import word
from cjmlab.segments import Segmentation, segment_customers
from cjmlab.segments.reading import open_customers
from cjmlab.vocabulary import language_code

STEPS = {"homogeneity test": "step_test", "number of segments": "step_number", "stability": "step_stability"}


class SegmentTuner(widgets.VBox):  # type: ignore[misc]
    """The panel. Made by ``tune_segments``; ``segmentation`` is what it shows, ``code`` the call that gives the same.

    Parameters
    ----------
    customers : DataFrame
        One row a customer.
    language : str
        Any spelling of one of the four languages.
    name : str
        What the notebook calls the table, for the code.
    models : mapping
        Name → estimator, offered beside the models of the house.
    """

    def __init__(self, customers: pd.DataFrame, *, language: str, name: str, models: Mapping[str, Any]) -> None:
        customers = open_customers(customers)
        self._customers, self._language, self._name = customers, language_code(language), name
        self._segmentation: Segmentation | None = None
        self._counts: dict[str, Any] = {}
        self._busy = False
        self.controls = Controls(customers, self._language, models)
        self.pictures = Pictures(self._language)
        self.progress = widgets.FloatProgress(value=0.0, min=0.0, max=1.0, description="")
        self.message = _words(rows=2)
        self.code_area = widgets.Textarea(
            description=self._word("code"), tooltip=self._word("code_hint"), style={"description_width": "initial"},
            layout=widgets.Layout(width="98%", height="180px"),
        )  # fmt: skip
        self._told = {each: _words(rows=2) for each in NAMES}
        pages = [widgets.VBox([self.pictures.figures[each], self._told[each]]) for each in NAMES]
        pictures = widgets.Tab(pages, titles=tuple(self._word(each) for each in NAMES))
        super().__init__([*self.controls.layout(), self.progress, self.message, pictures, self.code_area])
        self._listen()
        self.run()

    @property
    def segmentation(self) -> Segmentation | None:
        """The segments on the screen; None when the settings were refused."""
        return self._segmentation

    @property
    def code(self) -> str:
        """The call that gives the same segments."""
        return str(self.code_area.value)

    def run(self) -> None:
        """Segment with the settings on the screen; a refusal is shown as its sentence."""
        if self._busy:
            return
        self._busy = True
        settings = self.controls.settings()
        self.code_area.value = write_call(settings, name=self._name)
        self._announce("", 0.0, "info")
        try:
            found = segment_customers(self._customers, **settings, **self._known_count(settings), progress=self._step)
            self._counts[self._count_key(settings)] = found.count
            self._show(found)
        except CjmError as refusal:
            self._refuse(refusal)
        finally:
            self._busy = False

    def _show(self, found: Segmentation) -> None:
        self._segmentation = found
        self.pictures.show(found)
        self.message.value = found.verdict_in(self._language)
        self._tell()
        self._announce(self._word("ready"), 1.0, "success")

    def _refuse(self, refusal: CjmError) -> None:
        self._segmentation = None
        self.pictures.clear()
        self.message.value = str(refusal)
        self._tell()
        self._announce(self._word("failed"), 1.0, "danger")

    def _tell(self) -> None:
        for each, label in self._told.items():
            label.value = self.pictures.told[each]

    def _known_count(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Return the count of an earlier run on the same columns: it does not depend on model and number."""
        known = self._counts.get(self._count_key(settings))
        return {} if known is None else {"count": known}

    @staticmethod
    def _count_key(settings: dict[str, Any]) -> str:
        return repr([settings.get(each) for each in ("features", "passive", "weights", "random_state")])

    def _step(self, step: str, share: float) -> None:
        self._announce(self._word(STEPS[step]) if step in STEPS else step, share, "info")

    def _announce(self, step: str, share: float, style: str) -> None:
        self.progress.value, self.progress.description, self.progress.bar_style = share, step, style

    def _word(self, name: str, **fill: object) -> str:
        return word(name, self._language, book="tuner", **fill)

    def _listen(self) -> None:
        self.controls.button.on_click(lambda _: self.run())
        self.controls.model.observe(lambda _: self._model_changed(), names="value")
        for control in self.controls.watched:
            control.observe(lambda _: self._changed(), names="value")

    def _model_changed(self) -> None:
        self._busy = True  # the number changes with the model: one answer for both
        self.controls.offer_numbers(self._segmentation.n_segments if self._segmentation is not None else 3)
        self._busy = False
        self._changed()

    def _changed(self) -> None:
        if self.controls.live.value:
            self.run()
        elif not self._busy:
            self.code_area.value = write_call(self.controls.settings(), name=self._name)


def _words(*, rows: int) -> Any:
    """Return a field that shows words as they are, over several lines, and can be read aloud and copied."""
    return widgets.Textarea(disabled=True, rows=rows, layout=widgets.Layout(width="98%", height="auto"))


def tune_segments(
    customers: pd.DataFrame,
    *,
    language: str = "en",
    name: str = "customers",
    models: Mapping[str, Any] | None = None,
) -> SegmentTuner:
    """Tune segments in a panel: columns, weights, model, number, seed and starts, with pictures that follow.

    The panel calls ``segment_customers`` and shows what it returns: every answer can be had without it, by the call in
    the field at the end. A refusal is shown as its sentence.

    Parameters
    ----------
    customers : DataFrame
        One row a customer, as ``segment_customers`` takes it.
    language : str
        Any spelling of one of the four languages.
    name : str
        What the notebook calls the table; it stands in the code.
    models : mapping, optional
        Name → scikit-learn estimator, offered beside the models of the house.

    Returns
    -------
    SegmentTuner
        A widget. ``.segmentation`` is what it shows, ``.code`` the call that gives the same.

    Raises
    ------
    TableError
        When it is not a customer table.

    Examples
    --------
    >>> import numpy as np
    >>> kind = np.repeat([0, 1], 40)
    >>> table = pd.DataFrame({"customer_id": [f"c{i}" for i in range(80)], "visits": kind * 6 + np.arange(80) % 5,
    ...                       "basket": kind * 40 + np.arange(80) % 7})
    >>> panel = tune_segments(table)
    >>> panel.controls.number.value = 2
    >>> panel.segmentation.n_segments, "n_segments=2" in panel.code
    (2, True)
    """
    return SegmentTuner(customers, language=language, name=name, models=models or {})
