"""Every public name shows how it is used, in an example that runs."""

from __future__ import annotations

import importlib
import inspect

import pytest

import cjmlab as cjm

# Names whose example would need what a docstring does not have, and where their use is shown instead.
SHOWN_ELSEWHERE = {
    "explore": "a widget; notebooks/05_read_the_map and tests/explore",
    "export": "writes files of a whole map; notebooks and tests/share",
    "render": "runs a notebook; tests/share",
    "share_page": "writes a page of a whole study; README and tests/share",
    "review_table": "a widget; notebooks and tests/feedback",
    "read_codes": "a file that review_table writes; tests/feedback",
    "apply_codes": "codes of people beside a codebook; notebooks and tests/feedback",
    "learn_coder": "needs dozens of codes of people; notebooks and tests/feedback",
}


@pytest.mark.parametrize("name", cjm.__all__)
def test_every_public_name_has_an_example(name: str) -> None:
    text = inspect.getdoc(getattr(cjm, name)) or ""
    assert text.strip(), f"{name} has no docstring"
    assert name in SHOWN_ELSEWHERE or ">>> " in text, f"{name} has no running example"


def test_no_exception_is_out_of_date() -> None:
    assert set(SHOWN_ELSEWHERE) <= set(cjm.__all__)


def test_a_room_with_the_name_of_its_verb_answers_a_call() -> None:
    importlib.import_module("cjmlab.explore")
    assert callable(cjm.explore)
    with pytest.raises(cjm.CjmError):
        cjm.explore(None)
