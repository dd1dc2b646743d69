import base64
import hashlib
import io
import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest
from fontTools.ttLib import TTFont

from reports import scripts, to_html
from reports.model import DataColumn, Dataset, PageOne
from reports.to_html import render_html
from tests.reports import sample, sample_sections

VOID = {"meta", "br", "wbr", "col", "input"}
RAW = {"style", "script"}


class Reader(HTMLParser):
    """All elements with their attributes, and the text but for style and script; unbalanced is an error."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in RAW:
            self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def read(report=None) -> Reader:
    reader = Reader()
    reader.feed(render_html(report or sample.report()).decode())
    assert reader.open == []
    return reader


def test_our_script_alone_runs_and_nothing_is_fetched():
    reader = read()
    tags = {tag for tag, _ in reader.elements}
    assert [script.get("type") for script in reader.all("script")] == ["text/plain", "application/json", None]
    assert not tags & {"img", "iframe", "object", "embed", "link", "form", "base"}
    # of SVG only what a chart is drawn with: nothing that could run, fetch or hold HTML
    assert not tags & {"use", "image", "foreignobject", "animate", "set", "filter"}
    attributes = {name for _, pairs in reader.elements for name in pairs}
    assert not attributes & {"src", "style", "srcset", "action"}
    assert not [name for name in attributes if name.startswith("on")]
    assert {link["href"][:1] for link in reader.all("a")} == {"#"}


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_this_style_sheet_and_these_scripts_and_no_other():
    text = render_html(sample.report()).decode()
    sheet = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    program = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.replace("&#39;", "'") == (
        "default-src 'none'; base-uri 'none'; form-action 'none'; font-src data:; img-src data:; "
        f"style-src {digest(sheet)}; script-src {digest(program)} {digest(scripts.library())}"
    )
    assert {address[:5] for address in re.findall(r'url\("([^"]*)"\)', sheet)} == {"data:"}


def test_without_tables_there_is_no_library():
    text = render_html(sample.report(data=())).decode()
    assert "text/plain" not in text
    assert digest(scripts.library()).replace("'", "&#39;") not in text


def test_what_the_script_adds_is_hidden_without_it():
    added = [pairs for _, pairs in read().elements if "screen-only" in (pairs.get("class") or "")]
    assert [pairs["id"] for pairs in added] == ["_bar", "_found", "_annex"]
    assert all("hidden" in pairs for pairs in added)


def test_hostile_names_are_text():
    reader = read()
    for name in (
        sample_sections.SCRIPT,
        sample_sections.IMAGE,
        sample_sections.FORMULA,
        sample_sections.LONG,
        sample_sections.CJK,
        "]]>--></style><b>",
    ):
        assert name in reader.text
    assert "\u202e" not in reader.text
    assert "\x00" not in reader.text
    assert r"\u{202E}" in reader.text


def test_hostile_everywhere_is_text_and_balanced():
    for text in sample_sections.HOSTILE:
        changes = dict.fromkeys(("title", "subject", "date", "generator", "classification", "language"), text)
        reader = read(sample.report(**changes))
        assert len(reader.all("script")) == 3
        assert not reader.all("img") + reader.all("b")


def test_headings_are_in_order():
    levels = [int(tag[1]) for tag, _ in read().elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_landmarks_language_and_skip_link():
    reader = read()
    assert reader.all("html") == [{"lang": "en", "data-numbers": "en-GB"}]
    assert len(reader.all("main")) == len(reader.all("header")) == len(reader.all("footer")) == 1
    assert reader.all("a")[0] == {"class": "skip", "href": "#_main"}
    assert reader.all("nav")[0]["aria-labelledby"] == "_contents"


def test_every_header_cell_has_a_scope_and_every_link_an_end():
    reader = read()
    assert {cell["scope"] for cell in reader.all("th")} == {"col", "row", "rowgroup"}
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    tables = {f"?table={dataset.name}" for dataset in sample.report().data}
    assert {link["href"][1:] for link in reader.all("a")} <= {*ids, *tables}


def test_references_are_numbers():
    reader = read()
    references = [link["href"] for link in reader.all("a") if link.get("class") == "reference"]
    assert references[:2] == ["#shop-web", "#payments-allow-all"]
    assert "what to apply: 1.1.1" in reader.text


@pytest.mark.parametrize("characters", ["prod-eu-1", "Zürich §€"])
def test_fonts_hold_the_characters_used_and_no_family_name(characters):
    text = render_html(sample.report(subject=characters, data=())).decode()
    fonts = [base64.b64decode(data) for data in re.findall(r"data:font/woff2;base64,([^\"]*)", text)]
    assert len(fonts) == 3
    for font in (TTFont(io.BytesIO(data)) for data in fonts):
        assert set(map(ord, characters)) <= font.getBestCmap().keys()
        assert font["name"].getDebugName(1) is None
        assert font["name"].getDebugName(0)
    assert len(text) < 250_000


def test_fonts_hold_the_characters_of_the_tables():
    table = Dataset("pods", "Pods", (DataColumn("pod", "string", "name"),), pd.DataFrame({"pod": ["Ω"]}))
    text = render_html(sample.report(data=(table,))).decode()
    font = re.search(r"data:font/woff2;base64,([^\"]*)", text)[1]
    assert ord("Ω") in TTFont(io.BytesIO(base64.b64decode(font))).getBestCmap()


def test_tables_cannot_end_their_element():
    text = render_html(sample.report()).decode()
    data = re.search(r'<script type="application/json" id="_tables">(.*?)</script>', text, re.DOTALL)[1]
    assert "<" not in data
    assert json.loads(data)["tables"][0]["name"] == "findings"


def test_what_is_too_large_is_named(monkeypatch):
    monkeypatch.setattr(to_html, "MOST", 0)
    told = " ".join(read().text.split())
    assert (
        "Too large for this file, complete in their own: csv/findings.csv: Pods that count. csv/pods.csv"
        in told
    )


def test_a_report_without_anything_is_a_page():
    empty = PageOne(
        "No pods in this input.", "", (), (), (), (), nothing_first="No finding. 0 rules were judged."
    )
    reader = read(sample.report(page_one=empty, sections=(), data=(), classification=""))
    assert "No finding. 0 rules were judged." in reader.text


def test_the_same_report_gives_the_same_bytes():
    assert render_html(sample.report()) == render_html(sample.report())
