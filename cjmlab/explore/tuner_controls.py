"""The controls of the panel that tunes segments, and the settings they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
import pandas as pd

from cjmlab.explore.words import word
from cjmlab.segments.columns import ColumnPlan, describe_column, plan_columns
from cjmlab.segments.partition import number_setting
from cjmlab.study.charter import ColumnRoles
from cjmlab.tables import about

ROLES = ("active", "passive", "left out")
AUTO = "auto"
LARGEST = 8
STARTS = 16


class Controls:
    """Choices of role and weight for every column; model, number, seed and starts.

    Parameters
    ----------
    customers : DataFrame
        One row a customer.
    language : str
        Code of one of the four languages.
    own_models : mapping
        Name → estimator, offered beside the models of the house.
    """

    def __init__(self, customers: pd.DataFrame, language: str, own_models: Mapping[str, Any]) -> None:
        self._language, self._own_models = language, dict(own_models)
        self.roles: dict[str, Any] = {}
        self.weights: dict[str, Any] = {}
        said = about(customers)
        roles = said if isinstance(said, ColumnRoles) else ColumnRoles()
        self._names = {column: f"{label.text(language)} ({column})" for column, label in roles.labels.items()}
        for plan in plan_columns(customers, roles=roles):
            self._add_column(plan, customers[plan.column])
        self._declared = {column: choice.value for column, choice in self.roles.items()}
        self.model, self.number, self.seed, self.starts = self._model_controls()
        self.live = widgets.Checkbox(value=True, description=self._word("live"), indent=False)
        self.button = widgets.Button(
            description=self._word("run"), tooltip=self._word("run_hint"), button_style="primary"
        )

    @property
    def watched(self) -> tuple[Any, ...]:
        """Every control that changes the answer, the model aside."""
        return (self.number, self.seed, self.starts, *self.roles.values(), *self.weights.values())

    def settings(self) -> dict[str, Any]:
        """Return what differs from the defaults, as keywords of ``segment_customers``."""
        chosen: dict[str, Any] = {}
        roles = {column: choice.value for column, choice in self.roles.items()}
        if roles != self._declared:
            chosen["features"] = [column for column, role in roles.items() if role == "active"]
            chosen["passive"] = [column for column, role in roles.items() if role == "passive"]
        weights = {column: box.value for column, box in self.weights.items() if box.value != 1.0}
        if weights:
            chosen["weights"] = weights
        model = self._estimator()
        if model is not None:
            chosen["model"] = model
        elif self.starts.value != STARTS:
            chosen["n_starts"] = self.starts.value
        if self.number.value != AUTO:
            chosen["n_segments"] = self.number.value
        if self.seed.value:
            chosen["random_state"] = self.seed.value
        return chosen

    def offer_numbers(self, found: int) -> None:
        """Offer the numbers that the model can take; a model that needs one starts from the number found last."""
        asked, options = self.number.value, self._numbers(self._estimator())
        kept = [value for _, value in options]
        self.number.options = options
        self.number.value = asked if asked in kept else max(2, min(found, LARGEST)) if len(kept) > 1 else AUTO

    def layout(self) -> list[Any]:
        """Return the controls as rows of the panel, the columns folded away."""
        rows = [
            widgets.HBox([widgets.Label(self._shown(column), layout=widgets.Layout(width="320px")), choice,
                          widgets.Label(self._word("weight")), self.weights[column]])
            for column, choice in self.roles.items()
        ]  # fmt: skip
        columns = widgets.VBox(rows, layout=widgets.Layout(max_height="300px", overflow="auto"))
        return [
            widgets.HBox([self.model, self.number], layout=widgets.Layout(flex_flow="row wrap")),
            widgets.HBox([self.seed, self.starts, self.live, self.button], layout=widgets.Layout(flex_flow="row wrap")),
            widgets.Accordion([columns], titles=(self._word("features"),)),
        ]

    def _word(self, name: str, **fill: object) -> str:
        return word(name, self._language, book="tuner", **fill)

    def _shown(self, column: str) -> str:
        return safe_text(self._names.get(column, column))

    def _estimator(self) -> Any:
        """Return the chosen estimator, None for the default."""
        from sklearn.cluster import AgglomerativeClustering, KMeans
        from sklearn.mixture import GaussianMixture

        kind, starts = self.model.value, self.starts.value
        if kind in self._own_models:
            return self._own_models[kind]
        if kind == "kmeans":
            return KMeans(n_init=starts)
        if kind == "gaussian":
            return GaussianMixture(covariance_type="diag", n_init=starts)
        return AgglomerativeClustering() if kind == "ward" else None

    def _add_column(self, plan: ColumnPlan, values: pd.Series) -> None:
        usable = plan.role != "left out" or describe_column(values).role != "left out"
        shown = self._shown(plan.column)
        self.roles[plan.column] = widgets.Dropdown(
            options=[(self._word(role.replace(" ", "_")), role) for role in ROLES], value=plan.role,
            disabled=not usable, layout=widgets.Layout(width="170px"),
            tooltip=self._word("role_of", column=shown) if usable else safe_text(f"{plan.column}: {plan.note}"),
        )  # fmt: skip
        self.weights[plan.column] = widgets.BoundedFloatText(
            value=1.0, min=0.0, max=10.0, step=0.1, disabled=not usable, layout=widgets.Layout(width="80px"),
            tooltip=self._word("weight_of", column=shown),
        )  # fmt: skip

    def _model_controls(self) -> tuple[Any, Any, Any, Any]:
        names = [(self._word(each), each) for each in ("latent", "kmeans", "gaussian", "ward")]
        names += [(safe_text(each), each) for each in self._own_models]
        narrow = widgets.Layout(width="200px")
        return (
            widgets.Dropdown(options=names, value="latent", description=self._word("model"), tooltip=self._word("model")),
            widgets.Dropdown(options=self._numbers(None), value=AUTO, description=self._word("number"),
                             tooltip=self._word("number_hint"), layout=narrow),
            widgets.BoundedIntText(value=0, min=0, max=2**31 - 1, description=self._word("seed"),
                                   tooltip=self._word("seed_hint"), layout=narrow),
            widgets.BoundedIntText(value=STARTS, min=1, max=200, description=self._word("starts"),
                                   tooltip=self._word("starts_hint"), layout=narrow),
        )  # fmt: skip

    def _numbers(self, model: Any) -> list[tuple[str, object]]:
        auto: list[tuple[str, object]] = [(self._word("auto"), AUTO)]
        given: list[tuple[str, object]] = [(str(k), k) for k in range(1, LARGEST + 1)]
        if model is None:
            return auto + given
        return given if number_setting(model) else auto


def safe_text(text: str) -> str:
    """Return text for a label: shown as written, no formula made of dollar signs.

    Examples
    --------
    >>> safe_text("spend in $")
    'spend in ＄'
    """
    return "".join(c if c.isprintable() else " " for c in text).replace("$", "＄").replace("\\(", "(")
