"""Hostile text in every slot stays text: no markup, no request, no script, in every picture, hovered and clicked."""

from __future__ import annotations

import json
import re

import pytest

from cjmlab.maps import compare_spec, heatmap_spec, map_spec

HOSTILE = (
    '<a href="https://evil.example/">x</a><span style="background:url(https://evil.example/p)">y</span>'
    "<img src=https://evil.example/i onerror=window.__pwn=1></script><script>window.__pwn=1</script>$\\alpha$ &lt;b&gt;"
)
ALLOWED = re.compile(r"<br>|</?b>|</?i>|<extra></extra>")


def hostile(text: str) -> str:
    return f"{HOSTILE} {text}"


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key != "table":  # data for a table, never a text slot of the picture
                yield from strings(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from strings(inner)


def pictures(imitate):
    journeys, moments = imitate((2, 2, 1), segments=2, wordy=hostile)
    for language in ("en", "zh-Hant", "ru"):
        yield f"map-{language}", map_spec(journeys, moments, language=language)
    yield "compare", compare_spec(journeys)
    yield "heatmap", heatmap_spec(journeys)


def test_no_user_markup_is_in_any_slot_of_any_picture(imitate):
    for name, spec in pictures(imitate):
        for text in strings({"data": spec["data"], "shapes": spec["layout"]["shapes"]}):
            rest = ALLOWED.sub("", text)
            assert "<" not in rest, (name, text[:120])
            assert "$" not in rest, (name, text[:120])
        assert "evil.example" in json.dumps(spec)  # it is there, as text


@pytest.mark.browser
def test_nothing_runs_and_nobody_is_called(offline_browser, figure_page, imitate):
    for name, spec in pictures(imitate):
        width, height = int(spec["layout"]["width"]), int(spec["layout"]["height"])
        page = offline_browser.open(figure_page(spec, name), width=width, height=height)
        page.wait_for_selector("body[data-ready]")
        for trace in [t for t in spec["data"] if t.get("customdata") and t["mode"] == "markers"]:
            for x, y in list(zip(trace["x"], trace["y"], strict=True))[:4]:
                page.mouse.move(x, y)
                page.wait_for_timeout(15)
                page.mouse.click(x, y)
        assert page.evaluate("typeof window.__pwn") == "undefined"
        assert page.evaluate("document.querySelectorAll('#map a:not(.modebar-btn)').length") == 0
        assert page.evaluate("document.querySelectorAll('#map img, #map script, #map [style*=url]').length") == 0
        assert "evil.example" in page.evaluate("document.querySelector('#map').textContent")
        titles = page.evaluate("[...document.querySelectorAll('.modebar-btn')].map(b => b.dataset.title || '')")
        assert len(titles) == 1, titles
        page.close()
    assert offline_browser.foreign == []
    assert offline_browser.complaints == []
