"""The page in Chromium, opened from a file with the network cut."""

from __future__ import annotations

import pytest

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
    page.locator("[data-ready='2.1.0.0.0.0.0']").wait_for()
    assert page.locator(".cjm-figure").inner_html() != before
    assert "wave=2026-Q1" in page.url
    assert counts.all_text_contents() != first
    assert offline_browser.foreign == []
    assert offline_browser.complaints == []
    assert "Share chart" not in page.content()
    assert page.locator('[data-title*="hare"]').count() == 0


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
