"""What Chromium makes of the HTML: from a disk, without a network, in every width and scheme."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from reports.to_html import render_html
from tests import parts
from tests.reports import sample, sample_sections

pytestmark = pytest.mark.browser

WIDTHS = (360, 768, 1100, 1280, 1920)

WIDER_THAN_SCREEN = """() => [...document.querySelectorAll("body *")]
    .filter(e => !e.closest(".table, .picture") && e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.outerHTML.slice(0, 100))"""

CONTRASTS = """() => {
    const light = c => c.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = e => {
        const colour = getComputedStyle(e).backgroundColor;
        return colour !== "rgba(0, 0, 0, 0)" ? colour : ground(e.parentElement);
    };
    return [...document.querySelectorAll("body *")]
        .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
        .map(e => [light(getComputedStyle(e).color), light(ground(e)), e.className || e.tagName])
        .map(([a, b, who]) => [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), who]);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = parts.need("chromium", "chromium")
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    file = tmp_path_factory.mktemp("html") / "report.html"
    file.write_bytes(
        render_html(sample.report(subject=sample_sections.LONG, classification=sample_sections.SCRIPT))
    )
    return file.as_uri()


def opened(browser: Browser, address: str, width: int = 1280, scheme: str = "light") -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    return page


def test_nothing_runs_nothing_is_asked_for_and_nothing_is_complained_of(browser, address):
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith("data:font/")] == [address]
    assert said == []
    assert "owned" not in page.title().replace(sample_sections.SCRIPT, "")
    assert page.evaluate("document.fonts.size && [...document.fonts].every(f => f.status === 'loaded')")


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_scrolls_sideways_but_tables_and_pictures(browser, address, width):
    page = opened(browser, address, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(WIDER_THAN_SCREEN) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_contrast(browser, address, scheme):
    contrasts = opened(browser, address, scheme=scheme).evaluate(CONTRASTS)
    assert len(contrasts) > 100
    assert [pair for pair in contrasts if pair[0] < 5] == []


@pytest.mark.parametrize(("width", "beside"), [(1099, False), (1100, True)])
def test_contents_stand_at_the_left_where_there_is_room(browser, address, width, beside):
    page = opened(browser, address, width)
    contents, first = page.locator("nav.contents").bounding_box(), page.locator(".page-one").bounding_box()
    assert (contents["x"] + contents["width"] <= first["x"]) is beside


def test_the_keyboard_reaches_everything_and_focus_is_seen(browser, address):
    page = opened(browser, address)
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to the report"
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "_main"
    page.keyboard.press("Tab")
    assert page.locator(":focus").evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    assert page.locator(".table:not([tabindex='0']), .frame:not([tabindex='0'])").count() == 0


def test_print_is_light_and_has_no_skip_link(browser, address):
    page = opened(browser, address, scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator(".skip").is_visible()


def test_the_tree_that_readers_hear_has_names(browser, address):
    heard = opened(browser, address).locator("body").aria_snapshot()
    for words in (
        "main:",
        'navigation "Contents"',
        "banner:",
        "contentinfo:",
        'region "Isolation by namespace"',
    ):
        assert words in heard, heard
