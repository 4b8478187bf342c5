"""A short questionnaire that puts a new customer in a segment: six items and a discriminant, a tree to explain it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cjmlab.errors import CjmError
from cjmlab.segments.features import FeatureSpace
from cjmlab.segments.models import Labels
from cjmlab.segments.reading import Floats
from cjmlab.segments.typing_tree import write_tree

if TYPE_CHECKING:
    from cjmlab.segments.segmentation import Segmentation

ROWS = 3000
FOLDS = 5


@dataclass(frozen=True, eq=False, repr=False)
class TypingTool:
    """Six items that find the segment of a customer.

    Parameters
    ----------
    items : tuple of str
        Columns to ask, the most telling first.
    accuracy : float
        Share of customers typed right by the items, the choice of items made anew inside every fold.
    accuracy_tree, accuracy_all : float
        The same of the shallow tree, and of a discriminant on all active columns.
    confusion : DataFrame
        True segment (rows) by typed segment (columns), cross-validated counts.
    tree : str
        The tree as text, its limits on the scale of the answers.
    """

    items: tuple[str, ...]
    accuracy: float
    accuracy_tree: float
    accuracy_all: float
    confusion: pd.DataFrame
    tree: str
    space: FeatureSpace
    names: tuple[str, ...]
    model: Any
    places: tuple[int, ...]

    def classify(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return customer_id, segment and certainty of new customers who answered the items."""
        missing = [item for item in self.items if item not in customers.columns]
        if missing:
            raise CjmError(f"the item {missing[0]!r} is missing", where="typing tool",
                           remedy="It asks for " + ", ".join(self.items) + ".")  # fmt: skip
        design = self.space.design(self.space.raw(customers))[:, list(self.places)]
        certainty = self.model.predict_proba(design)
        return pd.DataFrame({
            "customer_id": customers["customer_id"].astype(str).to_numpy(),
            "segment": np.array(self.names, dtype=object)[certainty.argmax(axis=1)],
            "posterior": np.round(certainty.max(axis=1), 6),
        })  # fmt: skip

    def __repr__(self) -> str:
        return (
            f"<TypingTool: {len(self.items)} items ({', '.join(self.items)}) type {100 * self.accuracy:.0f} % right in "
            f"cross-validation; tree {100 * self.accuracy_tree:.0f} %, all columns {100 * self.accuracy_all:.0f} %>"
        )


def build_typing_tool(segments: Segmentation, *, items: int = 6, random_state: int = 0) -> TypingTool:
    """Choose the items, fit the discriminant and the tree, and cross-validate all of it.

    Raises
    ------
    CjmError
        When there is one segment only, or a segment is too small to be cross-validated.
    """
    from sklearn.model_selection import StratifiedKFold

    space, target = segments.space, segments.assigned
    if segments.n_segments < 2:
        raise CjmError("one segment needs no typing tool", where="typing_tool", remedy="Give two segments or more.")
    raw = space.raw(segments.customers)
    if len(target) > ROWS:
        rows = np.sort(np.random.default_rng(random_state).choice(len(target), ROWS, replace=False))
        raw, target = raw[rows], target[rows]
    design, groups = space.design(raw), _groups(space)
    folds = int(min(FOLDS, np.bincount(target).min()))
    if folds < 2:
        raise CjmError("a segment has one member only", where="typing_tool", remedy="Take fewer segments.")
    typed, by_tree, by_all = (np.empty(len(target), dtype=np.int64) for _ in range(3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for train, test in StratifiedKFold(folds, shuffle=True, random_state=random_state).split(design, target):
            columns = _columns(_choose(design[train], target[train], groups, items), groups)
            typed[test] = (
                _discriminant().fit(design[train][:, columns], target[train]).predict(design[test][:, columns])
            )
            by_tree[test] = _tree().fit(design[train], target[train]).predict(design[test])
            by_all[test] = _discriminant().fit(design[train], target[train]).predict(design[test])
        chosen = _choose(design, target, groups, items)
        columns = _columns(chosen, groups)
        model = _discriminant().fit(design[:, columns], target)
    names = segments.names
    table = np.bincount(target * len(names) + typed, minlength=len(names) ** 2).reshape(len(names), -1)
    text = write_tree(space, _tree().fit(design, target), names)
    return TypingTool(
        tuple(space.active[place].column for place in chosen), float((typed == target).mean()),
        float((by_tree == target).mean()), float((by_all == target).mean()),
        pd.DataFrame(table, index=pd.Index(names, name="segment"), columns=list(names)), text, space, names, model,
        tuple(columns),
    )  # fmt: skip


def _discriminant() -> Any:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    return LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.01)


def _tree() -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(max_depth=4, min_samples_leaf=5, random_state=0)


def _groups(space: FeatureSpace) -> list[list[int]]:
    """Return the design columns of each active column."""
    groups, start = [], 0
    for plan in space.active:
        width = 1 if plan.kind != "nominal" or len(plan.levels) == 2 else len(plan.levels)
        groups.append(list(range(start, start + width)))
        start += width
    return groups


def _columns(chosen: list[int], groups: list[list[int]]) -> list[int]:
    return [column for place in chosen for column in groups[place]]


def _choose(design: Floats, target: Labels, groups: list[list[int]], items: int) -> list[int]:
    """Choose items forward, each time the one with which a held-out third is typed best."""
    held = np.arange(len(target)) % 3
    chosen: list[int] = []
    while len(chosen) < min(items, len(groups)):
        scores = {
            place: np.mean([_score(design[:, _columns([*chosen, place], groups)], target, held == fold) for fold in range(3)])
            for place in range(len(groups)) if place not in chosen
        }  # fmt: skip
        chosen.append(max(scores, key=lambda place: (round(float(scores[place]), 9), -place)))
    return chosen


def _score(design: Floats, target: Labels, test: Any) -> float:
    train = ~test
    if len(np.unique(target[train])) < 2 or not test.any():
        return 0.0
    return float((_discriminant().fit(design[train], target[train]).predict(design[test]) == target[test]).mean())
