"""How a recipe reads domains that it never saw: each domain left out in turn, one domain a step, steps kept on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from cjmlab.feedback.scorers.features import Reading
from cjmlab.feedback.scorers.linear import LinearModel
from cjmlab.feedback.training.fitting import Design, Recipe, fit_model

Floats = npt.NDArray[np.float64]

_ROWS_A_BATCH = 2000


def read_logits(model: LinearModel, texts: Sequence[str]) -> Floats:
    """Return the raw scores of a model, one row a text."""
    starts = range(0, len(texts), _ROWS_A_BATCH)
    return np.vstack([model.logits(Reading(texts[start : start + _ROWS_A_BATCH])) for start in starts])


def unseen_logits(rows: pd.DataFrame, design: Design, recipe: Recipe, scratch: Path | None = None) -> Floats:
    """Return the logits of all whole texts, each by a model that has seen no row of its domain.

    Parameters
    ----------
    rows : DataFrame
        As ``read_rows`` returns them.
    design : Design
        Their features.
    recipe : Recipe
        What to fit.
    scratch : path, optional
        A folder that keeps the logits of each domain, so that a run that was stopped goes on where it was. Other data or
        another recipe is other files.

    Returns
    -------
    array (n, heads)
        Rows that are no whole texts are zero.
    """
    heads = 3 if recipe.head == "flat" else 2
    logits = np.zeros((len(rows), heads))
    whole, domains = (rows["kind"] == "text").to_numpy(), rows["domain"].to_numpy(object)
    mark = _fingerprint(design, recipe)
    for domain in sorted(set(domains[whole])):
        out = domains == domain
        part = np.flatnonzero(out & whole)
        kept = scratch / f"{recipe.language}-{domain}-{mark}.npy" if scratch else None
        if kept is not None and kept.exists():
            logits[part] = np.load(kept, allow_pickle=False)
            continue
        texts = rows["text"].to_numpy(object)[part].tolist()
        logits[part] = read_logits(fit_model(design.take(~out), recipe, "left out"), texts)
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, logits[part], allow_pickle=False)
    return logits


def _fingerprint(design: Design, recipe: Recipe) -> str:
    """Return a name for the rows, features and recipe behind a fit."""
    found = hashlib.blake2b(repr(recipe).encode(), digest_size=8)
    held = (design.counts.data, design.counts.indices, design.counts.indptr, design.dense, design.labels,
            design.weight, design.gate)  # fmt: skip
    for array in held:
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()
