"""The ``study.toml`` of a planted world."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cjmlab.study.plan import Item, Nominal, Number
from cjmlab.study.questionnaire import header
from cjmlab.study.world import World
from cjmlab.vocabulary import LANGUAGES, Label, StageModel, list_stage_models

WORDS: Mapping[str, Mapping[str, str]] = {
    "experience": {"en": "How was it: {}?", "zh-Hans": "您对“{}”的感受如何？", "zh-Hant": "您對「{}」的感受如何？", "ru": "Как прошло: {}?"},
    "expectation": {"en": "What did you expect of it: {}?", "zh-Hans": "您原本对“{}”的期望是？", "zh-Hant": "您原本對「{}」的期望是？", "ru": "Чего вы ожидали: {}?"},
    "recommend": {"en": "How likely are you to recommend us?", "zh-Hans": "您有多大可能推荐我们？", "zh-Hant": "您有多大可能推薦我們？", "ru": "Насколько вероятно, что вы нас порекомендуете?"},
    "comment": {"en": "What else would you like to tell us?", "zh-Hans": "还有什么想对我们说的？", "zh-Hant": "還有什麼想對我們說的？", "ru": "Что ещё вы хотели бы нам сказать?"},
    "memory": {"en": "Which moment do you remember most?", "zh-Hans": "您印象最深的是哪一刻？", "zh-Hant": "您印象最深的是哪一刻？", "ru": "Какой момент запомнился больше всего?"},
}  # fmt: skip


def study_toml(world: World) -> str:
    """Return the text of ``study.toml``: charter, touchpoints, files and what their columns mean."""
    plan = world.plan
    lines = ["[study]", f"title = {_value(plan.title)}"]
    charter = dict(plan.charter)
    owners = charter.pop("owners", {})
    lines += [f"{key} = {_value(Label.of(value) if key == 'goal' else value)}" for key, value in charter.items()]
    own = {entry["id"] for entry in plan.own_touchpoints}
    lines += [
        *_stages(plan.model),
        f"languages = {_value(list(plan.languages))}",
        f"touchpoints = {_value([point for point in plan.points if point not in own])}",
    ]
    if owners:
        lines += ["", "[owners]", *[f"{key} = {_value(value)}" for key, value in owners.items()]]
    for entry in plan.own_touchpoints:
        lines += ["", "[[touchpoints]]"]
        lines += [f"{key} = {_value(Label.of(value) if key == 'label' else value)}" for key, value in entry.items()]
    for entry in plan.codes:
        lines += ["", "[[codes]]", *[f"{key} = {_value(value)}" for key, value in entry.items() if key != "examples"]]
        lines += _examples(entry.get("examples", {}))
    blocks = [_customers(world)]
    blocks += [_survey(world, wave) for wave in plan.waves]
    blocks += [_interviews(world), _events(world), _outcomes(world)]
    return "\n".join([*lines, *[line for block in blocks if block for line in ["", *block]]]) + "\n"


def _examples(examples: Mapping[str, list[str]]) -> list[str]:
    """Write the example sentences of a code, each on a line of its own."""
    lines = ["[codes.examples]"] if examples else []
    for language, sentences in examples.items():
        lines += [f"{_key(language)} = [", *[f"  {_value(sentence)}," for sentence in sentences], "]"]
    return lines


def _stages(model: StageModel) -> list[str]:
    """Name a shipped stage model, or write an own one out."""
    if model.id in list_stage_models():
        return [f"stage_model = {_value(model.id)}"]
    stages = [{"id": each.id, "label": each.label, "span": each.span} for each in model]
    loops = [{"from": each.start, "to": each.end, "after": each.after} for each in model.loops]
    return [f"stages = {_value(stages)}", f"loops = {_value(loops)}"]


def _customers(world: World) -> list[str]:
    plan = world.plan
    active = [each.name for each in plan.items] + [each.name for each in plan.numbers]
    active += [each.name for each in plan.nominals if not each.passive]
    lines = [
        "[customers]",
        'file = "customers.csv"',
        f"customer_id = {_value(plan.headers['customer_id'])}",
        f"active = {_value(active)}",
        f"passive = {_value([each.name for each in plan.nominals if each.passive])}",
        f"nominal = {_value([each.name for each in plan.nominals])}",
        f"ordinal = {_value([each.name for each in plan.items])}",
        f"numeric = {_value([each.name for each in plan.numbers])}",
        "",
        "[customers.batteries]",
        f"attitudes = {_value([each.name for each in plan.items])}",
        "",
        "[customers.labels]",
    ]
    columns: tuple[Item | Number | Nominal, ...] = (*plan.items, *plan.numbers, *plan.nominals)
    lines += [f"{_key(each.name)} = {_value(each.label)}" for each in columns]
    for nominal in plan.nominals:
        lines += ["", f"[customers.values.{_key(nominal.name)}]"]
        lines += [f"{_key(value)} = {_value(label)}" for value, label in nominal.values]
    for segment in plan.segments:
        if segment.trait[0]:
            lines += ["", "[[customers.names]]", f"column = {_value(segment.trait[0])}"]
            lines += [f"value = {_value(segment.trait[1])}", f"label = {_value(segment.label)}"]
            lines += [f"goal = {_value(segment.goal)}"] if segment.goal else []
    return lines


def _survey(world: World, wave: str) -> list[str]:
    plan, table = world.plan, world.surveys[wave]
    lines = [
        "[[survey]]",
        f"file = {_value(f'survey_{wave}.csv')}",
        f"name = {_value(f'survey {wave}')}",
        f"wave = {_value(wave)}",
        f"customer_id = {_value(plan.headers['respondent'])}",
        f"time = {_value(plan.headers['submitted'])}",
        f"language_column = {_value(plan.headers['survey_language'])}",
        'source_type = "survey"',
    ]
    for point in plan.touchpoints:
        low, high = plan.scales[point.id]
        for asks in ("experience", "expectation"):
            column = header(plan, asks, point.id)
            if column in table.columns and (asks == "experience" or point.id in plan.expected):
                lines += _question(column, asks, point.label, touchpoint=point.id, scale=f"{low}-{high}")
    lines += _question(plan.headers["recommend"], "outcome", None, outcome="recommend", scale="0-10")
    for kind in ("comment", "memory"):
        if plan.headers.get(kind) in table.columns:
            lines += _question(plan.headers[kind], "open", None, wording=kind)
    return lines


def _question(column: str, asks: str, label: Label | None, wording: str = "", **more: str) -> list[str]:
    key = wording or {"outcome": "recommend"}.get(asks, asks)
    question = {code: WORDS[key][code].format(label.text(code) if label else "") for code in LANGUAGES}
    return [
        "",
        "[[survey.questions]]",
        f"column = {_value(column)}",
        f"asks = {_value(asks)}",
        *[f"{name} = {_value(value)}" for name, value in more.items()],
        f"question = {_value(question)}",
    ]


def _interviews(world: World) -> list[str]:
    if not world.interviews:
        return []
    wave = world.plan.waves[0]
    return ["[[interviews]]", 'folder = "interviews"', 'customer_id = "filename"', f"wave = {_value(wave)}"]


def _events(world: World) -> list[str]:
    plan = world.plan
    lines = ["[[events]]", 'file = "events.csv"', 'customer_id = "customer"', 'time = "ts"', 'event = "event"']
    names = {"event_id": "event_id", "touchpoint": "touchpoint", "channel": "channel", "item": "item", "money": "amount",
             "person": "staff", "tool": "tool"}  # fmt: skip
    lines += [f"{key} = {_value(column)}" for key, column in names.items() if column in world.events.columns]
    if plan.event_names:
        lines += ["", "[events.map]"]
        shown = {plan.event_of("purchase" if point == plan.paid_at else point): point for point in plan.points}
        shown |= {event: point for point, event in plan.closings.items()}
        if "blocked" in plan.event_names and "checkout" in plan.points:
            shown[plan.event_of("blocked")] = "checkout"
        lines += [f"{_key(event)} = {_value(point)}" for event, point in shown.items()]
    return lines


def _outcomes(world: World) -> list[str]:
    headers = world.plan.headers
    return [
        "[[outcomes]]",
        'file = "outcomes.csv"',
        f"customer_id = {_value(headers['customer_id'])}",
        'wave_column = "wave"',
        "",
        "[outcomes.columns]",
        f'{_key(headers["repurchase"])} = "0-1"',
    ]


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").replace("-", "").isalnum() else _value(name)


def _value(value: Any) -> str:
    """Write a value as TOML: JSON strings are TOML strings, mappings become inline tables."""
    if isinstance(value, Label):
        value = dict(value.texts)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(str(key))} = {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)
