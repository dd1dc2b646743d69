"""The Markdown summary, as a parser of CommonMark and GitHub's tables reads it."""

import re

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reports.marks import line
from reports.model import (
    Code,
    Figure,
    Finding,
    First,
    PageOne,
    Section,
    code,
    name,
)
from reports.to_md import MOST, render_md
from tests.reports import audited, sample, sample_sections

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
INLINE = {"text", "code_inline", "strong_open", "strong_close", "softbreak"}
KINDS = ("heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td")
LISTS = ("bullet_list", "ordered_list", "list_item")
BLOCKS = {
    *(f"{kind}_{side}" for kind in (*KINDS, *LISTS) for side in ("open", "close")),
    *("inline", "fence", "hr"),
}
ACTIVE = re.compile(r"@|#\w|://|www\.|:[\w+-]+:|[a-z]\.[a-z]|GH-\d|<|>|&|\b[0-9a-f]{7,}\b")
"""What some programs make a mention, a reference, a link, an emoji or HTML of, wherever it stands in text."""
BAD = (
    *sample_sections.HOSTILE,
    *("[x](http://evil.example)", "![x](http://evil.example/x.png)", "<img src=x>", "**b**", "# h", "- i"),
    *("1. n", "`", "``", "a`b``c", "|", "a|b\\|c\\", "\\", "@everyone", "@octocat", "#1", "o/r#1", "GH-1"),
    *(
        ":smile:",
        "http://e.example",
        "www.e.example",
        "a@e.example",
        "&lt;b&gt;",
        "&#64;",
        "\n\n# h",
        "e.example",
    ),
    *("\n---\n", "```\nx", "~~~", "***", "___", "==", "a\n===", "    code", "\t", "", " ", "$x$", "[^1]"),
    *("[ref]: http://e.example", "<!-- x -->", "```yaml", "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"),
)


NASTY = st.text(st.sampled_from("`*_[]()<>#|!\\~@:/.&-+= \n\tab1"), max_size=40)


def report(text, other="x"):
    finding = Finding(
        "high",
        ("Deployment ", name(text), text, code(other), ": ", other),
        anchor="f",
        status=text,
        manifests=(Code(text, intro=other),),
    )
    return sample.report(
        title=text,
        subject=text,
        classification=other,
        generator=text,
        scope=(text, other),
        page_one=PageOne(
            (text, name(other), text),
            other,
            (Figure(text, other, text, other), Figure("a", "1", "b", "")),
            (First((text, name(text), name(other), "."), "f"),),
            (text, (name(other),)),
            ((text, code(text)),),
            compared=text,
        ),
        sections=(Section("findings", text, other, sections=(Section("c", text, blocks=(finding,)),)),),
        data=checks(text),
    )


def checks(text):
    row = audited.check("c", reason=text, failed=1, waived=1, not_assessed=1)
    words = audited.dataset("catalogue", ("check", "title", "rationale"), [("c", text, text)])
    return audited.checks(row), words


def shape(rendered):
    """The tokens of its blocks, without their texts; each is one that the summary itself writes."""
    tokens = PARSER.parse(rendered.decode())
    assert {token.type for token in tokens} <= BLOCKS
    for token in tokens:
        for child in token.children or ():
            assert child.type in INLINE
            if child.type == "text":
                assert not ACTIVE.search(child.content), child.content
    return [(token.type, token.tag) for token in tokens]


PLAIN = shape(render_md(report("web", "shop")))


@pytest.mark.parametrize("text", BAD)
def test_no_name_becomes_markup(text):
    found = shape(render_md(report(text, text)))
    assert found == PLAIN or not text.strip()


@settings(deadline=None)
@given(NASTY, st.text(max_size=20))
@example("`", "``")
@example("\\", "|")
def test_nor_does_any_text(text, other):
    found = shape(render_md(report(text, other)))
    assert found == PLAIN or not (text.strip() and other.strip())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("by (allow-all-1 ingress[0]).", "by (`allow-all-1` `ingress[0]`)."),
        ("f(x) and (a.b), “c.d”", "`f(x)` and (`a.b`), “`c.d`”"),
        ("see e.g. x", "see `e.g`. x"),
        ("1. first", "1\\. first"),
        ("@", "`@`"),
    ],
)
def test_what_stands_around_a_word_stays_text(text, shown):
    assert line(text) == shown


def test_names_are_read_back_as_they_are():
    tokens = PARSER.parse(render_md(report("a`b|c\\|d", "e")).decode())
    codes = [
        child.content for token in tokens for child in token.children or () if child.type == "code_inline"
    ]
    assert "a`b|c\\|d" in codes


def test_what_it_says():
    text = render_md(sample.report()).decode()
    assert text.startswith("# segaudit · Network policy audit: `prod-eu-1`\n\n23 November 2026")
    for part in (
        "1,204 of 9,310 pods accept traffic from every pod in the cluster.",
        "| Isolated for ingress | 87.1 % | 8,106 of 9,310 pods |",
        "1. `shop/web` is reachable from the internet (LoadBalancer `web`, TCP 443)",
        "- 2 checks in namespace `legacy` (Cilium policies, not evaluated).",
        "```yaml\napiVersion: networking.k8s.io/v1",
        sample_sections.SHA,
    ):
        assert part in text


def test_it_fits_a_comment_and_says_what_it_left_out():
    finding = Finding("high", ("Deployment ", name("n" * 253), " is open. ", "why " * 300), anchor="")
    sections = tuple(Section(f"c{n}", f"Check {n}", blocks=(finding,) * 4) for n in range(60))
    whole = Section("findings", "Findings by check", sections=sections)
    text = render_md(sample.report(sections=(whole,), page_one=report("a").page_one)).decode()
    assert len(text) <= MOST
    shown = text.count("### Check")
    assert f"The findings of {60 - shown} more checks are in the report." in text
    assert "- and more, in the report" in text


def test_an_empty_report():
    nothing = PageOne("No pods.", "", (), (), (), (), nothing_first="No finding.")
    text = render_md(
        msgspec.structs.replace(sample.report(), page_one=nothing, sections=(), data=())
    ).decode()
    assert "## First\n\nNo finding.\n" in text
    assert "All that was asked for was assessed." in text
