"""The tree that explains segments, in words: its limits on the scale of the answers, its levels by name."""

from __future__ import annotations

from typing import Any

import numpy as np

from cjmlab.segments.columns import ColumnPlan
from cjmlab.segments.features import FeatureSpace


def write_tree(space: FeatureSpace, tree: Any, names: tuple[str, ...]) -> str:
    """Return a fitted decision tree on the design of a space as text.

    A z-score is turned back into the number that the customer gave: ``visits <= 4.5``. A row-centred item is read
    against the mean of its battery: ``care <= 0.5 above own mean``. A level reads ``channel is app`` or ``is not``.
    """
    plans = _plan_of_columns(space)
    made = tree.tree_
    lines: list[str] = []

    def walk(node: int, depth: int) -> None:
        indent = "|   " * depth + "|--- "
        told = _told(made, node)
        if told is not None:
            lines.append(f"{indent}{names[int(tree.classes_[told])]}")
            return
        below, above = _words(space, *plans[int(made.feature[node])], float(made.threshold[node]))
        for words, child in ((below, made.children_left[node]), (above, made.children_right[node])):
            lines.append(f"{indent}{words}")
            walk(int(child), depth + 1)

    walk(0, 0)
    return "\n".join(lines) + "\n"


def _told(made: Any, node: int) -> int | None:
    """Return the class that every leaf under a node names, None when they differ."""
    if made.children_left[node] < 0:
        return int(made.value[node][0].argmax())
    below, above = (_told(made, int(side[node])) for side in (made.children_left, made.children_right))
    return below if below == above else None


def _plan_of_columns(space: FeatureSpace) -> list[tuple[ColumnPlan, str]]:
    """Return the plan behind each column of the design, and the level it stands for."""
    out: list[tuple[ColumnPlan, str]] = []
    for plan in space.active:
        if plan.kind != "nominal":
            out.append((plan, ""))
        else:
            out += [(plan, level) for level in (plan.levels[:1] if len(plan.levels) == 2 else plan.levels)]
    return out


def _words(space: FeatureSpace, plan: ColumnPlan, level: str, limit: float) -> tuple[str, str]:
    """Return what holds below and above a limit on a column of the design."""
    if level:
        return f"{plan.column} is not {level}", f"{plan.column} is {level}"
    limit /= plan.weight or 1.0
    centre = (space.centres or {}).get(plan.column)
    if centre is not None:
        text = f"{limit * centre[1] + centre[0]:+.1f} from own mean"
    else:
        value = limit * plan.scale + plan.mean
        value = float(np.expm1(value)) if plan.logged else value
        text = f"{value:,.1f}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{plan.column} <= {text}", f"{plan.column} > {text}"
