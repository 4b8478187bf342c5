"""A touchpoint of the study's own, read from its name, its words and a few example sentences, beside the shipped ones.

The prior knows what clauses sound like on the whole: how often an n-gram occurs, and where the mean vectors of clauses lie
and how they scatter. What the texts of an own touchpoint have beyond that speaks for it: by n-grams as naive Bayes with
the whole language as its prior (an informative Dirichlet prior, Monroe, Colaresi & Quinn 2008), by word vectors as a
linear discriminant with the scatter of the shipped touchpoints (Fisher 1936). Both are linear, so an own touchpoint is one
more class of the prior and costs nothing more to read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cjmlab.feedback.priors.touchpoint_prior import TouchpointPrior
from cjmlab.feedback.scorers.features import Reading

Floats = npt.NDArray[np.float64]

_LEVELS = 127


@dataclass(frozen=True)
class Trust:
    """How far few texts are trusted: learned by leaving out shipped touchpoints (``benchmarks/own_touchpoints.py``).

    ``language`` is how much n-gram mass of the whole language stands against that of the texts, ``clauses`` how many mean
    clauses stand against the texts, ``meant`` what the word vectors count, and ``first`` what is added to the log odds,
    less ``fewer`` for every e-fold of texts: a touchpoint of which little is known has to be believed sooner.
    """

    language: float = 1000.0
    clauses: float = 3.0
    meant: float = 1.0
    first: float = 4.0
    fewer: float = 0.7


def extend_prior(
    prior: TouchpointPrior, texts: Mapping[str, Sequence[str]], trust: Trust | None = None
) -> TouchpointPrior:
    """Return a prior that also knows own touchpoints.

    Parameters
    ----------
    prior : TouchpointPrior
        The shipped prior of a language.
    texts : mapping
        Id of each own touchpoint → its name, words and example sentences in that language; those without any are left out.
    trust : Trust, optional
        How far the texts are trusted.

    Returns
    -------
    TouchpointPrior
        With one more class for each own touchpoint, in the order given.

    Examples
    --------
    >>> from cjmlab.feedback.priors.touchpoint_prior import shipped_prior
    >>> said = ["Tasting room", "we tried six wines at the bar", "poured us a second glass of the red", "tasting flight"]
    >>> prior = extend_prior(shipped_prior("en"), {"tasting": said})
    >>> prior.classes[int(prior.logits(["they poured us four glasses to taste"])[0].argmax())]
    'tasting'
    """
    trust = trust or Trust()
    for name, said in texts.items():
        if said:
            prior = _with_one(prior, name, list(said), trust)
    return prior


def _with_one(prior: TouchpointPrior, name: str, texts: list[str], trust: Trust) -> TouchpointPrior:
    reading = Reading(texts)
    masses = [np.asarray(block.read(reading).sum(axis=0), np.float64).ravel() for block in prior.blocks]
    whole = sum(float(mass.sum()) for mass in masses)
    usual = [block.usual_mass() for block in prior.blocks]
    total = sum(float(mass.sum()) for mass in usual)
    middle_class = [(weights * prior.scale).mean(axis=1) for weights in prior.weights]
    spoken = [
        level + np.log((mass * total / held + trust.language) / (whole + trust.language))
        for level, mass, held in zip(middle_class, masses, usual, strict=True)
    ]
    scale = max(float(np.abs(each).max()) for each in spoken) / _LEVELS
    dense, constant = _discriminant(prior, reading, trust)
    constant += trust.first - trust.fewer * float(np.log(len(texts)))
    return replace(
        prior,
        classes=(*prior.classes, name),
        weights=tuple(
            np.hstack([held, np.rint(new / scale).astype(np.int8)[:, None]])
            for held, new in zip(prior.weights, spoken, strict=True)
        ),
        scale=np.append(prior.scale, scale),
        dense=np.hstack([prior.dense, (prior.dense.mean(axis=1) + dense)[:, None]]),
        intercept=np.append(prior.intercept, prior.intercept.mean() + constant),
    )


def _discriminant(prior: TouchpointPrior, reading: Reading, trust: Trust) -> tuple[Floats, float]:
    """Return direction and constant of the linear discriminant of the texts against the mean clause."""
    meant = np.asarray(prior.words.mean(reading), np.float64)
    centre = (meant.sum(axis=0) + trust.clauses * prior.middle) / (len(meant) + trust.clauses)
    away, level = prior.tightness @ (centre - prior.middle), (centre + prior.middle) / 2
    return trust.meant * away, -trust.meant * float(level @ away)
