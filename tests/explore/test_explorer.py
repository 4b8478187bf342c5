"""The explorer without a browser: what it holds, what it answers, what it leaves in a notebook."""

from __future__ import annotations

import json

import pytest

from cjmlab.errors import CjmError
from cjmlab.explore import Filters, explore
from cjmlab.explore.explorer import MIME
from cjmlab.explore.states import unpack


@pytest.fixture(scope="module")
def explorer(small_world):
    return explore(*small_world())


def test_selection_drives_the_tables(small_world, explorer) -> None:
    explorer.selection = {"segment": "Seniors", "wave": "2026-Q1", "touchpoint": "delivery"}
    assert explorer.filters == Filters(segment="Seniors", wave="2026-Q1")
    assert explorer.journeys[["segment", "touchpoint"]].to_numpy().tolist() == [["Seniors", "delivery"]]
    assert set(explorer.moments.touchpoint) <= {"delivery"}


def test_every_stored_state_can_be_read_back(explorer) -> None:
    payload = unpack(explorer.payload)
    assert payload["states"]
    for state in payload["states"].values():
        cells = payload["pool"][state["cells"]]
        assert 1 <= len(cells) <= 5
        for number in state["views"].values():
            assert payload["pool"][number]["data"]
        for cell in cells:
            assert all(place < len(payload["verbatims"]) for place in cell["quotes"])


def test_a_combination_that_was_not_stored_is_computed(explorer) -> None:
    wanted = {"segment": "Families", "wave": "2026-Q1", "channel": "app", "stage": "buy"}
    (key,) = explorer.state(wanted)["states"]
    assert key not in unpack(explorer.payload)["states"]


def test_the_page_asks_and_the_kernel_answers(explorer, monkeypatch) -> None:
    sent: list[tuple[dict, list]] = []
    monkeypatch.setattr(type(explorer), "send", lambda self, content, buffers=None: sent.append((content, buffers)))
    explorer._answer(None, {"ask": "state", "key": "k", "filters": {"segment": "Families", "channel": "app"}}, None)
    explorer._answer(None, {"ask": "state", "key": "k", "filters": {"mood": "bad"}}, None)
    explorer._answer(None, {"ask": "plotly"}, None)
    explorer._answer(None, "nonsense", None)
    assert [content["answer"] for content, _ in sent] == ["state", "refusal", "plotly"]
    assert unpack(sent[0][1][0])["states"]
    assert "'mood' is not a filter" in sent[1][0]["text"]


def test_a_notebook_keeps_a_table_a_text_and_the_states(small_world) -> None:
    bundle, _ = explore(*small_world())._repr_mimebundle_()
    assert bundle["text/plain"] == "<Explorer: segment='Families'>"
    assert "<td>Delivery</td>" in bundle["text/html"]
    assert "+" in bundle["text/html"]
    assert "−" in bundle["text/html"]
    json.dumps(bundle[MIME])


def test_the_same_data_make_the_same_states(small_world) -> None:
    assert explore(*small_world()).payload == explore(*small_world()).payload


def test_a_wrong_segment_is_named(small_world) -> None:
    with pytest.raises(CjmError, match=r"'Famlies' is not a segment of the journeys. Did you mean 'Families'\?"):
        explore(*small_world(), segment="Famlies")
