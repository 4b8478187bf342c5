"""Shared fixtures: a small world of scored rows, and a browser without a network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cjmlab.study.charter import Charter, Study
from cjmlab.vocabulary import Label, codebook, stage_model
from cjmlab.vocabulary import touchpoints as place_touchpoints

POINTS = {"social_ad": "aware", "search": "arrive", "checkout": "buy", "delivery": "deliver", "chatbot": "aftersales"}
SAID = {
    "en": ("Delivery came two hours late again", "The courier was friendly and quick"),
    "zh-Hans": ("配送又晚了两个小时", "师傅很专业,一次就修好了"),
    "ru": ("Курьер опять опоздал на два часа", "Мастер всё сделал с первого раза"),
}


def small_study(names: dict[str, str] | None = None) -> Study:
    """A study of five touchpoints without files; ``names`` replaces the English names of touchpoints."""
    model = stage_model("hema7")
    entries = [
        {"id": name, "stage": stage, "label": {"en": (names or {}).get(name, name.replace("_", " ").capitalize())}}
        for name, stage in POINTS.items()
    ]
    points = place_touchpoints(entries, model)
    empty = pd.DataFrame()
    return Study(
        folder=Path(), charter=Charter(title=Label.of({"en": "Small world", "zh-Hant": "小世界", "ru": "Малый мир"})),
        stage_model=model, touchpoints=points, codebook=codebook(points, model), customers=empty, feedback=empty,
        events=pd.DataFrame(columns=["event_id", "customer_id", "time", "event", "stage", "touchpoint", "channel"]),
        outcomes=pd.DataFrame(columns=["customer_id", "outcome", "value"]), report=empty,
    )  # fmt: skip


def small_rows(segments: tuple[str, ...], *, people: int = 60, seed: int = 7) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scored rows of some people, two waves, two sources and two channels, and the segment of each person."""
    rng = np.random.default_rng(seed)
    rows, members = [], []
    for person in range(people):
        segment = person % len(segments)
        members.append({"customer_id": f"c{person:03}", "segment": segments[segment]})
        for place, (point, stage) in enumerate(POINTS.items()):
            mood = (0.5, -0.6, 0.2, -0.4, 0.6)[(place + segment) % 5]
            for wave in ("2026-Q1", "2026-Q2"):
                source = "interview" if person % 5 == 0 else "survey"
                language = tuple(SAID)[person % 3]
                value = float(np.clip(rng.normal(mood + 0.1 * (wave == "2026-Q2"), 0.2), -1, 1))
                unit = f"f{person:03}-{point}-{wave}#0"
                rows.append({
                    "unit_id": unit, "feedback_id": unit[:-2], "customer_id": f"c{person:03}", "source": source,
                    "source_type": source, "wave": wave, "language": language, "stage": stage, "touchpoint": point,
                    "channel": "app" if person % 2 else "store", "asks": "open", "text": SAID[language][int(value > 0)],
                    "start": 0, "end": 9, "lane": "feeling", "coder": "keyword", "coding_confidence": 0.9,
                    "negative": (1 - value) / 2, "neutral": 0.0, "positive": (1 + value) / 2, "sentiment": value,
                    "confidence": 0.9, "scorer": "linear", "feeling": None,
                })  # fmt: skip
    return pd.DataFrame(rows), pd.DataFrame(members)


