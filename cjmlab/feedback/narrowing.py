"""What a study takes from the shipped prior: the classes that its touchpoints stand for, and the words that are its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from cjmlab.feedback.priors.touchpoint_prior import NONE, TouchpointPrior
from cjmlab.vocabulary import Code, Codebook

Floats = npt.NDArray[np.float64]


def narrow(prior: TouchpointPrior, codebook: Codebook, near: float, strange: float) -> Floats:
    """Return what each class of the prior gives to each touchpoint of a study, and in the last column to none of them.

    A class that the study has, or has under a name of its own, is taken as it is; one that it lacks gives the share
    ``near`` of its chance to the nearest touchpoint, or ``strange`` of it to none when there is none near.
    """
    places = {point.id: place for place, point in enumerate(codebook.touchpoints)}
    same = codebook.stands_for or {name: name for name in places}
    found = np.zeros((len(prior.classes), len(places) + 1))
    for row, name in enumerate(prior.classes):
        if name == NONE or name in same:
            found[row, places.get(same.get(name, NONE), -1)] = 1.0
        elif name in codebook.nearest:
            found[row, places[codebook.nearest[name]]] = near
        else:
            found[row, -1] = strange
    return found


def words_and_examples(code: Code, language: str) -> list[str]:
    """Return the name of a code, and the keywords and examples that the study gave it."""
    found: list[str] = []
    for tongue in ("zh-Hans", "zh-Hant") if language == "zh" else (language,):
        words = [word.removeprefix("~") for word in code.own.get(tongue, ()) if not word.startswith(("!", "re:"))]
        found += [code.label.texts.get(tongue, ""), *words, *code.examples.get(tongue, ())]
    return [text for text in found if text]


def own_words(code: Code, *, barred: bool) -> Code:
    """Return a code with the words that the study itself gave, or with those that it said are not meant."""
    kept = {
        language: tuple(word.removeprefix("!") for word in words if word.startswith("!") == barred)
        for language, words in code.own.items()
    }
    return replace(code, kind="own", keywords=kept)
