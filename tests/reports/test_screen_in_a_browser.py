"""What the page's script does in Chromium: filters, whole tables, the address, and names that stay text."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from reports.model import Code, Section
from reports.to_html import render_html
from tests import parts
from tests.reports import sample, sample_data

pytestmark = pytest.mark.browser

OFF = ".sections .off"
ROWS = "#_grid tbody tr"
AXE = "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = parts.need("chromium", "chromium")
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    file = tmp_path_factory.mktemp("screen") / "report.html"
    file.write_bytes(render_html(sample.report(data=sample_data.tables())))
    return file.as_uri()


@pytest.fixture
def page(browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1400, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"{error}"))
    yield page
    context.close()


def go(page: Page, address: str) -> None:
    """Opens it and waits until the script has done all that it does by itself."""
    page.goto(address)
    page.wait_for_selector("html.ready", state="attached")


def said(page: Page, text: str) -> None:
    """Waits until the page says so to those who hear it."""
    page.locator("#_said", has_text=text).wait_for(state="attached")


def hash_of(page: Page) -> str:
    return page.evaluate("location.hash")


def test_the_row_of_words_counts_and_filters(page, address):
    go(page, address)
    words = page.locator("#_choices").inner_text().split()
    assert words == ["critical", "1", "high", "1", "medium", "0", "low", str(sample_data.MANY + 14), "waived",
                     "1", "new", str(sample_data.MANY + 15)]  # fmt: skip
    page.click("#_choices [data-value=critical]")
    said(page, "Rows: findings 1")
    assert hash_of(page) == "#?severity=critical"
    assert page.locator("#_choices [data-value=critical]").get_attribute("aria-pressed") == "true"
    assert page.locator("#shop-web").is_visible()
    assert not page.locator("#open-workloads").is_visible()
    assert not page.locator(".page-one").is_visible()
    page.click(".chip")
    page.locator(".page-one").wait_for()
    assert page.locator(OFF).count() == 0


def test_a_link_shows_what_its_sender_saw(page, address):
    page.goto(f"{address}#?namespace=ci&severity=low&table=findings&sort=-name&page=2&closed=method")
    page.locator(".dt-info", has_text="101 to 150 of 614").wait_for()
    assert page.locator(f"{ROWS} >> nth=0").inner_text().count("job-") > 0
    assert page.locator("#_grid th[aria-sort=descending]").inner_text().startswith("name")
    assert page.input_value("#_namespace") == "ci"
    assert page.locator("#method").evaluate("e => e.classList.contains('closed')")
    page.click("#_grid th:has-text('name')")
    page.locator(".dt-info", has_text="1 to 50 of 614").wait_for()
    assert "sort=-name" not in hash_of(page)


def test_search_goes_through_report_and_tables_and_escape_ends_it(page, address):
    go(page, address)
    page.keyboard.press("/")
    page.keyboard.type("web-2")
    said(page, "Rows: pods 1.")
    assert hash_of(page) == "#?words=web-2"
    page.keyboard.press("Escape")
    page.locator("#_found").wait_for(state="hidden")
    assert page.locator(".page-one").is_visible()


def test_the_key_can_be_switched_off(page, address):
    go(page, address)
    page.uncheck("#_slash")
    page.locator("h1").click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "_words"


def test_a_click_on_a_name_filters_everything_to_it(page, address):
    go(page, address)
    page.click(".page-one a.filter >> nth=0")
    said(page, "Rows: findings 1, workloads 1, pods 2.")
    assert hash_of(page) == "#?about=shop/web"
    assert page.evaluate("document.activeElement.id") == "_found-title"
    page.click("#_offered a:has-text('Pods')")
    page.locator(ROWS, has_text="web-2").wait_for()
    page.go_back()
    page.locator("#_offered [aria-current]", has_text="Findings").wait_for()


def test_a_remedy_is_copied(page, address):
    go(page, address)
    page.click("#shop-web .copy")
    page.locator("#shop-web .copy", has_text="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n")
    assert "\n---\napiVersion" in copied


def test_what_is_not_seen_is_copied_as_it_is(page, tmp_path):
    file = tmp_path / "report.html"
    section = Section("x", "X", blocks=(Code("a: \u202eb\u202d\u2066c\n"),))
    file.write_bytes(render_html(sample.report(sections=(*sample.report().sections, section))))
    go(page, file.as_uri())
    assert page.locator("#x pre").inner_text().startswith("a: \\u{202E}b")
    page.click("#x .copy")
    page.locator("#x .copy", has_text="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").strip() == "a: \u202eb\u202d\u2066c"


def test_a_remedy_of_a_table_is_copied(page, address):
    page.goto(f"{address}#?table=findings")
    page.click(f"{ROWS} summary")
    page.click(f"{ROWS} .copy")
    page.locator(f"{ROWS} .copy", has_text="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == sample_data.DENY


def test_hostile_names_in_tables_are_text(browser, address):
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    asked, complained = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complained.append(message.text))
    page.on("pageerror", lambda error: complained.append(str(error)))
    page.on("dialog", lambda dialog: complained.append(dialog.message))
    go(page, address)
    title = page.title()
    for state in ("table=findings&sort=name", "table=findings&sort=-name", "table=findings&page=12",
                  "words=onload", "table=pods", "words=javascript:document"):  # fmt: skip
        page.evaluate("hash => { location.hash = hash }", f"#?{state}")
        page.wait_for_timeout(400)
        assert page.locator(ROWS).count() > 0
        assert page.locator("#_grid :is(script, img, svg, b, style, iframe)").count() == 0
        assert page.locator("#_grid a:not([href^='#'])").count() == 0
        assert page.evaluate("[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())"
                             ".filter(name => name.startsWith('on'))") == []  # fmt: skip
    assert page.title() == title
    assert complained == []
    assert [url for url in asked if not url.startswith("data:font/")] == [address]


def test_what_cannot_be_seen_is_shown_and_what_is_endless_is_cut(page, address):
    page.goto(f"{address}#?words=rtl")
    said(page, "findings 1")
    row = page.locator(ROWS).inner_text()
    assert "U+200F" in row
    assert "U+202E" in row
    assert not {"\u200f", "\u202e"} & set(row)
    page.goto(f"{address}#?words={'x' * 300}")
    page.locator(ROWS, has_text="more characters").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("state", ["", "#?table=findings", "#?severity=critical,high"])
def test_axe_finds_nothing(browser, address, state, width, scheme):
    found = find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        parts.missing("axe-core is missing: install the package axe-playwright-python")
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    go(page, address + state)
    page.evaluate(Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
    violations = page.evaluate(AXE)["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in violations] == []


@pytest.mark.parametrize("state", ["", "#?table=findings", "#?namespace=ci"])
@pytest.mark.parametrize("width", [320, 360, 800])
def test_nothing_scrolls_sideways_but_tables(browser, address, width, state):
    page = browser.new_context(viewport={"width": width, "height": 700}).new_page()
    go(page, address + state)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_heads_of_tables_and_the_search_field_stay_in_view(page, address):
    go(page, f"{address}#?table=findings")
    window = page.locator("#_grid .dt-layout-full:has(table)")
    assert window.evaluate("e => { e.scrollTop = 1000; return e.scrollTop }") > 100
    head, frame = page.locator("#_grid thead th").nth(0).bounding_box(), window.bounding_box()
    assert abs(head["y"] - frame["y"]) < 2
    go(page, address)
    page.locator(".table").nth(1).evaluate(
        "e => scrollTo(0, scrollY + e.getBoundingClientRect().bottom - 100)"
    )
    bar, head = page.locator("#_bar").bounding_box(), page.locator(".table thead th").nth(7).bounding_box()
    assert bar["y"] == 0
    assert abs(head["y"] + head["height"] - bar["height"]) < 60


def test_the_colours_can_be_chosen_and_are_kept(page, address):
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    go(page, address)
    page.click("#_scheme")
    assert page.evaluate(ground) == "rgb(20, 24, 29)"
    page.reload()
    assert page.evaluate(ground) == "rgb(20, 24, 29)"
    page.click("#_scheme")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"


def test_print_is_the_paper_version_whatever_is_shown(page, address):
    page.goto(f"{address}#?severity=critical&closed=method")
    said(page, "Rows")
    page.emulate_media(media="print")
    assert not page.locator(".screen-only >> visible=true").count()
    assert page.locator(".page-one").is_visible()
    hidden = "[...document.querySelectorAll('main *')].filter(e => getComputedStyle(e).display === 'none')"
    assert page.evaluate(f"{hidden}.filter(e => !e.closest('.screen-only')).map(e => e.outerHTML)") == []


def test_without_script_the_page_is_whole(browser, address):
    page = browser.new_context(java_script_enabled=False, viewport={"width": 1400, "height": 900}).new_page()
    page.goto(address)
    assert page.locator(".page-one").is_visible()
    assert page.locator("#shop-web").is_visible()
    assert page.locator("nav.contents").is_visible()
    assert not page.locator(".screen-only >> visible=true").count()


def test_a_report_without_tables_has_its_search(browser, tmp_path):
    file = tmp_path / "report.html"
    file.write_bytes(render_html(sample.report(data=())))
    page = browser.new_context().new_page()
    page.goto(file.as_uri())
    page.fill("#_words", "narrow")
    page.locator("#pods-are-isolated-for-ingress article").nth(0).wait_for(state="hidden")
    assert page.locator("#egress-cidrs-are-narrow").is_visible()
