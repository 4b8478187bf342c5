"""An imitated study for pictures: any number of stages and touchpoints, four languages, cells of every kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import plotly
import pytest

from cjmlab.journeys.context import JourneyContext
from cjmlab.maps import MAP_CONFIG
from cjmlab.study.charter import Charter, Study
from cjmlab.tables import Table
from cjmlab.vocabulary import Label, codebook, stage_model
from cjmlab.vocabulary import touchpoints as place_touchpoints
from cjmlab.vocabulary.touchpoints import list_touchpoints

STAGES = [
    {"en": "Discover", "zh-Hans": "认知", "zh-Hant": "認知", "ru": "Знакомство"},
    {"en": "Compare", "zh-Hans": "比较", "zh-Hant": "比較", "ru": "Сравнение"},
    {"en": "Order and pay", "zh-Hans": "下单付款", "zh-Hant": "下單付款", "ru": "Оформление заказа"},
    {"en": "Receive", "zh-Hans": "收货", "zh-Hant": "收貨", "ru": "Получение"},
    {"en": "Use", "zh-Hans": "使用", "zh-Hant": "使用", "ru": "Использование"},
    {"en": "Support", "zh-Hans": "售后支持", "zh-Hant": "售後支援", "ru": "Поддержка"},
    {"en": "Renew", "zh-Hans": "续约", "zh-Hant": "續約", "ru": "Продление"},
    {"en": "Recommend", "zh-Hans": "推荐", "zh-Hant": "推薦", "ru": "Рекомендация"},
    {"en": "Leave or return", "zh-Hans": "离开或回归", "zh-Hant": "離開或回歸", "ru": "Уход или возвращение"},
]
NAMES = [
    {"en": "Value-seeking families", "zh-Hans": "价值敏感型家庭", "zh-Hant": "價值敏感型家庭", "ru": "Экономные семьи"},
    {"en": "Loyal enthusiasts", "zh-Hans": "忠诚爱好者", "zh-Hant": "忠誠愛好者", "ru": "Лояльные энтузиасты"},
    {"en": "Cautious switchers", "zh-Hans": "谨慎转换者", "zh-Hant": "謹慎轉換者", "ru": "Осторожные новички"},
]
GOAL = {
    "en": "Get a reliable appliance at a fair price, without surprises after paying.",
    "zh-Hans": "用合理的价格买到可靠的家电，付款之后不要有意外。",
    "zh-Hant": "用合理的價格買到可靠的家電，付款之後不要有意外。",
    "ru": "Надёжная техника по честной цене, без сюрпризов после оплаты.",
}
GOOD = {
    "en": "The fitter was a real professional and had it working within the hour, thank you so much!",
    "zh-Hans": "师傅很专业，一次就修好了。", "zh-Hant": "師傅很專業，一次就修好了。",
    "ru": "Мастер приехал вовремя и всё сделал с первого раза, очень довольна.",
}  # fmt: skip
BAD = {
    "en": "They said in the morning, and nobody came until eight in the evening.",
    "zh-Hans": "说好上午来，等到晚上八点都没人，电话也打不通，真的很生气。",
    "zh-Hant": "說好上午來，等到晚上八點都沒人，電話也打不通，真的很生氣。",
    "ru": "Обещали привезти утром, а до восьми вечера так никто и не приехал.",
}
LANGUAGES = ("en", "zh-Hans", "zh-Hant", "ru")
SCORED = (
    "unit_id",
    "customer_id",
    "segment",
    "stage",
    "touchpoint",
    "lane",
    "language",
    "text",
    "sentiment",
    "asks",
    "scale",
)


def _study(counts: Sequence[int], wordy: Callable[[str], str] | None) -> Study:
    say = wordy or (lambda text: text)

    def label(texts):
        return {code: say(text) for code, text in texts.items()}

    model = stage_model({"id": "imitated", "stages": [
        {"id": f"s{i}", "label": label(STAGES[i % len(STAGES)])} for i in range(len(counts))
    ]})  # fmt: skip
    shipped = {p.id: p for p in place_touchpoints(None, stage_model("hema7"))}
    ids = iter(list_touchpoints())
    entries = []
    for i, count in enumerate(counts):
        for _ in range(count):
            point = shipped[next(ids)]
            entries.append({"id": point.id, "stage": f"s{i}", "label": label(point.label.texts)})
    points = place_touchpoints(entries, model)
    empty = pd.DataFrame()
    title = Label.of(label({"en": "Appliances", "zh-Hans": "家电", "zh-Hant": "家電", "ru": "Бытовая техника"}))
    charter = Charter(title=title, goal=Label.of(label(GOAL)), owners={"marketing": say("Wang Fang")})
    return Study(folder=Path(), charter=charter, stage_model=model, touchpoints=points, codebook=codebook(points, model),
                 customers=empty, feedback=empty, events=empty, outcomes=empty, report=empty)  # fmt: skip


def _cells(study: Study, names: Sequence[str], seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for s, name in enumerate(names):
        for i, point in enumerate(study.touchpoints):
            n = (3, 17, 64, 240, 512)[(i // 4 + s) % 5] if i % 4 == 3 else int(rng.integers(40, 600))
            mean = float(np.clip(np.sin(i * 1.3 + s) * 0.75, -0.95, 0.95))
            half = 1.1 / np.sqrt(n)
            asked = i % 2 == 0
            rows.append({
                "segment": name, "stage": point.stage, "touchpoint": point.id, "position": i, "channel": point.channel,
                "n": n, "customers": max(1, n - 2), "experience": mean, "low": max(-1.0, mean - half),
                "high": min(1.0, mean + half), "share_negative": (1 - mean) / 2,
                "expectation": 0.4 if asked else np.nan, "gap": mean - 0.4 if asked else np.nan,
                "n_gap": n if asked else 0, "reach": 0.8, "reach_n": n * 4, "drop_off": 0.1,
                "evidence": ("single source", "triangulated", "assumption")[i % 3],
                "quote_ids": [f"{name}-{point.id}-{code}" for code in LANGUAGES],
            })  # fmt: skip
    return pd.DataFrame(rows)


def _scored(cells: pd.DataFrame, say: Callable[[str], str]) -> pd.DataFrame:
    rows = []
    for cell in cells.itertuples():
        for code in LANGUAGES:
            said = (GOOD if cell.experience > 0 else BAD)[code]
            base = [cell.segment, cell.stage, cell.touchpoint]
            rows.append((f"{cell.segment}-{cell.touchpoint}-{code}", f"c{code}", *base, "feeling", code, say(said),
                         cell.experience, "open", None))  # fmt: skip
            for lane in ("behaviour", "motivation", "trigger"):
                if cell.position % 2 == 0:
                    words = {"en": f"I open the app at night and compare {lane}", "zh-Hans": "晚上刷短视频，收藏三四款机型再比较",
                             "zh-Hant": "晚上滑短影音，收藏三四款機型再比較", "ru": "Вечером листаю короткие видео и сохраняю модели"}  # fmt: skip
                    rows.append((f"{cell.segment}-{cell.touchpoint}-{code}-{lane}", f"c{code}", *base, lane, code,
                                 say(words[code]), 0.0, "open", None))  # fmt: skip
        rows.append((f"{cell.segment}-{cell.touchpoint}-e", "c", *base, None, None, None, 0.4, "expectation", "1-5"))
    return pd.DataFrame(rows, columns=SCORED)


def _moments(cells: pd.DataFrame, scored: pd.DataFrame) -> pd.DataFrame:
    texts = scored.dropna(subset=["text"]).set_index("unit_id")["text"]
    rows = []
    for name, own in cells.groupby("segment", sort=False):
        own = own[own["n"] >= 5]
        for kind, some in (("pain", own.nsmallest(6, "experience")), ("opportunity", own.nsmallest(5, "experience")),
                           ("moment_of_truth", pd.concat([own.nlargest(1, "experience"), own.nsmallest(1, "experience")])),
                           ("delight", own.nlargest(2, "experience"))):  # fmt: skip
            for rank, cell in enumerate(some.itertuples(), 1):
                unit = cell.quote_ids[rank % 4]
                gain = 0.9 / rank if kind == "opportunity" else np.nan
                rows.append({
                    "segment": name, "stage": cell.stage, "touchpoint": cell.touchpoint, "kind": kind, "rank": rank,
                    "n": cell.n, "share": cell.share_negative, "severity": 0.8 / rank, "effect": 0.3, "low": 0.1, "high": 0.5,
                    "q": 0.01, "outcome": "recommend", "quote": texts[unit], "quote_id": unit,
                    "quote_language": LANGUAGES[rank % 4], "expected_gain": gain, "gain_low": gain / 2,
                    "gain_high": gain * 1.5, "reason": f"Experience is {cell.experience:.2f} at n = {cell.n}.",
                })  # fmt: skip
    return pd.DataFrame(rows)


def _segmentation(names: Sequence[str], say: Callable[[str], str]) -> Any:
    labels = {
        name: Label({code: say(text) for code, text in NAMES[i % len(NAMES)].items()}) for i, name in enumerate(names)
    }

    def traits(segment: str, language: str = "en", top: int = 5) -> pd.DataFrame:
        pairs = {"en": [("Median spend", "¥1,840 / yr"), ("Recency", "41 days"), ("Mobile-first", "86%"),
                        ("Return rate", "9.4%"), ("Mostly weekend shopping", "62% (31% overall)")],
                 "ru": [("Медианные траты", "1 840 ¥ / год"), ("Давность", "41 день"), ("С телефона", "86 %"),
                        ("Возвраты", "9,4 %"), ("Чаще по выходным", "62 % (31 % в целом)")]}  # fmt: skip
        rows = pairs.get(language, [("年消费中位数", "¥1,840"), ("最近购买", "41 天前"), ("移动端为主", "86%"),
                                    ("退货率", "9.4%"), ("周末购物", "62%（总体 31%）")])  # fmt: skip
        return pd.DataFrame([(say(a), say(b), 1.0) for a, b in rows], columns=["label", "value", "effect"]).head(top)

    sizes = [4218 // (i + 1) for i in range(len(names))]
    summary = pd.DataFrame({"segment": names, "n": sizes, "share": [n / sum(sizes) for n in sizes]})
    return SimpleNamespace(labels=labels, traits=traits, goal=lambda segment: None, summary=summary)


def imitate(
    counts: Sequence[int] = (2, 3, 2, 2, 2, 3, 2), *, segments: int = 3, seed: int = 5,
    wordy: Callable[[str], str] | None = None, hostile_names: Sequence[str] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Journeys with a context, and moments; ``wordy`` changes every user string."""
    say = wordy or (lambda text: text)
    names = list(hostile_names or [say(NAMES[i]["en"]) for i in range(segments)])
    study = _study(counts, wordy)
    cells = _cells(study, names, seed)
    scored = _scored(cells, say)
    overall = cells[cells["segment"] == names[0]].assign(segment="All customers", experience=cells["experience"].mean())
    share = np.linspace(1.0, 0.3, len(counts))
    stages = pd.DataFrame([
        {"segment": name, "stage": f"s{i}", "position": i, "customers": int(4218 / (s + 1) * share[i]),
         "reach": share[i], "drop_off": (0.22, 0.43, 0.04, 0.36)[(i + s) % 4] if i + 1 < len(counts) else np.nan}
        for s, name in enumerate(names) for i in range(len(counts))
    ])  # fmt: skip
    context = JourneyContext(
        study=study, segments=_segmentation(names, say), overall=overall, stages=stages, scored=scored,
        voices=pd.DataFrame(), members=pd.DataFrame({"customer_id": [], "segment": []}), events=pd.DataFrame(),
        provenance={"neutral": (-0.1, 0.1), "version": "0.1.0", "method": "latent class", "k": 3, "scorer": "linear",
                    "date": "2026-11-01", "reach_basis": "events"},
    )  # fmt: skip
    return Table.of(cells, context), _moments(cells, scored)


@pytest.fixture(scope="session", name="imitate")
def imitate_fixture() -> Callable[..., tuple[pd.DataFrame, pd.DataFrame]]:
    """The function that imitates a study."""
    return imitate


@pytest.fixture
def figure_page(tmp_path: Path) -> Callable[[dict[str, Any], str], Path]:
    """Write a page with plotly.js inside and one figure."""

    def write(spec: dict[str, Any], name: str) -> Path:
        script = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text("utf-8")
        data = json.dumps(spec, ensure_ascii=False).replace("<", "\\u003c")
        path = tmp_path / f"{name}.html"
        path.write_text(
            f"<!doctype html><meta charset=utf-8><title>{name}</title><body style='margin:0'><script>{script}</script>"
            f"<div id=map></div><script>const figure = {data};Plotly.newPlot('map', figure.data, figure.layout, "
            f"{json.dumps(MAP_CONFIG)}).then(() => document.body.dataset.ready = 1)</script>",
            "utf-8",
        )
        return path

    return write
