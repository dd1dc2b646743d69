"""A letter as HTML and as text."""

import re
from html.parser import HTMLParser

import msgspec
import pytest

from reports import assets
from reports.letter import Item, Letter, Part, Source
from reports.model import Figure, name
from reports.to_mail import render_mail, styles

HOSTILE = "</td><script>alert(1)</script>\r\n\x1b[31m\u202e{{ 7*7 }}&amp;"
LETTER = Letter(
    subject="[prod-eu-1] 3 critical, 14 high; 87 % of pods isolated (+1.2)",
    title="segaudit · Network policy audit",
    about="prod-eu-1",
    date="23 November 2026, 02:00 UTC",
    classification="CONFIDENTIAL",
    notes=("Earlier mail may not have arrived.",),
    lead=("1,204 of 9,310 pods accept traffic from ", name("every pod"), "."),
    remark="Policies are enforced.",
    figures=(Figure("Isolated for ingress", "87.1 %", "8,106 of 9,310 pods", "+1.2 since 16 November"),),
    parts=(
        Part("First", items=(Item("Close it.", "critical"), Item("And this.", "low")), ordered=True),
        Part(
            "shop",
            lead="Some.",
            items=(Item("Mend it.", "high", "kind: A\nspec:\n  a: 1\n"),),
            more="and 2 more",
        ),
    ),
    attachment="The whole report is attached (1.2 MB).",
    sources=(Source("SHA-256 of manifest.json", "0123456789abcdef" * 4),),
)


class Reader(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


def test_both_forms_say_all_of_it():
    bodies = render_mail(LETTER)
    html = Reader(bodies.html).text
    for text in (bodies.text, html):
        flat = " ".join(text.split())
        for told in (
            *(
                "CONFIDENTIAL",
                "prod-eu-1",
                "23 November 2026, 02:00 UTC",
                "Earlier mail may not have arrived.",
            ),
            *("1,204 of 9,310 pods accept traffic from every pod.", "Policies are enforced.", "87.1 %"),
            *("8,106 of 9,310 pods", "+1.2 since 16 November", "Close it.", "And this.", "Mend it.", "spec:"),
            *("and 2 more", "The whole report is attached (1.2 MB).", "0123456789abcdef" * 4),
        ):
            assert told in flat


def test_the_text_reads_well_alone():
    text = render_mail(LETTER).text
    assert "! Earlier mail" in text
    assert "First\n-----\n\n1. CRITICAL: Close it.\n2. LOW: And this.\n" in text
    assert "*  HIGH: Mend it.\n\n      kind: A\n      spec:\n        a: 1\n" in text
    assert "&" not in text
    assert max(map(len, text.splitlines())) <= 92  # the line of the hash, which is not broken
    assert "\n\n\n" not in text


def test_nothing_runs_and_nothing_is_fetched():
    reader = Reader(render_mail(LETTER).html)
    assert not reader.tags & {"script", "img", "link", "style", "a", "form", "iframe", "svg", "button"}
    assert not reader.attributes & {"src", "href", "background", "class", "id"}
    assert "url(" not in render_mail(LETTER).html


@pytest.mark.parametrize(
    "field", ["subject", "title", "about", "date", "classification", "lead", "remark", "attachment"]
)
def test_what_is_written_by_others_is_text(field):
    hostile = msgspec.structs.replace(LETTER, **{field: HOSTILE})
    bodies = render_mail(hostile)
    assert "<script" not in bodies.html
    assert Reader(bodies.html).tags == Reader(render_mail(LETTER).html).tags
    for text in bodies:
        assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", text)
        assert "49" not in text.replace(render_mail(LETTER).text, "")


def test_hostile_lists_are_text_too():
    part = Part(HOSTILE, HOSTILE, (Item(HOSTILE, "high", HOSTILE),), more=HOSTILE)
    figure = Figure(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    hostile = msgspec.structs.replace(
        LETTER, parts=(part,), figures=(figure,), notes=(HOSTILE,), sources=(Source(HOSTILE, HOSTILE),)
    )
    bodies = render_mail(hostile)
    assert "<script" not in bodies.html
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", bodies.html + bodies.text)


def test_long_names_may_break_and_stay_whole():
    name_of_253 = "a" * 253
    html = render_mail(msgspec.structs.replace(LETTER, about=name_of_253, lead="x/" * 100)).html
    assert name_of_253 in html.replace("<wbr>", "")
    assert max(len(part) for part in re.split(r"<[^>]*>", html) if "a" * 10 in part or "x/" in part) <= 16


def test_colours_are_those_of_the_report():
    light = set(re.findall(r"#[0-9a-f]{6}", assets.style("base")))
    used = set(re.findall(r"#[0-9a-f]{3,6}\b", render_mail(LETTER).html))
    assert used
    assert used <= light
    assert not re.findall(r"#[0-9a-f]{3,6}\b", assets.style("mail"))


def test_every_style_is_used_and_there():
    source = assets.text("mail.html.j2")
    named = set(re.findall(r'style\("([a-z-]+)"\)', source)) | {"critical", "high", "medium", "low"}
    assert named == set(styles())
    assert not [told for told in styles().values() if "var(" in told]


def test_the_sheet_is_640_wide_and_no_wider():
    assert 'width="640"' in render_mail(LETTER).html
    assert "max-width: 640px" in styles()["sheet"]


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 640, 1200])
def test_nothing_scrolls_sideways(width):
    from playwright.sync_api import sync_playwright

    from tests.parts import need

    chromium = need("chromium", "chromium")
    long = Part("a" * 253, items=(Item("b" * 253, "high", f"name: {'c' * 253}"),))
    html = render_mail(msgspec.structs.replace(LETTER, about="d" * 253, parts=(long, *LETTER.parts))).html
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.set_content(html)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        browser.close()
