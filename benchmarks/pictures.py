"""Draw the pictures of the README from the sample study: ``make pictures``.

Needs Chromium (or Chrome) and the ``dev`` extra; asks nothing of the network.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import plotly

import cjmlab as cjm
from cjmlab.maps import MAP_CONFIG, compare_spec, flow_spec, heatmap_spec, map_spec, wave_spec

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures"
MOST = 600_000
DENSITY = 1.5


def main() -> int:
    """Draw every picture; print its size; fail when one is too large."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        print("There is no Chromium on this machine. Install it to draw the pictures.")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    too_large = [name for name, spec in specs().items() if shoot(spec, FOLDER / f"{name}.png", browser) > MOST]
    return len(too_large)


def specs() -> dict[str, dict[str, Any]]:
    """Compute the pictures from the sample studies."""
    grocer, furniture = (cjm.run_study(ROOT / "data" / "samples" / name) for name in ("grocer", "furniture"))
    first = list(dict.fromkeys(grocer.journeys["segment"]))
    return {
        "map": map_spec(grocer.journeys, grocer.moments, segment=_fullest(grocer.moments)),
        "map_zh_hant": map_spec(grocer.journeys, grocer.moments, segment=first[1], language="zh-Hant"),
        "map_ru": map_spec(furniture.journeys, furniture.moments, segment=_fullest(furniture.moments), language="ru"),
        "compare": compare_spec(grocer.journeys),
        "heatmap": heatmap_spec(grocer.journeys),
        "flow": flow_spec(furniture.journeys, language="en"),
        "waves": wave_spec(grocer.journeys, segment=first[0]),
    }


def _fullest(moments: pd.DataFrame) -> str:
    """Return the segment with pain points at the most stages."""
    stages = moments[moments["kind"] == "pain"].groupby("segment", sort=True)["stage"].nunique()
    return str(stages.idxmax())


def shoot(spec: dict[str, Any], path: Path, browser: str) -> int:
    """Save one figure as PNG through Chromium; return its size in bytes."""
    from playwright.sync_api import sync_playwright

    script = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text("utf-8")
    data = json.dumps(spec, ensure_ascii=False).replace("<", "\\u003c")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_path = Path(folder) / "picture.html"
        page_path.write_text(
            f"<!doctype html><meta charset=utf-8><body style='margin:0'><script>{script}</script><div id=p></div>"
            f"<script>const f={data};Plotly.newPlot('p',f.data,f.layout,{json.dumps({**MAP_CONFIG, 'displayModeBar': False})})"
            ".then(()=>document.body.dataset.ready=1)</script>",
            "utf-8",
        )
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        size = {"width": int(spec["layout"]["width"]), "height": int(spec["layout"]["height"])}
        page = chromium.new_context(offline=True, viewport=size, device_scale_factor=DENSITY).new_page()
        page.goto(page_path.as_uri())
        page.wait_for_selector("body[data-ready]")
        page.screenshot(path=str(path))
        chromium.close()
    bytes_ = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {size['width']} × {size['height']}, {bytes_ / 1000:.0f} kB")
    return bytes_


if __name__ == "__main__":
    sys.exit(main())
