"""The page in Chromium, opened from a file with the network cut."""

from __future__ import annotations

import pytest

from cjmlab.explore import Filters
from cjmlab.explore.shown import ShownTables
from cjmlab.share import share_page

pytestmark = pytest.mark.browser

HOSTILE = (
    '<img src=x onerror="globalThis.__pwn=1">$x$</script><script>globalThis.__pwn=1</script><a href="http://evil.test">'
)


@pytest.fixture(scope="module")
def page_file(small_world, tmp_path_factory):
    return share_page(*small_world(), tmp_path_factory.mktemp("page") / "map.html", quotes=True)


def test_the_page_shows_the_map_changes_and_asks_nobody(page_file, offline_browser) -> None:
    page = offline_browser.open(page_file)
    picture = page.locator(".cjm-figure .main-svg").first
    assert picture.is_visible()
    before = page.locator(".cjm-figure").inner_html()
    counts = page.locator(".cjm-numbers td:nth-child(3)")
    first = counts.all_text_contents()
    page.get_by_label("Segment").select_option("Seniors")
    page.get_by_label("Wave").select_option("2026-Q1")
    page.locator("[data-ready^='2.1.0.']").wait_for()
    assert page.locator(".cjm-figure").inner_html() != before
    assert "wave=2026-Q1" in page.url
    assert counts.all_text_contents() != first
    assert offline_browser.foreign == []
    assert offline_browser.complaints == []
    assert "Share chart" not in page.content()
    assert page.locator('[data-title*="hare"]').count() == 0


def test_every_filter_changes_map_heatmap_and_numbers_alike(small_world, page_file, offline_browser) -> None:
    journeys, moments = small_world()
    page = offline_browser.open(page_file)
    chosen = {"Wave": ("wave", "2026-Q2"), "Source": ("source", "survey"), "Channel": ("channel", "app"),
              "Language": ("language", "ru"), "Stage": ("stage", "deliver")}  # fmt: skip
    for label, (name, value) in chosen.items():
        page.get_by_label(label, exact=True).select_option(value)
        page.wait_for_url(f"**{name}={value}*")
        filters = Filters.of({name: value})
        shown = ShownTables(journeys, moments).of(filters)[0]
        mine = shown[shown["segment"] == "Families"].sort_values("position")
        page.locator(f".cjm-numbers tbody tr:nth-child({len(mine)}):last-child").wait_for(state="attached")
        told = page.locator(".cjm-numbers td:nth-child(3)").all_text_contents()
        assert [int(text) if text.isdigit() else 0 for text in told] == mine.n.tolist()
        page.get_by_role("tab", name="Heatmap").click()
        page.locator('[aria-label^="Heatmap"]').wait_for()
        seen = page.locator(".cjm-figure").inner_text()
        assert all(f"n={n}" in seen.replace(" ", "") for n in mine.n if n), f"{label}: the heatmap shows other counts"
        page.get_by_role("tab", name="Journey map").click()
        page.locator('[aria-label^="Journey map"]').wait_for()
        page.get_by_label(label, exact=True).select_option("")
    assert offline_browser.complaints == []


def test_a_click_on_a_point_opens_what_stands_behind_it(page_file, offline_browser) -> None:
    page = offline_browser.open(page_file)
    place = page.evaluate("""() => {
        const gd = document.querySelector('.cjm-figure'), box = gd.getBoundingClientRect(), layout = gd._fullLayout;
        const scale = box.width / layout.width;
        for (const trace of gd.data) {
            const at = (trace.customdata ?? []).findIndex((row) => row?.[0] === 'checkout' && row[3] === 'point');
            if (at >= 0) return [box.x + scale * layout.xaxis.d2p(trace.x[at]), box.y + scale * layout.yaxis.d2p(trace.y[at])];
        }
    }""")
    page.mouse.move(*place)
    page.mouse.click(*place)
    page.locator(".cjm-panel h3").wait_for()
    assert page.locator(".cjm-panel h3").text_content() == "Checkout"
    assert page.locator(".cjm-panel .cjm-quote").count() > 0
    assert "touchpoint=checkout" in page.url
    assert page.locator("tr[aria-current] th").text_content() == "Checkout"
    assert page.locator(".cjm-ring").is_visible()


def test_the_page_works_with_keys_alone(page_file, offline_browser) -> None:
    page = offline_browser.open(page_file)
    page.locator(".cjm-frame").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.locator(".cjm-panel h3").text_content() == "Search"
    page.keyboard.press("Escape")
    page.locator(".cjm-panel").wait_for(state="hidden")
    page.get_by_role("tab", name="Journey map").focus()
    page.keyboard.press("ArrowRight")
    page.locator('[role=tab][aria-selected=true]:has-text("Compare")').wait_for()
    unnamed = page.evaluate("""() => [...document.querySelectorAll('select, button')].filter((each) =>
        !(each.labels?.length || each.getAttribute('aria-label') || each.textContent.trim())).length""")
    assert unnamed == 0


def test_a_filter_takes_less_than_a_blink(page_file, offline_browser) -> None:
    page = offline_browser.open(page_file)
    took = page.evaluate("""async () => {
        const select = document.querySelector('.cjm-filter select'), times = [];
        for (const place of [1, 0, 1, 0, 1]) {
            const host = document.querySelector('.cjm-host'), start = performance.now();
            delete host.dataset.ready;
            select.selectedIndex = place;
            select.dispatchEvent(new Event('change'));
            while (!host.dataset.ready) await new Promise((next) => setTimeout(next, 1));
            times.push(performance.now() - start);
        }
        return times.sort((a, b) => a - b)[2];
    }""")
    print(f"median filter change: {took:.0f} ms")
    assert took < 2000, "a hang, not a blink"


def test_a_link_opens_a_view(page_file, offline_browser) -> None:
    page = offline_browser.open(page_file, "#segment=Seniors&wave=2026-Q2&touchpoint=delivery")
    assert page.get_by_label("Segment").input_value() == "Seniors"
    assert page.get_by_label("Wave").input_value() == "2026-Q2"
    assert page.locator(".cjm-panel h3").text_content() == "Delivery"
    assert page.locator(".cjm-panel .cjm-quote").count() > 0


def test_without_scripts_the_table_is_there(page_file, offline_browser) -> None:
    page = offline_browser.open(page_file, scripts=False)
    assert page.locator(".cjm-host table tbody tr").count() == 10
    assert page.get_by_text("needs scripts").is_visible()


def test_hostile_text_stays_text_everywhere(small_world, tmp_path, offline_browser) -> None:
    def hostile(rows):
        return rows.assign(text=HOSTILE, channel=HOSTILE, wave=rows["wave"] + HOSTILE)

    tables = small_world(
        (f"A {HOSTILE}", f"B {HOSTILE}"), names=dict.fromkeys(("delivery", "search"), HOSTILE), change=hostile
    )
    file = share_page(*tables, tmp_path / "map.html", title=HOSTILE, quotes=True)
    page = offline_browser.open(file, "#touchpoint=delivery")
    for label in ("Segment", "Wave"):
        page.get_by_label(label).select_option(index=1)
    page.wait_for_timeout(200)
    assert page.evaluate("globalThis.__pwn") is None
    assert page.locator("a[href*=evil], img[src=x]").count() == 0
    assert page.title() == HOSTILE
    assert "onerror" in page.locator(".cjm-panel h3").inner_text()
    assert offline_browser.foreign == []
    assert offline_browser.complaints == []
