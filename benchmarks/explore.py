"""The explorer against its peers: a filter on a million feedback rows, and how fast a shared page opens and changes.

Run: ``python benchmarks/explore.py [rows] [page]``. Prints

- the time to make the cube ready, a filter from it (p95) and, beside it, pandas doing the same rows in the same run: the
  mean of customers, n and their spread by segment and touchpoint; bar: live answer with its map ≤ 300 ms;
  CPU time of one thread, so that a busy machine does not count;
- with ``page``, in Chromium with the network cut: the time to the first drawn map and of a filter in the page, beside a
  plain page of ``plotly.io.write_html(include_plotlyjs=True)`` with one of the same maps; bars: 2 s and 100 ms.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from cjmlab.explore.cube import FilterCube
from cjmlab.explore.filters import Filters
from cjmlab.explore.states import States, pack
from cjmlab.explore.views import standard_views, taking_what_it_knows
from cjmlab.journeys import derive_journeys

STAGES, POINTS, SEGMENTS = 7, 42, 8


def make_rows(rows: int, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ratings and the segment of every customer: each rates about ten touchpoints, some of them twice."""
    rng = np.random.default_rng(seed)
    point = rng.integers(0, POINTS, rows)
    who = rng.integers(0, max(rows // 10, 1), rows)

    def among(*values: str) -> np.ndarray:
        return np.array(values, dtype=object)[rng.integers(0, len(values), rows)]

    ids = np.char.mod("u%07d", np.arange(rows)).astype(object)
    customers = np.char.mod("c%06d", np.arange(who.max() + 1)).astype(object)
    segments = np.array([f"segment {i}" for i in range(SEGMENTS)], dtype=object)
    table = pd.DataFrame({
        "unit_id": ids, "feedback_id": ids, "customer_id": customers[who],
        "stage": np.array([f"stage {i}" for i in range(STAGES)], dtype=object)[point * STAGES // POINTS],
        "touchpoint": np.array([f"touchpoint {i:02}" for i in range(POINTS)], dtype=object)[point],
        "wave": among("1", "2", "3", "4"), "source_type": among("survey", "review", "interview"),
        "channel": among("app", "web", "store", "phone", "chat"), "language": among("en", "zh-Hans", "ru"),
        "text": None, "start": None, "end": None, "lane": None, "coder": "asked", "negative": None, "neutral": None,
        "positive": None, "scorer": "rating", "scale": "1-5", "sentiment": rng.integers(-2, 3, rows) / 2,
    })  # fmt: skip
    members = pd.DataFrame({"customer_id": customers, "segment": segments[np.arange(len(customers)) % SEGMENTS]})
    return table, members


def choices() -> list[Filters]:
    axes = (("segment 1", "segment 5"), (None, "1", "3"), (None, "survey"), (None, "app"), (None, "ru"))
    names = ("segment", "wave", "source", "channel", "language")
    return [Filters.of(dict(zip(names, values, strict=True))) for values in itertools.product(*axes)]


def timed(run, filters: list[Filters]) -> np.ndarray:
    times = []
    for each in filters:
        start = time.process_time()
        run(each)
        times.append(time.process_time() - start)
    return np.array(times) * 1000


def told(name: str, times: np.ndarray) -> None:
    print(f"{name:<44} median {np.median(times):6.0f} ms, p95 {np.quantile(times, 0.95):6.0f} ms")


def by_pandas(rows: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    kept = filters.keep(rows)
    voices = kept.groupby(["segment", "touchpoint", "customer_id"], observed=True)["sentiment"].agg(["mean", "size"])
    return voices.groupby(["segment", "touchpoint"], observed=True).agg(
        customers=("mean", "size"), n=("size", "sum"), experience=("mean", "mean"), spread=("mean", "std")
    )


def live(rows: int) -> None:
    table, members = make_rows(rows)
    start = time.perf_counter()
    journeys = derive_journeys(table, members, resamples=0)
    print(f"{rows:,} rows: journeys derived in {time.perf_counter() - start:.1f} s")
    start = time.perf_counter()
    cube = FilterCube(journeys)
    print(f"cube made ready in {time.perf_counter() - start:.2f} s")
    filters = choices()
    told("journeys under a filter, from the cube", timed(lambda each: cube.journeys(each, rows=False), filters))
    coded = table.merge(members, on="customer_id")
    coded = coded.astype(dict.fromkeys(("segment", "touchpoint", "customer_id"), "category"))
    told("means of customers, n and spread, by pandas", timed(lambda each: by_pandas(coded, each), filters[::6]))
    views = {name: taking_what_it_knows(draw) for name, draw in standard_views(journeys).items()}
    states = States(journeys, None, draws=views)
    states.shown.__dict__["cube"] = cube

    def answer(each: Filters) -> bytes:
        return pack(states.payload([each], views=["map"], glance=True))

    told("live answer: filter, map, packed (bar 300)", timed(answer, filters))


PAGE_MAP = "() => document.querySelector('.cjm-figure .main-svg, .js-plotly-plot .main-svg') && performance.now()"
FILTER = """async () => {
    const select = document.querySelector('.cjm-filter select'), host = document.querySelector('.cjm-host'), times = [];
    for (let turn = 0; turn < 40; turn++) {
        delete host.dataset.ready;
        const start = performance.now();
        select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
        select.dispatchEvent(new Event('change'));
        while (!host.dataset.ready) await new Promise((next) => setTimeout(next, 0));
        times.push(performance.now() - start);
    }
    return times;
}"""


def opening(browser, file: Path) -> np.ndarray:
    times = []
    for _ in range(7):
        page = browser.new_context(offline=True, viewport={"width": 1680, "height": 1200}).new_page()
        page.goto(file.as_uri(), wait_until="commit")
        times.append(page.wait_for_function(PAGE_MAP, polling=10).json_value())
        page.context.close()
    return np.array(times)


def in_page() -> None:
    """Draw the grocer's page both ways, open each in Chromium, and a page of Plotly's own beside them."""
    import shutil

    import plotly.graph_objects as go
    import plotly.io
    from playwright.sync_api import sync_playwright

    from cjmlab.flow import run_study
    from cjmlab.maps import journey_map
    from cjmlab.share import share_page
    from cjmlab.study.samples import make_sample

    folder = Path(tempfile.mkdtemp())
    make_sample("grocer", folder / "grocer")
    run = run_study(folder / "grocer")
    files = {}
    for name, slim in (("page", False), ("slim page", True)):
        start = time.process_time()
        files[name] = share_page(run.journeys, run.moments, folder / f"{name}.html", quotes=True, slim=slim)
        print(f"{name}: drawn in {time.process_time() - start:.1f} s CPU, {files[name].stat().st_size / 1e6:.2f} MB")
    files["plotly's own, one map"] = folder / "plotly.html"
    plotly.io.write_html(
        go.Figure(journey_map(run.journeys, run.moments)), folder / "plotly.html", include_plotlyjs=True
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, file in files.items():
            told(f"first map, {name} (bar 2000)", opening(browser, file))
            if name.startswith("plotly"):
                continue
            page = browser.new_context(offline=True, viewport={"width": 1680, "height": 1200}).new_page()
            page.goto(file.as_uri())
            page.locator("[data-pen=plotly]" if name == "page" else "[data-ready]").wait_for()
            told(f"filter in the page, {name} (bar 100)", np.array(page.evaluate(FILTER)))
        browser.close()
    shutil.rmtree(folder)


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:] if each.isdecimal()]
    if "page" not in sys.argv or numbers:
        live(numbers[0] if numbers else 1_000_000)
    if "page" in sys.argv:
        in_page()
