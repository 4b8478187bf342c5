"""Stage models: they all load, every crosswalk is total and keeps the order, own models need five lines."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjmlab.errors import VocabularyError
from cjmlab.vocabulary import LANGUAGES, crosswalk, list_stage_models, stage_model, touchpoints

MODELS = list_stage_models()
CUSTOMER = [name for name in MODELS if stage_model(name).kind == "customer"]


def test_the_models_of_the_articles_ship() -> None:
    assert {"hema7", "sales5", "fiveA", "curiosity4", "ru_loop", "mtaoo", "lv3"} <= set(MODELS)
    assert [stage.label.text("zh-Hans") for stage in stage_model("hema7")] == [
        "认知", "到达", "准备", "购买", "体验", "物流", "售后"]  # fmt: skip
    assert [stage.label.text("ru") for stage in stage_model("ru_loop")] == [
        "Осмысление", "Оценка", "Сделка", "Опыт", "Триггер"]  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_stages_are_named_in_every_language(name: str) -> None:
    for stage in stage_model(name):
        assert all(stage.label.language_shown(language) == language for language in LANGUAGES)
        assert all(stage_model(name).find(text) is not None for text in stage.label)


def test_the_loop_says_when_it_is_taken() -> None:
    loops = {(loop.start, loop.end): loop.after for loop in stage_model("ru_loop").loops}
    assert loops[("experience", "awareness")] == "bad"
    assert loops[("experience", "trigger")] == loops[("trigger", "deal")] == "good"


@pytest.mark.parametrize(("first", "second"), itertools.permutations(CUSTOMER, 2))
def test_every_crosswalk_is_total_and_keeps_the_order(first: str, second: str) -> None:
    start, end = stage_model(first), stage_model(second)
    there, back = crosswalk(start, end), crosswalk(end, start)
    assert set(there.stage) == set(start.ids)
    primary = there[there.primary].set_index("stage").maps_to
    home = back[back.primary].set_index("stage").maps_to
    assert len(primary) == len(start)
    path = [end.ids.index(primary[stage]) for stage in start.ids]
    assert path == sorted(path)
    round_trip = [start.ids.index(home[primary[stage]]) for stage in start.ids]
    assert round_trip == sorted(round_trip)


def test_a_workflow_is_not_a_customer_model() -> None:
    with pytest.raises(VocabularyError, match="describes a workflow"):
        crosswalk(stage_model("mtaoo"), stage_model("lv3"))


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=1, max_size=9, unique=True))
def test_an_own_model_needs_only_names(names: list[str]) -> None:
    model = stage_model({"stages": names})
    assert [str(stage.label) for stage in model] == names
    assert set(crosswalk(model, stage_model("lv3")).stage) == set(model.ids)
    assert {point.stage for point in touchpoints(None, model)} <= set(model.ids)


def test_own_model_file(tmp_path) -> None:
    (tmp_path / "mine.toml").write_text('stages = ["Найти", "Купить", "Жить"]\n', "utf-8")
    assert stage_model(tmp_path / "mine.toml").ids == ("найти", "купить", "жить")


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({"stages": []}, 'there are no stages. Write stages = ["Discover", "Buy", "Use"].'),
        ({"stages": ["A", "A"]}, "1 stage ids occur twice (first: a)."),
        ({"stages": [{"label": "A", "span": [1, 0]}]}, "stage 'A' has no rising span: [1, 0]."),
        ({"stages": ["A", "B"], "loops": [{"from": "b", "to": "c"}]}, "a loop names 'c'. Known: 'a', 'b'."),
    ],
)
def test_a_bad_model_is_one_sentence(raw: dict, sentence: str) -> None:
    with pytest.raises(VocabularyError) as caught:
        stage_model(raw)
    assert str(caught.value) == f"stage model 'own': {sentence}"


def test_unknown_names_are_answered_with_the_nearest() -> None:
    with pytest.raises(VocabularyError, match=r"'hema' is not a stage model\. Did you mean 'hema7'\?"):
        stage_model("hema")
    with pytest.raises(VocabularyError, match=r"'chekout' is not a touchpoint\. Did you mean 'checkout'\?"):
        touchpoints(["chekout"], stage_model("lv3"))
    with pytest.raises(VocabularyError, match="has no stage"):
        touchpoints([{"id": "mine"}], stage_model("lv3"))
    with pytest.raises(VocabularyError, match="listed twice"):
        touchpoints(["checkout", "checkout"], stage_model("lv3"))
