"""The page in Chromium, opened from a file with the network cut: with the drawing library and slim."""

from __future__ import annotations

import html
import re

import pytest

from cjmlab.explore import Filters
from cjmlab.explore.shown import ShownTables
from cjmlab.share import share_page, write_whole
from cjmlab.share.page import Page

pytestmark = pytest.mark.browser

HOSTILE = (
    '<img src=x onerror="globalThis.__pwn=1">$x$</script><script>globalThis.__pwn=1</script><a href="http://evil.test">'
)
POINTS = """() => document.querySelector('.cjm-figure').data.flatMap((trace) => (trace.customdata ?? []).map((row, at) =>
    ({id: row[0], told: row[1] ?? '', quote: row[2] ?? '', kind: row[3], segment: row[5], x: trace.x[at], y: trace.y[at]})))"""


@pytest.fixture(scope="module", params=["full", "slim"])
def page_file(request, small_portable, tmp_path_factory):
    page = Page("Small world", quotes=True, slim=request.param == "slim")
    page.explorer(small_portable)
    return write_whole(tmp_path_factory.mktemp("page") / f"{request.param}.html", page.html())


def open_drawn(browser, file, address: str = ""):
    """Open a page and wait until the pen that it ends with has drawn."""
    page = browser.open(file, address)
    if file.stem == "full":
        page.locator("[data-pen=plotly]").wait_for(timeout=30_000)
    return page


def plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


def test_the_page_shows_the_map_changes_and_asks_nobody(page_file, offline_browser) -> None:
    page = open_drawn(offline_browser, page_file)
    assert page.locator(".cjm-figure .main-svg").first.is_visible()
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
    offline_browser.keep(page, f"page_{page_file.stem}")


@pytest.mark.parametrize(
    ("label", "name", "value"),
    [("Segment", "segment", "Seniors"), ("Segment", "segment", "All customers"), ("Wave", "wave", "2026-Q2"),
     ("Source", "source", "survey"), ("Channel", "channel", "store"), ("Language", "language", "ru"),
     ("Stage", "stage", "deliver")],
)  # fmt: skip
def test_every_filter_changes_curve_cards_heatmap_quotes_and_n_alike(
    small_world, page_file, offline_browser, label: str, name: str, value: str
) -> None:
    journeys, moments = small_world()
    filters = Filters.of({"segment": "Families", name: value})
    shown, cards = ShownTables(journeys, moments, quotes=True).of(filters)
    mine = shown[shown["segment"] == filters.segment].sort_values("position")
    cards = cards[cards["segment"] == filters.segment]

    page = open_drawn(offline_browser, page_file)
    before = page.evaluate(POINTS)
    page.get_by_label(label, exact=True).select_option(value)
    page.wait_for_url(f"**{name}={value.replace(' ', '+')}*")
    page.locator(f".cjm-numbers tbody tr:nth-child({len(mine)}):last-child").wait_for(state="attached")
    told = page.locator(".cjm-numbers td:nth-child(3)").all_text_contents()
    assert [int(text) for text in told] == mine["n"].tolist()

    points = page.evaluate(POINTS)
    assert points != before
    curve = {point["id"]: plain(point["told"]) for point in points if point["kind"] == "point"}
    for cell in mine.itertuples():
        assert f"{cell.n} answers" in curve[cell.touchpoint], "the curve counts other rows"
        assert f"{abs(cell.experience):.2f}" in curve[cell.touchpoint], "the curve stands elsewhere"
    pains = {point["id"] for point in points if point["kind"] == "pain"}
    assert pains <= set(cards[cards["kind"] == "pain"]["touchpoint"])
    assert bool(pains) == bool(len(cards[cards["kind"] == "pain"]))

    page.locator(".cjm-numbers summary").click()
    page.locator(".cjm-numbers tbody button").last.click()
    said = page.locator(".cjm-panel q").all_text_contents()
    rows = filters.keep(
        ShownTables(journeys, moments, quotes=True).of(Filters(segment=filters.segment))[0].about.scored
    )
    here = rows[rows["touchpoint"] == mine["touchpoint"].iloc[-1]]
    if name == "segment" and value != "All customers":
        here = here[here["segment"] == value]
    assert said
    assert set(said) <= set(here["text"])

    page.get_by_role("tab", name="Heatmap").click()
    page.locator('[aria-label^="Heatmap"]').wait_for()
    seen = page.locator(".cjm-figure").inner_text().replace(" ", "")
    if value != "All customers":  # the heatmap shows the segments side by side
        assert all(f"n={n}" in seen for n in mine["n"]), "the heatmap counts other rows"
    assert offline_browser.complaints == []


