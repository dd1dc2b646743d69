"""Pictures in a page: text alternatives, colours of the page, words that cannot be markup."""

import re

import pytest

from reports import assets
from reports.pictures import colours, drawn
from reports.to_html import render_html
from tests.reports import sample, sample_pictures


@pytest.fixture(scope="module")
def body() -> str:
    page = render_html(sample.report()).decode().partition("<body>")[2]
    return page.partition('id="pictures"')[2].partition("<footer")[0]


def test_every_picture_says_what_is_to_be_seen(body):
    pictures = re.findall(r'<svg(?=[^>]*role="img")[^>]*><title>([^<]+)</title>', body)
    assert len(pictures) == body.count("<svg")
    assert "36 isolated, 12 open" in pictures


def test_they_have_no_style_of_their_own(body):
    assert "style=" not in body, "the page's policy refuses style attributes"
    assert "url(" not in body
    assert "href=" not in re.sub(r'<a href="#[a-z-]+">', "", body)


def test_names_cannot_be_markup(body):
    assert "<script" not in body
    assert "<img" not in body
    assert "\u202e" not in body


def test_colours_are_tokens_of_the_page(body):
    tokens = set(re.findall(r"--[a-z-]+: (#[0-9a-f]{6});", assets.style("base")))
    assert {value for name, value in vars(colours).items() if name.isupper()} <= tokens
    assert set(re.findall(r"#[0-9a-f]{6}", body)) <= tokens


def test_every_colour_follows_the_page_on_a_screen(body):
    screen = assets.style("screen")
    for shape in re.findall(r'<(?:path|rect|line|circle|text) class="([\w-]+)[^>]*(?:fill|stroke)="#', body):
        assert re.search(rf"\.{shape}\b", screen), shape


def test_what_is_no_picture_has_no_drawing():
    with pytest.raises(NotImplementedError):
        drawn("x", str)
    assert drawn(sample_pictures.diagram(), str) == drawn(sample_pictures.diagram(), str)