@pytest.fixture(scope="session")
def small_world() -> Callable[..., tuple[pd.DataFrame, pd.DataFrame]]:
    """Journeys and moments of a small world; a call may rename its segments and touchpoints or change its rows."""
    from cjmlab.journeys import derive_journeys
    from cjmlab.moments import rank_moments

    made: dict[Any, tuple[pd.DataFrame, pd.DataFrame]] = {}

    def build(
        segments: tuple[str, ...] = ("Families", "Seniors"),
        *,
        names: dict[str, str] | None = None,
        change: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
        people: int = 60,
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        key = (segments, tuple((names or {}).items()), change, people)
        if key not in made:
            rows, members = small_rows(segments, people=people)
            journeys = derive_journeys(change(rows) if change else rows, members, small_study(names))
            made[key] = journeys, rank_moments(journeys, None, resamples=50)
        return made[key]

    return build


@pytest.fixture(scope="session")
def small_portable(small_world: Callable[..., tuple[pd.DataFrame, pd.DataFrame]]) -> dict[str, Any]:
    """What an explorer of the small world, with quotes, leaves in a notebook: drawn once for all tests."""
    from cjmlab.explore import explore

    return explore(*small_world(), quotes=True).portable()


class OfflineBrowser:
    """Chromium with the network cut; it writes down what a page asks for and what it complains of."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._contexts: list[Any] = []

    def open(
        self, path: Path, address: str = "", *, width: int = 1400, height: int = 1000, scripts: bool = True
    ) -> Any:
        """Open a file and wait until its explorers are drawn."""
        context = self.browser.new_context(
            offline=True, viewport={"width": width, "height": height}, java_script_enabled=scripts
        )
        self._contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda said: said.type in ("error", "warning") and self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(path.resolve().as_uri() + address)
        if scripts:
            for host in page.locator(".cjm-host[data-kind=explorer]").all():
                host.and_(page.locator("[data-ready]")).wait_for(timeout=30_000)
        return page

    @staticmethod
    def keep(page: Any, name: str) -> None:
        """Keep a screenshot, where CI asks for it: in the folder that CJMLAB_ARTIFACTS names."""
        folder = os.environ.get("CJMLAB_ARTIFACTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    @property
    def foreign(self) -> list[str]:
        """Requests to anything but files and data of the page itself."""
        return [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]

    def close(self) -> None:
        """Close every page."""
        for context in self._contexts:
            context.close()


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found:
        return found
    reason = "no Chromium on this machine: install chromium to run the browser tests"
    if os.environ.get("CJMLAB_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for the whole session."""
    path = _chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def offline_browser(chromium: Any) -> Iterator[OfflineBrowser]:
    """A browser that opens files with the network cut."""
    opened = OfflineBrowser(chromium)
    yield opened
    opened.close()


MEASURE = """() => [...document.querySelectorAll('svg text')].filter((text) => text.textContent.trim()).map((text) => {
    const lines = [...text.querySelectorAll(':scope > tspan')], box = text.getBBox(), place = text.getCTM();
    const corner = (x, y) => new DOMPoint(x, y).matrixTransform(place);
    const [from, to] = [corner(box.x, box.y), corner(box.x + box.width, box.y + box.height)];
    return {text: (lines.length ? lines : [text]).map((line) => line.textContent.split(/\\s+/).filter(Boolean).join(' ')),
        left: from.x, right: to.x, top: from.y, bottom: to.y};
})"""
"""Every text of the pictures on a page with the box it takes, in pixels of its picture however large it is shown."""


def hold_texts_against_boxes(page: Any, canvas: Any, layout: dict[str, Any]) -> list[tuple[Any, dict[str, Any]]]:
    """Assert that each text of a canvas is drawn, in its room and on the sheet; return the texts with what was measured."""
    measured, pairs = page.evaluate(MEASURE), []
    for text in canvas.placed:
        said = [" ".join(line.split()) for line in text.words]  # browsers tell no-break spaces as spaces
        same = [each for each in measured if each["text"] == said]
        assert same, f"{said} was not drawn"
        middle = text.box.left + text.box.width / 2
        found = min(same, key=lambda t: abs((t["left"] + t["right"]) / 2 - middle) + abs(t["top"] - text.box.top))
        pairs.append((text, found))
        assert found["right"] - found["left"] <= text.box.width + 1.5, (text.role, text.words)
        assert found["left"] >= 0, text.words
        assert found["right"] <= layout["width"], text.words
        assert found["bottom"] <= layout["height"] + 1, text.words
        if text.room is not None:
            assert found["left"] >= text.room.left - 1.5, (text.role, text.words)
            assert found["right"] <= text.room.right + 1.5, (text.role, text.words)
    return pairs


@pytest.fixture(scope="session")
def hold_texts() -> Callable[..., list[tuple[Any, dict[str, Any]]]]:
    """The reckoning of drawn texts against the boxes that Python computed for them."""
    return hold_texts_against_boxes