def test_every_view_of_everyone_and_the_waves_can_be_opened(page_file, offline_browser) -> None:
    page = open_drawn(offline_browser, page_file, "#segment=All+customers")
    page.get_by_role("tab", name="Waves").click()
    page.locator('[aria-label^="Waves"]').wait_for()
    seen = page.locator(".cjm-figure").inner_text()
    assert "2026-Q1" in seen
    assert "2026-Q2" in seen
    assert "cjm-idle" in page.get_by_label("Wave", exact=True).locator("xpath=..").get_attribute("class")
    page.get_by_role("tab", name="Compare").click()
    page.locator('[aria-label^="Compare"]').wait_for()
    assert page.get_by_label("Segment", exact=True).get_attribute("title") != ""
    assert offline_browser.complaints == []
    offline_browser.keep(page, f"compare_{page_file.stem}")


def test_a_click_on_a_point_opens_what_stands_behind_it(page_file, offline_browser) -> None:
    page = open_drawn(offline_browser, page_file)
    (spot,) = [each for each in page.evaluate(POINTS) if each["id"] == "checkout" and each["kind"] == "point"]
    page.locator(".cjm-figure").scroll_into_view_if_needed()
    box = page.evaluate("(() => { const box = document.querySelector('.cjm-figure').getBoundingClientRect();"
                        "return [box.x, box.y, box.width / document.querySelector('.main-svg').width.baseVal.value] })()")  # fmt: skip
    place = box[0] + box[2] * spot["x"], box[1] + box[2] * spot["y"]
    page.mouse.move(*place)
    hovered = page.locator(".cjm-hover:visible, .hoverlayer text")
    hovered.first.wait_for()
    assert "Checkout" in hovered.first.text_content()
    page.mouse.click(*place)
    page.locator(".cjm-panel h3").wait_for()
    assert page.locator(".cjm-panel h3").text_content() == "Checkout"
    assert page.locator(".cjm-panel .cjm-quote").count() > 0
    assert "touchpoint=checkout" in page.url
    assert page.locator("tr[aria-current] th").text_content() == "Checkout"
    ring = page.locator(".cjm-ring")
    assert ring.is_visible()
    middle = ring.bounding_box()
    assert middle["x"] + middle["width"] / 2 == pytest.approx(place[0], abs=4)
    assert middle["y"] + middle["height"] / 2 == pytest.approx(place[1], abs=4)


def test_the_page_works_with_keys_alone(page_file, offline_browser) -> None:
    page = open_drawn(offline_browser, page_file)
    page.locator(".cjm-frame").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.locator(".cjm-panel h3").text_content() == "Search"
    page.keyboard.press("Escape")
    page.locator(".cjm-panel").wait_for(state="hidden")
    page.get_by_role("tab", name="Journey map").focus()
    page.keyboard.press("ArrowRight")
    page.locator('[role=tab][aria-selected=true]:has-text("Compare")').wait_for()
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "the focus cannot be seen"


@pytest.mark.parametrize("view", ["map", "compare"])
def test_everything_that_can_be_used_has_a_name_and_enough_contrast(page_file, offline_browser, view: str) -> None:
    page = open_drawn(offline_browser, page_file, f"#touchpoint=delivery&view={view}")
    unnamed = page.evaluate("""() => [...document.querySelectorAll('select, button, [role=img], [role=tabpanel], aside')]
        .filter((each) => !(each.labels?.length || each.getAttribute('aria-label') || each.textContent.trim())).length""")
    assert unnamed == 0
    page.locator(".cjm-numbers summary").click()
    texts = page.evaluate("""() => {
        const colour = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
        const ground = (node) => { for (; node; node = node.parentElement) {
            const found = colour(getComputedStyle(node).backgroundColor);
            if (found.length === 3 || found[3] > 0.99) return found.slice(0, 3);
        } return [255, 255, 255]; };
        const faded = (node, ink, behind) => { let share = 1;
            for (let each = node; each; each = each.parentElement) share *= Number(getComputedStyle(each).opacity);
            return ink.slice(0, 3).map((part, i) => share * part + (1 - share) * behind[i]); };
        return [...document.querySelectorAll('.page *')].filter((node) => !node.closest('svg, .cjm-hover') && node.checkVisibility()
            && [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim()))
            .map((node) => ({text: node.textContent.slice(0, 30), ground: ground(node),
                ink: faded(node, colour(getComputedStyle(node).color), ground(node))}));
    }""")
    assert len(texts) > 30
    for each in texts:
        assert contrast(each["ink"], each["ground"]) >= 4.5, each


def contrast(ink: list[float], ground: list[float]) -> float:
    """WCAG 2.2 contrast ratio of two colours."""

    def light(colour: list[float]) -> float:
        parts = [part / 255 for part in colour[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    high, low = sorted((light(ink), light(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_a_link_opens_a_view(page_file, offline_browser) -> None:
    page = offline_browser.open(page_file, "#segment=Seniors&wave=2026-Q2&touchpoint=delivery&view=heatmap")
    assert page.get_by_label("Segment").input_value() == "Seniors"
    assert page.get_by_label("Wave").input_value() == "2026-Q2"
    assert page.locator("[role=tab][aria-selected=true]").text_content() == "Heatmap"
    assert page.locator(".cjm-panel h3").text_content() == "Delivery"
    assert page.locator(".cjm-panel .cjm-quote").count() > 0
    page.evaluate("location.hash = 'segment=Families&view=map'")
    page.locator('[aria-label^="Journey map: Families"]').wait_for()


def test_without_scripts_the_table_is_there(page_file, offline_browser) -> None:
    page = offline_browser.open(page_file, scripts=False)
    assert page.locator(".cjm-host table tbody tr").count() == 10
    assert page.get_by_text("needs scripts").is_visible()


@pytest.mark.parametrize("slim", [False, True])
def test_hostile_text_stays_text_everywhere(small_world, tmp_path, offline_browser, slim: bool) -> None:
    def hostile(rows):
        return rows.assign(text=HOSTILE, channel=HOSTILE, wave=rows["wave"] + HOSTILE)

    tables = small_world(
        (f"A {HOSTILE}", f"B {HOSTILE}"), names=dict.fromkeys(("delivery", "search"), HOSTILE), change=hostile
    )
    file = share_page(
        *tables, tmp_path / f"{'slim' if slim else 'full'}.html", title=HOSTILE, quotes=True, slim=slim, most_states=20
    )
    page = open_drawn(offline_browser, file, "#touchpoint=delivery")
    for label in ("Segment", "Wave"):
        page.get_by_label(label).select_option(index=1)
    for tab in page.get_by_role("tab").all():
        tab.click()
        page.wait_for_timeout(100)
        box = page.locator(".cjm-figure").bounding_box()
        for part in (0.15, 0.35, 0.5, 0.65, 0.85):  # whatever lies under the pointer shows its box
            page.mouse.move(box["x"] + part * box["width"], box["y"] + min(box["height"], 700) * part)
    assert page.evaluate("globalThis.__pwn") is None
    assert page.locator("a[href*=evil], img[src=x]").count() == 0
    assert page.title() == HOSTILE
    assert "onerror" in page.locator(".cjm-panel h3").inner_text()
    assert offline_browser.foreign == []
    assert offline_browser.complaints == []


def test_small_and_library_draw_the_same_picture(small_portable, tmp_path, offline_browser) -> None:
    """The small pen stands in until Plotly is there: what stood there must not move."""
    places = {}
    for slim in (True, False):
        shared = Page("Small world", quotes=True, slim=slim)
        shared.explorer(small_portable)
        file = write_whole(tmp_path / f"{'slim' if slim else 'full'}.html", shared.html())
        page = open_drawn(offline_browser, file)
        places[slim] = (
            page.evaluate("""() => { const frame = document.querySelector('.cjm-frame').getBoundingClientRect();
            return [...document.querySelectorAll('.cjm-figure text')].filter((text) => text.textContent.trim()).map((text) => {
            const box = text.getBoundingClientRect(); return [text.textContent.replace(/\\s/g, ' '), box.x - frame.x, box.y - frame.y, box.width]; }).sort() }""")
        )
    assert [text for text, *_ in places[True]] == [text for text, *_ in places[False]]
    for mine, theirs in zip(places[True], places[False], strict=True):
        assert mine[1:] == pytest.approx(theirs[1:], abs=1.5), mine[0]


def test_numbers_beside_the_map_are_written_as_on_it(small_world, tmp_path, offline_browser) -> None:
    page = offline_browser.open(share_page(*small_world(), tmp_path / "ru.html", language="ru", slim=True))
    numbers = page.locator(".cjm-numbers td.cjm-figures:nth-child(4)").all_text_contents()
    assert len(numbers) == 5
    assert all(re.fullmatch(r"[+−]?\d,\d\d", number) for number in numbers), numbers


def test_a_choice_is_drawn_at_once_and_the_library_takes_over_when_the_page_rests(page_file, offline_browser) -> None:
    page, full = open_drawn(offline_browser, page_file), page_file.stem == "full"
    host = page.locator(".cjm-host").first
    select = page.locator(".cjm-filter select").first
    for place in (1, 0, 1):
        select.select_option(index=place)
    page.wait_for_function("document.querySelector('.cjm-host').dataset.pen === 'sketch'")
    quick = page.locator(".cjm-figure svg").first.text_content()
    if full:
        page.locator("[data-pen=plotly]").wait_for(timeout=30_000)
    label = select.evaluate("select => select.selectedOptions[0].label")
    assert label in (page.locator(".cjm-figure").first.get_attribute("aria-label") or "")
    assert label in (quick or "")
    assert label in page.locator(".cjm-figure").first.inner_text()
    page.locator(".cjm-numbers summary").click()
    page.locator(".cjm-numbers tbody button").first.click()
    assert host.get_attribute("data-pen") == ("plotly" if full else "sketch"), "the same picture is not drawn again"
    assert offline_browser.complaints == []
